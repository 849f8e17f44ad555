/**
 * RumahOTP, numbers only (deposits are a gateway's business). Everything is a GET with the key in
 * `x-apikey`, buying included; `{"success":true,"data":…}`, and two shapes of saying no.
 *
 * NSR1. Before buying the price is asked for once more: it takes no limit of ours along, and what
 *       became dearer than agreed is not bought.
 * NSR2. Only a refusal in words that are known is one; another answer leaves a doubt, which the
 *       balance settles, for there is no list of what is open.
 * NSR3. A cancel that they confirm with the word is one; another answer is followed by a look.
 * NSR4. `otp_code` "-" is none; there are no texts here, and one code at a time.
 * NSR5. `set_status=resend` is not documented: a refusal of it is a refusal, nothing worse. How to
 *       say that no more codes are wanted is not known, and not tried.
 * NSR6. Operators are kept for an hour; countries of a service that did not answer stay as known.
 */

import { isObject, readJson, truthIn } from '../../supplier/json.ts'
import {
  type Catalogued,
  type GivenBack,
  type Inbox,
  type NumberAdapter,
  type NumberCard,
  type NumberKind,
  type NumberSupplierConfig,
  type Offer,
  type OfferedOperator,
  offerParts,
  type Purchase,
  type Resent,
} from './adapter.ts'
import {
  asking,
  codeOf,
  countOf,
  few,
  idOf,
  nameWord,
  phoneOf,
  query,
  rateOf,
  rupiahOf,
  silent,
  withoutAnswer,
} from './asking.ts'

const card: NumberCard = {
  name: 'rumahotp',
  finds: 'balance',
  provesAbsence: true,
  cancelAfterMs: 0,
  lifeMs: 15 * 60_000,
  resends: true,
  pollMs: 10_000,
  tellsNewest: true,
  credentials: ['api_key'],
}

export const rumahotp: NumberKind = { card, open }

const operatorsKeptMs = 3_600_000
const atOnce = 4
const servicesMax = 1_500
const anyOperator = '1'

/** What their sentences mean, the first that fits. Others mean nothing to us. */
const refusals: readonly (readonly [RegExp, Extract<Purchase, { kind: 'unbought' }>['code']])[] = [
  [/saldo|balance/i, 'SUPPLIER_BALANCE'],
  [/tidak tersedia|habis|kosong|stok|out of stock|no number|not available/i, 'NO_NUMBERS'],
  [/harga (?:berubah|naik)|price changed/i, 'PRICE_MOVED'],
  [
    /tidak valid|invalid|api ?key|unauthorized|tidak ditemukan|not found|blokir|banned|suspend/i,
    'SUPPLIER_REFUSED',
  ],
]
const tooEarly = /menit|minute|tunggu|wait|terlalu cepat|too early/i
const cancelWord = /cancel|dibatalkan/i
const notCancelled = /tidak|gagal|can ?not|can't|fail|unable/i

type Said =
  | { readonly kind: 'data'; readonly data: unknown; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string }

/** Both shapes of no; null when it is neither a yes nor a no. */
function readReply(text: string): Said | null {
  const read = readJson(text)
  if (typeof read === 'string' || !isObject(read.value)) return null
  const { value } = read
  const success = truthIn(value['success'])
  const error = value['error']
  const told = isObject(error) ? error['message'] : (value['message'] ?? error)
  const message = typeof told === 'string' ? told : ''
  // A yes and an error in one answer is neither.
  if (success === true && (error === undefined || error === null)) {
    return { kind: 'data', data: value['data'], message }
  }
  const hasData = isObject(value['data']) && Object.keys(value['data']).length > 0
  return success === false && !hasData ? { kind: 'refused', message } : null
}

