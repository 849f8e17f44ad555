/** What is fixed or remembered for the whole installation: names and values, few and small. */

import { type DatabasePool, sql, z } from './database.ts'

const valueRow = z.object({ value: z.string() })

export async function readInstallation(pool: DatabasePool, name: string): Promise<string | null> {
  return await pool.maybeOneFirst(sql.type(valueRow)`
    select value from installation where name = ${name}`)
}

/** The same for whoever is connected to this database, another for one restored from a dump. */
export async function databaseIdentity(pool: DatabasePool): Promise<string> {
  return await pool.oneFirst(sql.type(z.object({ identity: z.string() }))`
    select system_identifier::text || '.' || oid::text as identity
      from pg_control_system(), pg_database
     where datname = current_database()`)
}

export async function writeInstallation(
  pool: DatabasePool,
  { name, value }: { name: string; value: string },
): Promise<void> {
  await pool.query(sql.type(z.object({}))`
    insert into installation (name, value) values (${name}, ${value})
    on conflict (name) do update set value = excluded.value`)
}

/** Only where there still is what was read (null: nothing); false where somebody else was first. */
export async function replaceInstallation(
  pool: DatabasePool,
  { name, value, was }: { name: string; value: string; was: string | null },
): Promise<boolean> {
  const { rowCount } =
    was === null
      ? await pool.query(sql.type(z.object({}))`
          insert into installation (name, value) values (${name}, ${value})
          on conflict (name) do nothing`)
      : await pool.query(sql.type(z.object({}))`
          update installation set value = ${value} where name = ${name} and value = ${was}`)
  return rowCount > 0
}
