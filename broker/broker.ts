/**
 * The MQTT broker, where boxes arrive: over TCP, TLS and WebSocket. It proves, translates, passes
 * on, and decides nothing about a box.
 *
 *   socket ─▶ frames ─▶ CONNECT ─▶ login ─▶ box ─┬▶ PUBLISH ─▶ own topics? ─▶ adapter ─▶ services
 *                                                └◀ post office ◀─ adapter ◀─ own filters?
 *
 * BRA1. A box has one connection: a newer one closes the older one first, from wherever it came,
 *       and nothing of that stays, also where both were let in in the same moment.
 * BRA2. It publishes on its own topics and subscribes to its own filters, as its adapter names
 *       them. A filter beside them is refused (0x80); a message beside them ends the connection, as
 *       MQTT 3.1.1 has no other no. Both are counted, and told to the services; who goes on trying
 *       is let go. A will is a message. A topic that is no UTF-8 ends the connection.
 * BRA3. A message is acknowledged when the services have taken it; when they can't, the connection
 *       ends instead, so that the box says it again.
 * BRA4. What a box or a stranger has too much of costs its own connection: sockets, arrivals,
 *       failed logins, bytes, messages. A box that comes in again has no more of them, and comes in
 *       only so often. Waiting logins are bounded, a silent service ends them.
 * BRA5. MQTT 5 is spoken as well (five.ts); whoever asks for something else is not understood.
 * BRA6. A connection that says nothing ends: before CONNECT soon, after it by its keep-alive, which
 *       has an upper bound whatever was asked for.
 */

import { randomBytes } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { Aedes, type Client, type ConnectPacket } from 'aedes'
import type { HealthPart } from '../services/contract/live.ts'
import type { Millis } from '../services/contract/words.ts'
import { type Adapter, type Heard, heardBy, readAdapters } from './adapter.ts'
import { Allowances } from './allowance.ts'
import { Box } from './box.ts'
import type { Door, DownlinkKind, Gone, LoginAnswer, LoginAsked, Transport } from './door.ts'
import { Five } from './five.ts'
import { Frames } from './frames.ts'
import { Buckets, defaultLimits, type Limits, type Reason, reasons } from './limits.ts'
import { Listeners, type Ports, type Roads } from './listeners.ts'
import { nearEnds } from './near-end.ts'
import { type Receipt, Sessions, type SharedSessions, Silence } from './sessions.ts'
import { puback, shortPublish } from './short-road.ts'
import { type Trespasser, Trespassers } from './trespassers.ts'

export type MqttOptions = Roads & {
  readonly door: Door
  readonly adapters?: ReadonlyMap<string, Adapter>
  readonly limits?: Partial<Limits>
  /** Of several brokers. */
  readonly sessions?: SharedSessions
  readonly now?: () => Millis
  readonly onFault?: (cause: unknown) => void
}

/** Since the start, but for the first four: at this moment. */
type MqttStats = {
  readonly sockets: number
  readonly boxes: number
  readonly sessions: number
  readonly loginsWaiting: number
  readonly connects: number
  readonly replaced: number
  readonly published: number
  /** Of the published: not taken, for the box was away, deaf or full. */
  readonly untaken: number
  readonly received: number
  readonly uplinks: number
  /** On own topics, but no message that we know. */
  readonly dropped: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly refused: Readonly<Record<Reason, number>>
}

/** What is known of a connection before it is a box. */
type Arrival = { readonly address: string; readonly transport: Transport; readonly frames: Frames }

