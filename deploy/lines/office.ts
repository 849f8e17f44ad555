/**
 * The office, put together: who comes in, with which keys and passwords, and the wallets. All lines
 * of business share it.
 */

import type { ServiceSchema } from 'moleculer'
import { commissionService } from '../../services/commission/commission.service.ts'
import type { HealthPart } from '../../services/contract/live.ts'
import type { Call } from '../../services/contract.ts'
import { depositService } from '../../services/deposit/deposit.service.ts'
import type { EngineRoom } from '../../services/engine-room.ts'
import { accountService } from '../../services/identity/account.service.ts'
import { activityService } from '../../services/identity/activity.service.ts'
import { clientsService } from '../../services/identity/clients.service.ts'
import {
  type Identity,
  identityService,
  makeIdentity,
} from '../../services/identity/identity.service.ts'
import { partnerService } from '../../services/identity/partner.service.ts'
import { Passwords } from '../../services/identity/passwords.ts'
import { SecondFactor } from '../../services/identity/second-factor.ts'
import { selfService } from '../../services/identity/self.service.ts'
import { sessionService } from '../../services/identity/session.service.ts'
import { totpService } from '../../services/identity/totp.service.ts'
import type { Projector } from '../../services/projection/projector.ts'
import type { Seal } from '../../services/seal.ts'
import { creditService } from '../../services/wallet/credit.service.ts'
import { Pins } from '../../services/wallet/pin.ts'
import { transferService } from '../../services/wallet/transfer.service.ts'
import { walletService } from '../../services/wallet/wallet.service.ts'
import type { Changes } from '../../sql/changes.ts'
import type { Database } from '../../sql/database.ts'
import { type Log, trouble } from '../program-log.ts'

type OfficeDeps = {
  readonly room: EngineRoom
  readonly db: Database
  /** For who is at the door, on connections that nobody else waits for. */
  readonly identityDb: Database
  readonly seal: Seal
  readonly changes: Changes
  readonly projector: Projector
  /** Whether staff comes in with a second factor only. */
  readonly isTotpRequired: boolean
  readonly call: Call
  readonly log: Log
}

type Office = {
  readonly identity: Identity
  /** Of wallets. */
  readonly pins: Pins
  readonly services: readonly ServiceSchema[]
  readonly health: readonly (() => HealthPart)[]
}

export function openOffice(deps: OfficeDeps): Office {
  const { room, db, identityDb, seal, changes, projector, isTotpRequired, call, log } = deps
  // Sessions and locks are judged by each process, and their own times may stand apart.
  const { machineNow: now, shards } = room
  const isOwner = () => room.engine.state === 'serving'
  const identity = makeIdentity({ db: identityDb, seal, changes })
  const pins = new Pins({ db, seal, now })
  const passwords = new Passwords({ db, seal, now })
  const factors = new SecondFactor({ db, seal, now, isRequired: isTotpRequired })
  return {
    ...{ identity, pins, health: [identity.health] },
    services: [
      identityService({ db, seal, changes }, identity),
      partnerService({ db }),
      clientsService({
        ...{ db, seal, changes, shards, call },
        onError: trouble(log, 'bans not lifted'),
      }),
      sessionService({ db, seal, changes, passwords, factors, now }),
      selfService({ db, seal, shards, passwords }),
      accountService({ db, seal, shards, passwords, now, call }),
      totpService({ db, seal, passwords, factors, now }),
      activityService({ db, now }),
      walletService({ room, db, projector }),
      transferService({ room, db, seal, pins }),
      creditService({ room, db }),
      commissionService({
        ...{ room, db },
        onRing: buyer => log('error', 'uplines form a ring', { above: buyer }),
        onError: trouble(log, 'commission trouble'),
      }),
      depositService({ db, seal, now, isOwner }),
    ],
  }
}
