/**
 * From bytes to typed values, once, at the edge: JSON read strictly, shapes checked by zod, and
 * what was wrong told field by field.
 *
 * GR1. A body must say that it is JSON, be JSON, and have the right shape; each is told apart.
 * GR2. Unknown fields are ignored, so that a client may be newer than we are.
 * GR3. A time in a query may be written as it is: `at=2026-01-02T10:00:00+07:00`.
 * GR4. A text with a NUL or half a character, which no table takes and which would stand in the
 *      journal for good, is refused, wherever in the body it stands.
 */

import { z } from 'zod/v4'
import { amountMax } from '../services/wire/price-limits.ts'
import type { Visit } from './answer.ts'
import { parseStrict } from './strict-json.ts'

export function isJson(contentType: string): boolean {
  return contentType === 'application/json' || jsonType.test(contentType)
}

const jsonType = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i

/** The value, or undefined when the visit has been answered. */
export function readBody<T>(visit: Visit, body: Buffer, schema: z.ZodType<T>): T | undefined {
  const parsed = parseStrict(body)
  if ('problem' in parsed) {
    const { problem, at } = parsed
    visit.refuse('VALIDATION_FAILED', { details: { problem, at }, moneyEffect: 'none' })
    return undefined
  }
  const read = readShape(visit, parsed.value, schema)
  // Only an escape can write what is not kept.
  if (read === undefined || !body.includes('\\u') || isKeepable(parsed.value)) return read
  visit.refuse('VALIDATION_FAILED', {
    details: { problem: 'text_not_keepable' },
    moneyEffect: 'none',
  })
  return undefined
}

/** Neither a NUL nor half a character in any text of it, which no table takes. */
export const isKeepable = (value: unknown): boolean => !unkept.test(JSON.stringify(value))

const unkept = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/

export type ReadBody = typeof readBody

export function readQuery<T>(visit: Visit, schema: z.ZodType<T>): T | undefined {
  const query = visit.query.replace(zone, '%2B')
  return readShape(visit, Object.fromEntries(new URLSearchParams(query)), schema)
}

/** The `+` between a time and its offset: in a query it means a space, which no time has there. */
const zone = /(?<=\dT\d\d(?::|%3A)[\d:%A.]{2,20})\+(?=\d\d(?::|%3A)\d\d(?:&|$))/gi

/** Anything that was read otherwise, through the same door. */
export function readShape<T>(visit: Visit, value: unknown, schema: z.ZodType<T>): T | undefined {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const fields = read.error.issues.map(({ path, code }) => ({
    field: path.join('.'),
    problem: code,
  }))
  visit.refuse('VALIDATION_FAILED', { details: { fields }, moneyEffect: 'none' })
  return undefined
}

/**
 * The client's own reference: printable, no space at the ends; it is identity, so never trimmed.
 */
export const refShape = z.string().regex(/^(?! )[\x20-\x7e]{1,64}(?<! )$/)
export const productShape = z.string().regex(/^[\w.-]{1,40}$/)
export const destinationShape = z.string().regex(/^[\x20-\x7e]{1,64}$/)
/** As pasted from anywhere: what does not count in a number is the catalogue's to say (C31). */
export const pastedShape = z.string().regex(/^[\t\n\r\x20-\x7e\u0080-\ud7ff\ue000-\uffff]{1,64}$/)
/** A sealed word of ours, as we gave it out. */
export const tokenShape = z.string().regex(/^[\w.-]{20,16000}$/)
/** Money that moves. */
export const rupiahShape = z.int().min(1).max(amountMax)
/** The most that somebody is willing to pay moves nothing, and may be any number. */
export const priceLimitShape = z.int().min(1)

/** How many rows of a page are wanted: 1 to `most`, at most three digits. */
export const limitShape = (most: number, usual: number) =>
  z
    .string()
    .regex(/^[1-9]\d{0,2}$/)
    .transform(Number)
    .refine(limit => limit <= most)
    .default(usual)

/** A place in a client's own stream of events: the id of one, or 0 for its beginning. */
export const eventIdShape = z.string().regex(/^\d{1,15}(?:\.1)?$/)

/** Times are given with their offset; without one nobody knows which day is meant. */
export const timeShape = z.iso.datetime({ offset: true }).transform(text => Date.parse(text))

export const callbackShape = z.string().max(512).refine(isCallback)

/** An address that we may call later: plain http(s), no credentials in it. */
function isCallback(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return /^https?:$/.test(protocol) && username === '' && password === ''
}

/** UUIDv7. */
export const trxIdShape = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

export const toIso = (at: number): string => new Date(at).toISOString()
