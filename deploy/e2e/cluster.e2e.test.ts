/**
 * Two processes on one database, joined by NATS: either takes whatever is asked, and one of them
 * does the work. Clients who know only the door of the other notice nothing.
 *
 * CLE1. At the door of a process that stands by, every dialect and page answers as at the owner's.
 * CLE2. However owners come and go, and NATS with them, no order is lost or doubled.
 * CLE3. Who listens at any door hears what happens to his orders, and continues without a gap.
 */

import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import WebSocket from 'ws'
import { NatsServer, withoutNats } from '../../services/cluster/nats.fixture.ts'
import { freePort } from '../../services/wire/free-port.fixture.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { ask, type Json, Oracle, type Reseller } from './reseller.ts'
import { type OrderRow, orderRows, Shopping, wishesOf } from './shopping.ts'
import { atRest, type Engine, type EngineOptions, gauge, Stage, until } from './stage.ts'

const deposit = 50_000_000
const limitMs = 90_000

let stage: Stage
let database: TestDatabase
let nats: NatsServer
let oracle: Oracle
let first: Engine
let second: Engine
let shops: Reseller[]
let asFirst: EngineOptions
let asSecond: EngineOptions
let demo: Json
const shoppings: Shopping[] = []

before(async () => {
  if (withoutNats.skip !== false) return
  stage = new Stage()
  database = await testDatabase()
  nats = new NatsServer(await freePort(), 'a password')
  await nats.start()
  const env = {
    ...{ DATABASE_URL: database.url, NATS_URL: nats.url },
    MASTER_KEY: randomBytes(32).toString('hex'),
  }
  asFirst = { folder: 'first', env }
  asSecond = { folder: 'second', env }
  oracle = new Oracle(await stage.startSandbox())
  first = await stage.start(asFirst)
  shops = await stage.resellers(first, { count: 4, deposit }, asFirst)
  await stage.sql(
    'update supplier set recheck_after_ms = 2000, timeout_ms = 3000',
    [],
    database.url,
  )
  second = await stage.start(asSecond)
  demo = JSON.parse(readFileSync(join(stage.dataDir('second'), 'demo.json'), 'utf8'))
  await passesOn(first)
})
after(async () => {
  await nats?.stop()
  await stage?.close()
  await database?.drop()
})

const isReady = async ({ http }: Engine): Promise<boolean> =>
  (await ask(`${http}/health/ready`).catch(() => null))?.status === 200

/** It stands by, and is ready all the same. */
const passesOn = (engine: Engine) =>
  until('its calls to be passed on', limitMs, async () => {
    const isElsewhere = await gauge(engine.http, 'laju_cluster_passes_on').catch(() => 0)
    return isElsewhere === 1 && (await isReady(engine))
  })

const rows = () => stage.sql<OrderRow>(orderRows, [], database.url)

async function ended(name: string): Promise<void> {
  await until('all orders to end', limitMs, async () => {
    const mine = (await rows()).filter(row => row.ref.startsWith(name))
    return mine.length > 0 && mine.every(row => row.status !== 'PROCESSING')
  })
}

test(
  'cluster: a shop at the other door: orders, balance, mutations, prices (CLE1)',
  withoutNats,
  async () => {
    const [shop] = shops as [Reseller, ...Reseller[]]
    const shopping = new Shopping(wishesOf(shops, 10, 'away'))
    shoppings.push(shopping)
    await shopping.run(8)
    equal(shopping.repeats, 0)
    await ended('away')
    const there = shop.at(second.http)
    deepEqual(await shop.balance(), await there.balance())
    deepEqual(await shop.mutations(), await there.mutations())
    const path = '/api/v1/transactions?ref_id=away%200%2F0'
    const [mine, theirs] = [await shop.get(path), await there.get(path)]
    deepEqual(mine.body['data'], theirs.body['data'])
    const products = '/api/v1/products'
    deepEqual((await shop.get(products)).body['data'], (await there.get(products)).body['data'])
    ok((await gauge(first.http, 'laju_cluster_relayed_total')) > 40)
    equal(await gauge(second.http, 'laju_cluster_relayed_total'), 0)
    equal(await gauge(second.http, 'laju_cluster_nodes'), 1)
    equal((await shop.get('/api/v1/transactions?ref_id=nothing')).status, 404)
    const broken = await shop.send('POST', '/api/v1/transactions', '{"ref_id":')
    equal(broken.status, 400, broken.text)
  },
)

