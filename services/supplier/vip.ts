/**
 * VIP Reseller: `POST /prepaid` and `POST /game-feature`, where a field `type` says what is meant.
 *
 * It takes no reference of ours, so a purchase that was not answered can only be found in the list
 * of what they sold last. There it is ours if it is the only one of its service, number and zone
 * that no other order of ours owns; `flight.ts` sees to it that there can't be a second one. Else it
 * stays unknown. A sku is their service code, with `game/` before it for the game endpoint; a
 * destination may name its zone in brackets, `12345678(2001)`. Prices that come as an object of
 * levels need the credential `level` (basic, premium or special).
 *
 * ADD1. A check only reads: by their id, or without one by the list, never again as an order.
 * ADD2. In the list, one row that fits and belongs to nobody is ours; none, two, a row that can't
 *       be read, or a price above our limit, is unknown. Not to be listed is no proof of anything.
 * ADD3. A reply about another service, number, zone or id is unknown.
 * ADD4. The serial number is the note of a success; the note of an error says why.
 * ADD5. A refusal is a failure only where its sentence says why, and only of a purchase.
 * ADD6. The webhook's signature is static: it makes us ask, and is believed in nothing else.
 * ADD7. Our balance is read from a profile that was given, and from nothing else.
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
import { blameOf } from './refusals.ts'

const rowsMax = 50

export const vip: Adapter = {
  card: {
    name: 'vip',
    recheck: 'read_only',
    recheckAfterMs: 15_000,
    // Their list is short and knows no dates: an older order is not looked for in it.
    recheckWithinMs: 24 * 3600 * 1000,
    clientReference: false,
    reconcile: 'their_list',
    callbacksSigned: false,
    credentials: ['apiId', 'apiKey'],
    secretHeaders: ['x-client-signature'],
  },
  purchase(asked, credentials) {
    const { service, number, zone } = wishOf(asked)
    const where = zone === '' ? {} : { data_zone: zone }
    return post(asked, { type: 'order', service, data_no: number, ...where }, credentials)
  },
  check(asked, credentials) {
    const { theirId } = asked
    const which = theirId === undefined ? { limit: rowsMax } : { trxid: theirId }
    return post(asked, { type: 'status', ...which }, credentials)
  },
  laneOf: asked => laneOf(wishOf(asked)),
  read,
  callback,
  balance: {
    ask(credentials) {
      const auth = { key: credentials['apiKey'] ?? '', sign: signatureOf(credentials) }
      return { method: 'POST', path: '/profile', ...formOf(auth) }
    },
    read: text => balanceIn(text, 'result'),
  },
  isPing: () => false,
}

/** Of every request, and what their webhook carries. */
export function signatureOf(credentials: Credentials): string {
  const { apiId = '', apiKey = '' } = credentials
  return apiId === '' || apiKey === '' ? '' : hash('md5', apiId + apiKey, 'hex')
}

type Wish = { readonly service: string; readonly number: string; readonly zone: string }

const gamePrefix = 'game/'

function wishOf({ sku, dest }: Pick<Asked, 'sku' | 'dest'>): Wish {
  const service = sku.startsWith(gamePrefix) ? sku.slice(gamePrefix.length) : sku
  const [, number = dest, zone = ''] = /^([^()|]+)[(|]([^()|]+)\)?$/.exec(dest) ?? []
  return { service, number, zone }
}

const laneOf = ({ service, number, zone }: Wish): string =>
  JSON.stringify([service.toLowerCase(), number, zone])

function post(asked: Asked, fields: Fields, credentials: Credentials): SupplierRequest {
  const path = asked.sku.startsWith(gamePrefix) ? '/game-feature' : '/prepaid'
  const auth = { key: credentials['apiKey'] ?? '', sign: signatureOf(credentials) }
  return { method: 'POST', path, ...formOf({ ...auth, ...fields }) }
}

function read(
  answer: Answered,
  asked: Asked,
  occasion: Occasion,
  credentials: Credentials,
): Reading {
  const secrets = [signatureOf(credentials), credentials['apiKey'] ?? '']
  const reply = evidence(answer.body, [...secrets, credentials['apiId'] ?? ''])
  const wrong = (why: string): Reading => ({
    ...unknown(why, reply),
    supplierTrouble: answer.status >= 500,
  })
  const body = openEnvelope(answer.body, 'result')
  if (typeof body === 'string') return wrong(body)
  const { data, message } = body.envelope
  if (!body.isAccepted) {
    // Something sold would stand in `data`.
    if (data !== null && data !== undefined) return wrong('contradiction')
    const said = evidence(typeof message === 'string' ? message : '', secrets, messageLengthMax)
    return { ...refusalFor(blameOf(said), { code: null, message: said, occasion }), reply }
  }
  const row = occasion === 'check' ? findIn(data, asked) : rowOf(data, asked)
  if (typeof row === 'string') return wrong(row)
  const level = credentials['level'] ?? ''
  return { ...verdictOf(row, { text: answer.body, level, secrets }), reply, ...idIn(row) }
}

