/**
 * Brings a database to the shape this program expects: the numbered files of `migrations/`, each
 * once, in order, each in one write together with the note that it was done. Whoever starts at the
 * same time waits at an advisory lock and then finds nothing left to do.
 *
 *   0001-engine.sql, 0002-…  ──▶ lock ─▶ compare with table `migration` ─▶ apply the rest ─▶ unlock
 *
 * Q6. Each file is applied once, in order of its number, in one write of its own.
 * Q7. Two programs that start together apply each file once.
 * Q8. A file that changed after it was applied is refused, before anything is applied.
 * Q9. A database that knows a migration we don't know is newer than us: refused, nothing touched.
 * Q10. A file that fails leaves the database as the files before it made it.
 * Q11. Numbers begin at 0001 and have neither gaps nor doubles.
 */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { oneOf } from './advisory-locks.ts'
import { connectClient } from './database.ts'

type MigrationRefusal =
  | 'database.newer'
  | 'migration.changed'
  | 'migration.failed'
  | 'migration.misnumbered'

/** Stops the start. The message is one sentence that says what is wrong and what to do. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused'
  readonly code: MigrationRefusal

  constructor(code: MigrationRefusal, sentence: string, cause?: unknown) {
    super(sentence, { cause })
    this.code = code
  }
}

export type Migration = { readonly number: number; readonly name: string; readonly text: string }

/** Returns the names of the files it applied, none when the database was up to date. */
export async function migrate(
  database: string | pg.Client,
  migrations: readonly Migration[] = readMigrations(),
): Promise<string[]> {
  checkNumbers(migrations)
  if (typeof database !== 'string') return await migrateAlone(database, migrations)
  const client = await connectClient(database, { name: 'laju migrate', statementTimeoutMs: 0 })
  try {
    return await migrateAlone(client, migrations)
  } finally {
    await client.end()
  }
}

const migrationsFolder = join(import.meta.dirname, 'migrations')

export function readMigrations(folder: string = migrationsFolder): Migration[] {
  return readdirSync(folder)
    .filter(file => file.endsWith('.sql') && !/\.(before|after)\.sql$/.test(file))
    .sort()
    .map(file => ({
      number: Number(/^(\d{4})-/.exec(file)?.[1] ?? Number.NaN),
      name: file,
      text: readFileSync(join(folder, file), 'utf8'),
    }))
}

/** Over the text with line feeds, so that a checkout on Windows has the same sum. */
function checksumOf(text: string): string {
  return createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex')
}

async function migrateAlone(client: pg.Client, migrations: readonly Migration[]) {
  await client.query('select pg_advisory_lock($1, $2)', [...oneOf.migrations])
  try {
    await client.query(`
      create table if not exists migration (
        number     integer primary key,
        name       text not null,
        checksum   text not null,
        applied_at timestamptz not null default now()
      )`)
    const { rows } = await client.query<AppliedRow>(
      'select number, name, checksum from migration order by number',
    )
    checkHistory(migrations, rows)

    const applied = new Set(rows.map(row => row.number))
    const missing = migrations.filter(migration => !applied.has(migration.number))
    for (const migration of missing) await apply(client, migration)
    return missing.map(migration => migration.name)
  } finally {
    await client.query('select pg_advisory_unlock($1, $2)', [...oneOf.migrations])
  }
}

type AppliedRow = { readonly number: number; readonly name: string; readonly checksum: string }

function checkNumbers(migrations: readonly Migration[]): void {
  migrations.forEach((migration, index) => {
    if (migration.number === index + 1) return
    const expected = String(index + 1).padStart(4, '0')
    throw new MigrationRefused(
      'migration.misnumbered',
      `Migration ${migration.name} stands where number ${expected} must stand: ` +
        'renumber the files without gaps or doubles.',
    )
  })
}

function checkHistory(migrations: readonly Migration[], history: readonly AppliedRow[]): void {
  const known = new Map(migrations.map(migration => [migration.number, migration]))
  const stranger = history.find(row => !known.has(row.number))
  if (stranger !== undefined) {
    throw new MigrationRefused(
      'database.newer',
      `The database is newer than this program (it knows migration ${stranger.name}): ` +
        'start the newer version, or use another database.',
    )
  }
  for (const row of history) {
    const migration = known.get(row.number)!
    if (checksumOf(migration.text) === row.checksum) continue
    throw new MigrationRefused(
      'migration.changed',
      `Migration ${migration.name} was changed after it was applied to this database: ` +
        'restore the file and put the change into a new one.',
    )
  }
}

async function apply(client: pg.Client, { number, name, text }: Migration): Promise<void> {
  await client.query('begin')
  try {
    await client.query(text)
    await client.query('insert into migration (number, name, checksum) values ($1, $2, $3)', [
      number,
      name,
      checksumOf(text),
    ])
    await client.query('commit')
  } catch (cause) {
    await client.query('rollback')
    throw new MigrationRefused(
      'migration.failed',
      `Migration ${name} failed and was rolled back: ${(cause as Error).message}.`,
      cause,
    )
  }
}
