import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import { ServiceBroker } from 'moleculer'
import pg from 'pg'
import { testDatabase } from '../../deploy/testing/database.ts'
import { openDatabase, sql } from '../../sql/database.ts'
import { forgetKeys } from '../../sql/desk/idempotency.ts'
import { personByEmail } from '../../sql/people/people.ts'
import type { Answer } from '../contract/answer.ts'
import type { Actor } from '../contract/desk.ts'
import type { Call } from '../contract.ts'
import { makeSeal } from '../seal.ts'
import { auditService, blanked } from './audit.service.ts'
import { idempotencyService, staleMs } from './idempotency.service.ts'
import { personService } from './person.service.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
const seal = makeSeal(randomBytes(32))
const clock = { ms: Date.UTC(2026, 10, 21, 5) }
const now = () => clock.ms
const broker = new ServiceBroker({ logger: false })
broker.createService(auditService({ db }))
broker.createService(
  idempotencyService({
    ...{ db, now },
    onError: cause => {
      throw cause
    },
  }),
)
broker.createService(personService({ db, seal, shards: 4, now }))
await broker.start()
after(async () => {
  await broker.stop()
  await db.end()
  await database.drop()
})

const call: Call = (action, params) => broker.call(action, params)
const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}
const refusedOf = (answer: Answer<unknown>) => ('refused' in answer ? answer.refused : answer)
const ani: Actor = {
  ...{ userId: '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e880', name: 'ani@laju.test', role: 'admin' },
  ...{ address: '10.0.x.x', requestId: 'r-1' },
}
const write = (subject: string, details = {}) =>
  call('audit.add', { actor: ani, action: 'merchant.approve', subject, outcome: 'done', details })
const print = (text: string) => createHash('sha256').update(text).digest('hex')

test('audit: rows: numbered without gaps however many write at once, and found again (DKA1)', async () => {
  await Promise.all(Array.from({ length: 40 }, (_, n) => write(`m-${n}`)))
  const { rows } = okOf(await call('audit.list', { limit: 100 }))
  deepEqual(
    rows.map(row => row.id),
    Array.from({ length: 40 }, (_, n) => 40 - n),
  )
  const { rows: one } = okOf(await call('audit.list', { subject: 'm-7', limit: 10 }))
  deepEqual([one.length, one[0]!.actorName, one[0]!.requestId], [1, 'ani@laju.test', 'r-1'])
  const page = okOf(await call('audit.list', { action: 'merchant.', before: 11, limit: 6 }))
  deepEqual([page.rows[0]!.id, page.next], [10, 5])
})

test('audit: what was written: nobody alters it, and who gets around that is seen (DKA2)', async t => {
  const owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
  t.after(() => owner.end())
  const touch = (statement: string) => owner.query(statement)
  await rejects(touch(`update audit_log set subject = 'x' where id = 3`), /only grows/)
  await rejects(touch('delete from audit_log where id = 3'), /only grows/)
  await rejects(touch('truncate audit_log'), /only grows/)
  const { rows, broken } = okOf(await call('audit.verify', {}))
  deepEqual([rows >= 40, broken], [true, null])

  await touch('alter table audit_log disable trigger user')
  await touch(`update audit_log set outcome = 'FORBIDDEN' where id = 5`)
  equal(okOf(await call('audit.verify', {})).broken, 5)
  await touch(`update audit_log set outcome = 'done' where id = 5`)
  equal(okOf(await call('audit.verify', {})).broken, null)
  await touch('create table taken as select * from audit_log where id = 9')
  await touch('delete from audit_log where id = 9')
  equal(okOf(await call('audit.verify', {})).broken, 10)
  await touch('insert into audit_log select * from taken')
  await touch('alter table audit_log enable trigger user')
  equal(okOf(await call('audit.verify', {})).broken, null)
})

