/**
 * What tracing costs one order in its process (request, entry, two durable lines and an effect):
 * with no collector, as when the setting is empty; at the usual ratio; and when all are traced.
 *
 *   node services/trace/traces.bench.ts
 */

import { NoopSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Batch } from '../../engine/host.ts'
import { keyOf, makeId } from '../../engine/ids.ts'
import type { Errand } from '../../engine/outbox.ts'
import { microsEach } from '../in-turns.bench.ts'
import { Draw } from './draw.ts'
import { Traces } from './traces.ts'

type Micros = { readonly off: number; readonly usual: number; readonly all: number }

/** The best of the rounds, in microseconds for each order. */
export function measure(rounds: number, times: number): Micros {
  // Made beforehand, for making them is not what is measured; no order comes twice.
  const orders = Array.from({ length: times }, (_, n) => orderOf(n))
  const best = { off: Infinity, usual: Infinity, all: Infinity }
  for (let round = 0; round < rounds; round++) {
    for (const name of ['off', 'usual', 'all'] as const) {
      const traces = name === 'off' ? null : tracesAt(name === 'all' ? 1 : 0.01)
      const work = (n: number) => live(traces, orders[n]!, n)
      best[name] = Math.min(best[name], microsEach(times, work))
    }
  }
  return best
}

function tracesAt(ratio: number): Traces {
  const provider = new TracerProvider({ spanProcessors: [new NoopSpanProcessor() as never] })
  return new Traces({ tracer: provider.getTracer('bench'), draw: new Draw({ ratio }) })
}

type Order = ReturnType<typeof orderOf>

/** The very steps that the program makes, each behind the very check that it is behind there. */
function live(traces: Traces | null, { place, lines, errand }: Order, n: number): void {
  const requestId = `r${n}`
  const request = traces === null ? null : traces.begin(requestId, 'POST', '/x', '')
  traces?.enter(requestId, place)
  traces?.durable(lines[0], 1)
  if (request !== null) request.end(200)
  if (traces === null) void performer(errand)
  else void traces.perform(errand, performer)
  traces?.durable(lines[1], 1)
}

const answered = Promise.resolve(null)
const performer = (_: Errand) => answered

function orderOf(n: number) {
  const id = makeId(Date.now() + 60_000, 7, n.toString(16).padStart(16, '0'))
  const place = { shard: 7, key: keyOf(id), kind: 'order' }
  const about = { kind: 'order', id, at: Date.now() }
  const lineOf = (seq: number, command: string, events: readonly object[]): Batch => {
    const outcome = {
      reply: { accepted: true },
      line: { seq },
      record: { ...about, command, events },
    }
    return { lines: [{}], piled: [{ asked: { envelope: place }, outcome }] } as never
  }
  const events = [
    { type: 'placed', product: 'P' },
    { type: 'dispatched', supplier: 'S' },
  ]
  const lines = [lineOf(1, 'place', events), lineOf(2, 'report', [{ type: 'delivered' }])] as const
  const effect = { type: 'purchase', target: 'S', n: 1, supplier: 'S' }
  const errand = {
    id: `${id}/1/0`,
    effect,
    ...place,
    from: id,
    owner: '',
    resumed: false,
  } as Errand
  return { place, lines, errand }
}

if (import.meta.main) {
  const { off, usual, all } = measure(7, 30_000)
  const round = (micros: number) => Math.round(micros * 1_000)
  process.stdout.write(
    `ns for each order: off ${round(off)}, at 0.01 ${round(usual)}, all ${round(all)}\n`,
  )
}
