import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { makeId } from '../../engine/ids.ts'
import { type Fact, Facts } from './facts.ts'

const key = '3fedcba987654321'
const placed = {
  ...{ id: makeId(1_790_000_000_000, 255, key), key, user: 'u', product: 'XLD10', price: 11_000 },
  ...{ plan: [['a', 10_000] as const, ['b', 10_500] as const], why: null },
}
const opened: Omit<Fact, 'candidates'> = {
  ...{ id: placed.id, key, user: 'u', product: 'XLD10', price: 11_000, plan: placed.plan },
  ...{ first: 'open', ms: 0, delivered: null, endedMs: 0 },
}

test('facts: an order: as it was put, and with what was added (BBK1)', () => {
  const facts = new Facts()
  const why = {
    ...{ v: 3, p: 'balanced' },
    c: [
      [1, 10_000, 990, 800, 100],
      ['c', 9_000, 500, 9_000, 0, 'open'],
      [0, 10_500, 1_000, 700, 101],
    ] as const,
  }
  equal(facts.add(placed), 0)
  equal(facts.add({ ...placed, why }), 1)
  facts.firstEnded(1, 'failed', 300)
  facts.delivered(1, 10_500, 7_000_000_000)
  const [first, second] = [...facts]
  deepEqual(first, { ...opened, candidates: null })
  deepEqual(second, {
    ...{ ...opened, first: 'failed', ms: 300, delivered: 10_500, endedMs: 7_000_000_000 },
    candidates: [
      { supplier: 'b', cost: 10_000, success: 990, ms: 800, share: 100, barred: '' },
      { supplier: 'c', cost: 9_000, success: 500, ms: 9_000, share: 0, barred: 'open' },
      { supplier: 'a', cost: 10_500, success: 1_000, ms: 700, share: 101, barred: '' },
    ],
  })
})

test('facts: what repeats: one plan for all, each user once (BBK2)', () => {
  const facts = new Facts()
  for (let n = 0; n < 100; n++) {
    facts.add({ ...placed, user: `u${n % 3}`, plan: placed.plan.map(one => [...one] as const) })
  }
  equal(new Set([...facts].map(({ plan }) => plan)).size, 1)
  deepEqual([...facts.users()], ['u0', 'u1', 'u2'])
})
