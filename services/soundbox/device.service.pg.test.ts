import { deepEqual, equal, notEqual, ok, rejects } from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, test } from 'node:test'
import pg from 'pg'
import type { Payment } from '../../actors/payment/payment-contract.ts'
import { type TestDatabase, testDatabase } from '../../deploy/testing/database.ts'
import { verify } from '../../deploy/verify/verify.ts'
import { Fault } from '../../engine/assert.ts'
import { openDatabase, sql, z } from '../../sql/database.ts'
import { proofsOfPayments } from '../../sql/soundbox/device.ts'
import { until } from '../engine-room.fixture.ts'
import {
  boxAt,
  by,
  merchantId,
  model,
  okOf,
  outletId,
  refusedOf,
  sceneAt,
  t1,
  t2,
} from './device.fixture.ts'

const databases: TestDatabase[] = []
after(() => Promise.all(databases.map(one => one.drop())))

async function newUrl(): Promise<string> {
  const database = await testDatabase()
  databases.push(database)
  return database.url
}

const soundOf = (state: Payment['state']) => ('sound' in state ? state.sound : null)
const address = '127.0.0.1'

test('devices: provision and login: only with the secret that was told once (DVI1, DVI4)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { call } = scene
  const { deviceId, secret } = await boxAt(scene)
  const login = okOf(await call('device.login', { deviceId, secret, address }))
  deepEqual([login.generation, login.terminalId, login.merchantId], [1, t1, merchantId])
  for (const wrong of [{ secret: 'x' }, { deviceId: outletId }, { deviceId: 'nobody' }]) {
    const asked = { deviceId, secret, address, ...wrong }
    equal(refusedOf(await call('device.login', asked)), 'DEVICE_INVALID')
  }
  const shown = JSON.stringify(okOf(await call('device.get', { deviceId })))
  ok(!shown.includes(secret))
  ok(!/salt|hash/.test(shown))

  scene.listen(deviceId)
  okOf(await call('device.block', { deviceId, reason: 'stolen', by }))
  deepEqual(scene.out, [`${deviceId} blocked`])
  equal(refusedOf(await call('device.login', { deviceId, secret, address })), 'DEVICE_BLOCKED')
  deepEqual(await scene.line.door.login({ name: deviceId, secret, address }), {
    refused: 'blocked',
  })
})

test('devices: a token for all: over HTTP only, where one is set, for a box that may (DVI8)', async t => {
  const token = 'a token for all the boxes of old'
  const url = await newUrl()
  const scene = await sceneAt(t, url, Date.now(), token)
  const { call } = scene
  const { deviceId } = await boxAt(scene)
  const come = (change: { deviceId?: string; token?: string } = {}) =>
    call('device.vouched', { ...{ deviceId, token, address }, ...change })
  const login = okOf(await come())
  deepEqual([login.deviceId, login.generation, login.terminalId], [deviceId, 1, t1])
  for (const wrong of [{ token: `${token}x` }, { token: '' }, { deviceId: outletId }]) {
    equal(refusedOf(await come(wrong)), 'DEVICE_INVALID')
  }
  equal(
    refusedOf(await call('device.login', { deviceId, secret: token, address })),
    'DEVICE_INVALID',
  )
  deepEqual(await scene.line.door.login({ name: deviceId, secret: token, address }), {
    refused: 'credential',
  })
  okOf(await call('device.block', { deviceId, reason: 'stolen', by }))
  equal(refusedOf(await come()), 'DEVICE_BLOCKED')
  okOf(await call('device.retire', { deviceId, reason: 'old', by }))
  equal(refusedOf(await come()), 'DEVICE_INVALID')

  const without = await sceneAt(t, await newUrl())
  const other = await boxAt(without)
  for (const said of [token, '']) {
    const asked = { deviceId: other.deviceId, token: said, address }
    equal(refusedOf(await without.call('device.vouched', asked)), 'DEVICE_INVALID')
  }
})

