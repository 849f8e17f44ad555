/**
 * What verify finds wrong: a stable name, the place, and a sentence. A journal that is wrong in one
 * way is often wrong a million times, so all are counted and only the first are kept.
 *
 * Z1. Every problem is counted under its name; no more are kept than can be read.
 */

export type Place = {
  readonly shard: number
  readonly seq?: number | undefined
  /** The actor's id, or the account, or the claimed word. */
  readonly actor?: string | undefined
}

export type Problem = Place & { readonly name: ProblemName; readonly text: string }

/** Stable: tools and runbooks look for these. A retired name is never given away again. */
export type ProblemName =
  // The lines themselves.
  | 'chain.gap'
  | 'chain.hash'
  | 'chain.unreadable'
  | 'chain.actor'
  | 'chain.shard'
  | 'chain.time'
  | 'born.missing'
  | 'born.again'
  | 'actor.changed'
  // Money.
  | 'ledger.amount'
  | 'ledger.after'
  | 'ledger.floor'
  | 'ledger.hold'
  | 'ledger.sum'
  | 'ledger.held'
  | 'ledger.clearing'
  // Orders.
  | 'order.key'
  | 'order.placed'
  | 'order.attempt'
  | 'order.reference'
  | 'order.plan'
  | 'order.phase'
  | 'order.event'
  | 'order.hold'
  | 'order.charge'
  | 'order.release'
  | 'order.refund'
  | 'order.cost'
  | 'order.wallet'
  | 'order.bill'
  | 'order.hold_by_hand'
  | 'claim.held_twice'
  // Commissions of uplines.
  | 'commission.key'
  | 'commission.again'
  | 'commission.unpaid'
  | 'commission.changed'
  | 'commission.money'
  // Soundboxes.
  | 'device.event'
  | 'device.queued'
  | 'device.ended'
  | 'device.digest'
  | 'device.secret'
  // Payments to merchants, and their settlement.
  | 'payment.key'
  | 'payment.event'
  | 'payment.money'
  | 'payment.refund'
  | 'payment.notice'
  | 'settlement.key'
  | 'settlement.event'
  | 'settlement.money'
  // Rented numbers, and deposits through gateways.
  | 'number.key'
  | 'number.event'
  | 'number.money'
  | 'number.charge'
  | 'number.refund'
  | 'number.cost'
  | 'deposit.key'
  | 'deposit.event'
  | 'deposit.money'
  | 'deposit.credit'
  | 'deposit.suspense'
  | 'deposit.paid_out'
  // Money between shards.
  | 'transfer.money'
  | 'transfer.again'
  | 'transfer.unsent'
  | 'transfer.changed'
  | 'transfer.lost'
  | 'transfer.float'
  | 'transfer.gateway'
  // What persons, banks and acquirers told, beside the journal.
  | 'credit_entry.missing'
  | 'credit_entry.extra'
  | 'credit_entry.changed'
  | 'credit_line.changed'
  | 'gateway_payout.missing'
  | 'gateway_payout.extra'
  | 'gateway_payout.changed'
  | 'manual_deposit.missing'
  | 'manual_deposit.extra'
  | 'manual_deposit.changed'
  | 'transfer_request.missing'
  | 'transfer_request.extra'
  | 'transfer_request.changed'
  | 'deposit_ticket.extra'
  | 'deposit_ticket.changed'
  | 'bank_mutation.extra'
  | 'bank_mutation.changed'
  | 'deposit_verdict.extra'
  | 'deposit_verdict.changed'
  | 'number_refund.extra'
  | 'number_refund.changed'
  | 'overcharge.extra'
  | 'overcharge.changed'
  | 'qris_callback.extra'
  | 'qris_callback.changed'
  // The books of the days.
  | 'closing.seal'
  | 'closing.cut'
  | 'closing.changed'
  // What recovery starts from.
  | 'checkpoint.ahead'
  | 'checkpoint.hash'
  | 'checkpoint.claims'
  | 'account.missing'
  | 'account.extra'
  | 'account.changed'
  | 'account.house'
  | 'snapshot.missing'
  | 'snapshot.extra'
  | 'snapshot.changed'
  | 'snapshot.holds'
  | 'snapshot.owes'
  | 'snapshot.wakes'
  // What people read.
  | 'projection.ahead'
  | 'projection.behind'
  | 'order_view.missing'
  | 'order_view.extra'
  | 'order_view.changed'
  | 'payment_view.missing'
  | 'payment_view.extra'
  | 'payment_view.changed'
  | 'payment_refund.extra'
  | 'settlement_adjustment.extra'
  | 'merchant_entry.extra'
  | 'settlement_view.missing'
  | 'settlement_view.extra'
  | 'settlement_view.changed'
  | 'number_view.missing'
  | 'number_view.extra'
  | 'number_view.changed'
  | 'number_profit.extra'
  | 'number_activity.extra'
  | 'deposit_intent.missing'
  | 'deposit_intent.extra'
  | 'deposit_intent.changed'
  | 'deposit_suspense.extra'
  | 'device_view.missing'
  | 'device_view.extra'
  | 'device_view.changed'
  | 'commission_entry.missing'
  | 'commission_entry.extra'
  | 'commission_entry.changed'
  | 'mutation.missing'
  | 'mutation.extra'
  | 'mutation.changed'
  | 'account_view.missing'
  | 'account_view.extra'
  | 'account_view.changed'

const keptMax = 1_000
/** Of one name, so that a flood of one does not hide the others. */
const keptPerNameMax = 200

export class Problems {
  count = 0
  readonly kept: Problem[] = []
  readonly counts = new Map<ProblemName, number>()

  add(name: ProblemName, place: Place, text: string): void {
    this.count++
    const count = (this.counts.get(name) ?? 0) + 1
    this.counts.set(name, count)
    if (this.kept.length < keptMax && count <= keptPerNameMax) {
      this.kept.push({ name, ...place, text })
    }
  }
}

/** `shard 7, line 42, wallet:…`, as far as it is known. */
export function placeText({ shard, seq, actor }: Place): string {
  const line = seq === undefined ? '' : `, line ${seq}`
  return `shard ${shard}${line}${actor === undefined ? '' : `, ${actor}`}`
}