test('audit: details: no secret gets in, wherever it stands (DKA3)', async () => {
  const details = {
    body: { password: 'rahasia-1', list: [{ account_number: '99887766' }], pin: 1 },
  }
  okOf(await write('secret', details))
  const { rows } = okOf(await call('audit.list', { subject: 'secret', limit: 1 }))
  deepEqual(rows[0]!.details, {
    body: { password: '***', list: [{ account_number: '***' }], pin: '***' },
  })
  const deep = JSON.stringify(blanked({ a: { b: { c: { d: { e: { f: { g: 1 } } } } } } }))
  match(deep, /…/)
})

test('idempotency: many at once with one key: one is at work (DKB1)', async () => {
  const ask = { scope: 'u', key: 'k-1', fingerprint: print('a') }
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => call('idempotency.claim', ask)),
  )
  equal(answers.filter(one => 'ok' in one && 'claim' in one.ok).length, 1)
  deepEqual(
    new Set(answers.filter(one => !('ok' in one)).map(refusedOf)),
    new Set(['IDEMPOTENCY_IN_FLIGHT']),
  )
})

test('idempotency: a repeat: the very answer; another request: a conflict (DKB2, DKB3)', async () => {
  const ask = { scope: 'u', key: 'k-2', fingerprint: print('a') }
  const mine = okOf(await call('idempotency.claim', ask))
  ok('claim' in mine)
  equal(refusedOf(await call('idempotency.claim', { ...ask, fingerprint: print('b') })), conflict)
  await call('idempotency.keep', { ...ask, claim: mine.claim, status: 200, body: '{"a":1}' })
  deepEqual(okOf(await call('idempotency.claim', ask)), { status: 200, body: '{"a":1}' })
  equal(refusedOf(await call('idempotency.claim', { ...ask, fingerprint: print('b') })), conflict)
  ok('claim' in okOf(await call('idempotency.claim', { ...ask, scope: 'another' })))
})

test('idempotency: nothing was done: the key is free again (DKB2)', async () => {
  const ask = { scope: 'u', key: 'k-3', fingerprint: print('a') }
  const mine = okOf(await call('idempotency.claim', ask))
  ok('claim' in mine)
  await call('idempotency.release', { ...ask, claim: mine.claim })
  ok('claim' in okOf(await call('idempotency.claim', { ...ask, fingerprint: print('b') })))
})

test('idempotency: who died at work: succeeded after a minute, and heard no more (DKB4)', async () => {
  const ask = { scope: 'u', key: 'k-4', fingerprint: print('a') }
  const dead = okOf(await call('idempotency.claim', ask))
  ok('claim' in dead)
  clock.ms += staleMs + 1
  const next = okOf(await call('idempotency.claim', ask))
  ok('claim' in next)
  await call('idempotency.keep', { ...ask, claim: dead.claim, status: 200, body: '"late"' })
  await call('idempotency.keep', { ...ask, claim: next.claim, status: 200, body: '"good"' })
  deepEqual(okOf(await call('idempotency.claim', ask)), { status: 200, body: '"good"' })
})

test('idempotency: a week old: forgotten; younger ones are kept (DKB5)', async () => {
  const ask = { scope: 'week', fingerprint: print('a') }
  okOf(await call('idempotency.claim', { ...ask, key: 'old' }))
  clock.ms += 7 * 86_400_000
  okOf(await call('idempotency.claim', { ...ask, key: 'young' }))
  const beforeMs = clock.ms - 7 * 86_400_000 + 1
  ok((await forgetKeys(db.pool, { beforeMs, limit: 1_000 })) >= 1)
  equal(await forgetKeys(db.pool, { beforeMs, limit: 1_000 }), 0)
  const other = { ...ask, fingerprint: print('b') }
  ok('claim' in okOf(await call('idempotency.claim', { ...other, key: 'old' })))
  equal(refusedOf(await call('idempotency.claim', { ...other, key: 'young' })), conflict)
})

