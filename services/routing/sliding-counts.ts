/**
 * What happened in the last five minutes, in ten slots: adding and forgetting are constant time.
 *
 * RTD1. What is older than the window does not count, whenever it is heard.
 * RTD2. Without answers the numbers are those of an ordinary supplier; each answer moves them.
 * RTD3. What was written down comes back as it was, less what has become too old.
 */

import type { Millis, Rupiah } from '../contract/words.ts'

const slots = 10
const slotMs = 30_000
export const windowMs = slots * slotMs

/** As if an ordinary supplier had answered a few times: 95 of 100 well, in 1.5 seconds. */
const prior = { answers: 4, success: 950, ms: 1_500 } as const

export class SlidingCounts {
  ok = 0
  bad = 0
  msSum = 0
  spent: Rupiah = 0
  /** Per slot: ok, bad, ms, spent. */
  readonly #slots = new Float64Array(slots * 4)
  #now = 0

  add(at: Millis, ok: boolean, ms: Millis): void {
    const slot = this.#slotAt(at)
    if (slot < 0) return
    if (ok) {
      this.ok++
      this.msSum += ms
      this.#slots[slot]!++
      this.#slots[slot + 2]! += ms
    } else {
      this.bad++
      this.#slots[slot + 1]!++
    }
  }

  spend(at: Millis, amount: Rupiah): void {
    const slot = this.#slotAt(at)
    if (slot < 0) return
    this.spent += amount
    this.#slots[slot + 3]! += amount
  }

  /** Forgets what has become too old. */
  roll(now: Millis): void {
    const slot = Math.floor(now / slotMs)
    if (slot <= this.#now) return
    const steps = Math.min(slots, slot - this.#now)
    for (let n = 1; n <= steps; n++) {
      const at = ((this.#now + n) % slots) * 4
      this.ok -= this.#slots[at]!
      this.bad -= this.#slots[at + 1]!
      this.msSum -= this.#slots[at + 2]!
      this.spent -= this.#slots[at + 3]!
      this.#slots.fill(0, at, at + 4)
    }
    this.#now = slot
  }

  clear(): void {
    this.#slots.fill(0)
    this.ok = this.bad = this.msSum = this.spent = 0
  }

  /** The slot that is filled now, then pairs of place and number. */
  written(): number[] {
    const pairs: number[] = [this.#now]
    for (let n = 0; n < this.#slots.length; n++) {
      if (this.#slots[n] !== 0) pairs.push(n, this.#slots[n]!)
    }
    return pairs
  }

  restore([now = 0, ...pairs]: readonly number[]): void {
    this.clear()
    this.#now = now
    for (let n = 0; n + 1 < pairs.length; n += 2) {
      const place = pairs[n]!
      if (place < this.#slots.length) this.#slots[place] = pairs[n + 1]!
    }
    for (let at = 0; at < this.#slots.length; at += 4) {
      this.ok += this.#slots[at]!
      this.bad += this.#slots[at + 1]!
      this.msSum += this.#slots[at + 2]!
      this.spent += this.#slots[at + 3]!
    }
  }

  /** Of a thousand. */
  get success(): number {
    const { answers, success } = prior
    return Math.floor((1_000 * this.ok + answers * success) / (this.ok + this.bad + answers))
  }

  /** Mean time until an order was delivered. */
  get ms(): Millis {
    return Math.floor((this.msSum + prior.answers * prior.ms) / (this.ok + prior.answers))
  }

  /** Index of the slot's first number, or -1 when it is forgotten already. */
  #slotAt(at: Millis): number {
    this.roll(at)
    const slot = Math.floor(at / slotMs)
    return slot <= this.#now - slots ? -1 : (slot % slots) * 4
  }
}
