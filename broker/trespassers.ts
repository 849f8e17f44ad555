/**
 * Which boxes tried lately what they may not, and how often: for whoever has to look.
 *
 * BRR1. A box that kept quiet for ten minutes is forgotten, and starts at none.
 * BRR2. So many are remembered; the one that was quiet for longest is forgotten first.
 */

import type { Millis } from '../services/contract/words.ts'
import { keepLatest } from '../services/wire/latest.ts'

export type Trespasser = { readonly device: string; readonly count: number }

const rememberedMs = 10 * 60_000

export class Trespassers {
  readonly #max: number
  readonly #known = new Map<string, { readonly count: number; readonly at: Millis }>()

  constructor(max = 1_000) {
    this.#max = max
  }

  note(device: string, at: Millis): void {
    this.#forget(at)
    const count = this.#known.get(device)?.count ?? 0
    keepLatest(this.#known, device, { count: count + 1, at }, this.#max)
  }

  list(now: Millis): readonly Trespasser[] {
    this.#forget(now)
    return [...this.#known].map(([device, { count }]) => ({ device, count }))
  }

  #forget(now: Millis): void {
    for (const [device, { at }] of this.#known) {
      if (now - at < rememberedMs) break
      this.#known.delete(device)
    }
  }
}
