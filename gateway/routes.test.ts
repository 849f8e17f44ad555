import { deepEqual, equal, match, notEqual } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, test } from 'node:test'
import type { ProductRow } from '../services/contract/catalogue.ts'
import type { MutationRow } from '../services/contract/wallet.ts'
import {
  bornAt,
  buy,
  keyCard,
  order,
  orderView,
  plain,
  Stage,
  send,
  signedHeaders,
  trxId,
  userId,
} from './scripted.fixture.ts'

const stages: Stage[] = []
const open: typeof Stage.open = async (...args) => {
  const stage = await Stage.open(...args)
  stages.push(stage)
  return stage
}
after(() => Promise.all(stages.map(stage => stage.close())))

const transactions = '/api/v1/transactions'
const demo = { userId, username: 'demo', level: 3 }

test('transactions: placing: asked as sent, answered as promised (GT1)', async () => {
  const stage = await open()
  const callback = 'https://client.example/hook'
  const told = await buy(stage, order({ max_price: 11_000, callback_url: callback }))
  equal(told.status, 200)
  deepEqual(stage.askedOf('order.place'), [
    {
      userId,
      level: 2,
      ref: 'ref-1',
      product: 'TSEL10',
      destination: '081200000001',
      maxPrice: 11_000,
      callbackUrl: callback,
    },
  ])
  deepEqual(told.body, {
    code: 200,
    status: 'success',
    message: 'Transaksi sedang diproses. Dana ditahan sampai transaksi selesai.',
    data: {
      trx_id: trxId,
      ref_id: 'ref-1',
      status: 'PROCESSING',
      product_code: 'TSEL10',
      destination: '081200000001',
      price: 10_500,
      sn: null,
      money_effect: 'held',
      created_at: '2026-01-02T03:04:05.678Z',
      balance_remaining: 989_500,
    },
    request_id: told.headers.get('x-request-id'),
  })
})

test('transactions: a repeat of a finished order: its state, with quotes in the sn (GT1)', async () => {
  const done = orderView({ status: 'SUCCESS', sn: 'a"b\\c\u0001é', moneyEffect: 'charged' })
  const stage = await open({
    'order.place': () => ({ ok: { order: done, balance: 5, repeated: true } }),
  })
  const { body } = await buy(stage)
  equal(body['data']!['sn'], 'a"b\\c\u0001é')
  equal(body['message'], 'Transaksi berhasil. Saldo sudah terpotong.')
})

test('transactions: the service is not heard: unknown, never failed (GT2, GC2)', async () => {
  const faults: unknown[] = []
  const stage = await open(
    {
      'order.place': () => {
        throw new Error('request timed out')
      },
    },
    { onFault: error => faults.push(error) },
  )
  const { status, body } = await buy(stage)
  equal(status, 503)
  equal(body['error_code'], 'UNREACHABLE')
  equal(body['retryable'], true)
  equal('money_effect' in body, false)
  match(String(body['message']), /tidak terpotong dua kali/)
  equal(faults.length, 1)
})

test('transactions: a refusal about another order: names it (GC1)', async () => {
  const stage = await open({
    'order.place': () => ({
      refused: 'TWIN_ORDER',
      order: orderView(),
      details: { minutes: 10 },
      moneyEffect: 'none',
    }),
  })
  const { status, body } = await buy(stage)
  equal(status, 409)
  deepEqual(body['details'], { minutes: 10, trx_id: trxId, ref_id: 'ref-1', status: 'PROCESSING' })
})

