import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { ServiceBroker } from 'moleculer'
import { testDatabase } from '../../deploy/testing/database.ts'
import { followChanges } from '../../sql/changes.ts'
import { openDatabase, sql, z } from '../../sql/database.ts'
import { listActivity } from '../../sql/people/activity.ts'
import { banClient } from '../../sql/people/bans.ts'
import { changeStatus } from '../../sql/people/client-admin.ts'
import { type ClientStatus, clientById } from '../../sql/people/clients.ts'
import type { LoggedIn, SessionActions } from '../contract/session.ts'
import type { Actions } from '../contract.ts'
import { until } from '../engine-room.fixture.ts'
import { makeSeal, newMasterKey } from '../seal.ts'
import { type Credentials, type Enrolment, enrol, resetLogin } from './enrol.ts'
import { lockMs, Passwords, wrongByAddressMax, wrongMax } from './passwords.ts'
import { selfService } from './self.service.ts'
import { raceMs, sessionMs, sessionService, sessionsMax } from './session.service.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
const changes = await followChanges(database.url)
const seal = makeSeal(newMasterKey())
const deps = { db, seal, shards: 16 }
const clock = { ms: Date.now() }
const now = () => clock.ms
const passwords = new Passwords({ db, seal, now })
const mesh = new ServiceBroker({ logger: false })
mesh.createService(sessionService({ db, seal, changes, passwords, now }))
mesh.createService(selfService({ ...deps, passwords }))
await mesh.start()
const client = await db.connect()
after(async () => {
  await mesh.stop()
  await changes.stop()
  await client.end()
  await db.end()
  await database.drop()
})

const call = <A extends keyof SessionActions>(
  action: A,
  params: Actions[A]['params'],
): Promise<Actions[A]['result']> => mesh.call(action, params)

let addresses = 0
const somewhere = () => ({
  ...{ neighbour: `10.0.0.${addresses++}`, address: '10.0.x.x', agent: 'a phone' },
})
const login = (name: string, password: string, place = somewhere()) =>
  call('session.login', { name, password, ...place })
const refresh = (token: string) => call('session.refresh', { refresh: token, ...somewhere() })

async function loggedIn({ username, password }: Credentials): Promise<LoggedIn> {
  const told = await login(username, password)
  ok('ok' in told, JSON.stringify(told))
  return told.ok
}

const outcome = (told: object): unknown => ('refused' in told ? told.refused : Object.keys(told)[0])
const sidOf = ({ accessToken }: LoggedIn): string =>
  JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()).sid
const setStatus = ({ username }: Credentials, status: ClientStatus) =>
  changeStatus(db.pool, { username, status, reason: 'of a test', by: 'a test' })
const person = (enrolment: Partial<Enrolment> = {}) => enrol(deps, { name: 'Toko', ...enrolment })

/** Until a change that another process wrote has been heard: the card is not the remembered one. */
async function cardWhen(sid: string, isSo: (status: string | null) => boolean): Promise<void> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const card = await call('session.card', { sid })
    if (isSo(card?.status ?? null)) return
    ok(Date.now() < deadline, 'the change was not heard')
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

test('login: by username and by member id: a session of this client (SEA1)', async () => {
  const one = await person({ level: 3 })
  for (const name of [one.username, one.memberId, one.memberId.toLowerCase()]) {
    const told = await login(name, one.password)
    ok('ok' in told, JSON.stringify(told))
    deepEqual(told.ok.user, {
      ...{ userId: one.userId, username: one.username, name: 'Toko', level: 3, role: 'reseller' },
    })
    const card = await call('session.card', { sid: sidOf(told.ok) })
    equal(card?.userId, one.userId)
  }
})

const waiting = sql.type(z.object({}))`
  select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`

test('login: a password that is changed while it is looked at: it opens no session (SEA10)', async () => {
  const one = await person()
  const other = await db.connect()
  await other.query('begin')
  await other.query('update client set password_hash = $2 where id = $1', [
    one.userId,
    await seal.hashPassword('another password'),
  ])
  let isAnswered = false
  const told = login(one.username, one.password).finally(() => {
    isAnswered = true
  })
  await until(
    async () => isAnswered || (await db.pool.exists(waiting)),
    isSo => isSo,
  )
  await other.query('commit')
  await other.end()
  equal(outcome(await told), 'LOGIN_INVALID')
  const open = await call('session.list', { userId: one.userId })
  deepEqual(open, { ok: [] })
  // The same password under a newer hash is the same password.
  const two = await person()
  const hash = await seal.hashPassword(two.password)
  await client.query('begin')
  await client.query(`select set_config('laju.rehash', 'on', true)`)
  await client.query('update client set password_hash = $2 where id = $1', [two.userId, hash])
  const same = login(two.username, two.password)
  await until(
    () => db.pool.exists(waiting),
    isSo => isSo,
  )
  await client.query('commit')
  ok('ok' in (await same))
})