test('devices: rotate: the old secret ends at once, or after its grace (DVI1)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { call, clock } = scene
  const { deviceId, secret } = await boxAt(scene)
  const may = async (one: string): Promise<boolean> =>
    'ok' in (await call('device.login', { deviceId, secret: one, address }))
  const second = okOf(await call('device.rotate', { deviceId, graceMs: 60_000, by }))
  deepEqual([await may(secret), await may(second.secret)], [true, true])
  scene.listen(deviceId, 'by the old one', 1)
  clock.ms += 60_000
  deepEqual([await may(secret), await may(second.secret)], [false, true])
  // Who came in with it is put out as well.
  await until(
    () => scene.out.length,
    count => count > 0,
  )
  const third = okOf(await call('device.rotate', { deviceId, graceMs: 0, by }))
  deepEqual([await may(second.secret), await may(third.secret)], [false, true])
  deepEqual([...new Set(scene.out)], [`${deviceId} credential`])
  equal(third.device.credential.generation, 3)
})

test('devices: the same request again: the same box, the same secret (DVI9, DVC4)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { call } = scene
  const wish = { model, by, request: 'r-1' }
  const made = okOf(await call('device.provision', wish))
  const { deviceId } = made.device
  const again = okOf(await call('device.provision', wish))
  deepEqual([again.device.deviceId, again.secret], [deviceId, made.secret])
  const other = okOf(await call('device.provision', { ...wish, request: 'r-2' }))
  notEqual(other.device.deviceId, deviceId)
  notEqual(other.secret, made.secret)
  // Of firmware that brings its password, too.
  const fixed = { ...wish, secret: 'from the factory', request: 'r-3' }
  const [one, same] = [await call('device.provision', fixed), await call('device.provision', fixed)]
  equal(okOf(same).device.deviceId, okOf(one).device.deviceId)
  equal(okOf(await call('device.list', { limit: 10 })).rows.length, 3)

  const rotation = { deviceId, graceMs: 60_000, by, request: 'r-4' }
  const fresh = okOf(await call('device.rotate', rotation))
  const repeated = okOf(await call('device.rotate', rotation))
  equal(repeated.secret, fresh.secret)
  equal(repeated.device.credential.generation, 2)
  // The box has still the one that it had.
  const { door } = scene.line
  for (const secret of [made.secret, fresh.secret]) {
    ok('ok' in (await door.login({ name: deviceId, secret, address: '127.0.0.1' })))
  }
})

test('devices: rotate: an old request again does not bring its secret back (DVA13, DVI9)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { call, line } = scene
  const { deviceId } = await boxAt(scene)
  const rotate = (request: string) => call('device.rotate', { deviceId, graceMs: 0, by, request })
  const first = okOf(await rotate('r-1'))
  equal(okOf(await rotate('r-1')).secret, first.secret)
  const second = okOf(await rotate('r-2'))
  equal(refusedOf(await rotate('r-1')), 'STALE_VERSION')
  okOf(await call('device.rotate', { deviceId, graceMs: 60_000, by }))
  for (const request of ['r-1', 'r-2']) equal(refusedOf(await rotate(request)), 'STALE_VERSION')
  const come = (secret: string) => line.door.login({ name: deviceId, secret, address: '127.0.0.1' })
  ok('ok' in (await come(second.secret)))
  ok('refused' in (await come(first.secret)))
})

test('devices: bind: a terminal has one box; a swap takes its place (DVI2)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { call } = scene
  const one = await boxAt(scene)
  const other = await boxAt(scene, null)
  const bind = (deviceId: string, terminalId: string, swap = false) =>
    call('device.bind', { deviceId, terminalId, swap, by })
  equal(refusedOf(await bind(other.deviceId, t1)), 'TERMINAL_TAKEN')
  equal(refusedOf(await bind(other.deviceId, outletId)), 'REFERENCE_UNKNOWN')
  okOf(await bind(other.deviceId, t1, true))
  equal(okOf(await call('device.get', { deviceId: one.deviceId })).binding, null)
  equal(scene.line.devices.at(t1)?.id, other.deviceId)

  const both = await Promise.all([bind(one.deviceId, t2), bind(other.deviceId, t2)])
  equal(both.filter(answer => 'ok' in answer).length, 1)
})

