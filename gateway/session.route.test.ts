import { deepEqual, equal, match } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { LoggedIn } from '../services/contract/session.ts'
import { plain, Stage, userId } from './scripted.fixture.ts'
import { shortened } from './session.route.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

const at = Date.UTC(2026, 0, 2, 3, 4, 5)
const told: LoggedIn = {
  ...{ accessToken: 'a.b.c', expiresAt: at + 600_000, refresh: 'next-one' },
  refreshExpiresAt: at + 3_600_000,
  user: { userId, username: 'user', name: 'Toko Contoh', role: 'reseller', level: 2 },
}

async function open(
  scripts: Parameters<typeof Stage.open>[0] = {},
  options: Parameters<typeof Stage.open>[1] = {},
): Promise<Stage> {
  const stage = await Stage.open(
    {
      'session.login': () => ({ ok: told }),
      'session.refresh': () => ({ ok: told }),
      'session.logout': () => ({ ok: null }),
      ...scripts,
    },
    { now: () => at, ...options },
  )
  stages.push(stage)
  return stage
}

const body = JSON.stringify({ username: ' LJ0000000001 ', password: ' as typed ' })
const type = { 'content-type': 'application/json' }
const login = (stage: Stage, headers = {}, text = body) =>
  plain(stage, {
    ...{ method: 'POST', path: '/api/v1/auth/login', body: text },
    headers: { ...type, ...headers },
  })
const withCookie = (stage: Stage, verb: 'refresh' | 'logout', headers = {}) =>
  plain(stage, { method: 'POST', path: `/api/v1/auth/${verb}`, headers })

test('login: asked as typed, answered as promised (SEF1)', async () => {
  const stage = await open()
  const { status, headers, body } = await login(stage, { 'user-agent': 'a phone' })
  equal(status, 200)
  deepEqual(stage.askedOf('session.login'), [
    {
      ...{ name: 'LJ0000000001', password: ' as typed ' },
      ...{ neighbour: '127.0.0.1', address: '127.0.x.x', agent: 'a phone' },
    },
  ])
  deepEqual(body['data'], {
    access_token: 'a.b.c',
    expires_at: '2026-01-02T03:14:05.000Z',
    user: { user_id: userId, username: 'user', name: 'Toko Contoh', role: 'reseller', level: 2 },
  })
  equal(
    headers.get('set-cookie'),
    'laju_refresh=next-one; HttpOnly; SameSite=Strict; Path=/api/v1/auth; Max-Age=3600',
  )
  equal(headers.get('cache-control'), 'no-store')
})

test('cookie: by https, as a trusted proxy says: Secure; a stranger can not say it (SEF1)', async () => {
  const told = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '8.8.8.8' }
  const direct = await login(await open(), told)
  equal(direct.headers.get('set-cookie')!.includes('Secure'), false)
  const behind = await open({}, { proxies: 1 })
  match((await login(behind, told)).headers.get('set-cookie')!, /; Secure$/)
  const first = { ...told, 'x-forwarded-proto': 'https, http' }
  equal((await login(behind, first)).headers.get('set-cookie')!.includes('Secure'), false)
})

test('login: refusals: pass with their status, and when to come again (SEF1)', async () => {
  const wrong = await open({
    'session.login': () => ({ refused: 'LOGIN_INVALID', moneyEffect: 'none' }),
  })
  const { status, headers, text } = await login(wrong)
  equal(status, 401)
  equal(headers.has('set-cookie'), false)
  equal(text.includes('as typed'), false)
  const locked = await open({
    'session.login': () => ({
      ...{ refused: 'LOGIN_LOCKED', retryAfterMs: 900_000, moneyEffect: 'none' },
    }),
  })
  const later = await login(locked)
  deepEqual([later.status, later.headers.get('retry-after')], [429, '900'])
  const nul = JSON.stringify({ username: 'a\u0000', password: 'x' })
  for (const text of ['{}', '{"username":"","password":"x"}', nul, '[]', 'x'])
    equal((await login(wrong, {}, text)).status, 400, text)
  equal((await login(wrong, { 'content-type': 'text/plain' })).status, 415)
})

test('refresh and logout: the cookie among others, and nothing else (SEF1)', async () => {
  const stage = await open()
  const cookie = { cookie: 'a=b; laju_refresh=old-one; c=d' }
  const renewed = await withCookie(stage, 'refresh', cookie)
  equal(renewed.body['data']!['access_token'], 'a.b.c')
  match(renewed.headers.get('set-cookie')!, /^laju_refresh=next-one;/)
  equal(stage.askedOf('session.refresh')[0]!.refresh, 'old-one')
  equal((await withCookie(stage, 'refresh')).body['error_code'], 'SESSION_ENDED')
  const left = await withCookie(stage, 'logout', cookie)
  equal(
    left.headers.get('set-cookie'),
    'laju_refresh=; HttpOnly; SameSite=Strict; Path=/api/v1/auth; Max-Age=0',
  )
  const address = '127.0.x.x'
  deepEqual(stage.askedOf('session.logout'), [{ refresh: 'old-one', address }])
  equal((await withCookie(stage, 'logout')).status, 200)
  equal(stage.askedOf('session.logout').length, 1)
})

test('another site: may neither log in, nor refresh, nor log out (SEF2)', async () => {
  const stage = await open()
  const cookie = { cookie: 'laju_refresh=old-one' }
  const foreign = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: `${stage.url}.evil.example` },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:1' },
    { origin: stage.url, 'sec-fetch-site': 'cross-site' },
  ]
  for (const headers of foreign) {
    const answers = [
      await login(stage, headers),
      await withCookie(stage, 'refresh', { ...cookie, ...headers }),
      await withCookie(stage, 'logout', { ...cookie, ...headers }),
    ]
    for (const { status, body } of answers)
      deepEqual([status, body['error_code']], [403, 'ORIGIN_FORBIDDEN'], JSON.stringify(headers))
  }
  deepEqual(stage.asked, [])
  for (const headers of [{ origin: stage.url }, { 'sec-fetch-site': 'same-origin' }])
    equal((await withCookie(stage, 'refresh', { ...cookie, ...headers })).status, 200)
})

test('where from: shortened before it is kept (SEF3)', async () => {
  equal(shortened('203.0.113.7'), '203.0.x.x')
  equal(shortened('2001:db8:1:2:3:4:5:6'), '2001:db8:1::')
  equal(shortened(''), '')
  const stage = await open({}, { proxies: 1 })
  await login(stage, { 'x-forwarded-for': '2001:db8:1:2:3:4:5:6', 'user-agent': 'x'.repeat(300) })
  const [asked] = stage.askedOf('session.login')
  deepEqual([asked!.neighbour, asked!.address], ['2001:db8:1:2', '2001:db8:1::'])
  equal(asked!.agent, 'x'.repeat(160))
})

test('login: one address, again and again: 429, while another comes in (SEF4)', async () => {
  const stage = await open({}, { proxies: 1, limits: { loginsPerMin: 2 } })
  const from = (address: string) => login(stage, { 'x-forwarded-for': address })
  deepEqual(
    [
      (await from('8.8.8.8')).status,
      (await from('8.8.8.8')).status,
      (await from('8.8.8.8')).status,
    ],
    [200, 200, 429],
  )
  equal((await from('9.9.9.9')).status, 200)
})
