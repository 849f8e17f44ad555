/**
 * Rows in, book out. Pure, so that a worker can do it, a test can compare it with the obvious slow
 * way, and what-if can run it on a proposed price list.
 *
 * A row that can't be right (a negative cost, a window that is no time of day) is left out and
 * named in `problems`: one slip in one row must not stop the prices of ten thousand others.
 *
 * C13. Price = the dearest active cost plus markup, so that failing over never loses money. Which
 *      rule: see pricing.ts.
 * C14. Percent are basis points of the cost, rounded up to the whole rupiah.
 * C15. A level without any rule for a product pays what level 0 pays; without that one, too, the
 *      product has no price: nothing is ever sold at cost because a row was forgotten.
 * C16. Candidates are active mappings of active suppliers, which the supplier sells and has in
 *      stock, by priority, then cost, then name. A stock of 0 is no candidate; what of another was
 *      sold since is counted beside routing (services/routing/stocks.ts).
 * C17. Rows that can't be right are left out and named, and the rest is compiled.
 * KAO1. A closed brand or category closes its products.
 * KAO2. Windows are given on the clock of the product's zone and kept on Jakarta's.
 */

import type {
  CatalogueRows,
  MappingRecord,
  PriceRuleRecord,
  ProductRecord,
} from '../../sql/topup/catalogue.ts'
import type { Rupiah } from '../contract/words.ts'
import { rupiahMax } from '../wire/price-limits.ts'
import { type Book, type BookProduct, levels, type PrefixTerm } from './book.ts'
import { keyOf, keysOf, priceUnder, type RuleSet, ruleIn, wrongIn } from './pricing.ts'

export function compile(rows: CatalogueRows): Book {
  const problems = new Problems()
  const { operators, operatorSince, prefixes } = compilePrefixes(rows, problems)
  const { ofLevel, ofClient } = compileRules(rows.rules, problems)
  const closed = closedIn(rows)
  const offers = groupOffers(rows, problems)

  const index = new Map<string, number>()
  const products: BookProduct[] = []
  const prices: number[] = []
  const baseCosts: number[] = []
  const firstCandidate: number[] = [0]
  const candidates: Offer[] = []

  for (const row of rows.products) {
    const product = compileProduct(row, operators, closed)
    if (typeof product === 'string') {
      problems.add(`product ${row.code}: ${product}`)
      continue
    }
    if (index.has(row.code.toUpperCase())) {
      problems.add(`product ${row.code}: the same code in another case exists`)
      continue
    }
    index.set(row.code.toUpperCase(), products.length)
    products.push(product)

    const { active, idle } = offersOf(offers.get(row.code) ?? noOffers, row, problems)
    // Without an active offer the price is only shown: there is no candidate to buy from.
    const cost = dearest(active) ?? dearest(idle)
    const keys = keysOf(row)
    baseCosts.push(cost ?? -1)
    for (let level = 0; level < levels; level++) {
      const rule = ruleIn(ofLevel[level], keys) ?? ruleIn(ofLevel[0], keys)
      const price = cost === undefined || rule === undefined ? -1 : priceUnder(cost, rule)
      prices.push(price > 0 ? price : -1)
    }
    for (const offer of active.sort(byPriority)) candidates.push(offer)
    firstCandidate.push(candidates.length)
  }

  return {
    index,
    products,
    prices: Float64Array.from(prices),
    baseCosts: Float64Array.from(baseCosts),
    clients: ofClient,
    firstCandidate: Int32Array.from(firstCandidate),
    candidateSupplier: candidates.map(offer => offer.supplierCode),
    candidateSku: candidates.map(offer => offer.sku),
    candidateCost: Float64Array.from(candidates, offer => offer.cost),
    candidateCutOffStart: Int16Array.from(candidates, offer => offer.start),
    candidateCutOffEnd: Int16Array.from(candidates, offer => offer.end),
    operators: [...operators.keys()],
    operatorSince: Float64Array.from(operatorSince),
    prefixes,
    prefixLengths: [...new Set([...prefixes.keys()].map(prefix => prefix.length))].sort(
      (a, b) => b - a,
    ),
    problems: problems.list(),
  }
}

const problemsMax = 100

function compileRules(rows: readonly PriceRuleRecord[], problems: Problems) {
  const ofLevel = Array.from({ length: levels }, () => new Map() as Writable<RuleSet>)
  const ofClient = new Map<string, Writable<RuleSet>>()
  for (const row of rows) {
    const { userId, level, scope, target, percentBp, fixed, tiers } = row
    const wrong = wrongIn(row)
    if (wrong !== null) {
      problems.add(`price rule ${userId} ${level} ${scope} ${target}: ${wrong}`)
      continue
    }
    let rules = userId === '' ? ofLevel[level] : ofClient.get(userId)
    if (rules === undefined) ofClient.set(userId, (rules = new Map()))
    rules.set(keyOf(scope, target), { percentBp, fixed, tiers })
  }
  return { ofLevel, ofClient }
}

type Writable<M> = M extends ReadonlyMap<infer K, infer V> ? Map<K, V> : never

type Offers = { readonly active: MappingRecord[]; readonly idle: MappingRecord[] }
const noOffers: Offers = { active: [], idle: [] }

