/** Routing with a real journal and real sockets: what suppliers do to us, and what we do then. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import type { OrderEvent } from '../../actors/order/order-contract.ts'
import { databasesOfFile } from '../../deploy/testing/database.ts'
import { keyOf, shardOf } from '../../engine/ids.ts'
import { decode } from '../../engine/record.ts'
import type { Answer } from '../contract/answer.ts'
import type { Placed } from '../contract/order.ts'
import type { OrderView } from '../contract/order-view.ts'
import { type Scene, type SceneOptions, sceneAt, until } from '../engine-room.fixture.ts'
import { compileRouting } from './policy.ts'

const database = databasesOfFile(after)

/** On a database of its own: what hangs at a supplier counts in whatever begins on its journal. */
const scene = async (t: TestContext, some: Omit<SceneOptions, 'url'>, url?: string) =>
  sceneAt(t, { url: url ?? (await database()), rules: [], ...some })

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
  const url = await database()
  const at = await scene(t, { shop: { answer: asked => (isDigi(asked) ? null : {}) } }, url)
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
  const again = await scene(t, {}, url)
  equal(again.router.gauges.of('digi').hanging, hanging)
})

test('routing: a supplier that fails again and again: one probe after the pause, not a flood (RTC1, RTC2)', async t => {
  let broken = true
  const at = await scene(t, {
    shop: {
      async answer(asked) {
        if (!isDigi(asked)) return {}
        return broken ? { status: 'Gagal', rc: '55', sn: '' } : {}
      },
    },
  })
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

test('routing: everybody is down: all the money is back, then probes and nothing else (RTC2, RTG4)', async t => {
  let down = true
  const answer = () => (down ? { status: 'Gagal', rc: '55', sn: '' } : {})
  const at = await scene(t, { shop: { answer } })
  const userId = await at.user(1, 1_000_000)
  for (let n = 0; n < 8; n++) {
    const { trxId } = await place(at, userId, n)
    const { attempts, moneyEffect } = await ended(at, userId, trxId, 'FAILED')
    deepEqual([attempts.length, moneyEffect], [2, 'refunded'])
  }
  const whole = { ok: { balance: 1_000_000, held: 0, available: 1_000_000 } }
  deepEqual(await at.call('wallet.balance', { userId }), whole)
  const burst = (from: number) =>
    Promise.all(
      Array.from({ length: 10 }, (_, n) => {
        const destination = `08781234${String(1_000 + from + n)}`
        const params = { userId, level: 0, ref: `A-${from + n}`, product: 'XLD10', destination }
        return at.call('order.place', params)
      }),
    )
  const before = at.asked.length
  for (const answer of await burst(100)) {
    deepEqual('refused' in answer && answer.refused, 'PRODUCT_UNSUPPLIED')
  }
  equal(at.asked.length, before)

  at.clock.ms += 31_000
  const placed = (await burst(200)).flatMap(answer => ('ok' in answer ? [answer.ok.order] : []))
  equal(placed.length, 2)
  for (const { trxId } of placed) await ended(at, userId, trxId, 'FAILED')
  equal(at.asked.length - before, 2)
  deepEqual(await at.call('wallet.balance', { userId }), whole)

  down = false
  at.clock.ms += 61_000
  const { trxId } = await place(at, userId, 300)
  await ended(at, userId, trxId, 'SUCCESS')
})

test('routing: a balance that runs out amid a burst: the next one sells the rest, each once', async t => {
  const sold = new Map<string, number>()
  let left = 20
  const at = await scene(t, {
    shop: {
      answer(asked) {
        if (isDigi(asked) && left-- <= 0) {
          return { status: 'Gagal', rc: '44', sn: '', buyer_last_saldo: 5_000 }
        }
        const number = String(asked['customer_no'])
        sold.set(number, (sold.get(number) ?? 0) + 1)
        return { buyer_last_saldo: isDigi(asked) ? 5_000 + left * 9_900 : 9_000_000 }
      },
    },
  })
  const userId = await at.user(1, 2_000_000)
  const orders = await Promise.all(Array.from({ length: 100 }, (_, n) => place(at, userId, n)))
  for (const { trxId } of orders) await ended(at, userId, trxId, 'SUCCESS')
  deepEqual([sold.size, Math.max(...sold.values())], [100, 1])
  const balance = 2_000_000 - 100 * 10_500
  deepEqual(await at.call('wallet.balance', { userId }), {
    ok: { balance, held: 0, available: balance },
  })
  const asked = at.asked.filter(isDigi).length
  const { trxId } = await place(at, userId, 200)
  await ended(at, userId, trxId, 'SUCCESS')
  equal(at.asked.filter(isDigi).length, asked)
})

test('routing: the first refuses, the second is silent: its cap holds for whoever goes on to it, a person may send more (RTG7, RTE9)', async t => {
  const answer = (asked: Readonly<Record<string, unknown>>) =>
    isDigi(asked) ? { status: 'Gagal', rc: '02', sn: '' } : null
  const rules = [rule('supplier', 'diva', { exposure_max: 45_000 })]
  const at = await scene(t, { rules, shop: { answer } })
  // With its breaker open the first one would not be asked at all.
  const digi = at.router.gauges.of('digi').breaker
  const userId = await at.user(1, 1_000_000)
  const orders = await Promise.all(Array.from({ length: 30 }, (_, n) => place(at, userId, n)))
  const gauge = at.router.gauges.of('diva')
  const views = await Promise.all(
    orders.map(({ trxId }) =>
      until(
        async () => okOf(await at.call('order.get', { userId, trxId })),
        ({ status, attempts: [, second] }) => status === 'FAILED' || second?.outcome === 'unknown',
      ),
    ),
  )
  const out = views.filter(view => view.status === 'PROCESSING')
  equal(out.length, 4)
  deepEqual([gauge.hanging, gauge.reserved, gauge.waiting], [40_000, 0, 0])
  equal(at.asked.filter(asked => !isDigi(asked)).length, 4)
  const failed = views.find(view => view.status === 'FAILED')!
  const { outcome, code, message } = failed.attempts[1]!
  deepEqual([outcome, code, message], ['failed', 'left_out', 'capped'])
  equal(failed.moneyEffect, 'refunded')
  const { available, held } = okOf(await at.call('wallet.balance', { userId }))
  deepEqual([available, held], [1_000_000 - 4 * 10_500, 4 * 10_500])
  // Not its fault: four silences, and nothing of what was left out.
  equal(gauge.breaker.counts.bad, 4)
  equal(digi.counts.ok, 0)

  // What may have been sent before a restart is unknown, barred or not.
  const effect = {
    ...{ type: 'purchase', target: 'diva', supplier: 'diva', n: 2, sku: 's', dest: '0878' },
    ...{ ref: 'L1', maxPrice: 11_000, startedAt: at.clock.ms },
    later: { product: 'XLD10', user: userId, cost: 10_000 },
  }
  const purchase = at.room.performers.get('purchase')!
  const reportAt = async (resumed: boolean) => {
    const errand = { effect, resumed, from: failed.trxId, id: 'e', kind: 'order' }
    const told = await purchase({ ...errand, shard: 1, owner: '' })
    const { report } = told!.command as unknown as { report: { outcome: string; code: string } }
    return [report.outcome, report.code]
  }
  deepEqual(await reportAt(false), ['failed', 'left_out'])
  deepEqual(await reportAt(true), ['unknown', 'restarted'])

  const [{ trxId } = out[0]!] = out
  at.router.use(
    compileRouting([rule('product', 'XLD10', { exclude: ['diva'] })], at.shop.rows.products),
  )
  const by = { by: 'ani', reason: 'sudah dicek' }
  okOf(await at.call('order.reroute', { trxId, ...by, supplier: 'diva', notSold: true }))
  await until(
    async () => okOf(await at.call('order.get', { userId, trxId })),
    ({ attempts: [, , third] }) => third?.outcome === 'unknown',
  )
  equal(at.asked.filter(asked => !isDigi(asked)).length, 5)
  deepEqual([gauge.hanging, gauge.waiting], [40_000, 0])
})
