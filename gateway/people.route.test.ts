import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, test } from 'node:test'
import type { SessionCard } from '../services/contract/identity.ts'
import type { Profile } from '../services/contract/people.ts'
import type { LoggedIn } from '../services/contract/session.ts'
import { bornAt, keyCard, plain, Stage, send, userId } from './scripted.fixture.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

const sid = '5b1c8a52-6f0e-4b5e-9a43-0d7c1f2e3a4b'
const profile: Profile = {
  ...{ userId, name: 'Budi', email: 'budi@contoh.id', isEmailVerified: false, nextEmail: null },
  ...{ phone: null, role: 'consumer', createdAt: bornAt },
}
const card = (role: SessionCard['role']): SessionCard => ({
  ...{ userId, username: 'c1', name: 'Budi', role, level: 0, status: 'active', sid },
  ...{ secret: 'of this session', ipAllow: [], ratePerMin: 0 },
})
const loggedIn: LoggedIn = {
  ...{ accessToken: 'a.b.c', expiresAt: bornAt, refresh: 'next-one', refreshExpiresAt: bornAt },
  user: { userId, username: 'c1', name: 'Budi', role: 'consumer', level: 0 },
}

async function open(
  scripts: Parameters<typeof Stage.open>[0] = {},
  role: SessionCard['role'] = 'consumer',
): Promise<Stage> {
  const nothing = () => ({ ok: null })
  const stage = await Stage.open({
    'session.card': () => card(role),
    'session.login': () => ({ ok: loggedIn }),
    'session.refresh': () => ({ ok: loggedIn }),
    'session.logout': nothing,
    'account.register': nothing,
    'account.verify': nothing,
    'account.resend': nothing,
    'account.forgot': nothing,
    'account.reset': nothing,
    'account.profile': () => ({ ok: profile }),
    'account.change': () => ({ ok: profile }),
    'account.email': () => ({ ok: profile }),
    'account.erase': () => ({ ok: { status: 'closed' } }),
    'wallet.balance': () => ({ ok: { balance: 10, held: 4, available: 6 } }),
    'wallet.mutations': () => ({ ok: { rows: [], next: null } }),
    'totp.enrol': () => ({ ok: { secret: 'ABC', uri: 'otpauth://totp/x' } }),
    'totp.confirm': () => ({ ok: { recoveryCodes: ['AAAAA-BBBBB'] } }),
    ...scripts,
  })
  stages.push(stage)
  return stage
}

