import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Breakers, delayMs } from './breaker.ts'

const even = () => 0.5

test('breaker: delays: they grow, are spread, and have an end (WHE1)', () => {
  deepEqual(
    [1, 2, 3, 12, 13, 40].map(attempt => delayMs(attempt, 0.5)),
    [5_000, 10_000, 20_000, 10_240_000, 14_400_000, 14_400_000],
  )
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (n, dice) => {
        const plain = delayMs(n, 0.5)
        const ms = delayMs(n, dice)
        ok(ms >= plain * 0.75 - 1 && ms <= plain * 1.25 + 1)
      },
    ),
  )
  equal(delayMs(1, 0.5, 60_000), 60_000)
  equal(delayMs(1, 0.5, 10), 5_000)
  equal(delayMs(1, 0.5, 10 ** 12), 4 * 3_600_000)
})

test('breaker: five failures open it, one probe is let through, success closes it (WHE2)', () => {
  const breakers = new Breakers(3, even)
  for (let n = 0; n < 5; n++) {
    ok(breakers.enter('a', 0))
    breakers.leave('a', false, 0)
  }
  equal(breakers.enter('a', 29_999), false)
  deepEqual(breakers.shut(29_999), ['a'])
  ok(breakers.enter('b', 0), 'the others go on')
  equal(breakers.enter('a', 30_000), true)
  equal(breakers.enter('a', 30_000), false, 'one probe, not a flood')
  breakers.leave('a', false, 30_000)
  deepEqual(breakers.resting(), ['a'])
  equal(breakers.enter('a', 89_999), false, 'the second rest is longer')
  ok(breakers.enter('a', 90_000))
  deepEqual(breakers.resting(), ['a'], 'a probe does not end its rest')
  breakers.leave('a', true, 90_000)
  deepEqual(breakers.resting(), [])
  deepEqual(
    [1, 2, 3].map(() => breakers.enter('a', 90_000)),
    [true, true, true],
  )
  equal(breakers.enter('a', 90_000), false, 'places in flight are counted')
  equal(breakers.open(90_000), 0)
})

test('breaker: a success in between starts the count anew; a person may close it (WHE2)', () => {
  const breakers = new Breakers(1, even)
  const tries = [false, false, false, false, true, false, false, false, false]
  for (const isGood of tries) {
    ok(breakers.enter('a', 0))
    breakers.leave('a', isGood, 0)
  }
  ok(breakers.enter('a', 0))
  breakers.leave('a', false, 0)
  equal(breakers.enter('a', 0), false)
  breakers.close('a')
  ok(breakers.enter('a', 0))
})

test('breaker: however many targets: those without failures are forgotten first (WHE3)', () => {
  const breakers = new Breakers(1, even)
  for (let n = 0; n < 5; n++) {
    breakers.enter('bad', 0)
    breakers.leave('bad', false, 0)
  }
  for (let n = 0; n < 10_100; n++) {
    breakers.enter(`t${n}`, 0)
    breakers.leave(`t${n}`, false, 0)
  }
  equal(breakers.enter('bad', 1), false)
  equal(breakers.shut(1).length, 1)
})
