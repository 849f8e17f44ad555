/** What is written down of how suppliers answered. */

import { type DatabasePool, moment, sql, z } from '../database.ts'

const standRow = z.object({ supplier: z.string(), product: z.string(), words: z.unknown() })
export type StandRow = z.infer<typeof standRow>

/** A page of those that still say something: suppliers first, then whoever is not well. */
export async function readStands(
  pool: DatabasePool,
  asked: { at: number; windowMs: number; offset: number; limit: number },
): Promise<readonly StandRow[]> {
  const { at, windowMs, offset, limit } = asked
  return await pool.any(sql.type(standRow)`
    select supplier, product, words from supplier_stand
     where not calm or written_at > ${moment(at - windowMs)}
     order by product <> '', calm, supplier, product limit ${limit} offset ${offset}`)
}

export async function writeStands(
  pool: DatabasePool,
  rows: readonly (readonly [supplier: string, product: string, calm: boolean, words: string])[],
  now: number,
): Promise<void> {
  await pool.query(sql.type(z.object({}))`
    insert into supplier_stand (supplier, product, calm, words, written_at)
    select supplier, product, calm, words, ${moment(now)}
      from ${sql.unnest(rows as never, ['text', 'text', 'bool', 'jsonb'])}
        as told (supplier, product, calm, words)
    on conflict (supplier, product) do update
      set calm = excluded.calm, words = excluded.words, written_at = excluded.written_at`)
}
