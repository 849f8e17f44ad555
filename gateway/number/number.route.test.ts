import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { answers } from '../operations.fixture.ts'
import { activationView, keyCard, plain, Stage, send, trxId, userId } from '../scripted.fixture.ts'
import { activationText, numberRefusalText } from '../text/number.id.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

type Options = Parameters<typeof Stage.open>

async function stageWith(scripts: Options[0] = {}, options: Options[1] = {}): Promise<Stage> {
  const stage = await Stage.open({ ...answers, 'identity.key': keyOf, ...scripts }, options)
  stages.push(stage)
  return stage
}

const keyOf = ({ keyId }: { keyId: string }) => (keyId === 'key-1' ? keyCard() : null)

const wish = { service_id: 'wa', country_id: '6' }
const create = (stage: Stage, body: object = wish, headers: Record<string, string> = {}) =>
  send(stage, {
    method: 'POST',
    path: '/api/v1/orders/create',
    body: JSON.stringify(body),
    headers,
  })

test('number route: a word for the order: ref, else the key, else one of its own (NRA1)', async () => {
  const stage = await stageWith()
  await create(stage, { ...wish, ref: 'mine', max_price: 5_000 }, { 'idempotency-key': 'other' })
  await create(stage, wish, { 'idempotency-key': 'other' })
  await create(stage)
  await create(stage)
  const asked = stage.askedOf('number.create')
  const [first, second, third, fourth] = asked.map(one => one.ref)
  deepEqual([first, second], ['mine', 'other'])
  match(third!, /^[0-9a-f-]{36}$/)
  ok(third !== fourth)
  const { ref: _, ...rest } = asked[0]!
  deepEqual(rest, {
    ...{ userId, level: 2, serviceId: 'wa', countryId: '6', operatorId: 'any' },
    ...{ maxPrice: 5_000, address: '127.0.0.1' },
  })
  const odd = await create(stage, wish, { 'idempotency-key': ' x' })
  equal(odd.status, 200, 'headers come without spaces around them')
  const wrong = await create(stage, { ...wish, ref: ' x' })
  equal(wrong.status, 429)
})

test('number route: an order: what the contract says of it, and a link that opens it (NRA1)', async () => {
  const stage = await stageWith()
  const { body } = await create(stage)
  deepEqual(body['data'], {
    ...{ order_id: trxId, ref_id: 'ref-1', status: 'otp_received', service_id: 'wa' },
    ...{ service_name: 'WhatsApp', country_id: '6', country_name: 'Indonesia' },
    ...{ operator_id: 'any', number: '6281200000001', price: 3_000, money_effect: 'charged' },
    otp: '123456',
    messages: [
      {
        ...{ text: 'kode: 123456', code: '123456', late: false },
        received_at: '2026-01-02T03:04:05.678Z',
      },
    ],
    ...{ resends_left: 3, awaiting_next: false, expires_at: '2026-01-02T03:04:05.678Z', why: null },
    created_at: '2026-01-02T03:04:05.678Z',
    updated_at: '2026-01-02T03:04:05.678Z',
    invoice_url: 'http://127.0.0.1:3000/nomor/#/i/contohLinkPesanan01234',
    balance_remaining: 7_000,
  })
  equal(body['message'], activationText.otp_received)
})

test('number route: the catalogue: open, with the prices of whoever asks (NRA2)', async () => {
  const stage = await stageWith()
  const doors = [
    ['/api/v1/services?search=wa', 'number.services'],
    ['/api/v1/countries/wa', 'number.countries'],
    ['/api/v1/operators/6?service_id=wa', 'number.operators'],
  ] as const
  for (const [path, action] of doors) {
    equal((await plain(stage, { path })).status, 200)
    equal((await send(stage, { path })).status, 200)
    equal((await send(stage, { path, secret: 'wrong' })).status, 401)
    deepEqual(
      stage.askedOf(action).map(one => [one.userId, one.level]),
      [
        [null, 0],
        [userId, 2],
      ],
    )
  }
  const { text } = await plain(stage, { path: '/api/v1/countries/wa' })
  ok(!/cost|base|supplier|offer/.test(text), text)
  equal((await plain(stage, { path: '/api/v1/operators/6' })).status, 400)
})

