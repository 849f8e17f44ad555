import { deepEqual, equal, match, notEqual, ok, rejects } from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type IClientOptions, MqttClient } from 'mqtt'
import { Mqtt } from './broker.ts'
import { defaultLimits } from './limits.ts'
import { MqttPortTaken } from './listeners.ts'
import {
  answerTo,
  BrokerStage,
  boxId,
  closedOf,
  connectedOf,
  secret,
  until,
} from './scripted.fixture.ts'

let stage: BrokerStage
afterEach(() => stage.close(), { timeout: 60_000 })

const payment = (id: string) => ({ message_id: id, amount: 50_000, text: 'lima puluh ribu rupiah' })

test('broker: a box logs in, listens, hears a payment and acknowledges it (BRA2, BRX1)', async () => {
  stage = await BrokerStage.open()
  const box = await stage.box(1)
  await until(() => stage.listening.length === 1)
  equal(stage.connected[0]!.deviceId, boxId(1))
  const heard = new Promise<[string, string]>(resolve =>
    box.once('message', (topic, bytes) => resolve([topic, bytes.toString()])),
  )
  equal(stage.mqtt.publish(boxId(1), 'payment', payment('m1'), 'm1'), true)
  deepEqual(await heard, [`devices/${boxId(1)}/downlink/payment`, JSON.stringify(payment('m1'))])
  await until(() => stage.delivered.length === 1)
  equal(stage.delivered[0]!.tag, 'm1')
  await box.publishAsync(`devices/${boxId(1)}/uplink/ack`, '{"message_id":"m1"}', { qos: 1 })
  const [{ topic, payload, will, session }] = stage.uplinks as [(typeof stage.uplinks)[0]]
  deepEqual([topic, payload, will], ['ack', { message_id: 'm1' }, false])
  equal(session, stage.connected[0]!.session)
})

test('broker: nobody is there: no, and nothing is kept for later (BRX1, BRS1)', async () => {
  stage = await BrokerStage.open()
  equal(stage.mqtt.publish(boxId(1), 'payment', payment('m1')), false)
  const lasting = { clean: false }
  const first = await stage.box(1, lasting)
  await first.endAsync()
  await until(() => stage.gone.length === 1)
  equal(stage.mqtt.publish(boxId(1), 'payment', payment('m2')), false)
  const second = stage.client(1, lasting)
  const heard: string[] = []
  second.on('message', (_, bytes) => heard.push(JSON.parse(bytes.toString()).message_id))
  await connectedOf(second)
  await until(() => stage.listening.length === 2, 'its filters are remembered')
  equal(stage.mqtt.publish(boxId(1), 'payment', payment('m3')), true)
  await until(() => heard.length > 0)
  deepEqual(heard, ['m3'])
})

test('broker: a session that lasts: unacknowledged is not said again by the broker (BRX2, BRS2)', async () => {
  stage = await BrokerStage.open()
  const first = await stage.box(1, { clean: false })
  first.handleMessage = () => {}
  equal(stage.mqtt.publish(boxId(1), 'payment', payment('m1'), 'm1'), true)
  first.stream.destroy()
  await until(() => stage.gone.length === 1)
  const second = stage.client(1, { clean: false })
  const heard: string[] = []
  second.on('message', (_, bytes) => heard.push(JSON.parse(bytes.toString()).message_id))
  await connectedOf(second)
  await until(() => stage.listening.length === 2)
  stage.mqtt.publish(boxId(1), 'payment', payment('m2'), 'm2')
  await until(() => stage.delivered.some(one => one.tag === 'm2'))
  deepEqual(heard, ['m2'])
  deepEqual(
    stage.delivered.map(one => one.tag),
    ['m2'],
  )
})

