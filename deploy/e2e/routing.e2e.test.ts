/**
 * A supplier that answers nobody, and sold half of what it was asked in secret. Nothing may be
 * bought elsewhere meanwhile, no more may hang there than its cap, and when it speaks again every
 * order is served once or paid back.
 *
 *   cap set ─▶ silence ─▶ load ─▶ the rest goes to the other supplier ─▶ a good day ─▶ at rest
 *
 * ZE13. What hangs at a silent supplier stops at its cap, and is never bought elsewhere.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Keys, Oracle, Reseller } from './reseller.ts'
import { type OrderRow, orderRows, Shopping, wishesOf } from './shopping.ts'
import { atRest, type Engine, gauge, Stage, until } from './stage.ts'

const cap = 150_000
const deposit = 10_000_000
const silence = {
  party: 'digiflazz',
  timeout_after_sale: 0.5,
  timeout_without_sale: 0.5,
  timeout_seconds: 2,
  no_callback: 1,
}

let stage: Stage
let engine: Engine
let oracle: Oracle
let admin: Reseller
let shopping: Shopping

before(async () => {
  stage = new Stage()
  oracle = new Oracle(await stage.startSandbox())
  engine = await stage.start()
  const demo = JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'))
  admin = new Reseller(engine.http, demo.admin as Keys)
  const shops = await stage.resellers(engine, { count: 2, deposit })
  await stage.sql('update supplier set recheck_after_ms = 4000, timeout_ms = 1000')
  shopping = new Shopping(wishesOf(shops, 40))
})
after(() => stage.close())

const digiflazz = async () => {
  const { body } = await admin.get('/api/v1/admin/routing/suppliers')
  return body['data'].rows.find((row: { supplier: string }) => row.supplier === 'digiflazz')
}

type Dispatched = { n: number; supplier: string; cost: number }
async function dispatched(): Promise<Dispatched[]> {
  const rows = await stage.sql<{ body: string }>(
    `select body from journal where body like '%"dispatched"%'`,
  )
  return rows.flatMap(({ body }) =>
    JSON.parse(body).e.filter((event: { type: string }) => event.type === 'dispatched'),
  )
}

test('routing: a cap: an admin sets it, and it is in use without a restart (ZE13)', async () => {
  // One order, so that the supplier is known; it is over before anything else begins.
  const [told] = wishesOf([shopping.wishes[0]!.shop], 1, 'first')
  const { shop, ...wish } = told!
  equal((await shop.order(wish)).status, 200)
  await atRest(engine.http)
  const change = { scope: 'supplier', target: 'digiflazz', reason: 'a test' }
  const body = JSON.stringify({ ...change, rule: { exposure_max: cap } })
  const refused = await shop.send('POST', '/api/v1/admin/routing/rules', body)
  equal(refused.status, 403)
  const answer = await admin.send('POST', '/api/v1/admin/routing/rules', body)
  equal(answer.status, 200, answer.text)
  await until('the cap', 60_000, async () => (await digiflazz())?.exposure_max === cap)
})

test('routing: silence: what hangs there stops at the cap, nothing is bought elsewhere (ZE13)', async t => {
  await oracle.faults(silence)
  await shopping.run(30)
  const sent = await dispatched()
  const there = sent.filter(one => one.supplier === 'digiflazz').slice(1)
  const hanging = there.reduce((sum, one) => sum + one.cost, 0)
  t.diagnostic(`${there.length} of ${sent.length} orders hang at the silent one: ${hanging}`)
  ok(hanging <= cap && hanging > cap / 2, `${hanging} hang there`)
  deepEqual(
    sent.filter(one => one.n > 1),
    [],
  )
})

test('routing: the reasons: a record says who was left out, and gives the same plan again (ZE13)', async () => {
  const [row] = await stage.sql<{ body: string }>(
    `select body from journal where body like '%"why"%capped%' limit 1`,
  )
  const { id } = JSON.parse(row!.body)
  const { status, body, text } = await admin.get(`/api/v1/admin/transactions/${id}/why`)
  equal(status, 200, text)
  const { same, plan, candidates } = body['data']
  deepEqual([same, plan], [true, ['digiflazz2']])
  equal(candidates[0].left_out, 'capped')
})

test('routing: a good day again: every order is served once or paid back (ZE13)', async t => {
  await oracle.faults({})
  await atRest(engine.http)
  equal((await digiflazz()).exposure, 0)
  const orders = await stage.sql<OrderRow>(`${orderRows} where ref not like 'first%'`)
  shopping.checkOrders(orders)
  const [first] = await stage.sql<{ id: string; price: string }>(
    `select id, price from order_view where ref like 'first%'`,
  )
  const sales = (await oracle.sales()).filter(sale => !sale.ref.includes(hexOf(first!.id)))
  t.diagnostic(JSON.stringify(await shopping.checkSales({ sales: async () => sales } as Oracle)))
  const shop = shopping.wishes[0]!.shop
  await shopping.checkWallets(orders, one => deposit - (one === shop ? Number(first!.price) : 0))
  equal(await gauge(engine.http, 'laju_ownerless'), 0)
})

const hexOf = (id: string): string => id.replaceAll('-', '')

test('routing: the command line: what-if reproduces what was chosen; verify finds no fault (ZE13)', async () => {
  const file = join(stage.folder, 'rules.json')
  writeFileSync(file, JSON.stringify([{ scope: 'default', rule: { policy: 'cheapest' } }]))
  const { code, stdout, stderr } = await stage.cli(['replay', '--what-if', file, '--json'])
  equal(code, 0, stderr)
  const told = JSON.parse(stdout)
  deepEqual([told.reproduced, told.orders], [81, 81])
  const shown = await stage.cli(['replay', '--what-if', file])
  match(shown.stdout, /today's rules {7}give 81 recorded/)
  writeFileSync(file, '{"policy":"cheapest"}')
  equal((await stage.cli(['replay', '--what-if', file])).code, 2)
  const verified = await stage.cli(['verify'])
  equal(verified.code, 0, verified.stdout)
})
