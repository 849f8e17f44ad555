/**
 * An answer that many look at and that is dear to find, such as the sums of a day: it is kept for a
 * moment, and for longer where finding it takes long, so that looking never becomes the main work.
 *
 * REC1. An answer is no older than whoever asks will have it, unless it took `slowMs` to find: then
 *       it may be as old as ten times that.
 * REC2. Who asks while a slow one is being found gets that one.
 * REC3. What failed is not kept; a fault that was told is never older than whoever asks will have
 *       it, however long it took: who was away for a moment is not away for minutes.
 */

import type { Millis } from '../services/contract/words.ts'

const slowMs = 100
const restFactor = 10

type Seen<T> = { readonly at: Millis; tookMs: Millis | null; readonly answer: Promise<T> }

export class Recent<T> {
  readonly #find: () => Promise<T>
  readonly #now: () => Millis
  #seen: Seen<T> | null = null

  constructor(find: () => Promise<T>, now: () => Millis) {
    this.#find = find
    this.#now = now
  }

  /** At most `freshMs` old, but for REC1. Rejects as finding it does. */
  read(freshMs: Millis): Promise<T> {
    const now = this.#now()
    const known = this.#seen
    if (known !== null) {
      const age = Math.abs(now - known.at)
      const tookMs = known.tookMs ?? age
      const keepMs = tookMs >= slowMs ? Math.max(freshMs, tookMs * restFactor) : freshMs
      if (age < keepMs) return known.answer
    }
    const seen: Seen<T> = { at: now, tookMs: null, answer: this.#find() }
    this.#seen = seen
    seen.answer.then(
      found => {
        seen.tookMs = isFault(found) ? 0 : Math.abs(this.#now() - seen.at)
      },
      () => {
        if (this.#seen === seen) this.#seen = null
      },
    )
    return seen.answer
  }
}

const isFault = (found: unknown): boolean =>
  typeof found === 'object' && found !== null && 'fault' in found
