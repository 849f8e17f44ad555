/**
 * The number line, put together: suppliers and what they offer, prices, orders, and who guards it.
 * Made before the engine starts, since it listens to everything that becomes durable.
 */

import type { ServiceSchema } from 'moleculer'
import type { HealthPart } from '../../services/contract/live.ts'
import type { Call, Signals } from '../../services/contract.ts'
import type { EngineRoom } from '../../services/engine-room.ts'
import { whenHurried } from '../../services/hurry.ts'
import type { Identity } from '../../services/identity/identity.service.ts'
import type { AbuseFigures } from '../../services/number/abuse/abuse.ts'
import { byHandService } from '../../services/number/by-hand.service.ts'
import { makeNumberCatalogue, type NumberCatalogue } from '../../services/number/catalogue.ts'
import { numberDeskService } from '../../services/number/desk.service.ts'
import { type NumberLine, numberLine } from '../../services/number/line.ts'
import { openLineSettings } from '../../services/number/line-settings.ts'
import type { OpenMessage } from '../../services/number/live-event.ts'
import { markupService } from '../../services/number/markup.service.ts'
import { makeMarkupShelf } from '../../services/number/markup-shelf.ts'
import { numberNamesService, openNames } from '../../services/number/names.service.ts'
import type { StaffEvents } from '../../services/number/staff-events.ts'
import { numberKinds } from '../../services/number/supplier/kinds.ts'
import { numberSupplierService } from '../../services/number/supplier.service.ts'
import { makeNumberSuppliers } from '../../services/number/suppliers.ts'
import type { Seal } from '../../services/seal.ts'
import type { Changes } from '../../sql/changes.ts'
import type { Database } from '../../sql/database.ts'
import { openNumberGuard } from './number-guard.ts'

type NumberDeps = {
  readonly room: EngineRoom
  readonly db: Database
  readonly seal: Seal
  readonly changes: Changes
  readonly identity: Pick<Identity, 'digiflazz'>
  readonly call: Call
  readonly broadcast: (event: Signals['live.staff']) => void
  readonly onError: (cause: unknown, requestId?: string | null) => void
}

type Numbers = {
  readonly line: NumberLine
  readonly catalogue: NumberCatalogue
  /** For whoever may read what came to an order. */
  readonly openMessage: OpenMessage
  /** What the staff hears. */
  readonly staff: StaffEvents
  /** A gateway told who paid for a deposit. */
  readonly paid: (userId: string, payer: string) => void
  /** For `/metrics`. */
  readonly abuse: () => AbuseFigures
  readonly services: readonly ServiceSchema[]
  readonly health: readonly (() => HealthPart)[]
  /** Once the engine serves. */
  readonly start: () => Promise<void>
  /** Once it has stopped, to follow it to the end; no supplier is waited for after `hurry`. */
  readonly stop: (hurry?: AbortSignal) => Promise<void>
  /** After it: nobody asks suppliers any more. */
  readonly close: () => Promise<void>
}

export async function openNumberLine(deps: NumberDeps): Promise<Numbers> {
  const { room, db, seal, changes, identity, call, broadcast, onError } = deps
  const { engine, now } = room
  const isOwner = () => engine.state === 'serving'
  const kept = await openNames({ db, changes })
  const { names } = kept
  const [settings, markup, suppliers] = await Promise.all([
    openLineSettings({ db, changes }),
    makeMarkupShelf({ db, changes, names }),
    makeNumberSuppliers({ db, seal, changes, kinds: numberKinds }),
  ])
  const guard = await openNumberGuard({
    ...{ room, db, seal, changes, identity, call, broadcast, onError },
    settings: settings.current,
  })
  const catalogue = makeNumberCatalogue({
    ...{ db, suppliers, isOwner, now, onError, names, price: markup.price },
    denies: (serviceId, name) => guard.abuse.denies(serviceId, name),
  })
  markup.listen(catalogue.repriced)
  kept.listen(() => {
    void markup.renew()
    catalogue.renamed()
  })
  const line = numberLine({
    ...{ room, db, seal, isOwner, catalogue, onError },
    ...{ guard: guard.abuse, settings: settings.current, supplierOf: suppliers.adapterOf },
    *suppliers() {
      for (const { row, adapter } of suppliers.all())
        if (adapter !== null) yield [row.code, adapter]
    },
  })
  return {
    ...{ line, catalogue, staff: guard.staff, abuse: () => guard.abuse.figures() },
    paid: (userId, payer) => void guard.abuse.paid({ userId, payer }).catch(onError),
    openMessage: async (orderId, sealed) => (await line.vault.keyOf(orderId))?.open(sealed) ?? null,
    services: [
      line.service,
      markupService({ db, shelf: markup, offers: catalogue.priced }),
      numberSupplierService({ db, seal, suppliers, catalogue, kinds: numberKinds }),
      numberNamesService({ db, kept, words: catalogue.words }),
      numberDeskService({ db, settings, vault: line.vault, call, now }),
      byHandService({ room, db, settings: settings.current }),
      ...guard.services,
    ],
    health: [
      settings.health,
      markup.health,
      kept.health,
      suppliers.health,
      catalogue.health,
      () => line.rows.follower.health(),
      () => guard.watch.follower.health(),
      guard.abuse.health,
    ],
    async start() {
      await Promise.all([catalogue.start(), line.start()])
      guard.start()
    },
    async stop(hurry) {
      whenHurried(hurry, () => suppliers.hurry())
      await guard.stop()
      await line.stop()
      await catalogue.stop()
    },
    async close() {
      await suppliers.stop()
      markup.stop()
      kept.stop()
      settings.stop()
    },
  }
}
