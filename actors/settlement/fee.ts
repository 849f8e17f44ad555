/**
 * What a payment costs its merchant, in whole rupiah: basis points of the amount and a fixed part,
 * in tiers by amount, from a day on, rounded as the plan says by name.
 *
 *   plans over time ──planAt(at)──▶ plan ──feeOf(amount)──▶ fee     the rest is the merchant's
 *
 * FEE1. Integers only, exact for every amount that is money: nothing overflows on the way.
 * FEE2. A fee is rounded once, at the end of its basis points, by the rule its plan names.
 * FEE3. A fee lies between the plan's least and most, and is never more than the amount.
 * FEE4. A tier holds for the whole amount, from its own first rupiah on.
 * FEE5. The plan in force is the last that began; a plan that begins later changes nothing before.
 * FEE6. A fee goes back with what is refunded, in proportion; when all is refunded, all went back.
 */

import { assert } from '../../engine/assert.ts'
import { isRupiah, type Rupiah } from '../../engine/money.ts'

/** `half_up` and `half_even` differ at exactly one half only. */
type Rounding = 'half_up' | 'down' | 'up' | 'half_even'
export const roundings: readonly Rounding[] = ['half_up', 'down', 'up', 'half_even']

type Rate = { readonly bps: number; readonly fixed: Rupiah }

export type FeePlan = Rate & {
  readonly rounding: Rounding
  readonly least?: Rupiah
  readonly most?: Rupiah
  /** Ascending by `from`; below the first of them the plan's own rate holds. */
  readonly tiers?: readonly ({ readonly from: Rupiah } & Rate)[]
}

type PlanWrong =
  | 'rate_invalid'
  | 'rounding_unknown'
  | 'bounds_invalid'
  | 'tiers_unordered'
  | 'tiers_too_many'

const bpsMax = 10_000
const tiersMax = 20

/** Why a plan can not be one, or nothing. */
export function wrongIn(plan: FeePlan): PlanWrong | undefined {
  const tiers = plan.tiers ?? []
  if (![plan, ...tiers].every(isRate)) return 'rate_invalid'
  if (!roundings.includes(plan.rounding)) return 'rounding_unknown'
  const { least = 0, most = Number.MAX_SAFE_INTEGER } = plan
  if (!isAmount(least) || !isAmount(most) || least > most) return 'bounds_invalid'
  if (tiers.length > tiersMax) return 'tiers_too_many'
  const isAscending = tiers.every(
    ({ from }, index) => isAmount(from) && from > (tiers[index - 1]?.from ?? 0),
  )
  return isAscending ? undefined : 'tiers_unordered'
}

/** Of plans in any order; nothing before the first began. */
export function planAt<Plan extends { readonly effectiveMs: number }>(
  plans: readonly Plan[],
  at: number,
): Plan | null {
  let found: Plan | null = null
  for (const plan of plans) {
    if (plan.effectiveMs <= at && (found === null || plan.effectiveMs >= found.effectiveMs)) {
      found = plan
    }
  }
  return found
}

export function feeOf(plan: FeePlan, amount: Rupiah): Rupiah {
  assert(isAmount(amount), 'FEE1: an amount is whole rupiah, not below zero')
  assert(wrongIn(plan) === undefined, 'FEE3: a plan in force keeps the rules of plans')
  const { bps, fixed } = plan.tiers?.findLast(tier => amount >= tier.from) ?? plan
  const part = bpsOf(amount, bps, plan.rounding)
  // Their sum may leave the safe integers, but then it is above the amount as well.
  const fee = part > amount - fixed ? amount : part + fixed
  const bounded = Math.min(Math.max(fee, plan.least ?? 0), plan.most ?? amount)
  return Math.min(bounded, amount)
}

/**
 * `bps` ten-thousandths of an amount. Split at ten thousand, so that the product of what is below
 * stays under 10^8 and that of what is above under the amount itself.
 */
export function bpsOf(amount: Rupiah, bps: number, rounding: Rounding): Rupiah {
  assert(isAmount(amount) && isBps(bps), 'FEE1: basis points are taken of whole rupiah')
  const below = amount % bpsMax
  const above = (amount - below) / bpsMax
  const product = below * bps
  const rest = product % bpsMax
  const whole = above * bps + (product - rest) / bpsMax
  return whole + (isRoundedUp(rest, whole, rounding) ? 1 : 0)
}

function isRoundedUp(rest: number, whole: number, rounding: Rounding): boolean {
  switch (rounding) {
    case 'down':
      return false
    case 'up':
      return rest > 0
    case 'half_up':
      return rest * 2 >= bpsMax
    case 'half_even':
      return rest * 2 > bpsMax || (rest * 2 === bpsMax && whole % 2 === 1)
  }
}

/** The part of a fee that goes back with one refund, after others of `before` in all. */
export function givenBack(
  fee: Rupiah,
  refund: { readonly of: Rupiah; readonly before: Rupiah; readonly amount: Rupiah },
): Rupiah {
  const { of, before, amount } = refund
  assert([fee, of, before, amount].every(isAmount) && of > 0, 'FEE6: refunds are of whole rupiah')
  assert(fee <= of && amount <= of - before, 'FEE6: not more goes back than there was')
  const upTo = (part: Rupiah): Rupiah => Number((BigInt(fee) * BigInt(part)) / BigInt(of))
  return upTo(before + amount) - upTo(before)
}

const isAmount = (value: number): boolean => isRupiah(value) && value >= 0
const isBps = (value: number): boolean => isAmount(value) && value <= bpsMax
const isRate = ({ bps, fixed }: Rate): boolean => isBps(bps) && isAmount(fixed)
