/**
 * Two processes on one database, and a Redis between their brokers. A box comes in at either, hears
 * what is paid at the other, and goes on when the owner dies; Redis may come and go.
 *
 * MSE1. A payment that was acknowledged is said, whoever owned the journal when it was paid, and
 *       wherever its box is.
 * MSE2. A box whose own broker lives never has to reconnect.
 */

import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import mqtt, { type MqttClient } from 'mqtt'
import { RedisServer, withoutRedis } from '../../broker/redis.fixture.ts'
import { freePort } from '../../services/wire/free-port.fixture.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import type { Json } from './reseller.ts'
import { type EngineOptions, type Program, Stage, until } from './stage.ts'

const limitMs = 90_000

type Engine = { readonly program: Program; readonly http: string; readonly mqtt: string }
type Keys = { readonly id: string; readonly secret: string }
type Told = {
  readonly message_id: string
  readonly transaction_id: string
  readonly amount: number
}

let stage: Stage
let database: TestDatabase
let redis: RedisServer
let asFirst: EngineOptions
let asSecond: EngineOptions
let first: Engine
let second: Engine
let demo: Json
let nmid: string
const boxes: MqttClient[] = []

before(async () => {
  if (withoutRedis.skip !== false) return
  stage = new Stage()
  database = await testDatabase()
  redis = new RedisServer(await freePort(), 'a-password')
  await redis.start()
  const env = {
    ...{ DATABASE_URL: database.url, REDIS_URL: redis.url },
    MASTER_KEY: randomBytes(32).toString('hex'),
  }
  asFirst = { folder: 'first', env }
  asSecond = { folder: 'second', env }
  await stage.startSandbox()
  first = await start(asFirst)
  second = await start(asSecond)
  // Whoever started last has made the boxes' secrets anew.
  demo = JSON.parse(readFileSync(join(stage.dataDir('second'), 'demo.json'), 'utf8'))
  const rows = await stage.sql<{ nmid: string }>('select nmid from merchant', [], database.url)
  nmid = rows[0]!.nmid
})
after(async () => {
  for (const box of boxes) box.end(true)
  await redis?.stop()
  await stage?.close()
  await database?.drop()
})

async function start(options: EngineOptions): Promise<Engine> {
  const program = await stage.launch(options)
  return { program, ...((await program.ready()) as { http: string; mqtt: string }) }
}

const isReady = async ({ http }: Engine): Promise<boolean> =>
  (await fetch(`${http}/health/ready`).catch(() => null))?.status === 200

async function isWhole({ http }: Engine): Promise<boolean> {
  const { data } = (await (await fetch(`${http}/health/deep`)).json()) as Json
  return data.parts.find((part: Json) => part.name === 'mesh').ok
}

class Listener {
  readonly box: MqttClient
  readonly heard: Told[] = []
  connects = 0
  #closed = Promise.withResolvers<void>()
  readonly #keys: Keys

