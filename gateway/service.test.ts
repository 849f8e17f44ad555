import { deepEqual, equal, match } from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { type Context, ServiceBroker } from 'moleculer'
import { gatewayService } from './gateway.service.ts'

const options = { mode: 'demo', publicUrl: 'http://127.0.0.1:3000' } as const

test('gateway service: on a node: opens, asks the mesh, hears its signals, closes (GG2)', async () => {
  const broker = new ServiceBroker({ logger: false })
  broker.createService({ name: 'system', actions: { metrics: () => 'up 1' } })
  let port = 0
  broker.createService(gatewayService({ ...options, port: 0, onOpen: opened => (port = opened) }))
  await broker.start()
  match(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text(), /^up 1\n/)
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`)
  const heard = new Promise<string>(resolve => {
    socket.onmessage = ({ data }) => {
      if (data === '{"type":"ping"}')
        broker.emit('live.pulse', { orders: [], acceptedPerS: 1, completedPerS: 1, open: 0 })
      else resolve(String(data))
    }
  })
  await new Promise(resolve => (socket.onopen = resolve))
  socket.send('{"type":"watch"}')
  match(await heard, /"acceptedPerS":1/)
  await broker.stop()
  equal((await fetch(`http://127.0.0.1:${port}/health`).catch(() => null)) === null, true)
})

test('gateway service: what is asked for a visit: carries its id, its fault too (GEA1)', async () => {
  const broker = new ServiceBroker({ logger: false })
  const heard: unknown[] = []
  const told: unknown[] = []
  broker.createService({
    name: 'payment',
    actions: {
      callback(ctx: Context) {
        heard.push(ctx.requestID)
        throw new Error('gone')
      },
    },
  })
  let port = 0
  const onFault = (cause: unknown, requestId: string | null) =>
    told.push([String(cause), requestId])
  broker.createService(
    gatewayService({ ...options, port: 0, onOpen: opened => (port = opened), onFault }),
  )
  await broker.start()
  const ids: unknown[] = []
  for (let n = 0; n < 3; n++) {
    const url = `http://127.0.0.1:${port}/integrations/qris/callback`
    const answer = await fetch(url, { method: 'POST', body: '{}' })
    equal(answer.status, 503)
    ids.push(answer.headers.get('x-request-id'))
  }
  deepEqual(heard, ids)
  deepEqual(
    told,
    ids.map(id => ['Error: gone', id]),
  )
  await broker.stop()
})

test('gateway service: a port that is taken: told, not only logged (GG3)', async () => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, resolve))
  const { port } = server.address() as { port: number }
  const broker = new ServiceBroker({ logger: false })
  await broker.start()
  const refused = new Promise<unknown>(onRefused =>
    broker.createService(gatewayService({ ...options, port, onRefused })),
  )
  match(String(await refused), /port \d+ is taken/)
  await broker.stop()
  server.close()
})
