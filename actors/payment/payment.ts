/**
 * One payment to a merchant over QRIS, from its QR until what was paid stands in the merchant's
 * books and it is known whether the box was heard.
 *
 *   absent ──create──▶ pending ──pay──▶ paid ──refund──▶ paid ──…the whole──▶ refunded
 *      │                 ├──time over──▶ expired ──pay──▶ paid_late ──refund──▶ …
 *      │                 └──fail───────▶ failed ───pay──▶ paid_late (a contradiction, flagged)
 *      └──pay (printed QR: made and paid in one turn)──▶ paid
 *
 *   paid: acquirer ─▶ payable (gross), payable ─▶ qris_fee (fee);  a refund goes the opposite way
 *   sound: none yet ──box──▶ played | digest      ──box refused, none bound, 60 s──▶ silent
 *
 * QPA1. A reference is one payment of a merchant: the same request finds it, other facts are
 *       refused.
 * QPA2. Paid, its postings and the notice to the box are one record; gross is fee and net, to the
 *       rupiah.
 * QPA3. Whatever comes again changes nothing, however often and in whatever order.
 * QPA4. Another amount, merchant or terminal than agreed is never booked.
 * QPA5. Money that came is booked, also after the time was over or after word that it had failed;
 *       that is kept with it.
 * QPA6. An unpaid payment ends when its time is over, also after a restart.
 * QPA7. Word that it failed or expired does not undo what was paid.
 * QPA8. Refunds never go above the payment; our fee goes back in proportion, and all of it with the
 *       last rupiah.
 * QPA9. Each notice ends once, as played, digest or silent, within a minute: what comes later about
 *       it changes nothing, but for the box's first word on what was called silent only because
 *       nobody had said anything, and for word that its digest will never be told: that is silent,
 *       and the merchant sees it. Without a box it is silent at once, with the reason.
 * QPA10. A person may send the notice again, under a new message id, once the one before has ended.
 * QPA11. Another event that tells another time of payment, or another reference of the acquirer's,
 *       is the money of somebody else who paid the same QR: refused, so that a person sees it. A
 *       time that nobody told says nothing, nor does a reference that is ours.
 * QPA12. A person's refund is an order that the acquirer carries out: his word of the same amount
 *       confirms the oldest one that has none, and moves nothing. Any other is a refund of his own.
 * QPA13. The box is told when it was paid, so that what is old by then is counted and not spoken as
 *       new; also of one that came late. A time that can not be is not believed: before the QR was
 *       made, or of a printed one over a week ago, or yet to come. `behind` makes it our clock's.
 *       What was booked long after we heard of it is judged by when we heard, and no younger.
 * QPA14. What is booked counts for the day on which it is booked, in Jakarta, also where that day
 *       began after it was asked for.
 */

import { accept, actor, type Decision, refuse } from '../../engine/actor.ts'
import { assert } from '../../engine/assert.ts'
import type { ActorId, Millis } from '../../engine/ids.ts'
import type { Posting } from '../../engine/ledger.ts'
import { isRupiah, type Rupiah } from '../../engine/money.ts'
import { acquirer, payable, qrisFee } from '../chart.ts'
import { accountingDay } from '../settlement/calendar.ts'
import { feeOf, givenBack } from '../settlement/fee.ts'
import type {
  BookedPayment,
  Notice,
  Paid,
  Payment,
  PaymentEffect,
  PaymentEvent,
  PaymentFacts,
  PaymentState,
  Refund,
  Sound,
  SoundOutcome,
  TimeOfPay,
} from './payment-contract.ts'

/** Within this time it must be known whether the box was heard. */
export const proofMs = 60_000
/** A printed QR was there before every payment. */
const believedMs = 7 * 86_400_000
const noProof = 'no_proof'
/** Of Jakarta, from midnight to midnight. */
const books = { zone: 'Asia/Jakarta', cutOffMinute: 1_440 } as const
/** Far beyond what any box takes; what is above is no payment but a mistake. */
const refundsMax = 100
/** Of a refund that no person ordered: author and reason. */
const acquirerWord = 'acquirer'
type RefundWish = Omit<Refund, 'fee' | 'at' | 'confirmedBy'>

