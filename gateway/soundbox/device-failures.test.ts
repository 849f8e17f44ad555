import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { DeviceFailures } from './device-failures.ts'

test('device failures: a box with an old secret: shut out there, nobody else is (GFC1, GFC3)', () => {
  const failures = new DeviceFailures()
  for (let n = 0; n < 30; n++) {
    equal(failures.isShut('1.2.3.4', 'old', 0), false)
    failures.failed('1.2.3.4', 'old', 0)
  }
  equal(failures.isShut('1.2.3.4', 'old', 0), true)
  equal(failures.isShut('1.2.3.4', 'other', 0), false)
  equal(failures.isShut('5.6.7.8', 'old', 0), false)
  equal(failures.isShut('1.2.3.4', 'old', 2_000), false)
})

test('device failures: many names of one address: bounded, and the proven are heard (GFC2)', () => {
  const failures = new DeviceFailures()
  failures.proved('1.2.3.4', 'good')
  for (let n = 0; n < 6_000; n++) failures.failed('1.2.3.4', `guess${n}`, 0)
  equal(failures.isShut('1.2.3.4', 'guess', 0), true)
  equal(failures.isShut('1.2.3.4', 'good', 0), false)
  equal(failures.isShut('5.6.7.8', 'guess', 0), false)
})
