/** Seeded dice (mulberry32). Nothing else in a simulation is random: one seed, one story. */

export class Prng {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  uint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }

  float(): number {
    return this.uint32() / 2 ** 32
  }

  below(bound: number): number {
    return Math.floor(this.float() * bound)
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  chance(probability: number): boolean {
    return probability > 0 && this.float() < probability
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  /** Removes and returns an arbitrary element: arrival order is never a promise. */
  take<T>(list: T[]): T {
    const index = this.below(list.length)
    const taken = list[index]!
    list[index] = list.at(-1)!
    list.pop()
    return taken
  }
}

/**
 * Which stories to tell: `SEED=17` for that one, `SEEDS=500` for the first five hundred. With
 * several files at work each tells its part: every `of`-th story, beginning with `part`.
 */
export function stories(usual: number, { part = 0, of = 1 } = {}): number[] {
  const { SEED, SEEDS } = process.env
  if (SEED !== undefined) return part === 0 ? [Number(SEED)] : []
  const count = Math.ceil((Number(SEEDS ?? usual) - part) / of)
  return Array.from({ length: Math.max(0, count) }, (_, index) => 1 + part + index * of)
}
