import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { after, type TestContext, test } from 'node:test'
import { Registry } from 'prom-client'
import { testDatabase } from '../../deploy/testing/database.ts'
import { openDatabase, sql, z } from '../../sql/database.ts'
import { type Chat, chatAt, leftOf, phone } from '../chat/chat.fixture.ts'
import type { AlarmView } from '../contract/alarm.ts'
import type { Answer } from '../contract/answer.ts'
import { until } from '../engine-room.fixture.ts'
import { FloatAudit } from '../float/audit.ts'
import { jsonOf, type Receiver, receiverAt } from '../webhook/receiver.fixture.ts'
import { keyOf } from '../webhook/shapes.ts'
import { type Alarms, makeAlarms } from './alarm.service.ts'
import { calmMs } from './life.ts'
import { testText } from './text.id.ts'
import { registerAlarms } from './watch.ts'

const database = await testDatabase()
/** The alarms come under a name of their own, so that the database can be away for them alone. */
const role = `alarms_${process.pid}`
const password = randomBytes(12).toString('hex')
const admin = await openDatabase(database.url)
await admin.pool.query(sql.type(z.object({}))`
  create role ${sql.identifier([role])} superuser login password ${sql.literalValue(password)}`)
after(async () => {
  await admin.pool.query(sql.type(z.object({}))`drop role ${sql.identifier([role])}`)
  await admin.end()
  await database.drop()
})

/** `postgresql://user@/db?host=...`: under the other name. */
const asRole = (url: string): string =>
  url.replace(/(?<=^postgres(?:ql)?:\/\/)[^@/]*/, `${role}:${password}`)

type House = {
  readonly chat: Chat
  readonly alarms: Alarms
  readonly floats: FloatAudit
  /** What is wrong besides. */
  readonly stand: { ownerless: number; isOwner: boolean }
  /** Lets the alarms' own connections in, or ends them. */
  connect(isLet: boolean): Promise<void>
  readonly errors: unknown[]
  /** The same process, started anew. */
  again(): Alarms
}

/** Every test has its own channels and alarms, on one database. */
async function houseAt(t: TestContext): Promise<House> {
  const chat = await chatAt(t, { url: database.url, deposit: 0 })
  const { scene, seal } = chat
  const { db, projector, router, broker, room } = scene
  await db.pool.query(sql.type(z.object({}))`
    truncate alarm, alarm_rule, alarm_channel, alarm_history, order_view, bank_mutation,
             callback_inbox, parser_inbox cascade`)
  const floats = new FloatAudit()
  const stand = { ownerless: 0, isOwner: true }
  const errors: unknown[] = []
  const own = await openDatabase(asRole(database.url))
  const { pool } = own
  const connect = async (isLet: boolean) => {
    const name = sql.identifier([role])
    const word = isLet ? sql.fragment`login` : sql.fragment`nologin`
    await db.pool.query(sql.type(z.object({}))`alter role ${name} ${word}`)
    if (isLet) return
    await db.pool.query(sql.type(z.object({}))`
      select pg_terminate_backend(pid) from pg_stat_activity where usename = ${role}`)
  }
  const made: Alarms[] = []
  const again = () => {
    const alarms = makeAlarms({
      ...{ db: { pool }, seal, projector, floats, now: room.now, dataDir: tmpdir() },
      gauges: router.gauges,
      host: stand,
      clock: room.engine.clock,
      closing: () => ({ name: 'closing', ok: true, ms: 0, reason: null }),
      webhooks: { resting: () => [] },
      egress: { loopbackAllowed: true },
      isOwner: () => stand.isOwner,
      // Only when a test says so.
      lookMs: 3_600_000,
      onError: cause => errors.push(cause),
    })
    made.push(alarms)
    return alarms
  }
  const alarms = again()
  broker.createService(alarms.service)
  await broker.waitForServices('alarm')
  t.after(async () => {
    await Promise.all(made.map(one => one.watch.stop()))
    // Of connections that the server ended itself nobody says goodbye.
    await own.end().catch(() => {})
  })
  // The machine's own disk is nobody's business here.
  okOf(
    await scene.call('alarm.putRule', {
      ...{ code: 'DISK_NEARLY_FULL', active: false, by: 'ani', reason: 'own monitoring' },
    }),
  )
  return { chat, alarms, floats, stand, connect, errors, again }
}

