import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import type { IClientOptions, MqttClient } from 'mqtt'
import { Mesh } from './mesh.ts'
import { BrokerStage, boxId, closedOf, connectedOf, until as holding } from './scripted.fixture.ts'
import { type LocalWire, PartyLine } from './wire.fixture.ts'

const neverMs = 2 ** 31 - 1

/** A process: real broker and real mesh, scripted services. */
type Side = {
  readonly stage: BrokerStage
  readonly mesh: Mesh
  readonly wire: LocalWire
  /** Of its ownership of the journal. */
  epoch: number | null
}

let sides: Side[] = []
let line = new PartyLine()
afterEach(
  async () => {
    for (const { stage, mesh } of sides) {
      await stage.close()
      await mesh.close()
    }
    sides = []
    line = new PartyLine()
  },
  { timeout: 60_000 },
)

async function sideAt(epoch: number | null): Promise<Side> {
  const [stage, wire] = [new BrokerStage(), line.join()]
  const mesh = new Mesh({
    ...{ wire, services: stage.door, now: Date.now, onFault() {} },
    epoch: () => side.epoch,
    limits: { tickMs: neverMs, beatTicks: 1, headlessTicks: 200, callTicks: 400 },
  })
  const side: Side = { stage, mesh, wire, epoch }
  await stage.listen({ door: mesh.door, sessions: mesh.sessions })
  mesh.start(stage.mqtt)
  sides.push(side)
  return side
}

/** Time passes for those who live, so that none is ahead of the others. */
async function rounds(count: number, living: readonly Side[] = sides): Promise<void> {
  for (let n = 0; n < count; n++) {
    for (const { mesh } of living) mesh.tick()
    for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
  }
}

async function until(holds: () => boolean, what: string, living?: readonly Side[]): Promise<void> {
  for (let n = 0; !holds() && n < 20; n++) await rounds(1, living)
  await holding(holds, what)
}

/** A head, and another broker that knows it. */
async function pair(): Promise<[Side, Side]> {
  const [head, other] = [await sideAt(1), await sideAt(null)]
  await until(
    () => head.mesh.stats.nodes === 1 && other.mesh.health().ok,
    'two who know each other',
  )
  return [head, other]
}

/** A box of number `n` there, and what it hears. */
async function boxAt({ stage }: Side, n: number, options: IClientOptions = {}) {
  const heard: string[] = []
  const box = await stage.box(n, options)
  box.on('message', (_, bytes) => heard.push(JSON.parse(bytes.toString()).message_id))
  return { box, heard }
}

const isSaid = ({ mesh }: Side, n: number, message: string): boolean =>
  mesh.publish(boxId(n), 'payment', { message_id: message, amount: 1 }, message)
const ack = (box: MqttClient, n: number, message: string) =>
  box.publishAsync(`devices/${boxId(n)}/uplink/ack`, `{"message_id":"${message}"}`, { qos: 1 })
const sessionsOf = (list: readonly { session: string }[]) => list.map(({ session }) => session)

test('mesh: a box at another broker: comes in, hears, acknowledges and leaves at the head (MSH1)', async () => {
  const [head, other] = await pair()
  const { box, heard } = await boxAt(other, 1)
  await holding(() => head.stage.listening.length === 1)
  deepEqual([head.stage.connected.length, other.stage.connected.length], [1, 0])
  equal(head.mesh.stats.boxes, 1)
  equal(isSaid(head, 1, 'm1'), true)
  await holding(() => heard.length === 1)
  await holding(() => head.stage.delivered.length === 1)
  await ack(box, 1, 'm1')
  await box.publishAsync(`devices/${boxId(1)}/uplink/heartbeat`, '{"battery_level":7}', { qos: 0 })
  await holding(() => head.stage.uplinks.length === 2)
  deepEqual(
    head.stage.uplinks.map(({ topic, session }) => [topic, session]),
    [
      ['ack', head.stage.connected[0]!.session],
      ['heartbeat', head.stage.connected[0]!.session],
    ],
  )
  await box.endAsync()
  await holding(() => head.stage.gone.length === 1)
  equal(head.stage.gone[0]!.why, 'left')
  equal(isSaid(head, 1, 'm2'), false)
  equal(other.stage.uplinks.length, 0)
})

