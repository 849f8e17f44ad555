/**
 * What a merchant's dashboard hears of its payments and batches, made of one journal line alone: a
 * line that is read again later says the same.
 *
 *   payment:created, payment:paid, payment:expired, payment:failed, payment:refunded
 *   payment:refund-confirmed, payment:sound (played, digest or silent)
 *   settlement:created, settlement:paid, …
 *
 * SAO1. One line is one event: of several things in it, the last that the merchant looks at names
 *       it, and what they say stands together.
 */

import type { PaymentEvent } from '../../actors/payment/payment-contract.ts'
import type { Settlement } from '../../actors/settlement/settlement.ts'
import type { JournalRecord } from '../../engine/record.ts'
import type { LiveEvent } from '../contract/live.ts'

type Telling = { readonly name: string; readonly data: Readonly<Record<string, unknown>> }

export function merchantEvent(record: JournalRecord, seq: number): LiveEvent | null {
  const tellings =
    record.kind === 'payment'
      ? (record.events as readonly PaymentEvent[]).map(paymentTelling)
      : (record.events as readonly Settlement['event'][]).map(batchTelling)
  const last = tellings.at(-1)
  if (last === undefined) return null
  // Paid in the same turn as it fell silent: it is the money that counts.
  const named = tellings.find(({ name }) => name === 'payment:paid') ?? last
  const id = record.kind === 'payment' ? 'transaction_id' : 'settlement_batch_id'
  const base = { [id]: record.id, at: new Date(record.at).toISOString() }
  const data = Object.assign({}, base, ...tellings.map(one => one.data))
  return { id: String(seq), name: named.name, data }
}

function paymentTelling(event: PaymentEvent): Telling {
  switch (event.type) {
    case 'created': {
      const { outlet, terminal, kind, amount, reference } = event
      const place = { outlet_id: outlet, terminal_id: terminal, kind, reference }
      return { name: 'payment:created', data: { ...place, amount, status: 'pending' } }
    }
    case 'paid': {
      const { amount, fee, late } = event
      const status = late === undefined ? 'paid' : 'paid_late'
      return { name: 'payment:paid', data: { amount, fee, net: amount - fee, status } }
    }
    case 'expired':
      return { name: 'payment:expired', data: { status: 'expired' } }
    case 'failed':
      return { name: 'payment:failed', data: { status: 'failed' } }
    case 'refunded': {
      const status = event.whole ? 'refunded' : 'partly_refunded'
      return { name: 'payment:refunded', data: { refunded: event.amount, status } }
    }
    case 'refund_confirmed':
      return { name: 'payment:refund-confirmed', data: { refund_id: event.refundId } }
    case 'renotified':
      return { name: 'payment:sound', data: { sound: null } }
    case 'proved': {
      const { outcome, why } = event
      return { name: 'payment:sound', data: { sound: outcome, sound_reason: why } }
    }
  }
}

function batchTelling(event: Settlement['event']): Telling {
  switch (event.type) {
    case 'created': {
      const { reference, dueDay, days } = event
      const total = days.reduce((sum, { amount }) => sum + amount, 0)
      const data = { reference, due_day: dueDay, days_total: total, status: 'created' }
      return { name: 'settlement:created', data }
    }
    case 'adjusted': {
      const { kind, amount } = event
      return { name: 'settlement:adjusted', data: { adjusted: kind, amount } }
    }
    case 'reference_set':
      return { name: 'settlement:named', data: { bank_reference: event.bankReference } }
    case 'paid': {
      const { total, bankReference } = event
      const data = { total, bank_reference: bankReference, status: 'paid' }
      return { name: 'settlement:paid', data }
    }
    case 'given':
      return { name: 'settlement:given', data: { total: event.amount } }
    case 'failed':
    case 'cancelled':
      return { name: `settlement:${event.type}`, data: { status: event.type } }
    case 'reprocessed':
      return { name: 'settlement:reprocessed', data: { next: event.next, status: 'reprocessed' } }
  }
}
