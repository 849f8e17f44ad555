/**
 * A client's own server beside the whole program: it is down, the engine is killed, and in the end
 * each order was told, in its order, with a signature that the client can check.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Reseller } from './reseller.ts'
import { atRest, type Engine, gauge, Stage, until } from './stage.ts'

const orders = 20
const toldMs = 60_000

let stage: Stage
let engine: Engine
let reseller: Reseller
let status = 503
const received: { headers: IncomingHttpHeaders; body: Buffer; status: number }[] = []
const server = createServer(async (request, response) => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  received.push({ headers: request.headers, body: Buffer.concat(parts), status })
  response.statusCode = status
  response.end()
})

before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stage = new Stage()
  await stage.startSandbox()
  engine = await stage.start()
  ;[reseller] = (await stage.resellers(engine, { count: 1, deposit: 5_000_000 })) as [Reseller]
})
after(async () => {
  server.closeAllConnections()
  server.close()
  await stage.close()
})

test('webhook: a server that was down, an engine that was killed: all is told (ZE1)', async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  const made = await reseller.send('POST', '/api/v1/webhooks', JSON.stringify({ url }))
  equal(made.status, 200, made.text)
  const { id, secret } = made.body['data']
  const products = (await reseller.get('/api/v1/products')).body['data']
  ok(JSON.stringify(products).includes('XLD10'))
  const wish = (n: number) => ({
    ref_id: `hook-${n}`,
    product_code: 'XLD10',
    destination: `0878123400${10 + n}`,
  })
  for (let n = 0; n < orders; n++) equal((await reseller.order(wish(n))).status, 200)
  await until('a first call', toldMs, () => received.length > 0)
  await atRest(engine.http)
  await engine.kill()
  status = 200
  engine = await stage.start()
  const again = reseller.at(engine.http)
  const ping = await again.send('POST', `/api/v1/webhooks/${id}/ping`, '')
  equal(ping.body['data']['status'], 'delivered', ping.text)

  const told = () => received.filter(one => one.status === 200)
  const typesOf = (ref: string) => {
    const bodies = told().map(one => JSON.parse(one.body.toString()))
    return bodies.filter(one => one.data.ref_id === ref).map(one => one.type)
  }
  await until('all calls', toldMs, () => {
    return Array.from({ length: orders }, (_, n) => typesOf(`hook-${n}`)).every(
      types => types.at(-1) === 'order.success',
    )
  })
  for (let n = 0; n < orders; n++) {
    deepEqual([...new Set(typesOf(`hook-${n}`))], ['order.created', 'order.success'])
  }
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  for (const { headers, body } of received) {
    const head = `${headers['webhook-id']}.${headers['webhook-timestamp']}.`
    const right = createHmac('sha256', key).update(head).update(body).digest('base64')
    equal(headers['webhook-signature'], `v1,${right}`)
  }
  ok((await gauge(engine.http, 'laju_webhooks_delivered_total')) > 0)
  const log = await again.get('/api/v1/webhooks/deliveries?limit=100')
  const { rows } = log.body['data']
  equal(rows.filter((row: { status: string }) => row.status === 'delivered').length, 2 * orders + 1)
  const events = await again.get('/api/v1/events?limit=100')
  const names = events.body['data']['events'].map((event: { name: string }) => event.name)
  equal(names.filter((name: string) => name === 'order:success').length, orders)
})
