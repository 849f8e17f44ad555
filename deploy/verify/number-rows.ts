/**
 * What people read of rented numbers, against what the journal says at the line that these tables
 * claim to be at. A row that was folded out of later lines than that, as after a restart, says so
 * by its own line, and is compared by the next reading.
 *
 * Z57. Every rented number has one row that says how it stands: what was agreed, phase, status,
 *      money, the number, messages (sealed as they are), times; one row for each line that earned
 *      or cost something; and one for each thing that happened, with who did it. There are no
 *      others. What an activity's details say is not compared.
 */

import { createHash } from 'node:crypto'
import type { Activation } from './activations.ts'
import type { Actors } from './actors.ts'
import type { Body, Event, Line } from './chain.ts'
import type { Problems } from './problems.ts'
import { compareRows, kept, type Table, type Wanted } from './rows.ts'
import type { ShardEnd, Source } from './source.ts'

/** What the columns of one number are folded of, besides what `Activation` knows. */
export class NumberShown {
  ref = ''
  agreed: readonly string[] = []
  number: string | null = null
  why: string | null = null
  messages: string[] = []
  codes = 0
  late = 0
  placedAt = 0
  updatedAt = 0
  boughtAt: number | null = null
  diesAt: number | null = null
  waitUntil = 0
  profits: string[] = []
  activity: string[] = []
  #user = ''
  #waitMs = 0
  #lifeMs = 0

