/**
 * How it comes and goes: stops under load, starts that must fail with one sentence, and a database
 * that dies beside it.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { freePort } from '../../services/wire/free-port.fixture.ts'
import { isAlive } from '../folder-lock.ts'
import { openPostgres } from '../postgres/postgres.ts'
import { type Answer, ask, Oracle, type Reseller } from './reseller.ts'
import { type OrderRow, orderRows, Shopping, wishesOf } from './shopping.ts'
import { atRest, type Engine, Stage, until } from './stage.ts'

const deposit = 50_000_000
const hands = 24

let stage: Stage
let engine: Engine
let oracle: Oracle
let shops: Reseller[]
const shoppings: Shopping[] = []

before(async () => {
  stage = new Stage()
  oracle = new Oracle(await stage.startSandbox())
  engine = await stage.start()
  shops = await stage.resellers(engine, { count: 4, deposit })
  // Slow enough that much is under way at any moment; re-checks come soon after.
  await oracle.faults({ latency: { min: 20, max: 400 } })
  await stage.sql('update supplier set recheck_after_ms = 3000, timeout_ms = 3000')
})
after(() => stage.close())

function shoppingOf(name: string, ordersPerShop: number): Shopping {
  const shopping = new Shopping(wishesOf(shops, ordersPerShop, name))
  shoppings.push(shopping)
  return shopping
}

/** Nothing but "not now" may be heard while it goes: everything can be sent again. */
function politely(answer: Answer | null): void {
  if (answer === null || answer.status === 200) return
  equal(answer.status, 503, answer.text)
  equal(answer.body['retryable'], true, answer.text)
  match(String(answer.headers['retry-after']), /^[1-9]\d*$/)
  // The same reference may have been taken before: nothing is claimed about its money.
  equal(answer.body['money_effect'], undefined, answer.text)
}

test('stop: SIGTERM under load: code 0, and what was acknowledged is there again (ZE1, ZE8)', async t => {
  const shopping = shoppingOf('term', 150)
  const load = shopping.run(hands, politely)
  const reached = (part: number) => () => shopping.acknowledged >= part * shopping.wishes.length
  for (const [part, signals] of [
    [0.25, ['SIGTERM']],
    [0.6, ['SIGINT', 'SIGINT', 'SIGTERM']],
  ] as const) {
    await Promise.race([until('orders', 60_000, reached(part)), load])
    const began = performance.now()
    engine.signal(signals[0])
    // Whoever grows impatient presses again, once it has begun.
    for (const signal of signals.slice(1)) {
      await until('the stop to begin', 60_000, async () => !(await isTaking()))
      engine.signal(signal)
    }
    const { code, stdout, stderr } = await engine.ended
    const ms = Math.round(performance.now() - began)
    equal(code, 0, stderr)
    equal(stdout.trim().split('\n').length, 1, 'only the ready line is on stdout')
    equal(stage.postgresPid(), undefined, 'it leaves no database running')
    engine = await stage.start()
    t.diagnostic(`${signals.join(', ')}: gone after ${ms} ms, ready again after ${engine.ms} ms`)
  }
  await load
  await atRest(engine.http)
})

/** Whether an order sent now would be looked at: not when it stops, not when it is gone. */
async function isTaking(): Promise<boolean> {
  const answer = await ask(`${engine.http}/health/ready`).catch(() => null)
  return answer?.status === 200
}

test('start: the second time: under three seconds is printed, the books are as before (ZE1, ZE8)', async t => {
  const before = await stage.sql(`${orderRows} order by id`)
  engine.signal('SIGTERM')
  equal((await engine.ended).code, 0)
  engine = await stage.start()
  t.diagnostic(`ready after ${engine.ms} ms with ${before.length} orders`)
  deepEqual(await stage.sql(`${orderRows} order by id`), before)
})

