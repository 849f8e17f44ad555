import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import type { Errand } from './outbox.ts'
import { Outbox } from './outbox.ts'
import { Pace } from './pace.ts'

const begin = 1_000_000

test('pace: a busy minute: the rate and a second’s share of it, evenly (EP1)', () => {
  let now = begin
  const pace = new Pace(
    () => 120,
    () => now,
  )
  const left: number[] = []
  for (; now < begin + 3 * 60_000; now += 25) while (pace.take('slow')) left.push(now)
  for (let from = begin; from <= begin + 2 * 60_000; from += 1_000) {
    const within = left.filter(at => at >= from && at < from + 60_000).length
    ok(within >= 119 && within <= 122, `${within} from ${from - begin} ms`)
  }
})

test('pace: one in a minute: the second waits for it, also after a long rest (EP1)', () => {
  let now = begin
  const pace = new Pace(
    () => 1,
    () => now,
  )
  const taken = () => [pace.take('slow'), pace.take('slow')]
  deepEqual(taken(), [true, false])
  now += 59_999
  deepEqual(taken(), [false, false])
  now += 1
  deepEqual(taken(), [true, false])
  now += 3_600_000
  deepEqual(taken(), [true, false])
})

test('pace: a changed rate: counts at once; without one nobody waits; targets apart (EP2)', () => {
  let rate: number | null = 1
  const pace = new Pace(
    target => (target === 'free' ? null : rate),
    () => begin,
  )
  deepEqual([pace.take('slow'), pace.take('slow'), pace.take('other')], [true, false, true])
  for (let n = 0; n < 100; n++) equal(pace.take('free'), true)
  rate = null
  for (let n = 0; n < 100; n++) equal(pace.take('slow'), true)
})

test('pace: a clock that was set back: goes on from there (EP3)', () => {
  let now = begin
  const pace = new Pace(
    () => 60,
    () => now,
  )
  equal(pace.take('slow'), true)
  now -= 3_600_000
  equal(pace.take('slow'), false)
  now += 1_000
  equal(pace.take('slow'), true)
})

test('pace: at a lane: effects wait in line, in turns, and none is lost (EP1)', () => {
  let now = begin
  const outbox = new Outbox(
    () => 10,
    new Pace(
      () => 60,
      () => now,
    ),
  )
  for (const owner of ['ani', 'ani', 'ani', 'budi']) {
    outbox.push({ effect: { target: 'slow' }, owner } as unknown as Errand)
  }
  const owners: string[] = []
  for (const waiting of [3, 2, 1, 0]) {
    for (let twice = 0; twice < 2; twice++) outbox.drain(({ owner }) => owners.push(owner))
    equal(outbox.waiting, waiting)
    now += 1_000
  }
  deepEqual(owners, ['ani', 'budi', 'ani', 'ani'])
})