test('broker: a box that listens to one kind: the others are not taken (BRX1)', async () => {
  stage = await BrokerStage.open()
  const box = stage.client(1)
  await connectedOf(box)
  await box.subscribeAsync(`devices/${boxId(1)}/downlink/payment`, { qos: 0 })
  equal(stage.mqtt.publish(boxId(1), 'config', { version: 1 }), false)
  const heard = new Promise<{ qos: number }>(resolve =>
    box.once('message', (_topic, _bytes, packet) => resolve(packet)),
  )
  equal(stage.mqtt.publish(boxId(1), 'payment', payment('m1'), 'm1'), true)
  equal((await heard).qos, 0)
  await box.unsubscribeAsync(`devices/${boxId(1)}/downlink/payment`)
  equal(stage.mqtt.publish(boxId(1), 'payment', payment('m2')), false)
  equal(stage.mqtt.stats.untaken, 2)
})

test('broker: at QoS 0: that it is on the socket is told once, and is no receipt (BRX4)', async () => {
  stage = await BrokerStage.open()
  const box = stage.client(1)
  await connectedOf(box)
  await box.subscribeAsync(`devices/${boxId(1)}/downlink/payment`, { qos: 0 })
  const heard = new Promise(resolve => box.once('message', resolve))
  equal(stage.mqtt.publish(boxId(1), 'payment', payment('m1'), 'm1'), true)
  equal(stage.mqtt.publish(boxId(1), 'payment', payment('m2')), true)
  await heard
  await until(() => stage.delivered.length === 1)
  deepEqual(
    stage.delivered.map(({ tag, unanswered }) => [tag, unanswered]),
    [['m1', true]],
  )
  equal(stage.mqtt.stats.received, 0)
})

test('broker: topics one after the other: what a box hears is told each time (BRA2)', async () => {
  stage = await BrokerStage.open()
  const box = stage.client(1)
  await connectedOf(box)
  const topic = (kind: string) => `devices/${boxId(1)}/downlink/${kind}`
  const heard = () => stage.listening.map(({ hears }) => hears.join(' '))
  await box.subscribeAsync(topic('payment'), { qos: 1 })
  await box.subscribeAsync([topic('command'), topic('config')], { qos: 1 })
  await box.subscribeAsync(topic('command'), { qos: 0 })
  await box.unsubscribeAsync(topic('payment'))
  await until(() => stage.listening.length === 3)
  deepEqual(heard(), ['payment', 'payment config command', 'config command'])
  equal(new Set(stage.listening.map(({ session }) => session)).size, 1)
})

test('broker: two boxes try each other’s topics: refused, counted, told; neither harmed (BRA2)', async () => {
  stage = await BrokerStage.open()
  const [one, other] = await Promise.all([stage.box(1), stage.box(2)])
  const foreign = [
    `devices/${boxId(2)}/downlink/#`,
    `devices/${boxId(2)}/downlink/payment`,
    'devices/+/downlink/payment',
    `devices/${boxId(1)}/uplink/#`,
    `devices/${boxId(1)}/#`,
    ...['#', '+/#', '$SYS/#', '$share/g/devices/#', `$share/g/devices/${boxId(1)}/downlink/#`],
  ]
  for (const filter of foreign) await rejects(one.subscribeAsync(filter, { qos: 1 }), filter)
  deepEqual(
    stage.refused.map(({ deviceId, reason, topic }) => [deviceId, reason, topic]),
    foreign.map(filter => [boxId(1), 'subscribe', filter]),
  )
  const heard: string[] = []
  one.on('message', topic => heard.push(topic))
  other.on('message', topic => heard.push(topic))
  stage.mqtt.publish(boxId(2), 'payment', payment('m1'), 'm1')
  await until(() => stage.delivered.length === 1)
  deepEqual(heard, [`devices/${boxId(2)}/downlink/payment`])

  const closed = closedOf(one)
  one.publish(`devices/${boxId(2)}/uplink/ack`, '{"message_id":"m1"}', { qos: 1 })
  await closed
  equal(stage.uplinks.length, 0)
  equal(stage.mqtt.stats.refused.publish_topic, 1)
  equal(stage.gone[0]!.why, 'refused')
  equal(other.connected, true)
})