  private constructor(keys: Keys, url: string) {
    this.#keys = keys
    this.box = mqtt.connect(url, {
      ...{ clientId: keys.id, username: keys.id, password: keys.secret, reconnectPeriod: 0 },
      connectTimeout: limitMs,
    })
    boxes.push(this.box)
    this.box.on('error', () => {})
    this.box.on('connect', () => this.connects++)
    this.box.on('close', () => this.#closed.resolve())
    this.box.on('message', (topic, bytes) => {
      if (!topic.endsWith('/payment')) return
      const told: Told = JSON.parse(bytes.toString())
      this.heard.push(told)
      this.say('ack', { message_id: told.message_id, status: 'played' })
    })
  }

  static async at({ mqtt: url }: Engine, keys: Keys): Promise<Listener> {
    const listener = new Listener(keys, url)
    await until('the box to be let in', limitMs, () => listener.connects === 1)
    await listener.box.subscribeAsync(`devices/${keys.id}/downlink/#`, { qos: 1 })
    return listener
  }

  get closed(): Promise<void> {
    return this.#closed.promise
  }

  say(topic: string, payload: object): void {
    this.box.publish(`devices/${this.#keys.id}/uplink/${topic}`, JSON.stringify(payload), {
      qos: 1,
    })
  }

  async hears(transaction: string): Promise<void> {
    await until(`payment ${transaction}`, limitMs, () =>
      this.heard.some(one => one.transaction_id === transaction),
    )
  }
}

let paid = 0

/** A customer pays at the printed QR: the acquirer's answer, null when there was none. */
async function pay({ http }: Engine, n = ++paid): Promise<string | null> {
  const timestamp = String(Math.floor(Date.now() / 1_000))
  const raw = JSON.stringify({
    ...{ event_id: `mesh-${n}`, type: 'payment', reference: `MESH-${n}`, nmid, amount: 1_000 + n },
    ...{ status: 'paid', paid_at: new Date().toISOString() },
  })
  const secret: string = demo.callback_secrets.qris
  const hmac = createHmac('sha256', secret).update(`${timestamp}.${raw}`).digest('hex')
  const answer = await fetch(`${http}/integrations/qris/callback`, {
    method: 'POST',
    headers: { 'x-timestamp': timestamp, 'x-signature': `sha256=${hmac}` },
    body: raw,
  }).catch(() => null)
  if (answer === null) return null
  const body = (await answer.json().catch(() => ({}))) as Json
  if (answer.status !== 200) return null
  ok(['applied', 'duplicate'].includes(body['result']), JSON.stringify(body))
  return body['transaction_id']
}

async function payUntilTaken(engine: Engine): Promise<string> {
  const n = ++paid
  return await until('the payment', limitMs, () => pay(engine, n))
}

const played = (transactions: readonly string[]) =>
  until('all to be proven played', limitMs, async () => {
    const rows = await stage.sql<{ count: string }>(
      `select count(distinct transaction_id) from sound_proof
        where transaction_id = any($1) and outcome = 'played'`,
      [transactions],
      database.url,
    )
    return Number(rows[0]!.count) === transactions.length
  })

test(
  'mesh: a box at the standby: hears a payment and a command of the owner, and is heard (MSE1)',
  withoutRedis,
  async () => {
    await until('the first to stand by', limitMs, async () => !(await isReady(first)))
    const box = await Listener.at(first, demo.printed_device)
    const transaction = await payUntilTaken(second)
    await box.hears(transaction)
    await played([transaction])

    const { email, password } = demo.admin
    const staff = async (path: string, token: string, body?: object): Promise<Json> => {
      const answer = await fetch(`${second.http}/admin/${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      equal(answer.status, 200, `${path}: ${answer.status}`)
      return (await answer.json()) as Json
    }
    const { token } = await staff('login', '', { email, password })
    const { id } = demo.printed_device
    const heard = new Promise<Json>(resolve => {
      box.box.on('message', (topic, bytes) => {
        if (topic.endsWith('/command')) resolve(JSON.parse(bytes.toString()))
      })
    })
    const wish = { type: 'volume', args: { level: 40 } }
    const { command_id } = await staff(`devices/${id}/commands`, token, wish)
    equal((await heard)['command_id'], command_id)
    box.say('command/ack', { command_id, status: 'done' })
    await until('the command is done', limitMs, async () => {
      const { rows } = await staff(`devices/${id}/commands`, token)
      return rows.some((row: Json) => row.command_id === command_id && row.status === 'done')
    })
    const metrics = await (await fetch(`${second.http}/metrics`)).text()
    match(metrics, /^laju_mesh_nodes 1$/m)
    match(metrics, /^laju_mesh_boxes 1$/m)
    deepEqual([await isWhole(first), await isWhole(second)], [true, true])

    // The same box at the other broker, and back: one of them at a time.
    const elsewhere = await Listener.at(second, demo.printed_device)
    await box.closed
    const back = await Listener.at(first, demo.printed_device)
    await elsewhere.closed
    const next = await payUntilTaken(second)
    await back.hears(next)
    deepEqual([box.heard.length, elsewhere.heard.length, back.heard.length], [1, 0, 1])
    back.box.end(true)
  },
)

test(
  'mesh: Redis goes and comes back: the owner’s boxes notice nothing, others hear it then (MSE1, MSE2, BRM5)',
  withoutRedis,
  async () => {
    const away = await Listener.at(first, demo.printed_device)
    const here = await Listener.at(second, demo.device)
    await redis.stop()
    await until('the owner to know', limitMs, async () => !(await isWhole(second)))
    equal(await isReady(second), true)
    const transaction = await payUntilTaken(second)
    here.say('heartbeat', { battery_level: 50 })
    await until('the heartbeat to be taken', limitMs, async () => {
      const rows = await stage.sql<{ battery: number }>(
        'select battery from device_health where device_id = $1',
        [demo.device.id],
        database.url,
      )
      return rows[0]?.battery === 50
    })
    equal(away.heard.length, 0)
    await redis.start()
    await away.hears(transaction)
    await played([transaction])
    equal(away.heard.length, 1)
    deepEqual(
      [away.connects, away.box.connected, here.connects, here.box.connected],
      [1, true, 1, true],
    )
    for (const { box } of [away, here]) box.end(true)
  },
)

test(
  'mesh: the owner is killed after payments that it could not say: each is heard once (MSE1, MSE2)',
  withoutRedis,
  async () => {
    const box = await Listener.at(first, demo.printed_device)
    const other = await Listener.at(second, demo.device)
    await redis.stop()
    await until('the owner to know', limitMs, async () => !(await isWhole(second)))
    const taken: string[] = []
    for (let n = 0; n < 12; n++) taken.push(await payUntilTaken(second))
    equal(box.heard.length, 0)
    await second.program.kill()
    await redis.start()
    for (const transaction of taken) await box.hears(transaction)
    await played(taken)
    deepEqual(
      box.heard.map(one => one.transaction_id),
      taken,
    )
    deepEqual([box.connects, box.box.connected], [1, true])
    // The boxes of the dead broker find the one that lives.
    await other.closed
    const found = await Listener.at(first, demo.device)
    equal(found.box.connected, true)
    for (const one of [box, found]) one.box.end(true)
  },
)

test(
  'mesh: owners are killed amid payments: no box reconnects, all is heard (MSE1, MSE2)',
  withoutRedis,
  async () => {
    second = await start(asSecond)
    await until('the first to stand by', limitMs, async () => !(await isReady(first)))
    const box = await Listener.at(first, demo.printed_device)
    const wishes = Array.from({ length: 60 }, () => ++paid)
    const answers = wishes.map(n => pay(second, n))
    await Promise.race(answers.slice(15, 20))
    await second.program.kill()
    const known = (await Promise.all(answers)).filter(one => one !== null)
    const all: string[] = []
    for (const n of wishes) all.push(await until('the repeat', limitMs, () => pay(first, n)))
    ok(known.every(one => all.includes(one)))
    for (const transaction of all) await box.hears(transaction)
    await played(all)
    // One message each; one that was under way when its owner died may come again under its name.
    const names = new Map(box.heard.map(one => [one.transaction_id, one.message_id]))
    equal(names.size, all.length)
    equal(new Set(box.heard.map(one => one.message_id)).size, all.length)
    deepEqual([box.connects, box.box.connected], [1, true])

    // And by a clean stop.
    second = await start(asSecond)
    await until('the first to stand by', limitMs, async () => !(await isReady(first)))
    const under = await payUntilTaken(second)
    await box.hears(under)
    second.program.signal('SIGTERM')
    equal((await second.program.ended).code, 0)
    const last = await payUntilTaken(first)
    await box.hears(last)
    await played([under, last])
    deepEqual([box.connects, box.box.connected], [1, true])
    const { code, stdout } = await stage.cli(['verify'], asFirst)
    equal(code, 0, stdout)
  },
)

test(
  'mesh: no Redis where one was named: a sentence, and no owner is disturbed (BRM5)',
  withoutRedis,
  async () => {
    const env = { ...asSecond.env, REDIS_URL: `redis://:hidden@127.0.0.1:${await freePort()}` }
    const { code, stdout, stderr } = await (await stage.launch({ folder: 'second', env })).ended
    deepEqual([code, stdout], [2, ''])
    match(stderr, /REDIS_URL is set, but no Redis can be used there \(ECONNREFUSED\): start it, /)
    doesNotMatch(stderr, /hidden/)
    equal(await isReady(first), true)
  },
)
