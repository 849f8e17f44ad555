import { deepEqual, equal, ok } from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, afterEach, before, test } from 'node:test'
import { Aedes } from 'aedes'
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws'

type Ended = { readonly why: string; readonly code: number; readonly error: Error | null }
type Options = {
  readonly url: string
  readonly keepaliveS?: number
  readonly onMessage?: (topic: string, text: string) => void
}
type Mqtt = { say(topic: string, payload: string): boolean; close(): void }

const file = new URL('./kotak/mqtt.js', import.meta.url).href
const { openMqtt }: { openMqtt: (options: object) => Mqtt } = await import(file)

/** A broker, and next to it whatever else a WebSocket may lead to. */
let aedes: Aedes
const servers: ReturnType<typeof createServer>[] = []
const open: Mqtt[] = []

before(async () => {
  aedes = await Aedes.createBroker({
    authenticate: (_, name, password, answer) => {
      if (name === 'box' && String(password) === 'right') return answer(null, true)
      answer(Object.assign(new Error('no'), { returnCode: 4 }) as never, false)
    },
  })
})
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})
after(async () => {
  await new Promise<void>(done => aedes.close(done))
  for (const server of servers) server.close().closeAllConnections()
})

async function served(serve: (socket: WebSocket) => void): Promise<string> {
  const server = createServer()
  servers.push(server)
  new WebSocketServer({ server, handleProtocols: () => 'mqtt' }).on('connection', serve)
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const broker = () => served(socket => void aedes.handle(createWebSocketStream(socket)))

function connect(options: Options, password = 'right') {
  const ready = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<Ended>()
  const ends: Ended[] = []
  const mqtt = openMqtt({
    ...{ clientId: 'box', username: 'box', password, filter: 'down/#', onMessage: () => {} },
    ...options,
    onReady: ready.resolve,
    onEnd(how: Ended) {
      ends.push(how)
      ended.resolve(how)
    },
  })
  open.push(mqtt)
  return { mqtt, ready: ready.promise, ended: ended.promise, ends }
}

const publish = (topic: string, payload: string, qos: 0 | 1): Promise<void> =>
  new Promise((resolve, reject) =>
    aedes.publish(
      { cmd: 'publish', topic, payload, qos, dup: false, retain: false } as never,
      error => (error ? reject(error) : resolve()),
    ),
  )

test('kotak mqtt: connects, hears and says, whole (VBM1)', async () => {
  const heard: [string, string][] = []
  const both = Promise.withResolvers<void>()
  const { mqtt, ready } = connect({
    url: await broker(),
    onMessage: (topic, text) => heard.push([topic, text]) === 2 && both.resolve(),
  })
  await ready
  const long = 'rupiah ✓ '.repeat(4_000)
  await publish('down/a', 'satu', 0)
  await publish('down/b', long, 1)
  await both.promise
  deepEqual(heard, [
    ['down/a', 'satu'],
    ['down/b', long],
  ])
  const taken = new Promise<string>(resolve =>
    aedes.once('publish', ({ topic, payload }) => resolve(`${topic} ${payload}`)),
  )
  equal(mqtt.say('up/a', 'halo'), true)
  equal(await taken, 'up/a halo')
})

test('kotak mqtt: in pieces of one byte, and many packets in one (VBM1)', async () => {
  const heard: string[] = []
  const packet = (text: string) => [0x30, 3 + text.length, 0, 1, 116, ...Buffer.from(text)]
  const url = await served(socket => {
    socket.once('message', () => {
      const bytes = [0x20, 2, 0, 0, 0x90, 3, 0, 1, 1, ...packet('satu'), ...packet('dua')]
      for (const byte of bytes) socket.send(Buffer.from([byte]))
      socket.send(Buffer.from([...packet('tiga'), ...packet('empat')]))
    })
  })
  const all = Promise.withResolvers<void>()
  connect({ url, onMessage: (_, text) => heard.push(text) === 4 && all.resolve() })
  await all.promise
  deepEqual(heard, ['satu', 'dua', 'tiga', 'empat'])
})

test('kotak mqtt: text, or a packet without end: the line ends (VBM1)', async () => {
  const says = (what: string | Buffer) => served(socket => socket.send(what))
  equal((await connect({ url: await says('halo') }).ended).why, 'lost')
  const endless = Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])
  equal((await connect({ url: await says(endless) }).ended).why, 'lost')
})

