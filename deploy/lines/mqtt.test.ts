import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import mqtt from 'mqtt'
import { type BrokerDeps, openAdapters, openMqtt } from './mqtt.ts'

const id = '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e880'
const none = { mqttPort: null, mqttsPort: null, mqttWsPort: null }

function deps(change: Partial<BrokerDeps>): BrokerDeps {
  const door = {
    login: async () => ({ ok: { deviceId: id, generation: 1, adapter: 'laju' } }),
    connected() {},
    listening() {},
    gone() {},
    async uplink() {},
    delivered() {},
  }
  return {
    settings: { ...none, mqttPort: 0 },
    adapters: openAdapters(),
    tls: null,
    devices: { door, attach() {} },
    isOwner: () => true,
    mesh: null,
    log() {},
    ...change,
  }
}

test('mqtt: no port is set: there is no broker', async () => {
  equal(await openMqtt(deps({ settings: none })), null)
})

test('mqtt: another process owns the journal: the boxes are let go (BRM2)', async t => {
  let isOwner = true
  const broker = await openMqtt(deps({ isOwner: () => isOwner }))
  t.after(() => broker?.close())
  const login = { clientId: id, username: id, password: 'secret', reconnectPeriod: 0 }
  const box = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker?.ports.tcp}`, login)
  const closed = new Promise<void>(resolve => box.once('close', () => resolve()))
  isOwner = false
  await closed
})

test('mqtt: a hundred boxes in trouble: a few lines, that say how many more (BRM4)', async t => {
  const lines: object[] = []
  const log: BrokerDeps['log'] = (_level, _what, more = {}) => void lines.push(more)
  const { devices } = deps({})
  const login = async () => {
    throw new Error('standing by')
  }
  const door = { ...devices.door, login }
  const broker = await openMqtt(deps({ log, devices: { ...devices, door } }))
  t.after(() => broker?.close())
  const options = { clientId: id, username: id, password: 'secret', reconnectPeriod: 0 }
  const refused = () =>
    mqtt.connectAsync(`mqtt://127.0.0.1:${broker?.ports.tcp}`, options, false).then(
      client => client.end(true),
      () => 'refused',
    )
  let asked = 0
  for (const began = performance.now(); lines.length < 2; ) {
    deepEqual(await refused(), 'refused')
    asked++
    ok(performance.now() - began < 60_000)
  }
  const [first, second] = lines as [object, { omitted?: number }]
  equal('omitted' in first, false)
  equal(second.omitted, asked - 2)
})
