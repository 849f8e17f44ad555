/**
 * Orders of numbers from the journal to the supplier and back: what has to stand together for one
 * to go through. Who the suppliers are, what is on sale and who may buy is handed in.
 *
 *   journal ─▶ rows ─▶ poller ─▶ supplier ─▶ orders ─▶ journal
 */

import type { ServiceSchema } from 'moleculer'
import type { Batch } from '../../engine/host.ts'
import type { Database } from '../../sql/database.ts'
import { watchedNumbers } from '../../sql/number/number.ts'
import type { NumberSettings } from '../contract/number-admin.ts'
import type { EngineRoom } from '../engine-room.ts'
import { journalOf } from '../journal-follower.ts'
import type { Seal } from '../seal.ts'
import type { AbuseGuard } from './abuse/guard.ts'
import { Awaited } from './awaited.ts'
import { type Invoices, makeInvoices } from './invoice.ts'
import { type NumberShelf, numberService } from './number.service.ts'
import type { NumberFigures } from './number-metrics.ts'
import { Orphans } from './orphans.ts'
import { envelopeOf, performNumbers } from './performers.ts'
import { Poller } from './poller.ts'
import { Purge } from './purge.ts'
import { NumberRows } from './rows.ts'
import type { NumberAdapter } from './supplier/adapter.ts'
import { Vault } from './vault.ts'
import { asActivation } from './view.ts'

type LineDeps = {
  readonly room: EngineRoom
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'close' | 'open' | 'keyFor'>
  readonly isOwner: () => boolean
  readonly supplierOf: (code: string) => NumberAdapter | undefined
  readonly suppliers: () => Iterable<readonly [code: string, adapter: NumberAdapter]>
  readonly catalogue: NumberShelf
  readonly guard: AbuseGuard
  readonly settings: () => Pick<NumberSettings, 'waitMinutes' | 'codeShownHours' | 'retentionDays'>
  readonly onError: (cause: unknown, requestId?: string | null) => void
  /** How many numbers may be asked about at once. */
  readonly watchedMax?: number
  readonly buyingMs?: number
}

export type NumberLine = {
  readonly vault: Vault
  readonly invoices: Invoices
  readonly poller: Poller
  readonly rows: NumberRows
  readonly purge: Purge
  readonly orphans: Orphans
  /** For `/metrics`. */
  readonly figures: () => NumberFigures
  readonly service: ServiceSchema
  /** Once the engine serves. */
  readonly start: () => Promise<void>
  /** Before the engine stops. */
  readonly stop: () => Promise<void>
}

const pageRows = 500
const usualWatchedMax = 100_000
const graceMs = 30 * 60_000
const zeroId = '00000000-0000-0000-0000-000000000000'

/** Made before the engine starts, since it listens to everything that becomes durable. */
export function numberLine(deps: LineDeps): NumberLine {
  const { room, db, seal, isOwner, supplierOf, settings, onError } = deps
  const { engine, now, shards } = room
  const { pool } = db
  const vault = new Vault({ pool, seal, now })
  const invoices = makeInvoices({ pool, seal })
  const awaited = new Awaited()
  const poller = new Poller({
    ...{ now, isOwner, supplierOf, vault, onError },
    tell: (orderId, command) => engine.ask(envelopeOf(orderId, command)),
  })
  const rows = new NumberRows({
    ...{ pool, shards, isOwner, invoices, onError },
    source: journalOf(room),
    heard(orderId, state) {
      poller.heard(orderId, state)
      awaited.heard(orderId, state)
    },
    returned: learn,
  })
  room.listeners.push((batch: Batch) => rows.follower.feed(batch))
  const alone = performNumbers({ room, pool, supplierOf })
  const orphans = new Orphans({
    ...{ pool, now, isOwner, alone, onError, suppliers: deps.suppliers },
  })
  const purge = new Purge({
    ...{ pool, now, isOwner, onError },
    retentionDays: () => settings().retentionDays,
  })

  /** Everything that a code may still come for, as it stands now. */
  async function learn(): Promise<void> {
    poller.forget()
    for (let after = zeroId; ; ) {
      const asked = { after, diesAfterMs: now() - graceMs, limit: pageRows }
      const page = await watchedNumbers(pool, asked)
      const replies = await Promise.all(page.map(id => engine.ask(envelopeOf(id))))
      for (const [place, { state }] of replies.entries()) {
        const known = asActivation(state)
        if (known !== null) poller.heard(page[place]!, known)
      }
      if (page.length < pageRows) return
      after = page.at(-1)!
    }
  }

  return {
    ...{ vault, invoices, poller, rows, purge, orphans },
    figures: () => ({ ...poller.counts, watched: poller.watched, orphans: orphans.givenBack }),
    service: numberService({
      ...{ room, db, vault, invoices, rows, awaited, settings, onError },
      ...{ catalogue: deps.catalogue, guard: deps.guard },
      isFull: () => poller.watched >= (deps.watchedMax ?? usualWatchedMax),
      ...(deps.buyingMs === undefined ? {} : { buyingMs: deps.buyingMs }),
    }),
    async start() {
      await rows.follower.start()
      poller.start()
      purge.start()
      orphans.start()
    },
    async stop() {
      await orphans.stop()
      await purge.stop()
      await poller.stop()
      await rows.follower.stop()
    },
  }
}