test('broker: a box that goes on trying: let go, and remembered for a while (BRA2)', async () => {
  let now = 0
  stage = await BrokerStage.open({ limits: { trespassesMax: 3 }, now: () => now })
  const box = await stage.box(1)
  const closed = closedOf(box)
  for (let i = 0; i < 4; i++) box.subscribe(`devices/${boxId(i + 2)}/downlink/#`)
  await closed
  deepEqual([stage.refused.length, stage.gone[0]?.why], [4, 'refused'])
  deepEqual(stage.mqtt.trespassers(), [{ device: boxId(1), count: 4 }])
  now = 11 * 60_000
  deepEqual(stage.mqtt.trespassers(), [])
})

for (const [what, topic, reason, options] of [
  ['a downlink of its own', `devices/${boxId(1)}/downlink/payment`, 'publish_topic', {}],
  ['the root of its uplinks', `devices/${boxId(1)}`, 'publish_topic', {}],
  ['a system topic', '$SYS/broker', 'publish_topic', {}],
  ['a retained message', `devices/${boxId(1)}/uplink/ack`, 'publish_retained', { retain: true }],
] as const) {
  test(`broker: ${what}: ends the connection and is counted (BRA2)`, async () => {
    stage = await BrokerStage.open()
    const box = await stage.box(1)
    const closed = closedOf(box)
    box.publish(topic, '{}', { qos: 1, ...options })
    await closed
    await until(() => stage.gone.length === 1)
    deepEqual([stage.mqtt.stats.refused[reason], stage.uplinks.length], [1, 0])
  })
}

test('broker: the newer connection wins, the older is closed and told why (BRA1)', async () => {
  stage = await BrokerStage.open()
  const older = await stage.box(1)
  const closed = closedOf(older)
  const newer = await stage.box(1)
  await closed
  deepEqual(
    stage.gone.map(({ session, why }) => [session, why]),
    [[stage.connected[0]!.session, 'replaced']],
  )
  notEqual(stage.connected[0]!.session, stage.connected[1]!.session)
  equal(stage.mqtt.publish(boxId(1), 'payment', payment('m1'), 'm1'), true)
  await until(() => stage.delivered.length === 1)
  equal(newer.connected, true)
  equal(stage.mqtt.stats.replaced, 1)
})

test('broker: many connections of one box at once: one stays, each other one is gone (BRA1, BRS3)', async () => {
  stage = await BrokerStage.open()
  const clients = Array.from({ length: 40 }, () => stage.client(1))
  let closed = 0
  for (const client of clients) client.once('close', () => void closed++)
  await until(() => closed === 39 && stage.mqtt.stats.sockets === 1)
  await until(() => stage.connected.length - stage.gone.length === 1)
  equal(clients.filter(client => client.connected).length, 1)
  equal(stage.mqtt.stats.boxes, 1)
  equal(new Set(stage.gone.map(one => one.session)).size, stage.gone.length)
})

test('broker: two of one box are let in in the same moment: nothing of the older stays (BRA1)', async () => {
  stage = await BrokerStage.open()
  const waiting: (() => void)[] = []
  stage.login = ({ name, secret: given }) =>
    new Promise(answer => waiting.push(() => answer(answerTo(name, given))))
  // As a head of the mesh answers: several logins in one packet.
  const ends = await Promise.all(
    [1, 2].map(async n => {
      const near = stage.mqtt.enter('10.0.0.1') as Duplex & { other: Duplex }
      const end = new WeakRef(near.other)
      const options = { clientId: boxId(1), username: boxId(1), password: secret }
      const client = new MqttClient(() => near as never, { ...options, reconnectPeriod: 0 })
      client.on('error', () => {})
      await until(() => waiting.length >= n)
      return { end, closed: closedOf(client) }
    }),
  )
  for (const answer of waiting.splice(0)) answer()
  await ends[0]!.closed
  await until(() => stage.connected.length === 1)
  equal(stage.mqtt.stats.boxes, 1)
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  await until(() => {
    collect()
    return ends[0]!.end.deref() === undefined
  }, 'the older end is let go')
  stage.mqtt.disconnect(boxId(1))
})

