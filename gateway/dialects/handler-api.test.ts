import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { RefusalCode } from '../../services/contract/words.ts'
import { answers } from '../operations.fixture.ts'
import { activationView, digiflazzCard, Stage, trxId, userId } from '../scripted.fixture.ts'
import { countryNumbers, serviceCodes } from './handler-codes.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

const apiKey = 'b4bd3fce8d9eaf7f5b6c2f3a'
const minutes = 60_000

type Options = Parameters<typeof Stage.open>

/** One client and one order, whose state the test sets. */
async function stageWith(scripts: Options[0] = {}, options: Options[1] = {}) {
  const state = { order: activationView({ status: 'waiting', otp: null, messages: [] }) }
  const stage = await Stage.open(
    {
      ...answers,
      'dialect.card': params => (params.apiKey === apiKey ? digiflazzCard({ apiKey }) : null),
      'dialect.numbers': ({ orderIds }) => orderIds.map(() => 100_001),
      'dialect.order': ({ n }) => (n === 100_001 ? trxId : null),
      'dialect.countries': ({ countryIds }) => countryIds.map((_, at) => 1_000 + at),
      'number.services': () => ({
        ok: {
          services: [
            { serviceId: 'whatsapp', name: 'WhatsApp', also: [], fromPrice: 3_000, stock: 90 },
            { serviceId: 'kedai', name: 'Kedai', also: [], fromPrice: 1_000, stock: 4 },
          ],
          ...{ next: null, asOf: 0 },
        },
      }),
      'number.countries': ({ serviceId }) => ({
        ok: {
          countries: [
            country('indonesia', 'Indonesia', 3_000, serviceId === 'whatsapp' ? 90 : 4),
            ...(serviceId === 'whatsapp' ? [country('wakanda', 'Wakanda', 9_000, 120)] : []),
          ],
          asOf: 0,
        },
      }),
      'number.operators': () => ({
        ok: {
          operators: [
            { operatorId: 'any', name: 'Bebas', price: 3_200, stock: null },
            { operatorId: 'telkomsel', name: 'Telkomsel', price: 3_500, stock: 5 },
          ],
        },
      }),
      'number.create': () => ({ ok: { order: state.order, invoice: 'x', balance: 1 } }),
      'number.get': () => ({ ok: state.order }),
      'number.active': () => ({ ok: [state.order] }),
      'number.cancel': () => ({ ok: state.order }),
      'number.resend': () => ({ ok: state.order }),
      'number.finish': () => ({ ok: state.order }),
      ...scripts,
    },
    options,
  )
  stages.push(stage)
  return { stage, state }
}

const country = (countryId: string, name: string, price: number, stock: number) => ({
  ...{ countryId, name: `Negara ${name}`, english: name, also: [], price, stock },
  ...{ successRate: null, stale: false },
})

/** As clients in Python and Node do: everything in the query. */
async function get(stage: Stage, action: string, fields: Record<string, string> = {}) {
  const query = new URLSearchParams({ api_key: apiKey, action, ...fields })
  const response = await fetch(`${stage.url}/stubs/handler_api.php?${query}`)
  equal(response.status, 200)
  return await response.text()
}

/** As clients in PHP do: a form that is posted. */
async function post(stage: Stage, fields: Record<string, string>) {
  const response = await fetch(`${stage.url}/stubs/handler_api.php`, {
    method: 'POST',
    body: new URLSearchParams({ api_key: apiKey, ...fields }),
  })
  equal(response.status, 200)
  return await response.text()
}

const message = (code: string | null, at: number) => ({
  ...{ text: code === null ? 'Halo' : `Kode: ${code}`, code, receivedAt: at, late: false },
})

test('handler api: the life of an activation: word for word as its clients know it (HAA3)', async () => {
  const { stage, state } = await stageWith()
  for (const action of ['getBalance', 'getBalanceAndCashBack']) {
    equal(await get(stage, action), 'ACCESS_BALANCE:989500')
  }
  const fields = { service: 'wa', country: '6', operator: 'telkomsel', maxPrice: '3500.5' }
  equal(
    await get(stage, 'getNumber', { ...fields, ref: '', forward: '0' }),
    'ACCESS_NUMBER:100001:6281200000001',
  )
  const [asked] = stage.askedOf('number.create')
  match(asked!.ref, /^[0-9a-f-]{36}$/)
  deepEqual(
    { ...asked, ref: '' },
    {
      ...{ userId, level: 2, ref: '', serviceId: 'whatsapp', countryId: 'indonesia' },
      ...{ operatorId: 'telkomsel', maxPrice: 3_500, address: '127.0.0.1', untilKnown: true },
    },
  )
  const id = '100001'
  equal(await get(stage, 'setStatus', { id, status: '1' }), 'ACCESS_READY')
  equal(await get(stage, 'getStatus', { id }), 'STATUS_WAIT_CODE')
  equal(await get(stage, 'getStatusV2', { id }), 'STATUS_WAIT_CODE')
  state.order = activationView({ messages: [message(null, 1), message('123456', 5_000)] })
  equal(await get(stage, 'getStatus', { id }), 'STATUS_OK:123456')
  equal(await get(stage, 'getFullSms', { id }), 'FULL_SMS:Kode: 123456')
  deepEqual(JSON.parse(await get(stage, 'getStatusV2', { id })), {
    verificationType: 0,
    sms: { dateTime: '1970-01-01 00:00:05', code: '123456', text: 'Kode: 123456' },
    call: null,
  })
})

