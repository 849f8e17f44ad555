/**
 * What the staff of the number line may ask and say, as it comes over the wire.
 */

import { z } from 'zod/v4'
import { limitShape, timeShape, trxIdShape } from '../reading.ts'

const id = z.string().regex(trxIdShape)
const word = z.string().regex(/^[\x21-\x7e]{1,64}$/)
const anyWord = z.string().regex(/^[\x21-\x7e]{0,64}$/)
const reasonShape = z.string().trim().min(5).max(500)
const yes = z.enum(['true', 'false']).transform(text => text === 'true')
const level = z.int().min(0).max(99)
const version = z.int().min(0)
const number = z.string().regex(/^\d{1,15}$/)

export const userListing = z.object({
  q: z.string().trim().min(1).max(100).optional(),
  status: z.enum(['active', 'suspended', 'closed']).optional(),
  role: z.enum(['consumer', 'reseller']).optional(),
  banned: yes.optional(),
  cursor: id.optional(),
  limit: limitShape(100, 50),
})

export const userChanging = z.object({
  version: z.int().min(1),
  name: z.string().trim().min(1).max(100).optional(),
  level: level.optional(),
})

export const userStanding = z.object({
  status: z.enum(['active', 'suspended', 'closed']),
  reason: reasonShape,
})

export const banning = z.object({ reason: reasonShape, until: timeShape.nullable().default(null) })
export const reasoning = z.object({ reason: reasonShape })

const statuses = [
  ...(['processing', 'waiting', 'otp_received', 'finished'] as const),
  ...(['cancelling', 'refunded', 'expired', 'checking'] as const),
] as const

export const orderFinding = z.object({
  status: z.enum(statuses).optional(),
  open: yes.optional(),
  late: yes.optional(),
  user_id: id.optional(),
  supplier: word.optional(),
  service: word.optional(),
  country: word.optional(),
  number: z
    .string()
    .regex(/^\d{3,20}$/)
    .optional(),
  from: timeShape.optional(),
  to: timeShape.optional(),
  cursor: id.optional(),
  limit: limitShape(100, 50),
})

const bp = z.int().min(0)
const rupiah = z.int().min(0)
const rounding = z.enum(['exact', 'up_10', 'up_50', 'up_100', 'up_500', 'up_1000'])
const step = z.object({ up_to: rupiah.nullable(), percent_bp: bp, fixed: rupiah })
export const ruleShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('percent'), rounding, percent_bp: bp }),
  z.object({ kind: z.literal('fixed'), rounding, fixed: rupiah }),
  z.object({ kind: z.literal('tiered'), rounding, steps: z.array(step).min(1).max(20) }),
])
const place = {
  level: level.default(0),
  ...{ service: anyWord.default(''), country: anyWord.default(''), operator: anyWord.default('') },
}
export const markupPreviewing = z.object({ ...place, rule: ruleShape.nullable() })
export const markupChanging = z.object({ ...place, version, reason: reasonShape, rule: ruleShape })
export const markupRemoving = z.object({ ...place, version, reason: reasonShape })
export const numbered = z.object({
  cursor: number.transform(Number).optional(),
  limit: limitShape(100, 50),
})

const day = z.iso.date().transform(text => Date.parse(`${text}T00:00:00+07:00`))
export const profitAsking = z.object({
  /** Days of Jakarta, both of them counted. */
  from: day,
  to: day,
  by: z.enum(['day', 'service', 'country', 'supplier', 'operator']).default('day'),
})

export const settingChanging = z.object({
  version,
  reason: reasonShape,
  name: z.string().trim().min(1).max(40).optional(),
  help_url: z
    .url({ protocol: /^https$/ })
    .max(300)
    .nullable()
    .optional(),
  wait_minutes: z.int().min(3).max(20).optional(),
  code_shown_hours: z.int().min(1).max(720).optional(),
  retention_days: z.int().min(1).max(3_650).optional(),
  refund_alone_max: rupiah.max(1_000_000_000).optional(),
})

export const refunding = z.object({
  reason: reasonShape,
  /** What became of our money at the supplier, as far as one knows. */
  supplier: z.enum(['charged', 'returned']).optional(),
})

export const exporting = z.object({
  /** On which request: who asks, its number and date. */
  reason: z.string().trim().min(10).max(500),
  /** Also what messages say, as far as they are kept. */
  with_messages: z.boolean().default(false),
})

/** Of a supplier. */
export const supplierCode = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,31}$/)
const ms = z.int().min(0).max(86_400_000).nullable()
export const supplierPutting = z.object({
  name: z.string().trim().min(1).max(100),
  kind: word,
  base_url: z.url({ protocol: /^https?$/ }).max(300),
  /** Null: as they are. */
  credentials: z.record(word, z.string().min(1).max(500)).nullable().default(null),
  unit: z.string().regex(/^\d{1,9}(?:\.\d{1,6})?$/),
  active: z.boolean(),
  terms: z
    .object({
      ...{ cancel_after_ms: ms, life_ms: ms, poll_ms: ms },
      resends: z.boolean().nullable(),
    })
    .default({ cancel_after_ms: null, life_ms: null, poll_ms: null, resends: null }),
  version,
  reason: reasonShape,
})

export const reviewListing = z.object({
  open: yes.optional(),
  cursor: number.transform(Number).optional(),
  limit: limitShape(100, 50),
})
export const reviewDeciding = z.object({
  verdict: z.enum(['clear', 'ban']),
  hours: z.int().min(1).max(8_760).default(24),
  reason: reasonShape,
})
const pattern = z.string().trim().min(1).max(60)
export const denying = z.object({ pattern, reason: reasonShape })
export const allowing = z.object({ pattern })

const nameKind = z.enum(['service', 'country'])
export const nameListing = z.object({
  kind: nameKind.default('service'),
  search: z.string().trim().max(60).default(''),
  cursor: word.optional(),
  limit: limitShape(200, 50),
})
export const naming = z.object({
  kind: nameKind,
  word,
  /** Null takes back what was said of the word. */
  id: word.nullable(),
  name: z.string().trim().min(1).max(60).nullable().default(null),
  version,
  reason: reasonShape,
})
