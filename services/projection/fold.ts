/**
 * From journal lines to the rows that people read, several lines of one order becoming one row.
 * A fold is a pile of rows for one write; it reads nothing, so rebuilding is folding again.
 *
 * F1. However lines are cut into folds, the tables end the same.
 * F2. A wallet's mutations chain: each begins with the balance that the one before left.
 */

import { wallet } from '../../actors/chart.ts'
import type { Commission } from '../../actors/commission/commission.ts'
import type { OrderEvent } from '../../actors/order/order-contract.ts'
import type { Receipt, Transfer } from '../../actors/transfer/transfer.ts'
import type { Entry } from '../../engine/ledger.ts'
import type { JournalRecord } from '../../engine/record.ts'

type Nullable<T> = T | null

type PlacedRow = {
  shard: number
  id: string
  userId: string
  ref: string
  product: string
  destination: string
  price: number
  createdAt: number
}

/** What changed of an order; null where nothing did. */
export type ChangedRow = {
  shard: number
  id: string
  placed: PlacedRow | null
  cost: Nullable<number>
  supplier: Nullable<string>
  status: Nullable<string>
  sn: Nullable<string>
  failure: Nullable<string>
  attempts: Nullable<number>
  attention: Nullable<string>
  updatedAt: number
}

/** An attempt that failed in a way that suppliers revise. */
export type WatchRow = {
  shard: number
  id: string
  n: number
  /** Null when the attempt did not begin in this fold. */
  supplier: Nullable<string>
  code: Nullable<string>
  at: number
}

/** An attempt that was sold after all, says who said that it failed. */
export type RevisedRow = { shard: number; id: string; n: number; at: number }

export type MutationRow = {
  shard: number
  userId: string
  seq: number
  leg: number
  direction: 'in' | 'out'
  amount: number
  before: number
  after: number
  kind: string
  referenceId: string
  note: string
  at: number
}

type AccountRow = { shard: number; id: string; seq: number; balances: Entry[5] }

const walletPrefix = wallet('')

export class Fold {
  readonly orders = new Map<string, ChangedRow>()
  readonly mutations: MutationRow[] = []
  readonly watched: WatchRow[] = []
  readonly revised: RevisedRow[] = []
  readonly #accounts = new Map<number, Map<string, AccountRow>>()
  lines = 0
  oldestAt = Number.POSITIVE_INFINITY

  add(shard: number, seq: number, record: JournalRecord): void {
    this.lines++
    if (record.at < this.oldestAt) this.oldestAt = record.at
    if (record.kind === 'order') this.#order(shard, record)
    for (let leg = 0; leg < record.entries.length; leg++) {
      this.#entry(shard, seq, leg, record, record.entries[leg]!)
    }
  }

  /** The last of what each account became. */
  accounts(): AccountRow[] {
    return [...this.#accounts.values()].flatMap(ofShard => [...ofShard.values()])
  }

  #account(shard: number, id: string, seq: number, balances: Entry[5]): void {
    let ofShard = this.#accounts.get(shard)
    if (ofShard === undefined) {
      ofShard = new Map()
      this.#accounts.set(shard, ofShard)
    }
    const row = ofShard.get(id)
    if (row === undefined) ofShard.set(id, { shard, id, seq, balances })
    else {
      row.seq = seq
      row.balances = balances
    }
  }