test('handler api: maxPrice: empty and 0 are what was not given (HAA3)', async () => {
  const { stage } = await stageWith()
  const fields = { service: 'wa', country: '6' }
  for (const maxPrice of ['', '0', '0.00']) {
    match(await get(stage, 'getNumber', { ...fields, maxPrice }), /^ACCESS_NUMBER:/)
    equal(stage.askedOf('number.create').at(-1)!.maxPrice, null)
  }
  for (const maxPrice of ['-1', 'x']) {
    equal(await get(stage, 'getNumber', { ...fields, maxPrice }), 'BAD_DATA')
  }
})

test('handler api: status 6: it is ended; before a code, and another status: BAD_STATUS (HAA9)', async () => {
  const { stage } = await stageWith({ 'number.active': () => ({ ok: [] }) })
  const id = '100001'
  const finish = () => post(stage, { action: 'setStatus', id, status: '6' })
  equal(await finish(), 'ACCESS_ACTIVATION')
  deepEqual(stage.askedOf('number.finish'), [{ userId, orderId: trxId }])
  stage.scripts['number.finish'] = () => ({ refused: 'CODE_AWAITED', moneyEffect: 'none' })
  equal(await finish(), 'BAD_STATUS')
  for (const status of ['5', '', '66', 'x']) {
    equal(await post(stage, { action: 'setStatus', id, status }), 'BAD_STATUS')
  }
  equal(await get(stage, 'setStatus', { id }), 'BAD_STATUS')
  equal(stage.askedOf('number.finish').length, 2)
})

test('handler api: a country: none of ours, and no number at all: a word for each (HAA10)', async () => {
  const { stage } = await stageWith()
  const actions = ['getNumber', 'getNumberV2', 'getPrices', 'getNumbersStatus', 'getOperators']
  for (const action of actions) {
    equal(await get(stage, action, { service: 'wa', country: '99' }), 'BAD_COUNTRY', action)
    for (const country of ['id', '6.5', '-1', '1e1', '99999999999']) {
      equal(await get(stage, action, { service: 'wa', country }), 'WRONG_COUNTRY_ID', action)
    }
  }
})

test('handler api: ids: numbers of one’s own, others lead nowhere (HAA3)', async () => {
  const { stage } = await stageWith()
  equal(await get(stage, 'getStatus', { id: '100002' }), 'NO_ACTIVATION')
  equal(await get(stage, 'getStatus', { id: trxId }), 'WRONG_ACTIVATION_ID')
  equal(await get(stage, 'getStatus'), 'WRONG_ACTIVATION_ID')
  deepEqual(stage.askedOf('dialect.order'), [{ userId, n: 100_002 }])
})

test('handler api: another code: the last one is told as such until the next is there (HAA7)', async () => {
  const { stage, state } = await stageWith()
  state.order = activationView({ messages: [message('111', 1)] })
  equal(await get(stage, 'setStatus', { id: '100001', status: '3' }), 'ACCESS_RETRY_GET')
  equal(stage.askedOf('number.resend').length, 1)
  const asked = { resendsLeft: 2, awaitsNext: true }
  state.order = activationView({ messages: [message('111', 1)], ...asked })
  equal(await get(stage, 'getStatus', { id: '100001' }), 'STATUS_WAIT_RETRY:111')
  const both = [message('222', 2), message('111', 1)]
  state.order = activationView({ messages: both, resendsLeft: 2 })
  equal(await get(stage, 'getStatus', { id: '100001' }), 'STATUS_OK:222')
  // Several came for one request: how many there are says nothing.
  state.order = activationView({ messages: both, ...asked })
  equal(await get(stage, 'getStatus', { id: '100001' }), 'STATUS_WAIT_RETRY:222')
})

test('handler api: another code that the supplier refuses: said, and not waited for (HAA7)', async () => {
  const { stage, state } = await stageWith({
    'number.resend': () => ({ refused: 'RESEND_REFUSED', moneyEffect: 'none' }),
  })
  state.order = activationView({ messages: [message('111', 1)] })
  equal(await get(stage, 'setStatus', { id: '100001', status: '3' }), 'BAD_STATUS')
  equal(await get(stage, 'getStatus', { id: '100001' }), 'STATUS_OK:111')
})

