/**
 * A payment as people see it: out of the actor, which is newest, or out of its row.
 *
 * SAP9. What a merchant gets of a payment is what is left of it: less our fee and what was given
 *       back, and with what of our fee went back.
 */

import { isBooked, refundedOf } from '../../actors/payment/payment.ts'
import type { PaymentState } from '../../actors/payment/payment-contract.ts'
import type { PaymentRow } from '../../sql/soundbox/payments.ts'
import type { PaymentStatus, PaymentView, SoundOutcome, SoundView } from '../contract/soundbox.ts'

type Known = Exclude<PaymentState, { readonly phase: 'absent' }>

/** What only rows know: what the box was seen to do, and the batch it is in. */
type RowWords = Pick<PaymentRow, 'messageId' | 'publishedMs' | 'receivedMs' | 'batchId'>

function statusOf(state: Known): PaymentStatus {
  switch (state.phase) {
    case 'pending':
      return 'PENDING'
    case 'expired':
      return 'EXPIRED'
    case 'failed':
      return 'FAILED'
    case 'refunded':
      return 'REFUNDED'
    case 'paid':
    case 'paid_late':
      if (state.refunds.length > 0) return 'PARTLY_REFUNDED'
      return state.phase === 'paid' ? 'PAID' : 'PAID_LATE'
  }
}

export function viewOfState(id: string, state: Known, row: RowWords | null): PaymentView {
  const { facts, createdAt, updatedAt } = state
  const booked = isBooked(state) ? state : null
  const fee = booked?.paid.fee ?? null
  return {
    transactionId: id,
    merchantId: facts.merchant,
    outletId: facts.outlet,
    terminalId: facts.terminal,
    deviceId: booked?.sound.device ?? null,
    kind: facts.kind,
    status: statusOf(state),
    amount: facts.amount,
    fee,
    net: booked === null ? null : netOf(facts.amount, booked.paid.fee, refundsOf(booked)),
    refunded: booked === null ? 0 : refundedOf(booked),
    reference: facts.reference,
    qr: facts.qr,
    expiresAt: facts.expiresAt,
    paidAt: booked?.paid.paidAt ?? null,
    late: booked?.paid.late ?? null,
    payer: booked?.paid.payer ?? '',
    acquirerRef: booked?.paid.acquirerRef ?? '',
    sound: soundOf(state, row),
    settlementBatchId: row?.batchId ?? null,
    createdBy: facts.by,
    createdAt,
    updatedAt,
  }
}

type Refunds = { readonly refunded: number; readonly feeBack: number }

const netOf = (amount: number, fee: number, { refunded, feeBack }: Refunds): number =>
  amount - fee - refunded + feeBack

const refundsOf = (booked: Extract<Known, { readonly refunds: unknown }>): Refunds => ({
  refunded: refundedOf(booked),
  feeBack: booked.refunds.reduce((sum, { fee }) => sum + fee, 0),
})

function soundOf(state: Known, row: RowWords | null): SoundView {
  if (!isBooked(state)) return unheard
  const { messageId, outcome, reason, endedAt } = state.sound
  const seen = row?.messageId === messageId ? row : null
  return {
    ...{ messageId, outcome, reason },
    publishedAt: rounded(seen?.publishedMs ?? null),
    receivedAt: rounded(seen?.receivedMs ?? null),
    playedAt: outcome === 'played' ? endedAt : null,
  }
}

const unheard: SoundView = {
  messageId: null,
  outcome: null,
  reason: null,
  publishedAt: null,
  receivedAt: null,
  playedAt: null,
}

const rounded = (ms: number | null): number | null => (ms === null ? null : Math.round(ms))

export function viewOfRow(row: PaymentRow): PaymentView {
  const outcome = row.sound as SoundOutcome | null
  return {
    transactionId: row.id,
    merchantId: row.merchantId,
    outletId: row.outletId,
    terminalId: row.terminalId,
    deviceId: row.deviceId,
    kind: row.kind as PaymentView['kind'],
    status: row.status as PaymentStatus,
    amount: row.amount,
    fee: row.fee,
    net: row.fee === null ? null : netOf(row.amount, row.fee, row),
    refunded: row.refunded,
    reference: row.reference,
    qr: row.qr,
    expiresAt: rounded(row.expiresMs),
    paidAt: rounded(row.paidMs),
    late: row.late as PaymentView['late'],
    payer: row.payer,
    acquirerRef: row.acquirerRef,
    sound: {
      messageId: row.messageId,
      outcome,
      reason: row.soundReason === '' ? null : row.soundReason,
      publishedAt: rounded(row.publishedMs),
      receivedAt: rounded(row.receivedMs),
      playedAt: outcome === 'played' ? rounded(row.endedMs) : null,
    },
    settlementBatchId: row.batchId,
    createdBy: row.createdBy,
    createdAt: Math.round(row.createdMs),
    updatedAt: Math.round(row.updatedMs),
  }
}
