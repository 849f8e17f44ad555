/**
 * Where an acquirer's callbacks are written down before anybody works on them. Many that arrive at
 * once share one insert: while one is under way the next gather. What became of them is noted
 * behind, together with others, and keeps no callback waiting.
 *
 * SAI1. At most one insert is under way, and one note of what became of callbacks beside it; what
 *       arrives meanwhile goes together in the next.
 * SAI2. A full inbox, or a failed insert, is said at once: not kept, so that they repeat.
 * SAI3. A note that is lost costs nothing: the callback is worked on again, and changes nothing.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { Judged, NewCallback } from '../../sql/qris-callbacks.ts'

type InboxDeps = {
  readonly keep: (rows: readonly NewCallback[]) => Promise<readonly number[]>
  readonly judge: (rows: readonly Judged[]) => Promise<void>
  readonly waitingMax?: number
}

type Waiting = { readonly row: NewCallback; readonly settle: (id: number | null) => void }
type Noting = { readonly row: Judged; readonly settle: () => void }

const usualWaitingMax = 4_096
const batchMax = 512
const gatherMs = 25

export class CallbackInbox {
  readonly #deps: InboxDeps
  #waiting: Waiting[] = []
  #judged: Noting[] = []
  #isKeeping = false
  #isJudging = false
  /** Each resolves when it, and so all before it, was written or given up. */
  #lastKept: Promise<unknown> = Promise.resolve()
  #lastJudged: Promise<void> = Promise.resolve()

  constructor(deps: InboxDeps) {
    this.#deps = deps
  }

  /** The id under which it is kept, or null when it is not. */
  keep(row: NewCallback): Promise<number | null> {
    const { waitingMax = usualWaitingMax } = this.#deps
    if (this.#waiting.length >= waitingMax) return Promise.resolve(null)
    const kept = new Promise<number | null>(settle => {
      this.#waiting.push({ row, settle })
      if (!this.#isKeeping) void this.#keepAll()
    })
    this.#lastKept = kept
    return kept
  }

  judge(row: Judged): void {
    const { waitingMax = usualWaitingMax } = this.#deps
    if (this.#judged.length >= waitingMax) return
    this.#lastJudged = new Promise(settle => this.#judged.push({ row, settle }))
    if (!this.#isJudging) void this.#judgeAll()
  }

  /** Resolves when nothing waits any more of what was handed in until now. */
  async rest(): Promise<void> {
    await Promise.all([this.#lastKept, this.#lastJudged])
  }

  async #keepAll(): Promise<void> {
    this.#isKeeping = true
    // Those who arrive in the same turn of the loop go together.
    await null
    while (this.#waiting.length > 0) await this.#keepBatch()
    // In the same breath as the last look, so that nobody arrives unseen in between.
    this.#isKeeping = false
  }

  async #judgeAll(): Promise<void> {
    this.#isJudging = true
    while (this.#judged.length > 0) {
      // Nobody waits for it, and many together cost as much as one.
      await pause(gatherMs)
      await this.#judgeBatch()
    }
    this.#isJudging = false
  }

  async #keepBatch(): Promise<void> {
    const batch = this.#waiting.splice(0, batchMax)
    let ids: readonly number[] = []
    try {
      ids = await this.#deps.keep(batch.map(({ row }) => row))
    } catch {
      // Each of them is told below that it was not kept.
    }
    for (const [index, { settle }] of batch.entries()) settle(ids[index] ?? null)
  }

  async #judgeBatch(): Promise<void> {
    const batch = this.#judged.splice(0, batchMax)
    try {
      await this.#deps.judge(batch.map(({ row }) => row))
    } catch {
      // See SAI3.
    }
    for (const { settle } of batch) settle()
  }
}
