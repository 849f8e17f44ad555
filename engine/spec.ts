/**
 * Reads like the sentence it tests: given what happened, when someone asks, then what follows.
 *
 *   given(placed, 60_000, reported).when(recheck, 120_000).happens(rechecked).thenOwes('check')
 *
 * A number among the events is the time from there on. Nothing is mocked, for nothing needs it: the
 * history is folded by a real cell.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import {
  type Accepted,
  type Actor,
  type AnyEffect,
  type AnyEvent,
  type Claim,
  type Contract,
  type Decision,
  forget,
  type Rest,
  type Timer,
} from './actor.ts'
import { Cell } from './cell.ts'
import { type ActorId, type Key, keyOf, type Millis } from './ids.ts'
import type { AccountId, Posting } from './ledger.ts'
import type { Rupiah } from './money.ts'

/** What the world around the actor is like. */
type Circumstances = {
  readonly id: ActorId
  readonly available: Readonly<Record<AccountId, Rupiah>>
  readonly held: Readonly<Record<string, Rupiah>>
  readonly holders: Readonly<Record<string, Key>>
}

type Happened<C extends Contract> = C['event'] | Millis

const nowhere: Circumstances = {
  id: '00000000-0000-7000-8000-000000000001',
  available: {},
  held: {},
  holders: {},
}

export function spec<C extends Contract>(actor: Actor<C>, usual: Partial<Circumstances> = {}) {
  return (...history: readonly Happened<C>[]) => new Given(actor, { ...nowhere, ...usual }, history)
}

class Given<C extends Contract> {
  readonly #actor: Actor<C>
  readonly #circumstances: Circumstances
  readonly #history: readonly Happened<C>[]

  constructor(actor: Actor<C>, circumstances: Circumstances, history: readonly Happened<C>[]) {
    this.#actor = actor
    this.#circumstances = circumstances
    this.#history = history
  }

  /** The same history in another world. */
  where(circumstances: Partial<Circumstances>): Given<C> {
    return new Given(this.#actor, { ...this.#circumstances, ...circumstances }, this.#history)
  }

  /** What is true after all that: phase, deadlines, and who moves next. */
  is(phase: C['state']['phase'], rest?: Rest, ...timers: readonly Timer<C>[]): this {
    const { cell } = this.#fold()
    const state: C['state'] = cell.state
    equal(state.phase, phase)
    if (rest !== undefined) equal(cell.rest, rest)
    if (rest !== undefined) deepEqual(this.#actor.timers(state), timers)
    return this
  }

  get state(): C['state'] {
    return this.#fold().cell.state
  }

  when(command: C['command'], at?: Millis): Then<C> {
    const { cell, clock } = this.#fold()
    const now = at ?? clock
    const { id, available, held, holders } = this.#circumstances
    const decide = forget(this.#actor).decide[command.type]
    ok(decide, `${command.type} has a row`)
    const decision = decide(cell.state, command, {
      now,
      id,
      available: account => available[account] ?? 0,
      held: name => held[name],
      holder: claim => holders[claim],
    }) as Decision<C>
    return new Then(cell, decision, { now, fold: this.#folder(cell) })
  }

  #fold(): { cell: Cell; clock: Millis } {
    const cell = new Cell(forget(this.#actor), keyOf(this.#circumstances.id))
    const fold = this.#folder(cell)
    let clock: Millis = 0
    for (const happened of this.#history) {
      if (typeof happened === 'number') clock = happened
      else fold([happened], clock)
    }
    return { cell, clock }
  }

  #folder(cell: Cell) {
    return (events: readonly AnyEvent[], at: Millis): readonly AnyEffect[] => {
      const { id } = this.#circumstances
      const record = { kind: this.#actor.name, version: this.#actor.version, id, born: false, at }
      const rest = { command: 'it', events, entries: [], claims: [], releases: [] }
      return cell.fold({ ...record, ...rest }, cell.seq + 1).map(owed => owed.effect)
    }
  }
}

class Then<C extends Contract> {
  readonly #cell: Cell
  readonly #decision: Decision<C>
  readonly #effects: readonly AnyEffect[]

  constructor(
    cell: Cell,
    decision: Decision<C>,
    {
      now,
      fold,
    }: { now: Millis; fold: (events: readonly AnyEvent[], at: Millis) => readonly AnyEffect[] },
  ) {
    this.#cell = cell
    this.#decision = decision
    this.#effects = 'accepted' in decision ? fold(decision.accepted, now) : []
  }

  /** Exactly these events, in this order. */
  happens(...events: readonly C['event'][]): this {
    deepEqual(this.#accepted().accepted, events)
    return this
  }

  /** Events of these types, whatever else they say. */
  happensIn(...types: readonly C['event']['type'][]): this {
    deepEqual(
      this.#accepted().accepted.map(event => event.type),
      types,
    )
    return this
  }

  thenNothing(): this {
    deepEqual(this.#decision, { accepted: [] })
    return this
  }

  thenRefused(code: C['refusal'], details?: unknown): this {
    const { refused, details: known } = this.#decision as { refused: string; details?: unknown }
    equal(refused, code)
    if (details !== undefined) deepEqual(known, details)
    return this
  }

  thenPosts(...postings: readonly Posting[]): this {
    deepEqual(this.#accepted().postings ?? [], postings)
    return this
  }

  thenClaims(...claims: readonly Claim[]): this {
    deepEqual(this.#accepted().claims ?? [], claims)
    return this
  }

  thenReleases(...words: readonly string[]): this {
    deepEqual(this.#accepted().releases ?? [], words)
    return this
  }

  /** Effects of these types, in this order. */
  thenOwes(...types: readonly C['effect']['type'][]): this {
    deepEqual(
      this.#effects.map(effect => effect.type),
      types,
    )
    return this
  }

  thenIs(phase: C['state']['phase'], rest?: Rest): this {
    equal(this.#cell.state.phase, phase)
    if (rest !== undefined) equal(this.#cell.rest, rest)
    return this
  }

  #accepted(): Accepted<C> {
    ok('accepted' in this.#decision, JSON.stringify(this.#decision))
    return this.#decision
  }
}
