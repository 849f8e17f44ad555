/**
 * Whoever keeps tables up with the journal follows it with one of these. Fresh lines come by hand
 * from the engine, so nothing is read twice; who fell behind (a start, a crash, a time of standing
 * by, too much at once) reads the journal instead. What is done with the lines is the reader's.
 * Whoever keeps nothing but memory has routing/follower.ts.
 *
 *   engine ──durable lines──▶ take ──▶ (gathers) ──one write at a time──▶ rows, positions
 *   journal ──when behind───▶ takeRead ─▶
 *
 * JF1. A line is taken once and in order, however it comes; behind a gap fresh lines are let go,
 *      and read back after what is missing.
 * JF2. What a write is told to reach is what was taken when it began, and it is begun from where
 *      the tables stood: whoever keeps both in one transaction counts nothing twice.
 * JF3. After a write that failed, and after a time in which somebody else may have written, nothing
 *      in memory counts: the tables are asked where they stand.
 * JF4. What gathers is bounded: over the bound, fresh lines are let go and read back later.
 * JF5. A shard whose tables are up to its last durable line is not read.
 * JF6. Who waits for a position is answered when the tables have it.
 * JF7. Rows that can't be written are a trouble of the system's health until they are.
 * JF8. After a failure nothing is tried for a while, unless somebody has it written now.
 */

import type { Batch } from '../engine/host.ts'
import { decode, type JournalRecord, type Line } from '../engine/record.ts'
import type { Place, Step } from '../sql/positions.ts'
import type { EngineRoom } from './engine-room.ts'

export type Read = { readonly line: Line; readonly record: JournalRecord }

type Reader = {
  /** Where the tables stand. What was gathered means nothing any more. */
  readonly positions: () => Promise<readonly Place[]>
  /**
   * A fresh line, with the state that its actor has now. Runs for each line of everybody: no
   * closures, no promises.
   */
  readonly take: (line: Line, record: JournalRecord, state: unknown) => void
  /** Lines of one shard in order, without states. At once where nothing has to be asked. */
  readonly takeRead: (shard: number, read: readonly Read[]) => Promise<void> | undefined
  /**
   * Writes all that was gathered when it is called (it takes that before it awaits anything), and
   * that the tables stand at the steps' ends. Says `again` when it wrote nothing, for everything
   * since the last position has to be taken anew.
   */
  readonly write: (steps: readonly Step[]) => Promise<'again' | undefined>
  /** How many things are gathered. */
  readonly gathered: () => number
  /** Also lines behind a gap, of which `take` may never hear. */
  readonly hear?: (line: Line, record: JournalRecord, state: unknown) => void
  /** Somebody else may have written; positions were asked for and everything up to now taken. */
  readonly returned?: () => Promise<void>
}

type FollowerOptions = {
  /** For the system's health. */
  readonly name: string
  readonly shards: number
  /** Only who holds the shards writes. Without it, everybody does. */
  readonly isOwner?: () => boolean
  readonly source: JournalSource
  readonly onError: (cause: unknown) => void
  readonly beatMs: number
  /** What nobody waits for gathers so long; given how long ago the last write began. */
  readonly gatherMs: number | ((sinceMs: number) => number)
  /** So much is written without waiting for that. */
  readonly gatherMax: number
  /** Positions are written so often when nothing else is; and no more often than `positionsMs`. */
  readonly saveMs?: number
  /** Zero, and without it: with each write. */
  readonly positionsMs?: number
  /** How many gathered things are too many to take fresh lines. */
  readonly pileMax: number
  readonly readAtOnce?: number
  /** After a failure nothing is tried for so long. */
  readonly retryMs?: number
}

export type JournalSource = {
  readonly lines: (shard: number, seq: number, limit: number) => Promise<readonly Line[]>
  /** The last durable line of a shard that we hold; undefined when nobody here knows. */
  readonly durable: (shard: number) => number | undefined
}

type Waiter = Place & { readonly resolve: (isThere: boolean) => void }

const usualSaveMs = 1_000
const usualReadAtOnce = 2_000
const usualRetryMs = 500

/** The engine's journal, as far as followers need it. */
export const journalOf = ({ engine }: Pick<EngineRoom, 'engine'>): JournalSource => ({
  lines: (shard, seq, limit) => engine.lines(shard, seq, limit),
  durable: shard => engine.host.shard(shard)?.durableSeq,
})

