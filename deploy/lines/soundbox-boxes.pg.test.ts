/** Boxes over the real broker: mqtt.js on one side, the journal on the other. */

import { deepEqual, equal, rejects } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import mqtt, { type MqttClient } from 'mqtt'
import { Mqtt } from '../../broker/broker.ts'
import { until } from '../../services/engine-room.fixture.ts'
import { boxAt, by, okOf, type Scene, sceneAt, t2 } from '../../services/soundbox/device.fixture.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'

type Words = Readonly<Record<string, unknown>>
type Counter = Scene & { readonly mqtt: Mqtt; readonly at: string }
type Heard = { readonly topic: string; readonly words: Words }

const databases: TestDatabase[] = []
after(() => Promise.all(databases.map(one => one.drop())))

async function newUrl(): Promise<string> {
  const database = await testDatabase()
  databases.push(database)
  return database.url
}

async function counterAt(t: TestContext, url?: string, ms?: number): Promise<Counter> {
  const scene = await sceneAt(t, url ?? (await newUrl()), ms)
  const door = { ...scene.line.door, refused: () => {} }
  const broker = await Mqtt.open({ tcp: 0, host: '127.0.0.1', door, now: () => scene.clock.ms })
  scene.line.attach({
    publish: (id, topic, payload, tag) => broker.publish(id, topic, payload, tag),
    disconnect: id => void broker.disconnect(id),
  })
  t.after(() => broker.close())
  return { ...scene, mqtt: broker, at: `mqtt://127.0.0.1:${broker.ports.tcp}` }
}

/** A box that listens; what it heard, in order. */
async function connected(
  t: TestContext,
  at: string,
  { deviceId, secret }: { deviceId: string; secret: string },
): Promise<{ client: MqttClient; heard: Heard[] }> {
  const client = mqtt.connect(at, {
    ...{ clientId: deviceId, username: deviceId, password: secret },
    ...{ reconnectPeriod: 0, connectTimeout: 30_000 },
  })
  t.after(() => client.end(true))
  const heard: Heard[] = []
  client.on('message', (topic, bytes) => {
    heard.push({ topic, words: JSON.parse(bytes.toString()) as Words })
  })
  client.on('error', () => {})
  await Promise.race([said(client, 'connect'), said(client, 'close').then(turnedAway)])
  await client.subscribeAsync(`devices/${deviceId}/downlink/#`, { qos: 1 })
  return { client, heard }
}

const said = (client: MqttClient, what: 'connect' | 'close'): Promise<void> =>
  new Promise(resolve => client.once(what, () => resolve()))

const turnedAway = (): never => {
  throw new Error('the broker turned it away')
}

const outcomeOf = async (scene: Scene, id: string): Promise<string | null> => {
  const state = await scene.payment(id)
  return 'sound' in state ? state.sound.outcome : null
}

test('boxes: a payment is heard over MQTT, acknowledged and proved (DVI3, DVP1)', async t => {
  const counter = await counterAt(t)
  const box = await boxAt(counter)
  const other = await boxAt(counter, t2)
  const { client, heard } = await connected(t, counter.at, box)
  const stranger = await connected(t, counter.at, other)
  const id = await counter.pay(box.deviceId, 7)
  await until(
    () => heard.length,
    count => count > 0,
  )
  deepEqual(
    heard.map(({ topic, words }) => [topic, words['message_id'], words['amount'], words['text']]),
    [[`devices/${box.deviceId}/downlink/payment`, 'm7', 7_000, 'bayar 7']],
  )
  const words = JSON.stringify({ message_id: 'm7', status: 'played' })
  await client.publishAsync(`devices/${box.deviceId}/uplink/ack`, words, { qos: 1 })
  // MQTT's own receipt came after it was durable.
  await until(
    () => outcomeOf(counter, id),
    outcome => outcome === 'played',
  )
  equal(heard.length, 1)
  equal(stranger.heard.length, 0)
})

test('boxes: away too long: the summary first, then what is young (DVP4)', async t => {
  const counter = await counterAt(t)
  const box = await boxAt(counter)
  const missed = [await counter.pay(box.deviceId, 1), await counter.pay(box.deviceId, 2)]
  counter.clock.ms += 56_000
  for (const id of missed) {
    await until(
      () => outcomeOf(counter, id),
      outcome => outcome === 'digest',
    )
  }
  await counter.pay(box.deviceId, 3)
  const { heard } = await connected(t, counter.at, box)
  await until(
    () => heard.length,
    count => count >= 2,
  )
  deepEqual(
    heard.map(({ topic, words }) => [topic.split('/').at(-1), words['amount'] ?? words['total']]),
    [
      ['summary', 3_000],
      ['payment', 3_000],
    ],
  )
  equal(heard[0]?.words['text'], '2 pembayaran terlewat, total Rp3.000')
})

test('boxes: a rotated secret puts its box out, and lets only the new one in (DVI1)', async t => {
  const counter = await counterAt(t)
  const box = await boxAt(counter)
  const { client } = await connected(t, counter.at, box)
  const closed = said(client, 'close')
  const { deviceId } = box
  const { secret } = okOf(await counter.call('device.rotate', { deviceId, graceMs: 0, by }))
  await closed
  await rejects(connected(t, counter.at, box))
  await connected(t, counter.at, { deviceId, secret })
  await until(
    () => counter.line.stats().connected,
    count => count === 1,
  )
})

test('boxes: the process dies after paid: told after the restart, and only once (DVI3)', async t => {
  const counter = await counterAt(t)
  const box = await boxAt(counter)
  const before = await connected(t, counter.at, box)
  const id = await counter.pay(box.deviceId, 1)
  await until(
    () => before.heard.length,
    count => count > 0,
  )
  await counter.mqtt.close()
  await counter.stop()

  const again = await counterAt(t, counter.url, counter.clock.ms)
  const { client, heard } = await connected(t, again.at, box)
  await until(
    () => heard.length,
    count => count > 0,
  )
  // The same message: the box, which has heard it before, only acknowledges it.
  equal(heard[0]?.words['message_id'], before.heard[0]?.words['message_id'])
  const words = JSON.stringify({ message_id: 'm1' })
  await client.publishAsync(`devices/${box.deviceId}/uplink/ack`, words, { qos: 1 })
  await until(
    () => outcomeOf(again, id),
    outcome => outcome === 'played',
  )
})
