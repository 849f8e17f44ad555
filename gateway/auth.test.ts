import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import { buy, keyCard, order, plain, Stage, send, signedHeaders } from './scripted.fixture.ts'

const stages: Stage[] = []
const open: typeof Stage.open = async (...args) => {
  const stage = await Stage.open(...args)
  stages.push(stage)
  return stage
}
after(() => Promise.all(stages.map(stage => stage.close())))

const balance = () => ({ ok: { balance: 10, held: 4, available: 6 } })

test('auth: a signature by the book: fixed vector, accepted (GA1)', async () => {
  const now = 1_767_323_045_000
  const stage = await open({}, { now: () => now })
  const body = order()
  const headers = signedHeaders({
    method: 'POST',
    path: '/api/v1/transactions',
    body,
    timestamp: '1767323045',
  })
  // As openssl dgst -sha256 -hmac says.
  equal(headers['x-signature'], '74732bea097002281de60facfa42314982510b76401964033bff0c8c335767cf')
  const told = await plain(stage, { method: 'POST', path: '/api/v1/transactions', body, headers })
  equal(told.status, 200)
})

test('auth: raw bytes: spaces and order of keys are signed as sent (GA1)', async () => {
  const stage = await open()
  const body = ' {  "destination" : "0812" , "product_code":"A" ,"ref_id":"x"}\n'
  equal((await buy(stage, body)).status, 200)
  const headers = signedHeaders({ method: 'POST', path: '/api/v1/transactions', body })
  const other = body.trim()
  const told = await plain(stage, {
    method: 'POST',
    path: '/api/v1/transactions',
    body: other,
    headers,
  })
  equal(told.body['error_code'], 'SIGNATURE_INVALID')
})

test('auth: a wrong secret, text, method or path: SIGNATURE_INVALID, nothing asked (GA1)', async () => {
  const stage = await open()
  const stamp = String(Math.floor(Date.now() / 1_000))
  const wrong = [
    { secret: 'another' },
    { text: '' },
    { timestamp: stamp, text: `${stamp}.GET./api/v1/transactions.` },
    { timestamp: stamp, text: `${stamp}.POST./api/v1/balance.` },
    { headers: { 'x-signature': 'zz' } },
    { headers: { 'x-signature': '' } },
    { headers: { 'x-signature': '0'.repeat(64) } },
  ]
  for (const ask of wrong) {
    const told = await buy(stage, order(), ask)
    equal(told.status, 401)
    equal(told.body['error_code'], 'SIGNATURE_INVALID')
    equal(told.body['money_effect'], 'none')
  }
  deepEqual(stage.askedOf('order.place'), [])
})

test('auth: no credentials at all: SIGNATURE_INVALID, and what is missing (GA1)', async () => {
  const stage = await open()
  const told = await plain(stage, { path: '/api/v1/balance' })
  equal(told.status, 401)
  deepEqual(told.body['details'], { missing: ['X-Api-Key', 'X-Timestamp', 'X-Signature'] })
})

test('auth: query string: signed with it or without it (GA1)', async () => {
  const stage = await open({ 'wallet.mutations': () => ({ ok: { rows: [], next: null } }) })
  const path = '/api/v1/mutations?limit=5'
  equal((await send(stage, { path })).status, 200)
  const stamp = String(Math.floor(Date.now() / 1_000))
  const text = `${stamp}.GET./api/v1/mutations.`
  equal((await send(stage, { path, timestamp: stamp, text })).status, 200)
  const other = `${stamp}.GET./api/v1/mutations?limit=6.`
  equal((await send(stage, { path, timestamp: stamp, text: other })).status, 401)
})

test('auth: timestamps: five minutes either way, seconds or milliseconds (GA2)', async () => {
  const now = 1_767_323_045_000
  const stage = await open({ 'wallet.balance': balance }, { now: () => now })
  const at = (timestamp: string) => send(stage, { path: '/api/v1/balance', timestamp })
  for (const timestamp of ['1767323045', '1767322745', '1767323345', '1767323045123'])
    equal((await at(timestamp)).status, 200, timestamp)
  for (const timestamp of ['1767322744', '1767323346', '999999999', 'now', '-1767323045', '1e9']) {
    const told = await at(timestamp)
    equal(told.status, 401, timestamp)
    equal(told.body['error_code'], 'TIMESTAMP_SKEWED')
  }
  deepEqual((await at('1767322744')).body['details'], { server_time: 1_767_323_045 })
})

test('auth: nonce: serves once, signed or not; a failed proof does not use it up (GA3)', async () => {
  const stage = await open({ 'wallet.balance': balance })
  const path = '/api/v1/balance'
  equal((await send(stage, { path, nonce: 'n1', secret: 'wrong' })).status, 401)
  equal((await send(stage, { path, nonce: 'n1' })).status, 200)
  const again = await send(stage, { path, nonce: 'n1' })
  equal(again.body['error_code'], 'NONCE_REUSED')
  const unsigned = { path, headers: { 'x-nonce': 'n2' } }
  equal((await send(stage, unsigned)).status, 200)
  equal((await send(stage, unsigned)).body['error_code'], 'NONCE_REUSED')
})

test('auth: nonces beyond memory: OVERLOADED, none forgotten (GA3)', async () => {
  const stage = await open({ 'wallet.balance': balance }, { limits: { nonceMax: 1 } })
  equal((await send(stage, { path: '/api/v1/balance', nonce: 'a' })).status, 200)
  const told = await send(stage, { path: '/api/v1/balance', nonce: 'b' })
  equal(told.body['error_code'], 'OVERLOADED')
})

