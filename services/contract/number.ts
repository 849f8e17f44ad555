/**
 * Virtual numbers that wait for codes: the catalogue as people see it, activations, invoice links,
 * prices, and what keeps the line from being misused. Base prices are for staff only.
 */

import type { Answer } from './answer.ts'
import type { Millis, MoneyEffect, Rupiah } from './words.ts'

// -- catalogue ---------------------------------------------------------------------------------

export type NumberService = {
  readonly serviceId: string
  readonly name: string
  /** What else it is called, to be sought by. */
  readonly also: readonly string[]
  /** Lowest price over all countries, with our markup; null while nothing is in stock. */
  readonly fromPrice: Rupiah | null
  readonly stock: number
}

export type NumberCountry = {
  readonly countryId: string
  readonly name: string
  readonly english: string
  readonly also: readonly string[]
  readonly price: Rupiah
  readonly stock: number
  /** Of a hundred numbers so many got a code; null while too few are known. */
  readonly successRate: number | null
  /** What we know of it is older than it should be: the supplier did not answer lately. */
  readonly stale: boolean
}

export type NumberOperator = {
  /** `any` is always there. */
  readonly operatorId: string
  readonly name: string
  readonly price: Rupiah
  readonly stock: number | null
}

// -- activations -------------------------------------------------------------------------------

export type ActivationStatus =
  | 'processing'
  | 'waiting'
  | 'otp_received'
  | 'finished'
  | 'cancelling'
  | 'refunded'
  | 'expired'
  | 'checking'

export type ActivationMessage = {
  /** Null when its time to be shown is over. */
  readonly text: string | null
  readonly code: string | null
  readonly receivedAt: Millis
  readonly late: boolean
}

export type ActivationView = {
  readonly orderId: string
  readonly ref: string
  readonly status: ActivationStatus
  readonly serviceId: string
  readonly serviceName: string
  readonly countryId: string
  readonly countryName: string
  readonly operatorId: string
  readonly number: string | null
  readonly price: Rupiah
  readonly moneyEffect: MoneyEffect
  /** The newest code; null until there is one, and when its time to be shown is over. */
  readonly otp: string | null
  readonly messages: readonly ActivationMessage[]
  readonly resendsLeft: number
  /** Another code was asked for and has not come yet. */
  readonly awaitsNext: boolean
  /** Until when we wait for a code, or for more of them. */
  readonly expiresAt: Millis | null
  readonly why: string | null
  readonly createdAt: Millis
  readonly updatedAt: Millis
}

export type NumberActions = {
  'number.services': {
    params: { userId: string | null; level: number; search: string; limit: number; after: string }
    /** `asOf`: the oldest of what is shown; null while nothing was read yet. */
    result: Answer<{ services: readonly NumberService[]; next: string | null; asOf: Millis | null }>
  }
  'number.countries': {
    params: { userId: string | null; level: number; serviceId: string }
    result: Answer<{ countries: readonly NumberCountry[]; asOf: Millis | null }>
  }
  'number.operators': {
    params: { userId: string | null; level: number; serviceId: string; countryId: string }
    result: Answer<{ operators: readonly NumberOperator[] }>
  }
  /** The price is locked: what is asked is what is paid, or it is refused with PRICE_ABOVE_MAX. */
  'number.create': {
    params: {
      userId: string
      level: number
      /** The client's own word for it; the same word again is the same order. */
      ref: string
      serviceId: string
      countryId: string
      operatorId: string
      maxPrice: Rupiah | null
      /** Shortened address of who asked, for velocity limits. */
      address: string
      /** Who has no word to ask again with waits through a doubt, too. */
      untilKnown?: boolean
    }
    result: Answer<{ order: ActivationView; invoice: string; balance: Rupiah }>
  }
  'number.get': { params: { userId: string; orderId: string }; result: Answer<ActivationView> }
  'number.list': {
    params: { userId: string; cursor: string | null; limit: number; status: string | null }
    result: Answer<{ orders: readonly ActivationView[]; next: string | null }>
  }
  'number.cancel': { params: { userId: string; orderId: string }; result: Answer<ActivationView> }
  'number.resend': { params: { userId: string; orderId: string }; result: Answer<ActivationView> }
  /** Whoever has his code needs no more of them. */
  'number.finish': { params: { userId: string; orderId: string }; result: Answer<ActivationView> }
  /** Everything of one user that still waits, newest first, at most a hundred. */
  'number.active': { params: { userId: string }; result: Answer<readonly ActivationView[]> }
  /** By the unguessable word of its link; without login. */
  'number.invoice': { params: { word: string }; result: Answer<ActivationView> }
  'number.link': {
    params: { userId: string; orderId: string }
    result: Answer<{ invoice: string }>
  }
  /** Ends the link and makes another. */
  'number.relink': {
    params: { userId: string; orderId: string; address: string }
    result: Answer<{ invoice: string }>
  }
}
