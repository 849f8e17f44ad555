/**
 * The broker by itself, for the bench: everybody is let in, and messages are made here and
 * published as the post office publishes them. Asked over HTTP: `GET /run?messages=n&inflight=n`,
 * `GET /cost`.
 */

import { createServer } from 'node:http'
import { Mqtt } from './broker.ts'

const listening: string[] = []
let onReceipt: (tag: string) => void = () => {}

const mqtt = await Mqtt.open({
  ...{ tcp: 0, host: '127.0.0.1' },
  door: {
    login: async ({ name }) => ({ ok: { deviceId: name, generation: 1, adapter: 'laju' } }),
    connected() {},
    listening: ({ deviceId }) => void listening.push(deviceId),
    gone() {},
    uplink() {},
    delivered: ({ tag }) => onReceipt(tag),
    refused() {},
  },
})

async function run(messages: number, inFlight: number) {
  const began = performance.now()
  const at = new Map<string, number>()
  const took: number[] = []
  let sent = 0
  await new Promise<void>((resolve, reject) => {
    const more = () => {
      while (at.size < inFlight && sent < messages) {
        const tag = String(sent)
        at.set(tag, performance.now())
        const isSent = mqtt.publish(
          listening[sent++ % listening.length]!,
          'payment',
          {
            ...{ message_id: tag, transaction_id: tag, amount: 50_000, currency: 'IDR' },
            ...{ text: 'lima puluh ribu rupiah', lang: 'id', ts: '2026-01-02T03:04:05.678Z' },
          },
          tag,
        )
        if (!isSent) return reject(new Error(`${tag} was not taken`))
      }
    }
    onReceipt = tag => {
      took.push(performance.now() - at.get(tag)!)
      at.delete(tag)
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
  const http = `http://127.0.0.1:${port}`
  console.log(JSON.stringify({ ready: true, http, mqtt: mqtt.ports.tcp }))
})
