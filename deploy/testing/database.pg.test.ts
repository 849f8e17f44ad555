import { equal, match, notEqual } from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { testDatabase } from './database.ts'

async function query(url: string, text: string) {
  const client = new pg.Client({ connectionString: url })
  try {
    await client.connect()
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

test('test database: each has all tables and none of the others’ rows (D36)', async t => {
  const [first, second] = [await testDatabase(), await testDatabase()]
  t.after(() => Promise.all([first.drop(), second.drop()]))
  notEqual(first.url, second.url)
  await query(first.url, `insert into installation values ('colour', 'red')`)
  equal((await query(first.url, 'select count(*)::int as n from installation'))[0].n, 1)
  equal((await query(second.tcpUrl, 'select count(*)::int as n from installation'))[0].n, 0)
})

test('test database: empty on request, for tests of the migrations (D36)', async t => {
  const database = await testDatabase({ empty: true })
  t.after(() => database.drop())
  const text = `select count(*)::int as n from pg_tables where schemaname = 'public'`
  equal((await query(database.url, text))[0].n, 0)
})

test('test database: what a dead process left is gone after the next call (D37)', async t => {
  const first = await testDatabase()
  t.after(() => first.drop())
  const dead = `t_${2 ** 30}_1`
  await query(first.url, `create database ${dead}`)
  const second = await testDatabase()
  t.after(() => second.drop())
  const names = (await query(first.url, 'select datname from pg_database')).map(row => row.datname)
  equal(names.includes(dead), false)
  match(first.url, new RegExp(`/${names.find(name => first.url.endsWith(`/${name}`))}$`))
})
