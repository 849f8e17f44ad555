import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { inTurns } from './in-turns.bench.ts'

test('in turns: rounds: equally many, and nobody always goes first (BBB1)', () => {
  const order: string[] = []
  const side = (name: string) => () => order.push(name)
  const found = inTurns(3, { ours: side('a'), baseline: side('b') })
  deepEqual(order, ['a', 'b', 'b', 'a', 'a', 'b'])
  deepEqual([found.ours.length, found.baseline.length], [3, 3])
})