test('auth: 200 copies of one request at once: 200 answers, no nonce needed (GA3)', async () => {
  const stage = await open()
  const ask = { timestamp: String(Math.floor(Date.now() / 1_000)) }
  const told = await Promise.all(Array.from({ length: 200 }, () => buy(stage, order(), ask)))
  deepEqual([...new Set(told.map(({ status }) => status))], [200])
  equal(stage.askedOf('order.place').length, 200)
  equal(stage.askedOf('identity.key').length, 1)
})

test('auth: another address than allowed: FORBIDDEN, but only after the proof (GA4)', async () => {
  const stage = await open({ 'identity.key': () => keyCard({ ipAllow: ['10.0.0.0/8'] }) })
  const told = await buy(stage)
  equal(told.status, 403)
  equal(told.body['error_code'], 'FORBIDDEN')
  equal((await buy(stage, order(), { secret: 'wrong' })).body['error_code'], 'SIGNATURE_INVALID')
})

test('auth: behind a proxy of ours: the forwarded address decides; else it is only talk (GA4)', async () => {
  const scripts = {
    'identity.key': () => keyCard({ ipAllow: ['10.0.0.0/8'] }),
    'wallet.balance': balance,
  }
  const ask = { path: '/api/v1/balance', headers: { 'x-forwarded-for': '6.6.6.6, 10.9.9.9' } }
  equal((await send(await open(scripts, { proxies: 1 }), ask)).status, 200)
  equal((await send(await open(scripts), ask)).status, 403)
})

test('auth: a suspended client: CLIENT_SUSPENDED (GA4)', async () => {
  const stage = await open({ 'identity.key': () => keyCard({ status: 'suspended' }) })
  const told = await buy(stage)
  equal(told.status, 403)
  equal(told.body['error_code'], 'CLIENT_SUSPENDED')
  // It may repeat an order of before, which stands.
  equal(told.body['money_effect'], undefined)
})

test('auth: rate: orders and reads apart, RATE_LIMITED says when to come back (GA4)', async () => {
  const stage = await open(
    { 'identity.key': () => keyCard({ ratePerMin: 2 }), 'wallet.balance': balance },
    { now: () => 1_767_323_045_000 },
  )
  const timestamp = '1767323045'
  const statuses = []
  for (let i = 0; i < 3; i++) statuses.push((await buy(stage, order(), { timestamp })).status)
  deepEqual(statuses, [200, 200, 429])
  const told = await buy(stage, order(), { timestamp })
  equal(told.headers.get('retry-after'), '30')
  // A repeat of an order whose money is held is turned away as well: nothing is claimed.
  equal(told.body['money_effect'], undefined)
  for (let i = 0; i < 4; i++)
    equal((await send(stage, { path: '/api/v1/balance', timestamp })).status, 200)
  equal((await send(stage, { path: '/api/v1/balance', timestamp })).status, 429)
})

test('auth: failures from one address: answered 429 at last, unknown keys not looked up (GA5)', async () => {
  const stage = await open(
    { 'wallet.balance': balance },
    { limits: { authFailuresPerMin: 3 }, now: () => 1_767_323_045_000 },
  )
  const timestamp = '1767323045'
  const path = '/api/v1/balance'
  for (const key of ['a', 'b', 'c'])
    equal((await send(stage, { path, key, timestamp })).body['error_code'], 'KEY_UNKNOWN')
  equal((await send(stage, { path, key: 'd', timestamp })).status, 429)
  deepEqual(
    stage.askedOf('identity.key').map(({ keyId }) => keyId),
    ['a', 'b', 'c'],
  )
})

test('keyring: a withdrawn key: gone after twice its fresh time at the latest (GK1)', async () => {
  let now = 1_767_323_045_000
  let known = true
  const stage = await open(
    { 'identity.key': () => (known ? keyCard() : null), 'wallet.balance': balance },
    { now: () => now, limits: { keyFreshMs: 5_000 } },
  )
  const ask = { path: '/api/v1/balance', timestamp: '1767323045' }
  equal((await send(stage, ask)).status, 200)
  known = false
  now += 10_000
  equal((await send(stage, ask)).body['error_code'], 'KEY_UNKNOWN')
  known = true
  now += 10_000
  equal((await send(stage, ask)).status, 200)
})

test('keyring: ageing: serves what it has and asks anew once (GK2)', async () => {
  let now = 1_767_323_045_000
  const stage = await open({ 'wallet.balance': balance }, { now: () => now })
  const ask = { path: '/api/v1/balance', timestamp: '1767323045' }
  await Promise.all([send(stage, ask), send(stage, ask), send(stage, ask)])
  equal(stage.askedOf('identity.key').length, 1)
  now += 6_000
  await Promise.all([send(stage, ask), send(stage, ask)])
  equal(stage.askedOf('identity.key').length, 2)
})

test('keyring: an unknown key again: remembered for a while, too (GK3)', async () => {
  const stage = await open()
  for (let i = 0; i < 3; i++) await send(stage, { path: '/api/v1/balance', key: 'nobody' })
  equal(stage.askedOf('identity.key').length, 1)
})

test('keyring: identity can not be asked: 503 UNREACHABLE, not a wrong key (GC2)', async () => {
  const stage = await open({
    'identity.key': () => {
      throw new Error('no database')
    },
  })
  const told = await buy(stage)
  equal(told.status, 503)
  equal(told.body['error_code'], 'UNREACHABLE')
  equal(told.body['money_effect'], undefined)
})