test('login: wrong, unknown, suspended, closed: who does not know the password learns nothing (SEA1)', async () => {
  const one = await person()
  const wrong = await login(one.username, 'wrong')
  deepEqual(wrong, { refused: 'LOGIN_INVALID', moneyEffect: 'none' })
  deepEqual(await login('nobody', 'wrong'), wrong)
  for (const status of ['suspended', 'closed'] as const) {
    await setStatus(one, status)
    deepEqual(await login(one.username, 'wrong'), wrong)
    equal(outcome(await login(one.username, one.password)), 'CLIENT_SUSPENDED')
  }
})

test('refresh: each token once; the next one works (SEA2)', async () => {
  const first = await loggedIn(await person())
  let token = first.refresh
  for (let n = 0; n < 3; n++) {
    clock.ms += raceMs
    const told = await refresh(token)
    ok('ok' in told, JSON.stringify(told))
    notEqual(told.ok.refresh, token)
    equal(sidOf(told.ok), sidOf(first))
    equal(told.ok.refreshExpiresAt, first.refreshExpiresAt)
    token = told.ok.refresh
  }
})

test('refresh: eight at once: all get the same next token, and the session goes on (SEA2)', async () => {
  const { refresh: token } = await loggedIn(await person())
  const told = await Promise.all(Array.from({ length: 8 }, () => refresh(token)))
  const next = new Set(told.map(one => ('ok' in one ? one.ok.refresh : outcome(one))))
  equal(next.size, 1)
  const [only] = next
  equal(outcome(await refresh(String(only))), 'ok')
})

test('refresh: an old one after some seconds: the session ends, for the newer one too (SEA3)', async () => {
  const { refresh: token, ...rest } = await loggedIn(await person())
  const told = await refresh(token)
  ok('ok' in told)
  clock.ms += raceMs
  equal(outcome(await refresh(token)), 'SESSION_ENDED')
  equal(outcome(await refresh(told.ok.refresh)), 'SESSION_ENDED')
  await cardWhen(sidOf({ refresh: token, ...rest }), status => status === null)
})

test('refresh: two behind, however soon: the session ends; nonsense ends none (SEA3)', async () => {
  const { refresh: first } = await loggedIn(await person())
  const second = await refresh(first)
  ok('ok' in second)
  const third = await refresh(second.ok.refresh)
  ok('ok' in third)
  for (const token of ['', 'x', `${third.ok.refresh.slice(0, -4)}AAAA`])
    equal(outcome(await refresh(token)), 'SESSION_ENDED')
  const fourth = await refresh(third.ok.refresh)
  ok('ok' in fourth)
  equal(outcome(await refresh(first)), 'SESSION_ENDED')
  equal(outcome(await refresh(fourth.ok.refresh)), 'SESSION_ENDED')
})

test('session: its days are over: neither card nor next token (SEA3)', async () => {
  const one = await loggedIn(await person())
  equal(one.refreshExpiresAt, clock.ms + sessionMs)
  clock.ms += sessionMs
  equal(outcome(await refresh(one.refresh)), 'SESSION_ENDED')
  equal(await call('session.card', { sid: sidOf(one) }), null)
})

test('session: logout, suspension, a new password: heard by whoever remembers the card (SEA4)', async () => {
  const one = await person()
  const [out, stays] = [await loggedIn(one), await loggedIn(one)]
  for (const session of [out, stays]) await cardWhen(sidOf(session), status => status === 'active')
  await call('session.logout', { refresh: out.refresh })
  await cardWhen(sidOf(out), status => status === null)
  equal(outcome(await refresh(out.refresh)), 'SESSION_ENDED')

  await setStatus(one, 'suspended')
  await cardWhen(sidOf(stays), status => status === 'suspended')
  equal(outcome(await refresh(stays.refresh)), 'CLIENT_SUSPENDED')
  await setStatus(one, 'active')
  await cardWhen(sidOf(stays), status => status === 'active')

  await resetLogin(deps, one.userId)
  await cardWhen(sidOf(stays), status => status === null)
  equal(outcome(await login(one.username, one.password)), 'LOGIN_INVALID')
})

