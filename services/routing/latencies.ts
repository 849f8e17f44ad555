/**
 * How long things took in the last five minutes, as quantiles: durations are counted in bins that
 * grow by half an octave, per slot of the window, so that adding and forgetting are constant time.
 *
 * RSA1. A quantile lies within its bin: at most a factor of 1.42 above the true one, never below.
 * RSA2. What is older than the window does not count; without durations there is no quantile.
 * RSA3. What was written down comes back as it was, less what has become too old.
 */

import type { Millis } from '../contract/words.ts'

const slots = 10
const slotMs = 30_000
const firstMs = 10
const bins = 36

/** Upper bounds: 10 ms, 14 ms, 20 ms ... the last one is open. */
const bounds: readonly Millis[] = Array.from({ length: bins }, (_, n) =>
  Math.ceil(firstMs * 2 ** (n / 2)),
)

export class Latencies {
  readonly #slots = new Uint32Array(slots * bins)
  readonly #totals = new Uint32Array(bins)
  #now = 0
  #count = 0

  add(at: Millis, ms: Millis): void {
    this.roll(at)
    const slot = Math.floor(at / slotMs)
    if (slot <= this.#now - slots) return
    const bin = binOf(ms)
    this.#slots[(slot % slots) * bins + bin]!++
    this.#totals[bin]!++
    this.#count++
  }

  roll(now: Millis): void {
    const slot = Math.floor(now / slotMs)
    if (slot <= this.#now) return
    const steps = Math.min(slots, slot - this.#now)
    for (let n = 1; n <= steps; n++) {
      const from = ((this.#now + n) % slots) * bins
      for (let bin = 0; bin < bins; bin++) {
        const old = this.#slots[from + bin]!
        this.#totals[bin]! -= old
        this.#count -= old
      }
      this.#slots.fill(0, from, from + bins)
    }
    this.#now = slot
  }

  get count(): number {
    return this.#count
  }

  /** So many of a hundred took at most this long; null when nothing was counted. */
  quantile(percent: number): Millis | null {
    if (this.#count === 0) return null
    const wanted = Math.max(1, Math.ceil((this.#count * percent) / 100))
    let seen = 0
    for (let bin = 0; bin < bins; bin++) {
      seen += this.#totals[bin]!
      if (seen >= wanted) return bounds[bin]!
    }
    return bounds[bins - 1]!
  }

  /** The slot that is filled now, then pairs of place and count. */
  written(): number[] {
    const pairs: number[] = [this.#now]
    for (let n = 0; n < this.#slots.length; n++) {
      if (this.#slots[n] !== 0) pairs.push(n, this.#slots[n]!)
    }
    return pairs
  }

  restore([now = 0, ...pairs]: readonly number[]): void {
    this.#slots.fill(0)
    this.#totals.fill(0)
    this.#now = now
    this.#count = 0
    for (let n = 0; n + 1 < pairs.length; n += 2) {
      const [place, count] = [pairs[n]!, pairs[n + 1]!]
      if (place >= this.#slots.length) continue
      this.#slots[place] = count
      this.#totals[place % bins]! += count
      this.#count += count
    }
  }
}

function binOf(ms: Millis): number {
  let low = 0
  let high = bins - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (ms <= bounds[middle]!) high = middle
    else low = middle + 1
  }
  return low
}
