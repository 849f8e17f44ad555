/**
 * `laju backup`: everything that is in the database, of one moment, in a folder of plain files that
 * any Postgres reads. The engine goes on meanwhile.
 *
 *   one snapshot ──table by table──▶ <table>.copy.gz (COPY text) ─┐ renamed when whole
 *                                    manifest.json: sums, counts ─┘
 *
 * BKA1. All tables are read in one snapshot: journal, read models and positions fit each other.
 * BKA2. The folder has its name only when it is whole and on disk.
 * BKA3. Each file's rows and SHA-256 stand in the manifest: a byte that changed is found.
 * BKA4. Secrets stay sealed. The master key is not in it, only its id: keep the key elsewhere.
 */

import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { z } from 'zod/v4'
import { connectClient } from '../../sql/database.ts'
import { StartFailure } from '../start-failure.ts'

const manifestName = 'manifest.json'
const sum = z.string().regex(/^[0-9a-f]{64}$/)
const tableName = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/)

const manifestShape = z.strictObject({
  format: z.literal('laju-backup-1'),
  takenAt: z.iso.datetime(),
  /** The last migration that the database had. */
  migration: z.int().min(1),
  shards: z.string().nullable(),
  /** Of the master key that sealed what is secret in here. */
  keyId: z.string(),
  journalLines: z.int().min(0),
  /** Where counters stood, of those that ever counted. */
  sequences: z.array(z.strictObject({ name: tableName, last: z.int() })),
  tables: z.array(
    z.strictObject({
      name: tableName,
      columns: z.array(tableName).min(1),
      rows: z.int().min(0),
      bytes: z.int().min(0),
      sha256: sum,
    }),
  ),
})

export type Manifest = z.output<typeof manifestShape>
type Table = Manifest['tables'][number]

export const fileOf = (folder: string, table: string): string => join(folder, `${table}.copy.gz`)

/** Writes a backup to `folder`, which must not be there yet. */
export async function backUp(
  url: string,
  { folder, keyId, now }: { folder: string; keyId: string; now: Date },
): Promise<Manifest> {
  const unfinished = `${folder}.unfinished`
  await mkdir(dirname(folder), { recursive: true })
  await mkdir(unfinished, { mode: 0o700 }).catch(cause => {
    throw new StartFailure(`${unfinished} can not be made (${cause.code}): remove it first.`)
  })
  const client = await connectClient(url, { name: 'laju backup', statementTimeoutMs: 0 })
  try {
    await client.query('begin isolation level repeatable read read only')
    const columns = await columnsByTable(client)
    const tables: Table[] = []
    for (const [name, own] of columns) {
      tables.push({ name, columns: own, ...(await copyOut(client, unfinished, { name, own })) })
    }
    const manifest: Manifest = {
      format: 'laju-backup-1',
      takenAt: now.toISOString(),
      ...(await standOf(client)),
      keyId,
      tables,
    }
    await client.query('commit')
    await writeFile(join(unfinished, manifestName), `${JSON.stringify(manifest, null, 2)}\n`)
    await toDisk(join(unfinished, manifestName))
    await rename(unfinished, folder)
    await toDisk(dirname(folder))
    return manifest
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true })
    throw cause
  } finally {
    await client.end()
  }
}

/** What is in a backup; throws `StartFailure` when it is none, or a later program's. */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, manifestName), 'utf8').catch(() => null)
  if (text === null) throw new StartFailure(`${folder} is no backup: it has no ${manifestName}.`)
  const read = manifestShape.safeParse(parsed(text))
  if (read.success) return read.data
  throw new StartFailure(`${join(folder, manifestName)} is damaged, or of a later program.`)
}

/** The files that are missing or not as they were written, by name. */
export async function damagedFiles(folder: string, manifest: Manifest): Promise<string[]> {
  const damaged: string[] = []
  for (const { name, sha256 } of manifest.tables) {
    const file = fileOf(folder, name)
    const found = await sumOf(createReadStream(file)).catch(() => null)
    if (found !== sha256) damaged.push(basename(file))
  }
  return damaged
}

/** The rows of one table, as COPY takes them. */
export function rowsOf(folder: string, table: string): Readable {
  const packed = createReadStream(fileOf(folder, table))
  const plain = createGunzip()
  packed.on('error', cause => plain.destroy(cause))
  return packed.pipe(plain)
}

/** Ordinary tables but the list of migrations, which a restore makes anew; no computed columns. */
async function columnsByTable(client: pg.Client): Promise<ReadonlyMap<string, string[]>> {
  const { rows } = await client.query<{ name: string; columns: string[] }>(`
    select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
      from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'migration'
       and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     group by c.relname order by c.relname`)
  return new Map(rows.map(({ name, columns }) => [name, columns]))
}

async function standOf(client: pg.Client) {
  const { rows } = await client.query<{ migration: number; shards: string | null; lines: string }>(`
    select (select max(number) from migration) as migration,
           (select value from installation where name = 'shards') as shards,
           (select count(*) from journal) as lines`)
  const { migration, shards, lines } = rows[0]!
  const { rows: sequences } = await client.query<{ name: string; last: string }>(`
    select sequencename as name, last_value as last from pg_sequences
     where schemaname = 'public' and last_value is not null order by 1`)
  return {
    ...{ migration, shards, journalLines: Number(lines) },
    sequences: sequences.map(({ name, last }) => ({ name, last: Number(last) })),
  }
}

async function copyOut(
  client: pg.Client,
  folder: string,
  { name, own }: { name: string; own: readonly string[] },
): Promise<Pick<Table, 'rows' | 'bytes' | 'sha256'>> {
  const file = fileOf(folder, name)
  const list = own.map(column => `"${column}"`).join(', ')
  const source = client.query(copyTo(`copy "${name}" (${list}) to stdout`))
  await pipeline(source, createGzip({ level: 4 }), createWriteStream(file, { mode: 0o600 }))
  await toDisk(file)
  let bytes = 0
  const packed = createReadStream(file)
  packed.on('data', chunk => (bytes += chunk.length))
  const sha256 = await sumOf(packed)
  return { rows: source.rowCount, bytes, sha256 }
}

async function sumOf(stream: Readable): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of stream) hash.update(chunk)
  return hash.digest('hex')
}

async function toDisk(path: string): Promise<void> {
  const handle = await open(path)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
