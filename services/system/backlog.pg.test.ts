import { doesNotMatch, equal, match } from 'node:assert/strict'
import { after, test } from 'node:test'
import { Registry } from 'prom-client'
import { testDatabase } from '../../deploy/testing/database.ts'
import { openDatabase } from '../../sql/database.ts'
import { registerBacklog } from './backlog.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
const client = await db.connect()
after(async () => {
  await client.end()
  await db.end()
  await database.drop()
})

await client.query(`
  insert into supplier (code, name, adapter, base_url, credentials)
    values ('a', 'a', 'digiflazz', 'http://127.0.0.1', ''),
           ('b', 'b', 'digiflazz', 'http://127.0.0.1', '');
  insert into chat_gateway (name, kind, base_url, credentials) values ('g', 'plain', '', '');
  insert into chat_outbox (gateway, address, text, about, state, due_at)
    values ('g', '62', 't', 'one', 'waiting', now() - interval '90 s'),
           ('g', '62', 't', 'two', 'sent', now());
  insert into chat_inbox (gateway, message_id, address, text, state, claimed_until, sent_at)
    values ('g', 'm', '62', 't', 'waiting', now(), now());
  insert into callback_inbox (party, headers, body, verdict)
    values ('a', '{}', 'x', null), ('a', '{}', 'x', 'reported');
  insert into parser_inbox (supplier, channel, shape, sample, count, first_at, last_at)
    values ('a', 'reply', 's', 's', 7, now(), now());
  insert into bank_mutation (number, content, direction, told_amount, amount, description, source,
      seen_at, status)
    values ('1', 'c', 'in', '50000', 50000, '', 'import', now(), 'suspense');
  insert into order_view (shard, id, user_id, ref, product, destination, price, status, attempts,
      attention, created_at, updated_at)
    values (0, gen_random_uuid(), gen_random_uuid(), 'r', 'p', 'd', 1, 'PROCESSING', 1,
      'DEADLINE', now() - interval '2 h', now());
  insert into price_sync (supplier_code, asked_by, outcome, asked_at)
    values ('a', 'system', 'applied', now() - interval '1 h'), ('a', 'system', 'failed', now()),
           ('a', 'system', 'proposed', now() - interval '1 h')`)

test('backlog: tables: what waits is told, and counted once in ten seconds (RSC1)', async () => {
  const registry = new Registry()
  let now = 0
  registerBacklog(registry, { db, now: () => now })
  const text = await registry.metrics()
  for (const [name, value] of Object.entries({
    ...{ chat_inbox_waiting: 1, chat_outbox_waiting: 1, callbacks_unread: 1 },
    ...{ parser_inbox_shapes: 1, parser_inbox_replies: 7 },
    ...{ suspense_rows: 1, suspense_rupiah: 50_000, attention_orders: 1 },
    price_proposals_waiting: 1,
  })) {
    match(text, new RegExp(`^laju_${name} ${value}$`, 'm'))
  }
  match(text, /^laju_chat_outbox_age_seconds 9\d(\.\d+)?$/m)
  match(text, /^laju_attention_age_seconds 72\d\d(\.\d+)?$/m)
  match(text, /^laju_price_list_age_seconds\{supplier="a"\} 36\d\d(\.\d+)?$/m)
  doesNotMatch(text, /age_seconds\{supplier="b"\}/)

  await client.query(`delete from chat_inbox`)
  now = 9_999
  match(await registry.metrics(), /^laju_chat_inbox_waiting 1$/m)
  now = 10_000
  match(await registry.metrics(), /^laju_chat_inbox_waiting 0$/m)
})

test('backlog: no database: its figures are absent, the scrape is answered (RSC2)', async () => {
  const gone = await openDatabase(database.url)
  await gone.end()
  const registry = new Registry()
  registerBacklog(registry, { db: gone, now: () => 0 })
  const text = await registry.metrics()
  doesNotMatch(text, /^laju_/m)
  equal(text.includes('# TYPE laju_suspense_rows gauge'), true)
})
