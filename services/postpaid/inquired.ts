/**
 * A bill that was inquired, as the client carries it until it pays: a sealed word, so that nothing
 * has to be remembered and nothing in it can be changed. Which order it paid stands in the journal,
 * as a claim on its word in the client's shard.
 *
 *   inquiry ─▶ token (sealed: client, product, number, supplier, cost, price, end) ─▶ payment
 *
 * PPB1. A token pays what was inquired, for whom and at what price it was inquired, and until its
 *       end; everything else is refused before money moves, and the refusal says what was wrong.
 * PPB2. Its price is what the supplier would charge and what the book adds to a cost; never less
 *       than the bill, unless the product may lose.
 * PPB3. The claim on its word lasts longer than the token: as long as it could pay, it pays once.
 *       Another inquiry of that bill is its twin for as long as the product says, or not at all.
 * PPB4. A bill is paid at the supplier who told it; only a person sends it elsewhere.
 */

import { z } from 'zod/v4'
import type { Bill, Plan, Quote } from '../../actors/order/order-contract.ts'
import { fingerprint } from '../../engine/ids.ts'
import type { Quote as Quoted } from '../catalogue/book.ts'
import type { BillView } from '../contract/order-view.ts'
import type { Millis, Rupiah } from '../contract/words.ts'
import type { Seal } from '../seal.ts'
import type { Bill as Told } from '../supplier/postpaid.ts'
import { rupiahMax } from '../wire/price-limits.ts'

export type Inquired = Bill & {
  readonly user: string
  readonly product: string
  readonly destination: string
  /** Which repeat of the same payment the client says this is. */
  readonly counter: number
  readonly supplier: string
  readonly sku: string
  readonly price: Rupiah
  readonly endsAt: Millis
}

const purpose = 'inquiry'
/** What a bill says in detail travels in the token and stands in the journal. */
const detailLengthMax = 2_048
export const lifeMs = 30 * 60_000
const graceMs = 60_000
const jakartaOffsetMs = 7 * 3_600_000
const dayMs = 86_400_000

const shape = z.object({
  ...{ id: z.string(), user: z.string(), product: z.string(), destination: z.string() },
  ...{ counter: z.int(), supplier: z.string(), sku: z.string() },
  ...{ cost: z.int(), amount: z.int(), admin: z.int(), price: z.int(), endsAt: z.int() },
  ...{ customer: z.string(), periods: z.string(), detail: z.string() },
})

export const sealInquired = (seal: Pick<Seal, 'close'>, inquired: Inquired): string =>
  seal.close(JSON.stringify(inquired), purpose)

/** Null for what we did not make. */
export function openInquired(seal: Pick<Seal, 'open'>, token: string): Inquired | null {
  try {
    return shape.parse(JSON.parse(seal.open(token, purpose)))
  } catch {
    return null
  }
}

/** The end of the day in Jakarta, where the dialect that is spoken promises that. */
export const endOf = (now: Millis, sameDay: boolean): Millis =>
  sameDay
    ? (Math.floor((now + jakartaOffsetMs) / dayMs) + 1) * dayMs - jakartaOffsetMs
    : now + lifeMs

/** What the client pays; null where nobody could be charged that. */
export function priceOf(cost: Rupiah, markup: Rupiah, mayLose: boolean): Rupiah | null {
  const price = cost + (mayLose ? markup : Math.max(0, markup))
  return price > 0 && price <= rupiahMax && cost <= rupiahMax ? price : null
}

/** What the customer owes and the fee on it, as the supplier told them or as far as we know. */
export function partsOf({ cost, suggested, admin }: Told): Pick<Bill, 'amount' | 'admin'> {
  const fee = admin ?? 0
  const total = suggested ?? cost
  return fee <= total ? { amount: total - fee, admin: fee } : { amount: total, admin: 0 }
}

export const boundedDetail = (detail: string): string =>
  detail.length > detailLengthMax ? '' : detail

export type Wish = {
  readonly userId: string
  readonly now: Millis
  readonly maxPrice: Rupiah | undefined
  readonly inquired: Inquired | null
}

/** The order's terms for a product that is a bill. */
export function billQuote(
  quoted: Quoted,
  { userId, now, maxPrice, inquired }: Wish,
  termsOf: (supplier: string) => readonly [recheckAfterMs: Millis, recheckWithinMs: Millis] | null,
): Quote {
  const { product, destination, counter, plan, multi, twinMinutes } = quoted
  if (inquired === null) return invalid('token')
  if (inquired.user !== userId) return invalid('client')
  if (inquired.product !== product.code) return invalid('product')
  const isSame = inquired.destination === destination && inquired.counter === counter
  if (!isSame) return invalid('destination')
  const { supplier, sku, cost, price, endsAt } = inquired
  if (now >= endsAt) {
    return { refused: 'INQUIRY_EXPIRED', details: { expired_at: new Date(endsAt).toISOString() } }
  }
  if (maxPrice !== undefined && price > maxPrice) {
    return { refused: 'PRICE_ABOVE_MAX', details: { price, max_price: maxPrice } }
  }
  const terms = plan.some(([code, own]) => code === supplier && own === sku)
    ? termsOf(supplier)
    : null
  if (terms === null) return { refused: 'PRODUCT_UNSUPPLIED', details: { product: product.code } }
  const entry: Plan = [supplier, sku, cost, cost, ...terms]
  const { id, amount, admin, customer, periods, detail } = inquired
  return {
    price,
    plan: [entry],
    pendingLimitMs: product.pendingLimitS * 1_000,
    bill: { id, cost, amount, admin, customer, periods, detail },
    billMs: endsAt - now + graceMs,
    twin: multi ? '' : twinWord(inquired),
    twinMs: twinMinutes * 60_000,
  }
}

/** Two inquiries of one bill are the same bill. */
export const twinWord = ({ user, product, destination, counter }: Inquired): string =>
  fingerprint('bill', user, product, destination, String(counter))

const invalid = (reason: string): Quote => ({ refused: 'INQUIRY_INVALID', details: { reason } })

/** As a client may see it: without what we pay. */
export const billView = ({ amount, admin, customer, periods, detail }: Bill): BillView => ({
  ...{ amount, admin, customer, periods, detail },
})
