import { ok, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Histogram } from './histogram.ts'

test('histogram: empty: every quantile is 0', () => {
  strictEqual(new Histogram().quantileMs(0.99), 0)
})

test('histogram: 1 to 100,000 ms: quantiles are within 0.8 %, the maximum is exact', () => {
  const histogram = new Histogram()
  for (let ms = 1; ms <= 100_000; ms++) histogram.add(ms)
  for (const share of [0.01, 0.5, 0.9, 0.99, 0.999]) {
    const right = share * 100_000
    const read = histogram.quantileMs(share)
    ok(read >= right && read <= right * 1.008, `${share}: ${read}`)
  }
  strictEqual(histogram.maxMs, 100_000)
  strictEqual(histogram.quantileMs(1), 100_000)
  strictEqual(histogram.total, 100_000)
})

test('histogram: microseconds: small values are exact', () => {
  const histogram = new Histogram()
  for (let micros = 0; micros < 100; micros++) histogram.add(micros / 1000)
  strictEqual(histogram.quantileMs(0.5), 0.049)
})
