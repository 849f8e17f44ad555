import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { RestWatch } from './rest.ts'

const mb = 1024 * 1024

test('rest: a burst, then quiet: collected once, after two quiet looks (RE1)', () => {
  const watch = new RestWatch()
  const looks = [10, 500, 900, 900, 900, 900, 900].map(turns => watch.look(turns, 300 * mb))
  deepEqual(looks, [false, false, false, false, true, false, false])
})

test('rest: work goes on: nothing is collected (RE1)', () => {
  const watch = new RestWatch()
  for (let turns = 1; turns < 50; turns++) equal(watch.look(turns, 900 * mb), false)
})

test('rest: little to win since the last time: left alone (RE1)', () => {
  const watch = new RestWatch()
  watch.collected(300 * mb, 280 * mb)
  deepEqual(
    [5, 5, 5].map(turns => watch.look(turns, 300 * mb)),
    [false, false, false],
  )
})

test('rest: what was kept went by itself: the next burst counts from there (RE1)', () => {
  const watch = new RestWatch()
  watch.collected(300 * mb, 280 * mb)
  equal(watch.look(5, 100 * mb), false)
  deepEqual(
    [6, 6, 6].map(turns => watch.look(turns, 200 * mb)),
    [false, false, true],
  )
})

test('rest: one that gave much back is followed by another, if it is still quiet (RE2)', () => {
  const watch = new RestWatch()
  const look = (turns: number, heap: number) => watch.look(turns, heap * mb)
  deepEqual(
    [1, 1, 1].map(turns => look(turns, 400)),
    [false, false, true],
  )
  watch.collected(400 * mb, 300 * mb)
  equal(look(1, 300), true)
  watch.collected(300 * mb, 265 * mb)
  deepEqual([look(1, 265), look(1, 265)], [false, false])
})

test('rest: work came between: no second one, and none is owed later (RE1, RE2)', () => {
  const watch = new RestWatch()
  for (const turns of [1, 1, 1]) watch.look(turns, 400 * mb)
  watch.collected(400 * mb, 300 * mb)
  deepEqual(
    [2, 2, 2, 2].map(turns => watch.look(turns, 320 * mb)),
    [false, false, false, false],
  )
})