test('people: an e-mail: of one person, however it is written (DKC1)', async () => {
  const wish = { email: 'Sari@Toko.test', name: 'Sari', role: 'ops', by: 'ani' } as const
  const made = okOf(await call('person.create', wish))
  equal(made.email, 'sari@toko.test')
  const again = await call('person.create', { ...wish, email: 'SARI@toko.TEST' })
  equal(refusedOf(again), 'ALREADY_EXISTS')
  const row = await personByEmail(db.pool, 'sari@TOKO.test')
  deepEqual([row?.role, row?.merchantId], ['ops', null])
})

test('people: a new password: the old one opens nothing, sessions end (DKC2)', async () => {
  const wish = { email: 'budi@toko.test', name: 'Budi', role: 'viewer', by: 'ani' } as const
  const made = okOf(await call('person.create', wish))
  await db.pool.query(sql.unsafe`
    insert into session (id, client_id, address, agent, created_at, used_at, expires_at)
    values ('5b1c8a52-6f0e-4b5e-9a43-0d7c1f2e3a4b', ${made.userId}, '', '', now(), now(),
            now() + interval '1 day')`)
  const fresh = okOf(await call('person.rotate', { email: made.email, by: 'ani' }))
  ok(fresh.password !== made.password)
  const hash = await db.pool.oneFirst(
    sql.unsafe`select password_hash from client where id = ${made.userId}`,
  )
  deepEqual(
    [
      await seal.verifyPassword(made.password, hash),
      await seal.verifyPassword(fresh.password, hash),
    ],
    [false, true],
  )
  const why = await db.pool.oneFirst(
    sql.unsafe`select revoked_why from session where client_id = ${made.userId}`,
  )
  equal(why, 'password')
  equal(refusedOf(await call('person.rotate', { email: 'nobody@x.test', by: 'ani' })), 'NOT_FOUND')
})

test('people: who speaks for a merchant: for one that there is, without keys (DKC3)', async () => {
  const merchantId = '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e881'
  const wish = {
    ...{ email: 'toko@toko.test', name: 'Toko', by: 'ani', merchantId },
    role: 'merchant',
    merchantRole: 'owner',
  } as const
  equal(refusedOf(await call('person.create', wish)), 'REFERENCE_UNKNOWN')
  await db.pool.query(sql.unsafe`
    insert into merchant (id, name, qr_name, city, postal_code, mcc, criteria, nmid, created_by)
    values (${merchantId}, 'Toko', 'TOKO', 'Jakarta', '10110', '5812', 'UMI', 'ID1020000000001',
            'ani')`)
  const made = okOf(await call('person.create', wish))
  deepEqual(made.merchant, { merchantId, role: 'owner' })
  const { rows } = okOf(await call('person.list', { merchantId, limit: 10 }))
  deepEqual(
    rows.map(row => row.email),
    ['toko@toko.test'],
  )
  const keys = await db.pool.oneFirst(sql.unsafe`
    select count(*)::int from client_key where client_id = ${made.userId}`)
  equal(keys, 0)
})

test('people: who buys numbers: not of the desk, and his password is his own (DKC4)', async () => {
  const email = 'pembeli@x.test'
  await db.pool.query(sql.unsafe`
    insert into client (id, username, email, name, role, password_hash)
    values ('0193a7c2-4d1e-70a1-9f3c-5a7b21d0e8ff', 'pembeli', ${email}, 'P', 'consumer', 'own')`)
  equal(refusedOf(await call('person.rotate', { email, by: 'ani' })), 'NOT_FOUND')
  const { rows } = okOf(await call('person.list', { limit: 100 }))
  ok(rows.length > 0 && !rows.some(row => row.email === email))
  const wish = { email, name: 'Sari', role: 'ops', by: 'ani' } as const
  equal(refusedOf(await call('person.create', wish)), 'ALREADY_EXISTS')
  const hash = await db.pool.oneFirst(
    sql.unsafe`select password_hash from client where email = ${email}`,
  )
  equal(hash, 'own')
})

const conflict = 'IDEMPOTENCY_CONFLICT'
