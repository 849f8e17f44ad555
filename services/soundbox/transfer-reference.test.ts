import { deepEqual, equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { keyFrom, keyOf, makeId } from '../../engine/ids.ts'
import { endOfId, transferReference, transfersIn } from './transfer-reference.ts'

const id = fc
  .tuple(fc.nat(2 ** 40), fc.nat(4095), fc.nat(2 ** 32 - 1), fc.nat(2 ** 32 - 1))
  .map(([ms, shard, high, low]) => makeId(ms, shard, keyFrom(high, low)))

test('transfer reference: any batch: its own, short, and leads back to it (TFR1, TFR2)', () => {
  fc.assert(
    fc.property(id, id, (one, other) => {
      const reference = transferReference(one)
      match(reference, /^LJ[0-9A-Z]{12}$/)
      equal(one.slice(19), endOfId(reference))
      equal(reference === transferReference(other), keyOf(one) === keyOf(other))
    }),
  )
  const last = makeId(0, 0, keyFrom(2 ** 32 - 1, 2 ** 32 - 1))
  equal(endOfId(transferReference(last)), last.slice(19))
})

test('transfer reference: among a bank’s words: found, and nothing else is (TFR3)', () => {
  const reference = transferReference(makeId(0, 0, keyFrom(7, 9)))
  for (const text of [reference, `TRSF E-BANKING DB ${reference}/TOKO`, reference.toLowerCase()]) {
    deepEqual(transfersIn(text), [reference])
  }
  for (const text of ['', 'run-20261015', `${reference}0`, `X${reference}`]) {
    deepEqual(transfersIn(text), [])
  }
  match(endOfId('LJZZZZZZZZZZZZ'), /^[^89ab]/, 'of no batch')
})