test(
  'cluster: the dialect of Digiflazz, and people, at the other door (CLE1)',
  withoutNats,
  async () => {
    const { username, api_key: key } = demo.reseller
    const sign = (word: string) =>
      createHash('md5')
        .update(username + key + word)
        .digest('hex')
    const post = async (path: string, body: object): Promise<Json> => {
      const answer = await ask(`${first.http}/h2h/v1${path}`, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
        body: JSON.stringify({ username, ...body }),
      })
      equal(answer.status, 200, answer.text)
      return answer.body['data']
    }
    const balance = await post('/cek-saldo', { cmd: 'deposit', sign: sign('depo') })
    ok(balance['deposit'] > 0)
    ok((await post('/price-list', { cmd: 'prepaid', sign: sign('pricelist') }))['length'] > 10)
    const order = { buyer_sku_code: 'xld10', customer_no: '087800001230', testing: true }
    const ref_id = 'digi away'
    const told = await post('/transaction', { ...order, ref_id, sign: sign(ref_id) })
    ok(['00', '03'].includes(told['rc']), JSON.stringify(told))
    await until('the serial number', limitMs, async () => {
      const again = await post('/transaction', { ...order, ref_id, sign: sign(ref_id) })
      return again['rc'] === '00' && again['sn'] !== ''
    })
    const { email, password } = demo.admin
    const login = await ask(`${first.http}/admin/login`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ email, password }),
    })
    equal(login.status, 200, login.text)
    const merchants = await ask(`${first.http}/admin/merchants`, {
      headers: { authorization: `Bearer ${login.body['token']}` },
    })
    equal(merchants.status, 200, merchants.text)
  },
)

test('cluster: a nonce that one door took is none at the other (GG5)', withoutNats, async () => {
  const [shop] = shops as [Reseller, ...Reseller[]]
  const path = '/api/v1/balance'
  const headers = shop.sign('GET', path, '', { nonce: randomBytes(8).toString('hex') })
  equal((await ask(first.http + path, { headers })).status, 200)
  await until('it to be known there', limitMs, async () => {
    const { status, body } = await ask(second.http + path, { headers })
    return status === 401 && body['error_code'] === 'NONCE_REUSED'
  })
})

/** A client's live line, as he keeps it: after an end he comes back and continues. */
class Listener {
  readonly heard: Json[] = []
  readonly ends: number[] = []
  readonly #shop: Reseller
  readonly #url: string
  #socket: WebSocket
  #begins: unknown
  #isOver = false

  constructor(shop: Reseller, http: string) {
    this.#shop = shop
    this.#url = `${http.replace('http', 'ws')}/ws`
    this.#socket = this.#open()
  }

  async ready(): Promise<this> {
    await until('the live line', limitMs, () => this.isReady)
    return this
  }

  isReady = false

  close(): void {
    this.#isOver = true
    this.#socket.terminate()
  }

