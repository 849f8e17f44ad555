import { deepEqual, equal, ok } from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { enrol } from '../../services/identity/enrol.ts'
import { deskAt, okOf, seal } from '../../services/soundbox/soundbox.fixture.ts'
import { clientByEmail } from '../../sql/people/clients.ts'
import { merchantOf } from '../../sql/people/people.ts'
import { testDatabase } from '../testing/database.ts'
import { prepareDemoPeople } from './people.ts'

const database = await testDatabase()
after(() => database.drop())

test('demo: people of the desk: made once, with passwords that open (DKG1)', async t => {
  const { db, call, clock } = await deskAt(t, database.url)
  const dataDir = mkdtempSync(join(tmpdir(), 'laju-demo-people-'))
  t.after(() => rmSync(dataDir, { recursive: true }))
  const file = join(dataDir, 'demo.json')
  const shown = () => JSON.parse(readFileSync(file, 'utf8'))
  const { merchantId } = okOf(await call('merchant.create', { by: 'x', fields: { name: 'Toko' } }))
  const enrolling = { db, seal, shards: 4 }
  const admin = await enrol(enrolling, { name: 'Admin', role: 'admin' })
  const finance = await enrol(enrolling, { name: 'Finance', role: 'finance' })
  const staff = { admin: admin.userId, finance: finance.userId }
  writeFileSync(file, JSON.stringify({ admin: { password: admin.password }, other: 1 }))
  const deps = { ...enrolling, dataDir, now: () => clock.ms }

  await prepareDemoPeople(deps, { staff, merchantId })
  const first = shown()
  deepEqual([first.other, first.admin.password], [1, admin.password])
  equal((await clientByEmail(db.pool, first.admin.email))?.userId, admin.userId)
  const owner = await clientByEmail(db.pool, first.merchant.email)
  ok(await seal.verifyPassword(first.merchant.password, owner?.passwordHash ?? ''))
  deepEqual(await merchantOf(db.pool, owner!.userId), { merchantId, role: 'owner' })
  const consumer = await clientByEmail(db.pool, first.consumer.email)
  deepEqual([consumer?.role, consumer?.userId], ['consumer', first.consumer.user_id])
  ok(await seal.verifyPassword(first.consumer.password, consumer?.passwordHash ?? ''))

  await prepareDemoPeople(deps, { staff, merchantId })
  deepEqual(shown(), first)

  const lost = { merchant: { password: 'of nobody' }, consumer: null }
  writeFileSync(file, JSON.stringify({ ...first, ...lost }))
  await prepareDemoPeople(deps, { staff, merchantId })
  const { password } = shown().merchant
  ok(password !== first.merchant.password)
  const again = await clientByEmail(db.pool, first.merchant.email)
  equal(again?.userId, owner?.userId)
  ok(await seal.verifyPassword(password, again?.passwordHash ?? ''))
  const bought = await clientByEmail(db.pool, shown().consumer.email)
  equal(bought?.userId, consumer?.userId)
  ok(await seal.verifyPassword(shown().consumer.password, bought?.passwordHash ?? ''))
})
