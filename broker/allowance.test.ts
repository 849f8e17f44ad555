import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Allowances } from './allowance.ts'
import { Frames } from './frames.ts'
import { defaultLimits } from './limits.ts'

const limits = { ...defaultLimits, packetsBurst: 20, publishesBurst: 5, publishesPerMin: 60 }
const connect = [0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 0]
const publish = [0x30, 3, 0, 1, 0x61]
const publishes = (count: number) => new Array(count).fill(publish).flat()

/** A connection that has said its CONNECT, and so many publishes behind it. */
function arriving(early = 0): Frames {
  const frames = new Frames(limits, 0)
  equal(frames.take(Uint8Array.from([...connect, ...publishes(early)]), limits, 0), null)
  return frames
}

const say = (frames: Frames, count: number, now = 0) =>
  frames.take(Uint8Array.from(publishes(count)), limits, now)

test('allowance: a box that comes in again goes on where it was, others are fine (BRD1)', () => {
  const boxes = new Allowances(10)
  for (const [device, count, said] of [
    ['a', 5, null],
    ['a', 1, 'flood'],
    ['b', 5, null],
  ] as const) {
    const frames = arriving()
    equal(frames.spendFrom(boxes.of(device, limits, 0), limits, 0), true)
    equal(say(frames, count), said)
  }
  const later = arriving()
  equal(later.spendFrom(boxes.of('a', limits, 2_000), limits, 2_000), true)
  equal(say(later, 2, 2_000), null)
  equal(say(later, 1, 2_000), 'flood')
})

test('allowance: what was said before the login: spent by its box (BRD2)', () => {
  const boxes = new Allowances(10)
  const early = arriving(4)
  equal(early.spendFrom(boxes.of('a', limits, 0), limits, 0), true)
  equal(say(early, 1), null)
  equal(say(early, 1), 'flood')
  equal(arriving(1).spendFrom(boxes.of('a', limits, 0), limits, 0), false)
})

test('allowance: many boxes: the one longest not here is forgotten (BRD3)', () => {
  const boxes = new Allowances(2)
  const [a, b] = [boxes.of('a', limits, 0), boxes.of('b', limits, 0)]
  equal(boxes.of('a', limits, 0), a)
  boxes.of('c', limits, 0)
  equal(boxes.of('a', limits, 0), a)
  equal(boxes.of('b', limits, 0) === b, false)
})
