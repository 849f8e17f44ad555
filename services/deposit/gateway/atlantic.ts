/**
 * Deposits through Atlantic H2H: `POST /deposit/metode|create|status|cancel|instant`. Forms go in,
 * JSON comes out; numbers are numbers when a deposit is made and text when it is asked about, the
 * flag is a boolean or the word for one, times are Jakarta's.
 *
 * GWB1. `metode` goes out under both names that their documents have for it.
 * GWB2. A deposit is made only if the answer names our reference, its id, and amounts that add up.
 * GWB3. A reference that is used already tells that something of ours stands there: nothing is
 *       known.
 * GWB4. A state is read only of the deposit that was asked for; words nobody documented tell
 *       nothing.
 * GWB5. The webhook's word is the same on every one: it proves who speaks, never what is said.
 */

import type { TheirStatus, Theirs } from '../../../actors/deposit/deposit-contract.ts'
import type { Answered, SupplierRequest } from '../../supplier/adapter.ts'
import { signatureOf } from '../../supplier/atlantic.ts'
import { formOf } from '../../supplier/form.ts'
import { type Fields, isObject, readJson, wordIn } from '../../supplier/json.ts'
import { isProven } from '../../supplier/proof.ts'
import {
  blameOf,
  type Credentials,
  cancelledIn,
  type GatewayAdapter,
  type Hint,
  idShape,
  jakartaIn,
  type Made,
  moneyIn,
  type Named,
  type Offered,
  type Opened,
  openAnswer,
  type Quoted,
  type Standing,
  saidIn,
  standingIn,
  type Unread,
  unread,
  type Wished,
} from './adapter.ts'

export const atlantic: GatewayAdapter = {
  name: 'atlantic',
  credentials: ['apiKey', 'username'],
  fixed: null,
  methods: {
    ask: (_, credentials) => post('/deposit/metode', {}, credentials),
    read: readMethods,
  },
  create: { ask: askCreate, read: readMade },
  status: {
    ask: ({ id }, credentials) => post('/deposit/status', { id }, credentials),
    read: (answer, { id }) => standingIn(dataOf(answer), id, { statuses, rest }),
  },
  cancel: {
    ask: ({ id }, credentials) => post('/deposit/cancel', { id }, credentials),
    read: (answer, { id }) => cancelledIn(dataOf(answer), id),
  },
  instant: {
    quote: {
      ask: ({ id }, credentials) => post('/deposit/instant', { id, action: 'false' }, credentials),
      read: readQuote,
    },
    draw: {
      ask: ({ id }, credentials) => post('/deposit/instant', { id, action: 'true' }, credentials),
      read: readQuote,
    },
  },
  hint,
}

function post(path: string, fields: Fields, credentials: Credentials): SupplierRequest {
  return { method: 'POST', path, ...formOf({ api_key: credentials['apiKey'] ?? '', ...fields }) }
}

/** What makes a method again: its type and its name there. */
function askCreate({ reffId, amount, offer }: Wished, credentials: Credentials): SupplierRequest {
  const [type = '', metode = ''] = offer.split('|')
  const fields = { reff_id: reffId, nominal: amount, type, metode, method: metode }
  return post('/deposit/create', fields, credentials)
}

function dataOf(answer: Answered, credentials: Credentials = {}): Opened {
  const opened = openAnswer(answer, 'status')
  if ('unread' in opened) return opened
  const { envelope, isAccepted } = opened
  const { data } = envelope
  if (!isAccepted) {
    if (isObject(data) && wordIn(data, 'id') !== null) return unread('contradiction')
    return { refused: saidIn(envelope, [credentials['apiKey'] ?? '', signatureOf(credentials)]) }
  }
  const code = wordIn(envelope, 'code')
  if (code !== null && code !== '200') return unread('contradiction')
  return isObject(data) ? { data } : unread('data_missing')
}

function readMethods(answer: Answered): readonly Offered[] | Unread {
  const opened = openAnswer(answer, 'status')
  if ('unread' in opened) return opened
  const { data } = opened.envelope
  if (!opened.isAccepted || !Array.isArray(data)) return unread('data_missing')
  return data.flatMap(row => (isObject(row) ? offeredIn(row) : []))
}

const kinds: Readonly<Record<string, Offered['kind']>> = {
  ewallet: 'ewallet',
  va: 'va',
  bank: 'bank',
}

