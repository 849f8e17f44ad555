/**
 * Payments to merchants: each booked once, for what was agreed, and given back for no more.
 *
 *   created ─▶ paid: acquirer ─▶ payable (gross), payable ─▶ qris_fee      refunded: the other way
 *
 * Z37. A payment stands under the key of its merchant and reference, in his shard; it is made once
 *      and paid once, for the amount it was made for; it expires or fails only unpaid.
 * Z38. Its postings are what its events say: gross and fee in, refund and fee back out; all refunds
 *      are together no more than the payment, nor is the fee that goes back.
 * Z39. Each notice to a box ends once, and one without a box is silent.
 */

import { type Body, type Entry, type Event, fingerprint, type Line, shardOf } from './chain.ts'
import type { Place, Problems } from './problems.ts'

export class Payment {
  phase: 'absent' | 'pending' | 'expired' | 'failed' | 'paid' = 'absent'
  merchant = ''
  amount = 0
  fee = 0
  refunded = 0
  feeBack = 0
  /** The notice that has not ended yet; empty: none. */
  notice = ''
  hasBox = false

  get isLive(): boolean {
    return this.phase === 'pending' || this.notice !== ''
  }
}

type About = { readonly line: Line; readonly place: Place; readonly problems: Problems }

export function readPayment(payment: Payment, line: Line, body: Body, problems: Problems): void {
  const place = { shard: line.shard, seq: line.seq, actor: body.id }
  const wanted: string[] = []
  for (const event of body.e) {
    const isKnown = Object.hasOwn(readings, event.type)
    if (!isKnown) problems.add('payment.event', place, `there is no ${event.type} of a payment`)
    else wanted.push(...readings[event.type]!(payment, event, { line, place, problems }))
  }
  compareMoney(wanted, body.p ?? [], { what: 'payment.money', place, problems })
}

export function compareMoney(
  wanted: readonly string[],
  entries: readonly Entry[],
  told: {
    readonly what: 'payment.money' | 'settlement.money'
    readonly place: Place
    readonly problems: Problems
  },
): void {
  const made = entries.map(([op, , debit, credit, rupiah]) => [op, debit, credit, rupiah].join(' '))
  if (wanted.join() === made.join()) return
  const text = `should be ${wanted.join(', ')}: is ${made.join(', ')}`
  told.problems.add(told.what, told.place, text)
}

export const moved = (debit: string, credit: string, rupiah: number): string[] =>
  rupiah === 0 ? [] : [`move ${debit} ${credit} ${rupiah}`]

/** Gives back the postings that the event wants. */
type Reading = (payment: Payment, event: Event, about: About) => readonly string[]

const readings: Readonly<Record<string, Reading>> = {
  created(payment, { merchant, reference, amount }, { line, place, problems }) {
    if (payment.phase !== 'absent') problems.add('payment.event', place, 'made a second time')
    const isKey = line.key === fingerprint('payment', merchant, reference)
    if (!isKey || shardOf(merchant) !== line.shard) {
      problems.add('payment.key', place, `${reference} of ${merchant} is not here`)
    }
    payment.phase = 'pending'
    payment.merchant = merchant
    payment.amount = Number(amount)
    return []
  },
  paid(payment, { amount, fee, day, notice, late }, about) {
    const { place, problems } = about
    if (payment.phase === 'absent' || payment.phase === 'paid') {
      problems.add('payment.event', place, `paid when it was ${payment.phase}`)
    }
    const isEnded = payment.phase === 'expired' || payment.phase === 'failed'
    if (isEnded && late !== payment.phase) {
      problems.add('payment.event', place, `paid after it ${payment.phase}, and it does not say so`)
    }
    if (amount !== payment.amount || !(fee >= 0 && fee <= amount)) {
      const text = `${amount} with ${fee} of fee was paid of ${payment.amount}`
      problems.add('payment.money', place, text)
    }
    payment.phase = 'paid'
    payment.fee = Number(fee)
    begin(payment, notice)
    const books = `payable:${payment.merchant}:${day}`
    return [...moved('acquirer', books, amount), ...moved(books, 'qris_fee', fee)]
  },
  expired: ended('expired'),
  failed: ended('failed'),
  refunded(payment, { amount, fee, day, whole }, { place, problems }) {
    payment.refunded += Number(amount)
    payment.feeBack += Number(fee)
    const isTooMuch = payment.refunded > payment.amount || payment.feeBack > payment.fee
    const isWhole = payment.refunded === payment.amount
    if (payment.phase !== 'paid' || isTooMuch || whole !== isWhole) {
      const text = `${payment.refunded} in all was given back of ${payment.amount}`
      problems.add('payment.refund', place, text)
    }
    if (isWhole && payment.feeBack !== payment.fee) {
      problems.add('payment.refund', place, 'all was given back, but not all of the fee')
    }
    const books = `payable:${payment.merchant}:${day}`
    return [...moved(books, 'acquirer', amount), ...moved('qris_fee', books, fee)]
  },
  renotified(payment, { notice }, { place, problems }) {
    if (payment.notice !== '') {
      problems.add('payment.notice', place, `${payment.notice} has not ended`)
    }
    begin(payment, notice)
    return []
  },
  proved(payment, { messageId, outcome }, { place, problems }) {
    if (payment.notice !== messageId) {
      problems.add('payment.notice', place, `${messageId} ends, ${payment.notice} is awaited`)
    }
    if (!payment.hasBox && outcome !== 'silent') {
      problems.add('payment.notice', place, `${outcome} without a box`)
    }
    payment.notice = ''
    return []
  },
}

function ended(phase: 'expired' | 'failed'): Reading {
  return (payment, _, { place, problems }) => {
    if (payment.phase !== 'pending') {
      problems.add('payment.event', place, `${phase} when it was ${payment.phase}`)
    }
    payment.phase = phase
    return []
  }
}

function begin(payment: Payment, notice: Event['notice']): void {
  payment.notice = String(notice.messageId)
  payment.hasBox = notice.device !== null
}
