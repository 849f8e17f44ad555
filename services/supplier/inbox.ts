/**
 * Where callbacks are written down before anybody tries to understand them. Many arrive at once and
 * share one insert: while one is under way the next gather.
 *
 *   store ─▶ gather (bounded) ─▶ one insert ─▶ ids        judge ─▶ gather ─▶ one update
 *
 * S26. At most one insert is under way; what arrives meanwhile goes together in the next.
 * S27. A full inbox, or a failed insert, is said at once: not stored, so that they repeat.
 * S28. A judgement that is lost costs nothing: the callback is read again.
 */

import type { CallbackEntry } from '../../sql/suppliers.ts'

export type InboxDeps = {
  readonly insert: (entries: readonly CallbackEntry[]) => Promise<readonly number[]>
  readonly judge: (judgements: readonly Judgement[]) => Promise<void>
  readonly limits?: Partial<InboxLimits>
}

export type InboxLimits = {
  readonly entriesMax: number
  readonly bytesMax: number
  readonly batchMax: number
}

type Judgement = { readonly id: number; readonly verdict: string }

type Waiting = { readonly entry: CallbackEntry; readonly settle: (id: number | null) => void }

const defaults: InboxLimits = { entriesMax: 4096, bytesMax: 16 * 1024 * 1024, batchMax: 256 }

export class Inbox {
  readonly #deps: InboxDeps
  readonly #limits: InboxLimits
  #waiting: Waiting[] = []
  #bytes = 0
  #judgements: Judgement[] = []
  #writing: Promise<void> | undefined

  constructor(deps: InboxDeps) {
    this.#deps = deps
    this.#limits = { ...defaults, ...deps.limits }
  }

  get depth(): number {
    return this.#waiting.length
  }

  /** The id under which it is kept, or null when it is not. */
  store(entry: CallbackEntry): Promise<number | null> {
    const { entriesMax, bytesMax } = this.#limits
    const isFull = this.#waiting.length >= entriesMax
    if (isFull || this.#bytes + entry.body.length > bytesMax) return Promise.resolve(null)
    return new Promise(settle => {
      this.#waiting.push({ entry, settle })
      this.#bytes += entry.body.length
      this.#write()
    })
  }

  judge(id: number, verdict: string): void {
    if (this.#judgements.length >= this.#limits.entriesMax) return
    this.#judgements.push({ id, verdict })
    this.#write()
  }

  /** Resolves when nothing waits any more. */
  async rest(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing
  }

  #write(): void {
    this.#writing ??= this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    // Those who arrive in the same turn of the loop go together.
    await null
    while (this.#waiting.length > 0 || this.#judgements.length > 0) {
      if (this.#waiting.length > 0) await this.#writeBatch()
      if (this.#judgements.length > 0) await this.#writeJudgements()
    }
    // In the same breath as the last look, so that nobody arrives unseen in between.
    this.#writing = undefined
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#waiting.splice(0, this.#limits.batchMax)
    let ids: readonly number[] = []
    try {
      ids = await this.#deps.insert(batch.map(({ entry }) => entry))
    } catch {
      // Each of them is told below that it was not stored.
    }
    for (const [index, { entry, settle }] of batch.entries()) {
      this.#bytes -= entry.body.length
      settle(ids[index] ?? null)
    }
  }

  async #writeJudgements(): Promise<void> {
    const judgements = this.#judgements.splice(0, this.#limits.batchMax)
    try {
      await this.#deps.judge(judgements)
    } catch {
      // See S28.
    }
  }
}
