/**
 * Who gets what of one order, by the rules: nothing here reads or writes.
 *
 *   product ─▶ category ─▶ default: the first rule there is decides, alone
 *
 *   buyer ──▶ upline (level 1) ──▶ his upline (level 2) ──▶ …
 *              levels[0]            levels[1]               the last of them again, or nothing
 *
 * CMB1. The most specific rule wins; one that is switched off is a rule that pays nobody.
 * CMB2. A level gets its own share; levels after the given ones get the last share or none, as the
 *       rule says; none gets more levels than the rule's depth.
 * CMB3. A share is rupiah, or basis points of the margin (price less cost), or both; always rounded
 *       down. Of a margin that is not above zero there are no basis points.
 * CMB4. Basis points of all levels together never exceed the margin: who stands nearer the buyer
 *       comes first, and the one at whom it is used up gets what is left.
 * CMB5. A level whose client is closed gets nothing, and nobody else gets it instead.
 */

import { type CommissionRule, levelsMax } from '../../sql/money/commission.ts'
import type { Rupiah } from '../contract/words.ts'

type Sale = {
  readonly product: string
  readonly category: string
  readonly price: Rupiah
  readonly cost: Rupiah
}

export type Upline = {
  readonly level: number
  readonly userId: string
  readonly closed: boolean
}

type Share = {
  readonly level: number
  readonly userId: string
  readonly amount: Rupiah
  readonly percentBp: number
  readonly fixed: Rupiah
}

/** The rule that decides about a product, if any does. */
export function ruleFor(
  rules: readonly CommissionRule[],
  { product, category }: Pick<Sale, 'product' | 'category'>,
): CommissionRule | undefined {
  const named = (scope: string, target: string) =>
    rules.find(rule => rule.scope === scope && same(rule.target, target))
  const rule = named('product', product) ?? named('category', category) ?? named('default', '')
  return rule?.active === true ? rule : undefined
}

/** How many levels a rule can reach. */
export function depthOf({ levels, beyond, depth }: CommissionRule): number {
  const given = beyond === 'last' ? levelsMax : levels.length
  return Math.min(given, depth ?? levelsMax, levelsMax)
}

/** From the buyer upwards; levels that get nothing are left out. */
export function sharesOf(
  rule: CommissionRule,
  { price, cost }: Pick<Sale, 'price' | 'cost'>,
  uplines: readonly Upline[],
): readonly Share[] {
  const margin = Math.max(0, price - cost)
  const depth = depthOf(rule)
  let left = margin
  const shares: Share[] = []
  for (const { level, userId, closed } of uplines) {
    if (level > depth) break
    const share = rule.levels[Math.min(level, rule.levels.length) - 1]
    if (share === undefined || closed) continue
    const { percent_bp: percentBp, fixed } = share
    const part = Math.min(left, partOf(margin, percentBp))
    left -= part
    const amount = part + fixed
    if (amount > 0) shares.push({ level, userId, amount, percentBp, fixed })
  }
  return shares
}

/** In two parts, so that every product stays exact. */
const partOf = (margin: Rupiah, bp: number): Rupiah =>
  Math.floor(margin / 10_000) * bp + Math.floor(((margin % 10_000) * bp) / 10_000)

const same = (one: string, other: string): boolean =>
  one.trim().toUpperCase() === other.trim().toUpperCase()
