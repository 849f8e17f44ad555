/** Calls to clients’ own servers: signed, in order, again, and given up. */

import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, test } from 'node:test'
import { databasesOfFile } from '../../deploy/testing/database.ts'
import { sql } from '../../sql/database.ts'
import { until } from '../engine-room.fixture.ts'
import { journalOf } from '../journal-follower.ts'
import { Breakers } from './breaker.ts'
import { openEgress } from './egress.ts'
import { Intake } from './intake.ts'
import { jsonOf, type Received, receiverAt } from './receiver.fixture.ts'
import { Sender } from './sender.ts'
import {
  buy,
  clientOf,
  got,
  hook,
  isSigned,
  log,
  settled,
  stagesOf,
  start,
  typesOf,
} from './webhook.fixture.ts'

const { stageAt } = stagesOf(databasesOfFile(after))

test('webhook: an endpoint hears of an order, signed, in order (WHA1, WHF1, WHH1)', async t => {
  const stage = await stageAt(t)
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  const { id, secret } = await hook(stage, userId, receiver.url)
  const order = await buy(stage, userId, 'a-1')
  const [created, success] = (await got(receiver, 2)) as [Received, Received]
  deepEqual(typesOf(receiver.received, 'a-1'), ['order.created', 'order.success'])
  ok(isSigned(created, secret))
  ok(isSigned(success, secret))
  match(String(success.headers['webhook-id']), /^msg_\d+$/)
  notEqual(success.headers['webhook-id'], created.headers['webhook-id'])
  const { data } = jsonOf(success)
  equal(data['trx_id'], order.trxId)
  deepEqual([data['status'], data['price'], data['balance']], ['SUCCESS', 10_500, 489_500])
  equal(data['sn'], `SN-${order.destination}`)
  const rows = await settled(stage, userId, 2)
  deepEqual(
    rows.map(row => [row.event, row.status, row.attempts, row.webhookId, row.answerStatus]),
    [
      ['order.success', 'delivered', 1, id, 200],
      ['order.created', 'delivered', 1, id, 200],
    ],
  )
  const listed = await stage.call('webhook.list', { userId })
  equal(JSON.stringify(listed).includes(secret), false)
  deepEqual(stage.errors, [])
})

test('webhook: retry: the same bytes and id again, and no later word overtakes (WHF1, WHE1)', async t => {
  const stage = await stageAt(t)
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  const { secret } = await hook(stage, userId, receiver.url)
  receiver.answer = (_, response) => {
    response.setHeader('retry-after', '120')
    return 503
  }
  await buy(stage, userId, 'a-1')
  const [row] = (
    await until(
      () => log(stage, userId),
      rows => rows.length === 2 && rows[1]!.attempts === 1,
    )
  ).slice(1)
  deepEqual([row!.event, row!.status, row!.problem], ['order.created', 'waiting', 'refused'])
  equal(row!.nextAt, stage.clock.ms + 120_000)
  receiver.answer = one => (jsonOf(one)['type'] === 'order.created' ? 200 : 201)
  stage.clock.ms += 120_000
  await settled(stage, userId, 2)
  const { received } = receiver
  deepEqual(typesOf(received, 'a-1'), ['order.created', 'order.created', 'order.success'])
  equal(received[0]!.body.equals(received[1]!.body), true)
  equal(received[0]!.headers['webhook-id'], received[1]!.headers['webhook-id'])
  ok(received.every(one => isSigned(one, secret)))
})

test('webhook: one order waits, the others go on, so many at a time (WHF1, WHF2)', async t => {
  const stage = await stageAt(t)
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  await hook(stage, userId, receiver.url)
  const held: (() => void)[] = []
  receiver.answer = (_, response) => {
    held.push(() => response.end('OK'))
    return undefined
  }
  for (let n = 0; n < 10; n++) await buy(stage, userId, `a-${n}`)
  await until(
    () => held.length,
    length => length === 8,
  )
  equal(stage.webhooks.stats().inFlight, 8)
  const refs = receiver.received.map(one => jsonOf(one).data['ref_id'])
  equal(new Set(refs).size, 8, 'of each order one')
  receiver.answer = () => 200
  for (const release of held) release()
  await settled(stage, userId, 20)
  for (let n = 0; n < 10; n++) {
    deepEqual(typesOf(receiver.received, `a-${n}`), ['order.created', 'order.success'])
  }
})

