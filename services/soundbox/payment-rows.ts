/**
 * From journal lines to rows of payments, refunds, settlement batches and merchants' postings.
 *
 *   journal follower ──lines──▶ pile (in order) ──one write at a time──▶ tables + positions
 *
 * SAG1. A line is folded once and in order: positions are written together with the rows.
 * SAG2. A batch takes exactly what came before it in its shard: payments and refunds of its days
 *       that no live batch has; a batch that ended unpaid lets them go.
 * SAG4. Folded again from the first line, the tables say the same.
 */

import type { PaymentEvent } from '../../actors/payment/payment-contract.ts'
import type { Settlement } from '../../actors/settlement/settlement.ts'
import type { JournalRecord } from '../../engine/record.ts'
import type { DatabasePool } from '../../sql/database.ts'
import { movePositions, type Place, positionsIn, type Step } from '../../sql/positions.ts'
import {
  addAdjustment,
  addBatch,
  addMerchantEntries,
  addPayments,
  addRefunds,
  confirmRefunds,
  freeLines,
  type NewEntry,
  type NewPayment,
  type NewRefund,
  type PaymentPatch,
  patchBatch,
  patchPayments,
  type RefundWord,
  resetPayments,
} from '../../sql/soundbox/payment-rows.ts'
import { JournalFollower, type JournalSource } from '../journal-follower.ts'

type Tx = Parameters<typeof addPayments>[0]

type PaymentRowsDeps = {
  readonly pool: DatabasePool
  readonly shards: number
  readonly isOwner: () => boolean
  readonly source: JournalSource
  readonly onError: (cause: unknown) => void
}

type Taken = { readonly shard: number; readonly seq: number; readonly record: JournalRecord }

const pileMax = 20_000
/** What nobody waits for gathers so long: a payment's first lines make one row, written once. */
const pace = { beatMs: 50, gatherMs: 250, gatherMax: pileMax, pileMax }
const ownerPrefix = 'merchant:'

export class PaymentRows {
  readonly #deps: PaymentRowsDeps
  readonly follower: JournalFollower
  #pile: Taken[] = []

  constructor(deps: PaymentRowsDeps) {
    this.#deps = deps
    const { shards, isOwner, source, onError } = deps
    this.follower = new JournalFollower(
      { name: 'soundbox payments', shards, isOwner, source, onError, ...pace },
      {
        positions: () => this.#findPositions(),
        take: ({ shard, seq }, record) => this.#take(shard, seq, record),
        takeRead: (shard, read) => {
          for (const { line, record } of read) this.#take(shard, line.seq, record)
          return undefined
        },
        write: steps => this.#write(steps),
        gathered: () => this.#pile.length,
      },
    )
  }

  /** Empties the tables; they are folded again from the first line. */
  rebuild(): Promise<void> {
    return this.follower.rebuild(() => resetPayments(this.#deps.pool))
  }

  get idle(): boolean {
    return this.follower.idle
  }

  #take(shard: number, seq: number, record: JournalRecord): void {
    // An answer to an effect, which says nothing more, is in no row.
    const isEmpty = record.events.length === 0 && record.entries.length === 0
    if (isOurs(record) && !isEmpty) this.#pile.push({ shard, seq, record })
  }

  async #findPositions(): Promise<readonly Place[]> {
    const places = await positionsIn(this.#deps.pool, 'payment_position')
    this.#pile = []
    return places
  }

  async #write(steps: readonly Step[]): Promise<undefined> {
    const pile = this.#pile
    this.#pile = []
    await this.#deps.pool.transaction(async tx => {
      await movePositions(tx, 'payment_position', steps)
      await save(tx, pile)
    })
  }
}

const isOurs = ({ kind }: JournalRecord): boolean => kind === 'payment' || kind === 'settlement'

/** Payments gather; a batch is written behind all that came before it. */
async function save(tx: Tx, pile: readonly Taken[]): Promise<void> {
  let gathered = new Gathered()
  for (const taken of pile) {
    gathered.entries.push(...entriesOf(taken))
    if (taken.record.kind === 'payment') gathered.add(taken.record)
    else {
      await gathered.write(tx)
      gathered = new Gathered()
      for (const event of taken.record.events as readonly Settlement['event'][]) {
        await settle(tx, taken.record, event)
      }
    }
  }
  await gathered.write(tx)
}

function entriesOf({ shard, seq, record }: Taken): readonly NewEntry[] {
  const merchantId = merchantOf(record)
  return record.entries.map(([, name, debit, credit, amount], leg) => ({
    ...{ shard, seq, leg, merchantId, subject: record.kind, subjectId: record.id },
    ...{ name, debit, credit, amount, atMs: record.at },
  }))
}

const merchantOf = ({ owner }: JournalRecord): string => (owner ?? '').slice(ownerPrefix.length)

