/** What a rule of routing may say: read by routing, and told by the API's description. */

import { z } from 'zod/v4'

export const scopes = ['default', 'category', 'brand', 'product', 'client', 'supplier'] as const
export type Scope = (typeof scopes)[number]

export const policyNames = ['priority', 'cheapest', 'success-rate', 'fastest', 'balanced'] as const
export type PolicyName = (typeof policyNames)[number]

const code = z.string().regex(/^[\w.-]{1,40}$/)
const percent = z.int().min(0).max(100)
export const codesMax = 16

/** What a row may say about choosing; what it leaves out, the less specific rows decide. */
export const choosingShape = z.strictObject({
  policy: z.enum(policyNames).optional(),
  /** Of `balanced`. */
  weights: z.strictObject({ cost: percent, success: percent, speed: percent }).optional(),
  /** These first, in this order, while they are well. */
  pin: z.array(code).max(codesMax).optional(),
  exclude: z.array(code).max(codesMax).optional(),
  /** So many of a hundred orders first to this supplier; the rest as the policy says. */
  split: z
    .record(code, percent)
    .refine(split => Object.values(split).reduce((sum, one) => sum + one, 0) <= 100)
    .optional(),
  /** The budget of an order for trying others. */
  suppliers_max: z.int().min(1).max(codesMax).optional(),
  failover_s: z.int().min(1).max(86_400).optional(),
  /** Rupiah; below it a later supplier is not tried. */
  margin_min: z.int().min(-1_000_000_000).max(1_000_000_000).optional(),
})
export type Choosing = z.infer<typeof choosingShape>

export const supplierShape = z.strictObject({
  /** Rupiah that may hang at this supplier without an answer. */
  exposure_max: z.int().min(0).max(1_000_000_000_000).optional(),
  /** It loses its place when its balance lasts shorter than this. */
  reserve_minutes: z.int().min(0).max(1_440).optional(),
  /** Rupiah; below it somebody is told to pay in. */
  balance_min: z.int().min(0).max(1_000_000_000_000).optional(),
})
export type SupplierTerms = z.infer<typeof supplierShape>
