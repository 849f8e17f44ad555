/**
 * Rows of rented numbers and of deposits, against the journals of simulated worlds: what the real
 * projections make of them is what the second reading expects, whole or half way; and one wrong
 * value in any column is named.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { NumberStory } from '../../actors/sim/numbers.ts'
import { World } from '../../engine/sim/world.ts'
import { IntentRows } from '../../services/deposit/gateway/rows.ts'
import type { JournalSource } from '../../services/journal-follower.ts'
import { NumberRows } from '../../services/number/rows.ts'
import { openDatabase } from '../../sql/database.ts'
import { testDatabase } from '../testing/database.ts'
import { writeLines } from './lines.fixture.ts'
import { type VerifyReport, verify } from './verify.ts'

const made = await testDatabase()
const db = await openDatabase(made.url)
const client = new pg.Client({ connectionString: made.url })
client.on('error', () => {})
await client.connect()
after(async () => {
  await client.end()
  await db.end()
  await made.drop()
})

type Told = Pick<World, 'journal' | 'shards'>
const tell = (seed: number): Told => new World({ seed, outside: new NumberStory() }).run()

const tables = [
  ...['journal', 'number_view', 'number_profit', 'number_activity', 'number_invoice'],
  ...['number_position', 'deposit_intent', 'deposit_suspense', 'deposit_intent_position'],
]

/** Writes the world's journal, and lets the projections read so many of each shard's lines. */
async function write({ journal, shards }: Told, share = 1): Promise<void> {
  await writeLines(client, tables, { journal, shards })
  const ends = Array.from({ length: shards }, (_, shard) =>
    Math.floor(journal.lines(shard).length * share),
  )
  const source: JournalSource = {
    lines: async (shard, seq, limit) =>
      journal.lines(shard).slice(seq, Math.min(seq + limit, ends[shard]!)),
    durable: shard => ends[shard],
  }
  const errors: unknown[] = []
  const onError = (cause: unknown) => void errors.push(cause)
  const deps = { pool: db.pool, shards, isOwner: () => true, source, onError }
  const quiet = { heard: () => {}, returned: async () => {} }
  const invoices = { firstWord: (id: string) => `link of ${id}` }
  for (const { follower } of [
    new NumberRows({ ...deps, ...quiet, invoices }),
    new IntentRows(deps),
  ]) {
    await follower.start()
    await follower.flush()
    await follower.stop()
  }
  deepEqual(errors, [])
}

/**
 * What users of a story begin with, nobody sent, and no person notes what gateways pay out: that is
 * told each time, and is as it should.
 */
const given = new Set<string>(['transfer.unsent', 'ledger.clearing', 'gateway_payout.missing'])
async function read(
  options: { readonly linesPerPart?: number } = {},
): Promise<Pick<VerifyReport, 'problems' | 'records'>> {
  const { problems, records } = await verify({ url: made.url, ...options })
  return { records, problems: problems.filter(({ name }) => !given.has(name)) }
}
const found = ({ problems }: Pick<VerifyReport, 'problems'>): string[] =>
  problems.map(({ name }) => name)

test('verify rows: what was made of many stories: sound, wherever the tables are (Z24, Z57, Z58)', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const told = tell(seed)
    await write(told)
    const whole = await read()
    deepEqual(whole.problems, [], `seed ${seed}`)
    const parts = await read({ linesPerPart: 10 })
    deepEqual(parts.problems, [], `seed ${seed}, in parts`)
    // Folded again out of all lines, some rows show later ones than the tables are at.
    await write(told, 0.5)
    const half = await read()
    deepEqual(half.problems, [], `seed ${seed}, half way`)
    deepEqual(half.records, whole.records)
  }
})

/** A world in which everything is, that has a column of its own. */
let rich: Told | undefined
async function writeRich(): Promise<void> {
  for (let seed = 10; rich === undefined; seed += 10) {
    ok(seed < 1_000, 'some story has all of it')
    const told = tell(seed)
    await write(told)
    const { rows } = await client.query(`
      select exists (select from number_view where codes > 0)
         and exists (select from number_profit) and exists (select from deposit_suspense)
         and exists (select from deposit_intent where status = 'paid') as is_rich`)
    if (rows[0].is_rich) rich = told
  }
  await write(rich)
}

