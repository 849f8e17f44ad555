import { deepEqual } from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { testDatabase } from '../deploy/testing/database.ts'
import { jsonOf } from './copy.ts'

const database = await testDatabase()
const client = new pg.Client({ connectionString: database.url })
client.on('error', () => {})
await client.connect()
after(async () => {
  await client.end()
  await database.drop()
})

test('readable line: what Postgres takes stays as it is, the rest loses what it can not hold', async () => {
  const said = [
    'plain',
    'é — 😀',
    '\u0000',
    '\ud83d',
    'x\udc00\u0000',
    '\\u0000',
    '\\\u0000',
    '\u0007',
  ]
  for (const word of said) {
    const line = JSON.stringify({ at: 5, [word]: word })
    const { rows } = await client.query(
      `select readable_line($1) as text, readable_line($1)::jsonb ->> 'at' as at`,
      [line],
    )
    deepEqual(rows, [{ text: jsonOf({ at: 5, [word]: word }), at: '5' }])
  }
})
