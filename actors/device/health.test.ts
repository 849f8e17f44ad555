import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { healthOf, type Vitals } from './health.ts'

const well: Vitals = {
  ...{ online: true, silentMs: 1_000, battery: 90, signal: 80, connects: 1 },
  ...{ drift: false, waiting: 0, missed: 0 },
}

test('health: nothing wrong: a hundred, and no reason (DVB1)', () => {
  deepEqual(healthOf(well), { score: 100, reasons: [] })
})

test('health: each trouble costs something and says what it is (DVB1)', () => {
  const troubles: [Partial<Vitals>, string][] = [
    [{ silentMs: 200_000 }, 'HEARTBEAT_OLD'],
    [{ silentMs: null }, 'NEVER_SEEN'],
    [{ battery: 20 }, 'BATTERY_LOW'],
    [{ battery: 5 }, 'BATTERY_EMPTY'],
    [{ signal: 25 }, 'SIGNAL_WEAK'],
    [{ connects: 6 }, 'FLAPPING'],
    [{ drift: true }, 'CONFIG_DRIFT'],
    [{ waiting: 3 }, 'UNACKNOWLEDGED'],
    [{ missed: 1 }, 'PAYMENTS_MISSED'],
  ]
  for (const [trouble, reason] of troubles) {
    const { score, reasons } = healthOf({ ...well, ...trouble })
    deepEqual(reasons, [reason])
    ok(score < 100)
  }
})

test('health: many troubles never go below zero (DVB1)', () => {
  const worst = { battery: 0, signal: 0, connects: 99, drift: true, waiting: 9, missed: 9 }
  equal(healthOf({ ...worst, online: false, silentMs: null }).score, 0)
})

test('health: not connected: forty at most (DVB2)', () => {
  deepEqual(healthOf({ ...well, online: false }), { score: 40, reasons: ['OFFLINE'] })
})

test('health: what it never told is not held against it (DVB3)', () => {
  deepEqual(healthOf({ ...well, battery: null, signal: null }), { score: 100, reasons: [] })
})