const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}
const refusedOf = (answer: Answer<unknown>) => ('refused' in answer ? answer.refused : null)

function drift({ floats }: House, supplier: string, off: number): void {
  const doubt = { since: 0, order: null, off, reports: 3, drift: true }
  floats.of(supplier).doubt = off === 0 ? null : doubt
}

async function hook({ chat, alarms }: House, receiver: Receiver): Promise<string> {
  const { secret } = okOf(
    await chat.scene.call('alarm.putChannel', {
      ...{ name: 'kantor', kind: 'webhook', url: receiver.url, by: 'ani' },
    }),
  )
  // What it set off is over before anything goes wrong.
  await alarms.watch.look()
  return secret!
}

const list = async ({ chat }: House): Promise<readonly AlarmView[]> =>
  okOf(await chat.scene.call('alarm.list', { limit: 100 })).rows

type Told = { told: string; code: string; subject: string }
const toldAt = ({ received }: Receiver): (readonly [string, string, string])[][] =>
  received.map(one =>
    ((jsonOf(one).data['alarms'] ?? []) as Told[]).map(
      ({ told, code, subject }) => [told, code, subject] as const,
    ),
  )

test('alarms: two things at once: one signed message, once again later, one end (ALD1, ALS2)', async t => {
  const house = await houseAt(t)
  const { clock } = house.chat.scene
  const { watch } = house.alarms
  const receiver = await receiverAt(t)
  const secret = await hook(house, receiver)
  drift(house, 'digi', -2_500)
  drift(house, 'diva', 700)
  await watch.look()
  deepEqual(toldAt(receiver), [
    [
      ['new', 'FLOAT_DRIFT', 'digi'],
      ['new', 'FLOAT_DRIFT', 'diva'],
    ],
  ])
  const [{ headers, body }] = receiver.received as [Receiver['received'][number]]
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const wanted = createHmac('sha256', keyOf(secret)).update(signed).digest('base64')
  equal(headers['webhook-signature'], `v1,${wanted}`)

  await watch.look()
  clock.ms += 14 * 60_000
  await watch.look()
  equal(receiver.received.length, 1)
  clock.ms += 60_000
  await watch.look()
  deepEqual(
    toldAt(receiver)[1]!.map(one => one[0]),
    ['again', 'again'],
  )

  drift(house, 'digi', 0)
  await watch.look()
  clock.ms += calmMs
  await watch.look()
  deepEqual(toldAt(receiver)[2], [['over', 'FLOAT_DRIFT', 'digi']])
  deepEqual(
    (await list(house)).map(one => [one.subject, one.state]),
    [
      ['diva', 'open'],
      ['digi', 'resolved'],
    ],
  )
  const registry = new Registry()
  registerAlarms(registry, watch)
  match(await registry.metrics(), /laju_alarms_open\{code="FLOAT_DRIFT"\} 1\n/)
})

test('alarms: a receiver that is down: the same bytes and id again, then the next message (ALD1, ALD3)', async t => {
  const house = await houseAt(t)
  const { clock, db } = house.chat.scene
  const receiver = await receiverAt(t)
  const secret = await hook(house, receiver)
  receiver.answer = () => 503
  drift(house, 'digi', 900)
  await house.alarms.watch.look()
  clock.ms += 60_000
  drift(house, 'diva', 800)
  receiver.answer = () => 200
  await house.alarms.watch.look()
  await house.alarms.watch.look()
  const [first, second, third] = receiver.received
  equal(receiver.received.length, 3)
  deepEqual(second!.body, first!.body)
  const kept = await db.pool.any(sql.unsafe`
    select body, problem from alarm_message union all select fields::text, '' from alarm_history`)
  equal(JSON.stringify([kept, house.errors, first!.body.toString()]).includes(secret), false)
  equal(second!.headers['webhook-id'], first!.headers['webhook-id'])
  deepEqual(toldAt({ received: [third!] } as unknown as Receiver), [
    [['new', 'FLOAT_DRIFT', 'diva']],
  ])
})

