/** Lines of one shard that are written in somebody's name. Plan: range scan of journal_pkey. */

import { type DatabasePool, sql, z } from './database.ts'

const row = z.object({ seq: z.number(), body: z.string().nullable(), looked: z.number() })

/**
 * Of the next `limit` lines those that name an owner, in order; how many lines were looked at, and
 * the last one's place. What concerns others never leaves the database: in a shard of many it is
 * nearly all.
 */
export async function linesOfOwners(
  pool: DatabasePool,
  asked: { shard: number; after: number; limit: number; owners: readonly string[] },
): Promise<{ lines: readonly { seq: number; body: string }[]; looked: number; last: number }> {
  const { shard, after, limit, owners } = asked
  const words = owners.map(owner => `"o":${JSON.stringify(owner)}`)
  const rows = await pool.any(sql.type(row)`
    with stretch as materialized (
      select seq, body from journal
       where shard = ${shard} and seq > ${after} order by seq limit ${limit}
    ), found as (
      select seq, count(*) over () as looked, case when exists (
               select from unnest(${sql.array(words, 'text')}) as word where strpos(body, word) > 0
             ) then body end as body
        from stretch
    )
    select seq, body, looked::int as looked from found
     where body is not null or seq = (select max(seq) from stretch) order by seq`)
  return {
    lines: rows.flatMap(({ seq, body }) => (body === null ? [] : [{ seq, body }])),
    looked: rows[0]?.looked ?? 0,
    last: rows.at(-1)?.seq ?? after,
  }
}
