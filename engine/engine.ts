/**
 * The host, kept going: real time, the real journal, and whoever carries out effects. It decides
 * nothing. Work is gathered per turn of the event loop; a second batch is sent behind the one in
 * flight where it is worth a flush, so that the journal need not wait for us; what else comes
 * meanwhile gathers.
 *
 *   starting ──acquire, recover──▶ serving ──fenced──▶ standing by ──holder gone──▶ starting
 *                                     └──write failed──▶ mending (the lost shards are read again)
 *                                                           └──journal was cut──▶ cut (for good)
 *
 * N1. While standing by, nothing is written and every question is turned away, retryable.
 * N2. A stop takes no new work, writes what is decided, checkpoints for a few seconds, and only
 *     then leaves. Who is about to close what carries out effects has none begun any more: what
 *     waits stays owed.
 * N3. An effect whose performer breaks down is handed out again later, as one that may have begun.
 * N4. Without writes nobody would hear of a takeover, or that the database is gone: whoever has
 *     not written for a while asks.
 * N5. Mending is over when no shard is lost, whatever is being written: under load there is always
 *     something under way, and until then alarms wait and nobody is sent here.
 * N6. For how long the journal has been silent is known while it hangs, and not only afterwards.
 * N7. A journal that ends before what was durable is an older copy: refused for good, and nothing
 *     is written to it.
 * N8. Which references were used before is read to its end: a read that fails is made again, or
 *     every new order would cost a question to the journal until the next start.
 * N9. A handful waits for the flush under way: a flush costs the journal and us the same, however
 *     little is in it.
 */

import { Fault } from './assert.ts'
import { Clock } from './clock.ts'
import { type Batch, Host, type HostOptions, ringsMax } from './host.ts'
import type { Key, Millis } from './ids.ts'
import type { Journal } from './journal.ts'
import type { Errand } from './outbox.ts'
import type { Line } from './record.ts'
import type { Envelope, Reply, Shard, ShardImage } from './shard.ts'

export type Performer = (errand: Errand) => Promise<Envelope | null>

export type EngineOptions = HostOptions & {
  readonly journal: Journal
  /** The machine's clock, and a stopwatch beside it. */
  readonly now: () => Millis
  readonly elapsed?: () => number
  /** Carries out effects; the command that it gives back answers the effect. */
  readonly perform: Performer
  /** Everything durable, in the order of the journal. */
  readonly onDurable: (batch: Batch) => void
  readonly onEvent?: (event: EngineEvent) => void
}

export type EngineEvent =
  | {
      readonly type: 'recovered'
      readonly shards: number
      readonly open: number
      readonly ms: Millis
    }
  | { readonly type: 'write_failed'; readonly fault: Fault }
  | { readonly type: 'standing_by' }
  | {
      readonly type: 'journal_cut'
      readonly shard: number
      readonly endsAt: number
      readonly endedAt: number
    }
  | { readonly type: 'violation'; readonly what: string }
  | { readonly type: 'performer_failed'; readonly target: string; readonly cause: unknown }

type EngineState =
  | 'starting'
  | 'serving'
  | 'mending'
  | 'standing_by'
  | 'cut'
  | 'stopping'
  | 'stopped'

const tickMs = 25
const retryMs = 250
const standbyMs = 1_000
const lookMs = 1_000
const performAgainMs = 5_000
const stopWaitMs = 5_000
/** A restart folds what is missing sooner than it would be written. */
const checkpointMs = 4_000
const keysAtOnce = 10_000
/** Fewer commands wait for the flush under way (N9); `bench/README.md` has what others cost. */
const worthAFlush = 32

