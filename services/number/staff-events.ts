/**
 * The staff's own stream: somebody opened the help link, a supplier did what it should not. What is
 * made of a journal line is made of that line alone; the rest is written down when it is said.
 *
 * NSE1. Events are told after they are written, in the order of their ids, so that whoever goes on
 *       after the last id he saw misses none.
 * NSE2. A journal line is told once, however often it is read.
 * NSE3. No number, no code and no text of a message is in any of them.
 */

import type { ActivationEvent } from '../../actors/activation/activation-contract.ts'
import type { DepositEvent } from '../../actors/deposit/deposit-contract.ts'
import type { JournalRecord } from '../../engine/record.ts'
import type { DatabasePool } from '../../sql/database.ts'
import {
  addStaffEvents,
  type NewStaffEvent,
  type StaffEventRow,
  staffEventsAfter,
} from '../../sql/number/watch.ts'
import type { LiveEvent } from '../contract/live.ts'
import type { Millis } from '../contract/words.ts'

type StaffEventsDeps = {
  readonly pool: DatabasePool
  readonly now: () => Millis
  readonly onTold: (event: LiveEvent) => void
}

/** Theirs begin with it; a client's own are bare digits. */
const mark = 's'

export class StaffEvents {
  readonly #deps: StaffEventsDeps
  #last: Promise<unknown> = Promise.resolve()

  constructor(deps: StaffEventsDeps) {
    this.#deps = deps
  }

  async say(name: string, data: Readonly<Record<string, unknown>>): Promise<void> {
    const event = { name, data, atMs: this.#deps.now(), shard: null, seq: null }
    await this.inOrder(() => addStaffEvents(this.#deps.pool, [event]))
  }

  /** Writes one after the other, and tells what was new. */
  inOrder(write: () => Promise<readonly StaffEventRow[]>): Promise<void> {
    const mine = this.#last.then(write).then(rows => {
      for (const row of rows) this.#deps.onTold(eventOf(row))
    })
    this.#last = mine.catch(() => {})
    return mine
  }

  async since(after: string, limit: number): Promise<{ events: LiveEvent[]; more: boolean }> {
    const place = /^s(\d{1,15})$/.exec(after)?.[1] ?? '0'
    const rows = await staffEventsAfter(this.#deps.pool, { after: Number(place), limit })
    return { events: rows.map(eventOf), more: rows.length === limit }
  }
}

const eventOf = ({ id, name, data, atMs }: StaffEventRow): LiveEvent => ({
  id: `${mark}${id}`,
  name,
  data: { ...data, at: new Date(atMs).toISOString() },
})

/** What a line says of a supplier or a gateway that staff must know; null when nothing. */
export function providerError(record: JournalRecord, seq: number, shard: number) {
  const problem =
    record.kind === 'activation'
      ? first(record.events as readonly ActivationEvent[], problemAtSupplier)
      : record.kind === 'deposit'
        ? first(record.events as readonly DepositEvent[], problemAtGateway)
        : null
  if (problem === null) return null
  const about = record.kind === 'activation' ? 'order_id' : 'intent_id'
  const data = { [about]: record.id, ...problem }
  return { name: 'provider:error', data, atMs: record.at, shard, seq } satisfies NewStaffEvent
}

type Problem = { readonly problem: string; readonly why?: string }

function first<E>(events: readonly E[], problemOf: (event: E) => Problem | null): Problem | null {
  for (const event of events) {
    const problem = problemOf(event)
    if (problem !== null) return problem
  }
  return null
}

function problemAtSupplier(event: ActivationEvent): Problem | null {
  switch (event.type) {
    case 'unbought': {
      const isOurs = event.code === 'NO_NUMBERS' || event.code === 'PERSON'
      return isOurs ? null : { problem: 'unbought', why: event.code }
    }
    case 'doubted':
      return { problem: 'unanswered' }
    case 'cancel_denied':
      return event.answer === 'unknown' ? { problem: 'cancel_unanswered' } : null
    case 'sms_received':
      return event.late ? { problem: 'late_code' } : null
    case 'parked':
      return { problem: 'parked', why: event.why }
    case 'refunded':
      return event.why === 'DOUBT' ? { problem: 'refunded_in_doubt' } : null
    case 'orphaned':
    case 'contradicted':
      return { problem: event.type }
    default:
      return null
  }
}

function problemAtGateway(event: DepositEvent): Problem | null {
  switch (event.type) {
    case 'uncreated':
      return { problem: 'uncreated', why: event.code }
    case 'doubted':
      return { problem: 'unanswered' }
    case 'suspended':
      return { problem: 'suspended', why: event.why }
    default:
      return null
  }
}
