/**
 * What was booked for a payment or a batch, in so few words that millions can be remembered: how
 * many postings, and the sum of their marks. `merchant_entry` has one row for each.
 */

import { createHash } from 'node:crypto'
import type { Body, Line } from './chain.ts'

export class Booked {
  #count = 0
  #marks = 0

  read({ shard, seq }: Line, { k: kind, at, p: entries = [] }: Body, merchant: string): void {
    for (const [leg, [, name, debit, credit, amount]] of entries.entries()) {
      const words = [shard, seq, leg, merchant, kind, name, debit, credit, amount, at]
      this.#count++
      this.#marks += Number.parseInt(md5(...words).slice(0, 10), 16)
    }
  }

  toString(): string {
    return `${this.#count} ${this.#marks}`
  }
}

export const md5 = (...words: readonly (string | number)[]): string =>
  createHash('md5').update(words.join('\n')).digest('hex')