test('broker: 500 boxes come back at once: all are served (BRA4)', async () => {
  stage = await BrokerStage.open({ limits: { loginsMax: 16 } })
  const asked = Promise.withResolvers<void>()
  stage.login = async ({ name, secret: given }) => {
    await asked.promise
    return answerTo(name, given)
  }
  const boxes = Array.from({ length: 500 }, (_, n) => stage.box(n))
  await until(() => stage.mqtt.stats.loginsWaiting === 500 - 16, 'the others wait')
  asked.resolve()
  await Promise.all(boxes)
  await until(() => stage.listening.length === 500)
  for (let n = 0; n < 500; n++) ok(stage.mqtt.publish(boxId(n), 'payment', payment('m'), `m${n}`))
  await until(() => stage.delivered.length === 500)
  equal(new Set(stage.delivered.map(one => one.tag)).size, 500)
})

const connack = (code: number) => new RegExp(`Connection refused: .*|${code}`)
for (const [what, options, code, reason] of [
  ['a wrong secret', { password: 'wrong' }, 4, 'credential'],
  ['no secret', { password: '' }, 4, 'credential'],
  ['a name that is none', { username: 'a b' }, 4, 'credential'],
  ['another client id', { clientId: boxId(2) }, 2, 'client_id'],
  [
    'a foreign will',
    { will: { topic: `devices/${boxId(2)}/uplink/ack`, payload: Buffer.from('{}') } },
    5,
    'will',
  ],
  [
    'a retained will',
    { will: { topic: `devices/${boxId(1)}/uplink/ack`, payload: Buffer.from('{}'), retain: true } },
    5,
    'will',
  ],
  [
    'a will with a wildcard',
    { will: { topic: `devices/${boxId(1)}/uplink/+`, payload: Buffer.from('{}') } },
    5,
    'will',
  ],
] as const) {
  test(`broker: ${what}: refused with ${code} and counted (BRA2)`, async () => {
    stage = await BrokerStage.open()
    const error = await connectedOf(stage.client(1, options as unknown as IClientOptions)).then(
      () => null,
      (cause: Error & { code?: number }) => cause,
    )
    equal(error?.code, code)
    match(error?.message ?? '', connack(code))
    equal(stage.mqtt.stats.refused[reason], 1)
    equal(stage.connected.length, 0)
  })
}

test('broker: a service that does not answer: server unavailable, nobody is let in (BRA4)', async () => {
  stage = await BrokerStage.open({ limits: { loginMs: 20 } })
  stage.login = () => new Promise(() => {})
  await rejects(connectedOf(stage.client(1)), { code: 3 })
  stage.login = () => Promise.reject(new Error('down'))
  await rejects(connectedOf(stage.client(1)), { code: 3 })
  equal(stage.mqtt.stats.refused.unavailable, 2)
})

