/**
 * Keeps the read models up with the journal. Fresh lines come by hand from the engine, so nothing
 * is read twice; whoever fell behind (start, rebuild, a long outage) reads the journal instead.
 *
 *   engine ──durable lines──▶ fold (gathers) ──one write at a time──▶ tables + positions
 *   journal ──when behind──────▶
 *
 * Y1. A line is folded once and in order: positions are written together with the rows.
 * Y2. What gathers is bounded: over the bound fresh lines are let go and read back later.
 * Y3. Who waits for a position is answered when the tables have it, and what they wait for hurries.
 * Y4. After a failed write the tables say what was done; the rest is read back.
 */

import pg from 'pg'
import { decode, type JournalRecord, type Line } from '../../engine/record.ts'
import { blanked, copyIn, copyOptions, nothing, quoted, separator } from '../../sql/copy.ts'
import { query } from '../../sql/queries.ts'
import { type ChangedRow, Fold, type MutationRow, type RevisedRow, type WatchRow } from './fold.ts'

export type ProjectorOptions = {
  readonly url: string
  readonly shards: number
  readonly lines: (shard: number, seq: number, limit: number) => Promise<readonly Line[]>
  /** Called when a write failed; it is tried again. */
  readonly onError?: (cause: unknown) => void
}

/**
 * How often to look, and how long to gather when nobody waits: orders end, accounts repeat. When it
 * falls quiet there is nothing to gain by waiting.
 */
const beatMs = 50
const gatherMs = 1_000
const gatherCalmMs = 100
/** Lines per millisecond from which gathering pays: below it, small writes keep answers quick. */
const busyLinesPerMs = 4
const gatherMax = 60_000
const writeEarlyAt = 30_000
const readAtOnce = 5_000
const retryMs = 500

type Waiter = { shard: number; seq: number; resolve: () => void }

export class Projector {
  writes = 0
  lastWriteMs = 0
  readonly #options: ProjectorOptions
  readonly #pool: pg.Pool
  /** Per shard: the last line that is in the tables, and the last one that is gathered. */
  readonly #written: number[]
  readonly #gathered: number[]
  /** The last line that was handed over, gathered or not. */
  readonly #heard: number[]
  readonly #behind = new Set<number>()
  #fold = new Fold()
  #flying: Fold | null = null
  #waiters: Waiter[] = []
  #timer: NodeJS.Timeout | undefined
  #reading = false
  #wroteAt = 0
  #linesAtBeat = 0
  #stopped = false

  constructor(options: ProjectorOptions) {
    this.#options = options
    this.#pool = new pg.Pool({ connectionString: options.url, max: 1 })
    this.#pool.on('error', () => {})
    // Also of a connection in use: its query hears of it, and the event must have a listener.
    this.#pool.on('connect', client => client.on('error', () => {}))
    this.#written = new Array(options.shards).fill(0)
    this.#gathered = new Array(options.shards).fill(0)
    this.#heard = new Array(options.shards).fill(0)
  }

  /** Finds out where the tables stand; everything after that is read from the journal first. */
  async start(): Promise<void> {
    const { rows } = await this.#pool.query(query('project-positions').text)
    for (const row of rows) this.#written[row.shard] = Number(row.seq)
    for (let shard = 0; shard < this.#options.shards; shard++) {
      this.#gathered[shard] = this.#written[shard]!
      this.#behind.add(shard)
    }
    this.#timer = setInterval(() => void this.#beat(), beatMs)
    void this.#beat()
  }

