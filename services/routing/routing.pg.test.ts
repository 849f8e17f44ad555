/** Routing with a real journal and real sockets: what suppliers do to us, and what we do then. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import type { OrderEvent } from '../../actors/order/order-contract.ts'
import { testDatabase } from '../../deploy/test-database.ts'
import { keyOf, shardOf } from '../../engine/ids.ts'
import { decode } from '../../engine/record.ts'
import type { Answer, OrderView, Placed } from '../contract.ts'
import { type Scene, type SceneOptions, sceneAt, until } from '../engine-room.fixture.ts'

const database = await testDatabase()
const fresh = await testDatabase()
after(() => Promise.all([database.drop(), fresh.drop()]))

const scene = (t: TestContext, some: Omit<SceneOptions, 'url'>, { url } = database) =>
  sceneAt(t, { url, rules: [], ...some })

const rule = (scope: string, target: string, words: object) =>
  ({ version: 1, scope, target, rule: words }) as const

const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}

async function place({ call }: Scene, userId: string, n: number) {
  const destination = `08781234${String(1_000 + n)}`
  const params = { userId, level: 0, ref: `A-${n}`, product: 'XLD10', destination }
  return okOf<Placed>(await call('order.place', params)).order
}

async function placedEvent({ room }: Scene, trxId: string) {
  const [line] = await room.engine.history(shardOf(trxId), keyOf(trxId))
  return decode(line!.body).events[0] as Extract<OrderEvent, { type: 'placed' }>
}

const ended = (at: Scene, userId: string, trxId: string, status: string): Promise<OrderView> =>
  until(
    async () => okOf(await at.call('order.get', { userId, trxId })),
    view => view.status === status,
  )

const isDigi = (asked: Readonly<Record<string, unknown>>) =>
  String(asked['buyer_sku_code']).startsWith('digi')

test('routing: a silent supplier that sold half in secret: its cap holds, nobody is served twice, nothing is lost (RTE2, RTE3, RTE4)', async t => {
  const sold = new Map<string, number>()
  let silent = true
  const at = await scene(t, {
    rules: [rule('supplier', 'digi', { exposure_max: 45_000 })],
    shop: {
      answer(asked) {
        const [ref, number] = [String(asked['ref_id']), String(asked['customer_no'])]
        if (!isDigi(asked)) {
          if (number.endsWith('1001')) return { status: 'Gagal', rc: '02', sn: '' }
          sold.set(number, (sold.get(number) ?? 0) + 1)
          return {}
        }
        if (silent) {
          // Every other number was sold, and the line was cut all the same.
          if (Number(number) % 2 === 0) sold.set(number, (sold.get(number) ?? 0) + 1)
          return null
        }
        return Number(number) % 2 === 0
          ? { sn: `SN-${ref}` }
          : { status: 'Gagal', rc: '02', sn: '' }
      },
    },
  })
  const userId = await at.user(1, 200_000)
  const orders = await Promise.all(Array.from({ length: 12 }, (_, n) => place(at, userId, n)))
  const gauge = at.router.gauges.of('digi')
  const atDigi = orders.filter(order => order.attempts[0]!.supplier === 'digi')
  equal(atDigi.length, 4)
  for (const { trxId } of atDigi) {
    const view = await until(
      async () => okOf(await at.call('order.get', { userId, trxId })),
      one => one.attempts[0]!.outcome === 'unknown',
    )
    deepEqual([view.status, view.attempts.length, view.moneyEffect], ['PROCESSING', 1, 'held'])
  }
  deepEqual([gauge.hanging, gauge.reserved], [40_000, 0])
  const late = orders.find(order => order.attempts[0]!.supplier === 'diva')!
  const { why, plan } = await placedEvent(at, late.trxId)
  deepEqual(
    plan.map(([supplier]) => supplier),
    ['diva'],
  )
  equal(why?.c.find(([who]) => who === 'digi')?.[5], 'capped')
  const asked = at.asked.filter(isDigi).length
  await place(at, userId, 20)
  equal(at.asked.filter(isDigi).length, asked)

  silent = false
  at.clock.ms += 61_000
  for (const { trxId, destination } of orders) {
    await ended(at, userId, trxId, destination.endsWith('1001') ? 'FAILED' : 'SUCCESS')
  }
  await until(
    () => gauge.hanging,
    hanging => hanging === 0,
  )
  for (const { destination } of orders) {
    equal(sold.get(destination) ?? 0, destination.endsWith('1001') ? 0 : 1, destination)
  }
  const { available, held } = okOf(await at.call('wallet.balance', { userId }))
  deepEqual([available, held], [200_000 - 12 * 10_500, 0])
  await place(at, userId, 30)
  ok(at.asked.filter(isDigi).length > asked)
})

test('routing: a policy: the cheaper one first, with a record; a split follows the keys (RTG2)', async t => {
  const { rows } = await scene(t, {}).then(at => at.shop)
  const mappings = rows.mappings.map(one =>
    one.supplierCode === 'digi' ? { ...one, cost: 10_400 } : one,
  )
  const at = await scene(t, {
    rules: [rule('brand', 'XL', { policy: 'cheapest', failover_s: 30, suppliers_max: 1 })],
    shop: { rows: { ...rows, mappings } },
  })
  const userId = await at.user(2)
  const { trxId } = await place(at, userId, 1)
  const event = await placedEvent(at, trxId)
  deepEqual(
    event.plan.map(([supplier]) => supplier),
    ['diva'],
  )
  equal(event.failoverUntil, at.clock.ms + 30_000)
  deepEqual([event.why?.v, event.why?.p], [1, 'cheapest'])
  deepEqual(
    event.why?.c.map(([who, cost, , , , left]) => [who, cost, left]),
    [
      ['digi', 10_400, 'budget'],
      [0, 10_000, undefined],
    ],
  )
})

test('routing: a restart: what hangs at a supplier is known again (RTI1, RTF1)', async t => {
  const at = await scene(t, { shop: { answer: asked => (isDigi(asked) ? null : {}) } })
  const userId = await at.user(3, 200_000)
  for (let n = 0; n < 3; n++) {
    const { trxId } = await place(at, userId, n)
    await until(
      async () => okOf(await at.call('order.get', { userId, trxId })),
      one => one.attempts[0]!.outcome === 'unknown',
    )
  }
  const { hanging } = at.router.gauges.of('digi')
  ok(hanging >= 30_000)
  await at.stop()
  const again = await scene(t, {})
  equal(again.router.gauges.of('digi').hanging, hanging)
})

test('routing: a supplier that fails again and again: one probe after the pause, not a flood (RTC1, RTC2)', async t => {
  let broken = true
  const at = await scene(
    t,
    {
      shop: {
        async answer(asked) {
          if (!isDigi(asked)) return {}
          return broken ? { status: 'Gagal', rc: '55', sn: '' } : {}
        },
      },
    },
    fresh,
  )
  const userId = await at.user(1, 1_000_000)
  const atDigi = () => at.asked.filter(isDigi).length
  const before = atDigi()
  for (let n = 0; n < 12; n++) {
    const { trxId } = await place(at, userId, n)
    await ended(at, userId, trxId, 'SUCCESS')
  }
  equal(atDigi() - before, 8)
  at.clock.ms += 31_000
  const burst = await Promise.all(Array.from({ length: 10 }, (_, n) => place(at, userId, 100 + n)))
  const probes = burst.filter(order => order.attempts[0]!.supplier === 'digi')
  equal(probes.length, 1)
  for (const { trxId } of burst) await ended(at, userId, trxId, 'SUCCESS')
  equal(atDigi() - before, 9)
  broken = false
  at.clock.ms += 61_000
  const { trxId } = await place(at, userId, 200)
  equal((await ended(at, userId, trxId, 'SUCCESS')).attempts[0]!.supplier, 'digi')
  equal(at.router.gauges.of('digi').breaker.state, 'ramp')
})
