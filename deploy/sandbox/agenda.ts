/**
 * Things to be done later: a heap by due time and one timer for all of it, because a timer per
 * order would cost more than the order. The agenda reads whatever clock it is given, so one of
 * them can live in a party's simulated time.
 *
 * X1. What is due is done in the order of its due time; equals in the order they were asked for.
 */

type Entry = { readonly at: number; readonly order: number; readonly run: () => void }

const sleepMsMax = 60 * 60 * 1000

export class Agenda {
  readonly #now: () => number
  #heap: Entry[] = []
  #order = 0
  #timer: NodeJS.Timeout | undefined
  #wakesAt = Number.POSITIVE_INFINITY

  constructor(now: () => number) {
    this.#now = now
  }

  get size(): number {
    return this.#heap.length
  }

  /** Runs `run` in `ms` milliseconds of this agenda's clock, never before it returns. */
  in(ms: number, run: () => void): void {
    this.#push({ at: this.#now() + ms, order: this.#order++, run })
    this.#arm()
  }

  /** The clock jumped: does what became due, sets the timer anew. */
  catchUp(): void {
    const now = this.#now()
    while (this.#heap.length > 0 && this.#heap[0]!.at <= now) this.#pop().run()
    this.#wakesAt = Number.POSITIVE_INFINITY
    this.#arm()
  }

  clear(): void {
    this.#heap = []
    clearTimeout(this.#timer)
    this.#wakesAt = Number.POSITIVE_INFINITY
  }

  #arm(): void {
    const first = this.#heap[0]
    if (!first || first.at >= this.#wakesAt) return
    this.#wakesAt = first.at
    clearTimeout(this.#timer)
    const ms = Math.min(Math.max(first.at - this.#now(), 0), sleepMsMax)
    this.#timer = setTimeout(() => this.catchUp(), ms)
    this.#timer.unref()
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let index = heap.length
    heap.push(entry)
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(entry, heap[parent]!)) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = entry
  }

  #pop(): Entry {
    const heap = this.#heap
    const first = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return first
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, last)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = last
    return first
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
