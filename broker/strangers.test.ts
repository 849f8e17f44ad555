/** Clients that know nothing of us: mqtt.js on each road, Mosquitto's programs, other firmware. */

import { deepEqual, equal, match, notEqual, rejects } from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, type TestContext, test } from 'node:test'
import { WebSocket } from 'ws'
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
afterEach(() => stage?.close())

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const hasMosquitto = spawnSync('mosquitto_pub', ['--help']).error === undefined
const without = (program: string, has: boolean) => ({ skip: has ? false : `no ${program} here` })
const payment = { message_id: 'm1', amount: 1_000, text: 'seribu rupiah' }

function certificate(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'laju-tls-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  const made = ['-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', cert]
  execFileSync('openssl', ['req', '-x509', ...made, ...subject], { stdio: 'ignore' })
  return { certFile: cert, cert: readFileSync(cert), key: readFileSync(key) }
}

async function hears(client: ReturnType<BrokerStage['client']>): Promise<unknown> {
  const heard = new Promise(resolve =>
    client.once('message', (_, bytes) => resolve(JSON.parse(bytes.toString()))),
  )
  stage.mqtt.publish(boxId(1), 'payment', payment, 'm1')
  await until(() => stage.delivered.length === 1)
  return heard
}

test(
  'strangers: over TLS: as over TCP; plain bytes are let go (BRN2)',
  without('openssl', hasOpenssl),
  async t => {
    const { cert, key } = certificate(t)
    stage = await BrokerStage.open({ tls: { port: 0, cert, key } })
    const url = `mqtts://127.0.0.1:${stage.mqtt.ports.tls}`
    const box = await stage.box(1, { url, ca: cert })
    equal(stage.connected[0]!.transport, 'tls')
    deepEqual(await hears(box), payment)
    const plain = stage.client(2, { url: `mqtt://127.0.0.1:${stage.mqtt.ports.tls}` })
    await rejects(connectedOf(plain))
    equal(box.connected, true)
  },
)

test('strangers: over WebSocket: as over TCP; no other protocol, and it ends with its socket', async () => {
  stage = await BrokerStage.open({ ws: 0 })
  const url = `ws://127.0.0.1:${stage.mqtt.ports.ws}`
  const box = await stage.box(1, { url })
  equal(stage.connected[0]!.transport, 'ws')
  deepEqual(await hears(box), payment)
  box.stream.destroy()
  await until(() => stage.gone.length === 1 && stage.mqtt.stats.sockets === 0)
  const protocols = await new Promise(resolve => {
    const ws = new WebSocket(url, 'chat')
    ws.on('error', cause => resolve(String(cause))).on('open', () => resolve(ws.protocol))
  })
  match(String(protocols), /Server sent no subprotocol/)
  equal((await fetch(url.replace('ws', 'http'))).status, 426)
})

test('strangers: a newer connection by another road wins as well (BRA1)', async () => {
  stage = await BrokerStage.open({ ws: 0 })
  const older = await stage.box(1)
  const closed = closedOf(older)
  await stage.box(1, { url: `ws://127.0.0.1:${stage.mqtt.ports.ws}` })
  await closed
  equal(stage.gone[0]!.why, 'replaced')
})

