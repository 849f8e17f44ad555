/** Markup rules of numbers as rows that are only ever added. */

import { type DatabasePool, sql, z } from '../database.ts'

const markupRow = z.object({
  version: z.number().int(),
  level: z.number().int(),
  service: z.string(),
  country: z.string(),
  operator: z.string(),
  rule: z.unknown(),
  changedBy: z.string(),
  reason: z.string(),
  changedAt: z.number().int(),
})
export type MarkupRow = Omit<z.infer<typeof markupRow>, 'rule'> & {
  /** Null: taken back. */
  readonly rule: unknown
}

/** The table whose change makes prices of numbers stale. */
export const markupTable = 'number_markup'

const shown = sql.fragment`
  version, level, service, country, operator, rule, changed_by as "changedBy", reason,
  (extract(epoch from changed_at) * 1000)::bigint as "changedAt"`

type Reader = Pick<DatabasePool, 'any'>

/** The newest row of each scope, also of what was taken back. Plan: scan of number_markup_scope. */
export async function readMarkup(pool: Reader): Promise<readonly MarkupRow[]> {
  return (await pool.any(sql.type(markupRow)`
    select distinct on (level, service, country, operator) ${shown} from number_markup
     order by level, service, country, operator, version desc`)) as never
}

/** Newest first. */
export async function markupHistory(
  pool: Reader,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<readonly MarkupRow[]> {
  return (await pool.any(sql.type(markupRow)`
    select ${shown} from number_markup where version < ${before}
     order by version desc limit ${limit}`)) as never
}

type NewMarkup = Pick<MarkupRow, 'level' | 'service' | 'country' | 'operator'> & {
  readonly rule: unknown
  readonly by: string
  readonly reason: string
}

const versionRow = z.object({ version: z.number().int() })

/**
 * The new version, or null when the rules are not those that `wish` was made of. `isRight` is asked
 * of the rules as they stand in this very transaction; one change at a time.
 */
export async function addMarkup(
  pool: DatabasePool,
  { level, service, country, operator, rule, by, reason }: NewMarkup,
  isRight: (rows: readonly MarkupRow[]) => boolean,
): Promise<number | null> {
  return await pool.transaction(async write => {
    await write.query(sql.type(z.object({}))`
      lock table number_markup in share row exclusive mode`)
    if (!isRight(await readMarkup(write))) return null
    const words = rule === null ? null : JSON.stringify(rule)
    const { version } = await write.one(sql.type(versionRow)`
      insert into number_markup (level, service, country, operator, rule, changed_by, reason)
      values (${level}, ${service}, ${country}, ${operator}, ${words}::jsonb, ${by}, ${reason})
      returning version`)
    return version
  })
}
