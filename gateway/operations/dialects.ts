/**
 * The dialects of others, in their true forms on the wire: names of parameters, signs and answers
 * as the software of the trade knows them.
 *
 * OAE1. The signs of the examples are made by the very functions that prove them.
 */

import { z } from 'zod/v4'
import { digiflazzText, wordOf } from '../../services/wire/digiflazz.ts'
import { sellerText } from '../../services/wire/digiflazz-seller.ts'
import { digiflazzShapes, digiflazzVerbs, signOf as md5Of } from '../dialects/digiflazz.ts'
import { buying, checking } from '../dialects/digiflazz-seller.ts'
import {
  type Dialect,
  dialects,
  orderShape,
  proofShape,
  ticketShape,
} from '../dialects/otomax-asked.ts'
import { signOf } from '../dialects/otomax-sign.ts'
import { commands, fmNames } from '../dialects/otomax-xml.ts'
import type { Example, Operation } from '../openapi.ts'
import { rupiah } from './answers.ts'

/** Who asks in the examples. */
export const digiflazzClient = { username: 'contoh', apiKey: 'kunci-contoh' }
export const otomaxMember = { memberId: 'LJ0000000001', pin: '123456', password: 'rahasia' }

const keysOf = <K extends string>(table: Readonly<Record<K, unknown>>) =>
  Object.keys(table) as [K, ...K[]]

const wish = { product: 'XLD10', dest: '087800001230', ref: 'contoh-0001' }

// -- Digiflazz, buying and selling --------------------------------------------------------------

const rc = z.enum(keysOf(digiflazzText))
const word = z.enum([...new Set(Object.values(wordOf))])

const order = z.object({
  ref_id: z.string(),
  customer_no: z.string(),
  buyer_sku_code: z.string(),
  message: z.string(),
  status: word,
  rc,
  sn: z.string(),
  buyer_last_saldo: rupiah.optional(),
  price: rupiah,
  tele: z.string(),
  wa: z.string(),
})

/** Looked at, or paid; short while it is not, or failed. */
const bill = order
  .pick({ ref_id: true, customer_no: true, buyer_sku_code: true, message: true })
  .extend({
    status: word,
    rc,
    customer_name: z.string().optional(),
    admin: rupiah.optional(),
    price: rupiah.optional(),
    selling_price: rupiah.optional(),
    desc: z.record(z.string(), z.unknown()).optional(),
    sn: z.string().optional(),
    periode: z.string().optional(),
    buyer_last_saldo: rupiah.optional(),
  })

const listed = {
  product_name: z.string(),
  category: z.string(),
  brand: z.string(),
  seller_name: z.string(),
  buyer_sku_code: z.string(),
  buyer_product_status: z.boolean(),
  seller_product_status: z.boolean(),
  desc: z.string(),
}
const prepaid = z.object({
  ...listed,
  type: z.string(),
  price: rupiah,
  unlimited_stock: z.boolean(),
  stock: z.int(),
  multi: z.boolean(),
  start_cut_off: z.string(),
  end_cut_off: z.string(),
})
const postpaid = z.object({ ...listed, admin: rupiah, commission: rupiah })

const meter = z.object({
  message: z.string(),
  status: word,
  rc,
  customer_no: z.string(),
  meter_no: z.string(),
  subscriber_id: z.string(),
  name: z.string(),
  segment_power: z.string(),
})

type Verb = (typeof digiflazzVerbs)[number]

const { username, apiKey } = digiflazzClient
const signed = (covers: string) => ({ username, sign: md5Of(username + apiKey + covers) })

