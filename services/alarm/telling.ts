/**
 * Whom to tell what, now: one channel at a time, all that is due in one message.
 *
 *   open, not muted, grave enough ─▶ told ─15 min─▶ again ─1 h─▶ ─4 h─▶ ─12 h─▶ once a day
 *                                      └── resolved: once more, that it is over
 *
 * ALT1. A channel gets one message a minute at most; what becomes due meanwhile is in the next.
 * ALT2. While it is open it is told again, after growing pauses; not after it was acknowledged,
 *       nor while it is muted.
 * ALT3. That it is over is told once, and only to whom it was told that it began.
 * ALT4. In its quiet hours a channel is told nothing but what is critical, and that only if it
 *       wants to be woken; what waits comes when they end.
 * ALT5. What is not grave enough for a channel is not told there, neither begin nor end.
 */

import type { AlarmChannelView, Severity } from '../contract/alarm.ts'
import type { Millis } from '../contract/words.ts'
import type { Alarm } from './life.ts'

export type Notice = {
  readonly alarmId: number
  readonly told: number
  readonly nextAt: Millis
}

export type Item = { readonly kind: 'new' | 'again' | 'over'; readonly alarm: Alarm }

export type Channel = Pick<
  AlarmChannelView,
  'name' | 'minSeverity' | 'quiet' | 'zone' | 'wakes' | 'active' | 'toldAt'
>

const pausesMs = [15 * 60_000, 3_600_000, 4 * 3_600_000, 12 * 3_600_000, 24 * 3_600_000]
const minuteMs = 60_000

/** Until it is told again, after it was told so often. */
export const pauseMs = (told: number): Millis => pausesMs[Math.min(told, pausesMs.length) - 1]!

const ranks: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 }

/** Empty when nothing is to be said now. `notices` are those of this channel that are not closed. */
export function due(
  channel: Channel,
  { alarms, notices }: { alarms: readonly Alarm[]; notices: readonly Notice[] },
  now: Millis,
): readonly Item[] {
  if (!channel.active || (channel.toldAt !== null && now - channel.toldAt < minuteMs)) return []
  const told = new Map(notices.map(notice => [notice.alarmId, notice]))
  const isQuiet = inQuietHours(channel, now)
  return alarms.flatMap((alarm): Item[] => {
    const notice = told.get(alarm.id)
    if (isQuiet && !(channel.wakes && alarm.severity === 'critical')) return []
    if (alarm.state === 'resolved') return notice === undefined ? [] : [{ kind: 'over', alarm }]
    if (ranks[alarm.severity] < ranks[channel.minSeverity]) return []
    if (alarm.state === 'acknowledged' || (alarm.mutedUntil ?? 0) > now) return []
    if (notice === undefined) return [{ kind: 'new', alarm }]
    return notice.nextAt <= now ? [{ kind: 'again', alarm }] : []
  })
}

function inQuietHours({ quiet, zone }: Pick<Channel, 'quiet' | 'zone'>, now: Millis) {
  if (quiet === null) return false
  const minute = minuteIn(zone, now)
  const { from, until } = quiet
  return from <= until ? minute >= from && minute < until : minute >= from || minute < until
}

function minuteIn(zone: string, at: Millis): number {
  const parts = clockOf(zone).formatToParts(at)
  const of = (type: string) => Number(parts.find(part => part.type === type)!.value)
  return of('hour') * 60 + of('minute')
}

const clocks = new Map<string, Intl.DateTimeFormat>()

/** Making one takes far longer than using it; there are few zones. */
export function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone)
  if (known !== undefined) return known
  const digits = '2-digit'
  const clock = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, day: digits, month: digits, hour: digits, minute: digits },
    hourCycle: 'h23',
  })
  clocks.set(zone, clock)
  return clock
}

export function isZone(zone: string): boolean {
  try {
    clockOf(zone)
    return true
  } catch {
    return false
  }
}
