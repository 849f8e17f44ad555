/**
 * Links that open one order without login. The word of a link is a keyed hash of order and
 * generation, so it can be shown again and is kept nowhere; the table has only its hash, and which
 * generation is good.
 *
 *   order, generation ──key──▶ word (128 bits) ──sha-256──▶ number_invoice
 *
 * NVB1. A word opens its own order and no other, and can't be guessed or computed from an id.
 * NVB2. A link that was ended opens nothing; its order has another one at once.
 * NVB3. Two who end it at the same time make a link each, one after the other; the later is good.
 */

import { createHash, createHmac } from 'node:crypto'
import type { DatabasePool } from '../../sql/database.ts'
import { generationOf, moveLink, orderOfWord } from '../../sql/number/vault.ts'
import type { Seal } from '../seal.ts'

type InvoiceDeps = {
  readonly pool: DatabasePool
  readonly seal: Pick<Seal, 'keyFor'>
}

export type Invoices = {
  /** Of a new order; the fold of the journal writes its hash. */
  readonly firstWord: (orderId: string) => string
  /** Which is good now. */
  readonly word: (orderId: string) => Promise<string>
  readonly orderOf: (word: string) => Promise<string | null>
  readonly relink: (orderId: string) => Promise<string>
}

const wordBytes = 16
const first = 1
const triesMax = 10

export const hashOfWord = (word: string): Buffer => createHash('sha256').update(word).digest()

export function makeInvoices({ pool, seal }: InvoiceDeps): Invoices {
  const key = seal.keyFor('number invoice')
  const wordOf = (orderId: string, generation: number): string =>
    createHmac('sha256', key)
      .update(`${orderId}\n${generation}`)
      .digest()
      .subarray(0, wordBytes)
      .toString('base64url')

  return {
    firstWord: orderId => wordOf(orderId, first),
    word: async orderId => wordOf(orderId, (await generationOf(pool, orderId)) ?? first),
    orderOf: word => orderOfWord(pool, hashOfWord(word)),
    async relink(orderId) {
      for (let tries = 0; tries < triesMax; tries++) {
        const generation = ((await generationOf(pool, orderId)) ?? first) + 1
        const word = wordOf(orderId, generation)
        if (await moveLink(pool, { orderId, generation, hash: hashOfWord(word) })) return word
      }
      throw new Error('a link was ended again and again')
    },
  }
}
