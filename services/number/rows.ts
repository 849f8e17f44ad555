/**
 * From journal lines to what people read of rented numbers: a row per order as it stands, one per
 * thing that was earned or lost, one per thing that happened, the hash of each new order's link.
 *
 *   journal follower ──lines──▶ pile ──one write──▶ number_view, number_profit, number_activity,
 *                                                   number_invoice, positions
 *
 * NVE1. A line is folded once and in order: positions are written together with the rows.
 * NVE2. What was earned is read from the postings themselves: profit is what sales kept of it, less
 *       what was booked as cost, for a sale, a refund after it and a late cost alike. No sale has a
 *       fee: what a gateway keeps of a deposit its payer bears, and what it takes for a payout
 *       belongs to no order (gateway_fee in the books).
 * NVE3. Lines that are read back later, without the state at their time, end in the same rows.
 * NVE4. Folded again from the first line, the tables say the same; links that were ended stay so.
 * NVE5. Whoever polls hears of every order as soon as its line is durable, and after a start of all
 *       that a code may still come for.
 */

import { activation } from '../../actors/activation/activation.ts'
import type {
  ActivationEvent,
  ActivationFacts,
} from '../../actors/activation/activation-contract.ts'
import { cost, sales } from '../../actors/chart.ts'
import { forget } from '../../engine/actor.ts'
import { Cell } from '../../engine/cell.ts'
import { decimalOf, hexOf, type Key, keyOf } from '../../engine/ids.ts'
import { decode, type JournalRecord } from '../../engine/record.ts'
import type { DatabasePool } from '../../sql/database.ts'
import {
  type ActivityRow,
  addActivity,
  addLinks,
  addProfits,
  linesOfActors,
  type NumberRow,
  type ProfitRow,
  putNumbers,
  resetNumbers,
} from '../../sql/number/number.ts'
import { movePositions, positionsIn, type Step } from '../../sql/positions.ts'
import { JournalFollower, type JournalSource, type Read } from '../journal-follower.ts'
import { hashOfWord, type Invoices } from './invoice.ts'
import { asActivation, isOpen, type Known, moneyOf, statusOf, whyOf } from './view.ts'

type NumberRowsDeps = {
  readonly pool: DatabasePool
  readonly shards: number
  readonly isOwner: () => boolean
  readonly source: JournalSource
  readonly invoices: Pick<Invoices, 'firstWord'>
  /** Each order, as soon as a line of it is durable. */
  readonly heard: (orderId: string, state: Known) => void
  /** Somebody else may have written meanwhile: the tables are to be read again. */
  readonly returned: () => Promise<void>
  readonly onError: (cause: unknown) => void
}

type Taken = {
  readonly shard: number
  /** Of this line, and of the line that `state` is after. */
  readonly seq: number
  readonly stateSeq: number
  readonly record: JournalRecord
  readonly state: Known
}

const pileMax = 20_000
const pace = { beatMs: 50, gatherMs: 200, gatherMax: 2_000, pileMax }
const kind = activation.name

export class NumberRows {
  readonly #deps: NumberRowsDeps
  readonly follower: JournalFollower
  #pile: Taken[] = []

  constructor(deps: NumberRowsDeps) {
    this.#deps = deps
    const { pool, shards, isOwner, source, onError, heard, returned } = deps
    this.follower = new JournalFollower(
      { name: 'rented numbers', shards, isOwner, source, onError, ...pace },
      {
        positions: () => {
          this.#pile = []
          return positionsIn(pool, 'number_position')
        },
        take: ({ shard, seq }, record, state) => {
          if (record.kind !== kind) return
          const known = asActivation(state)
          if (known !== null) this.#pile.push({ shard, seq, stateSeq: seq, record, state: known })
        },
        takeRead: (shard, read) => {
          const ours = read.filter(({ record }) => record.kind === kind)
          return ours.length === 0 ? undefined : this.#takeRead(shard, ours)
        },
        write: steps => this.#write(steps),
        gathered: () => this.#pile.length,
        hear: (_, record, state) => {
          if (record.kind !== kind) return
          const known = asActivation(state)
          if (known !== null) heard(record.id, known)
        },
        returned: async () => {
          const unwritten = this.#pile
          await returned()
          // What was read back may not be in the tables yet.
          for (const { record, state } of unwritten) heard(record.id, state)
        },
      },
    )
  }

  get idle(): boolean {
    return this.follower.idle
  }

  rebuild(): Promise<void> {
    return this.follower.rebuild(() => resetNumbers(this.#deps.pool))
  }

  /** Read lines do not bring the order's state: its own lines are folded again. */
  async #takeRead(shard: number, ours: readonly Read[]): Promise<void> {
    const keys = [...new Set(ours.map(({ line }) => decimalOf(line.key)))]
    const cells = new Map<Key, Cell>()
    for (const { id, seq, body } of await linesOfActors(this.#deps.pool, { shard, keys })) {
      const key = hexOf(id)
      const cell = cells.get(key) ?? new Cell(forget(activation), key)
      cells.set(key, cell)
      cell.replay(decode(body), seq)
    }
    for (const { line, record } of ours) {
      const cell = cells.get(keyOf(record.id))!
      const state = asActivation(cell.state)!
      this.#pile.push({ shard, seq: line.seq, stateSeq: cell.seq, record, state })
    }
  }

  async #write(steps: readonly Step[]): Promise<undefined> {
    const pile = this.#pile
    this.#pile = []
    const rows = new Map<string, NumberRow>()
    const profits: ProfitRow[] = []
    const activity: ActivityRow[] = []
    const links: { orderId: string; hash: string }[] = []
    for (const taken of pile) {
      const { record } = taken
      rows.set(record.id, rowOf(taken))
      const profit = profitOf(taken)
      if (profit !== null) profits.push(profit)
      for (const [n, event] of (record.events as readonly ActivationEvent[]).entries()) {
        const told = activityOf(event)
        if (told !== null) activity.push(activityRow(taken, n, told))
      }
      if (record.born) {
        const hash = hashOfWord(this.#deps.invoices.firstWord(record.id)).toString('hex')
        links.push({ orderId: record.id, hash })
      }
    }
    await this.#deps.pool.transaction(async tx => {
      await movePositions(tx, 'number_position', steps)
      if (rows.size > 0) await putNumbers(tx, [...rows.values()])
      if (profits.length > 0) await addProfits(tx, profits)
      if (activity.length > 0) await addActivity(tx, activity)
      if (links.length > 0) await addLinks(tx, links)
    })
    return undefined
  }
}

