import { deepEqual, equal } from 'node:assert/strict'
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

test('latest: of many a few go together, the oldest (LT1, LT2)', () => {
  const kept = new Map<number, true>()
  for (let n = 0; n < 160; n++) keepLatest(kept, n, true, 160)
  equal(kept.size, 160)
  keepLatest(kept, 160, true, 160)
  deepEqual([kept.size, kept.has(10), kept.has(11), kept.has(160)], [150, false, true, true])
  for (let n = 161; n < 171; n++) keepLatest(kept, n, true, 160)
  deepEqual([kept.size, kept.has(11)], [160, true])
})
