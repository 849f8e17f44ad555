/**
 * What a number is sold for: our markup on what its supplier asks. Rules are kept as people wrote
 * them; from them a book is compiled that looks up one price with a few reads of a map.
 *
 *   who:   the client's level ─▶ level 0, which is everybody's
 *   what:  all three named ─▶ two ─▶ one ─▶ none        of service, country and operator
 *
 * MUA1. The most specific rule wins: any rule of the level before any of level 0; within each,
 *       whoever names more; of two that name as many, a service says more than a country, and a
 *       country more than an operator. Where no rule fits, the usual one does: nothing is sold at
 *       what it costs because somebody forgot a rule.
 * MUA2. A rule adds basis points of the cost (percent), an amount (fixed), or what the first step
 *       says that reaches the cost (tiered; the last step reaches every cost).
 * MUA3. A price is rounded up only, to the step that the rule names.
 * MUA4. A price is never below the cost, whatever a rule says.
 * MUA5. Two rules about the same thing, one out of range, steps that do not rise: no book is made
 *       of them, and what is wrong is named.
 */

import { assert } from '../../engine/assert.ts'
import type { Rupiah } from '../contract/words.ts'
import { percentBpMax, rupiahMax } from '../wire/price-limits.ts'

/** Rounded up to a multiple of so many rupiah. */
export const roundings = {
  exact: 1,
  up_10: 10,
  up_50: 50,
  up_100: 100,
  up_500: 500,
  up_1000: 1_000,
} as const
export type Rounding = keyof typeof roundings

type MarkupStep = {
  /** Costs up to this one; null reaches every cost, and is the last. */
  readonly upTo: Rupiah | null
  readonly percentBp: number
  readonly fixed: Rupiah
}

export type MarkupKind =
  | { readonly kind: 'percent'; readonly percentBp: number }
  | { readonly kind: 'fixed'; readonly fixed: Rupiah }
  | { readonly kind: 'tiered'; readonly steps: readonly MarkupStep[] }

/** What a rule is about. Level 0 is everybody's; an empty name means all of them. */
type MarkupScope = {
  readonly level: number
  readonly service: string
  readonly country: string
  readonly operator: string
}

export type MarkupRule = MarkupScope & MarkupKind & { readonly rounding: Rounding }

export type Price = (
  level: number,
  service: string,
  country: string,
  operator: string,
  cost: Rupiah,
) => Rupiah

export type MarkupBook = {
  readonly price: Price
  /** Which rule says so: its scope, or null for the usual one. */
  readonly ruleFor: (scope: MarkupScope) => MarkupRule | null
}

const stepsMax = 20
const levelMax = 99
/** As services, countries and operators are called; empty means all of them. */
const nameShape = /^[\x21-\x7e]{0,64}$/

/** Where no rule fits: a quarter on top, in whole hundreds. */
export const usualRule: MarkupRule = {
  ...{ level: 0, service: '', country: '', operator: '' },
  ...{ kind: 'percent', percentBp: 2_500, rounding: 'up_100' },
}

export function compileMarkup(rules: readonly MarkupRule[]): MarkupBook {
  const byKey = new Map<string, MarkupRule>()
  /** What the rules of a level name, most specific first: nothing else need be looked for. */
  const formsOf = new Map<number, readonly Form[]>()
  for (const rule of rules) {
    const wrong = wrongInMarkup(rule)
    if (wrong !== null) throw new RangeError(`markup rule ${keyOf(rule)}: ${wrong}`)
    if (byKey.has(keyOf(rule))) throw new RangeError(`markup rule ${keyOf(rule)}: stands twice`)
    byKey.set(keyOf(rule), rule)
    const named = new Set([...(formsOf.get(rule.level) ?? []), formOf(rule)])
    formsOf.set(
      rule.level,
      mostSpecificFirst.filter(form => named.has(form)),
    )
  }

  function ruleOf(level: number, { service, country, operator }: MarkupScope): MarkupRule | null {
    for (const [isService, isCountry, isOperator] of formsOf.get(level) ?? []) {
      // Who asks about all countries asks about none that a rule names.
      const isUnnamed =
        (isService && service === '') ||
        (isCountry && country === '') ||
        (isOperator && operator === '')
      if (isUnnamed) continue
      const found = byKey.get(
        keyOf({
          level,
          service: isService ? service : '',
          country: isCountry ? country : '',
          operator: isOperator ? operator : '',
        }),
      )
      if (found !== undefined) return found
    }
    return null
  }

  const ruleFor = (scope: MarkupScope): MarkupRule | null =>
    ruleOf(scope.level, scope) ?? ruleOf(0, scope)

  return {
    ruleFor,
    price: (level, service, country, operator, cost) =>
      priceOf(ruleFor({ level, service, country, operator }) ?? usualRule, cost),
  }
}

