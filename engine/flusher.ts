/**
 * How a batch gets into the journal. A flush is one text, fence and COPY together, answered once:
 * per-row work is what costs at thirty thousand lines a second, and COPY does the least of it.
 *
 * A flush is sent behind the one before it without waiting for its answer, so the journal never
 * waits for our event loop. Each names the one before it, and the server refuses a flush whose
 * predecessor on this connection it did not keep (`journal_fence`).
 *
 * P1. An error that the server answered left nothing behind; a connection that broke is unknown.
 * P4. Flushes are carried out and answered in the order of the calls, and none is kept behind one
 *     that failed: who calls before everybody was told of a failure is turned away, for he goes on
 *     from what was lost.
 * P5. The first flush after a failure, or on a new connection, must go on where the journal ends:
 *     the server compares (`journal_follows`). Behind one that was kept, that is so already.
 * P6. A flush that is not answered in time, its error included, is unknown like its connection.
 */

import pg from 'pg'
import { copyBehind } from '../sql/copy.ts'
import { query } from '../sql/queries.ts'
import { Fault } from './assert.ts'
import type { Batch } from './host.ts'
import { decimalOf } from './ids.ts'
import type { Line } from './record.ts'
import type { CheckpointImage } from './shard.ts'

/** A connection, and how far flushes have come on it. */
type Wire = {
  readonly client: pg.PoolClient
  /** The last flush that was kept, the last one that was sent, and how many are unanswered. */
  kept: string
  sent: string
  pending: number
}

type Waiting = {
  readonly batch: Batch
  readonly resolve: () => void
  readonly reject: (fault: Fault) => void
}

/** Longer than Postgres takes to give up by itself. */
const usualAnswerMsMax = 20_000

export class Flusher {
  readonly #connect: () => Promise<pg.PoolClient>
  readonly #answerMsMax: number
  #wire: Wire | undefined
  /** Called while there is no connection yet; they leave together, in their order. */
  readonly #waiting: Waiting[] = []
  #flushes = 0
  /** The answer to the last call: nobody hears of a later one before. */
  #told: Promise<void> = Promise.resolve()
  /** Calls that were not told yet, and whether one of them failed. */
  #untold = 0
  #hasFailed = false

  constructor(connect: () => Promise<pg.PoolClient>, answerMsMax = usualAnswerMsMax) {
    this.#connect = connect
    this.#answerMsMax = answerMsMax
  }

  /** Resolves when the batch is durable; rejects with a `Fault`. */
  append(batch: Batch): Promise<void> {
    const answered = this.#hasFailed ? Promise.reject(turnedAway()) : this.#append(batch)
    // Two answers may arrive in one read, and the first may have come here by a longer way.
    answered.catch(() => {})
    this.#untold++
    const told = this.#told
      .then(() => answered)
      .finally(() => {
        if (--this.#untold === 0) this.#hasFailed = false
      })
    this.#told = told.catch(() => {})
    return told
  }

  #append(batch: Batch): Promise<void> {
    if (this.#wire !== undefined) return this.#send(this.#wire, batch)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject })
      if (this.#waiting.length === 1) void this.#open()
    })
  }

