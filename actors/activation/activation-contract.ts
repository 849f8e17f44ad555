/**
 * The words of an activation: one rented number that waits for codes. What it can be, be told, have
 * happen to it, and ask of its supplier. Texts of messages are never in here: `sealed` is what the
 * vault made of them, `print` a keyed fingerprint by which the same message is known again.
 */

import { fingerprint, type Key, type Millis } from '../../engine/ids.ts'
import type { Rupiah } from '../../engine/money.ts'

/** Where it stands in its user's shard; no order with the same reference is in its way. */
export const activationKey = (user: string, ref: string): Key => fingerprint('number', user, ref)

/** How often another code may be asked for. */
export const resendsMax = 3

/** What a supplier's contract card says, as it was in force when the number was ordered. */
export type Terms = {
  /** Cancelling sooner than this after buying is refused there. */
  readonly cancelAfterMs: Millis
  /** How long a number lives there, by its own rule; counted on our clock. */
  readonly lifeMs: Millis
  /** Whether another code may be asked for. */
  readonly resends: boolean
  /** How often to ask for codes. */
  readonly pollMs: Millis
}

/** What was agreed when it was ordered; never changed afterwards. */
export type Rental = {
  readonly user: string
  readonly ref: string
  readonly service: string
  readonly serviceName: string
  readonly country: string
  readonly countryName: string
  readonly operator: string
  readonly operatorName: string
  readonly supplier: string
  /** What the supplier's adapter needs to buy; opaque here. */
  readonly offer: string
  readonly price: Rupiah
  readonly cost: Rupiah
  /** Our own clock: so long we wait for a code before giving up. */
  readonly waitMs: Millis
  readonly terms: Terms
  /** How this supplier came to be asked: best of so many, at such a success rate of a hundred. */
  readonly chosen?: { readonly of: number; readonly rate: number }
}

export type Message = {
  readonly sealed: string
  readonly print: string
  readonly at: Millis
  /** Whether a code was read in it. */
  readonly code: boolean
  /** It came when the money had been given back. */
  readonly late?: true
}

/** A code is known to be there, by the supplier's word, and was not seen yet. */
export type CodeDue = {
  /** What it was to be given back for, and is again when no code is seen. */
  readonly why: EndWhy
  /** How often we were told so. */
  readonly times: number
  readonly tryAt: Millis
}

export type Number = {
  /** The supplier's own id of it. */
  readonly id: string
  readonly number: string
  readonly cost: Rupiah
  readonly boughtAt: Millis
  /** When it dies at the supplier, on our clock. */
  readonly diesAt: Millis
}

/** Why a number is given back: its user, our clock, the supplier's clock, a person. */
export type EndWhy = 'USER' | 'TIME' | 'SUPPLIER' | 'PERSON'
/** Why there never was one. */
export type UnboughtCode =
  | 'NO_NUMBERS'
  | 'PRICE_MOVED'
  | 'SUPPLIER_BALANCE'
  | 'SUPPLIER_REFUSED'
  | 'NOT_FOUND_AFTER_DOUBT'
  | 'PERSON'

/** Facts that every phase after `absent` keeps. */
export type ActivationFacts = Rental & {
  readonly placedAt: Millis
  readonly updatedAt: Millis
  readonly number: Number | null
  readonly messages: readonly Message[]
  readonly resends: number
  /** When another code was asked for last. */
  readonly resentAt?: Millis
  /** And the time before that, which counts again when the last one is refused. */
  readonly resentBefore?: Millis
  /** The supplier is being asked for it. */
  readonly resending?: true
  /** Until when we wait; a resend begins it anew, but never beyond the supplier's own clock. */
  readonly waitUntil: Millis
  /** What the supplier took for it, as it stands in our books. */
  readonly spent: Rupiah
  /** Other numbers there that were told to be this one's: nobody uses them. */
  readonly orphans?: readonly string[]
  /** The supplier said that it was given back, after it had given a code. */
  readonly contradicted?: true
}

