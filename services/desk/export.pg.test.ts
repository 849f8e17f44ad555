import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ServiceBroker } from 'moleculer'
import { testDatabase } from '../../deploy/testing/database.ts'
import { openDatabase, sql } from '../../sql/database.ts'
import { addAudits } from '../../sql/desk/audit.ts'
import { parseCsv } from '../catalogue/csv.ts'
import type { Answer } from '../contract/answer.ts'
import type { ExportView } from '../contract/desk.ts'
import type { Call } from '../contract.ts'
import { type ExportDeps, exportService } from './export.service.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
after(async () => {
  await db.end()
  await database.drop()
})

const total = 250
await addAudits(
  db.pool,
  Array.from({ length: total }, (_, n) => ({
    ...{ actor: null, actorName: n === 7 ? '=HYPERLINK("x")' : 'ani', role: 'admin', details: {} },
    ...{ action: 'a.b', subject: `s-${n}`, outcome: 'done', address: '', requestId: `r-${n}` },
  })),
)

const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}

type Desk = { call: Call; folder: string; clock: { ms: number }; restart(): Promise<void> }

async function deskAt(t: TestContext, change: Partial<ExportDeps> = {}): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), 'laju-export-'))
  const clock = { ms: Date.now() + 1_000 }
  const broker = new ServiceBroker({ logger: false })
  const open = () =>
    broker.createService(
      exportService({
        ...{ db, folder, now: () => clock.ms, isOwner: () => true, rowsAtOnce: 20, lookMs: 20 },
        caughtUp: async () => {},
        onError: cause => {
          throw cause
        },
        ...change,
      }),
    )
  let service = open()
  await broker.start()
  t.after(async () => {
    await broker.stop()
    await db.pool.query(sql.unsafe`delete from export_job`)
    rmSync(folder, { recursive: true })
  })
  return {
    ...{ call: (action, params) => broker.call(action, params), folder, clock },
    async restart() {
      await broker.destroyService(service)
      service = open()
      await broker.waitForServices('export')
    },
  }
}

const wish = { kind: 'audit-logs', reference: 'k-1', by: 'ani', filter: {} } as const

async function ended({ call }: Desk, id: string): Promise<ExportView> {
  for (let tries = 0; tries < 3_000; tries++) {
    const job = okOf(await call('export.get', { id }))
    if (job.status !== 'queued' && job.status !== 'running') return job
    await pause(10)
  }
  throw new Error('it does not end')
}

async function fileOf({ call }: Desk, id: string): Promise<string> {
  const parts: Uint8Array[] = []
  for (let offset = 0; ; ) {
    const { total: bytes, chunk } = okOf(await call('export.read', { id, offset }))
    parts.push(chunk)
    offset += chunk.length
    if (offset >= bytes) return Buffer.concat(parts).toString()
  }
}

function rowsOf(text: string): readonly (readonly string[])[] {
  const read = parseCsv(text, 10_000)
  ok(!('problem' in read))
  return read.slice(1).map(row => row.cells)
}

const whole = Array.from({ length: total }, (_, n) => `s-${n}`)

test('export: the whole file: every row once, in order, formulas as text (DKD2, DKD3)', async t => {
  const desk = await deskAt(t)
  const { id } = okOf(await desk.call('export.start', wish))
  const job = await ended(desk, id)
  deepEqual([job.status, job.rows, job.expected, job.capped], ['done', total, total, false])
  const text = await fileOf(desk, id)
  equal(Buffer.byteLength(text), job.bytes)
  deepEqual(
    rowsOf(text).map(cells => cells[6]),
    whole,
  )
  ok(text.includes(`"'=HYPERLINK(""x"")"`))
  equal(statSync(join(desk.folder, `${id}.csv`)).mode & 0o777, 0o600)
  const again = okOf(await desk.call('export.start', wish))
  equal(again.id, id)
})

test('export: every kind: a file with its names, whatever is asked for (DKD2)', async t => {
  const desk = await deskAt(t)
  const whom = { merchantId: '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e880', status: 'paid', from: 5 }
  const kinds = [
    ...(['transactions', 'ledger-entries', 'settlement-batches'] as const),
    ...(['settlement-adjustments', 'audit-logs'] as const),
  ]
  for (const kind of kinds) {
    for (const filter of [{}, whom]) {
      const reference = `${kind} ${Object.keys(filter).length}`
      const { id } = okOf(await desk.call('export.start', { kind, reference, by: 'ani', filter }))
      const { status, problem } = await ended(desk, id)
      deepEqual([status, problem], ['done', ''], kind)
      ok((await fileOf(desk, id)).split('\r\n')[0]!.split(',').length > 6, kind)
    }
  }
})

