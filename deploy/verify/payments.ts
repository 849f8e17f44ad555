/**
 * Payments to merchants: each booked once, for what was agreed, and given back for no more.
 *
 *   created ─▶ paid: acquirer ─▶ payable (gross), payable ─▶ qris_fee      refunded: the other way
 *
 * Z37. A payment stands under the key of its merchant and reference, in his shard; it is made once
 *      and paid once, for the amount it was made for; it expires or fails only unpaid.
 * Z38. Its postings are what its events say: gross and fee in, refund and fee back out; all refunds
 *      are together no more than the payment, nor is the fee that goes back; the acquirer's word
 *      confirms a refund that a person ordered, each once.
 * Z39. Each notice to a box ends once, and one without a box is silent; silence for want of any
 *      word is set right by the box's own, once; a digest that nobody will tell is silent.
 */

import { Booked, md5 } from './booked.ts'
import { type Body, type Entry, type Event, fingerprint, type Line, shardOf } from './chain.ts'
import type { Place, Problems } from './problems.ts'
import { kept } from './rows.ts'

export type Refund = {
  readonly id: string
  readonly day: string
  readonly amount: number
  readonly fee: number
  /** The line that booked it. */
  readonly seq: number
  /** A person wants it; else the acquirer did it of his own. */
  readonly isOrdered: boolean
  /** The acquirer's word that he carried it out. */
  readonly confirmedBy: string | null
  readonly at: number
  /** Why and by whom, as an md5. */
  readonly words: string
}

export class Payment {
  phase: 'absent' | 'pending' | 'expired' | 'failed' | 'paid' = 'absent'
  merchant = ''
  reference = ''
  amount = 0
  fee = 0
  refunded = 0
  feeBack = 0
  /** For which it counts; null: unpaid. */
  day: string | null = null
  late: string | null = null
  messageId: string | null = null
  sound: string | null = null
  createdAt = 0
  updatedAt = 0
  /** The line that booked it. */
  bookedSeq = 0
  refunds: readonly Refund[] = []
  /** The notice that has not ended yet; empty: none. */
  notice = ''
  hasBox = false
  /** Silent because nobody has said anything. */
  isUnheard = false
  /** What else was agreed, and what the acquirer told, as md5. */
  made = ''
  told = unpaid
  device: string | null = null
  soundReason: string | null = null
  readonly booked = new Booked()

  get isLive(): boolean {
    return this.phase === 'pending' || this.notice !== ''
  }
}

/** When, and by whom, before it is paid. */
const unpaid = md5('-', '-', '', '')

type About = {
  readonly line: Line
  readonly at: number
  readonly place: Place
  readonly problems: Problems
}

export function readPayment(payment: Payment, line: Line, body: Body, problems: Problems): void {
  const place = { shard: line.shard, seq: line.seq, actor: body.id }
  const { at } = body
  const wanted: string[] = []
  for (const event of body.e) {
    const isKnown = Object.hasOwn(readings, event.type)
    if (!isKnown) problems.add('payment.event', place, `there is no ${event.type} of a payment`)
    else wanted.push(...readings[event.type]!(payment, event, { line, at, place, problems }))
    if (event.type === 'created') payment.createdAt = body.at
    payment.updatedAt = body.at
    if (event.type === 'paid') {
      const { paidAt, payer, acquirerRef } = event
      payment.told = md5(paidAt, body.at, kept(payer), kept(acquirerRef))
    }
  }
  payment.booked.read(line, body, payment.merchant)
  compareMoney(wanted, body.p ?? [], { what: 'payment.money', place, problems })
}

export function compareMoney(
  wanted: readonly string[],
  entries: readonly Entry[],
  told: {
    readonly what: 'payment.money' | 'settlement.money' | 'number.money' | 'deposit.money'
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
  created(payment, { merchant, reference, amount, ...more }, { line, place, problems }) {
    if (payment.phase !== 'absent') problems.add('payment.event', place, 'made a second time')
    const isKey = line.key === fingerprint('payment', merchant, reference)
    if (!isKey || shardOf(merchant) !== line.shard) {
      problems.add('payment.key', place, `${reference} of ${merchant} is not here`)
    }
    payment.phase = 'pending'
    payment.merchant = merchant
    payment.reference = reference
    payment.amount = Number(amount)
    const { outlet, terminal, kind, qr, expiresAt, by } = more
    payment.made = md5(outlet, terminal, kind, kept(qr), expiresAt ?? '-', kept(by))
    return []
  },
  paid(payment, { amount, fee, day, notice, late }, about) {
    const { line, place, problems } = about
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
    payment.day = day
    payment.bookedSeq = line.seq
    if (late !== undefined) payment.late = late
    begin(payment, notice)
    const books = `payable:${payment.merchant}:${day}`
    return [...moved('acquirer', books, amount), ...moved(books, 'qris_fee', fee)]
  },
  expired: ended('expired'),
  failed: ended('failed'),
  refunded(payment, event, { line, at, place, problems }) {
    const { refundId, amount, fee, day, whole, reason, by } = event
    const refund = { id: refundId, day, amount: Number(amount), fee: Number(fee), seq: line.seq }
    const words = md5(kept(reason), kept(by))
    const isOrdered = reason !== 'acquirer' || by !== 'acquirer'
    payment.refunds = [...payment.refunds, { ...refund, isOrdered, confirmedBy: null, at, words }]
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
  refund_confirmed(payment, { refundId, eventId }, { place, problems }) {
    const ordered = payment.refunds.find(one => one.isOrdered && one.id === refundId)
    const isSpent = payment.refunds.some(one => one.confirmedBy === eventId)
    if (isSpent || ordered === undefined || ordered.confirmedBy !== null) {
      problems.add('payment.refund', place, `${eventId} confirms ${refundId}, which waits for none`)
    }
    payment.refunds = payment.refunds.map(one =>
      one === ordered ? { ...one, confirmedBy: eventId } : one,
    )
    return []
  },
  renotified(payment, { notice }, { place, problems }) {
    if (payment.notice !== '') {
      problems.add('payment.notice', place, `${payment.notice} has not ended`)
    }
    begin(payment, notice)
    return []
  },
  proved(payment, { messageId, outcome, why }, { place, problems }) {
    const isAwaited = payment.notice === messageId
    const isUntold = payment.sound === 'digest' && outcome === 'silent'
    if (!isAwaited && !((payment.isUnheard || isUntold) && payment.messageId === messageId)) {
      problems.add('payment.notice', place, `${messageId} ends, ${payment.notice} is awaited`)
    }
    if (!payment.hasBox && outcome !== 'silent') {
      problems.add('payment.notice', place, `${outcome} without a box`)
    }
    payment.notice = ''
    payment.sound = outcome
    payment.soundReason = kept(why)
    payment.isUnheard = isAwaited && why === 'no_proof'
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
  payment.messageId = payment.notice
  payment.sound = null
  payment.soundReason = ''
  payment.device = notice.device
  payment.isUnheard = false
  payment.hasBox = notice.device !== null
}
