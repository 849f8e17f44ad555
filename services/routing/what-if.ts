/**
 * Recorded orders against other rules: what would have been chosen first, and what that would have
 * meant. Pure: lines in, a comparison out; nothing is written and nobody is asked.
 *
 *   lines ─▶ orders, and how each supplier did with each product ─▶ today's rules ─┐
 *                                                                └▶ proposed rules ─┴▶ differences
 *
 * RTK1. With the rules that an order was placed under, its recorded first choice comes out.
 * RTK2. An order whose first choice stays has what happened; another choice has what its supplier
 *       did with this product on the whole, or with all products, or an ordinary supplier's number.
 * RTK3. Orders whose first supplier gave no definite word are left out of the expectation.
 * RTK4. Money and rates are whole numbers until they are shown.
 * RTK5. With a proposed price book both sides are priced anew, today's by the present book; who
 *       would not be sold to earns nothing. Buyers are taken to buy the same.
 */

import type { OrderEvent } from '../../actors/order/order-contract.ts'
import type { JournalRecord } from '../../engine/record.ts'
import type { WhatIf, WhatIfSide } from '../contract/routing.ts'
import type { Millis, Rupiah } from '../contract/words.ts'
import { type Candidate, choose } from './choice.ts'
import { type Fact, Facts } from './facts.ts'
import { type RoutingTable, ruleFor, ruleForClient } from './policy.ts'
import type { Prices } from './what-if-prices.ts'

/** An order that has not ended. */
type Open = {
  readonly order: number
  readonly at: Millis
  /** When the supplier was asked whose answer is awaited. */
  askedAt: Millis
}

export type Period = { readonly from: Millis; readonly to: Millis }

class Totals {
  ok = 0
  bad = 0
  msSum = 0

  /** Of a thousand. */
  get success(): number {
    return Math.floor((1_000 * this.ok + 3_800) / (this.ok + this.bad + 4))
  }

  get ms(): Millis {
    return Math.floor((this.msSum + 6_000) / (this.ok + 4))
  }
}

/** As much of the journal as the comparison needs; fed line by line, in each order's sequence. */
export class Recorded {
  readonly facts = new Facts()
  readonly #open = new Map<string, Open>()
  readonly #totals = new Map<string, Totals>()
  readonly #period: Period

  constructor(period: Period = { from: 0, to: Number.MAX_SAFE_INTEGER }) {
    this.#period = period
  }

  add({ kind, id, at, events }: JournalRecord, key: string): void {
    if (kind !== 'order') return
    for (const event of events as readonly OrderEvent[]) {
      if (event.type === 'placed') this.#placed(id, key, at, event)
      else if (event.type === 'attempt_failed') this.#failed(id, at, event)
      else if (event.type === 'delivered') this.#delivered(id, at, event)
      else if (event.type === 'failed') this.#open.delete(id)
    }
  }

  totals(supplier: string, product: string): Totals {
    const own = this.#totals.get(`${supplier} ${product}`)
    return own ?? this.#totals.get(supplier) ?? ordinary
  }

  #placed(id: string, key: string, at: Millis, event: Extract<OrderEvent, { type: 'placed' }>) {
    if (at < this.#period.from || at >= this.#period.to) return
    // A bill goes to who told it: nobody chose.
    if (event.bill !== undefined) return
    const { user, product, price, why = null } = event
    const plan = event.plan.map(([supplier, , cost]) => [supplier, cost] as const)
    const order = this.facts.add({ id, key, user, product, price, plan, why })
    this.#open.set(id, { order, at, askedAt: at })
  }

  #failed(id: string, at: Millis, event: Extract<OrderEvent, { type: 'attempt_failed' }>): void {
    const open = this.#open.get(id)
    if (open === undefined) return
    // What nobody could have delivered says nothing about who was chosen.
    if (event.final === true || event.via === 'person') return
    if (event.n === 1) this.facts.firstEnded(open.order, 'failed', at - open.at)
    this.#count(open, event.n, totals => totals.bad++)
    open.askedAt = at
  }

  #delivered(id: string, at: Millis, event: Extract<OrderEvent, { type: 'delivered' }>): void {
    const open = this.#open.get(id)
    if (open === undefined) return
    this.#open.delete(id)
    this.facts.delivered(open.order, event.cost, at - open.at)
    if (event.n === 1) this.facts.firstEnded(open.order, 'success', at - open.at)
    this.#count(open, event.n, totals => {
      totals.ok++
      totals.msSum += at - open.askedAt
    })
  }

  #count({ order }: Open, n: number, count: (totals: Totals) => void): void {
    const supplier = this.facts.planOf(order)[n - 1]?.[0]
    if (supplier === undefined) return
    for (const name of [supplier, `${supplier} ${this.facts.productOf(order)}`]) {
      const known = this.#totals.get(name) ?? new Totals()
      this.#totals.set(name, known)
      count(known)
    }
  }
}

const ordinary = new Totals()
const shownMax = 10

