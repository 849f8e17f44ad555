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
 */

import type { OrderEvent, Why } from '../../actors/order/order-contract.ts'
import type { JournalRecord } from '../../engine/record.ts'
import type { Millis, Rupiah, WhatIf, WhatIfSide } from '../contract.ts'
import { type Candidate, candidatesOf, choose } from './choice.ts'
import { type RoutingTable, ruleFor, ruleForClient } from './policy.ts'

type Plan = readonly (readonly [supplier: string, cost: Rupiah])[]

type Fact = {
  readonly id: string
  readonly key: string
  readonly user: string
  readonly product: string
  readonly price: Rupiah
  readonly plan: Plan
  readonly why: Why | null
  readonly at: Millis
  /** When the supplier was asked whose answer is awaited. */
  askedAt: Millis
  first: 'open' | 'success' | 'failed'
  ms: Millis
  delivered: Rupiah | null
  endedMs: Millis
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
  readonly facts: Fact[] = []
  readonly #open = new Map<string, Fact>()
  readonly #plans = new Map<string, Plan>()
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
    const { user, product, price, why = null } = event
    const name = event.plan.map(([supplier, , cost]) => `${supplier}:${cost}`).join(' ')
    let plan = this.#plans.get(name)
    if (plan === undefined) {
      plan = event.plan.map(([supplier, , cost]) => [supplier, cost] as const)
      this.#plans.set(name, plan)
    }
    const end = { first: 'open', ms: 0, delivered: null, endedMs: 0 } as const
    const fact: Fact = { id, key, user, product, price, plan, why, at, askedAt: at, ...end }
    this.facts.push(fact)
    this.#open.set(id, fact)
  }

  #failed(id: string, at: Millis, event: Extract<OrderEvent, { type: 'attempt_failed' }>): void {
    const fact = this.#open.get(id)
    if (fact === undefined) return
    // What nobody could have delivered says nothing about who was chosen.
    if (event.final === true || event.via === 'person') return
    if (event.n === 1) {
      fact.first = 'failed'
      fact.ms = at - fact.at
    }
    this.#count(fact, event.n, totals => totals.bad++)
    fact.askedAt = at
  }

  #delivered(id: string, at: Millis, event: Extract<OrderEvent, { type: 'delivered' }>): void {
    const fact = this.#open.get(id)
    if (fact === undefined) return
    this.#open.delete(id)
    fact.delivered = event.cost
    fact.endedMs = at - fact.at
    if (event.n === 1) {
      fact.first = 'success'
      fact.ms = fact.endedMs
    }
    this.#count(fact, event.n, totals => {
      totals.ok++
      totals.msSum += at - fact.askedAt
    })
  }

  #count(fact: Fact, n: number, count: (totals: Totals) => void): void {
    const supplier = fact.plan[n - 1]?.[0]
    if (supplier === undefined) return
    for (const name of [supplier, `${supplier} ${fact.product}`]) {
      const known = this.#totals.get(name) ?? new Totals()
      this.#totals.set(name, known)
      count(known)
    }
  }
}

const ordinary = new Totals()
const shownMax = 10

export function compare(
  recorded: Recorded,
  { today, proposed }: { readonly today: RoutingTable; readonly proposed: RoutingTable },
): WhatIf {
  const sides = { recorded: new Side(), today: new Side(), proposed: new Side() }
  const firsts = new Map<string, { recorded: number; proposed: number }>()
  const differing: string[] = []
  let reproduced = 0
  let moved = 0
  for (const fact of recorded.facts) {
    const candidates = weighed(recorded, fact)
    const now = firstOf(today, fact, candidates)
    const then = firstOf(proposed, fact, candidates)
    const chosen = fact.plan[0]![0]
    if (now?.supplier === chosen) reproduced++
    else if (differing.length < shownMax) differing.push(fact.id)
    if (now?.supplier !== then?.supplier) moved++
    tally(firsts, chosen).recorded++
    if (then !== undefined) tally(firsts, then.supplier).proposed++
    if (fact.delivered !== null) {
      sides.recorded.add(1_000, fact.price - fact.delivered, fact.endedMs)
    } else if (fact.first !== 'open') sides.recorded.add(0, 0, 0)
    if (fact.first === 'open') continue
    sides.today.expect(recorded, fact, now)
    sides.proposed.expect(recorded, fact, then)
  }
  return {
    orders: recorded.facts.length,
    reproduced,
    differing,
    moved,
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
function weighed(recorded: Recorded, { why, plan, product }: Fact): readonly Candidate[] {
  if (why !== null) {
    const suppliers = plan.map(([supplier]) => supplier)
    return candidatesOf(why, suppliers)
  }
  return plan.map(([supplier, cost]) => {
    const { success, ms } = recorded.totals(supplier, product)
    return { supplier, cost, success, ms, share: 100, barred: '' }
  })
}

function firstOf(
  table: RoutingTable,
  { product, user, key, price }: Fact,
  candidates: readonly Candidate[],
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

  expect(recorded: Recorded, fact: Fact, choice: Candidate | undefined): void {
    if (choice === undefined) {
      this.add(0, 0, 0)
      return
    }
    const margin = fact.price - choice.cost
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
