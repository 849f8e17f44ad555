/**
 * A fact in the words of whoever is called: what stands in the body, and how it is signed. The body
 * is written once, when the fact happened, and never again; a retry sends the same bytes.
 *
 *   standard   {"type","timestamp","data"}   webhook-id, webhook-timestamp, webhook-signature
 *   digiflazz  {"data":{ref_id, rc, ...}}    X-Digiflazz-Event, X-Hub-Signature: sha1=...
 *   otomax     GET ?t=&refid=&status=&price=&message=      no signature, as everywhere
 *   irs        GET ?serverid=&clientid=&statuscode=&kp=&msisdn=&sn=&msg=      neither
 *   digiflazz-seller   {"data":{ref_id, status, rc, ...}}   to Digiflazz, which buys from us
 *
 * WHA1. Standard: v1,base64(HMAC-SHA256(secret, id.timestamp.body)) over the raw bytes, one
 *       signature for each secret that is valid now; the id stays the same however often we try.
 * WHA2. Digiflazz: sha1=hex(HMAC-SHA1(secret, body)) over the raw bytes; `create` for the first
 *       word about an order, `update` for every later one; rc, status and message are those that
 *       a question in this dialect would be answered with.
 * WHA3. What a shape has no words for (a deposit, in the language of orders) is not told in it.
 * WHA4. IRS: only how an order ended, 1 done or 2 failed; Digiflazz takes the same report from its
 *       sellers that speak OtomaX, IRS or ST24.
 * WHA5. Digiflazz's seller: only how an order ended, in the very words that a question is answered
 *       with; nothing is signed, and who reads asks again.
 * WHA7. In all but our own shape product and number are written as the client wrote them: whoever
 *       compares them knows his order again.
 * WHA6. OtomaX: the report that members' rules were written for. The price is what was paid: 0 where
 *       nothing was; what was given back is a failure to them, for the money is there again.
 */

import { createHmac } from 'node:crypto'
import type { OrderBrief, Said } from '../contract/order-view.ts'
import type { WebhookShape } from '../contract/webhook.ts'
import { billWords } from '../wire/bill.ts'
import { orderData } from '../wire/digiflazz.ts'
import { sellerData, sellerRcOf } from '../wire/digiflazz-seller.ts'
import { otomaxNumber } from '../wire/otomax.ts'
import { otomaxPing, otomaxReport } from './text.id.ts'

export type Fact = {
  readonly event: string
  readonly at: number
  /** The order as it was then; null when it is not about an order. */
  readonly order: OrderBrief | null
  /** What else a standard message says. */
  readonly more: Readonly<Record<string, unknown>>
  /** What the client could spend afterwards, when the fact changed it. */
  readonly balance?: number
}

/** The body, or the query where there is none; null when the shape has no words for it. */
export function wordsOf(shape: WebhookShape, fact: Fact): string | null {
  switch (shape) {
    case 'standard':
      return standardBody(fact)
    case 'digiflazz':
      return fact.order === null ? null : digiflazzBody(fact.order, fact.balance)
    case 'otomax':
      return fact.order === null ? null : otomaxQuery(fact.order, fact)
    case 'irs':
      return fact.order === null ? null : irsQuery(fact.order, fact)
    case 'digiflazz-seller':
      return fact.order === null ? null : sellerBody(fact.order, fact.balance)
  }
}

function standardBody({ event, at, order, more, balance }: Fact): string {
  const about =
    order === null
      ? {}
      : {
          trx_id: order.trxId,
          ref_id: order.ref,
          product_code: order.product,
          destination: order.destination,
          price: order.price,
          status: order.status,
          sn: order.sn,
          failure: order.failure,
          money_effect: order.moneyEffect,
          ...(order.bill === undefined ? {} : { bill: billWords(order.bill) }),
        }
  const data = { ...about, ...more, ...(balance === undefined ? {} : { balance }) }
  return JSON.stringify({ type: event, timestamp: new Date(at).toISOString(), data })
}

function digiflazzBody(order: OrderBrief, balance: number | undefined): string {
  const { destination: customer_no, product: buyer_sku_code } = saidOf(order)
  const named = { ref_id: order.ref, customer_no, buyer_sku_code }
  return JSON.stringify({ data: orderData(order, named, balance) })
}

const saidOf = ({ said, product, destination }: OrderBrief): Said =>
  said ?? { product, destination }

const otomaxStatus: Readonly<Record<OrderBrief['status'], string>> = {
  PENDING: '1',
  PROCESSING: '1',
  SUCCESS: '20',
  FAILED: '40',
  REFUND: '40',
}

const otomaxQuery = (order: OrderBrief, { balance, at }: Fact): string =>
  new URLSearchParams({
    t: otomaxNumber(order.trxId),
    refid: order.ref,
    status: otomaxStatus[order.status],
    price: String(isLost(order) ? 0 : order.price),
    message: otomaxReport(order, { balance, at }),
  }).toString()

