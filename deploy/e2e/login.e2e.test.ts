/**
 * People: in with a password, about their business with a token, and out again; against the real
 * program, over real sockets.
 *
 * SEJ1. What a person does with a token is done as with a key: the same order, wallet and roles.
 * SEJ2. A stolen refresh token ends with the session of which it is a copy.
 * SEJ3. Who leaves is out at once, and so is whoever guesses too often.
 */

import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Answer, ask, Reseller } from './reseller.ts'
import { type Engine, Stage, until } from './stage.ts'

type Person = Reseller['keys'] & { member_id: string; password: string }

let stage: Stage
let engine: Engine
let people: Record<'reseller' | 'admin' | 'finance' | 'downline', Person>

before(async () => {
  stage = new Stage()
  engine = await stage.start()
  people = JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'))
})
after(() => stage.close())

function post(path: string, body: object | null, headers: Record<string, string> = {}) {
  const text = body === null ? '' : JSON.stringify(body)
  const type = { 'content-type': 'application/json' }
  return ask(engine.http + path, { method: 'POST', body: text, headers: { ...type, ...headers } })
}

const login = (username: string, password: string) =>
  post('/api/v1/auth/login', { username, password })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const get = (path: string, token: string) => ask(engine.http + path, { headers: bearer(token) })
const cookieOf = ({ headers }: Answer): string => headers['set-cookie']![0]!.split(';')[0]!
const refresh = (cookie: string) => post('/api/v1/auth/refresh', null, { cookie })

async function entered(person: Person) {
  const told = await login(person.username, person.password)
  equal(told.status, 200, told.text)
  return { token: told.body['data'].access_token as string, cookie: cookieOf(told), told }
}

/** The gateway keeps a card for a second at most. */
const isOut = (token: string) =>
  until('the token to be refused', 30_000, async () => {
    const { status } = await get('/api/v1/balance', token)
    return status === 401
  })

test('login: by username or member id: an order like any other, found with the key (SEJ1)', async () => {
  const { reseller } = people
  const { told, token } = await entered(reseller)
  const { user, expires_at } = told.body['data']
  equal(user.user_id, reseller.user_id)
  equal(user.role, 'reseller')
  ok(Date.parse(expires_at) > Date.now())
  match(
    told.headers['set-cookie']![0]!,
    /^laju_refresh=[\w-]+; HttpOnly; SameSite=Strict; Path=\/api\/v1\/auth; Max-Age=\d+$/,
  )
  equal((await login(reseller.member_id, reseller.password)).status, 200)

  const wish = { ref_id: 'by-token', product_code: 'TSEL10', destination: '081234567890' }
  const placed = await post('/api/v1/transactions', wish, bearer(token))
  equal(placed.status, 200, placed.text)
  const keys = new Reseller(engine.http, reseller)
  const found = await until('the end of the order', 30_000, async () => {
    const answer = await keys.get('/api/v1/transactions?ref_id=by-token')
    return answer.body['data'].status === 'SUCCESS' && answer
  })
  equal(found.body['data'].trx_id, placed.body['data'].trx_id)
  deepEqual(
    (await get('/api/v1/balance', token)).body['data'],
    (await keys.get('/api/v1/balance')).body['data'],
  )
  const { rows, next_cursor } = (await get('/api/v1/transactions?q=by-', token)).body['data']
  deepEqual([rows.length, rows[0].trx_id, next_cursor], [1, placed.body['data'].trx_id, null])
  keys.close()
})

test('login: roles: the desk is for staff, by token as well (SEJ1)', async () => {
  const path = '/api/v1/admin/suppliers'
  equal((await get(path, (await entered(people.reseller)).token)).status, 403)
  equal((await get(path, (await entered(people.admin)).token)).status, 200)
})

test('login: about oneself: name, keys and downlines (SEJ1)', async () => {
  const { token } = await entered(people.reseller)
  const me = (await get('/api/v1/me', token)).body['data']
  deepEqual(
    [me.user_id, me.username, me.member_id, me.upline],
    [people.reseller.user_id, people.reseller.username, people.reseller.member_id, null],
  )
  const keys = (await get('/api/v1/keys', token)).body['data']
  equal(keys.hmac_key, people.reseller.hmac_key)
  equal(keys.api_key_hint, `…${people.reseller.api_key.slice(-4)}`)
  const { rows } = (await get('/api/v1/downlines', token)).body['data']
  deepEqual(
    rows.map((row: Person) => row.username),
    [people.downline.username],
  )
})

test('refresh: rotation: each is good once; a copy ends the session for both (SEJ2)', async () => {
  const { token, cookie } = await entered(people.finance)
  const first = await refresh(cookie)
  equal(first.status, 200, first.text)
  const second = await refresh(cookieOf(first))
  equal(second.status, 200, second.text)
  notEqual(cookieOf(second), cookieOf(first))
  equal((await get('/api/v1/balance', second.body['data'].access_token)).status, 200)
  // Two generations behind: no second click of anybody's.
  const stolen = await refresh(cookie)
  equal(stolen.status, 401)
  equal(stolen.body['error_code'], 'SESSION_ENDED')
  equal((await refresh(cookieOf(second))).status, 401)
  await isOut(token)
})

test('logout: out with cookie and token, and the other session goes on (SEJ3)', async () => {
  const here = await entered(people.admin)
  const there = await entered(people.admin)
  const told = await post('/api/v1/auth/logout', null, { cookie: here.cookie })
  equal(told.status, 200)
  match(told.headers['set-cookie']![0]!, /^laju_refresh=; .*Max-Age=0/)
  await isOut(here.token)
  equal((await refresh(here.cookie)).status, 401)
  equal((await get('/api/v1/balance', there.token)).status, 200)
})

test('lock: five wrong passwords: locked for the right one too, like a name of nobody (SEJ3)', async () => {
  const { username, password } = people.downline
  for (const name of [username, 'nobody-of-that-name']) {
    for (let guess = 0; guess < 5; guess++) {
      const told = await login(name, 'wrong')
      equal(told.status, 401, told.text)
      equal(told.body['error_code'], 'LOGIN_INVALID')
    }
    const told = await login(name, password)
    equal(told.status, 429, told.text)
    equal(told.body['error_code'], 'LOGIN_LOCKED')
    ok(Number(told.headers['retry-after']) > 60)
  }
})