test('broker: a way in of this process: a box like any other, counted for its own address (BRA4)', async () => {
  stage = await BrokerStage.open({ limits: { failuresPerMin: 1 }, now: () => 1 })
  const from = (address: string, given = secret) => {
    const words = { clientId: boxId(1), username: boxId(1), password: given }
    const client = new MqttClient(() => stage.mqtt.enter(address) as never, {
      ...{ ...words, reconnectPeriod: 0 },
    })
    return client
  }
  await rejects(connectedOf(from('203.0.113.7', 'wrong')), { code: 4 })
  await rejects(connectedOf(from('203.0.113.7')), { code: 3 })
  const box = from('203.0.113.8')
  await connectedOf(box)
  await until(() => stage.connected.length === 1)
  equal(stage.connected[0]!.transport, 'ws')
  await box.subscribeAsync(`devices/${boxId(1)}/downlink/#`, { qos: 1 })
  const heard = new Promise(resolve => box.once('message', (_, bytes) => resolve(`${bytes}`)))
  equal(stage.mqtt.publish(boxId(1), 'payment', payment('m1'), 'm1'), true)
  equal(await heard, JSON.stringify(payment('m1')))
  await until(() => stage.delivered.length === 1)
  // Heartbeats are taken on their way in; what is said after them arrives all the same.
  const beat = `devices/${boxId(1)}/uplink/heartbeat`
  for (let n = 0; n < 3; n++) await box.publishAsync(beat, '{"battery_level":80}', { qos: 1 })
  const alive = new Promise(resolve => box.on('packetreceive', ({ cmd }) => resolve(cmd)))
  box.sendPing()
  equal(await alive, 'pingresp')
  await box.publishAsync(beat, '{"battery_level":79}', { qos: 1 })
  equal(stage.uplinks.length, 4)
  const over = closedOf(box)
  stage.mqtt.disconnectAll()
  await over
  equal(stage.gone.length, 1)
})

test('broker: failed logins: one name of one address waits, its neighbours do not (BRA4)', async () => {
  stage = await BrokerStage.open({ limits: { failuresPerMin: 2 }, now: () => 1 })
  for (let i = 0; i < 2; i++)
    await rejects(connectedOf(stage.client(1, { password: 'wrong' })), { code: 4 })
  await rejects(connectedOf(stage.client(1)), { code: 3 })
  await stage.box(2)
  equal(stage.mqtt.stats.refused.failures, 1)
})

test('broker: a flood: its sender is cut off, the others are served on (BRA4, BRC3)', async () => {
  stage = await BrokerStage.open({ limits: { publishesBurst: 20, publishesPerMin: 1 } })
  const [loud, quiet] = await Promise.all([stage.box(1), stage.box(2)])
  const closed = closedOf(loud)
  for (let i = 0; i < 200; i++) loud.publish(`devices/${boxId(1)}/uplink/heartbeat`, '{}')
  await closed
  deepEqual(
    stage.refused.map(({ deviceId, reason }) => [deviceId, reason]),
    [[boxId(1), 'flood']],
  )
  ok(stage.uplinks.length <= 20)
  await quiet.publishAsync(`devices/${boxId(2)}/uplink/heartbeat`, '{}', { qos: 1 })
})

test('broker: a flood: who comes in again has no more of it, and is cut off again (BRA4)', async () => {
  stage = await BrokerStage.open({ limits: { publishesBurst: 20, publishesPerMin: 1 } })
  for (let i = 0; i < 3; i++) {
    const loud = await stage.box(1)
    const closed = closedOf(loud)
    for (let n = 0; n < 30; n++) loud.publish(`devices/${boxId(1)}/uplink/heartbeat`, '{}')
    await closed
    loud.end(true)
  }
  equal(stage.mqtt.stats.refused.flood, 3)
  ok(stage.uplinks.length <= 20)
  const quiet = await stage.box(2)
  await quiet.publishAsync(`devices/${boxId(2)}/uplink/heartbeat`, '{}', { qos: 1 })
})

test('broker: a box that comes in again and again: only so often, its neighbours at once (BRA4)', async () => {
  stage = await BrokerStage.open({ limits: { connectsPerMin: 3 }, now: () => 1 })
  for (let i = 0; i < 3; i++) await stage.box(1)
  let asked = 0
  stage.login = async ({ name, secret }) => {
    asked++
    return answerTo(name, secret)
  }
  await rejects(connectedOf(stage.client(1)), { code: 3 })
  deepEqual([asked, stage.mqtt.stats.refused.connects], [0, 1])
  await stage.box(2)
})

