/**
 * handler_api.php, spoken by us: the protocol that most programs of number resellers speak. One
 * address, `action` says what is meant; words in plain text or, for lists, JSON; HTTP 200 always.
 *
 *   GET|POST /stubs/handler_api.php?api_key=..&action=..
 *
 * HAA1. Whatever goes wrong is a word of plain text with HTTP 200, also where JSON was asked for;
 *       what nobody knows is ERROR_SQL, never a word that says it failed.
 * HAA2. The API key alone proves who asks. An unknown one is BAD_KEY, and guessing spends the
 *       address's allowance; who is banned is told until when.
 * HAA3. Orders are called by numbers of the client's own; another client's are NO_ACTIVATION.
 * HAA4. getNumberV2 with an orderId is one order, however often it is sent. A purchase that takes
 *       longer than a client waits is asked for again or found among the active ones.
 * HAA5. A price that moved buys nothing: WRONG_MAX_PRICE, with the least that would be taken.
 * HAA6. ACCESS_CANCEL is said when the money is back. Too early, and while the supplier has not
 *       agreed, it is EARLY_CANCEL_DENIED; after a code it is BAD_STATUS.
 * HAA7. After status 3 the last code is told as the last one until the next has come. What the
 *       supplier refuses is BAD_STATUS, and the last code stays the one that is told.
 * HAA8. Rented numbers for days are not sold, nor one number for several apps, which no supplier of
 *       ours lets: their actions are BAD_ACTION, as unknown ones are.
 * HAA9. Status 6 ends it: it is not among the active ones any more. Another status than 1, 3, 6 and
 *       8 is BAD_STATUS (INCORECT_STATUS is a word about numbers for days).
 * HAA10. A country that is no number is WRONG_COUNTRY_ID, one that we do not have is BAD_COUNTRY.
 */

import { randomUUID } from 'node:crypto'
import type { Answer } from '../../services/contract/answer.ts'
import type {
  ActivationView,
  NumberCountry,
  NumberService,
} from '../../services/contract/number.ts'
import type { RefusalCode } from '../../services/contract/words.ts'
import { keepLatest } from '../../services/wire/latest.ts'
import { addressOf } from '../address.ts'
import { json, type Visit } from '../answer.ts'
import { neighbour, standingOf } from '../auth.ts'
import type { Client, Edge } from '../edge.ts'
import type { Entry } from '../keyring.ts'
import type { Line } from '../lines.ts'
import { refShape } from '../reading.ts'
import type { Asked } from '../router.ts'
import { countryNumbers, serviceCodes } from './handler-codes.ts'

const cancelAfterMs = 2 * 60_000
const shelfMs = 15_000
const shelvesMax = 50
const servicesMax = 500
/** ISO 4217, as they write currencies. */
const rupiahNumber = 360

/** A word to be said as plain text. */
class Word extends Error {}
const word = (text: string): Word => new Word(text)

type Fields = URLSearchParams
type Said = string | { readonly json: unknown }
type Talk = { readonly edge: Edge; readonly client: Client; readonly shelves: Shelves }
type Serve = (talk: Talk, fields: Fields, visit: Visit) => Promise<Said>

export const speakHandlerApi: Line = (router, edge) => {
  const shelves = new Shelves(edge)
  const speak = (visit: Visit, asked: Asked): void => {
    visit.dialect = visit => visit.send(200, plain, 'ERROR_SQL')
    const fields = fieldsOf(visit, asked)
    answer(edge, shelves, visit, fields).then(
      said => {
        if (typeof said === 'string') visit.send(200, plain, said)
        else visit.send(200, json, JSON.stringify(said.json))
      },
      error => {
        if (error instanceof Word) return visit.send(200, plain, error.message)
        edge.onFault(error, visit.id)
        visit.send(200, plain, 'ERROR_SQL')
      },
    )
  }
  router.open('get', path, speak)
  router.open('post', path, speak)
}

