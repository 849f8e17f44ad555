import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { run } from './book.bench.ts'

test('book: bench: says the same as ever, and as the usual way (BBD1)', async () => {
  const { figures, wrong, hash } = await run({ products: 20, quotes: 200, rounds: 1 })
  equal(hash, 'd2619c404c680263')
  deepEqual(wrong, [])
  deepEqual(
    figures.map(({ ours, baseline }) => [ours.length, baseline.length]),
    [
      [1, 1],
      [1, 1],
    ],
  )
})
