/**
 * Atlantic H2H, prepaid: `POST /transaksi/create`, `POST /transaksi/status`, and the webhook.
 *
 * Forms go in, JSON comes out: `{"status":true,"data":{…},"code":200}`, where booleans and numbers
 * come as text now and then, and a page of HTML where a filter does not like us. An order is asked
 * about by the id of the reply only. Whether a second create under the same reference is safe,
 * nobody has written down: so it is never sent, and an order whose create was not answered waits
 * for their webhook, which names the id, or for a person.
 *
 * ADC1. The reply to a purchase names our reference, and its id is kept for asking.
 * ADC2. A check only reads: by their id, and its answer must name our reference again.
 * ADC3. Envelope, code and status word must agree; words and codes nobody documented are unknown.
 * ADC4. A refusal is a failure only where its sentence or code says why, and only of a purchase.
 * ADC5. The webhook's signature is static: it makes us ask, and is believed in nothing else.
 */

import { hash } from 'node:crypto'
import {
  type Adapter,
  type Answered,
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
import { balanceIn, openEnvelope, openHook, refusalFor, theirIdIn } from './flagged-json.ts'
import { formOf } from './form.ts'
import { digitsIn, type Fields, isObject, rupiahIn, wordIn } from './json.ts'
import { type Blame, blameOf } from './refusals.ts'

export const atlantic: Adapter = {
  card: {
    name: 'atlantic',
    recheck: 'read_only',
    recheckAfterMs: 15_000,
    recheckWithinMs: 30 * 24 * 3600 * 1000,
    clientReference: true,
    reconcile: 'their_id',
    callbacksSigned: false,
    credentials: ['apiKey', 'username'],
    secretHeaders: ['x-atl-signature'],
  },
  purchase(asked, credentials) {
    const { ref, sku, dest, maxPrice } = asked
    const limit = maxPrice > 0 ? { limit_price: String(maxPrice) } : {}
    const fields = { code: sku, reff_id: ref, target: dest, ...limit }
    return post('/transaksi/create', fields, credentials)
  },
  check(asked, credentials) {
    const fields = { id: asked.theirId ?? '', type: 'prabayar' }
    return post('/transaksi/status', fields, credentials)
  },
  read,
  callback,
  balance: {
    ask: credentials => post('/get_profile', {}, credentials),
    read: text => balanceIn(text, 'status'),
  },
  isPing: () => false,
}

/** What their webhook carries. */
export function signatureOf(credentials: Credentials): string {
  const { username = '' } = credentials
  return username === '' ? '' : hash('md5', username, 'hex')
}

function post(path: string, fields: Fields, credentials: Credentials): SupplierRequest {
  return { method: 'POST', path, ...formOf({ api_key: credentials['apiKey'] ?? '', ...fields }) }
}

function read(
  answer: Answered,
  asked: Asked,
  occasion: Occasion,
  credentials: Credentials,
): Reading {
  const secrets = [credentials['apiKey'] ?? '', signatureOf(credentials)]
  const reply = evidence(answer.body, secrets)
  const wrong = (why: string): Reading => ({
    ...unknown(why, reply),
    supplierTrouble: answer.status >= 500,
  })
  const body = openEnvelope(answer.body, 'status')
  if (typeof body === 'string') return wrong(body)
  const { envelope, isAccepted } = body
  const code = wordIn(envelope, 'code')
  if (!isAccepted) {
    // Something sold would stand in `data`.
    if (isObject(envelope['data']) && wordIn(envelope['data'], 'id')) return wrong('contradiction')
    const message = evidence(wordIn(envelope, 'message') ?? '', secrets, messageLengthMax)
    const blame = blameOf(message) ?? refusingCodes[code ?? ''] ?? null
    return { ...refusalFor(blame, { code, message, occasion }), reply }
  }
  if (code !== null && code !== '200') return wrong('contradiction')
  if (!isObject(envelope['data'])) return wrong('data_missing')
  const data = envelope['data']
  const foreign = strangerIn(data, asked, occasion)
  if (foreign !== null) return wrong(foreign)
  return { ...verdictOf(data, { text: answer.body, secrets }), reply, ...theirIdIn(data, 'id') }
}

function strangerIn(data: Fields, asked: Asked, occasion: Occasion): string | null {
  const ref = wordIn(data, 'reff_id')
  if (ref === null) return 'ref_missing'
  if (ref !== asked.ref) return 'foreign_ref'
  const id = wordIn(data, 'id')
  if (occasion === 'check' && id !== null && id !== asked.theirId) return 'foreign_id'
  const sku = wordIn(data, 'code')
  if (sku !== null && sku.toLowerCase() !== asked.sku.toLowerCase()) return 'foreign_sku'
  const dest = wordIn(data, 'target')
  const sent = typeof data['target'] === 'number' ? asked.dest.replace(/^0+/, '') : asked.dest
  return dest !== null && dest !== sent ? 'foreign_destination' : null
}

function verdictOf(
  data: Fields,
  { text, secrets }: { readonly text: string; readonly secrets: readonly string[] },
): Reading {
  const word = wordIn(data, 'status')?.toLowerCase() ?? ''
  const said = wordIn(data, 'message') ?? wordIn(data, 'note') ?? ''
  const message = evidence(said, secrets, messageLengthMax)
  const common = { reply: '', supplierTrouble: false }
  switch (word) {
    case 'success': {
      const sn = typeof data['sn'] === 'number' ? digitsIn(text, 'sn') : (wordIn(data, 'sn') ?? '')
      return { outcome: 'success', sn, cost: rupiahIn(data['price']), balance: null, ...common }
    }
    case 'pending':
    case 'processing':
      return { outcome: 'pending', code: word, message, ...common }
    case 'failed':
    case 'error': {
      const retryable = blameOf(message) !== 'destination'
      return { outcome: 'failed', code: word, message, retryable, watch: false, ...common }
    }
    default:
      return unknown(word === '' ? 'status_missing' : 'status_undocumented')
  }
}

/** Codes that say by themselves that nothing was done. */
const refusingCodes: Readonly<Record<string, Blame>> = {
  '401': 'account',
  '402': 'account',
  '403': 'account',
  '404': 'product',
  '429': 'limit',
}

function callback(
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  secrets: Credentials,
): Claim {
  const hook = openHook(headers['x-atl-signature'], { word: signatureOf(secrets), body })
  if ('verdict' in hook) return hook
  const { envelope, data } = hook
  if (envelope['event'] === 'deposit') return { verdict: 'garbled', why: 'about_a_deposit' }
  const ref = wordIn(data, 'reff_id')
  const { theirId = null } = theirIdIn(data, 'id')
  if (ref === null && theirId === null) return { verdict: 'garbled', why: 'ref_missing' }
  return { verdict: 'hint', ref, theirId, lane: null }
}
