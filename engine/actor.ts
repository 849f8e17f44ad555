/**
 * What an actor is: a handful of pure tables over plain values.
 *
 * Nothing here waits, reads a clock or rolls dice. Whatever the engine does around an actor
 * (journal, snapshot, crash, replay, simulate), the actor cannot tell the difference.
 *
 *   command ──decide──▶ events + postings + claims ──journal──▶ evolve ──▶ state ──▶ timers
 *                                                        └───── react ───▶ effects, when durable
 *
 * A business "no" is a value (refuse). The world's fault is a thrown `Fault`. Our own mistake is a
 * failed assert, which stops the shard before it writes.
 *
 * A1. A command or event without a row, and a row without one, do not compile.
 * A2. Old events are lifted one version at a time when they are read; the journal is never edited.
 */

import type { ActorId, Key, Millis } from './ids.ts'
import type { AccountId, Posting } from './ledger.ts'
import type { Rupiah } from './money.ts'

type Tagged = { readonly type: string }
type Case<Union extends Tagged, Type extends Union['type']> = Extract<Union, { type: Type }>

/** The types of one actor, bundled so that the rest of the program names them once. */
export type Contract = {
  state: { readonly phase: string }
  command: Tagged
  event: Tagged
  /** `target` names whoever is called; limits in flight are per target. */
  effect: Tagged & { readonly target: string }
  refusal: string
}

/** All that an actor may know about the world, handed to it for one turn. */
export type Context = {
  readonly now: Millis
  readonly id: ActorId
  /** Balance of an account less what is held on it; holds count at once. */
  available(account: AccountId): Rupiah
  /** What this actor holds under a name, in rupiah; undefined when nothing. */
  held(name: string): Rupiah | undefined
  /** Who holds a claim of this shard now; undefined when it is free. */
  holder(claim: string): Key | undefined
}

/** An exclusive word within a shard, kept until it is released or its time is over. */
export type Claim = readonly [word: string, until: Millis]

export type Accepted<C extends Contract> = {
  readonly accepted: readonly C['event'][]
  /** Linked: all of them happen or the turn is a violation. */
  readonly postings?: readonly Posting[]
  readonly claims?: readonly Claim[]
  readonly releases?: readonly string[]
}
type Refused<R extends string> = { readonly refused: R; readonly details?: unknown }
export type Decision<C extends Contract> = Accepted<C> | Refused<C['refusal']>

export type Timer<C extends Contract> = { readonly at: Millis; readonly command: C['command'] }

/**
 * How an effect goes on when the process died before its answer was recorded: `repeat` it (the
 * receiver is idempotent), or `inquire` first (it may have happened; doing it twice costs money).
 */
type Resume = 'repeat' | 'inquire'

/**
 * Who moves this actor next: nobody (final), a person, or the machine by timer or effect. Idle is
 * one that lasts and waits for nothing: it is kept, and is no work that is left to do.
 */
export type Rest = 'final' | 'person' | 'machine' | 'idle'

export type Actor<C extends Contract> = {
  readonly name: string
  /** Version of the event shapes below; raise it together with a row in `upcast`. */
  readonly version: number
  readonly initial: C['state']

  /** May this happen, and if so, what happened? A missing row does not compile. */
  readonly decide: {
    readonly [T in C['command']['type']]: (
      state: C['state'],
      command: Case<C['command'], T>,
      context: Context,
    ) => Decision<C>
  }

  /** It happened. What is true now? May assert, may not refuse. */
  readonly evolve: {
    readonly [T in C['event']['type']]: (
      state: C['state'],
      event: Case<C['event'], T>,
      at: Millis,
    ) => C['state']
  }

  /** It happened. Who must be told? After the flush, at least once: receivers deduplicate. */
  readonly react: {
    readonly [T in C['event']['type']]?: (
      state: C['state'],
      event: Case<C['event'], T>,
      at: Millis,
    ) => readonly C['effect'][]
  }

  readonly resume: { readonly [T in C['effect']['type']]: Resume }

  /** Which deadlines does this state hold? The engine arms and disarms by comparing. */
  readonly timers: (state: C['state']) => readonly Timer<C>[]

  readonly rest: (state: C['state']) => Rest

  /** There for good, as a device is: its rest may be idle, and then it has no timer. */
  readonly lasts?: true

  /** What must hold in every state? Checked after every event, in production too. */
  readonly check?: (state: C['state']) => void

  /** Row v lifts an event of version v to v + 1. Never edited once released. */
  readonly upcast?: { readonly [version: number]: (event: Tagged) => Tagged }

  /** The same state in less memory, once it was read back: where there are very many. */
  readonly lean?: (state: C['state']) => C['state']
}

/** Typechecks a definition against its contract and gives it back untouched. */
export function actor<C extends Contract>(definition: Actor<C>): Actor<C> {
  return definition
}

export const accept = <E>(...events: E[]): { accepted: E[] } => ({ accepted: events })

export const refuse = <R extends string>(code: R, details?: unknown): Refused<R> =>
  details === undefined ? { refused: code } : { refused: code, details }

/**
 * An actor whose contract the engine has forgotten: the tables are looked up by the value's tag.
 * `Actor` typed the tables where they were written; this is the one place where we look away.
 */
export type AnyActor = {
  readonly name: string
  readonly version: number
  readonly initial: State
  readonly decide: Readonly<
    Record<string, (state: State, command: Tagged, c: Context) => AnyDecision>
  >
  readonly evolve: Readonly<Record<string, (state: State, event: Tagged, at: Millis) => State>>
  readonly react: Readonly<
    Record<string, ((state: State, event: Tagged, at: Millis) => readonly AnyEffect[]) | undefined>
  >
  readonly resume: Readonly<Record<string, Resume>>
  readonly timers: (state: State) => readonly { readonly at: Millis; readonly command: Tagged }[]
  readonly rest: (state: State) => Rest
  readonly lasts?: true
  readonly check?: (state: State) => void
  readonly upcast?: { readonly [version: number]: (event: Tagged) => Tagged }
  readonly lean?: (state: State) => State
}
export type State = { readonly phase: string }
export type AnyCommand = Tagged
export type AnyEvent = Tagged
export type AnyEffect = Tagged & { readonly target: string }
export type AnyDecision =
  | (Omit<Accepted<Contract>, 'accepted'> & { readonly accepted: readonly Tagged[] })
  | Refused<string>

export const forget = <C extends Contract>(definition: Actor<C>): AnyActor =>
  definition as unknown as AnyActor

/** Lifts an event from the version that wrote it to the one that the actor speaks today. */
export function lift(definition: AnyActor, event: AnyEvent, version: number): AnyEvent {
  let lifted = event
  for (let v = version; v < definition.version; v++) {
    const row = definition.upcast?.[v]
    if (row) lifted = row(lifted)
  }
  return lifted
}
