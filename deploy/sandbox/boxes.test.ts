import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Aedes } from 'aedes'
import { openSandbox } from './server.ts'

type Row = Readonly<Record<string, unknown>> & {
  readonly heard: Readonly<Record<string, unknown>>[]
}
type Shown = { running: number; connected: number; boxes: Row[] }
type Said = { topic: string; payload: Readonly<Record<string, unknown>> }

type Closers = readonly (() => void | Promise<void>)[]

const limitMs = 30_000

/** A broker that lets in whoever says "open", and a sandbox whose boxes go to it. */
class Street {
  readonly said: Said[] = []
  readonly wills: string[] = []
  readonly sockets = new Set<Socket>()
  readonly broker: Aedes
  readonly url: string
  readonly #sandbox: string
  readonly #closers: Closers

  private constructor(broker: Aedes, url: string, sandbox: string, closers: Closers) {
    this.broker = broker
    this.url = url
    this.#sandbox = sandbox
    this.#closers = closers
  }

  static async open(): Promise<Street> {
    const broker = await Aedes.createBroker()
    broker.authenticate = (_, __, password, done) => done(null, password?.toString() === 'open')
    const server = createServer(broker.handle)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const sandbox = (await openSandbox({ port: 0 }))!
    const street = new Street(broker, `mqtt://127.0.0.1:${port}`, sandbox.url, [
      () => sandbox.close(),
      () => new Promise<void>(resolve => broker.close(() => resolve())),
      () => void server.close(),
    ])
    server.on('connection', socket => street.sockets.add(socket))
    broker.on('publish', ({ topic, payload }) => {
      if (!topic.includes('/uplink/')) return
      const said = { topic, payload: JSON.parse(payload.toString()) as Said['payload'] }
      if (said.payload['offline'] === true) street.wills.push(topic)
      else street.said.push(said)
    })
    return street
  }

  async wish(body: object): Promise<Record<string, unknown>> {
    const url = `${this.#sandbox}/_sandbox/boxes`
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
    return (await answer.json()) as Record<string, unknown>
  }

  start(habit: string, options: object = {}): Promise<Record<string, unknown>> {
    const devices = [{ device_id: 'b1', secret: 'open' }]
    return this.wish({ broker: this.url, devices, habit, reconnect_ms: 10, ...options })
  }

  async shown(query = ''): Promise<Shown> {
    const answer = await fetch(`${this.#sandbox}/_sandbox/boxes?${query}`)
    return (await answer.json()) as Shown
  }

  async box(): Promise<Row> {
    return (await this.shown()).boxes[0]!
  }

  send(topic: string, payload: object): Promise<void> {
    const packet = {
      cmd: 'publish',
      topic: `devices/b1/downlink/${topic}`,
      payload: Buffer.from(JSON.stringify(payload)),
      qos: 1,
      retain: false,
      dup: false,
    } as const
    return new Promise((resolve, reject) => {
      this.broker.publish(packet, error => (error ? reject(error) : resolve()))
    })
  }

  acks(): readonly unknown[] {
    return this.said
      .filter(({ topic }) => topic === 'devices/b1/uplink/ack')
      .map(({ payload }) => [payload['message_id'], payload['status']])
  }

  beats(): readonly Said[] {
    return this.said.filter(({ topic }) => topic.endsWith('/heartbeat'))
  }

