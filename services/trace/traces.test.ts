import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { Batch } from '../../engine/host.ts'
import { keyOf, makeId, shardOf } from '../../engine/ids.ts'
import type { Errand } from '../../engine/outbox.ts'
import type { JournalRecord } from '../../engine/record.ts'
import { Draw } from './draw.ts'
import { Traces } from './traces.ts'

const startedAt = Date.UTC(2026, 0, 5)
const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const route = '/api/v1/transactions'

function stand({ ratio = 1, storiesMax = 100 } = {}) {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  const clock = { ms: startedAt }
  const draw = new Draw({ ratio, now: () => clock.ms })
  const tracer = provider.getTracer('test')
  const traces = new Traces({ tracer, draw, now: () => clock.ms, storiesMax })
  return { traces, clock, spans: () => exporter.getFinishedSpans() as readonly ReadableSpan[] }
}

type Kind = 'order' | 'payment'
const idOf = (n: number, bornAt = startedAt + 1): string =>
  makeId(bornAt, 7, n.toString(16).padStart(16, '0'))
const placeOf = (id: string, kind: Kind = 'order') => ({ shard: shardOf(id), key: keyOf(id), kind })

/** A durable batch of one line. */
function batch(
  id: string,
  record: Partial<JournalRecord> & Pick<JournalRecord, 'command' | 'events'>,
  seq = 1,
): Batch {
  const kind = record.kind ?? 'order'
  const whole = { kind, id, at: startedAt + 2, ...record } as JournalRecord
  const line = { shard: shardOf(id), seq, key: keyOf(id), hash: '', body: '' }
  const asked = { envelope: { ...placeOf(id), kind }, done: null }
  const outcome = { reply: { accepted: true }, line, record: whole, owed: [] }
  return { fence: new Map(), lines: [line], checkpoints: [], piled: [{ asked, outcome }] } as never
}

const placed = {
  command: 'place',
  events: [
    { type: 'placed', product: 'XLD10', destination: '0812', user: 'u', ref: 'rahasia' },
    { type: 'dispatched', supplier: 'DIGI', sku: 's', ref: 'rahasia' },
  ],
} as const

const errand = (id: string, effect: object, about: Partial<Errand> = {}): Errand =>
  ({
    ...{ id: `${id}/1/0`, effect, shard: 7, from: id, kind: 'order', owner: '', resumed: false },
    ...about,
  }) as never
const purchase = { type: 'purchase', target: 'DIGI', n: 1, supplier: 'DIGI', dest: '0812' }

test('traces: not drawn: no span, and nothing is remembered (TRC1)', async () => {
  const { traces, spans } = stand({ ratio: 0 })
  const id = idOf(1)
  equal(traces.begin('r1', 'POST', route, ''), null)
  traces.enter('r1', placeOf(id))
  traces.enter(null, placeOf(id))
  traces.durable(batch(id, placed), 3)
  const answer = Promise.resolve(null)
  equal(
    traces.perform(errand(id, purchase), () => answer),
    answer,
    'the performer’s own',
  )
  traces.published(id)
  equal(traces.webhook(id, 'order.created', 1), null)
  deepEqual([spans().length, traces.remembered, traces.stats.begun], [0, 0, 0])
})

test('traces: a request of nobody, as by chat: the turn is the root of a trace (TRC2)', async () => {
  const { traces, clock, spans } = stand()
  const id = idOf(1)
  traces.enter(null, placeOf(id))
  clock.ms += 10
  traces.durable(batch(id, placed), 3)
  const report = { outcome: 'success', ms: 12, sn: 'SN-RAHASIA' }
  const answered = { shard: 7, key: keyOf(id), kind: 'order', command: { type: 'report', report } }
  await traces.perform(errand(id, purchase), async () => answered as never)
  const delivered = { type: 'delivered', n: 1, sn: 'SN-RAHASIA', cost: 1 }
  traces.durable(batch(id, { command: 'report', cause: `${id}/1/0`, events: [delivered] }, 2), 1)
  const named = (name: string) => spans().find(span => span.name === name)!
  equal(new Set(spans().map(span => span.spanContext().traceId)).size, 1)
  const [place, call, told] = [
    named('order.place'),
    named('supplier.purchase'),
    named('order.report'),
  ]
  equal(place.parentSpanContext, undefined)
  equal(call.parentSpanContext?.spanId, place.spanContext().spanId)
  equal(told.parentSpanContext?.spanId, call.spanContext().spanId)
  deepEqual(place.attributes, {
    ...{ 'laju.kind': 'order', 'laju.shard': 7, 'laju.order.id': id, 'laju.product': 'XLD10' },
    ...{ 'laju.supplier': 'DIGI', 'laju.outcome': 'dispatched' },
    'laju.events': ['placed', 'dispatched'],
  })
  deepEqual([call.attributes['laju.outcome'], call.attributes['laju.call_ms']], ['success', 12])
  ok(!JSON.stringify(spans().map(span => span.attributes)).includes('RAHASIA'), 'TRC5')
})

test('traces: a refusal: its turn is told, and nobody is remembered (TRC1)', () => {
  const { traces, spans } = stand()
  const id = idOf(1)
  const request = traces.begin('r1', 'POST', route, '')!
  traces.enter('r1', placeOf(id))
  const envelope = { ...placeOf(id), command: { type: 'place' } }
  const reply = { refused: 'INSUFFICIENT_BALANCE', id, state: { phase: 'absent' } }
  const outcome = { reply, line: null, record: null, owed: [] }
  traces.durable({ ...batch(id, placed), piled: [{ asked: { envelope }, outcome }] as never }, 1)
  request.end(402)
  const turn = spans().find(span => span.name === 'order.place')
  equal(turn?.attributes['laju.outcome'], 'INSUFFICIENT_BALANCE')
  equal(traces.remembered, 0)
})

