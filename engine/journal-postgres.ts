/**
 * The journal in Postgres: what is written there (`flusher.ts` says how), and what is read back.
 *
 * Each process holds a session lock under its own number as long as it lives; Postgres lets go of
 * it the moment the process is gone, so a successor need not wait for anything to time out.
 *
 * P2. A takeover, and a renewal after a doubtful write, wait until no flush is under way and then
 *     raise the epochs: what was sent before and comes later is fenced.
 * P3. Whoever lives is seen to live: its lock is taken again when the connection under it is lost.
 * P7. A connection that died without a word delays nobody for longer than a statement may take.
 */

import { randomInt } from 'node:crypto'
import pg from 'pg'
import { classOf, oneOf } from '../sql/advisory-locks.ts'
import { query } from '../sql/queries.ts'
import { heedful, silenceMsMax } from '../sql/silence.ts'
import { Fault } from './assert.ts'
import type { CellImage } from './cell.ts'
import { Flusher } from './flusher.ts'
import type { Batch, Found, Want } from './host.ts'
import { decimalOf, hexOf, type Key } from './ids.ts'
import type { Journal, Lease } from './journal.ts'
import { decode, genesis, type Line } from './record.ts'
import type { AccountImage, ShardImage } from './shard.ts'

const shardsPerRead = 16
const keepAgainMs = 250
/** A machine that is gone without a word holds its lock for half a minute, not for two hours. */
const seenToBeGone =
  '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3'

type PostgresJournalOptions = {
  readonly url: string
  readonly shards: number
  /** Event versions that this program speaks: snapshots of others are left aside. */
  readonly versions: ReadonlyMap<string, number>
  /** After so long without a byte a connection that owes an answer is taken for dead. */
  readonly silenceMs?: number
}

