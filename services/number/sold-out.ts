/**
 * What can't be bought at a supplier just now, though its last list says otherwise.
 *
 *   refused, money short ─▶ left out ─▶ its supplier answers for its list again ─▶ on sale
 *
 * NSO1. What could just not be bought is offered by others until its supplier was asked again. What
 *       fails while it answers may be newer than its answer, and stays left out.
 * NSO2. So is what our money there does not reach for, as far as it was told.
 */

import type { Rupiah } from '../contract/words.ts'
import type { Unbought } from './suppliers.ts'

export class SoldOut {
  /** By supplier: offers, operator included, that could not be bought since it was asked. */
  readonly #unbought = new Map<string, ReadonlySet<string>>()
  readonly #drained = new Set<string>()
  readonly #balances = new Map<string, Rupiah | null>()

  note({ supplier, offer, code }: Unbought): void {
    if (code === 'SUPPLIER_BALANCE') this.#drained.add(supplier)
    this.#unbought.set(supplier, new Set([...(this.#unbought.get(supplier) ?? []), offer]))
  }

  /** Before a supplier is asked; what comes back is to be told when, and if, it has answered. */
  asked(supplier: string): (balance: Rupiah | null) => void {
    const before = this.#unbought.get(supplier)
    return balance => {
      this.#balances.set(supplier, balance)
      if (before === this.#unbought.get(supplier)) this.#unbought.delete(supplier)
      this.#drained.delete(supplier)
    }
  }

  /** In rupiah; null when the supplier did not say. */
  balanceOf(supplier: string): Rupiah | null {
    return this.#balances.get(supplier) ?? null
  }

  /** `offer` with its operator. */
  has(supplier: string, offer: string, cost: Rupiah): boolean {
    if (this.#drained.has(supplier)) return true
    if ((this.#balances.get(supplier) ?? cost) < cost) return true
    return this.#unbought.get(supplier)?.has(offer) === true
  }
}
