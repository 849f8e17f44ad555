/**
 * Failures that their supplier may still revise. The money is back already, or another supplier
 * sold it: nobody has to decide anything, but whoever answers the telephone should know.
 *
 *   attempt failed, of a kind that is revised ─▶ listed ─┬─ its time is over     ─▶ gone
 *                                                        ├─ a person has seen it ─▶ gone
 *                                                        └─ sold after all       ─▶ DISPUTE
 *
 * CRK1. Such a failure is in the queue as MAY_BE_REVISED, with when it failed and until when its
 *       supplier may say otherwise; whether the order itself went on to succeed elsewhere or not.
 * CRK2. It leaves the queue by itself when that time is over, and when a person closes it, with his
 *       name and reason.
 * CRK3. What is revised stands there as the dispute that it is, at once.
 * CRK4. How long a supplier revises is on its card; where nothing is said it is three days.
 */

import type { Revisable } from '../../sql/topup/care.ts'
import type { Card } from '../supplier/adapter.ts'

export type Revising = {
  readonly code: string
  readonly adapter: { readonly card: Pick<Card, 'revisesWithinMs'> }
}

const usualMs = 3 * 86_400_000

/** By supplier, as far as one differs from the usual. */
export function revisableNow(suppliers: readonly Revising[], now: number): Revisable {
  const own = suppliers.flatMap(({ code, adapter }) => {
    const { revisesWithinMs: ms } = adapter.card
    return ms === undefined ? [] : [{ supplier: code, ms }]
  })
  const longestMs = Math.max(usualMs, ...own.map(one => one.ms))
  return { own, usualMs, longestMs, now }
}
