import { deepEqual, equal } from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { makeRef } from '../../actors/order/standing.ts'
import { testDatabase } from '../../deploy/testing/database.ts'
import { makeId } from '../../engine/ids.ts'
import { openDatabase, sql, z } from '../../sql/database.ts'
import { Retention, type RetentionDays, type RetentionDeps } from './retention.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
const client = await db.connect()
after(async () => {
  await client.end()
  await db.end()
  await database.drop()
})

const days: RetentionDays = {
  ...{ callbacks: 180, flights: 120, chat: 365, unread: 90, catalogue: 730, serials: 180 },
  ...{ sounds: 180, bulk: 180, bank: 365, activity: 365 },
}

function keeper(some: Partial<RetentionDeps> = {}) {
  const told: [Readonly<Record<string, number>>, number][] = []
  const problems: unknown[] = []
  const retention = new Retention({
    ...{ db, days, isOwner: () => true, now: Date.now, pauseMs: 0 },
    onDeleted: (...line) => void told.push(line),
    onError: cause => problems.push(cause),
    ...some,
  })
  return { retention, told, problems }
}

const tables =
  'callback_inbox, supplier_flight, chat_outbox, chat_order, chat_inbox, complaint, ' +
  'complaint_message, parser_inbox, catalogue_history, price_sync, order_view, bulk_job, ' +
  'bulk_row, bank_inbox, bank_mutation, deposit_ticket, activity, email_link'
await client.query(`
  insert into supplier (code, name, adapter, base_url, credentials)
    values ('a', 'a', 'vip', 'http://127.0.0.1', '');
  insert into chat_gateway (name, kind, base_url, credentials) values ('g', 'plain', '', '');
  insert into bank_account (code, bank, number, holder) values ('bca', 'BCA', '1', 'Toko');
  insert into client (id, username, name) values (gen_random_uuid(), 'u', 'u')`)
beforeEach(() => client.query(`truncate ${tables} restart identity cascade`))

const order = (n: number) => makeId(1_700_000_000_000, 0, n.toString(16).padStart(16, '0'))
const daysAgo = (n: number) => new Date(Date.now() - n * 86_400_000)
const list = async (text: string) =>
  (await client.query<{ it: string }>(text)).rows.map(({ it }) => it)

/** An order that a person must look at. */
const hold = (n: number) =>
  client.query(
    `insert into order_view (shard, id, user_id, ref, product, destination, price, status,
       attempts, attention, created_at, updated_at)
     values (0, $1, gen_random_uuid(), 'r', 'p', 'd', 1, 'PROCESSING', 1, 'DEADLINE', now(),
       now())`,
    [order(n)],
  )
const callback = (body: string, age: number, verdict: string | null = 'accepted') =>
  client.query(
    `insert into callback_inbox (party, headers, body, verdict, received_at)
     values ('a', '{}', convert_to($1, 'UTF8'), $2, $3)`,
    [body, verdict, daysAgo(age)],
  )
const flight = (
  n: number,
  { age, settled, theirId }: { age: number; settled: number | null; theirId: string },
) =>
  client.query(
    `insert into supplier_flight (supplier, ref, sku, dest, max_price, their_id, taken_at,
       released_at) values ('a', $1, 's', 'd', 1, $2, $3, $4)`,
    [makeRef(order(n), 1), theirId, daysAgo(age), settled === null ? null : daysAgo(settled)],
  )

test('retention: callbacks: what is old goes; what waits, or is about a held order, stays (RSJ1)', async () => {
  await hold(1)
  await flight(1, { age: 300, settled: 200, theirId: 'VP-held' })
  await flight(2, { age: 300, settled: null, theirId: 'VP-out' })
  await callback('old', 181)
  await callback('unread', 400, null)
  await callback(`ours ${makeRef(order(1), 2)}.`, 400)
  await callback('theirs VP-held.', 400)
  await callback('out VP-out.', 400)
  await callback(`other ${makeRef(order(3), 1)}.`, 400)
  await callback('young', 179)
  const { retention, told } = keeper()
  deepEqual(await retention.sweep(), { callbacks: 2 })
  deepEqual(
    await list(`select split_part(convert_from(body, 'UTF8'), ' ', 1) as it
                  from callback_inbox order by id`),
    ['unread', 'ours', 'theirs', 'out', 'young'],
  )
  deepEqual([told.length, retention.deleted.callbacks], [1, 2])
})

