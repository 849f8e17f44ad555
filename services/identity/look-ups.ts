/**
 * Names on their way to the database. After a restart everybody comes back at once, and each is
 * unknown: who asks while a question is under way goes with the next one, all together.
 *
 *   of(a) ─▶ ask [a] ──────▶ answered ─▶ ask [b, c, d] ─▶ ...
 *               of(b), of(c), of(d) wait
 *
 * LUG1. One question is under way at a time, about `namesMax` names at most; who asks alone waits
 *       for nobody.
 * LUG2. What is asked after a question left is never answered by it: it may know of a change that
 *       the question did not see.
 * LUG3. A name that the database can't even read spoils nobody else's: those that went with it are
 *       asked again, each by itself.
 */

import { isDataRefused } from '../../sql/refused-data.ts'

type Waiting<Row> = {
  readonly name: string
  readonly resolve: (row: Row | null) => void
  readonly reject: (cause: unknown) => void
}

const namesMax = 500

export class LookUps<Row> {
  readonly #ask: (names: readonly string[]) => Promise<readonly Row[]>
  readonly #nameOf: (row: Row) => string
  #waiting: Waiting<Row>[] = []
  #isAsking = false

  constructor(
    ask: (names: readonly string[]) => Promise<readonly Row[]>,
    nameOf: (row: Row) => string,
  ) {
    this.#ask = ask
    this.#nameOf = nameOf
  }

  /** Null: there is none of that name. Rejects with what the database said. */
  of(name: string): Promise<Row | null> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ name, resolve, reject })
      if (!this.#isAsking) void this.#askAll()
    })
  }

  async #askAll(): Promise<void> {
    this.#isAsking = true
    while (this.#waiting.length > 0) await this.#askSome(this.#waiting.splice(0, namesMax))
    this.#isAsking = false
  }

  async #askSome(some: readonly Waiting<Row>[]): Promise<void> {
    try {
      const names = new Set(some.map(({ name }) => name))
      const rows = new Map((await this.#ask([...names])).map(row => [this.#nameOf(row), row]))
      for (const { name, resolve } of some) resolve(rows.get(name) ?? null)
    } catch (cause) {
      if (some.length > 1 && isDataRefused(cause)) {
        for (const one of some) await this.#askSome([one])
      } else for (const { reject } of some) reject(cause)
    }
  }
}
