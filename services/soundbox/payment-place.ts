/**
 * Where a payment lives: in the shard of its merchant, under a key computed from the merchant and
 * the reference. The label inside a payment's own QR spells shard and key, so that whoever brings
 * it back has found the payment, whatever else he knows.
 *
 * SAH1. The same merchant and reference are the same place, on every machine and for ever; a
 *       printed QR's payments are told apart by the acquirer's reference.
 * SAH2. A label is short enough for a QR, and nothing else reads as one.
 * SAH3. An id of something else (a batch, a transfer, a box) names no payment: nothing is asked of
 *       it.
 */

import type { PaymentState } from '../../actors/payment/payment-contract.ts'
import { fingerprint, type Key, keyOf, shardOf } from '../../engine/ids.ts'

export type Place = { readonly shard: number; readonly key: Key }

export const placeOf = (merchantId: string, reference: string): Place => ({
  shard: shardOf(merchantId),
  key: fingerprint('payment', merchantId, reference),
})

export const printedReference = (acquirerRef: string): string => `static:${acquirerRef}`

/** Of money that came for a payment and is not that payment's: each event of it is one. */
export const besideReference = (eventId: string): string => `beside:${eventId}`

export const placeOfId = (transactionId: string): Place => ({
  shard: shardOf(transactionId),
  key: keyOf(transactionId),
})

export const labelOf = ({ shard, key }: Place): string =>
  `P${shard.toString(16).padStart(3, '0')}${key}`

const labelShape = /^P([0-9a-f]{3})([0-3][0-9a-f]{15})$/

export function placeOfLabel(text: string): Place | null {
  const read = labelShape.exec(text)
  return read === null ? null : { shard: Number.parseInt(read[1]!, 16), key: read[2]! }
}

export type KnownPayment = Exclude<PaymentState, { readonly phase: 'absent' }>

/** What was read under an id that came from outside, if it is a payment that was ever made. */
export function asPayment(state: { readonly phase: string }): KnownPayment | null {
  const isOne = 'facts' in state && 'createdAt' in state
  return isOne ? (state as KnownPayment) : null
}
