/**
 * How the program ends: what was opened is closed in the opposite order.
 *
 * DX3. SIGTERM, SIGINT and SIGHUP (the terminal is closed) stop cleanly: no new work, flush,
 *      checkpoint, leave.
 * DX5. Whoever outside still owes an answer then is waited for, but not for long, and not at all
 *      after a second signal: what he did is unknown, and asked for after the next start.
 */

import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'

type Close = () => Promise<unknown> | unknown

/** Less than the half minute after which whoever runs us commonly loses his patience. */
const answersWaitMs = 15_000
/** What hangs although nobody is waited for any more. */
const closeMsMax = 10_000

export class Ending {
  readonly #closers: Close[] = []
  readonly #impatience = new AbortController()
  #starting: Promise<unknown> = Promise.resolve()
  #isAsked = false
  #isLeaving = false

  /** From now on signals end the program. */
  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => void this.#stop())
    }
  }

  /** Whether somebody wants us to stop: what is not open yet need not be opened. */
  get isAsked(): boolean {
    return this.#isAsked
  }

  /** Aborted when nobody outside is waited for any more. */
  get hurry(): AbortSignal {
    return this.#impatience.signal
  }

  /** Of these the last is closed first, and all of them before what was added earlier. */
  add(...closers: readonly Close[]): void {
    this.#closers.push(...closers)
  }

  /** A signal amid the start: what is being opened is opened first. */
  async after(starting: Promise<unknown>): Promise<void> {
    this.#starting = starting
    await starting
  }

  /** Does not come back; the code is 1 instead of 0 when a part could not be closed. */
  async leave(code: number): Promise<void> {
    if (this.#isLeaving) return
    this.#isLeaving = true
    setTimeout(() => this.#impatience.abort(), answersWaitMs).unref()
    for (const close of this.#closers.reverse()) {
      try {
        await Promise.race([close(), this.#overdue()])
      } catch (cause) {
        process.stderr.write(`  while stopping: ${String(cause)}\n`)
        code = code === 0 ? 1 : code
      }
    }
    process.exit(code)
  }

  async #stop(): Promise<void> {
    const isImpatient = this.#isAsked
    this.#isAsked = true
    if (isImpatient) this.#impatience.abort()
    else await this.#starting.catch(() => {})
    await this.leave(0)
  }

  async #overdue(): Promise<never> {
    if (!this.hurry.aborted) await once(this.hurry, 'abort')
    await pause(closeMsMax, undefined, { ref: false })
    throw new Error(`a part was not closed in ${closeMsMax} ms`)
  }
}
