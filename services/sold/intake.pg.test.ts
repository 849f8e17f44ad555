/** Serial numbers of real orders, as suppliers give them. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { makeRef } from '../../actors/order/standing.ts'
import { type TestDatabase, testDatabase } from '../../deploy/testing/database.ts'
import { type Database, sql, z } from '../../sql/database.ts'
import { heldOrders } from '../../sql/retention.ts'
import { queueByReason } from '../../sql/topup/care.ts'
import { careService } from '../care/care.service.ts'
import type { WaitingOrder } from '../contract/care.ts'
import { type Scene, type SceneOptions, sceneAt, until } from '../engine-room.fixture.ts'
import { makeSubmit } from '../order/order.service.ts'

const databases: TestDatabase[] = []
async function freshDatabase(): Promise<TestDatabase> {
  const fresh = await testDatabase()
  databases.push(fresh)
  return fresh
}
const database = await freshDatabase()
after(() => Promise.all(databases.map(one => one.drop())))

const isDigi = (asked: Readonly<Record<string, unknown>>) =>
  String(asked['buyer_sku_code']).startsWith('digi')

/** What the supplier answers is decided by the number: the serial number of its last two digits. */
async function nodeOf(
  t: TestContext,
  url = database.url,
  more: Partial<SceneOptions> = {},
): Promise<Scene> {
  const at = await sceneAt(t, {
    ...{ url, rules: [], ...more },
    shop: {
      answer: asked => {
        const number = String(asked['customer_no'])
        if (isDigi(asked) && number[4] === '9') return { status: 'Gagal', rc: '02', sn: '' }
        const words = [`SN${number.slice(-2)} 7700 12`, '-', 'SUKSES', '0', '']
        return {
          buyer_last_saldo: 90_000_000,
          sn: number[5] === '0' ? words[0] : words[Number(number[5])],
        }
      },
    },
  })
  at.broker.createService(careService({ room: at.room, db: at.db }))
  await at.broker.waitForServices('care')
  return at
}

let bought = 0

/** Delivered, with a serial number that its last two digits make; by the second one if so. */
async function buy(at: Scene, userId: string, sn: string, kind = '00'): Promise<string> {
  bought++
  const destination = `0878${kind}${String(1_000 + bought)}${sn}`
  const ref = `A-${bought}`
  const answer = await at.call('order.place', {
    ...{ userId, level: 0, ref, product: 'XLD10', destination },
  })
  ok('ok' in answer, JSON.stringify(answer))
  const { trxId } = answer.ok.order
  await until(
    () => at.call('order.get', { userId, trxId }),
    view => 'ok' in view && view.ok.status === 'SUCCESS',
  )
  at.clock.ms += 5
  return trxId
}

async function queue(at: Scene): Promise<readonly WaitingOrder[]> {
  await at.sold.follower.flush()
  const answer = await at.call('care.queue', { limit: 100 })
  ok('ok' in answer)
  return answer.ok.rows
}

const flagsOf = (rows: readonly WaitingOrder[]) =>
  rows.map(({ trxId, attention, otherTrxId }) => [trxId, attention, otherTrxId])

const settled = async (at: Scene, trxId: string) =>
  await until(
    () => queue(at),
    rows => rows.every(row => row.trxId !== trxId),
  )

const emptied = (db: Database) =>
  db.pool.query(sql.type(z.object({}))`truncate sold_position, serial`)

test('serials: the same of one supplier: the later order is flagged, its money stays (STA2) (CRA4)', async t => {
  const at = await nodeOf(t)
  const userId = await at.user(1, 500_000)
  const [first, other, later, third] = [
    await buy(at, userId, '11'),
    await buy(at, userId, '12'),
    await buy(at, userId, '11'),
    await buy(at, userId, '11'),
  ]
  const rows = await until(
    () => queue(at),
    // A flag may be there before the row says how the order ended.
    found => found.length === 2 && found.every(row => row.status === 'SUCCESS'),
  )
  deepEqual(flagsOf(rows), [
    [later, 'DUPLICATE_SN', first],
    [third, 'DUPLICATE_SN', first],
  ])
  ok(rows.every(row => row.sn === 'SN11 7700 12'))
  ok(!rows.some(row => row.trxId === other))
  deepEqual(at.duplicates, [later, third])
  equal(at.sold.duplicates, 2)
  const balance = 500_000 - 4 * 10_500
  const money = { ok: { balance, held: 0, available: balance } }
  deepEqual(await at.call('wallet.balance', { userId }), money)
  deepEqual(
    (await queueByReason(at.db.pool)).map(({ why, orders }) => [why, orders]),
    [['DUPLICATE_SN', 2]],
  )
  equal((await heldOrders(at.db.pool, 10)).length, 2)

  const close = { trxId: later, by: 'admin', reason: 'voucher memang sama' }
  deepEqual(await at.call('care.closeDuplicate', close), { ok: { trxId: later } })
  const again = await at.call('care.closeDuplicate', close)
  equal('refused' in again && again.refused, 'NOT_FOUND')
  const word = { verdict: 'refund', by: 'admin', reason: 'SN \0 ganda' } as const
  ok('ok' in (await at.call('order.resolve', { trxId: third, ...word })))
  await settled(at, third)
  deepEqual(await queue(at), [])
})

