/**
 * Digiflazz, buyer API, prepaid: `POST /transaction`, its repeat as status check, and the webhook.
 *
 * Every answer is `{"data":{...}}` with a status word and a code that must agree, and names the
 * order it is about. It is believed only where all of that fits; else it is unknown, whatever the
 * HTTP status was. A status check is the purchase once more, word for word: under a known reference
 * it returns the first one, after 90 days it BUYS. Hence the card's two limits.
 *
 * S11. A check is byte for byte the purchase.
 * S12. The body decides, not the HTTP status; a body that is no envelope is unknown.
 * S13. Word and code that contradict, and codes nobody documented, are unknown.
 * S14. A reply about another reference, number or product is unknown; so is one that should name
 *      our reference and does not.
 * S15. A success needs neither serial number nor price; what it gives is read without loss.
 * S16. A callback is believed only with the right HMAC over the raw bytes; no header, no belief.
 * S17. A ping carries the secret in clear: recognised before anything is stored, and acknowledged.
 * FLD1. The balance is asked for with a sign of its own; an answer without an amount is none.
 */

import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import {
  type Adapter,
  type Asked,
  type Claim,
  type Credentials,
  evidence,
  messageLengthMax,
  type Occasion,
  type Reading,
  type SupplierRequest,
  unknown,
} from './adapter.ts'
import { type Code, classOn, codes, wordOf } from './digiflazz-codes.ts'
import { type Fields, isObject, readJson, rupiahIn, type Unread, wordIn } from './json.ts'

export const digiflazz: Adapter = {
  card: {
    name: 'digiflazz',
    recheck: 'repeat_purchase',
    recheckAfterMs: 60_000,
    recheckWithinMs: 80 * 24 * 3600 * 1000,
    clientReference: true,
    callbacksSigned: true,
    credentials: ['username', 'apiKey', 'webhookSecret'],
    account: ['username'],
    // The signature is an HMAC of the body: kept, so that a stored callback can be verified again.
    secretHeaders: [],
  },
  purchase: topUp,
  check: topUp,
  read(answer, asked, occasion, credentials) {
    const secrets = secretsOf(credentials, asked.ref)
    const reply = evidence(answer.body, secrets)
    const data = dataOf(answer.body)
    if (typeof data === 'string') {
      return { ...unknown(data, reply), supplierTrouble: answer.status >= 500 }
    }
    const foreign = strangerIn(data, asked)
    return foreign === null ? readData(data, { occasion, reply, secrets }) : unknown(foreign, reply)
  },
  balance: {
    ask(credentials) {
      const sign = signOf(credentials, 'depo')
      const body = { cmd: 'deposit', username: credentials['username'], sign }
      return { method: 'POST', path: '/cek-saldo', body: JSON.stringify(body) }
    },
    read(text) {
      const data = dataOf(text)
      return typeof data === 'string' ? null : floorIn(data['deposit'])
    },
  },
  callback,
  isPing,
}

/** Lower-case hex md5 over the plain concatenation, as for every call that names a reference. */
export function signOf(credentials: Credentials, what: string): string {
  return hash('md5', `${credentials['username']}${credentials['apiKey']}${what}`, 'hex')
}

function topUp(asked: Asked, credentials: Credentials): SupplierRequest {
  const body = {
    username: credentials['username'],
    buyer_sku_code: asked.sku,
    customer_no: asked.dest,
    ref_id: asked.ref,
    sign: signOf(credentials, asked.ref),
    testing: asked.testing ? true : undefined,
    max_price: asked.maxPrice > 0 ? asked.maxPrice : undefined,
    cb_url: asked.callbackUrl,
  }
  return { method: 'POST', path: '/transaction', body: JSON.stringify(body) }
}

/** What stands under `data`, or why nothing legible does. */
export function dataOf(text: string): Fields | Unread | 'data_missing' | 'data_is_list' {
  const read = readJson(text)
  if (typeof read === 'string') return read
  const envelope = read.value
  if (!isObject(envelope) || envelope['data'] === undefined) return 'data_missing'
  if (Array.isArray(envelope['data'])) return 'data_is_list'
  if (!isObject(envelope['data'])) return 'data_missing'
  const data = envelope['data']
  // As a number a serial would lose digits; its text does not.
  if (typeof data['sn'] === 'number') {
    return { ...data, sn: /"sn"\s*:\s*(\d+)\s*[,}]/.exec(text)?.[1] ?? '' }
  }
  return data
}

