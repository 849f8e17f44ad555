import { deepEqual, equal, match, rejects } from 'node:assert/strict'
import { after, test } from 'node:test'
import { SchemaValidationError, StatementTimeoutError } from 'slonik'
import { testDatabase } from '../deploy/testing/database.ts'
import { DatabaseRefused, openDatabase, sql, z } from './database.ts'

const database = await testDatabase({ empty: true })
const db = await openDatabase(database.url, { statementTimeoutMs: 1_000 })
after(async () => {
  await db.end()
  await database.drop()
})

const big = z.object({ n: z.number().int() })

test('database: bigint: the same number by pool and by bare client (Q1)', async () => {
  const client = await db.connect()
  try {
    equal(await db.pool.oneFirst(sql.type(big)`select 9007199254740991::bigint as n`), 2 ** 53 - 1)
    const { rows } = await client.query('select 9007199254740991::bigint as n')
    deepEqual(rows, [{ n: 2 ** 53 - 1 }])
  } finally {
    await client.end()
  }
})

test('database: bigint beyond safe integers: an error on both roads (Q1)', async () => {
  const client = await db.connect()
  try {
    await rejects(db.pool.one(sql.type(big)`select 9007199254740992::bigint as n`), RangeError)
    await rejects(client.query('select 9007199254740992::bigint as n'), RangeError)
  } finally {
    await client.end().catch(() => {})
  }
})

test('database: a row of another shape: is refused (Q2)', async () => {
  const strict = big.strict()
  await rejects(db.pool.one(sql.type(big)`select 'text' as n`), SchemaValidationError)
  await rejects(db.pool.one(sql.type(strict)`select 1 as n, 2 as m`), SchemaValidationError)
})

test('database: socket and TCP: both lead to the same database (Q3)', async () => {
  for (const url of [database.url, database.tcpUrl]) {
    const other = await openDatabase(url)
    const row = z.object({ name: z.string() })
    equal(
      await other.pool.oneFirst(sql.type(row)`select current_database()::text as name`),
      await db.pool.oneFirst(sql.type(row)`select current_database()::text as name`),
    )
    await other.end()
  }
})

test('database: a statement without end: is stopped, on both roads (Q4)', async () => {
  const client = await db.connect()
  try {
    const nothing = z.object({})
    await rejects(db.pool.query(sql.type(nothing)`select pg_sleep(60)`), StatementTimeoutError)
    await rejects(client.query('select pg_sleep(60)'), /statement timeout/)
  } finally {
    await client.end()
  }
})

test('database: nobody there: one sentence, without the password (Q5)', async () => {
  const refusal = await openDatabase('postgres://user:hush@127.0.0.1:1/laju').catch(error => error)
  equal(refusal instanceof DatabaseRefused, true)
  match(refusal.message, /^Can't reach the database at postgres:\/\/user@127.+DATABASE_URL.+\.$/)
  equal(refusal.message.includes('hush'), false)
})
