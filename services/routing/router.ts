/**
 * The choice as an order meets it: a product's candidates with their gauges at hand, so that the
 * ordinary case (one plain rule, everybody well) is a few comparisons and leaves no record.
 *
 * RTG1. A plain rule with everybody well gives the book's plan, whole and without a record.
 * RTG2. Whatever else decided leaves a record of the numbers used.
 * RTG3. What was chosen counts as hanging there until the order is durable or refused.
 * RTG4. Of several suppliers that want a probe, an order probes one; one order at a time does.
 * RTG5. A new table is in use with the next order.
 * RTG6. Choices are counted by policy and by what decided, and who was left out by the reason.
 * RTG7. A later supplier is judged anew when its turn comes, as a first choice is. Let go, its
 *       purchase counts for the next one, and is the probe if one was wanted.
 * RTG8. A supplier whose counted stock is gone is left out, whatever the policy; what was chosen
 *       takes one until the order is durable or refused.
 */

import type { Why } from '../../actors/order/order-contract.ts'
import { keyOf } from '../../engine/ids.ts'
import type { Millis, Rupiah } from '../contract/words.ts'
import type { Breaker } from './breaker.ts'
import {
  type Candidate,
  type Choice,
  candidatesMax,
  choose,
  type Left,
  probing,
  recordOf,
} from './choice.ts'
import type { Gauges, SupplierGauge } from './gauges.ts'
import { type RoutingTable, type Rule, ruleFor, ruleForClient } from './policy.ts'
import type { Stock } from './stocks.ts'

/** The candidates of one product at one price, in the book's order. Kept by whoever asks. */
export type Lanes = {
  readonly product: string
  readonly gauges: readonly SupplierGauge[]
  readonly pairs: readonly Breaker[]
  readonly costs: readonly Rupiah[]
  table: RoutingTable
  rule: Rule
  /** Of those whose stock is counted; null when nobody's is. */
  stocks: readonly (Stock | null)[] | null
  stocksVersion: number
}

export type Route = {
  /** Places in the book's order; null: all of them as they stand. */
  readonly plan: readonly number[] | null
  readonly why: Why | null
  readonly failoverMs: Millis | null
  readonly first: SupplierGauge | null
  readonly pair: Breaker | null
  readonly stock: Stock | null
  readonly cost: Rupiah
  readonly key: string
}

type Asking = {
  readonly key: string
  readonly userId: string
  readonly price: Rupiah
  readonly now: Millis
}

/** A supplier that may be asked for a product, outside of a plan. */
type Later = {
  readonly supplier: string
  readonly product: string
  readonly userId: string
  readonly cost: Rupiah
  readonly now: Millis
}

/** What decided who comes first, the strongest first. */
const decidedBy = ['nobody', 'probe', 'pin', 'split', 'health', 'policy', 'book'] as const
type DecidedBy = (typeof decidedBy)[number]

export class Router {
  readonly gauges: Gauges
  /** Choices since the start: by policy and what decided, and left out by supplier and reason. */
  readonly choices = new Map<string, number>()
  readonly leftOut = new Map<string, number>()
  plainChoices = 0
  #table: RoutingTable

  constructor(gauges: Gauges, table: RoutingTable) {
    this.gauges = gauges
    this.#table = table
    gauges.know(table.suppliers)
  }

  get table(): RoutingTable {
    return this.#table
  }

  use(table: RoutingTable): void {
    this.#table = table
    this.gauges.know(table.suppliers)
  }

