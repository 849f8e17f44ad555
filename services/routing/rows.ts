/**
 * Very many rows of numbers, in blocks outside of the heap: a million of them cost what their
 * numbers cost, and the garbage collector nothing.
 *
 * BBJ1. What was put is read again, also across blocks.
 * BBJ2. A name has one number, and a number its name.
 */

const blockBits = 14
const blockRows = 2 ** blockBits

export class Rows<Name extends string> {
  readonly #places = new Map<Name, number>()
  readonly #blocks: Float64Array[] = []
  length = 0

  constructor(names: readonly Name[]) {
    for (const name of names) this.#places.set(name, this.#places.size)
  }

  /** The number of the new row. */
  add(values: Readonly<Record<Name, number>>): number {
    const row = this.length++
    if (row % blockRows === 0) {
      this.#blocks.push(new Float64Array(blockRows * this.#places.size))
    }
    for (const name of this.#places.keys()) this.set(row, name, values[name])
    return row
  }

  get(row: number, name: Name): number {
    return this.#blocks[row >> blockBits]![this.#at(row, name)]!
  }

  set(row: number, name: Name, value: number): void {
    this.#blocks[row >> blockBits]![this.#at(row, name)] = value
  }

  #at(row: number, name: Name): number {
    return (row % blockRows) * this.#places.size + this.#places.get(name)!
  }
}

/** Numbers for the few words that very many rows repeat. */
export class Words {
  readonly #numbers = new Map<string, number>()
  readonly #words: string[] = []

  numberOf(word: string): number {
    const known = this.#numbers.get(word)
    if (known !== undefined) return known
    this.#numbers.set(word, this.#words.length)
    return this.#words.push(word) - 1
  }

  wordOf(number: number): string {
    return this.#words[number]!
  }
}