export async function openJournal(options: PostgresJournalOptions): Promise<Journal> {
  const { url, shards, versions, silenceMs = silenceMsMax } = options
  // A generic plan over `unnest` must never turn into a scan of the journal.
  const plans = '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off'
  const joins = '-c enable_hashjoin=off -c enable_mergejoin=off'
  const Client = heedful(silenceMs)
  const writer = new pg.Pool({
    ...{ connectionString: url, max: 2, statement_timeout: 15_000, Client },
    // Else a machine that is gone amid a takeover keeps the next one from writing.
    idle_in_transaction_session_timeout: 15_000,
  })
  const reader = new pg.Pool({
    ...{ connectionString: url, max: 3, options: `${plans} ${joins}`, Client },
  })
  for (const pool of [writer, reader]) {
    pool.on('error', () => {})
    // Nobody else listens while one is in use, and an error that nobody hears ends the program.
    pool.on('connect', client => client.on('error', () => {}))
  }

  const me = randomInt(1, 2 ** 31 - 1)
  const holder = `process ${process.pid}, lock ${me}`
  const flusher = new Flusher(() => writer.connect(), silenceMs)
  const append = (batch: Batch): Promise<void> => flusher.append(batch)
  let isClosed = false
  let keeper = await keep()
  return { acquire, renew, holds, holderIsGone, recover, load, append, keys, history, lines, close }

  /**
   * The lock under our number, on a connection of its own; taken again when that one is lost. It is
   * shared, for the one that was lost may still be there for the server.
   */
  async function keep(): Promise<pg.Client> {
    const client = new pg.Client({
      ...{ connectionString: url, connectionTimeoutMillis: 5_000, options: seenToBeGone },
    })
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query('select pg_advisory_lock_shared($1, $2)', [classOf.holder, me])
    } catch (cause) {
      client.end().catch(() => {})
      throw cause
    }
    client.once('end', keepAgain)
    return client
  }

  function keepAgain(): void {
    if (isClosed) return
    keep().then(
      client => {
        keeper = client
        if (isClosed) void client.end()
      },
      () => setTimeout(keepAgain, keepAgainMs).unref(),
    )
  }

  function acquire(): Promise<readonly Lease[]> {
    return raise('acquire-leases', [shards, holder])
  }

  function renew(lost: readonly number[]): Promise<readonly Lease[]> {
    return raise('renew-leases', [lost, holder])
  }

  async function raise(name: string, values: readonly unknown[]): Promise<readonly Lease[]> {
    const client = await writer.connect()
    try {
      await client.query('begin')
      await client.query('select pg_advisory_xact_lock($1, $2)', [...oneOf.journal])
      const { rows } = await client.query(query(name).text, [...values])
      await client.query('commit')
      return rows.map(row => ({ shard: row.shard, epoch: Number(row.epoch) }))
    } catch (cause) {
      await client.query('rollback').catch(() => {})
      throw new Fault('journal.unavailable', { untouched: false, cause })
    } finally {
      client.release()
    }
  }

  async function holds(): Promise<boolean> {
    const { rows } = await reader.query(query('read-leases').text)
    return rows.every(row => row.holder === holder)
  }

  async function holderIsGone(): Promise<boolean> {
    const { rows } = await reader.query(query('read-leases').text)
    const lock = Number(/lock (\d+)$/.exec(rows[0]?.holder ?? '')?.[1] ?? me)
    // Our own name stands there when a takeover was done and its answer lost.
    if (lock === me) return true
    const taken = await reader.query('select pg_try_advisory_xact_lock($1, $2) as free', [
      classOf.holder,
      lock,
    ])
    return taken.rows[0].free === true
  }

  async function* recover(leases: readonly Lease[]): AsyncIterable<ShardImage> {
    // The next ones are read while the last ones are folded.
    const read = (from: number): Promise<ShardImage[]> => {
      const images = recoverSome(leases.slice(from, from + shardsPerRead))
      images.catch(() => {})
      return images
    }
    let next = read(0)
    for (let from = shardsPerRead; from < leases.length + shardsPerRead; from += shardsPerRead) {
      const images = await next
      if (from < leases.length) next = read(from)
      yield* images
    }
  }

  async function recoverSome(leases: readonly Lease[]): Promise<ShardImage[]> {
    const indexes = leases.map(lease => lease.shard)
    const checkpoints = await reader.query(query('recover-checkpoints').text, [indexes])
    const start = new Map(checkpoints.rows.map(row => [row.shard, row]))
    const [tail, sleepers, house] = await Promise.all([
      reader.query(query('recover-tail').text, [indexes, indexes.map(i => start.get(i)?.seq ?? 0)]),
      reader.query(query('recover-sleepers').text, [indexes]),
      reader.query(query('recover-house').text, [indexes]),
    ])
    const lines = tail.rows.map(lineOf)
    const tails = group(lines, line => line.shard)

    // Which actors does the tail go on with that were there before it?
    const older = new Map<string, { shard: number; key: Key }>()
    const seen = new Set<string>()
    for (const line of lines) {
      const place = `${line.shard}.${line.key}`
      if (seen.has(place)) continue
      seen.add(place)
      if (!isBirth(line)) older.set(place, { shard: line.shard, key: line.key })
    }
    for (const row of sleepers.rows) {
      const key = hexOf(row.actor)
      if (row.owes) older.set(`${row.shard}.${key}`, { shard: row.shard, key })
    }
    const wants = [...older.values()].map(one => ({
      ...one,
      kind: '',
      cell: true,
      account: undefined,
    }))
    const found = wants.length === 0 ? [] : await load(wants)
    const foundBy = group(found, one => one.want.shard)
    const sleepersBy = group(sleepers.rows, row => row.shard)
    const houseBy = group(house.rows, row => row.shard)

    return leases.map(({ shard, epoch }) => {
      const row = start.get(shard)
      const seq = Number(row?.seq ?? 0)
      const awake = foundBy.get(shard) ?? []
      const cells = awake.flatMap(one => (one.snapshot ? [one.snapshot] : []))
      const histories = awake.flatMap(one =>
        one.snapshot ? [] : one.lines.filter(line => line.seq <= seq),
      )
      return {
        shard,
        epoch,
        seq,
        hash: row?.hash ?? genesis,
        at: row === undefined ? 0 : decode(row.last).at,
        claims: JSON.parse(row?.claims ?? '[]'),
        accounts: (houseBy.get(shard) ?? []).map(accountOf),
        dormant: (sleepersBy.get(shard) ?? []).map(one => [
          hexOf(one.actor),
          one.wake_at === null ? null : Number(one.wake_at),
          one.kind,
        ]),
        cells,
        histories: histories.sort((a, b) => a.seq - b.seq),
        tail: (tails.get(shard) ?? []).sort((a, b) => a.seq - b.seq),
      } satisfies ShardImage
    })
  }

  async function load(wants: readonly Want[]): Promise<readonly Found[]> {
    const cells = wants.filter(want => want.cell)
    const accounts = wants.filter(want => want.account !== undefined)
    const { rows } = await reader.query({
      ...query('load-missing'),
      values: [
        smallints(cells.map(want => want.shard)),
        bigints(cells.map(want => want.key)),
        smallints(accounts.map(want => want.shard)),
        accounts.map(want => want.account),
      ],
    })
    if (rows.length === 0) {
      return wants.map(want => ({ want, snapshot: undefined, lines: [], account: undefined }))
    }
    const linesBy = new Map<string, Line[]>()
    const snapshots = new Map<string, CellImage>()
    const balances = new Map<string, AccountImage>()
    for (const row of rows) {
      if (row.what === 'account') balances.set(`${row.shard}.${row.id}`, accountOf(row))
      else if (row.what === 'snapshot') {
        const image: CellImage = JSON.parse(row.text)
        if (versions.get(image.kind) === image.version) {
          snapshots.set(`${row.shard}.${image.key}`, image)
        }
      } else {
        const line = lineOf({ ...row, body: row.text })
        const place = `${row.shard}.${line.key}`
        const known = linesBy.get(place)
        if (known) known.push(line)
        else linesBy.set(place, [line])
      }
    }
    return wants.map(want => {
      const place = `${want.shard}.${want.key}`
      const snapshot = want.cell ? snapshots.get(place) : undefined
      const lines = (want.cell ? linesBy.get(place) : undefined) ?? []
      return {
        want,
        snapshot,
        lines: lines.filter(line => line.seq > (snapshot?.seq ?? 0)).sort((a, b) => a.seq - b.seq),
        account:
          want.account === undefined ? undefined : balances.get(`${want.shard}.${want.account}`),
      }
    })
  }

  async function keys(shard: number, after: Key, limit: number): Promise<readonly Key[]> {
    const from = after === '' ? '-1' : decimalOf(after)
    const { rows } = await reader.query({ ...query('read-keys'), values: [shard, from, limit] })
    return rows.map(row => hexOf(row.actor))
  }

  async function history(shard: number, key: Key): Promise<readonly Line[]> {
    const { rows } = await reader.query({
      ...query('read-history'),
      values: [shard, BigInt(`0x${key}`).toString()],
    })
    return rows.map(lineOf)
  }

  async function lines(shard: number, seq: number, limit: number): Promise<readonly Line[]> {
    const { rows } = await reader.query({ ...query('read-lines'), values: [shard, seq, limit] })
    return rows.map(lineOf)
  }

  async function close(): Promise<void> {
    isClosed = true
    flusher.close()
    await Promise.allSettled([writer.end(), reader.end(), keeper.end()])
  }
}

