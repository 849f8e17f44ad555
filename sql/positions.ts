/**
 * How far tables that follow the journal have come: for each follower a table of its own, in it a
 * row for each shard.
 *
 *   exact    `movePositions`   in one transaction with the rows, from here to there or not at all:
 *                              what is counted counts once
 *   growing  `raisePositions`  never before the rows: what is written twice is the same
 */

import type { CommonQueryMethods } from 'slonik'
import { none, sql, z } from './database.ts'

type PositionTable =
  | 'commission_position'
  | 'deposit_intent_position'
  | 'device_position'
  | 'number_position'
  | 'number_watch_position'
  | 'payment_position'
  | 'sold_position'
  | 'webhook_position'

const place = z.object({ shard: z.number(), seq: z.number() })
/** The last line of the shard that was taken. */
export type Place = Readonly<z.infer<typeof place>>
/** Lines after `from`, up to and with `to`. */
export type Step = { readonly shard: number; readonly from: number; readonly to: number }

export async function positionsIn(
  db: CommonQueryMethods,
  table: PositionTable,
): Promise<readonly Place[]> {
  return await db.any(sql.type(place)`select shard, seq from ${sql.identifier([table])}`)
}

/** Throws when one of the shards does not stand where its step begins: somebody else was here. */
export async function movePositions(
  db: CommonQueryMethods,
  table: PositionTable,
  steps: readonly Step[],
): Promise<void> {
  if (steps.length === 0) return
  const first = steps.filter(({ from }) => from === 0).map(({ shard }) => shard)
  if (first.length > 0) {
    await db.query(sql.type(none)`
      insert into ${sql.identifier([table])} (shard, seq)
      select shard, 0 from unnest(${sql.array(first, 'int4')}) as first (shard)
      on conflict (shard) do nothing`)
  }
  const rows = steps.map(({ shard, from, to }) => [shard, from, to])
  const { rowCount } = await db.query(sql.type(none)`
    update ${sql.identifier([table])} as stood set seq = step.until
      from ${sql.unnest(rows, ['int4', 'int8', 'int8'])} as step (shard, since, until)
     where stood.shard = step.shard and stood.seq = step.since`)
  if (rowCount !== steps.length) throw new Error(`somebody else moved a ${table}`)
}

/** Positions only grow, whoever writes them. */
export async function raisePositions(
  db: CommonQueryMethods,
  table: PositionTable,
  steps: readonly Step[],
): Promise<void> {
  if (steps.length === 0) return
  const rows = steps.map(({ shard, to }) => [shard, to])
  await db.query(sql.type(none)`
    insert into ${sql.identifier([table])} as stood (shard, seq)
    select shard, seq from ${sql.unnest(rows, ['int4', 'int8'])} as raised (shard, seq)
    on conflict (shard) do update set seq = excluded.seq
     where stood.seq < excluded.seq`)
}
