/**
 * A supplier of numbers with nasty habits, and the truth about it. There is no reference of ours at
 * it: buying again buys another number. It buys and says nothing, refuses to take back too early,
 * sends codes early, late, twice, never and where we do not see them. It ends numbers by its own
 * clock, and now and then sends a code, and takes the money, after it has cancelled a number.
 *
 * NLB1. For one rental a number is bought once.
 */

import { assert } from '../../engine/assert.ts'
import type { Millis } from '../../engine/ids.ts'
import type { Prng } from '../../engine/sim/prng.ts'
import type { ActivationCommand, Rental, Terms } from '../activation/activation-contract.ts'

type Let = {
  readonly id: string
  /** Whose it is; the supplier itself does not know. */
  readonly rental: string
  readonly cost: number
  readonly boughtAt: Millis
  state: 'open' | 'coded' | 'finished' | 'cancelled'
  /** Whether it has kept our money. */
  isCharged: boolean
  readonly messages: { readonly print: string; readonly code: boolean }[]
}

const minute = 60_000

export class Landlord {
  readonly name: string
  readonly terms: Terms
  readonly provesAbsence: boolean
  readonly lets = new Map<string, Let>()
  readonly #prng: Prng
  readonly #odds: Odds
  readonly #later: (delayMs: Millis, run: () => void) => void
  readonly #bought = new Set<string>()

  constructor(name: string, prng: Prng, later: (delayMs: Millis, run: () => void) => void) {
    this.name = name
    this.#prng = prng
    this.#later = later
    this.#odds = drawOdds(prng)
    this.provesAbsence = prng.chance(0.6)
    this.terms = {
      cancelAfterMs: prng.pick([0, 2 * minute, 5 * minute]),
      lifeMs: prng.pick([8 * minute, 20 * minute]),
      resends: prng.chance(0.8),
      pollMs: 5_000,
    }
  }

