import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { run } from './rules.bench.ts'

test('rules: bench: changed replies are no successes, both kinds agree (BBE1, BBE2)', () => {
  const { figures, wrong } = run({ replies: 20_000, rounds: 1 })
  deepEqual(wrong, [])
  equal(figures.length, 3)
})