test('devices: a swap that can not be: whoever stood there stays (DVI2)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { call, line } = scene
  const one = await boxAt(scene)
  const [blocked, retired, lively] = [
    ...[await boxAt(scene, null), await boxAt(scene, null), await boxAt(scene, null)],
  ] as const
  const swap = (deviceId: string) =>
    call('device.bind', { deviceId, terminalId: t1, swap: true, by })
  const block = ({ deviceId }: { deviceId: string }) =>
    call('device.block', { deviceId, reason: 'hilang', by })
  okOf(await block(blocked))
  okOf(await call('device.retire', { deviceId: retired.deviceId, reason: 'rusak', by }))
  for (const [id, code] of [
    [blocked.deviceId, 'DEVICE_BLOCKED'],
    [retired.deviceId, 'DEVICE_RETIRED'],
    [outletId, 'NOT_FOUND'],
    ['TOA-1', 'NOT_FOUND'],
  ] as const) {
    equal(refusedOf(await swap(id)), code)
    equal(line.devices.at(t1)?.id, one.deviceId, code)
  }
  // Blocked while it is on its way.
  const [, late] = await Promise.all([block(lively), swap(lively.deviceId)])
  equal(refusedOf(late), 'DEVICE_BLOCKED')
  equal(line.devices.at(t1)?.id, one.deviceId)
})

test('devices: a payment is spoken, acknowledged and proved, once (DVI3)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { deviceId } = await boxAt(scene)
  scene.listen(deviceId)
  const id = await scene.pay(deviceId, 7)
  const [message] = await until(
    () => scene.told,
    told => told.length > 0,
  )
  deepEqual(
    [message?.topic, message?.payload['message_id'], message?.payload['transaction_id']],
    ['payment', 'm7', id],
  )
  const ack = { topic: 'ack', payload: { message_id: 'm7', status: 'played' } }
  const box = { deviceId, session: `s${deviceId}`, at: scene.clock.ms }
  await scene.line.door.uplink({ ...box, ...ack })
  await scene.line.door.uplink({ ...box, ...ack })
  const sound = await until(
    async () => soundOf(await scene.payment(id)),
    one => one?.outcome !== null,
  )
  deepEqual([sound?.outcome, sound?.reason], ['played', 'played'])
  equal(scene.told.length, 1)
  const [proof] = await until(
    async () => okOf(await scene.call('device.proofs', { transactionId: id })).rows,
    rows => rows[0]?.outcome != null,
  )
  deepEqual([proof?.outcome, proof?.publishedTimes, proof?.amount], ['played', 1, 7_000])
  const { rows } = okOf(await scene.call('device.notifications', { deviceId, limit: 10 }))
  equal(rows.length, 1)
  const messages = okOf(await scene.call('device.mqttMessages', { deviceId, limit: 10 })).rows
  deepEqual(
    messages.map(one => `${one.direction} ${one.topic}`),
    ['up ack', 'up ack', 'down payment'],
  )
})

test('devices: a box that can’t have it: silent at once, and says why (DVI3)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { deviceId } = await boxAt(scene, null)
  const id = await scene.pay(deviceId, 1)
  const sound = await until(
    async () => soundOf(await scene.payment(id)),
    one => one?.outcome !== null,
  )
  deepEqual([sound?.outcome, sound?.reason], ['silent', 'DEVICE_UNBOUND'])
})

