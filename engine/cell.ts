/**
 * A cell is one living actor: its state, what it holds, which effects it still owes, and its place
 * in the journal. Synchronous and free of I/O: production and simulation drive the same code.
 *
 * C1. State changes only through `fold`, live and on replay alike.
 * C2. An effect is owed from the record that caused it until a record names it as its cause; that
 *     is the telling's cursor, and it is the same after any crash.
 * C3. A snapshot is invisible: snapshot plus the records after it equals all records from zero.
 */

import { type AnyActor, type AnyEffect, lift, type Rest, type State } from './actor.ts'
import { alike } from './alike.ts'
import { assert } from './assert.ts'
import type { ActorId, Key, Millis } from './ids.ts'
import { type AccountId, type Hold, type Holds, replayHold } from './ledger.ts'
import { type EffectId, effectId, type JournalRecord } from './record.ts'

/** An effect that was caused and is not yet answered. */
export type Owed = { readonly id: EffectId; readonly effect: AnyEffect }

export type CellImage = {
  readonly id: ActorId
  readonly key: Key
  readonly kind: string
  readonly version: number
  readonly seq: number
  readonly owner: AccountId | undefined
  readonly state: State
  readonly holds: readonly Hold[]
  readonly owed: readonly Owed[]
}

const nothing: readonly Owed[] = []

export class Cell {
  readonly actor: AnyActor
  readonly key: Key
  /** Empty until the first record: an actor that was only asked about has no id. */
  id: ActorId
  state: State
  /** The wallet that this actor works for, once a record has named it. */
  owner: AccountId | undefined
  /** Journal position of the last record. */
  seq = 0
  holds: Holds = []
  owed: readonly Owed[] = nothing
  /** Changed since the last checkpoint, and has a row in the snapshot table. */
  dirty = false
  snapshotted = false
  touchedAt: Millis = 0
  /** Earliest deadline that the wheel knows of. */
  armedAt: Millis = Number.POSITIVE_INFINITY
  live = false
  idle = false
  ownerless = false

  constructor(actor: AnyActor, key: Key) {
    this.actor = actor
    this.key = key
    this.id = ''
    this.state = actor.initial
  }

  static from(actor: AnyActor, image: CellImage): Cell {
    const cell = new Cell(actor, image.key)
    cell.id = image.id
    cell.state = image.state
    cell.seq = image.seq
    cell.owner = image.owner
    cell.holds = [...image.holds]
    cell.owed = image.owed
    cell.snapshotted = true
    return cell
  }

  image(): CellImage {
    return {
      id: this.id,
      key: this.key,
      kind: this.actor.name,
      version: this.actor.version,
      seq: this.seq,
      owner: this.owner,
      state: this.state,
      // A copy: this list is changed in place, and an image may be written later than it is taken.
      holds: [...this.holds],
      owed: this.owed,
    }
  }

  /** A record from the journal: like `fold`, and the holds with it. */
  replay(record: JournalRecord, seq: number): void {
    for (const entry of record.entries) replayHold(this.holds, entry)
    this.fold(record, seq)
  }

  /** After it was read back: what others have alike is shared with them. */
  lean(): void {
    const { owner, actor } = this
    if (owner !== undefined) this.owner = alike(owner)
    if (this.holds.length > 0) this.holds = this.holds.map(leanHold)
    if (actor.lean !== undefined) this.state = actor.lean(this.state)
  }

  get rest(): Rest {
    return this.actor.rest(this.state)
  }

  /** Earliest deadline of actor and holds; infinity when there is none. */
  wakeAt(): Millis {
    let at = Number.POSITIVE_INFINITY
    for (const timer of this.actor.timers(this.state)) if (timer.at < at) at = timer.at
    for (const hold of this.holds) {
      if (hold.expiresAt !== undefined && hold.expiresAt < at) at = hold.expiresAt
    }
    return at
  }

  /**
   * Folds one record into the state and returns the effects that it newly owes. Postings are the
   * shard's affair; the record's own order of events is the order of evolution.
   */
  fold(record: JournalRecord, seq: number): readonly Owed[] {
    assert(seq > this.seq, 'C1: records are folded in the order of the journal')
    if (this.id === '') this.id = record.id
    if (record.owner !== undefined) this.owner = record.owner
    assert(this.id === record.id, 'C1: a record is folded into its own actor')

    const { actor } = this
    let fresh: Owed[] | undefined
    for (const written of record.events) {
      const event =
        record.version === actor.version ? written : lift(actor, written, record.version)
      const evolve = actor.evolve[event.type]
      assert(evolve !== undefined, 'C1: every event of the journal has a row')
      this.state = evolve(this.state, event, record.at)
      actor.check?.(this.state)
      const effects = actor.react[event.type]?.(this.state, event, record.at)
      if (effects === undefined) continue
      for (const effect of effects) {
        fresh ??= []
        fresh.push({ id: effectId(record.id, seq, fresh.length), effect })
      }
    }
    this.seq = seq
    if (record.cause !== undefined) this.owed = without(this.owed, record.cause)
    if (fresh === undefined) return nothing
    // Not spread or pushed: such arrays keep room for sixteen more, a hundred thousand times.
    this.owed = this.owed.concat(fresh)
    return fresh
  }

  owes(effect: EffectId): boolean {
    return this.owed.some(owed => owed.id === effect)
  }
}

const leanHold = (hold: Hold): Hold => ({
  ...hold,
  debit: alike(hold.debit),
  credit: alike(hold.credit),
})

function without(owed: readonly Owed[], effect: EffectId): readonly Owed[] {
  if (owed.length === 1 && owed[0]!.id === effect) return nothing
  return owed.filter(one => one.id !== effect)
}
