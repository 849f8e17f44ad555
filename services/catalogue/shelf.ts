/**
 * Keeps the book in use, and a fresh one coming: while the source compiles it (see source.ts), the
 * old one is served, and the new one replaces it between two orders.
 *
 *   change ─▶ wait for quiet ─▶ source ─▶ swap, version + 1
 *               ▲                   └ failed: keep the old book, say so, try again later
 *               └ changed meanwhile
 *
 * C18. A change of price, rule, supplier, product or prefix is in the book without a restart.
 * C19. Many changes in a row are compiled together, and never two books at once; what changed
 *      during a compilation is in the next one.
 * C20. A compilation that fails leaves the old book in use, and health says since when and why.
 * C21. After the connection for changes was lost, the book is compiled anew.
 * C22. A quote sees one book: the swap is one assignment.
 */

import type { Changes } from '../../sql/changes.ts'
import { catalogueTables } from '../../sql/topup/catalogue.ts'
import type { HealthPart } from '../contract/live.ts'
import type { Millis } from '../contract/words.ts'
import type { Book } from './book.ts'
import type { BookSource } from './source.ts'

type ShelfDeps = {
  readonly source: BookSource
  readonly changes: Pick<Changes, 'subscribe' | 'hearing'>
  readonly now?: () => Millis
}

type ShelfStats = {
  readonly version: number
  readonly products: number
  readonly problems: number
  readonly compilations: number
  readonly failures: number
  readonly compileMs: number
}

export type Shelf = {
  readonly book: () => Book
  /** Grows with every new book; changes at the same moment as `book`. */
  readonly version: () => number
  readonly health: () => HealthPart
  readonly stats: () => ShelfStats
  /** Resolves with the next version that is put in use; for those who wait for their own change. */
  readonly nextVersion: () => Promise<number>
  readonly stop: () => Promise<void>
}

type Failure = { readonly since: Millis; readonly reason: string }

const sinceText = ({ since, reason }: Failure): string =>
  `${new Date(since).toISOString()}: ${reason}`

const quietMs = 50
const patienceMs = 500
const retryMs = 2_000

export async function makeShelf(deps: ShelfDeps): Promise<Shelf> {
  const { source, changes, now = Date.now } = deps

  let book!: Book
  let version = 0
  let compilations = 0
  let failures = 0
  let compileMs = 0
  let failure: Failure | null = null

  let timer: NodeJS.Timeout | undefined
  let staleSince: Millis | null = null
  let running: Promise<void> | null = null
  let stopped = false
  let waiting: ((version: number) => void)[] = []

  const unsubscribe = changes.subscribe({
    change: ({ table }) => {
      if (catalogueTables.has(table)) makeStale()
    },
    gap: makeStale,
  })

  function makeStale(): void {
    staleSince ??= now()
    if (running !== null) return
    plan(Math.max(0, Math.min(quietMs, staleSince + patienceMs - now())))
  }

  function plan(delayMs: number): void {
    clearTimeout(timer)
    if (!stopped) timer = setTimeout(renew, delayMs).unref()
  }

  function renew(): void {
    staleSince = null
    running = compileOnce().finally(() => {
      running = null
      if (staleSince !== null) makeStale()
      else if (failure !== null) plan(retryMs)
    })
  }

  async function compileOnce(): Promise<void> {
    const startedAt = now()
    compilations++
    try {
      swap(await source.next(), now() - startedAt)
    } catch (error) {
      failures++
      failure = { since: failure?.since ?? now(), reason: (error as Error).message }
    }
  }

  function swap(fresh: Book, tookMs: Millis): void {
    if (stopped) return
    book = fresh
    version++
    compileMs = tookMs
    failure = null
    const told = waiting
    waiting = []
    for (const tell of told) tell(version)
  }

  // Changes are heard already, so none is lost between this reading and the first notification.
  const startedAt = now()
  swap(await source.first(), now() - startedAt)

  return {
    book: () => book,
    version: () => version,
    health: () => ({
      name: 'catalogue',
      ok: failure === null && changes.hearing(),
      ms: compileMs,
      reason:
        failure !== null
          ? `prices are those of version ${version}: compiling fails since ${sinceText(failure)}`
          : changes.hearing()
            ? (book.problems[0] ?? null)
            : `prices are those of version ${version}: changes are not heard`,
    }),
    stats: () => ({
      version,
      products: book.products.length,
      problems: book.problems.length,
      compilations,
      failures,
      compileMs,
    }),
    nextVersion: () => new Promise(resolve => waiting.push(resolve)),
    async stop() {
      stopped = true
      clearTimeout(timer)
      unsubscribe()
      await source.stop()
      await running
    },
  }
}