/** The reply to a purchase: one object, which may leave out what we said but not say otherwise. */
function rowOf(data: unknown, asked: Asked): Fields | string {
  if (!isObject(data)) return 'data_missing'
  const wish = wishOf(asked)
  for (const [name, sent] of [
    ['service', wish.service.toLowerCase()],
    ['data', wish.number],
    ['zone', wish.zone],
  ] as const) {
    const word = wordIn(data, name)
    if (word !== null && !isSame(data[name], sent)) return `foreign_${name}`
  }
  return data
}

/** The answer to a check: a list, even of one. */
function findIn(data: unknown, asked: Asked): Fields | string {
  const rows = isObject(data) ? [data] : data
  if (!Array.isArray(rows)) return 'data_missing'
  if (!rows.every(row => isObject(row) && idIn(row).theirId !== undefined)) return 'list_illegible'
  const { theirId, othersIds = [], maxPrice } = asked
  const ours = (rows as Fields[]).filter(row => fits(row, wishOf(asked)))
  if (theirId !== undefined) {
    const [row, ...more] = ours.filter(one => idIn(one).theirId === theirId)
    if (more.length > 0) return 'listed_twice'
    return row ?? (rows.length > 0 ? 'foreign_order' : 'not_listed')
  }
  const [row, ...more] = ours.filter(one => !othersIds.includes(idIn(one).theirId!))
  if (row === undefined) return 'not_listed'
  if (more.length > 0) return 'listed_twice'
  const price = rupiahIn(row['price'])
  return maxPrice > 0 && price !== null && price > maxPrice ? 'price_above_max' : row
}

function fits(row: Fields, { service, number, zone }: Wish): boolean {
  return (
    isSame(row['service'], service.toLowerCase()) &&
    isSame(row['data'], number) &&
    (zone === '' ? wordIn(row, 'zone') === null : isSame(row['zone'], zone))
  )
}

/** A number as number has lost its zeros. */
function isSame(value: unknown, sent: string): boolean {
  if (typeof value === 'number') return String(value) === sent.replace(/^0+(?=.)/, '')
  return typeof value === 'string' && value.trim().toLowerCase() === sent.toLowerCase()
}

const idIn = (row: Fields) => theirIdIn(row, 'trxid')

type Context = { readonly text: string; readonly level: string; readonly secrets: string[] }

function verdictOf(row: Fields, { text, level, secrets }: Context): Reading {
  const word = wordIn(row, 'status')?.toLowerCase() ?? ''
  const message = evidence(wordIn(row, 'note') ?? '', secrets, messageLengthMax)
  const common = { reply: '', supplierTrouble: false }
  switch (word) {
    case 'success': {
      const { note } = row
      const sn = typeof note === 'number' ? digitsIn(text, 'note') : (wordIn(row, 'note') ?? '')
      const cost = priceIn(row['price'], level)
      return { outcome: 'success', sn, cost, balance: rupiahIn(row['balance']), ...common }
    }
    case 'waiting':
    case 'processing':
      return { outcome: 'pending', code: word, message, ...common }
    case 'error': {
      const blame = blameOf(message)
      const retryable = blame !== 'destination'
      const supplierTrouble = blame === 'account' || blame === 'limit'
      const failed = { outcome: 'failed', code: word, message, retryable, watch: false } as const
      return { ...failed, reply: '', supplierTrouble }
    }
    default:
      return unknown(word === '' ? 'status_missing' : 'status_undocumented')
  }
}

function priceIn(price: unknown, level: string): number | null {
  return rupiahIn(isObject(price) ? price[level.toLowerCase()] : price)
}

function callback(
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  secrets: Credentials,
): Claim {
  const hook = openHook(headers['x-client-signature'], { word: signatureOf(secrets), body })
  if ('verdict' in hook) return hook
  const row = hook.data
  const { theirId = null } = idIn(row)
  if (theirId === null) return { verdict: 'garbled', why: 'trxid_missing' }
  const [service, number] = [wordIn(row, 'service'), wordIn(row, 'data')]
  const isWhole = service !== null && number !== null
  const lane = isWhole ? laneOf({ service, number, zone: wordIn(row, 'zone') ?? '' }) : null
  return { verdict: 'hint', ref: null, theirId, lane }
}