export class Mqtt {
  ports: Ports = { tcp: null, tls: null, ws: null }
  readonly #limits: Limits
  readonly #door: Door
  readonly #now: () => Millis
  readonly #onFault: (cause: unknown) => void
  readonly #adapters: ReadonlyMap<string, Adapter>
  readonly #sessions: Sessions
  readonly #shared: SharedSessions | null
  readonly #aedes: Aedes
  readonly #listeners: Listeners
  readonly #sockets = new Set<Duplex>()
  readonly #arrivals = new WeakMap<object, Arrival>()
  readonly #greetings = new WeakMap<Client, ConnectPacket>()
  readonly #fives = new WeakMap<Client, Five>()
  readonly #ofClient = new Map<Client, Box>()
  readonly #ofDevice = new Map<string, Box>()
  readonly #trespassers = new Trespassers()
  readonly #perAddress: Buckets
  readonly #failures: Buckets
  readonly #connects: Buckets
  readonly #allowances: Allowances
  /** Logins that wait for a place. */
  readonly #line: (() => void)[] = []
  #logins = 0
  #serial = 0
  /** So that sessions of two processes are never taken for one. */
  readonly #prefix = randomBytes(4).toString('hex')
  #closing = false
  #counts = {
    ...{ connects: 0, replaced: 0, published: 0, untaken: 0, received: 0, uplinks: 0 },
    ...{ dropped: 0, bytesIn: 0, bytesOut: 0 },
  }
  readonly #refused = Object.fromEntries(reasons.map(one => [one, 0])) as Record<Reason, number>

  static async open(options: MqttOptions): Promise<Mqtt> {
    const mqtt = new Mqtt(options)
    await mqtt.#aedes.listen()
    try {
      mqtt.ports = await mqtt.#listeners.open(options)
    } catch (cause) {
      await mqtt.close()
      throw cause
    }
    return mqtt
  }

  private constructor(options: MqttOptions) {
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#door = options.door
    this.#now = options.now ?? Date.now
    this.#onFault = options.onFault ?? (() => undefined)
    this.#adapters = options.adapters ?? readAdapters()
    this.#listeners = new Listeners({
      limits: this.#limits,
      arrive: (socket, transport, address) => this.#arrive(socket, transport, address),
      onFault: this.#onFault,
    })
    this.#perAddress = new Buckets(this.#limits.arrivalsPerMin)
    this.#failures = new Buckets(this.#limits.failuresPerMin)
    this.#connects = new Buckets(this.#limits.connectsPerMin, this.#limits.sessionsMax)
    this.#allowances = new Allowances(this.#limits.sessionsMax)
    const { sessions: shared = null } = options
    this.#shared = shared
    this.#sessions = new Sessions({
      max: this.#limits.sessionsMax,
      ...(shared === null ? {} : { onKept: (id, filters) => shared.keep(id, filters) }),
      isAllowed: (client, filter) => this.#ofClient.get(client)?.filters.has(filter) ?? false,
      onAck: (client, receipt) => this.#onAck(client, receipt),
    })
    this.#aedes = new Aedes({
      persistence: this.#sessions,
      mq: new Silence(),
      connectTimeout: this.#limits.connectMs,
      maxClientsIdLength: 128,
      maxInflightInbound: 20,
      maxTopicLevels: 16,
      preConnect: (client, packet, answer) => this.#greet(client, packet, answer),
      authenticate: (client, name, password, answer) => {
        this.#admit(client, name, password).then(
          refused => answer(refused, refused === null),
          cause => {
            this.#onFault(cause)
            answer(refusal(serverUnavailable), false)
          },
        )
      },
      authorizePublish: (client, packet, answer) => {
        this.#hear(client, packet).then(
          () => answer(null),
          cause => answer(cause as Error),
        )
      },
      authorizeSubscribe: (client, filter, answer) =>
        answer(null, this.#subscribe(client, filter) ? filter : null),
    })
    this.#follow()
  }

  get stats(): MqttStats {
    return {
      sockets: this.#sockets.size,
      boxes: this.#ofDevice.size,
      sessions: this.#sessions.size,
      loginsWaiting: this.#line.length,
      ...this.#counts,
      refused: { ...this.#refused },
    }
  }

  readonly health = (): HealthPart => {
    const isFull = this.#sockets.size >= this.#limits.connectionsMax
    const reason = isFull ? `${this.#sockets.size} connections, and no more are taken` : null
    return { name: 'mqtt', ok: reason === null, ms: 0, reason }
  }

  isConnected(deviceId: string): boolean {
    return this.#ofDevice.get(deviceId)?.isOpen ?? false
  }

  /**
   * To a box that is connected and listens; false: it is not, or takes no more. `tag` comes back
   * with its receipt.
   */
  publish(
    deviceId: string,
    kind: DownlinkKind,
    payload: Readonly<Record<string, unknown>>,
    tag: string | null = null,
  ): boolean {
    const box = this.#ofDevice.get(deviceId)
    if (box?.isListening && box.adapter.isMute(kind)) return this.#saySilence(box, kind, tag)
    const onSent = (sent: string) => {
      this.#door.delivered({ ...box!.presence(this.#now()), tag: sent, unanswered: true })
    }
    const bytes = box?.publish({ kind, payload, tag, onSent }, this.#limits, this.#now()) ?? 0
    this.#counts.bytesOut += bytes
    if (bytes > 0) this.#counts.published++
    else this.#counts.untaken++
    return bytes > 0
  }

  /** False when it was not connected. */
  disconnect(deviceId: string, why: Gone['why'] = 'closed'): boolean {
    const box = this.#ofDevice.get(deviceId)
    if (box === undefined) return false
    this.#end(box, why)
    return true
  }

  /** Which boxes tried lately what they may not, and how often. */
  trespassers(): readonly Trespasser[] {
    return this.#trespassers.list(this.#now())
  }

  disconnectAll(why: Gone['why'] = 'closed'): void {
    for (const box of [...this.#ofDevice.values()]) this.#end(box, why)
  }

  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    const closed = this.#listeners.close()
    this.disconnectAll()
    await new Promise<void>(done => this.#aedes.close(done))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /** A way in of this very process: whoever holds its end says from where it comes. */
  enter(address: string): Duplex {
    const [ours, theirs] = nearEnds()
    this.#arrive(ours, 'ws', address)
    return theirs
  }

  #arrive(socket: Duplex, transport: Transport, address: string) {
    const now = this.#now()
    // Whatever a stranger's socket ends with is his trouble.
    socket.on('error', () => {})
    if (this.#sockets.size >= this.#limits.connectionsMax)
      return this.#turnAway(socket, 'connections')
    if (!this.#perAddress.take(neighbourhood(address), now))
      return this.#turnAway(socket, 'arrivals')
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    const frames = new Frames(this.#limits, now)
    this.#watch(socket, frames)
    const client = this.#aedes.handle(socket)
    this.#arrivals.set(client, { address, transport, frames })
  }

  #turnAway(socket: Duplex, reason: Reason): void {
    this.#refused[reason]++
    socket.destroy()
  }

  /**
   * Aedes reads a socket by `read()`, so this sees every byte before the parser does; and a socket
   * fills itself by `push()`, where heartbeats are taken out.
   */
  #watch(socket: Duplex, frames: Frames): void {
    const push = socket.push.bind(socket)
    socket.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
      const isFirst = chunk !== null && frames.isBetween && socket.readableLength === 0
      return (isFirst && this.#beats(socket, chunk, frames)) || push(chunk, encoding)
    }
    const read = socket.read.bind(socket)
    socket.read = (size?: number) => {
      const chunk: Buffer | null = read(size)
      if (chunk === null) return null
      this.#counts.bytesIn += chunk.length
      const reason = frames.take(chunk, this.#limits, this.#now())
      if (reason === null) return chunk
      const box = this.#boxOn(socket)
      if (box === undefined) this.#turnAway(socket, reason)
      else this.#expel(box, reason, '')
      return null
    }
  }

  /** Whether these bytes were a heartbeat, and are dealt with. */
  #beats(socket: Duplex, chunk: Buffer, frames: Frames): boolean {
    const box = this.#boxOn(socket)
    if (box === undefined || box.beats === null) return false
    if (!box.isOpen || box.underWay > 0 || box.client.closed) return false
    const packet = shortPublish(chunk, box.beats.topic)
    if (packet === null || packet.payload.length > this.#limits.payloadBytesMax) return false
    const heard = heardBy(box.beats.rules, packet.payload)
    if (heard?.kind !== 'heartbeat') return false
    const now = this.#now()
    this.#counts.bytesIn += chunk.length
    const reason = frames.take(chunk, this.#limits, now)
    if (reason !== null) {
      this.#expel(box, reason, '')
      return true
    }
    const acknowledge = () => {
      if (packet.messageId !== 0 && !box.client.closed) socket.write(puback(packet.messageId))
    }
    ;(box.client as Client & Kept)._keepaliveTimer?.refresh()
    const taken = this.#pass(box, heard, now)
    if (taken === undefined) acknowledge()
    else taken.then(acknowledge, () => this.#end(box, 'closed'))
    return true
  }

  #boxOn(socket: Duplex): Box | undefined {
    const { client } = socket as Duplex & { client?: Client }
    return client === undefined ? undefined : this.#ofClient.get(client)
  }

  #greet(client: Client, packet: ConnectPacket, answer: Greeted) {
    const { keepAliveSMax, keepAliveSMin, packetBytesMax } = this.#limits
    const asked = packet.keepalive || keepAliveSMax
    const keepAliveS = Math.min(keepAliveSMax, Math.max(keepAliveSMin, asked))
    if (packet.protocolVersion === 5) {
      // The parser goes on by these settings; Aedes looks at the packet, and knows no 5.
      ;(client as Client & Parsing)._parser.settings = { protocolVersion: 5 }
      const five = new Five(client.conn, packet, { keepAliveS, packetBytesMax })
      this.#fives.set(client, five)
      const why = five.refuses(packet)
      if (why !== null) return answer(new Error(why), false)
    }
    this.#greetings.set(client, packet)
    packet.keepalive = keepAliveS
    answer(null, true)
  }

  /** Why not, or null. */
  async #admit(client: Client, name = '', password?: Buffer): Promise<Refusal | null> {
    const arrival = this.#arrivals.get(client)
    const packet = this.#greetings.get(client)
    if (arrival === undefined || packet === undefined) return refusal(serverUnavailable)
    this.#greetings.delete(client)
    const no = (reason: Reason, code: number): Refusal => {
      this.#refused[reason]++
      return refusal(code)
    }
    const secret = password?.toString() ?? ''
    if (!/^[\x21-\x7e]{1,64}$/.test(name) || secret === '' || secret.length > 256)
      return no('credential', badCredential)
    const { address } = arrival
    const bucket = `${neighbourhood(address)} ${name}`
    if (this.#failures.isEmpty(bucket, this.#now())) return no('failures', serverUnavailable)
    if (this.#connects.isEmpty(name, this.#now())) return no('connects', serverUnavailable)
    const answer = await this.#login(client, { name, secret, address })
    if (client.closed || this.#closing) return refusal(serverUnavailable)
    if (answer === null) return no('unavailable', serverUnavailable)
    if ('refused' in answer) {
      this.#failures.take(bucket, this.#now())
      const isBlocked = answer.refused === 'blocked'
      return isBlocked ? no('blocked', notAuthorized) : no('credential', badCredential)
    }
    const now = this.#now()
    if (!this.#connects.take(name, now)) return no('connects', serverUnavailable)
    const { deviceId, generation } = answer.ok
    const allowance = this.#allowances.of(deviceId, this.#limits, now)
    if (!arrival.frames.spendFrom(allowance, this.#limits, now))
      return no('flood', serverUnavailable)
    const adapter = this.#adapters.get(answer.ok.adapter)
    const names = adapter?.namesOf(deviceId, answer.ok.names) ?? null
    if (adapter === undefined || names === null) {
      this.#onFault(new Error(`box ${deviceId}: nothing fits adapter "${answer.ok.adapter}"`))
      return no('unavailable', serverUnavailable)
    }
    if (!adapter.isClientId(packet.clientId, names)) return no('client_id', identifierRejected)
    const { will } = packet
    if (will !== undefined && !this.#isWill(adapter, names, will)) return no('will', notAuthorized)
    const five = this.#fives.get(client) ?? null
    const isClean = five?.isAnew ?? packet.clean ?? true
    if (this.#shared !== null) {
      await this.#learn(this.#shared, { deviceId, isClean })
      if (client.closed || this.#closing) return refusal(serverUnavailable)
    }
    if (isClean) this.#sessions.learn(deviceId, null)
    this.#replace(deviceId)
    // Aedes counts connections by it: two client ids of one box would be two.
    client.id = deviceId
    const session = `${this.#prefix}-${++this.#serial}`
    const { transport } = arrival
    const how = { transport, address, generation }
    const box = new Box({ deviceId, session, adapter, names, client, five, ...how })
    this.#ofClient.set(client, box)
    this.#ofDevice.set(deviceId, box)
    return null
  }

  async #learn(shared: SharedSessions, box: { deviceId: string; isClean: boolean }): Promise<void> {
    const { deviceId, isClean } = box
    if (isClean) return shared.keep(deviceId, [])
    try {
      const filters = await withinTime(shared.recall(deviceId), recallMs)
      this.#sessions.learn(deviceId, filters)
    } catch {
      // What we remember ourselves is good enough, and a box without a session subscribes again.
    }
  }

  #isWill(adapter: Adapter, names: Readonly<Record<string, string>>, will: Will): boolean {
    if (will.retain && !adapter.retains) return false
    return (
      will.payload.length <= this.#limits.payloadBytesMax && adapter.mayPublish(will.topic, names)
    )
  }

  /** Null: there was no answer. */
  async #login(client: Client, asked: LoginAsked): Promise<LoginAnswer | null> {
    if (this.#logins >= this.#limits.loginsMax) {
      await new Promise<void>(go => this.#line.push(go))
    } else this.#logins++
    try {
      if (client.closed) return null
      return await withinTime(this.#door.login(asked), this.#limits.loginMs)
    } catch (cause) {
      this.#onFault(cause)
      return null
    } finally {
      const next = this.#line.shift()
      if (next === undefined) this.#logins--
      else next()
    }
  }

  #replace(deviceId: string): void {
    const older = this.#ofDevice.get(deviceId)
    if (older === undefined) return
    this.#counts.replaced++
    this.#end(older, 'replaced')
  }

  async #hear(client: Client | null, packet: Published): Promise<void> {
    const box = client === null ? undefined : this.#ofClient.get(client)
    if (box === undefined) throw new Error('nobody published')
    const { topic } = packet
    if (topic.includes(noCharacter)) {
      this.#expel(box, 'unreadable', '')
      throw new Error('refused: unreadable')
    }
    const payload =
      typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
    const reason = this.#against(box, packet, payload)
    if (reason !== null) {
      this.#trespass(box, reason, topic)
      box.five?.goodbye(reason)
      box.why ??= 'refused'
      throw new Error(`refused: ${reason}`)
    }
    const heard = box.adapter.hear(topic, payload, box.names)
    if (heard === null) {
      this.#counts.dropped++
      return
    }
    await this.#pass(box, heard, this.#now())
  }

  /** To the services; undefined: they have taken it already. */
  #pass(box: Box, { kind, payload }: Heard, at: Millis): Promise<void> | undefined {
    this.#counts.uplinks++
    const { deviceId, session } = box
    const will = box.client.closed
    try {
      const taken = this.#door.uplink({ deviceId, session, at, topic: kind, payload, will })
      return taken === undefined ? undefined : this.#taken(box, taken)
    } catch (cause) {
      // The short road has nobody above it who would catch this.
      return this.#taken(box, Promise.reject(cause))
    }
  }

  async #taken(box: Box, taken: Promise<void>): Promise<void> {
    box.underWay++
    try {
      await withinTime(taken, this.#limits.uplinkMs)
    } catch (cause) {
      this.#onFault(cause)
      this.#refused.unavailable++
      box.why ??= 'closed'
      throw cause
    } finally {
      box.underWay--
    }
  }

  #against(box: Box, packet: Published, payload: Uint8Array): Reason | null {
    if (!box.adapter.mayPublish(packet.topic, box.names)) return 'publish_topic'
    if (packet.retain && !box.adapter.retains) return 'publish_retained'
    return payload.length > this.#limits.payloadBytesMax ? 'payload_size' : null
  }

  #subscribe(client: Client, filter: { topic: string; qos: number }): boolean {
    const box = this.#ofClient.get(client)
    if (box === undefined) return false
    const isNew = !box.filters.has(filter.topic)
    const isFull = isNew && box.filters.size >= this.#limits.filtersMax
    if (isFull || !box.maySubscribe(filter.topic)) {
      this.#trespass(box, 'subscribe', filter.topic)
      return false
    }
    box.subscribe(filter.topic, filter.qos === 0 ? 0 : 1)
    return true
  }

  /** What Aedes tells when something has happened to one of its clients. */
  #follow(): void {
    const aedes = this.#aedes
    aedes.on('connackSent', ({ returnCode }, client) => {
      const box = this.#ofClient.get(client)
      if (box === undefined || returnCode !== 0) return
      box.isOpen = true
      this.#counts.connects++
      const { transport, address, generation } = box
      this.#door.connected({ ...box.presence(this.#now()), transport, address, generation })
      this.#listens(box)
    })
    aedes.on('subscribe', (_, client) => {
      const box = this.#ofClient.get(client)
      if (box !== undefined) this.#listens(box)
    })
    aedes.on('unsubscribe', (filters, client) => {
      const box = this.#ofClient.get(client)
      if (box === undefined || client.closed) return
      for (const filter of filters) box.unsubscribe(filter)
      box.five?.unsubscribed(filters.length)
      this.#listens(box)
    })
    aedes.on('keepaliveTimeout', client => {
      const box = this.#ofClient.get(client)
      if (box === undefined) return
      box.why ??= 'silent'
      box.five?.goodbye('silent')
    })
    aedes.on('clientDisconnect', client => this.#gone(client))
    aedes.on('connectionError', (_, cause) => {
      if (cause.message.includes('in time')) this.#refused.timeout++
      else if (isUnreadable(cause)) this.#refused.unreadable++
    })
    aedes.on('clientError', (client, cause) => {
      const box = this.#ofClient.get(client)
      if (!isUnreadable(cause) || box?.why !== null) return
      box.why = 'refused'
      this.#trespass(box, 'unreadable', '')
    })
    const emitter: EventEmitter = aedes
    emitter.on('error', (cause: Error) => this.#onFault(cause))
  }

  #listens(box: Box): void {
    if (!box.isOpen || (!box.isListening && box.filters.size === 0)) return
    const hears = box.hearing()
    if (box.isListening && hears.join() === box.hears.join()) return
    box.isListening = true
    box.hears = hears
    this.#door.listening({ ...box.presence(this.#now()), hears })
  }

  #onAck(client: Client, { messageId, reasonCode = 0 }: Receipt): void {
    const box = this.#ofClient.get(client)
    if (box === undefined) return
    this.#counts.received++
    const tag = box.receive(messageId)
    if (tag !== null && reasonCode < 0x80)
      this.#door.delivered({ ...box.presence(this.#now()), tag })
  }

  #gone(client: Client): void {
    const box = this.#ofClient.get(client)
    if (box === undefined) return
    this.#ofClient.delete(client)
    if (this.#ofDevice.get(box.deviceId) === box) this.#ofDevice.delete(box.deviceId)
    void this.#sessions.cleanIncoming(client)
    if (!box.isOpen) return
    const left = this.#arrivals.get(client)?.frames.goodbye ? 'left' : 'lost'
    this.#door.gone({ ...box.presence(this.#now()), why: box.why ?? left })
  }

  /**
   * Its firmware has no word for it: that is answered for it, as nobody will ever say that it has
   * heard. What it missed remains unsaid.
   */
  #saySilence(box: Box, kind: DownlinkKind, tag: string | null): true {
    const payload = { message_id: tag, status: kind === 'summary' ? 'unsaid' : 'received' }
    setImmediate(() => {
      const said = { ...box.presence(this.#now()), topic: 'ack', payload, will: false } as const
      if (tag !== null) void Promise.resolve(this.#door.uplink(said)).catch(this.#onFault)
    })
    return true
  }

  #trespass(box: Box, reason: Reason, topic: string): void {
    this.#refused[reason]++
    this.#door.refused({ ...box.presence(this.#now()), reason, topic: topic.slice(0, 256) })
    this.#trespassers.note(box.deviceId, this.#now())
    if (++box.trespasses > this.#limits.trespassesMax) this.#end(box, 'refused')
  }

  #expel(box: Box, reason: Reason, topic: string): void {
    this.#trespass(box, reason, topic)
    this.#end(box, 'refused', reason)
  }

  #end(box: Box, why: Gone['why'], reason: Gone['why'] | Reason = why): void {
    box.why ??= why
    box.five?.goodbye(reason)
    box.client.close()
    // Aedes says that one is gone only of those that it has let in.
    if (!box.isOpen) this.#gone(box.client)
  }
}

/** What the parser puts where a topic is no UTF-8: with that a connection ends. */
const noCharacter = '\ufffd'

type Kept = { readonly _keepaliveTimer: NodeJS.Timeout | null }
type Parsing = { readonly _parser: { settings: { protocolVersion: number } } }
type Greeted = (error: Error | null, successful: boolean) => void
type Refusal = Error & { returnCode: number }
type Will = NonNullable<ConnectPacket['will']>
type Published = {
  readonly topic: string
  readonly payload: Buffer | string
  readonly retain?: boolean
}
/** How long a login waits to hear what other brokers knew. */
const recallMs = 1_000
/** Return codes of CONNACK in MQTT 3.1.1. */
const identifierRejected = 2
const serverUnavailable = 3
const badCredential = 4
const notAuthorized = 5

/** Packets that are none; not what sockets, keep-alives and we end a connection with. */
function isUnreadable(cause: Error): boolean {
  const isKnown = /in time|keep alive|closed|drain/.test(cause.message)
  return !isKnown && !('code' in cause) && !('errorCode' in cause)
}

function refusal(returnCode: number): Refusal {
  return Object.assign(new Error(`refused with ${returnCode}`), { returnCode })
}

async function withinTime<T>(promise: Promise<T>, ms: Millis): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`no answer for ${ms} ms`)), ms)
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Neighbours share a fate: an IPv6 customer owns a whole /64. */
function neighbourhood(address: string): string {
  return isIP(address) === 6 ? address.split(':').slice(0, 4).join(':') : address
}
