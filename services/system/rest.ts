/**
 * Gives memory back when it falls quiet. A burst leaves a heap that is half garbage, and V8 sees no
 * reason to collect it until the next burst; on a small machine Postgres has better use for it.
 *
 * RE1. Nothing is collected while there is work: only after two quiet looks, once per burst, and
 *      only when there is enough to win.
 * RE2. One that gave much back is followed by another while it stays quiet: V8 moves only so much
 *      together at a time, and with many open orders a sixth of the heap is gaps after the first.
 * RE3. A process that takes no more than it may is left alone: whoever gave his nursery back takes
 *      it again page by page, and the first second of the next burst is slow for it.
 */

type Collect = (options: { type: 'major'; execution: 'async'; flavor: 'last-resort' }) => unknown

const lookMs = 1_000
const quietLooks = 2
const worthBytes = 48 * 1024 * 1024
/** What a program at rest may take: with 100,000 open orders no more is promised. */
const roomBytes = 400 * 1024 * 1024

type Taken = {
  /** By this thread's heap. */
  readonly heap: number
  /** By the process, all in all. */
  readonly rss: number
}

/**
 * Decides at each look, from the turns done so far and the bytes taken, whether to collect now. The
 * nursery counts with all that it takes: it grows in one step, and seldom shrinks by itself.
 */
export class RestWatch {
  #turns = 0
  #quiet = 0
  #kept = 0
  #hasMore = false

  look(turns: number, { heap, rss }: Taken): boolean {
    this.#quiet = turns === this.#turns ? this.#quiet + 1 : 0
    this.#turns = turns
    this.#kept = Math.min(this.#kept, heap)
    const isMore = this.#hasMore && this.#quiet > quietLooks
    this.#hasMore = false
    if (isMore) return true
    return this.#quiet === quietLooks && rss > roomBytes && heap - this.#kept >= worthBytes
  }

  /** What was taken before a collection, and what stayed after it. */
  collected(before: number, after: number): void {
    this.#kept = after
    this.#hasMore = before - after >= worthBytes
  }
}

/**
 * Watches this thread, whose work is counted by `turns`. Needs `--expose-gc`, which the launcher
 * gives; without it, does nothing. Returns how to stop.
 */
export function collectAtRest(turns: () => number): () => void {
  const collect = (globalThis as { gc?: Collect }).gc
  if (collect === undefined) return () => {}
  const watch = new RestWatch()
  const timer = setInterval(() => {
    const { heapTotal: heap, rss } = process.memoryUsage()
    if (!watch.look(turns(), { heap, rss })) return
    const done = collect({ type: 'major', execution: 'async', flavor: 'last-resort' })
    void Promise.resolve(done).then(() => watch.collected(heap, process.memoryUsage().heapTotal))
  }, lookMs)
  timer.unref()
  return () => clearInterval(timer)
}
