/**
 * Which markup rule a product is sold under, and what it makes of a cost.
 *
 *   who:   the client itself ─▶ its level ─▶ level 0, which is everybody's
 *   what:  product ─▶ brand ─▶ category ─▶ default        for each of them, in this order
 *
 * KAB1. The most specific rule wins: any rule of the client before any of its level, that before
 *       any of level 0; within each, product, then brand, then category, then default.
 * KAB2. A rule with tiers uses the first tier that reaches the cost; a cost above all tiers takes
 *       the rule's own percent and fixed part.
 * KAB3. Rules of a client are kept as rules and not as prices: a quote looks at four keys at most,
 *       however many clients have their own, and a book grows with the rules, not with
 *       clients times products.
 */

import type { PriceRuleRecord, PriceTier, ProductRecord } from '../../sql/topup/catalogue.ts'
import type { Rupiah } from '../contract/words.ts'
import { percentBpMax, rupiahMax, tiersMax } from '../wire/price-limits.ts'

/** What a rule does to a cost; all that is left of it in a book. */
type Markup = {
  readonly percentBp: number
  readonly fixed: Rupiah
  readonly tiers: readonly PriceTier[] | null
}

/** The rules of one level or one client: what they are about, to what they do. */
export type RuleSet = ReadonlyMap<string, Markup>

/** Cost plus basis points of it, rounded up, plus the fixed part. */
export function markUp(
  cost: Rupiah,
  { percentBp, fixed }: Pick<PriceRuleRecord, 'percentBp' | 'fixed'>,
): Rupiah {
  return cost + Math.ceil((cost * percentBp) / 10_000) + fixed
}

export function priceUnder(cost: Rupiah, rule: Markup): Rupiah {
  const tier = rule.tiers?.find(({ up_to }) => up_to === null || cost <= up_to)
  if (tier === undefined) return markUp(cost, rule)
  return markUp(cost, { percentBp: tier.percent_bp, fixed: tier.fixed })
}

type Named = Pick<ProductRecord, 'code' | 'brand' | 'category'>

/** The keys under which rules about a product may be found, most specific first. */
export function keysOf({ code, brand, category }: Named): readonly string[] {
  return [
    keyOf('product', code),
    keyOf('brand', brand),
    keyOf('category', category),
    keyOf('default', ''),
  ]
}

export const keyOf = (scope: PriceRuleRecord['scope'], target: string): string =>
  scope === 'default' ? scope : `${scope} ${target.trim().toUpperCase()}`

export function ruleIn(rules: RuleSet | undefined, keys: readonly string[]): Markup | undefined {
  if (rules === undefined || rules.size === 0) return undefined
  for (const key of keys) {
    const rule = rules.get(key)
    if (rule !== undefined) return rule
  }
  return undefined
}

/** A sentence when the rule can't be right. */
export function wrongIn({ percentBp, fixed, tiers, level }: PriceRuleRecord): string | null {
  const isSane = (bp: number, rupiah: number) =>
    Math.abs(bp) <= percentBpMax && Math.abs(rupiah) <= rupiahMax
  if (!isSane(percentBp, fixed) || level < 0 || level > 9) return 'out of range'
  if (tiers === null) return null
  if (tiers.length > tiersMax) return 'too many tiers'
  if (!tiers.every(tier => isSane(tier.percent_bp, tier.fixed))) return 'a tier is out of range'
  const bounds = tiers.map(({ up_to }) => up_to ?? Number.POSITIVE_INFINITY)
  const rises = bounds.every((bound, place) => place === 0 || bound > bounds[place - 1]!)
  return rises ? null : 'tiers do not rise'
}
