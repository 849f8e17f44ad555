/** An order, as whoever may see it does. */

import type { Millis, MoneyEffect, Rupiah } from './words.ts'

export type OrderStatus = 'PENDING' | 'PROCESSING' | 'SUCCESS' | 'FAILED' | 'REFUND'

export type AttemptView = {
  readonly n: number
  readonly supplier: string
  readonly sku: string
  readonly ref: string
  readonly cost: Rupiah
  readonly outcome: 'started' | 'pending' | 'unknown' | 'success' | 'failed'
  /** Of a failed one: it never left, so no supplier refused it. */
  readonly notSent?: true
  /** Of a failed one: its supplier may yet say otherwise. */
  readonly mayBeRevised?: true
  /** How it ended is the word of our staff, not its supplier's. */
  readonly byPerson?: true
  readonly code: string | null
  readonly message: string | null
  readonly startedAt: Millis
  readonly answeredAt: Millis | null
  readonly latencyMs: Millis | null
  /** The counterpart's own words, bounded, secrets removed. */
  readonly reply: string | null
}

/** A bill, as the client and its customer may see it. */
export type BillView = {
  readonly customer: string
  readonly periods: string
  /** What the customer owes, and the fee on top of it. */
  readonly amount: Rupiah
  readonly admin: Rupiah
  /** The supplier's own particulars as JSON text; may be empty. */
  readonly detail: string
}

export type OrderView = {
  readonly trxId: string
  readonly userId: string
  readonly ref: string
  readonly product: string
  readonly destination: string
  readonly price: Rupiah
  readonly status: OrderStatus
  readonly sn: string | null
  /** Stable code of why it failed or waits for a person; null when nothing is wrong. */
  readonly failure: string | null
  readonly disputed: boolean
  readonly moneyEffect: MoneyEffect
  /** What was paid, when it was a bill. */
  readonly bill?: BillView
  /** In the client's own spelling, where it is another one. */
  readonly said?: Said
  readonly attempts: readonly AttemptView[]
  readonly timeline: readonly OrderStep[]
  /** What happens next by itself, and when; null once the order is at rest. */
  readonly next: { readonly what: string; readonly at: Millis | null } | null
  readonly createdAt: Millis
  readonly updatedAt: Millis
}

export type Said = { readonly product: string; readonly destination: string }

/** Something that happened to it; it is never told otherwise later. */
export type OrderStep = {
  readonly at: Millis
  readonly what: string
  readonly note?: string
}

/** How it stands, from memory: what happened on the way is in the journal. */
export type OrderStanding = Omit<OrderView, 'timeline'>

/** What an answer to a new order needs; the whole story is for who asks for it. */
export type OrderBrief = Omit<OrderStanding, 'next'>

export type OrderRow = {
  readonly trxId: string
  readonly ref: string
  readonly product: string
  readonly destination: string
  readonly price: Rupiah
  readonly status: OrderStatus
  readonly sn: string | null
  readonly failure: string | null
  readonly createdAt: Millis
  readonly updatedAt: Millis
}
