/**
 * Work that is cheaper together: one batch is under way, and whatever arrives meanwhile goes with
 * the next.
 *
 *   carry(a) ─▶ [a] ─────────▶ done ─▶ [b, c, d] ─▶ ...
 *                carry(b), carry(c), carry(d) wait
 *
 * GAT1. One batch is under way at a time, each in the order in which its items came; who comes
 *       alone waits for nobody, and who comes in the same turn of the loop goes together.
 * GAT2. What arrives after a batch left is never answered by it: it may know of a change that the
 *       batch did not see.
 * GAT3. An item whose data the database refuses spoils nobody else's: those that went with it are
 *       carried out again, each by itself. After any other trouble nothing is done twice: all of
 *       the batch are told.
 * GAT4. What waits is bounded; over the bound it is refused at once.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { isDataRefused } from '../sql/refused-data.ts'
import type { Millis } from './contract/words.ts'

type Batches<Item, Answer> = {
  /** An answer for each item, in their order. What it rejects with, the items are told. */
  readonly carryOut: (items: readonly Item[]) => Promise<readonly Answer[]>
  readonly batchMax: number
  /** Absent: whoever asks sees to it himself. */
  readonly waitingMax?: number
  /** For so long a batch waits for company. */
  readonly companyMs?: Millis
}

type Waiting<Item, Answer> = {
  readonly item: Item
  readonly resolve: (answer: Answer) => void
  readonly reject: (cause: unknown) => void
}

export class Gathering<Item, Answer> {
  readonly #batches: Batches<Item, Answer>
  #waiting: Waiting<Item, Answer>[] = []
  #isCarrying = false
  /** Settles when it, and so everything before it, was carried out or given up. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(batches: Batches<Item, Answer>) {
    this.#batches = batches
  }

  /** How many wait for the next batch. */
  get depth(): number {
    return this.#waiting.length
  }

  /** The item's own answer. Rejects with what its batch failed of, or when too many wait. */
  carry(item: Item): Promise<Answer> {
    const { waitingMax = Number.POSITIVE_INFINITY } = this.#batches
    if (this.#waiting.length >= waitingMax) {
      return Promise.reject(new Error(`${waitingMax} wait already, and no more are taken`))
    }
    const carried = new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
    })
    this.#last = carried
    if (!this.#isCarrying) void this.#carryAll()
    return carried
  }

  /** Resolves when all that was handed in until now was carried out, or has failed. */
  async rest(): Promise<void> {
    await this.#last.catch(() => undefined)
  }

  async #carryAll(): Promise<void> {
    const { batchMax, companyMs = 0 } = this.#batches
    this.#isCarrying = true
    await null
    while (this.#waiting.length > 0) {
      if (companyMs > 0) await pause(companyMs)
      await this.#carrySome(this.#waiting.splice(0, batchMax))
    }
    // In the same breath as the last look, so that nobody arrives unseen in between.
    this.#isCarrying = false
  }

  async #carrySome(some: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.#batches.carryOut(some.map(({ item }) => item))
      for (const [index, { resolve }] of some.entries()) resolve(answers[index]!)
    } catch (cause) {
      if (some.length > 1 && isDataRefused(cause)) {
        for (const one of some) await this.#carrySome([one])
      } else for (const { reject } of some) reject(cause)
    }
  }
}