test('session: one too many: the one used longest ago ends (SEA5)', async () => {
  const one = await person()
  const sessions: LoggedIn[] = []
  for (let n = 0; n < sessionsMax; n++) {
    clock.ms += 1
    sessions.push(await loggedIn(one))
  }
  clock.ms += 1
  equal(outcome(await refresh(sessions[0]!.refresh)), 'ok')
  clock.ms += 1
  await loggedIn(one)
  const told = await call('session.list', { userId: one.userId })
  ok('ok' in told)
  const open = told.ok.map(({ id }) => id)
  equal(open.length, sessionsMax)
  deepEqual([open.includes(sidOf(sessions[0]!)), open.includes(sidOf(sessions[1]!))], [true, false])
  const count = 'select count(*)::int as rows from session where client_id = $1'
  const rows = async () => (await client.query(count, [one.userId])).rows[0].rows
  equal(await rows(), sessionsMax + 1)
  clock.ms += 86_400_000
  await loggedIn(one)
  // The one that was ended a day ago is gone, and the next was ended now.
  equal(await rows(), sessionsMax + 1)
})

test('session: a list: one’s own, with where and when; another’s can not be ended (SEA6)', async () => {
  const [one, other] = [await person(), await person()]
  const mine = await loggedIn(one)
  const theirs = await loggedIn(other)
  const { userId } = one
  deepEqual(await call('session.list', { userId }), {
    ok: [
      {
        ...{ id: sidOf(mine), address: '10.0.x.x', agent: 'a phone' },
        ...{ createdAt: clock.ms, usedAt: clock.ms },
      },
    ],
  })
  for (const sid of [sidOf(theirs), 'x', userId])
    equal(outcome(await call('session.end', { userId, sid })), 'NOT_FOUND')
  equal(outcome(await call('session.end', { userId, sid: sidOf(mine) })), 'ok')
  equal(outcome(await call('session.end', { userId, sid: sidOf(mine) })), 'NOT_FOUND')
  equal(outcome(await refresh(theirs.refresh)), 'ok')
})

test('session: what people did: came in, went out, ended one, each once (SEA9)', async () => {
  const one = await person()
  const [out, other] = [await loggedIn(one), await loggedIn(one)]
  const { userId } = one
  for (let n = 0; n < 2; n++) {
    await call('session.logout', { refresh: out.refresh, address: '10.1.x.x' })
    await call('session.end', { userId, sid: sidOf(other), address: '10.2.x.x' })
  }
  const rows = await listActivity(db.pool, { userId, what: null, before: null, limit: 10 })
  deepEqual(
    rows.map(({ what, address, details }) => [what, address, details['session']]),
    [
      ['session.ended', '10.2.x.x', sidOf(other)],
      ['session.closed', '10.1.x.x', sidOf(out)],
      ['session.opened', '10.0.x.x', undefined],
      ['session.opened', '10.0.x.x', undefined],
    ],
  )
})

test('session: its tables: hold nothing that lets somebody in (SEA4)', async () => {
  const one = await person()
  const { refresh: token, accessToken } = await loggedIn(one)
  const { rows } = await client.query('select row_to_json(session)::text as text from session')
  const text = rows.map(row => row.text).join()
  for (const secret of [token, token.slice(30), accessToken.split('.')[2]!, one.password])
    equal(text.includes(secret), false)
})

test('guessing: five wrong: locked for the right one, for a while; nobody’s name as well (SED1, SED2)', async () => {
  const one = await person()
  for (const name of [one.username, 'someone-else']) {
    for (let n = 0; n < wrongMax; n++) equal(outcome(await login(name, 'wrong')), 'LOGIN_INVALID')
    clock.ms += lockMs - 1_000
    deepEqual(await login(name, one.password), {
      ...{ refused: 'LOGIN_LOCKED', retryAfterMs: 1_000, moneyEffect: 'none' },
    })
    clock.ms += 1_000
  }
  equal(outcome(await login(one.username, one.password)), 'ok')
})

test('guessing: by username and member id, at once: one count, and no guess too many (SED1)', async () => {
  const one = await person()
  const told = await Promise.all(
    Array.from({ length: 12 }, (_, n) => login(n % 2 === 0 ? one.username : one.memberId, 'no')),
  )
  const invalid = told.filter(answer => outcome(answer) === 'LOGIN_INVALID')
  equal(invalid.length, wrongMax)
  equal(told.filter(answer => outcome(answer) === 'LOGIN_LOCKED').length, 12 - wrongMax)
})

test('guessing: from one address over many names: the address is locked, others are not (SED1)', async () => {
  const one = await person()
  const place = somewhere()
  for (let n = 0; n < wrongByAddressMax; n++)
    equal(outcome(await login(`name ${n}`, 'wrong', place)), 'LOGIN_INVALID')
  equal(outcome(await login(one.username, one.password, place)), 'LOGIN_LOCKED')
  equal(outcome(await login(one.username, one.password)), 'ok')
})