const type = { 'content-type': 'application/json' }
const post = (stage: Stage, path: string, body: unknown, headers = {}) =>
  plain(stage, {
    ...{ method: 'POST', path: `/api/v1/auth/${path}`, body: JSON.stringify(body) },
    headers: { ...type, ...headers },
  })

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
/** As a person carries it. */
function token(role: string): string {
  const iat = Math.floor(Date.now() / 1_000)
  const claims = part({ sub: userId, sid, role, iat, exp: iat + 600 })
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${claims}`
  return `${signed}.${createHmac('sha256', 'of this session').update(signed).digest('base64url')}`
}
const asPerson = (stage: Stage, method: string, path: string, body?: unknown, role = 'consumer') =>
  plain(stage, {
    ...{ method, path, headers: { ...type, authorization: `Bearer ${token(role)}` } },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

const newcomer = { name: 'Budi', email: 'budi@contoh.id', password: 'rahasia-1' }
const word = 'wQ3xkTq0v8m2y5Zr7Lc9Nd1Pf4Hs6Jb_AeGiKoUu-tY'

test('register: asked as typed, answered without a secret (PEF1, PEF2)', async () => {
  const stage = await open()
  const { status, text, body } = await post(stage, 'register', {
    ...newcomer,
    email: ' budi@contoh.id ',
    phone: '0812 3456 7890',
  })
  deepEqual([status, body['data']], [200, { email: 'budi@contoh.id' }])
  deepEqual(stage.askedOf('account.register'), [
    { ...newcomer, phone: '0812 3456 7890', neighbour: '127.0.0.1', address: '127.0.x.x' },
  ])
  equal(text.includes('rahasia-1'), false)
})

test('register: what can not be a name, an e-mail, a password: told field by field (PEF2)', async () => {
  const stage = await open()
  const wrong = [
    { name: '' },
    { name: '<b>x</b>' },
    { name: 'a\nb' },
    { email: 'budi' },
    { email: `${'a'.repeat(200)}@contoh.id` },
    { password: 'short' },
    { phone: 'abc' },
  ]
  for (const change of wrong) {
    const { status, body } = await post(stage, 'register', { ...newcomer, ...change })
    deepEqual([status, body['error_code']], [400, 'VALIDATION_FAILED'], JSON.stringify(change))
  }
  equal((await post(stage, 'register', newcomer, { 'content-type': 'text/plain' })).status, 415)
  deepEqual(stage.asked, [])
})

test('register: too often: when to come again (PEF1)', async () => {
  const stage = await open({
    'account.register': () => ({
      ...{ refused: 'ASKED_TOO_OFTEN', retryAfterMs: 1_800_000, moneyEffect: 'none' },
    }),
  })
  const { status, headers, body } = await post(stage, 'register', newcomer)
  deepEqual([status, body['error_code']], [429, 'ASKED_TOO_OFTEN'])
  equal(headers.get('retry-after'), '1800')
})

test('links: their words go on and never come back (PEF2)', async () => {
  const stage = await open()
  const told = [
    await post(stage, 'verify-email', { token: word }),
    await post(stage, 'reset-password', { token: word, password: 'rahasia-2' }),
    await post(stage, 'forgot-password', { email: 'budi@contoh.id' }),
    await post(stage, 'resend-verification', { email: 'budi@contoh.id' }),
  ]
  for (const { status, text, body } of told) {
    deepEqual([status, body['data']], [200, null])
    equal(text.includes(word) || text.includes('rahasia'), false)
  }
  equal(told[2]!.body['message'], told[3]!.body['message'])
  equal(stage.askedOf('account.verify')[0]!.word, word)
  equal(stage.askedOf('account.reset')[0]!.password, 'rahasia-2')
  equal((await post(stage, 'verify-email', { token: 'a b' })).status, 400)
})

test('login by e-mail: tokens in the answer, good in the body of refresh and logout (SEF5)', async () => {
  const stage = await open()
  const { email, password } = newcomer
  const entered = await post(stage, 'login', { email, password })
  const { access_token, refresh_token, user } = entered.body['data']!
  deepEqual([access_token, refresh_token], ['a.b.c', 'next-one'])
  equal(user!['role'], 'consumer')
  equal(stage.askedOf('session.login')[0]!.name, email)
  const renewed = await post(stage, 'refresh', { refresh_token: 'old-one' })
  equal(renewed.body['data']!['refresh_token'], 'next-one')
  equal(stage.askedOf('session.refresh')[0]!.refresh, 'old-one')
  equal((await post(stage, 'logout', { refresh_token: 'old-one' })).status, 200)
  equal(stage.askedOf('session.logout')[0]!.refresh, 'old-one')
  equal((await post(stage, 'refresh', { refresh_token: 'not one!' })).status, 400)
  const byName = await post(stage, 'login', { username: 'LJ1', password })
  equal('refresh_token' in byName.body['data']!, false)
})

test('login: a code goes with it; a ban says why and until when (PEF2)', async () => {
  const details = { reason: 'banyak batal', until: '2026-01-02T00:00:00.000Z' }
  const stage = await open({
    'session.login': ({ code }) =>
      code === '123456'
        ? { refused: 'CLIENT_BANNED', details, moneyEffect: 'none' }
        : { refused: 'SECOND_FACTOR_REQUIRED', moneyEffect: 'none' },
  })
  const proof = { username: 'admin', password: 'x' }
  const first = await post(stage, 'login', proof)
  deepEqual([first.status, first.body['error_code']], [401, 'SECOND_FACTOR_REQUIRED'])
  const second = await post(stage, 'login', { ...proof, code: '123456' })
  deepEqual([second.status, second.body['details']], [403, details])
})

test('own account: seen and changed, each by himself (PEF3)', async () => {
  const stage = await open()
  const seen = await asPerson(stage, 'GET', '/api/v1/user/profile')
  deepEqual(seen.body['data'], {
    ...{ user_id: userId, name: 'Budi', email: 'budi@contoh.id', email_verified: false },
    ...{ next_email: null, phone: null, role: 'consumer', created_at: '2026-01-02T03:04:05.678Z' },
  })
  const change = { name: 'Siti', password: { old: 'a', new: 'rahasia-9' } }
  const changed = await asPerson(stage, 'PUT', '/api/v1/user/profile', change)
  equal(changed.status, 200)
  equal(changed.text.includes('rahasia-9'), false)
  deepEqual(stage.askedOf('account.change'), [
    { userId, address: '127.0.x.x', name: 'Siti', password: { old: 'a', next: 'rahasia-9' } },
  ])
  const email = { email: 'baru@contoh.id', password: 'a' }
  equal((await asPerson(stage, 'POST', '/api/v1/user/email', email)).status, 200)
  const erased = await asPerson(stage, 'POST', '/api/v1/user/erase', { password: 'a' })
  deepEqual(erased.body['data'], { status: 'closed' })
  deepEqual(stage.askedOf('account.erase'), [{ userId, password: 'a', leavesMoney: false }])
  const money = await asPerson(stage, 'GET', '/api/v1/user/balance')
  equal(money.body['data']!['available'], 6)
  equal((await asPerson(stage, 'GET', '/api/v1/user/transactions')).status, 200)
})

test('consumer: passes the doors that say so, and no other (SEE6)', async () => {
  const stage = await open()
  for (const path of ['balance', 'mutations', 'me', 'auth/sessions', 'user/profile']) {
    const { status } = await asPerson(stage, 'GET', `/api/v1/${path}`)
    ok(status !== 403, path)
  }
  const closed = ['products', 'transactions', 'keys', 'downlines', 'webhooks', 'deposits']
  for (const path of [...closed, 'admin/clients', 'admin/activity']) {
    const { status, body } = await asPerson(stage, 'GET', `/api/v1/${path}`)
    deepEqual([status, body['error_code']], [403, 'FORBIDDEN'], path)
  }
  const order = { ref_id: 'a', product_code: 'B', destination: '0812' }
  const refused = await asPerson(stage, 'POST', '/api/v1/transactions', order)
  deepEqual([refused.status, refused.body['money_effect']], [403, 'none'])
  equal(stage.askedOf('order.place').length, 0)
  const keyed = await open({ 'identity.key': () => keyCard({ role: 'consumer' }) })
  equal((await send(keyed, { path: '/api/v1/products' })).status, 403)
})

test('second factor: set up by name and password (PEF2)', async () => {
  const stage = await open()
  const proof = { username: 'admin@contoh.id', password: 'rahasia' }
  const enrolled = await post(stage, 'totp/enrol', proof)
  deepEqual(enrolled.body['data'], { secret: 'ABC', uri: 'otpauth://totp/x' })
  const confirmed = await post(stage, 'totp/confirm', { ...proof, code: '123 456' })
  deepEqual(confirmed.body['data'], { recovery_codes: ['AAAAA-BBBBB'] })
  match(stage.askedOf('totp.confirm')[0]!.code, /^123 456$/)
  equal((await post(stage, 'totp/confirm', proof)).status, 400)
})

test('activity: for staff: whose and what, page by page (PEF3)', async () => {
  const row = { id: 7, userId, username: 'c1', what: 'session.opened', address: '10.x', at: bornAt }
  const stage = await open(
    { 'activity.list': () => ({ ok: { rows: [{ ...row, details: {} }], next: 7 } }) },
    'support',
  )
  const path = `/api/v1/admin/activity?user_id=${userId}&what=session.opened&limit=1&cursor=9`
  const { body } = await asPerson(stage, 'GET', path, undefined, 'support')
  deepEqual(stage.askedOf('activity.list'), [
    { userId, what: 'session.opened', before: 9, limit: 1 },
  ])
  equal(body['data']!['next_cursor'], '7')
  equal(body['data']!['rows']![0]!['at'], '2026-01-02T03:04:05.678Z')
})
