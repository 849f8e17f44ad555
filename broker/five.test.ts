import { deepEqual, equal, match, rejects } from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, test } from 'node:test'
import type { IClientOptions, MqttClient } from 'mqtt'
import { BrokerStage, boxId, closedOf, connectedOf, secret, until } from './scripted.fixture.ts'

let stage: BrokerStage
afterEach(() => stage.close())

const five: IClientOptions = { protocolVersion: 5 }
const own = `devices/${boxId(1)}`
const payment = { message_id: 'm1', amount: 1_000, text: 'seribu rupiah' }
const toldOf = (client: MqttClient) =>
  new Promise<number | undefined>(resolve =>
    client.once('disconnect', packet => resolve(packet.reasonCode)),
  )

type Connack = { readonly sessionPresent: boolean; readonly properties?: object }
const answerTo = (client: MqttClient) =>
  new Promise<Connack>(resolve => client.once('connect', packet => resolve(packet as Connack)))

test('five: a box of MQTT 5: listens, hears, acknowledges, speaks, leaves (BRA5, BRV1)', async () => {
  stage = await BrokerStage.open()
  const box = await stage.box(1, five)
  const heard = new Promise(resolve =>
    box.once('message', (_, bytes) => resolve(JSON.parse(bytes.toString()))),
  )
  equal(stage.mqtt.publish(boxId(1), 'payment', payment, 'm1'), true)
  deepEqual(await heard, payment)
  await until(() => stage.delivered.length === 1)
  for (const qos of [1, 2] as const)
    await box.publishAsync(`${own}/uplink/ack`, '{"message_id":"m1"}', {
      ...{ qos, properties: { userProperties: { a: 'b' } } },
    })
  equal(stage.uplinks.length, 2)
  await box.subscribeAsync([`${own}/downlink/payment`, `${own}/downlink/config`], { qos: 0 })
  await box.unsubscribeAsync([`${own}/downlink/#`, `${own}/downlink/payment`])
  equal(stage.mqtt.publish(boxId(1), 'payment', payment), false)
  equal(stage.mqtt.publish(boxId(1), 'config', { version: 1 }), true)
  await box.endAsync()
  await until(() => stage.gone.length === 1)
  equal(stage.gone[0]!.why, 'left')
})

test('five: CONNACK says what there is, and which keep-alive is in force (BRV2)', async () => {
  stage = await BrokerStage.open({ limits: { keepAliveSMax: 300 } })
  const client = stage.client(1, { ...five, keepalive: 4_000 })
  const answer = answerTo(client)
  const { properties, sessionPresent } = await answer
  equal(sessionPresent, false)
  deepEqual(
    { ...properties },
    {
      maximumPacketSize: 9_216,
      serverKeepAlive: 300,
      retainAvailable: false,
      subscriptionIdentifiersAvailable: false,
      sharedSubscriptionAvailable: false,
    },
  )
})

test('five: refusals have the reasons of MQTT 5 (BRV1)', async () => {
  stage = await BrokerStage.open()
  for (const [change, code] of [
    [{ password: 'wrong' }, 0x86],
    [{ clientId: boxId(2) }, 0x85],
    [{ will: { topic: 'a', payload: Buffer.from('') } }, 0x87],
    [{ properties: { authenticationMethod: 'SCRAM' } }, 0x8c],
  ] as const) {
    const options = { ...five, ...change } as unknown as IClientOptions
    await rejects(connectedOf(stage.client(1, options)), { code })
  }
  const box = await stage.box(1, five)
  await rejects(box.subscribeAsync(`devices/${boxId(2)}/downlink/#`, { qos: 1 }), /0x87|authori/i)
  equal(box.connected, true)
})

for (const [what, act, reason] of [
  ['a foreign topic', (box: MqttClient) => box.publish('devices/x', '{}'), 0x87],
  [
    'too large a message',
    (box: MqttClient) => box.publish(`${own}/uplink/ack`, 'x'.repeat(9_000)),
    0x95,
  ],
  ['a newer connection', () => stage.client(1, five), 0x8e],
  ['the end of the broker', () => stage.mqtt.close(), 0x8b],
] as const) {
  test(`five: let go for ${what}: told why (BRV3)`, async () => {
    stage = await BrokerStage.open()
    const box = await stage.box(1, five)
    const told = toldOf(box)
    const closed = closedOf(box)
    act(box)
    equal(await told, reason)
    await closed
  })
}

test('five: a session that shall last, lasts; one without an interval does not (BRS2)', async () => {
  stage = await BrokerStage.open()
  const lasting = { ...five, clean: false, properties: { sessionExpiryInterval: 3_600 } }
  for (const [options, isKept] of [
    [lasting, true],
    [{ ...five, clean: false }, false],
  ] as const) {
    await (await stage.box(1, options)).endAsync()
    const again = stage.client(1, options)
    const answer = answerTo(again)
    equal((await answer).sessionPresent, isKept)
    await again.endAsync()
  }
})

