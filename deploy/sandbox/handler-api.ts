/**
 * A supplier that speaks the handler_api.php protocol, as most sellers of numbers do: one address,
 * `action` says what is meant, words in plain text or, for lists, JSON.
 *
 * XHA1. Whatever goes wrong is a word of plain text with HTTP 200, also where JSON was asked for.
 * XHA2. Status 1, 3, 6, 8: sent, another code, finished, cancel; not in that state is BAD_STATUS.
 * XHA3. Cancelling in the first two minutes is EARLY_CANCEL_DENIED; after a code it is refused;
 *       after twenty minutes without one it is STATUS_CANCEL and the money is back.
 * XHA4. `getNumberV2` with an `orderId` that was seen is the same number again; v1 has none.
 * XHA5. Times come without a zone, as Moscow sees them; ids are numbers here and text there.
 */

import { lotOf, numberCountries, numberServices } from './number-assortment.ts'
import { type NumberAccount, NumberRentals, type Rented, type Said } from './number-rentals.ts'
import type { Call, Party, PartyKind, Route, World } from './party.ts'
import { json, type Reply } from './reply.ts'

export const handlerApi: PartyKind = {
  kind: 'handler_api',
  instances: ['handler_api', 'handler_api2'],
  open: (name, world) => openHandlerApi(name, world),
}

type Action = (query: URLSearchParams, account: NumberAccount, reply: Reply) => void

const word = (body: string): Said => ({ type: 'text/plain; charset=utf-8', body })
const list = (value: unknown): Said => ({ type: json, body: JSON.stringify(value) })
/** JSON written with the content type of text, as many of these do. */
const listAsText = (value: unknown): Said => word(JSON.stringify(value))