export type ActivationState =
  | { readonly phase: 'absent' }
  /** The purchase is under way; `doubt`: it was sent and not answered, it may have been made. */
  | {
      readonly phase: 'buying'
      readonly facts: ActivationFacts
      readonly doubt: boolean
      readonly looks: number
      readonly lookAt: Millis | null
    }
  | { readonly phase: 'waiting'; readonly facts: ActivationFacts; readonly codeDue?: CodeDue }
  /** At least one code came: the money is spent. It stays open for more until it ends. */
  | { readonly phase: 'received'; readonly facts: ActivationFacts; readonly open: boolean }
  /** Given back at the supplier, not yet confirmed there; the money is still held. */
  | {
      readonly phase: 'cancelling'
      readonly facts: ActivationFacts
      readonly why: EndWhy
      readonly tries: number
      /** Null while the supplier is being asked. */
      readonly tryAt: Millis | null
      /** How often the supplier spoke of a code that was not seen. */
      readonly due: number
    }
  /**
   * Nothing was delivered; the hold is gone, in the same commit. A code: it was never bought.
   * DOUBT: nobody knows whether it was, and it would be dead by now; what it cost a person says.
   */
  | {
      readonly phase: 'refunded'
      readonly facts: ActivationFacts
      readonly why: EndWhy | UnboughtCode | 'DOUBT'
      /** What a person gave back after a code had come. */
      readonly byHand?: { readonly by: string; readonly reason: string }
    }
  /** Nobody can say what became of it: a person decides. The money is still held. */
  | { readonly phase: 'parked'; readonly facts: ActivationFacts; readonly why: ParkedWhy }

/**
 * DOUBT: it may have been bought. CANCEL: it could not be given back, or the supplier speaks of a
 * code that we never saw.
 */
export type ParkedWhy = 'DOUBT' | 'CANCEL'

/** What is told by others, by effects' answers, by timers. `sms` and `ended_there`: by polling. */
export type ActivationCommand =
  | { readonly type: 'place'; readonly rental: Rental; readonly refused?: QuoteRefusal }
  /** The supplier's word on the purchase. */
  | { readonly type: 'bought'; readonly id: string; readonly number: string; readonly cost: Rupiah }
  | { readonly type: 'unbought'; readonly code: UnboughtCode }
  | { readonly type: 'doubtful'; readonly reply: string }
  /** Nothing new was found there; the purchase stays in doubt. */
  | { readonly type: 'unfound' }
  | {
      readonly type: 'sms'
      readonly sealed: string
      readonly print: string
      readonly code: boolean
      /** Of one that comes after the money went back: it stands there as sold, so it costs us. */
      readonly charged?: boolean
    }
  | { readonly type: 'resend' }
  /** `refused`: it certainly does not come. Neither: nobody knows, and it may. */
  | { readonly type: 'resent'; readonly ok: boolean; readonly refused?: true }
  /** Its user has what he needs. */
  | { readonly type: 'finish'; readonly by: string }
  /** The supplier was told; what it says to that changes nothing. */
  | { readonly type: 'finish_answered' }
  | { readonly type: 'cancel'; readonly why: EndWhy; readonly by?: string }
  /** The supplier's word on giving it back. `received`: a code came first, there or on its way. */
  | {
      readonly type: 'cancel_answered'
      readonly answer: 'cancelled' | 'early' | 'received' | 'unknown'
    }
  /** The supplier ended it by itself. */
  | { readonly type: 'ended_there'; readonly how: 'cancelled' | 'finished' }
  | { readonly type: 'tick' }
  /** A person: gives the money back, also after a code; or says that it is spent. */
  | {
      readonly type: 'resolve'
      readonly verdict: 'refund' | 'charge'
      readonly by: string
      readonly reason: string
      /** What became of our money there, as far as the person knows. */
      readonly supplier?: 'charged' | 'returned'
    }