test('mesh: a box elsewhere subscribes little by little: the head knows what it hears (MSH5)', async () => {
  const [head, other] = await pair()
  const box = other.stage.client(1)
  await connectedOf(box)
  await box.subscribeAsync(`devices/${boxId(1)}/downlink/payment`, { qos: 1 })
  await holding(() => head.stage.listening.length === 1)
  const order = () => head.mesh.publish(boxId(1), 'command', { command_id: 'c1' }, 'c1')
  equal(order(), false)
  await box.subscribeAsync(`devices/${boxId(1)}/downlink/command`, { qos: 1 })
  await holding(() => head.stage.listening.length === 2)
  equal(order(), true)
  await holding(() => head.stage.delivered.length === 1)
})

test('mesh: a message that the head can’t take: its box is not told that it was (MSH1)', async () => {
  const [head, other] = await pair()
  const { box } = await boxAt(other, 1)
  head.stage.take = async () => {
    throw new Error('no database')
  }
  const closed = closedOf(box)
  box.publish(`devices/${boxId(1)}/uplink/ack`, '{"message_id":"m1"}', { qos: 1 })
  await closed
})

test('mesh: wrong secrets and trespasses at another broker: the head says no, and hears (MSH1)', async () => {
  const [head, other] = await pair()
  const stranger = other.stage.client(1, { password: 'wrong' })
  await closedOf(stranger)
  equal(other.stage.mqtt.stats.refused.credential, 1)
  const { box } = await boxAt(other, 2)
  await rejects(box.subscribeAsync(`devices/${boxId(3)}/downlink/#`))
  await until(() => head.mesh.trespassers().length === 1, 'the trespass at the head')
  deepEqual(head.mesh.trespassers(), [{ device: boxId(2), count: 1 }])
  equal(other.stage.refused.length, 1)
})

test('mesh: nobody owns the journal: boxes stay, logins wait for who takes it (MSH1)', async () => {
  const [head, other] = await pair()
  const { box } = await boxAt(other, 1)
  await holding(() => head.stage.listening.length === 1)
  head.epoch = null
  await until(() => !other.mesh.health().ok, 'no head')
  // Nobody takes it, and nobody minds.
  await box.publishAsync(`devices/${boxId(1)}/uplink/heartbeat`, '{}', { qos: 1 })
  const second = other.stage.client(2)
  const isIn = new Promise<void>(resolve => second.once('connect', () => resolve()))
  await rounds(20)
  equal(second.connected, false)
  head.epoch = 2
  await until(() => head.stage.connected.some(one => one.deviceId === boxId(2)), 'the login')
  await isIn
  equal(box.connected, true)
  equal(sessionsOf(head.stage.gone).length, 1)
})

test('mesh: two claim the journal: the higher epoch is followed, the lower never again (MSH1)', async () => {
  const [old, other] = await pair()
  const { heard } = await boxAt(other, 1)
  await holding(() => old.stage.listening.length === 1)
  const fresh = await sideAt(2)
  await until(() => fresh.stage.listening.length === 1, 'the box at the new head')
  // The old one does not know yet; he himself has heard of it.
  equal(isSaid(old, 1, 'of the old one'), false)
  equal(isSaid(fresh, 1, 'm1'), true)
  await holding(() => heard.length === 1)
  const late = await sideAt(null)
  await rounds(5)
  const { box } = await boxAt(late, 2)
  await holding(() => fresh.stage.connected.length === 2)
  equal(box.connected, true)
  // The new one leaves: that he was there is remembered.
  await fresh.stage.mqtt.close()
  await fresh.mesh.close()
  await rounds(10)
  deepEqual([other.mesh.health().ok, old.stage.connected.length], [false, 1])
})