type Proposal = {
  readonly today: RoutingTable
  readonly proposed: RoutingTable
  readonly books?: { readonly today: Prices; readonly proposed: Prices }
}

export function compare(recorded: Recorded, { today, proposed, books }: Proposal): WhatIf {
  const sides = { recorded: new Side(), today: new Side(), proposed: new Side() }
  const firsts = new Map<string, { recorded: number; proposed: number }>()
  const differing: string[] = []
  let reproduced = 0
  let moved = 0
  let repriced = 0
  let unsold = 0
  for (const fact of recorded.facts) {
    const candidates = weighed(recorded, fact)
    const again = firstOf(today, fact, { price: fact.price, candidates })
    const present = offerUnder(books?.today, fact, candidates)
    const future = offerUnder(books?.proposed, fact, candidates)
    const now = firstOf(today, fact, present)
    const then = firstOf(proposed, fact, future)
    if (future.price !== present.price) repriced++
    if (then === undefined && now !== undefined) unsold++
    const chosen = fact.plan[0]![0]
    if (again?.supplier === chosen) reproduced++
    else if (differing.length < shownMax) differing.push(fact.id)
    if (now?.supplier !== then?.supplier) moved++
    tally(firsts, chosen).recorded++
    if (then !== undefined) tally(firsts, then.supplier).proposed++
    if (fact.delivered !== null) {
      sides.recorded.add(1_000, fact.price - fact.delivered, fact.endedMs)
    } else if (fact.first !== 'open') sides.recorded.add(0, 0, 0)
    if (fact.first === 'open') continue
    sides.today.expect(recorded, fact, { ...present, choice: now })
    sides.proposed.expect(recorded, fact, { ...future, choice: then })
  }
  return {
    orders: recorded.facts.length,
    reproduced,
    differing,
    moved,
    ...(books === undefined ? {} : { repriced, unsold }),
    recorded: sides.recorded.shown(),
    today: sides.today.shown(),
    proposed: sides.proposed.shown(),
    firsts: [...firsts].sort().map(([supplier, counts]) => ({ supplier, ...counts })),
  }
}

function tally(firsts: Map<string, { recorded: number; proposed: number }>, supplier: string) {
  const known = firsts.get(supplier) ?? { recorded: 0, proposed: 0 }
  firsts.set(supplier, known)
  return known
}

/** As the order recorded them, or with the period's numbers when it recorded none. */
function weighed(recorded: Recorded, { candidates, plan, product }: Fact): readonly Candidate[] {
  if (candidates !== null) return candidates
  return plan.map(([supplier, cost]) => {
    const { success, ms } = recorded.totals(supplier, product)
    return { supplier, cost, success, ms, share: 100, barred: '' }
  })
}

/** What an order would be sold at, and by whom it could be had. */
type Offer = { readonly price: Rupiah; readonly candidates: readonly Candidate[] }

function offerUnder(
  prices: Prices | undefined,
  { product, user, price: paid }: Fact,
  weighed: readonly Candidate[],
): Offer {
  if (prices === undefined) return { price: paid, candidates: weighed }
  const price = prices.priceOf(product, user)
  if (price === null) return { price: 0, candidates: [] }
  const candidates = weighed
    .map(one => ({ ...one, cost: prices.costOf(product, one.supplier) ?? one.cost }))
    .filter(({ cost }) => cost <= price || prices.mayLose(product))
  return { price, candidates }
}

function firstOf(
  table: RoutingTable,
  { product, user, key }: Fact,
  { price, candidates }: Offer,
): Candidate | undefined {
  const general = ruleFor(table, product)
  const own = table.clients.get(user)
  const rule = own === undefined ? general : ruleForClient(general, own)
  const [first] = choose(rule, candidates, { key, price }).plan
  return first === undefined ? undefined : candidates[first]
}

/** Sums in thousandths, so that expectations stay whole numbers. */
class Side {
  #orders = 0
  #success = 0
  #margin = 0
  #ms = 0

  add(permille: number, margin: Rupiah, ms: Millis): void {
    this.#orders++
    this.#success += permille
    this.#margin += permille * margin
    this.#ms += permille * ms
  }

  expect(
    recorded: Recorded,
    fact: Fact,
    { price, choice }: { readonly price: Rupiah; readonly choice: Candidate | undefined },
  ): void {
    if (choice === undefined) {
      this.add(0, 0, 0)
      return
    }
    const margin = price - choice.cost
    if (choice.supplier === fact.plan[0]![0]) {
      this.add(fact.first === 'success' ? 1_000 : 0, margin, fact.ms)
      return
    }
    const { success, ms } = recorded.totals(choice.supplier, fact.product)
    this.add(success, margin, ms)
  }

  shown(): WhatIfSide {
    const orders = Math.max(1, this.#orders)
    return {
      orders: this.#orders,
      successBp: Math.round((10 * this.#success) / orders),
      margin: Math.round(this.#margin / 1_000),
      latencyMs: Math.round(this.#ms / Math.max(1, this.#success)),
    }
  }
}
