/**
 * What people type, understood: one message becomes a list of commands, or of questions to ask
 * back. The words, the separators and the order of fields are a gateway's own settings, because
 * whoever moves here from another server brings resellers who have typed its way for years.
 *
 *   'S5.0812…,X10.0813….123456'  ─▶  buy S5, buy X10, both with that PIN
 *
 * CHA1. Nothing that a person types crashes it, and every part of a message gets its own verdict.
 * CHA2. What could mean two things is asked about: a purchase has one reading, a product that
 *       exists, a destination that is no product, and a PIN.
 * CHA3. Separators, synonyms and the order of fields are data; case does not matter. Spaces only
 *       separate where no other separator stands.
 * CHA4. Several orders stand in one message; a PIN at its end is for all before it that have none.
 *       Two different PINs in one message are asked about.
 * CHA5. A repeat is `.2` or `#2` at the end, `#2` behind the destination, or `-2` behind the
 *       product; a code that exists wins.
 * CHA6. In the masked text no run of 4 to 8 digits is left, however broken by spaces or dashes,
 *       except in a product's code or an order's id.
 * CHA7. A PIN is changed by a message that asks for nothing else.
 * CHA8. What shows money or orders needs the PIN; prices and the menu are anybody's.
 * CHA9. A bill is looked at and paid by its product and number. The word for how an order stands,
 *       with a product before the number, looks at a bill; a word that an owner gave to something
 *       else does not mean a bill any more.
 */

import { z } from 'zod/v4'
import {
  betweenShape,
  fieldsOf,
  orderShape,
  separatorsShape,
  type Worded,
  wordsShape,
} from '../wire/chat-grammar.ts'

export type Command =
  | {
      readonly type: 'buy'
      readonly product: string
      readonly destination: string
      readonly counter: number
      readonly pin: string
    }
  | { readonly type: 'balance'; readonly pin: string }
  | { readonly type: 'prices'; readonly query: string }
  | { readonly type: 'status'; readonly destination: string; readonly pin: string }
  | BillCommand
  | { readonly type: 'complain'; readonly trx: string; readonly pin: string }
  | { readonly type: 'ticket'; readonly amount: number; readonly pin: string }
  | {
      readonly type: 'transfer'
      readonly to: string
      readonly amount: number
      readonly pin: string
    }
  | { readonly type: 'changePin'; readonly pin: string; readonly next: string }
  | { readonly type: 'help' }

/** Looks at a bill, or pays it. */
export type BillCommand = {
  readonly type: 'bill' | 'payBill'
  readonly product: string
  readonly destination: string
  readonly pin: string
}

export type Unclear =
  | 'unknown'
  | 'fields'
  | 'product'
  | 'destination'
  | 'amount'
  | 'pin_missing'
  | 'pin_shape'
  | 'pins_differ'
  | 'alone'
  | 'too_many'
  | 'too_long'

export type Item =
  | Command
  | { readonly type: 'unclear'; readonly why: Unclear; readonly command: Command['type'] | null }

type Understood = {
  readonly items: readonly Item[]
  /** The message as it may be kept. */
  readonly masked: string
}

export type Grammar = {
  /** Each of its characters separates fields. */
  readonly separators: string
  /** Each of its characters separates orders; a line end always does. */
  readonly between: string
  readonly words: Readonly<Record<Worded, readonly string[]>>
  readonly order: Readonly<Record<keyof typeof fieldsOf, readonly string[]>>
}

export const usualGrammar: Grammar = {
  separators: '.*# ',
  between: ',;',
  words: {
    balance: ['S', 'SAL', 'SALDO'],
    prices: ['H', 'CH', 'HARGA'],
    status: ['CEK', 'C', 'STATUS'],
    bill: ['TAGIHAN', 'TAG', 'INQ'],
    payBill: ['BAYAR', 'PAY'],
    complain: ['KOMPLAIN', 'KOMP', 'K'],
    ticket: ['D', 'TIKET', 'DEP'],
    transfer: ['T', 'TR', 'TRANSFER'],
    changePin: ['GP', 'GANTIPIN'],
    help: ['HELP', 'BANTUAN', 'MENU', 'FORMAT', '?'],
  },
  order: fieldsOf satisfies Record<Command['type'], readonly string[]>,
}