export const payment = actor<Payment>({
  name: 'payment',
  version: 1,
  initial: { phase: 'absent' },

  decide: {
    create(state, { type: _, ...facts }) {
      if (state.phase !== 'absent') {
        return isSame(state.facts, facts) ? accept() : refuse('DUPLICATE_REF')
      }
      if (!isAmount(facts.amount)) return refuse('AMOUNT_INVALID')
      return accept({ type: 'created', ...facts })
    },

    pay(state, command, context) {
      const { facts, merchant, terminal, amount } = command
      const known = state.phase === 'absent' ? facts : state.facts
      if (known === undefined) return refuse('NOT_FOUND')
      if (merchant !== known.merchant) return refuse('MERCHANT_MISMATCH')
      if (terminal !== null && terminal !== known.terminal) return refuse('MERCHANT_MISMATCH')
      if (amount !== known.amount) return refuse('AMOUNT_MISMATCH', { expected: known.amount })
      if (isBooked(state)) {
        const { eventId, paidAt } = state.paid
        if (isSamePay(state, command)) return accept()
        return refuse('PAID_AGAIN', { eventId, paidAt })
      }
      if (!isAmount(amount)) return refuse('AMOUNT_INVALID')
      const { type: _, plan, facts: __, merchant: ___, terminal: ____, ...told } = command
      const fee = feeOf(plan, amount)
      const day = dayIn(command, context.now)
      const late = lateness(state, context.now)
      const paid = { ...told, day, type: 'paid', fee, ...(late === null ? {} : { late }) } as const
      const made: PaymentEvent[] =
        state.phase === 'absent' ? [{ type: 'created', ...known }, paid] : [paid]
      return {
        accepted: [...made, ...silentAtOnce(command.notice)],
        postings: moves(
          ['gross', acquirer, payable(merchant, day), amount],
          ['fee', payable(merchant, day), qrisFee, fee],
        ),
      }
    },

    fail(state, { eventId, reason }) {
      if (state.phase === 'absent') return refuse('NOT_FOUND')
      if (isBooked(state)) return refuse('PAYMENT_FINAL')
      return state.phase === 'pending' ? accept({ type: 'failed', eventId, reason }) : accept()
    },

    expire(state, { type: _, ...why }, context) {
      if (state.phase === 'absent') return refuse('NOT_FOUND')
      if (isBooked(state)) return isTimer(why) ? accept() : refuse('PAYMENT_FINAL')
      if (state.phase !== 'pending') return accept()
      const isOver = state.facts.expiresAt !== null && state.facts.expiresAt <= context.now
      return isOver || !isTimer(why) ? accept({ type: 'expired', ...why }) : accept()
    },

    refund(state, command, { now }) {
      if (state.phase === 'absent') return refuse('NOT_FOUND')
      if (!isBooked(state)) return refuse('PAYMENT_UNPAID')
      const twin = state.refunds.find(one => one.refundId === command.refundId)
      if (twin === undefined) return givingBack(state, { ...command, day: dayIn(command, now) })
      return twin.amount === command.amount ? accept() : refuse('DUPLICATE_REF')
    },

    refundTold(state, { eventId, amount, day }, { now }) {
      if (state.phase === 'absent') return refuse('NOT_FOUND')
      if (!isBooked(state)) return refuse('PAYMENT_UNPAID')
      const { refunds } = state
      const twin = refunds.find(one => one.refundId === eventId || one.confirmedBy === eventId)
      if (twin !== undefined) return twin.amount === amount ? accept() : refuse('DUPLICATE_REF')
      const ordered = refunds.find(one => one.amount === amount && isUnconfirmed(one))
      if (ordered === undefined) {
        const theirs = { refundId: eventId, reason: acquirerWord, by: acquirerWord }
        return givingBack(state, { ...theirs, amount, day: dayIn({ day }, now) })
      }
      return accept({ type: 'refund_confirmed', refundId: ordered.refundId, eventId })
    },

    renotify(state, { type: _, by, ...notice }): Decision<Payment> {
      if (state.phase === 'absent') return refuse('NOT_FOUND')
      if (!isBooked(state)) return refuse('PAYMENT_UNPAID')
      if (state.sound.messageId === notice.messageId) return accept()
      if (state.sound.outcome === null) return accept()
      return accept({ type: 'renotified', notice, by }, ...silentAtOnce(notice))
    },

    noticed(state, { messageId, why }): Decision<Payment> {
      if (!isBooked(state) || !isAwaited(state.sound, messageId)) return accept()
      return why === null ? accept() : accept({ type: 'proved', messageId, outcome: 'silent', why })
    },

    prove(state, { messageId, outcome, why }): Decision<Payment> {
      if (!isBooked(state)) return refuse('NOT_FOUND')
      return isOpen(state.sound, messageId) || isUntold(state.sound, { messageId, outcome })
        ? accept({ type: 'proved', messageId, outcome, why })
        : accept()
    },

    proof_due(state, _, context) {
      if (!isBooked(state) || state.sound.outcome !== null) return accept()
      if (state.sound.since + proofMs > context.now) return accept()
      const { messageId } = state.sound
      return accept({ type: 'proved', messageId, outcome: 'silent', why: noProof })
    },
  },

  evolve: {
    created(state, { type: _, ...facts }, at) {
      assert(state.phase === 'absent', 'QPA1: a payment is made once')
      return { phase: 'pending', facts, createdAt: at, updatedAt: at }
    },
    paid(state, { type: _, notice, late, ...told }, at) {
      assert(state.phase !== 'absent' && !isBooked(state), 'QPA3: a payment is paid once')
      const { facts, createdAt } = state
      assert(told.amount === facts.amount, 'QPA4: what is booked is what was agreed')
      return {
        phase: late === undefined ? 'paid' : 'paid_late',
        facts,
        createdAt,
        updatedAt: at,
        paid: { ...told, late: late ?? null, bookedAt: at },
        sound: soundOf(notice, at),
        notices: 1,
        refunds: [],
      }
    },
    failed(state, { reason }, at) {
      assert(state.phase === 'pending', 'QPA7: only what is open fails')
      return { ...state, phase: 'failed', reason, updatedAt: at }
    },
    expired(state, _, at) {
      assert(state.phase === 'pending', 'QPA7: only what is open expires')
      return { ...state, phase: 'expired', updatedAt: at }
    },
    refunded(state, { type: _, whole, ...refund }, at) {
      assert(isBooked(state), 'QPA8: only what was paid is refunded')
      const refunds = [...state.refunds, { ...refund, at }]
      const after = { ...state, refunds, updatedAt: at }
      assert(refundedOf(after) <= state.paid.amount, 'QPA8: refunds stay below the payment')
      return whole ? { ...after, phase: 'refunded' } : after
    },
    refund_confirmed(state, { refundId, eventId }, at) {
      assert(isBooked(state), 'QPA12: only what was paid is refunded')
      const ordered = state.refunds.find(one => one.refundId === refundId)
      assert(ordered !== undefined, 'QPA12: what is confirmed was ordered')
      assert(isUnconfirmed(ordered), 'QPA12: an order is confirmed once')
      const refunds = state.refunds.map(one =>
        one === ordered ? { ...one, confirmedBy: eventId } : one,
      )
      return { ...state, refunds, updatedAt: at }
    },
    renotified(state, { notice }, at) {
      assert(isBooked(state), 'QPA10: only what was paid is said')
      assert(state.sound.outcome !== null, 'QPA10: the notice before has ended')
      const notices = state.notices + 1
      return { ...state, sound: soundOf(notice, at), notices, updatedAt: at }
    },
    proved(state, { messageId, outcome, why }, at) {
      assert(isBooked(state), 'QPA9: only what was paid is said')
      const isSetRight = isUntold(state.sound, { messageId, outcome })
      assert(isOpen(state.sound, messageId) || isSetRight, 'QPA9: a notice ends once')
      const sound: Sound = { ...state.sound, outcome, reason: why, endedAt: at }
      return { ...state, sound, updatedAt: at }
    },
  },

  react: {
    paid: (state, { notice, ...told }, at) => telling(state, notice, whenPaid(state, told, at)),
    renotified: (state, { notice }, at) => telling(state, notice, at),
  },

  // The box knows a message by its id: asking again changes nothing.
  resume: { notify: 'repeat' },

  timers(state) {
    if (state.phase === 'pending' && state.facts.expiresAt !== null) {
      return [{ at: state.facts.expiresAt, command: { type: 'expire' } }]
    }
    return isBooked(state) && state.sound.outcome === null
      ? [{ at: state.sound.since + proofMs, command: { type: 'proof_due' } }]
      : []
  },

  rest(state) {
    if (state.phase === 'pending') return 'machine'
    return isBooked(state) && state.sound.outcome === null ? 'machine' : 'final'
  },
})

