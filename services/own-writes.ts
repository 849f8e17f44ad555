/**
 * Who reads rows finds there what he did himself: a read waits until the tables have all that was
 * durable when it came, or as much of it as can be waited for.
 */

import { shardOf } from '../engine/ids.ts'
import type { EngineRoom } from './engine-room.ts'
import type { JournalFollower } from './journal-follower.ts'

type OwnWrites = {
  readonly room: Pick<EngineRoom, 'engine'>
  readonly rows: Pick<JournalFollower, 'reached'>
}

const waitMsMax = 2_000

/** `subject`: any id in the shard that is read; without one, all shards are. */
export async function ownWrites({ room, rows }: OwnWrites, subject?: string): Promise<void> {
  const { host } = room.engine
  const read = subject === undefined ? [...host.shards()] : [host.shard(shardOf(subject))]
  await Promise.all(
    read.map(shard => shard && rows.reached(shard.index, shard.durableSeq, waitMsMax)),
  )
}
