/** What is fixed or remembered for the whole installation: names and values, few and small. */

import { type DatabasePool, sql, z } from './database.ts'

const valueRow = z.object({ value: z.string() })

export async function readInstallation(pool: DatabasePool, name: string): Promise<string | null> {
  return await pool.maybeOneFirst(sql.type(valueRow)`
    select value from installation where name = ${name}`)
}

export async function writeInstallation(
  pool: DatabasePool,
  { name, value }: { name: string; value: string },
): Promise<void> {
  await pool.query(sql.type(z.object({}))`
    insert into installation (name, value) values (${name}, ${value})
    on conflict (name) do update set value = excluded.value`)
}
