import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { SenderClock } from './sender-clock.ts'

test('sender clock: what came late says nothing of the clock, the quickest does (SCK1)', () => {
  const clock = new SenderClock()
  equal(clock.behindAt(1_000_000), 0)
  clock.note(900_000, 1_000_000)
  equal(clock.behindAt(1_000_000), 100_000)
  clock.note(940_000, 1_001_000)
  clock.note(905_000, 1_002_000)
  equal(clock.behindAt(1_002_000), 61_000)
})

test('sender clock: ahead of ours, nearly right, and long ago (SCK1)', () => {
  const clock = new SenderClock()
  clock.note(1_030_000, 1_000_000)
  equal(clock.behindAt(1_000_000), -30_000)
  equal(clock.behindAt(1_000_000 + 11 * 60_000), 0)
  clock.note(1_700_000, 1_700_700)
  equal(clock.behindAt(1_700_700), 0)
})

test('sender clock: only the latest are kept (SCK1)', () => {
  const clock = new SenderClock()
  clock.note(0, 0)
  for (let n = 1; n <= 64; n++) clock.note(n * 1_000 - 20_000, n * 1_000)
  equal(clock.behindAt(64_000), 20_000)
})
