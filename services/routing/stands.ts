/**
 * What is known of suppliers, kept over a restart: counts of the sliding windows, latencies,
 * breakers, and the balance last named. It is written down while the program runs, for a `kill -9`
 * asks nobody.
 *
 *   answers ─▶ gauges ──every two seconds, what changed──▶ supplier_stand ──start──▶ gauges
 *                  └── a breaker turned: at once ──────────▲
 *
 * RSE1. After a restart a supplier stands as it stood at most two seconds before the end, and a
 *       breaker that had turned stands where it had turned to.
 * RSE2. What is older than the window does not come back, but for breakers that are not closed.
 * RSE3. A start waits for one bounded reading: suppliers, and whoever is not well. All others come
 *       behind it, page by page, where nothing has been heard since. Writing is bounded, and what
 *       did not fit is in the next write.
 * RSE4. Only who owns the shards writes. A row that can't be read, or a table that can't be
 *       written, costs the statistics of the past and nothing else.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod/v4'
import type { Database } from '../../sql/database.ts'
import { readStands, type StandRow, writeStands } from '../../sql/topup/supplier-stand.ts'
import type { Breaker, BreakerWords } from './breaker.ts'
import type { Gauges, SupplierGauge } from './gauges.ts'
import { windowMs } from './sliding-counts.ts'

type StandsDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly gauges: Gauges
  readonly isOwner: () => boolean
  readonly now: () => number
  readonly onError: (cause: unknown) => void
}

const beatMs = 2_000
/** Breakers tend to turn together. */
const turnMs = 50
const rowsPerWrite = 500
const pageMs = 20
const rowsPerPage = 400
const pagesMax = 40

const whole = z.int().min(0)
const breakerShape = z.object({
  s: z.enum(['closed', 'open', 'half-open', 'ramp']),
  r: whole,
  o: whole,
  t: z.number(),
  k: z.string().nullable(),
  p: z.tuple([whole, whole, whole]),
  c: z.array(z.number()),
})
const wordsShape = z.object({
  b: breakerShape,
  l: z.array(whole).optional(),
  m: z.tuple([z.number().nullable(), z.number()]).optional(),
})

export class Stands {
  readonly #deps: StandsDeps
  /** What each breaker had heard when it was last written. */
  readonly #written = new WeakMap<Breaker, number>()
  #timer: NodeJS.Timeout | undefined
  #soon: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #owned = false
  #stopped = false
  #told = false

  constructor(deps: StandsDeps) {
    this.#deps = deps
  }

  /** To be called before anything is fed; `rest` resolves when all that is known is in there. */
  async restore(): Promise<{ readonly rest: Promise<void> }> {
    const at = this.#deps.now()
    const isMore = await this.#restorePage(at, 0)
    return { rest: isMore ? this.#restoreRest(at) : Promise.resolve() }
  }

  async #restoreRest(at: number): Promise<void> {
    for (let page = 1; page < pagesMax && !this.#stopped; page++) {
      await pause(pageMs)
      if (!(await this.#restorePage(at, page))) return
    }
  }

  async #restorePage(at: number, page: number): Promise<boolean> {
    const { db, gauges, onError } = this.#deps
    const offset = page * rowsPerPage
    try {
      const rows = await readStands(db.pool, { at, windowMs, offset, limit: rowsPerPage })
      for (const row of rows) restoreOne(gauges, row)
      return rows.length === rowsPerPage
    } catch (cause) {
      onError(cause)
      return false
    }
  }

  start(): void {
    this.#deps.gauges.onTurn = () => {
      this.#soon ??= setTimeout(() => void this.write(), turnMs)
    }
    this.#timer = setInterval(() => void this.write(), beatMs)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    this.#deps.gauges.onTurn = () => {}
    await this.write()
  }

  /** Writes what changed since it was last written; one write at a time. */
  write(): Promise<void> {
    clearTimeout(this.#soon)
    this.#soon = undefined
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    const { db, isOwner, now, onError } = this.#deps
    const isNow = isOwner()
    const wasOwner = this.#owned
    this.#owned = isNow
    // The engine stops before we do; what it heard last is worth keeping.
    if (!isNow && !wasOwner) return
    const changed = this.#changed()
    if (changed.length === 0) return
    const rows = changed.map(({ supplier, product, breaker }) => {
      const words = product === '' ? wordsOf(supplier) : { b: breaker.written() }
      const isCalm = breaker.state === 'closed'
      return [supplier.code, product, isCalm, JSON.stringify(words)] as const
    })
    const heard = changed.map(({ breaker }) => breaker.heard)
    try {
      await writeStands(db.pool, rows, now())
      for (const [n, { breaker }] of changed.entries()) this.#written.set(breaker, heard[n]!)
      this.#told = false
    } catch (cause) {
      if (!this.#told) onError(cause)
      this.#told = true
    }
  }

  #changed() {
    const changed: { supplier: SupplierGauge; product: string; breaker: Breaker }[] = []
    const rest: typeof changed = []
    for (const supplier of this.#deps.gauges.suppliers.values()) {
      const { breaker } = supplier
      if (this.#isNew(breaker)) changed.push({ supplier, product: '', breaker })
      for (const [product, pair] of supplier.pairs) {
        if (!this.#isNew(pair)) continue
        const where = pair.state === 'closed' ? rest : changed
        where.push({ supplier, product, breaker: pair })
      }
    }
    return [...changed, ...rest].slice(0, rowsPerWrite)
  }

  #isNew(breaker: Breaker): boolean {
    return breaker.heard !== (this.#written.get(breaker) ?? 0)
  }
}

function wordsOf({ breaker, latencies, balance, balanceAt }: SupplierGauge) {
  return { b: breaker.written(), l: latencies.written(), m: [balance, balanceAt] as const }
}

function restoreOne(gauges: Gauges, { supplier: code, product, words }: StandRow): void {
  const read = wordsShape.safeParse(words)
  if (!read.success) return
  const supplier = gauges.of(code)
  const breaker = product === '' ? supplier.breaker : supplier.pair(product)
  // What was heard since the start is newer than anything that was written.
  if (breaker.heard > 0) return
  breaker.restore(read.data.b as BreakerWords)
  if (product !== '') return
  const { l: latencies, m: money } = read.data
  if (latencies !== undefined) supplier.latencies.restore(latencies)
  if (money !== undefined) [supplier.balance, supplier.balanceAt] = money
}