const isOpen = ({ status }: OrderBrief): boolean => status === 'PENDING' || status === 'PROCESSING'
const isLost = ({ status }: OrderBrief): boolean => status === 'FAILED' || status === 'REFUND'

function sellerBody(order: OrderBrief, balance: number | undefined): string | null {
  if (isOpen(order)) return null
  const { product: product_code, destination: customer_id } = saidOf(order)
  const named = { ref_id: order.ref, product_code, customer_id }
  return JSON.stringify({ data: sellerData(sellerRcOf(order), named, { order, balance }) })
}

function irsQuery(order: OrderBrief, { balance, at }: Fact): string | null {
  const { trxId, ref, status, sn } = order
  const { product, destination } = saidOf(order)
  if (isOpen(order)) return null
  return new URLSearchParams({
    serverid: otomaxNumber(trxId),
    clientid: ref,
    statuscode: status === 'SUCCESS' ? '1' : '2',
    kp: product,
    msisdn: destination,
    sn: sn ?? '',
    msg: otomaxReport(order, { balance, at }),
  }).toString()
}

/** A call that tells nothing: only whether somebody is there. Never carries a secret. */
export function pingWords(shape: WebhookShape, { id, at }: { id: string; at: number }): string {
  switch (shape) {
    case 'standard':
      return JSON.stringify({
        type: 'ping',
        timestamp: new Date(at).toISOString(),
        data: { webhook_id: id },
      })
    case 'digiflazz':
      return JSON.stringify({
        sed: 'ping',
        hook_id: id,
        hook: { type: 'application/json', status: 1 },
      })
    case 'otomax':
      return new URLSearchParams({
        t: '0',
        refid: 'ping',
        status: '0',
        price: '0',
        message: otomaxPing,
      }).toString()
    case 'digiflazz-seller':
      return JSON.stringify({ data: sellerData('39', { ref_id: 'ping' }) })
    case 'irs':
      return new URLSearchParams({
        ...{ serverid: '0', clientid: 'ping', statuscode: '0' },
        ...{ kp: '', msisdn: '', sn: '', msg: otomaxPing },
      }).toString()
  }
}

type Message = {
  readonly id: string
  readonly event: string
  readonly shape: WebhookShape
  readonly url: string
  readonly words: string
}

export type Letter = {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/** Ready to send: `keys` are the raw secrets that are valid now, the newest first. */
export function letterOf(message: Message, keys: readonly Buffer[], now: number): Letter {
  const { id, event, shape, url, words } = message
  switch (shape) {
    case 'standard': {
      const timestamp = String(Math.floor(now / 1_000))
      return post(url, words, {
        'User-Agent': 'Laju-Webhook/1',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        ...(keys.length === 0
          ? {}
          : {
              'webhook-signature': keys.map(key => sign(key, { id, timestamp, words })).join(' '),
            }),
      })
    }
    case 'digiflazz': {
      const [key] = keys
      return post(url, words, {
        'User-Agent': isAboutBill(event, words) ? 'Digiflazz-Pasca-Hookshot' : 'Digiflazz-Hookshot',
        'X-Digiflazz-Event': digiflazzEvent(event),
        'X-Digiflazz-Delivery': id,
        ...(key === undefined
          ? {}
          : { 'X-Hub-Signature': `sha1=${createHmac('sha1', key).update(words).digest('hex')}` }),
      })
    }
    case 'digiflazz-seller':
      return post(url, words, { 'User-Agent': 'Laju-Webhook/1' })
    case 'irs':
    case 'otomax': {
      const whole = `${url}${url.includes('?') ? '&' : '?'}${words}`
      return { method: 'GET', url: whole, headers: { 'User-Agent': 'Laju-Webhook/1' }, body: null }
    }
  }
}

const post = (url: string, body: string, headers: Record<string, string>): Letter => ({
  method: 'POST',
  url,
  headers: { 'Content-Type': 'application/json', ...headers },
  body,
})

/** Only what is said of a top-up ends so; see `orderData`. */
const isAboutBill = (event: string, words: string): boolean =>
  event !== 'ping' && !words.endsWith('"tele":"","wa":""}}')

function digiflazzEvent(event: string): string {
  if (event === 'ping') return 'ping'
  return event === 'order.created' ? 'create' : 'update'
}

type Signed = { readonly id: string; readonly timestamp: string; readonly words: string }

const sign = (key: Buffer, { id, timestamp, words }: Signed): string =>
  `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${words}`).digest('base64')}`

/** The bytes behind a secret as the client holds it: `whsec_` and base64, or plain text. */
export function keyOf(secret: string): Buffer {
  return secret.startsWith(secretPrefix)
    ? Buffer.from(secret.slice(secretPrefix.length), 'base64')
    : Buffer.from(secret)
}

export const secretPrefix = 'whsec_'