test('serials: a product whose numbers may repeat: nobody is flagged (STA2)', async t => {
  const own = await freshDatabase()
  const at = await nodeOf(t, own.url)
  await at.db.pool.query(sql.type(z.object({}))`
    insert into product (code, name, category, brand, sn_repeats)
    values ('XLD10', 'XL', 'Pulsa', 'XL', true)`)
  const userId = await at.user(2, 500_000)
  await buy(at, userId, '71')
  await buy(at, userId, '71')
  deepEqual(await queue(at), [])
  deepEqual(at.duplicates, [])
})

test('serials: of two suppliers, or none of its own: nobody is flagged (STA2)', async t => {
  const at = await nodeOf(t)
  const userId = await at.user(2, 500_000)
  await buy(at, userId, '21')
  await buy(at, userId, '21', '90')
  for (const kind of ['01', '01', '02', '02', '03', '03']) await buy(at, userId, '22', kind)
  deepEqual(await queue(at), [])
  deepEqual(at.duplicates, [])
})

const told = (at: Scene, trxId: string, sn: string) =>
  makeSubmit({ room: at.room })(makeRef(trxId, 1), {
    ...{ supplier: 'digi', order: trxId, n: 1, outcome: 'success', sn, sku: null, dest: null },
    ...{ ms: 1, via: 'callback' },
  })

test('serials: the same order told twice: not flagged; a later one is, after a restart too (STA1) (STA2) (STA7)', async t => {
  const at = await nodeOf(t)
  const userId = await at.user(3, 500_000)
  const first = await buy(at, userId, '31')
  for (const sn of ['SN31 7700 12', 'sn31-770012']) equal(await told(at, first, sn), 'accepted')
  await at.sold.follower.flush()
  await at.stop()
  const again = await nodeOf(t)
  again.clock.ms = at.clock.ms + 1_000
  deepEqual(await queue(again), [])
  const later = await buy(again, userId, '31')
  await until(
    () => queue(again),
    rows => rows.length === 1,
  )
  deepEqual(flagsOf(await queue(again)), [[later, 'DUPLICATE_SN', first]])
  equal(again.duplicates.length, 1)
})

test('serials: one that comes after the delivery: compared as well (STA2)', async t => {
  const own = await freshDatabase()
  const at = await nodeOf(t, own.url)
  const userId = await at.user(1, 500_000)
  const first = await buy(at, userId, '51')
  const later = await buy(at, userId, '52', '04')
  deepEqual(await queue(at), [])
  equal(await told(at, later, 'SN51-7700-12'), 'accepted')
  await until(
    () => queue(at),
    rows => rows.length === 1,
  )
  deepEqual(flagsOf(await queue(at)), [[later, 'DUPLICATE_SN', first]])
})

test('serials: more at once than may wait: let go, and read back (STA1)', async t => {
  const own = await freshDatabase()
  const at = await nodeOf(t, own.url, { soldPileMax: 1 })
  const userId = await at.user(1, 500_000)
  await at.sold.follower.flush()
  const ids: string[] = []
  for (const sn of ['61', '62', '61', '62']) ids.push(await buy(at, userId, sn))
  await until(
    () => queue(at),
    rows => rows.length === 2,
  )
  deepEqual(flagsOf(await queue(at)), [
    [ids[2], 'DUPLICATE_SN', ids[0]],
    [ids[3], 'DUPLICATE_SN', ids[1]],
  ])
})

test('serials: one number for everybody: twenty orders tell a person enough (STA6)', async t => {
  const own = await freshDatabase()
  const at = await nodeOf(t, own.url)
  const userId = await at.user(1, 500_000)
  const ids: string[] = []
  for (let n = 0; n < 24; n++) {
    ids.push(await buy(at, userId, '81'))
    if (n > 15) await at.sold.follower.flush()
  }
  const seq = at.room.engine.host.shard(1)!.durableSeq
  ok(await at.projector.reached(1, seq, 30_000))
  deepEqual(
    (await queue(at)).map(({ trxId }) => trxId),
    ids.slice(1, 20),
  )
})

test('serials: the journal told again: the same flags, and what was closed stays closed (STA3) (STA4)', async t => {
  const own = await freshDatabase()
  const at = await nodeOf(t, own.url)
  const users = await Promise.all([0, 1, 2].map(shard => at.user(shard, 500_000)))
  const ids: string[] = []
  for (const sn of ['41', '42', '41', '42', '41']) {
    for (const userId of users) ids.push(await buy(at, userId, sn))
  }
  const rows = await until(
    () => queue(at),
    found => found.length === 13,
  )
  const [closed] = rows
  const reason = 'sudah dicek'
  await at.call('care.closeDuplicate', { trxId: closed!.trxId, by: 'admin', reason })
  const before = flagsOf(await queue(at))
  equal(before.length, 12)
  deepEqual(new Set(before.map(([, , first]) => first)), new Set([ids[0], ids[3]]))
  await at.stop()
  const db = (await nodeOf(t, own.url)).db
  await emptied(db)
  const again = await nodeOf(t, own.url)
  await until(
    () => queue(again),
    found => found.length === 12,
  )
  deepEqual(flagsOf(await queue(again)), before)
  deepEqual(again.duplicates, [])
})
