import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import { ServiceBroker } from 'moleculer'
import { testDatabase } from '../../deploy/testing/database.ts'
import { followChanges } from '../../sql/changes.ts'
import { openDatabase, sql, z } from '../../sql/database.ts'
import { clientByEmail, clientById } from '../../sql/people/clients.ts'
import type { Actions, Call } from '../contract.ts'
import { until } from '../engine-room.fixture.ts'
import { type Letter, mailPurpose } from '../mail/outbox.ts'
import { makeSeal, newMasterKey } from '../seal.ts'
import { accountService, mailing, registering, resetMs, verifyMs } from './account.service.ts'
import { activityService } from './activity.service.ts'
import { enrol } from './enrol.ts'
import { Passwords } from './passwords.ts'
import { sessionService } from './session.service.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
const changes = await followChanges(database.url)
const seal = makeSeal(newMasterKey())
const clock = { ms: Date.now() }
const now = () => clock.ms
const passwords = new Passwords({ db, seal, now })
const wallet = { balance: 0, held: 0, available: 0 }
const mesh = new ServiceBroker({ logger: false })
const call: Call = (action, params) => mesh.call(action, params) as never
mesh.createService(sessionService({ db, seal, changes, passwords, now }))
mesh.createService(accountService({ db, seal, shards: 16, passwords, call, now }))
mesh.createService(activityService({ db, now }))
mesh.createService({ name: 'wallet', actions: { balance: () => ({ ok: wallet }) } })
await mesh.start()
const client = await db.connect()
after(async () => {
  await mesh.stop()
  await changes.stop()
  await client.end()
  await db.end()
  await database.drop()
})

let places = 0
const from = () => ({ neighbour: `10.1.0.${places++}`, address: '10.1.x.x' })
const outcome = (told: object): unknown => ('refused' in told ? told.refused : Object.keys(told)[0])

/** Newest last; opened as only the sender may. */
async function letters(): Promise<(Letter & { state: string })[]> {
  const { rows } = await client.query('select id, sealed, state from mail order by created_at, id')
  return rows
    .filter(row => row.sealed !== null)
    .map(row => ({
      ...(JSON.parse(seal.open(row.sealed, mailPurpose(row.id))) as Letter),
      state: row.state,
    }))
}
const lettersTo = async (to: string) => (await letters()).filter(one => one.to === to)
const lastWord = async (to: string) => (await lettersTo(to)).at(-1)!.word!

let people = 0
async function someone(change: Partial<Actions['account.register']['params']> = {}) {
  const email = `orang${people++}@contoh.id`
  const wish = { name: 'Budi', email, password: 'rahasia-1', ...from(), ...change }
  deepEqual(await call('account.register', wish), { ok: null })
  const row = await clientByEmail(db.pool, wish.email)
  return { ...wish, userId: row!.userId }
}
const login = (name: string, password: string) =>
  call('session.login', { name, password, ...from(), agent: 'a phone' })
const verify = (word: string) => call('account.verify', { word, ...from() })
const forgot = (email: string) => call('account.forgot', { email, ...from() })
const reset = (word: string, password = 'rahasia-2') =>
  call('account.reset', { word, password, ...from() })
async function proven() {
  const one = await someone()
  deepEqual(await verify(await lastWord(one.email)), { ok: null })
  clock.ms += 1
  return one
}
const profileOf = async (userId: string) => {
  const told = await call('account.profile', { userId })
  ok('ok' in told, JSON.stringify(told))
  return told.ok
}
const days = async (what: string, userId: string) => {
  const told = await call('activity.list', { userId, what, limit: 100 })
  ok('ok' in told)
  return told.ok.rows
}

test('register: a newcomer: good at once, with a link to prove the e-mail (PEE1)', async () => {
  const one = await someone({ email: 'Siti@Contoh.id', phone: '0812' })
  const told = await login('siti@contoh.ID', 'rahasia-1')
  ok('ok' in told, JSON.stringify(told))
  deepEqual([told.ok.user.role, told.ok.user.userId], ['consumer', one.userId])
  const profile = await profileOf(one.userId)
  deepEqual(
    [profile.email, profile.isEmailVerified, profile.phone, profile.nextEmail],
    ['siti@contoh.id', false, '0812', null],
  )
  const [letter] = await lettersTo('Siti@Contoh.id')
  equal(letter!.kind, 'welcome')
  deepEqual(await verify(letter!.word!), { ok: null })
  equal((await profileOf(one.userId)).isEmailVerified, true)
  equal((await days('account.registered', one.userId)).length, 1)
})