/** The mark of a first record stands among the first fields; see `encode`. */
const isBirth = (line: Line): boolean => line.body.slice(0, 200).includes('"b":1,')

type Row = { shard: number; seq: string; actor: string; hash: string; body: string }

const lineOf = (row: Row): Line => ({
  shard: row.shard,
  seq: Number(row.seq),
  key: hexOf(row.actor),
  hash: row.hash,
  body: row.body,
})

const accountOf = (row: {
  id: string
  seq: string
  balance: string
  debits_pending: string
  credits_pending: string
}): AccountImage => ({
  id: row.id,
  seq: Number(row.seq),
  balances: [Number(row.balance), Number(row.debits_pending), Number(row.credits_pending)],
})

/** A binary `smallint[]`: what Postgres reads without parsing. */
function smallints(values: readonly number[]): Buffer {
  const buffer = arrayOf(21, values.length, 2)
  let at = values.length === 0 ? 12 : 20
  for (const value of values) {
    buffer.writeInt32BE(2, at)
    buffer.writeInt16BE(value, at + 4)
    at += 6
  }
  return buffer
}

/** A binary `bigint[]` out of 16 hex digits each. */
function bigints(values: readonly string[]): Buffer {
  const buffer = arrayOf(20, values.length, 8)
  let at = values.length === 0 ? 12 : 20
  for (const value of values) {
    buffer.writeInt32BE(8, at)
    buffer.writeUInt32BE(Number.parseInt(value.slice(0, 8), 16), at + 4)
    buffer.writeUInt32BE(Number.parseInt(value.slice(8), 16), at + 8)
    at += 12
  }
  return buffer
}

function arrayOf(type: number, length: number, size: number): Buffer {
  const buffer = Buffer.allocUnsafe(length === 0 ? 12 : 20 + length * (4 + size))
  buffer.writeInt32BE(length === 0 ? 0 : 1, 0)
  buffer.writeInt32BE(0, 4)
  buffer.writeInt32BE(type, 8)
  if (length > 0) {
    buffer.writeInt32BE(length, 12)
    buffer.writeInt32BE(1, 16)
  }
  return buffer
}

function group<T>(items: readonly T[], by: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>()
  for (const item of items) {
    const key = by(item)
    const known = groups.get(key)
    if (known) known.push(item)
    else groups.set(key, [item])
  }
  return groups
}
