/**
 * What guards the number line and tells its staff, put together: apart from the line itself, which
 * asks the guard before each order. Made before the engine starts, since it listens to everything
 * that becomes durable.
 */

import type { ServiceSchema } from 'moleculer'
import type { NumberSettings } from '../../services/contract/number-admin.ts'
import type { Call, Signals } from '../../services/contract.ts'
import type { EngineRoom } from '../../services/engine-room.ts'
import type { Identity } from '../../services/identity/identity.service.ts'
import { journalOf } from '../../services/journal-follower.ts'
import { abuseService } from '../../services/number/abuse/abuse.service.ts'
import { type Abuse, openAbuse } from '../../services/number/abuse/abuse.ts'
import { dialectService } from '../../services/number/dialect/dialect.service.ts'
import { helpService } from '../../services/number/help.service.ts'
import { StaffEvents } from '../../services/number/staff-events.ts'
import { NumberWatch } from '../../services/number/watch.ts'
import type { Seal } from '../../services/seal.ts'
import type { Changes } from '../../sql/changes.ts'
import type { Database } from '../../sql/database.ts'

type NumberGuardDeps = {
  readonly room: EngineRoom
  readonly db: Database
  readonly seal: Seal
  readonly changes: Changes
  readonly identity: Pick<Identity, 'digiflazz'>
  readonly call: Call
  readonly settings: () => NumberSettings
  readonly broadcast: (event: Signals['live.staff']) => void
  readonly onError: (cause: unknown) => void
}

type NumberGuard = {
  readonly abuse: Abuse
  /** For the live line. */
  readonly staff: StaffEvents
  readonly watch: NumberWatch
  readonly services: readonly ServiceSchema[]
  readonly start: () => void
  readonly stop: () => Promise<void>
}

const countEveryMs = 15_000
const forgetEveryMs = 3_600_000

export async function openNumberGuard(deps: NumberGuardDeps): Promise<NumberGuard> {
  const { room, db, seal, changes, identity, call, settings, broadcast, onError } = deps
  const { pool } = db
  const { shards, now, engine } = room
  const isOwner = () => engine.state === 'serving'
  const abuse = await openAbuse({ pool, changes, seal, now, call, onError })
  const staff = new StaffEvents({ pool, now, onTold: event => broadcast({ event }) })
  const watch = new NumberWatch({
    ...{ pool, shards, staff, isOwner, onError, source: journalOf(room) },
    onEnds: ends => abuse.ended(ends),
  })
  room.listeners.push(batch => watch.follower.feed(batch))
  let counting: NodeJS.Timeout | undefined
  let forgetting: NodeJS.Timeout | undefined
  return {
    ...{ abuse, staff, watch },
    services: [
      abuseService(abuse),
      helpService({ settings, staff, call, onError }),
      dialectService({ db, seal, identity }),
    ],
    start() {
      void watch.follower.start()
      counting = setInterval(() => void abuse.countOpen().catch(onError), countEveryMs)
      forgetting = setInterval(() => {
        if (isOwner()) void abuse.forgetOld().catch(onError)
      }, forgetEveryMs)
    },
    async stop() {
      clearInterval(counting)
      clearInterval(forgetting)
      await watch.follower.stop()
      abuse.stop()
    },
  }
}
