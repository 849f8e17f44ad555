/**
 * What hangs at each supplier after a start: orders that are awake say it themselves, those that
 * sleep are told again from their own lines, behind everything else. How suppliers answered before
 * the start is not in here: see stands.ts.
 *
 *   engine's memory ─▶ hang at once ─▶ follow every line from there on ─▶ (beside it) the sleepers
 *
 * RTI1. After a restart everything without an answer hangs at its supplier again, however old, and
 *       what was settled does not.
 * RTI2. A hundred thousand open orders do not keep the next one waiting.
 */

import type { OrderState } from '../../actors/order/order-contract.ts'
import type { Host } from '../../engine/host.ts'
import { decimalOf, hexOf } from '../../engine/ids.ts'
import { decode } from '../../engine/record.ts'
import type { Database } from '../../sql/database.ts'
import { readActors } from '../../sql/topup/routing.ts'
import type { Follower } from './follower.ts'
import type { Gauges } from './gauges.ts'

type RebuildDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly host: Pick<Host, 'shards' | 'shard'>
  readonly follower: Pick<Follower, 'begin'>
  readonly gauges: Pick<Gauges, 'recall' | 'hang'>
}

const actorsAtOnce = 1_000

/** New orders may be routed at once; `sleepers` resolves when all that sleeps hangs as well. */
export function rebuildGauges(deps: RebuildDeps): { sleepers: Promise<void> } {
  const { host, follower } = deps
  const from = new Map<number, number>()
  const asleep: (readonly [shard: number, actor: string])[] = []
  for (const shard of host.shards()) {
    from.set(shard.index, shard.seq)
    for (const cell of shard.cells.values()) {
      if (cell.live && cell.actor.name === 'order') hang(deps, cell.id, cell)
    }
    for (const key of shard.dormant.keys()) asleep.push([shard.index, decimalOf(key)])
  }
  follower.begin(from)
  return { sleepers: recallSleepers(deps, asleep) }
}

async function recallSleepers(
  deps: RebuildDeps,
  asleep: readonly (readonly [shard: number, actor: string])[],
): Promise<void> {
  const { db, host, gauges } = deps
  for (let n = 0; n < asleep.length; n += actorsAtOnce) {
    for (const line of await readActors(db.pool, asleep.slice(n, n + actorsAtOnce))) {
      const shard = host.shard(line.shard)
      const key = hexOf(line.actor)
      const cell = shard?.cells.get(key)
      // Who woke up meanwhile knows better than what was read.
      if (cell?.live && cell.actor.name === 'order') hang(deps, cell.id, cell)
      else if (shard?.dormant.has(key)) gauges.recall(decode(line.body), key)
    }
  }
}

function hang(
  { gauges }: RebuildDeps,
  id: string,
  { key, state }: { readonly key: string; readonly state: unknown },
): void {
  const known = state as OrderState
  if (known.phase === 'absent') return
  const attempt = known.order.attempts.at(-1)
  if (attempt !== undefined) gauges.hang(id, key, known.order.product, attempt)
}