test('alarms: a restart and a second process: nothing is told twice (ALW1, ALW2)', async t => {
  const house = await houseAt(t)
  const receiver = await receiverAt(t)
  await hook(house, receiver)
  drift(house, 'digi', 900)
  await house.alarms.watch.look()
  await house.alarms.watch.stop()
  const { watch } = house.again()
  house.chat.scene.clock.ms += 60_000
  await watch.look()
  equal(receiver.received.length, 1)
  house.stand.isOwner = false
  drift(house, 'diva', 900)
  await watch.look()
  deepEqual([receiver.received.length, watch.open.size], [1, 0])
  house.stand.isOwner = true
  await watch.look()
  deepEqual(toldAt(receiver)[1], [['new', 'FLOAT_DRIFT', 'diva']])
})

test('alarms: to a chat gateway: through its outbox, in words, and a test as well (ALS3, ALS4)', async t => {
  const house = await houseAt(t)
  const { call } = house.chat.scene
  const channel = { name: 'pemilik', kind: 'chat', by: 'ani', address: '081234567890' } as const
  equal(
    refusedOf(await call('alarm.putChannel', { ...channel, gateway: 'none' })),
    'GATEWAY_INVALID',
  )
  const to = { ...channel, gateway: house.chat.gateway }
  equal(refusedOf(await call('alarm.putChannel', { ...to, address: 'a b' })), 'FIELDS_INVALID')
  const made = okOf(await call('alarm.putChannel', to))
  deepEqual([made.secret, made.channel.address], [null, phone])
  deepEqual(okOf(await call('alarm.test', { name: 'pemilik', by: 'ani' })).state, 'waiting')
  equal((await leftOf(house.chat, 1))[0], testText)
  drift(house, 'digi', -2_500)
  await house.alarms.watch.look()
  const [, text = ''] = await leftOf(house.chat, 2)
  match(text, /PENTING: Saldo di pemasok digi berbeda -Rp 2\.500 dari pembukuan kita\./)
  match(text, /Sejak \d\d\/\d\d \d\d\.\d\d\./)
})

test('alarms: acknowledged: no more words until it is over; by name and with a reason (ALS1)', async t => {
  const house = await houseAt(t)
  const { call, clock } = house.chat.scene
  const receiver = await receiverAt(t)
  await hook(house, receiver)
  drift(house, 'digi', 900)
  await house.alarms.watch.look()
  const [{ id }] = (await list(house)) as [AlarmView]
  const words = { id, by: 'budi', reason: 'asked the supplier' }
  const { state, ackedBy } = okOf(await call('alarm.acknowledge', words))
  deepEqual([state, ackedBy], ['acknowledged', 'budi'])
  clock.ms += 86_400_000
  await house.alarms.watch.look()
  equal(receiver.received.length, 1)
  drift(house, 'digi', 0)
  await house.alarms.watch.look()
  clock.ms += calmMs
  await house.alarms.watch.look()
  deepEqual(toldAt(receiver)[1], [['over', 'FLOAT_DRIFT', 'digi']])
  equal(refusedOf(await call('alarm.acknowledge', words)), 'ALREADY_DECIDED')
  equal(refusedOf(await call('alarm.acknowledge', { ...words, id: 0 })), 'NOT_FOUND')
  const { history } = okOf(await call('alarm.get', { id }))
  deepEqual(
    history.map(one => [one.what, one.by, one.reason]),
    [
      ['resolved', '', ''],
      ['acknowledged', 'budi', 'asked the supplier'],
      ['opened', '', ''],
    ],
  )
})