const path = '/stubs/handler_api.php'
const plain = 'text/plain; charset=utf-8'

function fieldsOf(visit: Visit, { body, headers }: Asked): Fields {
  const fields = new URLSearchParams(visit.query)
  if (/^application\/x-www-form-urlencoded/i.test(headers['content-type'] ?? '')) {
    for (const [name, value] of new URLSearchParams(body.toString('utf8'))) fields.set(name, value)
  }
  return fields
}

async function answer(edge: Edge, shelves: Shelves, visit: Visit, fields: Fields): Promise<Said> {
  if (edge.stopping) throw word('ERROR_SQL')
  const from = neighbour(edge, visit)
  const address = addressOf(visit.res, visit.forwarded, edge.proxies)
  const entry = await proven(edge, fields.get('api_key') ?? '', from)
  const { card } = entry
  switch (standingOf(entry, () => address)) {
    case 'FORBIDDEN':
      throw word('BAD_KEY')
    case 'CLIENT_SUSPENDED':
      throw word(`BANNED:${bannedText(card.bannedUntil ?? null)}`)
    case null:
  }
  const serve = actions[fields.get('action') ?? '']
  if (serve === undefined) throw word('BAD_ACTION')
  const isOrder = serve === buy || serve === buyInJson
  if ((isOrder ? entry.orders : entry.reads).take(edge.now()) > 0) throw word('CHANNELS_LIMIT')
  if (!edge.flights.enter(card.userId)) throw word('ERROR_SQL')
  try {
    return await serve({ edge, client: card, shelves }, fields, visit)
  } finally {
    edge.flights.leave(card.userId)
  }
}

async function proven(edge: Edge, apiKey: string, from: string): Promise<Entry<'dialect.card'>> {
  const isUnknown = !/^[\x21-\x7e]{8,100}$/.test(apiKey) || edge.failures.isEmpty(from, edge.now())
  const known = edge.bareKeys.peek(apiKey)
  const entry = known ?? (isUnknown ? null : await edge.bareKeys.look(apiKey))
  if (entry !== null) return entry
  edge.failures.take(from, edge.now())
  throw word('BAD_KEY')
}

/** `2026-01-31 23-59-59`, as theirs writes it; a ban without an end ends far away. */
const bannedText = (until: number | null): string =>
  until === null ? '9999-12-31 23-59-59' : timeText(until).replaceAll(':', '-')

const timeText = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ')

const wordsOf: Readonly<Partial<Record<RefusalCode, string>>> = {
  INSUFFICIENT_BALANCE: 'NO_BALANCE',
  SERVICE_UNKNOWN: 'BAD_SERVICE',
  SERVICE_BLOCKED: 'BAD_SERVICE',
  COUNTRY_UNKNOWN: 'BAD_COUNTRY',
  OPERATOR_UNKNOWN: 'WRONG_OPERATOR',
  NUMBER_SOLD_OUT: 'NO_NUMBERS',
  CATALOGUE_STALE: 'NO_NUMBERS',
  RENTAL_LIMIT: 'CHANNELS_LIMIT',
  DUPLICATE_REF: 'BAD_DATA',
  NOT_FOUND: 'NO_ACTIVATION',
  ORDER_FINAL: 'BAD_STATUS',
  ORDER_BUSY: 'BAD_STATUS',
  CODE_RECEIVED: 'BAD_STATUS',
  CODE_AWAITED: 'BAD_STATUS',
  RESEND_LIMIT: 'BAD_STATUS',
  RESEND_UNSUPPORTED: 'BAD_STATUS',
  RESEND_REFUSED: 'BAD_STATUS',
}

function done<T>(answer: Answer<T>): T {
  if ('ok' in answer) return answer.ok
  if ('fault' in answer) throw word('ERROR_SQL')
  if (answer.refused === 'CLIENT_SUSPENDED') throw word(`BANNED:${bannedText(null)}`)
  throw word(wordsOf[answer.refused] ?? 'ERROR_SQL')
}