test('register: an e-mail that is known: the same answer, and its owner is told (PEE1)', async () => {
  const one = await someone()
  const again = { name: 'X', email: one.email.toUpperCase(), password: 'lain-lain', ...from() }
  deepEqual(await call('account.register', again), { ok: null })
  equal((await lettersTo(again.email)).at(-1)!.kind, 'known')
  equal(outcome(await login(one.email, 'lain-lain')), 'LOGIN_INVALID')
  equal(outcome(await login(one.email, one.password)), 'ok')
})

test('register: of one address: three an hour, then when to come again (PEE4, PEA1)', async () => {
  const place = from()
  for (let n = 0; n < registering.most; n++) await someone(place)
  const wish = { name: 'B', email: 'x@contoh.id', password: 'rahasia-1', ...place }
  const told = await call('account.register', wish)
  equal(outcome(told), 'ASKED_TOO_OFTEN')
  ok('retryAfterMs' in told && told.retryAfterMs! <= registering.lockMs)
  equal(await clientByEmail(db.pool, 'x@contoh.id'), null)
  // Another kind of asking is not counted against it.
  equal(outcome(await call('account.forgot', { email: 'x@contoh.id', ...place })), 'ok')
  clock.ms += registering.lockMs
  deepEqual(await call('account.register', wish), { ok: null })
})

test('asking: kinds of trying: each has its own count (PEA2)', async () => {
  const place = from()
  for (let n = 0; n < registering.most; n++) await someone(place)
  equal(outcome(await call('account.resend', { email: 'siapa@contoh.id', ...place })), 'ok')
})

test('links: once, in time, hashed (PEE2, MAA1)', async () => {
  const one = await someone()
  const word = await lastWord(one.email)
  const tables = ['email_link', 'mail', 'activity', 'client']
  for (const table of tables) {
    const { rows } = await client.query(`select ${table}::text as text from ${table}`)
    equal(
      rows.some(({ text }) => text.includes(word)),
      false,
      table,
    )
  }
  const told = await Promise.all([verify(word), verify(word), verify(word)])
  deepEqual(told.map(outcome).toSorted(), ['LINK_INVALID', 'LINK_INVALID', 'ok'])
  equal(outcome(await verify(word)), 'LINK_INVALID')
  const other = await someone()
  const late = await lastWord(other.email)
  equal(outcome(await reset(late)), 'LINK_INVALID')
  clock.ms += verifyMs
  equal(outcome(await verify(late)), 'LINK_INVALID')
})

test('forgotten: a proven e-mail: a new password, out of every session (PEE3, PEE6)', async () => {
  const one = await proven()
  const before = await login(one.email, one.password)
  ok('ok' in before)
  equal(outcome(await forgot(one.email)), 'ok')
  const word = await lastWord(one.email)
  clock.ms += 1
  await forgot(one.email)
  const newer = await lastWord(one.email)
  notEqual(newer, word)
  deepEqual(await reset(newer), { ok: null })
  equal(outcome(await reset(word)), 'LINK_INVALID')
  equal(outcome(await reset(newer)), 'LINK_INVALID')
  equal(outcome(await login(one.email, one.password)), 'LOGIN_INVALID')
  equal(outcome(await login(one.email, 'rahasia-2')), 'ok')
  const { refresh } = before.ok
  const renewed = await call('session.refresh', { refresh, ...from(), agent: '' })
  equal(outcome(renewed), 'SESSION_ENDED')
})

test('forgotten: too late: nothing (PEE2)', async () => {
  const one = await proven()
  await forgot(one.email)
  const word = await lastWord(one.email)
  clock.ms += resetMs
  equal(outcome(await reset(word)), 'LINK_INVALID')
})

test('forgotten: an e-mail that was not proven: a link to prove it, and only that (PEE3)', async () => {
  const one = await someone()
  clock.ms += 1
  await forgot(one.email)
  const letter = (await lettersTo(one.email)).at(-1)!
  equal(letter.kind, 'verify')
  equal(outcome(await reset(letter.word!)), 'LINK_INVALID')
  equal(outcome(await verify(letter.word!)), 'ok')
})

