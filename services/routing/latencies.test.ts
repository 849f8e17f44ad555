import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { Latencies } from './latencies.ts'

const begin = 1_000_000_000_000

test('latencies: quantiles: never below the true one, and within half an octave (RSA1)', () => {
  const seen = new Latencies()
  const all: number[] = []
  for (let n = 1; n <= 1_000; n++) {
    const ms = 10 + ((n * 7_919) % 1_000) * 13
    all.push(ms)
    seen.add(begin, ms)
  }
  all.sort((a, b) => a - b)
  for (const percent of [50, 90, 95, 99]) {
    const truth = all[Math.ceil((all.length * percent) / 100) - 1]!
    const told = seen.quantile(percent)!
    ok(told >= truth && told <= truth * 1.42 + 1, `${percent}: ${told} for ${truth}`)
  }
})

test('latencies: window: five minutes later nothing is left, and nothing is no quantile (RSA2)', () => {
  const seen = new Latencies()
  equal(seen.quantile(50), null)
  seen.add(begin, 100)
  seen.add(begin + 200_000, 5_000)
  seen.roll(begin + 310_000)
  deepEqual([seen.count, seen.quantile(50)], [1, 5_120])
  seen.add(begin, 1)
  equal(seen.count, 1)
  seen.roll(begin + 900_000)
  deepEqual([seen.count, seen.quantile(99)], [0, null])
})

test('latencies: written down: the same again, and old parts fall out as before (RSA3)', () => {
  const seen = new Latencies()
  for (let n = 0; n < 50; n++) seen.add(begin + n * 5_000, 20 * (n + 1))
  const again = new Latencies()
  again.restore(JSON.parse(JSON.stringify(seen.written())))
  for (const later of [0, 400_000, 500_000]) {
    seen.roll(begin + later)
    again.roll(begin + later)
    deepEqual([again.count, again.quantile(90)], [seen.count, seen.quantile(90)])
  }
  const strange = new Latencies()
  strange.restore([1, 9_999, 3])
  equal(strange.count, 0)
})
