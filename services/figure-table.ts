/**
 * A few numbers for each of very many ids, in one block of memory: a hundred thousand objects, with
 * their numbers in boxes of their own, take three times as much, and are walked through at each
 * collection of garbage.
 *
 *   id ─▶ row ─▶ numbers[row], numbers[row + 1], ...      rows that were left are given away again
 *
 * FGT1. What was written into an id's row stands there until the id leaves; rows never overlap.
 * FGT2. Memory follows the most that were there at once, and is given back when nobody is left.
 */

const rowsFirst = 256

export class FigureTable {
  /** All rows; it is another array after any `enter`. */
  numbers: Float64Array
  readonly #width: number
  readonly #rows = new Map<string, number>()
  /** The row that was left last; in it stands the one that was left before it. */
  #left = -1
  #end = 0

  constructor(width: number) {
    this.#width = width
    this.numbers = new Float64Array(width * rowsFirst)
  }

  get size(): number {
    return this.#rows.size
  }

  row(id: string): number | undefined {
    return this.#rows.get(id)
  }

  /** The row of an id that comes, or is there; what stands in it is to be written over. */
  enter(id: string): number {
    const known = this.#rows.get(id)
    if (known !== undefined) return known
    const row = this.#free()
    this.#rows.set(id, row)
    return row
  }

  leave(id: string): void {
    const row = this.#rows.get(id)
    if (row === undefined) return
    this.#rows.delete(id)
    this.numbers[row] = this.#left
    this.#left = row
    if (this.#rows.size === 0) this.#beginAnew()
  }

  clear(): void {
    this.#rows.clear()
    this.#beginAnew()
  }

  [Symbol.iterator](): MapIterator<[id: string, row: number]> {
    return this.#rows.entries()
  }

  #free(): number {
    const row = this.#left
    if (row >= 0) {
      this.#left = this.numbers[row]!
      return row
    }
    const fresh = this.#end
    this.#end += this.#width
    if (this.#end > this.numbers.length) {
      const larger = new Float64Array(this.numbers.length * 2)
      larger.set(this.numbers)
      this.numbers = larger
    }
    return fresh
  }

  #beginAnew(): void {
    const least = this.#width * rowsFirst
    if (this.numbers.length > least) this.numbers = new Float64Array(least)
    this.#left = -1
    this.#end = 0
  }
}
