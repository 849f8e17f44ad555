/**
 * The program as a stranger starts it, with a collector beside it: an order is one trace from the
 * request to the webhook, a payment one from the callback to the box, nothing secret is in either,
 * and a collector that is away costs spans and no orders.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import mqtt from 'mqtt'
import { Collector, type Span } from './collector.ts'
import { type Json, Oracle, type Reseller } from './reseller.ts'
import { type Engine, gauge, Stage, until } from './stage.ts'

const patience = 60_000
const collector = new Collector()
const receiver = createServer((request, response) => {
  request.resume().on('end', () => response.end())
})
let stage: Stage
let engine: Engine
let reseller: Reseller

const traced = (ratio: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_EXPORTER_OTLP_HEADERS: 'x-scope=toko%20satu',
  OTEL_SERVICE_NAME: 'laju-uji',
  OTEL_TRACES_SAMPLER_ARG: ratio,
})

before(async () => {
  await collector.open()
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  stage = new Stage()
  await stage.startSandbox()
  engine = await stage.start({ env: traced('1') })
  reseller = stage.demo(engine)
})
after(async () => {
  collector.close()
  receiver.closeAllConnections()
  receiver.close()
  await stage.close()
})

const demo = (): Json => JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'))
const wish = (ref: string, destination: string) => ({
  ...{ ref_id: ref, product_code: 'XLD10', destination },
})

/** One order, placed by the reseller of the demo. */
async function order(ref: string, destination: string): Promise<string> {
  const answer = await reseller.order(wish(ref, destination))
  equal(answer.status, 200, answer.text)
  return answer.body['data']['trx_id']
}

/** Its trace, once all of these are in it. */
const traceWith = (id: string, names: readonly string[]): Promise<Span[]> =>
  until(`the spans ${names.join(', ')}`, patience, () => {
    const spans = collector.traceOf(id)
    return names.every(name => spans.some(span => span.name === name)) && spans
  })

const one = (spans: readonly Span[], name: string): Span => {
  const found = spans.filter(span => span.name === name)
  equal(found.length, 1, `one ${name} among ${spans.map(span => span.name).join(', ')}`)
  return found[0]!
}

const isSettled = ({ name, attributes }: Span): boolean =>
  name === 'order.report' && attributes['laju.outcome'] === 'delivered'

const route = 'POST /api/v1/transactions'