function offeredIn(row: Fields): readonly Offered[] {
  const metode = wordIn(row, 'metode')
  const type = wordIn(row, 'type')?.toLowerCase() ?? ''
  const kind = kinds[type]
  const min = moneyIn(row['min'])
  const max = moneyIn(row['max'])
  const fee = moneyIn(row['fee']) ?? 0
  const isOpen = /^(?:aktif|active|available|true|1|on)$/i.test(wordIn(row, 'status') ?? 'aktif')
  if (metode === null || !/^[\w.-]{1,20}$/.test(metode) || kind === undefined || !isOpen) return []
  if (min === null || max === null || min > max) return []
  const isQr = metode.toLowerCase().startsWith('qris')
  return [
    {
      method: `${metode.toLowerCase()}_atlantic`,
      name: wordIn(row, 'name') ?? metode,
      kind: isQr ? 'qris' : kind,
      ...{ min, max, fee, feeBps: bpsIn(row['fee_persen']), offer: `${type}|${metode}` },
    },
  ]
}

/** Per cent with a point, as ten-thousandths. */
function bpsIn(value: unknown): number {
  const percent = Number(value)
  return Number.isFinite(percent) && percent > 0 && percent < 100 ? Math.round(percent * 100) : 0
}

function readMade(answer: Answered, wished: Wished, credentials: Credentials): Made | Unread {
  const opened = dataOf(answer, credentials)
  if ('unread' in opened) return opened
  if ('refused' in opened) {
    const isUsed =
      /reff?_?id/i.test(opened.refused) && !/wajib|kosong|required/i.test(opened.refused)
    return isUsed ? unread('reference_used') : { unmade: blameOf(opened.refused) }
  }
  const { data } = opened
  if (wordIn(data, 'reff_id') !== wished.reffId) return unread('foreign_ref')
  const id = wordIn(data, 'id')
  const amount = moneyIn(data['nominal'])
  const fee = moneyIn(data['fee']) ?? 0
  const received = moneyIn(data['get_balance']) ?? (amount === null ? null : amount - fee)
  const expiresAt = jakartaIn(data['expired_at'])
  if (id === null || !idShape.test(id)) return unread('id_missing')
  if (amount === null || received === null || received <= 0 || received > amount) {
    return unread('amounts_illegible')
  }
  if (expiresAt === null) return unread('expiry_illegible')
  const pay = payIn(data)
  if (Object.keys(pay).length === 0) return unread('nothing_to_pay')
  return { made: { id, amount, fee: amount - received, received, expiresAt, pay }, picture: null }
}

const payNames: Readonly<Record<string, string>> = {
  qr_string: 'qr_string',
  qr_image: 'qr_image',
  url: 'url',
  bank: 'bank',
  tujuan: 'number',
  nomor_va: 'number',
  atas_nama: 'holder',
}
const payLengthMax = 1_000

function payIn(data: Fields): Theirs['pay'] {
  const found: Record<string, string> = {}
  for (const [theirs, ours] of Object.entries(payNames)) {
    const word = wordIn(data, theirs)
    if (word !== null && word.length <= payLengthMax) found[ours] = word
  }
  return found
}

const statuses: Readonly<Record<string, TheirStatus>> = {
  pending: 'pending',
  processing: 'processing',
  success: 'success',
  expired: 'expired',
  cancel: 'cancel',
  failed: 'failed',
}

const rest = (data: Fields): Omit<Standing, 'id' | 'status'> => ({
  ...{ reffId: wordIn(data, 'reff_id'), amount: moneyIn(data['nominal']) },
  ...{ fee: moneyIn(data['fee']), received: moneyIn(data['get_balance']) },
  unique: moneyIn(data['tambahan']) ?? 0,
})

function readQuote(answer: Answered, { id }: Named, credentials: Credentials): Quoted | Unread {
  const opened = dataOf(answer, credentials)
  if ('unread' in opened || 'refused' in opened) return opened
  const { data } = opened
  if (wordIn(data, 'id') !== id) return unread('foreign_id')
  const fee = moneyIn(data['penanganan'])
  const received = moneyIn(data['total_diterima'])
  return fee === null || received === null ? unread('amounts_illegible') : { fee, received }
}

function hint(
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  credentials: Credentials,
): Hint {
  const proof = { word: signatureOf(credentials), body }
  if (!isProven(headers['x-atl-signature'], proof)) return { verdict: 'forged' }
  const read = readJson(body.toString('utf8'))
  if (typeof read === 'string' || !isObject(read.value)) return { verdict: 'garbled' }
  if (read.value['event'] !== 'deposit') return { verdict: 'other' }
  const { data } = read.value
  const id = isObject(data) ? wordIn(data, 'id') : null
  if (!isObject(data) || id === null || !idShape.test(id)) return { verdict: 'garbled' }
  return { verdict: 'hint', id, reffId: wordIn(data, 'reff_id') }
}
