/**
 * Words that only one actor of a shard may hold at a time, until a time or until it lets go.
 *
 * Z9. A word is never given to a second holder while the first one still has it.
 */

import type { Body, Line } from './chain.ts'
import type { Problems } from './problems.ts'

export type Claim = { readonly until: number; readonly holder: string }

const sweepEvery = 4_096

export class Claims {
  readonly #held = new Map<string, Claim>()
  readonly #problems: Problems
  #sweepAt = sweepEvery

  constructor(problems: Problems) {
    this.#problems = problems
  }

  read(line: Line, body: Body): void {
    for (const word of body.r ?? none) {
      if (this.#held.get(word)?.holder === line.key) this.#held.delete(word)
    }
    for (const [word, until] of body.n ?? none) {
      const known = this.#held.get(word)
      if (known !== undefined && known.holder !== line.key && known.until > body.at) {
        const place = { shard: line.shard, seq: line.seq, actor: body.id }
        const text = `takes ${word}, which ${known.holder} holds until ${known.until}`
        this.#problems.add('claim.held_twice', place, text)
      }
      this.#held.set(word, { until, holder: line.key })
    }
    if (this.#held.size >= this.#sweepAt) this.#sweep(body.at)
  }

  live(at: number): Map<string, Claim> {
    return new Map([...this.#held].filter(([, claim]) => claim.until > at))
  }

  /** Time never runs backwards, so what is over is never asked for again. */
  #sweep(at: number): void {
    for (const [word, { until }] of this.#held) if (until <= at) this.#held.delete(word)
    this.#sweepAt = this.#held.size * 2 + sweepEvery
  }
}

const none: readonly never[] = []
