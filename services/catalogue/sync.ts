/**
 * What a supplier's price list changes in our mappings, and whether that is believable.
 *
 *   list + mappings ─▶ changes of cost, stock, status ─▶ guard ─┬ calm ─▶ applied
 *                                                               └ wild ─▶ proposed to a person
 *
 * KAJ1. Only mappings of this supplier are touched, and of them cost, stock and the supplier's
 *       status; whether we want to sell is ours and stays.
 * KAJ2. A sku that is not on the list is not supplied; one that stands there twice, or whose price
 *       or stock can't be read, is left as it is and counted.
 * KAJ3. A list is wild when more than `sharePercent` of our prices move by more than `movePercent`,
 *       or more than `offPercent` of what was supplied is not any more. An empty list is such one.
 * KAJ5. A stock that is listed as it was is said anew: what was sold since is not in it any more.
 * KAJ4. A change carries what was there before, so that it can be applied only where that still is.
 */

import type { Rupiah } from '../contract/words.ts'
import { rupiahMax } from '../wire/price-limits.ts'
import { wildText } from './text.id.ts'

/** One line of a price list, in our words; null where it can't be read. */
export type ListedSku = {
  readonly sku: string
  readonly cost: Rupiah | null
  /** Undefined where it can't be read; null is unlimited. */
  readonly stock: number | null | undefined
  readonly supplied: boolean
}

/** What a list may change. */
type Terms = {
  readonly cost: Rupiah
  readonly stock: number | null
  readonly supplied: boolean
}

export type SyncedMapping = Terms & { readonly productCode: string; readonly sku: string }
type TermsChange = {
  readonly product: string
  readonly before: Terms
  readonly after: Terms
}

type Guard = {
  readonly sharePercent: number
  readonly movePercent: number
  readonly offPercent: number
}

type SyncFindings = {
  readonly changes: readonly TermsChange[]
  /** Products whose stock the list says again. */
  readonly restocked: readonly string[]
  readonly counts: {
    readonly listed: number
    readonly mapped: number
    readonly costs: number
    readonly stocks: number
    readonly off: number
    readonly on: number
    readonly unreadable: number
  }
  /** Why a person must look; null when nobody must. */
  readonly wild: string | null
}

export function findChanges(
  list: readonly ListedSku[],
  mappings: readonly SyncedMapping[],
  guard: Guard,
): SyncFindings {
  const bySku = new Map<string, ListedSku | 'twice'>()
  for (const line of list) {
    const sku = line.sku.toLowerCase()
    bySku.set(sku, bySku.has(sku) ? 'twice' : line)
  }
  const changes: TermsChange[] = []
  const restocked: string[] = []
  const counts = { costs: 0, stocks: 0, off: 0, on: 0, unreadable: 0 }
  let wildMoves = 0
  let wereOn = 0
  for (const mapping of mappings) {
    const { productCode, cost, stock, supplied } = mapping
    const before: Terms = { cost, stock, supplied }
    if (supplied) wereOn++
    const after = termsAfter(before, bySku.get(mapping.sku.toLowerCase()))
    if (after === null) {
      counts.unreadable++
      continue
    }
    if (after.cost !== cost) counts.costs++
    if (after.stock !== stock) counts.stocks++
    if (supplied && !after.supplied) counts.off++
    if (!supplied && after.supplied) counts.on++
    if (Math.abs(after.cost - cost) * 100 > cost * guard.movePercent) wildMoves++
    const isSame =
      after.cost === cost && after.stock === stock && after.supplied === before.supplied
    if (!isSame) changes.push({ product: productCode, before, after })
    const isListed = bySku.has(mapping.sku.toLowerCase())
    if (isListed && stock !== null && after.stock === stock) restocked.push(productCode)
  }
  const tally = { listed: list.length, mapped: mappings.length, ...counts }
  return { changes, restocked, counts: tally, wild: wildness() }

  function wildness(): string | null {
    if (wildMoves * 100 > mappings.length * guard.sharePercent) {
      return wildText.moved(wildMoves, mappings.length, guard.movePercent)
    }
    if (counts.off * 100 > wereOn * guard.offPercent) {
      return wildText.gone(counts.off, wereOn)
    }
    return null
  }
}

function termsAfter(before: Terms, line: ListedSku | 'twice' | undefined): Terms | null {
  if (line === undefined) return { ...before, supplied: false }
  if (line === 'twice' || line.cost === null || line.stock === undefined) return null
  if (line.cost <= 0 || line.cost > rupiahMax) return null
  return { cost: line.cost, stock: line.stock, supplied: line.supplied }
}
