/**
 * Days on which banks pay. A day is text as in '20261231', which sorts as days do; an instant
 * belongs to the day that a clock on the wall in its zone shows, or to the next one after cut-off.
 *
 *   paid at ──zone, cut-off──▶ accounting day ──▶ business day ──T+N──▶ settlement day
 *
 * CAL1. After the cut-off a payment counts for the next day; on the minute it counts as after.
 * CAL2. A business day is no weekend and no bank holiday: what falls on one counts for the next.
 * CAL3. T+N counts open days, or, when the terms say so, days of the calendar from the day of the
 *       payment; either way it ends on an open day.
 * CAL4. Who pays later is never settled earlier.
 * CAL5. Zones are Indonesia's three, which know no summer time, so a day never depends on tables of
 *       the machine. Holidays are given; a run of closed days without end is a mistake of theirs.
 */

import { assert } from '../../engine/assert.ts'

/** 'yyyymmdd'. */
export type Day = string

export const zones = ['Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura'] as const
export type Zone = (typeof zones)[number]

type OpenDays = {
  /** 0 is Sunday. */
  readonly weekend: readonly number[]
  readonly holidays: ReadonlySet<Day>
}

export type SettlementTerms = OpenDays & {
  readonly zone: Zone
  /** Minutes after midnight, 1,440 for never. */
  readonly cutOffMinute: number
  /** The N of T+N. */
  readonly days: number
  readonly counts: 'open_days' | 'calendar_days'
}

const hourMs = 60 * 60 * 1_000
const dayMs = 24 * hourMs
const aheadMs: Readonly<Record<Zone, number>> = {
  'Asia/Jakarta': 7 * hourMs,
  'Asia/Makassar': 8 * hourMs,
  'Asia/Jayapura': 9 * hourMs,
}
const closedDaysMax = 366
const settlementDaysMax = 60

/** The day for which something at `at` counts: its own, or the next one when it came too late. */
export function accountingDay(
  at: number,
  { zone, cutOffMinute }: Pick<SettlementTerms, 'zone' | 'cutOffMinute'>,
): Day {
  assert(
    Number.isInteger(cutOffMinute) && cutOffMinute >= 0 && cutOffMinute <= 1_440,
    'CAL1: a cut-off is a minute of a day',
  )
  const onTheWall = at + aheadMs[zone]
  const sinceMidnightMs = ((onTheWall % dayMs) + dayMs) % dayMs
  const isLate = sinceMidnightMs >= cutOffMinute * 60_000
  return dayOfMs(onTheWall + (isLate ? dayMs : 0))
}

/** The open day for which something at `at` counts. */
export function businessDay(at: number, terms: SettlementTerms): Day {
  return openFrom(accountingDay(at, terms), terms)
}

/** When what was paid at `at` is due to the merchant. */
export function settlementDay(at: number, terms: SettlementTerms): Day {
  const { days, counts } = terms
  assert(
    Number.isInteger(days) && days >= 0 && days <= settlementDaysMax,
    'CAL3: T+N has an N within limits',
  )
  if (counts === 'calendar_days') {
    return openFrom(plusDays(accountingDay(at, terms), days), terms)
  }
  let day = businessDay(at, terms)
  for (let left = days; left > 0; left--) day = openFrom(plusDays(day, 1), terms)
  return day
}

export function isOpen(day: Day, { weekend, holidays }: OpenDays): boolean {
  return !weekend.includes(new Date(msOf(day)).getUTCDay()) && !holidays.has(day)
}

export function plusDays(day: Day, days: number): Day {
  return dayOfMs(msOf(day) + days * dayMs)
}

function openFrom(day: Day, days: OpenDays): Day {
  let open = day
  for (let tries = 0; !isOpen(open, days); tries++) {
    assert(tries < closedDaysMax, 'CAL5: banks open at least once a year')
    open = plusDays(open, 1)
  }
  return open
}

const msOf = (day: Day): number =>
  Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6)))

const dayOfMs = (ms: number): Day => new Date(ms).toISOString().slice(0, 10).replaceAll('-', '')
