/**
 * What is known of each supplier, and of each product there, fed with the durable events of orders:
 * how it answers, what hangs there without an answer, what balance it named. Constant time for each
 * event, no I/O; whoever forgets it can be fed again.
 *
 *   placed, dispatched ──▶ hangs there ──reported──▶ hangs on ──delivered, failed──▶ settled
 *
 * RTE1. An attempt hangs at its supplier from its dispatch until a definite word, whoever says it.
 * RTE2. An order that is chosen and not yet durable counts as well, so that no burst slips through.
 * RTE3. Silence and failures count against the supplier, once each; what is the order's own fault,
 *       or ours, or a person's word, does not.
 * RTE4. At its cap a supplier is no candidate for new orders, and is again when enough is settled.
 * RTE5. A supplier whose named balance, less what hangs there, is below the cost is no candidate;
 *       before that it loses its place by degrees, when at the present rate the balance lasts
 *       shorter than its reserve.
 * RTE6. What a supplier said of its balance counts for five minutes: a supplier that is paid up and
 *       never asked again would stay out for ever.
 * RTE7. Open orders that are recalled after a restart hang again, and open no breaker.
 * RTE8. Ends of orders are counted by what they were, and how long they took; what was not the
 *       supplier's fault is told apart. What is recalled is not counted again.
 * RTE9. What goes on to a later supplier by itself hangs there, and waits: until it was let go it
 *       keeps nobody else of its kind from going, else a burst would bar itself whole.
 * RTE10. A balance that was asked for counts like one that came with a delivery: the newer by time.
 * RTE11. Who was left out for his balance wants to be asked what it is now: without orders he names
 *        none, and would stay out for minutes after he was paid up.
 */

import type { OrderEvent, Attempt as Tried } from '../../actors/order/order-contract.ts'
import { keyOf, msOf, shardOf } from '../../engine/ids.ts'
import type { JournalRecord } from '../../engine/record.ts'
import type { Millis, Rupiah } from '../contract/words.ts'
import { FigureTable } from '../figure-table.ts'
import { ours } from '../supplier/own-words.ts'
import { Breaker } from './breaker.ts'
import { type Barred, type Candidate, probing } from './choice.ts'
import { Latencies } from './latencies.ts'
import type { SupplierTerms } from './policy.ts'
import { windowMs } from './sliding-counts.ts'
import { type Out, Stocks } from './stocks.ts'

const balanceTrustMs = 300_000
const reserveMinutes = 10
const usualBalanceMin = 1_000_000
/** Pairs beyond it are not remembered one by one; the supplier as a whole still is. */
const pairsMax = 20_000
const goneMax = 10_000

export class SupplierGauge {
  readonly code: string
  /** The how-manieth. */
  readonly number: number
  readonly breaker: Breaker
  readonly #onTurn: () => void
  readonly pairs = new Map<string, Breaker>()
  /** Cost of attempts without a definite word, durable; and of those just chosen. */
  hanging: Rupiah = 0
  reserved: Rupiah = 0
  /** Of what hangs, what was not let go yet. */
  waiting: Rupiah = 0
  balance: Rupiah | null = null
  balanceAt: Millis = 0
  /** It kept an order from here since it was named. */
  isDrained = false
  cap = Number.POSITIVE_INFINITY
  reserveMs: Millis = reserveMinutes * 60_000
  /** Below it somebody is told. */
  balanceMin: Rupiah = usualBalanceMin
  /** From asking until the goods are there. */
  readonly latencies = new Latencies()
  /** Orders that went on to another supplier after this one's definite failure. */
  failovers = 0

  constructor(code: string, number: number, onTurn: () => void) {
    this.code = code
    this.number = number
    this.#onTurn = onTurn
    this.breaker = new Breaker(onTurn)
  }

  /** What it named as our balance there. */
  told(balance: Rupiah, at: Millis): void {
    if (at < this.balanceAt) return
    this.balance = balance
    this.balanceAt = at
    this.isDrained = false
  }

