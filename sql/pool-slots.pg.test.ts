import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '../deploy/testing/database.ts'
import { none, openDatabase, sql, z } from './database.ts'

const size = 4

test('pool: its connections die under their queries, again and again: no place is lost (QSL1)', async t => {
  const database = await testDatabase()
  const admin = await openDatabase(database.url)
  const { pool, end } = await openDatabase(database.url, { name: 'dying', connectionsMax: size })
  t.after(async () => {
    await admin.end()
    await database.drop()
  })
  const one = () => pool.oneFirst(sql.type(z.object({ n: z.number() }))`select 1 as n`)
  const all = () => Promise.allSettled(Array.from({ length: size }, one))
  for (let death = 0; death < 20 * size; death++) {
    await all()
    await admin.pool.query(sql.type(none)`
      select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dying'`)
    // Asked before anybody noticed.
    await all()
  }
  const answers = await all()
  deepEqual(
    answers.map(one => one.status === 'fulfilled' && one.value),
    answers.map(() => 1),
  )
  const { pendingDestroyConnections, waitingClients } = pool.state()
  deepEqual([pendingDestroyConnections, waitingClients], [0, 0])
  await end()
  equal(pool.state().state, 'ENDED')
})
