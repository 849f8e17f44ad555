/**
 * Keeps the routing table in use, and a fresh one coming: beside the book, and by the same rules.
 *
 *   change ─▶ wait for quiet ─▶ worker ─▶ swap
 *               ▲                └ failed: keep the old table, say so, try again later
 *               └ changed meanwhile
 *
 * RTH1. A change of a rule or a product is in the table without a restart.
 * RTH2. A compilation that fails leaves the old table in use, and health says why.
 */

import { Piscina } from 'piscina'
import type { Changes } from '../../sql/changes.ts'
import type { Database } from '../../sql/database.ts'
import { readPlaces, readRules, routingTables } from '../../sql/topup/routing.ts'
import type { HealthPart } from '../contract/live.ts'
import { compileRouting, type RoutingTable } from './policy.ts'

type TableShelfDeps = {
  readonly db: Pick<Database, 'pool' | 'url'>
  readonly changes: Pick<Changes, 'subscribe'>
}

export type TableShelf = {
  readonly table: () => RoutingTable
  /** Told each table that is put in use from now on. */
  readonly listen: (onTable: (table: RoutingTable) => void) => void
  readonly health: () => HealthPart
  readonly stop: () => Promise<void>
}

const quietMs = 50
const retryMs = 2_000
const workerIdleMs = 30_000

export async function makeTableShelf({ db, changes }: TableShelfDeps): Promise<TableShelf> {
  const worker = new Piscina<{ url: string }, RoutingTable>({
    filename: new URL('./routing.worker.ts', import.meta.url).href,
    recordTiming: false,
    minThreads: 0,
    maxThreads: 1,
    maxQueue: 1,
    idleTimeout: workerIdleMs,
  })
  let onTable: (table: RoutingTable) => void = () => {}
  let failure: string | null = null
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | null = null
  let stale = false
  let stopped = false

  const unsubscribe = changes.subscribe({
    change: ({ table: changed }) => {
      if (routingTables.has(changed)) makeStale(quietMs)
    },
    gap: () => makeStale(quietMs),
  })
  // Changes are heard already, so none is lost between this reading and the first notification.
  let table = compileRouting(await readRules(db.pool), await readPlaces(db.pool))

  function makeStale(delayMs: number): void {
    stale = true
    clearTimeout(timer)
    if (running === null && !stopped) timer = setTimeout(renew, delayMs).unref()
  }

  function renew(): void {
    stale = false
    running = worker.run({ url: db.url }).then(
      fresh => {
        table = fresh
        failure = null
        if (!stopped) onTable(fresh)
      },
      (cause: Error) => {
        failure = cause.message
      },
    )
    void running.finally(() => {
      running = null
      if (stale || failure !== null) makeStale(failure === null ? quietMs : retryMs)
    })
  }

  return {
    table: () => table,
    listen(told) {
      onTable = told
      told(table)
    },
    health: () => ({
      name: 'routing',
      ok: failure === null,
      ms: 0,
      reason:
        failure === null
          ? (table.problems[0] ?? null)
          : `routing is that of version ${table.version}: ${failure}`,
    }),
    async stop() {
      stopped = true
      clearTimeout(timer)
      unsubscribe()
      await worker.destroy()
      await running
    },
  }
}
