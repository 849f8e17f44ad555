/** What we have at suppliers: by our books, as they say, and what finance books about it. */

import { z } from 'zod/v4'
import { floatShapes } from '../money/float.route.ts'
import type { Operation } from '../openapi.ts'
import { id, listOf, rupiah, someId, time, trxId } from './answers.ts'

const view = z.object({
  supplier: z.string(),
  status: z.enum(['agrees', 'doubtful', 'drifts', 'never_reported', 'not_opened']),
  books: rupiah,
  out: rupiah,
  reported: z
    .object({
      balance: rupiah,
      told_at: time,
      trx_id: trxId.nullable(),
      lower: rupiah,
      upper: rupiah,
      off: rupiah,
    })
    .nullable(),
  drift: z
    .object({ off: rupiah, since_at: time, first_trx_id: trxId.nullable(), reports: z.int() })
    .nullable(),
  agreed: z.object({ told_at: time, trx_id: trxId.nullable() }).nullable(),
  suspects: z.array(z.object({ trx_id: trxId, told_at: time, cost: rupiah, step: rupiah })),
  tells_before: z.boolean(),
})

const step = z.object({
  id,
  told_at: time,
  balance: rupiah,
  books: rupiah,
  lower: rupiah,
  upper: rupiah,
  off: rupiah,
  trx_id: trxId.nullable(),
  drift: z.boolean(),
})

const move = z.object({
  id: trxId,
  ref: z.string(),
  supplier: z.string(),
  raises: z.boolean(),
  against: z.enum(['cash', 'difference']),
  amount: rupiah,
  note: z.string(),
  status: z.enum(['waiting', 'approved', 'paid', 'rejected']),
  asked_by: z.string(),
  second_by: z.string().nullable(),
  transfer_id: z.string().nullable(),
  asked_at: time,
})

const admin = '/api/v1/admin'
const root = `${admin}/suppliers/:code/float`
const some = { params: { code: 'digiflazz' } }
const one = { params: { ...some.params, id: someId } }

export const float: readonly Operation[] = [
  { at: `get ${admin}/floats`, id: 'floats', topic: 'float', data: listOf(view), example: {} },
  { at: `get ${root}`, id: 'float', topic: 'float', data: view, example: some },
  {
    at: `get ${root}/steps`,
    id: 'floatSteps',
    topic: 'float',
    query: floatShapes.steps,
    data: listOf(step).extend({ next: z.int().nullable() }),
    example: { ...some, query: { limit: '20' } },
  },
  {
    at: `get ${root}/moves`,
    id: 'floatMoves',
    topic: 'float',
    query: floatShapes.moves,
    data: listOf(move).extend({ next: trxId.nullable() }),
    example: { ...some, query: { status: 'waiting' } },
  },
  {
    at: `post ${root}/topups`,
    id: 'floatTopUp',
    topic: 'float',
    body: floatShapes.topUp,
    data: move,
    refusals: ['DUPLICATE_REF'],
    example: { ...some, body: { amount: 50_000_000, ref_id: 'isi-0001', note: 'transfer BCA' } },
  },
  {
    at: `post ${root}/adjustments`,
    id: 'floatAdjust',
    topic: 'float',
    body: floatShapes.adjust,
    data: move,
    refusals: ['DUPLICATE_REF'],
    example: {
      ...some,
      body: { amount: 500, direction: 'down', ref_id: 'koreksi-0001', reason: 'biaya admin' },
    },
  },
  {
    at: `post ${root}/moves/:id/approve`,
    id: 'floatApprove',
    topic: 'float',
    params: { id: trxId },
    data: move,
    refusals: ['SECOND_PERSON_NEEDED', 'MUTATION_DECIDED'],
    example: one,
  },
  {
    at: `post ${root}/moves/:id/reject`,
    id: 'floatReject',
    topic: 'float',
    params: { id: trxId },
    data: move,
    refusals: ['MUTATION_DECIDED'],
    example: one,
  },
  {
    at: `put ${root}`,
    id: 'floatRules',
    topic: 'float',
    body: floatShapes.rules,
    data: view,
    example: { ...some, body: { balance_before_charge: false } },
  },
]
