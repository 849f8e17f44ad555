import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../deploy/testing/database.ts'
import { type Change, followChanges } from './changes.ts'
import { openDatabase } from './database.ts'
import { moveSupplier } from './topup/catalogue.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
const changes = await followChanges(database.url)
const client = await db.connect()
after(async () => {
  await changes.stop()
  await client.end()
  await db.end()
  await database.drop()
})

/** Collects until a change of `table` comes. */
function heardUntil(table: string): Promise<(Change | 'gap')[]> {
  const heard: (Change | 'gap')[] = []
  return new Promise(resolve => {
    const stop = changes.subscribe({
      change(change) {
        heard.push(change)
        if (change.table !== table) return
        stop()
        resolve(heard)
      },
      gap: () => heard.push('gap'),
    })
  })
}

const last = `insert into operator_prefix values ('0' || floor(random() * 1e9), 'X')`
const product = (code: string) =>
  `insert into product (code, name, category, brand) values ('${code}', 'n', 'c', 'b')`

test('changes: many rows in one write: one line per table (Q12)', async () => {
  const heard = heardUntil('operator_prefix')
  await client.query('begin')
  for (const code of ['A', 'B', 'C']) await client.query(product(code))
  await client.query(`update product set multi = true`)
  await client.query('commit')
  await client.query(last)
  deepEqual(await heard, [
    { table: 'product', key: null },
    { table: 'operator_prefix', key: null },
  ])
})

test('changes: a write that touches no row, or is undone: silence (Q12)', async () => {
  const heard = heardUntil('operator_prefix')
  await client.query(`update product set multi = true where code = 'nobody'`)
  await client.query('begin')
  await client.query(product('D'))
  await client.query('rollback')
  await client.query(last)
  deepEqual(await heard, [{ table: 'operator_prefix', key: null }])
})

test('changes: a supplier that stays where it is: silence (Q12)', async () => {
  const added = heardUntil('supplier')
  await client.query(
    `insert into supplier (code, name, adapter, base_url, credentials)
     values ('s', 's', 'digiflazz', 'http://here', '')`,
  )
  await added
  const heard = heardUntil('operator_prefix')
  await moveSupplier(db.pool, { code: 's', baseUrl: 'http://here' })
  await client.query(last)
  deepEqual(await heard, [{ table: 'operator_prefix', key: null }])
  const moved = heardUntil('supplier')
  await moveSupplier(db.pool, { code: 's', baseUrl: 'http://there' })
  deepEqual(await moved, [{ table: 'supplier', key: null }])
})

test('changes: what is no change of ours: is treated as a gap (Q12)', async () => {
  const heard = heardUntil('operator_prefix')
  await client.query(`select pg_notify('laju_changed', 'nonsense')`)
  await client.query(last)
  deepEqual(await heard, ['gap', { table: 'operator_prefix', key: null }])
})

test('changes: a lost connection: deaf until the gap is told, then not (Q13) (Q14)', async () => {
  const wasHearing: boolean[] = []
  const gap = new Promise<void>(resolve => {
    const stop = changes.subscribe({
      change() {},
      gap() {
        stop()
        resolve()
      },
    })
  })
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'laju changes' and datname = current_database()`,
  )
  await new Promise<void>(resolve => {
    const look = () => {
      wasHearing.push(changes.hearing())
      if (changes.hearing()) setImmediate(look)
      else resolve()
    }
    look()
  })
  await gap
  equal(changes.hearing(), true)
  const heard = heardUntil('operator_prefix')
  await client.query(last)
  deepEqual(await heard, [{ table: 'operator_prefix', key: null }])
})
