/**
 * Many shards, one writer. The host works at its own pace: it decides commands as they come, lets
 * the outcomes pile up, and hands over the pile as one batch. Until the caller says that the batch
 * is durable the gate is shut: no reply, refusal, effect or push leaves. A batch that was lost,
 * nobody saw.
 *
 *   receive ─▶ (load) ─▶ turn ─▶ pile ──drain──▶ batch ──(journal)──▶ written ─▶ replies, effects
 *                                                           └────────▶ failed ─▶ shards are lost,
 *                                                                      read again, asked again
 *
 * Synchronous and free of I/O. The driver (production) and the world (simulation) carry what it
 * wants to read and has to write; neither changes what it decides.
 *
 * H1. At most two batches are in flight, the second behind the first: the journal takes it only
 *     if it took the first. They come back in that order, and after a failure both do before
 *     another leaves.
 * H2. Refusals and reads wait at the gate as well: they may reveal what is not yet durable.
 * H3. A failed write ends the shards in it: their memory has seen what the journal has not.
 * H4. Whoever asked from outside gets a fault that says whether anything can have happened; an
 *     answer to an effect is kept and delivered again after recovery.
 * H5. An actor that is not in memory is read, together with all others that are missing, in one
 *     question; its commands wait in their order meanwhile. An answer counts only for those who
 *     wait for it: one that nobody waits for any more may tell of a time before the actor was born.
 * H6. A violation stops its shard before anything of it is written; an actor that does it again
 *     and again, or that can't be read back, is put aside, and its neighbours go on.
 * H7. Everything is bounded: what waits, what lives, what is armed. Over the bound the answer is a
 *     fault at once; alarms of who is long gone are cleared away, whether or not one rings.
 * H8. Who ended before a shard was read back is not kept: whoever asks for it has it read.
 * H9. A lost shard waits for the writes that have it in them and for no others: under load there is
 *     always one under way, and it would wait for ever.
 */

import type { AnyActor } from './actor.ts'
import { Fault } from './assert.ts'
import type { Cell, CellImage } from './cell.ts'
import type { Key, Millis } from './ids.ts'
import type { AccountId, FloorOf } from './ledger.ts'
import { type Errand, Outbox } from './outbox.ts'
import type { Pace } from './pace.ts'
import type { Line } from './record.ts'
import {
  type AccountImage,
  type CheckpointImage,
  type Envelope,
  type Outcome,
  type Reply,
  Shard,
  type ShardImage,
} from './shard.ts'
import { Wheel } from './wheel.ts'

type Done = (reply: Reply | Fault) => void

/** Something that the journal must be asked before a turn can happen. */
export type Want = {
  readonly shard: number
  readonly key: Key
  readonly kind: string
  /** The actor itself is missing; false: only its wallet. */
  readonly cell: boolean
  readonly account: AccountId | undefined
}

export type Found = {
  readonly want: Want
  readonly snapshot: CellImage | undefined
  readonly lines: readonly Line[]
  readonly account: AccountImage | undefined
}

export type Batch = {
  readonly fence: ReadonlyMap<number, number>
  readonly lines: readonly Line[]
  readonly checkpoints: readonly CheckpointImage[]
  readonly piled: readonly Piled[]
}

type Piled = {
  readonly shard: Shard
  readonly asked: Asked
  readonly outcome: Outcome
}

/** An envelope and who waits for it; nobody waits for what the engine asks itself. */
type Asked = { readonly envelope: Envelope; readonly done: Done | null; readonly rings?: boolean }
/** Who waits for the answer to one question; whoever asks for the same actor joins them. */
type Parked = { readonly want: Want; readonly queue: Asked[] }

