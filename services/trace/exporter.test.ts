import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { openTraces } from './exporter.ts'

const unused = 'http://127.0.0.1:9'

type Said = { readonly level: string; readonly what: string; readonly more: object }

function open(endpoint: string, queueMax = 64) {
  const said: Said[] = []
  const sdk = openTraces({
    ...{ endpoint, queueMax, headers: {}, serviceName: 'test', version: '0', ratio: 1 },
    log: (level, what, more) => void said.push({ level, what, more }),
  })
  const spans = (count: number) => {
    for (let n = 0; n < count; n++) sdk.traces.begin(`r${n}`, 'GET', '/x', '')!.end(200)
  }
  return { ...sdk, said, spans }
}

async function served(answer: RequestListener) {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function until(what: () => boolean, msMax = 20_000): Promise<void> {
  for (const end = Date.now() + msMax; !what(); await pause(10)) ok(Date.now() < end, 'in vain')
}

test('exporter: nobody listens: the queue is bounded, the rest dropped and counted at once (TRX1)', async () => {
  const { spans, figures, close, said } = open(unused)
  const startedAt = performance.now()
  spans(1_000)
  ok(performance.now() - startedAt < 1_000)
  deepEqual([figures().waiting, figures().dropped], [64, 936])
  await until(() => figures().waiting === 0)
  equal(figures().dropped, 1_000)
  spans(10)
  await until(() => figures().waiting === 0)
  equal(said.length, 1, 'one line, not one for each')
  equal(said[0]!.level, 'warn')
  await close()
})

test('exporter: a collector that says no, then takes: a line each, and nothing of its text (TRX2)', async () => {
  let status = 400
  const server = await served((request, response) => {
    request.resume()
    response.writeHead(status, 'RAHASIA').end('RAHASIA')
  })
  const { spans, figures, close, said } = open(server.url)
  spans(5)
  await until(() => figures().dropped === 5)
  status = 200
  spans(5)
  await until(() => figures().sent === 5)
  deepEqual(
    said.map(({ level }) => level),
    ['warn', 'info'],
  )
  ok(!JSON.stringify(said).includes('RAHASIA'))
  match(JSON.stringify(said[0]), /400/)
  status = 400
  spans(5)
  await until(() => figures().dropped === 10)
  equal(said.length, 2, 'not again within the minute')
  await close()
  server.close()
})

test('exporter: a collector that never answers: closing takes two seconds (TRX3)', async () => {
  const server = await served(request => void request.resume())
  const { spans, close } = open(server.url)
  spans(5)
  const startedAt = performance.now()
  await close()
  const ms = performance.now() - startedAt
  ok(ms >= 1_900 && ms < 4_000, `${ms}`)
  server.close()
})

test('exporter: closed: what waits is sent first (TRX3)', async () => {
  const server = await served((request, response) =>
    request.resume().on('end', () => response.end('{}')),
  )
  const { spans, close, figures } = open(server.url)
  spans(5)
  await close()
  equal(figures().sent, 5)
  server.close()
})