test('guessing: right in between: counting begins anew, and the address gets it back (SED3)', async () => {
  const one = await person()
  const place = somewhere()
  for (let round = 0; round < 4; round++) {
    for (let n = 0; n < wrongMax - 1; n++)
      equal(outcome(await login(one.username, 'wrong', place)), 'LOGIN_INVALID')
    equal(outcome(await login(one.username, one.password, place)), 'ok')
  }
  // Sixteen wrong ones by now; the right ones cost nothing.
  for (let n = 0; n < 10; n++) equal(outcome(await login(one.username, one.password, place)), 'ok')
  for (let n = 0; n < 4; n++) await login(`name ${n}`, 'wrong', place)
  equal(outcome(await login(one.username, one.password, place)), 'LOGIN_LOCKED')
})

test('guessing: too many at once: overloaded, and none of those is counted (SED4)', async () => {
  const one = await person()
  const told = await Promise.all(
    Array.from({ length: 200 }, (_, n) => login(`crowd ${n}`, 'wrong')),
  )
  const kinds = new Set(told.map(outcome))
  deepEqual(kinds, new Set(['LOGIN_INVALID', 'fault']))
  const faults = told.filter(answer => 'fault' in answer)
  ok(faults.every(answer => answer.fault === 'OVERLOADED'))
  ok(faults.length < 100, 'a crowd of a hundred is served, one after the other')
  equal(outcome(await login(one.username, one.password)), 'ok')
})

test('self: new keys: for who knows the password; the old ones are gone (SEI1)', async () => {
  const { userId, password, hmacKey, apiKey } = await person()
  for (let n = 0; n < 2; n++)
    equal(outcome(await call('self.rotateKeys', { userId, password: 'x' })), 'PASSWORD_WRONG')
  const told = await call('self.rotateKeys', { userId, password })
  ok('ok' in told)
  notEqual(told.ok.hmacKey, hmacKey)
  notEqual(told.ok.apiKey, apiKey)
  const keys = await client.query('select id from client_key where client_id = $1 and active', [
    userId,
  ])
  deepEqual(keys.rows, [{ id: told.ok.hmacKey }])
  for (let n = 0; n < wrongMax; n++) await call('self.rotateKeys', { userId, password: 'x' })
  equal(outcome(await call('self.rotateKeys', { userId, password })), 'LOGIN_LOCKED')
})

test('self: keys and profile: what is public of them, and no more (SEI2)', async () => {
  const above = await person()
  const one = await person({ upline: above.userId, ipAllow: ['10.0.0.1'] })
  const { userId } = one
  const told = await call('self.keys', { userId })
  ok('ok' in told)
  const { createdAt, ...keys } = told.ok
  ok(createdAt !== null)
  deepEqual(keys, {
    ...{ apiKeyHint: `…${one.apiKey.slice(-4)}`, hmacKey: one.hmacKey, allowList: ['10.0.0.1'] },
  })
  deepEqual(await call('self.profile', { userId }), {
    ok: {
      ...{ userId, username: one.username, memberId: one.memberId, name: 'Toko' },
      ...{ role: 'reseller', level: 0, upline: above.username },
    },
  })
  equal((await clientById(db.pool, userId))?.username, one.username)
})

test('self: downlines: those directly below, in pages, each once (SEI3)', async () => {
  const top = await person()
  const below: string[] = []
  for (let n = 0; n < 5; n++) below.push((await person({ upline: top.userId })).userId)
  await person({ upline: below[0]! })
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = cursor === undefined ? {} : { cursor }
    const told = await call('self.downlines', { userId: top.userId, limit: 2, ...page })
    ok('ok' in told)
    ok(told.ok.rows.length <= 2)
    seen.push(...told.ok.rows.map(row => row.userId))
    cursor = told.ok.next ?? undefined
  } while (cursor !== undefined)
  deepEqual(seen, below.toSorted())
  const odd = await call('self.downlines', { userId: top.userId, limit: 2, cursor: 'x' })
  equal(outcome(odd), 'NOT_FOUND')
})

test('ban: told at login with its reason and its end, lifted when it is over (SEA7)', async () => {
  const one = await person()
  const untilMs = clock.ms + 3_600_000
  const ban = { userId: one.userId, reason: 'banyak batal', untilMs, by: 'a test' }
  equal(await banClient(db.pool, { ...ban, nowMs: clock.ms }), 'done')
  equal(outcome(await login(one.username, 'wrong')), 'LOGIN_INVALID')
  const told = await login(one.username, one.password)
  deepEqual(told, {
    ...{ refused: 'CLIENT_BANNED', moneyEffect: 'none' },
    details: { reason: 'banyak batal', until: new Date(untilMs).toISOString() },
  })
  clock.ms = untilMs
  equal(outcome(await login(one.username, one.password)), 'ok')
  equal((await clientById(db.pool, one.userId))?.status, 'active')
  equal(outcome(await login(one.username, one.password)), 'ok')
})
