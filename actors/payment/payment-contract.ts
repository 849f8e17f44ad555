/** The words of a payment: what it can be, be told, have happen to it, and ask of others. */

import type { ActorId, Millis } from '../../engine/ids.ts'
import type { Rupiah } from '../../engine/money.ts'
import type { FeePlan } from '../settlement/fee.ts'

export type PaymentKind = 'dynamic' | 'static'

/** What was agreed when the payment was made; of a printed QR, when it was paid. */
export type PaymentFacts = {
  readonly merchant: ActorId
  readonly outlet: ActorId
  readonly terminal: ActorId
  readonly kind: PaymentKind
  readonly amount: Rupiah
  readonly reference: string
  /** What payers scan; empty for a printed one, which is the terminal's. */
  readonly qr: string
  /** Null: it was paid the moment it was made. */
  readonly expiresAt: Millis | null
  readonly by: string
}

/** What the box shall say. `why`: there is no box, and this is the reason. */
export type Notice = {
  readonly messageId: string
  readonly device: ActorId | null
  readonly text: string
  readonly lang: string
  readonly why?: string
}

/** How it ended that a payment was to be heard. */
export type SoundOutcome = 'played' | 'digest' | 'silent'

export type Sound = Notice & {
  readonly since: Millis
  readonly outcome: SoundOutcome | null
  /** Of a silent one: why; of the others, what the box said. */
  readonly reason: string | null
  readonly endedAt: Millis | null
}

export type Refund = {
  readonly refundId: string
  readonly amount: Rupiah
  /** What of our fee went back with it. */
  readonly fee: Rupiah
  readonly day: string
  readonly reason: string
  readonly by: string
  readonly at: Millis
  /** The acquirer's word that he carried out what a person had ordered. */
  readonly confirmedBy?: string
}

/** When it was paid, and who said so. */
export type TimeOfPay = {
  readonly eventId: string
  readonly paidAt: Millis
  /** Nobody said when: it is the time at which we heard of it. */
  readonly untold?: true
  /** To be added to have it by our clock; nothing: the clocks agree. */
  readonly behind?: Millis
  /** When we heard of it, where that was not just now. */
  readonly heardAt?: Millis
}

export type Paid = TimeOfPay & {
  readonly acquirerRef: string
  readonly payer: string
  /** yyyymmdd: for which day it counts. */
  readonly day: string
  readonly amount: Rupiah
  readonly fee: Rupiah
  /** In what state it was when the money came all the same. */
  readonly late: 'expired' | 'failed' | null
  readonly bookedAt: Millis
}

type Live = { readonly facts: PaymentFacts; readonly createdAt: Millis; readonly updatedAt: Millis }
type Booked = Live & {
  readonly paid: Paid
  readonly sound: Sound
  /** How often it was sent to a box, the first time included. */
  readonly notices: number
  readonly refunds: readonly Refund[]
}

export type PaymentState =
  | { readonly phase: 'absent' }
  | ({ readonly phase: 'pending' } & Live)
  | ({ readonly phase: 'expired' } & Live)
  | ({ readonly phase: 'failed'; readonly reason: string } & Live)
  | ({ readonly phase: 'paid' | 'paid_late' | 'refunded' } & Booked)

export type BookedPayment = Extract<PaymentState, { readonly paid: Paid }>

export type PaymentCommand =
  | ({ readonly type: 'create' } & PaymentFacts)
  | (TimeOfPay & {
      readonly type: 'pay'
      readonly acquirerRef: string
      readonly merchant: ActorId
      /** Null: nobody said which. */
      readonly terminal: ActorId | null
      readonly amount: Rupiah
      readonly payer: string
      readonly day: string
      readonly plan: FeePlan
      readonly notice: Notice
      /** Of a printed QR: what makes the payment in the same turn. */
      readonly facts?: PaymentFacts
    })
  | { readonly type: 'fail'; readonly eventId: string; readonly reason: string }
  /** By the timer, once the time is over; by the acquirer or a person at once. */
  | { readonly type: 'expire'; readonly eventId?: string; readonly by?: string }
  | {
      readonly type: 'refund'
      readonly refundId: string
      readonly amount: Rupiah
      readonly day: string
      readonly reason: string
      readonly by: string
    }
  /** The acquirer's word: it was given back. */
  | {
      readonly type: 'refundTold'
      readonly eventId: string
      readonly amount: Rupiah
      readonly day: string
    }
  | {
      readonly type: 'renotify'
      readonly messageId: string
      readonly device: ActorId | null
      readonly text: string
      readonly lang: string
      readonly by: string
      readonly why?: string
    }
  /** What became of handing it to the box: null, it is in the box's queue. */
  | { readonly type: 'noticed'; readonly messageId: string; readonly why: string | null }
  | {
      readonly type: 'prove'
      readonly messageId: string
      readonly outcome: SoundOutcome
      readonly why: string
    }
  /** By the timer: nobody has said that it was heard. */
  | { readonly type: 'proof_due' }

export type PaymentEvent =
  | ({ readonly type: 'created' } & PaymentFacts)
  | (TimeOfPay & {
      readonly type: 'paid'
      readonly acquirerRef: string
      readonly payer: string
      readonly day: string
      readonly amount: Rupiah
      readonly fee: Rupiah
      readonly notice: Notice
      readonly late?: 'expired' | 'failed'
    })
  | { readonly type: 'failed'; readonly eventId: string; readonly reason: string }
  | { readonly type: 'expired'; readonly eventId?: string; readonly by?: string }
  | {
      readonly type: 'refunded'
      readonly refundId: string
      readonly amount: Rupiah
      readonly fee: Rupiah
      readonly day: string
      readonly reason: string
      readonly by: string
      /** Nothing is left of it. */
      readonly whole: boolean
    }
  | { readonly type: 'refund_confirmed'; readonly refundId: string; readonly eventId: string }
  | { readonly type: 'renotified'; readonly notice: Notice; readonly by: string }
  | {
      readonly type: 'proved'
      readonly messageId: string
      readonly outcome: SoundOutcome
      readonly why: string
    }

/** Asks a box to say it; the box knows a message by its id, so twice is once. */
export type PaymentEffect = {
  readonly type: 'notify'
  readonly target: 'boxes'
  readonly device: ActorId
  readonly merchant: ActorId
  readonly messageId: string
  readonly amount: Rupiah
  readonly text: string
  readonly lang: string
  readonly at: Millis
}

export type Payment = {
  state: PaymentState
  command: PaymentCommand
  event: PaymentEvent
  effect: PaymentEffect
  refusal:
    | 'NOT_FOUND'
    | 'DUPLICATE_REF'
    | 'AMOUNT_INVALID'
    | 'AMOUNT_MISMATCH'
    | 'MERCHANT_MISMATCH'
    | 'PAID_AGAIN'
    | 'PAYMENT_FINAL'
    | 'PAYMENT_UNPAID'
    | 'REFUND_LIMIT'
}