test('transactions: reading: not every failure is a supplier’s last word (GT3)', async () => {
  const attempt = {
    ...{ supplier: 'alfa', sku: 'a10', ref: 'r.1', cost: 10_100, reply: null, message: '' },
    ...({ outcome: 'failed', startedAt: bornAt, answeredAt: bornAt, latencyMs: 0 } as const),
  }
  const attempts = [
    { ...attempt, n: 1, code: 'queue_timeout', notSent: true },
    { ...attempt, n: 2, code: '70', mayBeRevised: true },
    { ...attempt, n: 3, code: '02' },
    { ...attempt, n: 4, code: null, byPerson: true },
    { ...attempt, n: 5, code: null, byPerson: true, outcome: 'success' },
  ] as const
  const stage = await open({ 'order.get': () => ({ ok: orderView({ attempts }) }) })
  const { body } = await send(stage, { path: `${transactions}/${trxId}` })
  const told = body['data']!['attempts'] as unknown as { message: string; code: string | null }[]
  deepEqual(
    told.map(one => one.code),
    ['queue_timeout', null, null, null, null],
  )
  deepEqual(
    told.map(one => one.message),
    [
      'Tidak dikirim ke pemasok ini; transaksi tidak terjadi di sana.',
      'Pemasok menyatakan gagal, tetapi masih mungkin meralatnya. Mohon cek sebelum diulang.',
      'Pemasok menyatakan gagal.',
      'Diputuskan gagal oleh petugas.',
      'Diputuskan berhasil oleh petugas.',
    ],
  )
})

test('transactions: reading: attempts without our cost, timeline and next (GT3)', async () => {
  const stage = await open({
    'order.get': () => ({
      ok: orderView({
        failure: 'PRODUCT_UNSUPPLIED',
        attempts: [
          {
            n: 1,
            supplier: 'alfa',
            sku: 'a10',
            ref: 'r.1',
            cost: 10_100,
            outcome: 'unknown',
            code: '03',
            message: 'SISA SALDO 1.000.000',
            startedAt: bornAt,
            answeredAt: null,
            latencyMs: null,
            reply: 'SISA SALDO 1.000.000',
          },
        ],
        timeline: [{ at: bornAt, what: 'placed' }],
        next: { what: 'recheck', at: bornAt + 1_000 },
      }),
    }),
  })
  const told = await send(stage, { path: `${transactions}/${trxId}` })
  const data = told.body['data']!
  deepEqual(data['attempts'], [
    {
      n: 1,
      supplier: 'alfa',
      outcome: 'unknown',
      code: null,
      message: 'Jawaban pemasok belum pasti; statusnya terus ditanyakan.',
      started_at: '2026-01-02T03:04:05.678Z',
      answered_at: null,
      latency_ms: null,
    },
  ])
  equal(/10100|SISA/.test(told.text), false)
  deepEqual(data['timeline'], [{ at: '2026-01-02T03:04:05.678Z', what: 'placed' }])
  deepEqual(data['next'], { what: 'recheck', at: '2026-01-02T03:04:06.678Z' })
  deepEqual(data['failure'], {
    code: 'PRODUCT_UNSUPPLIED',
    message: 'Produk sedang kosong atau gangguan. Silakan coba produk lain.',
  })
})

test('transactions: reading as of a moment: passed on; a moment without offset is 400 (GT3)', async () => {
  const stage = await open({ 'order.get': () => ({ ok: orderView() }) })
  const at = (when: string) => send(stage, { path: `${transactions}/${trxId}?at=${when}` })
  equal((await at('2026-01-02T10:04:05%2B07:00')).status, 200)
  deepEqual(stage.askedOf('order.get'), [{ userId, trxId, at: Date.UTC(2026, 0, 2, 3, 4, 5) }])
  equal((await at('2026-01-02T10:04:05')).status, 400)
  equal((await at('yesterday')).status, 400)
})

test('transactions: a moment with its offset as it is: read as it is meant, a space stays one (GR3)', async () => {
  const stage = await open({ 'order.get': () => ({ ok: orderView() }) })
  const at = Date.UTC(2026, 0, 2, 3, 4, 5)
  for (const when of ['2026-01-02T10:04:05+07:00', '2026-01-02T10%3A04%3A05.000+07%3A00']) {
    equal((await send(stage, { path: `${transactions}/${trxId}?at=${when}` })).status, 200)
    equal((await send(stage, { path: `${transactions}?ref_id=A+10:30&at=${when}` })).status, 200)
  }
  const [byId, byRef] = stage.askedOf('order.get')
  deepEqual(byId, { userId, trxId, at })
  deepEqual(byRef, { userId, ref: 'A 10:30', at })
})