function groupOffers(
  { mappings, suppliers }: CatalogueRows,
  problems: Problems,
): ReadonlyMap<string, Offers> {
  const standing = new Set(suppliers.filter(({ active }) => active).map(({ code }) => code))
  const offers = new Map<string, Offers>()
  for (const offer of mappings) {
    const { productCode, supplierCode, sku, cost, active, supplied, stock } = offer
    if (!Number.isSafeInteger(cost) || cost <= 0 || cost > rupiahMax || sku === '') {
      problems.add(`mapping ${productCode} at ${supplierCode}: cost ${cost}, sku "${sku}"`)
      continue
    }
    let group = offers.get(productCode)
    if (group === undefined) offers.set(productCode, (group = { active: [], idle: [] }))
    const isCandidate = active && supplied && stock !== 0 && standing.has(supplierCode)
    group[isCandidate ? 'active' : 'idle'].push(offer)
  }
  return offers
}

/** With its own hours, in minutes of Jakarta's day. */
type Offer = MappingRecord & { readonly start: number; readonly end: number }

function offersOf({ active, idle }: Offers, { timeZone }: ProductRecord, problems: Problems) {
  const kept: Offer[] = []
  for (const offer of active) {
    const window = windowOf(offer, timeZone)
    if (typeof window !== 'string') kept.push({ ...offer, ...window })
    else problems.add(`mapping ${offer.productCode} at ${offer.supplierCode}: ${window}`)
  }
  return { active: kept, idle }
}

/** The policy `priority`. Others will be rows of a table of such orders. */
function byPriority(a: MappingRecord, b: MappingRecord): number {
  return a.priority - b.priority || a.cost - b.cost || (a.supplierCode < b.supplierCode ? -1 : 1)
}

function dearest(offers: readonly MappingRecord[]): Rupiah | undefined {
  let cost: Rupiah | undefined
  for (const offer of offers) if (cost === undefined || offer.cost > cost) cost = offer.cost
  return cost
}

function compilePrefixes({ prefixes: rows }: CatalogueRows, problems: Problems) {
  const operators = new Map<string, number>()
  const operatorSince: number[] = []
  const prefixes = new Map<string, PrefixTerm[]>()
  const newestFirst = [...rows].sort((a, b) => (b.validFromMs ?? 0) - (a.validFromMs ?? 0))
  for (const { prefix, brand, validFromMs = 0 } of newestFirst) {
    if (!/^\d{1,12}$/.test(prefix)) {
      problems.add(`operator prefix "${prefix}": not 1 to 12 digits`)
      continue
    }
    const name = brand.trim().toUpperCase()
    let operator = name === '' ? -1 : operators.get(name)
    if (operator === undefined) operators.set(name, (operator = operators.size))
    if (operator >= 0) operatorSince[operator] = validFromMs
    let terms = prefixes.get(prefix)
    if (terms === undefined) prefixes.set(prefix, (terms = []))
    terms.push([validFromMs, operator])
  }
  return { operators, operatorSince, prefixes }
}

type Closed = { readonly brands: ReadonlySet<string>; readonly categories: ReadonlySet<string> }

const plain = (name: string): string => name.trim().toUpperCase()

const closedIn = ({ closedBrands = [], closedCategories = [] }: CatalogueRows): Closed => ({
  brands: new Set(closedBrands.map(plain)),
  categories: new Set(closedCategories.map(plain)),
})

/** A sentence when the row can't be right. */
function compileProduct(
  row: ProductRecord,
  operators: ReadonlyMap<string, number>,
  closed: Closed,
): BookProduct | string {
  const window = windowOf(row, row.timeZone)
  if (typeof window === 'string') return window
  if (row.twinMinutes < 0 || row.pendingLimitS <= 0) return 'a time limit is below zero'
  const { code, name, category, brand, type, multi, mayLose } = row
  const { destinationKind: kind, twinMinutes, pendingLimitS } = row
  const isPhone = kind === 'phone'
  const operator = isPhone ? (operators.get(plain(brand)) ?? -1) : -1
  const isClosed = closed.brands.has(plain(brand)) || closed.categories.has(plain(category))
  const active = row.active && !isClosed
  const hours = { cutOffStart: window.start, cutOffEnd: window.end }
  const facts = { code, name, category, brand, operator, type, kind, active, multi, mayLose }
  const fee = type === 'postpaid' ? { adminFee: row.adminFee ?? 0 } : {}
  return { ...facts, ...hours, twinMinutes, pendingLimitS, ...fee }
}

const minutesAhead = { WIB: 0, WITA: 60, WIT: 120 } as const

/** In minutes of Jakarta's day; a sentence when it is no window. */
function windowOf(
  { cutOffStart, cutOffEnd }: Pick<ProductRecord, 'cutOffStart' | 'cutOffEnd'>,
  zone: ProductRecord['timeZone'],
): { readonly start: number; readonly end: number } | string {
  const start = minuteAt(cutOffStart)
  const end = minuteAt(cutOffEnd)
  if (Number.isNaN(start) || Number.isNaN(end)) return 'a cut-off is a time of day like 23:30'
  if (start >= 0 !== end >= 0) return 'a cut-off needs both its start and its end'
  const inJakarta = (minute: number) =>
    minute < 0 ? minute : (minute - minutesAhead[zone] + 1_440) % 1_440
  return { start: inJakarta(start), end: inJakarta(end) }
}

/** -1 for none, NaN for what is no time of day. */
function minuteAt(text: string | null): number {
  if (text === null || text === '') return -1
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? []
  return Number(hours) * 60 + Number(minutes)
}

class Problems {
  readonly #list: string[] = []
  #left = 0

  add(problem: string): void {
    if (this.#list.length < problemsMax) this.#list.push(problem)
    else this.#left++
  }

  list(): string[] {
    return this.#left === 0 ? this.#list : [...this.#list, `and ${this.#left} more`]
  }
}
