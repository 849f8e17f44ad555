/**
 * Asking a gateway how a deposit stands, whoever made us ask: its timer, a webhook, a person, its
 * owner who looks at it. Money moves by what the gateway says when asked, and by nothing else.
 *
 *   hint, look, person ─▶ in turn per deposit ─▶ their status ─▶ the actor ─▶ verdict in words
 *
 * GWG1. Of one deposit one question is under way at a time, and who comes meanwhile waits for one
 *       more, together with all others who came: however many ask, the gateway is asked twice.
 * GWG2. What the actor made of it is said in words: what came of it, or that it was known already.
 * GWG3. A deposit whose making was not answered exists after all when their answer names our
 *       reference: it is taken up as made for what was wished, and then judged like any other.
 */

import type { DepositCommand, Theirs, Via, Wish } from '../../../actors/deposit/deposit-contract.ts'
import { keyOf, shardOf } from '../../../engine/ids.ts'
import type { Standing } from './adapter.ts'
import { asDeposit, type KnownDeposit } from './intent-view.ts'
import { type StandingDeps, standingOf, statusOf } from './standing.ts'

type Turn = { readonly running: Promise<string>; next: Promise<string> | null }

export class Confirmations {
  readonly #deps: StandingDeps
  readonly #turns = new Map<string, Turn>()

  constructor(deps: StandingDeps) {
    this.#deps = deps
  }

  /** What came of it, in words; `theirId` where we were told one that we do not know. */
  check(intentId: string, via: Via, theirId?: string): Promise<string> {
    const turn = this.#turns.get(intentId)
    if (turn === undefined) return this.#begin(intentId, via, theirId)
    turn.next ??= turn.running.then(
      () => this.#begin(intentId, via, theirId),
      () => this.#begin(intentId, via, theirId),
    )
    return turn.next
  }

  /** Resolves when nothing is under way any more. */
  async rest(): Promise<void> {
    while (this.#turns.size > 0) {
      await Promise.allSettled([...this.#turns.values()].map(({ running }) => running))
    }
  }

  #begin(intentId: string, via: Via, theirId: string | undefined): Promise<string> {
    const running = this.#ask(intentId, via, theirId).finally(() => {
      if (this.#turns.get(intentId)?.running === running) this.#turns.delete(intentId)
    })
    this.#turns.set(intentId, { running, next: null })
    return running
  }

  async #ask(intentId: string, via: Via, theirId: string | undefined): Promise<string> {
    const state = await this.#stateOf(intentId)
    if (state === null) return 'unknown deposit'
    const { gateway, offer, theirs } = state.facts
    const id = theirs?.id ?? theirId
    if (id === undefined) return 'not made yet'
    const stands = await standingOf(this.#deps, { gateway, id, offer })
    if (stands === null) return 'not answered'
    // Which deposit of theirs it is we were told from outside.
    if (theirs === null && stands.reffId !== keyOf(intentId)) return 'named by no reference of ours'
    if (state.phase === 'asking') await this.#takeUp(intentId, { wish: state.facts, stands })
    return await this.#tell(intentId, statusOf(this.#deps, { state, stands, via }))
  }

  /** Made after all. They say no more than this when asked, so nobody is shown how to pay it. */
  async #takeUp(intentId: string, { wish, stands }: { wish: Wish; stands: Standing }) {
    const { id, amount, unique, fee, received } = stands
    const isAsWished = amount !== null && amount - unique === wish.amount
    // Whatever else stands there was paid, not agreed.
    const asked = isAsWished ? amount : wish.amount
    const reached = (isAsWished ? received : null) ?? asked - (fee ?? 0)
    const expiresAt = this.#deps.room.now()
    const sums = { amount: asked, fee: asked - reached, received: reached }
    const theirs: Theirs = { id, ...sums, expiresAt, pay: {} }
    await this.#send(intentId, { type: 'created', theirs })
  }

  async #tell(
    intentId: string,
    status: Extract<DepositCommand, { type: 'status' }>,
  ): Promise<string> {
    const reply = await this.#send(intentId, status)
    const { phase } = reply.state
    const isChanged = 'changed' in reply && reply.changed
    return isChanged ? `${status.theirs}: now ${phase}` : `${status.theirs}: nothing new, ${phase}`
  }

  #send(intentId: string, command: DepositCommand) {
    const { engine } = this.#deps.room
    const place = { shard: shardOf(intentId), key: keyOf(intentId), kind: 'deposit' }
    return engine.ask({ ...place, command })
  }

  async #stateOf(intentId: string): Promise<KnownDeposit | null> {
    const place = { shard: shardOf(intentId), key: keyOf(intentId), kind: 'deposit' }
    return asDeposit((await this.#deps.room.engine.ask(place)).state)
  }
}
