/** How the house deals with servers that speak an OtomaX dialect. */

import { z } from 'zod/v4'
import { allowing, billCodes, naming, setting, trying } from '../dialects/otomax-admin.route.ts'
import type { Operation } from '../openapi.ts'
import { listOf } from './answers.ts'

const told = z.object({
  member_id: z.string(),
  sign_forms: z.array(z.string()),
  known_forms: z.array(z.string()),
  bills: billCodes,
})

const template = z.object({
  style: z.string(),
  outcome: z.string(),
  body: z.string(),
  source: z.enum(['partner', 'house', 'built_in']),
})

const root = '/api/v1/admin/otomax'
const member = { params: { member: 'LJ0000000001' } }
const text = {
  style: 'otomax',
  outcome: 'success',
  body: 'R#[refid] TrxID=[trxid] [kodeproduk].[tujuan] SUKSES. SN: [sn]. Saldo [saldo]',
}

export const partners: readonly Operation[] = [
  {
    at: `get ${root}/templates`,
    id: 'partnerTemplates',
    topic: 'otomaxAdmin',
    query: naming,
    data: listOf(template).extend({
      member_id: z.string().nullable(),
      placeholders: z.array(z.string()),
    }),
    example: {},
  },
  {
    at: `put ${root}/templates`,
    id: 'partnerTemplate',
    topic: 'otomaxAdmin',
    body: setting,
    data: template.pick({ style: true, outcome: true }).extend({ body: z.string().nullable() }),
    refusals: ['NOT_FOUND'],
    example: { body: text },
  },
  {
    at: `post ${root}/templates/preview`,
    id: 'partnerPreview',
    topic: 'otomaxAdmin',
    body: trying,
    data: z.object({
      text: z.string(),
      usable: z.boolean(),
      flaw: z.record(z.string(), z.unknown()).nullable(),
    }),
    example: { body: text },
  },
  {
    at: `get ${root}/partners/:member`,
    id: 'partner',
    topic: 'otomaxAdmin',
    data: told,
    example: member,
  },
  {
    at: `put ${root}/partners/:member`,
    id: 'partnerForms',
    topic: 'otomaxAdmin',
    body: allowing,
    data: told,
    example: {
      ...member,
      body: {
        sign_forms: ['hex'],
        bills: { inquiry: ['CEK'], pay: ['BAYAR'], pair: 'number' },
      },
    },
  },
]
