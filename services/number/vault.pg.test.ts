import { deepEqual, equal, notEqual } from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { makeId } from '../../engine/ids.ts'
import { none, openDatabase, sql, z } from '../../sql/database.ts'
import { freshKey } from '../fresh-key.ts'
import { makeSeal, newMasterKey } from '../seal.ts'
import { Purge } from './purge.ts'
import { Vault } from './vault.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
after(async () => {
  await db.end()
  await database.drop()
})

const { pool } = db
const seal = makeSeal(newMasterKey())
const clock = { ms: Date.now() }
const vault = () => new Vault({ pool, seal, now: () => clock.ms })
const orderId = () => makeId(clock.ms, 0, freshKey())
const code = { text: 'Kode 4829', code: '4829' }

const keys = async () =>
  (
    await pool.one(sql.type(z.object({ count: z.number() }))`
      select count(*)::int as count from number_vault`)
  ).count

test('vault: what was sealed opens for its own order, unaltered (NVA1, NVA4)', async () => {
  const [mine, other] = [orderId(), orderId()]
  const before = await keys()
  const one = vault()
  const [lock, again, elsewhere, foreign] = await Promise.all([
    ...[one.lockOf(mine), one.lockOf(mine), vault().lockOf(mine), one.lockOf(other)],
  ])
  equal(await keys(), before + 2)
  const sealed = lock!.seal(code)
  equal(sealed.includes('4829'), false)
  notEqual(sealed, again!.seal(code))
  for (const held of [lock!, again!, elsewhere!]) deepEqual(held.open(sealed), code)
  equal(foreign!.open(sealed), null)
  equal(lock!.open(`${sealed.slice(0, -4)}AAAA`), null)
  equal(lock!.open('x'), null)
})

test('vault: the same message has the same print, of its own order only (NVA3)', async () => {
  const [lock, other] = [await vault().lockOf(orderId()), await vault().lockOf(orderId())]
  const print = lock.print(code, 0)
  equal(lock.print({ text: 'told later', code: '4829' }, 0), print)
  for (const another of [
    lock.print(code, 1),
    lock.print({ text: 'Kode 4829', code: null }, 0),
    lock.print({ text: 'Kode 4829', code: '4830' }, 0),
    other.print(code, 0),
  ]) {
    notEqual(another, print)
  }
})

test('vault: without its row nobody opens a message; keys leave memory in minutes (NVA2, NVA5)', async () => {
  const id = orderId()
  const one = vault()
  equal(await one.keyOf(id), null)
  const sealed = (await one.lockOf(id)).seal(code)
  await pool.query(sql.type(none)`delete from number_vault where order_id = ${id}::uuid`)
  equal(await vault().keyOf(id), null)
  deepEqual((await one.keyOf(id))?.open(sealed), code)
  clock.ms += 11 * 60_000
  equal(await one.keyOf(id), null)
})

test('purge: in batches, only by who holds the shards, and not what is open (NVH1, NVH2, NVH3)', async () => {
  await pool.query(sql.type(none)`delete from number_vault`)
  const open = orderId()
  await pool.query(sql.type(none)`
    insert into number_vault (order_id, key, made_at)
    select gen_random_uuid(), '', now() - interval '31 days' from generate_series(1, 1200)
    union all select gen_random_uuid(), '', now() - interval '29 days'
    union all select ${open}::uuid, '', now() - interval '31 days'`)
  await pool.query(sql.type(none)`
    insert into number_view (id, seq, user_id, ref, phase, status, money_effect, is_open, service,
      service_name, country, country_name, operator, operator_name, supplier, price, cost,
      wait_until, placed_at, updated_at)
    values (${open}::uuid, 1, gen_random_uuid(), 'r', 'parked', 'checking', 'held', true, '', '',
      '', '', '', '', '', 1, 1, now(), now(), now())`)
  let isOwner = false
  const errors: unknown[] = []
  const purge = new Purge({
    ...{ pool, now: Date.now, isOwner: () => isOwner, retentionDays: () => 30 },
    onError: cause => void errors.push(cause),
  })
  equal(await purge.sweep(), 0)
  isOwner = true
  equal(await purge.sweep(), 1_200)
  equal(await keys(), 2)
  deepEqual(errors, [])
  await purge.stop()
})