export type HostLimits = {
  /** Commands that may wait for a read or for the gate. */
  readonly waitingMax: number
  /** Living actors, in memory and asleep. */
  readonly openMax: number
  /** Actors in memory; above it the idle ones leave sooner. */
  readonly cellsMax: number
  /** Final actors kept for those who ask again at once; older ones are read from the journal. */
  readonly finalsMax: number
  /**
   * Records of a shard after which it writes a checkpoint, if few of its actors would have to be
   * written; after eight times as many in any case. A restart reads what came after.
   */
  readonly checkpointEvery: number
  /** Idle this long, an actor leaves memory at the next checkpoint. */
  readonly idleMs: Millis
}

export const usualLimits: HostLimits = {
  waitingMax: 50_000,
  openMax: 2_000_000,
  cellsMax: 250_000,
  finalsMax: 128,
  checkpointEvery: 512,
  idleMs: 60_000,
}

const poisonMax = 3
const checkpointsPerFlush = 2
/** One write holds so many actors, and one shard's more: all shards' would be too much for one. */
const cellsPerFlush = 4_096
const batchesMax = 2
const overdueRetryMs = 60_000
/** So many at a time; whoever has so many rung has more to ring. */
export const ringsMax = 1_000
/** Who rests is looked at so often; who works, at every batch. */
const roundMs = 50
const staleAlarmsMax = 100_000

export type HostOptions = {
  readonly actors: readonly AnyActor[]
  readonly floorOf: FloorOf
  readonly limitOf: (target: string) => number
  /** How fast effects may leave, where a counterpart counts. */
  readonly pace?: Pick<Pace, 'take'>
  readonly limits?: HostLimits
}

export class Host {
  readonly outbox: Outbox
  wheel = new Wheel()
  readonly stats = { turns: 0, records: 0, refusals: 0, faults: 0, violations: 0, passivated: 0 }
  /** The last violation in words, for the operator. */
  lastViolation: string | null = null
  readonly #kinds: ReadonlyMap<string, AnyActor>
  readonly #floorOf: FloorOf
  readonly #limits: HostLimits
  readonly #shards = new Map<number, Shard>()
  readonly #lost = new Set<number>()
  readonly #parked = new Map<string, Parked>()
  readonly #poison = new Map<string, number>()
  #parkedCount = 0
  #wants: Want[] = []
  #reading = false
  #pile: Piled[] = []
  readonly #inFlight: Batch[] = []
  /** One of those in flight has failed: what is behind it will too, and nothing must follow it. */
  #hasFailed = false
  #landed: Batch | null = null
  /** Open actors when they were counted, commands taken since, and whether a write came since. */
  #openKnown = 0
  #takenSince = 0
  #isCounted = false
  /** When the last look at all shards was over, and whether actors were too many then. */
  #roundAt = Number.NEGATIVE_INFINITY
  #isCrowded = false
  /** Answers to effects whose shard was lost: delivered again when it is back. */
  #again: Asked[] = []

  constructor(options: HostOptions) {
    this.#kinds = new Map(options.actors.map(actor => [actor.name, actor]))
    this.#floorOf = options.floorOf
    this.#limits = options.limits ?? usualLimits
    this.outbox = new Outbox(options.limitOf, options.pace)
  }

  // -- shards come and go --------------------------------------------------------------------

