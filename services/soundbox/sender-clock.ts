/**
 * How far the acquirer's clock is from ours, by the signed times of his callbacks. One can come
 * late and never early: so of many the smallest difference is that of the clocks, and what is above
 * it was on the way.
 *
 * SCK1. Of what came in the last minutes, the smallest; whole seconds are nobody's fault.
 */

const heardMs = 10 * 60_000
const heardMax = 64
/** His time comes in whole seconds. */
const blurMs = 1_000

export class SenderClock {
  readonly #heard: { readonly at: number; readonly behind: number }[] = []

  note(sentMs: number, at: number): void {
    this.#heard.push({ at, behind: at - sentMs })
    if (this.#heard.length > heardMax) this.#heard.shift()
  }

  /** Milliseconds to add to a time of his to have it in ours. */
  behindAt(now: number): number {
    const fresh = this.#heard.filter(({ at }) => now - at <= heardMs)
    if (fresh.length === 0) return 0
    const least = Math.min(...fresh.map(({ behind }) => behind))
    return Math.abs(least) <= blurMs ? 0 : least
  }
}