test('forgotten: nobody’s e-mail, staff, a reseller: the same answer and no mail (PEE1)', async () => {
  await enrol({ db, seal, shards: 16 }, { name: 'Toko' })
  const before = (await letters()).length
  deepEqual(await forgot('nobody@contoh.id'), { ok: null })
  deepEqual(await call('account.resend', { email: 'nobody@contoh.id', ...from() }), { ok: null })
  equal((await letters()).length, before)
})

test('forgotten: one e-mail again and again: so many mails, and the answers go on (PEE4)', async () => {
  const one = await proven()
  const before = (await lettersTo(one.email)).length
  for (let n = 0; n < mailing.most + 3; n++) deepEqual(await forgot(one.email), { ok: null })
  equal((await lettersTo(one.email)).length - before, mailing.most)
})

test('another e-mail: holds when proven; the one before hears of it (PEE5)', async () => {
  const one = await proven()
  const email = `baru-${one.email}`
  const wish = { userId: one.userId, address: '', email, password: 'wrong' }
  equal(outcome(await call('account.email', wish)), 'PASSWORD_WRONG')
  const asked = await call('account.email', { ...wish, password: one.password })
  ok('ok' in asked, JSON.stringify(asked))
  deepEqual([asked.ok.email, asked.ok.nextEmail], [one.email, email])
  equal((await lettersTo(one.email)).at(-1)!.kind, 'emailMoves')
  clock.ms += 1
  await forgot(one.email)
  const old = await lastWord(one.email)
  deepEqual(await verify(await lastWord(email)), { ok: null })
  const profile = await profileOf(one.userId)
  deepEqual([profile.email, profile.isEmailVerified, profile.nextEmail], [email, true, null])
  // What went to the e-mail before opens nothing any more.
  equal(outcome(await reset(old)), 'LINK_INVALID')
  equal(outcome(await login(email, one.password)), 'ok')
  equal(outcome(await login(one.email, one.password)), 'LOGIN_INVALID')
  const other = await someone()
  const taken = { ...wish, email: other.email, password: one.password }
  equal(outcome(await call('account.email', taken)), 'EMAIL_TAKEN')
})

test('another e-mail: asked for by a thief: a new password ends it, the first proof stays (PEE10)', async () => {
  const asked = async (one: { userId: string; email: string }, password: string) => {
    const email = `maling-${one.email}`
    const wish = { userId: one.userId, address: '', email, password }
    equal(outcome(await call('account.email', wish)), 'ok')
    return await lastWord(email)
  }
  const changed = await proven()
  const stolen = await asked(changed, changed.password)
  const password = { old: changed.password, next: 'rahasia-9' }
  const change = { userId: changed.userId, address: '10.x', password }
  equal(outcome(await call('account.change', change)), 'ok')
  equal(outcome(await verify(stolen)), 'LINK_INVALID')
  const profile = await profileOf(changed.userId)
  deepEqual([profile.email, profile.nextEmail], [changed.email, null])

  const forgetful = await proven()
  const again = await asked(forgetful, forgetful.password)
  clock.ms += 1
  await forgot(forgetful.email)
  deepEqual(await reset(await lastWord(forgetful.email)), { ok: null })
  equal(outcome(await verify(again)), 'LINK_INVALID')
  equal((await profileOf(forgetful.userId)).email, forgetful.email)

  const fresh = await someone()
  const proof = await lastWord(fresh.email)
  const own = { old: fresh.password, next: 'rahasia-9' }
  const wish = { userId: fresh.userId, address: '10.x', password: own }
  equal(outcome(await call('account.change', wish)), 'ok')
  deepEqual(await verify(proof), { ok: null })
})

test('a new password: while a thief asks with the old one: he gets nothing of it (PEE11)', async () => {
  const one = await proven()
  const { userId, password } = one
  const owners = await seal.hashPassword('milik-sendiri')
  await client.query('begin')
  await client.query('update client set password_hash = $2 where id = $1', [userId, owners])
  let answers = 0
  const counted = <T>(asked: Promise<T>) =>
    asked.finally(() => {
      answers++
    })
  const next = 'milik-pencuri'
  const theirs = [
    counted(call('account.change', { userId, ...from(), password: { old: password, next } })),
    counted(call('account.email', { userId, ...from(), email: 'pencuri@contoh.id', password })),
    counted(call('account.erase', { userId, password, leavesMoney: true })),
  ]
  const held = () =>
    db.pool.oneFirst(sql.type(z.object({ n: z.number() }))`
      select count(*) as n from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`)
  await until(held, n => n + answers >= 3)
  await client.query('commit')
  deepEqual(new Set((await Promise.all(theirs)).map(outcome)), new Set(['PASSWORD_WRONG']))
  equal((await clientById(db.pool, userId))?.passwordHash, owners)
  deepEqual(await lettersTo('pencuri@contoh.id'), [])
  equal(outcome(await login(one.email, 'milik-sendiri')), 'ok')
})

