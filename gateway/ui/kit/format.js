/** Money and time as people here read them: whole rupiah, hours of Jakarta. */

const number = new Intl.NumberFormat('id-ID', { maximumFractionDigits: 0 })
const zone = 'Asia/Jakarta'
const clock = new Intl.DateTimeFormat('id-ID', {
  timeZone: zone,
  hour: '2-digit',
  minute: '2-digit',
})
const second = new Intl.DateTimeFormat('id-ID', { timeZone: zone, timeStyle: 'medium' })
const day = new Intl.DateTimeFormat('id-ID', { timeZone: zone, day: 'numeric', month: 'short' })
const dayOfYear = new Intl.DateTimeFormat('id-ID', { timeZone: zone, dateStyle: 'medium' })

export const rupiah = amount =>
  amount < 0 ? `-${rupiah(-amount)}` : `Rp\u00a0${number.format(amount)}`
export const count = n => number.format(n)

/** The most that the server takes; what is more is read, and is no more than roughly so. */
export const amountMax = 999_999_999_999

/** Whole rupiah out of what a person types: "50.000", "Rp 50000,00"; null where none is. */
export function amountIn(typed) {
  const digits = digitsOf(typed)
  return digits === '' ? null : Number(digits)
}

export const digitsOf = typed => typed.replace(/,\d{0,2}\s*$/, '').replace(/\D/g, '')

/** Numbers as people type them, without the spaces and dashes. */
export const bare = typed => typed.replace(/[\s.-]/g, '')

export const hourOf = iso => `${clock.format(new Date(iso))} WIB`
export const secondOf = iso => second.format(new Date(iso))

/** The day is left out when it is today. */
export function timeOf(iso, now = new Date()) {
  const at = new Date(iso)
  if (dayOfYear.format(at) === dayOfYear.format(now)) return hourOf(iso)
  const sameYear = dayOfYear.format(at).slice(-4) === dayOfYear.format(now).slice(-4)
  return `${(sameYear ? day : dayOfYear).format(at)}, ${hourOf(iso)}`
}

export const dayOf = iso => dayOfYear.format(new Date(iso))

/** A day as books name it: "20261121". */
export const bookDay = day =>
  dayOf(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6, 8)}T12:00:00+07:00`)

const offsetMs = 7 * 3_600_000

/** The day on which something is, here. */
export const dayAt = iso => new Date(Date.parse(iso) + offsetMs).toISOString().slice(0, 10)

/** When a day began here, so many days ago, as the server reads it. */
export function dayBegan(daysAgo, now = Date.now()) {
  const dayMs = 86_400_000
  const days = Math.floor((now + offsetMs) / dayMs) - daysAgo
  return new Date(days * dayMs - offsetMs).toISOString()
}
