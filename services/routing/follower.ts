/**
 * Every durable line once and in the order of its shard, for whoever keeps something in memory:
 * fresh lines come by hand, and what was missed (a start, a write whose fate was unknown, a time of
 * standing by) is read back.
 *
 * RTF1. A line is taken once and in order, however it comes.
 * RTF2. Behind a gap fresh lines are let go, and read back after what is missing.
 * RTF3. Whoever must not miss any asks whether all up to a place were taken: if not, they are read
 *       back without waiting for a fresh one.
 * RTF4. What was heard and is not in the journal is looked for again later, not without a pause.
 *
 * It is not the follower of journal-follower.ts, though its first rules are JF1. That one keeps
 * tables: it asks them where they stand, forgets what it gathered when a write failed or somebody
 * else may have written, reads and writes at its beat, and only where it owns the shards. Here
 * nothing stands anywhere else: there is nobody to ask and nothing to write, what was taken is
 * never taken back, it goes on through a time of standing by, and it reads when it is asked, for a
 * choice waits for it. What is alike is ten lines of reading on; each pauses in its own way.
 */

import { decode, type JournalRecord, type Line } from '../../engine/record.ts'

type FollowerDeps = {
  readonly lines: (shard: number, seq: number, limit: number) => Promise<readonly Line[]>
  readonly take: (record: JournalRecord, key: string, seq: number) => void
}

const readAtOnce = 1_000
const retryMs = 500

export class Follower {
  readonly #deps: FollowerDeps
  readonly #taken = new Map<number, number>()
  readonly #heard = new Map<number, number>()
  readonly #behind = new Set<number>()
  #reading: Promise<void> | null = null
  #stopped = false

  constructor(deps: FollowerDeps) {
    this.#deps = deps
  }

  /** Where to begin, per shard: everything up to these places is known otherwise. */
  begin(positions: ReadonlyMap<number, number>): void {
    for (const [shard, seq] of positions) this.#taken.set(shard, seq)
  }

  feed({ shard, seq, key }: Line, record: JournalRecord): void {
    const taken = this.#taken.get(shard)
    // Before the beginning, what comes is known otherwise.
    if (taken === undefined || seq <= taken) return
    this.#heard.set(shard, seq)
    if (this.#behind.has(shard)) return
    if (seq !== taken + 1) {
      this.#behind.add(shard)
      void this.#read()
      return
    }
    this.#taken.set(shard, seq)
    this.#deps.take(record, key, seq)
  }

  hasAll(durable: Iterable<{ readonly index: number; readonly durableSeq: number }>): boolean {
    let has = true
    for (const { index, durableSeq } of durable) {
      const taken = this.#taken.get(index)
      if (taken !== undefined && taken >= durableSeq) continue
      has = false
      if (taken === undefined) continue
      this.#heard.set(index, Math.max(durableSeq, this.#heard.get(index) ?? 0))
      this.#behind.add(index)
    }
    if (!has) void this.#read()
    return has
  }

  /** The last line taken of each shard. */
  get positions(): ReadonlyMap<number, number> {
    return this.#taken
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#reading
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = null
      if (this.#behind.size > 0 && !this.#stopped) {
        setTimeout(() => void this.#read(), retryMs).unref()
      }
    })
    return this.#reading
  }

  async #readAll(): Promise<void> {
    try {
      for (const shard of this.#behind) await this.#catchUp(shard)
    } catch {
      // Tried again soon; what is known meanwhile stays in use.
    }
  }

  async #catchUp(shard: number): Promise<void> {
    while (!this.#stopped) {
      const heard = this.#heard.get(shard) ?? 0
      const lines = await this.#deps.lines(shard, this.#taken.get(shard)!, readAtOnce)
      for (const { seq, key, body } of lines) {
        this.#taken.set(shard, seq)
        this.#deps.take(decode(body), key, seq)
      }
      const isThere = this.#taken.get(shard)! >= (this.#heard.get(shard) ?? 0)
      if (lines.length < readAtOnce && isThere) {
        this.#behind.delete(shard)
        return
      }
      // What was heard before and is not there is looked for again later, not at once.
      if (lines.length === 0 && this.#taken.get(shard)! < heard) return
    }
  }
}
