/**
 * The way out to a supplier: HTTP/1.1 over kept-alive connections, one request on a connection at a
 * time. Hand-written, because the supplier call is the dearest part of an order: against the same
 * stub a call costs 11 us of CPU here, 20 us with `undici.dispatch` and 25 us with
 * `undici.request`. What it must never get wrong is which of three things happened:
 *
 *   answer     a complete, well-formed response
 *   not_sent   certainly not one byte of the request left: free to try elsewhere
 *   unknown    the first byte may have left and no answer came: the purchase may exist
 *
 *   send ─▶ idle connection? ──yes──▶ one write ─▶ answer | unknown
 *             └no─▶ wait in line, open one ─▶ connected ─▶ one write …
 *                        └─ refused, DNS, TLS, line too long, waited too long ─▶ not_sent
 *
 * HC1. Not sent is said only when nothing was written; after the write every trouble is unknown.
 * HC2. A request is written once. Nothing here repeats it, on this connection or another.
 * HC3. One request per connection at a time; the connection used last is used next.
 * HC4. An idle connection that speaks, ends or grows old is dropped before it can be used.
 * HC5. Everything has a limit: connections, the line before them, waiting, connecting, answering.
 * HC6. Outcomes carry codes, never addresses, headers or bodies.
 * HC7. Closing answers all: what waits is not sent, what is under way gets its answer or its limit;
 *      who can't wait for that says so, and does not know then.
 * HC8. What waited too long never leaves, also where the whole process or machine stood still and
 *      nobody looked meanwhile: somebody else may have asked about it since.
 *
 * A body that ends with the connection may have been cut there: a reset that arrives together with
 * bytes looks like an end (libuv stops reading at the hang-up). Adapters must ask for a form that a
 * cut would break, as JSON is.
 */

import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { ResponseParser } from './http-response.ts'

export type NotSent =
  | 'bad_request'
  | 'queue_full'
  | 'queue_timeout'
  | 'connect_refused'
  | 'connect_timeout'
  | 'connect_failed'
  | 'dns_failed'
  | 'tls_failed'
  | 'closing'

type Unknown = 'answer_timeout' | 'reset' | 'closed_early' | 'garbled'

export type Outcome =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly ms: number }
  | { readonly kind: 'not_sent'; readonly why: NotSent; readonly ms: number }
  | { readonly kind: 'unknown'; readonly why: Unknown; readonly ms: number }

type HttpRequest = {
  readonly method: 'GET' | 'POST'
  /** Appended to the path of the base address; begins with a slash or is empty. */
  readonly path: string
  readonly body?: string
  /** Media type of the body, `application/json` when absent. */
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
}

export type PoolOptions = {
  /** Calls in flight at most, each on a connection of its own. */
  readonly connectionsMax: number
  readonly queueMax: number
  readonly queueMsMax: number
  readonly connectMsMax: number
  /** From the write to the last byte of the answer. */
  readonly answerMsMax: number
  /** Below what servers commonly allow (Node closes after 5 s), so that we hang up first. */
  readonly idleMsMax: number
  /** Of one answer; absent: as `http-response.ts` has it. */
  readonly bodyBytesMax?: number
  /** Certificates to trust instead of the system's. */
  readonly ca?: string
}

const poolDefaults: PoolOptions = {
  connectionsMax: 256,
  queueMax: 20_000,
  queueMsMax: 20_000,
  connectMsMax: 5000,
  answerMsMax: 30_000,
  idleMsMax: 4000,
}

type Pending = {
  readonly text: string
  readonly encoding: 'latin1' | 'utf8'
  readonly settle: (outcome: Outcome) => void
  startedAt: number
  /** By the machine's clock: a stopwatch stands still with a machine that sleeps. */
  readonly takenAt: number
}

const readBytes = 8 * 1024
const tickMs = 50
const pathShape = /^(?:[/?][\x21-\x7e]*)?$/
const typeShape = /^[\x20-\x7e]+$/
const headerNameShape = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const headerValueShape = /^[\t\x20-\x7e]*$/
const clock = (): number => performance.now()

