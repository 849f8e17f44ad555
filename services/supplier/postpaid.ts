/** What a supplier who takes payments of bills can be asked, and what it says of a bill. */

import type { Answered, Asked, Credentials, Reading, SupplierRequest } from './adapter.ts'

export type Bill = {
  readonly customerName: string
  /** What we would be charged; what they suggest the customer pays, null when they don't. */
  readonly cost: number
  readonly suggested: number | null
  /** Their share in it, null when it is not legible. */
  readonly admin: number | null
  readonly periods: string
  /** `desc` as JSON text, empty when it is too long. */
  readonly detail: string
}

export type Inquiry =
  | { readonly outcome: 'bill'; readonly bill: Bill; readonly reply: string }
  | {
      readonly outcome: 'failed'
      readonly code: string
      readonly message: string
      readonly reply: string
      /** It is about us (access, balance, limits), not about the bill. */
      readonly supplierTrouble: boolean
    }
  | { readonly outcome: 'unknown'; readonly why: string; readonly reply: string }

export type Meter =
  | {
      readonly outcome: 'meter'
      readonly name: string
      readonly meterNumber: string
      readonly subscriberId: string
      /** Tariff and power, `R1 /000001300`. */
      readonly segment: string
    }
  | {
      readonly outcome: 'refused'
      readonly code: string
      readonly message: string
      readonly supplierTrouble: boolean
    }
  | { readonly outcome: 'unknown'; readonly why: string }

/** Beside the adapter of a supplier: its answers to `pay` and `status` the adapter reads. */
export type Postpaid = {
  inquire(asked: Asked, credentials: Credentials): SupplierRequest
  readBill(answer: Answered, asked: Asked, credentials: Credentials): Inquiry
  /** Under the reference of an inquiry of the same day. */
  pay(asked: Asked, credentials: Credentials): SupplierRequest
  /** Never pays, or is the payment word for word, see `statusRepeats`. */
  status(asked: Asked, credentials: Credentials): SupplierRequest
  /** How long to wait before each further question of who says that they are looking. */
  readonly lookingMs?: readonly number[]
  /** Their status is the payment once more: asked too late or too early, it would pay. */
  readonly statusRepeats?: true
  /** What `status` hears, where the adapter would take it for the answer to a repeat. */
  readStatus?(answer: Answered, asked: Asked, credentials: Credentials): Reading
  /** Of those who tell whose meter it is. */
  readonly meter?: {
    ask(number: string, credentials: Credentials): SupplierRequest
    read(answer: Answered, number: string, credentials: Credentials): Meter
  }
}
