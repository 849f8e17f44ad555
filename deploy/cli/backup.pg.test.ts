import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { sceneAt, until } from '../../services/engine-room.fixture.ts'
import { makeSeal } from '../../services/seal.ts'
import { connectClient, openDatabase } from '../../sql/database.ts'
import { prepareDemo } from '../demo/demo.ts'
import { StartFailure } from '../start-failure.ts'
import { testDatabase } from '../testing/database.ts'
import { backUp, fileOf, readManifest } from './backup.ts'
import { type Exported, exportTo } from './export.ts'
import { planRestore, restore, validate } from './restore.ts'

const keyId = 'k1'

async function databaseAt(t: TestContext, options: { empty?: boolean } = {}): Promise<string> {
  const database = await testDatabase(options)
  t.after(() => database.drop())
  return database.url
}

function folderAt(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'laju-backup-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'one')
}

/** A database in which two clients bought three times, and nothing goes on. */
async function shopAt(t: TestContext): Promise<string> {
  const url = await databaseAt(t)
  const at = await sceneAt(t, { url })
  const users = [await at.user(1, 100_000), await at.user(2, 50_000)]
  for (const [n, userId] of [...users, users[0]!].entries()) {
    const ref = n === 0 ? '=1+1' : `A-${n}`
    const wish = { userId, level: 0, ref, product: 'XLD10', destination: `08781234567${n}` }
    const answer = await at.call('order.place', { ...wish })
    ok('ok' in answer)
    const { trxId } = answer.ok.order
    await until(
      () => at.call('order.get', { userId, trxId }),
      told => 'ok' in told && told.ok.status === 'SUCCESS',
    )
  }
  await at.stop()
  return url
}

async function queried(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = await connectClient(url)
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

const backUpTo = (url: string, folder: string) =>
  backUp(url, { folder, keyId, now: new Date('2026-11-21T01:02:03Z') })

test('backup: restored into an empty database: the same rows, verified, counting on (BKA1, RZA3, RZA6)', async t => {
  const url = await shopAt(t)
  const folder = folderAt(t)
  const manifest = await backUpTo(url, folder)
  ok(manifest.journalLines > 0)
  deepEqual(await readManifest(folder), manifest)
  const { report } = await validate(url, { folder, keyId })
  deepEqual([report.ok, report.problems ?? []], [true, []])
  const left = await queried(url, `select datname from pg_database where datname like 'laju_val%'`)
  deepEqual(left, [])

  const target = await databaseAt(t, { empty: true })
  const plan = await planRestore(target, { folder, keyId })
  deepEqual(plan.obstacles, [])
  deepEqual(await queried(target, `select to_regclass('journal') as there`), [{ there: null }])
  await restore(target, { folder, keyId })
  for (const { name, columns } of manifest.tables) {
    const list = columns.map(column => `"${column}"::text`).join(', ')
    const all = `select ${list} from "${name}" order by ${columns.map((_, n) => n + 1).join(', ')}`
    deepEqual(await queried(target, all), await queried(url, all), name)
  }
  const counters = `select sequencename, last_value from pg_sequences order by 1`
  deepEqual(await queried(target, counters), await queried(url, counters))
})

test('backup: of a catalogue with a history: each row once, as it was (RZA7)', async t => {
  const url = await databaseAt(t)
  const db = await openDatabase(url)
  await prepareDemo({
    ...{ db, seal: makeSeal(Buffer.alloc(32, 7)), shards: 16, dataDir: dirname(folderAt(t)) },
    sandboxUrl: 'http://127.0.0.1:9',
  })
  await db.end()
  const change =
    'update product set name = name || $$ baru$$ where code = (select min(code) from product)'
  await queried(url, change)
  const folder = folderAt(t)
  await backUpTo(url, folder)
  const target = await databaseAt(t, { empty: true })
  await restore(target, { folder, keyId })
  const history = 'select id, who, entity, key, before, after from catalogue_history order by id'
  const was = await queried(url, history)
  ok(was.length > 1)
  deepEqual(await queried(target, history), was)
  const versions = 'select code, name, version from product order by code'
  deepEqual(await queried(target, versions), await queried(url, versions))
  await queried(target, change)
  deepEqual((await queried(target, history)).length, was.length + 1)
})

test('restore: over clients or journal lines: refused, and nothing is touched (RZA1, RZA2)', async t => {
  const url = await shopAt(t)
  const folder = folderAt(t)
  await backUpTo(url, folder)
  const [before] = await queried(url, 'select count(*) as n from journal')
  const { obstacles } = await planRestore(url, { folder, keyId })
  equal(obstacles.length, 1)
  match(obstacles[0]!, /empty/)
  await rejects(restore(url, { folder, keyId }), StartFailure)
  deepEqual(await queried(url, 'select count(*) as n from journal'), [before])
})

test('restore: a damaged file, another key, a later program: each is told (BKA3, BKA4, RZA4, RZA5)', async t => {
  const url = await databaseAt(t)
  const folder = folderAt(t)
  await backUpTo(url, folder)
  const other = await planRestore(null, { folder, keyId: 'k2' })
  match(other.obstacles.join(), /master key k1/)
  appendFileSync(fileOf(folder, 'client'), 'x')
  const damaged = await planRestore(null, { folder, keyId })
  match(damaged.obstacles.join(), /client\.copy\.gz is missing or damaged/)
  const target = await databaseAt(t, { empty: true })
  await rejects(restore(target, { folder, keyId }), StartFailure)
  deepEqual(await queried(target, `select to_regclass('client') as there`), [{ there: null }])
  await rejects(readManifest(join(folder, 'nowhere')), StartFailure)
})

test('backup: one that fails leaves nothing that looks like one (BKA2)', async t => {
  const url = await databaseAt(t)
  const folder = folderAt(t)
  await queried(url, 'drop table installation')
  await rejects(backUpTo(url, folder))
  equal(existsSync(folder), false)
  deepEqual(readdirSync(join(folder, '..')), [])
})

test('export: orders, mutations, journal: all of them, none that a spreadsheet computes (EXA1, EXA2)', async t => {
  const url = await shopAt(t)
  const read = async (what: Exported, from: Date | null = null) => {
    const out = new PassThrough()
    const lines = text(out)
    const count = await exportTo(out, url, { what, from, to: null, userId: null })
    out.end()
    return { count, lines: (await lines).trim().split('\n') }
  }
  const orders = await read('orders')
  equal(orders.lines.length, 4)
  match(orders.lines[0]!, /^trx_id,user_id,ref,product,/)
  ok(orders.lines.some(line => line.includes(`,'=1+1,`)))
  match(orders.lines[1]!, /,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  ok((await read('mutations')).lines.length >= 6)
  const journal = await read('journal')
  const [{ n }] = (await queried(url, 'select count(*)::int as n from journal')) as [{ n: number }]
  deepEqual([journal.count, journal.lines.length], [n, n])
  ok(journal.lines.every(line => JSON.parse(line).record.id !== undefined))
  const none = await read('journal', new Date(Date.now() + 60_000))
  equal(none.count, 0)
})
