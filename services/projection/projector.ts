/**
 * Keeps the tables that people read up with the journal: orders, mutations, accounts. It follows
 * the journal as `services/journal-follower.ts` says; its own is what is gathered (`fold.ts`), how
 * long gathering pays, and how one pile gets into the tables.
 *
 * Y1. A line is folded once and in order: positions are written together with the rows, and only
 *     from where this process believes them, so that a former one can't take them back.
 * Y2. What gathers is bounded: over the bound fresh lines are let go and read back later.
 * Y3. Who waits for a position is answered when the tables have it, and what they wait for hurries.
 * Y4. After a failed write the tables say what was done; the rest is read back.
 * Y5. Who does not hold the shards writes nothing. Who takes them asks the tables first: another
 *     process wrote lines that were never handed over here, and not all of them need be in there.
 * Y6. A writer whose machine is gone amid a write holds back the next one no longer than a write
 *     may take.
 */

import pg from 'pg'
import type { Batch } from '../../engine/host.ts'
import { arrayText } from '../../sql/array-text.ts'
import { blanked, copyIn, copyOptions, nothing, quoted, separator } from '../../sql/copy.ts'
import type { Step } from '../../sql/positions.ts'
import { query } from '../../sql/queries.ts'
import { heedful } from '../../sql/silence.ts'
import { JournalFollower, type JournalSource } from '../journal-follower.ts'
import { type ChangedRow, Fold, type MutationRow, type RevisedRow, type WatchRow } from './fold.ts'

type ProjectorOptions = {
  readonly url: string
  readonly shards: number
  readonly source: JournalSource
  /** Without it, for ever. */
  readonly isOwner?: () => boolean
  /** Called when a write failed; it is tried again. */
  readonly onError?: (cause: unknown) => void
  /** A write that takes longer is given up, by us and by the server. */
  readonly writeMsMax?: number
}

/**
 * How often to look, and how long to gather when nobody waits: orders end, accounts repeat. When it
 * falls quiet there is nothing to gain by waiting.
 */
const beatMs = 50
const gatherBusyMs = 1_000
const gatherCalmMs = 100
/** Lines per millisecond from which gathering pays: below it, small writes keep answers quick. */
const busyLinesPerMs = 4
const writeEarlyAt = 30_000
const gatherMax = 60_000
const readAtOnce = 5_000
/** A large write may take its time. */
const usualWriteMsMax = 60_000

export class Projector {
  writes = 0
  lastWriteMs = 0
  readonly #pool: pg.Pool
  readonly #follower: JournalFollower
  #fold = new Fold()
  #flying: Fold | null = null
  #linesAtBeat = 0

  constructor({
    url,
    writeMsMax = usualWriteMsMax,
    onError = () => {},
    ...options
  }: ProjectorOptions) {
    this.#pool = new pg.Pool({
      ...{ connectionString: url, max: 1, Client: heedful(writeMsMax + 5_000) },
      // Else a machine that is gone amid a write keeps its rows from the next one.
      ...{ statement_timeout: writeMsMax, idle_in_transaction_session_timeout: writeMsMax },
    })
    this.#pool.on('error', () => {})
    // Also of a connection in use: its query hears of it, and the event must have a listener.
    this.#pool.on('connect', client => client.on('error', () => {}))
    const gatherMs = (sinceMs: number) => this.#gatherMs(sinceMs)
    this.#follower = new JournalFollower(
      {
        ...{ ...options, onError, name: 'projections', beatMs, readAtOnce },
        ...{ gatherMs, gatherMax: writeEarlyAt, pileMax: gatherMax },
      },
      {
        positions: () => this.#positions(),
        take: ({ shard, seq }, record) => this.#fold.add(shard, seq, record),
        takeRead: (shard, read) => {
          for (const { line, record } of read) this.#fold.add(shard, line.seq, record)
          return undefined
        },
        write: steps => this.#write(steps),
        gathered: () => this.#fold.lines,
      },
    )
  }

  /** Finds out where the tables stand; everything after that is read from the journal first. */
  start(): Promise<void> {
    return this.#follower.start()
  }

  /** What just became durable, as the engine wrote it. */
  feed(batch: Pick<Batch, 'piled'>): void {
    this.#follower.feed(batch)
  }

  /** Resolves when the tables have this line of the shard, or after `timeoutMs` with false. */
  reached(shard: number, seq: number, timeoutMs: number): Promise<boolean> {
    return this.#follower.reached(shard, seq, timeoutMs)
  }

  /** Lines that are durable and not yet in the tables, given each shard's durable position. */
  lag(durable: Iterable<{ index: number; durableSeq: number }>): number {
    return this.#follower.lag(durable)
  }

  /** Age of the oldest gathered line in milliseconds, 0 when nothing waits. */
  ageMs(now: number): number {
    const oldest = Math.min(this.#fold.oldestAt, this.#flying?.oldestAt ?? Number.POSITIVE_INFINITY)
    return Number.isFinite(oldest) ? Math.max(0, now - oldest) : 0
  }

  /** Empties the tables and folds them again from the first line. */
  rebuild(): Promise<void> {
    return this.#follower.rebuild(() => this.#pool.query(query('project-reset').text))
  }

  /** True when everything that was there has been read and written. */
  get idle(): boolean {
    return this.#follower.idle
  }

  /** Writes what is gathered, and leaves. */
  async stop(): Promise<void> {
    await this.#follower.stop()
    await this.#pool.end()
  }

  async #positions(): Promise<{ shard: number; seq: number }[]> {
    const { rows } = await this.#pool.query(query('project-positions').text)
    this.#fold = new Fold()
    return rows.map(({ shard, seq }) => ({ shard, seq: Number(seq) }))
  }

  #gatherMs(sinceMs: number): number {
    const { lines } = this.#fold
    const isQuiet = lines === this.#linesAtBeat
    this.#linesAtBeat = lines
    if (isQuiet) return 0
    return lines > sinceMs * busyLinesPerMs ? gatherBusyMs : gatherCalmMs
  }

  async #write(steps: readonly Step[]): Promise<undefined> {
    const fold = this.#fold
    this.#fold = new Fold()
    this.#flying = fold
    const began = performance.now()
    try {
      await this.#save(fold, steps)
    } finally {
      this.#flying = null
    }
    this.writes++
    this.lastWriteMs = performance.now() - began
  }

  /** One write: rows by COPY, and the positions that they reach. */
  async #save(fold: Fold, steps: readonly Step[]): Promise<void> {
    const client = await this.#pool.connect()
    let broken = true
    try {
      await client.query('begin')
      const rows = [...fold.orders.values()]
      const placed = rows.filter(row => row.placed !== null)
      const changed = rows.filter(row => row.placed === null)
      if (placed.length > 0) await copyIn(client, copyOrders, placedRows(placed))
      if (fold.watched.length > 0) {
        await client.query({ ...query('project-watch'), values: watchedColumns(fold.watched) })
      }
      if (fold.revised.length > 0) {
        await client.query({ ...query('project-revised'), values: revisedColumns(fold.revised) })
      }
      if (changed.length > 0) {
        await client.query({ ...query('project-orders-changed'), values: columnsOf(changed) })
      }
      if (fold.mutations.length > 0) {
        await copyIn(client, copyMutations, mutationRows(fold.mutations))
      }
      const accounts = fold.accounts()
      const values = [
        arrayText(accounts.map(row => row.shard)),
        accounts.map(row => row.id).join(' '),
        arrayText(accounts.map(row => row.seq)),
        arrayText(accounts.map(row => row.balances[0])),
        arrayText(accounts.map(row => row.balances[1])),
        arrayText(accounts.map(row => row.balances[2])),
      ]
      if (accounts.length > 0) await client.query({ ...query('project-accounts'), values })
      const { rows: told } = await client.query({
        ...query('project-checkpoint'),
        values: [
          arrayText(steps.map(({ shard }) => shard)),
          arrayText(steps.map(({ to }) => to)),
          arrayText(steps.map(({ from }) => from)),
        ],
      })
      if (Number(told[0].moved) !== steps.length) throw new Error('another process wrote here')
      await client.query('commit')
      broken = false
    } finally {
      client.release(broken)
    }
  }
}