test('broker: an oversized message: its connection ends before the message has come (BRA4, BRC2)', async () => {
  stage = await BrokerStage.open()
  const [large, small] = await Promise.all([stage.box(1), stage.box(2)])
  const closed = closedOf(large)
  large.publish(`devices/${boxId(1)}/uplink/ack`, Buffer.alloc(4 * 1024 * 1024))
  await closed
  await until(() => stage.gone.length === 1)
  deepEqual([stage.gone[0]!.why, stage.mqtt.stats.refused.packet_size], ['refused', 1])
  ok(stage.mqtt.stats.bytesIn < 2 * 1024 * 1024, 'what it announced was not waited for')
  equal(small.connected, true)
})

test('broker: a payload over the limit within a packet that is not: refused (BRA4)', async () => {
  stage = await BrokerStage.open()
  const box = await stage.box(1)
  const closed = closedOf(box)
  box.publish(`devices/${boxId(1)}/uplink/ack`, Buffer.alloc(defaultLimits.payloadBytesMax + 1))
  await closed
  equal(stage.mqtt.stats.refused.payload_size, 1)
})

test('broker: sockets beyond the limit: turned away, those inside stay (BRA4)', async () => {
  stage = await BrokerStage.open({ limits: { connectionsMax: 2 } })
  const boxes = await Promise.all([stage.box(1), stage.box(2)])
  await rejects(connectedOf(stage.client(3)))
  deepEqual(
    boxes.map(box => box.connected),
    [true, true],
  )
  equal(stage.mqtt.health().ok, false)
  equal(stage.mqtt.stats.refused.connections, 1)
})

test('broker: arrivals of one address: spent by the minute (BRA4)', async () => {
  stage = await BrokerStage.open({ limits: { arrivalsPerMin: 2 }, now: () => 1 })
  await stage.box(1)
  await stage.box(2)
  await rejects(connectedOf(stage.client(3)))
  equal(stage.mqtt.stats.refused.arrivals, 1)
})

test('broker: a will: said when its box is lost, not when it leaves (BRA2)', async () => {
  stage = await BrokerStage.open()
  const will = { topic: `devices/${boxId(1)}/uplink/heartbeat`, payload: Buffer.from('{"off":1}') }
  const lost = await stage.box(1, { will: { ...will, qos: 1, retain: false } })
  lost.stream.destroy()
  await until(() => stage.gone.length === 1)
  equal(stage.gone[0]!.why, 'lost')
  deepEqual(
    stage.uplinks.map(one => [one.topic, one.payload, one.will, one.session]),
    [['heartbeat', { off: 1 }, true, stage.gone[0]!.session]],
  )
  const leaver = await stage.box(1, { will: { ...will, qos: 1, retain: false } })
  await leaver.endAsync()
  await until(() => stage.gone.length === 2)
  deepEqual([stage.gone[1]!.why, stage.uplinks.length], ['left', 1])
})

test('broker: an uplink that could not be taken: not acknowledged, and the box says it again (BRA3)', async () => {
  stage = await BrokerStage.open()
  stage.take = () => Promise.reject(new Error('not durable'))
  const box = await stage.box(1)
  const topic = `devices/${boxId(1)}/uplink/ack`
  const closed = closedOf(box)
  let isAcknowledged = false
  box.publish(topic, '{"message_id":"m1"}', { qos: 1 }, error => {
    isAcknowledged ||= error === undefined || error === null
  })
  await closed
  equal(isAcknowledged, false)
  equal(stage.mqtt.stats.refused.unavailable, 1)
  stage.take = () => undefined
  const again = await stage.box(1)
  await again.publishAsync(topic, '{"message_id":"m1"}', { qos: 1, dup: true })
  equal(stage.uplinks.length, 2)
})