/** Which of service, country and operator a rule names. */
type Form = readonly [boolean, boolean, boolean]

const mostSpecificFirst: readonly Form[] = [
  [true, true, true],
  [true, true, false],
  [true, false, true],
  [false, true, true],
  [true, false, false],
  [false, true, false],
  [false, false, true],
  [false, false, false],
]

const formOf = ({ service, country, operator }: MarkupScope): Form => {
  const named = [service !== '', country !== '', operator !== '']
  return mostSpecificFirst.find(form => form.every((isNamed, at) => isNamed === named[at]))!
}

export const keyOf = ({ level, service, country, operator }: MarkupScope): string =>
  `${level}\t${service}\t${country}\t${operator}`

export function priceOf(rule: MarkupKind & Pick<MarkupRule, 'rounding'>, cost: Rupiah): Rupiah {
  assert(Number.isSafeInteger(cost) && cost >= 0 && cost <= rupiahMax, 'a cost is whole rupiah')
  const step = roundings[rule.rounding]
  const price = Math.ceil((cost + markupOf(rule, cost)) / step) * step
  assert(price >= cost, 'a price is never below its cost')
  return price
}

function markupOf(rule: MarkupKind, cost: Rupiah): Rupiah {
  switch (rule.kind) {
    case 'percent':
      return share(cost, rule.percentBp)
    case 'fixed':
      return rule.fixed
    case 'tiered': {
      const { percentBp, fixed } = rule.steps.find(({ upTo }) => upTo === null || cost <= upTo)!
      return share(cost, percentBp) + fixed
    }
  }
}

const share = (cost: Rupiah, percentBp: number): Rupiah => Math.ceil((cost * percentBp) / 10_000)

type MarkupProblem =
  | 'level_out_of_range'
  | 'name_unreadable'
  | 'percent_out_of_range'
  | 'amount_out_of_range'
  | 'steps_missing'
  | 'steps_too_many'
  | 'steps_do_not_rise'
  | 'last_step_is_bounded'

/** Null when a book may be made of it. */
export function wrongInMarkup(rule: MarkupRule): MarkupProblem | null {
  if (!isWithin(rule.level, levelMax)) return 'level_out_of_range'
  const names = [rule.service, rule.country, rule.operator]
  if (names.some(name => !nameShape.test(name))) return 'name_unreadable'
  switch (rule.kind) {
    case 'percent':
      return isWithin(rule.percentBp, percentBpMax) ? null : 'percent_out_of_range'
    case 'fixed':
      return isWithin(rule.fixed, rupiahMax) ? null : 'amount_out_of_range'
    case 'tiered':
      return wrongInSteps(rule.steps)
  }
}

function wrongInSteps(steps: readonly MarkupStep[]): MarkupProblem | null {
  if (steps.length === 0) return 'steps_missing'
  if (steps.length > stepsMax) return 'steps_too_many'
  if (!steps.every(({ percentBp }) => isWithin(percentBp, percentBpMax))) {
    return 'percent_out_of_range'
  }
  if (
    !steps.every(({ fixed, upTo }) => isWithin(fixed, rupiahMax) && isWithin(upTo ?? 0, rupiahMax))
  ) {
    return 'amount_out_of_range'
  }
  if (steps.at(-1)!.upTo !== null) return 'last_step_is_bounded'
  const bounds = steps.map(({ upTo }) => upTo ?? Number.POSITIVE_INFINITY)
  const rises = bounds.every((bound, place) => place === 0 || bound > bounds[place - 1]!)
  return rises ? null : 'steps_do_not_rise'
}

const isWithin = (value: number, most: number): boolean =>
  Number.isSafeInteger(value) && value >= 0 && value <= most
