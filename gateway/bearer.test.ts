import { deepEqual, equal } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, test } from 'node:test'
import type { SessionCard } from '../services/contract/identity.ts'
import { order, plain, Stage, signedHeaders, userId } from './scripted.fixture.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

const sid = '5b1c8a52-6f0e-4b5e-9a43-0d7c1f2e3a4b'
const other = '5b1c8a52-6f0e-4b5e-9a43-0d7c1f2e3a4c'
const at = Date.UTC(2026, 0, 2, 3, 4, 5)
const iat = at / 1_000

const card = (change: Partial<SessionCard> = {}): SessionCard => ({
  ...{ userId, username: 'user', name: 'Toko Contoh', role: 'reseller', level: 2 },
  ...{ status: 'active', sid, secret: 'of this session', ipAllow: [], ratePerMin: 0 },
  ...change,
})

/** With one session; more scripts and options as for any stage. */
async function open(
  cards: Readonly<Record<string, SessionCard>> = { [sid]: card() },
  options: Parameters<typeof Stage.open>[1] = {},
): Promise<Stage> {
  const stage = await Stage.open(
    {
      'session.card': ({ sid: asked }) => cards[asked] ?? null,
      'wallet.balance': () => ({ ok: { balance: 10, held: 4, available: 6 } }),
      'routing.suppliers': () => ({ ok: [] }),
    },
    { now: () => at, ...options },
  )
  stages.push(stage)
  return stage
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const usualHead = { alg: 'HS256', typ: 'JWT' }
const usualClaims = { sub: userId, sid, role: 'reseller', iat, exp: iat + 600 }

/** As anybody would make a JWT who never saw our code. */
function jwt(claims: object = {}, head: object = usualHead, secret = 'of this session'): string {
  const signed = `${part(head)}.${part({ ...usualClaims, ...claims })}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

const get = (stage: Stage, token: string, path = '/api/v1/balance') =>
  plain(stage, { path, headers: { authorization: `Bearer ${token}` } })

test('bearer: a right token: a client like one with a key (SEE1)', async () => {
  const stage = await open()
  equal((await get(stage, jwt())).status, 200)
  const body = order()
  const headers = { authorization: `bearer ${jwt()}`, 'content-type': 'application/json' }
  const placed = await plain(stage, { method: 'POST', path: '/api/v1/transactions', body, headers })
  equal(placed.status, 200)
  const [asked] = stage.askedOf('order.place')
  deepEqual([asked!.userId, asked!.level, asked!.ref], [userId, 2, 'ref-1'])
})

test('bearer: any other header, signature or claims: TOKEN_INVALID (SEE1)', async () => {
  const stage = await open()
  const [head, body, mac] = jwt().split('.')
  const unsigned = part({ alg: 'none', typ: 'JWT' })
  const wrong = [
    jwt({}, { alg: 'none', typ: 'JWT' }),
    `${unsigned}.${body}.`,
    `${head}.${body}.`,
    `${head}.${body}`,
    jwt({}, { alg: 'HS512', typ: 'JWT' }),
    jwt({}, { typ: 'JWT', alg: 'HS256' }),
    jwt({}, { ...usualHead, kid: '../../dev/null' }),
    jwt({}, usualHead, 'of another session'),
    jwt({}, usualHead, ''),
    `${head}.${part({ ...usualClaims, sub: 'x' })}.${mac}`,
    jwt({ sub: 'another' }),
    jwt({ sid: 'x' }),
    jwt({ exp: '9999999999' }),
    jwt({ exp: iat + 0.5 }),
    jwt({ admin: true }),
    `${jwt()}.x`,
    `${jwt()}${'x'.repeat(1_100)}`,
    '',
    'a.b.c',
  ]
  for (const token of wrong) {
    const told = await get(stage, token)
    equal(told.status, 401, token)
    const code = token === '' ? 'SIGNATURE_INVALID' : 'TOKEN_INVALID'
    equal(told.body['error_code'], code, token)
  }
  deepEqual(stage.askedOf('wallet.balance'), [])
})

test('bearer: its time is over: TOKEN_EXPIRED, and nothing is claimed about an order (SEE1)', async () => {
  const stage = await open()
  equal((await get(stage, jwt({ exp: iat + 1 }))).status, 200)
  equal((await get(stage, jwt({ exp: iat }))).body['error_code'], 'TOKEN_EXPIRED')
  const told = await plain(stage, {
    ...{ method: 'POST', path: '/api/v1/transactions', body: order() },
    headers: {
      authorization: `Bearer ${jwt({ exp: iat - 1 })}`,
      'content-type': 'application/json',
    },
  })
  equal(told.body['error_code'], 'TOKEN_EXPIRED')
  equal('money_effect' in told.body, false)
})

test('bearer: the session ended: refused at once when that is heard, within a second else (SEE2)', async () => {
  const cards: Record<string, SessionCard> = { [sid]: card() }
  let now = at
  const stage = await open(cards, { now: () => now })
  equal((await get(stage, jwt())).status, 200)
  delete cards[sid]
  now += 1_000
  equal((await get(stage, jwt())).body['error_code'], 'TOKEN_INVALID')
  cards[sid] = card()
  now += 1_000
  equal((await get(stage, jwt())).status, 200)
  delete cards[sid]
  stage.signal('session.changed', { sid })
  equal((await get(stage, jwt())).body['error_code'], 'TOKEN_INVALID')
  // What is repeated may have been taken while the session lasted: nothing is claimed about it.
  const told = await plain(stage, {
    ...{ method: 'POST', path: '/api/v1/transactions', body: order() },
    headers: { authorization: `Bearer ${jwt()}`, 'content-type': 'application/json' },
  })
  deepEqual([told.body['error_code'], told.body['money_effect']], ['TOKEN_INVALID', undefined])
})

test('bearer: who he is: the card says it, not the token (SEE2)', async () => {
  const suspended = card({ sid: other, status: 'suspended', secret: 'other' })
  const stage = await open({ [sid]: card(), [other]: suspended })
  const desk = '/api/v1/admin/routing/suppliers'
  equal((await get(stage, jwt({ role: 'admin' }), desk)).body['error_code'], 'FORBIDDEN')
  const told = await get(stage, jwt({ sid: other }, usualHead, 'other'))
  equal(told.body['error_code'], 'CLIENT_SUSPENDED')
  const staff = await open({ [sid]: card({ role: 'admin' }) })
  equal((await get(staff, jwt(), desk)).status, 200)
  const elsewhere = await open({ [sid]: card({ ipAllow: ['10.0.0.1'] }) })
  equal((await get(elsewhere, jwt())).body['error_code'], 'FORBIDDEN')
})

test('bearer: beside a key: the key alone is looked at (SEE3)', async () => {
  const stage = await open({}, { now: Date.now })
  const ask = { path: '/api/v1/balance', headers: { authorization: `Bearer ${jwt()}` } }
  equal((await plain(stage, { ...ask, headers: signedHeaders(ask) })).status, 200)
  const wrong = { ...signedHeaders(ask), 'x-signature': '0'.repeat(64) }
  const told = await plain(stage, { ...ask, headers: wrong })
  equal(told.body['error_code'], 'SIGNATURE_INVALID')
  deepEqual(stage.askedOf('session.card'), [])
})

test('bearer: two sessions of one client: one allowance (SEE4)', async () => {
  const rate = { ratePerMin: 1 }
  const stage = await open({ [sid]: card(rate), [other]: card({ ...rate, sid: other }) })
  const second = jwt({ sid: other })
  equal((await get(stage, jwt())).status, 200)
  equal((await get(stage, second)).status, 200)
  equal((await get(stage, jwt())).body['error_code'], 'RATE_LIMITED')
  const told = await get(stage, second)
  equal(told.status, 429)
  equal(told.headers.has('retry-after'), true)
  const own = await open({ [sid]: card({ ...rate, readPerMin: 1 }) })
  equal((await get(own, jwt())).status, 200)
  equal((await get(own, jwt())).status, 429)
})

test('bearer: failures: spend what the address may; an expired token does not (SEE5)', async () => {
  const stage = await open({ [sid]: card() }, { limits: { authFailuresPerMin: 2 } })
  const expired = jwt({ exp: iat - 1 })
  for (let n = 0; n < 3; n++) equal((await get(stage, expired)).body['error_code'], 'TOKEN_EXPIRED')
  for (let n = 0; n < 2; n++) equal((await get(stage, 'a.b.c')).body['error_code'], 'TOKEN_INVALID')
  equal((await get(stage, 'a.b.c')).body['error_code'], 'RATE_LIMITED')
  const asked = stage.askedOf('session.card').length
  equal((await get(stage, jwt({ sid: other }))).body['error_code'], 'RATE_LIMITED')
  equal(stage.askedOf('session.card').length, asked)
  equal((await get(stage, jwt())).status, 200)
})
