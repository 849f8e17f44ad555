/** What an owner may set about how people type: for the chat, and for the API's description. */

import { z } from 'zod/v4'

/** Every command and its fields, in their usual order. */
export const fieldsOf = {
  buy: ['product', 'destination', 'pin'],
  balance: ['pin'],
  prices: ['query', 'pin'],
  status: ['destination', 'pin'],
  bill: ['product', 'destination', 'pin'],
  payBill: ['product', 'destination', 'pin'],
  complain: ['trx', 'pin'],
  ticket: ['amount', 'pin'],
  transfer: ['to', 'amount', 'pin'],
  changePin: ['pin', 'next'],
  help: [],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** A purchase has no word: it begins with its product. */
const { buy: _, ...worded } = fieldsOf
export type Worded = keyof typeof worded

const word = z.string().regex(/^(?:[\p{L}\d_]{1,20}|\?)$/u)
const orderOf = (fields: readonly string[]) =>
  z
    .array(z.enum(fields))
    .length(fields.length)
    .refine(order => new Set(order).size === fields.length)
    .optional()

/** Each of its characters separates fields. */
export const separatorsShape = z.string().regex(/^[.*#\-/:,;|+=! ]{1,8}$/)
/** Each of its characters separates orders. */
export const betweenShape = z.string().regex(/^[,;|/]{0,4}$/)
export const wordsShape = z.partialRecord(
  z.enum(Object.keys(worded) as Worded[]),
  z.array(word).max(20),
)
export const orderShape = z.strictObject({
  buy: orderOf(fieldsOf.buy),
  status: orderOf(fieldsOf.status),
  bill: orderOf(fieldsOf.bill),
  payBill: orderOf(fieldsOf.payBill),
  complain: orderOf(fieldsOf.complain),
  ticket: orderOf(fieldsOf.ticket),
  transfer: orderOf(fieldsOf.transfer),
  changePin: orderOf(fieldsOf.changePin),
})
