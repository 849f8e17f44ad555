/**
 * Aedes as it comes, publishing from inside, asked the same as our broker: `GET /run?messages=n&
 * inflight=n`, `GET /cost`. Its receipts name no message, so they are counted per client, in
 * order.
 */
import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { Aedes } from 'aedes'

const aedes = await Aedes.createBroker()
const listening: string[] = []
const open = new Map<string, number[]>()
let onReceipt: (sentAt: number) => void = () => {}

aedes.on('subscribe', (_, client) => void listening.push(client.id))
aedes.on('ack', (_, client) => {
  const sentAt = open.get(client.id)?.shift()
  if (sentAt !== undefined) onReceipt(sentAt)
})
const broker = createTcpServer({ noDelay: true }, socket => void aedes.handle(socket))
await new Promise<void>(done => broker.listen(0, '127.0.0.1', 4_096, done))

async function run(messages: number, inFlight: number) {
  const began = performance.now()
  const took: number[] = []
  let sent = 0
  await new Promise<void>(resolve => {
    const more = () => {
      while (sent - took.length < inFlight && sent < messages) {
        const id = listening[sent % listening.length]!
        const tag = String(sent++)
        const payload = JSON.stringify({
          ...{ message_id: tag, transaction_id: tag, amount: 50_000, currency: 'IDR' },
          ...{ text: 'lima puluh ribu rupiah', lang: 'id', ts: '2026-01-02T03:04:05.678Z' },
        })
        const times = open.get(id) ?? []
        open.set(id, times)
        times.push(performance.now())
        const topic = `devices/${id}/downlink/payment`
        aedes.publish(
          { cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false },
          () => {},
        )
      }
    }
    onReceipt = sentAt => {
      took.push(performance.now() - sentAt)
      if (took.length === messages) resolve()
      else more()
    }
    more()
  })
  const seconds = (performance.now() - began) / 1_000
  took.sort((a, b) => a - b)
  return { perSecond: messages / seconds, p99Ms: took[Math.floor(took.length * 0.99)]! }
}

const control = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const number = (name: string) => Number(searchParams.get(name))
  const cost = () => {
    globalThis.gc?.()
    const { user, system } = process.cpuUsage()
    return { rss: process.memoryUsage().rss, cpuUs: user + system }
  }
  const told =
    pathname === '/run' ? run(number('messages'), number('inflight')) : Promise.resolve(cost())
  told.then(
    answer => response.end(JSON.stringify(answer)),
    cause => response.writeHead(500).end(String(cause)),
  )
})
control.listen(0, '127.0.0.1', () => {
  const { port } = control.address() as { port: number }
  const mqtt = (broker.address() as { port: number }).port
  console.log(JSON.stringify({ ready: true, http: `http://127.0.0.1:${port}`, mqtt }))
})
