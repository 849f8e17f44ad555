import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { testDatabase } from './test-database.ts'
import {
  ani,
  type Edits,
  type JournalFixture,
  type Loose,
  story,
} from './verify/journal.fixture.ts'
import { type VerifyOptions, type VerifyReport, verify } from './verify.ts'

const database = await testDatabase()
const client = new pg.Client({ connectionString: database.url })
client.on('error', () => {})
await client.connect()
after(async () => {
  await client.end()
  await database.drop()
})

/** Writes the story, spoils it, and reads it again. */
async function read(
  journal: JournalFixture,
  spoil?: string,
  options?: Partial<VerifyOptions>,
): Promise<VerifyReport> {
  await journal.write(client)
  if (spoil !== undefined) await client.query(spoil)
  return await verify({ url: database.url, ...options })
}

/** What was found, with its line: `chain.hash 7.4`. */
const found = (report: VerifyReport): string[] =>
  report.problems.map(
    ({ name, shard, seq }) => `${name} ${shard}${seq === undefined ? '' : `.${seq}`}`,
  )

const place = (label: string): string => {
  const { shard, seq } = story().place(label)
  return `${shard}.${seq}`
}
const where = (label: string): string => {
  const { shard, seq } = story().place(label)
  return `where shard = ${shard} and seq = ${seq}`
}

test('verify: a sound journal: no problem, and the figures of the story (Z4, Z14, Z16)', async () => {
  const report = await read(story())
  deepEqual(found(report), [])
  equal(report.ok, true)
  const { total, open, delivered, failed, refunded, disputed } = report.orders
  deepEqual([total, open, delivered, failed, refunded, disputed], [7, 2, 2, 2, 1, 1])
  equal(report.shards, 3)
  equal(report.records, 26)
  equal(report.ledgerSum, 0)
  equal(report.held, 7_500 + 10_500)
  equal(report.wallets, 100_000 + 50_000 - 10_500 - 20_500)
  equal(report.clearing, 5_000)
  equal(report.lag, 0)
})