test('retention: flights: settled for long, of no held order; the others stay (RSJ2)', async () => {
  await hold(1)
  await flight(1, { age: 200, settled: 150, theirId: 'held' })
  await flight(2, { age: 200, settled: null, theirId: 'out' })
  await flight(3, { age: 200, settled: 119, theirId: 'young' })
  await flight(4, { age: 200, settled: 121, theirId: 'old' })
  await db.pool.query(sql.type(z.object({}))`
    insert into order_watch (shard, id, n, supplier, failed_at)
    values (0, gen_random_uuid(), 1, 'old', now() - interval '121 days'),
           (0, gen_random_uuid(), 1, 'new', now() - interval '119 days')`)
  deepEqual(await keeper().retention.sweep(), { flights: 1 })
  const watched = await db.pool.any(sql.type(z.object({ supplier: z.string() }))`
    select supplier from order_watch`)
  deepEqual(watched, [{ supplier: 'new' }])
  deepEqual(await list('select their_id as it from supplier_flight order by their_id'), [
    ...['held', 'out', 'young'],
  ])
})

test('retention: chat: answers, orders and their messages; not what is open or complained of (RSJ1)', async () => {
  await hold(1)
  const message = async (name: string, age: number, state = 'done') =>
    (
      await client.query(
        `insert into chat_inbox (gateway, message_id, address, text, state, claimed_until, sent_at,
           received_at) values ('g', $1, '62', 't', $2, now(), now(), $3) returning id`,
        [name, state, daysAgo(age)],
      )
    ).rows[0].id as number
  const ordered = async (name: string, n: number, told: string | null) =>
    await client.query(
      `insert into chat_order (user_id, ref, trx_id, inbox_id, gateway, address, destination, told,
         created_at) values (gen_random_uuid(), $1, $2, $3, 'g', '62', 'd', $4, $5)`,
      [name, order(n), await message(name, 400), told, daysAgo(400)],
    )
  await message('old', 366)
  await message('waits', 400, 'waiting')
  await ordered('ended', 2, 'SUCCESS')
  await ordered('untold', 3, null)
  await ordered('held', 1, 'SUCCESS')
  await ordered('complained', 4, 'SUCCESS')
  await client.query(
    `insert into complaint (trx_id, user_id, ref, product, destination, reason, inbox_id)
     select $1, id, 'r', 'p', 'd', 'other', $2 from client`,
    [order(4), await message('complaint', 400)],
  )
  await message('young', 364)
  for (const [about, state] of [
    ['message 1', 'sent'],
    ['message 2', 'waiting'],
  ]) {
    await client.query(
      `insert into chat_outbox (gateway, address, text, about, state, created_at)
       values ('g', '62', 't', $1, $2, $3)`,
      [about, state, daysAgo(400)],
    )
  }
  deepEqual(await keeper().retention.sweep(), { chat: 4 })
  deepEqual(await list('select message_id as it from chat_inbox order by id'), [
    ...['waits', 'untold', 'held', 'complained', 'complaint', 'young'],
  ])
  deepEqual(await list('select ref as it from chat_order order by id'), [
    ...['untold', 'held', 'complained'],
  ])
  deepEqual(await list('select about as it from chat_outbox'), ['message 2'])
})