  close(): void {
    if (this.#wire !== undefined) this.#drop(this.#wire)
  }

  async #open(): Promise<void> {
    try {
      const client = await this.#connect()
      const wire = { client, kept: '', sent: '', pending: 0 }
      client.once('end', () => this.#drop(wire))
      this.#wire = wire
      for (const { batch, resolve, reject } of this.#waiting.splice(0)) {
        this.#send(wire, batch).then(resolve, reject)
      }
    } catch (cause) {
      this.#hasFailed = true
      const fault = new Fault('journal.unavailable', { untouched: true, cause })
      for (const { reject } of this.#waiting.splice(0)) reject(fault)
    }
  }

  #drop(wire: Wire): void {
    if (this.#wire !== wire) return
    this.#wire = undefined
    // They are lost with it; their own word of that comes a moment later.
    if (wire.pending > 0) this.#hasFailed = true
    wire.client.release(true)
  }

  async #send(wire: Wire, { fence, lines, checkpoints }: Batch): Promise<void> {
    const previous = wire.pending > 0 ? wire.sent : wire.kept
    const isNext = previous === String(this.#flushes)
    const flush = String(++this.#flushes)
    const epochs = `'{${[...fence.keys()]}}', '{${[...fence.values()]}}'`
    let text = `call journal_fence(${epochs}, '${previous}', '${flush}');`
    if (!isNext) text += ` call journal_follows(${endsBefore(lines)});`
    if (checkpoints.length > 0) {
      const images = JSON.stringify(checkpoints.map(imageOf)).replaceAll("'", "''")
      text += ` select journal_checkpoint('${images}');`
    }
    wire.sent = flush
    wire.pending++
    const late = setTimeout(() => this.#drop(wire), this.#answerMsMax)
    try {
      if (lines.length === 0) await copyBehind(wire.client, text, null)
      else await copyBehind(wire.client, `${text} ${appendLines}`, rowsOf(lines))
      wire.kept = flush
    } catch (cause) {
      this.#hasFailed = true
      if (!isAnswer(cause)) this.#drop(wire)
      throw faultOf(cause)
    } finally {
      clearTimeout(late)
      wire.pending--
    }
  }
}

const turnedAway = (): Fault => new Fault('journal.unavailable', { untouched: true })

/** Of each shard of the lines, the last line before them: two arrays, as SQL takes them. */
function endsBefore(lines: readonly Line[]): string {
  const ends = new Map<number, number>()
  for (const { shard, seq } of lines) if (!ends.has(shard)) ends.set(shard, seq - 1)
  return `'{${[...ends.keys()]}}', '{${[...ends.values()]}}'`
}

const appendLines = `${query('append-lines').text.trimEnd()} with (format binary)`

const copyHeader = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
/** Field count, five lengths, and the four fields of fixed size. */
const fixedBytes = 2 + 5 * 4 + 2 + 8 + 8 + 16

/**
 * The rows as a binary COPY stream: Postgres takes binary a fifth cheaper than text, for it need
 * not look at every byte. This is the hot path's last mile, so it is written plainly.
 */
function rowsOf(lines: readonly Line[]): Buffer {
  let size = copyHeader.length + 2
  for (const { body } of lines) size += fixedBytes + Buffer.byteLength(body)
  const rows = Buffer.allocUnsafe(size)
  copyHeader.copy(rows)
  let at = copyHeader.length
  for (const { shard, seq, key, hash, body } of lines) {
    at = rows.writeInt16BE(5, at)
    at = rows.writeInt32BE(2, at)
    at = rows.writeInt16BE(shard, at)
    at = rows.writeInt32BE(8, at)
    at = rows.writeUInt32BE(Math.floor(seq / 2 ** 32), at)
    at = rows.writeUInt32BE(seq % 2 ** 32, at)
    at = rows.writeInt32BE(8, at)
    at = rows.writeUInt32BE(Number.parseInt(key.slice(0, 8), 16), at)
    at = rows.writeUInt32BE(Number.parseInt(key.slice(8), 16), at)
    at = rows.writeInt32BE(16, at)
    at += rows.write(hash, at, 'hex')
    const bytes = rows.write(body, at + 4, 'utf8')
    rows.writeInt32BE(bytes, at)
    at += 4 + bytes
  }
  rows.writeInt16BE(-1, at)
  return rows
}

/** Server errors come with a code and rolled everything back; all else may have been written. */
function faultOf(cause: unknown): Fault {
  const code = (cause as { code?: unknown }).code
  if (code === 'LJ001' || code === '23505') {
    return new Fault('journal.fenced', { untouched: true, cause })
  }
  return new Fault('journal.unavailable', { untouched: isAnswer(cause), cause })
}

/** 57P01 and its kin are no answer: they end the connection, possibly after the commit was done. */
function isAnswer(cause: unknown): boolean {
  if (!(cause instanceof pg.DatabaseError) || cause.code === undefined) return false
  return !cause.code.startsWith('57P') && !cause.code.startsWith('08')
}

function imageOf(image: CheckpointImage): object {
  return {
    shard: image.shard,
    seq: image.seq,
    hash: image.hash,
    claims: JSON.stringify(image.claims),
    gone: image.gone.map(decimalOf),
    cells: image.cells.map(({ wakeAt, ...cell }) => ({
      actor: decimalOf(cell.key),
      seq: cell.seq,
      kind: cell.kind,
      version: cell.version,
      owes: cell.owed.length > 0,
      wakeAt,
      state: JSON.stringify(cell),
    })),
    accounts: image.accounts.map(({ id, house, seq, balances }) => ({
      id,
      house,
      seq,
      balance: balances[0],
      debitsPending: balances[1],
      creditsPending: balances[2],
    })),
  }
}
