import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { freePort } from '../services/wire/free-port.fixture.ts'
import { type Engine, Stage, until } from './e2e/stage.ts'
import { type TestDatabase, testDatabase } from './testing/database.ts'

let stage: Stage
let database: TestDatabase
let env: Record<string, string>

before(async () => {
  database = await testDatabase()
  stage = new Stage()
  await stage.startSandbox()
  env = { DATABASE_URL: database.tcpUrl, SHARDS: '8' }
})
after(async () => {
  await stage.close()
  await database.drop()
})

const wish = (n: number) => ({
  ...{ ref_id: `r-${n}`, product_code: 'TSEL10', destination: `08123456789${n}` },
})

test('start: the ready line: one line, and the first order is taken at once (DX1)', async () => {
  const engine = await stage.start({ env })
  const shop = stage.demo(engine)
  equal((await shop.order(wish(0))).status, 200)
  engine.signal('SIGTERM')
  const { code, stdout } = await engine.ended
  equal(code, 0)
  match(stdout, /^[^\n]+\n$/)
  const { ready, http, pid, sandbox, mqtt } = JSON.parse(stdout)
  deepEqual(
    { ready, http, pid, sandbox },
    { ready: true, http: engine.http, pid: engine.pid, sandbox: stage.sandboxUrl },
  )
  match(mqtt, /^mqtt:\/\/127\.0\.0\.1:\d+$/)
})

test('log: whoever read it is gone: orders are taken all the same, and it stops cleanly (DX4)', async () => {
  const engine: Engine = await stage.start({ env: { ...env, LOG_LEVEL: 'trace' } })
  engine.hangUp()
  const shop = stage.demo(engine)
  // The connections are lost, which is told in the log.
  const others =
    'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()'
  await stage.sql(`${others} and datname = current_database()`, [], database.url)
  await until('an order to be taken', 30_000, async () => {
    const { status } = await shop.order(wish(9)).catch(() => ({ status: 0 }))
    return status === 200
  })
  engine.signal('SIGTERM')
  equal((await engine.ended).code, 0)
})

test('stop: SIGTERM, SIGINT, SIGHUP: orders are there, nothing is left to fold, code 0 (DX3)', async () => {
  for (const [n, signal] of [
    [1, 'SIGTERM'],
    [2, 'SIGINT'],
    [3, 'SIGHUP'],
  ] as const) {
    const engine: Engine = await stage.start({ env })
    const shop = stage.demo(engine)
    const { status } = await shop.order(wish(n))
    equal(status, 200)
    engine.signal(signal)
    equal((await engine.ended).code, 0)
    const [counts] = await stage.sql<{ lines: number; tail: number; behind: number }>(
      `select count(*)::int as lines,
              count(*) filter (where journal.seq > coalesce(checkpoint.seq, 0))::int as tail,
              count(*) filter (where journal.seq > coalesce(projection.seq, 0))::int as behind
         from journal
         left join checkpoint on checkpoint.shard = journal.shard
         left join projection on projection.shard = journal.shard and name = 'people'`,
      [],
      database.url,
    )
    ok(counts!.lines > n)
    deepEqual([counts!.tail, counts!.behind], [0, 0])
  }
})

test('stop: a supplier that never answers: waited for until the second signal, code 0 (DX5)', async () => {
  const engine = await stage.start({ env })
  const shop = stage.demo(engine)
  const faults = async (faults: object) => {
    const body = JSON.stringify(faults)
    const { status } = await fetch(`${stage.sandboxUrl}/_sandbox/faults`, { method: 'POST', body })
    equal(status, 200)
  }
  await faults({ timeout_after_sale: 1, timeout_seconds: 120 })
  equal((await shop.order(wish(8))).status, 200)
  await until('the call', 10_000, async () => {
    const sold = await fetch(`${stage.sandboxUrl}/_sandbox/sales?supplier=digiflazz`)
    const other = await fetch(`${stage.sandboxUrl}/_sandbox/sales?supplier=digiflazz2`)
    return /"target":"081234567898"/.test((await sold.text()) + (await other.text()))
  })
  engine.signal('SIGTERM')
  await new Promise(resolve => setTimeout(resolve, 500))
  const began = performance.now()
  engine.signal('SIGTERM')
  equal((await engine.ended).code, 0)
  ok(performance.now() - began < 10_000)
  await faults({})
})