const digiflazzDoors: Readonly<Record<Verb, { data: z.ZodType; body: Example['body'] }>> = {
  'cek-saldo': {
    data: z.object({ deposit: rupiah }),
    body: { cmd: 'deposit', ...signed('depo') },
  },
  'price-list': {
    data: z.array(z.union([prepaid, postpaid])),
    body: { cmd: 'prepaid', ...signed('pricelist') },
  },
  deposit: {
    data: z.object({
      rc,
      bank: z.string(),
      payment_method: z.string(),
      account_no: z.string(),
      notes: z.string(),
      amount: rupiah,
    }),
    body: { ...signed('deposit'), amount: 500_000, Bank: 'BCA', owner_name: 'Ani' },
  },
  'inquiry-pln': {
    data: meter,
    body: { ...signed('530000000001'), customer_no: '530000000001' },
  },
  transaction: {
    data: z.union([order, bill]),
    body: {
      ...signed(wish.ref),
      buyer_sku_code: wish.product,
      customer_no: wish.dest,
      ref_id: wish.ref,
    },
  },
}

const json = 'application/json'

const digiflazz = digiflazzVerbs.map((verb): Operation => {
  const { data, body } = digiflazzDoors[verb]
  return {
    ...{ at: `post /h2h/v1/${verb}`, id: 'digiflazz', of: verb, topic: 'digiflazz' },
    body: digiflazzShapes[verb],
    told: { type: json, shape: z.object({ data }) },
    example: body === undefined ? {} : { body },
  }
})

const seller: Operation = {
  at: 'post /h2h/seller/digiflazz',
  id: 'seller',
  topic: 'seller',
  body: z.union([buying, checking]),
  told: {
    type: json,
    shape: z.object({
      data: z.object({
        ref_id: z.string(),
        status: z.enum(['0', '1', '2']),
        code: z.string(),
        customer_id: z.string(),
        price: z.string(),
        message: z.string(),
        balance: z.string(),
        tr_id: z.string(),
        rc: z.enum(keysOf(sellerText)),
        sn: z.string(),
      }),
    }),
  },
  example: {
    body: {
      ...signed(wish.ref),
      ref_id: wish.ref,
      customer_id: wish.dest,
      product_code: wish.product,
    },
  },
}

// -- OtomaX and its relatives -------------------------------------------------------------------

const { memberId, pin, password } = otomaxMember
/** One line of text, as it is until somebody edits the template. */
const line = (example: string) => ({ type: 'text/plain', shape: z.string(), example })

const numbered = 'TrxID=2095898190524018547818114229245896833'
const said = {
  otomax: {
    order:
      `R#contoh-0001 ${numbered} XLD10.087800001230 Harga=10.500 akan diproses. ` +
      'Saldo 989.500. @10:04:05',
    balance: 'Yth. Toko Contoh (LJ0000000001). Saldo 989.500! @10:04:05',
  },
  irs: {
    order:
      'Request XLD10 ke 087800001230 segera diproses Saldo=989500 CLIENTID=contoh-0001. ' +
      numbered,
    balance: 'LJ0000000001 SALDO=989500',
  },
} as const

const signs = {
  order: signOf(`OtomaX|${memberId}|${wish.product}|${wish.dest}|${wish.ref}|${pin}|${password}`),
  balance: signOf(`OtomaX|CheckBalance|${memberId}|${pin}|${password}`),
  ticket: signOf(`OtomaX|ticket|${memberId}|${pin}|${password}|500000`),
}

type Said = Readonly<Record<string, string>>

/** Under the names that the dialect has for them. */
function inDialect<T>(dialect: Dialect, said: Readonly<Record<string, T>>): Record<string, T> {
  const names: Readonly<Record<string, string>> = dialects[dialect].names
  return Object.fromEntries(Object.entries(said).map(([our, one]) => [names[our] ?? our, one]))
}

const queryOf = (dialect: Dialect, shape: z.ZodObject): z.ZodObject =>
  z.object(inDialect<z.ZodType>(dialect, shape.shape as Record<string, z.ZodType>))

/** Who speaks OtomaX signs; the others send PIN and password. */
const provenBy = (dialect: Dialect, sign: string): Said =>
  dialects[dialect].style === 'otomax'
    ? { member: memberId, sign }
    : { member: memberId, pin, password }

