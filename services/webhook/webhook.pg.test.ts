/** Endpoints, and what their owners may ask of them: replay, ping, another shape. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { databasesOfFile } from '../../deploy/testing/database.ts'
import { makeId } from '../../engine/ids.ts'
import { sql, z } from '../../sql/database.ts'
import { until } from '../engine-room.fixture.ts'
import { jsonOf, receiverAt } from './receiver.fixture.ts'
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

const { emptyStage, stageAt } = stagesOf(databasesOfFile(after))

test('webhook: replay: one, or all of a time, in their order, the same bytes (WHH4)', async t => {
  const stage = await stageAt(t)
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  await hook(stage, userId, receiver.url)
  const from = stage.clock.ms
  for (let n = 0; n < 3; n++) await buy(stage, userId, `a-${n}`)
  const rows = await settled(stage, userId, 6)
  const { id } = rows.find(row => row.event === 'order.success')!
  deepEqual(await stage.call('webhook.replay', { userId, deliveryId: id }), {
    ok: { count: 1, more: false },
  })
  await got(receiver, 7)
  const again = receiver.received[6]!
  const before = receiver.received.slice(0, 6)
  const same = before.find(one => one.headers['webhook-id'] === again.headers['webhook-id'])!
  ok(same.body.equals(again.body))
  equal(again.headers['webhook-id'], `msg_${id}`)
  await settled(stage, userId, 6)
  const range = { userId, from, to: stage.clock.ms + 1 }
  deepEqual(await stage.call('webhook.replay', range), { ok: { count: 6, more: false } })
  await got(receiver, 13)
  for (let n = 0; n < 3; n++) {
    const replayed = receiver.received.slice(7)
    deepEqual(typesOf(replayed, `a-${n}`), ['order.created', 'order.success'])
  }
  const stranger = await clientOf(stage)
  const other = await stage.call('webhook.replay', { userId: stranger, deliveryId: id })
  ok('refused' in other && other.refused === 'NOT_FOUND')
})

test('webhook: replay: what waits for its next attempt goes at once, with what is ahead of it (WHH4)', async t => {
  const stage = await stageAt(t)
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  await hook(stage, userId, receiver.url)
  receiver.answer = () => 500
  await buy(stage, userId, 'a')
  const rows = await until(
    () => log(stage, userId),
    rows => rows.length === 2 && rows[1]!.attempts > 0,
  )
  deepEqual(
    rows.map(row => row.status),
    ['waiting', 'waiting'],
  )
  receiver.answer = () => 200
  const tried = receiver.received.length
  const later = { userId, deliveryId: rows[0]!.id }
  deepEqual(await stage.call('webhook.replay', later), { ok: { count: 1, more: false } })
  await got(receiver, tried + 2)
  deepEqual(typesOf(receiver.received.slice(tried), 'a'), ['order.created', 'order.success'])
  const sent = await settled(stage, userId, 2)
  deepEqual(
    sent.map(row => row.attempts),
    [1, 2],
  )
})

test('webhook: ping: at once, also past an open breaker, and in the log (WHH3)', async t => {
  const stage = await stageAt(t)
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  const { id, secret } = await hook(stage, userId, receiver.url)
  receiver.answer = () => 500
  const no = await stage.call('webhook.ping', { userId, id })
  ok('ok' in no)
  deepEqual([no.ok.status, no.ok.answerStatus, no.ok.problem], ['given_up', 500, 'refused'])
  for (let n = 0; n < 5; n++) await buy(stage, userId, `a-${n}`)
  await until(
    () => stage.webhooks.stats().open,
    open => open === 1,
  )
  receiver.answer = () => 200
  const yes = await stage.call('webhook.ping', { userId, id })
  ok('ok' in yes && yes.ok.status === 'delivered')
  const pings = receiver.received.filter(one => jsonOf(one)['type'] === 'ping')
  equal(pings.length, 2)
  ok(pings.every(one => isSigned(one, secret)))
  const logged = (await log(stage, userId)).filter(row => row.event === 'ping')
  deepEqual(
    logged.map(row => [row.status, row.trxId, row.attempts]),
    [
      ['delivered', null, 1],
      ['given_up', null, 1],
    ],
  )
})

const keyOfTest = '0123456789abcdef'

test('webhook: a word on a complaint: to who wants it, in our own shape, once (WHH6)', async t => {
  const stage = await stageAt(t)
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  const events = ['complaint.answered', 'complaint.decided'] as const
  const wish = { userId, url: receiver.url, shape: 'standard' } as const
  const made = await stage.call('webhook.create', { ...wish, events })
  ok('ok' in made)
  // One that did not ask for it, and one in a language that has no words for it.
  await hook(stage, userId, receiver.url)
  await stage.call('webhook.create', { ...wish, shape: 'digiflazz', events })
  const trxId = makeId(stage.room.now(), 1, keyOfTest)
  const complaint = {
    ...{ id: 7, trxId, userId, username: 'toko', ref: 'r-1', product: 'XLD10' },
    ...{ destination: '0878', createdAt: 1, updatedAt: 2 },
    reason: 'not_received',
    state: 'answered',
  } as const
  const said = { author: 'staff', by: 'cici', at: stage.room.now() } as const
  const answer = { ...said, id: 1, kind: 'answered', text: 'Kami cek.' } as const
  const verdict = { ...said, id: 2, kind: 'upheld', text: 'Dana kembali.' } as const
  for (const message of [answer, answer, verdict]) {
    await stage.call('webhook.complaint', { complaint, message, inboxId: null })
  }
  const bodies = (await got(receiver, 2)).map(jsonOf)
  deepEqual(
    bodies.map(body => [body['type'], body['data']['complaint_id'], body['data']['message']]),
    [
      ['complaint.answered', 7, 'Kami cek.'],
      ['complaint.decided', 7, 'Dana kembali.'],
    ],
  )
  await settled(stage, userId, 2)
  equal((await log(stage, userId)).length, 2)
})

test('webhook: strangers: nobody sees or changes another’s; so many and no more (WHH2)', async t => {
  const stage = await stageAt(t)
  const receiver = await receiverAt(t)
  const [userId, stranger] = [await clientOf(stage), await clientOf(stage)]
  const { id } = await hook(stage, userId, receiver.url)
  await buy(stage, userId, 'a-1')
  await settled(stage, userId, 2)
  for (const answer of [
    await stage.call('webhook.change', { userId: stranger, id, active: false }),
    await stage.call('webhook.rotate', { userId: stranger, id }),
    await stage.call('webhook.ping', { userId: stranger, id }),
    await stage.call('webhook.remove', { userId: stranger, id }),
  ]) {
    ok('refused' in answer && answer.refused === 'NOT_FOUND')
  }
  deepEqual(await log(stage, stranger), [])
  deepEqual(await stage.call('webhook.list', { userId: stranger }), { ok: [] })
  for (let n = 1; n < 20; n++) await hook(stage, userId, receiver.url)
  const more = await stage.call('webhook.create', { userId, url: receiver.url, shape: 'standard' })
  ok('refused' in more && more.refused === 'WEBHOOK_LIMIT')
  deepEqual(await stage.call('webhook.remove', { userId, id }), { ok: null })
  const listed = await stage.call('webhook.list', { userId })
  ok('ok' in listed && listed.ok.every(one => one.id !== id))
})

test('webhook: an endpoint that is removed is called no more; what waited is given up (WHC1)', async t => {
  const stage = await stageAt(t)
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  receiver.answer = () => 500
  const { id } = await hook(stage, userId, receiver.url)
  await buy(stage, userId, 'a-1')
  await got(receiver, 1)
  await until(
    () => log(stage, userId),
    rows => rows.some(row => row.attempts === 1) && rows.length === 2,
  )
  await stage.call('webhook.remove', { userId, id })
  deepEqual(
    (await log(stage, userId)).map(row => [row.status, row.problem]),
    [
      ['given_up', 'endpoint_removed'],
      ['given_up', 'endpoint_removed'],
    ],
  )
})

test('webhook: another shape and other events: from the next word on (WHC1)', async t => {
  const stage = await stageAt(t)
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  const { id, secret } = await hook(stage, userId, receiver.url)
  const change = { shape: 'digiflazz', events: ['order.success'] } as const
  const changed = await stage.call('webhook.change', { userId, id, ...change })
  ok('ok' in changed && changed.ok.shape === 'digiflazz')
  deepEqual(changed.ok.events, ['order.success'])
  const ping = await stage.call('webhook.ping', { userId, id })
  ok('ok' in ping && ping.ok.shape === 'digiflazz')
  await buy(stage, userId, 'a-1')
  await settled(stage, userId, 2)
  deepEqual(
    (await log(stage, userId)).map(row => [row.event, row.shape]),
    [
      ['order.success', 'digiflazz'],
      ['ping', 'digiflazz'],
    ],
  )
  ok(receiver.received.every(one => !one.body.includes(secret)))
})

test('webhook: what another process changed is in effect here (WHC1)', async t => {
  const stage = await stageAt(t)
  const [before, since] = [await receiverAt(t), await receiverAt(t)]
  const userId = await clientOf(stage, 1, 5_000_000)
  await hook(stage, userId, before.url)
  await stage.db.pool.query(sql.type(z.object({}))`
    update webhook_endpoint set url = ${since.url}`)
  let n = 0
  await until(
    async () => {
      await buy(stage, userId, `a-${++n}`)
      return since.received.length
    },
    length => length > 0,
  )
})

test('webhook: an inner address is refused when given, and at every call (WHH5)', async t => {
  const stage = await stageAt(t, { loopbackAllowed: false })
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  for (const url of [receiver.url, `http://localhost:${receiver.port}/`, 'http://[::1]/']) {
    const answer = await stage.call('webhook.create', { userId, url, shape: 'standard' })
    ok('refused' in answer && answer.refused === 'URL_FORBIDDEN')
  }
  await buy(stage, userId, 'a-1', receiver.url)
  const rows = await until(
    () => log(stage, userId),
    found => found.some(row => row.attempts > 0),
  )
  equal(rows.find(row => row.attempts > 0)!.problem, 'address_forbidden')
  equal(receiver.received.length, 0)
})

test('webhook: one endpoint whose secret is broken: said, and the others are called (WHC1)', async t => {
  const stage = await emptyStage(t)
  const receiver = await receiverAt(t)
  const userId = await clientOf(stage)
  await stage.db.pool.query(sql.type(z.object({}))`
    insert into webhook_endpoint (id, client_id, url, shape, events, secret)
    values (gen_random_uuid(), ${userId}, ${receiver.url}, 'standard', '{order.created}', 'torn')`)
  await start(stage)
  // At each reading: also at the one that hears of the row above.
  ok(stage.errors.length > 0)
  const { secret } = await hook(stage, userId, receiver.url)
  await buy(stage, userId, 'a-1')
  for (const one of await got(receiver, 2)) ok(isSigned(one, secret))
})
