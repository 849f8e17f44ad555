/**
 * What grows for ever is kept for as long as the owner says, and then deleted behind everybody's
 * back. The journal is not touched, nor anything that money or a client's reference hangs on.
 *
 *   once an hour ─▶ orders that somebody works on ─▶ each kind: batch ─ pause ─ batch ... ─▶ log
 *
 * RSJ1. Nothing goes that is younger than its days, that still waits, or that belongs to an order
 *       which waits for a person or has an open complaint.
 * RSJ2. A flight outlives the time in which a supplier could be asked about it again, and a flight
 *       that is not settled stays; so does the newest price list of each supplier.
 * RSJ3. It goes in bounded batches with pauses; what is left over goes in the next hour. A stop
 *       waits for one batch at most.
 * RSJ4. Only who owns the shards deletes. What fails is told and tried again; other kinds go on.
 * RSJ5. What was deleted is counted by kind, and told in one line.
 * RSJ6. When more orders are being worked on than can be looked at, what depends on them is kept.
 * RSJ7. The rows of a list of orders go when it is through, its reference stays. Of money that came
 *       by bank only the raw delivery goes, and tickets that were never paid.
 * RSJ8. What people did goes with its days, and so do links that opened or opened no more.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '../../sql/database.ts'
import {
  type Batch,
  deleteActivity,
  deleteBank,
  deleteBulk,
  deleteCallbacks,
  deleteChat,
  deleteFlights,
  deleteHistory,
  deleteSerials,
  deleteSounds,
  deleteUnread,
  heldOrders,
  namesAtSuppliers,
} from '../../sql/retention.ts'

const retentionKinds = [
  'callbacks',
  'flights',
  'chat',
  'unread',
  'catalogue',
  'serials',
  'sounds',
  'bulk',
  'bank',
  'activity',
] as const
type RetentionKind = (typeof retentionKinds)[number]
/** 0: for ever. */
export type RetentionDays = Readonly<Record<RetentionKind, number>>

export type RetentionDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly days: RetentionDays
  readonly isOwner: () => boolean
  readonly now: () => number
  readonly onDeleted: (deleted: Readonly<Record<string, number>>, ms: number) => void
  readonly onError: (cause: unknown) => void
  readonly batchRows?: number
  readonly batchesMax?: number
  readonly pauseMs?: number
}

const dayMs = 86_400_000
const firstMs = 60_000
const betweenMs = 3_600_000
const heldMax = 2_000
/** Each row is looked through for each word: with many words a batch is a tenth. */
const wordsMax = 100

const statements: Readonly<
  Record<RetentionKind, (pool: RetentionDeps['db']['pool'], batch: Batch) => Promise<number>>
> = {
  callbacks: deleteCallbacks,
  flights: deleteFlights,
  chat: deleteChat,
  unread: deleteUnread,
  catalogue: deleteHistory,
  serials: deleteSerials,
  sounds: deleteSounds,
  bulk: deleteBulk,
  bank: deleteBank,
  activity: deleteActivity,
}
/** Those that must know which orders somebody works on. */
const aboutOrders: ReadonlySet<RetentionKind> = new Set(['callbacks', 'flights', 'chat', 'bulk'])

export class Retention {
  readonly #deps: RetentionDeps
  readonly #stopping = new AbortController()
  readonly deleted: Record<RetentionKind, number> = {
    ...{ callbacks: 0, flights: 0, chat: 0, unread: 0, catalogue: 0, serials: 0, bulk: 0, bank: 0 },
    ...{ sounds: 0, activity: 0 },
  }
  #timer: NodeJS.Timeout | undefined
  #sweeping: Promise<unknown> = Promise.resolve()

  constructor(deps: RetentionDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#wait(firstMs)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    clearTimeout(this.#timer)
    await this.#sweeping
  }

  /** Everything whose days are over, as far as one sweep goes. */
  async sweep(): Promise<Readonly<Record<string, number>>> {
    const { db, days, now, onDeleted, onError } = this.#deps
    const told: Record<string, number> = {}
    if (!this.#mayGoOn()) return told
    const began = performance.now()
    try {
      const held = await heldOrders(db.pool, heldMax + 1)
      const names = await namesAtSuppliers(db.pool, held, heldMax + 1)
      const isTooMany = held.length > heldMax || names.length > heldMax
      const about = { held, words: [...held, ...names] }
      for (const kind of retentionKinds) {
        if (days[kind] === 0 || (isTooMany && aboutOrders.has(kind))) continue
        const count = await this.#clear(kind, { ...about, before: now() - days[kind] * dayMs })
        if (count > 0) told[kind] = count
      }
    } catch (cause) {
      onError(cause)
    }
    if (Object.keys(told).length > 0) onDeleted(told, Math.round(performance.now() - began))
    return told
  }

  async #clear(kind: RetentionKind, batch: Omit<Batch, 'limit'>): Promise<number> {
    const { db, onError, batchRows = 1_000, batchesMax = 500, pauseMs = 100 } = this.#deps
    const limit = batch.words.length > wordsMax ? Math.ceil(batchRows / 10) : batchRows
    let total = 0
    try {
      for (let n = 0; n < batchesMax && this.#mayGoOn(); n++) {
        const count = await statements[kind](db.pool, { ...batch, limit })
        total += count
        this.deleted[kind] += count
        if (count === 0) break
        await pause(pauseMs, undefined, { signal: this.#stopping.signal })
      }
    } catch (cause) {
      if (!this.#stopping.signal.aborted) onError(cause)
    }
    return total
  }

  #mayGoOn(): boolean {
    return !this.#stopping.signal.aborted && this.#deps.isOwner()
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#sweeping = this.sweep().finally(() => {
        if (!this.#stopping.signal.aborted) this.#wait(betweenMs)
      })
    }, ms)
    this.#timer.unref()
  }
}