test('traces: requests: a client that left and an answer of ours that failed are errors (TRC2)', () => {
  const { traces, spans } = stand()
  for (const [n, status] of [200, 422, 503, null].entries()) {
    traces.begin(`r${n}`, 'POST', route, parent)!.end(status)
  }
  deepEqual(
    spans().map(({ status, attributes }) => [status.code, attributes['error.type']]),
    [
      [0, undefined],
      [0, undefined],
      [2, '503'],
      [2, 'aborted'],
    ],
  )
  equal(spans()[0]!.parentSpanContext?.spanId, '00f067aa0ba902b7')
})

test('traces: a payment: moves into the trace of what pays it, once (TRC2)', () => {
  const { traces, spans } = stand()
  const id = idOf(3)
  const about = { kind: 'payment', command: 'pay', events: [{ type: 'paid' }] }
  traces.begin('made', 'POST', '/merchant/payments', '')
  traces.enter('made', placeOf(id, 'payment'))
  traces.durable(batch(id, { ...about, command: 'create', events: [{ type: 'created' }] }), 1)
  const pays = [traces.begin('first', 'POST', '/cb', ''), traces.begin('again', 'POST', '/cb', '')]
  traces.enter('first', { ...placeOf(id, 'payment'), moves: true })
  traces.enter('again', { ...placeOf(id, 'payment'), moves: true })
  traces.durable(batch(id, about, 2), 1)
  for (const one of pays) one!.end(200)
  const [first, again] = spans().filter(span => span.name === 'POST /cb')
  const paid = spans().find(span => span.name === 'payment.pay')
  equal(paid?.parentSpanContext?.spanId, first!.spanContext().spanId)
  equal(first!.links.length, 1, 'to where it was made')
  equal(again!.links[0]?.context.traceId, first!.spanContext().traceId)
})

test('traces: many: the oldest is forgotten, and what comes of it is not traced (TRC3)', async () => {
  const { traces, spans } = stand({ storiesMax: 3 })
  for (let n = 1; n <= 5; n++) {
    traces.enter(null, placeOf(idOf(n)))
    traces.durable(batch(idOf(n), placed), 1)
  }
  ok(traces.remembered <= 3)
  const before = spans().length
  traces.durable(batch(idOf(1), { command: 'report', events: [] }, 2), 1)
  await traces.perform(errand(idOf(1), purchase), async () => null)
  equal(spans().length, before)
  traces.durable(batch(idOf(5), { command: 'report', events: [] }, 2), 1)
  ok(spans().length > before)
})

test('traces: many effects of one order: those on their way are bounded (TRC3)', async () => {
  const { traces, spans } = stand()
  const id = idOf(1)
  traces.enter(null, placeOf(id))
  traces.durable(batch(id, placed), 1)
  for (let n = 0; n < 50; n++) {
    await traces.perform(errand(id, purchase, { id: `${id}/1/${n}` }), async () => null)
  }
  traces.durable(batch(id, { command: 'report', cause: `${id}/1/0`, events: [] }, 2), 1)
  const root = spans().find(span => span.name === 'order.place')
  const told = spans().find(span => span.name === 'order.report')
  equal(told?.parentSpanContext?.spanId, root?.spanContext().spanId, 'its effect is forgotten')
})

test('traces: born before this process: a trace of its own, as often as any (TRC4)', async () => {
  const { traces, spans } = stand()
  const old = idOf(1, startedAt - 60_000)
  traces.durable(batch(old, { command: 'recheck', events: [{ type: 'rechecked' }] }, 9), 1)
  const check = { ...purchase, type: 'check' }
  await traces.perform(errand(old, check, { id: `${old}/9/0` }), async () => null)
  const [, root, call] = spans()
  equal(root?.attributes['laju.order.id'], old)
  equal(call?.parentSpanContext?.spanId, root?.spanContext().spanId)

  const resumed = idOf(2, startedAt + 5)
  await traces.perform(errand(resumed, purchase, { resumed: true }), async () => null)
  equal(spans().at(-1)?.attributes['laju.resumed'], true)
  const count = spans().length
  await traces.perform(errand(idOf(3, startedAt + 5), purchase), async () => null)
  traces.durable(batch(old, { kind: 'activation', command: 'ask', events: [] }, 1), 1)
  const never = stand({ ratio: 0 })
  never.traces.durable(batch(old, { command: 'recheck', events: [] }, 9), 1)
  deepEqual([spans().length, never.spans().length], [count + 2, 0])
})

test('traces: a performer that breaks down: its error is the engine’s, the span is one (TRC2)', async () => {
  const { traces, spans } = stand()
  const id = idOf(1)
  traces.enter(null, placeOf(id))
  traces.durable(batch(id, placed), 1)
  const broken = () => Promise.reject(new Error('the caller thread broke down with 0812'))
  await rejects(traces.perform(errand(id, purchase), broken), /broke down/)
  const call = spans().find(span => span.name === 'supplier.purchase')
  deepEqual([call?.status.code, call?.status.message, call?.events.length], [2, undefined, 0])
})