  /** Takes a recovered shard into service: owed effects are resumed, alarms are set. */
  adopt(image: ShardImage, now: Millis): void {
    const shard = new Shard(image, this.#kinds, this.#floorOf, now)
    if (this.#shards.has(image.shard)) {
      // An older life of it that never heard of its end.
      this.#lose(image.shard, new Fault('journal.fenced', { untouched: true }))
    }
    this.#shards.set(image.shard, shard)
    this.#openKnown += shard.open
    this.#lost.delete(image.shard)
    for (const [key, wakeAt] of shard.dormant) {
      if (wakeAt !== null) this.wheel.arm(image.shard, key, wakeAt)
    }
    for (const cell of shard.cells.values()) {
      if (shard.forget(cell)) continue
      this.#arm(shard, cell)
      for (const owed of cell.owed) this.outbox.push(this.#errand(shard, cell, owed, true))
    }
    const again = this.#again.filter(asked => asked.envelope.shard === image.shard)
    this.#again = this.#again.filter(asked => asked.envelope.shard !== image.shard)
    for (const asked of again) this.#take(asked, now)
  }

  /** Shards whose memory was dropped, to be read again; none that a write under way has in it. */
  lost(): number[] {
    const isBeingWritten = (shard: number) => this.#inFlight.some(({ fence }) => fence.has(shard))
    return [...this.#lost].filter(shard => !isBeingWritten(shard))
  }

  /** No shard is lost, nor waits for a write to be over before it can be read again. */
  get isWhole(): boolean {
    return this.#lost.size === 0
  }

  /** Gives up shards for good, as when another process owns them now. */
  release(shards: Iterable<number>): void {
    for (const index of shards) {
      this.#lose(index, new Fault('journal.fenced', { untouched: true }))
      this.#lost.delete(index)
      this.#again = this.#again.filter(asked => asked.envelope.shard !== index)
    }
  }

  /** Keys that a shard used before its checkpoint; `done` with the last of them. */
  learnKeys(index: number, epoch: number, keys: readonly Key[], done: boolean): void {
    const shard = this.#shards.get(index)
    if (shard === undefined || shard.epoch !== epoch) return
    for (const key of keys) shard.known.add(key)
    if (done) shard.known.complete = true
  }

  /** Shards that must still ask the journal about every new actor. */
  unlearned(): Shard[] {
    return [...this.#shards.values()].filter(shard => !shard.known.complete)
  }

  owns(shard: number): boolean {
    return this.#shards.has(shard)
  }

  shard(index: number): Shard | undefined {
    return this.#shards.get(index)
  }

  *shards(): Iterable<Shard> {
    yield* this.#shards.values()
  }

  // -- commands ------------------------------------------------------------------------------

  /**
   * Takes a command (or a read) in. `done` is called once: after the flush with the reply, or with
   * a `Fault`. Without `done` the command is the engine's own: an answer to an effect.
   */
  receive(envelope: Envelope, now: Millis, done: Done | null = null): void {
    const asked = { envelope, done }
    if (done !== null && this.#isFull()) {
      this.stats.faults++
      done(new Fault('engine.overloaded', { untouched: true }))
      return
    }
    this.#take(asked, now)
  }

  get waiting(): number {
    return this.#parkedCount + this.#pile.length
  }

  /** Commands whose outcome goes with the next batch. */
  get decided(): number {
    return this.#pile.length
  }

  get open(): number {
    let open = 0
    for (const shard of this.#shards.values()) open += shard.open
    return open
  }

  /** Living actors of one kind. */
  livingOf(kind: string): number {
    let living = 0
    for (const shard of this.#shards.values()) living += shard.livingOf(kind)
    return living
  }

  get ownerless(): number {
    let ownerless = 0
    for (const shard of this.#shards.values()) ownerless += shard.ownerless
    return ownerless
  }

  get cells(): number {
    let cells = 0
    for (const shard of this.#shards.values()) cells += shard.cells.size
    return cells
  }

  #isFull(): boolean {
    const { waitingMax, openMax } = this.#limits
    if (this.waiting >= waitingMax) return true
    // A command opens one actor at most: until it could be too many, nobody has to count.
    if (this.#openKnown + this.#takenSince >= openMax && !this.#isCounted) {
      this.#openKnown = this.open
      this.#takenSince = 0
      this.#isCounted = true
    }
    return this.#openKnown >= openMax
  }

  /** Final actors in the order in which they became so. */
  #finals: { readonly shard: Shard; readonly cell: Cell }[] = []
  #finalsFrom = 0

  #take(asked: Asked, now: Millis): void {
    const { envelope } = asked
    this.#takenSince++
    const shard = this.#shards.get(envelope.shard)
    if (shard === undefined) {
      const code = this.#lost.has(envelope.shard) ? 'shard.stopped' : 'journal.fenced'
      this.#turnAway(asked, new Fault(code, { untouched: true }))
      return
    }
    if (this.#parked.size > 0) {
      const parked = this.#parked.get(`${envelope.shard}.${envelope.key}`)
      if (parked !== undefined) {
        parked.queue.push(asked)
        this.#parkedCount++
        return
      }
    }
    const want = this.#missing(shard, envelope)
    if (want === null) {
      this.#run(shard, asked, now)
      return
    }
    this.#parked.set(`${envelope.shard}.${envelope.key}`, { want, queue: [asked] })
    this.#parkedCount++
    this.#wants.push(want)
  }

  #missing(shard: Shard, envelope: Envelope): Want | null {
    const { key, kind } = envelope
    const cell = shard.cells.get(key)
    const owner = cell?.owner ?? envelope.owner
    const account =
      owner === undefined || shard.isHouse(owner) || shard.accounts.has(owner) ? undefined : owner
    const isMissing = cell === undefined && !shard.isNew(key)
    if (!isMissing && account === undefined) return null
    return { shard: shard.index, key, kind, cell: isMissing, account }
  }

  /** What must be read now, all in one question; null when nothing or while one is under way. */
  wants(): readonly Want[] | null {
    if (this.#reading || this.#wants.length === 0) return null
    const wants = this.#wants
    this.#wants = []
    this.#reading = true
    return wants
  }

  /** The answer to `wants`. Whoever waited for it goes on. */
  found(answers: readonly Found[], now: Millis): void {
    this.#reading = false
    for (const answer of answers) {
      const { want, account } = answer
      if (!this.#isAwaited(want)) continue
      const shard = this.#shards.get(want.shard)
      if (shard?.isBehind(answer)) {
        this.#lose(want.shard, new Fault('journal.fenced', { untouched: true }))
        continue
      }
      const queue = this.#unpark(want)
      if (shard !== undefined) {
        if (want.account !== undefined) {
          shard.keepAccount(account ?? { id: want.account, seq: 0, balances: [0, 0, 0] })
        }
        const fault = want.cell ? this.#wake(shard, answer, now) : null
        if (fault !== null) {
          for (const asked of queue) this.#turnAway(asked, fault)
          continue
        }
      }
      for (const asked of queue) this.#take(asked, now)
    }
  }

  /** One that can't be read back sleeps on: nothing of its shard has moved, and its neighbours go on. */
  #wake(shard: Shard, { want, snapshot, lines }: Found, now: Millis): Fault | null {
    const { key, kind } = want
    const wakeAt = shard.dormant.get(key)
    try {
      shard.wake(kind, key, snapshot, lines).touchedAt = now
      return null
    } catch (cause) {
      shard.cells.delete(key)
      if (wakeAt !== undefined) shard.dormant.set(key, wakeAt)
      this.stats.violations++
      this.lastViolation = `${shard.index}.${key}: ${String(cause)}`
      return new Fault('shard.stopped', { untouched: true, cause })
    }
  }

  /** The question could not be asked: those who wait from outside are told, nothing happened. */
  notFound(wants: readonly Want[], now: Millis): void {
    this.#reading = false
    for (const want of wants) {
      if (!this.#isAwaited(want)) continue
      for (const asked of this.#unpark(want)) {
        if (asked.done !== null) {
          this.#turnAway(asked, new Fault('journal.unavailable', { untouched: true }))
        } else this.#take(asked, now)
      }
    }
  }

  /** A question of an earlier life of its shard may be answered long after: nobody waits for it. */
  #isAwaited(want: Want): boolean {
    return this.#parked.get(`${want.shard}.${want.key}`)?.want === want
  }

  #unpark(want: Want): Asked[] {
    const place = `${want.shard}.${want.key}`
    const queue = this.#parked.get(place)?.queue ?? []
    this.#parked.delete(place)
    this.#parkedCount -= queue.length
    return queue
  }

  #run(shard: Shard, asked: Asked, now: Millis): void {
    if (asked.rings) {
      this.#ring(shard, asked.envelope.key, now)
      return
    }
    const outcome = this.#attempt(shard, asked, () => shard.turn(asked.envelope, now))
    if (outcome !== null) this.#keep(shard, asked, outcome)
  }

  #keep(shard: Shard, asked: Asked, outcome: Outcome): void {
    this.stats.turns++
    this.#pile.push({ shard, asked, outcome })
    if (outcome.line !== null) {
      this.stats.records++
      this.#arm(shard, shard.cells.get(asked.envelope.key)!)
    } else if ('refused' in outcome.reply) this.stats.refusals++
  }

  /** A turn that may turn out to be a violation: then the shard's memory is not to be trusted. */
  #attempt<T>(shard: Shard, asked: Asked, turn: () => T): T | null {
    const { key } = asked.envelope
    if (this.#poison.size > 0 && (this.#poison.get(`${shard.index}.${key}`) ?? 0) >= poisonMax) {
      asked.done?.(new Fault('shard.stopped', { untouched: true }))
      return null
    }
    try {
      return turn()
    } catch (cause) {
      const place = `${shard.index}.${key}`
      this.stats.violations++
      this.lastViolation = `${place}: ${String(cause)}`
      this.#poison.set(place, (this.#poison.get(place) ?? 0) + 1)
      this.#lose(shard.index, new Fault('shard.stopped', { untouched: true, cause }))
      asked.done?.(new Fault('shard.stopped', { untouched: true, cause }))
      return null
    }
  }

  // -- the gate ------------------------------------------------------------------------------

  /**
   * The pile as one batch, to be written whole or not at all, and only when the one drained before
   * it was; null when there is nothing to do.
   */
  drain(now: Millis, options: { checkpointAll?: boolean } = {}): Batch | null {
    if (this.#hasFailed || this.#inFlight.length === batchesMax) return null
    const checkpoints = this.#checkpoints(now, options.checkpointAll ?? false)
    if (this.#pile.length === 0 && checkpoints.length === 0) return null
    const piled = this.#pile
    this.#pile = []
    const fence = new Map<number, number>()
    const lines: Line[] = []
    for (const { shard, outcome } of piled) {
      fence.set(shard.index, shard.epoch)
      if (outcome.line !== null) lines.push(outcome.line)
    }
    for (const { shard } of checkpoints) fence.set(shard, this.#shards.get(shard)!.epoch)
    const batch = { fence, lines, checkpoints, piled }
    this.#inFlight.push(batch)
    return batch
  }

  #checkpoints(now: Millis, all: boolean): CheckpointImage[] {
    const due: CheckpointImage[] = []
    let cells = 0
    const look = (shard: Shard): boolean => {
      const isAsked = all && shard.seq > shard.checkpointSeq
      if (isAsked || this.#isDue(shard, now)) {
        const image = shard.checkpoint(now)
        due.push(image)
        cells += image.cells.length
      }
      return cells >= cellsPerFlush || (!all && due.length >= checkpointsPerFlush)
    }
    for (const { shard } of this.#pile) if (look(shard)) return due
    if (!all && Math.abs(now - this.#roundAt) < roundMs) return due
    this.#isCrowded = !all && this.cells > this.#limits.cellsMax
    for (const shard of this.#shards.values()) if (look(shard)) return due
    this.#roundAt = now
    return due
  }

  #isDue(shard: Shard, now: Millis): boolean {
    const { checkpointEvery, idleMs, cellsMax } = this.#limits
    const fresh = shard.seq - shard.checkpointSeq
    if (fresh >= checkpointEvery && shard.unsaved * 4 <= fresh) return true
    if (fresh >= checkpointEvery * 8) return true
    const idle = now - shard.checkpointAt
    if (idle >= idleMs * 5 && (fresh > 0 || shard.cells.size > 0)) return true
    const isFat = shard.cells.size * this.#shards.size > cellsMax
    return this.#isCrowded && idle >= 1_000 && isFat
  }

  /**
   * The batch is durable, so the next may be drained, and be on its way before `written` tells
   * those who wait: the journal's time is dearer than theirs.
   */
  landed(batch: Batch): void {
    if (batch !== this.#inFlight[0] || this.#hasFailed) {
      throw new Error('only the first batch in flight can land')
    }
    this.#inFlight.shift()
    this.#landed = batch
  }

  /** Opens the gate for one batch: the caller has made it durable. */
  written(batch: Batch, now: Millis): void {
    if (batch === this.#inFlight[0]) this.landed(batch)
    if (batch !== this.#landed) throw new Error('only the batch that landed can be written')
    this.#landed = null
    for (const { shard, asked, outcome } of batch.piled) {
      const { line } = outcome
      if (line !== null) {
        shard.durableSeq = line.seq
        if (this.#shards.get(shard.index) === shard) this.#durable(shard, line.key, outcome)
      }
      asked.done?.(outcome.reply)
    }
    this.#forgetFinals()
    if (!this.#reading) for (const { shard } of batch.checkpoints) this.#passivate(shard, now)
    this.#isCounted = false
  }

  #durable(shard: Shard, key: Key, { owed }: Outcome): void {
    const cell = shard.cells.get(key)
    if (cell === undefined) return
    for (const one of owed) this.outbox.push(this.#errand(shard, cell, one, false))
    if (!cell.live) this.#finals.push({ shard, cell })
  }

  #forgetFinals(): void {
    while (this.#finals.length - this.#finalsFrom > this.#limits.finalsMax) {
      const { shard, cell } = this.#finals[this.#finalsFrom++]!
      const isAwaited = this.#parked.has(`${shard.index}.${cell.key}`)
      if (!isAwaited && shard.forget(cell)) this.stats.passivated++
    }
    if (this.#finalsFrom > this.#limits.finalsMax) {
      this.#finals = this.#finals.slice(this.#finalsFrom)
      this.#finalsFrom = 0
    }
  }

  /** The batch is not known to be durable. Its shards are lost; the rest of the pile goes on. */
  failed(batch: Batch, fault: Fault): void {
    if (batch !== this.#inFlight[0]) throw new Error('only the first batch in flight can fail')
    this.#inFlight.shift()
    this.#hasFailed = this.#inFlight.length > 0
    for (const shard of batch.fence.keys()) this.#lost.add(shard)
    for (const { asked } of batch.piled) this.#turnAway(asked, fault)
    const untouched = new Fault(fault.code, { untouched: true, cause: fault.cause })
    for (const shard of batch.fence.keys()) this.#lose(shard, untouched)
  }

  /** Drops a shard's memory and everything that stands on it. */
  #lose(index: number, fault: Fault): void {
    this.#shards.delete(index)
    this.#lost.add(index)
    this.outbox.drop(index)
    const pile = this.#pile
    this.#pile = pile.filter(piled => piled.shard.index !== index)
    for (const piled of pile) if (piled.shard.index === index) this.#turnAway(piled.asked, fault)
    this.#wants = this.#wants.filter(want => want.shard !== index)
    for (const [place, { want, queue }] of this.#parked) {
      if (want.shard !== index) continue
      this.#parked.delete(place)
      this.#parkedCount -= queue.length
      for (const asked of queue) this.#turnAway(asked, fault)
    }
  }

  #turnAway(asked: Asked, fault: Fault): void {
    this.stats.faults++
    if (asked.done !== null) asked.done(fault)
    // A timer rings again after recovery by itself; an answer from outside would be lost. Of a
    // shard that is somebody else's by now it is: the new owner asks in its own way.
    else if (asked.envelope.cause !== undefined && this.#lost.has(asked.envelope.shard)) {
      this.#again.push(asked)
    }
  }

  // -- time ----------------------------------------------------------------------------------

  /** Rings whoever is due, a bounded number at a time, so that other work is served between. */
  fire(now: Millis, limit = ringsMax): number {
    this.#trimWheel()
    const due = this.wheel.due(now, limit)
    for (const { shard: index, key } of due) {
      const shard = this.#shards.get(index)
      if (shard === undefined) continue
      const cell = shard.cells.get(key)
      if (cell !== undefined) this.#ring(shard, key, now)
      else if (shard.dormant.has(key)) this.#wakeToRing(shard, key, now)
    }
    return due.length
  }

  /** Alarms are never cancelled: when most of them are of actors long gone, begin a new wheel. */
  #trimWheel(): void {
    if (this.wheel.size < staleAlarmsMax + 4 * this.open) return
    this.wheel = new Wheel()
    for (const shard of this.#shards.values()) {
      for (const cell of shard.cells.values()) {
        cell.armedAt = Number.POSITIVE_INFINITY
        this.#arm(shard, cell)
      }
      for (const [key, wakeAt] of shard.dormant) {
        if (wakeAt !== null) this.wheel.arm(shard.index, key, wakeAt)
      }
    }
  }

  #wakeToRing(shard: Shard, key: Key, now: Millis): void {
    const envelope = { shard: shard.index, key, kind: '' }
    this.#take({ envelope, done: null, rings: true }, now)
  }

  #ring(shard: Shard, key: Key, now: Millis): void {
    const cell = shard.cells.get(key)
    if (cell === undefined) return
    cell.armedAt = Number.POSITIVE_INFINITY
    const base: Envelope = { shard: shard.index, key, kind: cell.actor.name }
    if (this.#missing(shard, base) !== null) {
      this.#take({ envelope: base, done: null, rings: true }, now)
      return
    }
    const asked: Asked = { envelope: base, done: null }
    const expired = this.#attempt(shard, asked, () => shard.expire(key, now))
    if (expired !== null) this.#keep(shard, asked, expired)

    for (let round = 0; round < 8 && this.#shards.get(shard.index) === shard; round++) {
      const timer = cell.actor.timers(cell.state).find(one => one.at <= now)
      if (timer === undefined) break
      const ask = { envelope: { ...base, command: timer.command }, done: null }
      const outcome = this.#attempt(shard, ask, () => shard.turn(ask.envelope, now))
      if (outcome === null) return
      this.#keep(shard, ask, outcome)
      if (outcome.line === null) {
        // A timer that changes nothing would ring for ever: look again later, not at once.
        cell.armedAt = now + overdueRetryMs
        this.wheel.arm(shard.index, key, cell.armedAt)
        return
      }
    }
    if (this.#shards.get(shard.index) === shard) this.#arm(shard, cell)
  }

  #arm(shard: Shard, cell: Cell): void {
    const at = cell.wakeAt()
    if (at >= cell.armedAt) return
    cell.armedAt = at
    this.wheel.arm(shard.index, cell.key, at)
  }

  // -- effects and sleep ---------------------------------------------------------------------

  #errand(shard: Shard, cell: Cell, owed: Cell['owed'][number], resumed: boolean): Errand {
    return {
      id: owed.id,
      effect: owed.effect,
      shard: shard.index,
      from: cell.id,
      kind: cell.actor.name,
      owner: cell.owner ?? '',
      resumed: resumed && cell.actor.resume[owed.effect.type] === 'inquire',
    }
  }

  #passivate(index: number, now: Millis): void {
    const shard = this.#shards.get(index)
    if (shard === undefined) return
    const crowded = this.cells > this.#limits.cellsMax
    const before = now - (crowded ? Math.min(1_000, this.#limits.idleMs) : this.#limits.idleMs)
    const parked = (cell: Cell) => !this.#parked.has(`${index}.${cell.key}`)
    this.stats.passivated += shard.passivate(before, parked)
  }
}