test('transactions: by reference as of a moment: passed on as by id (GT3)', async () => {
  const stage = await open({ 'order.get': () => ({ ok: orderView() }) })
  const at = (when: string) => send(stage, { path: `${transactions}?ref_id=ref-1&at=${when}` })
  equal((await at('2026-01-02T10:04:05%2B07:00')).status, 200)
  const then = Date.UTC(2026, 0, 2, 3, 4, 5)
  deepEqual(stage.askedOf('order.get'), [{ userId, ref: 'ref-1', at: then }])
  equal((await at('yesterday')).status, 400)
})

test('transactions: an id that can not be one: 404 without asking (GC1)', async () => {
  const stage = await open()
  const told = await send(stage, { path: `${transactions}/42` })
  equal(told.status, 404)
  deepEqual(stage.askedOf('order.get'), [])
})

test("transactions: by the client's reference: found, or 404 (GC1)", async () => {
  const stage = await open({
    'order.get': ({ ref = '' }) =>
      ref === 'a b+c' ? { ok: orderView({ ref }) } : { refused: 'NOT_FOUND', moneyEffect: 'none' },
  })
  const found = await send(stage, { path: `${transactions}?ref_id=a%20b%2Bc` })
  equal(found.body['data']!['ref_id'], 'a b+c')
  equal((await send(stage, { path: `${transactions}?ref_id=other` })).status, 404)
  equal((await send(stage, { path: `${transactions}?ref_id=` })).status, 400)
})

test('transactions: without a reference: a page of one’s own, as asked for (SEL1)', async () => {
  const row = {
    ...{ trxId, ref: 'ref-1', product: 'TSEL10', destination: '0812', price: 10_500 },
    ...{ sn: null, failure: 'PRODUCT_UNSUPPLIED' },
    ...{ createdAt: bornAt, updatedAt: bornAt + 1_000 },
    status: 'FAILED',
  } as const
  const stage = await open({ 'listing.orders': () => ({ ok: { rows: [row], next: '41' } }) })
  const at = (query: string) => send(stage, { path: `${transactions}${query}` })
  const { body } = await at('?limit=100&cursor=42&status=FAILED&q=08')
  deepEqual(body['data'], {
    rows: [
      {
        trx_id: trxId,
        ref_id: 'ref-1',
        status: 'FAILED',
        product_code: 'TSEL10',
        destination: '0812',
        price: 10_500,
        sn: null,
        failure: {
          code: 'PRODUCT_UNSUPPLIED',
          message: 'Produk sedang kosong atau gangguan. Silakan coba produk lain.',
        },
        created_at: '2026-01-02T03:04:05.678Z',
        updated_at: '2026-01-02T03:04:06.678Z',
      },
    ],
    next_cursor: '41',
  })
  equal((await at('')).status, 200)
  deepEqual(stage.askedOf('listing.orders'), [
    { userId, limit: 100, cursor: '42', status: 'FAILED', q: '08' },
    { userId, limit: 50 },
  ])
  for (const query of ['?limit=101', '?cursor=x', '?status=done', '?q='])
    equal((await at(query)).status, 400, query)
})

test('ask: a client that hung up: its place is free again when the service answers (GC3)', async () => {
  let answer = (_: unknown) => {}
  let reached = (_: null) => {}
  const placing = new Promise(resolve => (reached = resolve))
  const stage = await open(
    {
      'order.place': () => {
        reached(null)
        return new Promise(resolve => (answer = resolve as never))
      },
      'wallet.balance': () => ({ ok: { balance: 10, held: 4, available: 6 } }),
    },
    { limits: { inFlightMax: 1 } },
  )
  const hanging = new AbortController()
  const body = order()
  const headers = signedHeaders({ method: 'POST', path: transactions, body })
  const { signal } = hanging
  const gone = fetch(stage.url + transactions, { method: 'POST', body, headers, signal })
  gone.catch(() => undefined)
  await placing
  hanging.abort()
  equal((await send(stage, { path: '/api/v1/balance' })).body['error_code'], 'OVERLOADED')
  answer({ fault: 'OVERLOADED', retryAfterMs: 1 })
  equal((await send(stage, { path: '/api/v1/balance' })).status, 200)
})