// -- money and the catalogue ----------------------------------------------------------------------

const balance: Serve = async ({ edge, client }) => {
  const { available } = done(await edge.call('wallet.balance', { userId: client.userId }))
  return `ACCESS_BALANCE:${available}`
}

type Shelf = {
  readonly services: ReadonlyMap<string, NumberService>
  /** By their number of the country, and the code of the app. */
  readonly offers: ReadonlyMap<number, ReadonlyMap<string, NumberCountry>>
  readonly countries: ReadonlyMap<number, NumberCountry>
  readonly at: number
}

/** The whole catalogue at one level's prices, for seconds. */
class Shelves {
  readonly #edge: Edge
  readonly #byLevel = new Map<number, Shelf>()
  readonly #filling = new Map<number, Promise<Shelf>>()

  constructor(edge: Edge) {
    this.#edge = edge
  }

  async of(client: Client): Promise<Shelf> {
    const { level } = client
    const known = this.#byLevel.get(level)
    if (known !== undefined && this.#edge.now() - known.at < shelfMs) return known
    const running = this.#filling.get(level)
    if (running !== undefined) return await running
    const filling = this.#fill(client).finally(() => this.#filling.delete(level))
    this.#filling.set(level, filling)
    return await filling
  }

  async #fill({ userId, level }: Client): Promise<Shelf> {
    const { call, now } = this.#edge
    const all: NumberService[] = []
    let after: string | null = ''
    while (after !== null && all.length < servicesMax) {
      const asked = { userId, level, search: '', limit: 100, after }
      const page: { services: readonly NumberService[]; next: string | null } = done(
        await call('number.services', asked),
      )
      all.push(...page.services)
      after = page.next
    }
    const services = serviceCodes(all)
    const rows: { code: string; country: NumberCountry }[] = []
    for (const [code, { serviceId }] of services) {
      const told = await call('number.countries', { userId, level, serviceId })
      if (!('ok' in told)) continue
      for (const country of told.ok.countries) rows.push({ code, country })
    }
    const numbers = await this.#numbersOf(rows.map(({ country }) => country))
    const offers = new Map<number, Map<string, NumberCountry>>()
    const countries = new Map<number, NumberCountry>()
    for (const { code, country } of rows) {
      const n = numbers.get(country.countryId)!
      countries.set(n, country)
      offers.set(n, (offers.get(n) ?? new Map()).set(code, country))
    }
    const shelf = { services, offers, countries, at: now() }
    keepLatest(this.#byLevel, level, shelf, shelvesMax)
    return shelf
  }

  async #numbersOf(countries: readonly NumberCountry[]): Promise<ReadonlyMap<string, number>> {
    const distinct = [...new Map(countries.map(one => [one.countryId, one])).values()]
    const { byNumber, others } = countryNumbers(distinct)
    const ids = new Map([...byNumber].map(([n, { countryId }]) => [countryId, n]))
    const countryIds = others.map(({ countryId }) => countryId)
    const given = await this.#edge.call('dialect.countries', { countryIds })
    for (const [at, countryId] of countryIds.entries()) ids.set(countryId, given[at]!)
    return ids
  }
}

const numberIn = (fields: Fields, name: string): number | null => {
  const text = fields.get(name)
  return text === null || text === '' ? null : Number(text)
}

/** Null when none was named. */
function countryNamed(fields: Fields): number | null {
  const text = fields.get('country') ?? ''
  if (text !== '' && !/^\d{1,9}$/.test(text)) throw word('WRONG_COUNTRY_ID')
  return text === '' ? null : Number(text)
}

/** Theirs all take 6 for a country that was not named; it is also where most of ours come from. */
const countryIn = (fields: Fields): number => countryNamed(fields) ?? 6

/** `wa_0`, as old clients write it: without having calls passed on. */
function codeIn(fields: Fields, services: Shelf['services']): string {
  const said = fields.get('service') ?? ''
  return services.has(said) ? said : said.replace(/_[01]$/, '')
}

