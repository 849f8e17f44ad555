/** Days as the house counts them: in Asia/Jakarta, which knows no summer time. */

const jakartaMs = 7 * 60 * 60_000

export const dayOf = (ms: number): string => new Date(ms + jakartaMs).toISOString().slice(0, 10)

/** When that day began; NaN when there is no such day. */
export function dayStart(day: string): number {
  const at = Date.parse(`${day}T00:00:00+07:00`)
  return Number.isNaN(at) || dayOf(at) !== day ? Number.NaN : at
}

export const dayAfter = (day: string): string => dayOf(dayStart(day) + 36 * 60 * 60_000)