test('devices: a crash between paid and spoken: told to who connects, once (DVI3)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { deviceId, secret } = await boxAt(scene)
  const id = await scene.pay(deviceId, 1)
  await scene.stop()

  const again = await sceneAt(t, scene.url, scene.clock.ms)
  okOf(await again.call('device.login', { deviceId, secret, address }))
  again.listen(deviceId)
  await until(
    () => again.told,
    told => told.length > 0,
  )
  const words = { payload: { message_id: 'm1' }, topic: 'ack' }
  const box = { deviceId, session: `s${deviceId}`, at: again.clock.ms }
  await again.line.door.uplink({ ...box, ...words })
  await until(
    async () => soundOf(await again.payment(id)),
    one => one?.outcome === 'played',
  )
  again.listen(deviceId, 'later')
  await again.pay(deviceId, 2)
  await until(
    () => again.told,
    told => told.some(one => one.payload['message_id'] === 'm2'),
  )
  deepEqual(
    again.told.map(one => one.payload['message_id']),
    ['m1', 'm2'],
  )
  // A second reading of the journal agrees; nobody keeps read models here, so those are behind.
  await again.stop()
  const { problems } = await verify({ url: scene.url })
  deepEqual(
    problems.filter(({ name }) => !/projection|order_view|account_view|mutation/.test(name)),
    [],
  )
  await spoilCards(scene.url)
})

/** A card is what a box is let in by: whatever is wrong in one is named (Z69). */
async function spoilCards(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const told = async () =>
    (await verify({ url })).problems.map(({ name }) => name).filter(name => /^device_/.test(name))
  const wrong = [
    `status = 'blocked'`,
    'merchant_id = gen_random_uuid()',
    'terminal_id = null',
    `card = jsonb_set(card, '{credential,hash}', '"x"')`,
    `card = jsonb_set(card, '{waiting}', '7')`,
    `card = card - 'config'`,
  ]
  for (const change of wrong) {
    await client.query('begin; create table kept as select * from device_view; commit')
    await client.query(`update device_view set ${change}`)
    deepEqual(await told(), ['device_view.changed'], change)
    await client.query('truncate device_view; insert into device_view select * from kept')
    await client.query('drop table kept')
  }
  await client.query('create table kept as select * from device_view')
  await client.query('delete from device_view')
  deepEqual(await told(), ['device_view.missing'])
  await client.query(`insert into device_view select * from kept;
    insert into device_view select gen_random_uuid(), shard, seq, status, merchant_id, terminal_id,
                                   card, updated_at from kept; drop table kept`)
  deepEqual(await told(), ['device_view.extra'])
  await client.end()
}

test('devices: a pause of more than a minute: box and payment say the same of a sound (DVI3)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { deviceId } = await boxAt(scene)
  const id = await scene.pay(deviceId, 7)
  await until(
    () => scene.line.devices.get(deviceId)?.waiting,
    waiting => waiting === 1,
  )
  await scene.stop()

  // By now the box's time for it is over, and the payment's as well.
  const again = await sceneAt(t, scene.url, scene.clock.ms + 70_000)
  again.listen(deviceId)
  await until(
    () => again.told,
    told => told.some(one => one.topic === 'summary'),
  )
  const sound = await until(
    async () => soundOf(await again.payment(id)),
    one => one?.reason === 'age',
  )
  equal(sound?.outcome, 'digest')
  const { rows } = await until(
    async () => okOf(await again.call('device.proofs', { transactionId: id })),
    ({ rows }) => rows[0]?.outcome != null,
  )
  deepEqual([rows[0]?.outcome, rows[0]?.why], ['digest', 'age'])
  // Its summary was never acknowledged, and nobody will tell it any more.
  okOf(await again.call('device.block', { deviceId, reason: 'hilang', by }))
  const lost = await until(
    async () => soundOf(await again.payment(id)),
    one => one?.outcome === 'silent',
  )
  equal(lost?.reason, 'blocked')
  const ended = await until(
    async () => okOf(await again.call('device.proofs', { transactionId: id })).rows[0],
    row => row?.outcome === 'silent',
  )
  equal(ended?.why, 'blocked')
})

