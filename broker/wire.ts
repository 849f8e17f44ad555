/**
 * How the brokers of one installation hear each other: Redis carries their packets to whoever
 * listens at that moment. It keeps nothing of them, but what they give it to keep for all.
 *
 *   send ─▶ sealed ─▶ PUBLISH ─▶ laju:<installation>         everybody, ourselves among them
 *                             ─▶ laju:<installation>:<id>    one of us
 *
 * MSW1. A packet is sealed under a key of its sender, with its channel and a number that only
 *       grows: whoever can read Redis learns no secret of a box, and whoever can write there
 *       forges and redirects nothing, and repeats nothing to who has heard it.
 * MSW2. Two installations at one Redis hear nothing of each other.
 * MSW3. Nothing waits for Redis: what can't leave now is lost, and whoever said it is told so.
 * MSW4. It comes back by itself. Whether it carries is known by hearing oneself, not by a socket
 *       that stands.
 * MSW5. What is kept is sealed as well, under its name, and forgotten after thirty days.
 */

import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { Packets } from '../services/wire/packets.ts'

export type Wire = {
  /** Of this process, and of no other one before or after it. */
  readonly id: string
  readonly isUp: boolean
  listen(hear: (from: string, packet: unknown) => void): void
  /** To one of us, or to all. False: it did not leave. */
  send(to: string | null, packet: unknown): boolean
  /** For all of us; null: no longer. May be lost, as all else. */
  keep(name: string, value: unknown): void
  /** What was kept last, or null. Rejects while Redis is away. */
  recall(name: string): Promise<unknown>
  close(): Promise<void>
}

type WireOptions = {
  readonly url: string
  /** 32 bytes that the processes of one installation have in common. */
  readonly key: Uint8Array
  readonly installation: string
  readonly onFault: (cause: unknown) => void
}

/** Its message says why, and names neither address nor password. */
export class WireUnreachable extends Error {
  override readonly name = 'WireUnreachable'
}

/** Whoever speaks another one is not understood, and not heard. */
const language = 'laju 1'
const connectMs = 5_000
const retryMsMax = 1_000
const unansweredMax = 1_000
/** So many words to all, of which we heard none ourselves. */
const unheardMax = 6
const tagBytes = 16
const nonceBytes = 12
const keptS = 30 * 86_400

export class RedisWire implements Wire {
  readonly #options: WireOptions
  readonly #base: string
  readonly #packets: Packets
  /** Of what is kept. */
  readonly #common: Buffer
  readonly #pub: Redis
  readonly #sub: Redis
  #hear: (from: string, packet: unknown) => void = () => {}
  #unanswered = 0
  #unheard = 0
  /** What was wrong with a connection first: what follows from it says less. */
  #trouble: string | null = null
  #isClosed = false

  /** Rejects with WireUnreachable unless we heard ourselves. */
  static async open(options: WireOptions): Promise<RedisWire> {
    const wire = new RedisWire(options)
    let late: NodeJS.Timeout | undefined
    const patience = new Promise<never>((_, reject) => {
      late = setTimeout(() => reject(new Error('no answer')), connectMs)
    })
    try {
      await Promise.race([wire.#connect(), patience])
    } catch (cause) {
      const why = wire.#trouble ?? wordsOf(cause)
      await wire.close()
      throw new WireUnreachable(why)
    } finally {
      clearTimeout(late)
    }
    return wire
  }

  private constructor(options: WireOptions) {
    this.#options = options
    const name = createHmac('sha256', options.key).update(`${language} ${options.installation}`)
    this.#base = `laju:${name.digest('hex').slice(0, 16)}`
    this.#packets = new Packets(options.key)
    this.#common = createHmac('sha256', options.key).update('kept').digest()
    this.#pub = this.#client()
    this.#sub = this.#client()
    this.#sub.on('messageBuffer', (channel: Buffer, packet: Buffer) =>
      this.#receive(channel.toString(), packet),
    )
  }

  get id(): string {
    return this.#packets.id
  }

  get isUp(): boolean {
    return this.#isReady && this.#unheard < unheardMax
  }

  get #isReady(): boolean {
    return this.#pub.status === 'ready' && this.#sub.status === 'ready'
  }

  listen(hear: (from: string, packet: unknown) => void): void {
    this.#hear = hear
  }

