/**
 * A newcomer's first order over REST, from tap to serial number, and everything done wrong with
 * it.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, type Json, Oracle, type Reseller, type Sale } from './reseller.ts'
import { atRest, type Engine, Stage, until } from './stage.ts'

const opening = 1_000_000_000
const order = { ref_id: 'order-1', product_code: 'TSEL10', destination: '081234567890' }
let stage: Stage
let engine: Engine
let oracle: Oracle
let reseller: Reseller
let price = 0

before(async () => {
  stage = new Stage()
  engine = await stage.start()
  oracle = new Oracle(stage.sandboxUrl)
  reseller = stage.demo(engine)
})
after(() => stage.close())

/** What the supplier sold under our order's reference. */
async function salesOf(trxId: string): Promise<Sale[]> {
  const ours = `L${trxId.replaceAll('-', '')}-`
  return (await oracle.sales()).filter(({ ref }) => ref.startsWith(ours))
}

async function priceOf(product: string): Promise<number> {
  const { body, text } = await reseller.get('/api/v1/products')
  const row = body['data'].rows.find((one: Json) => Object.values(one).includes(product))
  ok(Number.isSafeInteger(row?.price), text.slice(0, 300))
  return row.price
}

async function delivered(trxId: string): Promise<Answer> {
  return await until(`the end of ${trxId}`, 20_000, async () => {
    const answer = await reseller.get(`/api/v1/transactions/${trxId}`)
    return answer.body['data']?.status === 'SUCCESS' && answer
  })
}

test('first order: from tap to serial number: the supplier’s own, paid once (ZE2, ZE3)', async () => {
  deepEqual(await reseller.balance(), {
    ...{ balance: opening, held: 0, available: opening },
    currency: 'IDR',
  })
  const placed = await reseller.order(order)
  equal(placed.status, 200, placed.text)
  equal(placed.body['status'], 'success')
  const { data } = placed.body
  price = data.price
  ok(Number.isSafeInteger(price) && price > 10_000)
  const { ref_id, product_code, destination } = data
  deepEqual({ ref_id, product_code, destination }, order)
  match(data.trx_id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/)
  equal(data.status, 'PROCESSING')
  equal(data.money_effect, 'held')
  equal(data.balance_remaining, opening - price)

  const { body } = await delivered(data.trx_id)
  const [sale, ...more] = await salesOf(data.trx_id)
  deepEqual(more, [])
  equal(sale?.status, 'success')
  equal(sale?.times, 1)
  equal(sale?.product, 'tsel10')
  equal(sale?.target, order.destination)
  equal(body['data'].sn, sale?.sn)
  equal(body['data'].money_effect, 'charged')
  equal(body['data'].next, null)
  deepEqual(
    body['data'].attempts.map(({ n, supplier, outcome }: Record<string, unknown>) => [
      n,
      supplier,
      outcome,
    ]),
    [[1, 'digiflazz', 'success']],
  )

  const found = await reseller.get(`/api/v1/transactions?ref_id=${order.ref_id}`)
  deepEqual(found.body['data'], body['data'])
  deepEqual(await reseller.balance(), {
    ...{ balance: opening - price, held: 0, available: opening - price },
    currency: 'IDR',
  })
})

test('first order: mutations: deposit and purchase hang together, newest first (ZE4)', async () => {
  const [purchase, deposit, ...more] = await reseller.mutations(1)
  const { body } = await reseller.get(`/api/v1/transactions?ref_id=${order.ref_id}`)
  deepEqual(more, [])
  equal(deposit?.['direction'], 'in')
  equal(deposit?.['amount'], opening)
  equal(deposit?.['balance_before'], 0)
  equal(purchase?.['direction'], 'out')
  equal(purchase?.['amount'], price)
  equal(purchase?.['balance_before'], deposit?.['balance_after'])
  equal(purchase?.['balance_after'], opening - price)
  equal(purchase?.['reference_id'], body['data'].trx_id)
})

test('first order: time travel: the order as it was at each of its moments (ZE2)', async () => {
  const { body } = await reseller.get(`/api/v1/transactions?ref_id=${order.ref_id}`)
  const { trx_id, created_at, updated_at } = body['data']
  const asOf = (at: number) => {
    const time = encodeURIComponent(new Date(at).toISOString())
    return reseller.get(`/api/v1/transactions/${trx_id}?at=${time}`)
  }
  const born = Date.parse(created_at)
  const ended = Date.parse(updated_at)
  equal((await asOf(born - 1)).status, 404)
  const young = await asOf(born)
  equal(young.status, 200, young.text)
  equal(young.body['data'].status, 'PROCESSING')
  equal(young.body['data'].money_effect, 'held')
  equal(young.body['data'].sn, null)
  deepEqual((await asOf(ended)).body['data'], body['data'])
  deepEqual((await asOf(ended + 86_400_000)).body['data'], body['data'])
})

test('first order: repeats: the same order and no second charge (ZE2)', async () => {
  const first = await reseller.get(`/api/v1/transactions?ref_id=${order.ref_id}`)
  const { trx_id, sn } = first.body['data']
  for (const spelling of ['081234567890', '+62 812-3456-7890', '6281234567890', '81234567890']) {
    const again = await reseller.order({ ...order, destination: spelling })
    equal(again.status, 200, again.text)
    equal(again.body['data'].trx_id, trx_id)
    equal(again.body['data'].sn, sn)
    equal(again.body['data'].status, 'SUCCESS')
  }
  equal((await reseller.balance()).balance, opening - price)
  equal((await salesOf(trx_id))[0]?.calls, 1)
})

