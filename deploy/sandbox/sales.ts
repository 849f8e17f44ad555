/**
 * The party's own book: what it believes to have sold. This is the truth that checks compare with,
 * so it is written at the moment of the purchase, whatever becomes of the reply.
 *
 * X3. One row per reference; `times` says how many purchases the party made for it, and the
 *     earlier ones stay readable.
 * X4. Half a million rows stay usable: plain fields, no text that can be computed, pages by number.
 */

type SaleStatus = 'success' | 'pending' | 'failed'

export class Sale {
  /** Number of the row in the book, from 1. */
  readonly n: number
  /** Number of the purchase at the party, from 1. Serial numbers are made of it. */
  readonly serial: number
  readonly ref: string
  readonly product: string
  readonly target: string
  readonly price: number
  readonly madeAt: number
  readonly earlier: Sale | undefined
  status: SaleStatus = 'pending'
  /** The party's own code for the state, such as Digiflazz' rc. */
  code = ''
  changedAt: number
  /** Calls that named this reference so far, first one included. */
  calls = 1
  callbackUrl: string | undefined

  constructor(n: number, serial: number, purchase: Purchase, earlier: Sale | undefined) {
    this.n = n
    this.serial = serial
    this.ref = purchase.ref
    this.product = purchase.product
    this.target = purchase.target
    this.price = purchase.price
    this.madeAt = purchase.at
    this.changedAt = purchase.at
    this.callbackUrl = purchase.callbackUrl
    this.earlier = earlier
  }

  get times(): number {
    return this.earlier ? this.earlier.times + 1 : 1
  }
}

type Purchase = {
  readonly ref: string
  readonly product: string
  readonly target: string
  readonly price: number
  readonly at: number
  readonly callbackUrl: string | undefined
}

export type SaleRow = {
  readonly n: number
  readonly supplier: string
  readonly ref: string
  readonly product: string
  readonly target: string
  readonly price: number
  readonly status: SaleStatus
  readonly code: string
  readonly sn: string
  readonly times: number
  readonly calls: number
  readonly created_at: string
  readonly updated_at: string
  readonly earlier?: readonly Omit<SaleRow, 'n' | 'supplier' | 'calls' | 'times' | 'earlier'>[]
}

type SalesSummary = {
  supplier: string
  refs: number
  purchases: number
  by_status: Record<SaleStatus, number>
  sold_more_than_once: number
  amount_success: number
}

export class SaleBook {
  readonly supplier: string
  readonly #serialNumberOf: (sale: Sale) => string
  #rows: Sale[] = []
  #serial = 0

  constructor(supplier: string, serialNumberOf: (sale: Sale) => string) {
    this.supplier = supplier
    this.#serialNumberOf = serialNumberOf
  }

  get size(): number {
    return this.#rows.length
  }

  /** Writes a purchase down. With `earlier`, the same reference was bought once more. */
  add(purchase: Purchase, earlier?: Sale): Sale {
    const n = earlier ? earlier.n : this.#rows.length + 1
    const sale = new Sale(n, ++this.#serial, purchase, earlier)
    this.#rows[n - 1] = sale
    return sale
  }

  /** Rows after row number `after`, at most `limit`. */
  page(after: number, limit: number): SaleRow[] {
    return this.#rows.slice(after, after + limit).map(sale => this.rowOf(sale))
  }

  byRef(ref: string): SaleRow[] {
    return this.#rows.filter(sale => sale.ref === ref).map(sale => this.rowOf(sale))
  }

  summary(): SalesSummary {
    const sum: SalesSummary = {
      supplier: this.supplier,
      refs: this.#rows.length,
      purchases: this.#serial,
      by_status: { success: 0, pending: 0, failed: 0 },
      sold_more_than_once: 0,
      amount_success: 0,
    }
    for (const sale of this.#rows) {
      sum.by_status[sale.status]++
      if (sale.earlier) sum.sold_more_than_once++
      for (let each: Sale | undefined = sale; each; each = each.earlier) {
        if (each.status === 'success') sum.amount_success += each.price
      }
    }
    return sum
  }

  rowOf(sale: Sale): SaleRow {
    const row = {
      n: sale.n,
      supplier: this.supplier,
      ...this.#purchaseOf(sale),
      times: sale.times,
      calls: sale.calls,
    }
    if (!sale.earlier) return row
    const earlier = []
    for (let each: Sale | undefined = sale.earlier; each; each = each.earlier) {
      earlier.push(this.#purchaseOf(each))
    }
    return { ...row, earlier }
  }

  clear(): void {
    this.#rows = []
    this.#serial = 0
  }

  #purchaseOf(sale: Sale) {
    return {
      ref: sale.ref,
      product: sale.product,
      target: sale.target,
      price: sale.price,
      status: sale.status,
      code: sale.code,
      sn: sale.status === 'success' ? this.#serialNumberOf(sale) : '',
      created_at: new Date(sale.madeAt).toISOString(),
      updated_at: new Date(sale.changedAt).toISOString(),
    }
  }
}