  buy(rental: Rental, now: Millis): ActivationCommand {
    const key = `${rental.user} ${rental.ref}`
    assert(!this.#bought.has(key), 'NLB1: for one rental a number is bought once')
    this.#bought.add(key)
    if (this.#prng.chance(this.#odds.empty)) return { type: 'unbought', code: 'NO_NUMBERS' }
    if (this.#prng.chance(this.#odds.deaf)) return { type: 'doubtful', reply: 'timeout' }
    const id = `${this.name}-${this.lets.size + 1}`
    const cost = rental.cost + this.#prng.pick([0, 0, 100])
    const fresh = { state: 'open', isCharged: false, messages: [] } as const
    this.lets.set(id, { ...fresh, id, rental: key, cost, boughtAt: now, messages: [] })
    this.#live(id)
    if (this.#prng.chance(this.#odds.mute)) return { type: 'doubtful', reply: '<html>502' }
    return { type: 'bought', id, number: `62-${id}`, cost }
  }

  /** What its list of active numbers, or our balance there, gives away. */
  look(rental: Rental, last: boolean): ActivationCommand {
    if (this.#prng.chance(this.#odds.silence)) return { type: 'unfound' }
    const found = this.of(rental)
    if (found !== undefined) {
      return { type: 'bought', id: found.id, number: `62-${found.id}`, cost: found.cost }
    }
    return last && this.provesAbsence
      ? { type: 'unbought', code: 'NOT_FOUND_AFTER_DOUBT' }
      : { type: 'unfound' }
  }

  of({ user, ref }: Pick<Rental, 'user' | 'ref'>): Let | undefined {
    return [...this.lets.values()].find(one => one.rental === `${user} ${ref}`)
  }

  giveBack(id: string, now: Millis): ActivationCommand {
    const one = this.lets.get(id)!
    const isLost = this.#prng.chance(this.#odds.silence)
    const answer = (word: 'cancelled' | 'early' | 'received'): ActivationCommand => ({
      type: 'cancel_answered',
      answer: isLost ? 'unknown' : word,
    })
    if (one.state === 'cancelled') return answer('cancelled')
    if (one.state !== 'open') return answer('received')
    // Its clock is not quite ours.
    if (now < one.boughtAt + this.terms.cancelAfterMs + this.#prng.below(40_000)) {
      return answer('early')
    }
    this.#cancel(one)
    return answer('cancelled')
  }

  again(id: string): ActivationCommand {
    const one = this.lets.get(id)!
    const isLost = this.#prng.chance(this.#odds.silence)
    const isRefused = one.state !== 'coded' || this.#prng.chance(this.#odds.stingy)
    if (!isRefused) this.#later(this.#prng.below(4 * minute), () => this.#send(one, true))
    if (isLost) return { type: 'resent', ok: false }
    return isRefused ? { type: 'resent', ok: false, refused: true } : { type: 'resent', ok: true }
  }

  /** Nobody wants more of it; hears it, or does not. */
  finish(id: string): ActivationCommand {
    const one = this.lets.get(id)!
    if (one.state === 'coded' && !this.#prng.chance(this.#odds.silence)) one.state = 'finished'
    return { type: 'finish_answered' }
  }

  /** What polling hears: every message it ever had, and how it ended. */
  read(id: string): readonly ActivationCommand[] {
    const one = this.lets.get(id)!
    if (this.#odds.blind || this.#prng.chance(this.#odds.silence)) return []
    const { messages, state, isCharged } = one
    const words = messages.map(
      ({ print, code }): ActivationCommand => ({
        ...{ type: 'sms', sealed: `sealed ${print}`, print, code, charged: isCharged },
      }),
    )
    if (state === 'cancelled') return [...words, { type: 'ended_there', how: 'cancelled' }]
    return state === 'finished' ? [...words, { type: 'ended_there', how: 'finished' }] : words
  }

  /** A person there makes sure that it ends: with a code, or cancelled. */
  settle(id: string): Let {
    const one = this.lets.get(id)!
    if (one.state === 'open') this.#cancel(one)
    return one
  }

  /** All that happens to a number by itself. */
  #live(id: string): void {
    const one = this.lets.get(id)!
    const { lifeMs } = this.terms
    const prng = this.#prng
    this.#later(lifeMs + prng.below(30_000), () => {
      if (one.state === 'open') this.#cancel(one)
      else if (one.state === 'coded') one.state = 'finished'
    })
    if (prng.chance(this.#odds.noise)) this.#later(prng.below(lifeMs), () => this.#send(one, false))
    if (!prng.chance(this.#odds.code)) return
    const soon = prng.pick([1, minute, this.terms.cancelAfterMs + 1, lifeMs])
    this.#later(prng.below(soon), () => this.#send(one, true))
    if (prng.chance(0.3)) this.#later(prng.below(lifeMs), () => this.#send(one, true))
  }

  #send(one: Let, code: boolean): void {
    if (one.state === 'finished' || one.state === 'cancelled') return
    one.messages.push({ print: `${one.id}/${one.messages.length + 1}`, code })
    if (!code) return
    one.state = 'coded'
    one.isCharged = true
  }

  #cancel(one: Let): void {
    one.state = 'cancelled'
    if (!this.#prng.chance(this.#odds.late)) return
    this.#later(this.#prng.below(2 * minute), () => {
      one.messages.push({ print: `${one.id}/late`, code: true })
      one.isCharged = this.#prng.chance(0.5)
    })
  }
}

function drawOdds(prng: Prng) {
  const some = (share: number, most: number) => (prng.chance(share) ? prng.float() * most : 0)
  const blind = prng.chance(0.05)
  return {
    empty: some(0.3, 0.4),
    deaf: some(0.5, 0.4),
    mute: some(0.6, 0.5),
    silence: some(0.5, 0.6),
    stingy: some(0.3, 0.5),
    noise: some(0.4, 0.5),
    code: prng.pick([0.3, 0.7, 1]),
    late: blind ? 0 : some(0.3, 0.5),
    blind,
  }
}
type Odds = ReturnType<typeof drawOdds>
