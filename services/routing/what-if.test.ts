import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import type { JournalRecord } from '../../engine/record.ts'
import { Gauges } from './gauges.ts'
import { compileRouting, type RuleRow } from './policy.ts'
import { Router } from './router.ts'
import { compare, Recorded } from './what-if.ts'

const products = [{ code: 'XLD10', brand: 'XL', category: 'Pulsa' }]
const tableOf = (...rules: readonly Omit<RuleRow, 'version'>[]) =>
  compileRouting(
    rules.map((rule, n) => ({ ...rule, version: n + 1 })),
    products,
  )
const costs: Readonly<Record<string, number>> = { a: 10_300, b: 10_000, c: 10_200 }
const keyOf = (n: number): string => (n * 7_919).toString(16).padStart(16, '0')

/** Orders placed one after the other as a router with these rules chooses. */
function history(router: Router, { orders, fails }: { orders: number; fails: readonly string[] }) {
  const lines: [JournalRecord, string][] = []
  const candidates = Object.entries(costs).map(([supplier, cost]) => ({ supplier, cost }))
  const lanes = router.lanes('XLD10', candidates)
  for (let n = 0; n < orders; n++) {
    const [key, at, price] = [keyOf(n), 1_000_000 + n * 1_000, 11_000]
    const asking = { key, userId: 'u', price, now: at }
    const route = router.route(lanes, asking)
    router.placed(route, true)
    const chosen = (route.plan ?? candidates.map((_, place) => place)).map(
      place => candidates[place]!,
    )
    const plan = chosen.map(({ supplier, cost }) => [supplier, 'sku', cost, price, 0, 0])
    const why = route.why === null ? {} : { why: route.why }
    const tell = (ms: number, ...events: object[]) => {
      const record = { kind: 'order', id: `o${n}`, at: at + ms, events }
      lines.push([record as unknown as JournalRecord, key])
      router.gauges.feed(record as unknown as JournalRecord, key)
    }
    const { supplier, cost } = chosen[0]!
    tell(
      0,
      { type: 'placed', user: 'u', product: 'XLD10', price, plan, ...why },
      { type: 'dispatched', n: 1, supplier, cost },
    )
    if (fails.includes(supplier) && n % 3 === 0) {
      const next = chosen[1]!
      tell(
        100,
        { type: 'attempt_failed', n: 1, via: 'reply', code: '02' },
        { type: 'dispatched', n: 2, supplier: next.supplier, cost: next.cost },
      )
      tell(400, { type: 'delivered', n: 2, cost: next.cost, balance: null, via: 'reply' })
    } else tell(200, { type: 'delivered', n: 1, cost, balance: null, via: 'reply' })
  }
  return lines
}

function recordedOf(lines: readonly (readonly [JournalRecord, string])[], period = {}): Recorded {
  const recorded = new Recorded({ from: 0, to: Number.MAX_SAFE_INTEGER, ...period })
  for (const [record, key] of lines) recorded.add(record, key)
  return recorded
}

test('what-if: today’s rules: make every recorded first choice again (RTK1)', () => {
  for (const rule of [
    {},
    { policy: 'cheapest' },
    { policy: 'success-rate' },
    { policy: 'fastest' },
    { policy: 'balanced', split: { c: 30 } },
    { pin: ['c'], exclude: ['b'], suppliers_max: 2 },
  ]) {
    const today = tableOf({ scope: 'default', target: '', rule })
    const lines = history(new Router(new Gauges(), today), { orders: 300, fails: ['b', 'c'] })
    const told = compare(recordedOf(lines), { today, proposed: today })
    deepEqual([told.orders, told.reproduced, told.moved], [300, 300, 0], JSON.stringify(rule))
    deepEqual(told.today, told.proposed)
  }
})

test('what-if: a cheaper first supplier that fails more: margin up, success down (RTK2, RTK4)', () => {
  const today = tableOf({ scope: 'default', target: '', rule: { split: { b: 20 } } })
  const proposed = tableOf({ scope: 'brand', target: 'XL', rule: { policy: 'cheapest' } })
  const lines = history(new Router(new Gauges(), today), { orders: 1_000, fails: ['b'] })
  const told = compare(recordedOf(lines), { today, proposed })
  const moved = told.firsts.find(one => one.supplier === 'a')!.recorded
  ok(moved > 700 && moved < 900)
  equal(told.moved, moved)
  ok(told.proposed.successBp < told.today.successBp)
  equal(told.recorded.successBp, 10_000)
  for (const side of [told.recorded, told.today, told.proposed]) {
    ok(Number.isSafeInteger(side.margin) && Number.isSafeInteger(side.successBp))
  }
  // Not those whose breaker stood open just then.
  ok(told.firsts.find(one => one.supplier === 'b')!.proposed > 850)
})

test('what-if: a period, and orders without a definite word: only what counts is compared (RTK3)', () => {
  const today = tableOf()
  const lines = history(new Router(new Gauges(), today), { orders: 100, fails: [] })
  const some = recordedOf(lines, { from: 1_020_000, to: 1_030_000 })
  equal(compare(some, { today, proposed: today }).orders, 10)
  const silent = recordedOf(lines.slice(0, -1))
  const told = compare(silent, { today, proposed: today })
  deepEqual([told.orders, told.reproduced, told.today.orders], [100, 100, 99])
})

test('what-if: a bill: nobody chose where it went, so it is not weighed (RTK1)', () => {
  const today = tableOf()
  const lines = history(new Router(new Gauges(), today), { orders: 3, fails: [] })
  const [, second] = lines.filter(([{ events }]) => events[0]!.type === 'placed')
  Object.assign(second![0].events[0]!, { bill: { id: 'i', cost: 10_000 } })
  equal(compare(recordedOf(lines), { today, proposed: today }).orders, 2)
})