export const isBooked = (state: PaymentState): state is BookedPayment => 'paid' in state

export const refundedOf = ({ refunds }: Pick<BookedPayment, 'refunds'>): Rupiah =>
  refunds.reduce((sum, { amount }) => sum + amount, 0)

function givingBack(state: BookedPayment, wish: RefundWish): Decision<Payment> {
  const { paid, facts, refunds } = state
  const { amount, day } = wish
  if (!isAmount(amount)) return refuse('AMOUNT_INVALID')
  const before = refundedOf(state)
  if (amount > paid.amount - before || refunds.length >= refundsMax) {
    return refuse('REFUND_LIMIT', { left: paid.amount - before })
  }
  const fee = givenBack(paid.fee, { of: paid.amount, before, amount })
  const whole = before + amount === paid.amount
  return {
    accepted: [{ ...wish, type: 'refunded', fee, whole }],
    postings: moves(
      ['refund', payable(facts.merchant, day), acquirer, amount],
      ['fee back', qrisFee, payable(facts.merchant, day), fee],
    ),
  }
}

/** The day of the books: it may have begun since this was asked for. */
function dayIn({ day }: { readonly day: string }, now: Millis): string {
  const today = accountingDay(now, books)
  return today > day ? today : day
}

/** A person ordered it, and the acquirer has not said yet that he did it. */
const isUnconfirmed = ({ reason, by, confirmedBy }: Refund): boolean =>
  confirmedBy === undefined && !(reason === acquirerWord && by === acquirerWord)

