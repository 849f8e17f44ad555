import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '../deploy/testing/database.ts'
import { openDatabase, sql, z } from './database.ts'

const number = z.object({ n: z.number() })
const prepared = z.object({ name: z.string() })

test('prepared: a text that names itself is, once; others are not (QSM1)', async t => {
  const database = await testDatabase()
  const { pool, end } = await openDatabase(database.url)
  t.after(async () => {
    await end()
    await database.drop()
  })
  await pool.connect(async one => {
    for (const n of [1, 2, 3]) {
      const named = sql.type(number)`
        -- prepared: plus-one
        select ${n}::integer + 1 as n`
      equal(await one.oneFirst(named), n + 1)
      equal(await one.oneFirst(sql.type(number)`select ${n}::integer as n`), n)
    }
    const known = sql.type(prepared)`select name from pg_prepared_statements`
    deepEqual(await one.anyFirst(known), ['plus-one'])
  })
})