/** One wrong value in one row, by the column that is named for it. */
const views: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  number_view: {
    ...{ user_id: 'gen_random_uuid()', ref: `'other'`, phase: `'lost'`, status: `'lost'` },
    ...{ money_effect: `'lost'`, is_open: 'not is_open', service: `'x'`, service_name: `'x'` },
    ...{ country: `'x'`, country_name: `'x'`, operator: `'x'`, operator_name: `'x'` },
    ...{ supplier: `'x'`, their_id: `'x'`, number: `'x'`, price: 'price + 1', cost: 'cost + 1' },
    ...{ why: `'x'`, messages: `messages || '[{"sealed": "x"}]'`, codes: 'codes + 1' },
    ...{ late: 'late + 1', resends: 'resends + 1', seq: 'seq + 1000000' },
    ...Object.fromEntries(
      ['bought_at', 'dies_at', 'wait_until', 'placed_at', 'updated_at'].map(time => [
        ...[time, `coalesce(${time}, now()) + interval '1 ms'`],
      ]),
    ),
  },
  deposit_intent: {
    ...{ user_id: 'gen_random_uuid()', ref: `'other'`, method: `'x'`, gateway: `'x'` },
    ...{ reff_id: `'x'`, their_id: `'x'`, status: `'lost'`, amount: 'amount + 1' },
    ...{ pays: 'coalesce(pays, 0) + 1', fee: 'coalesce(fee, 0) + 1', via: `'x'`, why: `'x'` },
    ...{ received: 'coalesce(received, 0) + 1', suspended: 'suspended + 1' },
    pay: `pay || '{"more": "x"}'`,
    ...Object.fromEntries(
      ['expires_at', 'paid_at', 'created_at', 'updated_at'].map(time => [
        ...[time, `coalesce(${time}, now()) + interval '1 ms'`],
      ]),
    ),
  },
}

for (const [table, columns] of Object.entries(views)) {
  const rule = table === 'number_view' ? 'Z57' : 'Z58'
  test(`verify rows: ${table}: one wrong value in any of its columns: named (${rule})`, async () => {
    await writeRich()
    const known = await client.query(
      'select column_name as name from information_schema.columns where table_name = $1',
      [table],
    )
    const names = known.rows.map(({ name }) => name as string).filter(name => name !== 'id')
    deepEqual(Object.keys(columns).sort(), names.sort())
    const { rows } = await client.query(
      `select id, to_jsonb(v) as whole from ${table} as v order by id limit 1`,
    )
    const { id, whole } = rows[0] as { id: string; whole: Record<string, unknown> }
    for (const [column, value] of Object.entries(columns)) {
      await client.query(`update ${table} set ${column} = ${value} where id = $1`, [id])
      const report = await read()
      equal(report.problems[0]?.actor, id, column)
      deepEqual(found(report), [`${table}.changed`], column)
      match(report.problems[0]!.text, new RegExp(`\\b${column} is `))
      await client.query(
        `update ${table} as v set ${column} = told.${column}
           from jsonb_populate_record(null::${table}, $2) as told where v.id = $1`,
        [id, JSON.stringify(whole)],
      )
    }
    deepEqual(found(await read()), [])
  })
}

const planted: Readonly<Record<string, readonly [spoil: string, finds: readonly string[]]>> = {
  'what was earned, changed': [
    `update number_profit set base = base + 1, profit = profit - 1
      where (shard, seq) = (select shard, seq from number_profit order by shard, seq limit 1)`,
    ['number_view.changed'],
  ],
  'what was earned, in the name of another supplier': [
    `update number_profit set supplier = 'x'
      where (shard, seq) = (select shard, seq from number_profit order by shard, seq limit 1)`,
    ['number_view.changed'],
  ],
  'what was earned, gone': [
    `delete from number_profit
      where (shard, seq) = (select shard, seq from number_profit order by shard, seq limit 1)`,
    ['number_view.changed'],
  ],
  'what was earned of nothing': [
    `insert into number_profit
     select shard, seq + 1000000, gen_random_uuid(), user_id, what, service, country, operator,
            supplier, selling, base, fee, profit, at from number_profit limit 1`,
    ['number_profit.extra'],
  ],
  'what happened, changed': [
    `update number_activity set what = 'order:finished'
      where (shard, seq, n) = (select shard, seq, n from number_activity
                                where what = 'order:created' order by shard, seq limit 1)`,
    ['number_view.changed'],
  ],
  'what happened, by another hand': [
    `update number_activity set by = 'x'
      where (shard, seq, n) = (select shard, seq, n from number_activity
                                order by shard, seq limit 1)`,
    ['number_view.changed'],
  ],
  'what happened to nothing': [
    `insert into number_activity
     select shard, seq + 1000000, n, gen_random_uuid(), user_id, what, details, by, at
       from number_activity limit 1`,
    ['number_activity.extra'],
  ],
  'a number gone': [
    `with gone as (delete from number_view where id = (select min(id::text)::uuid from number_view)
                   returning id),
          profit as (delete from number_profit where order_id in (select id from gone))
     delete from number_activity where order_id in (select id from gone)`,
    ['number_view.missing'],
  ],
  'a number too many': [
    `insert into number_view
     select (jsonb_populate_record(v, jsonb_build_object('id', gen_random_uuid()))).*
       from number_view as v limit 1`,
    ['number_view.extra'],
  ],
  'suspense, changed': [
    `update deposit_suspense set amount = amount + 1
      where (intent_id, n) = (select intent_id, n from deposit_suspense limit 1)`,
    ['deposit_intent.changed'],
  ],
  'suspense, decided by another': [
    `update deposit_suspense set resolved_by = 'x'
      where (intent_id, n) = (select intent_id, n from deposit_suspense limit 1)`,
    ['deposit_intent.changed'],
  ],
  'suspense, of another gateway': [
    `update deposit_suspense set gateway = 'x'
      where (intent_id, n) = (select intent_id, n from deposit_suspense limit 1)`,
    ['deposit_intent.changed'],
  ],
  'suspense of nothing': [
    `insert into deposit_suspense
     select (jsonb_populate_record(v, jsonb_build_object('intent_id', gen_random_uuid()))).*
       from deposit_suspense as v limit 1`,
    ['deposit_suspense.extra'],
  ],
  'a deposit gone': [
    `with gone as (delete from deposit_intent
                    where id = (select min(id::text)::uuid from deposit_intent) returning id)
     delete from deposit_suspense where intent_id in (select id from gone)`,
    ['deposit_intent.missing'],
  ],
  'a deposit too many': [
    `insert into deposit_intent
     select (jsonb_populate_record(v, jsonb_build_object('id', gen_random_uuid()))).*
       from deposit_intent as v limit 1`,
    ['deposit_intent.extra'],
  ],
  'tables of numbers that know more than the journal': [
    `update number_position set seq = seq + 1000000
      where shard = (select max(shard) from number_position)`,
    ['projection.ahead'],
  ],
  'tables of deposits that know more than the journal': [
    `update deposit_intent_position set seq = seq + 1000000
      where shard = (select max(shard) from deposit_intent_position)`,
    ['projection.ahead'],
  ],
}

