/**
 * Two engines on one database. Only one of them owns the shards at any time; the other knows it,
 * says so, and takes them when the owner is gone. Their clients know both doors and notice nothing
 * worse than a repeat.
 */

import { equal, match, ok } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { type Answer, ask, Oracle, type Reseller } from './reseller.ts'
import { type OrderRow, orderRows, Shopping, wishesOf } from './shopping.ts'
import { atRest, type Engine, type EngineOptions, Stage, until } from './stage.ts'

const deposit = 50_000_000
const takeoverMsMax = 60_000

let stage: Stage
let database: TestDatabase
let oracle: Oracle
let first: Engine
let second: Engine
let shops: Reseller[]
let asFirst: EngineOptions
let asSecond: EngineOptions
const shoppings: Shopping[] = []

before(async () => {
  stage = new Stage()
  database = await testDatabase()
  const env = { DATABASE_URL: database.url, MASTER_KEY: randomBytes(32).toString('hex') }
  asFirst = { folder: 'first', env }
  asSecond = { folder: 'second', env }
  oracle = new Oracle(await stage.startSandbox())
  first = await stage.start(asFirst)
  shops = await stage.resellers(first, { count: 4, deposit }, asFirst)
  await sql('update supplier set recheck_after_ms = 2000, timeout_ms = 3000')
})
after(async () => {
  await stage.close()
  await database.drop()
})

const sql = <Row extends Record<string, unknown>>(text: string) =>
  stage.sql<Row>(text, [], database.url)
const isReady = async (engine: Engine): Promise<boolean> =>
  (await ask(`${engine.http}/health/ready`).catch(() => null))?.status === 200

async function lines(): Promise<number> {
  const [row] = await sql<{ count: string }>('select count(*) from journal')
  return Number(row!.count)
}

function saysNotTheOwner({ status, headers, text, body }: Answer): void {
  equal(status, 503, text)
  equal(body['error_code'], 'NOT_THE_OWNER')
  equal(body['retryable'], true)
  match(String(headers['retry-after']), /^[1-9]\d*$/)
  // An earlier request under the same reference may stand: nothing is claimed about the money.
  equal(body['money_effect'], undefined)
}

test('fence: a second engine starts: the first writes nothing more, and says so (ZE6)', async () => {
  const shopping = new Shopping(wishesOf(shops, 10, 'before'))
  shoppings.push(shopping)
  await shopping.run(8)
  await atRest(first.http)
  second = await stage.start(asSecond)
  ok(await isReady(second))
  const before = await lines()

  // The very first writes tell it; while it makes sure, some only hear that the journal is away.
  const wishes = wishesOf(shops, 15, 'fenced')
  const send = () => Promise.all(wishes.map(({ shop, ...wish }) => shop.order(wish)))
  for (const { status, body, text } of await send()) {
    equal(status, 503, text)
    equal(body['retryable'], true)
    match(body['error_code'], /^(NOT_THE_OWNER|JOURNAL_UNAVAILABLE)$/)
  }
  await until('the first to know', takeoverMsMax, async () => !(await isReady(first)))
  for (const answer of await send()) saysNotTheOwner(answer)
  saysNotTheOwner(await shops[0]!.get('/api/v1/balance'))
  saysNotTheOwner(await shops[0]!.get('/api/v1/transactions?ref_id=before%200%2F0'))
  equal(await lines(), before)
  const health = await ask(`${first.http}/health/ready`)
  equal(health.status, 503)
  match(health.text, /standing by/)

  // Their references are free, and the second engine takes them.
  const elsewhere = shops.map(shop => shop.at(second.http))
  for (const shop of elsewhere) {
    equal((await shop.get('/api/v1/transactions?ref_id=fenced%200%2F0')).status, 404)
  }
  const doorOf = (shop: Reseller) => elsewhere[shops.indexOf(shop)]!
  const again = new Shopping(wishes.map(told => ({ ...told, shop: doorOf(told.shop) })))
  shoppings.push(again)
  await again.run(8)
  equal(again.repeats, 0)
})