test('five: at QoS 0: that it is on the socket is told, as to a box of 3.1.1 (BRV6, BRX4)', async () => {
  stage = await BrokerStage.open()
  const box = stage.client(1, five)
  await connectedOf(box)
  await box.subscribeAsync(`${own}/downlink/payment`, { qos: 0 })
  const heard = new Promise(resolve => box.once('message', resolve))
  equal(stage.mqtt.publish(boxId(1), 'payment', payment, 'm1'), true)
  await heard
  await until(() => stage.delivered.length === 1)
  deepEqual(
    stage.delivered.map(({ tag, unanswered }) => [tag, unanswered]),
    [['m1', true]],
  )
})

test('five: begun anew and asked to last: nothing of before, and kept from then on (BRV5)', async () => {
  stage = await BrokerStage.open()
  const properties = { sessionExpiryInterval: 3_600 }
  const anew = { ...five, clean: true, properties }
  const goingOn = { ...five, clean: false, properties }
  const present = async (options: IClientOptions) => {
    const client = stage.client(1, options)
    const { sessionPresent } = await answerTo(client)
    await client.endAsync()
    return sessionPresent
  }
  await (await stage.box(1, anew)).endAsync()
  equal(await present(goingOn), true)
  const client = stage.client(1, goingOn)
  await connectedOf(client)
  await until(() => stage.mqtt.publish(boxId(1), 'payment', payment), 'its filters are remembered')
  await client.endAsync()
  equal(await present(anew), false)
  equal(await present(goingOn), false)
})

test('five: a box that takes little is sent no more (BRV4)', async () => {
  stage = await BrokerStage.open()
  const box = await stage.box(1, { ...five, properties: { receiveMaximum: 1 } })
  box.handleMessage = () => {}
  const publish = (n: number) => stage.mqtt.publish(boxId(n), 'payment', payment, 'm')
  deepEqual([publish(1), publish(1)], [true, false])
  await stage.box(2, { ...five, properties: { maximumPacketSize: 60 } })
  equal(publish(2), false)
})

/** As no client library writes it: a login as box 3, with these properties. */
function loginOf(properties: readonly number[]): Buffer {
  const head = [0, 4, ...Buffer.from('MQTT'), 5, 0xc2, 0, 60, properties.length, ...properties]
  const words = [boxId(3), boxId(3), secret].flatMap(word => [0, word.length, ...Buffer.from(word)])
  const body = Buffer.from([...head, ...words])
  return Buffer.from([0x10, (body.length & 0x7f) | 0x80, body.length >> 7, ...body])
}

async function answered(bytes: Buffer) {
  const socket = connect(Number(new URL(stage.url).port), '127.0.0.1')
  socket.write(bytes)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  return { socket, answer: [...answer] }
}

test('five: a box that says it takes none: refused, for it would never hear anything (BRV4)', async () => {
  stage = await BrokerStage.open()
  // Of messages at once, or of the size of one.
  for (const limit of [
    [0x21, 0, 0],
    [0x27, 0, 0, 0, 0],
  ]) {
    const { socket, answer } = await answered(loginOf(limit))
    deepEqual(answer, [0x20, 3, 0, 0x82, 0])
    socket.destroy()
  }
})

test('five: a topic that is no UTF-8: not acknowledged, and the connection ends (BRA2, BRV3)', async () => {
  stage = await BrokerStage.open()
  const { socket } = await answered(loginOf([]))
  const topic = [...Buffer.from(`devices/${boxId(3)}/uplink/`), 0xc3, 0x28]
  const publish = [0, topic.length, ...topic, 0, 1, 0, ...Buffer.from('{}')]
  socket.write(Buffer.from([0x32, publish.length, ...publish]))
  const [told] = (await once(socket, 'data')) as [Buffer]
  deepEqual([...told], [0xe0, 2, 0x81, 0])
  await once(socket, 'close')
  equal(stage.mqtt.stats.refused.unreadable, 1)
  equal(stage.uplinks.length, 0)
})

const hasMosquitto = spawnSync('mosquitto_sub', ['--help']).error === undefined
const skip = hasMosquitto ? false : 'no mosquitto_sub here'

test('five: mosquitto_sub as MQTT 5 hears a payment (BRA5)', { skip }, async () => {
  stage = await BrokerStage.open()
  const { port } = new URL(stage.url)
  const login = ['-V', 'mqttv5', '-i', boxId(1), '-u', boxId(1), '-P', secret]
  const wish = ['-q', '1', '-C', '1', '-t', `${own}/downlink/#`]
  const child = spawn('mosquitto_sub', ['-h', '127.0.0.1', '-p', port, ...login, ...wish])
  let said = ''
  child.stdout.on('data', text => (said += text))
  child.stderr.on('data', text => (said += text))
  const ended = new Promise(resolve => child.once('close', resolve))
  await until(() => stage.listening.length === 1)
  stage.mqtt.publish(boxId(1), 'payment', payment, 'm1')
  equal(await ended, 0)
  match(said, /seribu rupiah/)
  await until(() => stage.delivered.length === 1)
})