for (const [what, [spoil, finds]] of Object.entries(planted)) {
  const rule = /deposit|suspense/.test(what) ? 'Z58' : 'Z57'
  test(`verify rows: ${what}: told (${rule})`, async () => {
    await writeRich()
    await client.query(spoil)
    deepEqual(found(await read()), finds)
  })
}

const decided = `
  truncate deposit_verdict, number_refund;
  insert into deposit_verdict (intent_id, n, user_id, verdict, amount, reason, status, asked_by,
                               asked_at)
  select intent_id, n, v.user_id, coalesce(verdict, 'return'), entry.amount, '',
         case when verdict is null then 'waiting' else 'done' end, v.user_id, now()
    from deposit_suspense as entry join deposit_intent as v on v.id = intent_id;
  insert into number_refund (order_id, amount, reason, status, asked_by, asked_name)
  select order_id, selling, 'x', 'agreed', gen_random_uuid(), 'ani'
    from number_profit where what = 'sold' and selling > 0
     and order_id in (select order_id from number_profit where what = 'refunded') limit 1`

const undone: Readonly<Record<string, readonly [spoil: string, finds: readonly string[]]>> = {
  'nothing wrong': ['select', []],
  'money in suspense, of another amount': [
    `update deposit_verdict set amount = amount + 1 where id = (select min(id) from deposit_verdict)`,
    ['deposit_verdict.changed'],
  ],
  'money in suspense, of another user': [
    `update deposit_verdict set user_id = gen_random_uuid()
      where id = (select min(id) from deposit_verdict)`,
    ['deposit_verdict.changed'],
  ],
  'money in suspense, decided otherwise': [
    `update deposit_verdict set verdict = case verdict when 'credit' then 'return' else 'credit' end
      where id = (select min(id) from deposit_verdict where status = 'done')`,
    ['deposit_verdict.changed'],
  ],
  'money in suspense of no deposit': [
    `update deposit_verdict set intent_id = (select id from number_view limit 1)
      where id = (select min(id) from deposit_verdict)`,
    ['deposit_verdict.changed'],
  ],
  'a refund of another amount': [
    'update number_refund set amount = amount + 1',
    ['number_refund.changed'],
  ],
  'a refund of nothing': [
    'update number_refund set order_id = (select intent_id from deposit_verdict limit 1)',
    ['number_refund.changed'],
  ],
}

for (const [what, [spoil, finds]] of Object.entries(undone)) {
  test(`verify rows: what persons decided: ${what}: told (Z73)`, async () => {
    await writeRich()
    await client.query(decided)
    const { rows } = await client.query('select count(*)::int as n from deposit_verdict')
    ok(rows[0].n > 0)
    const { rowCount } = await client.query(spoil)
    ok(rowCount! > 0, what)
    deepEqual(found(await read()), finds)
    await client.query('truncate deposit_verdict, number_refund')
  })
}
