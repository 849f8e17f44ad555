/**
 * What we need to know of a supplier's price list: how to ask for it, and what an answer says. Each
 * kind of supplier is one file and one line in `priceLists`.
 *
 * RSG1. A price is whole rupiah, as a number or as text with its thousands parted; anything else
 *       can't be read, and is never guessed.
 * RSG2. A list that needs several askings is whole or none.
 */

import type { Rupiah } from '../contract/words.ts'
import type { Credentials, SupplierRequest } from '../supplier/adapter.ts'
import type { ListedSku } from './sync.ts'

export type ListAnswer = { readonly list: readonly ListedSku[] } | { readonly refused: string }

/** One asking, and how its answer is read. */
export type ListAsking = {
  readonly request: SupplierRequest
  readonly read: (text: string) => ListAnswer | Promise<ListAnswer>
}

export type PriceListOf = {
  /**
   * `skus` are those of our mappings: what nobody sells need not be asked for. None: there is no
   * list.
   */
  readonly askings: (credentials: Credentials, skus: readonly string[]) => readonly ListAsking[]
}

/** No supplier is asked more often: Digiflazz answers the whole list once per five minutes. */
export const pauseMs = 5 * 60_000
export const skusMax = 50_000

export function priceIn(value: unknown): Rupiah | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : null
  if (typeof value !== 'string') return null
  const text = value.trim().replace(/^rp\.?\s*/i, '')
  if (!/^(?:\d{1,15}|\d{1,3}(?:([.,])\d{3})(?:\1\d{3}){0,3})(?:[.,]0{2})?$/.test(text)) return null
  return Number(text.replace(/[.,]00$/, '').replace(/[.,]/g, ''))
}
