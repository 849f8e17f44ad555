import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { AddressBuckets, Bucket, Flights, Nonces } from './limits.ts'

test('bucket: sixty a minute: sixty at once, then one a second (GL1)', () => {
  const bucket = new Bucket(60, 0)
  for (let i = 0; i < 60; i++) equal(bucket.take(0), 0)
  equal(bucket.take(0), 1_000)
  equal(bucket.take(400), 600)
  equal(bucket.take(1_000), 0)
  equal(bucket.take(1_000), 1_000)
})

test('bucket: no rate: no limit, until one is set (GL1)', () => {
  const bucket = new Bucket(0, 0)
  for (let i = 0; i < 1_000; i++) equal(bucket.take(0), 0)
  bucket.resize(1)
  equal(bucket.take(0), 0)
  equal(bucket.take(0), 60_000)
})

test('bucket: a clock that goes back: gives nothing away (GL1)', () => {
  const bucket = new Bucket(60, 10_000)
  for (let i = 0; i < 60; i++) bucket.take(10_000)
  equal(bucket.take(0) > 0, true)
  equal(bucket.take(1_000), 0)
})

test('flights: a loud client alone: leaves room for the next one (GL2)', () => {
  const flights = new Flights(100)
  let held = 0
  while (flights.enter('loud')) held++
  equal(held, 50)
  let small = 0
  while (flights.enter('small')) small++
  equal(small, 34)
  equal(flights.enter('third'), true)
})

test('flights: what has landed: counts no more (GL2)', () => {
  const flights = new Flights(4)
  equal(flights.enter('a'), true)
  equal(flights.enter('a'), true)
  equal(flights.enter('a'), false)
  flights.leave('a')
  flights.leave('a')
  equal(flights.total, 0)
  equal(flights.clients, 0)
  equal(flights.enter('a'), true)
})

test('addresses: more than there is room for: the longest unused is forgotten (GL3)', () => {
  const buckets = new AddressBuckets(1, 2)
  equal(buckets.take('a', 0), 0)
  equal(buckets.take('b', 0), 0)
  equal(buckets.take('a', 0) > 0, true)
  equal(buckets.take('c', 0), 0)
  equal(buckets.take('a', 0) > 0, true)
  equal(buckets.take('b', 0), 0)
})

test('nonces: within the window: seen once per key (GL4)', () => {
  const nonces = new Nonces(10, 600_000, 0)
  equal(nonces.note('key', 'n', 0), 'fresh')
  equal(nonces.note('key', 'n', 0), 'seen')
  equal(nonces.note('other', 'n', 0), 'fresh')
  equal(nonces.note('key', 'n', 599_999), 'seen')
  equal(nonces.note('key', 'n', 600_000), 'seen')
  equal(nonces.note('key', 'n', 1_800_001), 'fresh')
})

test('nonces: used at another gateway: seen here, and told to nobody again (GL4, GG5)', () => {
  const told: number[] = []
  const [one, other] = [
    new Nonces(2, 600_000, 0, digest => told.push(digest)),
    new Nonces(2, 600_000, 0, digest => told.push(digest)),
  ]
  equal(one.note('key', 'n', 0), 'fresh')
  equal(one.note('key', 'n', 0), 'seen')
  equal(told.length, 1)
  other.hear(told)
  equal(other.note('key', 'n', 0), 'seen')
  equal(other.note('another', 'n', 0), 'fresh')
  equal(told.length, 2)
  // However many are told, the memory is bounded.
  other.hear([1, 2, 3])
  equal(other.note('key', 'next', 0), 'full')
})

test('nonces: memory full: refused until a generation has passed, never forgotten early (GL4)', () => {
  const nonces = new Nonces(2, 600_000, 0)
  nonces.note('key', 'a', 0)
  nonces.note('key', 'b', 0)
  equal(nonces.note('key', 'c', 0), 'full')
  equal(nonces.note('key', 'a', 0), 'seen')
  equal(nonces.note('key', 'c', 600_000), 'fresh')
  equal(nonces.note('key', 'a', 600_000), 'seen')
})

test('nonces: the clock is set back: what was used stays so, and room is made in time (GL4)', () => {
  const nonces = new Nonces(2, 600_000, 3_600_000)
  nonces.note('key', 'a', 3_600_000)
  nonces.note('key', 'b', 3_600_000)
  equal(nonces.note('key', 'a', 0), 'seen')
  equal(nonces.note('key', 'c', 0), 'full')
  equal(nonces.note('key', 'c', 600_000), 'fresh')
  equal(nonces.note('key', 'a', 600_000), 'seen')
})