/** As Mosquitto's programs are called; what they said and left with. */
function mosquitto(program: 'pub' | 'sub', n: number, args: readonly string[]) {
  const { port } = new URL(stage.url)
  const login = ['-i', boxId(n), '-u', boxId(n), '-P', secret]
  const child: ChildProcess = spawn(
    `mosquitto_${program}`,
    ['-h', '127.0.0.1', '-p', port, ...login, ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  child.stdout!.on('data', text => (said += text))
  child.stderr!.on('data', text => (said += text))
  const ended = new Promise<{ code: number | null; said: string }>(resolve =>
    child.once('close', code => resolve({ code, said })),
  )
  return { child, ended }
}

const mosquittoHere = without('mosquitto_pub', hasMosquitto)

test('strangers: mosquitto_sub hears a payment and acknowledges it', mosquittoHere, async () => {
  stage = await BrokerStage.open()
  const { ended } = mosquitto('sub', 1, [
    '-q',
    '1',
    '-C',
    '1',
    '-t',
    `devices/${boxId(1)}/downlink/#`,
  ])
  await until(() => stage.listening.length === 1)
  stage.mqtt.publish(boxId(1), 'payment', payment, 'm1')
  deepEqual(await ended, { code: 0, said: `${JSON.stringify(payment)}\n` })
  await until(() => stage.delivered.length === 1 && stage.gone.length === 1)
  equal(stage.gone[0]!.why, 'left')
})

test('strangers: mosquitto_sub on another’s topics: denied (BRA2)', mosquittoHere, async () => {
  stage = await BrokerStage.open()
  const { ended } = mosquitto('sub', 1, ['-q', '1', '-t', `devices/${boxId(2)}/downlink/#`])
  const { said } = await ended
  match(said, /denied/i)
  equal(stage.mqtt.stats.refused.subscribe, 1)
})

for (const qos of ['0', '1', '2']) {
  test(
    `strangers: mosquitto_pub at QoS ${qos}: its message arrives once`,
    mosquittoHere,
    async () => {
      stage = await BrokerStage.open()
      const ack = ['-t', `devices/${boxId(1)}/uplink/ack`, '-m', '{"message_id":"m1"}']
      equal((await mosquitto('pub', 1, ['-q', qos, ...ack]).ended).code, 0)
      await until(() => stage.uplinks.length > 0 && stage.gone.length === 1)
      deepEqual(
        stage.uplinks.map(one => one.payload),
        [{ message_id: 'm1' }],
      )
    },
  )
}

test(
  'strangers: mosquitto_pub on another’s topic, with a wrong secret: refused',
  mosquittoHere,
  async () => {
    stage = await BrokerStage.open()
    const ack = ['-t', `devices/${boxId(2)}/uplink/ack`, '-m', '{}']
    notEqual((await mosquitto('pub', 1, ['-q', '1', ...ack]).ended).code, 0)
    const wrong = await mosquitto('pub', 1, ['-P', 'wrong', ...ack]).ended
    match(wrong.said, /not authori[sz]ed|bad user name/i)
    equal(stage.uplinks.length, 0)
    const { publish_topic, credential } = stage.mqtt.stats.refused
    deepEqual([publish_topic, credential], [1, 1])
  },
)

test('strangers: MoreFun’s firmware: its own login, retained will and words (BRB1)', async () => {
  stage = await BrokerStage.open()
  stage.login = async ({ name, secret: given }) => {
    const answer = answerTo(boxId(1), given, 'morefun')
    return 'ok' in answer ? { ok: { ...answer.ok, names: { serial: name } } } : answer
  }
  const state = '/ota/device/connection/SN1/state '
  const client = stage.client(1, {
    ...{ clientId: 'SN1', username: 'SN1', clean: false },
    will: { topic: state, payload: Buffer.from('0'), qos: 1, retain: true },
  })
  await connectedOf(client)
  await rejects(client.subscribeAsync(`devices/${boxId(1)}/downlink/#`, { qos: 1 }))
  await client.subscribeAsync('/ota/SN1/update', { qos: 1 })
  await client.publishAsync(state, '1', { qos: 1, retain: true })
  const told = { ...payment, transaction_id: 't1', ts: '2026-01-02T00:00:00Z' }
  const heard = new Promise<[string, Record<string, unknown>]>(resolve =>
    client.once('message', (topic, bytes) => resolve([topic, JSON.parse(bytes.toString())])),
  )
  equal(stage.mqtt.publish(boxId(1), 'payment', told, 'm1'), true)
  const [topic, body] = await heard
  equal(topic, '/ota/SN1/update')
  deepEqual([body['ttstext'], body['money']], ['seribu rupiah', '1000'])
  equal('order_sn' in body, false)
  await until(() => stage.delivered.length === 1)

  equal(stage.mqtt.publish(boxId(1), 'summary', { count: 2 }, 'm2'), true)
  await until(() => stage.uplinks.length === 1, 'for what it has no word, that is said')
  deepEqual(stage.uplinks[0]!.payload, { message_id: 'm2', status: 'unsaid' })
  client.stream.destroy()
  await until(() => stage.gone.length === 1)
  equal(stage.mqtt.stats.dropped, 2, 'its state and its will are taken and mean nothing')
})
