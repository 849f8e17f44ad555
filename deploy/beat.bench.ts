/**
 * What a heartbeat costs the process that serves the boxes: broker, door and presence, without the
 * rest of the program. `node deploy/beat.bench.ts [boxes] [beats]` prints microseconds of CPU per
 * beat: by the clock at 333 a second, as ten thousand boxes send them in half a minute, one under
 * way at a time, and many at once. The boxes are a process of their own (bench/soundbox/boxes.ts).
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Mqtt } from '../broker/broker.ts'
import { heartbeatOf } from '../services/soundbox/device-words.ts'
import { Presence } from '../services/soundbox/presence.ts'

const [boxes = 500, beats = 10_000] = process.argv.slice(2).map(Number)
const drainMs = 5_000
const idleMs = 3_000

const presence = new Presence()
const mqtt = await Mqtt.open({
  ...{ tcp: 0, host: '127.0.0.1' },
  door: {
    login: async ({ name }) => ({ ok: { deviceId: name, generation: 1, adapter: 'laju' } }),
    connected: ({ deviceId, session, at }) =>
      presence.begin(deviceId, { session, generation: 1 }, at),
    listening() {},
    gone: ({ deviceId, session, at }) => void presence.end(deviceId, session, at),
    uplink({ deviceId, payload, at }) {
      const beat = heartbeatOf(payload ?? {})
      if (beat !== null) presence.beat(deviceId, beat, { at, via: 'mqtt' })
    },
    delivered() {},
    refused() {},
  },
})
setInterval(() => {
  presence.drain(Date.now())
}, drainMs).unref()

const boxesFile = resolve(import.meta.dirname, '../bench/soundbox/boxes.ts')
const fleet = spawn(process.execPath, [boxesFile], {
  env: {
    ...process.env,
    MQTT_PORT: String(mqtt.ports.tcp),
    BOXES: String(boxes),
    NODE_OPTIONS: '',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
})
const [ready] = await once(createInterface(fleet.stdout), 'line')
const { http } = JSON.parse(ready)

await measured('warm-up', '/beat', { messages: beats, inflight: 1 })
for (let round = 1; round <= 2; round++) {
  await measured('one at a time', '/beat', { messages: beats, inflight: 1 })
  await measured('200 at once', '/beat', { messages: beats, inflight: 200 })
}
const idle = process.cpuUsage()
await new Promise(resolve => setTimeout(resolve, idleMs))
const { user, system } = process.cpuUsage(idle)
console.log(`nobody says anything: ${Math.round((user + system) / (idleMs / 1_000))} us per second`)
await measured('by the clock', '/clock', { messages: Math.min(beats, 3_333), perSecond: 333 })
fleet.kill()
await mqtt.close()

async function measured(what: string, path: string, asked: Readonly<Record<string, number>>) {
  const query = Object.entries(asked).map(([name, value]) => `${name}=${value}`)
  const before = process.cpuUsage()
  await (await fetch(`${http}${path}?${query.join('&')}`)).json()
  const { user, system } = process.cpuUsage(before)
  const each = (us: number): string => (us / asked['messages']!).toFixed(1)
  const [all, own, kernel] = [each(user + system), each(user), each(system)]
  console.log(`${what}: ${all} us per beat (user ${own}, system ${kernel})`)
}
