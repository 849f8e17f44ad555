import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { Clock } from './clock.ts'

const second = 1_000
const hour = 3_600 * second
const noon = 1_800_000_000_000

/** A machine whose clock people set, and a stopwatch that nobody can. */
function machine() {
  let wall = noon
  let elapsed = 0
  const clock = new Clock(
    () => wall,
    () => elapsed,
  )
  return {
    clock,
    set(at: number) {
      wall = at
    },
    pass(ms: number) {
      wall += ms
      elapsed += ms
    },
  }
}

test('clock: nobody touches it: the machine’s own time (EC3)', () => {
  const { clock, pass } = machine()
  equal(clock.now(), noon)
  pass(1)
  equal(clock.now(), noon + 1)
  pass(30 * hour)
  equal(clock.now(), noon + 30 * hour + 1)
  equal(clock.behindMs, 0)
})

test('clock: set back an hour: goes on at half pace, and is itself again two hours later (EC1, EC2)', () => {
  const { clock, set, pass } = machine()
  set(noon + hour)
  equal(clock.now(), noon + hour)
  set(noon)
  equal(clock.now(), noon + hour)
  equal(clock.behindMs, hour)
  pass(60 * second)
  equal(clock.now(), noon + hour + 30 * second)
  let last = clock.now()
  for (let steps = 0; steps < 240; steps++) {
    pass(30 * second)
    ok(clock.now() >= last, 'backwards')
    last = clock.now()
  }
  equal(clock.now(), noon + 60 * second + 240 * 30 * second)
  equal(clock.behindMs, 0)
})

test('clock: set back again while it is behind: no jump, and no rest (EC1, EC2)', () => {
  const { clock, set, pass } = machine()
  clock.now()
  set(noon - hour)
  pass(10 * second)
  equal(clock.now(), noon + 0)
  pass(10 * second)
  equal(clock.now(), noon + 5 * second)
  set(noon - 2 * hour)
  pass(10 * second)
  equal(clock.now(), noon + 10 * second)
})

test('clock: what was read back is later: time goes on from there (EC1)', () => {
  const { clock, pass } = machine()
  clock.notBefore(noon - hour)
  equal(clock.now(), noon)
  clock.notBefore(noon + 7 * hour)
  equal(clock.now(), noon + 7 * hour)
  equal(clock.behindMs, 7 * hour)
  pass(2 * second)
  equal(clock.now(), noon + 7 * hour + second)
})

test('clock: it was years ahead: the machine is believed, and how far it was is told (EC4)', () => {
  const { clock, set, pass } = machine()
  const years = 10 * 365 * 24 * hour
  clock.notBefore(noon + years)
  equal(clock.now(), noon)
  equal(clock.behindMs, years)
  pass(second)
  equal(clock.now(), noon + second)
  set(noon - 13 * hour)
  equal(clock.now(), noon - 13 * hour)
})
