/**
 * Codes are not kept for ever: after the days that the house has set, the key of an order's
 * messages is deleted, and with it whatever could read them, in the journal and everywhere else.
 *
 *   now and then ─▶ keys older than their days ─▶ gone, a batch at a time
 *
 * NVH1. A key goes when its days are over, but not while its order is held (LGH1).
 * NVH2. It goes in bounded batches with pauses; a stop waits for one batch at most.
 * NVH3. Only who holds the shards deletes. What fails is told, and tried again.
 * NVH4. What a dispute kept of somebody who was forgotten goes when it is over, whatever its days.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { DatabasePool } from '../../sql/database.ts'
import { deleteNumberFlights } from '../../sql/number/flight.ts'
import { deleteKeysOfForgotten, deleteNumberKeys, type Old } from '../../sql/number/vault.ts'
import type { Millis } from '../contract/words.ts'

type PurgeDeps = {
  readonly pool: DatabasePool
  readonly now: () => Millis
  readonly isOwner: () => boolean
  readonly retentionDays: () => number
  readonly onError: (cause: unknown) => void
}

const dayMs = 86_400_000
const firstMs = 30_000
const betweenMs = 600_000
const batchRows = 1_000
const batchesMax = 500
const pauseMs = 50
/** How long what was sent to suppliers is kept: they could ask about it. */
const flightDays = 120

export class Purge {
  readonly #deps: PurgeDeps
  readonly #stopping = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #sweeping: Promise<unknown> = Promise.resolve()

  constructor(deps: PurgeDeps) {
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

  /** How many keys went. */
  async sweep(): Promise<number> {
    const { retentionDays, onError } = this.#deps
    try {
      const old = await this.#clear(deleteNumberKeys, retentionDays())
      const gone = old + (await this.#clear(deleteKeysOfForgotten, 0))
      await this.#clear(deleteNumberFlights, flightDays)
      return gone
    } catch (cause) {
      if (!this.#stopping.signal.aborted) onError(cause)
      return 0
    }
  }

  async #clear(
    remove: (pool: DatabasePool, old: Old) => Promise<number>,
    days: number,
  ): Promise<number> {
    const { pool, now, isOwner } = this.#deps
    const old = { beforeMs: now() - days * dayMs, limit: batchRows }
    let gone = 0
    for (let n = 0; n < batchesMax && isOwner(); n++) {
      const count = await remove(pool, old)
      gone += count
      if (count < batchRows) break
      await pause(pauseMs, undefined, { signal: this.#stopping.signal })
    }
    return gone
  }

  #wait(ms: Millis): void {
    this.#timer = setTimeout(() => {
      this.#sweeping = this.sweep().finally(() => {
        if (!this.#stopping.signal.aborted) this.#wait(betweenMs)
      })
    }, ms).unref()
  }
}
