/**
 * The market as the owner has it now: what is sold, by which rules it is bought, and who from. Each
 * follows its tables, so a change is in use without a restart. Needs the database only.
 */

import { makeShelf, type Shelf } from '../../services/catalogue/shelf.ts'
import { bookSource } from '../../services/catalogue/source.ts'
import type { HealthPart } from '../../services/contract/live.ts'
import { makeTableShelf, type TableShelf } from '../../services/routing/table-shelf.ts'
import type { Seal } from '../../services/seal.ts'
import { adapters } from '../../services/supplier/adapters.ts'
import { type CallerThread, openCallerThread } from '../../services/supplier/caller-thread.ts'
import { type Directory, makeDirectory } from '../../services/supplier/directory.ts'
import type { Changes } from '../../sql/changes.ts'
import type { Database } from '../../sql/database.ts'

type MarketDeps = {
  readonly db: Database
  readonly seal: Seal
  readonly changes: Changes
  readonly isDemo: boolean
  /** The setting of that name. */
  readonly callbackBase: string | null
}

export type Market = {
  /** Products and prices. */
  readonly shelf: Shelf
  readonly routing: TableShelf
  /** Suppliers. */
  readonly directory: Directory
  /** The thread that calls them. */
  readonly caller: CallerThread
  readonly health: readonly (() => HealthPart)[]
  /** Nothing is followed any more; the caller is closed by the line that it calls for. */
  readonly close: () => void
}

export async function openMarket(deps: MarketDeps): Promise<Market> {
  const { db, seal, changes, isDemo, callbackBase } = deps
  const caller = openCallerThread()
  const [shelf, routing, directory] = await Promise.all([
    makeShelf({ source: bookSource(db), changes }),
    makeTableShelf({ db, changes }),
    makeDirectory({
      ...{ db, seal, changes, adapters, testing: isDemo, onChange: caller.know },
      callbackBase,
    }),
  ])
  return {
    ...{ shelf, routing, directory, caller },
    health: [shelf.health, routing.health, directory.health],
    close() {
      directory.stop()
      routing.stop()
      shelf.stop()
    },
  }
}
