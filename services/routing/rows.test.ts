import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Rows, Words } from './rows.ts'

test('rows: many: each is read as it was put and changed, across blocks (BBJ1)', () => {
  const rows = new Rows(['a', 'b'])
  for (let n = 0; n < 40_000; n++) equal(rows.add({ a: n, b: -n / 2 }), n)
  rows.set(39_999, 'b', 7)
  equal(rows.length, 40_000)
  const picked = [0, 16_383, 16_384, 39_998].map(n => [rows.get(n, 'a'), rows.get(n, 'b')])
  deepEqual(picked, [
    [0, -0],
    [16_383, -8_191.5],
    [16_384, -8_192],
    [39_998, -19_999],
  ])
  deepEqual([rows.get(39_999, 'a'), rows.get(39_999, 'b')], [39_999, 7])
})

test('words: a word and its number: both ways, and the same each time (BBJ2)', () => {
  const words = new Words()
  deepEqual([words.numberOf('x'), words.numberOf('y'), words.numberOf('x')], [0, 1, 0])
  deepEqual([words.wordOf(0), words.wordOf(1)], ['x', 'y'])
})
