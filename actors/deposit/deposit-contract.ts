/**
 * The words of a deposit intent: somebody means to pay in through a payment gateway. What it can
 * be, be told, have happen to it, and ask of its gateway.
 */

import { fingerprint, type Key, type Millis } from '../../engine/ids.ts'
import type { Rupiah } from '../../engine/money.ts'

export const depositKey = (user: string, ref: string): Key => fingerprint('deposit', user, ref)

/** So many of one user may wait to be paid at a time. */
export const pendingMax = 3

/** What was asked; never changed afterwards. */
export type Wish = {
  readonly user: string
  /** The user's own word for it. */
  readonly ref: string
  /** What the user chose, e.g. qris_atlantic. */
  readonly method: string
  /** Whose account of the world it is in: gateway:<name>. */
  readonly gateway: string
  /** What the gateway's adapter needs besides; opaque here. */
  readonly offer: string
  readonly amount: Rupiah
}

/** What the gateway made of it. */
export type Theirs = {
  readonly id: string
  /** What the payer pays. */
  readonly amount: Rupiah
  readonly fee: Rupiah
  /** What reaches us, and so the wallet. */
  readonly received: Rupiah
  readonly expiresAt: Millis
  /** How it is paid: qr_string, qr_image, url, bank, number, name; shown to its user. */
  readonly pay: Readonly<Record<string, string>>
}

export type TheirStatus = 'pending' | 'processing' | 'success' | 'expired' | 'cancel' | 'failed'
export type Via = 'webhook' | 'poll' | 'instant' | 'manual'

/** Money that is not what was agreed: it stands in suspense until a person says whose it is. */
export type Suspended = {
  /** From 1, per intent. */
  readonly n: number
  readonly why: SuspendedWhy
  readonly amount: Rupiah
  /** The gateway's id of the payment; empty when it has none. */
  readonly payment: string
  readonly via: Via
  readonly at: Millis
  readonly verdict: 'credit' | 'return' | null
}
/**
 * AMOUNT: not what was agreed, or not sure to be there. LATE: after it had ended. TWICE: it was
 * paid already.
 */
export type SuspendedWhy = 'AMOUNT' | 'LATE' | 'TWICE'

/** The one attempt to have the money of a `processing` deposit at once, for a further fee. */
export type Draw = {
  readonly by: string
  /** As it was quoted when the user agreed. */
  readonly fee: Rupiah
  readonly received: Rupiah
  readonly at: Millis
  /** Null: under way. Unknown: it may have been done. */
  readonly outcome: 'done' | 'refused' | 'unknown' | null
}

/** What reached the wallet, once for ever. */
export type Paid = {
  readonly received: Rupiah
  /** What the gateway kept, an instant fee included. */
  readonly fee: Rupiah
  readonly amount: Rupiah
  readonly payment: string
  readonly via: Via
  readonly at: Millis
}

/** Facts that every phase after `absent` keeps. */
export type DepositFacts = Wish & {
  readonly askedAt: Millis
  readonly updatedAt: Millis
  readonly theirs: Theirs | null
  /** Null when it holds none of its user's places. */
  readonly slot: string | null
  readonly draw: Draw | null
  readonly suspended: readonly Suspended[]
  /** How often the gateway was asked about it. */
  readonly polls: number
}

export type UncreatedCode =
  | 'GATEWAY_REFUSED'
  | 'GATEWAY_LIMIT'
  | 'AMOUNT_INVALID'
  | 'METHOD_CLOSED'
  /** It was not answered, and nothing was ever heard of it. */
  | 'NO_ANSWER'

export type DepositState =
  | { readonly phase: 'absent' }
  /** The gateway is asked for it. `doubt`: it was not answered, it may stand there unknown to us. */
  | {
      readonly phase: 'asking'
      readonly facts: DepositFacts
      readonly doubt: boolean
      /** When a doubt is over. */
      readonly until: Millis | null
    }
  | {
      readonly phase: 'pending'
      readonly facts: DepositFacts
      readonly theirs: Theirs
      /** Null while the gateway is being asked. */
      readonly pollAt: Millis | null
      /** The gateway is being asked to drop it. */
      readonly dropping: boolean
    }
  /** Paid there, and not settled yet. */
  | {
      readonly phase: 'processing'
      readonly facts: DepositFacts
      readonly theirs: Theirs
      readonly pollAt: Millis | null
      readonly since: Millis
    }
  | {
      readonly phase: 'paid'
      readonly facts: DepositFacts
      readonly theirs: Theirs
      readonly paid: Paid
    }
  /** Ended unpaid; for a day we go on asking, for people pay late. */
  | {
      readonly phase: 'expired' | 'cancelled' | 'failed'
      readonly facts: DepositFacts
      readonly code: UncreatedCode | null
      readonly pollAt: Millis | null
      readonly endedAt: Millis
    }
  /** Another amount came than was agreed: a person decides. */
  | { readonly phase: 'parked'; readonly facts: DepositFacts; readonly theirs: Theirs }

