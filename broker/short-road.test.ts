import { deepEqual, equal } from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import fc from 'fast-check'
import type { Uplink } from './door.ts'
import { BrokerStage, boxId, closedOf, until } from './scripted.fixture.ts'
import { puback, shortPublish } from './short-road.ts'

const topic = Buffer.from('devices/d1/uplink/heartbeat')
const payload = Buffer.from('{"battery_level":80}')

type Shape = { first?: number; on?: Buffer; id?: number | null; said?: Buffer }

function packet({ first = 0x32, on = topic, id = 7, said = payload }: Shape): Buffer {
  const name = Buffer.from([on.length >> 8, on.length & 0xff, ...on])
  const number = id === null ? Buffer.alloc(0) : Buffer.from([id >> 8, id & 0xff])
  const body = Buffer.concat([name, number, said])
  const { length } = body
  const head = length < 128 ? [first, length] : [first, (length & 0x7f) | 0x80, length >> 7]
  return Buffer.concat([Buffer.from(head), body])
}
const read = (bytes: Uint8Array) => {
  const found = shortPublish(bytes, topic)
  return found && [found.messageId, Buffer.from(found.payload).toString()]
}

test('short road: a heartbeat by itself: read, of both qualities and any length (BRE1)', () => {
  deepEqual(read(packet({})), [7, payload.toString()])
  deepEqual(read(packet({ first: 0x30, id: null })), [0, payload.toString()])
  const long = Buffer.alloc(3_000, 0x20)
  deepEqual(read(packet({ id: 0xfffe, said: long })), [0xfffe, long.toString()])
  deepEqual(read(packet({ said: Buffer.alloc(0) })), [7, ''])
  deepEqual([...puback(0x0102)], [0x40, 2, 1, 2])
})

test('short road: what is more, less or other than that: the long road (BRE1)', () => {
  const whole = packet({})
  for (const [what, bytes] of Object.entries({
    'two packets': Buffer.concat([whole, whole]),
    'a byte more': Buffer.concat([whole, Buffer.from([0])]),
    'said again': packet({ first: 0x3a }),
    retained: packet({ first: 0x33 }),
    'quality two': packet({ first: 0x34 }),
    'no number': packet({ id: 0 }),
    'another topic': packet({ on: Buffer.from('devices/d2/uplink/heartbeat') }),
    'a longer topic': packet({ on: Buffer.from(`${topic}/x`) }),
    'a receipt': Buffer.from([0x40, 2, 0, 7]),
    'a length of three bytes': Buffer.from([0x32, 0x80, 0x80, 0x01, ...new Array(40).fill(0)]),
  })) {
    equal(read(bytes), null, what)
  }
  for (let end = 0; end < whole.length; end++) equal(read(whole.subarray(0, end)), null)
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), bytes => read(bytes) === null))
})

let stage: BrokerStage
afterEach(() => stage?.close(), { timeout: 60_000 })
const beatTopic = `devices/${boxId(1)}/uplink/heartbeat`

test('short road: on a real connection: both roads say the same, and acknowledge in order (BRE1)', async () => {
  stage = await BrokerStage.open()
  const box = await stage.box(1)
  const words = '{"battery_level":80,"firmware":"v2"}'
  for (const qos of [0, 1, 2] as const) await box.publishAsync(beatTopic, words, { qos })
  await until(() => stage.uplinks.length === 3)
  const { session } = stage.connected[0]!
  const told = ({ deviceId, topic, session, payload, will }: Uplink) =>
    JSON.stringify([deviceId, topic, session, payload, will])
  deepEqual(
    new Set(stage.uplinks.map(told)),
    new Set([JSON.stringify([boxId(1), 'heartbeat', session, JSON.parse(words), false])]),
  )
  equal(stage.mqtt.stats.uplinks, 3)

  // One that is not taken yet holds back the receipts of those behind it.
  const taken = Promise.withResolvers<void>()
  stage.take = ({ topic }) => (topic === 'ack' ? taken.promise : undefined)
  const ended: string[] = []
  const ack = box
    .publishAsync(`devices/${boxId(1)}/uplink/ack`, '{"message_id":"m"}', { qos: 1 })
    .then(() => ended.push('ack'))
  await until(() => stage.uplinks.some(one => one.topic === 'ack'))
  taken.resolve()
  const beat = box.publishAsync(beatTopic, '{}', { qos: 1 }).then(() => ended.push('beat'))
  await Promise.all([ack, beat])
  deepEqual(ended, ['ack', 'beat'])
})

test('short road: nonsense, and services that are slow or refuse: as on the long one (BRE1, BRA3)', async () => {
  stage = await BrokerStage.open()
  const box = await stage.box(1)
  await box.publishAsync(beatTopic, 'no JSON', { qos: 1 })
  deepEqual([stage.mqtt.stats.dropped, stage.uplinks.length], [1, 0])

  const taken = Promise.withResolvers<void>()
  stage.take = () => taken.promise
  let isAcknowledged = false
  const beat = box.publishAsync(beatTopic, '{}', { qos: 1 }).then(() => {
    isAcknowledged = true
  })
  await until(() => stage.uplinks.length === 1)
  equal(isAcknowledged, false)
  taken.resolve()
  await beat

  stage.take = () => Promise.reject(new Error('not now'))
  const closed = closedOf(box)
  box.publish(beatTopic, '{}', { qos: 1 })
  await closed
  equal(stage.mqtt.stats.refused.unavailable, 1)
  await until(() => stage.gone.length === 1)

  stage.take = () => {
    throw new Error('not even a promise')
  }
  const again = await stage.box(1)
  const ended = closedOf(again)
  again.publish(beatTopic, '{}', { qos: 1 })
  await ended
  equal(stage.mqtt.stats.refused.unavailable, 2)
})

test('short road: a flood of heartbeats ends with its connection (BRE1, BRC3)', async () => {
  stage = await BrokerStage.open({ limits: { publishesBurst: 20, publishesPerMin: 1 } })
  const box = await stage.box(1)
  const closed = closedOf(box)
  const beating = (async () => {
    for (let n = 0; n < 30; n++) await box.publishAsync(beatTopic, '{}', { qos: 1 })
  })().catch(() => {})
  await closed
  box.end(true)
  await beating
  deepEqual([stage.uplinks.length, stage.refused[0]?.reason], [20, 'flood'])
})
