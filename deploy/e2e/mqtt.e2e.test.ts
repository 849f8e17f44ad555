/** The broker within the whole program: the demo's box comes in by both roads. */

import { deepEqual, equal, match } from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import mqtt from 'mqtt'
import { freePort, Stage } from './stage.ts'

let stage: Stage
before(async () => {
  stage = new Stage()
})
after(() => stage.close())

test('mqtt: started: the demo’s box is let in by TCP and by the pages’ port, one at a time (BRM1)', async () => {
  const program = await stage.launch()
  const ready = (await program.ready()) as { http: string; mqtt: string }
  match(ready.mqtt, /^mqtt:\/\/127\.0\.0\.1:\d+$/)
  const { device } = JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'))
  const login = {
    ...{ clientId: device.id, username: device.id, password: device.secret },
    ...{ reconnectPeriod: 0 },
  }
  const box = await mqtt.connectAsync(ready.mqtt, login)
  await box.subscribeAsync(`devices/${device.id}/downlink/#`, { qos: 1 })
  const beat = { timestamp: new Date().toISOString(), battery_level: 80, network_strength: 70 }
  const beaten = `devices/${device.id}/uplink/heartbeat`
  await box.publishAsync(beaten, JSON.stringify(beat), { qos: 1 })
  const closed = new Promise<void>(resolve => box.once('close', () => resolve()))
  const page = await mqtt.connectAsync(`${ready.http.replace('http', 'ws')}/mqtt`, login)
  await closed
  await page.publishAsync(beaten, JSON.stringify(beat), { qos: 1 })
  const parts = (await (await fetch(`${ready.http}/health/deep`)).json()) as {
    data: { parts: { name: string; ok: boolean }[] }
  }
  equal(parts.data.parts.find(part => part.name === 'mqtt')?.ok, true)
  const metrics = await (await fetch(`${ready.http}/metrics`)).text()
  match(metrics, /^laju_mqtt_boxes 1$/m)
  match(metrics, /^laju_mqtt_replaced_total 1$/m)

  const cut = new Promise<void>(resolve => page.once('close', () => resolve()))
  program.signal('SIGTERM')
  await cut
  equal((await program.ended).code, 0)
})

test('mqtt: a port that is taken, a certificate that is none: one sentence each (BRM3)', async t => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.after(() => taken.close())
  const { port } = taken.address() as { port: number }
  const said = async (env: Record<string, string>) => {
    const program = await stage.launch({ folder: 'refused', env })
    const { code, stdout, stderr } = await program.ended
    deepEqual([code, stdout], [2, ''])
    return stderr.trim()
  }
  equal(
    await said({ MQTT_PORT: String(port) }),
    `MQTT_PORT ${port} is taken: stop what uses it, or set MQTT_PORT to another one (empty: none).`,
  )
  const files = { TLS_CERT_FILE: '/nowhere.pem', TLS_KEY_FILE: import.meta.filename }
  const secure = { MQTT_PORT: '', MQTTS_PORT: String(await freePort()) }
  match(
    await said({ ...secure, ...files }),
    /^TLS_CERT_FILE is \/nowhere\.pem, which can't be read \(ENOENT\): .*\.$/,
  )
  match(
    await said({ ...secure, ...files, TLS_CERT_FILE: import.meta.filename }),
    /^TLS_CERT_FILE and TLS_KEY_FILE are no certificate and key that fit .*\.$/,
  )
})