test('alarms: muted until a time: silent, and still when it comes back before that (ALL6)', async t => {
  const house = await houseAt(t)
  const { call, clock } = house.chat.scene
  const receiver = await receiverAt(t)
  await hook(house, receiver)
  drift(house, 'digi', 900)
  await house.alarms.watch.look()
  const [{ id }] = (await list(house)) as [AlarmView]
  const mutedUntil = clock.ms + 7_200_000
  okOf(await call('alarm.mute', { id, until: mutedUntil, by: 'budi', reason: 'known' }))
  drift(house, 'digi', 0)
  await house.alarms.watch.look()
  clock.ms += calmMs
  await house.alarms.watch.look()
  equal(receiver.received.length, 2)
  drift(house, 'digi', 900)
  await house.alarms.watch.look()
  clock.ms += 3_600_000
  await house.alarms.watch.look()
  equal(receiver.received.length, 2)
  clock.ms = mutedUntil
  await house.alarms.watch.look()
  deepEqual(toldAt(receiver)[2], [['new', 'FLOAT_DRIFT', 'digi']])
})

test('alarms: the database away: told straight, once, and its end when it is back (ALW3, ALD2)', async t => {
  const house = await houseAt(t)
  const { clock, call } = house.chat.scene
  const receiver = await receiverAt(t)
  await hook(house, receiver)
  const { gateway } = house.chat
  const chat = { name: 'pemilik', kind: 'chat', gateway, address: phone, by: 'ani' } as const
  okOf(await call('alarm.putChannel', chat))
  const { watch } = house.alarms
  await watch.look()
  await house.connect(false)
  await watch.look()
  equal(receiver.received.length, 0)
  clock.ms += 20_000
  await watch.look()
  clock.ms += 10_000
  await watch.look()
  deepEqual(toldAt(receiver), [[['new', 'DATABASE_AWAY', '']]])
  match((await leftOf(house.chat, 1))[0]!, /Basis data tidak menjawab sejak 20 detik/)
  equal(house.errors.length > 0, true)

  await house.connect(true)
  await watch.look()
  await watch.look()
  clock.ms += calmMs
  await watch.look()
  deepEqual(toldAt(receiver).slice(1), [[['over', 'DATABASE_AWAY', '']]])
  match((await leftOf(house.chat, 2))[1]!, /Selesai: Basis data/)
  equal(house.chat.sent.length, 2)
})

test('alarms: orders, payments and forged callbacks that stand in tables are found (ALW4)', async t => {
  const house = await houseAt(t)
  const { scene } = house.chat
  const { db, clock } = scene
  const receiver = await receiverAt(t)
  await hook(house, receiver)
  const seconds = clock.ms / 1_000
  await db.pool.query(sql.type(z.object({}))`
    insert into order_view (shard, id, user_id, ref, product, destination, price, status, attempts,
                            attention, created_at, updated_at)
    values (0, gen_random_uuid(), gen_random_uuid(), 'r', 'XLD10', '08', 1, 'PROCESSING', 1, 'HELD',
            to_timestamp(${seconds - 3_000}::float8), now())`)
  await db.pool.query(sql.type(z.object({}))`
    insert into bank_mutation (number, content, direction, told_amount, amount, description, source,
                               seen_at, status)
    values ('1', 'c', 'in', '5', 5, '', 'webhook', to_timestamp(${seconds - 7_200}::float8),
            'suspense')`)
  await db.pool.query(sql.type(z.object({}))`
    insert into callback_inbox (party, received_at, headers, body, verdict)
    select 'digi', to_timestamp(${seconds - 60}::float8), '{}', '', 'forged'
      from generate_series(1, 25)`)
  await db.pool.query(sql.type(z.object({}))`
    insert into parser_inbox (supplier, channel, shape, sample, count, first_at, last_at)
    values ('hs', 'reply', 's', 's', 30, now(), to_timestamp(${seconds - 60}::float8))`)
  await house.alarms.watch.look()
  deepEqual(
    toldAt(receiver)[0]!
      .map(([, code, subject]) => [code, subject])
      .sort(),
    [
      ['CALLBACKS_FORGED', 'digi'],
      ['ORDERS_WAIT', 'HELD'],
      ['PARSER_INBOX_GROWS', 'hs'],
      ['SUSPENSE_WAITS', ''],
    ],
  )
  const one = (await list(house)).find(row => row.code === 'ORDERS_WAIT')!
  deepEqual([one.value, one.threshold], [50, 30])
})

