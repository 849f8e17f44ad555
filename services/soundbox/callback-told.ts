/**
 * What an acquirer's callback says: who signed it, what stands in it, and when it was paid. Read
 * here and nowhere else.
 *
 *   bytes, timestamp, signature ─▶ signed?      bytes ─▶ fields, or nothing that anybody can read
 *
 * SAJ10. A time of payment that can not be is none: before there was QRIS, or further in our future
 *       than a callback's own time may be; nor is a day, or a clock of which nobody says where it
 *       hangs. It then counts as paid when we heard of it (QPA11), however much later it is booked.
 * SAJ11. A field that may be absent may be blank or null as well.
 * SAJ18. What moves no money never makes a callback illegible: who paid is written as well as can
 *       be, and an id or a time in another shape counts as absent. What names the money, and how
 *       much it is, is as it must be or nothing is read.
 */

import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod/v4'
import type { Millis } from '../contract/words.ts'
import { keepable } from './keepable.ts'

/** As far may a callback's own time be away from ours, and a time of payment in our future. */
export const windowMs = 5 * 60_000
/** The day on which QRIS began. */
const firstQrMs = Date.UTC(2019, 7, 17)
const signatureShape = /^sha256=[0-9a-f]{64}$/i

/** Not even asked about if it holds what no table can. */
const word = (most: number) =>
  z
    .string()
    .max(most)
    .refine(text => text === keepable(text))

/** Null where nothing stands. */
const optionalWord = (most: number) =>
  word(most)
    .nullish()
    .transform(text => (text?.trim() ? text : null))

const payerMax = 200

/** Null where it stands in another shape, too. */
const sideWord = (most: number) => optionalWord(most).catch(null)

/** Who paid, for people to read. */
const payerName = z
  .unknown()
  .transform(told => (typeof told === 'string' ? keepable(told.slice(0, payerMax)) : null))

const bodyShape = z.object({
  event_id: word(128).min(1),
  type: z.literal('payment'),
  reference: word(128)
    .nullish()
    .transform(text => text ?? ''),
  transaction_id: sideWord(64),
  nmid: optionalWord(32),
  terminal_id: optionalWord(64),
  amount: z.int().positive(),
  status: z.enum(['paid', 'failed', 'expired', 'refunded']),
  paid_at: z
    .union([z.string().max(40), z.number()])
    .nullish()
    .catch(null),
  payer: payerName,
})
/** `heardMs`: when, if that was not just now. */
export type Told = z.output<typeof bodyShape> & { readonly heardMs?: Millis }

/** What the acquirer calls the money. */
export const acquirerRefOf = (told: Pick<Told, 'reference' | 'event_id'>): string =>
  told.reference === '' ? told.event_id : told.reference

/** Whether one of these secrets signed exactly this. Takes as long for a wrong one. */
export function isSigned(
  body: Uint8Array,
  told: {
    readonly timestamp: string
    readonly signature: string
    readonly secrets: readonly string[]
  },
): boolean {
  const { timestamp, signature, secrets } = told
  if (!signatureShape.test(signature)) return false
  const given = Buffer.from(signature.slice('sha256='.length), 'hex')
  let isGood = false
  for (const secret of secrets) {
    const right = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest()
    if (timingSafeEqual(given, right)) isGood = true
  }
  return isGood
}

export function read(body: Buffer): Told | null {
  try {
    const told = bodyShape.safeParse(JSON.parse(body.toString('utf8')))
    return told.success ? told.data : null
  } catch {
    return null
  }
}

/** A moment with its offset, as acquirers write it. */
const momentShape = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/i

/** Such a text, or unix seconds; null for what is neither, and for what can not be (SAJ10). */
export function timeOf(told: string | number | null | undefined, now: Millis): Millis | null {
  if (told == null || (typeof told === 'string' && !momentShape.test(told))) return null
  const ms = typeof told === 'number' ? told * 1_000 : Date.parse(told)
  return Number.isInteger(ms) && ms >= firstQrMs && ms <= now + windowMs ? ms : null
}
