/**
 * Databases for tests: one embedded Postgres per checkout, shared by all test files, and a fresh
 * database for each that asks. `npm test` keeps it up for the whole run and removes it at the end;
 * a test file run by hand finds it or starts it, and stops it when its last database is dropped.
 *
 * D36. Each caller gets a database of its own, with all migrations applied, cloned from a template
 *      that is made once per state of the migrations.
 * D37. What crashed test processes left behind is swept by the next one.
 */

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { migrate } from '../../sql/migrate.ts'
import { isAlive, usersOf } from '../folder-lock.ts'
import { type EmbeddedPostgres, openPostgres } from '../postgres/postgres.ts'
import { StartFailure } from '../start-failure.ts'
import { scratchFolder } from './scratch.ts'

export type TestDatabase = {
  readonly url: string
  readonly tcpUrl: string
  /** Ends whoever is still connected, removes the database, and gives the cluster up. */
  drop(): Promise<void>
}

const root = join(import.meta.dirname, '../..')
const migrations = join(root, 'sql', 'migrations')
const folder = join(
  scratchFolder(),
  `laju-test-${process.getuid?.() ?? 0}-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`,
)
/** Everything that makes a database safe against a power cut, which a test does not survive. */
const config = {
  fsync: 'off',
  full_page_writes: 'off',
  max_wal_size: '1GB',
  min_wal_size: '80MB',
  shared_buffers: '128MB',
  max_connections: '200',
}
let count = 0

export async function testDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const cluster = await openTestCluster()
  try {
    const name = `t_${process.pid}_${++count}`
    const template = options.empty === true ? 'template0' : await needTemplate(cluster.url)
    const order = `create database ${name} template ${template} strategy file_copy`
    await atAdmin(cluster.url, admin => admin.query(order))
    return {
      url: renamed(cluster.url, name),
      tcpUrl: renamed(cluster.tcpUrl, name),
      async drop() {
        const { url } = cluster
        await atAdmin(url, admin => admin.query(`drop database if exists ${name} with (force)`))
        await cluster.stop()
      },
    }
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

/**
 * A fresh one for each that asks, by its address; all are dropped at the end of the file, when
 * whoever is connected has left. `after` is that of `node:test`.
 */
export function databasesOfFile(after: (drop: () => Promise<void>) => void): () => Promise<string> {
  const made: TestDatabase[] = []
  after(async () => {
    for (const one of made) await one.drop()
  })
  return async () => {
    const fresh = await testDatabase()
    made.push(fresh)
    return fresh.url
  }
}

/** The shared cluster; who opens it must stop it. A broken one that nobody uses is made anew. */
export async function openTestCluster(): Promise<EmbeddedPostgres> {
  try {
    return await openPostgres({ dataDir: folder, config })
  } catch (error) {
    const keep = join(folder, 'pg')
    const isUsed = existsSync(join(keep, 'users')) && usersOf(keep) > 0
    if (!(error instanceof StartFailure) || !existsSync(keep) || isUsed) throw error
    removeTestCluster()
    return await openPostgres({ dataDir: folder, config })
  }
}

/** Removes the files of a stopped cluster, wherever Postgres had to keep them. */
export function removeTestCluster(): void {
  const location = join(folder, 'pg', 'location')
  if (existsSync(location)) {
    rmSync(readFileSync(location, 'utf8').trim(), { recursive: true, force: true })
  }
  rmSync(folder, { recursive: true, force: true })
}

/** One at a time, by an advisory lock: test files run side by side. */
async function needTemplate(url: string): Promise<string> {
  const name = `template_${fingerprintOfMigrations()}`
  await atAdmin(url, async admin => {
    await admin.query(`select pg_advisory_lock(hashtext('laju test template'))`)
    const { rows } = await admin.query<{ datname: string }>('select datname from pg_database')
    const names = rows.map(row => row.datname)
    for (const stale of names.filter(left => isLeftBehind(left, name))) {
      await admin.query(`drop database if exists ${stale} with (force)`)
    }
    if (names.includes(name)) return
    await admin.query(`create database ${name}_draft template template0`)
    await migrate(renamed(url, `${name}_draft`))
    await admin.query(`alter database ${name}_draft rename to ${name}`)
  })
  return name
}

function isLeftBehind(name: string, template: string): boolean {
  const owner = /^t_(\d+)_\d+$/.exec(name)?.[1]
  if (owner !== undefined) return !isAlive(Number(owner))
  return name.startsWith('template_') && name !== template
}

function fingerprintOfMigrations(): string {
  const sum = createHash('sha256')
  for (const file of migrationFiles()) sum.update(readFileSync(join(migrations, file)))
  return sum.digest('hex').slice(0, 12)
}

function migrationFiles(): string[] {
  return readdirSync(migrations)
    .filter(name => /^\d{4}-.*\.sql$/.test(name) && !/\.(before|after)\.sql$/.test(name))
    .sort()
}

async function atAdmin<T>(url: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: renamed(url, 'postgres') })
  client.on('error', () => {})
  try {
    await client.connect()
    return await work(client)
  } finally {
    await client.end()
  }
}

function renamed(url: string, database: string): string {
  return url.replace(/\/[^/]*$/, `/${database}`)
}
