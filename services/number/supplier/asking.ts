/**
 * One question to a number supplier, sent once: over the client that knows whether anything left
 * (`services/supplier/http-client.ts`), which neither repeats nor follows where an answer points.
 * And what every dialect reads alike: sums, names, numbers, and what may be kept of an answer.
 *
 * NSK1. A question is written once; a redirect is an answer that nobody understands.
 * NSK2. Sums of their money become whole rupiah, rounded up; what we may spend is rounded down.
 * NSK3. The same name is the same word of ours, in whatever letters, accents and signs.
 * NSK4. What is kept of an answer is short, in one line, without credentials and long digits.
 */

import { evidence } from '../../supplier/adapter.ts'
import { HttpPool, type Outcome } from '../../supplier/http-client.ts'
import type { Inbox, NumberSupplierConfig, Purchase } from './adapter.ts'

/** A purchase may take its time; a question that was cut off too early leaves a doubt behind. */
const answerMsMax = 45_000
/** More than are polled at once, so that a purchase finds one free. */
const connectionsMax = 40
const queueMax = 500
/** A list of some twenty thousand open numbers. */
const bodyBytesMax = 4 * 1024 * 1024
const replyBytesMax = 160

type Asking = {
  readonly ask: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Outcome>
  /** Their words, fit to be kept. */
  readonly kept: (text: string) => string
  readonly close: () => Promise<void>
  readonly hurry: () => void
}

export function asking({ baseUrl, credentials, answerMs }: NumberSupplierConfig): Asking {
  const answer = { bodyBytesMax, answerMsMax: answerMs ?? answerMsMax }
  const limits = { connectionsMax, queueMax, ...answer }
  const pool = new HttpPool(baseUrl, limits)
  const secrets = Object.values(credentials)
  return {
    ask: (path, headers = {}) => pool.send({ method: 'GET', path, headers }),
    kept: text => evidence(text, secrets, replyBytesMax).replace(/\d(?:[ -]?\d){3,}/g, '####'),
    close: () => pool.close(),
    hurry: () => pool.hurry(),
  }
}

export const query = (fields: Readonly<Record<string, string | number>>): string =>
  new URLSearchParams(
    Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString()

/** Of a purchase that has no answer: not sent is not bought, all else is a doubt. */
export function withoutAnswer(outcome: Exclude<Outcome, { kind: 'answer' }>): Purchase {
  return outcome.kind === 'not_sent'
    ? { kind: 'unbought', code: 'SUPPLIER_REFUSED', reply: outcome.why }
    : { kind: 'doubtful', reply: outcome.why }
}

export const silent = (why: string): Inbox => ({ kind: 'unknown', why })

const decimal = /^(\d{1,12})(?:\.(\d{1,8}))?$/
const micro = 1_000_000n

/** A decimal number in millionths, rounded up; null when it is none. */
function microOf(value: unknown): bigint | null {
  const text = typeof value === 'number' ? plain(value) : typeof value === 'string' ? value : ''
  const [, whole, part = ''] = decimal.exec(text.trim()) ?? []
  if (whole === undefined) return null
  const digits = part.padEnd(8, '0')
  const rest = BigInt(digits.slice(6)) > 0n ? 1n : 0n
  return BigInt(whole) * micro + BigInt(digits.slice(0, 6)) + rest
}

/** `1e-7` and `1e21` are no prices. */
const plain = (value: number): string => (Number.isFinite(value) ? String(value) : '')

/** What a sum of theirs is in rupiah; `unit` is what one of theirs is worth. */
export function rupiahOf(value: unknown, unit: string): number | null {
  const [sum, worth] = [microOf(value), microOf(unit)]
  if (sum === null || worth === null) return null
  const product = sum * worth
  const square = micro * micro
  const rupiah = product / square + (product % square > 0n ? 1n : 0n)
  return rupiah <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(rupiah) : null
}

/** The most that we would pay, in their money, with six decimals at most. */
export function theirSum(rupiah: number, unit: string): string {
  const worth = microOf(unit) ?? micro
  const micros = (BigInt(rupiah) * micro * micro) / worth
  const [whole, part] = [micros / micro, micros % micro]
  return part === 0n
    ? String(whole)
    : `${whole}.${String(part).padStart(6, '0').replace(/0+$/, '')}`
}

export const unitShape = /^\d{1,7}(?:\.\d{1,6})?$/
const wordLengthMax = 48

/** Our word for a name of theirs: `Google / Gmail` is `google-gmail`. Empty: nothing is left. */
export function nameWord(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/[^\x21-\x7e]/g, '')
    .replace(/^-+|-+$/g, '')
    .slice(0, wordLengthMax)
}

/** Digits with the country in front, however they group them; null when it is no number. */
export function phoneOf(value: unknown): string | null {
  const text = typeof value === 'number' ? plain(value) : typeof value === 'string' ? value : ''
  const digits = text.replace(/[\s().+-]/g, '')
  return /^\d{6,18}$/.test(digits) ? digits : null
}

/** An id of theirs, text or number. */
export function idOf(value: unknown): string | null {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
  return typeof text === 'string' && /^[\w.-]{1,64}$/.test(text.trim()) ? text.trim() : null
}

const nothing: ReadonlySet<string> = new Set(['', '-', '--', 'null', 'none', 'undefined'])

/** A code of theirs; null for the signs that they write while there is none. */
export function codeOf(value: unknown): string | null {
  const text = typeof value === 'number' ? plain(value) : typeof value === 'string' ? value : ''
  const code = text.trim()
  return nothing.has(code.toLowerCase()) || code.length > 64 ? null : code
}

export function countOf(value: unknown): number | null {
  const text = typeof value === 'string' ? value.trim() : value
  const count = typeof text === 'string' && /^\d{1,12}$/.test(text) ? Number(text) : text
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : null
}

/** A part of a hundred, `87`, `"87%"` or `0.87`; null when it is none of these. */
export function rateOf(value: unknown): number | null {
  const text = typeof value === 'string' ? value.replace('%', '').trim() : value
  const rate = typeof text === 'string' && /^\d+(\.\d+)?$/.test(text) ? Number(text) : text
  if (typeof rate !== 'number' || !(rate >= 0 && rate <= 100)) return null
  return Math.round(rate > 0 && rate < 1 ? rate * 100 : rate)
}

/** All of them, so many at a time; what one throws is a null in its place. */
export async function few<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R | null>,
): Promise<readonly (R | null)[]> {
  const results: (R | null)[] = items.map(() => null)
  let next = 0
  const hand = async () => {
    while (next < items.length) {
      const at = next++
      results[at] = await work(items[at]!)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, hand))
  return results
}
