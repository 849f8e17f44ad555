import { deepEqual, equal, ok } from 'node:assert/strict'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { after, afterEach, before, test } from 'node:test'
import { Aedes } from 'aedes'
import mqtt from 'mqtt'
import { WebSocket } from 'ws'
import { Stage } from '../scripted.fixture.ts'

let stage: Stage
let aedes: Aedes
let broker: Server
const sockets = new Set<Socket>()

before(async () => {
  aedes = await Aedes.createBroker()
  broker = createServer(socket => {
    sockets.add(socket.on('close', () => sockets.delete(socket)))
    aedes.handle(socket)
  })
  await new Promise<void>(done => broker.listen(0, '127.0.0.1', done))
})
after(async () => {
  await new Promise<void>(done => aedes.close(done))
  await new Promise(done => broker.close(done))
})
afterEach(() => stage.close())

const portOf = (server: Server) => (server.address() as { port: number }).port
const entered: string[] = []
const pipeTo = (server: Server, proxies = 0) =>
  Stage.open(
    {},
    {
      proxies,
      enterMqtt: from => {
        entered.push(from)
        return connect(portOf(server), '127.0.0.1').setNoDelay(true)
      },
    },
  )
const address = () => `ws://127.0.0.1:${stage.port}/mqtt`

test('mqtt pipe: a client of a browser speaks MQTT over the port of the pages (BRP1)', async () => {
  stage = await pipeTo(broker)
  const client = await mqtt.connectAsync(address(), { reconnectPeriod: 0 })
  await client.subscribeAsync('a/b', { qos: 1 })
  const heard = new Promise(resolve => client.once('message', (_, bytes) => resolve(bytes.length)))
  await client.publishAsync('a/b', Buffer.alloc(40_000), { qos: 1 })
  equal(await heard, 40_000)
  await client.endAsync()
})

test('mqtt pipe: behind a proxy: the broker hears from where the page comes (BRP4)', async () => {
  entered.length = 0
  stage = await pipeTo(broker, 1)
  const wsOptions = { headers: { 'X-Forwarded-For': '198.51.100.1, 203.0.113.9' } }
  const client = await mqtt.connectAsync(address(), { reconnectPeriod: 0, wsOptions })
  await client.endAsync()
  deepEqual(entered, ['203.0.113.9'])
})

test('mqtt pipe: no MQTT, or text: not let in, or let go (BRP1)', async () => {
  stage = await pipeTo(broker)
  const refused = await new Promise<number>(resolve => {
    const ws = new WebSocket(address())
    ws.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))
    ws.on('error', () => {})
  })
  equal(refused, 400)
  const code = await new Promise<number>(resolve => {
    const ws = new WebSocket(address(), 'mqtt')
    ws.on('open', () => ws.send('text')).on('close', resolve)
  })
  equal(code, 1003)
})

test('mqtt pipe: the broker goes: so does the page; the page goes: so does the broker’s end (BRP3)', async () => {
  stage = await pipeTo(broker)
  const client = await mqtt.connectAsync(address(), { reconnectPeriod: 0 })
  const closed = new Promise<void>(resolve => client.once('close', () => resolve()))
  for (const socket of sockets) socket.destroy()
  await closed
  const other = await mqtt.connectAsync(address(), { reconnectPeriod: 0 })
  const gone = Promise.all([...sockets].map(one => new Promise(done => one.once('close', done))))
  ok(sockets.size > 0)
  other.stream.destroy()
  await gone
})

test('mqtt pipe: a page that reads nothing: the broker is not read either, and all comes (BRP2)', async t => {
  const bytes = 4 * 1024 * 1024
  let written = 0
  const talker = createServer(socket => {
    socket.on('error', () => {})
    const chunk = Buffer.alloc(16 * 1024, 1)
    const more = (): void => {
      while (written < bytes) {
        written += chunk.length
        if (!socket.write(chunk)) return void socket.once('drain', more)
      }
    }
    more()
  })
  await new Promise<void>(done => talker.listen(0, '127.0.0.1', done))
  t.after(() => talker.close())
  stage = await pipeTo(talker)
  const ws = new WebSocket(address(), 'mqtt')
  let heard = 0
  await new Promise<void>((resolve, reject) => {
    ws.on('close', () => reject(new Error('let go')))
    ws.on('message', (data: Buffer) => {
      heard += data.length
      // Reads on only in the next turn of the loop.
      ws.pause()
      setImmediate(() => ws.resume())
      if (heard === bytes) resolve()
    })
  })
  equal(written, bytes)
  ws.removeAllListeners('close').terminate()
})

test('mqtt pipe: a page that says more than is taken: let go (BRP2)', async t => {
  const deaf = createServer(socket => void socket.on('error', () => {}).pause())
  await new Promise<void>(done => deaf.listen(0, '127.0.0.1', done))
  t.after(() => deaf.close())
  stage = await pipeTo(deaf)
  const ws = new WebSocket(address(), 'mqtt')
  const code = await new Promise<number>(resolve => {
    ws.on('close', resolve).on('error', () => {})
    ws.on('open', function more() {
      if (ws.readyState !== WebSocket.OPEN) return
      ws.send(Buffer.alloc(32 * 1024), () => setImmediate(more))
    })
  })
  ok(code === 1009 || code === 1006, String(code))
})

test('mqtt pipe: no broker: there is no such path', async () => {
  stage = await Stage.open()
  const { status } = await fetch(`http://127.0.0.1:${stage.port}/mqtt`)
  deepEqual(status, 404)
})
