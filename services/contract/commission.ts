/** What uplines earn of the orders below them. */

import type { Answer } from './answer.ts'
import type { CatalogueRow } from './catalogue.ts'
import type { Millis, Rupiah } from './words.ts'

export type CommissionRow = {
  readonly id: string
  readonly orderId: string
  readonly level: number
  /** Username of who bought. */
  readonly buyer: string
  readonly product: string
  readonly amount: Rupiah
  readonly state: 'due' | 'paid' | 'reversed'
  /** Of the amount: what paid an older debt. */
  readonly kept: Rupiah
  /** Of what was taken back: what the wallet did not have. */
  readonly owed: Rupiah
  readonly createdAt: Millis
}

export type CommissionActions = {
  'commission.list': {
    params: { userId: string; cursor?: string; limit: number }
    result: Answer<{
      readonly rows: readonly CommissionRow[]
      readonly next: string | null
      /** What is still owed of commissions that were taken back. */
      readonly debt: Rupiah
    }>
  }
  /** `rule`: one that is not in force; without it, those that are. */
  'commission.preview': {
    params: { trxId: string; rule?: CatalogueRow }
    result: Answer<{
      readonly price: Rupiah
      readonly cost: Rupiah
      readonly margin: Rupiah
      /** Null when none applies, or the one that was given does. */
      readonly ruleId: number | null
      readonly shares: readonly {
        readonly level: number
        readonly username: string
        readonly amount: Rupiah
      }[]
      readonly total: Rupiah
    }>
  }
  /** `upline` null: nobody stands above him any more. */
  'commission.upline': {
    params: { username: string; upline: string | null }
    result: Answer<{ readonly username: string; readonly upline: string | null }>
  }
}