test('devices: a box without a word for its summary: what it missed is silent (DVI5)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { deviceId } = await boxAt(scene)
  const id = await scene.pay(deviceId, 7)
  await until(
    () => scene.line.devices.get(deviceId)?.waiting,
    waiting => waiting === 1,
  )
  await scene.stop()
  const again = await sceneAt(t, scene.url, scene.clock.ms + 70_000)
  again.listen(deviceId)
  const told = await until(
    () => again.told.find(one => one.topic === 'summary'),
    one => one !== undefined,
  )
  const payload = { message_id: told?.payload['message_id'], status: 'unsaid' }
  const box = { deviceId, session: `s${deviceId}`, at: again.clock.ms }
  await again.line.door.uplink({ ...box, topic: 'ack', payload })
  const sound = await until(
    async () => soundOf(await again.payment(id)),
    one => one?.reason === 'no_word',
  )
  equal(sound?.outcome, 'silent')
  equal(again.line.devices.get(deviceId)?.summary, null)
})

test('devices: announced although it was blocked meanwhile: put out all the same (DVI1)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { deviceId } = await boxAt(scene)
  okOf(await scene.call('device.block', { deviceId, reason: 'hilang', by }))
  scene.out.length = 0
  // As the next owner of the journal hears it, when the last one could not say it any more.
  scene.listen(deviceId)
  await until(
    () => scene.out,
    out => out.includes(`${deviceId} blocked`),
  )
})

test('devices: who does not own the journal lets nobody in (DVI7, DVE3)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { deviceId, secret } = await boxAt(scene)
  const other = await sceneAt(t, scene.url, scene.clock.ms)
  // It looks after a second by its own clock.
  scene.clock.ms += 5_000
  await until(
    async () => await scene.call('device.login', { deviceId, secret, address }),
    answer => 'fault' in answer && answer.fault === 'NOT_THE_OWNER',
  )
  await rejects(scene.line.door.login({ name: deviceId, secret, address }), Fault)
  okOf(await other.call('device.login', { deviceId, secret, address }))

  // What the other one did meanwhile is known when the journal is ours again.
  const fresh = okOf(await other.call('device.rotate', { deviceId, graceMs: 0, by }))
  await other.stop()
  const login = () => scene.call('device.login', { deviceId, secret: fresh.secret, address })
  await until(login, answer => 'ok' in answer)
  const old = await scene.call('device.login', { deviceId, secret, address })
  equal(refusedOf(old), 'DEVICE_INVALID')
})

test('device rows: cards of lines that nobody wrote down are read back (DVE1, DVE2)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { deviceId } = await boxAt(scene)
  await scene.stop()
  const db = await openDatabase(scene.url)
  t.after(() => db.end())
  // As a crash leaves it: lines in the journal, and nothing of them in the tables.
  await db.pool.query(sql.type(z.object({}))`delete from device_view`)
  await db.pool.query(sql.type(z.object({}))`delete from device_position`)
  const again = await sceneAt(t, scene.url, scene.clock.ms)
  equal(okOf(await again.call('device.get', { deviceId })).binding?.terminalId, t1)
  equal(again.line.devices.at(t1)?.id, deviceId)
  await again.stop()
  const last = await sceneAt(t, scene.url, scene.clock.ms)
  equal(okOf(await last.call('device.get', { deviceId })).binding?.terminalId, t1)
})

test('device rows: a message that came and went: its box is not written again as it is (DVE5)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const db = await openDatabase(scene.url)
  t.after(() => db.end())
  const none = z.object({})
  await db.pool.query(sql.type(none)`create table same_card (id uuid)`)
  await db.pool.query(sql.type(none)`
    create function note_same() returns trigger language plpgsql as $$
    begin
      if new.card = old.card and new.status = old.status then
        insert into same_card values (new.id);
      end if;
      return new;
    end $$`)
  await db.pool.query(sql.type(none)`
    create trigger same_card before update on device_view
      for each row execute function note_same()`)
  const { deviceId } = await boxAt(scene)
  scene.listen(deviceId)
  const waiting = async () => {
    const rows = await db.pool.any(sql.type(z.object({ waiting: z.number() }))`
      select (card ->> 'waiting')::int as waiting from device_view where id = ${deviceId}::uuid`)
    return rows[0]?.waiting
  }
  for (const n of [1, 2, 3]) {
    const id = await scene.pay(deviceId, n)
    await until(waiting, count => count === 1)
    const played = { message_id: `m${n}`, status: 'played' }
    okOf(await scene.call('device.uplink', { deviceId, topic: 'ack', payload: played }))
    await until(
      async () => soundOf(await scene.payment(id))?.outcome,
      outcome => outcome === 'played',
    )
    await until(waiting, count => count === 0)
  }
  await scene.stop()
  const same = await db.pool.any(sql.type(z.object({ id: z.string() }))`select id from same_card`)
  deepEqual(same, [])
})