/** What an owner may set; what is not named stays as usual. */
export const grammarShape = z
  .strictObject({
    separators: separatorsShape.default(usualGrammar.separators),
    between: betweenShape.default(usualGrammar.between),
    words: wordsShape
      .default({})
      .transform(words => ({ ...usualGrammar.words, ...billWords(words), ...words })),
    order: orderShape
      .default({})
      .transform(order => ({ ...usualGrammar.order, ...order }) as Grammar['order']),
  })
  .refine(({ words }) => {
    const all = Object.values(words).flatMap(list => list.map(one => one.toUpperCase()))
    return new Set(all).size === all.length
  }, 'a word names one command only')
  .refine(
    ({ separators, between }) => [...between].every(mark => !separators.includes(mark)),
    'a mark separates either fields or orders',
  )

/** Our words for bills, as far as the owner has not given them to something else. */
function billWords(own: Readonly<Partial<Record<Worded, readonly string[]>>>) {
  const taken = new Set(Object.values(own).flatMap(list => list.map(one => one.toUpperCase())))
  const left = (words: readonly string[]) => words.filter(one => !taken.has(one))
  const { bill, payBill } = usualGrammar.words
  return { bill: left(bill), payBill: left(payBill) }
}

/** What a person types to pay a bill here; empty where nothing does. */
export function payBillCommand(
  { separators, words, order }: Grammar,
  bill: Pick<BillCommand, 'product' | 'destination'>,
): string {
  const [first] = words.payBill
  if (first === undefined) return ''
  const said: Readonly<Record<string, string>> = { ...bill, pin: 'PIN' }
  const mark = separators.trim()[0] ?? ' '
  return [first, ...order.payBill.map(field => said[field] ?? '')].join(mark)
}

const lengthMax = 1_000
const partsMax = 20

export function understand(
  text: string,
  grammar: Grammar,
  isProduct: (code: string) => boolean,
): Understood {
  const clean = visible(text)
  const masked = mask(clean.slice(0, lengthMax), isProduct)
  const one = (why: Unclear): Understood => ({ items: [unclear(why, null)], masked })
  if (clean.length > lengthMax) return one('too_long')
  const parts = clean
    .split(new RegExp(`[\\n\\r${escaped(grammar.between)}]`))
    .map(part => part.trim())
    .filter(part => part !== '')
  if (parts.length === 0) return one('unknown')
  if (parts.length > partsMax) return one('too_many')

  const alone = parts.length > 1 && pinShape.test(parts.at(-1)!) ? parts.pop()! : null
  const mayShare = alone !== null || parts.length > 1
  const drafts = parts.map(part => draftOf(part, { grammar, isProduct, mayShare }))
  const last = drafts.at(-1)!
  const shared = alone ?? ('pin' in last ? last.pin : null)
  return { items: settled(drafts.map(draft => withPin(draft, shared))), masked }
}

/** What may take its PIN from the end of the message. */
type Draft = Unsigned<Item>
type Unsigned<I> = I extends { readonly pin: string }
  ? Omit<I, 'pin'> & { readonly pin: string | null }
  : I

const withPin = (draft: Draft, shared: string | null): Item => {
  if (!('pin' in draft)) return draft
  const pin = draft.pin ?? shared
  return pin === null ? unclear('pin_missing', draft.type) : ({ ...draft, pin } as Item)
}

/** How a part is read: by which words, of which products, and whether its PIN may stand behind. */
type Reading = {
  readonly grammar: Grammar
  readonly isProduct: (code: string) => boolean
  readonly mayShare: boolean
}

function settled(items: readonly Item[]): Item[] {
  const pins = new Set(items.flatMap(item => ('pin' in item ? item.pin : [])))
  return items.map(item => {
    if (item.type === 'changePin' && items.length > 1) return unclear('alone', 'changePin')
    if (pins.size > 1 && 'pin' in item) return unclear('pins_differ', item.type)
    return item
  })
}

const unclear = (why: Unclear, command: Command['type'] | null): Item => ({
  type: 'unclear',
  why,
  command,
})