test('start: another number of shards than it was installed with: 2, and what to set (DX2)', async () => {
  const program = await stage.launch({ env: { ...env, SHARDS: '16' } })
  const { code, stdout, stderr } = await program.ended
  deepEqual([code, stdout], [2, ''])
  const sentences = stderr.split('\n').filter(line => line.trim() !== '')
  deepEqual(
    sentences.map(line => line.trim()),
    ['SHARDS is 16, but this database was installed with 8: set SHARDS=8.'],
  )
})

test('start: an argument, which it does not take: 2, and where settings are (DX7)', async () => {
  const program = await stage.launch({ env, args: ['--port', '8080'] })
  const { code, stdout, stderr } = await program.ended
  deepEqual([code, stdout], [2, ''])
  equal(
    stderr.trim(),
    '"--port 8080" is no setting: npm start takes no arguments. Settings are in the environment or ' +
      'in .env, as in "PORT=8080 npm start"; .env.example lists them.',
  )
})

test('start: a data folder that can not be made: 2, and which (DX2)', async () => {
  const file = join(stage.dataDir('in-the-way'), 'a-file')
  mkdirSync(stage.dataDir('in-the-way'), { recursive: true })
  writeFileSync(file, '')
  const reasons = new Map([[join(file, 'below'), 'ENOTDIR']])
  if (existsSync('/proc/self')) reasons.set('/proc/laju/below', 'ENOENT')
  for (const [DATA_DIR, reason] of reasons) {
    const { code, stdout, stderr } = await (await stage.launch({ env: { ...env, DATA_DIR } })).ended
    deepEqual([code, stdout], [2, ''])
    equal(
      stderr.trim(),
      `DATA_DIR is ${DATA_DIR}, and that is no folder that can be written (${reason}): set another.`,
    )
  }
})

/** Its own Postgres and its own sandbox, as on a newcomer's machine. */
const own = async () => ({ SANDBOX_URL: '', SANDBOX_PORT: String(await freePort()) })

const sandboxLog = (folder: string): string => join(stage.dataDir(folder), 'sandbox.log')

/** Who still writes into this log, as far as the system tells. */
function writersOf(log: string): string[] {
  if (!existsSync('/proc')) return []
  return readdirSync('/proc').filter(pid => {
    try {
      return readlinkSync(`/proc/${pid}/fd/1`) === log
    } catch {
      return false
    }
  })
}

test('start: one part can not start: the others do not stay behind (DX2)', async () => {
  const folder = 'broken'
  const cluster = join(stage.dataDir(folder), 'pg', 'cluster')
  mkdirSync(cluster, { recursive: true })
  writeFileSync(join(cluster, 'PG_VERSION'), '9.6\n')
  const settings = await own()
  const { code, stdout } = await (await stage.launch({ folder, env: settings })).ended
  deepEqual([code, stdout], [2, ''])
  await until('the end of the sandbox', 60_000, () => writersOf(sandboxLog(folder)).length === 0)
})

test('stop: a signal while it starts: nothing stays behind, code 0 (DX3)', async () => {
  const folder = 'hasty'
  for (const moment of [
    () => existsSync(sandboxLog(folder)),
    () => stage.postgresPid(folder) !== undefined,
    () => existsSync(join(stage.dataDir(folder), 'sandbox.json')),
    () => existsSync(join(stage.dataDir(folder), 'demo.json')),
  ]) {
    const program = await stage.launch({ folder, env: await own() })
    await until('the moment', 20_000, () => moment())
    program.signal('SIGTERM')
    const { code, stdout } = await program.ended
    deepEqual([code, stdout], [0, ''], String(moment))
    equal(stage.postgresPid(folder), undefined, String(moment))
    await until('the end of the sandbox', 60_000, () => writersOf(sandboxLog(folder)).length === 0)
    for (const name of ['sandbox.log', 'demo.json']) {
      rmSync(join(stage.dataDir(folder), name), { force: true })
    }
  }
})