test('kotak mqtt: a message is acknowledged once it was taken (VBM2)', async () => {
  const heard: string[] = []
  const { ready } = connect({ url: await broker(), onMessage: (_, text) => heard.push(text) })
  await ready
  const acked = new Promise<string[]>(resolve => aedes.once('ack', () => resolve([...heard])))
  await publish('down/a', 'satu', 1)
  deepEqual(await acked, ['satu'])
})

test('kotak mqtt: a message that was not taken is not acknowledged: the line ends (VBM2)', async () => {
  let acks = 0
  const count = () => void acks++
  aedes.on('ack', count)
  const onMessage = () => {
    throw new Error('full')
  }
  const { ready, ended } = connect({ url: await broker(), onMessage })
  await ready
  const gone = new Promise(resolve => aedes.once('clientDisconnect', resolve))
  void publish('down/a', 'satu', 1).catch(() => {})
  equal((await ended).error?.message, 'full')
  await gone
  aedes.off('ack', count)
  equal(acks, 0)
})

test('kotak mqtt: ten at most are under way, the rest follows in order (VBM3)', async () => {
  const heard: number[] = []
  const waiting: (() => void)[] = []
  let isPrompt = false
  const ten = Promise.withResolvers<void>()
  const all = Promise.withResolvers<void>()
  const url = await served(socket => {
    socket.on('message', data => {
      const bytes = data as Buffer
      if (bytes[0] === 0x10) return socket.send(Buffer.from([0x20, 2, 0, 0]))
      if (bytes[0] === 0x82) return socket.send(Buffer.from([0x90, 3, 0, 1, 1]))
      if (bytes[0] !== 0x32) return
      const id = bytes.subarray(5, 7)
      heard.push(Number(bytes.subarray(7).toString()))
      const receipt = () => socket.send(Buffer.from([0x40, 2, ...id]))
      if (isPrompt) receipt()
      else waiting.push(receipt)
      if (heard.length === 10) ten.resolve()
      if (heard.length === 25) all.resolve()
    })
  })
  const { mqtt, ready } = connect({ url })
  equal(mqtt.say('t', '0'), false)
  await ready
  for (let n = 0; n < 25; n++) equal(mqtt.say('t', String(n)), true)
  await ten.promise
  equal(heard.length, 10)
  isPrompt = true
  for (const receipt of waiting) receipt()
  await all.promise
  deepEqual(
    heard,
    Array.from({ length: 25 }, (_, n) => n),
  )
  isPrompt = false
  let taken = 0
  while (mqtt.say('t', '99')) taken++
  ok(taken >= 200 && taken <= 220, String(taken))
})

test('kotak mqtt: a line on which nothing is heard ends (VBM4)', async () => {
  const url = await served(socket => {
    socket.on('message', data => {
      const [first] = data as Buffer
      if (first === 0x10) socket.send(Buffer.from([0x20, 2, 0, 0]))
      if (first === 0x82) socket.send(Buffer.from([0x90, 3, 0, 1, 1]))
    })
  })
  const { ready, ended } = connect({ url, keepaliveS: 0.05 })
  await ready
  equal((await ended).why, 'lost')
})

test('kotak mqtt: refused, with the broker’s number, and told once (VBM5)', async () => {
  const { ended, ends, mqtt } = connect({ url: await broker() }, 'wrong')
  deepEqual(await ended, { why: 'refused', code: 4, error: null })
  mqtt.close()
  equal(ends.length, 1)
})

test('kotak mqtt: nobody there: lost (VBM5)', async () => {
  const gone = { why: 'lost', code: 0, error: null }
  deepEqual(await connect({ url: 'ws://127.0.0.1:9' }).ended, gone)
})
