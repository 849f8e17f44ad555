/**
 * The buyer API of Digiflazz, spoken by us: an existing client changes its base URL and nothing
 * else. Same fields, same md5 signs, same envelope {"data": ...}, same rc and status words.
 *
 *   /h2h/v1/cek-saldo    sign = md5(username + key + "depo")
 *   /h2h/v1/price-list   sign = md5(username + key + "pricelist")
 *   /h2h/v1/deposit      sign = md5(username + key + "deposit")
 *   /h2h/v1/transaction  sign = md5(username + key + ref_id); the same again asks for its status
 *   /h2h/v1/inquiry-pln  sign = md5(username + key + customer_no)
 *
 * GD1. A request sent again is the same order: its state now, no second charge; the same ref_id
 *      with other content is rc 49.
 * GD2. customer_no and buyer_sku_code come back as the client wrote them, and what is said with
 *      them is said of that order: status-pasca with other content is rc 49, too.
 * GD3. Every answer has the data envelope, also errors, whatever the HTTP status, and also where
 *      there is no such address or method: 99, Pending, for the order may stand at the right one.
 * GD4. testing:true never spends real money: a demo server takes it, a production server refuses.
 * GD5. commands are never taken for a purchase of another kind: inq-pasca and status-pasca only
 *      look, pay-pasca pays what was inquired under its ref_id, what we don't know is refused.
 * GD6. What the originals' clients get away with is allowed: any Content-Type, numbers as text,
 *      null for what is not given, and no limit, empty or 0, as one that is not given.
 * GD7. The whole price list is printed once for all who ask for it.
 * FLG1. deposit gives a ticket with a unique amount, at the bank that is named when it is one of
 *       ours; the same wish again is the same ticket, and it moves no money.
 */