test('webhook: an order’s own address, in the dialect it was placed in (WHD4, WHC3, WHA2)', async t => {
  const stage = await stageAt(t)
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  await buy(stage, userId, 'rest', receiver.url)
  await buy(stage, userId, 'digi', `digiflazz+${receiver.url}/cb`)
  await got(receiver, 4)
  const rest = receiver.received.filter(one => one.path === '/hook')
  deepEqual(typesOf(rest, 'rest'), ['order.created', 'order.success'])
  ok(rest.every(one => isSigned(one, Buffer.from('the hmac secret'))))
  const digi = receiver.received.filter(one => one.path === '/hook/cb')
  deepEqual(
    digi.map(one => [one.headers['x-digiflazz-event'], jsonOf(one).data['rc']]),
    [
      ['create', '03'],
      ['update', '00'],
    ],
  )
  const hub = (one: Received, key: string) =>
    `sha1=${createHmac('sha1', key).update(one.body).digest('hex')}`
  for (const one of digi) {
    equal(one.headers['x-hub-signature'], hub(one, 'the api key'))
    equal(one.headers['user-agent'], 'Digiflazz-Hookshot')
    equal(jsonOf(one).data['ref_id'], 'digi')
  }

  const made = await stage.call('webhook.create', {
    ...{ userId, url: `${receiver.url}/own`, shape: 'digiflazz', secret: 'their own secret' },
    events: ['order.refunded'],
  })
  ok('ok' in made && made.ok.secret === 'their own secret')
  await buy(stage, userId, 'digi-2', `digiflazz+${receiver.url}/cb`)
  await got(receiver, 6)
  for (const one of receiver.received.slice(4)) {
    equal(one.path, '/hook/cb')
    equal(one.headers['x-hub-signature'], hub(one, 'their own secret'))
  }
})

test('webhook: rotation: both secrets sign for a day, then the new one alone (WHC2, WHH1)', async t => {
  const stage = await stageAt(t)
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  const { id, secret: old } = await hook(stage, userId, receiver.url)
  const rotated = await stage.call('webhook.rotate', { userId, id })
  ok('ok' in rotated)
  const { secret, webhook } = rotated.ok
  equal(webhook.formerSecretUntil, stage.clock.ms + 86_400_000)
  await buy(stage, userId, 'a-1')
  for (const one of await got(receiver, 2)) ok(isSigned(one, secret) && isSigned(one, old))
  stage.clock.ms += 86_400_000
  await buy(stage, userId, 'a-2')
  for (const one of (await got(receiver, 4)).slice(2)) {
    deepEqual([isSigned(one, secret), isSigned(one, old)], [true, false])
  }
})

test('webhook: breaker: who fails is left alone, then asked once; others go on (WHE2)', async t => {
  const stage = await stageAt(t)
  const [bad, good] = [await receiverAt(t), await receiverAt(t)]
  const userId = await clientOf(stage)
  await hook(stage, userId, bad.url)
  await hook(stage, userId, good.url)
  bad.answer = () => 503
  for (let n = 0; n < 5; n++) await buy(stage, userId, `a-${n}`)
  await got(bad, 5)
  await got(good, 10)
  await until(
    () => stage.webhooks.stats().open,
    open => open === 1,
  )
  await buy(stage, userId, 'late')
  await got(good, 12)
  equal(bad.received.length, 5, 'nothing while it is open')
  stage.clock.ms += 30_000
  await got(bad, 6)
  await until(
    () => stage.webhooks.stats().open,
    open => open === 1,
  )
  equal(bad.received.length, 6, 'one probe')
  bad.answer = () => 200
  stage.clock.ms += 60_000
  await got(bad, 6 + 12)
  for (const ref of ['a-0', 'a-4', 'late']) {
    deepEqual(typesOf(bad.received, ref).slice(-2), ['order.created', 'order.success'])
  }
})

