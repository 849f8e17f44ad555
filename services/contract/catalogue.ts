/** What is sold and for how much: as a client sees it, and as its owner keeps it. */

import type { Answer } from './answer.ts'
import type { Millis, RefusalCode, Rupiah } from './words.ts'

export type ProductRow = {
  readonly code: string
  readonly name: string
  readonly category: string
  readonly brand: string
  readonly type: 'prepaid' | 'postpaid'
  readonly price: Rupiah
  readonly open: boolean
  readonly multi: boolean
  readonly cutOffStart: string
  readonly cutOffEnd: string
  /**
   * Of a bill: the fee that its customer is asked for. `price` is then what we take of it, and the
   * rest is the client's.
   */
  readonly adminFee?: Rupiah
  /** What all who sell it now have left, as of a moment ago; absent: unlimited. */
  readonly stock?: number
}

/** What the catalogue is made of, as its keepers name it. */
export type CatalogueKind =
  | 'products'
  | 'brands'
  | 'categories'
  | 'suppliers'
  | 'mappings'
  | 'prefixes'
  | 'price-rules'
  | 'commission-rules'

/** A row under the names of its columns, secrets left out. */
export type CatalogueRow = Readonly<Record<string, unknown>>

export type CsvLine = {
  readonly line: number
  readonly result: 'created' | 'changed' | 'refused'
  readonly code?: RefusalCode
  readonly details?: Readonly<Record<string, unknown>>
}

export type CsvReport = {
  /** False after a dry run, and when any line was refused. */
  readonly kept: boolean
  readonly counts: Readonly<Record<'created' | 'changed' | 'unchanged' | 'refused', number>>
  readonly lines: readonly CsvLine[]
}

/** What a change of price rules would do. */
export type PricePreview = {
  readonly products: number
  readonly levels: readonly number[]
  /** Clients whose prices would move. */
  readonly users: number
  readonly biggest: {
    readonly product: string
    readonly who: string
    readonly from: Rupiah
    readonly to: Rupiah
  } | null
  /** Prices that come or go altogether. */
  readonly appearing: number
  readonly vanishing: number
  readonly belowCost: number
  readonly belowCostCodes: readonly string[]
}

type CataloguePage = Answer<{ rows: readonly CatalogueRow[]; next: string | null }>

export type CatalogueActions = {
  'catalogue.products': {
    params: { level: number; userId?: string }
    result: readonly ProductRow[]
  }
  /** Clients who pay by rules of their own, and so have a price list of their own. */
  'catalogue.ownPrices': { params: Record<string, never>; result: readonly string[] }
  'catalogueAdmin.list': {
    params: {
      kind: CatalogueKind
      filters: Readonly<Record<string, string>>
      q?: string
      cursor?: string
      limit: number
    }
    result: CataloguePage
  }
  'catalogueAdmin.get': {
    params: { kind: CatalogueKind; key: readonly string[] }
    result: Answer<CatalogueRow>
  }
  'catalogueAdmin.create': {
    params: { kind: CatalogueKind; by: string; fields: CatalogueRow }
    result: Answer<CatalogueRow>
  }
  'catalogueAdmin.change': {
    params: {
      kind: CatalogueKind
      by: string
      key: readonly string[]
      version: number
      fields: CatalogueRow
    }
    result: Answer<CatalogueRow>
  }
  'catalogueAdmin.remove': {
    params: { kind: CatalogueKind; by: string; key: readonly string[]; version: number }
    result: Answer<CatalogueRow>
  }
  'catalogueAdmin.history': {
    params: { kind?: CatalogueKind; key?: string; before?: number; limit: number }
    result: CataloguePage
  }
  'catalogueAdmin.exportCsv': {
    params: { kind: CatalogueKind; cursor?: string }
    result: Answer<{ text: string; next: string | null }>
  }
  'catalogueAdmin.importCsv': {
    params: { kind: CatalogueKind; by: string; text: string; dryRun: boolean }
    result: Answer<CsvReport>
  }
  'catalogueAdmin.previewPrices': {
    params: { changes: readonly unknown[] }
    result: Answer<PricePreview>
  }
  'catalogueAdmin.schedulePrices': {
    params: { changes: readonly unknown[]; startsAt: Millis; note: string; by: string }
    result: Answer<CatalogueRow>
  }
  'catalogueAdmin.priceChanges': {
    params: { state?: 'scheduled' | 'applied' | 'cancelled'; before?: number; limit: number }
    result: CataloguePage
  }
  'catalogueAdmin.cancelPrices': { params: { id: number; by: string }; result: Answer<null> }
  'catalogueAdmin.syncPrices': {
    params: { supplier: string; by: string }
    result: Answer<CatalogueRow>
  }
  'catalogueAdmin.priceSyncs': {
    params: { supplier?: string; outcome?: string; before?: number; limit: number }
    result: CataloguePage
  }
  'catalogueAdmin.priceSync': { params: { id: number }; result: Answer<CatalogueRow> }
  /** A person's word on a price list that the guard held back. */
  'catalogueAdmin.decideSync': {
    params: { id: number; accept: boolean; by: string }
    result: Answer<{ applied: number; passedOver: number }>
  }
}