const copyOrders = `${query('project-orders-placed').text.trimEnd()} ${copyOptions}`
const copyMutations = `${query('project-mutations').text.trimEnd()} ${copyOptions}`

/** Many rows of one write share a millisecond. */
let lastMs = -1
let lastTime = ''
function time(ms: number): string {
  if (ms !== lastMs) {
    lastMs = ms
    lastTime = new Date(ms).toISOString()
  }
  return lastTime
}

function placedRows(rows: readonly ChangedRow[]): string {
  let text = ''
  for (const row of rows) {
    const { shard, id, userId, ref, product, destination, price, createdAt } = row.placed!
    text += `${shard}${separator}${id}${separator}${userId}${separator}${quoted(ref)}${separator}${quoted(product)}${separator}${quoted(destination)}${separator}${price}${separator}${row.cost ?? nothing}${separator}${row.supplier ?? nothing}${separator}${row.status}${separator}${row.sn === null ? nothing : quoted(row.sn)}${separator}${row.failure ?? nothing}${separator}${row.attempts}${separator}${row.attention || nothing}${separator}${time(createdAt)}${separator}${time(row.updatedAt)}\n`
  }
  return text
}

function mutationRows(rows: readonly MutationRow[]): string {
  let text = ''
  for (const row of rows) {
    text += `${row.shard}${separator}${row.userId}${separator}${row.seq}${separator}${row.leg}${separator}${row.direction}${separator}${row.amount}${separator}${row.before}${separator}${row.after}${separator}${row.kind}${separator}${row.referenceId}${separator}${quoted(row.note)}${separator}${time(row.at)}\n`
  }
  return text
}

const watchedColumns = (rows: readonly WatchRow[]) => [
  arrayText(rows.map(row => row.shard)),
  arrayText(rows.map(row => row.id)),
  arrayText(rows.map(row => row.n)),
  arrayText(rows.map(row => row.supplier)),
  arrayText(rows.map(row => (row.code === null ? null : blanked(row.code)))),
  arrayText(rows.map(row => row.at)),
]

const revisedColumns = (rows: readonly RevisedRow[]) => [
  arrayText(rows.map(row => row.shard)),
  arrayText(rows.map(row => row.id)),
  arrayText(rows.map(row => row.n)),
  arrayText(rows.map(row => row.at)),
]

const columnsOf = (rows: readonly ChangedRow[]) => [
  arrayText(rows.map(row => row.shard)),
  arrayText(rows.map(row => row.id)),
  arrayText(rows.map(row => row.cost)),
  arrayText(rows.map(row => row.supplier)),
  arrayText(rows.map(row => row.status)),
  arrayText(rows.map(row => (row.sn === null ? null : blanked(row.sn)))),
  arrayText(rows.map(row => row.failure)),
  arrayText(rows.map(row => row.attempts)),
  arrayText(rows.map(row => row.attention)),
  arrayText(rows.map(row => row.updatedAt)),
]
