/**
 * Names on their way to the database. After a restart everybody comes back at once, and each is
 * unknown: who asks while a question is under way goes with the next one, all together.
 *
 * LUG1. A question has about `namesMax` names at most, each once; who asks for a name that nobody
 *       has is told null.
 */

import { Gathering } from '../gathering.ts'

const namesMax = 500

export class LookUps<Row> {
  readonly #questions: Gathering<string, Row | null>

  constructor(
    ask: (names: readonly string[]) => Promise<readonly Row[]>,
    nameOf: (row: Row) => string,
  ) {
    this.#questions = new Gathering({
      async carryOut(names): Promise<readonly (Row | null)[]> {
        const rows = await ask([...new Set(names)])
        const byName = new Map(rows.map(row => [nameOf(row), row]))
        return names.map(name => byName.get(name) ?? null)
      },
      batchMax: namesMax,
    })
  }

  /** Null: there is none of that name. Rejects with what the database said. */
  of(name: string): Promise<Row | null> {
    return this.#questions.carry(name)
  }
}
