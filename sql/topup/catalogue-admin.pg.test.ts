import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { openDatabase, sql, z } from '../database.ts'
import { migrate, readMigrations } from '../migrate.ts'
import { asWriter, readHistory } from './catalogue-admin.ts'

const database = await testDatabase({ empty: true })
const migrations = readMigrations()
const ours = migrations.findIndex(({ name }) => name.endsWith('-catalogue-admin.sql'))
await migrate(database.url, migrations.slice(0, ours))
const db = await openDatabase(database.url)
const client = await db.connect()
after(async () => {
  await client.end()
  await db.end()
  await database.drop()
})

test('catalogue admin: a catalogue of before: goes on under the new shape (KAD1)', async () => {
  await client.query(`
    insert into product (code, name, category, brand) values ('A', 'A', 'Pulsa', 'XL'),
      ('B', 'B', 'PLN', '');
    insert into supplier (code, name, adapter, base_url, credentials)
      values ('s', 's', 'digiflazz', 'http://x', 'sealed');
    insert into mapping (product_code, supplier_code, sku, cost) values ('A', 's', 'a', 1);
    insert into price_rule (level, scope, target, fixed) values (0, 'default', '', 500),
      (1, 'brand', 'XL', 300);
    insert into operator_prefix (prefix, brand) values ('0878', 'XL')`)
  await migrate(database.url)
  const rows = async (text: string) => (await client.query(text)).rows
  deepEqual(await rows('select name from brand'), [{ name: 'XL' }])
  deepEqual(await rows('select name from category order by name'), [
    { name: 'PLN' },
    { name: 'Pulsa' },
  ])
  deepEqual(await rows('select user_id, level, fixed, tiers, version from price_rule order by 2'), [
    { user_id: '', level: 0, fixed: 500, tiers: null, version: 1 },
    { user_id: '', level: 1, fixed: 300, tiers: null, version: 1 },
  ])
  deepEqual(await rows('select stock, supplied, active from mapping'), [
    { stock: null, supplied: true, active: true },
  ])
  deepEqual(await rows('select prefix, valid_from < now() as begun from operator_prefix'), [
    { prefix: '0878', begun: true },
  ])
})

test('catalogue admin: who wrote: named within one write, and only there (KAD1)', async () => {
  const rename = sql.type(z.object({}))`update product set name = name || '!' where code = 'A'`
  await asWriter(db.pool, 'somebody', tx => tx.query(rename))
  await db.pool.query(rename)
  const asked = { entity: 'product', key: 'A', before: null, limit: 10 }
  const entries = await readHistory(db.pool, asked)
  deepEqual(
    entries.map(({ who, before, after }) => [who, before?.['name'], after?.['name']]),
    [
      ['system', 'A!', 'A!!'],
      ['somebody', 'A', 'A!'],
    ],
  )
})

test('catalogue admin: secrets: only that they changed is kept (KAD2)', async () => {
  await client.query(`update supplier set credentials = 'sealed anew', base_url = 'http://y'`)
  await client.query('delete from mapping; delete from supplier')
  const asked = { entity: 'supplier', key: null, before: null, limit: 10 }
  const entries = await readHistory(db.pool, asked)
  equal(JSON.stringify(entries).includes('sealed'), false)
  deepEqual(
    entries.map(({ after }) => after?.['credentials_changed']),
    [undefined, true],
  )
})