  pair(product: string): Breaker {
    const known = this.pairs.get(product)
    if (known !== undefined) return known
    if (this.pairs.size >= pairsMax) return this.breaker
    const fresh = new Breaker(this.#onTurn)
    this.pairs.set(product, fresh)
    return fresh
  }

  /** The common case in a few comparisons: nothing at all is wrong with it. */
  isWell(pair: Breaker, cost: Rupiah): boolean {
    const out = this.hanging + this.reserved + cost
    return (
      this.breaker.state === 'closed' &&
      pair.state === 'closed' &&
      out <= this.cap &&
      (this.balance === null || this.balance - out >= this.#reserve())
    )
  }

  /** `aside` of what hangs is not looked at. */
  candidate(pair: Breaker, cost: Rupiah, now: Millis, aside: Rupiah = 0): Candidate {
    this.breaker.counts.roll(now)
    pair.counts.roll(now)
    const own = this.breaker.share(now)
    const there = pair === this.breaker ? own : pair.share(now)
    const out = this.hanging - aside + this.reserved + cost
    const left = this.#balanceNow(now)
    const barred: Barred =
      own === 0 || there === 0
        ? 'open'
        : out > this.cap
          ? 'capped'
          : left !== null && left < out
            ? 'drained'
            : ''
    if (barred === 'drained') this.isDrained = true
    const isProbe = own === probing || there === probing
    const share = isProbe ? probing : Math.min(own, there, this.#lasting(left, now))
    const { success } = pair.counts
    return { supplier: this.code, cost, success, ms: pair.counts.ms, share, barred }
  }

  /** Which of a hundred orders it may keep while its balance runs out. */
  #lasting(left: Rupiah | null, now: Millis): number {
    if (left === null) return 100
    this.breaker.counts.roll(now)
    const spent = this.breaker.counts.spent
    if (spent === 0) return 100
    const lastsMs = ((left - this.hanging - this.reserved) * windowMs) / spent
    return lastsMs >= this.reserveMs
      ? 100
      : Math.max(0, Math.floor((100 * lastsMs) / this.reserveMs))
  }

  #balanceNow(now: Millis): Rupiah | null {
    return now - this.balanceAt < balanceTrustMs ? this.balance : null
  }

  /** Of a hundred orders so many; fewer while its balance runs out. */
  keeps(now: Millis): number {
    return this.#lasting(this.#balanceNow(now), now)
  }

  /** Spent within the reserve at the present rate: below it the long way decides. */
  #reserve(): Rupiah {
    return (this.breaker.counts.spent * this.reserveMs) / windowMs
  }
}

type Attempt = {
  readonly n: number
  readonly product: string
  readonly key: string
  supplier: SupplierGauge
  pair: Breaker
  cost: Rupiah
  at: Millis
  /** Silence was counted already. */
  counted: boolean
  /** Nobody could have delivered it. */
  hopeless: boolean
  /** It was not let go yet. */
  waits: boolean
}

/** What hangs, a row of figures each: numbers of product and supplier, and so on. */
const columns = { product: 0, supplier: 1, n: 2, cost: 3, at: 4, flags: 5 }
const flags = { counted: 1, hopeless: 2, waits: 4 }

type Ends = { success: number; failed: number; hopeless: number }

export class Gauges {
  readonly suppliers = new Map<string, SupplierGauge>()
  readonly #numbered: SupplierGauge[] = []
  /** Products of which anything was ever under way. */
  readonly #products: string[] = []
  readonly #productNumbers = new Map<string, number>()
  readonly #open = new FigureTable(Object.keys(columns).length)
  /** Let go before their line was heard here. */
  readonly #gone = new Set<string>()
  #terms: ReadonlyMap<string, SupplierTerms> = new Map()
  #recalls = false
  /** Orders that came to an end since the start. */
  readonly ends: Ends = { success: 0, failed: 0, hopeless: 0 }
  /** From placing an order until its end. */
  readonly orders = new Latencies()
  /** What is left of those that are counted. */
  readonly stocks = new Stocks()
  /** Told each change of a breaker's state. */
  onTurn: () => void = () => {}

  of(code: string): SupplierGauge {
    const known = this.suppliers.get(code)
    if (known !== undefined) return known
    const fresh = new SupplierGauge(code, this.#numbered.length, () => this.onTurn())
    this.#apply(fresh)
    this.suppliers.set(code, fresh)
    this.#numbered.push(fresh)
    return fresh
  }

  #productNumber(product: string): number {
    const known = this.#productNumbers.get(product)
    if (known !== undefined) return known
    const fresh = this.#products.length
    this.#products.push(product)
    this.#productNumbers.set(product, fresh)
    return fresh
  }

