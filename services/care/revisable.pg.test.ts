import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { makeRef } from '../../actors/order/standing.ts'
import { testDatabase } from '../../deploy/testing/database.ts'
import type { WaitingOrder } from '../contract/care.ts'
import { type Answerer, type Scene, sceneAt, until } from '../engine-room.fixture.ts'
import { makeSubmit } from '../order/order.service.ts'
import type { CallbackReport } from '../supplier/report.ts'
import { careService } from './care.service.ts'
import { revisableNow } from './revisable.ts'

const database = await testDatabase()
after(() => database.drop())

const day = 86_400_000
/** `timeout of biller`: Digiflazz is known to revise it. */
const mayBeRevised: Answerer = () => ({ status: 'Gagal', rc: '70', sn: '' })

async function nodeOf(t: TestContext, answer: Answerer = mayBeRevised): Promise<Scene> {
  const scene = await sceneAt(t, { url: database.url, shop: { answer } })
  const suppliers = () => [{ code: 'diva', adapter: { card: { revisesWithinMs: day } } }]
  scene.broker.createService(careService({ room: scene.room, db: scene.db, suppliers }))
  await scene.broker.waitForServices('care')
  return scene
}

let placed = 0

/** An order with a fresh client, and how it ended. */
async function buy(node: Scene, status: 'FAILED' | 'SUCCESS'): Promise<[string, string]> {
  const userId = await node.user(1)
  const number = String(++placed).padStart(4, '0')
  const destination = `08781234${number}`
  const wish = { userId, level: 0, ref: `r${number}`, product: 'XLD10', destination }
  const answer = await node.call('order.place', wish)
  ok('ok' in answer, JSON.stringify(answer))
  const { trxId } = answer.ok.order
  await until(
    async () => {
      const told = await node.call('order.get', { userId, trxId })
      return 'ok' in told ? told.ok.status : ''
    },
    now => now === status,
  )
  await until(
    () => node.projector.idle,
    idle => idle,
  )
  return [trxId, userId]
}

async function queue({ call }: Scene, attention?: string): Promise<readonly WaitingOrder[]> {
  const asked = attention === undefined ? {} : { attention }
  const answer = await call('care.queue', { ...asked, limit: 200 })
  ok('ok' in answer)
  return answer.ok.rows
}

const ofOrder = async (node: Scene, trxId: string): Promise<WaitingOrder | undefined> =>
  (await queue(node)).find(row => row.trxId === trxId)

test('revisable: failed so that it may be revised: in the queue, since when and until when (CRK1, CRK4)', async t => {
  const node = await nodeOf(t)
  const [trxId] = await buy(node, 'FAILED')
  const row = (await ofOrder(node, trxId))!
  deepEqual(
    [row.attention, row.status, row.revisers],
    ['MAY_BE_REVISED', 'FAILED', ['digi', 'diva']],
  )
  // Both attempts failed so: the one whose supplier has the longer time counts.
  const lastsMs = row.revisableUntilMs! - row.failedMs!
  ok(lastsMs >= 3 * day && lastsMs < 3 * day + 60_000, String(lastsMs))
  deepEqual(
    (await queue(node, 'MAY_BE_REVISED')).map(one => one.trxId),
    [trxId],
  )
  deepEqual(await queue(node, 'HELD'), [])
})

test('revisable: sold by the next supplier: the first may still revise, and is named (CRK1)', async t => {
  const node = await nodeOf(t, ({ ref_id }) =>
    String(ref_id).endsWith('-1') ? { status: 'Gagal', rc: '70', sn: '' } : {},
  )
  const [trxId] = await buy(node, 'SUCCESS')
  const row = (await ofOrder(node, trxId))!
  deepEqual(
    [row.attention, row.status, row.supplier, row.revisers],
    ['MAY_BE_REVISED', 'SUCCESS', 'diva', ['digi']],
  )
})

test('revisable: a plain failure: nothing to wait for (CRK1)', async t => {
  const node = await nodeOf(t, () => ({ status: 'Gagal', rc: '54', sn: '' }))
  const [trxId] = await buy(node, 'FAILED')
  equal(await ofOrder(node, trxId), undefined)
})

test('revisable: its time is over, or a person has seen it: gone, and stays so (CRK2)', async t => {
  const node = await nodeOf(t)
  const { call, clock, projector } = node
  const [first] = await buy(node, 'FAILED')
  const [second] = await buy(node, 'FAILED')
  const closing = { trxId: first, by: 'cici', reason: 'the client knows' }
  deepEqual(await call('care.closeRevisable', closing), { ok: { trxId: first } })
  const again = await call('care.closeRevisable', closing)
  equal('refused' in again && again.refused, 'NOT_FOUND')
  equal(await ofOrder(node, first), undefined)
  clock.ms = (await ofOrder(node, second))!.revisableUntilMs! - 1
  ok(await ofOrder(node, second))
  // Folded anew from the journal it is as it was, but for what a person said.
  await projector.rebuild()
  await until(
    () => projector.idle,
    idle => idle,
  )
  ok(await ofOrder(node, second))
  equal(await ofOrder(node, first), undefined)
  clock.ms += 1
  equal(await ofOrder(node, second), undefined)
})

test('revisable: a late success after the refund: a dispute, found at once, and closed by nobody (CRK3)', async t => {
  const node = await nodeOf(t)
  const { call, projector, room } = node
  const [trxId, userId] = await buy(node, 'FAILED')
  const revised: CallbackReport = {
    ...{ n: 1, outcome: 'success', sn: 'LATE', cost: 9_900, ms: 0, via: 'callback' },
    ...{ supplier: 'digi', order: trxId, sku: null, dest: null },
  }
  equal(await makeSubmit({ room })(makeRef(trxId, 1), revised), 'accepted')
  await until(
    () => projector.idle,
    idle => idle,
  )
  equal((await ofOrder(node, trxId))!.attention, 'DISPUTE')
  equal((await queue(node, 'DISPUTE')).filter(row => row.trxId === trxId).length, 1)
  // What the other one called failed may still be revised as well.
  deepEqual((await ofOrder(node, trxId))!.revisers, ['diva'])
  const balance = await call('wallet.balance', { userId })
  equal('ok' in balance && balance.ok.balance, 100_000)

  // Seen and closed by mistake, it is found all the same.
  const [other] = await buy(node, 'FAILED')
  await call('care.closeRevisable', { trxId: other, by: 'cici', reason: 'the client knows' })
  await makeSubmit({ room })(makeRef(other, 2), {
    ...revised,
    n: 2,
    supplier: 'diva',
    order: other,
  })
  await until(
    () => projector.idle,
    idle => idle,
  )
  equal((await ofOrder(node, other))!.attention, 'DISPUTE')
})

test('revisable: how long: what its card says, three days where it says nothing (CRK4)', () => {
  const suppliers = [
    { code: 'a', adapter: { card: {} } },
    { code: 'b', adapter: { card: { revisesWithinMs: 10 * day } } },
  ]
  deepEqual(revisableNow(suppliers, 5), {
    ...{ own: [{ supplier: 'b', ms: 10 * day }], usualMs: 3 * day, longestMs: 10 * day, now: 5 },
  })
})