test('profile: name and telephone: changed, told, noted; a password needs the old one (PEE6)', async () => {
  const one = await someone()
  const change = (wish: object) =>
    call('account.change', { userId: one.userId, address: '10.x', ...wish })
  const told = await change({ name: 'Siti', phone: '0813' })
  ok('ok' in told)
  deepEqual([told.ok.name, told.ok.phone], ['Siti', '0813'])
  const without = await change({ phone: null })
  ok('ok' in without)
  deepEqual([without.ok.name, without.ok.phone], ['Siti', null])
  const wrong = await change({ name: 'Ani', password: { old: 'x', next: 'rahasia-9' } })
  equal(outcome(wrong), 'PASSWORD_WRONG')
  equal((await profileOf(one.userId)).name, 'Siti')
  const before = await login(one.email, one.password)
  ok('ok' in before)
  equal(outcome(await change({ password: { old: one.password, next: 'rahasia-9' } })), 'ok')
  const refreshed = await call('session.refresh', {
    ...{ refresh: before.ok.refresh, ...from(), agent: '' },
  })
  equal(outcome(refreshed), 'SESSION_ENDED')
  equal(outcome(await login(one.email, 'rahasia-9')), 'ok')
  deepEqual(
    (await days('profile.changed', one.userId)).map(row => row.details),
    [{ fields: 'password' }, { fields: 'phone' }, { fields: 'name,phone' }],
  )
})

test('profile: a reseller: seen, but looked after by the house', async () => {
  const { userId } = await enrol({ db, seal, shards: 16 }, { name: 'Toko' })
  equal((await profileOf(userId)).role, 'reseller')
  equal(outcome(await call('account.change', { userId, address: '', name: 'X' })), 'FORBIDDEN')
})

test('erasure: whatever names him is gone everywhere, his id stays (PEE7)', async () => {
  const one = await proven()
  const named = { name: 'Nama Yang Khas', phone: '081299998888' }
  await call('account.change', { userId: one.userId, address: '77.66.x.x', ...named })
  await login(one.email, one.password)
  await forgot(one.email)
  const told = await call('account.erase', {
    ...{ userId: one.userId, password: one.password, leavesMoney: false },
  })
  deepEqual(told, { ok: { status: 'closed' } })
  const { rows: tables } = await client.query(
    `select table_name as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE'`,
  )
  for (const { name } of tables) {
    const { rows } = await client.query(
      `select row_to_json("${name}")::text as text from "${name}"`,
    )
    for (const { text } of rows) {
      for (const trace of [one.email, named.name, named.phone, '77.66.x.x']) {
        equal(text.includes(trace), false, `${name}: ${trace}`)
      }
    }
  }
  const row = await clientById(db.pool, one.userId)
  deepEqual([row!.status, row!.passwordHash], ['closed', null])
  equal(outcome(await login(one.email, one.password)), 'LOGIN_INVALID')
  equal(outcome(await call('account.profile', { userId: one.userId })), 'NOT_FOUND')
  // The e-mail is free for a new beginning.
  equal(outcome(await call('account.register', { ...one, ...from() })), 'ok')
  notEqual((await clientByEmail(db.pool, one.email))!.userId, one.userId)
})

test('erasure: with money: told first; who leaves it stays unnamed and unclosed (PEE8)', async () => {
  const one = await someone()
  Object.assign(wallet, { balance: 5_000, held: 2_000, available: 3_000 })
  const wish = { userId: one.userId, password: one.password }
  const told = await call('account.erase', { ...wish, leavesMoney: false })
  ok('refused' in told)
  const money = { balance: 5_000, held: 2_000, suspended: 0 }
  deepEqual([told.refused, told.details], ['CLIENT_HAS_MONEY', money])
  deepEqual(await call('account.erase', { ...wish, leavesMoney: true }), {
    ok: { status: 'suspended' },
  })
  Object.assign(wallet, { balance: 0, held: 0, available: 0 })
  const row = await clientById(db.pool, one.userId)
  match(row!.name, /dihapus/)
})

