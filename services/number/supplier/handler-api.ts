/**
 * The handler_api.php protocol, which most sellers of numbers speak. One address, `action` says
 * what is meant, HTTP 200 for everything; answers are words of plain text, or JSON, or a word of
 * plain text in the place of JSON.
 *
 * NSH1. A reply is read as text first; only what a word of the list says is believed.
 * NSH2. `getNumberV2` is asked, with our order as `orderId`; where that action is refused as
 *       unknown, and only then, `getNumber`.
 * NSH3. A refused cancel is followed by a look: a code there is `received`, ended is `cancelled`.
 * NSH4. Times of theirs have no zone and are never used.
 * NSH5. Codes of one number are known from the list of open ones, the text of the newest as well;
 *       where the list has none, the code in the status is the message.
 * NSH6. One list serves all open numbers. One row that can't be read makes it no list: what is not
 *       in it might be there.
 */

import { isObject, readJson } from '../../supplier/json.ts'
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
  type OpenThere,
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
  rupiahOf,
  silent,
  theirSum,
  withoutAnswer,
} from './asking.ts'

const card: NumberCard = {
  name: 'handler_api',
  finds: 'active_list',
  provesAbsence: true,
  cancelAfterMs: 120_000,
  lifeMs: 20 * 60_000,
  resends: true,
  pollMs: 5_000,
  sweeps: true,
  credentials: ['api_key'],
}

export const handlerApi: NumberKind = { card, open }

type Refusal = Extract<Purchase, { kind: 'unbought' }>['code']

/** Words that certainly say: nothing was sold. What stands behind a colon is not looked at. */
const refusals: Readonly<Record<string, Refusal>> = {
  NO_NUMBERS: 'NO_NUMBERS',
  NO_NUMBER: 'NO_NUMBERS',
  NOT_AVAILABLE: 'NO_NUMBERS',
  NO_BALANCE: 'SUPPLIER_BALANCE',
  NOT_ENOUGH_BALANCE: 'SUPPLIER_BALANCE',
  WRONG_MAX_PRICE: 'PRICE_MOVED',
  BAD_KEY: 'SUPPLIER_REFUSED',
  NO_KEY: 'SUPPLIER_REFUSED',
  BAD_ACTION: 'SUPPLIER_REFUSED',
  WRONG_ACTION: 'SUPPLIER_REFUSED',
  BAD_SERVICE: 'SUPPLIER_REFUSED',
  WRONG_SERVICE: 'SUPPLIER_REFUSED',
  BAD_COUNTRY: 'SUPPLIER_REFUSED',
  WRONG_COUNTRY_ID: 'SUPPLIER_REFUSED',
  WRONG_OPERATOR: 'SUPPLIER_REFUSED',
  BAD_STATUS: 'SUPPLIER_REFUSED',
  BANNED: 'SUPPLIER_REFUSED',
  CHANNELS_LIMIT: 'SUPPLIER_REFUSED',
}
const actionUnknown: ReadonlySet<string> = new Set(['BAD_ACTION', 'WRONG_ACTION'])
/** Refusals of a change of state that say nothing about what state it is in. */
const notInThatState: ReadonlySet<string> = new Set([
  ...['BAD_STATUS', 'INCORECT_STATUS', 'INCORRECT_STATUS', 'NO_ACTIVATION'],
  ...['WRONG_ACTIVATION_ID', 'ACCESS_ACTIVATION', 'CANCEL_DENIED'],
])

const operatorsKeptMs = 3_600_000
const atOnce = 3
const countriesMax = 300
const any: OfferedOperator = { id: 'any', name: 'Semua operator', theirs: '' }

type Said = { readonly word: string; readonly rest: string; readonly json: unknown }