  read({ seq }: Line, { at, e: events, p: entries = [] }: Body): void {
    for (const [n, event] of events.entries()) {
      if (!silent.has(event.type)) this.updatedAt = at
      this.#fold(event, at)
      const what = happenings[event.type]?.(event)
      if (what === undefined) continue
      this.activity.push([`${seq}.${n}`, what, this.#byOf(event), at].join(' '))
    }
    let [selling, base] = [0, 0]
    for (const [op, , debit, credit, amount] of entries) {
      if (op === 'post' && credit === 'sales') selling += amount
      if (op !== 'move') continue
      if (debit === 'sales') selling -= amount
      if (debit === 'cost') base += amount
      if (credit === 'cost') base -= amount
    }
    if (selling === 0 && base === 0) return
    const what = selling > 0 ? 'sold' : selling < 0 ? 'refunded' : 'late_cost'
    this.profits.push([seq, what, selling, base, 0, selling - base, at].join(' '))
  }

  #fold(event: Event, at: number): void {
    switch (event.type) {
      case 'placed': {
        const { service, serviceName, country, countryName, operator, operatorName } = event
        const { supplier, user, ref, waitMs, terms } = event
        const names = [service, serviceName, country, countryName, operator, operatorName, supplier]
        this.agreed = names.map(kept)
        this.ref = kept(ref)
        this.#user = user
        this.#waitMs = waitMs
        this.#lifeMs = terms.lifeMs
        this.placedAt = at
        this.waitUntil = at + waitMs
        return
      }
      case 'bought':
        this.number = kept(event['number'])
        this.boughtAt = event['found'] === true ? this.placedAt : at
        this.diesAt = this.boughtAt + this.#lifeMs
        this.waitUntil = Math.min(at + this.#waitMs, this.diesAt)
        this.why = null
        return
      case 'sms_received': {
        const { sealed, code, late = false, first } = event
        this.messages.push([md5(kept(sealed)), at, code, late].join(' '))
        if (late) this.late++
        else if (code) this.codes++
        if (first === true) this.why = null
        return
      }
      case 'resend_asked':
        this.waitUntil = event['waitUntil']
        return
      case 'cancel_begun':
      case 'refunded':
      case 'parked':
        this.why = event['why']
        return
      case 'unbought':
        this.why = event['code']
        return
      case 'code_due':
        this.why = null
        return
      case 'resolved':
        this.why = event['verdict'] === 'charge' ? null : 'PERSON'
        return
    }
  }

  #byOf({ type, by }: Event): string {
    if (type === 'placed' || type === 'resend_asked') return this.#user
    return by === 'user' ? this.#user : typeof by === 'string' ? kept(by) : 'machine'
  }
}

/** Looking and trying again leave no trace in a row's time. */
const silent: ReadonlySet<string> = new Set(['looked', 'unfound', 'cancel_tried', 'cancel_denied'])

type Happening = (event: Event) => string | undefined
const always =
  (what: string): Happening =>
  () =>
    what

/** What an event is called where people read what happened; what is not here, is not told. */
const happenings: Readonly<Record<string, Happening>> = {
  placed: always('order:created'),
  bought: always('order:processing'),
  doubted: always('provider:error'),
  unbought: always('order:refunded'),
  sms_received: ({ late, code }) =>
    late ? 'order:otp_late' : code ? 'order:otp_received' : 'order:message',
  resend_asked: always('order:resend'),
  resent: always('otp:resend'),
  cancel_begun: ({ why }) => (why === 'TIME' ? 'order:expired' : 'order:cancelling'),
  cancel_denied: ({ answer }) => (answer === 'unknown' ? 'provider:error' : undefined),
  code_due: always('provider:error'),
  refunded: always('order:refunded'),
  closed: always('order:finished'),
  parked: always('order:checking'),
  orphaned: always('provider:error'),
  contradicted: always('provider:error'),
  resolved: ({ verdict, isCostOnly }) =>
    isCostOnly ? 'order:cost' : verdict === 'refund' ? 'order:refunded' : 'order:charged',
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

const table: Table = {
  view: 'number_view',
  columns: [
    ...['user_id', 'ref', 'phase', 'status', 'money_effect', 'is_open', 'service', 'service_name'],
    ...['country', 'country_name', 'operator', 'operator_name', 'supplier', 'their_id', 'number'],
    ...['price', 'cost', 'why', 'messages', 'codes', 'late', 'resends', 'bought_at', 'dies_at'],
    ...['wait_until', 'placed_at', 'updated_at', 'profits', 'activity', 'seq'],
  ],
}

function rowOf(rental: Activation, seq: number): Wanted {
  const { shown, phase, isOpen } = rental
  const isReceived = phase === 'received'
  return [
    ...[rental.user, shown.ref, phase, statusOf(phase, isOpen, shown.why)],
    isReceived ? 'charged' : phase === 'refunded' ? 'refunded' : 'held',
    String(isReceived ? isOpen : phase !== 'refunded'),
    ...shown.agreed,
    ...[rental.number === '' ? null : kept(rental.number), shown.number],
    ...[rental.price, rental.cost, shown.why, listed(shown.messages), shown.codes, shown.late],
    ...[rental.resends, shown.boughtAt, shown.diesAt, shown.waitUntil, shown.placedAt],
    ...[shown.updatedAt, listed(shown.profits), listed(shown.activity), seq],
  ]
}

const listed = (all: readonly string[]): string | null => (all.length === 0 ? null : all.join(', '))

function statusOf(phase: Activation['phase'], isOpen: boolean, why: string | null): string {
  switch (phase) {
    case 'absent':
      return ''
    case 'buying':
      return 'processing'
    case 'received':
      return isOpen ? 'otp_received' : 'finished'
    case 'refunded':
      return why === 'TIME' ? 'expired' : 'refunded'
    case 'parked':
      return 'checking'
    case 'waiting':
    case 'cancelling':
      return phase
  }
}

/** Rows of several shards, until all have been compared and what is left over is known. */
export class NumberRows {
  readonly #problems: Problems
  #found = 0
  /** A shard's tables were ahead of its journal: which of their rows are too many, nobody knows. */
  isAhead = false

  constructor(problems: Problems) {
    this.#problems = problems
  }

  async compare(source: Source, { end, actors }: { end: ShardEnd; actors: Actors }): Promise<void> {
    const wanted = new Map<string, Wanted>()
    for (const { id, seq, activation } of actors.known.values()) {
      if (activation !== null && activation.phase !== 'absent') {
        wanted.set(id, rowOf(activation, seq))
      }
    }
    const read = (ids: readonly string[]) => source.numbers(ids)
    const isAhead = (row: readonly unknown[]) => {
      const seq = Number(row[table.columns.length - 1])
      return seq > end.numbersSeq && seq <= end.seq
    }
    const about = { shard: end.shard, actors, problems: this.#problems }
    // Two shards are compared at a time: a sum is read when its part is there.
    const found = await compareRows({ ...table, wanted, read, isAhead }, about)
    this.#found += found
  }

  async finish(source: Source): Promise<void> {
    if (this.isAhead) return
    const { numbers, strayProfits, strayActivity } = await source.numberCounts()
    this.#tellExtra('number_view.extra', numbers - this.#found)
    this.#tellExtra('number_profit.extra', strayProfits)
    this.#tellExtra('number_activity.extra', strayActivity)
  }

  #tellExtra(name: Extra, count: number): void {
    if (count > 0) this.#problems.add(name, { shard: 0 }, `${count} rows are in no journal`)
  }
}

type Extra = 'number_view.extra' | 'number_profit.extra' | 'number_activity.extra'
