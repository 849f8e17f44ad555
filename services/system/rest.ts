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
 * Decides at each look, from the turns done so far and the bytes in use, whether to collect now.
 */
export class RestWatch {
  #turns = 0
  #quiet = 0
  #kept = 0

  look(turns: number, heapUsed: number): boolean {
    this.#quiet = turns === this.#turns ? this.#quiet + 1 : 0
    this.#turns = turns
    return this.#quiet === quietLooks && heapUsed - this.#kept >= worthBytes
  }

  /** What stayed after a collection. */
  collected(heapUsed: number): void {
    this.#kept = heapUsed
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
    if (!watch.look(turns(), process.memoryUsage().heapUsed)) return
    const done = collect({ type: 'major', execution: 'async', flavor: 'last-resort' })
    void Promise.resolve(done).then(() => watch.collected(process.memoryUsage().heapUsed))
  }, lookMs)
  timer.unref()
  return () => clearInterval(timer)
}