export class HttpPool {
  readonly #options: PoolOptions
  readonly #secure: boolean
  readonly #host: string
  readonly #port: number
  readonly #prefix: string
  readonly #common: string
  readonly #all = new Set<Connection>()
  /** Free connections, the one used last on top. */
  readonly #idle: Connection[] = []
  readonly #line = new Line()
  #opening = 0
  #ticking: NodeJS.Timeout | undefined
  #session: Buffer | undefined
  #closing: PromiseWithResolvers<void> | undefined

  constructor(base: string, options: Partial<PoolOptions> = {}) {
    const url = new URL(base)
    this.#options = { ...poolDefaults, ...options }
    this.#secure = url.protocol === 'https:'
    this.#host = url.hostname.replace(/^\[|\]$/g, '')
    this.#port = Number(url.port) || (this.#secure ? 443 : 80)
    this.#prefix = url.pathname.replace(/\/+$/, '')
    this.#common = ` HTTP/1.1\r\nhost: ${url.host}\r\nuser-agent: laju\r\naccept: */*\r\n`
  }

  get state(): { readonly open: number; readonly busy: number; readonly queued: number } {
    const open = this.#all.size - this.#opening
    return { open, busy: open - this.#idle.length, queued: this.#line.length }
  }

  send(request: HttpRequest): Promise<Outcome> {
    return new Promise(settle => {
      const startedAt = clock()
      if (this.#closing !== undefined) return settle(notSent('closing', startedAt))
      const text = this.#encode(request)
      if (text === null) return settle(notSent('bad_request', startedAt))
      // A text of one byte per character is written without conversion.
      const encoding = Buffer.byteLength(text) === text.length ? 'latin1' : 'utf8'
      this.#take({ text, encoding, settle, startedAt, takenAt: Date.now() })
    })
  }

  /** Resolves when the last call under way has its outcome. */
  close(): Promise<void> {
    this.#closing ??= Promise.withResolvers<void>()
    this.letGo()
    for (const connection of [...this.#all]) if (!connection.busy) connection.drop()
    this.#sayClosed()
    return this.#closing.promise
  }

  /** What stands in line does not leave any more; what is under way goes on. */
  letGo(): void {
    for (const pending of this.#line.drain()) pending.settle(notSent('closing', pending.startedAt))
  }

  /** Closes without waiting: what is under way is unknown at once, and nothing follows it. */
  hurry(): void {
    void this.close()
    for (const connection of [...this.#all]) if (connection.busy) connection.giveUp()
  }

  #encode(request: HttpRequest): string | null {
    if (!pathShape.test(request.path)) return null
    let head = `${request.method} ${this.#prefix}${request.path || '/'}${this.#common}`
    for (const name in request.headers) {
      const value = request.headers[name]!
      if (!headerNameShape.test(name) || !headerValueShape.test(value)) return null
      head += `${name}: ${value}\r\n`
    }
    if (request.body === undefined) return `${head}\r\n`
    const type = request.type ?? 'application/json'
    if (!typeShape.test(type)) return null
    const length = Buffer.byteLength(request.body)
    return `${head}content-type: ${type}\r\ncontent-length: ${length}\r\n\r\n${request.body}`
  }

  #take(pending: Pending): void {
    for (let free = this.#idle.pop(); free !== undefined; free = this.#idle.pop()) {
      if (free.fresh(pending.startedAt)) {
        free.carry(pending)
        return
      }
      free.drop()
    }
    if (this.#line.length >= this.#options.queueMax) {
      pending.settle(notSent('queue_full', pending.startedAt))
      return
    }
    this.#line.push(pending)
    this.#openForLine()
  }

  #openForLine(): void {
    while (this.#opening < this.#line.length && this.#all.size < this.#options.connectionsMax) {
      this.#open()
    }
    if (this.#ticking === undefined && (this.#all.size > 0 || this.#line.length > 0)) {
      this.#ticking = setInterval(() => this.#tick(), tickMs)
      this.#ticking.unref()
    }
  }

  #open(): void {
    const connection = new Connection(this.#options, {
      connected: () => {
        this.#opening--
        this.#release(connection)
      },
      failed: why => {
        this.#opening--
        this.#all.delete(connection)
        const waiting = this.#line.shift()
        waiting?.settle(notSent(why, waiting.startedAt))
        this.#openForLine()
        this.#sayClosed()
      },
      free: () => this.#release(connection),
      gone: () => {
        this.#all.delete(connection)
        const at = this.#idle.indexOf(connection)
        if (at >= 0) this.#idle.splice(at, 1)
        this.#openForLine()
        this.#sayClosed()
      },
    })
    this.#opening++
    this.#all.add(connection)
    connection.start(this.#connect(connection))
  }

  #connect(connection: Connection): Socket {
    const options = {
      host: this.#host,
      port: this.#port,
      noDelay: true,
      // Bytes land in the connection's own buffer, past the machinery of readable streams.
      onread: {
        buffer: connection.buffer,
        callback: (length: number): boolean => {
          connection.received(length)
          return true
        },
      },
    }
    if (!this.#secure) return connectPlain(options).once('connect', () => connection.ready())
    const socket: TLSSocket = connectTls({
      ...options,
      servername: /^[\d.]+$|:/.test(this.#host) ? '' : this.#host,
      ALPNProtocols: ['http/1.1'],
      ...(this.#options.ca === undefined ? {} : { ca: this.#options.ca }),
      ...(this.#session === undefined ? {} : { session: this.#session }),
    })
    socket.on('session', session => {
      this.#session = session
    })
    return socket.once('secureConnect', () => connection.ready())
  }

  #release(connection: Connection): void {
    this.#expire()
    const next = this.#line.shift()
    if (next !== undefined) connection.carry(next)
    else if (this.#closing !== undefined) connection.drop()
    else this.#idle.push(connection)
  }

  #tick(): void {
    const now = clock()
    for (const connection of [...this.#all]) connection.tick(now)
    this.#expire()
    if (this.#all.size === 0 && this.#line.length === 0) {
      clearInterval(this.#ticking)
      this.#ticking = undefined
    }
  }

  #expire(): void {
    if (this.#line.length === 0) return
    const { queueMsMax } = this.#options
    const now = clock()
    const machineNow = Date.now()
    for (let first = this.#line.first; first !== undefined; first = this.#line.first) {
      if (Math.max(now - first.startedAt, machineNow - first.takenAt) <= queueMsMax) return
      this.#line.shift()
      first.settle(notSent('queue_timeout', first.startedAt))
    }
  }

  #sayClosed(): void {
    if (this.#closing === undefined || this.#all.size > 0) return
    clearInterval(this.#ticking)
    this.#ticking = undefined
    this.#closing.resolve()
  }
}

type Watcher = {
  readonly connected: () => void
  readonly failed: (why: NotSent) => void
  readonly free: () => void
  readonly gone: () => void
}

class Connection {
  readonly buffer = Buffer.allocUnsafeSlow(readBytes)
  readonly #options: PoolOptions
  readonly #watcher: Watcher
  readonly #parser: ResponseParser
  #socket: Socket | undefined
  #phase: 'opening' | 'idle' | 'busy' | 'gone' = 'opening'
  #since = clock()
  #idleMs: number
  #pending: Pending | undefined

  constructor(options: PoolOptions, watcher: Watcher) {
    this.#options = options
    this.#parser = new ResponseParser(options.bodyBytesMax)
    this.#watcher = watcher
    this.#idleMs = options.idleMsMax
  }

  get busy(): boolean {
    return this.#phase === 'busy'
  }

  start(socket: Socket): void {
    this.#socket = socket
    socket.on('end', () => this.#ended())
    socket.on('error', error => this.#lost('reset', error))
    socket.on('close', () => this.#lost('closed_early'))
  }

  ready(): void {
    if (this.#phase !== 'opening') return
    this.#phase = 'idle'
    this.#since = clock()
    this.#watcher.connected()
  }

  fresh(now: number): boolean {
    return this.#phase === 'idle' && now - this.#since < this.#idleMs && this.#socket!.writable
  }

  /** From here on nothing is certain until the answer is complete. */
  carry(pending: Pending): void {
    pending.startedAt = clock()
    this.#phase = 'busy'
    this.#since = pending.startedAt
    this.#pending = pending
    this.#parser.reset()
    this.#socket!.write(pending.text, pending.encoding)
  }

  received(length: number): void {
    const progress = this.#phase === 'busy' ? this.#parser.feed(this.buffer, length) : 'unasked'
    if (progress === 'unasked') this.drop()
    else if (progress === 'done') this.#answered()
    else if (progress === 'garbled') this.#abandon('garbled')
  }

  tick(now: number): void {
    const age = now - this.#since
    switch (this.#phase) {
      case 'opening':
        if (age > this.#options.connectMsMax) this.#failToOpen('connect_timeout')
        return
      case 'busy':
        if (age > this.#options.answerMsMax) this.#abandon('answer_timeout')
        return
      case 'idle':
        if (age >= this.#idleMs) this.drop()
        return
      case 'gone':
        return
    }
  }

  giveUp(): void {
    this.#abandon('answer_timeout')
  }

  drop(): void {
    if (this.#phase === 'opening') this.#failToOpen('closing')
    if (this.#phase === 'gone') return
    this.#phase = 'gone'
    this.#socket!.destroy()
    this.#watcher.gone()
  }

  #failToOpen(why: NotSent): void {
    this.#phase = 'gone'
    this.#socket!.destroy()
    this.#watcher.failed(why)
  }

  #answered(): void {
    const pending = this.#pending!
    const { status, body, reusable, keepAliveMs } = this.#parser
    this.#pending = undefined
    this.#phase = 'idle'
    this.#since = clock()
    // A second less than the server promises: its clock started before ours.
    if (keepAliveMs > 0) this.#idleMs = Math.min(this.#options.idleMsMax, keepAliveMs - 1000)
    pending.settle({ kind: 'answer', status, body, ms: elapsed(pending.startedAt) })
    if (reusable) this.#watcher.free()
    else this.drop()
  }

  #abandon(why: Unknown): void {
    const pending = this.#pending
    this.#pending = undefined
    pending?.settle({ kind: 'unknown', why, ms: elapsed(pending.startedAt) })
    this.drop()
  }

  #ended(): void {
    if (this.#phase === 'busy' && this.#parser.end() === 'done') this.#answered()
    else this.#lost('closed_early')
  }

  #lost(why: Unknown, error?: Error): void {
    switch (this.#phase) {
      case 'opening':
        this.#failToOpen(whyNotSent(error))
        return
      case 'busy':
        this.#abandon(why)
        return
      case 'idle':
        this.drop()
        return
      case 'gone':
        return
    }
  }
}

/** First come, first served; taking from the front costs nothing however long the line. */
class Line {
  #items: (Pending | undefined)[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  get first(): Pending | undefined {
    return this.#items[this.#head]
  }

  push(pending: Pending): void {
    this.#items.push(pending)
  }

  shift(): Pending | undefined {
    if (this.length === 0) return undefined
    const pending = this.#items[this.#head]
    this.#items[this.#head++] = undefined
    if (this.#head === this.#items.length || this.#head > 4096) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return pending
  }

  drain(): Pending[] {
    const all = this.#items.slice(this.#head) as Pending[]
    this.#items = []
    this.#head = 0
    return all
  }
}

const elapsed = (startedAt: number): number => Math.round(clock() - startedAt)

const notSent = (why: NotSent, startedAt: number): Outcome => ({
  kind: 'not_sent',
  why,
  ms: elapsed(startedAt),
})

function whyNotSent(error: NodeJS.ErrnoException | undefined): NotSent {
  const code = error?.code ?? ''
  if (code === 'ECONNREFUSED') return 'connect_refused'
  if (code === 'ETIMEDOUT') return 'connect_timeout'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'dns_failed'
  return tlsTrouble.test(code) ? 'tls_failed' : 'connect_failed'
}

const tlsTrouble = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_|DEPTH_|SELF_|HOSTNAME_|EPROTO)|_CERT/