function rowOf({ stateSeq, record, state }: Taken): NumberRow {
  const { facts } = state
  const { number, messages } = facts
  return {
    ...{ id: record.id, seq: stateSeq, userId: facts.user, ref: facts.ref, phase: state.phase },
    ...{ status: statusOf(state), moneyEffect: moneyOf(state), isOpen: isOpen(state) },
    ...{ service: facts.service, serviceName: facts.serviceName, country: facts.country },
    ...{ countryName: facts.countryName, operator: facts.operator },
    ...{ operatorName: facts.operatorName, supplier: facts.supplier },
    ...{ theirId: number?.id ?? null, number: number?.number ?? null },
    ...{ price: facts.price, cost: number?.cost ?? facts.cost, why: whyOf(state) },
    messages: messages.map(({ sealed, at, code, late = false }) => ({ sealed, at, code, late })),
    codes: messages.filter(({ code, late }) => code && !late).length,
    late: messages.filter(({ late }) => late).length,
    resends: facts.resends,
    ...{ boughtMs: number?.boughtAt ?? null, diesMs: number?.diesAt ?? null },
    ...{ waitUntilMs: facts.waitUntil, placedMs: facts.placedAt, updatedMs: facts.updatedAt },
  }
}

const noFee = 0

/** Null when the line earned and cost nothing. */
function profitOf({ shard, seq, record, state }: Taken): ProfitRow | null {
  let selling = 0
  let base = 0
  for (const [op, , debit, credit, amount] of record.entries) {
    if (op === 'post' && credit === sales) selling += amount
    if (op !== 'move') continue
    if (debit === sales) selling -= amount
    if (debit === cost) base += amount
    if (credit === cost) base -= amount
  }
  if (selling === 0 && base === 0) return null
  const what = selling > 0 ? 'sold' : selling < 0 ? 'refunded' : 'late_cost'
  const { user: userId, service, country, operator, supplier }: ActivationFacts = state.facts
  return {
    ...{ shard, seq, orderId: record.id, userId, what, service, country, operator, supplier },
    ...{ selling, base, fee: noFee, atMs: record.at },
  }
}

type Told = {
  readonly what: string
  /** Absent: the machine. */
  readonly by?: string
  readonly details?: Readonly<Record<string, unknown>>
}

function activityRow({ shard, seq, record, state }: Taken, n: number, told: Told): ActivityRow {
  const { what, by = 'machine', details = {} } = told
  const userId = state.facts.user
  const who = by === 'user' ? userId : by
  return { shard, seq, n, orderId: record.id, userId, what, details, by: who, atMs: record.at }
}

/** In words that are shown to nobody but staff; no number, and nothing of a message. */
function activityOf(event: ActivationEvent): Told | null {
  switch (event.type) {
    case 'placed': {
      const { ref, service, country, operator, price } = event
      const details = { ref, service, country, operator, price }
      return { what: 'order:created', by: 'user', details }
    }
    case 'bought':
      return { what: 'order:processing', details: { found: event.found === true } }
    case 'doubted':
      return { what: 'provider:error', details: { reply: event.reply } }
    case 'unbought':
      return { what: 'order:refunded', details: { why: event.code } }
    case 'sms_received': {
      if (event.late) return { what: 'order:otp_late', details: { cost: event.cost ?? 0 } }
      return { what: event.code ? 'order:otp_received' : 'order:message' }
    }
    case 'resend_asked':
      return { what: 'order:resend', by: 'user', details: { n: event.n } }
    case 'resent':
      return {
        what: 'otp:resend',
        details: { accepted: event.ok, ...(event.n === undefined ? {} : { refused: true }) },
      }
    case 'cancel_begun': {
      const { why, by } = event
      const what = why === 'TIME' ? 'order:expired' : 'order:cancelling'
      return { what, details: { why }, ...(by === undefined ? {} : { by }) }
    }
    case 'cancel_denied':
      return event.answer === 'unknown'
        ? { what: 'provider:error', details: { cancel: true } }
        : null
    case 'code_due':
      return { what: 'provider:error', details: { code_due: true } }
    case 'refunded':
      return { what: 'order:refunded', details: { why: event.why } }
    case 'closed': {
      const { how, by } = event
      return { what: 'order:finished', details: { how }, ...(by === undefined ? {} : { by }) }
    }
    case 'parked':
      return { what: 'order:checking', details: { why: event.why } }
    case 'orphaned':
      return { what: 'provider:error', details: { orphan: event.id } }
    case 'contradicted':
      return { what: 'provider:error', details: { contradicted: true } }
    case 'resolved': {
      const { verdict, by, reason } = event
      if (event.isCostOnly) return { what: 'order:cost', by, details: { reason } }
      const what = verdict === 'refund' ? 'order:refunded' : 'order:charged'
      return { what, by, details: { reason } }
    }
    case 'looked':
    case 'unfound':
    case 'cancel_tried':
      return null
  }
}
