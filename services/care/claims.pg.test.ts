import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { makeRef } from '../../actors/order/standing.ts'
import { testDatabase } from '../../deploy/testing/database.ts'
import { sql, z } from '../../sql/database.ts'
import type { OrderView } from '../contract/order-view.ts'
import { sceneAt, until } from '../engine-room.fixture.ts'
import { makeSubmit } from '../order/order.service.ts'
import { careService } from './care.service.ts'

const gagal = { status: 'Gagal', rc: '01', sn: '' }
const word = { by: 'cici', reason: 'they showed the receipt' }

test('claims: sold by the first while the second is out: nobody is asked, or paid, twice (O12)', async t => {
  const database = await testDatabase()
  t.after(() => database.drop())
  const second = { answer: { status: 'Pending', rc: '03', sn: '' } as object }
  const scene = await sceneAt(t, {
    ...{ url: database.url, rules: [] },
    shop: {
      answer: asked => (String(asked['ref_id']).endsWith('-1') ? gagal : second.answer),
    },
  })
  const { call, room, db, asked, clock, sold, projector } = scene
  scene.broker.createService(careService({ room, db }))
  await scene.broker.waitForServices('care')
  const userId = await scene.user(0)
  const wish = { userId, level: 0, ref: 'r1', product: 'XLD10', destination: '087812341230' }
  const placed = await call('order.place', wish)
  ok('ok' in placed)
  const { trxId } = placed.ok.order
  const read = async (): Promise<OrderView> => {
    const answer = await call('order.get', { userId, trxId })
    ok('ok' in answer)
    return answer.ok
  }
  await until(read, ({ attempts }) => attempts[1]?.outcome === 'pending')

  const claim = await makeSubmit({ room })(makeRef(trxId, 1), {
    ...{ supplier: 'digi', order: trxId, n: 1, outcome: 'success', sn: 'SN-LATE' },
    ...{ cost: 30_000, balance: 5, sku: null, dest: null, ms: 1, via: 'callback' },
    ...{ code: '00', message: '', reply: '' },
  })
  equal(claim, 'accepted')
  second.answer = gagal
  clock.ms = (await read()).updatedAt + 61_000
  await call('order.recheck', { trxId, ...word })
  const stands = await until(read, ({ failure }) => failure === 'HELD')
  deepEqual([stands.status, stands.moneyEffect, stands.disputed], ['PROCESSING', 'held', true])
  ok(asked.every(one => /-[12]$/.test(String(one['ref_id']))))

  const done = await call('order.resolve', { trxId, verdict: 'success', ...word })
  ok('ok' in done, JSON.stringify(done))
  const end = await read()
  deepEqual([end.status, end.sn, end.disputed], ['SUCCESS', 'SN-LATE', false])
  deepEqual(
    end.attempts.map(one => [one.supplier, one.outcome]),
    [
      ['digi', 'success'],
      ['diva', 'failed'],
    ],
  )
  await until(
    () => projector.idle,
    idle => idle,
  )
  await sold.follower.flush()
  const row = z.object({ supplier: z.string(), cost: z.coerce.number() })
  const [seen] = await db.pool.any(sql.type(row)`select supplier, cost from order_view`)
  deepEqual(seen, { supplier: 'digi', cost: 30_000 })
  const over = z.object({ supplier: z.string(), charged: z.coerce.number() })
  const told = await db.pool.any(sql.type(over)`select supplier, charged from overcharge`)
  deepEqual(told, [{ supplier: 'digi', charged: 30_000 }])
})