import { hash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod/v4'
import type { Answer } from '../../services/contract/answer.ts'
import type { ProductRow } from '../../services/contract/catalogue.ts'
import type { OrderBrief } from '../../services/contract/order-view.ts'
import type { InquiredBill } from '../../services/contract/postpaid.ts'
import {
  digiflazzAddress,
  digiflazzText,
  inquiredFields,
  orderData,
  type Rc,
  wordOf,
} from '../../services/wire/digiflazz.ts'
import { addressOf } from '../address.ts'
import { type Code, type HttpStatus, json, meanings, type Told, type Visit } from '../answer.ts'
import { neighbour, standingOf } from '../auth.ts'
import { type Client, type Edge, guarded } from '../edge.ts'
import type { Entry } from '../keyring.ts'
import { callbackShape, destinationShape, pastedShape, productShape, refShape } from '../reading.ts'
import { parseStrict } from '../strict-json.ts'
import { digiflazzNotes } from '../text/digiflazz.id.ts'
import { printOf, type Shelf, type Shelves } from '../topup/products.route.ts'
import { httpOf, rcOfRefusal } from './digiflazz-codes.ts'

const wobblyRupiah = z.union([
  z.int().min(1),
  z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .transform(Number),
])
/** Some write nothing or 0 where they name no limit; nobody buys for nothing. */
const wobblyLimit = z.union([
  wobblyRupiah,
  z.literal(0).transform(() => undefined),
  z
    .string()
    .regex(/^0*$/)
    .transform(() => undefined),
])
const wobblyFlag = z.union([
  z.boolean(),
  z.enum(['true', 'false', '1', '0', '']).transform(text => text === 'true' || text === '1'),
  z.literal([0, 1]).transform(flag => flag === 1),
])

/** Many clients write null where they mean nothing. */
const maybe = <Shape extends z.ZodType>(shape: Shape) =>
  shape.nullish().transform(value => value ?? undefined)

const filterShape = maybe(z.string().max(64))
const bankShape = maybe(z.string().max(40))

const signedShape = { username: z.string().regex(/^[\w.@-]{1,64}$/), sign: z.string().max(64) }

export const digiflazzShapes = {
  'cek-saldo': z.object({ ...signedShape, cmd: maybe(z.literal('deposit')) }),
  'price-list': z.object({
    ...signedShape,
    cmd: z.enum(['prepaid', 'pasca']),
    code: filterShape,
    category: filterShape,
    brand: filterShape,
    type: filterShape,
  }),
  deposit: z.object({
    ...signedShape,
    amount: wobblyRupiah,
    bank: bankShape,
    // The table says bank, the sample says Bank, and so do clients.
    Bank: bankShape,
    owner_name: maybe(z.string().max(100)),
  }),
  transaction: z.object({
    ...signedShape,
    commands: maybe(z.string().max(32)),
    buyer_sku_code: productShape,
    customer_no: pastedShape,
    ref_id: refShape,
    testing: maybe(wobblyFlag),
    max_price: maybe(wobblyLimit),
    cb_url: maybe(z.union([callbackShape, z.literal('').transform(() => undefined)])),
  }),
  'inquiry-pln': z.object({ ...signedShape, customer_no: destinationShape }),
} as const

type Verb = keyof typeof digiflazzShapes
type Asked<V extends Verb> = z.output<(typeof digiflazzShapes)[V]>
type Order = Asked<'transaction'>

export const digiflazzVerbs = Object.keys(digiflazzShapes) as readonly Verb[]

export function speakDigiflazz(edge: Edge, shelves: Shelves, verb: Verb) {
  return (visit: Visit, body: Buffer, accept: string) => {
    if (edge.stopping) return say(visit, '99')
    const parsed = parseStrict(body)
    if ('problem' in parsed) return say(visit, '40')
    switch (verb) {
      case 'cek-saldo':
        return admit(edge, visit, digiflazzShapes[verb].safeParse(parsed.value), {
          covers: () => 'depo',
          serve: client => readDeposit(edge, visit, client),
        })
      case 'price-list':
        return admit(edge, visit, digiflazzShapes[verb].safeParse(parsed.value), {
          covers: () => 'pricelist',
          serve: (client, asked) => {
            shelves.of(client.level, client.userId).then(
              shelf => tellPrices(visit, shelf, asked, accept),
              error => {
                edge.onFault(error, visit.id)
                say(visit, '99')
              },
            )
          },
        })
      case 'deposit':
        return admit(edge, visit, digiflazzShapes[verb].safeParse(parsed.value), {
          covers: () => 'deposit',
          serve: (client, asked) => takeTicket(edge, visit, client, asked),
        })
      case 'transaction':
        return admit(edge, visit, digiflazzShapes[verb].safeParse(parsed.value), {
          covers: asked => asked.ref_id,
          ordering: true,
          serve: (client, asked) => transact(edge, visit, client, asked),
          barred: (client, asked) => tellWhatStands(edge, visit, client, asked),
        })
      case 'inquiry-pln':
        return admit(edge, visit, digiflazzShapes[verb].safeParse(parsed.value), {
          covers: asked => asked.customer_no,
          ordering: true,
          serve: ({ userId }, asked) => tellMeter(edge, visit, userId, asked.customer_no),
        })
    }
  }
}

/** Whether this is an address of the dialect, be there a door or not. */
export const isDigiflazzPath = (path: string): boolean =>
  path === '/h2h/v1' || path.startsWith('/h2h/v1/')

/** What the gateway refuses before it knows what is asked. A fault of ours leaves it open. */
export function sayRefused(visit: Visit, code: Code, { headers }: Told = {}) {
  const { http, retryable } = meanings[code]
  const lost = lostNotes[code]
  // A slash too many, and a client repeats here what it placed there: nobody looked at its order.
  if (lost !== undefined) return say(visit, '99', {}, { http, message: lost, headers })
  say(visit, http >= 500 ? '99' : retryable ? '85' : '40', {}, { http })
}

const lostNotes: Readonly<Partial<Record<Code, string>>> = {
  NOT_FOUND: digiflazzNotes.addressUnknown,
  METHOD_NOT_ALLOWED: digiflazzNotes.methodUnknown,
}

type Signed = { readonly username: string; readonly sign: string }

type Door<T> = {
  /** What the sign covers besides name and key. */
  readonly covers: (asked: T) => string
  readonly ordering?: boolean
  readonly serve: (client: Client, asked: T) => void
  /** For who may not act: what stands all the same; without it, nothing is done for him. */
  readonly barred?: (client: Client, asked: T) => void
}

function admit<T extends Signed>(
  edge: Edge,
  visit: Visit,
  read: z.ZodSafeParseResult<T>,
  door: Door<T>,
) {
  if (!read.success) return say(visit, '40', { field: String(read.error.issues[0]?.path[0] ?? '') })
  const asked = read.data
  const known = edge.resellers.peek(asked.username)
  if (known !== undefined) return admitKnown(edge, visit, known, asked, door)
  if (edge.failures.isEmpty(neighbour(edge, visit), edge.now())) return fail(edge, visit, '42')
  edge.resellers.look(asked.username).then(
    entry => {
      if (!visit.over) guarded(edge, visit, () => admitKnown(edge, visit, entry, asked, door))
    },
    error => {
      edge.onFault(error, visit.id)
      say(visit, '99')
    },
  )
}

function admitKnown<T extends Signed>(
  edge: Edge,
  visit: Visit,
  entry: Entry<'identity.digiflazz'> | null,
  asked: T,
  door: Door<T>,
) {
  if (entry === null) return fail(edge, visit, '42')
  const { card } = entry
  if (!isSign(asked.sign, card.username + card.apiKey + door.covers(asked)))
    return fail(edge, visit, '41')
  switch (standingOf(entry, () => addressOf(visit.res, visit.forwarded, edge.proxies))) {
    case 'FORBIDDEN':
      return say(visit, '45')
    case 'CLIENT_SUSPENDED':
      return door.barred === undefined ? say(visit, '88') : door.barred(card, asked)
    case null:
  }
  const waitMs = (door.ordering ? entry.orders : entry.reads).take(edge.now())
  if (waitMs > 0) return say(visit, '85', { ...(asked as object) }, { retryAfterMs: waitMs })
  door.serve(card, asked)
}

export const signOf = (text: string): string => hash('md5', text, 'hex')

function isSign(given: string, text: string): boolean {
  const right = Buffer.from(signOf(text))
  const offered = Buffer.from(given)
  return offered.length === right.length && timingSafeEqual(offered, right)
}

function fail(edge: Edge, visit: Visit, rc: '41' | '42') {
  const waitMs = edge.failures.take(neighbour(edge, visit), edge.now())
  if (waitMs > 0) say(visit, '85', {}, { retryAfterMs: waitMs })
  else say(visit, rc)
}

function readDeposit(edge: Edge, visit: Visit, { userId }: Client) {
  inquire(
    edge,
    visit,
    userId,
    () => edge.call('wallet.balance', { userId }),
    ({ available }) => send(visit, 200, { deposit: available }),
  )
}

function takeTicket(
  edge: Edge,
  visit: Visit,
  { userId }: Client,
  { amount, bank, Bank = bank }: Asked<'deposit'>,
) {
  const isBank = Bank !== undefined && Bank !== '' && !/^(?:flip|shopeepay)$/i.test(Bank)
  inquire(
    edge,
    visit,
    userId,
    () => edge.call('deposit.ticket', { userId, amount, ...(isBank ? { bank: Bank } : {}) }),
    ticket =>
      send(visit, 200, {
        rc: '00',
        bank: ticket.bank.name,
        payment_method: 'Bank Transfer',
        account_no: ticket.bank.number,
        notes: digiflazzNotes.ticket(ticket.code),
        amount: ticket.amount,
      }),
  )
}

function transact(edge: Edge, visit: Visit, client: Client, asked: Order) {
  const { userId, level } = client
  const { ref_id: ref, buyer_sku_code: product, customer_no: destination } = asked
  switch (asked.commands) {
    case undefined:
    case '':
      break
    case 'status-pasca':
      return inquire(
        edge,
        visit,
        userId,
        async () => {
          const answer = await edge.call('order.byRef', { userId, ref, product, destination })
          if (!('ok' in answer)) return answer
          return { ok: { order: answer.ok, balance: await availableTo(edge, userId) } }
        },
        ({ order, balance }) => tell(visit, order, asked, balance),
        asked,
      )
    case 'inq-pasca':
    case 'pay-pasca':
      break
    default:
      return say(visit, '40', asked, { message: digiflazzNotes.commandUnknown })
  }
  if (asked.testing === true && edge.mode === 'production')
    return say(visit, '88', asked, { message: digiflazzNotes.testingInProduction })
  const wish = {
    ...(asked.max_price === undefined ? {} : { maxPrice: asked.max_price }),
    ...(asked.cb_url === undefined ? {} : { callbackUrl: digiflazzAddress(asked.cb_url) }),
  }
  if (asked.commands === 'inq-pasca') return inquireBill(edge, visit, client, asked)
  const action = asked.commands === 'pay-pasca' ? 'postpaid.pay' : 'order.place'
  inquire(
    edge,
    visit,
    userId,
    () => edge.call(action, { userId, level, ref, product, destination, ...wish }),
    ({ order, balance }) => tell(visit, order, asked, balance),
    asked,
  )
}

/** He orders nothing; a repeat is told how its order stands, for "Gagal" would be untrue (GE1). */
function tellWhatStands(edge: Edge, visit: Visit, { userId }: Client, asked: Order) {
  if (!edge.flights.enter(userId)) return say(visit, '99', asked)
  const { ref_id: ref, buyer_sku_code: product, customer_no: destination } = asked
  edge.call('order.byRef', { userId, ref, product, destination }).then(
    answer => {
      edge.flights.leave(userId)
      if ('ok' in answer) tell(visit, answer.ok, asked)
      else if (!('refused' in answer)) say(visit, '99', asked)
      else say(visit, answer.refused === 'DUPLICATE_REF' ? '49' : '88', asked)
    },
    error => {
      edge.flights.leave(userId)
      edge.onFault(error, visit.id)
      say(visit, '99', asked)
    },
  )
}

/** Theirs says what the buyer has left with a bill and with its status, too. */
async function availableTo(edge: Edge, userId: string): Promise<number | undefined> {
  const money = await edge.call('wallet.balance', { userId }).catch(() => null)
  return money !== null && 'ok' in money ? money.ok.available : undefined
}

function inquireBill(edge: Edge, visit: Visit, { userId, level }: Client, asked: Order) {
  const { ref_id: ref, buyer_sku_code: product, customer_no: destination } = asked
  const wish = { userId, level, product, destination, ref, sameDay: true }
  type Told = { readonly bill: InquiredBill; readonly balance: number | undefined }
  const call = async (): Promise<Answer<Told>> => {
    const answer = await edge.call('postpaid.inquire', wish)
    if (!('ok' in answer)) return answer
    if (answer.ok.kind !== 'bill') return { refused: 'INQUIRY_UNSUPPORTED', moneyEffect: 'none' }
    return { ok: { bill: answer.ok.bill, balance: await availableTo(edge, userId) } }
  }
  inquire(
    edge,
    visit,
    userId,
    call,
    ({ bill, balance }) =>
      send(visit, 200, {
        ...identity(asked, '00'),
        ...inquiredFields(bill, bill.price),
        ...(balance === undefined ? {} : { buyer_last_saldo: balance }),
      }),
    asked,
  )
}

function tellMeter(edge: Edge, visit: Visit, userId: string, customer_no: string) {
  const number = customer_no.replace(/[\s.-]/g, '')
  const outcome = (rc: Rc) => ({ message: digiflazzText[rc], status: wordOf[rc], rc, customer_no })
  if (!/^\d{11,12}$/.test(number)) return send(visit, 200, outcome('57'))
  inquire(
    edge,
    visit,
    userId,
    () => edge.call('postpaid.meter', { number }),
    ({ name, meterNumber, subscriberId, segment }) =>
      send(visit, 200, {
        ...outcome('00'),
        ...{ meter_no: meterNumber, subscriber_id: subscriberId, name, segment_power: segment },
      }),
    { customer_no },
  )
}

/** Like ask() in ask.ts, in this dialect's words. */
function inquire<T>(
  edge: Edge,
  visit: Visit,
  clientId: string,
  call: () => Promise<Answer<T>>,
  then: (ok: T) => void,
  about: Partial<Order> = {},
) {
  if (!edge.flights.enter(clientId)) return say(visit, '99', about)
  call().then(
    answer => {
      edge.flights.leave(clientId)
      if ('ok' in answer) then(answer.ok)
      else if ('refused' in answer) say(visit, rcOfRefusal(answer.refused, answer.details), about)
      else if (answer.moneyEffect === 'none')
        say(visit, '62', about, { http: 503, retryAfterMs: answer.retryAfterMs })
      else say(visit, '99', about, { retryAfterMs: answer.retryAfterMs })
    },
    error => {
      edge.flights.leave(clientId)
      edge.onFault(error, visit.id)
      say(visit, '99', about)
    },
  )
}

function tell(visit: Visit, order: OrderBrief, asked: Order, balance?: number) {
  const { ref_id, customer_no, buyer_sku_code } = asked
  send(visit, 200, orderData(order, { ref_id, customer_no, buyer_sku_code }, balance))
}

const identity = ({ ref_id, customer_no, buyer_sku_code }: Order, rc: Rc) => ({
  ...{ ref_id, customer_no, buyer_sku_code },
  ...{ message: digiflazzText[rc], status: wordOf[rc], rc },
})

type Manner = {
  readonly message?: string
  readonly http?: HttpStatus
  readonly retryAfterMs?: number
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** An answer without an order in it. */
function say(
  visit: Visit,
  rc: Rc,
  about: Partial<Order> & { field?: string } = {},
  manner: Manner = {},
) {
  const { ref_id, customer_no, buyer_sku_code, commands = '', field } = about
  const message = manner.message ?? digiflazzText[rc]
  const data = {
    ...(ref_id === undefined ? {} : { ref_id, customer_no, buyer_sku_code }),
    message: field ? `${message} (${field})` : message,
    status: wordOf[rc],
    rc,
    ...(ref_id === undefined || commands.endsWith('-pasca') ? {} : { sn: '' }),
  }
  send(visit, manner.http ?? httpOf(rc), data, manner)
}

function send(visit: Visit, http: HttpStatus, data: unknown, manner: Manner = {}) {
  const { retryAfterMs = 1_000 } = manner
  const headers: Record<string, string> = { 'Cache-Control': 'no-store', ...manner.headers }
  if (http === 429 || http === 503)
    headers['Retry-After'] = String(Math.max(1, Math.ceil(retryAfterMs / 1_000)))
  visit.send(http, json, JSON.stringify({ data }), headers)
}

function tellPrices(visit: Visit, shelf: Shelf, asked: Asked<'price-list'>, accept: string) {
  const { cmd, code, category, brand, type } = asked
  if (!code && !category && !brand && !type) {
    const { body, headers } = printOf(shelf, cmd, () => prices(shelf, asked)).with('', accept)
    return visit.send(200, json, body, { 'Cache-Control': 'no-store', ...headers })
  }
  visit.send(200, json, prices(shelf, asked))
}

function prices({ rows }: Shelf, asked: Asked<'price-list'>): string {
  const wanted = asked.cmd === 'pasca' ? 'postpaid' : 'prepaid'
  const isLike = (have: string, want: string | undefined): boolean =>
    want === undefined || want === '' || have.toLowerCase() === want.toLowerCase()
  const data = rows
    .filter(
      row =>
        row.type === wanted &&
        isLike(row.code, asked.code) &&
        isLike(row.category, asked.category) &&
        isLike(row.brand, asked.brand) &&
        isLike(typeName, asked.type),
    )
    .map(row => (wanted === 'prepaid' ? prepaidRow(row) : postpaidRow(row)))
  return JSON.stringify({ data })
}

/** Their finer division of a category; we have one. */
const typeName = 'Umum'

const prepaidRow = (row: ProductRow) => ({
  product_name: row.name,
  category: row.category,
  brand: row.brand,
  type: typeName,
  seller_name: 'Laju',
  price: row.price,
  buyer_sku_code: row.code,
  buyer_product_status: true,
  seller_product_status: row.open,
  unlimited_stock: row.stock === undefined,
  stock: row.stock ?? 0,
  multi: row.multi,
  start_cut_off: row.cutOffStart,
  end_cut_off: row.cutOffEnd,
  desc: row.name,
})

const postpaidRow = (row: ProductRow) => ({
  product_name: row.name,
  category: row.category,
  brand: row.brand,
  seller_name: 'Laju',
  admin: row.adminFee || row.price,
  commission: Math.max(0, (row.adminFee ?? 0) - row.price),
  buyer_sku_code: row.code,
  buyer_product_status: true,
  seller_product_status: row.open,
  desc: row.name,
})