test('mesh: the head dies: boxes go on at the next one, and what it left unanswered is asked (MSH2, MSH6)', async () => {
  const [head, other] = await pair()
  const third = await sideAt(null)
  await until(() => third.mesh.health().ok && other.mesh.stats.nodes === 2, 'three')
  const [one, two] = [await boxAt(other, 1), await boxAt(third, 2)]
  await holding(() => head.stage.listening.length === 2)
  const { promise: never } = Promise.withResolvers<void>()
  head.stage.take = () => never
  const answered = ack(two.box, 2, 'm0')
  await holding(() => head.stage.uplinks.length === 1)
  head.wire.isUp = false
  other.epoch = 2
  const living = [other, third]
  await until(() => other.stage.listening.length === 2, 'both at the new head', living)
  await answered
  deepEqual(
    other.stage.uplinks.map(({ deviceId, topic }) => [deviceId, topic]),
    [[boxId(2), 'ack']],
  )
  deepEqual(
    sessionsOf(other.stage.connected).toSorted(),
    sessionsOf(head.stage.connected).toSorted(),
  )
  deepEqual([isSaid(other, 1, 'm1'), isSaid(other, 2, 'm2')], [true, true])
  await holding(() => one.heard.length === 1 && two.heard.length === 1)
  deepEqual([one.heard, two.heard], [['m1'], ['m2']])
  // Once per ownership, however often is heard who it is.
  await rounds(10, living)
  deepEqual([other.stage.connected.length, third.mesh.stats.announced], [2, 2])
  deepEqual([one.box.connected, two.box.connected], [true, true])
  deepEqual(other.stage.gone, [])
})

test('mesh: the same box at another broker: the newer counts, the older is ended (MSH3)', async () => {
  const [head, other] = await pair()
  const first = await boxAt(other, 1)
  await holding(() => head.stage.listening.length === 1)
  const outdone = closedOf(first.box)
  const second = await boxAt(head, 1)
  await outdone
  equal(isSaid(head, 1, 'm1'), true)
  await holding(() => second.heard.length === 1)
  const again = closedOf(second.box)
  const third = await boxAt(other, 1)
  await again
  await holding(() => head.stage.listening.length === 3)
  equal(isSaid(head, 1, 'm2'), true)
  await holding(() => third.heard.length === 1)
  deepEqual([first.heard, second.heard, third.heard], [[], ['m1'], ['m2']])
  await rounds(10)
  equal(third.box.connected, true)
  equal(head.mesh.stats.boxes, 1)
})

test('mesh: a box moved unheard: at the next heartbeat of the older it is ended (MSH3, MSH5)', async () => {
  const [head, other] = await pair()
  const first = await boxAt(other, 1)
  await holding(() => head.stage.listening.length === 1)
  head.wire.loses = ({ words }) => words?.some(({ t }) => t === 'end') ?? false
  const second = await boxAt(head, 1)
  await rounds(5)
  equal(first.box.connected, true)
  head.wire.loses = () => false
  const outdone = closedOf(first.box)
  first.box.publish(`devices/${boxId(1)}/uplink/heartbeat`, '{"battery_level":1}', { qos: 0 })
  await outdone
  equal(head.stage.uplinks.length, 0)
  equal(second.box.connected, true)
})

test('mesh: packets are lost: what is missing is told again, also the last one (MSH4)', async () => {
  const [head, other] = await pair()
  const first = await boxAt(other, 1)
  await holding(() => head.stage.listening.length === 1)
  const isUp = ({ k }: { k: string }) => k === 'up'
  other.wire.loses = packet => isUp(packet) && !JSON.stringify(packet).includes('login')
  // Come in and listening, gone: the head hears neither.
  await boxAt(other, 2)
  const gone = closedOf(first.box)
  await first.box.endAsync()
  await gone
  await holding(() => other.stage.mqtt.stats.boxes === 1)
  equal(head.stage.connected.length, 1)
  other.wire.loses = () => false
  await until(() => head.stage.listening.length === 2, 'the new box')
  await until(() => head.stage.gone.length === 1, 'that the old one is gone')
  deepEqual([head.stage.gone[0]!.deviceId, head.stage.gone[0]!.why], [boxId(1), 'lost'])
  equal(isSaid(head, 2, 'm1'), true)
})

test('mesh: a message is lost with its number: it is asked again after the announcement (MSH2, MSH4)', async () => {
  const [head, other] = await pair()
  const { box } = await boxAt(other, 1)
  await holding(() => head.stage.listening.length === 1)
  other.wire.loses = ({ k }) => k === 'up'
  const answered = ack(box, 1, 'm1')
  await holding(() => other.stage.mqtt.stats.uplinks === 1)
  await rounds(2)
  equal(head.stage.uplinks.length, 0)
  other.wire.loses = () => false
  await until(() => head.stage.uplinks.length > 0, 'the message')
  await answered
  equal(head.stage.connected.length, 1)
})

