/** Counted stocks with a real journal, real rows and a real socket. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import type { OrderEvent } from '../../actors/order/order-contract.ts'
import { type TestDatabase, testDatabase } from '../../deploy/testing/database.ts'
import { keyOf, shardOf } from '../../engine/ids.ts'
import { decode } from '../../engine/record.ts'
import { type Database, openDatabase, sql, z } from '../../sql/database.ts'
import { addCatalogue } from '../../sql/topup/catalogue.ts'
import { sayStockAnew } from '../../sql/topup/sold.ts'
import { compile } from '../catalogue/compile.ts'
import { catalogue, mappingRow } from '../catalogue/rows.fixture.ts'
import { pending, type Scene, type SceneOptions, sceneAt, until } from '../engine-room.fixture.ts'
import { routingService } from './routing.service.ts'

const databases: TestDatabase[] = []
after(() => Promise.all(databases.map(one => one.drop())))

const rows = (stocks: readonly [digi: number | null, diva: number | null]) =>
  catalogue({
    suppliers: ['digi', 'diva'].map(code => ({ code, active: true })),
    mappings: [
      mappingRow('XLD10', 'digi', { stock: stocks[0] }),
      mappingRow('XLD10', 'diva', { priority: 200, stock: stocks[1] }),
    ],
  })

/** A database of the test's own, with these stocks in its mappings. */
async function shopWith(t: TestContext, stocks: readonly [number | null, number | null]) {
  const database = await testDatabase()
  databases.push(database)
  const db = await openDatabase(database.url)
  t.after(() => db.end())
  const stand = rows(stocks)
  const suppliers = stand.suppliers.map(({ code }) => ({
    ...{ code, name: code, adapter: 'digiflazz', baseUrl: 'http://127.0.0.1', credentials: '' },
    ...{ timeoutMs: 1_000, maxInFlight: 8, recheckAfterMs: 60_000, active: true },
  }))
  await addCatalogue(db.pool, { ...stand, suppliers })
  const open = (some: Partial<SceneOptions> = {}) =>
    sceneAt(t, {
      ...{ url: database.url, rules: [], counts: true, ...some },
      shop: { rows: stand, ...some.shop },
    })
  return { db, open, url: database.url }
}

const setStock = (db: Database, supplier: string, stock: number | null) =>
  db.pool.query(sql.type(z.object({}))`
    update mapping set stock = ${stock} where supplier_code = ${supplier}`)

const wish = (userId: string, n: number) => {
  const destination = `0878${String(10_000_000 + n)}`
  return { userId, level: 0, ref: `A-${n}`, product: 'XLD10', destination }
}

async function burst({ call }: Scene, userId: string, from: number, count: number) {
  return await Promise.all(
    Array.from({ length: count }, (_, n) => call('order.place', wish(userId, from + n))),
  )
}

const isDigi = (asked: Readonly<Record<string, unknown>>) =>
  String(asked['buyer_sku_code']).startsWith('digi')

const stockAt = ({ router }: Scene, supplier: string) => router.gauges.stocks.of('XLD10', supplier)!

const allEnded = ({ router }: Scene) =>
  until(
    () => router.gauges.open,
    open => open === 0,
  )

test('stocks: 200 orders at once on a stock of 37: exactly 37 go there, the others elsewhere (STC1) (RTG8)', async t => {
  const { open } = await shopWith(t, [37, null])
  const at = await open()
  const userId = await at.user(1, 10_000_000)
  const answers = await burst(at, userId, 0, 200)
  const placed = answers.map(one => ('ok' in one ? one.ok.order : null))
  ok(placed.every(one => one !== null))
  const here = placed.filter(one => one!.attempts[0]!.supplier === 'digi')
  equal(here.length, 37)
  await allEnded(at)
  equal(at.asked.filter(isDigi).length, 37)
  equal(at.asked.length, 200)
  equal(stockAt(at, 'digi').left, 0)

  const elsewhere = placed.find(one => one!.attempts[0]!.supplier === 'diva')!
  const [line] = await at.room.engine.history(shardOf(elsewhere.trxId), keyOf(elsewhere.trxId))
  const [event] = decode(line!.body).events as readonly OrderEvent[]
  ok(event?.type === 'placed')
  equal(event.why?.c.find(([who]) => who === 'digi')?.[5], 'stock')

  const book = compile(at.shop.rows)
  const { db, room, router } = at
  at.broker.createService(routingService({ db, room, router, shelf: { book: () => book } }))
  await at.broker.waitForServices('routing')
  const why = await at.call('routing.why', { trxId: elsewhere.trxId })
  ok('ok' in why)
  deepEqual(
    why.ok.candidates.map(({ supplier, left }) => [supplier, left]),
    [
      ['digi', 'stock'],
      ['diva', null],
    ],
  )
  deepEqual([why.ok.same, why.ok.recomputed], [true, ['diva']])
})

