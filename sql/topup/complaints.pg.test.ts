import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { connectClient } from '../database.ts'
import { migrate, readMigrations } from '../migrate.ts'

const userId = '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e880'
const [open, closed] = [1, 2].map(n => `0193a7c2-4d1e-70a1-9f3c-5a7b21d0e88${n}`)

test('complaints: those by chat move over, one for each order, with all that was answered', async t => {
  const database = await testDatabase({ empty: true })
  const client = await connectClient(database.url)
  t.after(async () => {
    await client.end()
    await database.drop()
  })
  const files = readMigrations()
  await migrate(
    client,
    files.filter(({ number }) => number < 23),
  )
  await client.query(`
    insert into client (id, username, name) values ('${userId}', 'toko', 'Toko');
    insert into chat_gateway (name, kind, base_url, credentials) values ('g', 'plain', '', '');
    insert into chat_inbox (gateway, message_id, address, text, state, claimed_until, sent_at)
    select 'g', n::text, '62', 'KOMPLAIN', 'done', now(), now() from generate_series(1, 3) as n;
    insert into chat_complaint (trx_id, user_id, inbox_id, state, answer, closed_by, closed_at)
    values ('${closed}', '${userId}', 1, 'closed', 'Sudah masuk.', 'ani', now()),
           ('${closed}', '${userId}', 2, 'closed', 'Tetap sudah.', 'budi', now()),
           ('${open}', '${userId}', 3, 'open', null, null, null);`)
  await migrate(client, files)
  const read = async (query: string) =>
    (await client.query({ text: query, rowMode: 'array' })).rows as unknown[][]
  deepEqual(await read('select trx_id, state, inbox_id::int from complaint order by trx_id'), [
    [open, 'open', 3],
    [closed, 'answered', 2],
  ])
  const words = await read(`
    select trx_id, author, by, text, told from complaint_message
      join complaint on complaint.id = complaint_id order by complaint_message.id`)
  deepEqual(words, [
    [closed, 'staff', 'ani', 'Sudah masuk.', true],
    [closed, 'staff', 'budi', 'Tetap sudah.', true],
  ])
})