function draftOf(part: string, reading: Reading): Draft {
  const { grammar, isProduct } = reading
  const fields = splitFields(part, grammar)
  const first = fields[0]?.toUpperCase() ?? ''
  for (const [type, words] of Object.entries(grammar.words) as [Worded, readonly string[]][]) {
    if (words.some(one => one.toUpperCase() === first)) {
      const given = fields.slice(1)
      const isBill = type === 'status' && isAboutBill(given, reading)
      const draft = worded(isBill ? 'bill' : type, given, reading)
      return 'product' in draft && !isProduct(draft.product)
        ? unclear('product', draft.type)
        : draft
    }
  }
  return purchase(part, grammar, isProduct)
}

function isAboutBill(given: readonly string[], { grammar, isProduct, mayShare }: Reading): boolean {
  const { bill, status } = grammar.order
  const isIn = (order: readonly string[]) => isProduct(given[order.indexOf('product')] ?? '')
  if (given.length === bill.length && given.length !== status.length) return isIn(bill)
  return mayShare && given.length === bill.length - 1 && isIn(without(bill, 'pin'))
}

/** `*S10*0812*1234#` is typed as well: marks at the ends separate nothing. */
function splitFields(part: string, { separators }: Grammar): string[] {
  const hard = escaped(separators.replaceAll(' ', ''))
  const ends = new RegExp(`^[\\s${hard}]+|[\\s${hard}]+$`, 'g')
  const bare = part.replace(ends, '')
  if (hard !== '' && new RegExp(`[${hard}]`).test(bare)) {
    return bare.split(new RegExp(`[${hard}]`)).map(field => field.trim())
  }
  return separators.includes(' ') ? bare.split(/\s+/) : [bare]
}

function worded(
  type: Worded,
  given: readonly string[],
  { grammar, mayShare }: Pick<Reading, 'grammar' | 'mayShare'>,
): Draft {
  const order = grammar.order[type]
  const isLeftOut = mayShare && type !== 'changePin' && given.length === order.length - 1
  const isOptional = type === 'balance' || (type === 'prices' && given.length === 1) || isLeftOut
  const wanted = isOptional && given.length < order.length ? without(order, 'pin') : order
  if (type !== 'help' && given.length !== wanted.length) return unclear('fields', type)
  const field = (name: string) => given[wanted.indexOf(name)] ?? ''
  const pin = wanted.includes('pin') ? field('pin') : null
  if (pin !== null && !pinShape.test(pin)) return unclear('pin_shape', type)
  switch (type) {
    case 'help':
      return { type }
    case 'balance':
      return { type, pin }
    case 'prices':
      return /^[\p{L}\d_-]{1,40}$/u.test(field('query'))
        ? { type, query: field('query').toUpperCase() }
        : unclear('fields', type)
    case 'status':
      return destinationShape.test(field('destination'))
        ? { type, destination: field('destination'), pin }
        : unclear('destination', type)
    case 'bill':
    case 'payBill':
      return destinationShape.test(field('destination'))
        ? {
            type,
            product: field('product').toUpperCase(),
            destination: field('destination'),
            pin,
          }
        : unclear('destination', type)
    case 'complain':
      return trxShape.test(field('trx'))
        ? { type, trx: field('trx').replace(/^T/i, '').toLowerCase(), pin }
        : unclear('fields', type)
    case 'ticket':
      return amountShape.test(field('amount'))
        ? { type, amount: Number(field('amount')), pin }
        : unclear('amount', type)
    case 'transfer':
      if (!amountShape.test(field('amount'))) return unclear('amount', type)
      return /^\w{3,40}$/.test(field('to'))
        ? { type, to: field('to'), amount: Number(field('amount')), pin }
        : unclear('fields', type)
    case 'changePin':
      return pinShape.test(field('next'))
        ? { type, pin, next: field('next') }
        : unclear('pin_shape', type)
  }
}