test('webhook: after 72 hours it is given up, and the next of the order goes (WHF3)', async t => {
  const stage = await stageAt(t)
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  receiver.answer = one => (jsonOf(one)['type'] === 'order.created' ? 500 : 200)
  await hook(stage, userId, receiver.url)
  await buy(stage, userId, 'a-1')
  await got(receiver, 1)
  await until(
    () => log(stage, userId),
    rows => rows.some(row => row.attempts === 1),
  )
  stage.clock.ms += 72 * 3_600_000 - 30_000
  const rows = await settled(stage, userId, 2)
  deepEqual(
    rows.map(row => [row.event, row.status, row.attempts]),
    [
      ['order.success', 'delivered', 1],
      ['order.created', 'given_up', 2],
    ],
  )
})

test('webhook: 410 ends a delivery and switches its endpoint off (WHF3)', async t => {
  const stage = await stageAt(t)
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  receiver.answer = () => 410
  const { id } = await hook(stage, userId, receiver.url)
  await buy(stage, userId, 'a-1')
  await until(
    () => stage.call('webhook.list', { userId }),
    answer => 'ok' in answer && answer.ok[0]!.active === false,
  )
  const rows = await log(stage, userId)
  deepEqual(
    rows.filter(row => row.event === 'order.created').map(row => [row.status, row.problem]),
    [['given_up', 'gone']],
  )
  receiver.answer = () => 200
  const changed = await stage.call('webhook.change', { userId, id, active: true })
  ok('ok' in changed && changed.ok.active)
  await settled(stage, userId, 2)
  deepEqual(typesOf(receiver.received, 'a-1').at(-1), 'order.success')
})

test('webhook: beside another engine nobody is called (WHF4)', async t => {
  const stage = await stageAt(t)
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  await stage.webhooks.stop()
  const seen: string[] = []
  let isOwner = false
  const egress = openEgress({ loopbackAllowed: true })
  const sender = new Sender({
    ...{ pool: stage.db.pool, egress, breakers: new Breakers(8), now: () => stage.clock.ms },
    endpoints: { get: () => undefined, keysFor: async () => [], paused: () => [] },
    isOwner: () => {
      seen.push('asked')
      return isOwner
    },
    onError: cause => stage.errors.push(cause),
  })
  t.after(() => sender.stop())
  const restarted = await start(stage)
  await restarted.stop()
  await buy(stage, userId, 'a-1', receiver.url)
  // Rows without a sender: an intake alone, as a former engine leaves them behind.
  const intake = new Intake({
    ...{ pool: stage.db.pool, shards: 4, endpoints: { of: () => undefined } },
    source: journalOf(stage.room),
    history: (shard, key) => stage.room.engine.history(shard, key),
    onWritten: () => sender.wake(),
    onError: cause => stage.errors.push(cause),
  })
  await intake.follower.start()
  await until(
    () => [seen.length, intake.follower.idle] as const,
    ([times, idle]) => times > 0 && idle,
  )
  await intake.follower.stop()
  deepEqual(receiver.received, [])
  isOwner = true
  sender.wake()
  await got(receiver, 1)
})

test('webhook: a call that could not be noted is made again (WHF5)', async t => {
  const stage = await stageAt(t)
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  const { pool } = stage.db
  await pool.query(sql.unsafe`
    create function deny() returns trigger language plpgsql as
    'begin raise exception ''no''; end'`)
  await pool.query(sql.unsafe`
    create trigger deny before update on webhook_delivery
      for each statement execute function deny()`)
  await buy(stage, userId, 'a-1', receiver.url)
  await got(receiver, 1)
  await until(
    () => stage.errors.length,
    length => length > 0,
  )
  await pool.query(sql.unsafe`drop trigger deny on webhook_delivery`)
  await settled(stage, userId, 2)
  const ids = receiver.received.map(one => one.headers['webhook-id'])
  equal(ids[0], ids[1])
})
