import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { SoldOut } from './sold-out.ts'

const unbought = (offer: string, code: 'NO_NUMBERS' | 'SUPPLIER_BALANCE') => ({
  ...{ supplier: 'a', offer, code },
})

test('sold out: what fails while its supplier answers may be newer than the answer (NSO1)', () => {
  const soldOut = new SoldOut()
  const has = () => ['one', 'two'].map(offer => soldOut.has('a', offer, 1_000))
  soldOut.note(unbought('one', 'NO_NUMBERS'))
  deepEqual(has(), [true, false])
  equal(soldOut.has('b', 'one', 1_000), false)
  const answered = soldOut.asked('a')
  soldOut.note(unbought('two', 'NO_NUMBERS'))
  answered(null)
  deepEqual(has(), [true, true])
  soldOut.asked('a')(null)
  deepEqual(has(), [false, false])
})

test('sold out: money short at a supplier: nothing, then what its balance reaches for (NSO2)', () => {
  const soldOut = new SoldOut()
  const has = () => [1_000, 1_001].map(cost => soldOut.has('a', 'one', cost))
  deepEqual([has(), soldOut.balanceOf('a')], [[false, false], null])
  soldOut.note(unbought('other', 'SUPPLIER_BALANCE'))
  deepEqual(has(), [true, true])
  soldOut.asked('a')(1_000)
  deepEqual([has(), soldOut.balanceOf('a')], [[false, true], 1_000])
  soldOut.asked('a')(null)
  deepEqual(has(), [false, false])
})
