import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isFilter, isTopic, matches, within } from './topics.ts'

test('topics: a filter within another: level by level, wildcards only where they are covered (BRT1)', () => {
  const outer = 'devices/a/downlink/#'
  for (const inner of [
    outer,
    ...['devices/a/downlink', 'devices/a/downlink/payment', 'devices/a/downlink/+'],
    ...['devices/a/downlink/config/#', 'devices/a/downlink/+/#', 'devices/a/downlink//'],
  ]) {
    ok(within(inner, outer), inner)
  }
  for (const inner of [
    ...['#', '+/#', 'devices/#', 'devices/+/downlink/#', 'devices/a/#', 'devices/a/+/payment'],
    ...['devices/a', 'devices/a/downlinks', 'devices/b/downlink/payment', '/devices/a/downlink/x'],
    ...['$share/g/devices/a/downlink/#', 'devices/a/downlinkx/#', 'Devices/a/downlink/#'],
  ]) {
    equal(within(inner, outer), false, inner)
  }
})

test('topics: whatever a filter within another matches, the other one matches too (BRT1)', () => {
  const level = fc.constantFrom('a', 'b', '')
  const wild = fc.constantFrom('a', 'b', '', '+')
  const filter = fc
    .tuple(fc.array(wild, { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([levels, all]) => [...levels, ...(all ? ['#'] : [])].join('/'))
  const topic = fc.array(level, { minLength: 1, maxLength: 5 }).map(levels => levels.join('/'))
  fc.assert(
    fc.property(filter, filter, topic, (inner, outer, one) => {
      if (within(inner, outer) && matches(inner, one)) ok(matches(outer, one))
    }),
    { numRuns: 5_000 },
  )
})

test('topics: system topics: no wildcard reaches them (BRT2)', () => {
  equal(matches('#', '$SYS/a'), false)
  equal(matches('+/a', '$SYS/a'), false)
  equal(matches('$SYS/#', '$SYS/a'), true)
})

test('topics: to publish on: concrete, not empty, not too long (BRT3)', () => {
  for (const topic of ['a', 'a/b', '/a', 'a b', 'a/']) ok(isTopic(topic), topic)
  const deep = 'a/'.repeat(20)
  for (const topic of ['', 'a/#', '+', 'a+b', 'a\0', 'x'.repeat(300), deep]) {
    equal(isTopic(topic), false)
  }
  for (const filter of ['#', 'a/#', '+/a', '+']) ok(isFilter(filter), filter)
  for (const filter of ['', 'a#', '#/a', 'a+', 'a/b#', 'a\0b', deep]) equal(isFilter(filter), false)
})