  /** The attempt that hangs, as it stands; what is changed of it is to be kept again. */
  #hanging(id: string, key: string): Attempt | undefined {
    const row = this.#open.row(id)
    return row === undefined ? undefined : this.#read(row, key)
  }

  #read(row: number, key: string): Attempt {
    const { numbers } = this.#open
    const product = this.#products[numbers[row + columns.product]!]!
    const supplier = this.#numbered[numbers[row + columns.supplier]!]!
    const marks = numbers[row + columns.flags]!
    return {
      n: numbers[row + columns.n]!,
      product,
      key,
      supplier,
      pair: supplier.pair(product),
      cost: numbers[row + columns.cost]!,
      at: numbers[row + columns.at]!,
      counted: (marks & flags.counted) !== 0,
      hopeless: (marks & flags.hopeless) !== 0,
      waits: (marks & flags.waits) !== 0,
    }
  }

  #keep(id: string, attempt: Omit<Attempt, 'key' | 'pair'>): void {
    const row = this.#open.enter(id)
    const { numbers } = this.#open
    numbers[row + columns.product] = this.#productNumber(attempt.product)
    numbers[row + columns.supplier] = attempt.supplier.number
    numbers[row + columns.n] = attempt.n
    numbers[row + columns.cost] = attempt.cost
    numbers[row + columns.at] = attempt.at
    numbers[row + columns.flags] =
      (attempt.counted ? flags.counted : 0) |
      (attempt.hopeless ? flags.hopeless : 0) |
      (attempt.waits ? flags.waits : 0)
  }

  /** Orders under way whose supplier has not said a definite word. */
  get open(): number {
    return this.#open.size
  }

  /** The owner's caps and reserves as they stand now. */
  know(terms: ReadonlyMap<string, SupplierTerms>): void {
    this.#terms = terms
    for (const gauge of this.suppliers.values()) this.#apply(gauge)
  }

  #apply(gauge: SupplierGauge): void {
    const terms = this.#terms.get(gauge.code)
    gauge.cap = terms?.exposure_max ?? Number.POSITIVE_INFINITY
    gauge.balanceMin = terms?.balance_min ?? usualBalanceMin
    gauge.reserveMs = (terms?.reserve_minutes ?? reserveMinutes) * 60_000
  }

  /**
   * Lines of orders that are still open: they hang, and say nothing about how suppliers answer, for
   * what went well is not among them.
   */
  recall(record: JournalRecord, key: string): void {
    this.#recalls = true
    this.feed(record, key)
    this.#recalls = false
  }

  /** The same for one whose last attempt is at hand; one that hangs already is left as it is. */
  hang(id: string, key: string, product: string, tried: Tried): void {
    const { n, outcome, supplier: code, cost, startedAt: at } = tried
    const hangs = this.#open.row(id) !== undefined
    if (hangs || outcome === 'success' || outcome === 'failed') return
    const supplier = this.of(code)
    supplier.hanging += cost
    const marks = { counted: outcome === 'unknown', hopeless: false, waits: false }
    this.#keep(id, { n, product, supplier, cost, at, ...marks })
    this.stocks.of(product, code)?.dispatched(key, false)
  }

  /** What is out at each supplier, of which product. */
  *out(): Generator<Out> {
    for (const [id, row] of this.#open) {
      const { product, supplier, key, cost, waits } = this.#read(row, keyOf(id))
      if (cost > 0) yield { product, supplier: supplier.code, key, waits }
    }
  }

  /** A later attempt was let go: what follows it counts it. */
  letGo(id: string, n: number, { product, supplier }: { product: string; supplier: string }): void {
    this.stocks.of(product, supplier)?.letGo(keyOf(id))
    const attempt = this.#hanging(id, '')
    if (attempt?.n === n) {
      waitsNoMore(attempt)
      this.#keep(id, attempt)
    } else if (this.#gone.size < goneMax) this.#gone.add(`${id} ${n}`)
  }

  /** `seq`: its place in the journal of its shard. */
  feed(record: JournalRecord, key: string, seq = 0): void {
    if (record.kind !== 'order') return
    const { id, at } = record
    let product = ''
    for (const event of record.events as readonly OrderEvent[]) {
      switch (event.type) {
        case 'placed':
          product = event.product
          break
        case 'dispatched':
          this.#dispatched(id, key, product, event, at)
          break
        case 'reported':
          this.#reported(id, key, event, at)
          break
        case 'attempt_failed':
          this.#failed(id, key, event, at)
          break
        case 'delivered':
          this.#delivered(id, event, at, { key, seq })
          break
        case 'failed':
          this.#ended(id, at, this.#hanging(id, key)?.hopeless ? 'hopeless' : 'failed')
          this.#open.leave(id)
      }
    }
  }

  #dispatched(
    id: string,
    key: string,
    product: string,
    { n, supplier: code, cost, byHand }: Extract<OrderEvent, { type: 'dispatched' }>,
    at: Millis,
  ): void {
    const supplier = this.of(code)
    supplier.hanging += cost
    const known = this.#hanging(id, key)
    const what = known?.product ?? product
    if (known !== undefined && !this.#recalls) known.supplier.failovers++
    const isGone = n === 1 || byHand || this.#recalls || this.#gone.delete(`${id} ${n}`)
    if (!isGone) supplier.waiting += cost
    if (this.stocks.size > 0) this.stocks.of(what, code)?.dispatched(key, !isGone)
    const marks = { counted: false, hopeless: false, waits: !isGone }
    this.#keep(id, { n, product: what, supplier, cost, at, ...marks })
  }

  #reported(
    id: string,
    key: string,
    event: Extract<OrderEvent, { type: 'reported' }>,
    at: Millis,
  ): void {
    const attempt = this.#hanging(id, key)
    if (attempt === undefined) return
    const { outcome, code } = event
    if (outcome === 'pending') {
      answers(attempt, at)
      return
    }
    if (attempt.counted || ours.has(code ?? '')) return
    this.#keep(id, { ...attempt, counted: true })
    if (!this.#recalls) hear(attempt, at, { ok: false, ms: 0 })
  }

  #failed(
    id: string,
    key: string,
    event: Extract<OrderEvent, { type: 'attempt_failed' }>,
    at: Millis,
  ): void {
    const attempt = this.#hanging(id, key)
    if (attempt === undefined) return
    waitsNoMore(attempt)
    attempt.supplier.hanging -= attempt.cost
    attempt.cost = 0
    this.#keep(id, attempt)
    this.#stockOf(attempt)?.back(attempt.key)
    const { final = false, trouble = false, via, code } = event
    if (via === 'person' || ours.has(code ?? '')) {
      attempt.supplier.breaker.dropProbe(attempt.key)
      attempt.pair.dropProbe(attempt.key)
      return
    }
    // Nobody could have delivered this.
    if (final && !trouble) {
      this.#keep(id, { ...attempt, hopeless: true })
      answers(attempt, at)
    } else if (!attempt.counted && !this.#recalls) {
      hear(attempt, at, { ok: false, ms: 0 })
    }
  }

  #delivered(
    id: string,
    event: Extract<OrderEvent, { type: 'delivered' }>,
    at: Millis,
    { key, seq }: { key: string; seq: number },
  ): void {
    const attempt = this.#hanging(id, key)
    if (attempt === undefined) return
    this.#open.leave(id)
    const { supplier } = attempt
    // One that failed before may be what was sold after all.
    const seller = event.supplier === undefined ? supplier : this.of(event.supplier)
    this.#stockOf({ ...attempt, supplier: seller })?.sold(key, { shard: shardOf(id), seq })
    this.#ended(id, at, 'success')
    waitsNoMore(attempt)
    supplier.hanging -= attempt.cost
    seller.breaker.counts.spend(at, event.cost)
    if (event.balance !== null) supplier.told(event.balance, at)
    if (event.via === 'person') return
    supplier.latencies.add(at, at - attempt.at)
    hear(attempt, at, { ok: true, ms: at - attempt.at })
  }

  #stockOf({ product, supplier }: Attempt) {
    return this.stocks.size === 0 ? null : this.stocks.of(product, supplier.code)
  }

  #ended(id: string, at: Millis, how: keyof Ends): void {
    if (this.#recalls) return
    this.ends[how]++
    this.orders.add(at, Math.max(0, at - msOf(id)))
  }

  /** How many attempts have no definite word for longer than this, by supplier. */
  late(now: Millis, longerMs: Millis): ReadonlyMap<string, number> {
    const late = new Map<string, number>()
    const { numbers } = this.#open
    for (const [, row] of this.#open) {
      const age = now - numbers[row + columns.at]!
      if (numbers[row + columns.cost] === 0 || age <= longerMs) continue
      const { code } = this.#numbered[numbers[row + columns.supplier]!]!
      late.set(code, (late.get(code) ?? 0) + 1)
    }
    return late
  }
}

function waitsNoMore(attempt: Attempt): void {
  if (attempt.waits) attempt.supplier.waiting -= attempt.cost
  attempt.waits = false
}

/** It answers, though it did not deliver: that is all that a probe wants to know. */
function answers({ supplier, pair, key, at: askedAt }: Attempt, at: Millis): void {
  const word = { ok: true, ms: at - askedAt }
  if (supplier.breaker.probe === key) supplier.breaker.hear(at, key, word)
  if (pair.probe === key) pair.hear(at, key, word)
}

function hear(
  { supplier, pair, key }: Attempt,
  at: Millis,
  word: { ok: boolean; ms: Millis },
): void {
  supplier.breaker.hear(at, key, word)
  if (pair !== supplier.breaker) pair.hear(at, key, word)
}
