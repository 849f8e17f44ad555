/**
 * The door to Postgres. Read models and small writes go through the slonik pool: every query there
 * carries the zod shape of its rows, and a row of another shape is an error and not a surprise
 * further up. The hot path (journal appends, LISTEN) takes a bare `pg` client from `connect`.
 *
 *   openDatabase(url) ─▶ { pool: typed queries, connect(): bare client, end() }
 *
 * Q1. A bigint arrives as a number, checked to be a safe integer, whichever road it takes.
 * Q2. A row that is not of the declared shape is refused.
 * Q3. Addresses over a Unix socket (postgresql://user@/db?host=/path) work on both roads.
 * Q4. Every statement has a time limit.
 * Q5. A database that can't be reached, or is too old, is one sentence that never shows a password.
 */

import { createPgDriverFactory } from '@slonik/pg-driver'
import pg from 'pg'
import {
  createPool,
  createTypeParserPreset,
  type DatabasePool,
  type Interceptor,
  type QueryResultRow,
  SchemaValidationError,
  sql,
} from 'slonik'
import { z } from 'zod'
import { arraysAsText } from './array-text.ts'
import { freeingSlots } from './pool-slots.ts'
import { preparing } from './prepared.ts'
import { givingUp, hangUpWhenSilent } from './silence.ts'

export type { DatabasePool } from 'slonik'
export { sql, z }

/** The shape of rows that nobody reads. */
export const none = z.object({})

/** Milliseconds of the program's clock as a time of Postgres; null stays null. */
export const moment = (ms: number | null) =>
  sql.fragment`to_timestamp(${ms}::double precision / 1000)`

export type Database = {
  readonly url: string
  readonly pool: DatabasePool
  /** A connected bare client, for the caller to end. */
  readonly connect: (options?: ClientOptions) => Promise<pg.Client>
  readonly end: () => Promise<void>
}

type DatabaseOptions = {
  readonly name?: string
  readonly connectionsMax?: number
  readonly connectTimeoutMs?: number
  readonly statementTimeoutMs?: number
  /** Beyond the time of a statement: who is silent for longer is not there any more. */
  readonly silenceMs?: number
}

type ClientOptions = {
  readonly name?: string
  readonly connectTimeoutMs?: number
  /** 0 = no limit: for a connection that listens or migrates. */
  readonly statementTimeoutMs?: number
}

/** What the person who starts the program must hear. The message is one sentence. */
export class DatabaseRefused extends Error {
  override readonly name = 'DatabaseRefused'
}

const serverVersionMin = 150_000
const usualSilenceMs = 5_000

export async function openDatabase(url: string, options: DatabaseOptions = {}): Promise<Database> {
  const { name = 'laju', connectionsMax = 8 } = options
  const {
    connectTimeoutMs = 5_000,
    statementTimeoutMs = 15_000,
    silenceMs = usualSilenceMs,
  } = options
  await checkServer(url, { name, connectTimeoutMs, statementTimeoutMs })

  const pool = await createPool(addressFor(url, name), {
    driverFactory: freeingSlots(
      givingUp(preparing(createPgDriverFactory()), statementTimeoutMs + silenceMs),
    ),
    maximumPoolSize: connectionsMax,
    connectionTimeout: connectTimeoutMs,
    statementTimeout: statementTimeoutMs,
    idleTimeout: 60_000,
    interceptors: [arraysAsText, shapeCheck],
    // We leave no session state behind, so a connection goes back without a DISCARD ALL.
    resetConnection: async () => {},
    typeParsers: createTypeParserPreset().map(parser =>
      parser.name === 'int8' ? { name: 'int8', parse: safeInteger } : parser,
    ),
  })

  return {
    url,
    pool,
    connect: (client = {}) =>
      connectClient(url, { name, connectTimeoutMs, statementTimeoutMs, ...client }),
    end: () => pool.end(),
  }
}

/** One bare connection, for those who need no pool: the migration, the journal's writer. */
export async function connectClient(url: string, options: ClientOptions = {}): Promise<pg.Client> {
  const client = new pg.Client(clientConfig(url, options))
  const { statementTimeoutMs = 15_000 } = options
  if (statementTimeoutMs > 0) hangUpWhenSilent(client, statementTimeoutMs + usualSilenceMs)
  await client.connect()
  return client
}

/** What `new pg.Client` or `new pg.Pool` wants, with our type parsers. */
function clientConfig(url: string, options: ClientOptions = {}): pg.ClientConfig {
  const { name = 'laju', connectTimeoutMs = 5_000, statementTimeoutMs = 15_000 } = options
  return {
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    types: { getTypeParser },
    keepAlive: true,
  }
}

const int8Oid = 20

const getTypeParser = ((oid: number, format?: 'text' | 'binary') =>
  oid === int8Oid && format !== 'binary'
    ? safeInteger
    : format === 'binary'
      ? pg.types.getTypeParser(oid, 'binary')
      : pg.types.getTypeParser(oid, 'text')) as typeof pg.types.getTypeParser

export function safeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} is not a safe integer`)
  return value
}

const shapeCheck: Interceptor = {
  name: 'shape-check',
  transformRow({ resultParser }, query, row) {
    if (resultParser === undefined) return row
    const parsed = resultParser.safeParse(row)
    if (!parsed.success) throw new SchemaValidationError(query, row, parsed.error.issues)
    return parsed.data as QueryResultRow
  },
}

async function checkServer(url: string, options: ClientOptions): Promise<void> {
  let client: pg.Client
  try {
    client = await connectClient(url, options)
  } catch (cause) {
    throw new DatabaseRefused(
      `Can't reach the database at ${withoutPassword(url)} (${reasonOf(cause)}): ` +
        'check DATABASE_URL and that Postgres runs.',
      { cause },
    )
  }
  try {
    const { rows } = await client.query<{ server_version_num: string }>('show server_version_num')
    const version = Number(rows[0]!.server_version_num)
    if (version < serverVersionMin) {
      throw new DatabaseRefused(
        `The database at ${withoutPassword(url)} is Postgres ${Math.floor(version / 10_000)}: ` +
          'Laju needs 15 or newer.',
      )
    }
  } finally {
    await client.end()
  }
}

/**
 * `new URL` refuses user@ without a host, which is how libpq writes a Unix socket; slonik parses
 * with it. The same address with the folder as a percent-encoded host is accepted everywhere.
 */
export function addressFor(url: string, name: string): string {
  const socket = /^(postgres(?:ql)?):\/\/([^@/?#]*@)?(?::(\d+))?(\/[^?]*)?\?(.*)$/.exec(url)
  const query = new URLSearchParams(socket ? socket[5] : url.split('?')[1])
  query.set('application_name', name)
  const host = socket && query.get('host')
  if (!socket || !host) return `${url.split('?')[0]}?${query}`
  const port = socket[3] ?? query.get('port')
  query.delete('host')
  query.delete('port')
  const place = encodeURIComponent(host) + (port ? `:${port}` : '')
  return `${socket[1]}://${socket[2] ?? ''}${place}${socket[4] ?? ''}?${query}`
}

function withoutPassword(url: string): string {
  return url
    .replace(/^([a-z]+:\/\/[^:@/]*):[^@]*@/i, '$1@')
    .replace(/([?&]password=)[^&]*/gi, '$1...')
}

const reasonOf = (cause: unknown): string => {
  const { code, message } = cause as { code?: string; message?: string }
  return code ?? message?.split('\n')[0] ?? 'no reason given'
}
