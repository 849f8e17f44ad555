/** Rules over what suppliers say. */

import { z } from 'zod/v4'
import { rulesSchema } from '../../services/wire/parser-rules.ts'
import { otomaxShape, templateShape } from '../../services/wire/supplier-template.ts'
import {
  benching,
  describing,
  looking,
  naming,
  parserBase as root,
  saving,
  switching,
  trying,
} from '../office/parser.route.ts'
import type { Operation } from '../openapi.ts'
import { listOf, time } from './answers.ts'

const rule = z.record(z.string(), z.unknown())
const finding = z.object({ rule: z.string(), kind: z.string(), detail: z.string() })
const version = z.object({
  version: z.int(),
  digest: z.string(),
  note: z.string(),
  made_by: z.string(),
  made_at: time,
})

const unread = z.object({
  supplier: z.string(),
  channel: z.string(),
  sample: z.string(),
  count: z.int(),
  draft: rule,
  first_at: time,
  last_at: time,
})

const inUse = z.object({
  supplier: z.string(),
  active: z.int().nullable(),
  rules: z.array(rule),
  versions: z.array(version.extend({ rules: z.int() })),
  history: z.array(z.object({ version: z.int(), bench: z.int(), by: z.string(), at: time })),
})

const tried = z.object({
  findings: z.array(finding),
  channels: z.array(
    z.object({
      channel: z.string(),
      matches: z.array(z.string()),
      fields: z.record(z.string(), z.string()),
      verdict: z.record(z.string(), z.unknown()).nullable(),
    }),
  ),
  draft: z.record(z.string(), z.unknown()),
})

const figures = z.object({
  id: z.int(),
  supplier: z.string(),
  replies: z.int(),
  changed: z.int(),
  to_success: z.int(),
  complete: z.boolean(),
  ms: z.number(),
  changes: z.array(
    z.object({
      where: z.string(),
      channel: z.string(),
      reply: z.string(),
      before: z.string(),
      after: z.string(),
    }),
  ),
  conflicts: z.array(finding),
})

const sample = 'R#A1 XLD10.087800001230 SUKSES. SN/Ref: 1234567890.'
/** A rule that the parser takes (OAD1). */
export const parserRule = {
  name: 'sukses',
  channels: ['reply'],
  priority: 10,
  mustContain: ['SUKSES'],
  regex: 'SUKSES\\. SN/Ref: (?<sn>\\d+)',
  outcome: 'success',
}
/** How to speak with a supplier of the kind `generic`, that it takes (OAD1). */
export const supplierTemplate = {
  card: {
    ...{ recheck: 'read_only', recheckAfterMs: 60_000, recheckWithinMs: 86_400_000 },
    clientReference: true,
  },
  purchase: {
    method: 'POST',
    path: '/order',
    headers: { 'X-Key': '{cred.apiKey}' },
    body: { type: 'json', fields: { sku: '{sku}', to: '{dest}', ref: '{ref}' } },
  },
  check: { method: 'GET', path: '/order/{ref}', headers: { 'X-Key': '{cred.apiKey}' } },
  reply: { by: 'rules' },
}
const supplier = 'digiflazz'

export const parser: readonly Operation[] = [
  {
    at: `get ${root}/inbox`,
    id: 'parserInbox',
    topic: 'parser',
    query: looking,
    data: listOf(unread),
    example: { query: { supplier } },
  },
  {
    at: `get ${root}/rules`,
    id: 'parserRules',
    topic: 'parser',
    query: naming,
    data: z.union([inUse, version.extend({ rules: z.array(rule) })]),
    refusals: ['NOT_FOUND'],
    example: { query: { supplier } },
  },
  {
    at: `post ${root}/test`,
    id: 'parserTest',
    topic: 'parser',
    body: trying.extend({ rules: rulesSchema }),
    data: tried,
    refusals: ['RULES_INVALID'],
    example: { body: { rules: [parserRule], sample } },
  },
  {
    at: `post ${root}/rules`,
    id: 'parserSave',
    topic: 'parser',
    body: saving.extend({ rules: rulesSchema }),
    data: z.object({ version: z.int(), digest: z.string(), findings: z.array(finding) }),
    refusals: ['NOT_FOUND', 'RULES_INVALID'],
    example: { body: { supplier, rules: [parserRule], note: 'SN baru' } },
  },
  {
    at: `post ${root}/bench`,
    id: 'parserBench',
    topic: 'parser',
    body: benching,
    data: figures,
    refusals: ['NOT_FOUND'],
    example: { body: { supplier, version: 2 } },
  },
  {
    at: `post ${root}/activate`,
    id: 'parserActivate',
    topic: 'parser',
    body: switching,
    data: z.object({ supplier: z.string(), version: z.int() }),
    refusals: ['NOT_FOUND', 'BENCH_MISMATCH', 'APPROVAL_NEEDED'],
    example: { body: { supplier, version: 2, bench: 7 } },
  },
  {
    at: `post ${root}/template`,
    id: 'parserTemplate',
    topic: 'parser',
    body: describing.extend({ template: z.union([templateShape, otomaxShape]) }),
    data: z.object({ version: z.int() }),
    refusals: ['NOT_FOUND', 'RULES_INVALID'],
    example: { body: { supplier: 'otomax1', template: supplierTemplate } },
  },
]
