/**
 * Rows in, book out. Pure, so that a worker can do it, a test can compare it with the obvious slow
 * way, and what-if can run it on a proposed price list.
 *
 * A row that can't be right (a negative cost, a window that is no time of day) is left out and
 * named in `problems`: one slip in one row must not stop the prices of ten thousand others.
 *
 * C13. Price = the dearest active cost plus markup, so that failing over never loses money. The
 *      most specific rule of the level wins: product, then brand, then default.
 * C14. Percent are basis points of the cost, rounded up to the whole rupiah.
 * C15. A level without any rule for a product pays what level 0 pays; without that one, too, the
 *      product has no price: nothing is ever sold at cost because a row was forgotten.
 * C16. Candidates are active mappings of active suppliers, by priority, then cost, then name.
 * C17. Rows that can't be right are left out and named, and the rest is compiled.
 */

import type {
  CatalogueRows,
  MappingRecord,
  PriceRuleRecord,
  ProductRecord,
} from '../../sql/catalogue.ts'
import type { Rupiah } from '../contract.ts'
import { type Book, type BookProduct, levels } from './book.ts'

export function compile(rows: CatalogueRows): Book {
  const problems = new Problems()
  const { operators, prefixes } = compilePrefixes(rows, problems)
  const rules = compileRules(rows.rules, problems)
  const offers = groupOffers(rows, problems)

  const index = new Map<string, number>()
  const products: BookProduct[] = []
  const prices: number[] = []
  const firstCandidate: number[] = [0]
  const candidates: MappingRecord[] = []

  for (const row of rows.products) {
    const product = compileProduct(row, operators)
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

    const { active, idle } = offers.get(row.code) ?? noOffers
    // Without an active offer the price is only shown: there is no candidate to buy from.
    const cost = dearest(active) ?? dearest(idle)
    for (let level = 0; level < levels; level++) {
      prices.push(cost === undefined ? -1 : priceOf(cost, rules, level, row))
    }
    for (const offer of active.sort(byPriority)) candidates.push(offer)
    firstCandidate.push(candidates.length)
  }

  return {
    index,
    products,
    prices: Float64Array.from(prices),
    firstCandidate: Int32Array.from(firstCandidate),
    candidateSupplier: candidates.map(offer => offer.supplierCode),
    candidateSku: candidates.map(offer => offer.sku),
    candidateCost: Float64Array.from(candidates, offer => offer.cost),
    operators: [...operators.keys()],
    prefixes,
    prefixLengths: [...new Set([...prefixes.keys()].map(prefix => prefix.length))].sort(
      (a, b) => b - a,
    ),
    problems: problems.list(),
  }
}

/** Nothing we sell costs ten billion; the bound keeps cost times basis points exact. */
export const rupiahMax = 10_000_000_000
/** Tenfold the cost. */
export const percentBpMax = 100_000
const problemsMax = 100

/** Cost plus basis points of it, rounded up, plus the fixed part. */
export function markUp(
  cost: Rupiah,
  { percentBp, fixed }: Pick<PriceRuleRecord, 'percentBp' | 'fixed'>,
): Rupiah {
  return cost + Math.ceil((cost * percentBp) / 10_000) + fixed
}

type Rules = ReadonlyMap<string, PriceRuleRecord>

function priceOf(cost: Rupiah, rules: Rules, level: number, product: ProductRecord): Rupiah {
  const rule = ruleFor(rules, level, product) ?? ruleFor(rules, 0, product)
  if (rule === undefined) return -1
  const price = markUp(cost, rule)
  return price > 0 ? price : -1
}

function ruleFor(rules: Rules, level: number, { code, brand }: ProductRecord) {
  return (
    rules.get(ruleKey(level, 'product', code)) ??
    rules.get(ruleKey(level, 'brand', brand)) ??
    rules.get(ruleKey(level, 'default', ''))
  )
}

const ruleKey = (level: number, scope: string, target: string): string =>
  `${level} ${scope} ${scope === 'default' ? '' : target.trim().toUpperCase()}`

function compileRules(rows: readonly PriceRuleRecord[], problems: Problems): Rules {
  const rules = new Map<string, PriceRuleRecord>()
  for (const rule of rows) {
    const { level, scope, target, percentBp, fixed } = rule
    const isSane = Math.abs(percentBp) <= percentBpMax && Math.abs(fixed) <= rupiahMax
    if (isSane && level >= 0 && level < levels) rules.set(ruleKey(level, scope, target), rule)
    else problems.add(`price rule ${level} ${scope} ${target}: out of range`)
  }
  return rules
}

type Offers = { readonly active: MappingRecord[]; readonly idle: MappingRecord[] }
const noOffers: Offers = { active: [], idle: [] }

function groupOffers(
  { mappings, suppliers }: CatalogueRows,
  problems: Problems,
): ReadonlyMap<string, Offers> {
  const standing = new Set(suppliers.filter(({ active }) => active).map(({ code }) => code))
  const offers = new Map<string, Offers>()
  for (const offer of mappings) {
    const { productCode, supplierCode, sku, cost, active } = offer
    if (!Number.isSafeInteger(cost) || cost <= 0 || cost > rupiahMax || sku === '') {
      problems.add(`mapping ${productCode} at ${supplierCode}: cost ${cost}, sku "${sku}"`)
      continue
    }
    let group = offers.get(productCode)
    if (group === undefined) offers.set(productCode, (group = { active: [], idle: [] }))
    group[active && standing.has(supplierCode) ? 'active' : 'idle'].push(offer)
  }
  return offers
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
  const prefixes = new Map<string, number>()
  for (const { prefix, brand } of rows) {
    if (!/^\d{1,12}$/.test(prefix)) {
      problems.add(`operator prefix "${prefix}": not 1 to 12 digits`)
      continue
    }
    const name = brand.trim().toUpperCase()
    if (!operators.has(name)) operators.set(name, operators.size)
    prefixes.set(prefix, operators.get(name)!)
  }
  return { operators, prefixes }
}

/** A sentence when the row can't be right. */
function compileProduct(
  row: ProductRecord,
  operators: ReadonlyMap<string, number>,
): BookProduct | string {
  const start = minuteAt(row.cutOffStart)
  const end = minuteAt(row.cutOffEnd)
  if (Number.isNaN(start) || Number.isNaN(end)) return 'a cut-off is a time of day like 23:30'
  if (start >= 0 !== end >= 0) return 'a cut-off needs both its start and its end'
  if (row.twinMinutes < 0 || row.pendingLimitS <= 0) return 'a time limit is below zero'
  const { code, name, category, brand, type, active, multi, mayLose } = row
  const { destinationKind: kind, twinMinutes, pendingLimitS } = row
  const isPhone = kind === 'phone'
  const operator = isPhone ? (operators.get(brand.trim().toUpperCase()) ?? -1) : -1
  const hours = { cutOffStart: start, cutOffEnd: end }
  const facts = { code, name, category, brand, operator, type, kind, active, multi, mayLose }
  return { ...facts, ...hours, twinMinutes, pendingLimitS }
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
