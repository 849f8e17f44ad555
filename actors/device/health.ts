/**
 * How well a soundbox is, from 0 to 100, and why: a pure function of what is known of it, so that
 * a table, a page and an alarm say the same.
 *
 * DVB1. A hundred means that nothing is wrong; each trouble takes its share away and says so.
 * DVB2. A box that is not connected is at most at 40, whatever else is well with it.
 * DVB3. What a box never told (a battery, a signal) is not held against it.
 */

import type { Millis } from '../../engine/ids.ts'

export type Vitals = {
  readonly online: boolean
  /** Since it was last heard of; null: never. */
  readonly silentMs: Millis | null
  /** 0 to 100. */
  readonly battery: number | null
  readonly signal: number | null
  /** Connections begun within the last hour. */
  readonly connects: number
  /** It is not set as it should be. */
  readonly drift: boolean
  /** Messages that wait to be spoken, and payments that went into its digest. */
  readonly waiting: number
  readonly missed: number
}

type HealthReason =
  | 'OFFLINE'
  | 'NEVER_SEEN'
  | 'HEARTBEAT_OLD'
  | 'BATTERY_LOW'
  | 'BATTERY_EMPTY'
  | 'SIGNAL_WEAK'
  | 'FLAPPING'
  | 'CONFIG_DRIFT'
  | 'UNACKNOWLEDGED'
  | 'PAYMENTS_MISSED'

type Health = { readonly score: number; readonly reasons: readonly HealthReason[] }

const offlineMax = 40
/** Three beats of a minute, and some. */
export const heartbeatOldMs = 200_000
const flappingConnects = 6
const waitingMany = 3

const losses: Readonly<Record<HealthReason, number>> = {
  OFFLINE: 60,
  NEVER_SEEN: 20,
  HEARTBEAT_OLD: 20,
  BATTERY_LOW: 10,
  BATTERY_EMPTY: 25,
  SIGNAL_WEAK: 15,
  FLAPPING: 20,
  CONFIG_DRIFT: 10,
  UNACKNOWLEDGED: 15,
  PAYMENTS_MISSED: 15,
}

export function healthOf(vitals: Vitals): Health {
  const reasons = [...reasonsOf(vitals)]
  const lost = reasons.reduce((sum, reason) => sum + losses[reason], 0)
  const score = Math.max(0, 100 - lost)
  return { score: vitals.online ? score : Math.min(score, offlineMax), reasons }
}

function* reasonsOf(vitals: Vitals): Iterable<HealthReason> {
  const { online, silentMs, battery, signal, connects, drift, waiting, missed } = vitals
  if (!online) yield 'OFFLINE'
  if (silentMs === null) yield 'NEVER_SEEN'
  else if (silentMs >= heartbeatOldMs) yield 'HEARTBEAT_OLD'
  if (battery !== null && battery <= 20) yield battery <= 5 ? 'BATTERY_EMPTY' : 'BATTERY_LOW'
  if (signal !== null && signal <= 25) yield 'SIGNAL_WEAK'
  if (connects >= flappingConnects) yield 'FLAPPING'
  if (drift) yield 'CONFIG_DRIFT'
  if (waiting >= waitingMany) yield 'UNACKNOWLEDGED'
  if (missed > 0) yield 'PAYMENTS_MISSED'
}