  #order(shard: number, record: JournalRecord): void {
    let row = this.orders.get(record.id)
    if (row === undefined) {
      row = unchanged(shard, record.id)
      this.orders.set(record.id, row)
    }
    row.updatedAt = record.at
    for (const event of record.events as readonly OrderEvent[]) {
      change(row, event, record.at)
      if (event.type === 'attempt_failed' && event.watch) this.#watch(row, event, record.at)
      if (event.type === 'disputed' && event.claim === 'late_success') {
        this.revised.push({ shard, id: record.id, n: event.n, at: record.at })
      }
    }
  }

  #watch(
    { shard, id, attempts, supplier: last }: ChangedRow,
    { n, code }: Extract<OrderEvent, { type: 'attempt_failed' }>,
    at: number,
  ): void {
    const supplier = attempts === n ? last : null
    this.watched.push({ shard, id, n, supplier, code: code ?? null, at })
  }

  #entry(shard: number, seq: number, leg: number, record: JournalRecord, entry: Entry): void {
    const [, , debit, credit, , debitAfter, creditAfter] = entry
    this.#account(shard, debit, seq, debitAfter)
    this.#account(shard, credit, seq, creditAfter)
    if (debit.startsWith(walletPrefix)) this.#move(shard, seq, leg, record, entry, debit)
    else if (credit.startsWith(walletPrefix)) this.#move(shard, seq, leg, record, entry, credit)
  }

  #move(
    shard: number,
    seq: number,
    leg: number,
    record: JournalRecord,
    entry: Entry,
    account: string,
  ): void {
    const [op, , debit, , amount, debitAfter, creditAfter, extra] = entry
    const isDebit = account === debit
    // A hold takes at once, a post takes no more, and what a hold did not need comes back.
    const change = isDebit
      ? op === 'move' || op === 'hold'
        ? -amount
        : op === 'post'
          ? (extra ?? amount) - amount
          : amount
      : op === 'move'
        ? amount
        : 0
    if (change === 0) return
    const [balance, pending] = isDebit ? debitAfter : creditAfter
    const after = balance - pending
    this.mutations.push({
      shard,
      userId: account.slice(walletPrefix.length),
      seq,
      leg,
      direction: change > 0 ? 'in' : 'out',
      amount: Math.abs(change),
      before: after - change,
      after,
      kind: kindOf(record, entry),
      referenceId: referenceOf(record),
      note: noteOf(record),
      at: record.at,
    })
  }
}

function change(row: ChangedRow, event: OrderEvent, at: number): void {
  switch (event.type) {
    case 'placed': {
      const { user: userId, ref, product, destination, price } = event
      const { shard, id } = row
      row.placed = { shard, id, userId, ref, product, destination, price, createdAt: at }
      row.status = 'PROCESSING'
      row.attempts = 0
      return
    }
    case 'dispatched':
      row.attempts = event.n
      row.supplier = event.supplier
      return
    case 'delivered':
      row.status = 'SUCCESS'
      row.sn = event.sn
      row.cost = event.cost
      row.supplier = event.supplier ?? row.supplier
      row.attention = event.disputed ? 'DISPUTE' : ''
      return
    case 'failed':
      row.status = 'FAILED'
      row.failure = event.code
      row.attention = event.disputed ? 'DISPUTE' : ''
      return
    case 'parked':
      row.attention = event.disputed ? 'DISPUTE' : event.why
      return
    case 'held':
      row.attention = event.disputed ? 'DISPUTE' : (event.parked ?? 'HELD')
      return
    case 'released':
      row.attention = event.disputed ? 'DISPUTE' : (event.parked ?? '')
      return
    case 'rerouted':
      row.attention = event.disputed ? 'DISPUTE' : event.held ? 'HELD' : ''
      return
    case 'sn_learned':
      row.sn = event.sn
      return
    case 'disputed':
      row.attention = 'DISPUTE'
      return
    case 'resolved':
      // How an open order ended was told by `delivered` or `failed`, disputes included.
      if (event.verdict !== 'success' && event.verdict !== 'failed') {
        row.attention = event.disputed ? 'DISPUTE' : (event.parked ?? '')
      }
      if (event.verdict === 'refund') row.status = 'REFUND'
      return
    case 'reported':
    case 'rechecked':
    case 'checked':
    case 'attempt_failed':
    case 'sn_noted':
      return
  }
}

const unchanged = (shard: number, id: string): ChangedRow => ({
  shard,
  id,
  placed: null,
  cost: null,
  supplier: null,
  status: null,
  sn: null,
  failure: null,
  attempts: null,
  attention: null,
  updatedAt: 0,
})

function kindOf(record: JournalRecord, [op, name]: Entry): string {
  if (record.kind === 'order' || record.kind === 'activation') {
    if (op === 'hold') return 'order'
    return name === 'refund' ? 'refund' : 'release'
  }
  if (record.kind === 'commission' || record.kind === 'deposit') return record.kind
  const from = (record.events[0] as { from?: string } | undefined)?.from ?? ''
  return from.startsWith(walletPrefix) ? 'transfer' : 'deposit'
}

/** Of a commission: the order that earned it. */
function referenceOf(record: JournalRecord): string {
  if (record.kind !== 'commission') return record.id
  return (record.events[0] as Commission['event']).order
}

function noteOf(record: JournalRecord): string {
  if (record.kind === 'order') return ''
  const first = record.events[0] as (Transfer | Receipt | Commission)['event'] | undefined
  return first !== undefined && 'note' in first ? first.note : ''
}
