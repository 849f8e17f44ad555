/** The words of an order: what it can be, be told, have happen to it, and ask of others. */

import type { Millis } from '../../engine/ids.ts'
import type { Rupiah } from '../../engine/money.ts'

/** One supplier that may be tried, with the terms that were in force when the order was placed. */
export type Plan = readonly [
  supplier: string,
  sku: string,
  cost: Rupiah,
  /** The most that we would pay: above it the supplier must refuse. */
  maxPrice: Rupiah,
  /** Never ask about a purchase sooner than this after speaking of it. */
  recheckAfterMs: Millis,
  /** Never ask about it later than this: the question might buy again. */
  recheckWithinMs: Millis,
]

/**
 * How the plan came about, as far as it takes to come to it again: version of the routing rules,
 * and each candidate in the book's order with the numbers that were used. Absent where the plan
 * is the book's own order, whole.
 */
export type Why = {
  readonly v: number
  /** Name of the policy. */
  readonly p: string
  readonly c: readonly WhyCandidate[]
}

export type WhyCandidate = readonly [
  /** Place in the plan, from 0; or the code of a supplier that was left out. */
  who: number | string,
  cost: Rupiah,
  /** Of a thousand. */
  success: number,
  ms: Millis,
  /** Of a hundred orders so many were let through just then; 101: this one tried it again. */
  share: number,
  /** Why it was left out. */
  left?: string,
]

/** Made by the service out of its tables; a refusal travels along, for a repeat ignores it. */
export type Quote =
  | {
      readonly price: Rupiah
      readonly plan: readonly Plan[]
      readonly pendingLimitMs: Millis
      /** How long after placing another supplier may still be tried; to the deadline if absent. */
      readonly failoverMs?: Millis
      readonly why?: Why
      /** What is paid, when it is a bill, and for how long its inquiry pays nothing else. */
      readonly bill?: Bill
      readonly billMs?: Millis
      /** The word that twins share; empty when the product allows them. */
      readonly twin: string
      readonly twinMs: Millis
    }
  | { readonly refused: QuoteRefusal; readonly details: unknown }

/** A bill as it was told at the inquiry that the client pays by. */
export type Bill = {
  /** Of the inquiry: it pays one order. */
  readonly id: string
  /** What the supplier would charge; the payment leaves for exactly that or not at all. */
  readonly cost: Rupiah
  /** What the customer owes, and the fee on top of it. */
  readonly amount: Rupiah
  readonly admin: Rupiah
  readonly customer: string
  readonly periods: string
  /** The supplier's own particulars, as JSON text; may be empty. */
  readonly detail: string
}

export type QuoteRefusal =
  | 'PRODUCT_UNKNOWN'
  | 'PRODUCT_CLOSED'
  | 'PRODUCT_UNSUPPLIED'
  | 'PRICE_ABOVE_MAX'
  | 'DESTINATION_INVALID'
  | 'PREFIX_MISMATCH'
  | 'CLIENT_SUSPENDED'
  | 'INQUIRY_REQUIRED'
  | 'INQUIRY_INVALID'
  | 'INQUIRY_EXPIRED'

type Via = 'reply' | 'check' | 'callback' | 'person'

/** What was said, by whom, and how long it took; the reply is bounded and without secrets. */
export type Evidence = {
  readonly code: string | null
  readonly message: string | null
  readonly reply: string | null
  readonly ms: Millis | null
  readonly via: Via
}

export type Outcome = 'pending' | 'unknown' | 'success' | 'failed'

/** Any supplier's word on attempt `n`, in our one form. */
export type Report = Evidence & {
  readonly n: number
  /** The supplier as a whole is unwell, whatever becomes of this order. */
  readonly trouble?: true
} & (
    | {
        readonly outcome: 'pending' | 'unknown'
        /** When our call left, which may be long after it was dispatched. */
        readonly leftAt?: Millis
      }
    | {
        readonly outcome: 'success'
        /** May be empty: some products have none, some send it later. */
        readonly sn: string
        readonly cost: Rupiah | null
        /** The supplier's idea of our balance there. */
        readonly balance: Rupiah | null
      }
    /** Retryable: another supplier may be tried without risk of selling twice. */
    | {
        readonly outcome: 'failed'
        readonly retryable: boolean
        /** Of a kind that suppliers are known to revise. */
        readonly watch?: true
      }
  )

