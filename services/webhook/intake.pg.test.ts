/** What becomes durable is told once, whoever was there when it happened. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { wallet } from '../../actors/chart.ts'
import { databasesOfFile } from '../../deploy/testing/database.ts'
import { makeId } from '../../engine/ids.ts'
import { encode, type JournalRecord } from '../../engine/record.ts'
import { sql, z } from '../../sql/database.ts'
import { pending, ruled, until } from '../engine-room.fixture.ts'
import { Intake } from './intake.ts'
import { jsonOf, receiverAt } from './receiver.fixture.ts'
import { buy, clientOf, got, log, settled, stagesOf, start, typesOf } from './webhook.fixture.ts'

const { emptyStage, stageAt } = stagesOf(databasesOfFile(after))

test('webhook: what happened while nobody called is told afterwards, once (WHD1)', async t => {
  const stage = await emptyStage(t)
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  const orders = []
  for (let n = 0; n < 3; n++) orders.push(await buy(stage, userId, `a-${n}`, receiver.url))
  await buy(stage, userId, 'none')
  for (const { trxId } of orders) {
    await until(
      () => stage.call('order.get', { userId, trxId }),
      answer => 'ok' in answer && answer.ok.status === 'SUCCESS',
    )
  }
  const first = await start(stage)
  await settled(stage, userId, 6)
  for (let n = 0; n < 3; n++) {
    deepEqual(typesOf(receiver.received, `a-${n}`), ['order.created', 'order.success'])
  }
  equal(jsonOf(receiver.received.at(-1)!).data['sn'] !== null, true)
  await first.stop()

  // As after a kill between writing deliveries and position: all of it is read again.
  await stage.db.pool.query(sql.type(z.object({}))`delete from webhook_position`)
  const second = await start(stage)
  await buy(stage, userId, 'last', receiver.url)
  await until(
    () => log(stage, userId),
    rows => rows.filter(row => row.status === 'delivered').length === 8,
  )
  equal(receiver.received.length, 8)
  equal(second.stats().lag, 0)
})

test('webhook: a later event finds the order’s address in its first call (WHD1, WHD4)', async t => {
  const stage = await emptyStage(t, { shop: { answer: pending } })
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  const first = await start(stage)
  const { trxId } = await buy(stage, userId, 'a-1', `digiflazz+${receiver.url}`)
  await got(receiver, 1)
  await first.stop()
  const word = { verdict: 'failed', reason: 'tes', by: 'tes' } as const
  const answer = await ruled(stage.call, { trxId, ...word })
  ok('ok' in answer, JSON.stringify(answer))
  await start(stage)
  await got(receiver, 2)
  deepEqual(jsonOf(receiver.received[1]!).data['status'], 'Gagal')
  equal(receiver.received[1]!.headers['x-digiflazz-event'], 'update')
})

test('webhook: nobody asked: nothing is written but the position (WHD2)', async t => {
  const stage = await stageAt(t)
  const userId = await clientOf(stage)
  const { trxId } = await buy(stage, userId, 'a-1')
  await until(
    () => stage.call('order.get', { userId, trxId }),
    answer => 'ok' in answer && answer.ok.next === null,
  )
  const { durableSeq } = [...stage.room.engine.host.shards()].find(one => one.index === 1)!
  const position = z.object({ seq: z.number() })
  await until(
    () =>
      stage.db.pool.maybeOneFirst(
        sql.type(position)`select seq from webhook_position where shard = 1`,
      ),
    seq => seq === durableSeq,
  )
  deepEqual(await log(stage, userId), [])
})

test('webhook: more at once than may gather: the rest is read back (JF4)', async t => {
  const stage = await emptyStage(t)
  const userId = await clientOf(stage, 1, 0)
  const most = 20_500
  const record = (n: number): JournalRecord => ({
    ...{ kind: 'transfer', version: 1, id: makeId(n, 1, '0'.repeat(16)), owner: wallet(userId) },
    ...{ born: true, at: 1, command: 'begin', events: [], claims: [], releases: [] },
    entries: [],
  })
  const lines = Array.from({ length: most }, (_, n) => ({
    ...{ shard: 1, seq: n + 1, key: '0'.repeat(16), hash: '', body: encode(record(n)) },
  }))
  let reads = 0
  const endpoint = {
    ...{ id: makeId(1, 1, '1'.repeat(16)), userId, url: 'http://x/', shape: 'standard' as const },
    ...{ active: true, events: new Set(['balance.updated']), secret: '', former: null },
  }
  const intake = new Intake({
    pool: stage.db.pool,
    shards: 2,
    endpoints: { of: () => [endpoint] },
    source: {
      async lines(shard, seq, limit) {
        reads++
        return shard === 1 && seq > 0 ? lines.slice(seq, seq + limit) : []
      },
      durable: () => undefined,
    },
    history: async () => [],
    onWritten: () => {},
    onError: cause => stage.errors.push(cause),
  })
  await intake.follower.start()
  await until(
    () => intake.follower.idle,
    idle => idle,
  )
  const before = reads
  const piled = lines.map((line, n) => ({ outcome: { line, record: record(n), reply: {} } }))
  intake.follower.feed({ piled } as never)
  const count = () =>
    stage.db.pool.oneFirst(
      sql.type(z.object({ count: z.number() }))`select count(*) as count from webhook_delivery`,
    )
  await until(count, written => written === most)
  ok(reads > before)
  await intake.follower.stop()
  equal(await count(), most)
  deepEqual(stage.errors, [])
})

test('webhook: what another process wrote before it died is told by us (WHD1)', async t => {
  const stage = await stageAt(t)
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  // Lines of which nobody here hears, as when another process has the shards.
  stage.room.listeners.pop()
  const { trxId } = await buy(stage, userId, 'a-1', receiver.url)
  await until(
    () => stage.call('order.get', { userId, trxId }),
    answer => 'ok' in answer && answer.ok.status === 'SUCCESS',
  )
  deepEqual(receiver.received, [])
  stage.webhooks.lookAgain()
  await got(receiver, 2)
  deepEqual(typesOf(receiver.received, 'a-1'), ['order.created', 'order.success'])
})
