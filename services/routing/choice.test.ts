import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Candidate, candidatesOf, choose, draw, probing, recordOf } from './choice.ts'
import { type Choosing, compileRouting, policyNames, type Rule } from './policy.ts'

const ruleOf = (rule: Choosing): Rule =>
  compileRouting([{ version: 1, scope: 'default', target: '', rule }], []).usual

const well = (supplier: string, some: Partial<Candidate> = {}): Candidate => ({
  ...{ supplier, cost: 10_000, success: 950, ms: 800, share: 100, barred: '' },
  ...some,
})

const key = '01a1fb591d367061'
const occasion = { key, price: 11_000 }

const names = (rule: Rule, candidates: readonly Candidate[], some = {}): string[] =>
  choose(rule, candidates, { ...occasion, ...some }).plan.map(n => candidates[n]!.supplier)

const suppliers = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const anyCandidate = fc.record({
  cost: fc.integer({ min: 1, max: 20_000 }),
  success: fc.integer({ min: 0, max: 1_000 }),
  ms: fc.integer({ min: 0, max: 60_000 }),
  share: fc.constantFrom(0, 1, 5, 25, 100, 100, probing),
  barred: fc.constantFrom('', '', '', 'open', 'capped', 'drained', 'stock') as fc.Arbitrary<''>,
})
const anyCandidates = fc
  .array(anyCandidate, { minLength: 1, maxLength: 8 })
  .map(all => all.map((one, n): Candidate => ({ ...one, supplier: suppliers[n]! })))
const anyRule = fc
  .record(
    {
      policy: fc.constantFrom(...policyNames),
      pin: fc.uniqueArray(fc.constantFrom(...suppliers), { maxLength: 3 }),
      exclude: fc.uniqueArray(fc.constantFrom(...suppliers), { maxLength: 3 }),
      split: fc.constantFrom({}, { a: 30, b: 70 }, { c: 10 }),
      suppliers_max: fc.integer({ min: 1, max: 8 }),
      margin_min: fc.integer({ min: -5_000, max: 5_000 }),
    },
    { requiredKeys: [] },
  )
  .map(ruleOf)
const anyKey = fc.stringMatching(/^[0-9a-f]{16}$/)

test('choice: any rule and candidates: everybody once, in the plan or left out with a reason (RTB2)', () => {
  fc.assert(
    fc.property(anyRule, anyCandidates, anyKey, (rule, candidates, key) => {
      const { plan, left } = choose(rule, candidates, { key, price: 11_000 })
      equal(new Set(plan).size, plan.length)
      for (const n of candidates.keys()) equal(plan.includes(n), left[n] === '')
      ok(plan.length <= rule.suppliersMax)
      for (const n of plan) {
        equal(candidates[n]!.barred, '')
        ok(!rule.exclude.includes(candidates[n]!.supplier))
      }
      // Whoever may be tried is not kept back by budget or floor when nobody else is there.
      const isFree = (one: Candidate) => one.barred === '' && !rule.exclude.includes(one.supplier)
      equal(plan.length > 0, candidates.some(isFree))
    }),
  )
})

test('choice: a record: gives back the numbers, and with the rule the plan (RTB1, RTB8)', () => {
  fc.assert(
    fc.property(anyRule, anyCandidates, anyKey, (rule, candidates, key) => {
      const choice = choose(rule, candidates, { key, price: 11_000 })
      const plan = choice.plan.map(n => candidates[n]!.supplier)
      const why = JSON.parse(JSON.stringify(recordOf(7, rule, candidates, choice)))
      const again = candidatesOf(why, plan)
      deepEqual(
        choose(rule, again, { key, price: 11_000 }).plan.map(n => again[n]!.supplier),
        plan,
      )
    }),
  )
})

test('choice: a record: eight candidates stay within a line of 400 characters (RTB8)', () => {
  const rule = ruleOf({ policy: 'balanced' })
  const all = suppliers.map(supplier => well(`supplier-${supplier}`))
  ok(JSON.stringify(recordOf(1_000, rule, all, choose(rule, all, occasion))).length < 400)
  const two = all.slice(0, 2)
  ok(JSON.stringify(recordOf(1_000, rule, two, choose(rule, two, occasion))).length < 100)
})