test('wallet: balance: what is there, what is held, what is free (GM1)', async () => {
  const stage = await open({
    'wallet.balance': () => ({ ok: { balance: 10, held: 4, available: 6 } }),
  })
  const { body } = await send(stage, { path: '/api/v1/balance' })
  deepEqual(body['data'], { balance: 10, held: 4, available: 6, currency: 'IDR' })
})

test('wallet: mutations: paged, with limits, in the promised shape (GM1, GM2)', async () => {
  const row: MutationRow = {
    id: 'm1',
    direction: 'out',
    amount: 10_500,
    balanceBefore: 20_000,
    balanceAfter: 9_500,
    kind: 'order',
    detail: 'TSEL10 081200000001',
    referenceId: trxId,
    createdAt: bornAt,
  }
  const stage = await open({ 'wallet.mutations': () => ({ ok: { rows: [row], next: 'c2' } }) })
  const at = (query: string) => send(stage, { path: `/api/v1/mutations${query}` })
  const { body } = await at('?cursor=c1&limit=100&from=2026-01-01T00:00:00Z')
  deepEqual(body['data'], {
    rows: [
      {
        id: 'm1',
        direction: 'out',
        amount: 10_500,
        balance_before: 20_000,
        balance_after: 9_500,
        kind: 'order',
        detail: 'TSEL10 081200000001',
        description: 'Pembelian TSEL10 081200000001',
        reference_id: trxId,
        created_at: '2026-01-02T03:04:05.678Z',
      },
    ],
    next_cursor: 'c2',
  })
  await at('')
  deepEqual(stage.askedOf('wallet.mutations'), [
    { userId, cursor: 'c1', limit: 100, from: Date.UTC(2026, 0, 1) },
    { userId, limit: 50 },
  ])
  for (const query of ['?limit=0', '?limit=101', '?limit=x', '?limit=1e1', '?from=1', '?cursor='])
    equal((await at(query)).status, 400, query)
})

const product = (change: Partial<ProductRow> = {}): ProductRow => ({
  code: 'TSEL10',
  name: 'Telkomsel 10.000',
  category: 'Pulsa',
  brand: 'TELKOMSEL',
  type: 'prepaid',
  price: 10_500,
  open: true,
  multi: false,
  cutOffStart: '00:00',
  cutOffEnd: '00:00',
  ...change,
})

test('products: many askers: one list is made per level (GP1)', async () => {
  let level = 2
  const stage = await open({
    'identity.key': ({ keyId }) => keyCard({ keyId, level: keyId === 'key-1' ? 2 : 3 }),
    'catalogue.products': asked => {
      level = asked.level
      return [product({ price: 10_000 + level })]
    },
  })
  const ask = { path: '/api/v1/products' }
  const told = await Promise.all([send(stage, ask), send(stage, ask), send(stage, ask)])
  equal(stage.askedOf('catalogue.products').length, 1)
  equal(told[0]!.body['data']!['rows']![0]!['price'], 10_002)
  const other = await send(stage, { ...ask, key: 'key-2' })
  equal(other.body['data']!['rows']![0]!['price'], 10_003)
  equal(level, 3)
})

test('products: the version: 304 for who has it, 200 when prices changed (GP2)', async () => {
  let now = Date.now()
  let price = 10_500
  const stage = await open({ 'catalogue.products': () => [product({ price })] }, { now: () => now })
  const ask = (headers = {}) => send(stage, { path: '/api/v1/products', headers })
  const told = await ask()
  const headers = { 'if-none-match': told.headers.get('etag')! }
  equal(told.headers.get('etag'), `"${told.body['data']!['version']}"`)
  equal((await ask(headers)).status, 304)
  price++
  now += 61_000
  equal((await ask(headers)).body['data']!['rows']![0]!['price'], 10_501)
})

