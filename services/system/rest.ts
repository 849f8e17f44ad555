/**
 * Gives memory back when it falls quiet. A burst leaves a heap that is half garbage, and V8 sees no
 * reason to collect it until the next burst; on a small machine Postgres has better use for it.
 *
 * RE1. Nothing is collected while there is work: only after two quiet seconds, and only once.
 */

import type { Engine } from '../../engine/engine.ts'

type Collect = (options: { type: 'major'; execution: 'async'; flavor: 'last-resort' }) => unknown

const lookMs = 1_000
const quietLooks = 2
const worthBytes = 48 * 1024 * 1024

/** Needs `--expose-gc`, which the launcher gives; without it, does nothing. Returns how to stop. */
export function collectAtRest(engine: Pick<Engine, 'host'>): () => void {
  const collect = (globalThis as { gc?: Collect }).gc
  if (collect === undefined) return () => {}
  let turns = 0
  let quiet = 0
  let kept = 0
  const timer = setInterval(() => {
    const isQuiet = engine.host.stats.turns === turns
    turns = engine.host.stats.turns
    quiet = isQuiet ? quiet + 1 : 0
    if (quiet !== quietLooks) return
    if (process.memoryUsage().heapUsed - kept < worthBytes) return
    void Promise.resolve(
      collect({ type: 'major', execution: 'async', flavor: 'last-resort' }),
    ).then(() => {
      kept = process.memoryUsage().heapUsed
    })
  }, lookMs)
  timer.unref()
  return () => clearInterval(timer)
}