class Gathered {
  readonly entries: NewEntry[] = []
  readonly #made = new Map<string, NewPayment>()
  readonly #patches = new Map<string, PaymentPatch>()
  readonly #refunds: NewRefund[] = []
  readonly #confirmed: RefundWord[] = []

  add(record: JournalRecord): void {
    const { id, at } = record
    for (const event of record.events as readonly PaymentEvent[]) {
      if (event.type === 'created') {
        const { merchant, outlet, terminal, kind, amount, reference, qr, expiresAt, by } = event
        this.#made.set(id, {
          ...{ id, merchantId: merchant, outletId: outlet, terminalId: terminal, kind, amount },
          ...{ reference, qr, expiresMs: expiresAt, by, createdMs: at },
        })
        continue
      }
      if (event.type === 'refunded') {
        const { refundId, day, amount, fee, reason, by } = event
        const merchantId = merchantOf(record)
        this.#refunds.push({
          ...{ paymentId: id, refundId, merchantId, day, amount, fee, reason, by, atMs: at },
        })
      }
      if (event.type === 'refund_confirmed') {
        this.#confirmed.push({ paymentId: id, refundId: event.refundId, atMs: at })
      }
      const patch = this.#patches.get(id) ?? { id, updatedMs: at }
      this.#patches.set(id, patch)
      change(patch, event, at)
    }
  }

  async write(tx: Tx): Promise<void> {
    const made = [...this.#made.values()].map(one => ({ ...one, ...this.#patches.get(one.id) }))
    const patches = [...this.#patches.values()].filter(({ id }) => !this.#made.has(id))
    if (made.length > 0) await addPayments(tx, made)
    if (patches.length > 0) await patchPayments(tx, patches)
    if (this.#refunds.length > 0) await addRefunds(tx, this.#refunds)
    if (this.#confirmed.length > 0) await confirmRefunds(tx, this.#confirmed)
    if (this.entries.length > 0) await addMerchantEntries(tx, this.entries)
  }
}

function change(patch: PaymentPatch, event: PaymentEvent, at: number): void {
  patch.updatedMs = at
  switch (event.type) {
    case 'created':
      return
    case 'paid':
      patch.status = event.late === undefined ? 'PAID' : 'PAID_LATE'
      patch.fee = event.fee
      patch.paidMs = event.paidAt
      patch.bookedMs = at
      patch.day = event.day
      patch.payer = event.payer
      patch.acquirerRef = event.acquirerRef
      if (event.late !== undefined) patch.late = event.late
      hear(patch, event.notice)
      return
    case 'failed':
      patch.status = 'FAILED'
      return
    case 'expired':
      patch.status = 'EXPIRED'
      return
    case 'refunded':
      patch.status = event.whole ? 'REFUNDED' : 'PARTLY_REFUNDED'
      patch.refunded = (patch.refunded ?? 0) + event.amount
      patch.feeBack = (patch.feeBack ?? 0) + event.fee
      return
    case 'refund_confirmed':
      return
    case 'renotified':
      hear(patch, event.notice)
      return
    case 'proved':
      patch.sound = event.outcome
      patch.soundReason = event.why
      return
  }
}

function hear(patch: PaymentPatch, notice: { messageId: string; device: string | null }): void {
  patch.messageId = notice.messageId
  patch.deviceId = notice.device ?? ''
  patch.sound = ''
  patch.soundReason = ''
}

async function settle(tx: Tx, record: JournalRecord, event: Settlement['event']): Promise<void> {
  const { id, at } = record
  const merchantId = merchantOf(record)
  switch (event.type) {
    case 'created': {
      const { reference, dueDay, days, by, replaces = null } = event
      const total = days.reduce((sum, { amount }) => sum + amount, 0)
      await addBatch(tx, {
        ...{ id, merchantId, reference, dueDay, days, total, replaces, by, atMs: at },
      })
      return
    }
    case 'adjusted': {
      const { adjustmentId, kind, amount, reason, by } = event
      await addAdjustment(tx, {
        ...{ batchId: id, adjustmentId, merchantId, kind, amount, reason, by, atMs: at },
      })
      const adjusted = kind === 'credit' ? amount : -amount
      await patchBatch(tx, { id, adjusted, updatedMs: at })
      return
    }
    case 'reference_set':
      await patchBatch(tx, { id, bankReference: event.bankReference, updatedMs: at })
      return
    case 'paid': {
      const { bankReference, paidAt } = event
      await patchBatch(tx, { id, status: 'paid', bankReference, paidMs: paidAt, updatedMs: at })
      return
    }
    case 'given':
      await patchBatch(tx, { id, givenBy: event.by, updatedMs: at })
      return
    case 'failed':
    case 'cancelled':
      await patchBatch(tx, { id, status: event.type, reason: event.reason, updatedMs: at })
      await freeLines(tx, id)
      return
    case 'reprocessed':
      await patchBatch(tx, { id, status: 'reprocessed', next: event.next, updatedMs: at })
      return
  }
}