export type ActivationEvent =
  | (Rental & { readonly type: 'placed' })
  | {
      readonly type: 'bought'
      readonly id: string
      readonly number: string
      readonly cost: Rupiah
      /** Found after doubt: it was bought when it was ordered. */
      readonly found?: true
    }
  /** The purchase was not answered; from `lookAt` on we look whether it was made. */
  | { readonly type: 'doubted'; readonly reply: string; readonly lookAt: Millis }
  | { readonly type: 'looked'; readonly n: number }
  | { readonly type: 'unfound'; readonly lookAt: Millis }
  /** Ends it: nothing was bought, the hold is gone. */
  | { readonly type: 'unbought'; readonly code: UnboughtCode }
  | {
      readonly type: 'sms_received'
      readonly sealed: string
      readonly print: string
      readonly code: boolean
      /** The first code: the price is posted, and `cost` booked. */
      readonly first?: true
      /** The money had been given back before. */
      readonly late?: true
      /** What the supplier took, booked with this message. */
      readonly cost?: Rupiah
    }
  | {
      readonly type: 'resend_asked'
      readonly n: number
      readonly waitUntil: Millis
      /** When it was asked for the time before. */
      readonly before?: Millis
    }
  | {
      readonly type: 'resent'
      readonly ok: boolean
      /** It was refused and does not count: so often it was asked for. */
      readonly n?: number
    }
  | {
      readonly type: 'cancel_begun'
      readonly why: EndWhy
      /** Who wished it, when it was a person. */
      readonly by?: string
      /** When the supplier is asked; null: at once. */
      readonly tryAt: Millis | null
    }
  /** The supplier is asked once more. */
  | { readonly type: 'cancel_tried'; readonly n: number }
  | {
      readonly type: 'cancel_denied'
      readonly answer: 'early' | 'unknown'
      readonly tryAt: Millis
    }
  /** There is a code, says the supplier: we wait for it again. */
  | { readonly type: 'code_due'; readonly why: EndWhy; readonly tryAt: Millis }
  /** Given back without a code, or over in doubt; the hold is gone. */
  | { readonly type: 'refunded'; readonly why: EndWhy | 'DOUBT' }
  /** No more codes will come; the money stays spent. */
  | { readonly type: 'closed'; readonly how: 'TIME' | 'SUPPLIER' | 'USER'; readonly by?: string }
  | { readonly type: 'parked'; readonly why: ParkedWhy }
  /** Another number, or one that came after the money went back: for operators. */
  | {
      readonly type: 'orphaned'
      readonly id: string
      readonly number: string
      readonly cost: Rupiah
    }
  /** The supplier says that it was given back, after it had given us a code: for operators. */
  | { readonly type: 'contradicted' }
  | {
      readonly type: 'resolved'
      readonly verdict: 'refund' | 'charge'
      readonly by: string
      readonly reason: string
      readonly supplier?: 'charged' | 'returned'
      /** How our books of what the supplier took change with it; may be below zero. */
      readonly cost: Rupiah
      /** The money was back before. */
      readonly isCostOnly?: true
    }

/** What the services found before the actor was asked. */
export type QuoteRefusal =
  | 'SERVICE_UNKNOWN'
  | 'SERVICE_BLOCKED'
  | 'COUNTRY_UNKNOWN'
  | 'OPERATOR_UNKNOWN'
  | 'NUMBER_SOLD_OUT'
  | 'PRICE_ABOVE_MAX'
  | 'CLIENT_SUSPENDED'
  | 'RENTAL_LIMIT'
  | 'CATALOGUE_STALE'

/**
 * Asked of others, and how each goes on when the answer was lost:
 *   buy     buys the number; 'inquire': it is never sent twice, a resumed one is `doubtful`
 *   look    finds out whether a doubtful purchase was made (active list, balance); repeatable
 *   again   asks for another code; no money moves, repeatable
 *   return  gives it back; repeatable, the supplier says what it already did
 *   finish  says that no more codes are wanted; no money moves, repeatable
 */
export type ActivationEffect =
  | { readonly type: 'buy'; readonly target: string; readonly rental: Rental }
  | {
      readonly type: 'look'
      readonly target: string
      readonly rental: Rental
      /** When it was ordered: what is older there is not it. */
      readonly since: Millis
      readonly n: number
      /** After this one a person must look: whoever can prove that there is none, says it now. */
      readonly last: boolean
    }
  | { readonly type: 'again'; readonly target: string; readonly id: string }
  | { readonly type: 'return'; readonly target: string; readonly id: string }
  | { readonly type: 'finish'; readonly target: string; readonly id: string }

/** An answer to an effect is never refused: what no longer matters changes nothing. */
export type Activation = {
  state: ActivationState
  command: ActivationCommand
  event: ActivationEvent
  effect: ActivationEffect
  refusal:
    | QuoteRefusal
    | 'DUPLICATE_REF'
    | 'INSUFFICIENT_BALANCE'
    | 'NOT_FOUND'
    /** The purchase, or a doubt about it, is under way. */
    | 'ORDER_BUSY'
    | 'ORDER_FINAL'
    /** It can not be given back any more. */
    | 'CODE_RECEIVED'
    /** Another code is asked for after the first one. */
    | 'CODE_AWAITED'
    | 'RESEND_LIMIT'
    | 'RESEND_UNSUPPORTED'
}
