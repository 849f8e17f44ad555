import { deepEqual, equal, match, notEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { compileRouting, type RuleRow, ruleFor, ruleForClient } from './policy.ts'

const products = [
  { code: 'TSEL10', brand: 'TELKOMSEL', category: 'Pulsa' },
  { code: 'XLD10', brand: 'XL', category: 'Data' },
]
let version = 0
const row = (scope: string, target: string, rule: unknown): RuleRow => ({
  version: ++version,
  scope,
  target,
  rule,
})

test('routing policy: no rows: one plain rule for all (RTA2)', () => {
  const table = compileRouting([], products)
  equal(table.usual.plain, true)
  equal(ruleFor(table, 'TSEL10'), table.usual)
  equal(table.version, 0)
})

test('routing policy: rows of every scope: the most specific field wins (RTA1)', () => {
  const table = compileRouting(
    [
      row('default', '', { policy: 'cheapest', suppliers_max: 3, exclude: ['x'] }),
      row('category', 'pulsa', { policy: 'fastest', exclude: ['y'] }),
      row('brand', 'Telkomsel', { failover_s: 30 }),
      row('product', 'TSEL10', { policy: 'balanced', margin_min: 50 }),
    ],
    products,
  )
  const rule = ruleFor(table, 'TSEL10')
  deepEqual(
    [rule.policy, rule.suppliersMax, rule.failoverMs, rule.marginMin, rule.exclude],
    ['balanced', 3, 30_000, 50, ['x', 'y']],
  )
  equal(ruleFor(table, 'XLD10'), table.usual)
  equal(table.usual.policy, 'cheapest')
  const own = ruleForClient(rule, { pin: ['z'], exclude: ['w'] })
  deepEqual(
    [own.policy, own.pin, own.exclude, own.failoverMs],
    ['balanced', ['z'], ['x', 'y', 'w'], 30_000],
  )
})

test('routing policy: bad rows: left out and named, the rest stands (RTA3)', () => {
  const table = compileRouting(
    [
      row('default', '', { policy: 'best' }),
      row('moon', '', { policy: 'cheapest' }),
      row('brand', 'XL', { split: { a: 60, b: 50 } }),
      row('supplier', 'digi', { exposure_max: -1 }),
      row('supplier', 'diva', { exposure_max: 500_000 }),
    ],
    products,
  )
  equal(table.problems.length, 4)
  match(table.problems[1]!, /moon/)
  equal(table.usual.plain, true)
  deepEqual([...table.suppliers], [['diva', { exposure_max: 500_000 }]])
})

test('routing policy: newer rows of a place: replace, and take back (RTA4)', () => {
  const rows = [
    row('product', 'XLD10', { policy: 'fastest' }),
    row('product', 'xld10', { policy: 'cheapest' }),
    row('default', '', { policy: 'fastest' }),
    row('default', '', null),
  ]
  const table = compileRouting(rows, products)
  equal(ruleFor(table, 'XLD10').policy, 'cheapest')
  equal(table.usual.plain, true)
  equal(table.version, version)
  notEqual(ruleFor(table, 'XLD10'), table.usual)
})
