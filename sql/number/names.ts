/** What staff says of suppliers' words for apps and countries, as rows that are only ever added. */

import { type DatabasePool, sql, z } from '../database.ts'

const nameRow = z.object({
  version: z.number().int(),
  kind: z.enum(['service', 'country']),
  word: z.string(),
  id: z.string().nullable(),
  name: z.string().nullable(),
  changedBy: z.string(),
  reason: z.string(),
  changedAt: z.number().int(),
})
export type NameRow = z.infer<typeof nameRow>

/** The table whose change makes names of apps and countries stale. */
export const namesTable = 'number_name'

type Reader = Pick<DatabasePool, 'any'>

/** The newest row of each word, also of what was taken back. Plan: scan of number_name_word. */
export async function readNames(pool: Reader): Promise<readonly NameRow[]> {
  return await pool.any(sql.type(nameRow)`
    select distinct on (kind, word) version, kind, word, id, name, changed_by as "changedBy",
           reason, (extract(epoch from changed_at) * 1000)::bigint as "changedAt"
      from number_name order by kind, word, version desc`)
}

const versionRow = z.object({ version: z.number().int() })

/** The new version; null when another change came before. One change at a time. */
export async function addName(
  pool: DatabasePool,
  { kind, word, id, name, changedBy, reason }: Omit<NameRow, 'version' | 'changedAt'>,
  version: number,
): Promise<number | null> {
  return await pool.transaction(async write => {
    await write.query(sql.type(z.object({}))`
      lock table number_name in share row exclusive mode`)
    const newest = await write.one(sql.type(versionRow)`
      select coalesce(max(version), 0) as version from number_name`)
    if (newest.version !== version) return null
    const made = await write.one(sql.type(versionRow)`
      insert into number_name (kind, word, id, name, changed_by, reason)
      values (${kind}, ${word}, ${id}, ${name}, ${changedBy}, ${reason})
      returning version`)
    return made.version
  })
}