function openHandlerApi(name: string, world: World): Party {
  const rentals = new NumberRentals(name, world, {
    lifeMs: 20 * 60_000,
    cancelAfterMs: 2 * 60_000,
    told: (rented, sms) =>
      JSON.stringify({
        ...{ activationId: rented.id, service: rented.service, text: sms.text, code: sms.code },
        ...{ country: rented.country, receivedAt: moscow(sms.at) },
      }),
  })
  const byOrderId = new Map<string, Rented>()

  const serviceOf = (query: URLSearchParams) =>
    numberServices.find(one => one.word === query.get('service'))
  const countryOf = (query: URLSearchParams) =>
    numberCountries.find(({ id }) => String(id) === (query.get('country') ?? '6'))

  const getNumber =
    (isV2: boolean): Action =>
    (query, account, reply) => {
      const said = (rented: Rented) =>
        isV2 ? listAsText(boughtView(rented)) : word(`ACCESS_NUMBER:${rented.id}:${rented.number}`)
      const orderId =
        isV2 && query.has('orderId') ? `${account.username} ${query.get('orderId')}` : ''
      const known = byOrderId.get(orderId)
      if (known !== undefined) return rentals.say(reply, 'transaction', said(known))
      const service = serviceOf(query)
      const country = countryOf(query)
      if (service === undefined) return rentals.say(reply, 'transaction', word('BAD_SERVICE'))
      if (country === undefined) return rentals.say(reply, 'transaction', word('BAD_COUNTRY'))
      const { price, stock } = lotOf(name, service, country)
      const maxPrice = Number(query.get('maxPrice') ?? Number.NaN)
      const operator = query.get('operator') ?? 'any'
      const isOperatorKnown =
        operator === 'any' || country.operators.some(one => one.toLowerCase() === operator)
      if (!isOperatorKnown) return rentals.say(reply, 'transaction', word('WRONG_OPERATOR'))
      const isDear = maxPrice < price
      const refusal = isDear ? `WRONG_MAX_PRICE:${price}` : stock === 0 ? 'numbers' : undefined
      const wanted = { account, operator, price, prefix: country.prefix, refusal }
      const what = { service: service.word, country: String(country.id) }
      rentals.rent({ ...wanted, ...what }, reply, {
        sold(rented) {
          if (orderId !== '') byOrderId.set(orderId, rented)
          return said(rented)
        },
        refused: why =>
          word(why === 'balance' ? 'NO_BALANCE' : why === 'numbers' ? 'NO_NUMBERS' : why),
      })
    }

  const setStatus: Action = (query, account, reply) =>
    rentals.change(reply, () => {
      const rented = rentals.find(query.get('id'), account)
      if (rented === undefined) return word('NO_ACTIVATION')
      switch (query.get('status')) {
        case '1':
          return word(rented.stand === 'waiting' ? 'ACCESS_READY' : 'BAD_STATUS')
        case '3':
          return word(rentals.again(rented) ? 'ACCESS_RETRY_GET' : 'BAD_STATUS')
        case '6':
          return word(rentals.finish(rented) ? 'ACCESS_ACTIVATION' : 'BAD_STATUS')
        case '8': {
          const answer = rentals.giveBack(rented)
          if (answer === 'cancelled') return word('ACCESS_CANCEL')
          return word(answer === 'early' ? 'EARLY_CANCEL_DENIED' : 'BAD_STATUS')
        }
        default:
          return word('INCORECT_STATUS')
      }
    })

  const status = (said: (rented: Rented) => Said): Action => {
    return (query, account, reply) => {
      const rented = rentals.find(query.get('id'), account)
      rentals.say(reply, 'status', rented === undefined ? word('NO_ACTIVATION') : said(rented))
    }
  }

  const activeView = (rented: Rented) => ({
    ...{ activationId: rentals.isText() ? rented.id : Number(rented.id) },
    ...{ serviceCode: rented.service, phoneNumber: rented.number },
    ...{ activationCost: rented.price, activationStatus: statusNumber[rented.stand] },
    smsCode: rented.messages.length === 0 ? null : rented.messages.map(({ code }) => code),
    smsText: rented.messages.at(-1)?.text ?? '',
    ...{ activationTime: moscow(rented.boughtAt), discount: '0', repeated: '0' },
    ...{ countryCode: rented.country, canGetAnotherSms: '1' },
  })

  const actions: Readonly<Record<string, Action>> = {
    getBalance: (_, { balance }, reply) =>
      rentals.say(reply, 'cek-saldo', word(`ACCESS_BALANCE:${balance.toFixed(2)}`)),
    getNumbersStatus(query, _, reply) {
      const country = countryOf(query)
      if (country === undefined) return rentals.say(reply, 'price-list', word('BAD_COUNTRY'))
      const rows = numberServices.map(one => [one.word, lotOf(name, one, country).stock])
      rentals.say(reply, 'price-list', listAsText(Object.fromEntries(rows)))
    },
    getPrices(query, _, reply) {
      const isText = rentals.isText()
      const chosen = query.has('country') ? [countryOf(query)] : numberCountries
      const rows = chosen.flatMap(country => {
        if (country === undefined) return []
        const wanted = query.has('service') ? [serviceOf(query)] : numberServices
        const lots = wanted.flatMap(service => {
          if (service === undefined) return []
          const { price, stock } = lotOf(name, service, country)
          const cost = isText ? price.toFixed(2) : price
          return [[service.word, { cost, count: stock, physicalCount: stock }] as const]
        })
        return [[String(country.id), Object.fromEntries(lots)] as const]
      })
      rentals.say(reply, 'price-list', listAsText(Object.fromEntries(rows)))
    },
    getTopCountriesByService(query, _, reply) {
      const service = serviceOf(query)
      if (service === undefined) return rentals.say(reply, 'price-list', word('BAD_SERVICE'))
      const rows = numberCountries.map((country, index) => {
        const { price, stock } = lotOf(name, service, country)
        const money = { price, retail_price: price, freePriceMap: { [price]: stock } }
        return [index, { country: country.id, count: stock, ...money }]
      })
      rentals.say(reply, 'price-list', listAsText(Object.fromEntries(rows)))
    },
    getCountries(_, __, reply) {
      const rows = numberCountries.map(({ id, name: eng }) => [
        id,
        { id, rus: eng, eng, chn: eng, visible: 1, retry: 1, rent: 0, multiService: 0 },
      ])
      rentals.say(reply, 'price-list', list(Object.fromEntries(rows)))
    },
    getServicesList(_, __, reply) {
      const services = numberServices.map(one => ({ code: one.word, name: one.name }))
      rentals.say(reply, 'price-list', list({ status: 'success', services }))
    },
    getOperators(query, _, reply) {
      const chosen = query.has('country') ? [countryOf(query)] : numberCountries
      const rows = chosen.flatMap(country =>
        country === undefined
          ? []
          : [[country.id, ['any', ...country.operators.map(one => one.toLowerCase())]] as const],
      )
      const countryOperators = Object.fromEntries(rows)
      rentals.say(reply, 'price-list', list({ status: 'success', countryOperators }))
    },
    getNumber: getNumber(false),
    getNumberV2: getNumber(true),
    setStatus,
    getStatus: status(rented => word(statusWord(rented))),
    getStatusV2: status(rented => {
      const last = rented.messages.at(-1)
      if (rented.stand === 'cancelled') return word('STATUS_CANCEL')
      const sms =
        last === undefined || rented.stand === 'retrying'
          ? null
          : { dateTime: moscow(last.at), code: last.code, text: last.text }
      return listAsText({ verificationType: 0, sms, call: null })
    }),
    getFullSms: status(rented => {
      const last = rented.messages.at(-1)
      const isShown = last !== undefined && rented.stand !== 'retrying'
      return word(isShown ? `FULL_SMS:${last.text}` : statusWord(rented))
    }),
    getActiveActivations(_, account, reply) {
      const open = rentals.openOf(account)
      if (open.length === 0) return rentals.say(reply, 'status', word('NO_ACTIVATIONS'))
      const activeActivations = open.map(activeView)
      rentals.say(reply, 'status', list({ status: 'success', activeActivations }))
    },
  }

  const handle = (call: Call, reply: Reply) => {
    const query = new URLSearchParams(call.query)
    for (const [key, value] of new URLSearchParams(call.body)) query.set(key, value)
    const account = rentals.accountOf(query.get('api_key'))
    if (account === undefined) return rentals.say(reply, 'cek-saldo', word('BAD_KEY'))
    const action = actions[query.get('action') ?? '']
    if (action === undefined) return rentals.say(reply, 'cek-saldo', word('WRONG ACTION'))
    action(query, account, reply)
  }
  const path = '/stubs/handler_api.php'
  const routes: readonly Route[] = [
    { method: 'get', path, handle },
    { method: 'post', path, handle },
  ]

  return {
    name,
    kind: 'handler_api',
    about: 'numbers for codes: /stubs/handler_api.php',
    clock: rentals.clock,
    faults: rentals.faults,
    sales: rentals.sales,
    routes,
    accounts: () => rentals.views(),
    openAccount: wish => rentals.openAccount(wish),
    reset(options) {
      byOrderId.clear()
      rentals.reset(options)
    },
    numbers: () => rentals.waiting(),
    otp: wish => rentals.otp(wish),
    takesOtp: wish => rentals.takesOtp(wish),
  }
}

/** As the original numbered them. */
const statusNumber = { waiting: '4', received: '2', retrying: '3', cancelled: '8', done: '6' }

function statusWord({ stand, messages }: Rented): string {
  const last = messages.at(-1)?.code ?? ''
  switch (stand) {
    case 'waiting':
      return 'STATUS_WAIT_CODE'
    case 'retrying':
      return `STATUS_WAIT_RETRY:${last}`
    case 'cancelled':
      return 'STATUS_CANCEL'
    case 'received':
    case 'done':
      return last === '' ? 'STATUS_WAIT_RESEND' : `STATUS_OK:${last}`
  }
}

function boughtView(rented: Rented) {
  return {
    activationId: Number(rented.id),
    phoneNumber: rented.number,
    activationCost: rented.price.toFixed(2),
    ...{ currency: 360, countryCode: rented.country, canGetAnotherSms: '1' },
    activationTime: moscow(rented.boughtAt),
    activationOperator: rented.operator,
  }
}

const moscow = (at: number): string =>
  new Date(at + 3 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
