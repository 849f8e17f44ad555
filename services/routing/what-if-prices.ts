/**
 * A proposed price book for what-if: rules of prices put or taken away, and other costs at
 * suppliers, laid over the catalogue as it is now.
 *
 *   catalogue ──────────────▶ today's book ────┐
 *      └─ proposed rules, costs ─▶ proposed book ─┴▶ price and costs of each recorded order
 *
 * RSF1. What the proposal does not name is today's: both books come from one reading.
 * RSF2. A proposal that can't be is refused with what is wrong, and nothing is read of the journal.
 * RSF3. An order that nobody could sell at the proposed price counts as not sold.
 */

import { z } from 'zod/v4'
import type { CatalogueRows } from '../../sql/topup/catalogue.ts'
import { priceFor } from '../catalogue/book.ts'
import { compile } from '../catalogue/compile.ts'
import { changesShape } from '../catalogue/price-change.ts'
import { rulesAfter } from '../catalogue/price-preview.ts'
import type { Rupiah } from '../contract/words.ts'
import { costShape } from '../wire/catalogue-rows.ts'

const costsMax = 20_000
const proposalShape = z.strictObject({
  prices: changesShape.optional().transform(prices => prices ?? []),
  costs: z.array(costShape).max(costsMax).default([]),
})
export type PriceProposal = z.output<typeof proposalShape>

/** Null where nothing is proposed. */
export function readPrices(told: {
  readonly prices?: unknown
  readonly costs?: unknown
}): { readonly proposal: PriceProposal | null } | { readonly problem: string } {
  const { prices, costs } = told
  if (prices === undefined && costs === undefined) return { proposal: null }
  const isNone = Array.isArray(prices) && prices.length === 0
  const read = proposalShape.safeParse({ prices: isNone ? undefined : prices, costs })
  if (read.success) return { proposal: read.data }
  const [{ path, message } = { path: [], message: '' }] = read.error.issues
  return { problem: `${path.join('.')}: ${message}` }
}

export type Prices = {
  /** Null where it has none. */
  readonly priceOf: (product: string, userId: string) => Rupiah | null
  readonly costOf: (product: string, supplier: string) => Rupiah | null
  readonly mayLose: (product: string) => boolean
}

export function pricesOf(rows: CatalogueRows, levels: ReadonlyMap<string, number>): Prices {
  const book = compile(rows)
  const costs = new Map<string, Rupiah>()
  for (const { productCode, supplierCode, cost } of rows.mappings) {
    costs.set(`${productCode.toUpperCase()} ${supplierCode}`, cost)
  }
  const placeOf = (product: string) => book.index.get(product.toUpperCase())
  return {
    priceOf(product, userId) {
      const place = placeOf(product)
      if (place === undefined) return null
      const price = priceFor(book, place, { userId, level: levels.get(userId) ?? 0 })
      return price < 0 ? null : price
    },
    costOf: (product, supplier) => costs.get(`${product.toUpperCase()} ${supplier}`) ?? null,
    mayLose: product => book.products[placeOf(product) ?? -1]?.mayLose ?? false,
  }
}

export function rowsUnder(rows: CatalogueRows, { prices, costs }: PriceProposal): CatalogueRows {
  const proposed = new Map(
    costs.map(one => [`${one.product_code.toUpperCase()} ${one.supplier_code}`, one.cost]),
  )
  const mappings = rows.mappings.map(row => {
    const cost = proposed.get(`${row.productCode.toUpperCase()} ${row.supplierCode}`)
    return cost === undefined ? row : { ...row, cost }
  })
  return { ...rows, mappings, rules: rulesAfter(rows.rules, prices) }
}
