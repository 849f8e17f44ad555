import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { run } from './router.bench.ts'

test('routing: bench: the table and the usual way choose the same (BBC1)', () => {
  const { figures, wrong } = run({ products: 400, times: 200, rounds: 2 })
  deepEqual(wrong, [])
  deepEqual(
    figures.map(({ ours, baseline }) => [ours.length, baseline.length]),
    [
      [2, 2],
      [2, 2],
      [2, 2],
    ],
  )
})
