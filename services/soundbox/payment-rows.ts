/**
 * From journal lines to rows of payments, refunds, settlement batches and merchants' postings.
 * Fresh lines come by hand from the engine; whoever fell behind reads the journal.
 *
 *   engine ──durable lines──▶ pile (in order) ──one write at a time──▶ tables + positions
 *   journal ──when behind───▶
 *
 * SAG1. A line is folded once and in order: positions are written together with the rows.
 * SAG2. A batch takes exactly what came before it in its shard: payments and refunds of its days
 *       that no live batch has; a batch that ended unpaid lets them go.
 * SAG3. What gathers is bounded: over the bound fresh lines are let go and read back later.
 * SAG4. Folded again from the first line, the tables say the same.
 * SAG5. Who waits for a position is answered when the tables have it.
 * SAG6. Rows that can't be written are a trouble of the system's health until they are.
 */

import type { PaymentEvent } from '../../actors/payment/payment-contract.ts'
import type { Settlement } from '../../actors/settlement/settlement.ts'
import type { Batch } from '../../engine/host.ts'
import { decode, type JournalRecord, type Line } from '../../engine/record.ts'
import type { DatabasePool } from '../../sql/database.ts'
import {
  addAdjustment,
  addBatch,
  addMerchantEntries,
  addPayments,
  addRefunds,
  freeLines,
  movePaymentPositions,
  type NewEntry,
  type NewPayment,
  type NewRefund,
  type PaymentPatch,
  patchBatch,
  patchPayments,
  paymentPositions,
  resetPayments,
} from '../../sql/payments.ts'
import type { HealthPart } from '../contract/live.ts'

type Tx = Parameters<typeof addPayments>[0]

export type PaymentRowsDeps = {
  readonly pool: DatabasePool
  readonly shards: number
  readonly isOwner: () => boolean
  readonly lines: (shard: number, seq: number, limit: number) => Promise<readonly Line[]>
  readonly onError: (cause: unknown) => void
}

type Taken = { readonly shard: number; readonly seq: number; readonly record: JournalRecord }
type Waiter = { readonly shard: number; readonly seq: number; readonly resolve: () => void }

const beatMs = 50
/** What nobody waits for gathers so long: a payment's first lines make one row, written once. */
const gatherMs = 250
const saveMs = 1_000
const pileMax = 20_000
const readAtOnce = 2_000
const ownerPrefix = 'merchant:'

export class PaymentRows {
  readonly #deps: PaymentRowsDeps
  /** Per shard: the last line taken, heard of, and known to be in the tables. */
  readonly #taken: number[]
  readonly #heard: number[]
  readonly #written: number[]
  readonly #behind = new Set<number>()
  #pile: Taken[] = []
  #waiters: Waiter[] = []
  #writtenAt = 0
  #working: Promise<void> | null = null
  #timer: NodeJS.Timeout | undefined
  /** What is in memory means nothing (yet, or any more): positions are to be read. */
  #lost = true
  #stopped = false
  #isFailing = false

  constructor(deps: PaymentRowsDeps) {
    this.#deps = deps
    this.#taken = new Array(deps.shards).fill(0)
    this.#heard = new Array(deps.shards).fill(0)
    this.#written = new Array(deps.shards).fill(0)
  }

  start(): void {
    this.#timer = setInterval(() => void this.#beat(), beatMs)
    void this.#beat()
  }

