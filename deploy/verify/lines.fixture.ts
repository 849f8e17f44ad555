/** Puts the journal of a simulated world where the second reading looks for it. */

import type pg from 'pg'
import { decimalOf } from '../../engine/ids.ts'
import type { World } from '../../engine/sim/world.ts'

/** In the place of whatever stood in these tables; `journal` is one of them. */
export async function writeLines(
  client: pg.Client,
  tables: readonly string[],
  { journal, shards }: Pick<World, 'journal' | 'shards'>,
): Promise<void> {
  await client.query(`truncate ${tables.join(', ')}`)
  for (let shard = 0; shard < shards; shard++) {
    const lines = journal.lines(shard)
    await client.query(
      `insert into journal (shard, seq, actor, hash, body)
       select $1, seq, actor, decode(hash, 'hex'), body
         from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[])
              as line (seq, actor, hash, body)`,
      [
        ...[shard, lines.map(({ seq }) => seq), lines.map(({ key }) => decimalOf(key))],
        ...[lines.map(({ hash }) => hash), lines.map(({ body }) => body)],
      ],
    )
  }
}
