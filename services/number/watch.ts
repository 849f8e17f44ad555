/**
 * Looks over the journal's shoulder for whoever guards the number line: how rentals ended, and what
 * suppliers and gateways did that staff must hear.
 *
 * NWA1. How a rental ended, and what staff hears of it, stand in the tables with the position up to
 *       which the journal was read: nothing is counted twice, nothing is left out.
 * NWA2. A code that came is the end that counts, whatever happens to the order later.
 */

import type { ActivationEvent } from '../../actors/activation/activation-contract.ts'
import { keyOf } from '../../engine/ids.ts'
import type { JournalRecord, Line } from '../../engine/record.ts'
import type { DatabasePool } from '../../sql/database.ts'
import { type NewStaffEvent, type WatchWrite, writeWatch } from '../../sql/number/watch.ts'
import { positionsIn } from '../../sql/positions.ts'
import { JournalFollower, type JournalSource } from '../journal-follower.ts'
import { providerError, type StaffEvents } from './staff-events.ts'

export type RentalEnd = { readonly key: string; readonly how: string }

type WatchDeps = {
  readonly pool: DatabasePool
  readonly shards: number
  readonly source: JournalSource
  readonly isOwner: () => boolean
  readonly staff: Pick<StaffEvents, 'inOrder'>
  /** After they stand in the table. */
  readonly onEnds: (ends: readonly RentalEnd[]) => Promise<void>
  readonly onError: (cause: unknown) => void
}

const beatMs = 250
const gatherMax = 500
const pileMax = 20_000

export class NumberWatch {
  readonly #deps: WatchDeps
  readonly follower: JournalFollower
  #ends: RentalEnd[] = []
  #events: NewStaffEvent[] = []

  constructor(deps: WatchDeps) {
    this.#deps = deps
    const { pool, shards, source, isOwner, onError } = deps
    this.follower = new JournalFollower(
      {
        ...{ name: 'number-watch', shards, source, isOwner, onError },
        ...{ beatMs, gatherMs: beatMs, gatherMax, pileMax },
      },
      {
        positions: async () => {
          this.#ends = []
          this.#events = []
          return positionsIn(pool, 'number_watch_position')
        },
        take: (line, record) => this.#take(line, record),
        takeRead: (_, read) => {
          for (const { line, record } of read) this.#take(line, record)
          return undefined
        },
        write: steps => this.#write(steps),
        gathered: () => this.#ends.length + this.#events.length,
      },
    )
  }

  #take(line: Line, record: JournalRecord): void {
    if (record.kind !== 'activation' && record.kind !== 'deposit') return
    const problem = providerError(record, line.seq, line.shard)
    if (problem !== null) this.#events.push(problem)
    if (record.kind !== 'activation') return
    for (const event of record.events as readonly ActivationEvent[]) {
      const how = endOf(event)
      if (how !== null) this.#ends.push({ key: keyOf(record.id), how })
    }
  }

  async #write(steps: WatchWrite['steps']): Promise<undefined> {
    const { pool, staff, onEnds, onError } = this.#deps
    const [ends, events] = [this.#ends, this.#events]
    this.#ends = []
    this.#events = []
    await staff.inOrder(() => writeWatch(pool, { steps, ends: lastOfEach(ends), events }))
    if (ends.length > 0) await onEnds(ends).catch(onError)
  }
}

function endOf(event: ActivationEvent): string | null {
  switch (event.type) {
    case 'sms_received':
      return event.first ? 'code' : null
    case 'unbought':
      return 'unbought'
    case 'refunded':
      return event.why === 'USER' ? 'given_back' : 'no_code'
    default:
      return null
  }
}

/** One row is updated once per statement; a code stays what it is. */
function lastOfEach(ends: readonly RentalEnd[]): readonly RentalEnd[] {
  const byKey = new Map<string, RentalEnd>()
  for (const end of ends) if (byKey.get(end.key)?.how !== 'code') byKey.set(end.key, end)
  return [...byKey.values()]
}
