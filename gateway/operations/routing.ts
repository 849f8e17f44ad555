/** Who is tried first, and why. */

import { z } from 'zod/v4'
import { costShape, priceChangeOp, priceRule } from '../../services/wire/catalogue-rows.ts'
import { changesMax } from '../../services/wire/price-limits.ts'
import { choosingShape, scopes, supplierShape } from '../../services/wire/routing-rules.ts'
import {
  changeShape,
  costsMax,
  historyShape,
  proposedMax,
  whatIfShape,
} from '../office/routing.route.ts'
import type { Operation } from '../openapi.ts'
import { listOf, rupiah, someId, time } from './answers.ts'

const rule = z.object({
  version: z.int(),
  scope: z.string(),
  target: z.string(),
  rule: z.unknown(),
})

const supplier = z.object({
  supplier: z.string(),
  breaker: z.enum(['closed', 'open', 'half-open', 'ramp']),
  share_percent: z.number(),
  success_bp: z.number(),
  latency_ms: z.number(),
  exposure: rupiah,
  exposure_max: rupiah.nullable(),
  balance: rupiah.nullable(),
})

const reasons = z.object({
  trx_id: z.string(),
  rules_version: z.int().nullable(),
  policy: z.string(),
  candidates: z.array(
    z.object({
      supplier: z.string(),
      cost: rupiah,
      success_bp: z.number(),
      latency_ms: z.number(),
      share_percent: z.number(),
      place: z.int().nullable(),
      left_out: z.string().nullable(),
    }),
  ),
  plan: z.array(z.string()),
  recomputed: z.array(z.string()),
  same: z.boolean(),
})

const side = z.object({
  orders: z.int(),
  success_bp: z.number(),
  margin: rupiah,
  latency_ms: z.number(),
})

const compared = z.object({
  orders: z.int(),
  reproduced: z.int(),
  differing: z.array(z.string()),
  moved: z.int(),
  /** With a proposed price book: at another price, and not sold to any more. */
  repriced: z.int().optional(),
  unsold: z.int().optional(),
  firsts: z.array(z.object({ supplier: z.string(), recorded: z.int(), proposed: z.int() })),
  recorded: side,
  today: side,
  proposed: side,
})

/** What stands in a rule, as routing reads it: how to choose, or terms of one supplier. */
const proposed = z.object({
  scope: z.enum(scopes),
  target: z.string().max(100).default(''),
  rule: z.union([choosingShape, supplierShape]).nullable(),
})
const proposals = whatIfShape.extend({
  rules: z.array(proposed).max(proposedMax).default([]),
  prices: z
    .array(z.object({ op: priceChangeOp, rule: priceRule }))
    .max(changesMax)
    .optional(),
  costs: z.array(costShape).max(costsMax).optional(),
})

const root = '/api/v1/admin/routing'
/** A rule that routing takes (OAD1). */
export const routingRule = { scope: 'brand', target: 'XL', rule: { policy: 'cheapest' } }

export const routing: readonly Operation[] = [
  {
    at: `get ${root}/rules`,
    id: 'routingRules',
    topic: 'routing',
    data: listOf(rule),
    example: {},
  },
  {
    at: `post ${root}/rules`,
    id: 'routingChange',
    topic: 'routing',
    body: changeShape.extend(proposed.shape),
    data: z.object({ version: z.int() }),
    example: { body: { ...routingRule, reason: 'harga sedang naik' } },
  },
  {
    at: `get ${root}/history`,
    id: 'routingHistory',
    topic: 'routing',
    query: historyShape,
    data: listOf(rule.extend({ changed_by: z.string(), reason: z.string(), changed_at: time })),
    example: { query: { limit: '20' } },
  },
  {
    at: `get ${root}/suppliers`,
    id: 'suppliers',
    topic: 'routing',
    data: listOf(supplier),
    example: {},
  },
  {
    at: 'get /api/v1/admin/transactions/:id/why',
    id: 'why',
    topic: 'routing',
    data: reasons,
    example: { params: { id: someId } },
  },
  {
    at: `post ${root}/what-if`,
    id: 'whatIf',
    topic: 'routing',
    body: proposals,
    data: compared,
    example: { body: { rules: [routingRule] } },
  },
]
