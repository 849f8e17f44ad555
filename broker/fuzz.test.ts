/** Whatever a box sends, logged in or not: the others are served, and nothing throws. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { BrokerStage, boxId, secret, until } from './scripted.fixture.ts'

let stage: BrokerStage
before(async () => {
  stage = await BrokerStage.open()
})
after(() => stage.close())

const text = (value: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(value as string)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

function packet(first: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const head: number[] = [first]
  let rest = body.length
  do {
    head.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    rest >>= 7
  } while (rest > 0)
  return Buffer.concat([Buffer.from(head), body])
}

const login = (n: number, flags = 0xc2) =>
  packet(
    0x10,
    ...[text('MQTT'), Buffer.from([4, flags, 0, 60])],
    ...[text(boxId(n)), text(boxId(n)), text(secret)],
  )

const loginFive = (n: number, flags: number) =>
  packet(
    0x10,
    ...[text('MQTT'), Buffer.from([5, flags, 0, 60, 0])],
    ...[text(boxId(n)), text(boxId(n)), text(secret)],
  )

const words = ['devices', boxId(1), boxId(2), 'downlink', 'uplink', 'ack', '#', '+', '', '$SYS']
const odd = ['__proto__', 'constructor', 'a+b', '\u0000', '\ud800', '$share', 'x'.repeat(70)]
const topic = fc.oneof(
  fc.array(fc.constantFrom(...words, ...odd), { maxLength: 14 }).map(levels => levels.join('/')),
  fc.constantFrom(
    `devices/${boxId(1)}/uplink/ack`,
    `devices/${boxId(1)}/downlink/#`,
    '/'.repeat(200),
  ),
)
const bytes = fc.uint8Array({ maxLength: 40 })
const id = fc.constantFrom(Buffer.from([0, 1]), Buffer.from([0, 0]), Buffer.from([0xff, 0xff]))
const qos = fc.constantFrom(0, 1, 2, 3)

const said = fc.oneof(
  fc
    .tuple(qos, fc.boolean(), topic, id, bytes)
    .map(([level, retain, on, messageId, payload]) =>
      packet(
        0x30 | (level << 1) | (retain ? 1 : 0),
        text(on),
        level > 0 ? messageId : empty,
        payload,
      ),
    ),
  fc
    .tuple(id, fc.array(fc.tuple(topic, qos), { maxLength: 4 }))
    .map(([messageId, filters]) =>
      packet(
        0x82,
        messageId,
        ...filters.flatMap(([on, level]) => [text(on), Buffer.from([level])]),
      ),
    ),
  fc
    .tuple(id, fc.array(topic, { maxLength: 3 }))
    .map(([messageId, filters]) => packet(0xa2, messageId, ...filters.map(text))),
  fc
    .tuple(fc.constantFrom(0x40, 0x50, 0x62, 0x70), id)
    .map(([type, messageId]) => packet(type, messageId)),
  fc.constantFrom(packet(0xc0), packet(0xe0), login(1), login(2)),
  fc.tuple(fc.integer({ min: 0, max: 255 }), bytes).map(([type, body]) => packet(type, body)),
  bytes.map(body => Buffer.from(body)),
)
const empty = new Uint8Array(0)

/** Says all of it on one connection, and leaves when the other end does or has nothing to say. */
function talk(parts: readonly Uint8Array[]): Promise<void> {
  return new Promise(resolve => {
    const socket = connect(stage.mqtt.ports.tcp!, '127.0.0.1')
    socket.on('error', () => {}).on('close', () => resolve())
    socket.resume()
    socket.write(Buffer.concat(parts), () => socket.end())
  })
}

test('fuzz: packets of every kind, right, wrong and torn: the others are served (BRA2, BRA4)', async () => {
  const witness = await stage.box(9)
  const flags = fc.constantFrom(0xc2, 0xc0, 0xc6, 0xf6, 0x02, 0x00, 0xff)
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(login, loginFive, () => empty),
      flags,
      fc.array(said, { maxLength: 8 }),
      async (begin, flag, all) => {
        await talk([begin(1, flag), ...all])
      },
    ),
    { numRuns: 500 },
  )
  await until(() => stage.mqtt.stats.sockets === 1)
  equal(stage.mqtt.stats.boxes, 1)
  const opened = stage.connected.map(one => one.session)
  const ended = stage.gone.map(one => one.session)
  deepEqual(opened.filter(one => !ended.includes(one)).length, 1, 'each that came has gone')
  equal(new Set(ended).size, ended.length, 'once')
  ok(stage.uplinks.every(one => one.deviceId === boxId(1) || one.deviceId === boxId(2)))
  equal(stage.mqtt.publish(boxId(9), 'payment', { message_id: 'm1' }, 'm1'), true)
  await until(() => stage.delivered.some(one => one.tag === 'm1'))
  equal(witness.connected, true)
})
