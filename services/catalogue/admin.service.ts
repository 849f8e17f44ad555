/**
 * The keepers' side of the catalogue on the mesh, and what happens there by itself: price changes
 * whose time has come, and price lists that are due.
 *
 * KAM1. Of several processes each due change and each price list is taken by one.
 * KAM2. What goes wrong by itself is told and tried again; it stops nothing.
 */

import type { Context, ServiceSchema } from 'moleculer'
import { Piscina } from 'piscina'
import type { Database } from '../../sql/database.ts'
import type { PricePreview } from '../contract/catalogue.ts'
import type { Actions } from '../contract.ts'
import {
  type AdminDeps,
  change,
  create,
  history,
  list,
  type Params,
  read,
  remove,
} from './admin.ts'
import { exportCsv, importCsv } from './admin-csv.ts'
import {
  applyDue,
  type ChangeDeps,
  cancelChange,
  listChanges,
  previewChanges,
  scheduleChange,
} from './price-change.ts'
import type { RuleChange } from './price-preview.ts'
import {
  decideSync,
  listSyncs,
  readOneSync,
  type SyncDeps,
  syncDue,
  syncPrices,
} from './sync-run.ts'

type CatalogueAdminDeps = Omit<AdminDeps, 'db'> &
  Omit<SyncDeps, 'db'> & {
    readonly db: Pick<Database, 'pool' | 'url'>
    readonly now?: () => number
    readonly onError?: (cause: unknown) => void
    /** How often it looks for what is due. */
    readonly lookMs?: number
  }

export function catalogueAdminService(given: CatalogueAdminDeps): ServiceSchema {
  const worker = new Piscina<{ url: string; changes: readonly RuleChange[] }, PricePreview>({
    filename: new URL('./preview.worker.ts', import.meta.url).href,
    recordTiming: false,
    minThreads: 0,
    maxThreads: 1,
    maxQueue: 8,
    idleTimeout: 30_000,
  })
  const { now = Date.now, lookMs = 1_000, onError = () => undefined } = given
  const stopping = new AbortController()
  const deps: ChangeDeps & SyncDeps = {
    ...given,
    now,
    stopping: stopping.signal,
    preview: changes => worker.run({ url: given.db.url, changes }),
  }
  const lookouts = [() => applyDue(deps), () => syncDue(deps)].map(work => {
    let timer: NodeJS.Timeout | undefined
    let looking: Promise<unknown> = Promise.resolve()
    let stopped = false
    /** One look at a time; the next one after a pause. */
    function look(): void {
      looking = work()
        .catch(onError)
        .finally(() => {
          if (!stopped) timer = setTimeout(look, lookMs).unref()
        })
    }
    async function stop(): Promise<void> {
      stopped = true
      clearTimeout(timer)
      await looking
    }
    return { look, stop }
  })

  const on =
    <A extends keyof Actions>(work: (deps: ChangeDeps & SyncDeps, params: Params<A>) => unknown) =>
    (ctx: Context<Params<A>>) =>
      work(deps, ctx.params)

  return {
    name: 'catalogueAdmin',
    actions: {
      list: on<'catalogueAdmin.list'>(list),
      get: on<'catalogueAdmin.get'>(read),
      create: on<'catalogueAdmin.create'>(create),
      change: on<'catalogueAdmin.change'>(change),
      remove: on<'catalogueAdmin.remove'>(remove),
      history: on<'catalogueAdmin.history'>(history),
      exportCsv: on<'catalogueAdmin.exportCsv'>(exportCsv),
      importCsv: on<'catalogueAdmin.importCsv'>(importCsv),
      previewPrices: on<'catalogueAdmin.previewPrices'>(previewChanges),
      schedulePrices: on<'catalogueAdmin.schedulePrices'>(scheduleChange),
      priceChanges: on<'catalogueAdmin.priceChanges'>(listChanges),
      cancelPrices: on<'catalogueAdmin.cancelPrices'>(cancelChange),
      syncPrices: on<'catalogueAdmin.syncPrices'>(syncPrices),
      priceSyncs: on<'catalogueAdmin.priceSyncs'>(listSyncs),
      priceSync: on<'catalogueAdmin.priceSync'>(readOneSync),
      decideSync: on<'catalogueAdmin.decideSync'>(decideSync),
    },
    started() {
      for (const { look } of lookouts) look()
    },
    async stopped() {
      stopping.abort()
      await Promise.all(lookouts.map(({ stop }) => stop()))
      await worker.destroy()
    },
  }
}
