/**
 * The keeper of the catalogue at the running program: prices changed over REST are what the next
 * order costs, and a supplier's price list is what the book reckons with.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { operations } from '../../gateway/operations.ts'
import type { Answer, Json, Reseller } from './reseller.ts'
import { type Engine, Stage, until } from './stage.ts'

const admin = '/api/v1/admin'
let stage: Stage
let engine: Engine
let reseller: Reseller
let keeper: Reseller

before(async () => {
  stage = new Stage()
  engine = await stage.start()
  reseller = stage.demo(engine)
  keeper = stage.demo(engine, 'admin')
})
after(async () => {
  keeper?.close()
  reseller?.close()
  await stage.close()
})

async function told(answer: Promise<Answer>): Promise<Json> {
  const { status, text, body } = await answer
  equal(status, 200, text)
  return body['data']
}
const keep = (method: string, path: string, body: unknown = '') =>
  told(keeper.send(method, admin + path, body === '' ? '' : JSON.stringify(body)))

async function becomes(code: string, price: number): Promise<void> {
  await until(`the price of ${code} to be ${price}`, 20_000, async () => {
    const { rows } = await told(reseller.get('/api/v1/products'))
    return rows.find((row: Json) => row['code'] === code)?.price === price
  })
}

test('catalogue admin: a rule over REST: what the next order costs (KA3, KAP2)', async () => {
  const rule = { user_id: reseller.keys.user_id, scope: 'brand', target: 'XL', fixed: 777 }
  const made = await keep('POST', '/price-rules', rule)
  equal(made['version'], 1)
  await becomes('XLD10', 10_650 + 777)
  const order = { ref_id: 'own-1', product_code: 'XLD10', destination: '087812345678' }
  equal((await told(reseller.order(order)))['price'], 10_650 + 777)

  const refused = await reseller.send('POST', `${admin}/price-rules`, JSON.stringify(rule))
  equal(refused.status, 403)
  const path = `/price-rules/${made['id']}`
  await keep('PUT', path, { version: 1, fixed: 800 })
  const stale = await keeper.send('PUT', admin + path, JSON.stringify({ version: 1, fixed: 1 }))
  deepEqual([stale.status, stale.body['error_code']], [409, 'STALE_VERSION'])
  await becomes('XLD10', 10_650 + 800)
  await keep('DELETE', `${path}?version=2`)
  await becomes('XLD10', 10_650 + 500)
})

test('catalogue admin: a price list: taken over, and in the history (KAL3)', async () => {
  const list = await keep('POST', '/suppliers/digiflazz2/sync', {})
  equal(list['outcome'], 'applied', JSON.stringify(list).slice(0, 300))
  ok(list['counts'].costs > 100 && list['counts'].off === 0)
  const { rows } = await keep('GET', '/catalogue-history?kind=mappings&limit=1')
  equal(rows[0].who, 'sync:digiflazz2')
  const again = await keeper.send('POST', `${admin}/suppliers/digiflazz2/sync`, '{}')
  deepEqual([again.status, again.body['error_code']], [429, 'SYNC_TOO_SOON'])
})

test('catalogue admin: a change for later: with its preview, at its time (KAH1, KAH2)', async () => {
  const rule = { scope: 'product', target: 'DANA20', fixed: 4_000 }
  const { rows } = await keep('GET', '/mappings?product_code=DANA20')
  const dearest = Math.max(...rows.map((row: Json) => row['cost'] as number))
  const startsAt = new Date(Date.now() + 1_000).toISOString()
  const changes = [{ op: 'put', rule }]
  const row = await keep('POST', '/price-changes', { changes, starts_at: startsAt })
  deepEqual([row['preview'].products, row['preview'].users > 0], [1, true])
  await becomes('DANA20', dearest + 4_000)
})

test('catalogue admin: what waits, was asked and was done: as the API describes it (KAN4)', async () => {
  for (const list of ['price-changes', 'price-syncs', 'catalogue-history', 'commission/history']) {
    const { data } = operations.find(({ at }) => at === `get ${admin}/${list}`)!
    const page = await keep('GET', `/${list}?limit=5`)
    deepEqual(data!.parse(page), page, list)
    ok(list === 'commission/history' || page['rows'].length > 0, list)
  }
})

test('catalogue admin: files: out, changed, in again (KAG1)', async () => {
  const { text } = await keeper.get(`${admin}/csv/price-rules`)
  const bad = text.replace('DANA20', 'NO-SUCH-PRODUCT')
  const path = `${admin}/csv/price-rules`
  equal((await told(keeper.send('POST', path, bad)))['kept'], false)
  equal((await told(keeper.send('POST', path, text)))['kept'], true)
})
