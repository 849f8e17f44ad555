/**
 * The broker within the whole program: the demo's box comes in by both roads, and over TLS with the
 * programs of others, which trust nothing but the authority that they were given.
 *
 * DMQ1. Over TLS the certificate of the settings is shown, and nothing older than TLS 1.2 is
 *       spoken.
 */

import { deepEqual, equal, match, notEqual } from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import mqtt from 'mqtt'
import { freePort } from '../../services/wire/free-port.fixture.ts'
import { type Program, Stage, until } from './stage.ts'

const limitMs = 60_000
const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const hasMosquitto = spawnSync('mosquitto_pub', ['--help']).error === undefined
const withoutOpenssl = { skip: hasOpenssl ? false : 'no openssl here' }
const withoutMosquitto = {
  skip: hasOpenssl && hasMosquitto ? false : 'no openssl and mosquitto_pub here',
}
let stage: Stage
let program: Program
let ready: { http: string; mqtt: string }
let device: { id: string; secret: string }
let tls: { port: number; authority: string; stranger: string }

before(async () => {
  stage = new Stage()
  const env: Record<string, string> = {}
  if (hasOpenssl) {
    const [authority, stranger] = [certificateOf('authority'), certificateOf('stranger')]
    tls = { port: await freePort(), authority: authority.cert, stranger: stranger.cert }
    const server = certificateOf('broker', authority)
    env['MQTTS_PORT'] = String(tls.port)
    env['TLS_CERT_FILE'] = server.cert
    env['TLS_KEY_FILE'] = server.key
  }
  program = await stage.launch({ env })
  ready = (await program.ready()) as typeof ready
  const demo = JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'))
  device = demo.device
})
after(() => stage.close())

type Pair = { readonly cert: string; readonly key: string }

/** Signed by `by`, for localhost; without it an authority of its own. */
function certificateOf(name: string, by?: Pair): Pair {
  const [key, cert, asked, more] = ['key', 'pem', 'csr', 'ext'].map(end =>
    join(stage.folder, `${name}.${end}`),
  ) as [string, string, string, string]
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' })
  const fresh = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-subj', `/CN=laju ${name}`]
  if (by === undefined) {
    openssl('req', '-x509', ...fresh, '-days', '2', '-out', cert)
  } else {
    openssl('req', '-new', ...fresh, '-out', asked)
    writeFileSync(more, 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
    const signer = ['-CA', by.cert, '-CAkey', by.key, '-CAcreateserial', '-extfile', more]
    openssl('x509', '-req', '-in', asked, ...signer, '-days', '2', '-out', cert)
  }
  return { cert, key }
}

test('mqtt: started: the demo’s box is let in by TCP and by the pages’ port, one at a time (BRM1)', async () => {
  match(ready.mqtt, /^mqtt:\/\/127\.0\.0\.1:\d+$/)
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
  await page.endAsync()
  await boxes(0)
})

const boxes = (count: number) =>
  until(`${count} boxes`, limitMs, async () =>
    (await (await fetch(`${ready.http}/metrics`)).text()).includes(`\nlaju_mqtt_boxes ${count}\n`),
  )

type Told = {
  readonly token: string
  readonly command_id: string
  readonly rows: readonly { readonly command_id: string; readonly status: string }[]
}

/** As Mosquitto's programs are called over TLS; what they said and left with. */
function mosquitto(name: 'pub' | 'sub', args: readonly string[], authority = tls.authority) {
  const child: ChildProcess = spawn(
    `mosquitto_${name}`,
    [
      ...['-h', 'localhost', '-p', String(tls.port), '--cafile', authority, '-V', 'mqttv311'],
      ...['-i', device.id, '-u', device.id, '-P', device.secret, '-q', '1', ...args],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let [said, complained] = ['', '']
  child.stdout!.on('data', text => (said += text))
  child.stderr!.on('data', text => (complained += text))
  return once(child, 'close').then(([code]) => ({ code: code as number, said, complained }))
}

test(
  'mqtt: Mosquitto’s programs over TLS: hear a command and answer it, but trust no stranger (DMQ1)',
  withoutMosquitto,
  async () => {
    const { email, password } = JSON.parse(
      readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'),
    ).admin
    const staff = async (path: string, token: string, body?: object) => {
      const answer = await fetch(`${ready.http}/admin/${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      equal(answer.status, 200, `${path}: ${answer.status}`)
      return (await answer.json()) as Told
    }
    const { token } = await staff('login', '', { email, password })

    const heard = mosquitto('sub', ['-t', `devices/${device.id}/downlink/command`, '-C', '1'])
    await boxes(1)
    const wish = { type: 'volume', args: { level: 40 } }
    const { command_id } = await staff(`devices/${device.id}/commands`, token, wish)
    const { code, said, complained } = await heard
    deepEqual([code, complained], [0, ''])
    equal(JSON.parse(said).command_id, command_id)

    const payload = JSON.stringify({ command_id, status: 'done' })
    const topic = `devices/${device.id}/uplink/command/ack`
    deepEqual(await mosquitto('pub', ['-t', topic, '-m', payload]), {
      ...{ code: 0, said: '', complained: '' },
    })
    await until('the command is done', limitMs, async () => {
      const { rows } = await staff(`devices/${device.id}/commands`, token)
      return rows.some(row => row.command_id === command_id && row.status === 'done')
    })
    const refused = await mosquitto('pub', ['-t', topic, '-m', payload], tls.stranger)
    notEqual(refused.code, 0)
    match(refused.complained, /certificate|TLS/i)
  },
)

/** What OpenSSL's client sees of the TLS port. */
function seen(...args: string[]): string {
  const { stdout, stderr } = spawnSync(
    'openssl',
    [
      ...['s_client', '-connect', `127.0.0.1:${tls.port}`, '-servername', 'localhost'],
      ...['-verify_hostname', 'localhost', '-CAfile', tls.authority, ...args],
    ],
    { input: '', encoding: 'utf8', timeout: limitMs },
  )
  return stdout + stderr
}

test(
  'mqtt: TLS: the right certificate, by 1.2 and 1.3 and nothing older (DMQ1)',
  withoutOpenssl,
  () => {
    for (const [version, named] of [
      ['-tls1_2', 'TLSv1.2'],
      ['-tls1_3', 'TLSv1.3'],
    ] as const) {
      const text = seen(version)
      match(text, /subject=CN = laju broker/)
      match(text, /issuer=CN = laju authority/)
      match(text, /Verify return code: 0 \(ok\)/)
      match(text, new RegExp(`${named}, Cipher is `))
    }
    // At this level OpenSSL's client would still speak them; the answer is the broker's.
    for (const version of ['-tls1', '-tls1_1']) {
      match(seen(version, '-cipher', 'DEFAULT@SECLEVEL=0'), /alert protocol version/)
    }
    match(seen('-CAfile', tls.stranger), /Verify return code: (?!0 )\d+/)
  },
)

test('mqtt: stopped: whoever is there is let go, and all ends well (BRM1)', async () => {
  const login = { clientId: device.id, username: device.id, password: device.secret }
  const box = await mqtt.connectAsync(ready.mqtt, { ...login, reconnectPeriod: 0 })
  const cut = new Promise<void>(resolve => box.once('close', () => resolve()))
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