test('traces: an order: request, turn, flush, supplier, settlement and webhook are one trace (TRC2)', async () => {
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook/rahasia-jalan`
  const made = await reseller.send('POST', '/api/v1/webhooks', JSON.stringify({ url }))
  equal(made.status, 200, made.text)
  const id = await order('trace-1', '087812345678')
  const webhooks = () => collector.traceOf(id).filter(span => span.name === 'webhook.deliver')
  const spans = await traceWith(id, [route, 'order.report', 'webhook.deliver'])
  await until('both calls to the client', patience, () => webhooks().length === 2)

  const request = one(spans, route)
  const placed = one(spans, 'order.place')
  const purchase = one(spans, 'supplier.purchase')
  const report = spans.find(isSettled)!
  deepEqual([request.parentId, request.kind, request.service], ['', 2, 'laju-uji'])
  equal(placed.parentId, request.spanId)
  equal(purchase.parentId, placed.spanId)
  equal(purchase.kind, 3)
  for (const span of webhooks()) deepEqual([span.parentId, span.kind], [request.spanId, 3])
  const flushes = spans.filter(span => span.name === 'journal.flush')
  const parents = new Set(flushes.map(span => span.parentId))
  ok(parents.has(placed.spanId) && parents.has(report.spanId))
  deepEqual(
    [request.attributes['http.route'], request.attributes['http.response.status_code']],
    ['/api/v1/transactions', 200],
  )
  equal(request.attributes['laju.order.id'], id)
  deepEqual([placed.attributes['laju.kind'], placed.attributes['laju.product']], ['order', 'XLD10'])
  equal(typeof placed.attributes['laju.shard'], 'number')
  equal(purchase.attributes['laju.supplier'], placed.attributes['laju.supplier'])
  equal(purchase.attributes['laju.attempt'], 1)
  ok(placed.startNs >= request.startNs && placed.endNs <= request.endNs, 'answered when durable')
  for (const span of spans) ok(span.endNs >= span.startNs, span.name)
  ok(purchase.startNs >= placed.endNs, 'nothing leaves before it is durable')
  equal(collector.headers['x-scope'], 'toko satu')
})

test('traces: an order repeated: the second request is linked to the first (TRC2)', async () => {
  const [first] = collector.named(route)
  equal(await order('trace-1', '087812345678'), first!.attributes['laju.order.id'])
  const linked = await until('the second', patience, () =>
    collector.named(route).find(span => span.links.length > 0),
  )
  equal(linked.links[0]!.traceId, first!.traceId)
  equal(linked.attributes['laju.order.id'], first!.attributes['laju.order.id'])
})

test('traces: over the dialect of Digiflazz, by a name not looked up yet: one trace (TRC2)', async () => {
  const { username, api_key } = reseller.keys
  const sign = createHash('md5').update(`${username}${api_key}trace-2`).digest('hex')
  const answer = await fetch(`${engine.http}/h2h/v1/transaction`, {
    method: 'POST',
    body: JSON.stringify({
      ...{ username, sign, ref_id: 'trace-2' },
      ...{ buyer_sku_code: 'XLD10', customer_no: '087812345679' },
    }),
  })
  equal(answer.status, 200, await answer.text())
  const spans = await until('its trace', patience, () => {
    const request = collector.named('POST /h2h/v1/transaction')[0]
    const whole = collector.spans.filter(span => span.traceId === request?.traceId)
    return whole.some(isSettled) && whole
  })
  equal(one(spans, 'order.place').parentId, one(spans, 'POST /h2h/v1/transaction').spanId)
})

test('traces: a payment: callback, turn, flush, publish and the box’s word are one trace (TRC2)', async () => {
  const { merchant, printed_device: device } = demo()
  const { mqtt: broker } = await engine.ready()
  const login = { clientId: device.id, username: device.id, password: device.secret }
  const box = await mqtt.connectAsync(broker as string, { ...login, reconnectPeriod: 0 })
  box.on('message', (_, payload) => {
    const { message_id } = JSON.parse(payload.toString())
    const ack = JSON.stringify({ message_id, status: 'played' })
    box.publish(`devices/${device.id}/uplink/ack`, ack, { qos: 1 })
  })
  await box.subscribeAsync(`devices/${device.id}/downlink/#`, { qos: 1 })
  const paying = await fetch(`${stage.sandboxUrl}/_sandbox/pay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ party: 'acquirer', qr_string: merchant.static_qr, amount: 50_123 }),
  })
  ok(paying.ok, await paying.text())
  const id = await until('the payment', patience, async () => {
    const [row] = await stage.sql<{ id: string }>('select id from payment_view')
    return row?.id
  })
  const spans = await traceWith(id, ['soundbox.played', 'payment.prove'])
  await box.endAsync()
  const callback = one(spans, 'POST /integrations/qris/callback')
  const paid = one(spans, 'payment.pay')
  const notified = one(spans, 'payment.notify')
  const published = one(spans, 'soundbox.publish')
  const played = one(spans, 'soundbox.played')
  equal(paid.parentId, callback.spanId)
  ok(spans.some(span => span.name === 'journal.flush' && span.parentId === paid.spanId))
  equal(notified.parentId, paid.spanId)
  deepEqual([published.parentId, published.kind], [notified.spanId, 4])
  deepEqual([played.parentId, played.kind], [published.spanId, 5])
  equal(one(spans, 'payment.prove').parentId, notified.spanId)
  equal(callback.attributes['laju.payment.id'], id)
})

test('traces: nothing secret: no number, key, serial number, name, address or token (TRC5)', async () => {
  const { reseller: keys, device, printed_device, admin, consumer, callback_secrets } = demo()
  const sold = await stage.sql<{ sn: string }>('select sn from order_view where sn is not null')
  ok(sold.length > 0 && collector.text.includes('order.place'))
  const secrets = [
    ...['087812345678', '087812345679', 'rahasia', 'trace-1'],
    ...sold.map(({ sn }) => sn.slice(0, 12)),
    ...[keys, device, printed_device, admin, consumer, callback_secrets].flatMap(one =>
      Object.entries(one as Json).flatMap(([name, value]) =>
        ['user_id', 'id'].includes(name) ? [] : [String(value)],
      ),
    ),
  ].filter(secret => secret.length >= 4)
  deepEqual(
    secrets.filter(secret => collector.text.includes(secret)),
    [],
  )
  const about = new Set(collector.spans.flatMap(span => Object.keys(span.attributes)))
  const known = [
    ...['kind', 'shard', 'product', 'supplier', 'outcome', 'events', 'event', 'attempt'],
    ...['call_ms', 'lines', 'resumed', 'order.id', 'payment.id'],
  ].map(name => `laju.${name}`)
  const usual = ['http.route', 'http.request.method', 'http.response.status_code', 'error.type']
  deepEqual(
    [...about].filter(name => !known.includes(name) && !usual.includes(name)),
    [],
  )
})

test('traces: a restart: what goes on is a trace of its own that names the order (TRC4)', async () => {
  const oracle = new Oracle(stage.sandboxUrl)
  // biome-ignore lint/suspicious/noThenProperty: the sandbox's own word
  await oracle.faults({ pending: { p: 1, seconds: [4, 4], then: 1 } })
  const id = await order('restart-1', '087812345680')
  const before = await traceWith(id, ['order.report'])
  await engine.kill()
  await oracle.faults({})
  engine = await stage.start({ env: traced('1') })
  reseller = reseller.at(engine.http)
  const ended = await until('its end', patience, () =>
    collector.spans.find(span => isSettled(span) && span.attributes['laju.order.id'] === id),
  )
  ok(!before.some(span => span.traceId === ended.traceId), 'another trace')
  const roots = collector.spans.filter(
    span => span.traceId === ended.traceId && span.parentId === '',
  )
  deepEqual(
    roots.map(span => span.attributes['laju.order.id']),
    [id],
  )
})

test('traces: a collector that dies: orders go on, spans are dropped and counted, then it is back (TRX1)', async () => {
  collector.close()
  const dropped = () => gauge(engine.http, 'laju_trace_spans_dropped_total')
  for (let n = 0; n < 20; n++) await order(`away-${n}`, `0878555000${10 + n}`)
  await until('spans that are dropped', patience, async () => (await dropped()) > 0)
  const told = engine.stderr.split('\n').filter(line => line.includes('the collector takes no'))
  equal(told.length, 1, engine.stderr)
  await collector.open()
  const id = await order('back-1', '087855500099')
  await traceWith(id, [route, 'order.report'])
  ok((await gauge(engine.http, 'laju_trace_spans_sent_total')) > 0)
})

test('traces: a collector that says no, or nothing: the stop is not kept up (TRX3)', async () => {
  for (const mood of ['refuses', 'silent'] as const) {
    collector.mood = mood
    const answered = await order(`${mood}-1`, mood === 'silent' ? '087855500101' : '087855500102')
    match(answered, /^[0-9a-f-]{36}$/)
  }
  const startedAt = performance.now()
  engine.signal('SIGTERM')
  const { code, stderr } = await engine.ended
  equal(code, 0, stderr)
  ok(performance.now() - startedAt < 20_000)
  collector.mood = 'takes'
})

test('traces: none are asked for: nothing is sent but for parents, and of those not too many (TRD2)', async () => {
  collector.spans.length = 0
  engine = await stage.start({ env: traced('0') })
  reseller = reseller.at(engine.http)
  await order('none-1', '087855500111')
  const told = (n: number, flags: string) =>
    `00-${String(n).padStart(32, 'a')}-${'b'.repeat(16)}-${flags}`
  const ask = (traceparent: string) =>
    fetch(`${engine.http}/api/v1/balance`, { headers: { traceparent } })
  equal((await ask(told(0, '00'))).status, 401)
  const answers = await Promise.all(Array.from({ length: 300 }, (_, n) => ask(told(n + 1, '01'))))
  for (const answer of answers) await answer.text()
  const refused = await gauge(engine.http, 'laju_trace_parents_refused_total')
  const begun = await gauge(engine.http, 'laju_traces_begun_total')
  equal(begun + refused, 300)
  ok(begun >= 20 && begun <= 100, `${begun} were followed`)
  await until('their spans', patience, () => collector.spans.length === begun)
  for (const span of collector.spans) {
    deepEqual([span.name, span.parentId], ['GET /api/v1/balance', 'b'.repeat(16)])
  }
})

test('traces: no collector: nothing of the SDK is read into memory (TRX4)', async () => {
  engine.signal('SIGTERM')
  await engine.ended
  const requests = collector.requests
  const watch = `import { registerHooks } from 'node:module'
    registerHooks({ load(url, context, next) {
      const isOurs = /services.trace.(?!trace-metrics)/.test(url)
      if (isOurs || /@opentelemetry.(?!api)/.test(url)) console.error('read', url)
      return next(url, context)
    } })`
  const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(watch)}`
  engine = await stage.start({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: '', NODE_OPTIONS } })
  reseller = reseller.at(engine.http)
  await order('off-1', '087855500121')
  equal(await gauge(engine.http, 'laju_traces_begun_total'), 0)
  equal(collector.requests, requests)
  deepEqual(
    engine.stderr.split('\n').filter(line => line.startsWith('read ')),
    [],
  )
  engine.signal('SIGTERM')
  await engine.ended
  engine = await stage.start({ env: { ...traced('0'), NODE_OPTIONS } })
  match(engine.stderr, /^read .*@opentelemetry/m)
})
