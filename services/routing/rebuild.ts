/**
 * What hangs at each supplier, and how it answered lately, out of the journal: open orders are
 * found in the read model, told again from their own lines up to where following begins, and
 * everything since is followed.
 *
 *   order_view, positions (one moment) ─▶ lines of the open ones ─▶ follow from a little before
 *
 * RTI1. After a restart everything without an answer hangs at its supplier again, however old, and
 *       what was settled does not.
 */

import { decimalOf, hexOf, keyOf } from '../../engine/ids.ts'
import { decode, type JournalRecord } from '../../engine/record.ts'
import type { Database } from '../../sql/database.ts'
import { readActors, readOpenOrders } from '../../sql/routing.ts'
import type { Follower } from './follower.ts'

export type RebuildDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly shards: number
  readonly follower: Pick<Follower, 'start'>
  readonly recall: (record: JournalRecord, key: string) => void
}

/** Lines of a shard that are read once more for the sake of the statistics. */
const recentLines = 500
const actorsAtOnce = 1_000
const patienceMs = 5_000

export async function rebuildGauges({ db, shards, follower, recall }: RebuildDeps): Promise<void> {
  const { positions, open } = await readOpenOrders(db.pool)
  const from = new Map<number, number>()
  for (let shard = 0; shard < shards; shard++) from.set(shard, 0)
  for (const { shard, seq } of positions) from.set(shard, Math.max(0, seq - recentLines))

  for (let n = 0; n < open.length; n += actorsAtOnce) {
    const some = open.slice(n, n + actorsAtOnce)
    const actors = some.map(({ shard, id }) => [shard, decimalOf(keyOf(id))] as const)
    for (const { shard, seq, actor, body } of await readActors(db.pool, actors)) {
      if (seq <= from.get(shard)!) recall(decode(body), hexOf(actor))
    }
  }
  // A journal to be read from its first line must not keep orders waiting.
  const patience = Promise.withResolvers<void>()
  const timer = setTimeout(patience.resolve, patienceMs)
  await Promise.race([follower.start(from), patience.promise])
  clearTimeout(timer)
}