  /** One durable line, as the engine wrote it. */
  feed(line: Line, record: JournalRecord): void {
    const { shard, seq } = line
    this.#heard[shard] = seq
    if (this.#behind.has(shard)) return
    if (seq !== this.#gathered[shard]! + 1 || this.#fold.lines >= gatherMax) {
      if (seq > this.#gathered[shard]!) this.#behind.add(shard)
      return
    }
    this.#take(shard, seq, record)
    if (this.#fold.lines >= writeEarlyAt && this.#flying === null) void this.#write()
  }

  /** Resolves when the tables have this line of the shard, or after `timeoutMs` with false. */
  reached(shard: number, seq: number, timeoutMs: number): Promise<boolean> {
    if (this.#written[shard]! >= seq) return Promise.resolve(true)
    return new Promise(resolve => {
      const timer = setTimeout(() => resolve(false), timeoutMs)
      const done = () => {
        clearTimeout(timer)
        resolve(true)
      }
      this.#waiters.push({ shard, seq, resolve: done })
      this.#hurry()
    })
  }

  /** Lines that are durable and not yet in the tables, given each shard's durable position. */
  lag(durable: Iterable<{ index: number; durableSeq: number }>): number {
    let lag = 0
    for (const { index, durableSeq } of durable)
      lag += Math.max(0, durableSeq - this.#written[index]!)
    return lag
  }

  /** Age of the oldest gathered line in milliseconds, 0 when nothing waits. */
  ageMs(now: number): number {
    const oldest = Math.min(this.#fold.oldestAt, this.#flying?.oldestAt ?? Number.POSITIVE_INFINITY)
    return Number.isFinite(oldest) ? Math.max(0, now - oldest) : 0
  }

  /** Empties the tables and folds them again from the first line. */
  async rebuild(): Promise<void> {
    while (this.#flying !== null || this.#reading) await pause(10)
    this.#flying = new Fold()
    await this.#pool.query(query('project-reset').text)
    this.#fold = new Fold()
    this.#written.fill(0)
    this.#gathered.fill(0)
    for (let shard = 0; shard < this.#options.shards; shard++) this.#behind.add(shard)
    this.#flying = null
    await this.#beat()
  }

  /** True when everything that was there has been read and written. */
  get idle(): boolean {
    return this.#behind.size === 0 && this.#fold.lines === 0 && this.#flying === null
  }

  /** Writes what is gathered, and leaves. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    while (this.#flying !== null || this.#reading) await pause(5)
    if (this.#fold.lines > 0) await this.#write()
    await this.#pool.end()
  }

  async #beat(): Promise<void> {
    if (this.#behind.size > 0) void this.#readBehind()
    const isQuiet = this.#fold.lines === this.#linesAtBeat
    this.#linesAtBeat = this.#fold.lines
    const elapsedMs = performance.now() - this.#wroteAt
    const isBusy = this.#fold.lines > elapsedMs * busyLinesPerMs
    const isOld = elapsedMs >= (isBusy ? gatherMs : gatherCalmMs)
    if (
      (isOld || isQuiet || this.#waiters.length > 0) &&
      this.#fold.lines > 0 &&
      this.#flying === null
    )
      await this.#write()
  }

  /** Somebody waits for their own write: what is gathered goes now. */
  #hurry(): void {
    if (this.#fold.lines > 0 && this.#flying === null) void this.#write()
  }

  async #readBehind(): Promise<void> {
    if (this.#reading) return
    this.#reading = true
    try {
      for (const shard of [...this.#behind]) {
        while (!this.#stopped && this.#fold.lines < gatherMax) {
          const lines = await this.#options.lines(shard, this.#gathered[shard]!, readAtOnce)
          for (const line of lines) this.#take(shard, line.seq, decode(line.body))
          // A line that came by hand meanwhile was let go: read on until it is there.
          if (lines.length < readAtOnce && this.#gathered[shard]! >= this.#heard[shard]!) {
            this.#behind.delete(shard)
            break
          }
        }
        if (this.#fold.lines >= writeEarlyAt && this.#flying === null) await this.#write()
        if (this.#stopped || this.#fold.lines >= gatherMax) break
      }
    } catch (cause) {
      this.#options.onError?.(cause)
    } finally {
      this.#reading = false
    }
  }

  #take(shard: number, seq: number, record: JournalRecord): void {
    this.#fold.add(shard, seq, record)
    this.#gathered[shard] = seq
  }

  async #write(): Promise<void> {
    const fold = this.#fold
    this.#fold = new Fold()
    this.#flying = fold
    const began = performance.now()
    this.#wroteAt = began
    try {
      await this.#save(fold)
    } catch (cause) {
      this.#options.onError?.(cause)
      await this.#findPositions()
      return
    }
    this.writes++
    this.lastWriteMs = performance.now() - began
    for (const [shard, seq] of fold.positions) this.#written[shard] = seq
    this.#flying = null
    this.#answerWaiters()
  }

  #answerWaiters(): void {
    const waiters = this.#waiters
    this.#waiters = waiters.filter(one => this.#written[one.shard]! < one.seq)
    for (const one of waiters) if (this.#written[one.shard]! >= one.seq) one.resolve()
  }

  /**
   * A failed write may have been done all the same. The positions in the tables say so: from there
   * on everything is read back from the journal.
   */
  async #findPositions(): Promise<void> {
    for (;;) {
      if (this.#stopped) {
        this.#flying = null
        return
      }
      try {
        await pause(retryMs)
        while (this.#reading) await pause(10)
        const { rows } = await this.#pool.query(query('project-positions').text)
        this.#written.fill(0)
        for (const row of rows) this.#written[row.shard] = Number(row.seq)
        break
      } catch (cause) {
        this.#options.onError?.(cause)
      }
    }
    this.#fold = new Fold()
    for (let shard = 0; shard < this.#options.shards; shard++) {
      this.#gathered[shard] = this.#written[shard]!
      this.#behind.add(shard)
    }
    this.#flying = null
    this.#answerWaiters()
  }

  /** One write: rows by COPY, and the positions that they reach. */
  async #save(fold: Fold): Promise<void> {
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
        numbers(accounts.map(row => row.shard)),
        accounts.map(row => row.id).join(' '),
        numbers(accounts.map(row => row.seq)),
        numbers(accounts.map(row => row.balances[0])),
        numbers(accounts.map(row => row.balances[1])),
        numbers(accounts.map(row => row.balances[2])),
      ]
      if (accounts.length > 0) await client.query({ ...query('project-accounts'), values })
      const moved = [...fold.positions]
      const { rows: told } = await client.query({
        ...query('project-checkpoint'),
        values: [
          numbers(moved.map(([shard]) => shard)),
          numbers(moved.map(([, seq]) => seq)),
          numbers(moved.map(([shard]) => this.#written[shard]!)),
        ],
      })
      if (Number(told[0].moved) !== moved.length) throw new Error('another process wrote here')
      await client.query('commit')
      broken = false
    } finally {
      client.release(broken)
    }
  }
}

const copyOrders = `${query('project-orders-placed').text.trimEnd()} ${copyOptions}`
const copyMutations = `${query('project-mutations').text.trimEnd()} ${copyOptions}`

/** Numeric arrays need no escaping: this is quicker than what node-postgres would do. */
const numbers = (values: readonly (number | null)[]): string =>
  `{${values.map(value => value ?? 'null').join(',')}}`

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
  numbers(rows.map(row => row.shard)),
  `{${rows.map(row => row.id).join(',')}}`,
  numbers(rows.map(row => row.n)),
  rows.map(row => row.supplier),
  rows.map(row => (row.code === null ? null : blanked(row.code))),
  numbers(rows.map(row => row.at)),
]

const revisedColumns = (rows: readonly RevisedRow[]) => [
  numbers(rows.map(row => row.shard)),
  `{${rows.map(row => row.id).join(',')}}`,
  numbers(rows.map(row => row.n)),
  numbers(rows.map(row => row.at)),
]

const columnsOf = (rows: readonly ChangedRow[]) => [
  numbers(rows.map(row => row.shard)),
  `{${rows.map(row => row.id).join(',')}}`,
  numbers(rows.map(row => row.cost)),
  rows.map(row => row.supplier),
  rows.map(row => row.status),
  rows.map(row => (row.sn === null ? null : blanked(row.sn))),
  rows.map(row => row.failure),
  numbers(rows.map(row => row.attempts)),
  rows.map(row => row.attention),
  numbers(rows.map(row => row.updatedAt)),
]

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
