/**
 * What is kept of recorded orders: each as some numbers, and put together again for a moment when
 * it is looked at. A million orders are some hundred megabytes, beside an engine that serves.
 *
 * BBK1. An order comes out as it was put, with what was added since.
 * BBK2. Words and plans that repeat are kept once.
 */

import type { Why } from '../../actors/order/order-contract.ts'
import { makeId, msOf, shardOf } from '../../engine/ids.ts'
import type { Millis, Rupiah } from '../contract/words.ts'
import { type Barred, type Candidate, candidatesOf } from './choice.ts'
import { Rows, Words } from './rows.ts'

type Plan = readonly (readonly [supplier: string, cost: Rupiah])[]

type Placed = {
  readonly id: string
  readonly key: string
  readonly user: string
  readonly product: string
  readonly price: Rupiah
  readonly plan: Plan
  readonly why: Why | null
}

export type Fact = Omit<Placed, 'why'> & {
  /** As they were weighed then; null when none were. */
  readonly candidates: readonly Candidate[] | null
  readonly first: 'open' | 'success' | 'failed'
  readonly ms: Millis
  readonly delivered: Rupiah | null
  readonly endedMs: Millis
}

const firsts = ['open', 'success', 'failed'] as const
const bars: readonly Barred[] = ['', 'open', 'capped', 'drained', 'stock']
const nothing = -1

export class Facts implements Iterable<Fact> {
  readonly #orders = new Rows([
    ...(['bornAt', 'shard', 'keyHigh', 'keyLow', 'user', 'product', 'plan', 'price'] as const),
    ...(['candidate', 'candidates', 'first', 'ms', 'delivered', 'endedMs'] as const),
  ])
  readonly #candidates = new Rows(['supplier', 'cost', 'success', 'ms', 'share', 'barred'] as const)
  readonly #words = new Words()
  readonly #plans: Plan[] = []
  readonly #planNumbers = new Map<string, number>()

  get length(): number {
    return this.#orders.length
  }

  /** The order's number here. */
  add({ id, key, user, product, price, plan, why }: Placed): number {
    const weighed =
      why === null
        ? []
        : candidatesOf(
            why,
            plan.map(([supplier]) => supplier),
          )
    const candidate = why === null ? nothing : this.#candidates.length
    for (const { supplier, barred, ...numbers } of weighed) {
      this.#candidates.add({
        ...numbers,
        supplier: this.#words.numberOf(supplier),
        barred: bars.indexOf(barred),
      })
    }
    return this.#orders.add({
      ...{ bornAt: msOf(id), shard: shardOf(id), price, candidate, candidates: weighed.length },
      ...{ keyHigh: Number.parseInt(key.slice(0, 8), 16) },
      ...{ keyLow: Number.parseInt(key.slice(8), 16) },
      ...{ user: this.#words.numberOf(user), product: this.#words.numberOf(product) },
      ...{ plan: this.#planNumber(plan), first: 0, ms: 0, delivered: nothing, endedMs: 0 },
    })
  }

  firstEnded(order: number, first: 'success' | 'failed', ms: Millis): void {
    this.#orders.set(order, 'first', firsts.indexOf(first))
    this.#orders.set(order, 'ms', ms)
  }

  delivered(order: number, cost: Rupiah, ms: Millis): void {
    this.#orders.set(order, 'delivered', cost)
    this.#orders.set(order, 'endedMs', ms)
  }

  productOf(order: number): string {
    return this.#words.wordOf(this.#orders.get(order, 'product'))
  }

  planOf(order: number): Plan {
    return this.#plans[this.#orders.get(order, 'plan')]!
  }

  users(): ReadonlySet<string> {
    const users = new Set<number>()
    for (let n = 0; n < this.length; n++) users.add(this.#orders.get(n, 'user'))
    return new Set([...users].map(user => this.#words.wordOf(user)))
  }

  *[Symbol.iterator](): Generator<Fact> {
    for (let n = 0; n < this.length; n++) yield this.#factOf(n)
  }

  #factOf(n: number): Fact {
    const orders = this.#orders
    const key = hexOf(orders.get(n, 'keyHigh')) + hexOf(orders.get(n, 'keyLow'))
    const delivered = orders.get(n, 'delivered')
    return {
      ...{ id: makeId(orders.get(n, 'bornAt'), orders.get(n, 'shard'), key), key },
      ...{ user: this.#words.wordOf(orders.get(n, 'user')), product: this.productOf(n) },
      ...{ price: orders.get(n, 'price'), plan: this.planOf(n), candidates: this.#weighed(n) },
      ...{ first: firsts[orders.get(n, 'first')]!, ms: orders.get(n, 'ms') },
      ...{ delivered: delivered === nothing ? null : delivered },
      endedMs: orders.get(n, 'endedMs'),
    }
  }

  #weighed(n: number): Candidate[] | null {
    const begin = this.#orders.get(n, 'candidate')
    if (begin === nothing) return null
    const all = this.#candidates
    return Array.from({ length: this.#orders.get(n, 'candidates') }, (_, place) => {
      const at = begin + place
      return {
        ...{ supplier: this.#words.wordOf(all.get(at, 'supplier')), cost: all.get(at, 'cost') },
        ...{ success: all.get(at, 'success'), ms: all.get(at, 'ms') },
        ...{ share: all.get(at, 'share'), barred: bars[all.get(at, 'barred')]! },
      }
    })
  }

  #planNumber(plan: Plan): number {
    const name = plan.map(([supplier, cost]) => `${supplier}:${cost}`).join(' ')
    const known = this.#planNumbers.get(name)
    if (known !== undefined) return known
    this.#planNumbers.set(name, this.#plans.length)
    return this.#plans.push(plan.map(([supplier, cost]) => [supplier, cost] as const)) - 1
  }
}

const hexOf = (number: number): string => number.toString(16).padStart(8, '0')
