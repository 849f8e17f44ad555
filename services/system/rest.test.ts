import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { RestWatch } from './rest.ts'

const mb = 1024 * 1024

/** By a process that takes more than it may. */
const taken = (heap: number) => ({ heap: heap * mb, rss: 500 * mb })

test('rest: a burst, then quiet: collected once, after two quiet looks (RE1)', () => {
  const watch = new RestWatch()
  const looks = [10, 500, 900, 900, 900, 900, 900].map(turns => watch.look(turns, taken(300)))
  deepEqual(looks, [false, false, false, false, true, false, false])
})

test('rest: work goes on: nothing is collected (RE1)', () => {
  const watch = new RestWatch()
  for (let turns = 1; turns < 50; turns++) equal(watch.look(turns, taken(900)), false)
})

test('rest: little to win since the last time: left alone (RE1)', () => {
  const watch = new RestWatch()
  watch.collected(300 * mb, 280 * mb)
  deepEqual(
    [5, 5, 5].map(turns => watch.look(turns, taken(300))),
    [false, false, false],
  )
})

test('rest: what was kept went by itself: the next burst counts from there (RE1)', () => {
  const watch = new RestWatch()
  watch.collected(300 * mb, 280 * mb)
  equal(watch.look(5, taken(100)), false)
  deepEqual(
    [6, 6, 6].map(turns => watch.look(turns, taken(200))),
    [false, false, true],
  )
})

test('rest: one that gave much back is followed by another, if it is still quiet (RE2)', () => {
  const watch = new RestWatch()
  const look = (turns: number, heap: number) => watch.look(turns, taken(heap))
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
  for (const turns of [1, 1, 1]) watch.look(turns, taken(400))
  watch.collected(400 * mb, 300 * mb)
  deepEqual(
    [2, 2, 2, 2].map(turns => watch.look(turns, taken(320))),
    [false, false, false, false],
  )
})

test('rest: a process that takes no more than it may keeps what it has (RE3)', () => {
  const looks = (rss: number) => {
    const watch = new RestWatch()
    return [1, 1, 1, 1].map(turns => watch.look(turns, { heap: 250 * mb, rss: rss * mb }))
  }
  deepEqual(looks(390), [false, false, false, false])
  deepEqual(looks(410), [false, false, true, false])
})