export type Attempt = {
  readonly n: number
  readonly supplier: string
  readonly sku: string
  readonly ref: string
  readonly cost: Rupiah
  readonly maxPrice: Rupiah
  readonly outcome: 'started' | Outcome
  readonly startedAt: Millis
  /** When we last spoke to the supplier about it. */
  readonly askedAt: Millis
  readonly answeredAt: Millis | null
  readonly checks: number
  readonly code: string | null
  readonly message: string | null
  readonly reply: string | null
  readonly ms: Millis | null
  readonly via: Via | null
  /** It failed in a way that suppliers are known to revise. */
  readonly watch?: true
}

export type Verdict = 'success' | 'failed' | 'refund' | 'accept_loss' | 'dismiss'

export type Dispute = Evidence & {
  readonly n: number
  readonly claim: 'late_success' | 'late_failure'
  readonly sn: string
  /** What the supplier says it took, where that is not what was planned. */
  readonly cost?: Rupiah
  readonly at: Millis
  readonly verdict: Verdict | null
}

/** What was agreed when the order was placed; never changed afterwards. */
type Agreed = {
  readonly user: string
  readonly ref: string
  readonly product: string
  readonly destination: string
  readonly price: Rupiah
  readonly plan: readonly Plan[]
  readonly deadlineAt: Millis
  /** From then on nobody else is tried. */
  readonly failoverUntil?: Millis
  readonly twin: string
  readonly callbackUrl?: string
  readonly bill?: Bill
  /** How the client wrote product and number, where that was otherwise: reports to him say so. */
  readonly said?: Said
}

export type Said = readonly [product: string, destination: string]

/** Facts that every phase after `absent` keeps. */
export type OrderFacts = Agreed & {
  readonly placedAt: Millis
  readonly updatedAt: Millis
  readonly attempts: readonly Attempt[]
  readonly disputes: readonly Dispute[]
  /** Other serial numbers that were reported after delivery. */
  readonly notes?: readonly string[]
  /** Who forbade it to go on by itself; means nothing any more once it has ended. */
  readonly held?: Held
  /** The last question by hand after delivery, and what came of it. */
  readonly checked?: Checked
}

export type Held = { readonly by: string; readonly reason: string; readonly at: Millis }

export type Checked = Evidence & {
  readonly n: number
  readonly outcome: 'asked' | Outcome
  readonly at: Millis
}

export type OrderState =
  | { readonly phase: 'absent' }
  | { readonly phase: 'trying'; readonly order: OrderFacts }
  | { readonly phase: 'waiting'; readonly order: OrderFacts; readonly recheckAt: Millis }
  | {
      readonly phase: 'parked'
      readonly order: OrderFacts
      readonly why: ParkedWhy
      readonly recheckAt: Millis | null
      /** Of one whose attempt failed while it was held: nobody else could mend it. */
      readonly final?: true
    }
  | {
      readonly phase: 'delivered'
      readonly order: OrderFacts
      readonly sn: string
      readonly cost: Rupiah
      readonly n: number
    }
  | { readonly phase: 'failed'; readonly order: OrderFacts; readonly code: FailedCode }
  | {
      readonly phase: 'refunded'
      readonly order: OrderFacts
      readonly sn: string
      readonly cost: Rupiah
    }

/**
 * HELD: a person decides on the next step, for he forbade it, or because what failed is said to be
 * sold; of a parked order, its present attempt has failed.
 */
export type ParkedWhy = 'DEADLINE' | 'RECHECK_WINDOW' | 'HELD'
export type FailedCode = 'SUPPLIER_FAILED' | 'PERSON'

export type OrderCommand =
  | {
      readonly type: 'place'
      readonly user: string
      readonly ref: string
      readonly product: string
      readonly destination: string
      readonly callbackUrl?: string
      readonly said?: Said
      /** Which inquiry is to be paid, as far as the client says so. */
      readonly inquiry?: string
      readonly quote: Quote
    }
  | { readonly type: 'report'; readonly report: Report }
  /** By the timer, or by somebody who says why. */
  | { readonly type: 'recheck'; readonly by?: string; readonly reason?: string }
  | { readonly type: 'overdue' }
  | {
      readonly type: 'resolve'
      readonly verdict: Verdict
      readonly reason: string
      readonly by: string
      readonly sn?: string
      /** A refunded order whose cost the supplier gave back as well. */
      readonly supplierReturned?: boolean
    }
  | (ByHand & { readonly type: 'hold' | 'release' })
  | (ByHand & {
      readonly type: 'reroute'
      readonly to: Plan
      readonly pendingLimitMs: Millis
      /** The person's word that the present attempt was not sold and will not be. */
      readonly notSold?: boolean
    })