test('alarms: a rule and a channel are changed: by name, whole, and to where we may call (ALS1, ALS3)', async t => {
  const house = await houseAt(t)
  const { call } = house.chat.scene
  const rule = { code: 'ORDERS_WAIT', threshold: 5, by: 'ani', reason: 'small house' } as const
  const { threshold, severity, usual } = okOf(await call('alarm.putRule', rule))
  deepEqual([threshold, severity, usual], [5, 'warning', false])
  const rows = okOf(await call('alarm.rules', {})).rows
  deepEqual(
    rows.filter(one => !one.usual).map(one => [one.code, one.threshold]),
    [
      ['ORDERS_WAIT', 5],
      ['DISK_NEARLY_FULL', 90],
    ],
  )
  const wish = { name: 'x', kind: 'webhook', by: 'ani' } as const
  const metadata = 'http://169.254.169.254/latest'
  equal(refusedOf(await call('alarm.putChannel', wish)), 'FIELDS_INVALID')
  equal(refusedOf(await call('alarm.putChannel', { ...wish, url: metadata })), 'URL_FORBIDDEN')
  const url = 'http://127.0.0.1:9/hook'
  const zone = 'Asia/Atlantis'
  equal(refusedOf(await call('alarm.putChannel', { ...wish, url, zone })), 'FIELDS_INVALID')
  const made = okOf(await call('alarm.putChannel', { ...wish, url }))
  ok(made.secret?.startsWith('whsec_'))
  const quiet = { from: 1_320, until: 360 }
  const changed = okOf(await call('alarm.putChannel', { ...wish, quiet, active: false }))
  deepEqual([changed.secret, changed.channel.quiet, changed.channel.url], [null, quiet, url])
  const renewed = okOf(await call('alarm.putChannel', { ...wish, rotate: true }))
  ok(renewed.secret !== null && renewed.secret !== made.secret)
  const { rows: known } = okOf(await call('alarm.channels', {}))
  equal(JSON.stringify(known).includes('whsec_'), false)
  const { state, problem } = okOf(await call('alarm.test', { name: 'x', by: 'ani' }))
  deepEqual([state, problem], ['failed', 'connect_failed'])
  equal(refusedOf(await call('alarm.test', { name: 'y', by: 'ani' })), 'NOT_FOUND')
  const { rows: history } = okOf(await call('alarm.history', { limit: 10 }))
  deepEqual(
    history.map(one => [one.what, one.subject, one.by]),
    [
      ['tested', 'x', 'ani'],
      ...Array.from({ length: 3 }, () => ['channel', 'x', 'ani']),
      ['rule', 'ORDERS_WAIT', 'ani'],
      ['rule', 'DISK_NEARLY_FULL', 'ani'],
    ],
  )
  equal(JSON.stringify(history).includes('s1.'), false)
})

test('alarms: a look that fails is told, and the next one is made (ALW4)', async t => {
  const house = await houseAt(t)
  const receiver = await receiverAt(t)
  await hook(house, receiver)
  await house.alarms.watch.look()
  const { stand } = house
  Object.defineProperty(stand, 'ownerless', {
    configurable: true,
    get() {
      throw new Error('in between')
    },
  })
  await house.alarms.watch.look()
  await until(
    () => house.errors.length,
    count => count > 0,
  )
  Object.defineProperty(stand, 'ownerless', { value: 3 })
  await house.alarms.watch.look()
  house.chat.scene.clock.ms += 30_000
  await house.alarms.watch.look()
  deepEqual(toldAt(receiver).at(-1), [['new', 'OWNERLESS', '']])
})