test('device rows: what can not be written: told by the health, and later it is there (JF7)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const db = await openDatabase(scene.url)
  t.after(() => db.end())
  const isWell = () => scene.line.health().ok
  equal(isWell(), true)
  await db.pool.query(sql.unsafe`alter table device_view rename to device_view_away`)
  const { deviceId } = await boxAt(scene)
  await until(isWell, ok => !ok)
  await db.pool.query(sql.unsafe`alter table device_view_away rename to device_view`)
  await until(isWell, ok => ok)
  const row = z.object({ id: z.string() })
  const rows = () => db.pool.any(sql.type(row)`select id::text from device_view`)
  await until(rows, found => found.some(({ id }) => id === deviceId))
})

test('device rows: proofs: written again they say the same (DVE1)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { deviceId } = await boxAt(scene)
  const id = await scene.pay(deviceId, 3)
  await until(
    async () => soundOf(await scene.payment(id)),
    one => one !== null,
  )
  await scene.stop()
  const db = await openDatabase(scene.url)
  t.after(() => db.end())
  await db.pool.query(sql.type(z.object({}))`delete from device_position`)
  const [before] = await proofsOfPayments(db.pool, [id])
  await (await sceneAt(t, scene.url, scene.clock.ms)).stop()
  deepEqual(await proofsOfPayments(db.pool, [id]), before === undefined ? [] : [before])
})

test('devices: heartbeats: known at once, written in batches (DVI5)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { deviceId } = await boxAt(scene)
  scene.listen(deviceId)
  const box = { deviceId, session: `s${deviceId}`, at: scene.clock.ms }
  const payload = { network_strength: 71, battery_level: 15, firmware: '1.2' }
  await scene.line.door.uplink({ ...box, topic: 'heartbeat', payload })
  await scene.line.door.uplink({ ...box, topic: 'heartbeat', payload: 'nonsense' })
  const { health } = okOf(await scene.call('device.get', { deviceId }))
  deepEqual([health.online, health.battery, health.score], [true, 15, 90])
  deepEqual(health.reasons, ['BATTERY_LOW'])
  const online = { online: true, limit: 10 }
  equal(okOf(await scene.call('device.list', online)).rows.length, 1)
  await scene.stop()
  const again = await sceneAt(t, scene.url, scene.clock.ms)
  const { health: later } = okOf(await again.call('device.get', { deviceId }))
  deepEqual([later.online, later.battery, later.firmware], [false, 15, '1.2'])
})

test('devices: what a box says of strangers’ messages changes nothing (DVI5)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const mine = await boxAt(scene)
  const other = await boxAt(scene, t2)
  const id = await scene.pay(mine.deviceId, 4)
  const words = { topic: 'ack', payload: { message_id: 'm4', status: 'played' } }
  const box = { deviceId: other.deviceId, session: 's', at: scene.clock.ms }
  await scene.line.door.uplink({ ...box, ...words })
  equal(soundOf(await scene.payment(id))?.outcome, null)
})

