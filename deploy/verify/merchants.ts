/**
 * What merchants and their desk read, against what the journal says at the line that these tables
 * claim to be at.
 *
 * Z51. Every payment has one row that says how it stands: status, amount, fee, what was given back,
 *      what was heard, times; and there are no others.
 * Z52. Every settlement batch has one row with what it takes, day by day, how it ended and who had
 *      its bank's file, and one for each adjustment; and there are no others. A row of before it was
 *      kept there says nothing of the file.
 * Z68. Every posting of a payment or a batch has one row, with its merchant, accounts and amount;
 *      and there are no others.
 * Z54. Each payment's row names the batch that holds it, and each of its refunds has one row with
 *      day, amount, fee and the batch that holds that; there are no others.
 */

import type { Actors } from './actors.ts'
import type { Payment } from './payments.ts'
import type { Problems } from './problems.ts'
import { compareRows, type Wanted } from './rows.ts'
import type { Settlement } from './settlements.ts'
import type { Source } from './source.ts'
import type { Takings } from './takings.ts'

type About = { readonly shard: number; readonly actors: Actors; readonly problems: Problems }
/** As of line `seq` of the shard. */
type At = Omit<About, 'problems'> & { readonly takings: Takings; readonly seq: number }

const payments = {
  view: 'payment_view',
  columns: [
    ...['merchant_id', 'reference', 'status', 'amount', 'fee', 'day', 'late', 'refunded'],
    ...['fee_back', 'message_id', 'sound', 'created_at', 'updated_at', 'batch', 'refunds'],
    ...['made', 'told', 'device_id', 'sound_reason', 'entries'],
  ],
} as const
const batches = {
  view: 'settlement_view',
  columns: [
    ...['merchant_id', 'reference', 'status', 'days_total', 'adjusted', 'bank_reference'],
    ...['created_at', 'updated_at', 'due_day', 'days', 'reason', 'replaces', 'next_id'],
    ...['created_by', 'paid_at', 'given_by', 'given_at', 'adjustments', 'entries'],
  ],
  unsaid: ['given_by', 'given_at'],
} as const

/** Rows of several shards, until all have been compared and what is left over is known. */
export class Merchants {
  readonly #problems: Problems
  #payments = 0
  #batches = 0
  /** A shard's tables were ahead of its journal: which of their rows are too many, nobody knows. */
  isAhead = false

  constructor(problems: Problems) {
    this.#problems = problems
  }

  async compare(source: Source, about: At): Promise<void> {
    const told = { ...about, problems: this.#problems }
    const ofPayments = new Map<string, Wanted>()
    const ofBatches = new Map<string, Wanted>()
    for (const { id, payment, settlement } of about.actors.known.values()) {
      if (payment !== null && payment.phase !== 'absent') {
        ofPayments.set(id, rowOfPayment(payment, about))
      }
      if (settlement !== null && settlement.phase !== 'absent') {
        ofBatches.set(id, rowOfBatch(settlement))
      }
    }
    const paid = (ids: readonly string[]) => source.payments(ids)
    const settled = (ids: readonly string[]) => source.batches(ids)
    // Two shards are compared at a time: a sum is read when its part is there.
    const foundPaid = await compareRows({ ...payments, wanted: ofPayments, read: paid }, told)
    this.#payments += foundPaid
    const foundSettled = await compareRows({ ...batches, wanted: ofBatches, read: settled }, told)
    this.#batches += foundSettled
  }

  async finish(source: Source): Promise<void> {
    if (this.isAhead) return
    const counts = await source.merchantCounts()
    this.#tellExtra('payment_view.extra', counts.payments - this.#payments)
    this.#tellExtra('settlement_view.extra', counts.batches - this.#batches)
    this.#tellStray('payment_refund.extra', counts.strayRefunds)
    this.#tellStray('settlement_adjustment.extra', counts.strayAdjustments)
    this.#tellStray('merchant_entry.extra', counts.strayEntries)
  }

  #tellExtra(name: Extra, count: number): void {
    if (count > 0) this.#problems.add(name, { shard: 0 }, `${count} rows are in no journal`)
  }

  /** Also when the row that they belong to is gone. */
  #tellStray(name: Extra, count: number): void {
    const text = `${count} rows belong to nothing that has a row`
    if (count > 0) this.#problems.add(name, { shard: 0 }, text)
  }
}

type Extra = `${'payment_view' | 'payment_refund' | 'settlement_view'}.extra` | StrayMoney
type StrayMoney = `${'settlement_adjustment' | 'merchant_entry'}.extra`

function rowOfPayment(payment: Payment, { takings, seq }: At): Wanted {
  const { merchant, reference, amount, day, late, refunded, feeBack, messageId, sound } = payment
  const fee = payment.phase === 'paid' ? payment.fee : null
  const holder = (on: string, since: number) => takings.batchOf(merchant, on, { since, until: seq })
  const refunds = [...payment.refunds]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(one => {
      const words = [one.id, one.day, one.amount, one.fee, holder(one.day, one.seq) ?? '-']
      return [...words, one.at, one.words, ...(one.confirmedBy === null ? [] : ['told'])].join(' ')
    })
  return [
    ...[merchant, reference, statusOf(payment), amount, fee, day, late, refunded, feeBack],
    ...[messageId, sound, payment.createdAt, payment.updatedAt],
    day === null ? null : holder(day, payment.bookedSeq),
    refunds.length === 0 ? null : refunds.join(', '),
    ...[payment.made, payment.told, payment.device, payment.soundReason, `${payment.booked}`],
  ]
}

function statusOf({ phase, late, refunded, amount }: Payment): string {
  if (phase !== 'paid') return phase.toUpperCase()
  if (refunded > 0) return refunded === amount ? 'REFUNDED' : 'PARTLY_REFUNDED'
  return late === null ? 'PAID' : 'PAID_LATE'
}

function rowOfBatch(settlement: Settlement): Wanted {
  const { merchant, reference, phase, total, adjusted, bankReference } = settlement
  const { createdAt, updatedAt } = settlement
  const days = settlement.days.map(({ day, amount }) => `${day} ${amount}`)
  const adjustments = settlement.adjustments.map(({ words }) => words).sort()
  return [
    ...[merchant, reference, phase, total - adjusted, adjusted, bankReference],
    ...[createdAt, updatedAt, settlement.dueDay, listed(days), settlement.reason],
    ...[settlement.replaces, settlement.next, settlement.by, settlement.paidAt],
    ...[settlement.givenBy, settlement.givenAt, listed(adjustments), `${settlement.booked}`],
  ]
}

const listed = (all: readonly string[]): string | null => (all.length === 0 ? null : all.join(', '))
