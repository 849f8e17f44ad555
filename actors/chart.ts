/**
 * Chart of accounts. A wallet is what we owe its owner, so its balance is credits less debits; the
 * house accounts stand against it. They exist once per shard and are summed when they are read, so
 * that no account is fought over.
 *
 *   wallet:<user>     what a client has paid in and not yet spent       may not go below zero
 *   sales             what orders brought in
 *   cost              what they cost us at suppliers
 *   float:<supplier>  our prepaid balance there, as a debit: deposits less what orders took out
 *   cash              money that came in from the world
 *   receivable:<user> what a client was given on credit and has not yet paid back
 *   commission        what uplines were paid for orders of their downlines; a cost of ours
 *   clawback:<user>   commission that was taken back when its owner had spent it already
 *   difference        what persons wrote off or found at suppliers, with a reason
 *   clearing          money between two shards; the sum over all shards is what is under way
 *
 * Of merchants, all in the merchant's own shard:
 *
 *   acquirer                  what acquirers collected of payers and owe us, as a debit
 *   payable:<merchant>:<day>  what we owe for the payments of a day, less that day's refunds: may
 *                             go below zero, and is then kept back from later days
 *   qris_fee                  what we earn of payments
 *   batch:<merchant>          what stands in batches that are on their way to the merchant
 *   payout                    what banks paid out for us
 *   merchant_adjustment       what persons added to batches, or took from them, with a reason
 *
 * Of deposits through payment gateways, in the shard of whoever pays in:
 *
 *   gateway:<name>  what a gateway collected and owes us, as a debit
 *   suspense        money that came and is not what was agreed, until a person says whose it is
 *
 * What a gateway has paid out stands in the shard of cash, so it owes the sum over all shards:
 *
 *   gateway_fee     what gateways kept of what they paid out; a cost of ours
 */

import type { AccountId, FloorOf } from '../engine/ledger.ts'

/** One string per wallet, because the same name is looked up again and again in one order. */
const names = new Map<string, AccountId>()
const namesMax = 50_000

export function wallet(userId: string): AccountId {
  const known = names.get(userId)
  if (known !== undefined) return known
  if (names.size >= namesMax) names.clear()
  const name = `wallet:${userId}`
  names.set(userId, name)
  return name
}
export const float = (supplier: string): AccountId => `float:${supplier}`
export const receivable = (userId: string): AccountId => `receivable:${userId}`
export const sales: AccountId = 'sales'
export const cost: AccountId = 'cost'
export const cash: AccountId = 'cash'
export const clearing: AccountId = 'clearing'
export const commissionCost: AccountId = 'commission'
export const difference: AccountId = 'difference'
export const clawback = (userId: string): AccountId => `clawback:${userId}`

export const acquirer: AccountId = 'acquirer'
export const qrisFee: AccountId = 'qris_fee'
export const payout: AccountId = 'payout'
export const merchantAdjustment: AccountId = 'merchant_adjustment'
export const payable = (merchantId: string, day: string): AccountId =>
  `payable:${merchantId}:${day}`
export const batchOf = (merchantId: string): AccountId => `batch:${merchantId}`
export const gateway = (name: string): AccountId => `gateway:${name}`
export const suspense: AccountId = 'suspense'
export const gatewayFee: AccountId = 'gateway_fee'
/** Whose books a payment or a batch is in; nothing is ever booked on this name. */
export const merchantOwner = (merchantId: string): AccountId => `merchant:${merchantId}`

export const floorOf: FloorOf = account => (account.startsWith('wallet:') ? 0 : undefined)
