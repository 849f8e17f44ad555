import { deepEqual, equal, rejects } from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../deploy/testing/database.ts'
import { connectClient } from './database.ts'
import { type Migration, MigrationRefused, migrate, readMigrations } from './migrate.ts'

const file = (number: number, text: string): Migration => ({
  number,
  name: `${String(number).padStart(4, '0')}-test.sql`,
  text,
})

const log = file(1, 'create table log (n integer)')
const first = file(2, 'insert into log values (1)')
const second = file(3, 'insert into log values (2)')

/** A fresh, empty database with a client that sees what the migrations did. */
async function scratch() {
  const database = await testDatabase({ empty: true })
  const client = await connectClient(database.url)
  after(async () => {
    await client.end()
    await database.drop()
  })
  const rows = async (query: string) => (await client.query(query)).rows.map(row => row.n)
  return { url: database.url, client, rows }
}

const refusedAs = (code: string) => (error: unknown) =>
  error instanceof MigrationRefused && error.code === code && /^[A-Z].*\.$/.test(error.message)

test('migrate: an empty database: all of our own files, in order (Q6)', async () => {
  const { url } = await scratch()
  const names = readMigrations().map(migration => migration.name)
  deepEqual(await migrate(url), names)
  deepEqual(await migrate(url), [])
})

test('migrate: a new file: only that one is applied (Q6)', async () => {
  const { client, rows } = await scratch()
  deepEqual(await migrate(client, [log, first]), [log.name, first.name])
  deepEqual(await migrate(client, [log, first, second]), [second.name])
  deepEqual(await rows('select n from log order by n'), [1, 2])
})

test('migrate: four start at once: each file is applied once (Q7)', async () => {
  const { url, rows } = await scratch()
  const files = [log, first, second]
  const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(url, files)))
  equal(applied.flat().length, 3)
  deepEqual(await rows('select n from log order by n'), [1, 2])
})

test('migrate: a changed file: refused before anything is applied (Q8)', async () => {
  const { client, rows } = await scratch()
  await migrate(client, [log, first])
  const changed = { ...first, text: `${first.text} ` }
  await rejects(migrate(client, [log, changed, second]), refusedAs('migration.changed'))
  deepEqual(await rows('select n from log'), [1])
})

test('migrate: other line ends: are not a change (Q8)', async () => {
  const { client } = await scratch()
  await migrate(client, [file(1, 'select 1;\nselect 2;\n')])
  deepEqual(await migrate(client, [file(1, 'select 1;\r\nselect 2;\r\n')]), [])
})

test('migrate: a database of a newer program: refused, nothing touched (Q9)', async () => {
  const { client, rows } = await scratch()
  await migrate(client, [log, first, second])
  await rejects(migrate(client, [log, first]), refusedAs('database.newer'))
  deepEqual(await rows('select number as n from migration order by n'), [1, 2, 3])
})

test('migrate: a file that fails half-way: leaves no trace, those before stay (Q10)', async () => {
  const { client, rows } = await scratch()
  const broken = file(3, 'insert into log values (9); select no_such_thing();')
  await rejects(migrate(client, [log, first, broken]), refusedAs('migration.failed'))
  deepEqual(await rows('select n from log'), [1])
  deepEqual(await migrate(client, [log, first, second]), [second.name])
})

test('migrate: a gap or a double in the numbers: refused (Q11)', async () => {
  const { client } = await scratch()
  const unnumbered = { number: Number.NaN, name: 'x.sql', text: '' }
  for (const files of [[log, second], [log, log], [unnumbered]]) {
    await rejects(migrate(client, files), refusedAs('migration.misnumbered'))
  }
})
