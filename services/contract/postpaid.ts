/** Bills: asked for first, then paid by an order that names the inquiry. */

import type { Answer } from './answer.ts'
import type { Placed, PlaceParams } from './order.ts'
import type { BillView } from './order-view.ts'
import type { Millis, Rupiah } from './words.ts'

export type InquiredBill = BillView & {
  readonly product: string
  readonly destination: string
  /** What the client pays. */
  readonly price: Rupiah
  readonly token: string
  readonly expiresAt: Millis
}

/** Whose meter it is. */
export type MeterView = {
  readonly name: string
  readonly meterNumber: string
  readonly subscriberId: string
  /** Tariff and power as they write them. */
  readonly segment: string
}

export type InquiryView =
  | { readonly kind: 'bill'; readonly bill: InquiredBill }
  | { readonly kind: 'meter'; readonly meter: MeterView }

/** How a partner's server asks for bills and pays them. */
export type BillCodes = {
  /** Words before a product's code. */
  readonly inquiry: readonly string[]
  readonly pay: readonly string[]
  /**
   * What a payment pays: the last inquiry of the same product and number, whatever reference it
   * had, or only the one under its own reference.
   */
  readonly pair: 'number' | 'ref'
}

export type MeantByCode = {
  readonly what: 'order' | 'inquiry' | 'pay'
  /** Without the word before it. */
  readonly product: string
}

export type PostpaidActions = {
  /** With a reference the inquiry is kept under it, for who pays by the reference alone. */
  'postpaid.inquire': {
    params: {
      userId: string
      level: number
      product: string
      destination: string
      ref?: string
      /** It is kept for its product and number as well. */
      byNumber?: boolean
      /** It can be paid until the day ends in Jakarta, and not for half an hour. */
      sameDay?: boolean
    }
    result: Answer<InquiryView>
  }
  /** Pays what was last inquired under this reference, or else, by number, for this number. */
  'postpaid.pay': {
    params: Omit<PlaceParams, 'inquiryToken'> & { byNumber?: boolean }
    result: Answer<Placed>
  }
  'postpaid.meant': {
    params: { product: string; words: Pick<BillCodes, 'inquiry' | 'pay'> }
    result: MeantByCode
  }
  'postpaid.meter': { params: { number: string }; result: Answer<MeterView> }
}
