/**
 * Rows of the audit log on their way to the table. The log is a chain with one end, so whoever
 * writes holds up everybody else until he is durable: what arrives meanwhile goes together.
 *
 * BNC1. At most one write is under way; what arrives meanwhile is written next, all of it in the
 *       order in which it came, and each is told its own number.
 * BNC2. A row whose data the table refuses spoils nobody else's: those that went with it are
 *       written again, each by itself, and only its own writer hears of it. After any other trouble
 *       nothing is written twice: all are told.
 * BNC3. What waits is bounded; over the bound it is refused at once.
 */

import type { NewAudit } from '../../sql/audit.ts'
import { isDataRefused } from '../../sql/refused-data.ts'

type Waiting = {
  readonly entry: NewAudit
  readonly resolve: (id: number) => void
  readonly reject: (cause: unknown) => void
}

const waitingMax = 10_000
const batchMax = 200

export class AuditPen {
  readonly #save: (entries: readonly NewAudit[]) => Promise<readonly number[]>
  #waiting: Waiting[] = []
  #isWriting = false

  constructor(save: (entries: readonly NewAudit[]) => Promise<readonly number[]>) {
    this.#save = save
  }

  /** The number of the row, once it is durable. */
  write(entry: NewAudit): Promise<number> {
    if (this.#waiting.length >= waitingMax) {
      return Promise.reject(new Error(`${waitingMax} audit rows wait, and no more are taken`))
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject })
      if (!this.#isWriting) void this.#writeAll()
    })
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true
    // Those who arrive in the same turn of the loop go together.
    await null
    while (this.#waiting.length > 0) await this.#writeSome(this.#waiting.splice(0, batchMax))
    this.#isWriting = false
  }

  async #writeSome(some: readonly Waiting[]): Promise<void> {
    try {
      const ids = await this.#save(some.map(({ entry }) => entry))
      for (const [index, { resolve }] of some.entries()) resolve(ids[index]!)
    } catch (cause) {
      if (some.length > 1 && isDataRefused(cause)) {
        for (const one of some) await this.#writeSome([one])
      } else for (const { reject } of some) reject(cause)
    }
  }
}