test('devices: configuration and commands: checked, told and acknowledged (DVI5)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { call } = scene
  const { deviceId } = await boxAt(scene)
  scene.listen(deviceId)
  const bad = await call('device.configure', { deviceId, values: { volume: 900 }, by })
  equal(refusedOf(bad), 'FIELDS_INVALID')
  const config = okOf(await call('device.configure', { deviceId, values: { volume: 60 }, by }))
  equal(config.drift, true)
  const volume = { deviceId, kind: 'volume', args: { level: 60 }, by } as const
  const { commandId } = okOf(await call('device.command', volume))
  equal(refusedOf(await call('device.command', { ...volume, args: {} })), 'FIELDS_INVALID')
  await until(
    () => scene.told.map(one => one.topic),
    topics => topics.includes('config') && topics.includes('command'),
  )
  const box = { deviceId, session: `s${deviceId}`, at: scene.clock.ms }
  await scene.line.door.uplink({ ...box, topic: 'config/ack', payload: { version: 1 } })
  const done = { command_id: commandId, status: 'done' }
  await scene.line.door.uplink({ ...box, topic: 'command/ack', payload: done })
  equal(okOf(await call('device.config', { deviceId })).drift, false)
  const [command] = okOf(await call('device.commands', { deviceId })).rows
  equal(command?.status, 'done')
})

test('devices: firmware: as much is believed and told as it has words for (DVI10)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { call } = scene
  const quiet = { vendor: 'Other', name: 'Q1', adapter: 'quiet' }
  for (const acks of ['played', 'received'] as const) {
    const asked = { model: { ...quiet, acks }, by }
    equal(refusedOf(await call('device.provision', asked)), 'ACKS_UNSUPPORTED')
  }
  const { device } = okOf(await call('device.provision', { model: quiet, by }))
  equal(device.model.acks, 'none')
  const { deviceId } = device
  const order = async (kind: 'reboot' | 'play_test') => {
    const { status, message } = okOf(await call('device.command', { deviceId, kind, args: {}, by }))
    return [status, message]
  }
  deepEqual(await order('reboot'), ['failed', 'unsupported'])
  deepEqual(await order('play_test'), ['queued', ''])
  const own = { vendor: 'Laju', name: 'V1', adapter: 'laju' }
  const best = okOf(await call('device.provision', { model: own, by }))
  equal(best.device.model.acks, 'played')
})

test('devices: text that no table takes: only that is lost, of nobody else anything (DVI5)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { call } = scene
  const [mine, other] = [await boxAt(scene), await boxAt(scene, t2)]
  const { commandId } = okOf(
    await call('device.command', { deviceId: mine.deviceId, kind: 'reboot', args: {}, by }),
  )
  const box = { deviceId: mine.deviceId, session: 's', at: scene.clock.ms }
  const said = { command_id: commandId, status: 'failed', message: 'a\0b \ud800' }
  await scene.line.door.uplink({ ...box, topic: 'command/ack', payload: said })
  const beat = { firmware: '1\0', battery_level: 50 }
  await scene.line.door.uplink({ ...box, topic: 'heartbeat', payload: beat })
  const theirs = { firmware: '2', battery_level: 60 }
  await scene.line.door.uplink({
    ...{ ...box, deviceId: other.deviceId },
    ...{ topic: 'heartbeat', payload: theirs },
  })
  await scene.stop()
  const db = await openDatabase(scene.url)
  t.after(() => db.end())
  const row = z.object({ id: z.string(), card: z.string(), firmware: z.string() })
  const rows = await db.pool.any(sql.type(row)`
    select id::text, card::text, firmware from device_view
      join device_health on device_id = id order by firmware desc`)
  deepEqual(
    rows.map(({ id, firmware }) => [id, firmware]),
    [
      [other.deviceId, '2'],
      [mine.deviceId, '1'],
    ],
  )
  ok(rows[1]!.card.includes('ab \ufffd'))
})

