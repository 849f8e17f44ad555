/**
 * Days as the merchants' books count them: of Jakarta, from midnight to midnight; and when what was
 * booked on a day is due.
 */

import {
  accountingDay,
  type Day,
  settlementDay,
  type Zone,
} from '../../actors/settlement/calendar.ts'
import type { Millis } from '../contract/words.ts'

const zone: Zone = 'Asia/Jakarta'
const cutOffMinute = 1_440
/** Saturday and Sunday. */
export const weekend: readonly number[] = [0, 6]
const noonUtcHour = 5

/** 'yyyymmdd', for which something that is booked now counts. */
export const bookDay = (at: Millis): Day => accountingDay(at, { zone, cutOffMinute })

/** When what was booked on `day` is to be with the merchant. */
export function dueDay(
  day: Day,
  { days, holidays }: { readonly days: number; readonly holidays: ReadonlySet<Day> },
): Day {
  const noon = Date.UTC(
    Number(day.slice(0, 4)),
    Number(day.slice(4, 6)) - 1,
    Number(day.slice(6)),
    noonUtcHour,
  )
  return settlementDay(noon, { zone, cutOffMinute, days, counts: 'open_days', weekend, holidays })
}
