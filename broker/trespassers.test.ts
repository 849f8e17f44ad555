import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Trespassers } from './trespassers.ts'

const minute = 60_000

test('trespassers: counted as long as they go on, forgotten after ten quiet minutes (BRR1)', () => {
  const all = new Trespassers()
  for (const at of [0, 5, 14]) all.note('a', at * minute)
  all.note('b', 15 * minute)
  deepEqual(all.list(23 * minute), [
    { device: 'a', count: 3 },
    { device: 'b', count: 1 },
  ])
  deepEqual(all.list(24 * minute), [{ device: 'b', count: 1 }])
  all.note('a', 24 * minute)
  deepEqual(all.list(25 * minute), [{ device: 'a', count: 1 }])
})

test('trespassers: more than are remembered: the one quiet for longest goes (BRR2)', () => {
  const all = new Trespassers(2)
  for (const device of ['a', 'b', 'a', 'c']) all.note(device, 0)
  deepEqual(all.list(0), [
    { device: 'a', count: 2 },
    { device: 'c', count: 1 },
  ])
})