/** `WRONG ACTION` and `NOT_AVAILABLE ` are words, too; an error in JSON is the word in it. */
export function readReply(text: string): Said {
  const trimmed = text.replace(/^\ufeff/, '').trim()
  if (/^[[{]/.test(trimmed)) {
    const read = readJson(trimmed)
    if (typeof read === 'string') return { word: '', rest: '', json: undefined }
    const { value } = read
    if (isObject(value) && (value['status'] === 'error' || value['status'] === false)) {
      const told = ['error', 'msg', 'message', 'title'].map(name => value[name])
      const word = told.find(one => typeof one === 'string') as string | undefined
      return { json: value, ...wordIn(word ?? '') }
    }
    return { word: '', rest: '', json: value }
  }
  return { ...wordIn(trimmed), json: undefined }
}

function wordIn(text: string): { readonly word: string; readonly rest: string } {
  const [, head = '', rest = ''] =
    /^([A-Za-z][A-Za-z_ ]{1,40}?)\s*(?::([\s\S]*))?$/.exec(text.trim()) ?? []
  return { word: head.toUpperCase().replaceAll(' ', '_'), rest: rest.trim() }
}

function open(config: NumberSupplierConfig): NumberAdapter {
  const { unit } = config
  const line = asking(config)
  const apiKey = config.credentials['api_key'] ?? ''
  const path = /\.php$/.test(new URL(config.baseUrl).pathname) ? '' : '/stubs/handler_api.php'
  let operators: ReadonlyMap<string, readonly OfferedOperator[]> = new Map()
  let operatorsAt = Number.NEGATIVE_INFINITY

  const send = (action: string, fields: Readonly<Record<string, string>> = {}) =>
    line.ask(`${path}?${query({ api_key: apiKey, action, ...fields })}`)

  /** A question that changes nothing; null when there is no whole answer of the usual kind. */
  async function read(action: string, fields?: Readonly<Record<string, string>>) {
    const outcome = await send(action, fields)
    return outcome.kind === 'answer' && outcome.status < 300 ? readReply(outcome.body) : null
  }

  async function purchase(action: string, fields: Readonly<Record<string, string>>) {
    const outcome = await send(action, fields)
    if (outcome.kind !== 'answer') return { ...withoutAnswer(outcome), word: '' }
    const { word, rest, json } = readReply(outcome.body)
    return { ...readPurchase(outcome, { word, rest, json }), word }
  }

  function readPurchase(
    { status, body }: { readonly status: number; readonly body: string },
    { word, rest, json }: Said,
  ): Purchase {
    const reply = line.kept(body)
    const isRefusal = Object.hasOwn(refusals, word)
    // A server that fails, or points elsewhere, may have sold before it did.
    const isTrusted = status < 300 || (status >= 400 && status < 500)
    if (isRefusal && isTrusted && !holdsNumber(json)) {
      return { kind: 'unbought', code: refusals[word]!, reply }
    }
    if (status >= 300) return { kind: 'doubtful', reply }
    if (word === 'ACCESS_NUMBER') {
      const [, id, number] = /^([\w.-]{1,64}):\s*(\+?[\d ]+)$/.exec(rest) ?? []
      const digits = phoneOf(number)
      if (id !== undefined && digits !== null) {
        return { kind: 'bought', id, number: digits, cost: null }
      }
    }
    if (!isObject(json) || word !== '') return { kind: 'doubtful', reply }
    const [id, number] = [idOf(json['activationId']), phoneOf(json['phoneNumber'])]
    if (id === null || number === null) return { kind: 'doubtful', reply }
    return { kind: 'bought', id, number, cost: rupiahOf(json['activationCost'], unit) }
  }

  async function active(): Promise<readonly Row[] | null> {
    const said = await read('getActiveActivations')
    if (said === null) return null
    const list = isObject(said.json) ? said.json['activeActivations'] : undefined
    if (said.word === 'NO_ACTIVATIONS' && list === undefined) return []
    if (!Array.isArray(list) || said.word !== '') return null
    const rows = list.map(rowOf)
    // One that can't be read may be the one that is looked for.
    return rows.some(row => row === null) ? null : (rows as readonly Row[])
  }

  function rowOf(value: unknown): Row | null {
    if (!isObject(value)) return null
    const [id, number] = [idOf(value['activationId']), phoneOf(value['phoneNumber'])]
    const [service, country] = [idOf(value['serviceCode']), idOf(value['countryCode'])]
    if (id === null || number === null || service === null || country === null) return null
    const listed = value['smsCode']
    const codes = (Array.isArray(listed) ? listed : [listed]).map(codeOf)
    const text = typeof value['smsText'] === 'string' ? value['smsText'].trim() : ''
    return {
      ...{ id, number, lane: `${service}/${country}`, text: text === '' ? null : text },
      cost: rupiahOf(value['activationCost'], unit),
      codes: codes.filter(code => code !== null),
    }
  }

  async function messages(id: string): Promise<Inbox> {
    const said = await read('getStatus', { id })
    if (said === null) return silent('no_answer')
    const inbox = (messages: MessageList, ended: null | 'cancelled' = null): Inbox => ({
      ...{ kind: 'inbox', messages, ended },
    })
    switch (said.word) {
      case 'STATUS_WAIT_CODE':
      case 'STATUS_WAIT_RESEND':
        return inbox([])
      case 'STATUS_CANCEL':
        return inbox([], 'cancelled')
      case 'STATUS_WAIT_RETRY':
      case 'STATUS_OK':
        return inbox(await told(id, codeOf(said.rest)))
      default:
        return silent(said.word === '' ? 'unreadable' : line.kept(said.word))
    }
  }

  /** What came to it, the newest last. */
  async function told(id: string, newest: string | null): Promise<MessageList> {
    const row = (await active())?.find(one => one.id === id)
    const codes = [...(row?.codes ?? [])]
    if (newest !== null) {
      const at = codes.lastIndexOf(newest)
      if (at < 0) codes.push(newest)
    }
    return listed(codes, row?.text ?? null)
  }

  async function giveBack(id: string): Promise<GivenBack> {
    const said = await read('setStatus', { id, status: '8' })
    if (said === null) return 'unknown'
    if (said.word === 'ACCESS_CANCEL' || said.word === 'STATUS_CANCEL') return 'cancelled'
    if (said.word === 'EARLY_CANCEL_DENIED') return 'early'
    if (!notInThatState.has(said.word)) return 'unknown'
    const now = await read('getStatus', { id })
    if (now?.word === 'STATUS_OK' || now?.word === 'STATUS_WAIT_RETRY') return 'received'
    return now?.word === 'STATUS_CANCEL' ? 'cancelled' : 'unknown'
  }

  async function again(id: string): Promise<Resent> {
    const said = await read('setStatus', { id, status: '3' })
    if (said?.word === 'ACCESS_RETRY_GET' || said?.word === 'ACCESS_READY') return 'ok'
    const isRefused =
      said !== null && (notInThatState.has(said.word) || Object.hasOwn(refusals, said.word))
    return isRefused ? 'refused' : 'unknown'
  }

  async function finish(id: string): Promise<void> {
    await send('setStatus', { id, status: '6' })
  }

  async function catalogue(): Promise<Catalogued | null> {
    const [services, countries] = [await serviceNames(), await countryNames()]
    if (services === null || countries === null) return null
    await refreshOperators()
    const asked = [...countries].slice(0, countriesMax)
    const lists = await few(asked, atOnce, ([country]) => read('getPrices', { country }))
    const missed: string[] = []
    const offers: Offer[] = []
    for (const [index, [country, countryName]] of asked.entries()) {
      const prices = pricesIn(lists[index]?.json, country)
      if (prices === null) missed.push(country)
      for (const [service, lot] of prices ?? []) {
        const made = offerOf({ service, country, countryName, lot, services })
        if (made !== null) offers.push(made)
      }
    }
    if (missed.length === asked.length) return null
    return { offers, missed: { services: [], countries: missed } }
  }

  function offerOf(of: {
    readonly service: string
    readonly country: string
    readonly countryName: string
    readonly lot: Lot
    readonly services: ReadonlyMap<string, string>
  }): Offer | null {
    const { service, country, countryName, lot, services } = of
    const cost = rupiahOf(lot.cost, unit)
    const serviceName = services.get(service) ?? service
    const word = nameWord(serviceName) || nameWord(service)
    const countryWord = nameWord(countryName)
    if (cost === null || cost === 0 || word === '' || countryWord === '') return null
    return {
      ...{ service: word, serviceName, country: countryWord, countryName },
      ...{ theirService: service, theirCountry: country, offer: `${service}/${country}` },
      operators: operators.get(country) ?? [any],
      ...{ cost, stock: lot.stock, successRate: null },
    }
  }

  async function serviceNames(): Promise<ReadonlyMap<string, string> | null> {
    const said = await read('getServicesList')
    if (said === null) return null
    if (actionUnknown.has(said.word)) return new Map()
    const list = isObject(said.json) ? said.json['services'] : undefined
    if (!Array.isArray(list)) return null
    const names = list.flatMap(one => {
      const [code, name] = isObject(one) ? [idOf(one['code']), one['name']] : [null, null]
      return code !== null && typeof name === 'string' ? [[code, name.trim()] as const] : []
    })
    return new Map(names)
  }

  async function countryNames(): Promise<ReadonlyMap<string, string> | null> {
    const said = await read('getCountries')
    const list = said?.json
    if (!isObject(list) && !Array.isArray(list)) return null
    const names = Object.values(list).flatMap(one => {
      if (!isObject(one) || one['visible'] === 0) return []
      const [id, name] = [idOf(one['id']), one['eng'] ?? one['name']]
      return id !== null && typeof name === 'string' ? [[id, name.trim()] as const] : []
    })
    return names.length === 0 ? null : new Map(names)
  }

  /** They change seldom. Without an answer what was known stays, or nothing but `any`. */
  async function refreshOperators(): Promise<void> {
    if (performance.now() - operatorsAt < operatorsKeptMs) return
    const said = await read('getOperators')
    const list = isObject(said?.json) ? said.json['countryOperators'] : undefined
    if (!isObject(list)) return
    operators = new Map(
      Object.entries(list).map(([country, names]) => [country, operatorsIn(names)]),
    )
    operatorsAt = performance.now()
  }

  return {
    card,
    catalogue,
    async buy({ offer, maxCost, ref }) {
      const { offer: what, operator } = offerParts(offer)
      const [service = '', country = ''] = what.split('/')
      const named = operator === '' ? {} : { operator }
      const wish = { service, country, ...named, maxPrice: theirSum(maxCost, unit) }
      const { word, ...first } = await purchase('getNumberV2', { ...wish, orderId: ref })
      if (first.kind !== 'unbought' || !actionUnknown.has(word)) return first
      const { word: _, ...second } = await purchase('getNumber', wish)
      return second
    },
    active: async () => (await active())?.map(openThere) ?? null,
    laneOf: offer => offerParts(offer).offer,
    async balance() {
      const said = await read('getBalance')
      // Rounded up like a price it would promise a rupiah too much; proofs only compare it.
      return said?.word === 'ACCESS_BALANCE' ? rupiahOf(said.rest, unit) : null
    },
    messages,
    again,
    giveBack,
    finish,
    close: line.close,
    hurry: line.hurry,
  }
}

type MessageList = Extract<Inbox, { kind: 'inbox' }>['messages']
type Row = OpenThere & { readonly codes: readonly string[]; readonly text: string | null }
type Lot = { readonly cost: unknown; readonly stock: number }

const openThere = ({ codes, text, ...row }: Row): OpenThere => ({
  ...row,
  inbox: { kind: 'inbox', messages: listed(codes, text), ended: null },
})

/** The text is that of the newest. */
function listed(codes: readonly string[], text: string | null): MessageList {
  if (codes.length === 0) return text === null ? [] : [{ text, code: null }]
  return codes.map((code, index) => ({ text: index === codes.length - 1 ? text : null, code }))
}

const holdsNumber = (json: unknown): boolean => isObject(json) && 'activationId' in json

function operatorsIn(names: unknown): readonly OfferedOperator[] {
  if (!Array.isArray(names)) return [any]
  const named = names.flatMap(name => {
    const id = typeof name === 'string' ? nameWord(name) : ''
    return id === '' || id === 'any' ? [] : [{ id, name: titled(name), theirs: name }]
  })
  return [any, ...named]
}

const titled = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

/** By service; the cheapest in stock where several prices are told. Null: it is no price list. */
function pricesIn(json: unknown, country: string): readonly (readonly [string, Lot])[] | null {
  const list = isObject(json) ? (json[country] ?? null) : null
  if (list === null || !isObject(list)) return null
  return Object.entries(list).flatMap(([service, lot]) => {
    if (!isObject(lot)) return []
    if ('cost' in lot) {
      const stock = countOf(lot['count']) ?? 0
      return [[service, { cost: lot['cost'], stock }] as const]
    }
    const lots = Object.entries(lot)
      .map(([cost, count]) => ({ cost, stock: countOf(count) ?? 0 }))
      .filter(({ cost, stock }) => stock > 0 && Number(cost) > 0)
      .sort((a, b) => Number(a.cost) - Number(b.cost))
    return lots[0] === undefined ? [] : [[service, lots[0]] as const]
  })
}
