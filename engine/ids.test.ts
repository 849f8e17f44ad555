import { equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fingerprint, isId, keyFrom, keyOf, makeId, msOf, shardOf } from './ids.ts'

const key = fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff)).map(([a, b]) => keyFrom(a, b))

test('ids: any id: shard, key and time come back out of it (K1)', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 47), fc.nat(4095), key, (ms, shard, someKey) => {
      const id = makeId(ms, shard, someKey)
      equal(isId(id), true)
      equal(shardOf(id), shard)
      equal(keyOf(id), someKey)
      equal(msOf(id), ms)
    }),
  )
})

test('ids: fingerprint: fixed for ever, and parts do not run into each other (K2)', () => {
  equal(fingerprint('user', 'ref-1'), '280ef757a93c4e4d')
  match(fingerprint('a'), /^[0-3][0-9a-f]{15}$/)
  equal(fingerprint('ab', 'c') === fingerprint('a', 'bc'), false)
})

test('ids: order of ids is order of birth within a shard (K1)', () => {
  equal(makeId(1_000, 7, 'f'.repeat(16).replace('f', '3')) < makeId(1_001, 7, '0'.repeat(16)), true)
})
