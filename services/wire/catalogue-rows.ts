/**
 * The fields of the catalogue's rows, as its keepers write them: read by the catalogue, and told by
 * the API's description. Names are those of the columns; what is absent takes its default.
 */

import { isIP } from 'node:net'
import { z } from 'zod/v4'
import { percentBpMax, rupiahMax, tiersMax } from './price-limits.ts'

const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
  .nullable()
  .default(null)
const words = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .regex(/^[^\p{Cc}]*$/u)
const title = (max: number) => words(max).min(1)
const percent = z.int().min(0).max(100)
const isWindow = (row: { cut_off_start: string | null; cut_off_end: string | null }) =>
  (row.cut_off_start === null) === (row.cut_off_end === null)
const windowWrong = { path: ['cut_off_end'], message: 'both or none' }
const code = z
  .string()
  .regex(/^[\w.-]{1,40}$/)
  .toUpperCase()
/** Addresses and nets like 203.0.113.0/24, with spaces between them. */
function isAddressList(text: string): boolean {
  return text
    .split(/\s+/)
    .filter(one => one !== '')
    .every(one => {
      const [address = '', bits, more] = one.split('/')
      const most = isIP(address) === 6 ? 128 : 32
      const isNet = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most)
      return isIP(address) !== 0 && isNet && more === undefined
    })
}

const supplierCode = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,30}$/)

export const product = z
  .object({
    code,
    name: title(100),
    category: title(64),
    brand: words(64).default(''),
    type: z.enum(['prepaid', 'postpaid']).default('prepaid'),
    destination_kind: z.enum(['phone', 'meter', 'account']).default('phone'),
    active: z.boolean().default(true),
    cut_off_start: clock,
    cut_off_end: clock,
    time_zone: z.enum(['WIB', 'WITA', 'WIT']).default('WIB'),
    multi: z.boolean().default(false),
    twin_minutes: z.int().min(0).max(1_440).default(10),
    pending_limit_s: z.int().min(60).max(2_592_000).default(3_600),
    may_lose: z.boolean().default(false),
    /** One serial number may be that of many orders. */
    sn_repeats: z.boolean().default(false),
    admin_fee: z.int().min(0).max(rupiahMax).default(0),
  })
  .refine(isWindow, windowWrong)

export const register = z.object({ name: title(64), active: z.boolean().default(true) })

export const supplier = z.object({
  code: supplierCode,
  name: title(100),
  adapter: z.string().max(40),
  base_url: z
    .string()
    .max(512)
    .refine(text => URL.canParse(text) && /^https?:/.test(text)),
  timeout_ms: z.int().min(1_000).max(300_000).default(30_000),
  max_in_flight: z.int().min(1).max(4_096).default(256),
  /** Purchases and checks that leave in a minute; the rest stand in line. */
  rate_per_min: z.int().min(1).max(1_000_000).nullable().default(null),
  recheck_after_ms: z.int().min(1_000).max(86_400_000).default(60_000),
  active: z.boolean().default(true),
  sync_minutes: z
    .int()
    .min(0)
    .max(10_080)
    .refine(minutes => minutes === 0 || minutes >= 5)
    .default(0),
  guard_share_percent: percent.default(20),
  guard_move_percent: z.int().min(0).max(10_000).default(10),
  guard_off_percent: percent.default(20),
  /** From where it reports when it signs nothing; empty: from anywhere. */
  callback_ips: z.string().trim().max(1_000).refine(isAddressList).default(''),
})

export const mapping = z
  .object({
    product_code: code,
    supplier_code: supplierCode,
    sku: z.string().regex(/^[\x21-\x7e]{1,64}$/),
    cost: z.int().min(1).max(rupiahMax),
    priority: z.int().min(0).max(1_000).default(100),
    active: z.boolean().default(true),
    supplied: z.boolean().default(true),
    stock: z.int().min(0).max(1_000_000_000).nullable().default(null),
    cut_off_start: clock,
    cut_off_end: clock,
  })
  .refine(isWindow, windowWrong)

/** As the database writes it; always, when nobody says since when. */
export const momentShape = z.iso
  .datetime({ offset: true, abort: true })
  .default('2000-01-01T00:00:00Z')
  .transform(text => new Date(text).toISOString().replace('.000Z', '+00:00'))

export const prefix = z.object({
  prefix: z.string().regex(/^\d{1,12}$/),
  brand: words(64).default(''),
  valid_from: momentShape,
})

const basisPoints = z.int().min(-percentBpMax).max(percentBpMax)
const rupiah = z.int().min(-rupiahMax).max(rupiahMax)

export const priceRule = z
  .object({
    user_id: z.union([z.literal(''), z.uuid()]).default(''),
    level: z.int().min(0).max(9).default(0),
    scope: z.enum(['product', 'brand', 'category', 'default']),
    target: words(64).default(''),
    percent_bp: basisPoints.default(0),
    fixed: rupiah.default(0),
    tiers: z
      .array(
        z.object({
          up_to: z.int().min(1).max(rupiahMax).nullable(),
          percent_bp: basisPoints.default(0),
          fixed: rupiah.default(0),
        }),
      )
      .min(1)
      .max(tiersMax)
      .nullable()
      .default(null),
  })
  .refine(rule => (rule.scope === 'default') === (rule.target === ''), {
    path: ['target'],
    message: 'named by every scope but default',
  })
  .refine(rule => rule.user_id === '' || rule.level === 0, {
    path: ['level'],
    message: 'a client has its rules whatever its level',
  })

/** Another cost at one supplier, for what-if. */
export const costShape = z.strictObject({
  product_code: z.string().min(1).max(40),
  supplier_code: z.string().min(1).max(40),
  cost: z.int().min(1).max(rupiahMax),
})

/** Credentials stand beside the columns: they rest sealed. */
export const credentialsShape = z.record(z.string().max(64), z.string().min(1).max(4_096))

/** What is done with one price rule. */
export const priceChangeOp = z.enum(['put', 'remove'])
