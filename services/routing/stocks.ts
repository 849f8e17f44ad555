/**
 * How much is left of each stock that is a number: of one product at one supplier. Fed by the
 * gauges with what orders do, beside the cost that hangs there. Constant time for each event, no
 * I/O.
 *
 *   chosen ─▶ out (durable) ─┬ definite failure ─▶ back
 *                            └ delivered ─▶ used, until the number is said anew
 *
 * STC1. left = number - delivered since it was said - out or chosen: nothing is sold twice, however
 *       many orders come at once. An order that comes twice takes one.
 * STC2. A later supplier's purchase waits: it counts for new orders, and keeps none of its kind
 *       from going on until one is let go.
 * STC3. What isn't known is not sold: after a start not before the deliveries are counted, and
 *       never while lines of the journal are missing. A number that is said while we run is in
 *       force when its deliveries are counted; until then the former one is, or none.
 * STC4. A delivery counts once, in what was read or after it, by its place in the journal.
 * STC5. Without a number nothing is kept and nothing is asked.
 * STC6. Who shows what is left is told to look again at once when something is gone or back, and
 *       of everything else twice a minute at most.
 */

import type { Place } from '../../sql/positions.ts'

export type Pair = { readonly product: string; readonly supplier: string }

/** A number, when it was said, and what went since; `upTo`: the last line of each shard in it. */
type Counted = Pair & {
  readonly stock: number
  readonly sinceMs: number
  readonly used: number
  readonly upTo: ReadonlyMap<number, number>
}

/** An order that has one, or may get one. */
type Unit = { chosen: number; out: boolean; waits: boolean }

export class Stock implements Pair {
  readonly product: string
  readonly supplier: string
  readonly #stocks: Stocks
  /** What may be sold while nothing is counted. */
  readonly #atFirst: number
  readonly #units = new Map<string, Unit>()
  #counted: Counted | null = null
  #usedLater = 0
  #waiting = 0
  /** Deliveries while the count is being read; null when it is not. */
  #meanwhile: Place[] | null = null

  constructor(stocks: Stocks, { product, supplier }: Pair, atFirst: number) {
    this.#stocks = stocks
    this.#atFirst = atFirst
    this.product = product
    this.supplier = supplier
  }

  /** For new orders; 0 while it is not known. */
  get left(): number {
    if (this.#counted === null) return this.#atFirst
    return this.#stocks.isCurrent() ? this.leftLast : 0
  }

  /** The same for those who only show it. */
  get leftLast(): number {
    if (this.#counted === null) return this.#atFirst
    const { stock, used } = this.#counted
    return Math.max(0, stock - used - this.#usedLater - this.#units.size)
  }

  /** The number and its moment; null while nothing is counted. */
  get said(): Pick<Counted, 'stock' | 'sinceMs'> | null {
    return this.#counted
  }

  /** Deliveries from here on are kept apart until `count`. */
  reading(): void {
    this.#meanwhile ??= []
  }

  count(counted: Counted): void {
    const later = this.#meanwhile ?? []
    this.#meanwhile = null
    this.#counted = counted
    this.#usedLater = later.filter(({ shard, seq }) => seq > (counted.upTo.get(shard) ?? 0)).length
    this.#stocks.moved(this)
  }

  choose(key: string): void {
    this.#unit(key).chosen++
    this.#stocks.moved(this)
  }

  /** The order is durable, and its events are told; or it came to nothing. */
  settle(key: string, isNew: boolean): void {
    const unit = this.#units.get(key)
    if (unit === undefined || unit.chosen === 0) return
    unit.chosen--
    // Its line may still be on its way here.
    if (isNew) unit.out = true
    if (unit.chosen === 0 && !unit.out) this.#drop(key)
  }

  dispatched(key: string, waits: boolean): void {
    const unit = this.#unit(key)
    if (unit.waits) this.#waiting--
    unit.out = true
    unit.waits = waits
    if (waits) this.#waiting++
    this.#stocks.moved(this)
  }

  /** Whether there is one for an order that waits; what else waits is not looked at. */
  hasFor(key: string): boolean {
    if (this.#counted === null) return this.#atFirst > 0
    if (!this.#stocks.isCurrent()) return false
    const own = this.#units.get(key)
    const aside = this.#waiting + (own === undefined || own.waits ? 0 : 1)
    const { stock, used } = this.#counted
    return stock - used - this.#usedLater - (this.#units.size - aside) > 0
  }

  letGo(key: string): void {
    this.dispatched(key, false)
  }

  /** It failed there for certain. */
  back(key: string): void {
    const unit = this.#units.get(key)
    if (unit === undefined) return
    unit.out = false
    if (unit.waits) this.#waiting--
    unit.waits = false
    if (unit.chosen === 0) this.#drop(key)
  }

  sold(key: string, place: Place): void {
    this.back(key)
    const { shard, seq } = place
    if (this.#meanwhile !== null) this.#meanwhile.push(place)
    if (this.#counted !== null && seq > (this.#counted.upTo.get(shard) ?? 0)) this.#usedLater++
    this.#stocks.moved(this)
  }

  #unit(key: string): Unit {
    const known = this.#units.get(key)
    if (known !== undefined) return known
    const fresh = { chosen: 0, out: false, waits: false }
    this.#units.set(key, fresh)
    return fresh
  }

  #drop(key: string): void {
    this.#units.delete(key)
    this.#stocks.moved(this)
  }
}

/** An order that is out when its supplier's number begins to count. */
export type Out = Pair & { readonly key: string; readonly waits: boolean }

const showAgainMs = 30_000

export class Stocks {
  readonly #ofProduct = new Map<string, Stock[]>()
  readonly #gone = new Set<Stock>()
  /** Grows when one begins or ceases to be counted. */
  version = 0
  size = 0
  #shown = 0
  #shownAt = 0
  #moved = false
  /** Whether all durable lines were heard. */
  isCurrent: () => boolean = () => true

  of(product: string, supplier: string): Stock | null {
    return this.#ofProduct.get(product)?.find(one => one.supplier === supplier) ?? null
  }

  *all(): Generator<Stock> {
    for (const some of this.#ofProduct.values()) yield* some
  }

  /** `atFirst`: what may be sold until it is counted. */
  add(pair: Pair, out: Iterable<Out>, atFirst = 0): Stock {
    const fresh = new Stock(this, pair, atFirst)
    for (const { key, waits } of out) fresh.dispatched(key, waits)
    this.#ofProduct.set(pair.product, [...(this.#ofProduct.get(pair.product) ?? []), fresh])
    this.size++
    this.version++
    this.moved(fresh)
    return fresh
  }

  remove(stock: Stock): void {
    const rest = (this.#ofProduct.get(stock.product) ?? []).filter(one => one !== stock)
    if (rest.length > 0) this.#ofProduct.set(stock.product, rest)
    else this.#ofProduct.delete(stock.product)
    this.#gone.delete(stock)
    this.size--
    this.version++
    this.#shown++
  }

  moved(stock: Stock): void {
    this.#moved = true
    const isGone = stock.leftLast === 0
    if (isGone === this.#gone.has(stock)) return
    if (isGone) this.#gone.add(stock)
    else this.#gone.delete(stock)
    this.#shown++
  }

  /** Another number than the last time: look again. */
  shown(now: number): number {
    if (this.#moved && now - this.#shownAt >= showAgainMs) {
      this.#moved = false
      this.#shownAt = now
      this.#shown++
    }
    return this.#shown
  }
}
