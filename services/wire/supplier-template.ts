/**
 * How to speak with a supplier whose contract is data: the fields of it, for whoever uses them and
 * for the API's description. What stands in the braces of a text is checked by its user.
 */

import { z } from 'zod/v4'
import { rulesSchema } from './parser-rules.ts'

const fieldsMax = 40
const listRulesMax = 10
const minuteMs = 60_000
const dayMs = 24 * 3600 * 1000

const place = z.string().regex(/^[\w-]{1,60}(?:\.[\w-]{1,60}){0,7}$/)
const words = z.array(z.string().min(1).max(80)).max(50)
const numberFormat = z.enum(['dot', 'comma', 'plain']).default('plain')
const echoes = z.array(z.enum(['ref', 'dest', 'product']))
const byRules = z.strictObject({ by: z.literal('rules') })

const fieldName = z.string().regex(/^[\w.[\]-]{1,80}$/)
const headerName = z
  .string()
  .regex(/^[a-z][\w-]{0,60}$/i)
  .refine(name => !/^(?:host|connection|content-length|transfer-encoding)$/i.test(name))

/** A text with places in braces. */
export const patternShape = z.string().max(2_000)

/** `pattern` as far as its user checks it. */
export function requestOf(pattern: z.ZodType<string, string>) {
  const fields = z
    .record(fieldName, pattern)
    .refine(given => Object.keys(given).length <= fieldsMax, 'too many fields')
  return z.strictObject({
    method: z.enum(['GET', 'POST']),
    path: pattern,
    query: fields.default({}),
    headers: z.record(headerName, pattern).default({}),
    /** For POST: fields as JSON, as a form, or text as it stands. */
    body: z
      .discriminatedUnion('type', [
        z.strictObject({ type: z.literal('json'), fields }),
        z.strictObject({ type: z.literal('form'), fields }),
        z.strictObject({ type: z.literal('text'), text: pattern, mime: z.string().max(80) }),
      ])
      .optional(),
  })
}

const requestShape = requestOf(patternShape)

export const jsonReply = z.strictObject({
  by: z.literal('json'),
  status: place,
  success: words.min(1),
  failed: words,
  pending: words.default([]),
  retryable: z.boolean().default(true),
  numberFormat,
  /** Where each field stands. */
  fields: z
    .strictObject({
      ...{ sn: place, cost: place, balance: place, ref: place, dest: place, product: place },
      ...{ reason: place, supplierId: place },
    })
    .partial()
    .default({}),
  /** Fields without which an answer is not about us. */
  mustEcho: echoes.default(['ref']),
})

/** How to ask for our balance there, and where it stands in the JSON that comes back. */
export const balanceShape = z.strictObject({ request: requestShape, path: place, numberFormat })

export const jsonList = z
  .strictObject({
    by: z.literal('json'),
    /** Where the array stands; empty: the answer itself is it. */
    rows: place.or(z.literal('')).default(''),
    ...{ sku: place, cost: place, stock: place.optional(), status: place.optional() },
    ...{ supplied: words.default([]), off: words.default([]) },
  })
  .refine(({ status, supplied }) => (status === undefined) === (supplied.length === 0), {
    path: ['supplied'],
    message: 'a status needs its words, and words need a status',
  })

export const lineList = z.strictObject({
  by: z.literal('lines'),
  rules: rulesSchema.min(1).max(listRulesMax),
})

export const priceListShape = z.strictObject({
  request: requestShape,
  reply: z.union([jsonList, lineList]),
})

const jsonBill = z
  .strictObject({
    by: z.literal('json'),
    status: place,
    success: words.min(1),
    failed: words,
    /** They are about us, not about the bill. */
    trouble: words.default([]),
    numberFormat,
    fields: z.strictObject({
      ...{ dest: place, ref: place.optional(), product: place.optional() },
      ...{ name: place.optional(), periods: place.optional(), reason: place.optional() },
      /** What we are charged; without it the total, or amount and fee. */
      ...{ cost: place.optional(), total: place.optional() },
      ...{ amount: place.optional(), admin: place.optional() },
    }),
    mustEcho: echoes.default(['ref', 'dest']),
  })
  .refine(({ fields: { cost, total, amount } }) => (cost ?? total ?? amount) !== undefined, {
    path: ['fields', 'total'],
    message: 'cost, total or amount: one of them must be read',
  })
  .refine(({ fields, mustEcho }) => mustEcho.every(name => fields[name] !== undefined), {
    path: ['mustEcho'],
    message: 'what must be echoed needs its path',
  })
export type JsonBill = z.output<typeof jsonBill>

export const billsShape = z.strictObject({
  inquiry: requestShape,
  /** Without it, as anything is bought there. */
  pay: requestShape.optional(),
  /** Without it, as is asked about orders. Must never pay. */
  status: requestShape.optional(),
  reply: z.union([jsonBill, byRules]),
})

export const templateShape = z.strictObject({
  card: z.strictObject({
    recheck: z.enum(['read_only', 'repeat_purchase']),
    recheckAfterMs: z.int().min(1_000).max(dayMs),
    recheckWithinMs: z
      .int()
      .min(minuteMs)
      .max(80 * dayMs),
    forgetsByDay: z.literal(true).optional(),
    clientReference: z.literal(true),
  }),
  purchase: requestShape,
  check: requestShape.optional(),
  reply: z.discriminatedUnion('by', [jsonReply, byRules]),
  /** They report to the address with `callbackToken` in it. */
  callbacks: z.boolean().default(false),
  priceList: priceListShape.optional(),
  balance: balanceShape.optional(),
  bills: billsShape.optional(),
})

const billWord = z.string().regex(/^[\w.-]{1,20}$/)

/** What is set for a supplier that speaks OtomaX. */
export const otomaxShape = z.strictObject({
  priceList: priceListShape.optional(),
  bills: z
    .strictObject({ inquiry: billWord, pay: billWord })
    .refine(({ inquiry, pay }) => inquiry.toUpperCase() !== pay.toUpperCase(), {
      path: ['inquiry'],
      message: 'the word that asks must not be the word that pays',
    })
    .optional(),
})