test('export: the ledger: its legs have the names that the books show (DKD2)', async t => {
  const desk = await deskAt(t)
  const merchantId = '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e880'
  for (const [leg, name] of ['gross', 'fee', 'odd one'].entries()) {
    await db.pool.query(sql.unsafe`
      insert into merchant_entry
        (shard, seq, leg, merchant_id, subject, subject_id, name, debit, credit, amount, booked_at)
      values (1, 1, ${leg}, ${merchantId}, 'payment', ${merchantId}, ${name}, 'a', 'b', 7, now())`)
  }
  const asked = { kind: 'ledger-entries', reference: 'legs', by: 'ani', filter: { merchantId } }
  const { id } = okOf(await desk.call('export.start', asked as never))
  equal((await ended(desk, id)).status, 'done')
  deepEqual(
    rowsOf(await fileOf(desk, id)).map(cells => cells[5]),
    ['gross_income', 'platform_fee', 'odd one'],
  )
})

test('export: stopped in the middle: it goes on where it was sure (DKD1)', async t => {
  let isOwner = true
  const desk = await deskAt(t, { isOwner: () => isOwner, rowsAtOnce: 1 })
  const { id } = okOf(await desk.call('export.start', wish))
  const half = async () => okOf(await desk.call('export.get', { id })).rows
  while ((await half()) < 40) await pause(2)
  isOwner = false
  await desk.restart()
  // Written by who died, and not yet told.
  const { rows, status } = okOf(await desk.call('export.get', { id }))
  equal(status, 'running')
  ok(rows < total)
  await appendFile(join(desk.folder, `${id}.csv`), 'half a row, of which nobody kn')
  isOwner = true
  const job = await ended(desk, id)
  deepEqual([job.status, job.rows], ['done', total])
  deepEqual(
    rowsOf(await fileOf(desk, id)).map(cells => cells[6]),
    whole,
  )
})

test('export: its file is gone, or cut: it is begun anew, with every row once (DKD1)', async t => {
  let isOwner = true
  const desk = await deskAt(t, { isOwner: () => isOwner, rowsAtOnce: 1 })
  const losses = [rmSync, (path: string) => truncateSync(path, 300)]
  for (const [n, loss] of losses.entries()) {
    isOwner = true
    const reference = `k-${n}`
    const { id } = okOf(await desk.call('export.start', { ...wish, reference }))
    while (okOf(await desk.call('export.get', { id })).rows < 40) await pause(2)
    isOwner = false
    await desk.restart()
    equal(okOf(await desk.call('export.get', { id })).status, 'running')
    // As the folder of another machine is, which owns the journal by now.
    loss(join(desk.folder, `${id}.csv`))
    isOwner = true
    const { status, rows, problem } = await ended(desk, id)
    deepEqual([status, rows, problem], ['done', total, ''])
    deepEqual(
      rowsOf(await fileOf(desk, id)).map(cells => cells[6]),
      whole,
    )
  }
})

test('export: the database is away for a while: it goes on when it is back (DKD6)', async t => {
  const errors: unknown[] = []
  const desk = await deskAt(t, { rowsAtOnce: 1, onError: cause => errors.push(cause) })
  const { id } = okOf(await desk.call('export.start', wish))
  while (okOf(await desk.call('export.get', { id })).rows < 40) await pause(2)
  await db.pool.query(sql.unsafe`alter table audit_log rename to audit_log_away`)
  await passing(desk, async () => errors.length >= 3)
  const { status, rows } = okOf(await desk.call('export.get', { id }))
  equal(status, 'running')
  ok(rows >= 40 && rows < total)
  // Who waits behind it, and asks for something else, does not wait.
  const other = { kind: 'transactions', reference: 'k-9', by: 'ani', filter: {} } as const
  const behind = okOf(await desk.call('export.start', other))
  equal((await ended(desk, behind.id)).status, 'done')
  await db.pool.query(sql.unsafe`alter table audit_log_away rename to audit_log`)
  const isEnded = async () => okOf(await desk.call('export.get', { id })).status !== 'running'
  await passing(desk, isEnded)
  deepEqual((await ended(desk, id)).rows, total)
  deepEqual(
    rowsOf(await fileOf(desk, id)).map(cells => cells[6]),
    whole,
  )
})

