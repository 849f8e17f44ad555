/**
 * A supplier that refuses everything is left out; then the power fails. After the restart it is
 * still left out, and everybody's figures are those of before.
 *
 *   refusals ─▶ breaker open ─▶ written ─▶ kill -9 ─▶ start ─▶ the same stand
 *
 * RSM1. What is known of suppliers survives a kill -9, and is in use with the first order after it.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Oracle, type Reseller } from './reseller.ts'
import { Shopping, wishesOf } from './shopping.ts'
import { atRest, type Engine, Stage, until } from './stage.ts'

let stage: Stage
let engine: Engine
let oracle: Oracle
let admin: Reseller
let shops: readonly Reseller[]

before(async () => {
  stage = new Stage()
  oracle = new Oracle(await stage.startSandbox())
  engine = await stage.start()
  admin = stage.demo(engine, 'admin')
  shops = await stage.resellers(engine, { count: 2, deposit: 10_000_000 })
})
after(() => stage.close())

type Stand = { supplier: string; breaker: string; success_bp: number; balance: number | null }
const stands = async (): Promise<Stand[]> =>
  (await admin.get('/api/v1/admin/routing/suppliers')).body['data'].rows.map(
    ({ supplier, breaker, success_bp, balance }: Stand) => ({
      ...{ supplier, breaker, success_bp, balance },
    }),
  )
const open = async (): Promise<boolean> =>
  (await stands()).some(one => one.supplier === 'digiflazz' && one.breaker === 'open')

test('stands: a supplier that refuses everything: left out, and written down (RSM1)', async () => {
  await oracle.faults({ party: 'digiflazz', refuse: { p: 1, rc: '02' } })
  await new Shopping(wishesOf(shops, 15)).run(10)
  await atRest(engine.http)
  ok(await open(), JSON.stringify(await stands()))
})

test('stands: kill -9: everything known before is known after it (RSM1)', async t => {
  const known = await stands()
  const rows = Object.fromEntries(known.map(one => [one.supplier, one]))
  await until('the last counts', 30_000, async () => {
    const written = await stage.sql<{ supplier: string; balance: string | null; state: string }>(
      `select supplier, words -> 'm' ->> 0 as balance, words -> 'b' ->> 's' as state
         from supplier_stand where product = ''`,
    )
    const isSame = ({ supplier, balance, state }: (typeof written)[number]) =>
      rows[supplier]?.breaker === state && String(rows[supplier]?.balance) === String(balance)
    return written.length === known.length && written.every(isSame)
  })
  await engine.kill()
  engine = await stage.start()
  const again = await stands()
  t.diagnostic(JSON.stringify({ known, again }))
  const named = (list: readonly Stand[]) =>
    list
      .map(({ supplier, breaker, balance }) => ({ supplier, breaker, balance }))
      .sort((a, b) => a.supplier.localeCompare(b.supplier))
  deepEqual(named(again), named(known))
  for (const { supplier, success_bp } of again) {
    const before = rows[supplier]!.success_bp
    ok(Math.abs(success_bp - before) < 300, `${supplier}: ${success_bp}, before ${before}`)
  }
})

test('stands: the first order after it: goes past who is left out, and figures say so (RSM1)', async () => {
  const [wish] = wishesOf(shops, 1, 'after')
  const { shop, ...order } = wish!
  equal((await shop.order(order)).status, 200)
  const [row] = await stage.sql<{ body: string }>(
    `select body from journal where body like '%"placed"%after%' limit 1`,
  )
  match(row!.body, /"digiflazz",\d+,\d+,\d+,\d+,"open"/)
  const text = await (await fetch(`${engine.http}/metrics`)).text()
  match(text, /^laju_supplier_breaker\{supplier="digiflazz",state="open"\} 1$/m)
  match(text, /^laju_routing_left_out_total\{supplier="digiflazz",reason="open"\} [1-9]/m)
  match(text, /^laju_attention_orders \d+$/m)
})
