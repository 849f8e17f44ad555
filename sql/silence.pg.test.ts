import { deepEqual, equal, rejects } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { testDatabase } from '../deploy/testing/database.ts'
import { connectClient, openDatabase, sql, z } from './database.ts'
import { wayTo } from './silence.fixture.ts'
import { hangUpWhenSilent, heedful } from './silence.ts'

const silenceMs = 300
const database = await testDatabase({ empty: true })
const way = await wayTo(database.tcpUrl)
after(async () => {
  await way.close()
  await database.drop()
})

const one = sql.type(z.object({ one: z.number() }))`select 1 as one`

test('silence: slonik pool: what was asked fails, and its place is free again (QSI1)', async () => {
  const db = await openDatabase(way.url, {
    ...{ statementTimeoutMs: silenceMs, silenceMs, connectionsMax: 1 },
  })
  equal(await db.pool.oneFirst(one), 1)
  way.mute()
  await rejects(db.pool.oneFirst(one), /no answer|terminated/)
  equal(await db.pool.oneFirst(one), 1)
  way.mute()
  await rejects(
    db.pool.transaction(async tx => await tx.oneFirst(one)),
    /no answer|terminated/,
  )
  equal(await db.pool.oneFirst(one), 1)
  await db.end()
})

test('silence: bare pool: what was asked fails, and the next connection serves (QSI1)', async () => {
  const pool = new pg.Pool({ connectionString: way.url, max: 1, Client: heedful(silenceMs) })
  pool.on('error', () => {})
  await pool.query('select 1')
  way.mute()
  await rejects(pool.query('select 1'), /no answer|terminated/)
  deepEqual((await pool.query('select 1 as one')).rows, [{ one: 1 }])
  await pool.end()
})

test('silence: who accepts and says nothing: no connection, told soon (QSI2)', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const pool = new pg.Pool({ host: '127.0.0.1', port, max: 1, Client: heedful(silenceMs) })
  const accepted = once(server, 'connection')
  const asked = pool.query('select 1')
  const [socket] = await accepted
  t.mock.timers.tick(10_000)
  await rejects(asked, /timeout/)
  socket.destroy()
  server.close()
  await pool.end()
})

test('silence: a connection that rests for long: goes on serving (QSI3)', async () => {
  const client = await connectClient(way.url, { statementTimeoutMs: 0 })
  hangUpWhenSilent(client, 50)
  client.emit('connect')
  await client.query('select 1')
  await pause(200)
  deepEqual((await client.query('select 1 as one')).rows, [{ one: 1 }])
  await client.end()
})