test('number route: the catalogue: how old it is; nobody knows before it was read (NRA8)', async () => {
  let asOf: number | null = null
  const stage = await stageWith({
    'number.services': () => ({ ok: { services: [], next: null, asOf } }),
    'number.countries': () => ({ ok: { countries: [], asOf } }),
  })
  const told = async (path: string) => {
    const { body } = await plain(stage, { path })
    return body['data']?.['as_of']
  }
  for (const path of ['/api/v1/services', '/api/v1/countries/wa']) {
    asOf = null
    equal(await told(path), null)
    asOf = Date.UTC(2030, 0, 1)
    equal(await told(path), '2030-01-01T00:00:00.000Z')
  }
})

test('number route: a long catalogue: packed for who takes that, and says the same (GPK1)', async () => {
  const services = Array.from({ length: 300 }, (_, n) => ({
    ...{ serviceId: `app${n}`, name: `Aplikasi ${n}`, fromPrice: 2_000 + n, stock: n, also: [] },
  }))
  const stage = await stageWith({
    'number.services': ({ search }) => ({
      ok: { services: search === '' ? services : services.slice(0, 3), next: null, asOf: 0 },
    }),
  })
  const ask = (accept: string, search = '') =>
    plain(stage, {
      path: `/api/v1/services?limit=500&search=${search}`,
      headers: { 'accept-encoding': accept },
    })
  const [whole, packed, short] = [await ask('identity'), await ask('gzip'), await ask('gzip', 'a')]
  deepEqual(
    [whole, packed, short].map(({ headers }) => headers.get('content-encoding')),
    [null, 'gzip', null],
  )
  deepEqual(packed.body['data'], whole.body['data'])
  equal(packed.body['request_id'], packed.headers.get('x-request-id'))
  equal(packed.headers.get('cache-control'), 'no-store')
})

test('number route: too often: refused kindly, and nothing is asked of the services (NRA3)', async () => {
  const limits = { numberOrdersPerMin: 2, numberAsksPerMin: 3, publicPerMin: 4 }
  const stage = await stageWith({}, { limits, now: () => Date.UTC(2030, 0, 1) })
  const timestamp = String(Date.UTC(2030, 0, 1) / 1_000)
  const signed = (path: string, method = 'GET', body = '') =>
    send(stage, { path, method, timestamp, ...(body === '' ? {} : { body }) })
  for (const expected of [200, 200, 429, 429]) {
    const told = await signed('/api/v1/orders/create', 'POST', JSON.stringify(wish))
    equal(told.status, expected)
    if (expected === 429) {
      equal(told.body['message'], numberRefusalText.RATE_LIMITED)
      ok(Number(told.headers.get('retry-after')) >= 1)
    }
  }
  for (const expected of [200, 200, 200, 429]) {
    equal((await signed('/api/v1/orders/active')).status, expected)
  }
  for (const expected of [200, 200, 200, 200, 429]) {
    equal((await plain(stage, { path: '/api/v1/services' })).status, expected)
  }
  equal(stage.askedOf('number.create').length, 2)
  equal(stage.askedOf('number.active').length, 3)
  equal(stage.askedOf('number.services').length, 4)
})

test('number route: numbers, deposits, himself: one allowance a minute of all of them (GZ3, NRA3)', async () => {
  const options = { limits: { numberAsksPerMin: 4 }, now: () => Date.UTC(2030, 0, 1) }
  const stage = await Stage.open({ ...answers, 'identity.key': () => keyCard() }, options)
  stages.push(stage)
  const timestamp = String(Date.UTC(2030, 0, 1) / 1_000)
  const statuses: number[] = []
  for (const path of [
    '/api/v1/orders/active',
    '/api/v1/deposit/history',
    '/api/v1/user/profile',
    '/api/v1/user/balance',
    '/api/v1/user/transactions',
    '/api/v1/deposit/metode',
    '/api/v1/services',
  ]) {
    statuses.push((await send(stage, { path, timestamp })).status)
  }
  deepEqual(statuses, [200, 200, 200, 200, 429, 429, 429])
  equal((await send(stage, { path: '/api/v1/products', timestamp })).status, 200)
})

