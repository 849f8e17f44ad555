/**
 * How fast effects leave for a target that counts requests per minute: a token bucket per target,
 * with the clock of whoever asks. Who finds no token stays in line; nothing fails because of it.
 *
 * EP1. In any minute no more leave than the rate, and a second's share of it.
 * EP2. The rate is asked for each time: a changed one counts at once, and without one nobody waits.
 * EP3. A clock that was set back holds nobody up for longer than the rate does.
 */

import type { Millis } from './ids.ts'

type Bucket = { tokens: number; at: Millis }

const minuteMs = 60_000

export class Pace {
  readonly #rateOf: (target: string) => number | null
  readonly #now: () => Millis
  readonly #buckets = new Map<string, Bucket>()

  /** Of a rate, effects per minute; null is as fast as they come. */
  constructor(rateOf: (target: string) => number | null, now: () => Millis) {
    this.#rateOf = rateOf
    this.#now = now
  }

  /** True: one may leave now, and was counted. */
  take(target: string): boolean {
    const rate = this.#rateOf(target)
    if (rate === null) {
      if (this.#buckets.size > 0) this.#buckets.delete(target)
      return true
    }
    const now = this.#now()
    const most = Math.max(1, rate / 60)
    const bucket = this.#buckets.get(target) ?? { tokens: most, at: now }
    const gained = (Math.max(0, now - bucket.at) * rate) / minuteMs
    const tokens = Math.min(most, bucket.tokens + gained)
    const mayLeave = tokens >= 1
    this.#buckets.set(target, { tokens: mayLeave ? tokens - 1 : tokens, at: now })
    return mayLeave
  }
}