test('handler api: giving back: a cancel is said when the money is back (HAA6)', async () => {
  const now = { ms: Date.UTC(2030, 0, 1) }
  const { stage, state } = await stageWith({}, { now: () => now.ms })
  const cancel = () => get(stage, 'setStatus', { id: '100001', status: '8' })
  state.order = { ...state.order, createdAt: now.ms - 2 * minutes + 1 }
  equal(await cancel(), 'EARLY_CANCEL_DENIED')
  equal(stage.askedOf('number.cancel').length, 0)
  now.ms += 1
  stage.scripts['number.cancel'] = () => ({ ok: { ...state.order, status: 'cancelling' } })
  equal(await cancel(), 'EARLY_CANCEL_DENIED')
  stage.scripts['number.cancel'] = () => {
    state.order = activationView({ status: 'refunded', otp: null, messages: [] })
    return { ok: state.order }
  }
  equal(await cancel(), 'ACCESS_CANCEL')
  equal(await get(stage, 'getStatus', { id: '100001' }), 'STATUS_CANCEL')
  equal(await cancel(), 'ACCESS_CANCEL')
  state.order = activationView()
  equal(await cancel(), 'BAD_STATUS')
  state.order = activationView({ status: 'waiting', otp: null, messages: [], createdAt: 0 })
  stage.scripts['number.cancel'] = () => ({ ok: activationView() })
  equal(await cancel(), 'BAD_STATUS', 'a code came first')
})

test('handler api: getNumberV2: one order for its orderId, in JSON (HAA4)', async () => {
  const { stage } = await stageWith()
  const fields = { service: 'wa', country: '6', orderId: 'abc-1' }
  const told = JSON.parse(await get(stage, 'getNumberV2', fields))
  deepEqual(told, {
    ...{ activationId: 100_001, phoneNumber: '6281200000001', activationCost: 3_000 },
    ...{ currency: 360, countryCode: '6', canGetAnotherSms: '1' },
    ...{ activationTime: '2026-01-02 03:04:05', activationOperator: 'any' },
  })
  await get(stage, 'getNumberV2', fields)
  deepEqual(
    stage.askedOf('number.create').map(one => one.ref),
    ['h-abc-1', 'h-abc-1'],
  )
  equal(await get(stage, 'getNumberV2', { ...fields, orderId: 'ä' }), 'BAD_DATA')
})

test('handler api: a purchase: waited for until it is known, and told as it ended (HAA4)', async () => {
  const { stage, state } = await stageWith()
  const rent = () => get(stage, 'getNumber', { service: 'wa', country: '6' })
  equal(await rent(), 'ACCESS_NUMBER:100001:6281200000001')
  equal(stage.askedOf('number.create')[0]!.untilKnown, true)
  state.order = activationView({ status: 'refunded', number: null, otp: null, messages: [] })
  equal(await rent(), 'NO_NUMBERS')
  for (const status of ['processing', 'checking'] as const) {
    state.order = activationView({ status, number: null, otp: null, messages: [] })
    equal(await rent(), 'ERROR_SQL')
  }
})

test('handler api: a price that moved: the least that would be taken (HAA5)', async () => {
  const { stage } = await stageWith({
    'number.create': () => ({ refused: 'PRICE_ABOVE_MAX', moneyEffect: 'none' }),
  })
  const fields = { service: 'wa', country: '6', maxPrice: '100' }
  equal(await get(stage, 'getNumber', fields), 'WRONG_MAX_PRICE:3200')
  equal(await get(stage, 'getNumber', { ...fields, operator: 'telkomsel' }), 'WRONG_MAX_PRICE:3500')
})

test('handler api: refusals: each in the word that the clients know, HTTP 200 (HAA1)', async () => {
  const { stage } = await stageWith()
  const said: readonly [RefusalCode, string][] = [
    ['INSUFFICIENT_BALANCE', 'NO_BALANCE'],
    ['NUMBER_SOLD_OUT', 'NO_NUMBERS'],
    ['SERVICE_BLOCKED', 'BAD_SERVICE'],
    ['OPERATOR_UNKNOWN', 'WRONG_OPERATOR'],
    ['RENTAL_LIMIT', 'CHANNELS_LIMIT'],
  ]
  for (const [refused, expected] of said) {
    stage.scripts['number.create'] = () => ({ refused, moneyEffect: 'none' })
    for (const action of ['getNumber', 'getNumberV2']) {
      equal(await get(stage, action, { service: 'wa', country: '6' }), expected)
    }
  }
  equal(await get(stage, 'getNumber', { service: 'zz', country: '6' }), 'BAD_SERVICE')
  equal(await get(stage, 'getNumber', { service: 'wa_0', country: '6' }), 'CHANNELS_LIMIT')
  equal(await get(stage, 'getNumber', { service: 'wa', country: '99' }), 'BAD_COUNTRY')
  equal(await get(stage, 'getNumber', { service: 'kedai', country: '1000' }), 'NO_NUMBERS')
  stage.scripts['number.create'] = () => ({ fault: 'OVERLOADED', retryAfterMs: 1 })
  equal(await get(stage, 'getNumber', { service: 'wa', country: '6' }), 'ERROR_SQL')
  stage.scripts['number.create'] = () => {
    throw new Error('nobody heard it')
  }
  equal(await get(stage, 'getNumberV2', { service: 'wa', country: '6' }), 'ERROR_SQL')
})

