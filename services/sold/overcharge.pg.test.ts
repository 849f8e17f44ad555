/** What suppliers charge above the most that they were told, in real orders. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { type TestDatabase, testDatabase } from '../../deploy/testing/database.ts'
import { sql, z } from '../../sql/database.ts'
import { heldOrders } from '../../sql/retention.ts'
import { queueByReason } from '../../sql/topup/care.ts'
import { careService } from '../care/care.service.ts'
import type { WaitingOrder } from '../contract/care.ts'
import { type Scene, sceneAt, until } from '../engine-room.fixture.ts'

const databases: TestDatabase[] = []
async function freshDatabase(): Promise<TestDatabase> {
  const fresh = await testDatabase()
  databases.push(fresh)
  return fresh
}
after(() => Promise.all(databases.map(one => one.drop())))

const agreed = 10_500

/** A supplier that takes whatever the number's last five digits say; the other one is out of it. */
async function nodeOf(t: TestContext, url: string, soldPileMax?: number): Promise<Scene> {
  const at = await sceneAt(t, {
    ...{ url, rules: [], ...(soldPileMax === undefined ? {} : { soldPileMax }) },
    shop: {
      suppliers: new Set(['digi']),
      answer: asked => {
        equal(asked['max_price'], agreed)
        const charged = Number(String(asked['customer_no']).slice(-5))
        return { buyer_last_saldo: 90_000_000, price: charged === 0 ? undefined : charged }
      },
    },
  })
  at.broker.createService(careService({ room: at.room, db: at.db }))
  await at.broker.waitForServices('care')
  return at
}

let bought = 0

/** Delivered, and charged so much. */
async function buy(at: Scene, userId: string, charged: number): Promise<string> {
  bought++
  const destination = `0878${100 + bought}${String(charged).padStart(5, '0')}`
  const wish = { userId, level: 0, ref: `A-${bought}`, product: 'XLD10', destination }
  const answer = await at.call('order.place', wish)
  ok('ok' in answer, JSON.stringify(answer))
  const { trxId } = answer.ok.order
  await until(
    () => at.call('order.get', { userId, trxId }),
    view => 'ok' in view && view.ok.status === 'SUCCESS',
  )
  at.clock.ms += 5
  return trxId
}

async function queue(at: Scene, attention?: string): Promise<readonly WaitingOrder[]> {
  await at.sold.follower.flush()
  const answer = await at.call('care.queue', {
    ...{ limit: 100, ...(attention === undefined ? {} : { attention }) },
  })
  ok('ok' in answer)
  return answer.ok.rows
}

const queued = (at: Scene, count: number) =>
  until(
    () => queue(at),
    rows => rows.length === count && rows.every(row => row.status === 'SUCCESS'),
  )

const flagsOf = (rows: readonly WaitingOrder[]) =>
  rows.map(row => [row.trxId, row.attention, row.overchargedBy, row.agreed, row.charged])

test('overcharge: more than the supplier was told: flagged with both amounts, told once, no money moves (STA8) (CRA5)', async t => {
  const { url } = await freshDatabase()
  const at = await nodeOf(t, url)
  const userId = await at.user(1, 500_000)
  const ids: string[] = []
  for (const charged of [9_900, agreed, agreed + 1, 0, 12_000]) {
    ids.push(await buy(at, userId, charged))
  }
  const rows = await queued(at, 2)
  const flags = [
    [ids[2], 'OVERCHARGED', 'digi', agreed, agreed + 1],
    [ids[4], 'OVERCHARGED', 'digi', agreed, 12_000],
  ]
  deepEqual(flagsOf(rows), flags)
  deepEqual(flagsOf(await queue(at, 'OVERCHARGED')), flags)
  deepEqual(await queue(at, 'DUPLICATE_SN'), [])
  const told = [
    { id: ids[2], supplier: 'digi', agreed, charged: agreed + 1 },
    { id: ids[4], supplier: 'digi', agreed, charged: 12_000 },
  ]
  deepEqual(at.overcharges, told)
  equal(at.sold.overcharged, 2)
  const balance = 500_000 - 5 * 10_500
  deepEqual(await at.call('wallet.balance', { userId }), {
    ok: { balance, held: 0, available: balance },
  })
  deepEqual(
    (await queueByReason(at.db.pool)).map(({ why, orders }) => [why, orders]),
    [['OVERCHARGED', 2]],
  )
  equal((await heldOrders(at.db.pool, 10)).length, 2)
})

