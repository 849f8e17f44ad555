/**
 * What we have at a supplier, in the running program: asked for, booked by two persons, in step
 * with orders, still so after the engine was killed, and a sound journal in the end.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Json, Reseller } from './reseller.ts'
import { type Engine, Stage, until } from './stage.ts'

const path = '/api/v1/admin/suppliers/digiflazz/float'
let stage: Stage
let engine: Engine
let admin: Reseller
let finance: Reseller

function staff(): void {
  admin = stage.demo(engine, 'admin')
  finance = stage.demo(engine, 'finance')
}

before(async () => {
  stage = new Stage()
  await stage.startSandbox()
  engine = await stage.start()
  staff()
})
after(() => stage.close())

async function told(who: Reseller, method: string, at: string, body: object = {}): Promise<Json> {
  const text = method === 'GET' ? '' : JSON.stringify(body)
  const answer = await who.send(method, at, text)
  equal(answer.status, 200, answer.text)
  return answer.body['data']
}
const read = () => told(finance, 'GET', path)

test('float: asked for, booked by two, in step with orders, also after a kill (DFL1, FLB1, FLB2)', async () => {
  const asked = await until('a balance', 60_000, async () => {
    const view = await read()
    return view['reported'] !== null && view
  })
  deepEqual([asked['status'], asked['drift'], asked['reported'].off], ['agrees', null, 0])
  equal(asked['books'], asked['reported'].balance)

  // The opening, which one booked and another approved.
  const [opening, ...others] = (await told(finance, 'GET', `${path}/moves`))['rows'] as Json[]
  deepEqual([opening!['status'], opening!['amount'], others.length], ['paid', asked['books'], 0])
  ok(opening!['second_by'] && opening!['second_by'] !== opening!['asked_by'])

  const wish = { amount: asked['books'], ref_id: 'paid-digiflazz', note: 'salah ketik' }
  const move = await told(finance, 'POST', `${path}/topups`, wish)
  equal(move['status'], 'waiting')
  equal((await finance.send('POST', `${path}/moves/${move['id']}/approve`, '{}')).status, 403)
  equal((await told(admin, 'POST', `${path}/moves/${move['id']}/reject`))['status'], 'rejected')
  equal((await read())['books'], asked['reported'].balance)

  const reseller = stage.demo(engine)
  const tap = { ref_id: 'float-1', product_code: 'xld10', destination: '087812341230' }
  const placed = await reseller.order(tap)
  ok(placed.status < 300, placed.text)
  const sold = await until('an answer with a balance', 60_000, async () => {
    const view = await read()
    return view['reported'].trx_id === placed.body['data'].trx_id && view
  })
  equal(sold['status'], 'agrees')
  equal(sold['books'], sold['reported'].balance)
  ok(sold['books'] < asked['reported'].balance)

  const metrics = await (await fetch(`${engine.http}/metrics`)).text()
  ok(metrics.includes(`laju_supplier_float_rupiah{supplier="digiflazz"} ${sold['books']}\n`))
  ok(metrics.includes('laju_supplier_drift_rupiah{supplier="digiflazz"} 0\n'))

  await engine.kill()
  engine = await stage.start()
  staff()
  const again = await until('a balance again', 60_000, async () => {
    const view = await read()
    return view['reported'] !== null && view
  })
  deepEqual([again['books'], again['status']], [sold['books'], 'agrees'])
  const paid = await told(finance, 'GET', `${path}/moves?status=paid`)
  equal((paid['rows'] as Json[]).length, 1)
  const verdict = await stage.cli(['verify'])
  equal(verdict.code, 0, verdict.stdout)
})