export class JournalFollower {
  readonly #options: FollowerOptions
  readonly #reader: Reader
  /** Per shard: the last line taken, heard of, and known to be in the tables. */
  readonly #taken: number[]
  readonly #heard: number[]
  readonly #saved: number[]
  readonly #behind = new Set<number>()
  #waiters: Waiter[] = []
  #wroteAt = 0
  #savedAt = 0
  #working: Promise<void> | null = null
  #timer: NodeJS.Timeout | undefined
  /** What is in memory means nothing (yet, or any more): positions are to be read. */
  #lost = true
  /** Somebody else may have written meanwhile. */
  #away = true
  #isFailing = false
  #triesFrom = 0
  #stopped = false

  constructor(options: FollowerOptions, reader: Reader) {
    this.#options = options
    this.#reader = reader
    this.#taken = new Array(options.shards).fill(0)
    this.#heard = new Array(options.shards).fill(0)
    this.#saved = new Array(options.shards).fill(0)
  }

  /** Resolves after the first look; who is not the owner then goes on looking. */
  start(): Promise<void> {
    this.#timer = setInterval(() => void this.beat(), this.#options.beatMs)
    return this.beat()
  }

  /** Everything that was durable is written; or read again later. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await this.#working
    if (!this.#lost && this.#isOwner) {
      this.#savedAt = Number.NEGATIVE_INFINITY
      await this.#write().catch(this.#options.onError)
    }
    for (const { resolve } of this.#waiters.splice(0)) resolve(false)
  }

  /** What was heard until now is written, if it is ours to write. */
  async flush(): Promise<void> {
    await this.#working
    this.#wroteAt = this.#savedAt = this.#triesFrom = Number.NEGATIVE_INFINITY
    await this.beat()
  }

