/** Staff's hand on real orders: cancelled, refunded once, and by two where one is not enough. */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { testDatabase } from '../../deploy/testing/database.ts'
import { keyOf, shardOf } from '../../engine/ids.ts'
import { decode } from '../../engine/record.ts'
import { until } from '../engine-room.fixture.ts'
import { byHandService } from './by-hand.service.ts'
import { okOf, refusedOf, type Stand, standAt } from './number.fixture.ts'

const ani = { userId: randomUUID(), name: 'ani@laju.test' }
const budi = { userId: randomUUID(), name: 'budi@laju.test' }
const reason = 'pengguna salah pilih aplikasi'

type Desk = Stand & { readonly limit: { most: number } }

async function deskAt(t: TestContext, most = 100_000): Promise<Desk> {
  const database = await testDatabase()
  after(() => database.drop())
  const stand = await standAt(t, { url: database.url })
  const limit = { most }
  const { broker } = stand
  broker.createService(
    byHandService({
      ...{ room: stand.room, db: stand.db },
      settings: () => ({ refundAloneMax: limit.most }),
    }),
  )
  await broker.waitForServices('numberHand')
  return { ...stand, limit }
}

/** An order whose code came. */
async function received(at: Desk, userId: string): Promise<string> {
  const { order } = okOf(await at.order(userId))
  at.seller.send(order.number!, '4711')
  await until(
    async () => {
      at.clock.ms += 1_000
      await pause(10)
      return okOf(await at.call('number.get', { userId, orderId: order.orderId }))
    },
    view => view.status === 'otp_received',
  )
  return order.orderId
}

const balanceOf = async ({ call }: Desk, userId: string) =>
  okOf(await call('wallet.balance', { userId })).balance

test('by hand: a refund after a code: money goes back once, however often it is asked for (MUF1)', async t => {
  const at = await deskAt(t)
  const userId = await at.user(20_000)
  const orderId = await received(at, userId)
  equal(await balanceOf(at, userId), 15_000)
  const refund = () => at.call('numberHand.refund', { orderId, by: ani, reason })
  const answers = await Promise.all([refund(), refund(), refund()])
  equal(answers.filter(answer => 'ok' in answer).length, 1)
  deepEqual(
    new Set(answers.filter(one => 'refused' in one).map(refusedOf)),
    new Set(['ORDER_FINAL']),
  )
  equal(await balanceOf(at, userId), 20_000)
  equal(refusedOf(await refund()), 'ORDER_FINAL')
  equal(await balanceOf(at, userId), 20_000)
})

test('by hand: above the limit: two persons, both in the journal, with the words of the first (MUF2)', async t => {
  const at = await deskAt(t, 4_999)
  const userId = await at.user(20_000)
  const orderId = await received(at, userId)
  const refund = (by: typeof ani, why: string) =>
    at.call('numberHand.refund', { orderId, by, reason: why, supplier: 'returned' })
  for (let n = 0; n < 2; n++) {
    const { waits } = okOf(await refund(ani, reason))
    deepEqual([waits?.by, waits?.amount, waits?.reason], [ani.name, 5_000, reason])
  }
  equal(await balanceOf(at, userId), 15_000)
  equal(okOf(await at.call('numberHand.refunds', {})).rows.length, 1)
  const done = okOf(await refund(budi, 'kata orang kedua'))
  deepEqual([done.waits, done.moneyEffect], [null, 'refunded'])
  equal(await balanceOf(at, userId), 20_000)
  deepEqual(okOf(await at.call('numberHand.refunds', {})).rows, [])
  const lines = await at.room.engine.history(shardOf(orderId), keyOf(orderId))
  const events = lines.flatMap(line => decode(line.body).events as object[])
  const said = JSON.stringify(events.at(-1))
  match(said, /ani@laju.test, budi@laju.test/)
  match(said, new RegExp(reason))
})

test('by hand: above the limit: rejected, and it may be asked for again (MUF2)', async t => {
  const at = await deskAt(t, 0)
  const userId = await at.user(20_000)
  const orderId = await received(at, userId)
  const ask = () => at.call('numberHand.refund', { orderId, by: ani, reason })
  const { waits } = okOf(await ask())
  okOf(await at.call('numberHand.reject', { id: waits!.id, by: budi }))
  equal(refusedOf(await at.call('numberHand.reject', { id: waits!.id, by: budi })), 'NOT_FOUND')
  equal(await balanceOf(at, userId), 15_000)
  const again = okOf(await ask()).waits
  ok(again!.id > waits!.id)
  // Who asked may take it back.
  okOf(await at.call('numberHand.reject', { id: again!.id, by: ani }))
})

test('by hand: his own order: refused, below the limit and above it, first and second (MUF4)', async t => {
  const at = await deskAt(t)
  const userId = await at.user(20_000)
  const orderId = await received(at, userId)
  const own = { userId, name: 'cici@laju.test' }
  const refund = (by: typeof own) => at.call('numberHand.refund', { orderId, by, reason })
  equal(refusedOf(await refund(own)), 'OWN_ACCOUNT')
  at.limit.most = 4_999
  equal(refusedOf(await refund(own)), 'OWN_ACCOUNT')
  deepEqual(okOf(await at.call('numberHand.refunds', {})).rows, [])
  okOf(await refund(ani))
  equal(refusedOf(await refund(own)), 'OWN_ACCOUNT')
  equal(await balanceOf(at, userId), 15_000)
  okOf(await refund(budi))
  equal(await balanceOf(at, userId), 20_000)
})

test('by hand: what the order refuses: nobody is asked to agree, and nothing moves (MUF3)', async t => {
  const at = await deskAt(t, 0)
  const userId = await at.user(20_000)
  const { order } = okOf(await at.order(userId))
  const asked = { orderId: order.orderId, by: ani, reason }
  equal(refusedOf(await at.call('numberHand.refund', asked)), 'ORDER_BUSY')
  deepEqual(okOf(await at.call('numberHand.refunds', {})).rows, [])
  equal(refusedOf(await at.call('numberHand.charge', asked)), 'ORDER_BUSY')
  const nobody = {
    ...asked,
    orderId: order.orderId.replace(/.$/, one => (one === '0' ? '1' : '0')),
  }
  for (const action of ['numberHand.refund', 'numberHand.charge', 'numberHand.cancel'] as const) {
    equal(refusedOf(await at.call(action, nobody)), 'NOT_FOUND')
    equal(refusedOf(await at.call(action, { ...asked, orderId: 'x' })), 'NOT_FOUND')
  }
})

test('by hand: a number given back: the hold is gone when the supplier agrees (MUF1)', async t => {
  const at = await deskAt(t)
  const userId = await at.user(20_000)
  const { order } = okOf(await at.order(userId))
  at.clock.ms += 200_000
  okOf(await at.call('numberHand.cancel', { orderId: order.orderId, by: ani }))
  const view = await until(
    async () => okOf(await at.call('number.get', { userId, orderId: order.orderId })),
    one => one.status === 'refunded',
  )
  equal(view.moneyEffect, 'refunded')
  equal(await balanceOf(at, userId), 20_000)
})
