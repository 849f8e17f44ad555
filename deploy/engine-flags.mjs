/**
 * What the engine's own process is started with, by the launcher and by the tests of the whole
 * program alike: a test under other flags would try a program that nobody runs.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/** Types are taken off our files once, not at each start. */
export const stripped = `--import=${pathToFileURL(join(here, 'stripped.mjs'))}`

/**
 * The engine makes much garbage that dies at once: a larger nursery saves a tenth of its processor
 * time. It is collected by several threads, for while the engine stands still everybody else soon
 * has nothing to do either. What outlives it is collected when it has doubled: left to itself V8
 * allows a tenth behind a rest, and then marks all memory every few seconds, on cores that others
 * need. Nor may V8 guess what will live long and make it outside the nursery at once: most of what
 * does so under full load dies young when it falls calm. All is collected when it falls quiet.
 * The frame keeps async_hooks out of every promise.
 */
export const engineFlags = [
  stripped,
  '--max-semi-space-size=64',
  '--semi-space-growth-factor=8',
  '--heap-growing-percent=100',
  '--no-allocation-site-pretenuring',
  '--expose-gc',
  '--experimental-async-context-frame',
  '--disable-warning=ExperimentalWarning',
]

/**
 * The C library keeps a pool of memory for each thread and seldom gives any of it back: with a pool
 * for every short-lived worker that makes a hundred megabytes of nothing. What is large goes back
 * at once: that is ten more after the start.
 */
export const engineEnv = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_MMAP_THRESHOLD_: '131072',
}
