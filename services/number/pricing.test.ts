import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { rupiahMax } from '../wire/price-limits.ts'
import {
  compileMarkup,
  keyOf,
  type MarkupKind,
  type MarkupRule,
  priceOf,
  type Rounding,
  roundings,
  usualRule,
  wrongInMarkup,
} from './pricing.ts'

const rule = (some: Partial<MarkupRule> = {}): MarkupRule =>
  ({
    ...{ level: 0, service: '', country: '', operator: '' },
    ...{ kind: 'fixed', fixed: 0, rounding: 'exact' },
    ...some,
  }) as MarkupRule

const bp = fc.integer({ min: 0, max: 30_000 })
const rupiah = fc.integer({ min: 0, max: 50_000 })
const cost = fc.oneof(rupiah, fc.integer({ min: 0, max: rupiahMax }))
const step = fc.record({ percentBp: bp, fixed: rupiah })
const kind: fc.Arbitrary<MarkupKind> = fc.oneof(
  bp.map(percentBp => ({ kind: 'percent' as const, percentBp })),
  rupiah.map(fixed => ({ kind: 'fixed' as const, fixed })),
  fc
    .tuple(fc.uniqueArray(rupiah, { maxLength: 4 }), fc.array(step, { minLength: 5, maxLength: 5 }))
    .map(([bounds, texts]) => ({
      kind: 'tiered' as const,
      steps: [...bounds.toSorted((a, b) => a - b), null].map((upTo, n) => ({ ...texts[n]!, upTo })),
    })),
)
const rounding = fc.constantFrom(...(Object.keys(roundings) as Rounding[]))
const name = (some: string) => fc.constantFrom('', some, `${some}2`)
const scope = fc.record({
  level: fc.integer({ min: 0, max: 3 }),
  service: name('wa'),
  country: name('id'),
  operator: name('xl'),
})
const anyRule: fc.Arbitrary<MarkupRule> = fc
  .tuple(scope, kind, rounding)
  .map(([about, what, rounds]) => ({ ...about, ...what, rounding: rounds }))
const anyRules = fc.uniqueArray(anyRule, { selector: keyOf, maxLength: 30 })

test('markup: any rules and any cost: never below the cost (MUA4)', () => {
  fc.assert(
    fc.property(anyRules, scope, cost, (rules, about, at) => {
      const { level, service, country, operator } = about
      const price = compileMarkup(rules).price(level, service, country, operator, at)
      ok(Number.isSafeInteger(price) && price >= at)
    }),
  )
})

test('markup: the largest rule on the largest cost: still a safe integer (MUA4)', () => {
  const steps = [{ upTo: null, percentBp: 100_000, fixed: rupiahMax }]
  const price = priceOf({ kind: 'tiered', steps, rounding: 'up_1000' }, rupiahMax)
  equal(price, rupiahMax * 12)
  ok(Number.isSafeInteger(rupiahMax * 100_000))
})

test('markup: any rules in any order: the same book (MUA1)', () => {
  fc.assert(
    fc.property(anyRules, scope, rupiah, (rules, about, at) => {
      const { level, service, country, operator } = about
      const of = (some: readonly MarkupRule[]) =>
        compileMarkup(some).price(level, service, country, operator, at)
      equal(of(rules.toReversed()), of(rules))
    }),
  )
})

/** Said otherwise than the book does it: all that fit, sorted. */
function strongest(rules: readonly MarkupRule[], about: Omit<MarkupRule, keyof MarkupKind>) {
  const fits = (one: string, asked: string) => one === '' || one === asked
  const named = (one: MarkupRule) => [one.service, one.country, one.operator].filter(Boolean).length
  const weight = (one: MarkupRule) =>
    (one.level === 0 ? 0 : 1_000) +
    named(one) * 100 +
    (one.service === '' ? 0 : 40) +
    (one.country === '' ? 0 : 20) +
    (one.operator === '' ? 0 : 10)
  return rules
    .filter(one => one.level === 0 || one.level === about.level)
    .filter(one => fits(one.service, about.service))
    .filter(one => fits(one.country, about.country) && fits(one.operator, about.operator))
    .toSorted((one, other) => weight(other) - weight(one))[0]
}

test('markup: the most specific wins: as when all that fit are sorted (MUA1)', () => {
  fc.assert(
    fc.property(anyRules, scope, (rules, about) => {
      const told = compileMarkup(rules).ruleFor(about)
      deepEqual(told, strongest(rules, { ...about, rounding: 'exact' }) ?? null)
    }),
  )
})

test('markup: one rule after the other, most general first: each beats those before it (MUA1)', () => {
  const mostGeneralFirst = [
    rule({ fixed: 1 }),
    rule({ operator: 'xl', fixed: 2 }),
    rule({ country: 'id', fixed: 3 }),
    rule({ service: 'wa', fixed: 4 }),
    rule({ country: 'id', operator: 'xl', fixed: 5 }),
    rule({ service: 'wa', operator: 'xl', fixed: 6 }),
    rule({ service: 'wa', country: 'id', fixed: 7 }),
    rule({ service: 'wa', country: 'id', operator: 'xl', fixed: 8 }),
    rule({ level: 2, fixed: 9 }),
    rule({ level: 2, service: 'wa', fixed: 10 }),
  ]
  for (let count = 1; count <= mostGeneralFirst.length; count++) {
    const { price } = compileMarkup(mostGeneralFirst.slice(0, count))
    equal(price(2, 'wa', 'id', 'xl', 1_000), 1_000 + count)
    equal(price(1, 'wa', 'id', 'xl', 1_000), 1_000 + Math.min(count, 8))
    equal(price(2, 'tg', 'us', 'any', 1_000), 1_000 + (count >= 9 ? 9 : 1))
  }
})

