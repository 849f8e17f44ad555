/**
 * Rows of payments and settlement batches, against the journals of simulated worlds: what the real
 * projection makes of them is what the second reading expects; and one wrong value in any column of
 * any of its tables is named.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { ShopStory } from '../../actors/sim/shop-story.ts'
import { World } from '../../engine/sim/world.ts'
import type { JournalSource } from '../../services/journal-follower.ts'
import { PaymentRows } from '../../services/soundbox/payment-rows.ts'
import { openDatabase } from '../../sql/database.ts'
import { testDatabase } from '../testing/database.ts'
import { writeLines } from './lines.fixture.ts'
import { verify } from './verify.ts'

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

const tables = [
  ...['journal', 'payment_view', 'payment_refund', 'settlement_view', 'settlement_adjustment'],
  ...['merchant_entry', 'payment_position'],
]

/** Writes the world's journal, and lets the projection read so many of each shard's lines. */
async function write({ journal, shards }: World, share = 1): Promise<void> {
  await writeLines(client, tables, { journal, shards })
  const endOf = (shard: number) => Math.floor(journal.lines(shard).length * share)
  const source: JournalSource = {
    lines: async (shard, seq, limit) =>
      journal.lines(shard).slice(seq, Math.min(seq + limit, endOf(shard))),
    durable: endOf,
  }
  const errors: unknown[] = []
  const onError = (cause: unknown) => void errors.push(cause)
  const { follower } = new PaymentRows({
    ...{ pool: db.pool, shards, isOwner: () => true, source, onError },
  })
  await follower.start()
  await follower.flush()
  await follower.stop()
  deepEqual(errors, [])
}

const tell = (seed: number): World => new World({ seed, outside: new ShopStory() }).run()

async function found(options: { readonly linesPerPart?: number } = {}) {
  return (await verify({ url: made.url, ...options })).problems
}

test('verify merchants: what was made of many stories: sound (Z24, Z51, Z52, Z54, Z68)', async () => {
  for (let seed = 1; seed <= 15; seed++) {
    const told = tell(seed)
    await write(told)
    deepEqual(await found(), [], `seed ${seed}`)
    deepEqual(await found({ linesPerPart: 10 }), [], `seed ${seed}, in parts`)
    await write(told, 0.5)
    deepEqual(await found(), [], `seed ${seed}, half way`)
  }
})

/** A world in which every table has a row. */
let rich: World | undefined
async function writeRich(): Promise<void> {
  for (let seed = 1; rich === undefined; seed++) {
    ok(seed < 300, 'some story has all of it')
    const told = tell(seed)
    await write(told)
    const { rows } = await client.query(`
      select exists (select from payment_refund) and exists (select from settlement_adjustment)
         and exists (select from settlement_view where given_at is not null)
         and exists (select from payment_view where late is not null) as is_rich`)
    if (rows[0].is_rich) rich = told
  }
  await write(rich)
}

const time = (name: string) => `coalesce(${name}, now()) + interval '1 ms'`

/** One wrong value, by its type. */
const otherOf: Readonly<Record<string, (name: string) => string>> = {
  uuid: () => 'gen_random_uuid()',
  text: name => `coalesce(${name}, '') || 'x'`,
  bigint: name => `coalesce(${name}, 0) + 1`,
  smallint: name => `${name} + 1`,
  jsonb: name => `${name} || ${name}`,
  'timestamp with time zone': time,
}

/** The table's rows, its key, and where its wrong values are told. */
const sides: Readonly<Record<string, readonly [keys: readonly string[], view: string]>> = {
  payment_view: [['id'], 'payment_view'],
  payment_refund: [['payment_id', 'refund_id'], 'payment_view'],
  settlement_view: [['id'], 'settlement_view'],
  settlement_adjustment: [['batch_id', 'adjustment_id'], 'settlement_view'],
  merchant_entry: [['shard', 'seq', 'leg'], '(payment_view|settlement_view)'],
}

for (const [table, [keys, view]] of Object.entries(sides)) {
  test(`verify merchants: ${table}: one wrong value in any of its columns: named (Z51, Z52, Z68)`, async () => {
    await writeRich()
    const { rows: columns } = await client.query<{ name: string; type: string }>(
      `select column_name as name, data_type as type from information_schema.columns
        where table_name = $1`,
      [table],
    )
    const told = table === 'settlement_view' ? 'given_at is not null' : 'true'
    const { rows } = await client.query(
      `select to_jsonb(v) as whole from ${table} as v where ${told} order by 1 limit 1`,
    )
    const whole = rows[0].whole as Record<string, unknown>
    const where = keys.map(key => `v.${key}::text = '${whole[key]}'`).join(' and ')
    for (const { name, type } of columns) {
      // A row under another key is one that is gone, and one too many.
      if (keys.includes(name)) continue
      await client.query(
        `update ${table} as v set ${name} = ${otherOf[type]!(name)} where ${where}`,
      )
      const names = (await found()).map(problem => problem.name)
      match(names.join(), new RegExp(`\\b${view}\\.changed\\b`), name)
      await client.query(
        `update ${table} as v set ${name} = told.${name}
           from jsonb_populate_record(null::${table}, $1) as told where ${where}`,
        [JSON.stringify(whole)],
      )
    }
    deepEqual(await found(), [])
    await client.query(`delete from ${table} as v where ${where}`)
    const gone = (await found()).map(problem => problem.name)
    match(gone.join(), new RegExp(`\\b${view}\\.(changed|missing)\\b`))
    await client.query(
      `insert into ${table} select * from jsonb_populate_record(null::${table}, $1)`,
      [JSON.stringify(whole)],
    )
    deepEqual(await found(), [])
    const stray = { shard: 0, seq: 99_999, leg: 0, subject_id: idOfNobody, payment_id: idOfNobody }
    const other = JSON.stringify({ ...whole, id: idOfNobody, batch_id: idOfNobody, ...stray })
    await client.query(
      `insert into ${table} select * from jsonb_populate_record(null::${table}, $1)`,
      [other],
    )
    const extra = (await found()).map(problem => problem.name)
    deepEqual(extra, [`${table}.extra`])
  })
}

const idOfNobody = '01a1fb59-1d36-7061-8000-000000000000'

test('verify merchants: a row of before it said who had the file: sound (Z52)', async () => {
  await writeRich()
  await client.query('update settlement_view set given_by = null, given_at = null')
  deepEqual(await found(), [])
  await client.query(`update settlement_view set given_by = 'x', given_at = now()`)
  const [first] = await found()
  equal(first?.name, 'settlement_view.changed')
})