test('number route: an invoice word: right or not there, and guessing ends soon (NRA4)', async () => {
  const right = 'contohLinkPesanan01234'
  const stage = await stageWith(
    {
      'number.invoice': ({ word }) =>
        word === right
          ? { ok: activationView({ otp: null }) }
          : { refused: 'NOT_FOUND', moneyEffect: 'none' },
    },
    { limits: { invoiceMissesPerMin: 3 }, now: () => Date.UTC(2030, 0, 1) },
  )
  const open = (word: string) => plain(stage, { path: `/api/v1/invoices/${word}` })
  const shown = await open(right)
  equal(shown.status, 200)
  ok(!('ref_id' in (shown.body['data'] as object)))
  const told = [await open('short'), await open('a'.repeat(22)), await open('x%2Fy')]
  const said = told.map(({ status, body }) => [status, body['error_code'], body['message']])
  deepEqual(new Set(said.map(one => one.join())).size, 1)
  equal(told[0]!.status, 404)
  for (const word of ['b'.repeat(22), right]) equal((await open(word)).status, 429)
  deepEqual(stage.askedOf('number.invoice').length, 2)
})

test('number route: a link: told again without a change, another one on request (NRA4, NRA9)', async () => {
  const stage = await stageWith()
  const path = `/api/v1/orders/${trxId}/invoice`
  const known = await send(stage, { method: 'GET', path })
  match(String(known.body['data']!['invoice_url']), /\/nomor\/#\/i\/[\w-]{22}$/)
  deepEqual(stage.askedOf('number.link'), [{ userId, orderId: trxId }])
  deepEqual(stage.askedOf('number.relink'), [])
  const { body } = await send(stage, { method: 'POST', path, body: '' })
  match(String(body['data']!['invoice_url']), /\/nomor\/#\/i\/[\w-]{22}$/)
  const address = '127.0.x.x'
  deepEqual(stage.askedOf('number.relink'), [{ userId, orderId: trxId, address }])
  const odd = await send(stage, { method: 'POST', path: '/api/v1/orders/x/invoice', body: '' })
  equal(odd.status, 404)
})

test('number route: help: told where it is, with who asked and about what (NRA5)', async () => {
  const stage = await stageWith()
  const ask = { method: 'POST', path: '/api/v1/help' }
  const body = JSON.stringify({ where: 'order', id: trxId })
  const headers = { 'content-type': 'application/json' }
  const told = await plain(stage, { ...ask, body, headers })
  equal(told.body['data']!['url'], 'https://wa.me/62')
  await send(stage, { ...ask, body: JSON.stringify({ where: 'deposit' }) })
  deepEqual(stage.askedOf('help.ask'), [
    { userId: null, where: 'order', about: trxId, address: '127.0.0.1' },
    { userId, where: 'deposit', about: null, address: '127.0.0.1' },
  ])
  const odd = await plain(stage, { ...ask, body: '{"where":"<b>"}', headers })
  equal(odd.status, 400)
})

test('number route: where the demo is played: told there, and nowhere else (NRA7)', async () => {
  const settings = { name: 'Toko', helpUrl: null, waitMinutes: 15, resendsMax: 3 }
  const playUrl = 'http://127.0.0.1:4000/_sandbox/main'
  const toldIn = async (options: Options[1]) => {
    const stage = await stageWith({ 'help.settings': () => ({ ok: settings }) }, options)
    const { body } = await plain(stage, { path: '/api/v1/app-settings' })
    return body['data']!['play_url']
  }
  equal(await toldIn({ mode: 'demo', playUrl }), playUrl)
  equal(await toldIn({ mode: 'demo' }), null)
  equal(await toldIn({ mode: 'production', playUrl }), null)
})

test('number route: a code whose time is over: null in every place (NRA6)', async () => {
  const hidden = activationView({
    otp: null,
    messages: [{ text: null, code: null, receivedAt: 1, late: true }],
  })
  const stage = await stageWith({ 'number.get': () => ({ ok: hidden }) })
  const { body } = await send(stage, { path: `/api/v1/orders/${trxId}` })
  equal(body['data']!['otp'], null)
  deepEqual(body['data']!['messages'], [
    { text: null, code: null, late: true, received_at: '1970-01-01T00:00:00.001Z' },
  ])
})

test('number route: sentences: no technical word in any of them (NRA6)', () => {
  const said = [...Object.values(activationText), ...Object.values(numberRefusalText)]
  for (const sentence of said) {
    ok(
      !/\b(?:invalid|error|exception|token|server|api|rate|limit|\d{3})\b/i.test(sentence!),
      sentence,
    )
  }
})
