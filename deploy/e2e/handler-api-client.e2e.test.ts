/**
 * Programs of number resellers, as they are published: written for another seller of numbers, with
 * nothing changed in them but the address. One asks by POST with everything in the query, as the
 * library for Node does, and knows words only; one reads the JSON of the newer actions.
 *
 * ZPA1. From the balance to the second code, each word is one that such a program understands.
 * ZPA2. What goes wrong is a word of theirs with HTTP 200, also where the program expects JSON.
 * ZPA3. A number given back is paid back; the program hears of it in their words.
 */

import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ask } from './reseller.ts'
import { type Engine, Stage, until } from './stage.ts'

/** What such a library throws: the first of these words that the reply holds, wherever. */
const errors = [
  ...['BAD_KEY', 'ERROR_SQL', 'NO_BALANCE', 'NO_NUMBERS', 'BAD_STATUS', 'BAD_SERVICE'],
  ...['NO_ACTIVATION', 'BANNED'],
]

/** By POST, all in the query, nothing in the body; what is known is what stands before a colon. */
class WordClient {
  readonly #url: string
  readonly #key: string

  constructor(url: string, key: string) {
    this.#url = url
    this.#key = key
  }

  async say(action: string, fields: object = {}): Promise<string> {
    const query = new URLSearchParams({ action, api_key: this.#key, ...fields })
    const response = await fetch(`${this.#url}?${query}`, { method: 'POST' })
    equal(response.status, 200)
    const text = await response.text()
    const error = errors.find(word => text.includes(word))
    if (error !== undefined) throw new Error(error)
    return text
  }

  async balance(isWithCashback = false): Promise<number> {
    const action = isWithCashback ? 'getBalanceAndCashBack' : 'getBalance'
    const [word, sum] = (await this.say(action)).split(':')
    equal(word, 'ACCESS_BALANCE')
    return Number.parseInt(sum!, 10)
  }

  async number(service: string, country: number): Promise<{ id: number; number: number }> {
    const text = await this.say('getNumber', { service, country, forward: 0 })
    const [word, id, number] = text.split(':')
    equal(word, 'ACCESS_NUMBER')
    return { id: Number.parseInt(id!, 10), number: Number.parseInt(number!, 10) }
  }

  setStatus(id: number, status: number): Promise<string> {
    return this.say('setStatus', { id, status, forwards: 0 })
  }

  async status(id: number): Promise<readonly [word: string, code?: string]> {
    const [word = '', code] = (await this.say('getStatus', { id })).split(':')
    return code === undefined ? [word] : [word, code]
  }
}

/** By GET; JSON where an action tells JSON, and a word where it does not parse. */
class JsonClient {
  readonly #url: string
  readonly #key: string

  constructor(url: string, key: string) {
    this.#url = url
    this.#key = key
  }

  async read(action: string, fields: Readonly<Record<string, string>> = {}) {
    const query = new URLSearchParams({ api_key: this.#key, action, ...fields })
    const response = await fetch(`${this.#url}?${query}`)
    equal(response.status, 200)
    const text = await response.text()
    try {
      // biome-ignore lint/suspicious/noExplicitAny: as a program without types reads it.
      return JSON.parse(text) as any
    } catch {
      return text
    }
  }
}

const supplier = 'handler_api'
const waitMs = 60_000
const indonesia = 6
let stage: Stage
let engine: Engine
let words: WordClient
let json: JsonClient

before(async () => {
  stage = new Stage()
  await stage.startSandbox()
  engine = await stage.start()
  await stage.sql(`update number_supplier set active = code = '${supplier}',
    terms = '{"pollMs": 1000, "cancelAfterMs": 0}'`)
  const url = `${engine.http}/stubs/handler_api.php`
  const { api_key: key } = stage.demo(engine).keys
  words = new WordClient(url, key)
  json = new JsonClient(url, key)
  await until('the catalogue', waitMs, async () => {
    const stock = await json.read('getNumbersStatus', { country: String(indonesia) })
    return Number(stock['wa']) > 0
  })
})
after(() => stage.close())

async function sandbox(path: string, body: object): Promise<void> {
  const answer = await ask(`${stage.sandboxUrl}/_sandbox/${path}`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify(body),
  })
  equal(answer.status, 200, answer.text)
}

const sms = (number: number | string, code: string) =>
  sandbox('otp', { number: String(number), text: `Kode WhatsApp kamu ${code}`, code })

const codeOf = (id: number, expected: string) =>
  until(`the code ${expected}`, waitMs, async () => {
    const [word, code] = await words.status(id)
    return word === 'STATUS_OK' && code === expected
  })

test('handler api client: words alone: a number, two codes, done (ZPA1)', async () => {
  const before = await words.balance()
  equal(await words.balance(true), before)
  const { id, number } = await words.number('wa', indonesia)
  ok(Number.isSafeInteger(id) && String(number).startsWith('62'))
  ok((await words.balance()) < before)
  equal(await words.setStatus(id, 1), 'ACCESS_READY')
  deepEqual(await words.status(id), ['STATUS_WAIT_CODE'])
  await sms(number, '123987')
  await codeOf(id, '123987')
  await rejects(words.setStatus(id, 8), /BAD_STATUS/)
  equal(await words.setStatus(id, 3), 'ACCESS_RETRY_GET')
  deepEqual(await words.status(id), ['STATUS_WAIT_RETRY', '123987'])
  await sms(number, '555111')
  await codeOf(id, '555111')
  equal(await words.setStatus(id, 6), 'ACCESS_ACTIVATION')
})

test('handler api client: newer actions: JSON all along, the same order by its id (ZPA1)', async () => {
  const country = String(indonesia)
  const prices = await json.read('getPrices', { service: 'wa', country })
  const { cost, count } = prices[country]['wa']
  ok(cost > 0 && count > 0)
  const top = await json.read('getTopCountriesByService', { service: 'wa', freePrice: 'true' })
  equal(typeof top['0'].freePriceMap, 'object')
  equal((await json.read('getCountries'))[country].eng, 'Indonesia')
  const { services } = await json.read('getServicesList')
  ok(services.some((one: { code: string }) => one.code === 'wa'))
  const { countryOperators } = await json.read('getOperators', { country })
  ok(countryOperators[country].includes('any'))

  const wish = { service: 'wa', country, maxPrice: String(cost), orderId: 'sekali' }
  const order = await json.read('getNumberV2', wish)
  equal(order.activationCost, cost)
  equal((await json.read('getNumberV2', wish)).activationId, order.activationId)
  const id = String(order.activationId)
  equal(await json.read('getStatusV2', { id }), 'STATUS_WAIT_CODE')
  await sms(order.phoneNumber, '777222')
  await codeOf(Number(id), '777222')
  equal((await json.read('getStatusV2', { id })).sms.code, '777222')
  match(await json.read('getFullSms', { id }), /^FULL_SMS:.*777222/)
  const { activeActivations } = await json.read('getActiveActivations')
  const mine = activeActivations.find((one: { activationId: string }) => one.activationId === id)
  deepEqual([mine.smsCode, mine.phoneNumber], [['777222'], order.phoneNumber])
})

test('handler api client: too early to give back, then given back and paid back (ZPA3)', async () => {
  const before = await words.balance()
  const { id, number } = await words.number('wa', indonesia)
  equal(await words.setStatus(id, 8), 'EARLY_CANCEL_DENIED')
  ok((await words.balance()) < before)
  // Nobody waits two minutes for a test: its owner gives it back on his page, where he may at once.
  const order = await until('its row', waitMs, async () => {
    const find = `select id from number_view where number = '${number}'`
    return (await stage.sql<{ id: string }>(find))[0]
  })
  await sandbox('clock', { party: supplier, advance_ms: 3 * 60_000 })
  const path = `/api/v1/orders/${order.id}/cancel`
  equal((await stage.demo(engine).send('POST', path, '{}')).status, 200)
  await until('the money to be back', waitMs, async () => (await words.balance()) === before)
  deepEqual(await words.status(id), ['STATUS_CANCEL'])
  equal(await words.setStatus(id, 8), 'ACCESS_CANCEL')
})

test('handler api client: what goes wrong is a word that it knows (ZPA2)', async () => {
  const url = `${engine.http}/stubs/handler_api.php`
  await rejects(new WordClient(url, 'somebody-else').balance(), /BAD_KEY/)
  await rejects(words.number('zzz', indonesia), /BAD_SERVICE/)
  await rejects(words.status(99_999_999), /NO_ACTIVATION/)
  const country = String(indonesia)
  equal(await json.read('getNumberV2', { service: 'wa', country: '9999' }), 'BAD_COUNTRY')
  const cheap = await json.read('getNumberV2', { service: 'wa', country, maxPrice: '1' })
  match(cheap, /^WRONG_MAX_PRICE:\d+$/)
  equal(await json.read('getRentNumber', { service: 'wa' }), 'BAD_ACTION')
  equal(await json.read('getStatusV2', { id: 'x' }), 'WRONG_ACTIVATION_ID')
})