test('mesh: the wire is cut: no at once for boxes elsewhere, own ones notice nothing (MSH5, MSH8)', async () => {
  const [head, other] = await pair()
  const [away, here] = [await boxAt(other, 1), await boxAt(head, 2)]
  await holding(() => head.stage.listening.length === 2)
  for (const { wire } of [head, other]) wire.isUp = false
  deepEqual([isSaid(head, 1, 'm1'), isSaid(head, 2, 'm2')], [false, true])
  await holding(() => here.heard.length === 1)
  await ack(here.box, 2, 'm2')
  equal(head.mesh.health().ok, false)
  await rounds(10)
  deepEqual(sessionsOf(head.stage.gone), [head.stage.connected[0]!.session])
  for (const { wire } of [head, other]) wire.isUp = true
  await until(() => head.stage.listening.length === 3, 'the box that was away')
  equal(head.mesh.health().ok, true)
  equal(isSaid(head, 1, 'm3'), true)
  await holding(() => away.heard.length === 1)
  deepEqual([away.heard, away.box.connected], [['m3'], true])
})

test('mesh: a broker falls silent, another leaves: their boxes are gone (MSH6)', async () => {
  const [head, other] = await pair()
  const third = await sideAt(null)
  await until(() => third.mesh.health().ok, 'a third')
  await boxAt(other, 1)
  await boxAt(third, 2)
  await holding(() => head.stage.listening.length === 2)
  await third.mesh.close()
  await holding(() => head.stage.gone.length === 1)
  deepEqual([head.stage.gone[0]!.deviceId, head.stage.gone[0]!.why], [boxId(2), 'lost'])
  other.wire.isUp = false
  await rounds(5, [head])
  equal(head.stage.gone.length, 1)
  await rounds(1, [head])
  deepEqual([head.stage.gone[1]?.deviceId, head.stage.gone[1]?.why], [boxId(1), 'lost'])
  equal(head.mesh.stats.nodes, 0)
})

test('mesh: no head for long: the boxes may look elsewhere (MSH7)', async () => {
  const [head, other] = await pair()
  const { box } = await boxAt(other, 1)
  await holding(() => head.stage.listening.length === 1)
  const letGo = closedOf(box)
  head.epoch = null
  await rounds(190)
  equal(box.connected, true)
  await rounds(20)
  await letGo
  ok(!other.mesh.health().ok)
})

test('mesh: a session that lasts: found at the next broker, over when it is said to be (BRS4)', async () => {
  const [head, other] = await pair()
  const first = await boxAt(other, 1, { clean: false })
  await holding(() => head.stage.listening.length === 1)
  await first.box.endAsync()
  // It asks for nothing: its filters are known here as well.
  const again = head.stage.client(1, { clean: false })
  const present = new Promise(resolve => again.once('connect', ack => resolve(ack.sessionPresent)))
  equal(await present, true)
  await holding(() => head.stage.listening.length === 2)
  equal(isSaid(head, 1, 'm1'), true)
  await again.unsubscribeAsync(`devices/${boxId(1)}/downlink/#`)
  await again.endAsync()
  const third = other.stage.client(1, { clean: false })
  const absent = new Promise(resolve => third.once('connect', ack => resolve(ack.sessionPresent)))
  equal(await absent, false)
  await third.subscribeAsync(`devices/${boxId(1)}/downlink/#`, { qos: 1 })
  await third.endAsync()
  // Whoever begins anew ends it everywhere; and a wire that is cut keeps nobody out.
  await (await boxAt(head, 1)).box.endAsync()
  const fourth = other.stage.client(1, { clean: false })
  const gone = new Promise(resolve => fourth.once('connect', ack => resolve(ack.sessionPresent)))
  equal(await gone, false)
  await fourth.endAsync()
  head.wire.isUp = false
  equal((await boxAt(head, 1, { clean: false })).box.connected, true)
})