const operatorIn = (fields: Fields): string => {
  const [first = ''] = (fields.get('operator') ?? '').split(',')
  return first === '' ? 'any' : first
}

const stocks: Serve = async ({ client, shelves }, fields) => {
  const { offers } = await shelves.of(client)
  const ofCountry = offers.get(countryIn(fields))
  if (ofCountry === undefined) throw word('BAD_COUNTRY')
  return { json: Object.fromEntries([...ofCountry].map(([code, { stock }]) => [code, stock])) }
}

const prices: Serve = async ({ client, shelves }, fields) => {
  const { offers, services } = await shelves.of(client)
  const service = fields.get('service')
  const country = countryNamed(fields)
  if (service && !services.has(service)) throw word('BAD_SERVICE')
  if (country !== null && !offers.has(country)) throw word('BAD_COUNTRY')
  const told: Record<string, Record<string, object>> = {}
  for (const [n, ofCountry] of offers) {
    if (country !== null && n !== country) continue
    for (const [code, { price, stock }] of ofCountry) {
      if (service && code !== service) continue
      told[n] = { ...told[n], [code]: { cost: price, count: stock, physicalCount: stock } }
    }
  }
  return { json: told }
}

const topCountries: Serve = async ({ client, shelves }, fields) => {
  const { offers, services } = await shelves.of(client)
  const service = fields.get('service') ?? ''
  if (!services.has(service)) throw word('BAD_SERVICE')
  const rows = [...offers]
    .flatMap(([country, ofCountry]) => {
      const offer = ofCountry.get(service)
      return offer === undefined ? [] : [{ country, offer }]
    })
    .sort((one, other) => other.offer.stock - one.offer.stock)
    .map(({ country, offer: { price, stock } }) => ({
      ...{ country, count: stock, price, retail_price: price },
      ...(fields.get('freePrice') === 'true' ? { freePriceMap: { [price]: stock } } : {}),
    }))
  return { json: Object.fromEntries(rows.entries()) }
}

const countries: Serve = async ({ client, shelves }) => {
  const shelf = await shelves.of(client)
  const row = (id: number, { english: name }: NumberCountry) => ({
    ...{ id, rus: name, eng: name, chn: name },
    ...{ visible: 1, retry: 1, rent: 0, multiService: 0 },
  })
  return { json: Object.fromEntries([...shelf.countries].map(([n, one]) => [n, row(n, one)])) }
}

const services: Serve = async ({ client, shelves }) => {
  const shelf = await shelves.of(client)
  const rows = [...shelf.services].map(([code, { name }]) => ({ code, name }))
  return { json: { status: 'success', services: rows } }
}

const operators: Serve = async ({ edge, client, shelves }, fields) => {
  const { offers, services } = await shelves.of(client)
  const asked = countryNamed(fields)
  const wanted = asked === null ? [...offers.keys()] : [asked]
  const told: Record<string, readonly string[]> = {}
  for (const n of wanted) {
    const [first] = offers.get(n) ?? []
    if (first === undefined) throw word('BAD_COUNTRY')
    const [code, { countryId }] = first
    const { serviceId } = services.get(code)!
    const { userId, level } = client
    const list = await edge.call('number.operators', { userId, level, serviceId, countryId })
    told[n] = 'ok' in list ? list.ok.operators.map(one => one.operatorId) : ['any']
  }
  return { json: { status: 'success', countryOperators: told } }
}

// -- orders ---------------------------------------------------------------------------------------

const refOf = (orderId: string | null): string => {
  if (orderId === null || orderId === '') return randomUUID()
  const read = refShape.safeParse(`h-${orderId}`)
  if (!read.success) throw word('BAD_DATA')
  return read.data
}