test('products: a long list: printed once, packed for who takes that, anew when it differs (GP4)', async () => {
  let now = Date.now()
  let price = 10_500
  const rows = () => Array.from({ length: 300 }, (_, n) => product({ code: `TSEL${n}`, price }))
  const stage = await open({ 'catalogue.products': rows }, { now: () => now })
  const ask = (accept: string) =>
    send(stage, { path: '/api/v1/products', headers: { 'accept-encoding': accept } })
  const first = await ask('identity')
  equal(first.headers.get('content-encoding'), null)
  let packed = await ask('gzip')
  while (packed.headers.get('content-encoding') !== 'gzip') packed = await ask('gzip')
  deepEqual(packed.body['data'], first.body['data'])
  notEqual(packed.body['request_id'], first.body['request_id'])
  equal(packed.body['request_id'], packed.headers.get('x-request-id'))
  // Other rows that say the same: the packed one is still there. Other prices: it is not.
  now += 61_000
  equal((await ask('gzip')).headers.get('content-encoding'), 'gzip')
  price++
  now += 61_000
  const changed = await ask('gzip')
  equal(changed.headers.get('content-encoding'), null)
  equal(changed.body['data']!['rows']![299]!['price'], 10_501)
})

test('products: filters: by category and brand, whatever the case (GP1)', async () => {
  const stage = await open({
    'catalogue.products': () => [product(), product({ code: 'XL5', brand: 'XL' })],
  })
  const codes = async (query: string) => {
    const { body } = await send(stage, { path: `/api/v1/products${query}` })
    return (body['data']!['rows'] as unknown as { code: string }[]).map(({ code }) => code)
  }
  deepEqual(await codes('?brand=xl'), ['XL5'])
  deepEqual(await codes('?category=PULSA'), ['TSEL10', 'XL5'])
  deepEqual(await codes('?category=Game'), [])
})

test('products: the catalogue is silent: the last list serves; without one 503 (GP3)', async () => {
  let now = Date.now()
  let silent = true
  const stage = await open(
    {
      'catalogue.products': () => {
        if (silent) throw new Error('silent')
        return [product()]
      },
    },
    { now: () => now },
  )
  const ask = () => send(stage, { path: '/api/v1/products' })
  equal((await ask()).status, 503)
  silent = false
  equal((await ask()).status, 200)
  silent = true
  now += 10_000
  equal((await ask()).status, 200)
  now += 60_000
  equal((await ask()).status, 503)
})

const callback = (stage: Stage, body: string | Uint8Array<ArrayBuffer>, headers = {}) =>
  plain(stage, { method: 'POST', path: '/api/v1/callbacks/supplier/alfa', body, headers })

test('callbacks: the body: handed on byte for byte, whatever it is (GS1)', async () => {
  const stage = await open({ 'supplier.callback': () => ({ verdict: 'accepted', stored: true }) })
  const bytes = Uint8Array.from([0xff, 0x00, 0x7b, 0x22])
  const told = await callback(stage, bytes, { 'x-hub-signature': 'sha1=x', cookie: 'a=b' })
  equal(told.status, 200)
  const [asked] = stage.askedOf('supplier.callback')
  equal(asked!.supplier, 'alfa')
  deepEqual(Buffer.from(asked!.body, 'base64'), Buffer.from(bytes))
  equal(asked!.headers['x-hub-signature'], 'sha1=x')
  equal('cookie' in asked!.headers, false)
})

test('callbacks: verdicts: forged 401, not stored 503, stored or ping 200 (GS2)', async () => {
  const cases = [
    ['accepted', true, 200],
    ['parked', true, 200],
    ['ping', false, 200],
    ['forged', true, 401],
    ['forged', false, 401],
    ['accepted', false, 503],
    ['parked', false, 503],
    ['unknown_supplier', false, 404],
  ] as const
  for (const [verdict, stored, status] of cases) {
    const stage = await open({ 'supplier.callback': () => ({ verdict, stored }) })
    const told = await callback(stage, '{}')
    equal(told.status, status, verdict)
    equal(told.headers.has('retry-after'), status === 503)
  }
  const broken = await open({
    'supplier.callback': () => {
      throw new Error('no')
    },
  })
  equal((await callback(broken, '{}')).status, 503)
})