export type ByHand = { readonly by: string; readonly reason: string }

export type OrderEvent =
  | (Agreed & { readonly type: 'placed'; readonly why?: Why })
  | {
      readonly type: 'dispatched'
      readonly n: number
      readonly supplier: string
      readonly sku: string
      readonly cost: Rupiah
      readonly maxPrice: Rupiah
      readonly ref: string
      /** A person chose this supplier. */
      readonly byHand?: true
    }
  | (Evidence & {
      readonly type: 'reported'
      readonly n: number
      readonly outcome: 'pending' | 'unknown'
      readonly trouble?: true
      /** Only where it left late: where a supplier is full or paced, calls stand in line. */
      readonly leftAt?: Millis
    })
  | {
      readonly type: 'rechecked'
      readonly n: number
      readonly by?: string
      readonly reason?: string
    }
  /** What was answered to a question by hand about what is delivered. */
  | (Evidence & { readonly type: 'checked'; readonly n: number; readonly outcome: Outcome })
  | (Evidence & {
      readonly type: 'attempt_failed'
      readonly n: number
      readonly trouble?: true
      /** Of a kind that suppliers are known to revise: whoever looks at it is told. */
      readonly watch?: true
      /** The order's own fault: no other supplier could mend it. */
      readonly final?: true
    })
  | (Evidence & {
      readonly type: 'delivered'
      readonly n: number
      readonly sn: string
      readonly cost: Rupiah
      readonly balance: Rupiah | null
      /** Who sold it, where that was not the last who was asked. */
      readonly supplier?: string
      /** A dispute about another attempt is still open. */
      readonly disputed?: true
    })
  | { readonly type: 'failed'; readonly code: FailedCode; readonly disputed?: true }
  | {
      readonly type: 'parked'
      readonly why: ParkedWhy
      readonly disputed?: true
      /** With HELD: nobody else could mend it. */
      readonly final?: true
    }
  | (ByHand & { readonly type: 'held'; readonly parked?: ParkedWhy; readonly disputed?: true })
  | (ByHand & { readonly type: 'released'; readonly parked?: ParkedWhy; readonly disputed?: true })
  /** The next attempt goes there; what was planned and not tried comes after it. */
  | (ByHand & {
      readonly type: 'rerouted'
      readonly to: Plan
      readonly deadlineAt: Millis
      readonly held?: true
      readonly disputed?: true
    })
  | { readonly type: 'sn_learned'; readonly sn: string }
  | { readonly type: 'sn_noted'; readonly sn: string }
  | (Evidence & {
      readonly type: 'disputed'
      readonly n: number
      readonly claim: 'late_success' | 'late_failure'
      readonly sn: string
      /** What the supplier says it took, where that is not what was planned. */
      readonly cost?: Rupiah
    })
  | {
      readonly type: 'resolved'
      readonly verdict: Verdict
      readonly reason: string
      readonly by: string
      /** Why a person must go on looking at the order, although its dispute is settled. */
      readonly parked?: ParkedWhy
      /** The attempt that was given back: disputes about others stay open. */
      readonly n?: number
      /** Such a dispute is still open. */
      readonly disputed?: true
    }

/** What suppliers are asked. A check is about attempt `n` as it was started. */
export type OrderEffect = {
  readonly type: 'purchase' | 'check'
  readonly target: string
  readonly n: number
  readonly supplier: string
  readonly sku: string
  readonly dest: string
  readonly ref: string
  readonly maxPrice: Rupiah
  readonly startedAt: Millis
  /** It pays a bill, which cost so much when the client agreed. */
  readonly bill?: Rupiah
  /** Of a purchase that goes on to a later supplier by itself: what judging him anew takes. */
  readonly later?: { readonly product: string; readonly user: string; readonly cost: Rupiah }
}

export type Order = {
  state: OrderState
  command: OrderCommand
  event: OrderEvent
  effect: OrderEffect
  refusal:
    | QuoteRefusal
    | 'DUPLICATE_REF'
    | 'TWIN_ORDER'
    | 'INSUFFICIENT_BALANCE'
    | 'NOT_FOUND'
    | 'ORDER_FINAL'
    | 'ORDER_BUSY'
    | 'DISPUTE_ABSENT'
    | 'ATTEMPT_FAILED'
    | 'ATTEMPT_UNKNOWN'
    | 'ATTEMPT_LIMIT'
    | 'RECHECK_TOO_SOON'
    | 'RECHECK_TOO_LATE'
}