function ordering(path: string, dialect: Dialect): Operation {
  const asked = { ...provenBy(dialect, signs.order), ...wish }
  return {
    ...{ at: `get ${path}`, id: 'otomaxOrder', of: dialect, topic: 'otomax' },
    told: line(said[dialects[dialect].style].order),
    query: queryOf(dialect, orderShape),
    example: { query: inDialect(dialect, asked) },
  }
}

function balancing(path: string, dialect: Dialect): Operation {
  const asked = provenBy(dialect, signs.balance)
  return {
    ...{ at: `get ${path}`, id: 'otomaxBalance', of: dialect, topic: 'otomax' },
    told: line(said[dialects[dialect].style].balance),
    query: queryOf(dialect, proofShape),
    example: { query: inDialect(dialect, asked) },
  }
}

const form = inDialect('otomax', { ...provenBy('otomax', signs.order), ...wish })

const otomax: readonly Operation[] = [
  { ...ordering('/h2h/trx', 'otomax'), of: 'OtomaX' },
  {
    ...{ at: 'post /h2h/trx', id: 'otomaxForm', topic: 'otomax', told: line(said.otomax.order) },
    ...{ bodyType: 'application/x-www-form-urlencoded', body: queryOf('otomax', orderShape) },
    example: { body: new URLSearchParams(form).toString() },
  },
  { ...balancing('/h2h/balance', 'otomax'), of: 'OtomaX' },
  {
    ...{ at: 'get /h2h/ticket', id: 'otomaxTicket', topic: 'otomax' },
    told: line(
      'Tiket deposit dibuat. Silakan transfer tepat Rp 500.123 ke BCA 123 a/n PT Contoh ' +
        'sebelum 02/01/2026 10:04 WIB.',
    ),
    query: queryOf('otomax', ticketShape),
    example: {
      query: inDialect<string>('otomax', {
        ...provenBy('otomax', signs.ticket),
        amount: '500000',
      }),
    },
  },
  { ...ordering('/h2h/without-sign/trx', 'serpul'), of: 'without-sign' },
  ...(Object.keys(dialects) as Dialect[]).flatMap(dialect => [
    ordering(`/h2h/${dialect}/transaction`, dialect),
    balancing(`/h2h/${dialect}/balance`, dialect),
  ]),
]

// -- XML ----------------------------------------------------------------------------------------

/** Every element is optional here: which are needed depends on the command. */
const fm = z.object({
  command: z.enum(commands),
  ...Object.fromEntries(
    Object.entries(fmNames).map(([theirs, our]) => [
      theirs,
      (orderShape.shape as Record<string, z.ZodType>)[our]!.optional(),
    ]),
  ),
})

const elements = {
  ...{ command: 'TOPUP', userid: memberId, pin, password },
  ...{ product: wish.product, msisdn: wish.dest, reftrxid: wish.ref },
}
const xml: Operation = {
  at: 'post /h2h/xml',
  id: 'xml',
  topic: 'xml',
  body: fm.meta({ xml: { name: 'fm' } }),
  bodyType: 'text/xml',
  told: {
    type: 'text/xml',
    shape: z.string(),
    example:
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
      `<fm><command>TOPUP</command><status>1</status><message>${said.otomax.order}</message>` +
      '<fmTrxid>2095898190524018547818114229245896833</fmTrxid><refTrxid>contoh-0001</refTrxid>' +
      '<product>XLD10</product><msisdn>087800001230</msisdn><price>10500</price>' +
      '<balance>989500</balance></fm>',
  },
  example: {
    body: `<fm>${Object.entries(elements)
      .map(([name, text]) => `<${name}>${text}</${name}>`)
      .join('')}</fm>`,
  },
}

export const dialectRows: readonly Operation[] = [...digiflazz, ...otomax, xml, seller]
