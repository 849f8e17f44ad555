import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { keyFrom } from './ids.ts'
import { KnownKeys } from './known-keys.ts'
import { Prng } from './sim/prng.ts'

const keys = (seed: number, count: number): string[] => {
  const prng = new Prng(seed)
  return Array.from({ length: count }, () =>
    keyFrom(Math.floor(prng.float() * 2 ** 32), Math.floor(prng.float() * 2 ** 32)),
  )
}

test('known keys: whatever was added: it is never denied (KK1)', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(6_000), (seed, count) => {
      const known = new KnownKeys()
      const added = keys(seed, count)
      for (const key of added) known.add(key)
      known.complete = true
      equal(
        added.every(key => known.mayHave(key)),
        true,
      )
    }),
    { numRuns: 20 },
  )
})

test('known keys: while old keys may be missing: nothing is denied (KK2)', () => {
  const known = new KnownKeys()
  equal(
    keys(7, 100).every(key => known.mayHave(key)),
    true,
  )
})

test('known keys: a hundred thousand of them: fewer than one in fifty strangers is suspected (KK3)', () => {
  const known = new KnownKeys()
  for (const key of keys(1, 100_000)) known.add(key)
  known.complete = true
  const suspected = keys(2, 20_000).filter(key => known.mayHave(key)).length
  equal(suspected < 400, true)
})
