/**
 * The engine's time: the machine's, but it does not go back. Where the machine stands before a time
 * that was already lived through (it was set back, or was wrong before), ours goes on from there at
 * half pace until the machine has caught up.
 *
 *   machine   12:00  13:00 │ 12:00  12:30  13:00  14:00  14:30
 *   ours      12:00  13:00 │ 13:00  13:15  13:30  14:00  14:30
 *
 * EC1. It never runs backwards, and does not stand before what was read back; but for EC4.
 * EC2. It never stands still: an alarm for a minute from now rings after two at the latest.
 * EC3. It is the machine's own time wherever that is not behind.
 * EC4. A machine that is further back than people mistake zones was wrong before, and not now: its
 *      time is taken, for days would be booked as others. Shards that were ahead stay so (T3).
 */

import type { Millis } from './ids.ts'

const pace = 1 / 2
const mistakenMsMax = 12 * 3_600_000

export class Clock {
  readonly #machine: () => Millis
  readonly #elapsed: () => number
  #last: Millis = 0
  /** The latest time that anything is known to have happened at. */
  #newest: Millis = 0
  /** While the machine is behind: from where ours goes on, and since when by the stopwatch. */
  #from: { readonly at: Millis; readonly since: number } | null = null

  /** `elapsed` is a stopwatch in milliseconds: it runs on whatever is done to the clock. */
  constructor(machine: () => Millis, elapsed: () => number = () => performance.now()) {
    this.#machine = machine
    this.#elapsed = elapsed
  }

  now(): Millis {
    const machine = this.#machine()
    if (machine < this.#last) return this.#behind(machine)
    this.#from = null
    this.#last = machine
    return machine
  }

  /** Something happened at `at`: it is not earlier now. */
  notBefore(at: Millis): void {
    this.#newest = Math.max(this.#newest, at)
    if (at <= this.#last) return
    this.#last = at
    this.#from = null
  }

  /** How far the machine stands behind what has happened; 0 as it should be. */
  get behindMs(): Millis {
    return Math.max(0, Math.max(this.#newest, this.#last) - this.#machine())
  }

  #behind(machine: Millis): Millis {
    this.#newest = Math.max(this.#newest, this.#last)
    if (this.#last - machine > mistakenMsMax) {
      this.#from = null
      this.#last = machine
      return machine
    }
    this.#from ??= { at: this.#last, since: this.#elapsed() }
    const { at, since } = this.#from
    this.#last = Math.max(this.#last, Math.floor(at + (this.#elapsed() - since) * pace))
    return this.#last
  }
}
