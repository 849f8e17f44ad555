/** For tests: one order and what may happen to it, event by event. */

import type { OrderEvent, Plan } from '../../actors/order/order-contract.ts'
import { makeId } from '../../engine/ids.ts'

export const id = makeId(1_000, 3, '0000000000000001')
const plan: readonly Plan[] = [
  ['ani', 'ani-1', 700, 900, 1_000, 600_000],
  ['budi', 'budi-1', 750, 900, 1_000, 600_000],
]
export const evidence = {
  code: '00',
  message: 'ok',
  reply: '{"rc":"00"}',
  ms: 7,
  via: 'reply',
} as const

export const placed: OrderEvent = {
  type: 'placed',
  ...{ user: 'u', ref: 'A-1', product: 'XLD10', destination: '0878', price: 1_000, plan },
  ...{ deadlineAt: 90_000, twin: '' },
}
export const dispatched = (n: number): OrderEvent => {
  const [supplier, sku, cost, maxPrice] = plan[n - 1]!
  return { type: 'dispatched', n, supplier, sku, cost, maxPrice, ref: `L-${n}` }
}
export const attemptFailed: OrderEvent = { type: 'attempt_failed', n: 1, ...evidence, code: '40' }
export const delivered = (n: number): OrderEvent => ({
  ...{ type: 'delivered', n, sn: 'SN-1', cost: 710, balance: 5, ...evidence },
})
