/** How an action answers: done, refused, or the world's fault. */

import type { OrderBrief } from './order-view.ts'
import type { FaultCode, Millis, MoneyEffect, RefusalCode } from './words.ts'

export type Refused = {
  readonly refused: RefusalCode
  /** The order that a DUPLICATE_REF or TWIN_ORDER collides with, when there is one. */
  readonly order?: OrderBrief
  readonly details?: Readonly<Record<string, unknown>>
  /** When asking again may help. */
  readonly retryAfterMs?: Millis
  readonly moneyEffect: MoneyEffect
}

export type Faulted = {
  readonly fault: FaultCode
  readonly retryAfterMs: Millis
  /** Absent when nobody can know yet: repeat with the same reference to learn it. */
  readonly moneyEffect?: MoneyEffect
}

export type Answer<T> = { readonly ok: T } | Refused | Faulted
