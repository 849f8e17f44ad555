/**
 * Deposits through RumahOTP: everything is a GET, also what makes one. Two versions of the same
 * thing: the first draws its QR as a picture, the second spells it out as well. They keep no
 * reference of ours and call nobody back.
 *
 * GWC1. A deposit is made only if what is paid, kept and received adds up, and it is a QRIS: the
 *       same door also makes addresses of chains, which nobody here is shown.
 * GWC2. What is paid is gross; the wallet gets `diterima`.
 * GWC3. Their word for a deposit that nobody paid in time is that it was cancelled.
 * GWC4. Both shapes of refusal are read; a state that nobody documented tells nothing.
 */

import type { TheirStatus } from '../../../actors/deposit/deposit-contract.ts'
import type { Answered, SupplierRequest } from '../../supplier/adapter.ts'
import { type Fields, isObject, wordIn } from '../../supplier/json.ts'
import {
  blameOf,
  type Credentials,
  cancelledIn,
  type GatewayAdapter,
  idShape,
  type Made,
  momentIn,
  moneyIn,
  type Opened,
  openAnswer,
  type Standing,
  saidIn,
  standingIn,
  type Unread,
  unread,
  type Wished,
} from './adapter.ts'

export const rumahotp: GatewayAdapter = {
  name: 'rumahotp',
  credentials: ['apiKey'],
  fixed: ({ min, max }) =>
    (['v1', 'v2'] as const).map(version => ({
      method: `qris_rumahotp_${version}`,
      name: version === 'v1' ? 'QRIS RumahOTP 1' : 'QRIS RumahOTP 2',
      kind: 'qris',
      ...{ min, max, fee: null, feeBps: null, offer: version },
    })),
  methods: null,
  create: {
    ask: ({ amount, offer }, credentials) =>
      get(`/api/${versionOf(offer)}/deposit/create`, { amount, payment_id: 'qris' }, credentials),
    read: readMade,
  },
  status: {
    ask: ({ id, offer }, credentials) =>
      get(`/api/${versionOf(offer)}/deposit/get_status`, { deposit_id: id }, credentials),
    read: (answer, { id }) => standingIn(dataOf(answer), id, { statuses, rest }),
  },
  cancel: {
    ask: ({ id }, credentials) => get('/api/v1/deposit/cancel', { deposit_id: id }, credentials),
    read: (answer, { id }) => cancelledIn(dataOf(answer), id),
  },
  instant: null,
  hint: null,
}

const versionOf = (offer: string): 'v1' | 'v2' => (offer === 'v1' ? 'v1' : 'v2')

function get(path: string, query: Fields, { apiKey = '' }: Credentials): SupplierRequest {
  const pairs = Object.entries(query).map(([name, value]): [string, string] => [
    name,
    String(value),
  ])
  return {
    ...{ method: 'GET', path: `${path}?${new URLSearchParams(pairs)}` },
    headers: { 'x-apikey': apiKey },
  }
}

function dataOf(answer: Answered, { apiKey = '' }: Credentials = {}): Opened {
  const opened = openAnswer(answer, 'success')
  if ('unread' in opened) return opened
  const { envelope, isAccepted } = opened
  const { data } = envelope
  if (!isAccepted) {
    if (isObject(data) && wordIn(data, 'id') !== null) return unread('contradiction')
    return { refused: saidIn(envelope, [apiKey]) }
  }
  return isObject(data) ? { data } : unread('data_missing')
}

function readMade(answer: Answered, wished: Wished, credentials: Credentials): Made | Unread {
  const opened = dataOf(answer, credentials)
  if ('unread' in opened) return opened
  if ('refused' in opened) return { unmade: blameOf(opened.refused) }
  const { data } = opened
  const currency = isObject(data['currency']) ? data['currency'] : data
  const id = wordIn(data, 'id')
  const amount = moneyIn(data['total']) ?? moneyIn(currency['total']) ?? moneyIn(data['amount'])
  const received = moneyIn(data['diterima']) ?? moneyIn(currency['diterima'])
  const expiresAt = momentIn(data['expired_at_ts']) ?? momentIn(data['expired'])
  if (id === null || !idShape.test(id)) return unread('id_missing')
  const type = wordIn(currency, 'type')
  const method = wordIn(data, 'method')?.toLowerCase()
  if ((type !== null && type !== 'IDR') || method !== 'qris') return { unmade: 'METHOD_CLOSED' }
  if (amount === null || received === null || received <= 0 || received > amount) {
    return unread('amounts_illegible')
  }
  if (received > wished.amount) return unread('foreign_amount')
  if (expiresAt === null) return unread('expiry_illegible')
  const text = wordIn(data, 'qr_string')
  const picture = wordIn(data, 'qr')
  const isDrawn = picture !== null && pictureShape.test(picture)
  if (text === null ? !isDrawn : !qrShape.test(text)) return unread('nothing_to_pay')
  const pay = {
    ...(text === null ? {} : { qr_string: text }),
    ...imageOf(wordIn(data, 'qr_image')),
  }
  const made = { id, amount, fee: amount - received, received, expiresAt, pay }
  return { made, picture: text === null && isDrawn ? picture : null }
}

const qrShape = /^0002[\x20-\x7e]{2,996}$/
/** A picture within the answer, of a size that a QR may have. */
const pictureShape = /^data:image\/png;base64,[A-Za-z0-9+/=]{32,120000}$/

const imageOf = (url: string | null): { qr_image?: string } =>
  url !== null && url.length <= 500 && /^https:\/\//.test(url) ? { qr_image: url } : {}

const statuses: Readonly<Record<string, TheirStatus>> = {
  pending: 'pending',
  success: 'success',
  cancel: 'cancel',
  expired: 'expired',
}

const rest = (data: Fields): Omit<Standing, 'id' | 'status'> => ({
  ...{ reffId: null, fee: moneyIn(data['fee']), received: moneyIn(data['diterima']), unique: 0 },
  amount: moneyIn(data['total']) ?? moneyIn(data['amount']),
  ...payerIn(data),
})

/** The wallet or bank, and its owner as far as they show him. */
function payerIn(data: Fields): { payer?: string } {
  const [brand, buyer] = [wordIn(data, 'brand_name'), wordIn(data, 'buyer_reff')]
  return brand === null || buyer === null ? {} : { payer: `${brand} ${buyer}`.slice(0, 120) }
}