  send(to: string | null, packet: unknown): boolean {
    if (this.#isClosed || !this.#isReady || this.#unanswered >= unansweredMax) return false
    if (to === null && ++this.#unheard % unheardMax === 0) {
      // Sockets that stand and carry nothing: others may do better.
      this.#pub.disconnect(true)
      this.#sub.disconnect(true)
      return false
    }
    void this.#publish(to, packet).catch(this.#options.onFault)
    return true
  }

  keep(name: string, value: unknown): void {
    if (this.#isClosed || !this.#isReady || this.#unanswered >= unansweredMax) return
    const key = this.#placeOf(name)
    this.#unanswered++
    const kept =
      value === null
        ? this.#pub.del(key)
        : this.#pub.set(key, this.#sealKept(key, value), 'EX', keptS)
    kept.catch(this.#options.onFault).finally(() => this.#unanswered--)
  }

  async recall(name: string): Promise<unknown> {
    const key = this.#placeOf(name)
    const bytes = await this.#pub.getBuffer(key)
    return bytes === null ? null : this.#openKept(key, bytes)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    // What was said last still leaves, if it can.
    if (this.#pub.status === 'ready') await this.#pub.quit().catch(() => {})
    this.#pub.disconnect()
    this.#sub.disconnect()
  }

  async #connect(): Promise<void> {
    await Promise.all([this.#pub.connect(), this.#sub.connect()])
    await this.#subscribe()
    this.#sub.on('ready', () => void this.#subscribe().catch(this.#options.onFault))
    const heard = Promise.withResolvers<void>()
    this.#hear = from => from === this.id && heard.resolve()
    await Promise.all([this.#publish(this.id, null), heard.promise])
    this.#hear = () => {}
  }

  async #subscribe(): Promise<void> {
    await this.#sub.subscribe(this.#base, `${this.#base}:${this.id}`)
  }

  #client(): Redis {
    const client = new Redis(this.#options.url, {
      ...{ lazyConnect: true, connectTimeout: connectMs, keepAlive: 10_000 },
      ...{ enableOfflineQueue: false, autoResendUnfulfilledCommands: false },
      // A user of Redis who may do nothing but what is done here is enough.
      ...{ enableReadyCheck: false, maxRetriesPerRequest: 0, autoResubscribe: false },
      retryStrategy: times => (this.#isClosed ? null : Math.min(times * 50, retryMsMax)),
    })
    client.on('error', cause => {
      this.#trouble ??= wordsOf(cause)
      this.#options.onFault(new Error(`redis: ${wordsOf(cause)}`))
    })
    return client
  }

  async #publish(to: string | null, packet: unknown): Promise<void> {
    const channel = to === null ? this.#base : `${this.#base}:${to}`
    this.#unanswered++
    try {
      await this.#pub.publish(channel, this.#packets.seal(channel, JSON.stringify(packet)))
    } finally {
      this.#unanswered--
    }
  }

  #receive(channel: string, bytes: Buffer): void {
    const opened = this.#packets.open(channel, bytes)
    if (opened === null) return
    const { from } = opened
    if (from === this.id) this.#unheard = 0
    try {
      this.#hear(from, JSON.parse(opened.bytes.toString()))
    } catch (cause) {
      this.#options.onFault(cause)
    }
  }

  #sealKept(key: string, value: unknown): Buffer {
    const nonce = randomBytes(nonceBytes)
    const cipher = createCipheriv('aes-256-gcm', this.#common, nonce).setAAD(Buffer.from(key))
    const sealed = cipher.update(JSON.stringify(value))
    return Buffer.concat([nonce, sealed, cipher.final(), cipher.getAuthTag()])
  }

  /** Not even the names are told. */
  #placeOf(name: string): string {
    const place = createHmac('sha256', this.#common).update(name).digest('hex')
    return `${this.#base}:kept:${place.slice(0, 32)}`
  }

  /** Null when it was not one of us who kept it. */
  #openKept(key: string, bytes: Buffer): unknown {
    try {
      const opener = createDecipheriv('aes-256-gcm', this.#common, bytes.subarray(0, nonceBytes))
      opener.setAAD(Buffer.from(key)).setAuthTag(bytes.subarray(-tagBytes))
      const text = opener.update(bytes.subarray(nonceBytes, -tagBytes))
      return JSON.parse(Buffer.concat([text, opener.final()]).toString())
    } catch {
      return null
    }
  }
}

/** Never with what was sent: a command that failed carries its arguments, AUTH's among them. */
const wordsOf = (cause: unknown): string => {
  const { code, message } = cause as NodeJS.ErrnoException
  return code ?? message.slice(0, 200)
}
