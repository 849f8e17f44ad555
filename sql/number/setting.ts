/** Settings of the number line as rows that are only ever added: the newest is in force. */

import { type DatabasePool, sql, z } from '../database.ts'

const settingRow = z.object({
  version: z.number().int(),
  settings: z.record(z.string(), z.unknown()),
  changedBy: z.string(),
  reason: z.string(),
  changedAt: z.number().int(),
})
type SettingRow = z.infer<typeof settingRow>

export const settingTable = 'number_setting'

/** Newest first. */
export async function readSettings(
  pool: Pick<DatabasePool, 'any'>,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<readonly SettingRow[]> {
  return await pool.any(sql.type(settingRow)`
    select version, settings, changed_by as "changedBy", reason,
           (extract(epoch from changed_at) * 1000)::bigint as "changedAt"
      from number_setting where version < ${before} order by version desc limit ${limit}`)
}

/** The version that it became; null when another was made of the same one. */
export async function addSettings(
  pool: DatabasePool,
  wish: { version: number; settings: object; by: string; reason: string },
): Promise<number | null> {
  const { version, settings, by, reason } = wish
  const made = await pool.maybeOne(sql.type(z.object({ version: z.number().int() }))`
    insert into number_setting (version, settings, changed_by, reason)
    select ${version + 1}, ${JSON.stringify(settings)}::jsonb, ${by}, ${reason}
     where ${version} = (select coalesce(max(version), 0) from number_setting)
    on conflict (version) do nothing
    returning version`)
  return made?.version ?? null
}