test('retention: unread replies, history, price lists: the newest list stays for ever (RSJ1, RSJ2)', async () => {
  for (const [shape, age] of [
    ['old', 91],
    ['young', 89],
  ] as const) {
    await client.query(`insert into parser_inbox values ('a', 'reply', $1, 's', 1, $2, $2)`, [
      shape,
      daysAgo(age),
    ])
  }
  for (const [key, age] of [
    ['old', 731],
    ['young', 729],
  ] as const) {
    await client.query(
      `insert into catalogue_history (at, who, entity, key) values ($2, 'x', 'product', $1)`,
      [key, daysAgo(age)],
    )
  }
  for (const [reason, outcome, age] of [
    ['oldest', 'applied', 1_000],
    ['proposal', 'proposed', 950],
    ['newest', 'unchanged', 900],
    ['failed', 'failed', 800],
  ] as const) {
    await client.query(
      `insert into price_sync (supplier_code, asked_by, outcome, reason, asked_at)
       values ('a', 'system', $2, $1, $3)`,
      [reason, outcome, daysAgo(age)],
    )
  }
  for (const [hash, age] of [
    ['01', 181],
    ['02', 179],
  ] as const) {
    const words = ['a', hash, `01a1fb59-1d36-7061-a924-4c3f336078${hash}`, daysAgo(age)]
    await client.query('insert into serial values ($1, $2, $3)', words.slice(1))
    await client.query(
      `insert into duplicate_sn (id, first_id, supplier, sn, closed_at)
       values ($1, $1, 'a', $2, $3)`,
      [words[2], hash, words[3]],
    )
  }
  await client.query(
    `insert into duplicate_sn (id, first_id, supplier, sn, found_at)
     values (gen_random_uuid(), gen_random_uuid(), 'a', 'open', $1)`,
    [daysAgo(900)],
  )
  for (const [supplier, closedAt] of [
    ['old', daysAgo(181)],
    ['young', daysAgo(179)],
    ['open', null],
  ] as const) {
    await client.query(
      `insert into overcharge (id, supplier, agreed, charged, found_at, closed_at)
       values (gen_random_uuid(), $1, 1, 2, $2, $3)`,
      [supplier, daysAgo(900), closedAt],
    )
  }
  for (const [id, age] of [
    ['old', 181],
    ['young', 179],
  ] as const) {
    await client.query(
      `insert into sound_proof (message_id, transaction_id, device_id, amount, queued_at)
       values ($1, gen_random_uuid(), gen_random_uuid(), 1, $2)`,
      [id, daysAgo(age)],
    )
  }
  const gone = { unread: 1, catalogue: 2, serials: 3, sounds: 1 }
  deepEqual(await keeper().retention.sweep(), gone)
  deepEqual(await list('select message_id as it from sound_proof'), ['young'])
  deepEqual(await list(`select key::text as it from serial`), ['2'])
  deepEqual((await list('select sn as it from duplicate_sn')).sort(), ['02', 'open'])
  deepEqual((await list('select supplier as it from overcharge')).sort(), ['open', 'young'])
  await client.query('truncate serial, duplicate_sn, overcharge')
  deepEqual(await list('select shape as it from parser_inbox'), ['young'])
  deepEqual(await list('select key as it from catalogue_history'), ['young'])
  deepEqual(await list('select reason as it from price_sync order by id'), [
    ...['proposal', 'newest', 'failed'],
  ])
})

test('retention: lists: rows of those that are through, without a held order (RSJ1, RSJ7)', async () => {
  await hold(1)
  for (const [ref, n, done] of [
    ['old', 2, 181],
    ['young', 3, 179],
    ['held', 1, 400],
    ['open', 4, null],
  ] as const) {
    await client.query(
      `with job as (
         insert into bulk_job (id, client_id, ref, content, total, done_at, created_at)
         values (gen_random_uuid(), gen_random_uuid(), $1, '', 2, $3, $4) returning id, ref)
       insert into bulk_row (job_id, n, ref, product, destination, result, trx_id)
       select id, n, ref || n, 'p', 'd', 'placed', case n when 1 then $2::uuid end
         from job, generate_series(1, 2) as n`,
      [ref, order(n), done === null ? null : daysAgo(done), daysAgo(400)],
    )
  }
  deepEqual(await keeper().retention.sweep(), { bulk: 2 })
  deepEqual(await list('select ref as it from bulk_job order by ref'), [
    ...['held', 'old', 'open', 'young'],
  ])
  deepEqual(await list('select distinct ref as it from bulk_row order by 1'), [
    ...['held1', 'held2', 'open1', 'open2', 'young1', 'young2'],
  ])
})