  async close(): Promise<void> {
    for (const close of this.#closers) await close()
    for (const socket of this.sockets) socket.destroy()
  }
}

/** Polls until it holds, with a limit that a slow machine does not reach. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + limitMs
  while (!(await holds())) {
    ok(Date.now() < end, `it did not happen within ${limitMs} ms: ${holds}`)
    await pause(5)
  }
}

const notice = (n: number, more: object = {}) => ({
  message_id: `m${n}`,
  transaction_id: `t${n}`,
  amount: n * 1_000,
  text: `${n} ribu rupiah`,
  ...more,
})
/** It beats when it is connected, and listens before that is written. */
const isListening = (street: Street) => async () =>
  street.beats().length > 0 && (await street.box())['connected'] === true

test('boxes: steady: speaks once, acknowledges each time, in order (XQC1)', async t => {
  const street = await Street.open()
  t.after(() => street.close())
  deepEqual((await street.start('steady'))['running'], 1)
  await until(isListening(street))
  match(String(street.beats()[0]!.payload['timestamp']), /^\d{4}-\d\d-\d\dT/)
  await street.send('payment', notice(1))
  await street.send('payment', notice(2))
  await street.send('payment', notice(1))
  await street.send('summary', notice(3, { speak: false, count: 2 }))
  await until(() => street.acks().length === 7)
  deepEqual(street.acks(), [
    ['m1', 'received'],
    ['m1', 'played'],
    ['m2', 'received'],
    ['m2', 'played'],
    ['m1', 'received'],
    ['m1', 'played'],
    ['m3', 'received'],
  ])
  const { heard, ...row } = await street.box()
  deepEqual(
    heard.map(each => [
      each['message_id'],
      each['amount'],
      each['text'],
      each['deliveries'],
      each['spoken'],
    ]),
    [
      ['m1', 1_000, '1 ribu rupiah', 2, 1],
      ['m2', 2_000, '2 ribu rupiah', 1, 1],
      ['m3', 3_000, '3 ribu rupiah', 1, 0],
    ],
  )
  deepEqual([row['heard_count'], row['spoken_count'], row['connected']], [4, 2, true])
  deepEqual(await street.wish({ stop: ['b1'] }), { running: 0, connected: 0 })
  deepEqual(street.wills, [])
})

test('boxes: configuration and commands: done, and said so; a QR is asked for (XQC4)', async t => {
  const street = await Street.open()
  t.after(() => street.close())
  await street.start('steady')
  await until(isListening(street))
  await street.send('config', { version: 7, volume: 80 })
  await street.send('command', { command_id: 'c1', type: 'play_test', args: {} })
  deepEqual(await street.wish({ ask_qr: { device_id: 'b1', amount: 5_000, request_id: 'r1' } }), {
    request_id: 'r1',
  })
  await until(() => street.said.length >= 4)
  const others = street.said.filter(({ topic }) => !topic.endsWith('heartbeat'))
  others.sort((a, b) => (a.topic < b.topic ? -1 : 1))
  deepEqual(others, [
    { topic: 'devices/b1/uplink/command/ack', payload: { command_id: 'c1', status: 'done' } },
    { topic: 'devices/b1/uplink/config/ack', payload: { version: 7, status: 'applied' } },
    {
      topic: 'devices/b1/uplink/dynamic-qr/request',
      payload: { request_id: 'r1', amount: 5_000 },
    },
  ])
})

test('boxes: flapping: cut off again and again, hears what came meanwhile (XQC2, XQC3)', async t => {
  const street = await Street.open()
  t.after(() => street.close())
  await street.start('flapping', { up_ms: 60, down_ms: 10 })
  await until(isListening(street))
  for (let n = 1; n <= 20; n++) await street.send('payment', notice(n))
  await until(async () => Number((await street.box())['connects']) >= 3)
  await until(async () => (await street.box())['spoken_count'] === 20)
  ok(street.wills.length >= 2)
  const { heard } = await street.box()
  ok(heard.every(each => each['spoken'] === 1))
})

test('boxes: stale: its line stays open, nothing comes through it, and no will is left (XQC3)', async t => {
  const street = await Street.open()
  t.after(() => street.close())
  await street.start('stale', { up_ms: 10, keepalive_seconds: 600 })
  await until(async () => street.beats().length > 0 && !(await street.box())['connected'])
  equal(street.broker.connectedClients, 1)
  await street.send('payment', notice(1))
  ok([...street.sockets].every(socket => !socket.destroyed && !socket.readableEnded))
  equal((await street.box())['heard_count'], 0)
  await street.wish({ stop: true })
  await until(() => street.broker.connectedClients === 0)
  deepEqual(street.wills, [])
})

test('boxes: cloned: two with one credential push each other out (XQC1)', async t => {
  const street = await Street.open()
  t.after(() => street.close())
  deepEqual((await street.start('cloned'))['running'], 2)
  await until(async () => {
    const { boxes } = await street.shown('device_id=b1&heard=0')
    return boxes.length === 2 && boxes.every(box => Number(box['lost']) >= 1)
  })
  equal(street.broker.connectedClients <= 1, true)
  deepEqual(await street.wish({ stop: ['b1'] }), { running: 0, connected: 0 })
})

test('boxes: slow: receives, and takes its time to say so (XQC1)', async t => {
  const street = await Street.open()
  t.after(() => street.close())
  await street.start('slow', { slow_ms: 20, play_ms: 20 })
  await until(isListening(street))
  await street.send('payment', notice(1))
  await until(() => street.acks().length === 2)
  deepEqual(street.acks()[0], ['m1', 'received'])
  const hour = { slow_ms: 3_600_000, heartbeat_ms: 5 }
  await street.start('slow', hour)
  await until(isListening(street))
  await street.send('payment', notice(2))
  const beats = street.beats().length
  await until(() => street.beats().length > beats + 2)
  equal(street.acks().length, 2)
})

test('boxes: mute: hears, and never says so (XQC1)', async t => {
  const street = await Street.open()
  t.after(() => street.close())
  await street.start('mute', { heartbeat_ms: 5 })
  await until(isListening(street))
  await street.send('payment', notice(1))
  await until(async () => (await street.box())['heard_count'] === 1)
  const beats = street.beats().length
  await until(() => street.beats().length > beats + 1)
  deepEqual(street.acks(), [])
})

test('boxes: a wrong secret: its error is shown, and it goes on trying (XQC1)', async t => {
  const street = await Street.open()
  t.after(() => street.close())
  await street.start('steady', { devices: [{ device_id: 'b1', secret: 'shut' }] })
  await until(async () => Number((await street.box())['lost']) >= 2)
  match(String((await street.box())['error']), /[Nn]ot authorized|refused/)
  equal((await street.box())['connects'], 0)
})

test('boxes: limits: what can not be wished is a sentence (XQC5)', async t => {
  const street = await Street.open()
  t.after(() => street.close())
  const many = Array.from({ length: 10_001 }, (_, n) => ({ device_id: `b${n}`, secret: '' }))
  for (const wish of [
    {},
    { broker: 'http://127.0.0.1', devices: [{ device_id: 'b', secret: '' }] },
    { broker: street.url, devices: [] },
    { broker: street.url, devices: many },
    { broker: street.url, devices: [{ device_id: 'b', secret: '', habit: 'odd' }] },
    { ask_qr: { device_id: 'nobody', amount: 1 } },
  ]) {
    ok(String((await street.wish(wish))['wrong']).length > 10)
  }
  deepEqual(await street.shown(), { running: 0, connected: 0, boxes: [] })
})

test('boxes: a broker that only ever says welcome: they leave all the same (XQC5)', async t => {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.once('data', () => socket.write(Buffer.from([0x20, 2, 0, 0])))
    socket.on('error', () => {})
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const street = await Street.open()
  t.after(async () => {
    await street.close()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const devices = [1, 2].map(() => ({ device_id: 'b1', secret: 'open' }))
  const wish = { broker: `mqtt://127.0.0.1:${port}`, devices }
  equal((await street.start('steady', wish))['running'], 1)
  await until(async () => (await street.box())['connected'] === true)
  equal(sockets.size, 1)
  deepEqual(await street.wish({ stop: true }), { running: 0, connected: 0 })
  await until(() => [...sockets].every(socket => socket.closed || socket.readableEnded))
})

test('boxes: memory: each remembers its latest messages only (XQC5)', async t => {
  const street = await Street.open()
  t.after(() => street.close())
  await street.start('steady')
  await until(isListening(street))
  for (let n = 1; n <= 520; n++) await street.send('payment', notice(n))
  await until(async () => (await street.box())['heard_count'] === 520)
  const { heard } = await street.box()
  deepEqual(
    [heard.length, heard[0]!['message_id'], heard.at(-1)!['message_id']],
    [500, 'm21', 'm520'],
  )
})