test('stocks: gone everywhere: refused, and the money is untouched; a repeat is still answered (RTG8)', async t => {
  const { open } = await shopWith(t, [3, 2])
  const at = await open()
  const userId = await at.user(2, 1_000_000)
  const answers = await burst(at, userId, 0, 40)
  equal(answers.filter(one => 'ok' in one).length, 5)
  for (const one of answers) {
    if ('ok' in one) continue
    ok('refused' in one)
    deepEqual([one.refused, one.moneyEffect], ['PRODUCT_UNSUPPLIED', 'none'])
  }
  await allEnded(at)
  const whole = { balance: 1_000_000 - 5 * 10_500, held: 0, available: 1_000_000 - 5 * 10_500 }
  deepEqual(await at.call('wallet.balance', { userId }), { ok: whole })
  const known = answers.findIndex(one => 'ok' in one)
  const again = await at.call('order.place', wish(userId, known))
  ok('ok' in again && again.ok.repeated)
  equal(stockAt(at, 'digi').left, 0)
})

test('stocks: a definite failure: what was out is back, and what waits for it goes no further (STC1) (STC2)', async t => {
  const { open } = await shopWith(t, [5, 1])
  const at = await open({
    shop: { answer: asked => (isDigi(asked) ? { status: 'Gagal', rc: '02', sn: '' } : {}) },
  })
  const userId = await at.user(1, 1_000_000)
  await burst(at, userId, 0, 5)
  await allEnded(at)
  equal(at.asked.filter(isDigi).length, 5)
  equal(at.asked.length, 6)
  deepEqual([stockAt(at, 'digi').left, stockAt(at, 'diva').left], [5, 0])
})

test('stocks: a restart, and one without a farewell: delivered and open ones are counted again (STD1) (STC4)', async t => {
  const { db, open, url } = await shopWith(t, [10, 0])
  const at = await open()
  const userId = await at.user(3, 1_000_000)
  await burst(at, userId, 0, 4)
  await allEnded(at)
  at.shop.answer = pending
  await burst(at, userId, 10, 2)
  await until(
    () => at.asked.length,
    asked => asked === 6,
  )
  equal(stockAt(at, 'digi').left, 4)
  await at.stop()

  // As if killed before anything was written down: the journal alone remains.
  await db.pool.query(sql.type(z.object({}))`truncate sold_position`)
  await db.pool.query(sql.type(z.object({}))`update stock_count set used = 0`)
  const again = await open({ url, shop: { answer: pending }, ms: at.clock.ms })
  equal(stockAt(again, 'digi').left, 4)
  const answers = await burst(again, userId, 20, 8)
  equal(answers.filter(one => 'ok' in one).length, 4)
  equal(stockAt(again, 'digi').left, 0)
})

test('stocks: another process serves meanwhile: what it delivered is counted when we serve again (STC3) (RTF3)', async t => {
  const { open } = await shopWith(t, [10, 0])
  const at = await open()
  const userId = await at.user(2, 1_000_000)
  await burst(at, userId, 0, 2)
  await allEnded(at)
  const other = await open()
  equal(stockAt(other, 'digi').left, 8)
  await burst(other, userId, 10, 3)
  await allEnded(other)
  at.clock.ms += 5_000
  await until(
    () => at.room.engine.state,
    state => state === 'standing_by',
  )
  await other.stop()
  await until(
    () => at.room.engine.state,
    state => state === 'serving',
  )
  await until(
    () => stockAt(at, 'digi').left,
    left => left > 0,
  )
  equal(stockAt(at, 'digi').left, 5)
  equal((await burst(at, userId, 20, 9)).filter(one => 'ok' in one).length, 5)
})

test('stocks: the tables can not be read: what was stays, and it is tried again (STD3)', async t => {
  const { db, open } = await shopWith(t, [10, 0])
  const at = await open()
  const userId = await at.user(1, 1_000_000)
  await burst(at, userId, 0, 4)
  await allEnded(at)
  const client = await db.connect()
  await client.query('alter table sold_position rename to sold_position_gone')
  await setStock(db, 'digi', 20)
  await until(
    () => at.failures.stocks,
    failures => failures > 0,
  )
  at.clock.ms = Date.now() + 1_000
  equal((await burst(at, userId, 10, 2)).filter(one => 'ok' in one).length, 2)
  await allEnded(at)
  equal(stockAt(at, 'digi').left, 4)
  await client.query('alter table sold_position_gone rename to sold_position')
  await client.end()
  await until(
    () => stockAt(at, 'digi').left,
    left => left === 18,
  )
})

test('stocks: said anew: the same number or another counts from then on; none is unlimited (STD2) (STC5)', async t => {
  const { db, open } = await shopWith(t, [3, 0])
  const at = await open()
  const userId = await at.user(1, 1_000_000)
  const left = async (number: number) =>
    await until(
      () => at.router.gauges.stocks.of('XLD10', 'digi')?.left ?? -1,
      now => now === number,
    )
  await burst(at, userId, 0, 5)
  await allEnded(at)
  await left(0)
  await sayStockAnew(db.pool, { supplier: 'digi', products: ['XLD10'] })
  await left(3)
  await burst(at, userId, 10, 2)
  await allEnded(at)
  await left(1)
  await setStock(db, 'digi', 7)
  await left(7)
  await setStock(db, 'digi', null)
  await left(-1)
  equal((await burst(at, userId, 20, 9)).filter(one => 'ok' in one).length, 9)
  await allEnded(at)
  await setStock(db, 'digi', 2)
  await left(2)
  equal((await burst(at, userId, 30, 9)).filter(one => 'ok' in one).length, 2)
})
