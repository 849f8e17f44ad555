import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { type Finding, type Looked, type Rule, rulesWith } from './conditions.ts'
import { type Alarm, type Changes, calmMs, Life } from './life.ts'

const finding: Finding = { code: 'FLOAT_DRIFT', subject: 'digi', about: 'digi', value: 700 }
const breaker: Finding = { code: 'SUPPLIER_BREAKER_OPEN', subject: 'digi', about: 'digi', value: 1 }
const alarm: Alarm = {
  ...{ id: 1, ...finding, severity: 'critical', state: 'open', threshold: 1, since: 0 },
  ...{ goneAt: null, resolvedAt: null, mutedUntil: null },
}
const nothing: Changes = { opened: [], seen: [], gone: [], resolved: [] }
const usual = rulesWith([])

const looked = (findings: readonly Finding[], ...unknown: Finding['code'][]): Looked => ({
  findings,
  unknown: new Set(unknown),
})
const step = (
  life: Life,
  now: number,
  what: Looked,
  open: readonly Alarm[] = [],
  rules: ReadonlyMap<Finding['code'], Rule> = usual,
) => life.step(what, open, { rules, now })

test('life: found twice: opened once, and its new value noted (ALL1)', () => {
  const life = new Life()
  const opened = { ...finding, severity: 'critical', threshold: 1, since: 5 }
  deepEqual(step(life, 5, looked([finding])), { ...nothing, opened: [opened] })
  deepEqual(step(life, 6, looked([finding]), [alarm]), nothing)
  const { seen, ...rest } = step(life, 7, looked([{ ...finding, value: 900 }]), [alarm])
  deepEqual(rest, { opened: [], gone: [], resolved: [] })
  deepEqual(
    seen.map(one => [one.id, one.value]),
    [[1, 900]],
  )
})

test('life: a rule that waits a minute: told only when it lasted, since it began (ALL2)', () => {
  const life = new Life()
  equal(step(life, 0, looked([breaker])).opened.length, 0)
  equal(step(life, 59_999, looked([breaker])).opened.length, 0)
  deepEqual(
    step(life, 60_000, looked([breaker])).opened.map(one => one.since),
    [0],
  )
  // It flickered: the minute begins anew.
  const other = new Life()
  step(other, 0, looked([breaker]))
  step(other, 30_000, looked([]))
  equal(step(other, 60_000, looked([breaker])).opened.length, 0)
})

test('life: not found any more: over after two minutes, and not when it came back (ALL3)', () => {
  const life = new Life()
  deepEqual(step(life, 10, looked([]), [alarm]).gone, [1])
  const gone = { ...alarm, goneAt: 10 }
  deepEqual(step(life, 10 + calmMs - 1, looked([]), [gone]), nothing)
  deepEqual(step(life, 10 + calmMs, looked([]), [gone]).resolved, [{ id: 1, code: 'FLOAT_DRIFT' }])
  deepEqual(
    step(life, 10 + calmMs, looked([finding]), [gone]).seen.map(one => one.id),
    [1],
  )
})

test('life: what can not be known now stays as it was, also while it waits to be told (ALL4)', () => {
  const life = new Life()
  const waits = { ...alarm, code: 'ORDERS_WAIT' as const }
  deepEqual(step(life, 10 * calmMs, looked([], 'ORDERS_WAIT'), [waits]), nothing)
  const held = rulesWith([{ ...usual.get('ORDERS_WAIT')!, holdS: 60 }])
  const found: Finding = { code: 'ORDERS_WAIT', subject: 'HELD', about: 'HELD', value: 31 }
  step(life, 0, looked([found]), [], held)
  step(life, 30_000, looked([], 'ORDERS_WAIT'), [], held)
  equal(step(life, 60_000, looked([found]), [], held).opened.length, 1)
})

test('life: a rule switched off: its alarms are over at once (ALL5)', () => {
  const off = rulesWith([{ ...usual.get('FLOAT_DRIFT')!, active: false }])
  deepEqual(step(new Life(), 5, looked([]), [alarm], off).resolved, [
    { id: 1, code: 'FLOAT_DRIFT' },
  ])
})