/** Hours, in the desk's time, until it is so. */
async function passing({ clock }: Desk, isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) {
    clock.ms += 60_000
    await pause(10)
  }
}

test('export: it never goes: given up with the reason, and no file stays (DKD6, DKD4)', async t => {
  const errors: unknown[] = []
  const desk = await deskAt(t, { onError: cause => errors.push(cause) })
  await db.pool.query(sql.unsafe`alter table audit_log rename to audit_log_away`)
  const { id } = okOf(await desk.call('export.start', wish))
  await passing(desk, async () => errors.length >= 10)
  const job = await ended(desk, id)
  await db.pool.query(sql.unsafe`alter table audit_log_away rename to audit_log`)
  deepEqual([job.status, errors.length], ['failed', 10])
  match(job.problem, /\w/)
  deepEqual(readdirSync(desk.folder), [])
})

test('export: no more than one file may hold: it says so (DKD2)', async t => {
  const desk = await deskAt(t, { rowsMax: 45 })
  const { id } = okOf(await desk.call('export.start', wish))
  const job = await ended(desk, id)
  deepEqual([job.rows, job.capped, job.expected], [45, true, 45])
  deepEqual(
    rowsOf(await fileOf(desk, id)).map(cells => cells[6]),
    whole.slice(0, 45),
  )
})

test('export: stopped by a person, or a week old: no file stays (DKD4)', async t => {
  const desk = await deskAt(t, { rowsAtOnce: 1 })
  const { id } = okOf(await desk.call('export.start', wish))
  equal(okOf(await desk.call('export.cancel', { id })).status, 'cancelled')
  const other = okOf(await desk.call('export.start', { ...wish, reference: 'k-2' }))
  await ended(desk, other.id)
  deepEqual(readdirSync(desk.folder), [`${other.id}.csv`])
  const unready = await desk.call('export.read', { id, offset: 0 })
  ok('refused' in unready && unready.refused === 'EXPORT_UNREADY')
  desk.clock.ms += 8 * 86_400_000
  for (;;) {
    if (okOf(await desk.call('export.get', { id: other.id })).status === 'expired') break
    await pause(10)
  }
  while (readdirSync(desk.folder).length > 0) await pause(10)
})

test('export: left behind by a kill, or by another owner: not kept either (DKD4)', async t => {
  const desk = await deskAt(t, { isOwner: () => false })
  const old = '01a20d3c-e475-7000-b7b4-903c319934bf.csv'
  for (const name of [old, 'notes.txt']) await appendFile(join(desk.folder, name), 'x')
  desk.clock.ms += 6 * 86_400_000
  await desk.restart()
  await pause(200)
  deepEqual(readdirSync(desk.folder).sort(), [old, 'notes.txt'])
  desk.clock.ms += 2 * 86_400_000
  for (let tries = 0; tries < 500 && readdirSync(desk.folder).length > 1; tries++) await pause(10)
  deepEqual(readdirSync(desk.folder), ['notes.txt'])
})

test('export: who does not own the shards: makes nothing (DKD5)', async t => {
  let isOwner = false
  const desk = await deskAt(t, { isOwner: () => isOwner })
  const { id } = okOf(await desk.call('export.start', wish))
  await desk.restart()
  equal(okOf(await desk.call('export.get', { id })).status, 'queued')
  isOwner = true
  equal((await ended(desk, id)).status, 'done')
})

test('export: asked at once: what was done before is in it, though not yet in the rows (DKD7)', async t => {
  const caught = Promise.withResolvers<void>()
  const desk = await deskAt(t, { caughtUp: () => caught.promise })
  const { id } = okOf(await desk.call('export.start', wish))
  await pause(100)
  const waiting = okOf(await desk.call('export.get', { id }))
  ok(waiting.status !== 'done', waiting.status)
  const details = { actor: null, actorName: 'ani', role: 'admin', details: {} }
  const late = {
    action: 'a.b',
    subject: 's-late',
    outcome: 'done',
    address: '',
    requestId: 'r-late',
  }
  await addAudits(db.pool, [{ ...details, ...late }])
  caught.resolve()
  equal((await ended(desk, id)).rows, total + 1)
})
