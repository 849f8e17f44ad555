import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Bucket, Buckets } from './limits.ts'

test('limits: a bucket: a burst, then its rate, nothing for a clock that went back (BRL1)', () => {
  const bucket = new Bucket(3, 0)
  const take = (now: number) => bucket.take(60, 3, now)
  deepEqual([take(0), take(0), take(0), take(0)], [true, true, true, false])
  equal(take(1_000), true)
  equal(take(1_000), false)
  equal(take(500), false)
  equal(take(1_500), true)
})

test('limits: buckets of many keys: the one longest unused is forgotten (BRL2)', () => {
  const buckets = new Buckets(1, 2)
  equal(buckets.take('a', 0), true)
  equal(buckets.take('b', 0), true)
  equal(buckets.take('a', 0), false)
  equal(buckets.isEmpty('a', 0), true)
  equal(buckets.take('c', 0), true)
  equal(buckets.size, 2)
  equal(buckets.isEmpty('b', 0), false, 'forgotten, so full again')
  equal(buckets.isEmpty('a', 0), true)
})
