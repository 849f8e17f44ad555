/** Orders: placed, read, listed, one by one or in bulk, and moved by a person's hand. */

import type { Answer } from './answer.ts'
import type {
  OrderBrief,
  OrderRow,
  OrderStanding,
  OrderStatus,
  OrderView,
  Said,
} from './order-view.ts'
import type { Millis, Rupiah } from './words.ts'

export type PlaceParams = {
  readonly userId: string
  readonly level: number
  readonly ref: string
  readonly product: string
  readonly destination: string
  readonly maxPrice?: Rupiah
  readonly callbackUrl?: string
  /** How the client wrote them, where a dialect says it otherwise; absent: as above. */
  readonly said?: Said
  /** Of the inquiry that is to be paid; a bill is not paid without. */
  readonly inquiryToken?: string
}

export type Placed = {
  readonly order: OrderBrief
  readonly balance: Rupiah
  /** True when this reference was placed before and nothing was charged again. */
  readonly repeated: boolean
}

export type BulkTally = {
  readonly ref: string
  readonly total: number
  readonly waiting: number
  readonly placed: number
  readonly refused: number
  readonly success: number
  readonly failed: number
}

export type BulkRowView = {
  readonly n: number
  readonly ref: string
  readonly product: string
  readonly destination: string
  readonly result: 'placed' | 'refused' | null
  readonly code: string | null
  readonly trxId: string | null
  readonly status: string | null
  readonly sn: string | null
}

/** Who does something to an order by hand, and why; both are kept in its journal. */
type ByHandParams = { readonly trxId: string; readonly by: string; readonly reason: string }

export type ByHandDone = {
  readonly order: OrderStanding
  /** Who holds it, while it is open. */
  readonly held: { readonly by: string; readonly reason: string; readonly at: Millis } | null
}

/** By our id, or by the client's own reference. */
type OneOrder = { trxId: string; ref?: never } | { ref: string; trxId?: never }

export type OrderActions = {
  'order.place': { params: PlaceParams; result: Answer<Placed> }
  /** The whole story, read from the journal; `order.byRef` says from memory how it stands. */
  'order.get': {
    params: { userId: string; at?: Millis } & OneOrder
    result: Answer<OrderView>
  }
  /** With what he says it was about, a `DUPLICATE_REF` where that is another order. */
  'order.byRef': {
    params: { userId: string; ref: string; product?: string; destination?: string }
    result: Answer<OrderStanding>
  }
  /** A person's word on an order that waits for one. `byUser`: who he is as a client, if he is. */
  'order.resolve': {
    params: {
      trxId: string
      verdict: 'success' | 'failed' | 'refund' | 'accept_loss' | 'dismiss'
      reason: string
      by: string
      byUser?: string
      sn?: string
      supplierReturned?: boolean
    }
    result: Answer<OrderStanding>
  }
  'order.hold': { params: ByHandParams; result: Answer<ByHandDone> }
  'order.release': { params: ByHandParams; result: Answer<ByHandDone> }
  'order.recheck': { params: ByHandParams; result: Answer<ByHandDone> }
  /** `notSold` is the person's word on an attempt of which nobody knows. */
  'order.reroute': {
    params: ByHandParams & { supplier?: string; notSold?: boolean }
    result: Answer<ByHandDone>
  }
  'bulk.start': {
    params: {
      userId: string
      ref: string
      rows: readonly {
        ref: string
        product: string
        destination: string
        maxPrice?: Rupiah
        inquiryToken?: string
      }[]
    }
    result: Answer<{ jobId: string }>
  }
  /** `after` is the last row number that is known already. */
  'bulk.read': {
    params: { userId: string; jobId: string; after: number; limit: number }
    result: Answer<{ tally: BulkTally; rows: readonly BulkRowView[]; next: number | null }>
  }
  /** A client's own orders, newest first; `q` begins a reference or a destination. */
  'listing.orders': {
    params: { userId: string; cursor?: string; limit: number; status?: OrderStatus; q?: string }
    result: Answer<{ readonly rows: readonly OrderRow[]; readonly next: string | null }>
  }
}