test('markup: asked about all countries: a rule of one country hides none that fits (MUA1)', () => {
  const { ruleFor } = compileMarkup([
    rule({ country: 'id', fixed: 1 }),
    rule({ fixed: 2 }),
    rule({ operator: 'xl', fixed: 3 }),
  ])
  const about = { level: 0, service: '', country: '', operator: 'xl' }
  deepEqual(ruleFor(about), rule({ operator: 'xl', fixed: 3 }))
  deepEqual(ruleFor({ ...about, operator: '' }), rule({ fixed: 2 }))
})

test('markup: no rule fits: the usual one, never the bare cost (MUA1)', () => {
  const { price, ruleFor } = compileMarkup([rule({ service: 'wa', fixed: 5 })])
  equal(ruleFor({ level: 0, service: 'tg', country: 'id', operator: 'any' }), null)
  equal(price(0, 'tg', 'id', 'any', 1_000), priceOf(usualRule, 1_000))
  equal(priceOf(usualRule, 1_000), 1_300)
})

test('markup: steps: the first that reaches the cost (MUA2)', () => {
  const steps = [
    { upTo: 1_000, percentBp: 0, fixed: 300 },
    { upTo: 5_000, percentBp: 2_000, fixed: 0 },
    { upTo: null, percentBp: 100, fixed: 50 },
  ]
  const of = (at: number) => priceOf({ kind: 'tiered', steps, rounding: 'exact' }, at) - at
  deepEqual([0, 999, 1_000, 1_001, 5_000, 5_001].map(of), [300, 300, 300, 201, 1_000, 101])
})

test('markup: percent and fixed: a higher cost is never sold for less (MUA2)', () => {
  fc.assert(
    fc.property(kind, rounding, rupiah, rupiah, (what, rounds, one, other) => {
      fc.pre(what.kind !== 'tiered')
      const [low, high] = [Math.min(one, other), Math.max(one, other)]
      const of = (at: number) => priceOf({ ...what, rounding: rounds }, at)
      ok(of(low) <= of(high))
    }),
  )
})

test('markup: rounding: up, to the step it names, by less than a step (MUA3)', () => {
  fc.assert(
    fc.property(kind, rounding, cost, (what, rounds, at) => {
      const exact = priceOf({ ...what, rounding: 'exact' }, at)
      const price = priceOf({ ...what, rounding: rounds }, at)
      const step = roundings[rounds]
      equal(price % step, 0)
      ok(price >= exact && price - exact < step)
    }),
  )
})

test('markup: rules that can not be: named, and no book is made (MUA5)', () => {
  const step = (upTo: number | null, fixed = 0) => ({ upTo, percentBp: 0, fixed })
  const tiered = (...steps: ReturnType<typeof step>[]) => rule({ kind: 'tiered', steps })
  const wrong: readonly [MarkupRule, string | null][] = [
    [rule(), null],
    [rule({ level: 100 }), 'level_out_of_range'],
    [rule({ level: 0.5 }), 'level_out_of_range'],
    [rule({ service: 'x'.repeat(65) }), 'name_unreadable'],
    [rule({ country: 'a b' }), 'name_unreadable'],
    [rule({ kind: 'percent', percentBp: -1 }), 'percent_out_of_range'],
    [rule({ kind: 'percent', percentBp: 100_001 }), 'percent_out_of_range'],
    [rule({ fixed: -1 }), 'amount_out_of_range'],
    [rule({ fixed: 0.5 }), 'amount_out_of_range'],
    [tiered(), 'steps_missing'],
    [tiered(...Array.from({ length: 21 }, (_, n) => step(n === 20 ? null : n))), 'steps_too_many'],
    [tiered(step(5), step(4), step(null)), 'steps_do_not_rise'],
    [tiered(step(5), step(5), step(null)), 'steps_do_not_rise'],
    [tiered(step(null), step(null)), 'steps_do_not_rise'],
    [tiered(step(5), step(6)), 'last_step_is_bounded'],
    [tiered(step(5, -1), step(null)), 'amount_out_of_range'],
  ]
  deepEqual(
    wrong.map(([one]) => wrongInMarkup(one)),
    wrong.map(([, told]) => told),
  )
  throws(() => compileMarkup([rule({ fixed: -1 })]), /amount_out_of_range/)
  throws(() => compileMarkup([rule({ service: 'wa' }), rule({ service: 'wa' })]), /stands twice/)
})

test('markup: a cost that is not whole rupiah: no price is made of it (MUA4)', () => {
  for (const at of [-1, 0.5, Number.NaN, rupiahMax + 1]) {
    throws(() => priceOf(usualRule, at), /whole rupiah/)
  }
})
