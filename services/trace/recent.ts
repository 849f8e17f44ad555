/**
 * What came lately, by name: a new half is begun when one is full, and the older one is let go. The
 * first of a map that is always cut at its beginning is found by walking over all that was cut.
 *
 * TRR1. There are never more than `most`, and of those that came last at least half are there.
 */

export class Recent<K, V> {
  readonly #half: number
  #young = new Map<K, V>()
  #old = new Map<K, V>()

  constructor(most: number) {
    this.#half = Math.max(1, Math.floor(most / 2))
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  get(name: K): V | undefined {
    return this.#young.get(name) ?? (this.#old.size === 0 ? undefined : this.#old.get(name))
  }

  set(name: K, value: V): void {
    this.#old.delete(name)
    if (this.#young.size >= this.#half && !this.#young.has(name)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(name, value)
  }

  delete(name: K): void {
    this.#young.delete(name)
    this.#old.delete(name)
  }
}