test('fence: the owner is killed: the other takes the shards back and serves (ZE1, ZE6)', async t => {
  await second.kill()
  const began = performance.now()
  await until('the first to be ready', takeoverMsMax, () => isReady(first))
  t.diagnostic(`ready again ${Math.round(performance.now() - began)} ms after the owner was killed`)
  const shopping = new Shopping(wishesOf(shops, 10, 'back'))
  shoppings.push(shopping)
  await shopping.run(8)
  equal(shopping.repeats, 0)
})

test('fence: an owner without traffic: it notices that it was replaced (ZE6)', async () => {
  await atRest(first.http)
  second = await stage.start(asSecond)
  await until('the first to notice', takeoverMsMax, async () => !(await isReady(first)))
  ok(await isReady(second))
})

test('fence: the command line beside two engines: the owner answers it (ZE6, CT3)', async () => {
  const { username } = shops[0]!.keys
  for (let n = 0; n < 3; n++) {
    const args = ['--username', username, '--amount', '1', '--ref', `beside ${n}`]
    const { code, stdout, stderr } = await stage.cli(['deposit', ...args], asSecond)
    equal(code, 0, stdout + stderr)
  }
  equal((await shops[0]!.at(second.http).balance()).held, 0)
})

test('fence: owners come and go under load: no order is lost or doubled (ZE1, ZE2, ZE6)', async t => {
  // Slow suppliers, so that purchases are under way whenever the owner changes; and whoever asks
  // about one too soon has bought twice. The re-checks come when the load is over.
  await oracle.faults({ latency: { min: 20, max: 900 }, race_window: { p: 1, seconds: 1.2 } })
  await sql('update supplier set recheck_after_ms = 8000')
  const everywhere = shops.map(shop => shop.at(first.http, second.http))
  const shopping = new Shopping(wishesOf(everywhere, 200, 'load'))
  shoppings.push(shopping)
  const codes = new Map<string, number>()
  const load = shopping.run(24, answer => {
    const code = answer === null ? 'none' : (answer.body['error_code'] ?? answer.status)
    codes.set(String(code), (codes.get(String(code)) ?? 0) + 1)
  })
  const reached = (part: number) =>
    Promise.race([
      until('orders', 60_000, () => shopping.acknowledged >= part * shopping.wishes.length),
      load,
    ])
  await reached(0.1)
  await second.kill()
  await reached(0.35)
  second = await stage.start(asSecond)
  await reached(0.6)
  second.signal('SIGTERM')
  equal((await second.ended).code, 0)
  await reached(0.8)
  second = await stage.start(asSecond)
  await load
  await second.kill()
  t.diagnostic(JSON.stringify(Object.fromEntries(codes)))
  // What the first believes may be a second old: only the books say when all is over.
  await until('all orders to end', 100_000, async () => {
    const rows = await sql<OrderRow>(orderRows)
    return rows.filter(row => row.ref.startsWith('load')).every(row => row.status !== 'PROCESSING')
  })
  await until('the first to be ready', takeoverMsMax, () => isReady(first))
  await atRest(first.http)
})

test('fence: afterwards: orders, sales, wallets and the journal are one story (ZE2, ZE3, ZE4)', async () => {
  const rows = await sql<OrderRow>(orderRows)
  // All shops at the door that is left, with everything that was sent at any.
  const all = Shopping.joined(shoppings, shop => shops.find(one => one.keys === shop.keys)!)
  all.checkOrders(rows)
  await all.checkSales(oracle)
  await all.checkWallets(rows, shop => deposit + (shop === shops[0] ? 3 : 0))
  const { code, stdout } = await stage.cli(['verify'], asFirst)
  equal(code, 0, stdout)
  match(stdout, /^verify: ok/)
})
