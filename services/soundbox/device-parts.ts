/** What both sides of the boxes, and who puts them together, have in common. */

import type { DeviceCommand } from '../../actors/device/device-contract.ts'
import { type ActorId, keyOf, type Millis, shardOf } from '../../engine/ids.ts'
import type { Envelope } from '../../engine/shard.ts'
import type { Answer } from '../contract/answer.ts'
import type { EngineRoom } from '../engine-room.ts'
import type { Card, Devices } from './devices.ts'
import type { PostOffice } from './post-office.ts'
import type { Presence } from './presence.ts'
import type { Proofs } from './proofs.ts'
import type { Traffic } from './traffic.ts'

export type DeviceParts = {
  readonly engine: Pick<EngineRoom['engine'], 'ask'>
  readonly shards: number
  readonly now: () => Millis
  readonly devices: Devices
  readonly presence: Presence
  readonly proofs: Proofs
  readonly traffic: Traffic
  readonly office: PostOffice
  /** The card after a command; it is in memory before the reply comes. */
  readonly tell: (id: ActorId, command: DeviceCommand) => Promise<Answer<Card>>
  /** We own the journal, and the cards are as it is. */
  readonly isCurrent: () => boolean
  readonly putOut: (id: ActorId, why: string) => void
}

export const addressed = (id: ActorId, command?: DeviceCommand): Envelope => ({
  ...{ shard: shardOf(id), key: keyOf(id), kind: 'device' },
  ...(command === undefined ? {} : { command }),
})
