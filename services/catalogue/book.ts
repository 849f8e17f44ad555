/**
 * The compiled catalogue: everything that an order needs to know, laid out so that the answer is a
 * few array reads. A book is plain data: a worker makes it (compile.ts), a thread takes it over
 * whole, and nobody changes it afterwards.
 *
 *   order ─▶ code? ─▶ open? ─▶ destination? ─▶ prefix? ─▶ supplied? ─▶ price? ─▶ plan
 *                     each a refusal with its code, before any money moves
 *
 * C7. A product is found by its code whatever the case; the answer names the canonical code.
 * C8. The cut-off window is in Jakarta's time, from its start up to but not including its end, and
 *     may wrap midnight; equal ends mean none. So is that of a candidate, which is passed over
 *     meanwhile.
 * C9. A number of another operator, or of none, is refused for a product of an operator. The
 *     longest prefix decides. Brands without prefixes (wallets, games) take any number.
 * KAP1. Of the versions of a prefix the newest that has begun counts, at the moment of the quote:
 *      no book has to be made at midnight. Before its first prefix an operator takes any number.
 * C10. A price above what the client would pay is refused, and says what it would be.
 * C11. The plan lists the suppliers in the order to try them, each with the most that we would pay
 *      there: the selling price, or its listed cost when the product may lose.
 * C12. A product that nobody supplies now is refused as such, and listed as closed; so is one
 *      whose counted stock is gone everywhere.
 * KAP2. A client with rules of its own pays by them, computed from the cost at the quote.
 * KAP3. What an order names reads the same whether or not it could be placed now: whoever repeats
 *      one after the cut-off, or above his limit, means the order that he placed.
 */

import type { ProductRow } from '../contract/catalogue.ts'
import type { Millis, RefusalCode, Rupiah } from '../contract/words.ts'
import { type DestinationKind, parseDestination } from './destination.ts'
import { keysOf, priceUnder, type RuleSet, ruleIn } from './pricing.ts'

/** All that does not depend on the level. The windows are minutes of the day; -1 means none. */
export type BookProduct = {
  readonly code: string
  readonly name: string
  readonly category: string
  /** As shown; `operator` is the index of the brand when it is one with prefixes, else -1. */
  readonly brand: string
  readonly operator: number
  readonly type: 'prepaid' | 'postpaid'
  readonly kind: DestinationKind
  readonly active: boolean
  readonly cutOffStart: number
  readonly cutOffEnd: number
  readonly multi: boolean
  readonly twinMinutes: number
  readonly pendingLimitS: number
  readonly mayLose: boolean
  /** Of a bill: the fee that price lists show. */
  readonly adminFee?: Rupiah
}

/** From when a prefix is whose: an index in `operators`, or -1 for nobody's. */
export type PrefixTerm = readonly [fromMs: Millis, operator: number]

export type Book = {
  /** Upper-case code to the index in `products`. */
  readonly index: ReadonlyMap<string, number>
  readonly products: readonly BookProduct[]
  /** `prices[index * levels + level]`; -1 where the product has no price. Exact: whole rupiah. */
  readonly prices: Float64Array
  /** What markups are added to: the dearest cost of a product, -1 where nobody names one. */
  readonly baseCosts: Float64Array
  /** The rules of clients that have their own, by the client's id. */
  readonly clients: ReadonlyMap<string, RuleSet>
  /** Candidates of product i: from `firstCandidate[i]` up to `firstCandidate[i + 1]`, in order. */
  readonly firstCandidate: Int32Array
  readonly candidateSupplier: readonly string[]
  readonly candidateSku: readonly string[]
  readonly candidateCost: Float64Array
  /** Minutes of Jakarta's day; -1 means none. */
  readonly candidateCutOffStart: Int16Array
  readonly candidateCutOffEnd: Int16Array
  readonly operators: readonly string[]
  /** When an operator's first prefix begins. */
  readonly operatorSince: Float64Array
  /** Terms newest first. */
  readonly prefixes: ReadonlyMap<string, readonly PrefixTerm[]>
  /** Longest first. */
  readonly prefixLengths: readonly number[]
  /** Rows that were left out and why, for the owner to mend. */
  readonly problems: readonly string[]
}

/** Levels are 0 to 9; who has another pays what level 0 pays. */
export const levels = 10

