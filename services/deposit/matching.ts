/**
 * Whether a row of the bank pays the ticket that holds its amount. An amount belongs to one ticket
 * until two days after its end, so there is one ticket to look at, or none; money that does not
 * fit waits for a person and is never given to somebody else.
 *
 * MNB1. Only an open ticket is paid, within its time: a little before, because a bank's clock may
 *       be slow, and an hour after, because feeds look in only now and then.
 * MNB2. What comes after a ticket's end, or a second time, waits for a person and says so.
 * MNB3. Where the bank tells only the day, the moment of hearing counts, and the day is not before
 *       the ticket's.
 */

import type { TicketClaim, WaitingRow } from '../../sql/money/bank-mutations.ts'
import { dayOf } from '../day.ts'

const slowClockMs = 15 * 60_000
const graceMs = 60 * 60_000

type Suspicion = 'no_match' | 'late' | 'twice' | 'cancelled' | 'early'

/** Null: it is paid. */
export function suspicionOf(row: WaitingRow, ticket: TicketClaim | null): Suspicion | null {
  if (ticket === null) return 'no_match'
  const { status, createdMs, expiresMs } = ticket
  if (status === 'paid' || status === 'matched') return 'twice'
  if (status === 'cancelled') return 'cancelled'
  const at = row.happenedMs ?? row.seenMs
  if (at < createdMs - slowClockMs) return 'early'
  if (at > expiresMs + graceMs) return 'late'
  const isOfEarlierDay = row.happenedMs === null && (row.day ?? '') < dayOf(createdMs)
  return isOfEarlierDay ? 'early' : null
}