async function rent(
  talk: Talk,
  fields: Fields,
  visit: Visit,
  ref: string,
): Promise<ActivationView> {
  const { edge, client, shelves } = talk
  const { services, offers } = await shelves.of(client)
  const code = codeIn(fields, services)
  const service = services.get(code)
  if (service === undefined) throw word('BAD_SERVICE')
  const ofCountry = offers.get(countryIn(fields))
  if (ofCountry === undefined) throw word('BAD_COUNTRY')
  const offer = ofCountry.get(code)
  if (offer === undefined) throw word('NO_NUMBERS')
  const most = numberIn(fields, 'maxPrice')
  if (most !== null && !(most >= 0)) throw word('BAD_DATA')
  const { userId, level } = client
  const place = { serviceId: service.serviceId, countryId: offer.countryId }
  const operatorId = operatorIn(fields)
  const wish = { userId, level, ref, ...place, operatorId, address: neighbour(edge, visit) }
  const maxPrice = most === null || most === 0 ? null : Math.floor(most)
  const told = await edge.call('number.create', { ...wish, maxPrice, untilKnown: true })
  if ('refused' in told && told.refused === 'PRICE_ABOVE_MAX') {
    const list = done(await edge.call('number.operators', { userId, level, ...place }))
    const now = list.operators.find(one => one.operatorId === operatorId)
    throw word(`WRONG_MAX_PRICE:${now?.price ?? offer.price}`)
  }
  const { order } = done(told)
  if (order.number !== null) return order
  throw word(isBack(order) ? 'NO_NUMBERS' : 'ERROR_SQL')
}

const isBack = ({ status }: ActivationView): boolean =>
  status === 'refunded' || status === 'expired'

async function numbersOf({ edge, client }: Talk, orders: readonly ActivationView[]) {
  const orderIds = orders.map(({ orderId }) => orderId)
  return await edge.call('dialect.numbers', { userId: client.userId, orderIds })
}

const digits = (number: string | null): string => (number ?? '').replaceAll(/\D/g, '')

const buy: Serve = async (talk, fields, visit) => {
  const order = await rent(talk, fields, visit, randomUUID())
  const [n] = await numbersOf(talk, [order])
  return `ACCESS_NUMBER:${n}:${digits(order.number)}`
}

const buyInJson: Serve = async (talk, fields, visit) => {
  const order = await rent(talk, fields, visit, refOf(fields.get('orderId')))
  const [n] = await numbersOf(talk, [order])
  return {
    json: {
      ...{ activationId: n, phoneNumber: digits(order.number), activationCost: order.price },
      ...{ currency: rupiahNumber, countryCode: String(countryIn(fields)) },
      ...{ canGetAnotherSms: order.resendsLeft > 0 ? '1' : '0' },
      ...{ activationTime: timeText(order.createdAt), activationOperator: order.operatorId },
    },
  }
}

async function orderIn({ edge, client }: Talk, fields: Fields): Promise<ActivationView> {
  const text = fields.get('id') ?? ''
  if (!/^\d{1,15}$/.test(text)) throw word('WRONG_ACTIVATION_ID')
  const { userId } = client
  const orderId = await edge.call('dialect.order', { userId, n: Number(text) })
  if (orderId === null) throw word('NO_ACTIVATION')
  return done(await edge.call('number.get', { userId, orderId }))
}

const setStatus: Serve = async (talk, fields) => {
  const order = await orderIn(talk, fields)
  switch (fields.get('status')) {
    case '1':
      if (isBack(order) || order.status === 'finished') throw word('BAD_STATUS')
      return 'ACCESS_READY'
    case '3': {
      const { userId } = talk.client
      done(await talk.edge.call('number.resend', { userId, orderId: order.orderId }))
      return 'ACCESS_RETRY_GET'
    }
    case '6': {
      const { userId } = talk.client
      done(await talk.edge.call('number.finish', { userId, orderId: order.orderId }))
      return 'ACCESS_ACTIVATION'
    }
    case '8':
      return await giveBack(talk, order)
    default:
      throw word('BAD_STATUS')
  }
}