export type QuoteParams = {
  readonly code: string
  readonly level: number
  /** Whose own rules count; without one, the level's. */
  readonly userId?: string
  readonly destination: string
  readonly nowMs: Millis
  readonly maxPrice?: Rupiah
}

type PlanEntry = readonly [supplier: string, sku: string, cost: Rupiah, maxPrice: Rupiah]

export type Quote = {
  readonly product: BookProduct
  readonly price: Rupiah
  /** Canonical. */
  readonly destination: string
  /** Which repeat of the same purchase the client says this is; 1 when it doesn't say. */
  readonly counter: number
  readonly plan: readonly PlanEntry[]
  readonly twinMinutes: number
  readonly multi: boolean
  readonly pendingLimitS: number
}

type QuoteRefusal = {
  readonly refused: Extract<
    RefusalCode,
    | 'PRODUCT_UNKNOWN'
    | 'PRODUCT_CLOSED'
    | 'DESTINATION_INVALID'
    | 'PREFIX_MISMATCH'
    | 'PRODUCT_UNSUPPLIED'
    | 'PRICE_ABOVE_MAX'
  >
  readonly details: Readonly<Record<string, unknown>>
}

/** Product and destination in the book's words; as they were written where it has none. */
export function named(
  book: Book,
  asked: { readonly product: string; readonly destination: string },
): { readonly product: string; readonly destination: string } {
  const product = book.products[indexOf(book, asked.product)]
  if (product === undefined) return { ...asked, product: asked.product.toUpperCase() }
  const parsed = parseDestination(asked.destination, product.kind)
  return { product: product.code, destination: parsed?.destination ?? asked.destination }
}

export function quote(book: Book, params: QuoteParams): Quote | QuoteRefusal {
  const { nowMs, maxPrice } = params
  const index = indexOf(book, params.code)
  if (index < 0) return { refused: 'PRODUCT_UNKNOWN', details: { product: params.code } }

  const product = book.products[index]!
  const { code: productCode } = product
  if (!product.active) {
    return { refused: 'PRODUCT_CLOSED', details: { product: productCode, reason: 'inactive' } }
  }
  const minute = minuteOfDay(nowMs)
  if (isCutOff(product, minute)) {
    const opens = clockText(product.cutOffEnd)
    return {
      refused: 'PRODUCT_CLOSED',
      details: { product: productCode, reason: 'cut_off', opens },
    }
  }

  const parsed = parseDestination(params.destination, product.kind)
  if (parsed === null) {
    return { refused: 'DESTINATION_INVALID', details: { kind: product.kind } }
  }
  const { destination, counter } = parsed
  if (product.operator >= 0 && book.operatorSince[product.operator]! <= nowMs) {
    const operator = operatorOf(book, destination, nowMs)
    if (operator !== product.operator) {
      const actual = book.operators[operator] ?? null
      return { refused: 'PREFIX_MISMATCH', details: { expected: product.brand, actual } }
    }
  }

  const price = priceFor(book, index, params)
  const plan = price < 0 ? [] : planOf(book, index, price, minute)
  if (plan.length === 0) {
    return { refused: 'PRODUCT_UNSUPPLIED', details: { product: productCode } }
  }
  if (maxPrice !== undefined && price > maxPrice) {
    return { refused: 'PRICE_ABOVE_MAX', details: { price, max_price: maxPrice } }
  }
  const { twinMinutes, multi, pendingLimitS } = product
  return { product, price, destination, counter, plan, twinMinutes, multi, pendingLimitS }
}

/** Who supplies a product at this price now, whoever wants it; null: there is no such product. */
export function supplied(
  book: Book,
  { code, price, nowMs }: { code: string; price: Rupiah; nowMs: Millis },
): { readonly product: BookProduct; readonly plan: readonly PlanEntry[] } | null {
  const index = indexOf(book, code)
  if (index < 0) return null
  return { product: book.products[index]!, plan: planOf(book, index, price, minuteOfDay(nowMs)) }
}

/** How much of a product its supplier has left. */
export type LeftOf = (product: string, supplier: string) => number
const plenty: LeftOf = () => Number.POSITIVE_INFINITY

