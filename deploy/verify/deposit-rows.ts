/**
 * What people read of deposits through gateways, against what the journal says at the line that
 * these tables claim to be at.
 *
 * Z58. Every deposit has one row that says how it stands: what was wished, what the gateway made of
 *      it, status, money, why, times; and one row for each entry of its suspense, with who decided
 *      about it. There are no others.
 */

import { createHash } from 'node:crypto'
import type { Actors } from './actors.ts'
import type { Body, Event } from './chain.ts'
import type { Deposit } from './deposits.ts'
import type { Problems } from './problems.ts'
import { compareRows, kept, type Table, type Wanted } from './rows.ts'
import type { ShardEnd, Source } from './source.ts'

type Entry = { readonly told: readonly (string | number)[]; decided: readonly string[] }

/** What the columns of one deposit are folded of, besides what `Deposit` knows. */
export class DepositShown {
  ref = ''
  method = ''
  reffId = ''
  theirId: string | null = null
  status = 'asking'
  amount = 0
  pays: number | null = null
  fee: number | null = null
  received: number | null = null
  pay: string | null = null
  expiresAt: number | null = null
  paidAt: number | null = null
  via: string | null = null
  why: string | null = null
  createdAt = 0
  updatedAt = 0
  readonly entries = new Map<number, Entry>()

  /** After the reading of the rules: what stands in suspense is as of this line. */
  read(key: string, { at, e: events }: Body): void {
    this.updatedAt = at
    for (const event of events) {
      const status = statuses[event.type]
      if (status !== undefined) this.status = status
      if (event.type === 'asked') {
        this.reffId = key
        this.createdAt = at
      }
      this.#fold(event, at)
    }
  }

  #fold(event: Event, at: number): void {
    switch (event.type) {
      case 'asked':
        this.ref = kept(event['ref'])
        this.method = kept(event['method'])
        this.amount = event['amount']
        return
      case 'created': {
        const { id, amount, fee, expiresAt, pay } = event['theirs']
        Object.assign(this, { theirId: kept(id), pays: amount, fee, expiresAt, pay: payOf(pay) })
        return
      }
      case 'uncreated':
        this.why = event['code']
        return
      case 'paid': {
        const { amount: pays, fee, received, via } = event
        Object.assign(this, { pays, fee, received, via, paidAt: at })
        return
      }
      case 'suspended': {
        const { n, why, amount, payment, via } = event
        this.why = why
        this.entries.set(n, { told: [n, why, amount, kept(payment), via, at], decided: undecided })
        // Another amount than was agreed, before it had ended, waits for a person.
        if (this.status === 'pending' || this.status === 'processing') this.status = 'parked'
        return
      }
      case 'resolved': {
        const { n, verdict, by, reason, amount } = event
        const entry = this.entries.get(n)
        if (entry !== undefined) entry.decided = [verdict, by, kept(reason), String(at)]
        if (verdict === 'credit' && this.status !== 'paid' && this.theirId !== null) {
          Object.assign(this, { status: 'paid', received: amount, paidAt: at, via: 'manual' })
        }
        const isOpen = [...this.entries.values()].some(({ decided }) => decided === undecided)
        if (verdict === 'return' && this.status === 'parked' && !isOpen) this.status = 'failed'
        return
      }
    }
  }
}

const undecided: readonly string[] = ['-', '-', '-', '-']

const statuses: Readonly<Record<string, string>> = {
  ...{ asked: 'asking', created: 'pending', uncreated: 'failed', doubted: 'doubt', paid: 'paid' },
  ...{ cancelled: 'cancelled', expired: 'expired', failed: 'failed' },
  processing_begun: 'processing',
}

/** A print of how it is paid: texts of a QR are long. */
function payOf(pay: Readonly<Record<string, string>>): string | null {
  const pairs = Object.entries(pay).sort(([a], [b]) => (a < b ? -1 : 1))
  if (pairs.length === 0) return null
  const text = pairs.map(([name, value]) => `${kept(name)}=${kept(value)}`).join('\n')
  return createHash('md5').update(text).digest('hex')
}

const table: Table = {
  view: 'deposit_intent',
  columns: [
    ...['user_id', 'ref', 'method', 'gateway', 'reff_id', 'their_id', 'status', 'amount', 'pays'],
    ...['fee', 'received', 'pay', 'expires_at', 'paid_at', 'via', 'why', 'suspended'],
    ...['created_at', 'updated_at', 'suspense'],
  ],
}

function rowOf({ shown, user, gateway, suspended }: Deposit): Wanted {
  const open = [...suspended.values()].reduce((sum, amount) => sum + amount, 0)
  const entries = [...shown.entries.values()].map(one => [...one.told, ...one.decided].join(' '))
  return [
    ...[
      user,
      shown.ref,
      shown.method,
      kept(String(gateway)),
      shown.reffId,
      shown.theirId,
      shown.status,
    ],
    ...[shown.amount, shown.pays, shown.fee, shown.received, shown.pay, shown.expiresAt],
    ...[shown.paidAt, shown.via, shown.why, open, shown.createdAt, shown.updatedAt],
    entries.length === 0 ? null : entries.join(', '),
  ]
}

/** Rows of several shards, until all have been compared and what is left over is known. */
export class DepositRows {
  readonly #problems: Problems
  #found = 0
  /** A shard's tables were ahead of its journal: which of their rows are too many, nobody knows. */
  isAhead = false

  constructor(problems: Problems) {
    this.#problems = problems
  }

  async compare(source: Source, { end, actors }: { end: ShardEnd; actors: Actors }): Promise<void> {
    const wanted = new Map<string, Wanted>()
    for (const { id, deposit } of actors.known.values()) {
      if (deposit !== null && deposit.phase !== 'absent') wanted.set(id, rowOf(deposit))
    }
    const read = (ids: readonly string[]) => source.intents(ids)
    const about = { shard: end.shard, actors, problems: this.#problems }
    // Two shards are compared at a time: a sum is read when its part is there.
    const found = await compareRows({ ...table, wanted, read }, about)
    this.#found += found
  }

  async finish(source: Source): Promise<void> {
    if (this.isAhead) return
    const { intents, straySuspense } = await source.intentCounts()
    this.#tellExtra('deposit_intent.extra', intents - this.#found)
    this.#tellExtra('deposit_suspense.extra', straySuspense)
  }

  #tellExtra(name: 'deposit_intent.extra' | 'deposit_suspense.extra', count: number): void {
    if (count > 0) this.#problems.add(name, { shard: 0 }, `${count} rows are in no journal`)
  }
}
