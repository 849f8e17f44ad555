/**
 * Where others' callbacks are written down before anybody tries to understand them. Many arrive at
 * once and share one insert. What became of them is noted behind, together with others, and keeps
 * no callback waiting.
 *
 *   keep ─▶ gather (bounded) ─▶ one insert ─▶ ids        judge ─▶ gather ─▶ one update
 *
 * INB1. At most one insert is under way, and one note of what became of callbacks beside it; what
 *       arrives meanwhile goes together in the next.
 * INB2. A full inbox, or a failed insert, is said at once: not kept, so that they repeat. Data that
 *       the table refuses keep none of the others out.
 * INB3. A note that is lost costs nothing: the callback is read again, and changes nothing.
 */

import { Gathering } from './gathering.ts'

export type InboxDeps<Entry, Judged> = {
  /** Their ids, in the order of the entries. */
  readonly insert: (entries: readonly Entry[]) => Promise<readonly number[]>
  readonly judge: (judged: readonly Judged[]) => Promise<void>
  readonly limits?: Partial<InboxLimits>
}

export type InboxLimits = {
  readonly entriesMax: number
  readonly bytesMax: number
  readonly batchMax: number
}

const usual: InboxLimits = { entriesMax: 4_096, bytesMax: 16 * 1024 * 1024, batchMax: 512 }
const companyMs = 25

export class Inbox<Entry extends { readonly body: Buffer }, Judged> {
  readonly #bytesMax: number
  readonly #entries: Gathering<Entry, number>
  readonly #judged: Gathering<Judged, void>
  #bytes = 0

  constructor({ insert, judge, limits }: InboxDeps<Entry, Judged>) {
    const { entriesMax: waitingMax, bytesMax, batchMax } = { ...usual, ...limits }
    this.#bytesMax = bytesMax
    this.#entries = new Gathering({ carryOut: insert, batchMax, waitingMax })
    this.#judged = new Gathering({
      carryOut: judged => judge(judged).then(() => []),
      ...{ batchMax, waitingMax, companyMs },
    })
  }

  get depth(): number {
    return this.#entries.depth
  }

  /** The id under which it is kept, or null when it is not. */
  async keep(entry: Entry): Promise<number | null> {
    const { length } = entry.body
    if (this.#bytes + length > this.#bytesMax) return null
    this.#bytes += length
    try {
      return await this.#entries.carry(entry)
    } catch {
      return null
    } finally {
      this.#bytes -= length
    }
  }

  judge(judged: Judged): void {
    // See INB3.
    this.#judged.carry(judged).catch(() => undefined)
  }

  /** Resolves when nothing waits any more of what was handed in until now. */
  async rest(): Promise<void> {
    await Promise.all([this.#entries.rest(), this.#judged.rest()])
  }
}
