/**
 * `laju restore`: a backup back into a database. `plan` says what would be done and what stands in
 * the way; `validate` does it in a database of its own, reads the whole journal there, and removes
 * it; `run` does it where nothing is yet.
 *
 *   manifest ─▶ schema as it was then ─▶ rows, sequences (one write) ─▶ later migrations ─▶ verify
 *
 * RZA1. A plan changes nothing.
 * RZA2. Nothing is restored over anything: a database with clients or journal lines is refused.
 * RZA3. It is there whole or not at all: every row and every sequence is one write.
 * RZA4. A file that is not as it was written is refused by name before anything is done.
 * RZA5. What was sealed with another master key is told: those secrets could never be read.
 * RZA6. A backup is good when it was restored and verified; `validate` leaves nothing behind.
 * RZA7. Rows come back as they were: no trigger notes their coming as a change, or forbids it.
 */

import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { connectClient } from '../../sql/database.ts'
import { migrate, readMigrations } from '../../sql/migrate.ts'
import { StartFailure } from '../start-failure.ts'
import { type VerifyReport, verify } from '../verify/verify.ts'
import { damagedFiles, type Manifest, readManifest, rowsOf } from './backup.ts'

export type Plan = {
  readonly manifest: Manifest
  readonly rows: number
  /** Migrations that this program has and the backup had not. */
  readonly migrations: readonly string[]
  /** Why `run` would refuse, in whole sentences; empty: it would go. */
  readonly obstacles: readonly string[]
}

type Where = { readonly folder: string; readonly keyId: string }

/** What a restore would do to the database at `url`; null: only what the backup itself says. */
export async function planRestore(url: string | null, { folder, keyId }: Where): Promise<Plan> {
  const manifest = await readManifest(folder)
  const ours = readMigrations()
  const obstacles = (await damagedFiles(folder, manifest)).map(
    file => `${file} is missing or damaged: use another backup.`,
  )
  if (manifest.migration > ours.length) {
    obstacles.push(`The backup is of a later program (migration ${manifest.migration}): update.`)
  }
  if (manifest.keyId !== keyId) {
    obstacles.push(
      `Its secrets were sealed with master key ${manifest.keyId}, ours is ${keyId}: set MASTER_KEY.`,
    )
  }
  if (url !== null && !(await isEmpty(url))) {
    obstacles.push('The database holds clients or orders already: restore into an empty one.')
  }
  return {
    manifest,
    rows: manifest.tables.reduce((all, table) => all + table.rows, 0),
    migrations: ours.slice(manifest.migration).map(({ name }) => name),
    obstacles,
  }
}

/** Throws `StartFailure` with the first obstacle of the plan. */
export async function restore(url: string, where: Where): Promise<Plan> {
  const plan = await planRestore(url, where)
  const [obstacle] = plan.obstacles
  if (obstacle !== undefined) throw new StartFailure(obstacle)
  const { manifest } = plan
  await migrate(url, readMigrations().slice(0, manifest.migration))
  const client = await connectClient(url, { name: 'laju restore', statementTimeoutMs: 0 })
  try {
    await client.query('begin')
    const tables = await inOrder(client, manifest)
    for (const { name } of tables) await client.query(`alter table "${name}" disable trigger user`)
    // What migrations put there is in the backup too, perhaps changed.
    for (const { name } of tables.toReversed()) {
      const { rows } = await client.query(`select 1 from "${name}" limit 1`)
      if (rows.length > 0) await client.query(`delete from "${name}"`)
    }
    for (const table of tables) {
      const list = table.columns.map(column => `"${column}"`).join(', ')
      const target = client.query(copyFrom(`copy "${table.name}" (${list}) from stdin`))
      await pipeline(rowsOf(where.folder, table.name), target)
      if (target.rowCount !== table.rows) {
        throw new StartFailure(`${table.name} has ${target.rowCount} rows, not ${table.rows}.`)
      }
    }
    for (const { name, last } of manifest.sequences) {
      await client.query('select setval(quote_ident($1)::regclass, $2)', [name, last])
    }
    for (const { name } of tables) await client.query(`alter table "${name}" enable trigger user`)
    await client.query('commit')
  } finally {
    await client.end()
  }
  await migrate(url)
  return plan
}

type Validation = { readonly plan: Plan; readonly report: VerifyReport }

/** Restores into a new database on the server of `url`, verifies it, and removes it again. */
export async function validate(url: string, where: Where): Promise<Validation> {
  const name = `laju_validate_${process.pid}`
  const admin = await connectClient(url, { name: 'laju validate', statementTimeoutMs: 0 })
  try {
    await admin.query(`create database ${name} template template0`)
    try {
      const own = withDatabase(url, name)
      const plan = await restore(own, where)
      return { plan, report: await verify({ url: own }) }
    } finally {
      await admin.query(`drop database if exists ${name} with (force)`)
    }
  } finally {
    await admin.end()
  }
}

/** An address over a Unix socket has no host, which `URL` does not read. */
const withDatabase = (url: string, name: string): string =>
  url.replace(/^([a-z]+:\/\/[^/]*)\/[^?]*/, `$1/${name}`)

async function isEmpty(url: string): Promise<boolean> {
  const client = await connectClient(url, { name: 'laju restore' })
  try {
    const has = async (table: string) => {
      const { rows } = await client.query('select to_regclass($1) is not null as there', [table])
      if (!rows[0].there) return false
      return (await client.query(`select 1 from ${table} limit 1`)).rows.length > 0
    }
    return !(await has('client')) && !(await has('journal'))
  } finally {
    await client.end()
  }
}

/** Tables after those that they refer to. */
async function inOrder(client: pg.Client, { tables }: Manifest): Promise<Manifest['tables']> {
  const { rows } = await client.query<{ child: string; parent: string }>(`
    select c.relname as child, p.relname as parent
      from pg_constraint k
      join pg_class c on c.oid = k.conrelid join pg_class p on p.oid = k.confrelid
     where k.contype = 'f' and c.oid <> p.oid`)
  const left = new Map(tables.map(table => [table.name, table]))
  const sorted: Manifest['tables'] = []
  while (left.size > 0) {
    const ready = [...left.values()].filter(({ name }) =>
      rows.every(({ child, parent }) => child !== name || !left.has(parent)),
    )
    if (ready.length === 0) throw new Error(`tables in a ring: ${[...left.keys()].join(', ')}`)
    for (const table of ready) {
      sorted.push(table)
      left.delete(table.name)
    }
  }
  return sorted
}