function open(config: NumberSupplierConfig): NumberAdapter {
  const { unit } = config
  const line = asking(config)
  const headers = { 'x-apikey': config.credentials['api_key'] ?? '', accept: 'application/json' }
  const operators = new Map<string, { readonly list: readonly OfferedOperator[]; at: number }>()

  const send = (path: string, fields: Readonly<Record<string, string>> = {}) =>
    line.ask(`${path}${Object.keys(fields).length === 0 ? '' : `?${query(fields)}`}`, headers)

  async function read(path: string, fields?: Readonly<Record<string, string>>) {
    const outcome = await send(path, fields)
    const isWhole = outcome.kind === 'answer' && (outcome.status < 300 || outcome.status >= 400)
    return isWhole ? readReply(outcome.body) : null
  }

  async function listAt(path: string, fields?: Readonly<Record<string, string>>) {
    const said = await read(path, fields)
    return said?.kind === 'data' && Array.isArray(said.data) ? said.data.filter(isObject) : null
  }

  async function catalogue(): Promise<Catalogued | null> {
    const services = (await listAt('/api/v2/services'))?.flatMap(one => {
      const [code, name] = [idOf(one['service_code']), one['service_name']]
      return code !== null && typeof name === 'string' ? [{ code, name: name.trim() }] : []
    })
    if (services === undefined) return null
    const asked = services.slice(0, servicesMax)
    const lists = await few(asked, atOnce, ({ code }) => countriesOf(code))
    const missed = asked.filter((_, index) => lists[index] === null).map(({ code }) => code)
    if (asked.length > 0 && missed.length === asked.length) return null
    await refreshOperators(lists.flatMap(list => list ?? []))
    const offers = asked.flatMap((service, index) =>
      (lists[index] ?? []).flatMap(lot => offerOf(service, lot) ?? []),
    )
    return { offers, missed: { services: missed, countries: [] } }
  }

  async function countriesOf(service: string): Promise<readonly Lot[] | null> {
    const rows = await listAt('/api/v2/countries', { service_id: service })
    return rows?.flatMap(row => lotsIn(row, unit)) ?? null
  }

  async function refreshOperators(lots: readonly Lot[]): Promise<void> {
    const wanted = new Map(lots.map(lot => [operatorKey(lot), lot]))
    const now = performance.now()
    const old = [...wanted].filter(([key]) => {
      const kept = operators.get(key)
      return kept === undefined || now - kept.at > operatorsKeptMs
    })
    await few(old, atOnce, async ([key, { countryName, provider }]) => {
      const fields = { country: countryName, provider_id: provider }
      const rows = await listAt('/api/v2/operators', fields)
      if (rows !== null) operators.set(key, { list: operatorsIn(rows), at: now })
      return null
    })
  }

  function offerOf(
    service: { readonly code: string; readonly name: string },
    lot: Lot,
  ): Offer[] | null {
    const [word, country] = [nameWord(service.name), nameWord(lot.countryName)]
    if (word === '' || country === '') return null
    return [
      {
        ...{ service: word, serviceName: service.name, country, countryName: lot.countryName },
        ...{ theirService: service.code, theirCountry: lot.numberId },
        operators: operators.get(operatorKey(lot))?.list ?? [any],
        offer: `${service.code}/${lot.numberId}/${lot.provider}`,
        ...{ cost: lot.cost, stock: lot.stock, successRate: lot.rate },
      },
    ]
  }

  async function buy(wish: {
    readonly offer: string
    readonly maxCost: number
  }): Promise<Purchase> {
    const { offer, operator } = offerParts(wish.offer)
    const [service = '', numberId = '', provider = ''] = offer.split('/')
    const lots = await countriesOf(service)
    const lot = lots?.find(one => one.numberId === numberId && one.provider === provider)
    if (lots === null) return { kind: 'unbought', code: 'SUPPLIER_REFUSED', reply: 'no_price' }
    if (lot === undefined || lot.stock === 0) {
      return { kind: 'unbought', code: 'NO_NUMBERS', reply: '' }
    }
    if (lot.cost > wish.maxCost) return { kind: 'unbought', code: 'PRICE_MOVED', reply: '' }
    const fields = { number_id: numberId, provider_id: provider }
    const outcome = await send('/api/v2/orders', {
      ...fields,
      operator_id: operator || anyOperator,
    })
    if (outcome.kind !== 'answer') return withoutAnswer(outcome)
    const reply = line.kept(outcome.body)
    const said = readReply(outcome.body)
    if (said?.kind === 'refused' && (outcome.status < 300 || isTheirNo(outcome.status))) {
      const code = refusals.find(([words]) => words.test(said.message))?.[1]
      return code === undefined ? { kind: 'doubtful', reply } : { kind: 'unbought', code, reply }
    }
    if (said?.kind !== 'data' || outcome.status >= 300 || !isObject(said.data)) {
      return { kind: 'doubtful', reply }
    }
    const [id, number] = [idOf(said.data['order_id']), phoneOf(said.data['phone_number'])]
    if (id === null || number === null) return { kind: 'doubtful', reply }
    return { kind: 'bought', id, number, cost: rupiahOf(said.data['price'], unit) ?? lot.cost }
  }

  async function messages(id: string): Promise<Inbox> {
    const said = await read('/api/v1/orders/get_status', { order_id: id })
    if (said === null) return silent('no_answer')
    if (said.kind === 'refused' || !isObject(said.data)) return silent('refused')
    const { data } = said
    const shown = idOf(data['order_id'])
    if (shown !== null && shown !== id) return silent('another_order')
    const status = typeof data['status'] === 'string' ? data['status'].trim().toLowerCase() : ''
    if (!('otp_code' in data) && status === '') return silent('unreadable')
    const code = codeOf(data['otp_code'])
    const isOver = /^(?:cancel|canceled|cancelled|expired|timeout)$/.test(status)
    // Beside a code "expired" only says that no more will come.
    const ended = isOver ? (code === null ? 'cancelled' : 'finished') : null
    const isDone = ended ?? (/^(?:completed?|finished|done)$/.test(status) ? 'finished' : null)
    return {
      kind: 'inbox',
      messages: code === null ? [] : [{ text: null, code }],
      ended: isDone,
    }
  }

  const setStatus = (id: string, status: string) =>
    read('/api/v1/orders/set_status', { order_id: id, status })

  async function giveBack(id: string): Promise<GivenBack> {
    const said = await setStatus(id, 'cancel')
    if (said === null) return 'unknown'
    if (said.kind === 'data' && isCancelTold(said)) return 'cancelled'
    const now = await messages(id)
    if (now.kind === 'inbox') {
      if (now.messages.length > 0 || now.ended === 'finished') return 'received'
      if (now.ended === 'cancelled') return 'cancelled'
    }
    return said.kind === 'refused' && tooEarly.test(said.message) ? 'early' : 'unknown'
  }

  async function again(id: string): Promise<Resent> {
    const said = await setStatus(id, 'resend')
    return said === null ? 'unknown' : said.kind === 'data' ? 'ok' : 'refused'
  }

  return {
    card,
    catalogue,
    buy,
    active: async () => null,
    // By the balance nothing is told apart: one purchase at a time, whatever it is for.
    laneOf: () => 'balance',
    async balance() {
      const said = await read('/api/v1/user/balance')
      if (said?.kind !== 'data' || !isObject(said.data)) return null
      return rupiahOf(said.data['balance'], unit)
    },
    messages,
    again,
    giveBack,
    close: line.close,
    hurry: line.hurry,
  }
}

