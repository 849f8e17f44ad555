import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, type TestContext, test } from 'node:test'
import { wallet } from '../../actors/chart.ts'
import { databasesOfFile } from '../../deploy/test-database.ts'
import { makeId } from '../../engine/ids.ts'
import { encode, type JournalRecord } from '../../engine/record.ts'
import { type Changes, followChanges } from '../../sql/changes.ts'
import { addClients } from '../../sql/clients.ts'
import { sql, z } from '../../sql/database.ts'
import type { DeliveryView } from '../contract/webhook.ts'
import { pending, type Scene, type Shop, sceneAt, until } from '../engine-room.fixture.ts'
import { apiKeyPurpose, keyPurpose } from '../identity/identity.service.ts'
import { journalOf } from '../journal-follower.ts'
import { makeSeal, newMasterKey } from '../seal.ts'
import { Breakers } from './breaker.ts'
import { openEgress } from './egress.ts'
import { Intake } from './intake.ts'
import { jsonOf, type Received, type Receiver, receiverAt } from './receiver.fixture.ts'
import { Sender } from './sender.ts'
import { makeWebhooks, type Webhooks } from './webhook.service.ts'

const seal = makeSeal(newMasterKey())
const database = databasesOfFile(after)

type Stage = Scene & { readonly url: string; readonly changes: Changes; readonly errors: unknown[] }
type Options = { readonly shop?: Partial<Shop>; readonly loopbackAllowed?: boolean }

/** A scene on a database of its own; nobody is called before `start`. */
async function emptyStage(t: TestContext, { shop = {} }: Options = {}): Promise<Stage> {
  const url = await database()
  const scene = await sceneAt(t, { url, shop })
  const changes = await followChanges(url)
  t.after(() => changes.stop())
  return { ...scene, url, changes, errors: [] }
}

async function start(stage: Stage, { loopbackAllowed = true }: Options = {}): Promise<Running> {
  const { room, db, changes, errors, broker } = stage
  const webhooks = makeWebhooks({
    ...{ room, db, seal, changes },
    egress: { loopbackAllowed, timeoutMs: 30_000 },
    onError: cause => errors.push(cause),
    dice: () => 0.5,
  })
  const service = broker.createService(webhooks.service)
  await broker.waitForServices('webhook')
  return { ...webhooks, stop: () => broker.destroyService(service) }
}
type Running = Webhooks & { stop(): Promise<void> }

async function stageAt(t: TestContext, options: Options = {}) {
  const stage = await emptyStage(t, options)
  return { ...stage, webhooks: await start(stage, options) }
}

let count = 0

/** A client with money, known to the client table, with an HMAC secret and an api_key. */
async function clientOf(stage: Scene, shard = 1, deposit = 500_000) {
  const userId = await stage.user(shard, deposit)
  const keyId = `lk_${process.pid}_${++count}`
  await addClients(stage.db.pool, [
    {
      ...{ userId, username: keyId, name: 'Toko', level: 0, role: 'reseller', upline: null },
      ...{ apiKey: seal.close('the api key', apiKeyPurpose(userId)), memberId: keyId },
      ...{
        pinHash: null,
        passwordHash: null,
        pinSealed: null,
        passwordSealed: null,
        ipAllow: [],
        ratePerMin: 0,
        keyId,
      },
      keySecret: seal.close('the hmac secret', keyPurpose(keyId)),
    },
  ])
  return userId
}

let numbers = 10

async function buy({ call }: Scene, userId: string, ref: string, callbackUrl?: string) {
  const wish = { userId, level: 0, ref, product: 'XLD10', destination: `0878123400${++numbers}` }
  const answer = await call('order.place', {
    ...wish,
    ...(callbackUrl === undefined ? {} : { callbackUrl }),
  })
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok.order
}

async function hook(
  stage: Scene,
  userId: string,
  url: string,
  shape: 'standard' | 'digiflazz' | 'otomax' = 'standard',
) {
  const answer = await stage.call('webhook.create', { userId, url, shape })
  ok('ok' in answer, JSON.stringify(answer))
  return { id: answer.ok.webhook.id, secret: answer.ok.secret }
}

const got = (receiver: Receiver, most: number) =>
  until(
    () => receiver.received,
    received => received.length >= most,
  )

async function log(stage: Scene, userId: string): Promise<readonly DeliveryView[]> {
  const answer = await stage.call('webhook.deliveries', { userId, limit: 100 })
  ok('ok' in answer)
  return answer.ok.rows
}

const settled = (stage: Scene, userId: string, most: number) =>
  until(
    () => log(stage, userId),
    rows => rows.filter(row => row.status !== 'waiting').length >= most,
  )

/** As the client's own library would: over the raw bytes. */
function isSigned(one: Received, secret: string | Buffer): boolean {
  const key =
    typeof secret === 'string' ? Buffer.from(secret.replace('whsec_', ''), 'base64') : secret
  const head = `${one.headers['webhook-id']}.${one.headers['webhook-timestamp']}.`
  const right = createHmac('sha256', key).update(head).update(one.body).digest('base64')
  return String(one.headers['webhook-signature']).split(' ').includes(`v1,${right}`)
}

const typesOf = (received: readonly Received[], ref: string): unknown[] =>
  received
    .map(jsonOf)
    .filter(body => body.data['ref_id'] === ref)
    .map(body => body['type'])

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
  const answer = await until(
    () =>
      stage.call('order.resolve', {
        ...{ trxId, verdict: 'failed', reason: 'tes', by: 'tes' },
      }),
    one => 'ok' in one || ('refused' in one && one.refused !== 'ORDER_BUSY'),
  )
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
