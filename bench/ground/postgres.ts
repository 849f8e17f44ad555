/**
 * Databases for a run: each side gets one of its own on the engine's server, or on the one that is
 * given, dropped afterwards.
 */
import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'

const leaveMsMax = 15_000

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
