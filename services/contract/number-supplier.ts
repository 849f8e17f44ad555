/** Where rented numbers come from, as staff keeps them. Credentials go in and never come out. */

import type { Answer } from './answer.ts'
import type { Millis, Rupiah } from './words.ts'

/** What a kind says of itself; null: as its card says. */
export type NumberTerms = {
  readonly cancelAfterMs: Millis | null
  readonly lifeMs: Millis | null
  readonly pollMs: Millis | null
  readonly resends: boolean | null
}

export type NumberSupplierKind = {
  readonly kind: string
  readonly credentials: readonly string[]
  readonly terms: { readonly [K in keyof NumberTerms]: Exclude<NumberTerms[K], null> }
  /** How a purchase that was not answered is found again. */
  readonly finds: 'active_list' | 'balance'
}

export type NumberSupplierRow = {
  readonly code: string
  readonly name: string
  readonly kind: string
  readonly baseUrl: string
  /** What one unit of their money is in rupiah, `1` or `250.75`. */
  readonly unit: string
  readonly active: boolean
  readonly terms: NumberTerms
  readonly version: number
  readonly changedBy: string
  readonly reason: string
  readonly changedAt: Millis
  readonly offers: number
  /** When its catalogue was last answered for. */
  readonly refreshedAt: Millis | null
  readonly stale: boolean
  /** Our money there, as it was then; null when it was not told. */
  readonly balance: Rupiah | null
  /** Why it can't be used, or was not answered lately. */
  readonly problem: string | null
}

export type NumberSupplierWish = {
  readonly code: string
  readonly name: string
  readonly kind: string
  readonly baseUrl: string
  /** Null: as they are. */
  readonly credentials: Readonly<Record<string, string>> | null
  readonly unit: string
  readonly active: boolean
  readonly terms: NumberTerms
  /** That it was made of; 0 for a new one. */
  readonly version: number
  readonly by: string
  readonly reason: string
}

export type NumberSupplierActions = {
  'numberSupplier.list': {
    params: Record<string, never>
    result: Answer<{
      suppliers: readonly NumberSupplierRow[]
      kinds: readonly NumberSupplierKind[]
    }>
  }
  'numberSupplier.put': { params: NumberSupplierWish; result: Answer<{ version: number }> }
  /** Asks for the balance: whether address and credentials are right. */
  'numberSupplier.test': {
    params: { code: string }
    result: Answer<{ balance: Rupiah | null; ms: Millis }>
  }
  /** Asks for the catalogue now. */
  'numberSupplier.refresh': {
    params: { code: string }
    result: Answer<{ offers: number; refreshedAt: Millis | null }>
  }
}
