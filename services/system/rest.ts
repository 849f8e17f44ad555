/**
 * Gives memory back when it falls quiet. A burst leaves a heap that is half garbage, and V8 sees no
 * reason to collect it until the next burst; on a small machine Postgres has better use for it.
 *
 * RE1. Nothing is collected while there is work: only after two quiet looks, once per burst, and
 *      only when there is enough to win.
 */

type Collect = (options: { type: 'major'; execution: 'async'; flavor: 'last-resort' }) => unknown

const lookMs = 1_000
const quietLooks = 2
const worthBytes = 48 * 1024 * 1024

/**
 * Decides at each look, from the turns done so far and the bytes taken, whether to collect now. The
 * nursery counts with all that it takes: it grows in one step, and seldom shrinks by itself.
 */
export class RestWatch {
  #turns = 0
  #quiet = 0
  #kept = 0

  look(turns: number, heapTotal: number): boolean {
    this.#quiet = turns === this.#turns ? this.#quiet + 1 : 0
    this.#turns = turns
    this.#kept = Math.min(this.#kept, heapTotal)
    return this.#quiet === quietLooks && heapTotal - this.#kept >= worthBytes
  }

  /** What stayed after a collection. */
  collected(heapTotal: number): void {
    this.#kept = heapTotal
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
    if (!watch.look(turns(), process.memoryUsage().heapTotal)) return
    const done = collect({ type: 'major', execution: 'async', flavor: 'last-resort' })
    void Promise.resolve(done).then(() => watch.collected(process.memoryUsage().heapTotal))
  }, lookMs)
  timer.unref()
  return () => clearInterval(timer)
}