test('erasure: money in suspense: told first; he is unnamed, not closed, the deposit stays (PEE8, PEE9, LGH2)', async () => {
  const one = await proven()
  const id = randomUUID()
  await client.query(
    `insert into deposit_intent (id, user_id, ref, method, gateway, reff_id, status, amount,
       suspended, created_at, updated_at)
     values ($1, $2, 'r', 'qris_atlantic', 'atlantic', 'x', 'expired', 10000, 9800, now(), now())`,
    [id, one.userId],
  )
  await client.query(
    `insert into deposit_suspense (intent_id, n, user_id, gateway, why, amount, payment, via, at)
     values ($1, 1, $2, 'atlantic', 'LATE', 9800, 'their-1', 'poll', now())`,
    [id, one.userId],
  )
  const wish = { userId: one.userId, password: one.password }
  const told = await call('account.erase', { ...wish, leavesMoney: false })
  ok('refused' in told)
  deepEqual(told.details, { balance: 0, held: 0, suspended: 9_800 })
  deepEqual(await call('account.erase', { ...wish, leavesMoney: true }), {
    ok: { status: 'suspended' },
  })
  const { rows } = await client.query(
    `select payment, status, fields from deposit_suspense
       join deposit_intent on id = intent_id join client_change on client_id = $1
      where deposit_suspense.user_id = $1 and client_change.reason = 'erasure'`,
    [one.userId],
  )
  const fields = { held: { orders: [], deposits: [id] } }
  deepEqual(rows, [{ payment: 'their-1', status: 'expired', fields }])
})

test('erasure: answers kept for a repeat: without what names him, else as they were (PEE7)', async () => {
  const one = await proven()
  const other = await proven()
  const answerOf = ({ userId, email }: typeof one) =>
    JSON.stringify({ data: { user_id: userId, name: 'Budi', email, phone: '0812', level: 2 } })
  for (const who of [one, other]) {
    await client.query(
      `insert into idempotency_key (scope, key, fingerprint, claimed_at, status, body)
       values ('staff', $1, '', now(), 200, $2)`,
      [who.userId, answerOf(who)],
    )
  }
  await call('account.erase', {
    ...{ userId: one.userId, password: one.password, leavesMoney: false },
  })
  const bodyOf = async ({ userId }: typeof one) =>
    (await client.query('select body from idempotency_key where key = $1', [userId])).rows[0].body
  const data = { user_id: one.userId, name: null, email: null, phone: null, level: 2 }
  deepEqual(JSON.parse(await bodyOf(one)), { data })
  equal(await bodyOf(other), answerOf(other))
})

test('passwords: of scrypt: good as before, hashed anew at login, its sessions go on (SED5)', async () => {
  const one = await someone()
  const old = await seal.hash(one.password)
  await client.query('update client set password_hash = $1 where id = $2', [old, one.userId])
  const first = await login(one.email, one.password)
  ok('ok' in first, JSON.stringify(first))
  const row = await clientById(db.pool, one.userId)
  match(row!.passwordHash!, /^h2\./)
  equal(outcome(await login(one.email, one.password)), 'ok')
  const { refresh } = first.ok
  equal(outcome(await call('session.refresh', { refresh, ...from(), agent: '' })), 'ok')
})

test('activity: pages, newest first; too much is cut; nobody is noted who is nobody (PED1, PED2)', async () => {
  const one = await someone()
  const noted = (details: Record<string, string | number>) =>
    call('activity.note', { userId: one.userId, what: 'deposit.created', address: '', details })
  for (let n = 0; n < 3; n++) await noted({ n })
  await noted({ long: 'x'.repeat(3_000) })
  const page = { userId: one.userId, what: 'deposit.created', limit: 3 }
  const first = await call('activity.list', page)
  ok('ok' in first)
  deepEqual(
    first.ok.rows.map(row => row.details),
    [{ cut: true }, { n: 2 }, { n: 1 }],
  )
  const second = await call('activity.list', { ...page, before: first.ok.next! })
  ok('ok' in second)
  deepEqual([second.ok.rows.length, second.ok.next], [1, null])
  const stranger = '01a1fbc7-a623-7005-b022-7b93f9ec13eb'
  equal(outcome(await call('activity.note', { ...page, userId: stranger, address: '' })), 'ok')
})