export class Engine {
  readonly host: Host
  readonly clock: Clock
  state: EngineState = 'starting'
  /** Flushes done, lines written, and milliseconds spent waiting for them. */
  readonly flushes = { count: 0, lines: 0, ms: 0, lastMs: 0 }
  timerLagMs: Millis = 0
  recoveryMs: Millis = 0
  readonly #options: EngineOptions
  readonly #journal: Journal
  readonly #now: () => Millis
  #kicked = false
  #resting = false
  #writing = 0
  #ticker: NodeJS.Timeout | undefined
  #violations = 0
  /** When the journal last proved to be ours. */
  #heldAt: Millis = 0
  #looking = false
  /** Older keys are being read. */
  #learning = false
  /** Where each shard ended when it was last seen durable. */
  readonly #ends = new Map<number, number>()

  constructor(options: EngineOptions) {
    this.#options = options
    this.#journal = options.journal
    this.clock = new Clock(options.now, options.elapsed)
    this.#now = () => this.clock.now()
    this.host = new Host(options)
  }

  /** The shards are ours, also while a write that failed is mended. */
  get isOwner(): boolean {
    return this.state === 'serving' || this.state === 'mending'
  }

  /** For how long the journal has not answered; a second or so is a quiet hour's. */
  get silentMs(): Millis {
    return Math.max(0, this.#now() - this.#heldAt)
  }

  /** Takes the shards and reads them back. Resolves when the first command can be served. */
  async start(): Promise<void> {
    await this.#takeOver()
    this.#ticker = setInterval(() => this.#tick(), tickMs)
  }

  /** The reply once it is durable; rejects with a `Fault`. */
  ask(envelope: Envelope): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const fault = this.#turnedAway()
      if (fault !== null) {
        reject(fault)
        return
      }
      this.host.receive(envelope, this.#now(), reply => {
        if (reply instanceof Fault) reject(reply)
        else resolve(reply)
      })
      this.#kick()
    })
  }

  /** A command that nobody waits for, such as an answer to an effect. */
  tell(envelope: Envelope): void {
    if (this.state === 'stopped') return
    this.host.receive(envelope, this.#now())
    this.#kick()
  }

  /** Every line of one actor, oldest first; rejects with a `Fault` while it can't be read. */
  async history(shard: number, key: Key): Promise<readonly Line[]> {
    try {
      return await this.#journal.history(shard, key)
    } catch (cause) {
      throw this.#turnedAway() ?? new Fault('journal.unavailable', { untouched: true, cause })
    }
  }

  lines(shard: number, seq: number, limit: number): Promise<readonly Line[]> {
    return this.#journal.lines(shard, seq, limit)
  }

  /** No effect is begun from here on; what is said of those under way is still heard. */
  rest(): void {
    this.#resting = true
  }

  /** Leaves cleanly: what was decided is written, shards are checkpointed. */
  async stop(): Promise<void> {
    if (this.state === 'stopped') return
    const wasServing = this.isOwner
    this.state = 'stopping'
    clearInterval(this.#ticker)
    const until = this.#now() + stopWaitMs
    while (wasServing && this.#now() < until && (this.host.waiting > 0 || this.#writing > 0)) {
      this.#kick()
      await pause(5)
    }
    while (wasServing && this.#now() < until && this.host.outbox.inFlight > 0) await pause(10)
    while (this.#writing > 0) await pause(2)
    if (wasServing) await this.#checkpoint(this.#now() + checkpointMs)
    while (this.#writing > 0) await pause(2)
    this.state = 'stopped'
    await this.#journal.close()
  }

  /** All shards, a slice at a time; what is not done in time is folded by the next process. */
  async #checkpoint(until: Millis): Promise<void> {
    do {
      const slice = this.host.drain(this.#now(), { checkpointAll: true })
      if (slice !== null) await this.#write(slice)
      else if (this.#writing > 0) await pause(2)
      else return
    } while (this.#now() < until)
  }

  #turnedAway(): Fault | null {
    switch (this.state) {
      case 'serving':
      case 'mending':
        return null
      case 'starting':
      case 'standing_by':
        return new Fault('journal.fenced', { untouched: true })
      case 'cut':
        return new Fault('journal.unavailable', { untouched: false })
      case 'stopping':
      case 'stopped':
        return new Fault('engine.stopping', { untouched: true })
    }
  }

  // -- the loop ------------------------------------------------------------------------------

  #kick(): void {
    if (this.#kicked) return
    this.#kicked = true
    setImmediate(() => {
      this.#kicked = false
      this.#pump()
    })
  }

  #pump(): void {
    if (this.state === 'standing_by' || this.state === 'cut' || this.state === 'stopped') return
    this.#read()
    if (this.#writing === 0 || this.host.decided >= worthAFlush) this.#flush()
    const isLeaving = this.state === 'stopping' || this.#resting
    if (!isLeaving) this.host.outbox.drain(errand => this.#perform(errand))
    this.#noticeViolations()
  }

  #flush(): void {
    const batch = this.host.drain(this.#now())
    if (batch !== null) void this.#write(batch)
  }

  #read(): void {
    const wants = this.host.wants()
    if (wants === null) return
    this.#journal.load(wants).then(
      found => {
        this.host.found(found, this.#now())
        this.#pump()
      },
      () => {
        this.host.notFound(wants, this.#now())
        setTimeout(() => this.#kick(), retryMs)
      },
    )
  }

  async #write(batch: Batch): Promise<void> {
    this.#writing++
    const began = performance.now()
    const fault = await this.#journal.append(batch).then(
      () => null,
      cause =>
        cause instanceof Fault
          ? cause
          : new Fault('journal.unavailable', { untouched: false, cause }),
    )
    this.#writing--
    if (fault === null) {
      this.host.landed(batch)
      this.#flush()
      this.#written(batch, performance.now() - began)
    } else {
      this.host.failed(batch, fault)
      this.#options.onEvent?.({ type: 'write_failed', fault })
      if (this.state === 'serving') void this.#mend(fault)
    }
    this.#pump()
  }

  #written(batch: Batch, ms: Millis): void {
    this.flushes.count++
    this.flushes.lines += batch.lines.length
    this.flushes.ms += ms
    this.flushes.lastMs = ms
    this.#heldAt = this.#now()
    for (const { shard, seq } of batch.lines) this.#ends.set(shard, seq)
    this.host.written(batch, this.#now())
    this.#options.onDurable(batch)
  }

  #tick(): void {
    if (this.state !== 'serving') return
    const now = this.#now()
    this.timerLagMs = Math.max(0, now - this.host.wheel.next())
    const rung = this.host.fire(now)
    if (rung === ringsMax) setImmediate(() => this.#tick())
    this.#pump()
    // Also a clock that was set back must not keep us from asking.
    if (Math.abs(now - this.#heldAt) >= lookMs && !this.#looking) void this.#look()
  }

  async #look(): Promise<void> {
    this.#looking = true
    const isOurs = await this.#journal.holds().catch(() => false)
    this.#looking = false
    this.#heldAt = this.#now()
    if (!isOurs && this.state === 'serving') void this.#mend(null)
  }

  #perform(errand: Errand): void {
    const { target } = errand.effect
    let answered: Promise<Envelope | null>
    try {
      answered = this.#options.perform(errand)
    } catch (cause) {
      answered = Promise.reject(cause)
    }
    answered.then(
      answer => {
        this.host.outbox.done(target)
        if (answer === null) this.#pump()
        else this.tell(answer.cause === undefined ? { ...answer, cause: errand.id } : answer)
      },
      cause => {
        this.#options.onEvent?.({ type: 'performer_failed', target, cause })
        setTimeout(() => {
          this.host.outbox.done(target)
          if (this.host.owns(errand.shard)) this.host.outbox.push({ ...errand, resumed: true })
          this.#kick()
        }, performAgainMs)
      },
    )
  }

  #noticeViolations(): void {
    const { violations } = this.host.stats
    if (violations === this.#violations) return
    this.#violations = violations
    this.#options.onEvent?.({ type: 'violation', what: this.host.lastViolation ?? '' })
    if (this.state === 'serving') void this.#mend(null)
  }

  // -- taking shards and giving them up ------------------------------------------------------

  async #takeOver(): Promise<void> {
    const began = performance.now()
    const leases = await this.#journal.acquire()
    for await (const image of this.#journal.recover(leases)) {
      if (!this.#adopt(image)) return
    }
    if (this.state === 'stopping' || this.state === 'stopped') return
    this.#heldAt = this.#now()
    this.recoveryMs = Math.round(performance.now() - began)
    this.state = 'serving'
    const { open } = this.host
    const event = { type: 'recovered', shards: leases.length, open, ms: this.recoveryMs } as const
    this.#options.onEvent?.(event)
    this.#kick()
    void this.#learnKeys()
  }

  /** False: it ends before what was durable, and we are done. */
  #adopt(image: ShardImage): boolean {
    const { shard } = image
    const endsAt = image.tail.at(-1)?.seq ?? image.seq
    const endedAt = this.#ends.get(shard) ?? 0
    if (endsAt >= endedAt) {
      this.host.adopt(image, this.#now())
      this.clock.notBefore(this.host.shard(shard)?.at ?? 0)
      return true
    }
    this.state = 'cut'
    this.#releaseAll()
    this.#options.onEvent?.({ type: 'journal_cut', shard, endsAt, endedAt })
    return false
  }

  #releaseAll(): void {
    this.host.release([...this.host.shards()].map(shard => shard.index))
    this.host.release(this.host.lost())
  }

  /** Beside everything else: which references were used before the checkpoints. */
  async #learnKeys(): Promise<void> {
    if (this.#learning) return
    this.#learning = true
    while (this.isOwner) {
      const [shard] = this.host.unlearned()
      if (shard === undefined) break
      await this.#learnShard(shard)
    }
    this.#learning = false
  }

  /** To its end, whatever fails on the way, or until it is not ours as it was. */
  async #learnShard({ index, epoch }: Shard): Promise<void> {
    let after: Key = ''
    while (this.isOwner && this.host.shard(index)?.epoch === epoch) {
      const keys = await this.#journal.keys(index, after, keysAtOnce).catch(() => null)
      if (keys === null) {
        await pause(retryMs)
        continue
      }
      const done = keys.length < keysAtOnce
      after = keys.at(-1) ?? after
      this.host.learnKeys(index, epoch, keys, done)
      if (done) return
    }
  }

  /** Reads lost shards again until it works; finds out whether they are still ours. */
  async #mend(fault: Fault | null): Promise<void> {
    this.state = 'mending'
    for (;;) {
      try {
        if (!(await this.#journal.holds())) {
          this.#standBy()
          return
        }
        const lost = this.host.lost()
        if (lost.length > 0) {
          // The write may still be on its way: with a new epoch it can not land behind our back.
          const leases = await this.#journal.renew(lost)
          for await (const image of this.#journal.recover(leases)) {
            if (!this.#adopt(image)) return
          }
        }
        if (this.host.isWhole) break
      } catch (cause) {
        this.#options.onEvent?.({
          type: 'write_failed',
          fault: new Fault('journal.unavailable', { untouched: true, cause: cause ?? fault }),
        })
      }
      await pause(retryMs)
      if (this.state !== 'mending') return
    }
    if (this.state === 'mending') {
      this.#heldAt = this.#now()
      this.state = 'serving'
    }
    this.#kick()
    void this.#learnKeys()
  }

  #standBy(): void {
    this.state = 'standing_by'
    this.#releaseAll()
    this.#options.onEvent?.({ type: 'standing_by' })
    const watch = async (): Promise<void> => {
      if (this.state !== 'standing_by') return
      try {
        if (await this.#journal.holderIsGone()) {
          await this.#takeOver()
          return
        }
      } catch {
        // The database is away: nothing can be known now, so look again.
      }
      setTimeout(() => void watch(), standbyMs)
    }
    setTimeout(() => void watch(), standbyMs)
  }
}

const pause = (ms: Millis): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
