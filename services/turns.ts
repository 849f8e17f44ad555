/**
 * Work that is asked for more often than it need be done: one run at a time, and whoever asks while
 * one is under way is served by the next, together with all others who asked meanwhile.
 *
 *   ask ─▶ run ─────────────▶ over
 *             ask, ask, ask ─▶ run ─▶ over
 *
 * TUR1. Never two runs at once.
 * TUR2. An ask resolves when a run that began after it is over: that run has seen all that was
 *       written before the ask.
 * TUR3. A run that fails rejects for those whom it served; the next one begins all the same.
 * TUR4. After `close` nothing begins any more; it resolves when nothing is under way.
 */

export class Turns {
  readonly #work: () => Promise<void>
  #running: Promise<void> | null = null
  #next: Promise<void> | null = null
  #isClosed = false

  constructor(work: () => Promise<void>) {
    this.#work = work
  }

  /** Whether an ask still leads to a run. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  ask(): Promise<void> {
    if (this.#running === null) return this.#run()
    const go = (): Promise<void> => this.#run()
    this.#next ??= this.#running.then(go, go)
    return this.#next
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#running?.catch(() => {})
  }

  #run(): Promise<void> {
    this.#next = null
    if (this.#isClosed) {
      this.#running = null
      return Promise.resolve()
    }
    const run = this.#work().finally(() => {
      if (this.#next === null) this.#running = null
    })
    this.#running = run
    return run
  }
}