/** The price list of a level, in order of the code; products without any price are left out. */
export function listProducts(
  book: Book,
  level: number,
  nowMs: Millis,
  { userId = '', leftOf = plenty }: { readonly userId?: string; readonly leftOf?: LeftOf } = {},
): ProductRow[] {
  const minute = minuteOfDay(nowMs)
  const rows: ProductRow[] = []
  for (const [index, product] of book.products.entries()) {
    const price = priceFor(book, index, { level, userId })
    if (price < 0) continue
    const { code, name, category, brand, type, active, multi, cutOffStart, cutOffEnd } = product
    let stock = 0
    for (const [supplier] of planOf(book, index, price, minute)) stock += leftOf(code, supplier)
    rows.push({
      code,
      name,
      category,
      brand,
      type,
      price,
      open: active && stock > 0 && !isCutOff(product, minute),
      multi,
      cutOffStart: clockText(cutOffStart),
      cutOffEnd: clockText(cutOffEnd),
      ...(product.adminFee === undefined ? {} : { adminFee: product.adminFee }),
      ...(Number.isFinite(stock) ? { stock } : {}),
    })
  }
  return rows
}

const jakartaOffsetMs = 7 * 3_600_000

/** In Jakarta, which is seven hours ahead all year. */
export function minuteOfDay(ms: Millis): number {
  return Math.floor((ms + jakartaOffsetMs) / 60_000) % 1_440
}

export function isCutOff(
  { cutOffStart, cutOffEnd }: Pick<BookProduct, 'cutOffStart' | 'cutOffEnd'>,
  minute: number,
): boolean {
  if (cutOffStart === cutOffEnd) return false
  return cutOffStart < cutOffEnd
    ? minute >= cutOffStart && minute < cutOffEnd
    : minute >= cutOffStart || minute < cutOffEnd
}

function indexOf(book: Book, code: string): number {
  return book.index.get(code) ?? book.index.get(code.toUpperCase()) ?? -1
}

export function priceFor(
  book: Book,
  index: number,
  { level, userId }: Pick<QuoteParams, 'level' | 'userId'>,
): Rupiah {
  const own = userId === undefined ? undefined : book.clients.get(userId)
  if (own === undefined) return priceAt(book, index, level)
  const rule = ruleIn(own, keysOf(book.products[index]!))
  if (rule === undefined) return priceAt(book, index, level)
  const cost = book.baseCosts[index]!
  const price = cost < 0 ? -1 : priceUnder(cost, rule)
  return price > 0 ? price : -1
}

/** What the book adds to a cost. */
export function markupOf(book: Book, params: Pick<QuoteParams, 'code' | 'level' | 'userId'>) {
  const index = indexOf(book, params.code)
  return index < 0 ? 0 : priceFor(book, index, params) - book.baseCosts[index]!
}

export function priceAt(book: Book, index: number, level: number): Rupiah {
  const isKnown = Number.isInteger(level) && level >= 0 && level < levels
  return book.prices[index * levels + (isKnown ? level : 0)]!
}

function operatorOf(book: Book, destination: string, nowMs: Millis): number {
  for (const length of book.prefixLengths) {
    const terms = book.prefixes.get(destination.slice(0, length))
    if (terms === undefined) continue
    const operator = terms.find(([fromMs]) => fromMs <= nowMs)?.[1] ?? -1
    if (operator >= 0) return operator
  }
  return -1
}

function planOf(book: Book, index: number, price: Rupiah, minute: number): PlanEntry[] {
  const plan: PlanEntry[] = []
  const { mayLose } = book.products[index]!
  const end = book.firstCandidate[index + 1]!
  for (let n = book.firstCandidate[index]!; n < end; n++) {
    const cost = book.candidateCost[n]!
    if (cost > price && !mayLose) continue
    const cutOffStart = book.candidateCutOffStart[n]!
    const cutOffEnd = book.candidateCutOffEnd[n]!
    if (isCutOff({ cutOffStart, cutOffEnd }, minute)) continue
    plan.push([book.candidateSupplier[n]!, book.candidateSku[n]!, cost, Math.max(price, cost)])
  }
  return plan
}

/** `hh:mm`; no window is written as Digiflazz writes it. */
function clockText(minute: number): string {
  if (minute < 0) return '00:00'
  const two = (n: number) => String(n).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}
