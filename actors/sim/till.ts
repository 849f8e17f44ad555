/**
 * A payment gateway with nasty habits, and the truth about it: bills that it makes and does not
 * mention, payers who pay too little, too late and twice, money that it holds back for a while and
 * gives at once for a fee that it may forget to mention later, and answers that get lost.
 *
 * NLC1. For one wish one bill is asked for, and its money is drawn at once by one attempt.
 */

import { assert } from '../../engine/assert.ts'
import type { Millis } from '../../engine/ids.ts'
import type { Prng } from '../../engine/sim/prng.ts'
import type { DepositCommand, DepositEffect, Theirs, Via } from '../deposit/deposit-contract.ts'

type Effect<T extends DepositEffect['type']> = Extract<DepositEffect, { type: T }>
type Paying = { readonly id: string; readonly amount: number; readonly received: number }

type Bill = {
  readonly theirs: Theirs
  readonly payments: Paying[]
  state: 'pending' | 'processing' | 'success' | 'expired' | 'cancel'
  drawn: number
}

const minute = 60_000
export const instantFee = 1_000

export class Till {
  readonly name: string
  readonly bills = new Map<string, Bill>()
  /** Whether it tells payments apart, or says what all of them came to. */
  readonly names: boolean
  readonly counts: boolean
  /** It says the whole sum of what was drawn for a fee. */
  readonly forgets: boolean
  readonly #prng: Prng
  readonly #odds: Odds
  readonly #asked = new Set<string>()

  constructor(name: string, prng: Prng) {
    this.name = name
    this.#prng = prng
    this.names = prng.chance(0.5)
    this.counts = !this.names && prng.chance(0.6)
    this.forgets = !this.counts && prng.chance(0.5)
    this.#odds = drawOdds(prng)
  }

  ask({ wish, reffId }: Effect<'deposit_ask'>, now: Millis): DepositCommand {
    assert(!this.#asked.has(reffId), 'NLC1: for one wish one bill is asked for')
    this.#asked.add(reffId)
    if (this.#prng.chance(this.#odds.refuse)) return { type: 'uncreated', code: 'GATEWAY_REFUSED' }
    if (this.#prng.chance(this.#odds.mute)) return { type: 'doubtful', reply: 'timeout' }
    const fee = 350
    const theirs: Theirs = {
      ...{ id: `${this.name}-${this.bills.size + 1}`, amount: wish.amount, fee },
      ...{ received: wish.amount - fee, expiresAt: now + this.#odds.lifeMs },
      pay: { qr_string: reffId },
    }
    this.bills.set(theirs.id, { theirs, payments: [], state: 'pending', drawn: 0 })
    return { type: 'created', theirs }
  }

  /** Somebody pays: mostly what was asked. */
  pay(id: string): void {
    const bill = this.bills.get(id)!
    const { theirs, payments } = bill
    const isWrong = !this.forgets && this.#prng.chance(this.#odds.wrong)
    const wrong = isWrong ? this.#prng.pick([-1, 1]) : 0
    const amount = theirs.amount + wrong
    payments.push({ id: `${id}/${payments.length + 1}`, amount, received: amount - theirs.fee })
    if (bill.state === 'success') return
    bill.state = this.#prng.chance(this.#odds.slow) ? 'processing' : 'success'
  }

  settle(id: string): void {
    const bill = this.bills.get(id)!
    if (bill.state === 'processing') bill.state = 'success'
  }

  expire(id: string, now: Millis): void {
    const bill = this.bills.get(id)!
    if (bill.state === 'pending' && bill.theirs.expiresAt <= now) bill.state = 'expired'
  }

  drop(id: string): DepositCommand {
    const bill = this.bills.get(id)!
    const isLost = this.#prng.chance(this.#odds.silence)
    if (bill.state === 'pending') bill.state = 'cancel'
    const answer = bill.state === 'cancel' ? 'cancelled' : 'refused'
    return { type: 'cancel_answered', answer: isLost ? 'unknown' : answer }
  }

  /** `resumed`: it may have been drawn before, so it is only looked at. */
  draw(id: string, resumed: boolean): DepositCommand {
    const bill = this.bills.get(id)!
    const done = (): DepositCommand => ({
      ...{ type: 'instant_answered', outcome: 'done' },
      received: this.receivedOf(bill, bill.payments[0]!),
      ...(this.names ? { payment: bill.payments[0]!.id } : {}),
    })
    if (resumed) return bill.drawn > 0 ? done() : { type: 'instant_answered', outcome: 'unknown' }
    assert(bill.drawn === 0, 'NLC1: it is drawn once')
    if (bill.state !== 'processing' || this.#prng.chance(this.#odds.refuse)) {
      return { type: 'instant_answered', outcome: 'refused' }
    }
    bill.drawn++
    bill.state = 'success'
    return this.#prng.chance(this.#odds.hoarse)
      ? { type: 'instant_answered', outcome: 'unknown' }
      : done()
  }

  /** How it stands: of all payments, or of the first unless another is meant. */
  status(id: string, via: Via, n = 0): DepositCommand {
    const bill = this.bills.get(id)!
    const none = { amount: null, fee: null, received: null, via }
    if (via !== 'manual' && this.#prng.chance(this.#odds.silence)) return { type: 'unheard' }
    const payment = bill.payments[n]
    if (bill.state !== 'success' || payment === undefined) {
      return { type: 'status', theirs: bill.state, ...none }
    }
    if (this.counts) {
      const amount = sum(bill.payments, one => one.amount)
      const received = sum(bill.payments, one => this.receivedOf(bill, one))
      return { ...{ type: 'status', theirs: 'success', isTotal: true }, ...none, amount, received }
    }
    const { amount } = payment
    const isWhole = this.forgets && via !== 'manual'
    const received = isWhole ? payment.received : this.receivedOf(bill, payment)
    const named = this.names || via === 'manual' ? { payment: payment.id } : {}
    return { type: 'status', theirs: 'success', amount, fee: null, received, via, ...named }
  }

  /** What reaches us of a payment: the first one may have been drawn. */
  receivedOf({ drawn, payments }: Bill, payment: Paying): number {
    const isDrawn = drawn > 0 && payments[0] === payment
    return isDrawn ? payment.received - instantFee : payment.received
  }
}

const sum = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((total, one) => total + of(one), 0)

function drawOdds(prng: Prng) {
  const some = (share: number, most: number) => (prng.chance(share) ? prng.float() * most : 0)
  return {
    refuse: some(0.3, 0.3),
    mute: some(0.3, 0.3),
    silence: some(0.5, 0.5),
    wrong: some(0.4, 0.4),
    slow: some(0.8, 1.2),
    hoarse: some(0.6, 1),
    lifeMs: prng.pick([5 * minute, 20 * minute]),
  }
}
type Odds = ReturnType<typeof drawOdds>
