/**
 * The soundbox line, put together: its services, and what has to start and stop with the engine.
 * Made before the engine starts, since it listens to everything that becomes durable.
 */

import { join } from 'node:path'
import type { ServiceSchema } from 'moleculer'
import type { Adapter } from '../../broker/adapter.ts'
import type { HealthPart } from '../../services/contract/live.ts'
import type { Call } from '../../services/contract.ts'
import { auditService } from '../../services/desk/audit.service.ts'
import { exportService } from '../../services/desk/export.service.ts'
import { idempotencyService } from '../../services/desk/idempotency.service.ts'
import { personService } from '../../services/desk/person.service.ts'
import { reconciliationService } from '../../services/desk/reconciliation.service.ts'
import { seedService } from '../../services/desk/seed.service.ts'
import { statementService } from '../../services/desk/statement.service.ts'
import { summaryService } from '../../services/desk/summary.service.ts'
import type { EngineRoom } from '../../services/engine-room.ts'
import { journalOf } from '../../services/journal-follower.ts'
import { ownWrites } from '../../services/own-writes.ts'
import type { Seal } from '../../services/seal.ts'
import { CallbackSecret } from '../../services/soundbox/callback-secret.ts'
import { type DeviceLine, makeDevices } from '../../services/soundbox/device.service.ts'
import type { Firmware } from '../../services/soundbox/device-desk.ts'
import { makeQr } from '../../services/soundbox/device-qr.ts'
import { merchantService } from '../../services/soundbox/merchant.service.ts'
import { paymentLine } from '../../services/soundbox/payment.service.ts'
import type { PaymentFigures } from '../../services/soundbox/payment-metrics.ts'
import { PaymentRows } from '../../services/soundbox/payment-rows.ts'
import { Registry } from '../../services/soundbox/registry.ts'
import { settlementLine } from '../../services/soundbox/settlement.service.ts'
import type { Changes } from '../../sql/changes.ts'
import type { Database } from '../../sql/database.ts'

type SoundboxDeps = {
  readonly room: EngineRoom
  readonly db: Database
  /** For callbacks, on connections that nobody else waits for. */
  readonly inboxDb: Pick<Database, 'pool'>
  readonly seal: Seal
  readonly changes: Changes
  readonly call: Call
  /** For the files that people ask for. */
  readonly dataDir: string
  readonly isDemo: boolean
  /** The setting DEVICE_TOKEN. */
  readonly fleetToken: string | null
  readonly adapters: ReadonlyMap<string, Adapter>
  readonly onError: (cause: unknown, requestId?: string | null) => void
}

export type SoundboxLine = {
  readonly callbackSecret: CallbackSecret
  /** The broker takes its door, and is attached before it opens. */
  readonly devices: DeviceLine
  readonly rows: PaymentRows
  /** For `/metrics`. */
  readonly figures: () => PaymentFigures
  readonly services: readonly ServiceSchema[]
  readonly health: readonly (() => HealthPart)[]
  /** Once the engine serves. */
  readonly start: () => Promise<void>
  /** Once it has stopped: what it made durable is followed to the end. */
  readonly stop: () => Promise<void>
}

export async function openSoundboxLine(deps: SoundboxDeps): Promise<SoundboxLine> {
  const { room, db, inboxDb, seal, changes, dataDir, onError } = deps
  const { shards, now, engine } = room
  const isOwner = () => room.engine.isOwner
  const registry = new Registry({ db, changes, onError })
  await registry.start()
  const callbackSecret = new CallbackSecret({ db: inboxDb, seal, now })
  const devices = makeDevices({
    ...{ room, db, onError, terminalOf: registry.terminal, makeQr: makeQr(deps.call) },
    ...{ isOwner, keyFor: seal.keyFor, fleetToken: deps.fleetToken },
    firmwareOf: name => firmwareOf(deps.adapters.get(name)),
  })
  const rows = new PaymentRows({
    ...{ pool: db.pool, shards, onError, source: journalOf(room) },
    isOwner: () => engine.state === 'serving',
  })
  room.listeners.push(batch => rows.follower.feed(batch))
  const caughtUp = () => ownWrites({ room, rows: rows.follower })
  const payments = paymentLine({
    ...{ room, db, inboxDb, registry, rows: rows.follower, isOwner, onError },
    secret: callbackSecret,
    boxAt(terminalId) {
      const card = devices.devices.at(terminalId)
      return card === undefined ? null : { deviceId: card.id }
    },
  })
  const settlements = settlementLine({ room, db, registry, rows: rows.follower, isOwner, onError })
  return {
    ...{ callbackSecret, devices, rows },
    figures: () => ({
      callbacks: payments.callbacks.counts,
      lag: rows.follower.lag(engine.host.shards()),
      merchants: registry.size.merchants,
    }),
    services: [
      devices.service,
      payments.service,
      settlements.service,
      merchantService({ db, seal, registry, shards, now }),
      auditService({ db }),
      idempotencyService({ db, now, onError }),
      personService({ db, seal, shards, now }),
      statementService({ call: deps.call }),
      reconciliationService({ db, now, caughtUp }),
      ...(deps.isDemo ? [seedService({ call: deps.call })] : []),
      summaryService({ db, call: deps.call, now }),
      exportService({
        ...{ db, folder: join(dataDir, 'exports'), now, isOwner, caughtUp, onError },
      }),
    ],
    health: [
      () => registry.health(),
      devices.health,
      () => rows.follower.health(),
      () => payments.callbacks.health(),
    ],
    async start() {
      await devices.start()
      void rows.follower.start()
      payments.start()
      settlements.start()
    },
    async stop() {
      await settlements.stop()
      await payments.stop()
      await rows.follower.stop()
      await devices.stop()
      await registry.stop()
    },
  }
}

const firmwareOf = (adapter: Adapter | undefined): Firmware | undefined =>
  adapter && { acks: adapter.acks, knows: type => adapter.knows('command', { type }) }