test('first order: a changed repeat: refused, and says which order has the reference (ZE2, ZE5)', async () => {
  const first = await reseller.get(`/api/v1/transactions?ref_id=${order.ref_id}`)
  for (const change of [{ destination: '081234567891' }, { product_code: 'TSEL20' }]) {
    const refused = await reseller.order({ ...order, ...change })
    equal(refused.status, 409, refused.text)
    equal(refused.body['error_code'], 'DUPLICATE_REF')
    equal(refused.body['retryable'], false)
    // About the order that is there, whose money was taken, not about the one that is not.
    equal(refused.body['money_effect'], 'charged')
    equal(refused.body['details'].trx_id, first.body['data'].trx_id)
  }
  equal((await reseller.balance()).balance, opening - price)
})

test('first order: 200 copies at once over 8 connections: one order, one sale (ZE2)', async () => {
  const wish = { ref_id: 'copied', product_code: 'TSEL10', destination: '081234567899' }
  const before = await reseller.balance()
  const answers = await Promise.all(Array.from({ length: 200 }, () => reseller.order(wish)))
  deepEqual([...new Set(answers.map(({ status }) => status))], [200])
  const ids = new Set(answers.map(({ body }) => body['data'].trx_id))
  equal(ids.size, 1)
  const [trxId] = ids
  await delivered(trxId)
  const sales = await salesOf(trxId)
  deepEqual(
    sales.map(({ status, times, calls }) => ({ status, times, calls })),
    [{ status: 'success', times: 1, calls: 1 }],
  )
  const { balance, held } = await reseller.balance()
  deepEqual({ balance, held }, { balance: before.balance - price, held: 0 })
  const rows = (await reseller.mutations()).filter(row => row['reference_id'] === trxId)
  equal(rows.length, 1)
})

test('first order: a twin: refused while young, taken with a counter (ZE5)', async () => {
  const twin = { ...order, ref_id: 'order-2' }
  const before = await reseller.balance()
  const refused = await reseller.order(twin)
  equal(refused.status, 409, refused.text)
  equal(refused.body['error_code'], 'TWIN_ORDER')
  equal(refused.body['money_effect'], 'none')
  equal(refused.body['details'].ref_id, order.ref_id)
  deepEqual(await reseller.balance(), before)
  // Nothing of it is left: the reference is still free.
  equal((await reseller.get(`/api/v1/transactions?ref_id=${twin.ref_id}`)).status, 404)
  const counted = await reseller.order({ ...twin, destination: `${order.destination}#2` })
  equal(counted.status, 200, counted.text)
  await delivered(counted.body['data'].trx_id)
})

test('first order: what cannot be bought: refused before money moves (ZE5)', async () => {
  const before = await reseller.balance()
  const rows = (await reseller.mutations()).length
  const cases = [
    [{ product_code: 'TSEL10', destination: '085712345678' }, 422, 'PREFIX_MISMATCH'],
    [{ product_code: 'TSEL11', destination: '081234567892' }, 404, 'PRODUCT_UNKNOWN'],
    [{ product_code: 'TSEL10', destination: '12345' }, 422, 'DESTINATION_INVALID'],
    [
      { product_code: 'TSEL10', destination: '081234567892', max_price: price - 1 },
      422,
      'PRICE_ABOVE_MAX',
    ],
  ] as const
  for (const [wish, status, code] of cases) {
    const ref_id = `refused-${code}`
    const refused = await reseller.order({ ref_id, ...wish })
    equal(refused.status, status, refused.text)
    equal(refused.body['error_code'], code)
    equal(refused.body['money_effect'], 'none')
    equal(refused.body['retryable'], false)
    equal((await reseller.get(`/api/v1/transactions?ref_id=${ref_id}`)).status, 404)
  }
  deepEqual(await reseller.balance(), before)
  equal((await reseller.mutations()).length, rows)
})

test('first order: a wallet for seven, a hundred at once: exactly seven (ZE4, ZE5)', async () => {
  const bench = await priceOf('BENCH10')
  const deposit = 8 * bench - 1
  const [poor] = await stage.resellers(engine, { count: 1, deposit })
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      poor!.order({ ref_id: `poor-${n}`, product_code: 'BENCH10', destination: '081111111111' }),
    ),
  )
  const bought = answers.filter(({ status }) => status === 200)
  const refused = answers.filter(({ status }) => status === 402)
  equal(bought.length, 7)
  equal(refused.length, 93)
  for (const { body } of refused) {
    equal(body['error_code'], 'INSUFFICIENT_BALANCE')
    equal(body['money_effect'], 'none')
  }
  await atRest(engine.http)
  const { balance, held } = await poor!.balance()
  deepEqual({ balance, held }, { balance: bench - 1, held: 0 })
  const sold = await Promise.all(bought.map(({ body }) => salesOf(body['data'].trx_id)))
  deepEqual(
    sold.map(sales => sales.map(({ status, times }) => `${status} ${times}`)),
    Array.from({ length: 7 }, () => ['success 1']),
  )
  // Nobody sees another's order, not even that it is there.
  const foreign = await reseller.get(`/api/v1/transactions/${bought[0]!.body['data'].trx_id}`)
  equal(foreign.status, 404)
  poor!.close()
})

test('first order: afterwards: an independent reading of the journal agrees (ZE3, ZE4)', async () => {
  await atRest(engine.http)
  const { code, stdout } = await stage.cli(['verify'])
  equal(code, 0, stdout)
  match(stdout, /^verify: ok/)
  // Ten orders, ten sales, and nothing that the supplier knows and we do not.
  equal((await oracle.sales()).length, 10)
})