async function giveBack({ edge, client }: Talk, order: ActivationView): Promise<Said> {
  if (isBack(order)) return 'ACCESS_CANCEL'
  if (codesOf(order).length > 0) throw word('BAD_STATUS')
  if (edge.now() < order.createdAt + cancelAfterMs) throw word('EARLY_CANCEL_DENIED')
  const { orderId } = order
  const now = done(await edge.call('number.cancel', { userId: client.userId, orderId }))
  if (isBack(now)) return 'ACCESS_CANCEL'
  throw word(codesOf(now).length > 0 ? 'BAD_STATUS' : 'EARLY_CANCEL_DENIED')
}

/** Oldest first; those that came after the money was back are not his. */
const codesOf = ({ messages }: ActivationView): readonly ActivationView['messages'][number][] =>
  messages
    .filter(({ code, text, late }) => !late && (code !== null || text === null))
    .toSorted((one, other) => one.receivedAt - other.receivedAt)

function statusOf(order: ActivationView): string {
  const codes = codesOf(order)
  const last = codes.at(-1)?.code ?? order.otp ?? ''
  if (isBack(order)) return 'STATUS_CANCEL'
  if (codes.length === 0) return 'STATUS_WAIT_CODE'
  if (order.awaitsNext) return `STATUS_WAIT_RETRY:${last}`
  return `STATUS_OK:${last}`
}

const status: Serve = async (talk, fields) => statusOf(await orderIn(talk, fields))

const statusInJson: Serve = async (talk, fields) => {
  const order = await orderIn(talk, fields)
  const now = statusOf(order)
  if (!now.startsWith('STATUS_OK')) return now
  const last = codesOf(order).at(-1)!
  const sms = { dateTime: timeText(last.receivedAt), code: last.code ?? '', text: last.text ?? '' }
  return { json: { verificationType: 0, sms, call: null } }
}

const fullSms: Serve = async (talk, fields) => {
  const order = await orderIn(talk, fields)
  const now = statusOf(order)
  return now.startsWith('STATUS_OK') ? `FULL_SMS:${codesOf(order).at(-1)?.text ?? ''}` : now
}

const active: Serve = async talk => {
  const { edge, client, shelves } = talk
  const orders = done(await edge.call('number.active', { userId: client.userId }))
  const rented = orders.filter(({ number }) => number !== null)
  const [numbers, shelf] = await Promise.all([numbersOf(talk, rented), shelves.of(client)])
  const codeOf = new Map([...shelf.services].map(([code, one]) => [one.serviceId, code]))
  const countryOf = new Map([...shelf.countries].map(([n, one]) => [one.countryId, n]))
  const rows = rented.map((order, at) => {
    const codes = codesOf(order)
    return {
      activationId: String(numbers[at]),
      serviceCode: codeOf.get(order.serviceId) ?? order.serviceId,
      phoneNumber: digits(order.number),
      activationCost: order.price,
      activationStatus: codes.length === 0 ? '4' : '2',
      smsCode: codes.length === 0 ? null : codes.map(({ code }) => code ?? ''),
      smsText: codes.at(-1)?.text ?? null,
      activationTime: timeText(order.createdAt),
      countryCode: String(countryOf.get(order.countryId) ?? ''),
      countryName: order.countryName,
      canGetAnotherSms: order.resendsLeft > 0 ? '1' : '0',
    }
  })
  return { json: { status: 'success', activeActivations: rows } }
}

const actions: Readonly<Record<string, Serve | undefined>> = Object.assign(Object.create(null), {
  getBalance: balance,
  // There is no cashback: what one has is all there is.
  getBalanceAndCashBack: balance,
  getNumbersStatus: stocks,
  getPrices: prices,
  getTopCountriesByService: topCountries,
  getCountries: countries,
  getServicesList: services,
  getOperators: operators,
  getNumber: buy,
  getNumberV2: buyInJson,
  setStatus,
  getStatus: status,
  getStatusV2: statusInJson,
  getFullSms: fullSms,
  getActiveActivations: active,
})