  /** Looks into the journal again: somebody else may have written there. */
  lookAgain(): void {
    for (let shard = 0; shard < this.#options.shards; shard++) this.#fallBehind(shard)
  }

  /** Empties the tables; they are folded again from the first line. */
  async rebuild(empty: () => Promise<unknown>): Promise<void> {
    while (this.#working !== null) await this.#working
    const emptying = empty()
      .then(() => {})
      .finally(() => {
        this.#lost = true
        this.#working = null
      })
    this.#working = emptying
    await emptying
    await this.beat()
  }

  /** Lines that are durable and not yet in the tables. */
  lag(durable: Iterable<{ readonly index: number; readonly durableSeq: number }>): number {
    let lag = 0
    for (const { index, durableSeq } of durable) {
      lag += Math.max(0, durableSeq - this.#saved[index]!)
    }
    return lag
  }

  /** Lines that are durable and not yet taken. */
  untaken(durable: Iterable<{ readonly index: number; readonly durableSeq: number }>): number {
    let untaken = 0
    for (const { index, durableSeq } of durable) {
      untaken += Math.max(0, durableSeq - this.#taken[index]!)
    }
    return untaken
  }

  /** True when all that was heard of has been read and written. */
  get idle(): boolean {
    const isWriting = this.#working !== null || this.#reader.gathered() > 0
    return !this.#lost && !isWriting && this.#behind.size === 0
  }

  /** False after a time in which somebody else may have written, until that was read back. */
  get isCurrent(): boolean {
    return !this.#away
  }

  health(): { name: string; ok: boolean; ms: number; reason: string | null } {
    const { name } = this.#options
    const reason = this.#isFailing ? `rows of ${name} can not be written` : null
    return { name, ok: !this.#isFailing, ms: 0, reason }
  }

  /** Whether the tables have this line of the shard; waits for it as long as `timeoutMs`. */
  reached(shard: number, seq: number, timeoutMs: number): Promise<boolean> {
    if (this.#saved[shard]! >= seq) return Promise.resolve(true)
    return new Promise(resolve => {
      const timer = setTimeout(resolve, timeoutMs, false)
      const done = (isThere: boolean) => {
        clearTimeout(timer)
        resolve(isThere)
      }
      this.#waiters.push({ shard, seq, resolve: done })
      void this.beat()
    })
  }

  /** Everything that just became durable. Runs for each line: no closures, no promises. */
  feed({ piled }: Pick<Batch, 'piled'>): void {
    const reader = this.#reader
    for (let at = 0; at < piled.length; at++) {
      const { line, record, reply } = piled[at]!.outcome
      if (line === null || record === null) continue
      const { shard, seq } = line
      this.#heard[shard] = seq
      reader.hear?.(line, record, reply.state)
      if (this.#lost || this.#behind.has(shard)) continue
      if (seq !== this.#taken[shard]! + 1 || reader.gathered() >= this.#options.pileMax) {
        if (seq > this.#taken[shard]!) this.#behind.add(shard)
        continue
      }
      this.#taken[shard] = seq
      reader.take(line, record, reply.state)
    }
  }

  beat(): Promise<void> {
    this.#working ??= this.#work().finally(() => {
      this.#working = null
    })
    return this.#working
  }

  get #isOwner(): boolean {
    return this.#options.isOwner?.() ?? true
  }

  async #work(): Promise<void> {
    if (!this.#isOwner) {
      this.#lost = this.#away = true
      return
    }
    if (performance.now() < this.#triesFrom) return
    try {
      if (this.#lost) await this.#findPositions()
      if (this.#behind.size > 0) await this.#readBehind()
      if (this.#away) await this.#reader.returned?.()
      this.#away = false
      if (this.#isDue()) await this.#write()
      this.#isFailing = false
    } catch (cause) {
      this.#isFailing = this.#lost = true
      this.#triesFrom = performance.now() + (this.#options.retryMs ?? usualRetryMs)
      this.#options.onError(cause)
    }
  }

  #isDue(): boolean {
    const { gatherMs, gatherMax, saveMs = usualSaveMs } = this.#options
    const gathered = this.#reader.gathered()
    if (gathered >= gatherMax || this.#waiters.length > 0) return true
    const sinceMs = performance.now() - this.#wroteAt
    if (gathered === 0) return sinceMs >= saveMs
    return sinceMs >= (typeof gatherMs === 'number' ? gatherMs : gatherMs(sinceMs))
  }

  async #write(): Promise<void> {
    const began = performance.now()
    this.#wroteAt = began
    const isTime = began - this.#savedAt >= (this.#options.positionsMs ?? 0)
    const steps = isTime || this.#waiters.length > 0 ? this.#steps() : []
    if (steps.length === 0 && this.#reader.gathered() === 0) return this.#answerWaiters()
    if ((await this.#reader.write(steps)) === 'again') {
      this.#rewind()
      return
    }
    if (steps.length > 0) this.#savedAt = began
    for (const { shard, to } of steps) this.#saved[shard] = to
    this.#answerWaiters()
  }

  #steps(): Step[] {
    const steps: Step[] = []
    for (let shard = 0; shard < this.#taken.length; shard++) {
      const [from, to] = [this.#saved[shard]!, this.#taken[shard]!]
      if (to > from) steps.push({ shard, from, to })
    }
    return steps
  }

  #answerWaiters(): void {
    const waiters = this.#waiters
    this.#waiters = waiters.filter(one => this.#saved[one.shard]! < one.seq)
    for (const one of waiters) if (this.#saved[one.shard]! >= one.seq) one.resolve(true)
  }

  async #findPositions(): Promise<void> {
    const places = await this.#reader.positions()
    this.#saved.fill(0)
    for (const { shard, seq } of places) this.#saved[shard] = seq
    this.#rewind()
    this.#lost = false
  }

  /** To where the tables stand, to take what comes after that. */
  #rewind(): void {
    for (let shard = 0; shard < this.#options.shards; shard++) {
      this.#taken[shard] = this.#saved[shard]!
      this.#fallBehind(shard)
    }
  }

  #fallBehind(shard: number): void {
    const last = this.#options.source.durable(shard)
    if (last === undefined || last > this.#taken[shard]!) this.#behind.add(shard)
    else this.#behind.delete(shard)
  }

  async #readBehind(): Promise<void> {
    const { source, pileMax, readAtOnce = usualReadAtOnce } = this.#options
    for (const shard of [...this.#behind]) {
      for (;;) {
        if (this.#stopped) return
        if (this.#reader.gathered() >= Math.min(pileMax, readAtOnce)) await this.#write()
        const heard = this.#heard[shard]!
        const lines = await source.lines(shard, this.#taken[shard]!, readAtOnce)
        const read = lines.map(line => ({ line, record: decode(line.body) }))
        await this.#reader.takeRead(shard, read)
        this.#taken[shard] = lines.at(-1)?.seq ?? this.#taken[shard]!
        // A line that came by hand meanwhile was let go: read on until it is there.
        if (lines.length < readAtOnce && this.#taken[shard]! >= this.#heard[shard]!) {
          this.#behind.delete(shard)
          break
        }
        // What was heard before and is not there is looked for again at the next beat, not at once.
        if (lines.length === 0 && this.#taken[shard]! < heard) break
      }
    }
  }
}
