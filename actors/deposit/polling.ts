/** How often a gateway is asked about a deposit: often while somebody looks at it, then seldom. */

import type { Millis } from '../../engine/ids.ts'

type Phase = 'pending' | 'processing' | 'expired' | 'cancelled' | 'failed'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** Up to this age, so often; null: not any more. */
type Pace = readonly (readonly [ageMs: Millis, everyMs: Millis])[]

const pending: Pace = [
  [2 * minute, 5 * second],
  [10 * minute, 15 * second],
  [Number.POSITIVE_INFINITY, minute],
]
const processing: Pace = [
  [10 * minute, minute],
  [24 * hour, 10 * minute],
  [Number.POSITIVE_INFINITY, 30 * minute],
]
/** People pay late. */
const over: Pace = [
  [hour, 10 * minute],
  [24 * hour, hour],
]

const paces: Readonly<Record<Phase, Pace>> = {
  pending,
  processing,
  expired: over,
  cancelled: over,
  failed: over,
}

/** When to ask next about what has been in this phase since then. */
export function nextPoll(phase: Phase, since: Millis, now: Millis): Millis | null {
  const row = paces[phase].find(([ageMs]) => now - since < ageMs)
  return row === undefined ? null : now + row[1]
}