test('callbacks: x-real-ip: what we saw, not what the sender says (GS3)', async () => {
  const stage = await open({ 'supplier.callback': () => ({ verdict: 'accepted', stored: true }) })
  await callback(stage, '{}', { 'x-real-ip': '52.74.250.133' })
  equal(stage.askedOf('supplier.callback')[0]!.headers['x-real-ip'], '127.0.0.1')
})

test('callbacks: by GET: the query is the body, byte for byte (PAL1)', async () => {
  const stage = await open({ 'supplier.callback': () => ({ verdict: 'accepted', stored: true }) })
  const query = 't=1&refid=x-1&message=S5.0812+SUKSES%20%26'
  const told = await plain(stage, { path: `/api/v1/callbacks/supplier/alfa?${query}` })
  equal(told.status, 200)
  const [asked] = stage.askedOf('supplier.callback')
  equal(asked!.supplier, 'alfa')
  equal(Buffer.from(asked!.body, 'base64').toString(), query)
  equal('x-callback-digest' in asked!.headers, false)
})

test('callbacks: the word in the address: handed on as digest, nobody else writes it (PAL2)', async () => {
  const stage = await open({ 'supplier.callback': () => ({ verdict: 'accepted', stored: true }) })
  const headers = { 'x-callback-digest': 'mine' }
  const base = '/api/v1/callbacks/supplier/alfa'
  await plain(stage, { path: `${base}/rahasia?refid=1`, headers })
  await plain(stage, { method: 'POST', path: `${base}/rahasia`, body: 'x', headers })
  await plain(stage, { path: base, headers })
  const digests = stage.askedOf('supplier.callback').map(one => one.headers['x-callback-digest'])
  const digest = createHash('sha256').update('rahasia').digest('hex')
  deepEqual(digests, [digest, digest, undefined])
  equal(JSON.stringify(stage.askedOf('supplier.callback')).includes('rahasia'), false)
})

test('callbacks: too many from one address: 429 (GL1)', async () => {
  const stage = await open(
    { 'supplier.callback': () => ({ verdict: 'accepted', stored: true }) },
    { limits: { callbacksPerMin: 1 } },
  )
  equal((await callback(stage, '{}')).status, 200)
  equal((await callback(stage, '{}')).status, 429)
})

const parts = [{ name: 'postgres', ok: false, ms: 3, reason: 'connection refused' }]

test('health: alive, ready, deep: parts with their reasons (GH1)', async () => {
  const stage = await open({ 'system.health': ({ deep }) => ({ ready: !deep, parts }) })
  for (const path of ['/health', '/api/v1/health']) {
    deepEqual((await plain(stage, { path })).body['data'], { alive: true })
  }
  equal((await plain(stage, { path: '/health/ready' })).status, 200)
  const deep = await plain(stage, { path: '/health/deep' })
  equal(deep.status, 503)
  deepEqual(deep.body['data'], { ready: false, parts })
})

test('health: HEAD: the status that GET has, for probes that ask so (GH1)', async () => {
  const stage = await open({ 'system.health': ({ deep }) => ({ ready: deep, parts }) })
  const statusOf = async (path: string) => (await plain(stage, { method: 'HEAD', path })).status
  equal(await statusOf('/health'), 200)
  equal(await statusOf('/health/ready'), 503)
  equal(await statusOf('/health/deep'), 200)
})

test('health: asked often: the services are asked once a second (GH1)', async () => {
  let now = Date.now()
  const stage = await open(
    { 'system.health': () => ({ ready: true, parts: [] }) },
    { now: () => now },
  )
  for (let i = 0; i < 5; i++) await plain(stage, { path: '/health/ready' })
  equal(stage.askedOf('system.health').length, 1)
  now += 1_000
  await plain(stage, { path: '/health/ready' })
  equal(stage.askedOf('system.health').length, 2)
})