function purchase(part: string, grammar: Grammar, isProduct: (code: string) => boolean): Draft {
  const order = grammar.order.buy
  const trailing = /^(.*\S)\s*#\s*([1-9]\d?)$/s.exec(part)
  const behind = trailing === null ? behindDestination(part, grammar) : null
  const fields = splitFields(trailing?.[1] ?? behind?.rest ?? part, grammar)
  if (fields.length < 2) return unclear('unknown', null)
  const counted = trailing === null && counterShape.test(fields.at(-1)!) ? fields.at(-1)! : null
  const rest = counted === null ? fields : fields.slice(0, -1)
  const wanted = rest.length === order.length ? order : without(order, 'pin')
  if (rest.length !== wanted.length) return unclear('fields', 'buy')

  const field = (name: string) => rest[wanted.indexOf(name)] ?? ''
  const pin = wanted.includes('pin') ? field('pin') : null
  const repeated = /^(.+)-([1-9]\d?)$/.exec(field('product'))
  const isCode = isProduct(field('product'))
  const suffix = !isCode && repeated && isProduct(repeated[1]!) ? repeated[2]! : null
  const code = suffix === null ? field('product') : repeated![1]!
  const counters = [trailing?.[2], behind?.counter, counted, suffix].filter(
    one => typeof one === 'string',
  )
  if (pin !== null && !pinShape.test(pin)) return unclear('pin_shape', 'buy')
  if (!isProduct(code)) return unclear('product', 'buy')
  if (!destinationShape.test(field('destination')) || isProduct(field('destination'))) {
    return unclear('destination', 'buy')
  }
  if (counters.length > 1) return unclear('fields', 'buy')
  return {
    type: 'buy',
    product: code.toUpperCase(),
    destination: field('destination'),
    counter: Number(counters[0] ?? 1),
    pin,
  }
}

/** `S10.0812…#5.1234`. Where more than one hash stands they separate fields, and nothing is sure. */
function behindDestination(part: string, grammar: Grammar) {
  const { separators } = grammar
  const bare = part.replace(new RegExp(`^[\\s${escaped(separators)}]+|[\\s#]+$`, 'g'), '')
  const shape = new RegExp(`^([^#]+)#\\s*([1-9]\\d?)(?=\\s*[${escaped(separators)}])([^#]*)$`)
  const [, head, counter, tail] = shape.exec(bare) ?? []
  if (head === undefined || counter === undefined) return null
  const place = splitFields(head, grammar).length - 1
  if (place !== grammar.order.buy.indexOf('destination')) return null
  return { rest: `${head.trimEnd()}${tail}`, counter }
}

const without = (order: readonly string[], name: string) => order.filter(one => one !== name)

const pinShape = /^\d{4,8}$/
const amountShape = /^[1-9]\d{2,11}$/
const counterShape = /^[1-9]\d?$/
const destinationShape = /^[\w@+\-|():/][\w@+\-|():/ ]{3,38}[\w@+\-|():/]$/
const orderId = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi
const trxShape = new RegExp(`^(?:T?\\d{1,15}|${orderId.source})$`, 'i')

/** Full-width digits are digits, and what can't be seen is not there. */
const visible = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\p{Cf}|[\uFE00-\uFE0F]/gu, '')
    .replace(/(?![\n\r ])[\s\p{Cc}]/gu, ' ')
    .trim()

const escaped = (marks: string): string => marks.replace(/[\\\]^-]/g, '\\$&')

/** CHA6. Ids and codes are set aside, everything else loses what might be a PIN. */
export function mask(text: string, isProduct: (code: string) => boolean = () => false): string {
  const kept = new RegExp(`${orderId.source}|[A-Za-z0-9_-]+`, 'gi')
  let masked = ''
  let end = 0
  for (const found of text.matchAll(kept)) {
    const [token] = found
    const isId = token.length === 36 && new RegExp(`^${orderId.source}$`, 'i').test(token)
    if (!isId && !(/[A-Za-z]/.test(token) && isProduct(token))) continue
    masked += hidden(text.slice(end, found.index)) + token
    end = found.index + token.length
  }
  return masked + hidden(text.slice(end))
}

function hidden(text: string): string {
  return text
    .replace(/\d(?:[ -]?\d)*/g, run => {
      const digits = run.replace(/\D/g, '').length
      return digits >= 4 && digits <= 8 ? '****' : run
    })
    .replace(/(?<!\d)\d{4,8}(?!\d)/g, '****')
}
