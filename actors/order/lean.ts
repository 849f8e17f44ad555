/**
 * An order that was read back is made like one that was placed in this process: who and what it
 * names, and the plan, are shared with all others that have them alike. It says the same in less
 * than two thirds of the memory.
 *
 * OLN1. What comes out equals what went in.
 * OLN2. Orders of one product on the same terms have one plan.
 */

import { alike } from '../../engine/alike.ts'
import type { Attempt, OrderState, Plan } from './order-contract.ts'

const plansMax = 5_000
/** The last plan of each product: terms change seldom. */
const plans = new Map<string, readonly Plan[]>()

export function lean(state: OrderState): OrderState {
  if (state.phase === 'absent') return state
  const { user, product, plan, attempts } = state.order
  const shared = {
    user: alike(user),
    product: alike(product),
    plan: planOf(product, plan),
    attempts: attempts.map(leanAttempt),
  }
  return { ...state, order: { ...state.order, ...shared } }
}

function leanAttempt(attempt: Attempt): Attempt {
  const { supplier, sku, code } = attempt
  const shared = { supplier: alike(supplier), sku: alike(sku) }
  return { ...attempt, ...shared, code: code === null ? null : alike(code) }
}

function planOf(product: string, plan: readonly Plan[]): readonly Plan[] {
  const known = plans.get(product)
  if (known !== undefined && isSame(known, plan)) return known
  if (plans.size >= plansMax) plans.clear()
  plans.set(product, plan)
  return plan
}

const isSame = (one: readonly Plan[], other: readonly Plan[]): boolean =>
  one.length === other.length &&
  one.every((entry, n) => entry.every((term, m) => term === other[n]![m]))
