import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Wheel } from './wheel.ts'

const key = (n: number) => n.toString(16).padStart(16, '0')

test('wheel: any alarms, any clock: each rings once, never early, and none is lost (W1)', () => {
  const alarms = fc.array(fc.nat(10_000_000), { maxLength: 60 })
  const clock = fc.array(fc.nat(400_000), { maxLength: 60 })
  fc.assert(
    fc.property(alarms, clock, (ats, steps) => {
      const wheel = new Wheel()
      const rung = new Map<string, number>()
      let now = 0
      for (const [n, at] of ats.entries()) wheel.arm(n % 7, key(n), at)
      for (const step of [...steps, 20_000_000]) {
        now += step
        for (;;) {
          const due = wheel.due(now, 5)
          for (const one of due) {
            equal(rung.has(one.key), false)
            equal(ats[Number.parseInt(one.key, 16)]! <= now, true)
            rung.set(one.key, now)
          }
          if (due.length === 0) break
        }
        const waiting = ats.filter((at, n) => at <= now && !rung.has(key(n)))
        deepEqual(waiting, [])
      }
      equal(rung.size, ats.length)
      equal(wheel.size, 0)
    }),
  )
})

test('wheel: after downtime: everything overdue comes at once, in order of time (W2)', () => {
  const wheel = new Wheel()
  for (const at of [900_000, 100, 70_000, 500_000]) wheel.arm(0, key(at), at)
  const order = wheel.due(3_600_000, 10).map(one => Number.parseInt(one.key, 16))
  deepEqual(order, [100, 70_000, 500_000, 900_000])
})

test('wheel: next: says when to look again, and nothing when nothing is armed (W1)', () => {
  const wheel = new Wheel()
  equal(wheel.next(), Number.POSITIVE_INFINITY)
  wheel.arm(0, key(1), 5_000)
  wheel.due(0, 10)
  equal(wheel.next() > 5_000 && wheel.next() <= 5_064, true)
})

test('wheel: a million alarms: all are found again (W3)', () => {
  const wheel = new Wheel()
  for (let n = 0; n < 1_000_000; n++) wheel.arm(n & 255, key(n), 1_000 + ((n * 7919) % 86_400_000))
  let found = 0
  for (let now = 0; now <= 87_000_000; now += 500_000) {
    for (let due = wheel.due(now, 1e6); due.length > 0; due = wheel.due(now, 1e6))
      found += due.length
  }
  equal(found, 1_000_000)
})