test('devices: dynamic QR: for the terminal where the box stands, by its request (DVI6)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { deviceId } = await boxAt(scene)
  scene.listen(deviceId)
  const box = { deviceId, session: `s${deviceId}`, at: scene.clock.ms }
  const topic = 'dynamic-qr/request'
  await until(
    () => scene.line.stats(),
    ({ connected }) => connected === 1,
  )
  await scene.line.door.uplink({ ...box, topic, payload: { request_id: 'q1', amount: 5_000 } })
  await scene.line.door.uplink({ ...box, topic, payload: { request_id: 'q2', amount: 0.5 } })
  deepEqual(
    scene.told.map(one => one.payload),
    [
      { request_id: 'q1', transaction_id: 'tx', qr_string: '0002', amount: 5_000 },
      { request_id: 'q2', error: 'FIELDS_INVALID' },
    ],
  )
  deepEqual(scene.asked, [
    {
      ...{ merchantId, terminalId: t1, amount: 5_000, deviceId },
      reference: hash('sha256', `${deviceId} q1`).slice(0, 32),
    },
  ])
})

test('devices: over HTTP: what is due is asked for and acknowledged (DVI5)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { call } = scene
  const { deviceId } = await boxAt(scene)
  await scene.pay(deviceId, 5)
  const { messages } = await until(
    async () => okOf(await call('device.poll', { deviceId })),
    one => one.messages.length > 0,
  )
  deepEqual(
    messages.map(one => [one.topic, one.payload['message_id']]),
    [['payment', 'm5']],
  )
  const said = { deviceId, topic: 'ack', payload: { message_id: 'm5' } } as const
  const has = { message_id: 'm5', status: 'received' }
  okOf(await call('device.uplink', { ...said, payload: has }))
  const [proof] = await until(
    async () => okOf(await call('device.notifications', { deviceId, limit: 1 })).rows,
    rows => rows[0]?.receivedAt != null,
  )
  equal(proof?.outcome, null)
  okOf(await call('device.uplink', said))
  equal(refusedOf(await call('device.uplink', { ...said, payload: 'm5' })), 'FIELDS_INVALID')
  deepEqual(okOf(await call('device.poll', { deviceId })).messages, [])
  equal(okOf(await call('device.get', { deviceId })).health.via, 'http')
})

test('devices: over HTTP: a box that never answers: told once, and counts as told (DVI11)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { call } = scene
  const mute = { ...model, acks: 'none' } as const
  const { deviceId } = okOf(await call('device.provision', { model: mute, by })).device
  okOf(await call('device.bind', { deviceId, terminalId: t1, swap: false, by }))
  const told = async () => okOf(await call('device.poll', { deviceId })).messages
  const missed = await scene.pay(deviceId, 1)
  scene.clock.ms += 56_000
  const outcomeOf = async (id: string) => {
    const state = await scene.payment(id)
    return 'sound' in state ? state.sound.outcome : null
  }
  await until(
    () => outcomeOf(missed),
    outcome => outcome === 'digest',
  )
  const young = await scene.pay(deviceId, 2)
  const topics: string[] = []
  await until(
    async () => {
      topics.push(...(await told()).map(({ topic }) => topic))
      return topics
    },
    all => all.includes('payment'),
  )
  deepEqual(topics, ['summary', 'payment'])
  for (let n = 0; n < 3; n++) deepEqual(await told(), [])
  await until(
    () => outcomeOf(young),
    outcome => outcome === 'played',
  )
  equal(okOf(await call('device.get', { deviceId })).missed, 0)
})

test('devices: over HTTP: a reboot is told once, a volume until it is acknowledged (DVP6)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { call } = scene
  const { deviceId } = await boxAt(scene)
  okOf(await call('device.command', { deviceId, kind: 'reboot', args: {}, by }))
  okOf(await call('device.command', { deviceId, kind: 'volume', args: { level: 3 }, by }))
  const told = async () =>
    okOf(await call('device.poll', { deviceId }))
      .messages.filter(({ topic }) => topic === 'command')
      .map(({ payload }) => payload['type'])
  const both = await Promise.all([told(), told(), told()])
  equal(both.flat().filter(type => type === 'reboot').length, 1)
  for (let n = 0; n < 3; n++) deepEqual(await told(), ['volume'])
})
