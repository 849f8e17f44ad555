import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  accountingDay,
  businessDay,
  isOpen,
  plusDays,
  type SettlementTerms,
  settlementDay,
  zones,
} from './calendar.ts'

/** Friday 25 December 2026 and the Thursday before it are closed, and New Year's Day. */
const holidays = new Set(['20261224', '20261225', '20270101'])
const terms: SettlementTerms = {
  zone: 'Asia/Jakarta',
  cutOffMinute: 22 * 60,
  days: 1,
  counts: 'open_days',
  weekend: [0, 6],
  holidays,
}
const at = (text: string): number => Date.parse(text)

test('calendar: cut-off: before it the same day, on the minute the next (CAL1)', () => {
  equal(accountingDay(at('2026-11-23T21:59:59.999+07:00'), terms), '20261123')
  equal(accountingDay(at('2026-11-23T22:00:00+07:00'), terms), '20261124')
  const never = { ...terms, cutOffMinute: 1_440 }
  equal(accountingDay(at('2026-11-23T23:59:59.999+07:00'), never), '20261123')
  equal(accountingDay(at('2026-11-24T00:00:00+07:00'), never), '20261124')
  equal(accountingDay(at('2026-11-23T00:00:00+07:00'), { ...terms, cutOffMinute: 0 }), '20261124')
  equal(accountingDay(at('1969-12-31T23:30:00+07:00'), never), '19691231')
  throws(() => accountingDay(0, { ...terms, cutOffMinute: 1_441 }), /CAL1/)
})

test('calendar: zones: one instant, three clocks on the wall (CAL5)', () => {
  const instant = at('2026-11-23T15:30:00Z')
  deepEqual(
    zones.map(zone => accountingDay(instant, { zone, cutOffMinute: 1_440 })),
    ['20261123', '20261123', '20261124'],
  )
})

test('calendar: business day: weekends and holidays count for the next open day (CAL2)', () => {
  equal(businessDay(at('2026-11-20T21:00:00+07:00'), terms), '20261120')
  equal(businessDay(at('2026-11-20T22:00:00+07:00'), terms), '20261123')
  equal(businessDay(at('2026-11-21T10:00:00+07:00'), terms), '20261123')
  equal(businessDay(at('2026-12-23T23:00:00+07:00'), terms), '20261228')
  equal(businessDay(at('2027-01-01T10:00:00+07:00'), terms), '20270104')
  ok(!isOpen('20270102', terms) && isOpen('20261231', terms))
})

test('calendar: T+N: open days, or days of the calendar that end on an open one (CAL3)', () => {
  const friday = at('2026-11-20T10:00:00+07:00')
  const saturday = at('2026-11-21T10:00:00+07:00')
  const due = (paid: number, change: Partial<SettlementTerms>) =>
    settlementDay(paid, { ...terms, ...change })
  equal(due(friday, { days: 0 }), '20261120')
  equal(due(friday, { days: 1 }), '20261123')
  equal(due(friday, { days: 2 }), '20261124')
  equal(due(saturday, { days: 1 }), '20261124')
  equal(due(at('2026-12-23T10:00:00+07:00'), { days: 2 }), '20261229')
  const counts = 'calendar_days'
  equal(due(friday, { days: 2, counts }), '20261123')
  equal(due(friday, { days: 3, counts }), '20261123')
  equal(due(saturday, { days: 2, counts }), '20261123')
  throws(() => due(friday, { days: -1 }), /CAL3/)
  throws(() => due(friday, { days: 61 }), /CAL3/)
})

const anyTerms = fc.record({
  zone: fc.constantFrom(...zones),
  cutOffMinute: fc.nat(1_440),
  days: fc.nat(10),
  counts: fc.constantFrom('open_days' as const, 'calendar_days' as const),
  weekend: fc.constantFrom([0, 6], [0], [5, 6], []),
  holidays: fc
    .uniqueArray(fc.nat(60), { maxLength: 25 })
    .map(days => new Set(days.map(day => plusDays('20261201', day)))),
})
const instants = fc.integer({ min: at('2026-11-25T00:00Z'), max: at('2027-02-05T00:00Z') })

test('calendar: any settlement falls on an open day, not before its business day (CAL2, CAL3)', () => {
  fc.assert(
    fc.property(anyTerms, instants, (some, paid) => {
      const due = settlementDay(paid, some)
      ok(isOpen(due, some) && isOpen(businessDay(paid, some), some))
      ok(due >= accountingDay(paid, some))
      if (some.counts === 'open_days') ok(due >= businessDay(paid, some))
    }),
  )
})

test('calendar: who pays later is never settled earlier (CAL4)', () => {
  fc.assert(
    fc.property(anyTerms, instants, instants, (some, one, other) => {
      const [early, late] = [Math.min(one, other), Math.max(one, other)]
      ok(settlementDay(early, some) <= settlementDay(late, some))
      ok(businessDay(early, some) <= businessDay(late, some))
    }),
  )
})

test('calendar: days: years end and leap, and years of holidays are a mistake (CAL5)', () => {
  equal(plusDays('20261231', 1), '20270101')
  equal(plusDays('20240301', -1), '20240229')
  const weekend = [0, 1, 2, 3, 4, 5, 6]
  throws(() => businessDay(0, { ...terms, weekend }), /CAL5/)
})
