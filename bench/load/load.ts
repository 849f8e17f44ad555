/**
 * A load generator that costs little: raw kept-alive sockets, requests made beforehand, answers
 * counted and not kept. It shares the machine with what it measures, so every microsecond it
 * doesn't spend is the server's.
 *
 *   closed: each connection asks again as soon as it is answered     (how much can it take?)
 *   open:   requests leave by the clock, answered or not             (how long does one wait?)
 *
 * BL1. Every request is sent once and answered once; a lost connection ends the run with an error.
 * BL2. An open run measures from the moment a request was due, not from when a socket was free: a
 *      server that stalls is charged for everybody who would have been waiting.
 * BL3. Answers are counted by status; the bodies of the first few that are not 200 are kept.
 */
import { connect, type Socket } from 'node:net'
import { Answers } from './answers.ts'
import { Histogram } from './histogram.ts'
import type { Batch } from './requests.ts'

export type Target = { readonly host: string; readonly port: number }

export type Pace = {
  readonly connections: number
  /** Absent: closed loop. Present: open loop at this rate. */
  readonly perSecond?: number
  /** A request leaves, and when it was due. */
  readonly onSend?: (index: number, dueMs: number) => void
  /** Its answer is there, so long after it was due. */
  readonly onAnswer?: (index: number, ms: number) => void
}

export type Outcome = {
  readonly sent: number
  readonly ok: number
  readonly statuses: Readonly<Record<string, number>>
  readonly oddities: readonly string[]
  /** Unix milliseconds of the first request and of the last answer. */
  readonly startedAt: number
  readonly endedAt: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** What this process spent on it, seconds of one core. */
  readonly cpuSeconds: number
}

const odditiesMax = 5
const readBytes = 64 * 1024

/** One run over open connections. Resolves when the last request has its answer. */
export async function load(target: Target, batch: Batch, pace: Pace): Promise<Outcome> {
  const run = new Run(batch, pace)
  const opening: Promise<Connection>[] = []
  for (let n = 0; n < pace.connections; n++) opening.push(open(target, run))
  const connections = await Promise.all(opening)
  try {
    return await run.start(connections, pace.perSecond)
  } finally {
    for (const connection of connections) connection.close()
  }
}

function open(target: Target, run: Run): Promise<Connection> {
  return new Promise((resolve, reject) => {
    let connection: Connection | null = null
    const socket = connect({
      ...target,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(readBytes),
        callback: (length: number, buffer: Uint8Array) => {
          connection!.read(buffer as Buffer, length)
          return true
        },
      },
    })
    socket.once('connect', () => {
      connection = new Connection(socket, run)
      resolve(connection)
    })
    socket.once('error', cause => {
      reject(cause)
      run.fail(new Error('bench: a connection broke', { cause }))
    })
    socket.once('close', () => run.fail(new Error('bench: the server closed a connection')))
  })
}

class Connection {
  readonly #socket: Socket
  readonly #answers: Answers
  since = 0
  index = 0

  constructor(socket: Socket, run: Run) {
    this.#socket = socket
    this.#answers = new Answers((status, body) => run.answered(this, status, body))
  }

  send(bytes: Buffer, index: number, since: number): void {
    this.index = index
    this.since = since
    this.#socket.write(bytes)
  }

  read(buffer: Buffer, length: number): void {
    this.#answers.read(buffer.subarray(0, length))
  }

  close(): void {
    this.#socket.removeAllListeners('close')
    this.#socket.destroy()
  }
}

class Run {
  readonly #batch: Batch
  readonly #pace: Pace
  readonly #latencies = new Histogram()
  readonly #statuses = new Uint32Array(600)
  readonly #oddities: string[] = []
  readonly #idle: Connection[] = []
  /** Requests [0, sent) are out; in an open loop [sent, due) wait for a connection. */
  #sent = 0
  #due = 0
  #answered = 0
  #beganMs = 0
  #everyMs = 0
  #done: (failure: Error | null) => void = () => {}

  constructor(batch: Batch, pace: Pace) {
    this.#batch = batch
    this.#pace = pace
  }

  async start(connections: readonly Connection[], perSecond?: number): Promise<Outcome> {
    const cpu = process.cpuUsage()
    const startedAt = Date.now()
    this.#beganMs = performance.now()
    await new Promise<void>((resolve, reject) => {
      this.#done = failure => (failure === null ? resolve() : reject(failure))
      if (perSecond === undefined) this.#startClosed(connections)
      else this.#startOpen(connections, perSecond)
    })
    const seconds = (performance.now() - this.#beganMs) / 1000
    const spent = process.cpuUsage(cpu)
    return {
      ...this.#tally(),
      startedAt,
      endedAt: Date.now(),
      perSecond: this.#answered / seconds,
      cpuSeconds: (spent.user + spent.system) / 1e6,
    }
  }

  fail(failure: Error): void {
    this.#done(failure)
  }

  answered(connection: Connection, status: number, body: Buffer): void {
    const ms = performance.now() - connection.since
    this.#latencies.add(ms)
    this.#pace.onAnswer?.(connection.index, ms)
    this.#statuses[status]!++
    if (status !== 200 && this.#oddities.length < odditiesMax) {
      this.#oddities.push(`${status} ${body.toString('utf8', 0, 300)}`)
    }
    if (++this.#answered === this.#batch.count) this.#done(null)
    else if (this.#sent < this.#due) this.#sendNext(connection)
    else this.#idle.push(connection)
  }

  #startClosed(connections: readonly Connection[]): void {
    this.#due = this.#batch.count
    for (const connection of connections.slice(0, this.#due)) this.#sendNext(connection)
  }

  #startOpen(connections: readonly Connection[], perSecond: number): void {
    this.#everyMs = 1000 / perSecond
    this.#idle.push(...connections)
    const tick = () => {
      const elapsed = performance.now() - this.#beganMs
      this.#due = Math.min(this.#batch.count, Math.floor(elapsed / this.#everyMs) + 1)
      // In turn, so that none is idle for so long that the server lets go of it.
      while (this.#sent < this.#due && this.#idle.length > 0) this.#sendNext(this.#idle.shift()!)
      if (this.#due < this.#batch.count) setTimeout(tick, 1)
    }
    tick()
  }

  #sendNext(connection: Connection): void {
    const index = this.#sent++
    const { bytes, ends } = this.#batch
    const due = this.#everyMs > 0 ? this.#beganMs + index * this.#everyMs : performance.now()
    this.#pace.onSend?.(index, due)
    connection.send(bytes.subarray(index === 0 ? 0 : ends[index - 1], ends[index]), index, due)
  }

  #tally() {
    const statuses: Record<string, number> = {}
    this.#statuses.forEach((count, status) => {
      if (count > 0) statuses[status] = count
    })
    return {
      sent: this.#sent,
      ok: this.#statuses[200]!,
      statuses,
      oddities: this.#oddities,
      p50Ms: this.#latencies.quantileMs(0.5),
      p99Ms: this.#latencies.quantileMs(0.99),
      maxMs: this.#latencies.maxMs,
    }
  }
}
