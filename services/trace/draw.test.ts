import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { Draw, parentsAtOnce, parentsPerSecond } from './draw.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const parent = (flags: string): string => `00-${traceId}-00f067aa0ba902b7-${flags}`

test('draw: no parent: as often as the dice say, never at 0, always at 1 (TRD1)', () => {
  let thrown = 0
  const dice = () => (thrown++ % 100) / 100
  const share = (ratio: number) => {
    const draw = new Draw({ ratio, dice })
    return Array.from({ length: 1_000 }, () => draw.of('')).filter(one => one !== null).length
  }
  deepEqual([share(0), share(0.25), share(1)], [0, 250, 1_000])
})

test('draw: a sampled parent: followed, its trace goes on; one that is not: nothing (TRD2)', () => {
  const draw = new Draw({ ratio: 0 })
  const context = draw.of(parent('01'))
  ok(context !== null)
  equal(trace.getSpanContext(context)?.traceId, traceId)
  equal(new Draw({ ratio: 1 }).of(parent('00')), null)
})

test('draw: a flood of sampled parents: so many are followed, the rest as if they had none (TRD2)', () => {
  let now = 0
  const draw = new Draw({ ratio: 0, now: () => now })
  const followed = (count: number) =>
    Array.from({ length: count }, () => draw.of(parent('01'))).filter(one => one !== null).length
  equal(followed(1_000), parentsAtOnce)
  equal(draw.refused, 1_000 - parentsAtOnce)
  now = 1_000
  equal(followed(1_000), parentsPerSecond)
  now = 3_600_000
  equal(followed(1_000), parentsAtOnce)
  // A clock that was set back gives no room, and takes none away for ever.
  now = 0
  equal(followed(1), 0)
  now = 1_000
  equal(followed(1_000), parentsPerSecond)
})

test('draw: over the rate, a stranger’s id is not taken for a trace of ours (TRD1)', () => {
  const draw = new Draw({ ratio: 1, now: () => 0 })
  const contexts = Array.from({ length: parentsAtOnce + 1 }, () => draw.of(parent('01')))
  equal(contexts.at(-1), ROOT_CONTEXT)
})

test('draw: no traceparent, however long or odd: as if there were none (TRD3)', () => {
  const draw = new Draw({ ratio: 0 })
  for (const text of [
    'x',
    '00-0-0-01',
    parent('zz'),
    `ff-${traceId}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `${parent('01')}-${'a'.repeat(100_000)}`,
  ]) {
    equal(draw.of(text), null, text.slice(0, 80))
    equal(new Draw({ ratio: 1 }).of(text), ROOT_CONTEXT, text.slice(0, 80))
  }
  equal(draw.refused, 0)
})