test('health: the services are silent: 503, and why (GH1)', async () => {
  const stage = await open({
    'system.health': () => {
      throw new Error('nobody there')
    },
  })
  const told = await plain(stage, { path: '/health/ready' })
  equal(told.status, 503)
  match(told.text, /nobody there/)
})

test("health: metrics: the services' text and our own counters (GH2)", async () => {
  const stage = await open({ 'system.metrics': () => '# TYPE up gauge\nup 1' })
  const told = await plain(stage, { path: '/metrics' })
  match(told.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/)
  match(told.text, /^# TYPE up gauge\nup 1\n[\s\S]*laju_gateway_in_flight 0\n/)
})

test('health: production: deep and metrics are for the house only (GH2)', async () => {
  const stage = await open(
    { 'system.metrics': () => '', 'system.health': () => ({ ready: true, parts: [] }) },
    { mode: 'production', proxies: 1 },
  )
  const from = (path: string, address: string) =>
    plain(stage, { path, headers: { 'x-forwarded-for': address } })
  for (const path of ['/metrics', '/health/deep']) {
    equal((await from(path, '8.8.8.8')).status, 404)
    equal((await from(path, '10.0.0.9')).status, 200)
  }
  equal((await from('/health/ready', '8.8.8.8')).status, 200)
})

const press = (stage: Stage, body?: string) =>
  plain(stage, { method: 'POST', path: '/demo/buy', ...(body === undefined ? {} : { body }) })

test('demo: presses: so many per address (GO1)', async () => {
  const scripts = { 'catalogue.products': () => [product()] }
  const stage = await open(scripts, { demo, limits: { demoBuysPerMin: 2 } })
  deepEqual(
    [(await press(stage)).status, (await press(stage)).status, (await press(stage)).status],
    [200, 200, 429],
  )
})

test('demo: without a wish: an open prepaid product for a fresh number (GO2)', async () => {
  const stage = await open(
    { 'catalogue.products': () => [product({ open: false }), product({ code: 'T5' })] },
    { demo },
  )
  equal((await press(stage)).status, 200)
  equal((await press(stage, '{}')).status, 200)
  const asked = stage.askedOf('order.place')
  for (const one of asked) {
    equal(one.product, 'T5')
    equal(one.level, 3)
    match(one.destination, /^0812\d{8}$/)
  }
  equal(new Set(asked.map(({ ref }) => ref)).size, 2)
})

test('demo: the same Idempotency-Key: the same order, number and all (GO3)', async () => {
  const stage = await open({}, { demo: { ...demo, product: 'T5' } })
  const again = (key: string) =>
    plain(stage, { method: 'POST', path: '/demo/buy', headers: { 'idempotency-key': key } })
  for (const key of ['0123456789abcdef', '0123456789abcdef', 'fedcba9876543210', 'short', 'short'])
    equal((await again(key)).status, 200)
  const asked = stage.askedOf('order.place')
  deepEqual(asked[0], asked[1])
  equal(new Set(asked.map(({ ref }) => ref)).size, 4)
  equal(new Set(asked.map(({ destination }) => destination)).size, 4)
})

test('demo: with a wish: as wished; nonsense is refused (GO2)', async () => {
  const stage = await open({}, { demo })
  await press(stage, '{"product":"XL5","destination":"0817000"}')
  const [asked] = stage.askedOf('order.place')
  deepEqual([asked!.product, asked!.destination], ['XL5', '0817000'])
  equal((await press(stage, '{"product":5}')).status, 400)
})

test('transactions: a number as it was pasted: the catalogue reads it, not the door (GR2)', async () => {
  const stage = await open()
  const body = { ref_id: 'p-1', product_code: 'XLD10' }
  for (const destination of ['\u202a+62 878-0000-1230\u202c', '０８７８', '0878\u200b0000\n']) {
    const text = JSON.stringify({ ...body, destination })
    equal((await send(stage, { method: 'POST', path: transactions, body: text })).status, 200)
    equal(stage.askedOf('order.place').at(-1)!.destination, destination)
  }
  const nul = JSON.stringify({ ...body, destination: '0878\u0000' })
  equal((await send(stage, { method: 'POST', path: transactions, body: nul })).status, 400)
})
