/**
 * Deposits through payment gateways, put together: the gateways, the rows, and the service. Made
 * before the engine starts, since it listens to everything that becomes durable.
 */

import type { ServiceSchema } from 'moleculer'
import type { HealthPart } from '../../services/contract/live.ts'
import { gatewayAdapters } from '../../services/deposit/gateway/adapters.ts'
import { Gateways } from '../../services/deposit/gateway/gateways.ts'
import { intentLine } from '../../services/deposit/gateway/intents.service.ts'
import { IntentRows } from '../../services/deposit/gateway/rows.ts'
import type { EngineRoom } from '../../services/engine-room.ts'
import { journalOf } from '../../services/journal-follower.ts'
import type { Seal } from '../../services/seal.ts'
import type { Changes } from '../../sql/changes.ts'
import type { Database } from '../../sql/database.ts'

type DepositLineDeps = {
  readonly room: EngineRoom
  readonly db: Database
  readonly seal: Seal
  readonly changes: Changes
  /** Told who paid for whose deposit, as far as a gateway says it. */
  readonly onPayer: (userId: string, payer: string) => void
  readonly onError: (cause: unknown, requestId?: string | null) => void
}

type DepositLine = {
  readonly gateways: Gateways
  readonly rows: IntentRows
  readonly service: ServiceSchema
  readonly health: readonly (() => HealthPart)[]
  /** Before the engine starts: what it takes up again needs them. */
  readonly open: () => Promise<void>
  /** Asks gateways that have not said what they offer. */
  readonly refresh: () => Promise<void>
  /** Once it serves. */
  readonly start: () => void
  /** Once it has stopped: what it made durable is followed to the end. */
  readonly stop: () => Promise<void>
  /** Before that: nobody asks gateways any more, nor waits for them after `hurry`. */
  readonly close: (hurry?: AbortSignal) => Promise<void>
}

export function openDepositLine(deps: DepositLineDeps): DepositLine {
  const { room, db, seal, changes, onPayer, onError } = deps
  const isOwner = () => room.engine.state === 'serving'
  const rows = new IntentRows({
    ...{ pool: db.pool, shards: room.shards, isOwner, onError, source: journalOf(room) },
  })
  room.listeners.push(batch => rows.follower.feed(batch))
  const gateways = new Gateways({
    ...{ db, seal, changes, adapters: gatewayAdapters, now: room.now, onError },
  })
  const intents = intentLine({ room, db, seal, gateways, rows, onPayer, isOwner, onError })
  return {
    gateways,
    rows,
    service: intents.service,
    health: [() => gateways.health(), () => rows.follower.health()],
    open: () => gateways.start(),
    refresh: () => gateways.refresh(),
    start() {
      void rows.follower.start()
      intents.start()
    },
    async stop() {
      await intents.stop()
      await rows.follower.stop()
    },
    close: hurry => gateways.stop(hurry),
  }
}