  #open(): WebSocket {
    const socket = new WebSocket(this.#url)
    socket.on('error', () => {})
    socket.on('open', () => {
      const signed = this.#shop.sign('GET', '/ws', '')
      const proof = {
        ...{ key: signed['x-api-key'], timestamp: signed['x-timestamp'] },
        signature: signed['x-signature'],
      }
      const after = this.heard.at(-1)?.['id'] ?? this.#begins
      socket.send(JSON.stringify({ type: 'auth', ...proof, ...(after && { after }) }))
    })
    socket.on('message', bytes => {
      const said = JSON.parse(String(bytes)) as Json
      if (said['type'] === 'ready') {
        this.isReady = true
        this.#begins ??= said['after']
      }
      if (said['type'] === 'event') this.heard.push(said)
    })
    socket.on('close', code => {
      this.isReady = false
      this.ends.push(code)
      if (!this.#isOver) setTimeout(() => (this.#socket = this.#open()), 100)
    })
    return socket
  }
}

const succeeded = ({ heard }: Listener, prefix: string): string[] =>
  heard
    .filter(({ name }) => name === 'order:created')
    .map(({ data }) => data.ref_id)
    .filter(ref => ref.startsWith(prefix))

test(
  'cluster: who listens at either door hears his orders, wherever they were posted (CLE3)',
  withoutNats,
  async () => {
    const [shop] = shops as [Reseller, ...Reseller[]]
    const listeners = [
      await new Listener(shop, first.http).ready(),
      await new Listener(shop, second.http).ready(),
    ]
    const wishes = wishesOf([shop], 6, 'heard')
    const half = new Shopping(wishes.slice(0, 3))
    const rest = new Shopping(
      wishes.slice(3).map(told => ({ ...told, shop: shop.at(second.http) })),
    )
    shoppings.push(half, rest)
    await Promise.all([half.run(1), rest.run(1)])
    const refs = wishes.map(({ ref_id }) => ref_id).sort()
    for (const listener of listeners) {
      await until('all six', limitMs, () => succeeded(listener, 'heard').length === 6)
      deepEqual(succeeded(listener, 'heard').sort(), refs)
    }
    // One who leaves does not take it from the other one.
    listeners[1]!.close()
    const more = new Shopping(wishesOf([shop], 2, 'later'))
    shoppings.push(more)
    await more.run(1)
    await until('both', limitMs, () => succeeded(listeners[0]!, 'later').length === 2)
    listeners[0]!.close()
    await ended('heard')
    await ended('later')
  },
)

/** Orders are sent for as long as the disturbance lasts. */
async function under(name: string, doors: readonly Reseller[], disturb: () => Promise<unknown>) {
  const codes = new Map<string, number>()
  let isOver = false
  const disturbed = disturb().finally(() => {
    isOver = true
  })
  for (let wave = 0; wave === 0 || !isOver; wave++) {
    const shopping = new Shopping(wishesOf(doors, 6, `load ${name} ${wave}`))
    shoppings.push(shopping)
    await shopping.run(24, answer => {
      const code = String(answer === null ? 'none' : (answer.body['error_code'] ?? answer.status))
      codes.set(code, (codes.get(code) ?? 0) + 1)
    })
    await pause(200)
  }
  await disturbed
  return `${name}: ${JSON.stringify(Object.fromEntries(codes))}`
}

test(
  'cluster: owners and NATS come and go under load: one story (CLE2, CLE3)',
  withoutNats,
  async t => {
    await oracle.faults({ latency: { min: 20, max: 600 }, race_window: { p: 1, seconds: 1.2 } })
    await stage.sql('update supplier set recheck_after_ms = 8000', [], database.url)
    // One of them knows one door only, that of the first; the others both.
    const [alone, ...others] = shops as [Reseller, ...Reseller[]]
    const doors = [alone, ...others.map(shop => shop.at(first.http, second.http))]
    const listener = await new Listener(alone, first.http).ready()
    t.diagnostic(await under('killed', doors, () => second.kill()))
    t.diagnostic(
      await under('started', doors, async () => {
        second = await stage.start(asSecond)
        await passesOn(first)
      }),
    )
    t.diagnostic(
      await under('without NATS', doors, async () => {
        await nats.stop()
        await until('the first to know', limitMs, async () => !(await isReady(first)))
        ok(await isReady(second))
        await nats.start()
        await passesOn(first)
      }),
    )
    t.diagnostic(
      await under('stopped', doors, async () => {
        second.signal('SIGTERM')
        equal((await second.ended).code, 0)
      }),
    )
    second = await stage.start(asSecond)
    await passesOn(first)
    await ended('load')
    await atRest(second.http)
    const mine = shoppings
      .flatMap(({ wishes }) => wishes)
      .filter(({ shop, ref_id }) => shop === alone && ref_id.startsWith('load'))
      .map(({ ref_id }) => ref_id)
    await until('all to be heard', limitMs, () => succeeded(listener, 'load').length >= mine.length)
    deepEqual(succeeded(listener, 'load').sort(), mine.sort())
    ok(listener.ends.length > 0)
    listener.close()
  },
)

test(
  'cluster: afterwards: orders, sales, wallets and the journal are one story (CLE2)',
  withoutNats,
  async () => {
    const all = Shopping.joined(shoppings, shop => shops.find(one => one.keys === shop.keys)!)
    const known = (await rows()).filter(row => row.user_id !== demo.reseller.user_id)
    all.checkOrders(known)
    for (const shop of shops) {
      const spent = known
        .filter(row => row.user_id === shop.keys.user_id && row.status === 'SUCCESS')
        .reduce((sum, row) => sum + Number(row.price), 0)
      const { balance, held } = await shop.balance()
      deepEqual({ balance, held }, { balance: deposit - spent, held: 0 })
    }
    for (const sale of await oracle.sales()) equal(sale.times, 1, `${sale.ref} was sold twice`)
    const { code, stdout } = await stage.cli(['verify'], asFirst)
    equal(code, 0, stdout)
    match(stdout, /^verify: ok/)
  },
)

test(
  'cluster: no NATS where one was named: a sentence, and no owner is disturbed (DCL1)',
  withoutNats,
  async () => {
    const env = { ...asSecond.env, NATS_URL: `nats://laju:hidden@127.0.0.1:${await freePort()}` }
    const { code, stdout, stderr } = await (await stage.launch({ folder: 'third', env })).ended
    deepEqual([code, stdout], [2, ''])
    match(stderr, /NATS_URL is set, but no NATS can be used there \(\w+\): start it, /)
    doesNotMatch(stderr, /hidden/)
    equal(await isReady(second), true)
    equal(await isReady(first), true)
  },
)