test('handler api: keys: unknown, banned, and too many guesses (HAA2)', async () => {
  const until = Date.UTC(2030, 0, 2, 3, 4, 5)
  const cards = { status: 'suspended', bannedUntil: until } as const
  const { stage } = await stageWith(
    {
      'dialect.card': params =>
        params.apiKey === apiKey ? { ...digiflazzCard({ apiKey }), ...cards } : null,
    },
    { limits: { authFailuresPerMin: 2 }, now: () => Date.UTC(2030, 0, 1) },
  )
  equal(await get(stage, 'getBalance'), 'BANNED:2030-01-02 03-04-05')
  for (const key of ['', 'wrong key', 'unknown-key-1', 'unknown-key-2']) {
    equal(await get(stage, 'getBalance', { api_key: key }), 'BAD_KEY')
  }
  deepEqual(
    stage.askedOf('dialect.card').map(one => one.apiKey),
    [apiKey],
    'two that can’t be keys spent the allowance, so nobody was looked up',
  )
})

test('handler api: renting for days, and what nobody knows: BAD_ACTION (HAA8)', async () => {
  const { stage } = await stageWith()
  const rents = ['getRentNumber', 'getRentStatus', 'getRentList', 'setRentStatus']
  for (const action of [...rents, 'getMultiServiceNumber', '', 'toString']) {
    equal(await get(stage, action), 'BAD_ACTION')
  }
})

test('handler api: lists: the catalogue under the protocol’s own codes (HAC1)', async () => {
  const { stage } = await stageWith()
  const read = async (action: string, fields: Record<string, string> = {}) =>
    JSON.parse(await get(stage, action, fields))
  deepEqual(await read('getNumbersStatus', { country: '6' }), { wa: 90, kedai: 4 })
  deepEqual(await read('getPrices', { service: 'wa' }), {
    6: { wa: { cost: 3_000, count: 90, physicalCount: 90 } },
    1000: { wa: { cost: 9_000, count: 120, physicalCount: 120 } },
  })
  deepEqual(await read('getTopCountriesByService', { service: 'wa' }), {
    0: { country: 1_000, count: 120, price: 9_000, retail_price: 9_000 },
    1: { country: 6, count: 90, price: 3_000, retail_price: 3_000 },
  })
  const free = await read('getTopCountriesByService', { service: 'kedai', freePrice: 'true' })
  deepEqual(free['0'].freePriceMap, { 3000: 4 })
  deepEqual((await read('getCountries'))['6'].eng, 'Indonesia')
  deepEqual(await read('getServicesList'), {
    status: 'success',
    services: [
      { code: 'wa', name: 'WhatsApp' },
      { code: 'kedai', name: 'Kedai' },
    ],
  })
  deepEqual((await read('getOperators', { country: '6' })).countryOperators, {
    6: ['any', 'telkomsel'],
  })
  const { activeActivations } = await read('getActiveActivations')
  deepEqual(activeActivations[0].activationId, '100001')
  deepEqual(activeActivations[0].smsCode, null)
  equal(await get(stage, 'getPrices', { service: 'zz' }), 'BAD_SERVICE')
  ok(stage.askedOf('number.countries').length <= 2, 'kept for all who ask meanwhile')
})

test('handler codes: names of one thing, and names that collide: each code leads back (HAC1)', () => {
  const services = [
    { serviceId: 'whatsapp', name: 'WhatsApp' },
    { serviceId: 'wa', name: 'Warung' },
    { serviceId: 'x', name: 'X (Twitter)' },
  ]
  const codes = serviceCodes(services)
  deepEqual(
    [...codes].map(([code, one]) => [code, one.serviceId]),
    [
      ['wa', 'whatsapp'],
      ['tw', 'x'],
      ['wa_', 'wa'],
    ],
  )
  const { byNumber, others } = countryNumbers([
    { countryId: 'united-states', name: 'United States' },
    { countryId: 'usa', name: 'USA' },
  ])
  deepEqual([byNumber.get(187)?.countryId, others[0]?.countryId], ['united-states', 'usa'])
})