export type DepositCommand =
  | { readonly type: 'ask'; readonly wish: Wish; readonly refused?: WishRefusal }
  /** The gateway's word on making it. */
  | { readonly type: 'created'; readonly theirs: Theirs }
  | { readonly type: 'uncreated'; readonly code: UncreatedCode }
  | { readonly type: 'doubtful'; readonly reply: string }
  /** By its user, or by a person. */
  | { readonly type: 'cancel'; readonly by: string }
  | {
      readonly type: 'cancel_answered'
      readonly answer: 'cancelled' | 'refused' | 'unknown'
    }
  /**
   * The gateway's own word, read by asking it (a webhook only makes us ask). Null: not told. A
   * person's word, `manual`, says who and why, and may be about money that the gateway never told.
   */
  | {
      readonly type: 'status'
      readonly theirs: TheirStatus
      readonly amount: Rupiah | null
      readonly fee: Rupiah | null
      readonly received: Rupiah | null
      readonly via: Via
      /** Their id of the payment itself, where they have one: another one is another payment. */
      readonly payment?: string
      /** They have no such ids, and say what all payments came to together. */
      readonly isTotal?: boolean
      readonly by?: string
      readonly reason?: string
    }
  /** It was asked and nothing could be learned. */
  | { readonly type: 'unheard' }
  /** Have the money now, for what was quoted. */
  | {
      readonly type: 'instant'
      readonly by: string
      readonly fee: Rupiah
      readonly received: Rupiah
    }
  | {
      readonly type: 'instant_answered'
      readonly outcome: 'done' | 'refused' | 'unknown'
      /** With `done`: what it came to. Without it, how it stands is asked soon. */
      readonly fee?: Rupiah
      readonly received?: Rupiah
      readonly payment?: string
    }
  | { readonly type: 'tick' }
  /** A person's word on money in suspense: into the wallet, or back to who paid. */
  | {
      readonly type: 'resolve'
      readonly n: number
      readonly verdict: 'credit' | 'return'
      readonly by: string
      readonly reason: string
    }

/** What the services found before the actor was asked. */
export type WishRefusal = 'METHOD_UNKNOWN' | 'METHOD_CLOSED' | 'AMOUNT_INVALID' | 'CLIENT_SUSPENDED'

export type DepositEvent =
  | (Wish & { readonly type: 'asked'; readonly slot: string })
  | { readonly type: 'created'; readonly theirs: Theirs; readonly pollAt: Millis }
  | { readonly type: 'uncreated'; readonly code: UncreatedCode }
  | { readonly type: 'doubted'; readonly reply: string; readonly until: Millis }
  | { readonly type: 'cancel_asked'; readonly by: string }
  /** It could not be dropped: it waits to be paid as before. */
  | { readonly type: 'cancel_denied'; readonly answer: 'refused' | 'unknown' }
  | { readonly type: 'cancelled' }
  /** `theirs`: the gateway says so; else our own clock does. */
  | { readonly type: 'expired'; readonly theirs?: true }
  | {
      readonly type: 'failed'
      readonly by?: string
      readonly reason?: string
    }
  /** The gateway is asked how it stands. */
  | { readonly type: 'polled'; readonly n: number }
  /** It said nothing new, and is asked again then; null: no more. */
  | { readonly type: 'unchanged'; readonly pollAt: Millis | null }
  | { readonly type: 'processing_begun'; readonly pollAt: Millis; readonly via: Via }
  | {
      readonly type: 'draw_asked'
      readonly by: string
      readonly fee: Rupiah
      readonly received: Rupiah
    }
  | { readonly type: 'drawn'; readonly outcome: 'done' | 'refused' | 'unknown' }
  /** gateway:<name> ─▶ wallet:<user>, `received`. */
  | {
      readonly type: 'paid'
      readonly amount: Rupiah
      readonly fee: Rupiah
      readonly received: Rupiah
      readonly payment: string
      readonly via: Via
      readonly by?: string
      readonly reason?: string
    }
  /** gateway:<name> ─▶ suspense. */
  | {
      readonly type: 'suspended'
      readonly n: number
      readonly why: SuspendedWhy
      readonly amount: Rupiah
      readonly payment: string
      readonly via: Via
      readonly by?: string
      readonly reason?: string
    }
  /** suspense ─▶ wallet:<user>, or back to gateway:<name>. */
  | {
      readonly type: 'resolved'
      readonly n: number
      readonly verdict: 'credit' | 'return'
      readonly amount: Rupiah
      readonly by: string
      readonly reason: string
    }

/**
 * Asked of the gateway, and how each goes on when the answer was lost:
 *   deposit_ask      makes it, once for its reference; 'inquire': a resumed one is `doubtful`
 *   deposit_confirm  asks how it stands; repeatable
 *   deposit_draw     instant, with action=true; 'inquire': a resumed one asks how it stands first
 *   deposit_drop     takes it back; repeatable
 */
export type DepositEffect =
  | {
      readonly type: 'deposit_ask'
      readonly target: string
      readonly wish: Wish
      /** The reference it has there. */
      readonly reffId: string
    }
  | {
      readonly type: 'deposit_confirm'
      readonly target: string
      readonly wish: Wish
      readonly id: string
    }
  | {
      readonly type: 'deposit_draw'
      readonly target: string
      readonly wish: Wish
      readonly id: string
      readonly received: Rupiah
    }
  | {
      readonly type: 'deposit_drop'
      readonly target: string
      readonly wish: Wish
      readonly id: string
    }

/** An answer to an effect is never refused: what no longer matters changes nothing. */
export type Deposit = {
  state: DepositState
  command: DepositCommand
  event: DepositEvent
  effect: DepositEffect
  refusal:
    | WishRefusal
    | 'DUPLICATE_REF'
    | 'DEPOSIT_LIMIT'
    | 'NOT_FOUND'
    | 'DEPOSIT_BUSY'
    | 'DEPOSIT_FINAL'
    /** It is paid already, or being settled. */
    | 'DEPOSIT_PAID'
    /** It is not in a state, or not of a gateway, where the money could be had at once. */
    | 'INSTANT_UNAVAILABLE'
    | 'SUSPENSE_ABSENT'
}
