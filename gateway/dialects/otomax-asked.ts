/**
 * What a client of the OtomaX dialects asks, whatever its software calls the parameters: one table
 * of names per dialect, and one reading for all.
 *
 *   ?memberID=lj1&product=xld10&dest=2.0878...&refID=A1&sign=...   ─▶  Asked
 *
 * OTQ1. Names are read whatever their case, and only those of the dialect. A name given twice with
 *       different values is refused, never guessed.
 * OTQ2. A plus is a space, as in every form, but at the beginning of a destination it is a plus.
 * OTQ3. The repeat of a purchase is told as `counter=2`, `2.0812...`, `0812...#2` or `0812...-2`;
 *       two ways that differ are refused. 62. begins a number, not a counter.
 * OTQ4. What can't be read, an escape that is none or a control character, is refused whole.
 */

import { z } from 'zod/v4'
import { callbackShape, destinationShape, productShape, refShape } from '../reading.ts'

/** Our name for a parameter to the names that stand for it. */
type Names = Readonly<Record<'member' | 'password' | 'product' | 'dest' | 'ref', string>>

const irsNames: Names = {
  ...{ member: 'id', password: 'pass', product: 'kodeproduk', dest: 'tujuan', ref: 'idtrx' },
}
const otomaxNames: Names = {
  ...{ member: 'memberID', password: 'password', product: 'product', dest: 'dest', ref: 'refID' },
}

/** Which texts a dialect answers with, and how it names its parameters. */
export const dialects = {
  otomax: { style: 'otomax', names: otomaxNames },
  irs: { style: 'irs', names: irsNames },
  st24: { style: 'irs', names: irsNames },
  sipas: { style: 'irs', names: irsNames },
  tiger: {
    style: 'irs',
    names: {
      ...{ member: 'idmember', password: 'password', product: 'produk' },
      ...{ dest: 'tujuan', ref: 'reqid' },
    },
  },
  payuni: { style: 'irs', names: otomaxNames },
  serpul: { style: 'otomax', names: otomaxNames },
} as const satisfies Readonly<Record<string, { style: 'otomax' | 'irs'; names: Names }>>

export type Dialect = keyof typeof dialects

export const proofShape = z.object({
  member: z.string().regex(/^[\w.@-]{1,64}$/),
  user: z.string().max(64).optional(),
  pin: z.string().max(32).optional(),
  password: z.string().max(128).optional(),
  sign: z.string().max(128).optional(),
})
export type Proof = z.output<typeof proofShape>

const amountShape = z.string().regex(/^[1-9]\d{0,11}$/)
/** No limit was given; nobody buys for nothing. */
const unlimitedShape = z.string().regex(/^0*$/)
const flagShape = z.enum(['true', 'false', '1', '0', '']).transform(flag => /^(true|1)$/.test(flag))

export const orderShape = proofShape.extend({
  product: productShape,
  dest: destinationShape,
  ref: refShape,
  counter: z
    .string()
    .regex(/^[1-9]?\d?$/)
    .optional(),
  qty: z.string().max(12).optional(),
  jenis: z.string().max(8).optional(),
  denom: z.string().max(16).optional(),
  maxprice: z.union([amountShape.transform(Number), unlimitedShape]).optional(),
  testing: flagShape.optional(),
  check: flagShape.optional(),
  callback: z.union([callbackShape, z.literal('')]).optional(),
})
export type OrderAsked = z.output<typeof orderShape>

const statusShape = proofShape.extend({ ref: refShape, product: productShape.optional() })
export type StatusAsked = z.output<typeof statusShape>

export const ticketShape = proofShape.extend({ amount: amountShape })

/** Each null when it can't be read. */
export const readProof = (fields: Fields): Proof | null => output(proofShape, fields)
export const readOrder = (fields: Fields): OrderAsked | null => output(orderShape, fields)
export const readStatus = (fields: Fields): StatusAsked | null => output(statusShape, fields)
export const readTicket = (fields: Fields) => output(ticketShape, fields)

function output<T>(shape: z.ZodType<T>, fields: Fields): T | null {
  const read = shape.safeParse(fields)
  return read.success ? read.data : null
}

/** Parameters under our names; those we don't know keep their own. */
export type Fields = Readonly<Record<string, string>>

/** Null when something was given twice, or is no text. */
export function fieldsOf(query: string, dialect: Dialect): Fields | null {
  const ours = new Map(
    Object.entries(dialects[dialect].names).map(([our, name]) => [name.toLowerCase(), our]),
  )
  for (const name of ['hargamax', 'max_price']) ours.set(name, 'maxprice')
  for (const name of ['cb_url', 'callback_url']) ours.set(name, 'callback')
  const fields = new Map<string, string>()
  for (const part of query.split('&')) {
    if (part === '') continue
    const [, rawName = '', raw = ''] = /^([^=]*)=?(.*)$/s.exec(part) ?? []
    const told = decoded(rawName)?.toLowerCase()
    if (told === undefined) return null
    if (reserved.has(told) && !ours.has(told)) continue
    const name = ours.get(told) ?? told
    const value = decoded(name === 'dest' ? raw.replace(/^\+/, '%2B') : raw)
    if (value === undefined || fields.size >= fieldsMax) return null
    if ((fields.get(name) ?? value) !== value) return null
    fields.set(name, value)
  }
  return Object.fromEntries(fields)
}

const fieldsMax = 40

/** Our names for what dialects call differently: no other parameter may take their place. */
const reserved: ReadonlySet<string> = new Set(Object.keys(irsNames))

function decoded(text: string): string | undefined {
  try {
    const value = decodeURIComponent(text.replaceAll('+', ' '))
    return control.test(value) ? undefined : value
  } catch {
    return undefined
  }
}

const control = /\p{Cc}/u

export type Counted = { readonly dest: string; readonly counter: number }

/** Null when the ways to say it disagree. */
export function counted(dest: string, counter: string | undefined): Counted | null {
  const ways: readonly RegExp[] = [
    // eight digits or more behind it: what has fewer is a number that somebody wrote with dots
    /^(?!62\.)(?<counter>[1-9]\d?)\.(?<dest>\+?\d{8,})$/,
    /^(?<dest>[^#]+)#(?<counter>[1-9]\d?)$/,
    // ten: a shorter one is a number that somebody wrote with a dash
    /^(?<dest>\+?\d{10,})-(?<counter>[2-9])$/,
  ]
  const said = ways.map(way => way.exec(dest)?.groups).find(groups => groups !== undefined)
  const told = counter === undefined || counter === '' ? null : Number(counter)
  if (told === 0) return null
  if (said === undefined) return { dest, counter: told ?? 1 }
  const written = Number(said['counter'])
  if (told !== null && told !== 1 && told !== written) return null
  return { dest: said['dest']!, counter: written }
}
