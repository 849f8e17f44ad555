/**
 * Keeps the counted stocks as the owner and the price lists say them: which there are, and what of
 * each was delivered since its number was said.
 *
 *   change ─▶ rows ─▶ what is out, from the gauges ─▶ deliveries, as far as we heard ─▶ in force
 *
 * STD1. After a start everything is counted before it is sold: what was delivered since the number
 *       was said, whoever served then, and what is out.
 * STD2. A number that is said anew, the same or another, counts from then on.
 * STD3. A reading that fails leaves what was, and is tried again.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { Changes } from '../../sql/changes.ts'
import type { Database } from '../../sql/database.ts'
import { type CountedRow, readStocks, stockTables } from '../../sql/topup/sold.ts'
import type { Follower } from './follower.ts'
import type { Gauges } from './gauges.ts'
import type { Out, Pair, Stock } from './stocks.ts'

type StockShelfDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly changes: Pick<Changes, 'subscribe'>
  readonly gauges: Pick<Gauges, 'stocks' | 'out'>
  readonly follower: Pick<Follower, 'positions'>
  /** Has the deliveries that were heard written down. */
  readonly write: () => Promise<void>
  readonly onError: (cause: unknown) => void
}

const quietMs = 50
const retryMs = 500
const writtenMs = 20

const nameOf = ({ product, supplier }: Pair): string => `${supplier} ${product}`

export class StockShelf {
  readonly #deps: StockShelfDeps
  #unsubscribe: () => void = () => {}
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | null = null
  #isStale = false
  #started = false
  #recalled: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(deps: StockShelfDeps) {
    this.#deps = deps
  }

  /** Resolves when all are counted; `recalled`: when all open orders hang at their suppliers. */
  async start(recalled: Promise<void>): Promise<void> {
    this.#unsubscribe = this.#deps.changes.subscribe({
      change: ({ table }) => {
        if (stockTables.has(table)) this.#stale(quietMs)
      },
      gap: () => this.#stale(quietMs),
    })
    this.#recalled = recalled
    await this.#know((await readStocks(this.#deps.db.pool)).rows)
    this.#started = true
    if (this.#isStale) this.#stale(quietMs)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#unsubscribe()
    await this.#running
  }

  #stale(delayMs: number): void {
    this.#isStale = true
    if (!this.#started || this.#stopped || this.#running !== null) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#renew(), delayMs).unref()
  }

  #renew(): void {
    const { db, onError } = this.#deps
    this.#isStale = false
    this.#running = readStocks(db.pool)
      .then(({ rows }) => this.#know(rows))
      .catch(cause => {
        this.#isStale = true
        onError(cause)
      })
      .finally(() => {
        this.#running = null
        if (this.#isStale) this.#stale(retryMs)
      })
  }

  async #know(rows: readonly CountedRow[]): Promise<void> {
    const { gauges } = this.#deps
    const wanted = new Map(rows.map(row => [nameOf(row), row]))
    for (const stock of [...gauges.stocks.all()]) {
      if (!wanted.has(nameOf(stock))) gauges.stocks.remove(stock)
    }
    const fresh = rows.filter(row => gauges.stocks.of(row.product, row.supplier) === null)
    const out = fresh.length === 0 ? noneOut : outOf(gauges.out())
    for (const row of fresh) {
      // Of those that were there when we started nobody knows yet; others were sold as they were.
      const atFirst = this.#started ? Number.POSITIVE_INFINITY : 0
      gauges.stocks.add(row, out.get(nameOf(row)) ?? [], atFirst)
    }
    const said = [...gauges.stocks.all()].filter(one => isSaidAnew(one, wanted.get(nameOf(one))!))
    if (said.length === 0) return
    await this.#recalled
    await this.#count(said)
  }

  async #count(said: readonly Stock[]): Promise<void> {
    const { db, follower, write } = this.#deps
    for (const stock of said) stock.reading()
    const heard = new Map(follower.positions)
    while (!this.#stopped) {
      await write()
      const { rows, positions } = await readStocks(db.pool)
      const upTo = new Map(positions.map(({ shard, seq }) => [shard, seq]))
      if ([...heard].every(([shard, seq]) => (upTo.get(shard) ?? 0) >= seq) || rows.length === 0) {
        const found = new Map(rows.map(row => [nameOf(row), row]))
        for (const stock of said) {
          const row = found.get(nameOf(stock))
          if (row !== undefined) stock.count({ ...row, upTo })
        }
        return
      }
      await pause(writtenMs)
    }
  }
}

const isSaidAnew = ({ said }: Stock, { stock, sinceMs }: CountedRow): boolean =>
  said === null || said.stock !== stock || said.sinceMs !== sinceMs

const noneOut: ReadonlyMap<string, readonly Out[]> = new Map()

function outOf(all: Iterable<Out>): ReadonlyMap<string, readonly Out[]> {
  const out = new Map<string, Out[]>()
  for (const one of all) {
    const name = nameOf(one)
    const some = out.get(name)
    if (some === undefined) out.set(name, [one])
    else some.push(one)
  }
  return out
}