test('choice: each policy: ranks by its own number, equals keep the order (RTB3)', () => {
  const all = [
    well('a', { cost: 300, success: 900, ms: 500 }),
    well('b', { cost: 100, success: 800, ms: 900 }),
    well('c', { cost: 200, success: 990, ms: 700 }),
    well('d', { cost: 100, success: 990, ms: 500 }),
  ]
  deepEqual(names(ruleOf({}), all), ['a', 'b', 'c', 'd'])
  deepEqual(names(ruleOf({ policy: 'cheapest' }), all), ['b', 'd', 'c', 'a'])
  deepEqual(names(ruleOf({ policy: 'success-rate' }), all), ['c', 'd', 'a', 'b'])
  deepEqual(names(ruleOf({ policy: 'fastest' }), all), ['a', 'd', 'c', 'b'])
  deepEqual(names(ruleOf({ policy: 'balanced' }), all)[0], 'd')
  const weigh = (cost: number, success: number, speed: number) =>
    names(ruleOf({ policy: 'balanced', weights: { cost, success, speed } }), all)[0]
  deepEqual([weigh(100, 0, 0), weigh(0, 100, 0), weigh(0, 0, 100)], ['b', 'c', 'a'])
})

test('choice: a share: as many keys keep the place, the others go last (RTB4)', () => {
  const rule = ruleOf({})
  const all = [well('a', { share: 25 }), well('b')]
  const keys = Array.from({ length: 4_000 }, (_, n) => (n * 7_919).toString(16).padStart(16, '0'))
  const firsts = keys.filter(key => names(rule, all, { key })[0] === 'a')
  ok(firsts.length > 800 && firsts.length < 1_200, `${firsts.length} of 4000`)
  for (const key of keys) equal(names(rule, all, { key }).length, 2)
  for (const key of keys) equal(names(rule, [all[0]!], { key })[0], 'a')
})

test('choice: a split and a pin: percentages of keys, and all of them (RTB5)', () => {
  const all = [well('a'), well('b'), well('c')]
  const split = ruleOf({ split: { b: 30, c: 10 } })
  const keys = Array.from({ length: 4_000 }, (_, n) => (n * 104_729).toString(16).padStart(16, '0'))
  const count = (rule: Rule, among: readonly Candidate[], who: string) =>
    keys.filter(key => names(rule, among, { key })[0] === who).length
  const [b, c] = [count(split, all, 'b'), count(split, all, 'c')]
  ok(b > 1_000 && b < 1_400 && c > 280 && c < 520, `${b} and ${c} of 4000`)
  equal(count(split, [all[0]!, well('b', { barred: 'open' }), all[2]!], 'b'), 0)
  equal(count(split, [all[0]!, well('b', { share: 0 }), all[2]!], 'b'), 0)
  deepEqual(names(ruleOf({ pin: ['c', 'b'] }), all), ['c', 'b', 'a'])
  deepEqual(names(ruleOf({ pin: ['c'] }), [all[0]!, well('c', { barred: 'capped' })]), ['a'])
})

test('choice: a probe: is tried first, also before a pin (RTB6)', () => {
  const all = [well('a'), well('b', { share: probing }), well('c')]
  deepEqual(names(ruleOf({ pin: ['c'] }), all), ['b', 'c', 'a'])
})

test('choice: the budget: number and floor bind the later ones only (RTB7)', () => {
  const all = [well('a', { cost: 10_990 }), well('b', { cost: 10_950 }), well('c'), well('d')]
  deepEqual(names(ruleOf({ margin_min: 100 }), all), ['a', 'c', 'd'])
  deepEqual(names(ruleOf({ suppliers_max: 2 }), all), ['a', 'b'])
  deepEqual(names(ruleOf({ margin_min: 100, suppliers_max: 2 }), all), ['a', 'c'])
})

test('choice: a draw: the same for ever, and even (RTB1)', () => {
  const keys = [
    ['01a1fb591d367061', 'split'],
    ['01a1fb591d367061', 'digiflazz'],
    ['3fffffffffffffff', 'a'],
    ['0000000000000000', 'b'],
  ] as const
  deepEqual(
    keys.map(([key, purpose]) => draw(key, purpose)),
    [74, 99, 28, 80],
  )
  const seen = new Array(100).fill(0)
  for (let n = 0; n < 20_000; n++) seen[draw(n.toString(16).padStart(16, '0'), 'digiflazz')]++
  ok(
    Math.min(...seen) > 120 && Math.max(...seen) < 290,
    `${Math.min(...seen)} ${Math.max(...seen)}`,
  )
})