export function strangerIn(data: Fields, asked: Asked): string | null {
  const ref = wordIn(data, 'ref_id')
  if (ref === null) {
    // Refusals before a transaction exists come without its fields.
    const code = codes.get(rcOf(data) ?? '')
    if (code?.created !== false) return 'ref_missing'
  } else if (ref !== asked.ref) return 'foreign_ref'
  const dest = data['customer_no']
  const sent = typeof dest === 'number' ? asked.dest.replace(/^0+/, '') : asked.dest
  const named = wordIn(data, 'customer_no')
  if (named !== null && named !== sent) return 'foreign_destination'
  const sku = wordIn(data, 'buyer_sku_code')
  if (sku !== null && sku.toLowerCase() !== asked.sku.toLowerCase()) return 'foreign_sku'
  return null
}

function readData(
  data: Fields,
  context: {
    readonly occasion: Occasion
    readonly reply: string
    readonly secrets: readonly string[]
  },
): Reading {
  const { occasion, reply, secrets } = context
  const rc = rcOf(data)
  if (rc === null) return unknown('rc_missing', reply)
  const word = wordIn(data, 'status')
  if (word === null) return unknown('status_missing', reply)
  const code = codes.get(rc)
  if (code === undefined) return unknown('rc_undocumented', reply)
  if (word.toLowerCase() !== wordOf(rc)) return unknown('contradiction', reply)

  const supplierTrouble = isTrouble(code)
  const message = evidence(wordIn(data, 'message') ?? '', secrets, messageLengthMax)
  switch (classOn(rc, occasion)) {
    case 'success':
      return {
        outcome: 'success',
        sn: wordIn(data, 'sn') ?? '',
        cost: rupiahIn(data['price']),
        balance: floorIn(data['buyer_last_saldo']),
        reply,
        supplierTrouble,
      }
    case 'failed_safe':
    case 'failed_watch':
      return {
        outcome: 'failed',
        code: rc,
        message,
        retryable: code.blame !== 'destination',
        watch: code.class === 'failed_watch',
        reply,
        supplierTrouble,
      }
    case 'pending':
      return { outcome: 'pending', code: rc, message, reply, supplierTrouble }
    case 'query':
      return { outcome: 'unknown', why: `rc_${rc}`, reply, supplierTrouble }
  }
}

const isTrouble = (code: Code): boolean => code.blame === 'account' || code.blame === 'limit'

function callback(
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  secrets: Credentials,
): Claim {
  const signature = headers['x-hub-signature']
  if (signature === undefined && isPing(headers, body)) return { verdict: 'ping' }
  if (!isSigned(signature, body, secrets['webhookSecret'])) return { verdict: 'forged' }
  if (isPing(headers, body)) return { verdict: 'ping' }

  const text = body.toString('utf8')
  const data = dataOf(text)
  if (typeof data === 'string') return { verdict: 'garbled', why: data }
  const ref = wordIn(data, 'ref_id')
  if (ref === null) return { verdict: 'garbled', why: 'ref_missing' }
  const words = secretsOf(secrets, ref)
  const reply = evidence(text, words)
  return {
    verdict: 'report',
    ref,
    sku: wordIn(data, 'buyer_sku_code'),
    dest: wordIn(data, 'customer_no'),
    reading: readData(data, { occasion: 'callback', reply, secrets: words }),
  }
}

function isSigned(
  signature: string | undefined,
  body: Buffer,
  secret: string | undefined,
): boolean {
  if (signature === undefined || secret === undefined || secret === '') return false
  const claimed = /^sha1=([0-9a-f]{40})$/i.exec(signature.trim())?.[1]
  if (claimed === undefined) return false
  const made = createHmac('sha1', secret).update(body).digest()
  return timingSafeEqual(Buffer.from(claimed, 'hex'), made)
}

function isPing(headers: Readonly<Record<string, string>>, body: Buffer): boolean {
  // News always names a reference; that spares the parsing of nearly all bodies.
  if (body.includes('"ref_id"')) return false
  let root: unknown
  try {
    root = JSON.parse(body.toString('utf8'))
  } catch {
    return false
  }
  if (!isObject(root)) return false
  if (root['data'] !== undefined) return root['data'] === 'ping'
  return 'hook_id' in root || 'sed' in root || headers['x-digiflazz-event'] === 'ping'
}

export function secretsOf(credentials: Credentials, ref: string): readonly string[] {
  const { apiKey = '', webhookSecret = '', username = '' } = credentials
  return [signOf(credentials, ref), apiKey, webhookSecret, username]
}

/** Documented as text, two digits; some answer with the number. */
function rcOf(data: Fields): string | null {
  const rc = wordIn(data, 'rc')
  return rc === null ? null : rc.padStart(2, '0')
}

/** Documented as a float: the whole rupiah in it. */
function floorIn(value: unknown): number | null {
  const isDecimal = typeof value === 'string' && /^-?\d{1,15}(?:\.\d*)?$/.test(value.trim())
  const amount = Math.floor(
    isDecimal ? Number(value) : typeof value === 'number' ? value : Number.NaN,
  )
  return Number.isSafeInteger(amount) ? amount : null
}