type Lot = {
  readonly numberId: string
  readonly countryName: string
  readonly provider: string
  readonly cost: number
  readonly stock: number
  readonly rate: number | null
}

const any: OfferedOperator = { id: 'any', name: 'Semua operator', theirs: anyOperator }
const operatorKey = ({ countryName, provider }: Lot): string => `${countryName}/${provider}`
const isTheirNo = (status: number): boolean => status >= 400 && status < 500

function isCancelTold({ data, message }: { readonly data: unknown; readonly message: string }) {
  const fields = isObject(data) ? [data['message'], data['status']] : []
  const words = [message, ...fields].filter(one => typeof one === 'string').join(' ')
  return cancelWord.test(words) && !notCancelled.test(words)
}

/** One country's sources; those that can't be read, or are not to be had, are left out. */
function lotsIn(row: Readonly<Record<string, unknown>>, unit: string): Lot[] {
  const [numberId, name] = [idOf(row['number_id']), row['name']]
  const list = row['pricelist']
  if (numberId === null || typeof name !== 'string' || !Array.isArray(list)) return []
  return list.filter(isObject).flatMap(one => {
    const provider = idOf(one['provider_id'])
    const cost = rupiahOf(one['price'], unit)
    if (provider === null || cost === null || cost === 0) return []
    const isOpen = truthIn(one['available']) !== false
    const stock = isOpen ? (countOf(one['stock']) ?? 0) : 0
    const rate = rateOf(one['rate'] ?? row['rate'])
    return [{ numberId, countryName: name.trim(), provider, cost, stock, rate }]
  })
}

function operatorsIn(rows: readonly Readonly<Record<string, unknown>>[]): OfferedOperator[] {
  const named = rows.flatMap(row => {
    const [theirs, name] = [idOf(row['id']), row['name']]
    if (theirs === null || typeof name !== 'string') return []
    return [{ id: nameWord(name), name: name.trim(), theirs }]
  })
  const theirAny = named.find(({ id }) => id === 'any')?.theirs ?? anyOperator
  return [{ ...any, theirs: theirAny }, ...named.filter(({ id }) => id !== 'any' && id !== '')]
}
