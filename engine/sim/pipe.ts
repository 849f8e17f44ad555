/**
 * One process's connection to the journal. A batch may be sent before the one ahead of it is
 * answered; batches are served in order and answered in order, and behind one that failed whatever
 * was already on its way fails as well.
 */

import { Fault } from '../assert.ts'
import type { Batch } from '../host.ts'
import type { Millis } from '../ids.ts'
import type { Prng } from './prng.ts'

type PipeOptions = {
  readonly prng: Prng
  /** Runs a step of this process, after a while. */
  readonly soon: (run: () => void) => void
  /** Runs what happens also when the process is gone. */
  readonly later: (ms: Millis, run: () => void) => void
  /** True when the database says no, or the connection breaks. */
  readonly refuses: () => boolean
  readonly breaks: () => boolean
  /** The journal: throws a `Fault` when it will not have the batch. */
  readonly append: (batch: Batch) => void
  readonly hear: (batch: Batch, fault: Fault | null) => void
  /** What the faults of a broken connection say. */
  readonly untouched: boolean
}

type Answer = { readonly batch: Batch; readonly fault: Fault | null }

export class Pipe {
  readonly #options: PipeOptions
  readonly #queue: Batch[] = []
  readonly #answers: Answer[] = []
  #unanswered = 0
  #hasFailed = false

  constructor(options: PipeOptions) {
    this.#options = options
  }

  send(batch: Batch): void {
    this.#unanswered++
    this.#queue.push(batch)
    this.#options.soon(() => this.#serve())
  }

  #serve(): void {
    const batch = this.#queue.shift()
    // It went down with the connection.
    if (batch === undefined) return
    const { append, breaks, refuses } = this.#options
    if (this.#hasFailed || refuses()) {
      this.#fail(batch, new Fault('journal.unavailable', { untouched: true }))
    } else if (breaks()) this.#break(batch)
    else {
      try {
        append(batch)
        this.#answer({ batch, fault: null })
      } catch (cause) {
        if (!(cause instanceof Fault)) throw cause
        this.#fail(batch, cause)
      }
    }
  }

  /** It was written, or not, or will be yet; and what is behind it, as far as it had come. */
  #break(batch: Batch): void {
    const { append, later, prng, untouched } = this.#options
    const all = [batch, ...this.#queue.splice(0)]
    const arrived = all.slice(0, 1 + prng.below(all.length))
    const land = () => {
      try {
        for (const one of arrived) append(one)
      } catch (cause) {
        if (!(cause instanceof Fault)) throw cause
      }
    }
    const fate = prng.below(3)
    if (fate === 0) land()
    if (fate === 1) later(prng.below(prng.pick([2, 500, 60_000])), land)
    for (const one of all) this.#fail(one, new Fault('journal.unavailable', { untouched }))
  }

  #fail(batch: Batch, fault: Fault): void {
    this.#hasFailed = true
    this.#answer({ batch, fault })
  }

  #answer(answer: Answer): void {
    this.#answers.push(answer)
    this.#options.soon(() => {
      const { batch, fault } = this.#answers.shift()!
      if (--this.#unanswered === 0) this.#hasFailed = false
      this.#options.hear(batch, fault)
    })
  }
}