test('broker: what is on own topics but no message of ours is dropped and counted (BRB2)', async () => {
  stage = await BrokerStage.open()
  const box = await stage.box(1)
  const own = `devices/${boxId(1)}/uplink`
  await box.publishAsync(`${own}/unheard/of`, '{}', { qos: 1 })
  await box.publishAsync(`${own}/ack`, 'no json', { qos: 1 })
  await box.publishAsync(`${own}/ack`, '{"message_id":"m1"}', { qos: 2 })
  deepEqual([stage.mqtt.stats.dropped, stage.uplinks.length], [2, 1])
})

test('broker: bytes that are not MQTT: the connection ends at once (BRC1)', async () => {
  stage = await BrokerStage.open()
  const closed = new Promise(resolve => {
    const socket = raw('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    socket.on('error', () => {}).on('close', resolve)
  })
  await closed
  equal(stage.mqtt.stats.refused.not_mqtt, 1)
})

test('broker: packets that are none: the connection ends, and it is told (BRA2)', async () => {
  stage = await BrokerStage.open()
  const box = await stage.box(1)
  const closed = closedOf(box)
  box.stream.write(Buffer.from([0x36, 0]))
  await closed
  await until(() => stage.gone.length === 1)
  deepEqual([stage.refused[0]?.reason, stage.gone[0]!.why], ['unreadable', 'refused'])
})

test('broker: silence before CONNECT: the connection ends (BRA6)', async () => {
  stage = await BrokerStage.open({ limits: { connectMs: 50 } })
  await new Promise(resolve =>
    raw('')
      .on('error', () => {})
      .on('close', resolve),
  )
  equal(stage.mqtt.stats.refused.timeout, 1)
})

test('broker: silence of a box: the connection ends, though it wished no keep-alive (BRA6)', async () => {
  stage = await BrokerStage.open({ limits: { keepAliveSMax: 0.05, keepAliveSMin: 0.05 } })
  await connectedOf(stage.client(1, { keepalive: 0 }))
  await until(() => stage.gone.length === 1)
  equal(stage.gone[0]!.why, 'silent')
})

test('broker: disconnect: the box is let go with the reason that was given', async () => {
  stage = await BrokerStage.open()
  const box = await stage.box(1)
  const closed = closedOf(box)
  equal(stage.mqtt.disconnect(boxId(1), 'refused'), true)
  await closed
  equal(stage.gone[0]!.why, 'refused')
  equal(stage.mqtt.disconnect(boxId(1)), false)
})

test('broker: a box that acknowledges nothing: takes no more than the limit says (BRX3)', async () => {
  let now = 0
  stage = await BrokerStage.open({ limits: { inFlightMax: 3, ackMs: 1_000 }, now: () => now })
  const box = await stage.box(1)
  box.handleMessage = () => {}
  const taken = () => stage.mqtt.publish(boxId(1), 'payment', payment('m'), 'm')
  deepEqual([taken(), taken(), taken(), taken()], [true, true, true, false])
  now += 1_000
  equal(taken(), true)
})

test('broker: a taken port: an error that names it (BRN1)', async () => {
  stage = await BrokerStage.open()
  const port = stage.mqtt.ports.tcp!
  const door = {} as never
  await rejects(Mqtt.open({ tcp: port, host: '127.0.0.1', door }), (cause: unknown) => {
    ok(cause instanceof MqttPortTaken)
    equal(cause.port, port)
    return true
  })
})

test('broker: closing: every box hears it, and nothing is held open', async () => {
  stage = await BrokerStage.open()
  const boxes = await Promise.all([stage.box(1), stage.box(2)])
  const closed = Promise.all(boxes.map(closedOf))
  await stage.mqtt.close()
  await closed
  deepEqual(
    stage.gone.map(one => one.why),
    ['closed', 'closed'],
  )
})

function raw(text: string): Socket {
  const socket = connect(stage.mqtt.ports.tcp!, '127.0.0.1')
  socket.write(text)
  return socket
}