  /** Everything that was durable is written; or read again later. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await this.#working
    if (!this.#lost && this.#deps.isOwner()) await this.#write().catch(this.#deps.onError)
    for (const { resolve } of this.#waiters) resolve()
  }

  health(): HealthPart {
    const reason = this.#isFailing ? 'rows of payments can not be written' : null
    return { name: 'soundbox payments', ok: !this.#isFailing, ms: 0, reason }
  }

  /** Lines that are durable and not yet in the tables. */
  lag(durable: Iterable<{ index: number; durableSeq: number }>): number {
    let lag = 0
    for (const { index, durableSeq } of durable) {
      lag += Math.max(0, durableSeq - this.#written[index]!)
    }
    return lag
  }

  /** Resolves when the tables have this line of the shard, or after `timeoutMs`. */
  reached(shard: number, seq: number, timeoutMs: number): Promise<void> {
    if (this.#written[shard]! >= seq) return Promise.resolve()
    return new Promise(resolve => {
      const timer = setTimeout(resolve, timeoutMs)
      const done = () => {
        clearTimeout(timer)
        resolve()
      }
      this.#waiters.push({ shard, seq, resolve: done })
      void this.#beat()
    })
  }

  /** Empties the tables; they are folded again from the first line. */
  async rebuild(): Promise<void> {
    while (this.#working !== null) await this.#working
    const emptying = resetPayments(this.#deps.pool).finally(() => {
      this.#lost = true
      this.#working = null
    })
    this.#working = emptying
    await emptying
    await this.#beat()
  }

  /** True when everything that was there has been read and written. */
  get idle(): boolean {
    const isWriting = this.#working !== null || this.#pile.length > 0
    return !this.#lost && !isWriting && this.#behind.size === 0
  }

  /** Everything that just became durable. Runs for each line: no closures, no promises. */
  feed({ piled }: Batch): void {
    for (let at = 0; at < piled.length; at++) {
      const { line, record } = piled[at]!.outcome
      if (line === null || record === null) continue
      const { shard, seq } = line
      this.#heard[shard] = seq
      if (this.#lost || this.#behind.has(shard)) continue
      if (seq !== this.#taken[shard]! + 1 || this.#pile.length >= pileMax) {
        if (seq > this.#taken[shard]!) this.#behind.add(shard)
        continue
      }
      this.#take(shard, seq, record)
    }
  }

  #take(shard: number, seq: number, record: JournalRecord): void {
    this.#taken[shard] = seq
    if (isOurs(record)) this.#pile.push({ shard, seq, record })
  }

  #beat(): Promise<void> {
    this.#working ??= this.#work().finally(() => {
      this.#working = null
    })
    return this.#working
  }

  async #work(): Promise<void> {
    if (!this.#deps.isOwner()) {
      this.#lost = true
      return
    }
    try {
      if (this.#lost) await this.#findPositions()
      if (this.#behind.size > 0) await this.#readBehind()
      const sinceMs = performance.now() - this.#writtenAt
      const isDue = sinceMs >= (this.#pile.length > 0 ? gatherMs : saveMs)
      if (isDue || this.#waiters.length > 0) await this.#write()
      this.#isFailing = false
    } catch (cause) {
      this.#isFailing = true
      this.#lost = true
      this.#deps.onError(cause)
    }
  }

  async #findPositions(): Promise<void> {
    const rows = await paymentPositions(this.#deps.pool)
    this.#written.fill(0)
    for (const { shard, seq } of rows) this.#written[shard] = seq
    this.#pile = []
    for (let shard = 0; shard < this.#deps.shards; shard++) {
      this.#taken[shard] = this.#written[shard]!
      this.#behind.add(shard)
    }
    this.#lost = false
  }

  async #readBehind(): Promise<void> {
    for (const shard of [...this.#behind]) {
      for (;;) {
        if (this.#stopped) return
        if (this.#pile.length >= pileMax) await this.#write()
        const lines = await this.#deps.lines(shard, this.#taken[shard]!, readAtOnce)
        for (const line of lines) this.#take(shard, line.seq, decode(line.body))
        // A line that came by hand meanwhile was let go: read on until it is there.
        if (lines.length < readAtOnce && this.#taken[shard]! >= this.#heard[shard]!) {
          this.#behind.delete(shard)
          break
        }
      }
    }
  }

  async #write(): Promise<void> {
    const { pool } = this.#deps
    const pile = this.#pile
    const reached = [...this.#taken]
    this.#pile = []
    this.#writtenAt = performance.now()
    const steps = reached.flatMap((to, shard) => {
      const from = this.#written[shard]!
      return to > from ? [{ shard, from, to }] : []
    })
    if (steps.length > 0) {
      await pool.transaction(async tx => {
        if (!(await movePaymentPositions(tx, steps))) throw new Error('somebody else wrote here')
        await save(tx, pile)
      })
      for (const { shard, to } of steps) this.#written[shard] = to
    }
    const waiters = this.#waiters
    this.#waiters = waiters.filter(one => this.#written[one.shard]! < one.seq)
    for (const one of waiters) if (this.#written[one.shard]! >= one.seq) one.resolve()
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