test('start: what it can not start with: one sentence, code not 0, no ready line (ZE7)', async t => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.after(() => taken.close())
  const { port } = taken.address() as { port: number }
  const closed = `127.0.0.1:${await freePort()}`
  const tcp = new URL(await tcpUrl())
  const wrongPassword = new URL(tcp)
  wrongPassword.password = 'wrong'
  const noDatabase = new URL(tcp)
  noDatabase.pathname = '/nowhere'
  const production = { MODE: 'production', SANDBOX_URL: '', MASTER_KEY: strongKey }
  const cases: readonly [env: Record<string, string>, sentence: RegExp][] = [
    [{ PORT: String(port) }, /^PORT \d+ is taken: .*\.$/],
    [{ PORT: 'http' }, /^PORT is "http" but must be a port number.*\.$/],
    [{ DATABASE_URL: `postgres://laju@${closed}/laju` }, /^Can't reach the database at .*\.$/],
    [{ DATABASE_URL: wrongPassword.href }, /^Can't reach the database at .*\.$/],
    [{ DATABASE_URL: noDatabase.href }, /^Can't reach the database at .*\.$/],
    [{ DATABASE_URL: 'mysql://127.0.0.1/laju' }, /^DATABASE_URL is .*\.$/],
    [
      { MODE: 'production', MASTER_KEY: strongKey },
      /^SANDBOX_URL is set, but MODE=production .*\.$/,
    ],
    [{ ...production, MASTER_KEY: '' }, /^MASTER_KEY is missing.*\.$/],
    [{ ...production, MASTER_KEY: '0'.repeat(64) }, /^MASTER_KEY is too regular.*\.$/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL is "loud" but must be one of .*\.$/],
    [{ NATS_URL: `nats://127.0.0.1:${await freePort()}` }, /^NATS_URL is set, but no NATS .*\.$/],
  ]
  for (const [env, sentence] of cases) {
    const folder = 'refused'
    const port = env['PORT'] ?? String(await freePort())
    const { code, stdout, stderr } = await (
      await stage.launch({ folder, env: { ...env, PORT: port } })
    ).ended
    refusedWith(sentence, { code, stdout, stderr }, JSON.stringify(env))
  }
  ok(await isTaking(), 'the engine beside them did not mind')
})

const strongKey = '9f1c7b3e5a2d80466e4f0a91c8d7b2534870adf19be6c3257d2e94b10f5c8a63'

test('start: a data folder that does not fit: one sentence, code not 0, untouched (ZE7)', async () => {
  engine.signal('SIGTERM')
  equal((await engine.ended).code, 0)
  const fails = async (env: Record<string, string>, sentence: RegExp) => {
    const ended = await (await stage.launch({ env })).ended
    refusedWith(sentence, ended, JSON.stringify(env))
    equal(stage.postgresPid(), undefined, 'it leaves no database running')
  }
  await fails({ SHARDS: '128' }, /^SHARDS is 128, but .* set SHARDS=256\.$/)
  const production = { MODE: 'production', SANDBOX_URL: '', MASTER_KEY: strongKey }
  await fails(production, /^DATA_DIR is .*, which holds demo data .*\.$/)

  const server = await openPostgres({ dataDir: stage.dataDir() })
  await stage.sql(`insert into migration values (9999, '9999-future.sql', 'x')`, [], server.url)
  await stage.forget(server.url)
  await server.stop()
  await fails({}, /^The database is newer than this program .*\.$/)
  const again = await openPostgres({ dataDir: stage.dataDir() })
  await stage.sql('delete from migration where number = 9999', [], again.url)
  await stage.forget(again.url)
  await again.stop()
  engine = await stage.start()
})

type Refused = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

function refusedWith(sentence: RegExp, { code, stdout, stderr }: Refused, what: string): void {
  const said = stderr.split('\n').map(line => line.trim())
  const lines = said.filter(line => line !== '')
  equal(lines.length, 1, `${what}: more than one sentence:\n${stderr}`)
  match(lines[0]!, sentence)
  equal(code, 2, what)
  equal(stdout, '', what)
}

async function tcpUrl(): Promise<string> {
  const server = await openPostgres({ dataDir: stage.dataDir() })
  await server.stop()
  return server.tcpUrl
}

test('database: killed under load: retryable until it is back, then all goes on (ZE1, ZE2, ZE9)', async t => {
  const shopping = shoppingOf('gone', 150)
  const codes = new Map<string, number>()
  let missed = 0
  const load = shopping.run(hands, answer => {
    politely(answer)
    const code = answer === null ? 'none' : String(answer.body['error_code'] ?? answer.status)
    codes.set(code, (codes.get(code) ?? 0) + 1)
    if (code !== '200') missed++
  })
  for (const part of [0.25, 0.6]) {
    const isSo = () => shopping.acknowledged >= part * shopping.wishes.length
    await Promise.race([until('orders', 60_000, isSo), load])
    const pid = stage.postgresPid()!
    process.kill(pid, 'SIGKILL')
    const began = performance.now()
    const before = missed
    await until('it to be missed', 60_000, () => missed > before)
    const heard = shopping.acknowledged
    // What was on its way at that moment may still be heard; twice as much was taken afterwards.
    await until('orders to be taken', 90_000, () => {
      ok(engine.isRunning, `the engine left:\n${engine.stderr}`)
      return shopping.acknowledged > heard + 2 * hands
    })
    const ms = Math.round(performance.now() - began)
    t.diagnostic(`database ${pid} killed, orders are taken again within ${ms} ms`)
  }
  await load
  t.diagnostic(JSON.stringify(Object.fromEntries(codes)))
  await until('ready', 60_000, isTaking)
  await atRest(engine.http)
})

test('start, stop: afterwards: orders, sales, wallets and the journal are one story (ZE2, ZE3, ZE4)', async () => {
  const rows = await stage.sql<OrderRow>(orderRows)
  const all = Shopping.joined(shoppings, shop => shop)
  all.checkOrders(rows)
  await all.checkSales(oracle)
  await all.checkWallets(rows, () => deposit)
  const { code, stdout } = await stage.cli(['verify'])
  equal(code, 0, stdout)
  match(stdout, /^verify: ok/)
})

test('stage: closed after a kill: no process and no folder is left (ZE12)', async () => {
  const other = new Stage()
  const killed = await other.start()
  const postgres = other.postgresPid()!
  const { sandbox } = (await killed.ready()) as { sandbox: string }
  const { pid } = (await ask(`${sandbox}/_sandbox/health`)).body
  await killed.kill()
  ok(isAlive(postgres) && isAlive(pid), 'both outlive the engine')
  await other.close()
  deepEqual([postgres, pid, killed.pid].filter(isAtWork), [])
  equal(existsSync(other.folder), false)
})

/** A dead one whom nobody has buried yet does nothing any more. */
function isAtWork(pid: number): boolean {
  const stat = `/proc/${pid}/stat`
  return isAlive(pid) && !(existsSync(stat) && /\) [ZX] /.test(readFileSync(stat, 'latin1')))
}