/** In what state the money found it, when it should have come before. */
function lateness(state: PaymentState, now: Millis): 'expired' | 'failed' | null {
  if (state.phase === 'expired' || state.phase === 'failed') return state.phase
  if (state.phase !== 'pending' || state.facts.expiresAt === null) return null
  return state.facts.expiresAt <= now ? 'expired' : null
}

type Told = TimeOfPay & Pick<Paid, 'acquirerRef'>

/** One event is one payment; so is one time, unless the acquirer calls them differently. */
function isSamePay({ paid, facts }: BookedPayment, told: Told): boolean {
  if (paid.eventId === told.eventId) return true
  const theirs = [paid, told].map(one => acquirersOwn(one.acquirerRef, facts))
  if (theirs.every(name => name !== null) && theirs[0] !== theirs[1]) return false
  return paid.paidAt === told.paidAt || paid.untold === true || told.untold === true
}

/** Null where he says what we called it, or nothing: that names the payment, not the money. */
const acquirersOwn = (name: string, { reference, qr }: PaymentFacts): string | null =>
  name === reference || qr.includes(name) ? null : name

const isTimer = (why: { readonly eventId?: string; readonly by?: string }): boolean =>
  why.eventId === undefined && why.by === undefined

const isAmount = (amount: number): boolean => isRupiah(amount) && amount > 0

const isAwaited = (sound: Sound, messageId: string): boolean =>
  sound.messageId === messageId && sound.outcome === null

/** How it ended may still be said: by anybody, or by the box, which nobody has heard yet. */
const isOpen = (sound: Sound, messageId: string): boolean =>
  isAwaited(sound, messageId) || (sound.messageId === messageId && sound.reason === noProof)

/** It was to be told in a digest, and the box was taken away before it said that it has that. */
const isUntold = (
  sound: Sound,
  said: { readonly messageId: string; readonly outcome: SoundOutcome },
): boolean =>
  sound.messageId === said.messageId && sound.outcome === 'digest' && said.outcome === 'silent'

/** The same wish; when it ends and how its QR is written may differ. */
function isSame(one: PaymentFacts, other: PaymentFacts): boolean {
  const { merchant, terminal, kind, amount, reference } = other
  return (
    one.merchant === merchant &&
    one.terminal === terminal &&
    one.kind === kind &&
    one.amount === amount &&
    one.reference === reference
  )
}

const soundOf = (notice: Notice, at: Millis): Sound => ({
  ...notice,
  since: at,
  outcome: null,
  reason: null,
  endedAt: null,
})

function silentAtOnce({ device, messageId, why }: Notice): readonly PaymentEvent[] {
  if (device !== null) return []
  return [{ type: 'proved', messageId, outcome: 'silent', why: why ?? 'no_device' }]
}

function telling(state: PaymentState, notice: Notice, at: Millis): readonly PaymentEffect[] {
  if (!isBooked(state) || notice.device === null) return []
  const { messageId, device, text, lang } = notice
  const { merchant, amount } = state.facts
  return [{ type: 'notify', target: 'boxes', device, merchant, messageId, amount, text, lang, at }]
}

/** When it was paid, if that can be; else when we heard of it. */
function whenPaid(state: PaymentState, told: TimeOfPay, at: Millis): Millis {
  if (!isBooked(state)) return at
  const { paidAt, behind = 0, heardAt = at } = told
  const { createdAt, facts } = state
  const isPrinted = facts.kind === 'static'
  const heard = isPrinted ? heardAt : Math.max(heardAt, createdAt)
  const since = isPrinted ? heard - believedMs : createdAt
  const ours = paidAt + behind
  return ours >= since && ours <= heard ? ours : heard
}

const moves = (
  ...rows: readonly (readonly [name: string, debit: ActorId, credit: ActorId, amount: Rupiah])[]
): readonly Posting[] =>
  rows.flatMap(([name, debit, credit, amount]) =>
    amount === 0 ? [] : [{ op: 'move', name, debit, credit, amount }],
  )