test('overcharge: a person closes it, once; a word on the order’s money does not (STA8) (CRA5)', async t => {
  const { url } = await freshDatabase()
  const at = await nodeOf(t, url)
  const userId = await at.user(2, 500_000)
  const trxId = await buy(at, userId, 12_000)
  await queued(at, 1)
  const word = { verdict: 'refund', by: 'admin', reason: 'tidak masuk' } as const
  ok('ok' in (await at.call('order.resolve', { trxId, ...word })))
  const refunded = await until(
    () => queue(at),
    rows => rows[0]?.status !== 'SUCCESS',
  )
  deepEqual(flagsOf(refunded), [[trxId, 'OVERCHARGED', 'digi', agreed, 12_000]])
  const close = { trxId, by: 'admin', reason: 'selisih sudah dikembalikan' }
  deepEqual(await at.call('care.closeOvercharge', close), { ok: { trxId } })
  for (const id of [trxId, userId, 'nonsense']) {
    const again = await at.call('care.closeOvercharge', { ...close, trxId: id })
    equal('refused' in again && again.refused, 'NOT_FOUND')
  }
  deepEqual(await queue(at), [])
})

test('overcharge: the journal told again after a restart: the same flags, nobody told twice (STA8) (STA3)', async t => {
  const { url } = await freshDatabase()
  const at = await nodeOf(t, url)
  const userId = await at.user(3, 500_000)
  const ids: string[] = []
  for (const charged of [12_000, 13_000, 9_900]) ids.push(await buy(at, userId, charged))
  await queued(at, 2)
  const close = { trxId: ids[0]!, by: 'admin', reason: 'sudah dikembalikan' }
  ok('ok' in (await at.call('care.closeOvercharge', close)))
  const before = flagsOf(await queue(at))
  deepEqual(before, [[ids[1], 'OVERCHARGED', 'digi', agreed, 13_000]])
  await at.stop()

  const between = await nodeOf(t, url)
  await between.sold.follower.flush()
  deepEqual(between.overcharges, [])
  await between.stop()
  const emptier = await nodeOf(t, url)
  await emptier.sold.follower.flush()
  await emptier.db.pool.query(sql.type(z.object({}))`truncate sold_position, serial`)
  await emptier.stop()
  deepEqual(emptier.overcharges, [])

  const again = await nodeOf(t, url)
  await again.sold.follower.flush()
  const read = await again.db.pool.one(sql.type(z.object({ count: z.number() }))`
    select count(*)::int as count from sold_position where seq > 0`)
  ok(read.count > 0)
  deepEqual(flagsOf(await queue(again)), before)
  deepEqual([again.overcharges, again.sold.overcharged], [[], 0])
})

test('overcharge: found when the journal is read back, as by hand (STA8)', async t => {
  const { url } = await freshDatabase()
  const at = await nodeOf(t, url, 1)
  const userId = await at.user(1, 500_000)
  await at.sold.follower.flush()
  const ids: string[] = []
  for (const charged of [12_000, 9_900, 13_000]) ids.push(await buy(at, userId, charged))
  deepEqual(flagsOf(await queued(at, 2)), [
    [ids[0], 'OVERCHARGED', 'digi', agreed, 12_000],
    [ids[2], 'OVERCHARGED', 'digi', agreed, 13_000],
  ])
  equal(at.overcharges.length, 2)
})
