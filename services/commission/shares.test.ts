import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type CommissionRule, levelsMax } from '../../sql/money/commission.ts'
import { depthOf, ruleFor, sharesOf, type Upline } from './shares.ts'

const rule = (fields: Partial<CommissionRule> = {}): CommissionRule => ({
  ...{ id: 1, version: 1, scope: 'default', target: '', beyond: 'none', depth: null },
  ...{ levels: [{ percent_bp: 0, fixed: 100 }], active: true },
  ...fields,
})
const tree = (count: number): Upline[] =>
  Array.from({ length: count }, (_, n) => ({ level: n + 1, userId: `u${n + 1}`, closed: false }))
const sale = { price: 11_000, cost: 10_350 }
const amounts = (of: CommissionRule, uplines: readonly Upline[], sold = sale) =>
  sharesOf(of, sold, uplines).map(({ level, amount }) => [level, amount])

test('shares: which rule: product before category before default, in any case of letters (CMB1)', () => {
  const usual = rule({ id: 1 })
  const pulsa = rule({ id: 2, scope: 'category', target: 'Pulsa' })
  const xl = rule({ id: 3, scope: 'product', target: 'XLD10' })
  const all = [usual, pulsa, xl]
  const id = (product: string, category: string, rules = all) =>
    ruleFor(rules, { product, category })?.id
  equal(id('XLD10', 'Pulsa'), 3)
  equal(id('xld10', 'Data'), 3)
  equal(id('TSEL10', 'PULSA'), 2)
  equal(id('PLN20', 'Token'), 1)
  equal(id('PLN20', 'Token', [pulsa, xl]), undefined)
  equal(id('XLD10', 'Pulsa', [usual, { ...xl, active: false }]), undefined)
})

test('shares: levels: each its own, the ones after them nothing or the last again (CMB2)', () => {
  const levels = [
    { percent_bp: 0, fixed: 100 },
    { percent_bp: 0, fixed: 40 },
  ]
  const none = rule({ levels })
  const last = rule({ levels, beyond: 'last' })
  deepEqual(amounts(none, tree(4)), [
    [1, 100],
    [2, 40],
  ])
  deepEqual(amounts(last, tree(4)), [
    [1, 100],
    [2, 40],
    [3, 40],
    [4, 40],
  ])
  deepEqual(amounts({ ...last, depth: 3 }, tree(4)).at(-1), [3, 40])
  deepEqual(amounts({ ...last, depth: 1 }, tree(4)), [[1, 100]])
  equal(amounts(last, tree(60)).length, 60)
  equal(depthOf(last), levelsMax)
  equal(depthOf(none), 2)
})

test('shares: amounts: rupiah and basis points, rounded down, none of a loss (CMB3)', () => {
  const of = (percent_bp: number, fixed: number) => rule({ levels: [{ percent_bp, fixed }] })
  deepEqual(amounts(of(2_500, 0), tree(1)), [[1, 162]])
  deepEqual(amounts(of(2_500, 30), tree(1)), [[1, 192]])
  deepEqual(amounts(of(1, 0), tree(1)), [])
  for (const price of [10_350, 10_000]) {
    deepEqual(amounts(of(2_500, 0), tree(1), { price, cost: 10_350 }), [])
    deepEqual(amounts(of(2_500, 30), tree(1), { price, cost: 10_350 }), [[1, 30]])
  }
})

test('shares: basis points: never more than the margin, nearest first (CMB4)', () => {
  const half = rule({ levels: [{ percent_bp: 4_000, fixed: 0 }], beyond: 'last' })
  deepEqual(amounts(half, tree(60)), [
    [1, 260],
    [2, 260],
    [3, 130],
  ])
})

test('shares: a closed upline: gets nothing, and nobody gets it for him (CMB5)', () => {
  const uplines = tree(3).map(one => ({ ...one, closed: one.level === 2 }))
  deepEqual(amounts(rule({ beyond: 'last' }), uplines), [
    [1, 100],
    [3, 100],
  ])
})

test('shares: any rule and any order: whole rupiah above zero, percents within margin (CMB4)', () => {
  const money = fc.integer({ min: 0, max: 10_000_000_000 })
  const levels = fc.array(fc.record({ percent_bp: fc.integer({ min: 0, max: 10_000 }) }), {
    ...{ minLength: 1, maxLength: 8 },
  })
  fc.assert(
    fc.property(money, money, levels, fc.integer({ min: 0, max: 70 }), (price, cost, given, n) => {
      const of = rule({
        levels: given.map(level => ({ ...level, fixed: 0 })),
        beyond: 'last',
      })
      const shares = sharesOf(of, { price, cost }, tree(n))
      ok(shares.every(({ amount }) => Number.isSafeInteger(amount) && amount > 0))
      const total = shares.reduce((sum, { amount }) => sum + amount, 0)
      ok(total <= Math.max(0, price - cost))
    }),
  )
})
