import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { forgetOldest, keepLatest } from './latest.ts'

test('latest: whoever was touched longest ago is forgotten first (LT1)', () => {
  const kept = new Map<string, number>()
  for (const [n, key] of ['a', 'b', 'a', 'c', 'd'].entries()) keepLatest(kept, key, n, 3)
  deepEqual(
    [...kept],
    [
      ['a', 2],
      ['c', 3],
      ['d', 4],
    ],
  )
})

test('latest: a bound that became smaller is kept at once, of sets too (LT1)', () => {
  const kept = new Set([1, 2, 3, 4, 5])
  forgetOldest(kept, 2)
  deepEqual([...kept], [4, 5])
  forgetOldest(kept, 2)
  deepEqual([...kept], [4, 5])
  forgetOldest(kept, 0)
  deepEqual([...kept], [])
})