test('retention: bank: what was delivered, and tickets never paid; no money (RSJ7)', async () => {
  const delivered = (body: string, age: number, verdict: string | null) =>
    client.query(
      `insert into bank_inbox (feed, received_at, body, verdict) values ('moota', $1, $2, $3)`,
      [daysAgo(age), body, verdict],
    )
  await delivered('old', 366, 'accepted')
  await delivered('young', 364, 'accepted')
  await delivered('unread', 400, null)
  const ticket = async (n: number, { status, age = 400 }: { status: string; age?: number }) =>
    (
      await client.query(
        `insert into deposit_ticket (id, user_id, account, base, amount, status, held, created_at,
           expires_at)
         select gen_random_uuid(), id, 'bca', 1000, $1, $2, false, $3, $3 from client returning id`,
        [1_000 + n, status, daysAgo(age)],
      )
    ).rows[0].id as string
  await ticket(1, { status: 'cancelled' })
  await ticket(2, { status: 'cancelled', age: 364 })
  await ticket(3, { status: 'paid' })
  await client.query(
    `insert into bank_mutation (account, number, content, direction, told_amount, amount,
       description, source, seen_at, status, ticket_id)
     values ('bca', '1', 'x', 'in', '1', 1, 'd', 'webhook', $1, 'credited', $2)`,
    [daysAgo(1_000), await ticket(4, { status: 'cancelled' })],
  )
  deepEqual(await keeper().retention.sweep(), { bank: 2 })
  deepEqual(await list('select body as it from bank_inbox order by id'), ['young', 'unread'])
  deepEqual(await list('select amount::text as it from deposit_ticket order by amount'), [
    ...['1002', '1003', '1004'],
  ])
  deepEqual(await list('select content as it from bank_mutation'), ['x'])
})

test('retention: activity: with its days, and links that open nothing any more (RSJ8)', async () => {
  for (const age of [400, 366, 364]) {
    await client.query(
      `insert into activity (client_id, what, address, details, at)
       select id, $1, '', '{}', $2 from client`,
      [`${age}`, daysAgo(age)],
    )
    await client.query(
      `insert into email_link (hash, client_id, purpose, email, created_at, expires_at)
       select $1, id, 'verify', 'a@b.c', $2, $2 from client`,
      [`${age}`, daysAgo(age)],
    )
  }
  deepEqual(await keeper().retention.sweep(), { activity: 4 })
  deepEqual(await list('select what as it from activity'), ['364'])
  deepEqual(await list('select hash as it from email_link'), ['364'])
})

test('retention: much: in batches, as many as a sweep may, the rest the next time (RSJ3)', async () => {
  await client.query(`
    insert into callback_inbox (party, headers, body, verdict, received_at)
    select 'a', '{}', 'x', 'accepted', now() - interval '1 year' from generate_series(1, 25)`)
  const { retention } = keeper({ batchRows: 5, batchesMax: 3 })
  deepEqual(await retention.sweep(), { callbacks: 15 })
  deepEqual(await retention.sweep(), { callbacks: 10 })
  deepEqual(await retention.sweep(), {})
  equal(retention.deleted.callbacks, 25)
})

test('retention: stopped, not the owner, or for ever: nothing goes (RSJ3, RSJ4)', async () => {
  for (let n = 0; n < 3; n++) await callback('old', 400)
  deepEqual(await keeper({ isOwner: () => false }).retention.sweep(), {})
  const forEver = { ...days, callbacks: 0 }
  deepEqual(await keeper({ days: forEver }).retention.sweep(), {})
  const { retention, problems } = keeper({ batchRows: 1 })
  await retention.stop()
  deepEqual(await retention.sweep(), {})
  deepEqual(problems, [])
})

test('retention: one kind fails: told, and the others go on (RSJ4, RSJ5)', async () => {
  await callback('old', 400)
  await client.query(`insert into parser_inbox
    values ('a', 'reply', 'old', 's', 1, now() - interval '1 year', now() - interval '1 year')`)
  await client.query('alter table callback_inbox rename to callback_gone')
  const { retention, problems, told } = keeper()
  try {
    deepEqual(await retention.sweep(), { unread: 1 })
  } finally {
    await client.query('alter table callback_gone rename to callback_inbox')
  }
  equal(problems.length, 1)
  deepEqual(
    told.map(([deleted]) => deleted),
    [{ unread: 1 }],
  )
  deepEqual(await retention.sweep(), { callbacks: 1 })
  deepEqual([retention.deleted.unread, retention.deleted.callbacks], [1, 1])
})

test('retention: too many held orders: what depends on them is kept, the rest goes (RSJ6)', async () => {
  await callback('old', 400)
  await client.query(`insert into parser_inbox
    values ('a', 'reply', 'old', 's', 1, now() - interval '1 year', now() - interval '1 year')`)
  await client.query(`
    insert into order_view (shard, id, user_id, ref, product, destination, price, status, attempts,
      attention, created_at, updated_at)
    select 0, gen_random_uuid(), gen_random_uuid(), 'r', 'p', 'd', 1, 'PROCESSING', 1, 'DEADLINE',
      now(), now() from generate_series(1, 2001)`)
  deepEqual(await keeper().retention.sweep(), { unread: 1 })
})