  lanes(
    product: string,
    candidates: readonly { readonly supplier: string; readonly cost: Rupiah }[],
  ): Lanes {
    const gauges = candidates.map(({ supplier }) => this.gauges.of(supplier))
    return {
      product,
      gauges,
      pairs: gauges.map(gauge => gauge.pair(product)),
      costs: candidates.map(({ cost }) => cost),
      table: this.#table,
      rule: ruleFor(this.#table, product),
      stocks: stocksOf(this.gauges, product, gauges),
      stocksVersion: this.gauges.stocks.version,
    }
  }

  route(lanes: Lanes, asking: Asking): Route {
    if (lanes.table !== this.#table) {
      lanes.table = this.#table
      lanes.rule = ruleFor(this.#table, lanes.product)
    }
    if (lanes.stocksVersion !== this.gauges.stocks.version) {
      lanes.stocksVersion = this.gauges.stocks.version
      lanes.stocks = stocksOf(this.gauges, lanes.product, lanes.gauges)
    }
    const { clients } = this.#table
    const own = clients.size === 0 ? undefined : clients.get(asking.userId)
    const rule = own === undefined ? lanes.rule : ruleForClient(lanes.rule, own)
    if (!rule.plain || !isWell(lanes)) return this.#weigh(rule, lanes, asking)
    this.plainChoices++
    return reserve(lanes, 0, { plan: null, why: null, key: asking.key, rule })
  }

  /** The order is durable, and its events are told; or it came to nothing. */
  placed(route: Route, isNew: boolean): void {
    const { first, pair, cost, key, stock } = route
    if (first === null) return
    first.reserved -= cost
    stock?.settle(key, isNew)
    if (isNew) return
    first.breaker.dropProbe(key)
    pair!.dropProbe(key)
  }

  /** Why this supplier can't have an order of this cost now; empty when it can. */
  bars({ supplier, product, userId, cost, now }: Later): Left {
    const { left } = this.#left(this.gauges.of(supplier), { product, userId, cost, now }, 0)
    return left === '' && this.isGone(product, supplier) ? 'stock' : left
  }

  /** Whether what it has of the product is counted, and gone. */
  isGone(product: string, supplier: string): boolean {
    return this.gauges.stocks.of(product, supplier)?.left === 0
  }

  /** Whether an order's attempt `n`, at a later supplier, may leave now; else why not. */
  letGo({ id, n }: { readonly id: string; readonly n: number }, later: Later): Left {
    const { supplier, product } = later
    const gauge = this.gauges.of(supplier)
    const judged = this.#left(gauge, later, gauge.waiting)
    const isGone = this.gauges.stocks.of(product, supplier)?.hasFor(keyOf(id)) === false
    const left = judged.left === '' && isGone ? 'stock' : judged.left
    if (left !== '') {
      tally(this.leftOut, `${supplier} ${left}`)
      return left
    }
    if (judged.share === probing) {
      probe(gauge.breaker, keyOf(id), later.now)
      probe(gauge.pair(product), keyOf(id), later.now)
    }
    this.gauges.letGo(id, n, later)
    return ''
  }

  #left(
    gauge: SupplierGauge,
    { product, userId, cost, now }: Omit<Later, 'supplier'>,
    aside: Rupiah,
  ): { readonly left: Left; readonly share: number } {
    const general = ruleFor(this.#table, product)
    const own = this.#table.clients.get(userId)
    const { exclude } = own === undefined ? general : ruleForClient(general, own)
    const { barred, share } = gauge.candidate(gauge.pair(product), cost, now, aside)
    return { left: exclude.includes(gauge.code) ? 'excluded' : barred, share }
  }

  #weigh(rule: Rule, lanes: Lanes, { key, price, now }: Asking): Route {
    const candidates = candidatesOf(lanes, rule, now)
    const choice = choose(rule, candidates, { key, price })
    const why = recordOf(this.#table.version, rule, candidates, choice)
    this.#count(rule, candidates, choice)
    const { plan } = choice
    const [first] = plan
    if (first === undefined) {
      const failoverMs = rule.failoverMs
      return { plan, why, failoverMs, first: null, pair: null, stock: null, cost: 0, key }
    }
    if (candidates[first]!.share === probing) {
      probe(lanes.gauges[first]!.breaker, key, now)
      probe(lanes.pairs[first]!, key, now)
    }
    return reserve(lanes, first, { plan, why, key, rule })
  }

  #count(rule: Rule, candidates: readonly Candidate[], { plan, left }: Choice): void {
    tally(this.choices, `${rule.policy} ${decided(rule, candidates, plan[0])}`)
    for (const [n, reason] of left.entries()) {
      if (reason !== '') tally(this.leftOut, `${candidates[n]!.supplier} ${reason}`)
    }
  }
}

function tally(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function decided(
  { pin, split, policy }: Rule,
  candidates: readonly Candidate[],
  first: number | undefined,
): DecidedBy {
  if (first === undefined) return 'nobody'
  const { supplier, share } = candidates[first]!
  if (share === probing) return 'probe'
  if (pin.includes(supplier)) return 'pin'
  if (split.some(([name]) => name === supplier)) return 'split'
  const isIll = candidates.some(one => one.barred !== '' || one.share < 100)
  return isIll ? 'health' : policy === 'priority' ? 'book' : 'policy'
}

function reserve(
  { gauges, pairs, costs, stocks }: Lanes,
  n: number,
  { plan, why, key, rule }: Pick<Route, 'plan' | 'why' | 'key'> & { readonly rule: Rule },
): Route {
  const first = gauges[n]!
  const cost = costs[n]!
  const stock = stocks === null ? null : stocks[n]!
  first.reserved += cost
  stock?.choose(key)
  return { plan, why, failoverMs: rule.failoverMs, first, pair: pairs[n]!, stock, cost, key }
}

function probe(breaker: Breaker, key: string, now: Millis): void {
  if (breaker.state === 'half-open') breaker.startProbe(key, now)
}

function isWell({ gauges, pairs, costs, stocks }: Lanes): boolean {
  for (let n = 0; n < gauges.length; n++) {
    if (!gauges[n]!.isWell(pairs[n]!, costs[n]!)) return false
    if (stocks !== null && stocks[n]?.left === 0) return false
  }
  return true
}

function stocksOf(
  { stocks }: Gauges,
  product: string,
  gauges: readonly SupplierGauge[],
): Lanes['stocks'] {
  if (stocks.size === 0) return null
  const some = gauges.map(({ code }) => stocks.of(product, code))
  return some.every(one => one === null) ? null : some
}

function candidatesOf(
  { gauges, pairs, costs, stocks }: Lanes,
  rule: Rule,
  now: Millis,
): Candidate[] {
  const candidates: Candidate[] = []
  let isProbing = false
  for (let n = 0; n < Math.min(gauges.length, candidatesMax); n++) {
    const judged = gauges[n]!.candidate(pairs[n]!, costs[n]!, now)
    const isGone = judged.barred === '' && stocks?.[n]?.left === 0
    const candidate: Candidate = isGone ? { ...judged, barred: 'stock' } : judged
    const wants = candidate.share === probing && candidate.barred === ''
    const mayProbe: boolean = !isProbing && !rule.exclude.includes(candidate.supplier)
    candidates.push(wants && !mayProbe ? { ...candidate, barred: 'open' } : candidate)
    isProbing ||= wants && mayProbe
  }
  return candidates
}
