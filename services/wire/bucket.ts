/** A token bucket that may hold one minute's worth. A rate of 0 has no limit. */
export class Bucket {
  #perMin: number
  #tokens: number
  #at: number

  constructor(perMin: number, now: number) {
    this.#perMin = perMin
    this.#tokens = perMin
    this.#at = now
  }

  /** Takes a token: 0, or how long until there is one. */
  take(now: number): number {
    if (this.#perMin === 0) return 0
    this.#refill(now)
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) * 60_000) / this.#perMin)
    this.#tokens--
    return 0
  }

  isEmpty(now: number): boolean {
    if (this.#perMin === 0) return false
    this.#refill(now)
    return this.#tokens < 1
  }

  /** A changed rate counts from now on; what was spent stays spent. */
  resize(perMin: number): void {
    if (perMin === this.#perMin) return
    this.#tokens = this.#perMin === 0 ? perMin : Math.min(this.#tokens, perMin)
    this.#perMin = perMin
  }

  #refill(now: number): void {
    // A clock that went back gives nothing, and starts again from there.
    const elapsed = Math.max(0, now - this.#at)
    this.#tokens = Math.min(this.#perMin, this.#tokens + (elapsed * this.#perMin) / 60_000)
    this.#at = now
  }
}
