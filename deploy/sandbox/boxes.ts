/**
 * A fleet of boxes on counters: real MQTT clients that beat, listen, speak (into a list that
 * anybody may read) and acknowledge, each with habits as boxes have them in the street.
 *
 *   POST /_sandbox/boxes {start} ─▶ box ─MQTT─▶ broker          GET /_sandbox/boxes: who heard what
 *
 *   steady    beats, speaks, acknowledges           slow      the same, but takes its time
 *   flapping  loses its line again and again        mute      hears, and never says so
 *   stale     goes silent with its line open        cloned    a second one has its credential
 *
 * XQC1. A box speaks a message once, however often it comes, and acknowledges it each time:
 *       received, then played. What is not to be spoken is only acknowledged.
 * XQC2. A box keeps its session, so what came while it was away comes when it is back.
 * XQC3. A flapping box is cut off without a word; a stale one neither reads nor writes any more,
 *       and the other side is not told.
 * XQC4. Configuration is applied and commands are done, and it says so.
 * XQC5. All of it is bounded: boxes, what each remembers, and how long one waits to say goodbye.
 */

import { connect as connectTcp, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { IClientOptions, MqttClient } from 'mqtt'
import { z } from 'zod/v4'
import { Agenda } from './agenda.ts'
import type { Call, Route } from './party.ts'
import { between, hashOf, mix } from './prng.ts'
import type { Reply } from './reply.ts'

const habits = ['steady', 'flapping', 'stale', 'cloned', 'slow', 'mute'] as const
type Habit = (typeof habits)[number]

const boxesMax = 10_000
const heardMax = 500
/** A broker that answers nothing any more is not waited for. */
const leaveMsMax = 2_000
const ms = z.int().min(0).max(3_600_000)

const startSchema = z.strictObject({
  /** mqtt:// or mqtts://; a certificate is not looked at. */
  broker: z.url({ protocol: /^mqtts?$/ }),
  devices: z
    .array(
      z.strictObject({
        device_id: z.string().min(1).max(128),
        secret: z.string().max(256),
        habit: z.enum(habits).optional(),
      }),
    )
    .min(1)
    .max(boxesMax),
  habit: z.enum(habits).default('steady'),
  protocol: z.union([z.literal(4), z.literal(5)]).default(4),
  keepalive_seconds: z.int().min(0).max(3_600).default(30),
  heartbeat_ms: ms.default(30_000),
  /** How long a sentence takes to speak. */
  play_ms: ms.default(0),
  /** How long a slow box thinks before each answer. */
  slow_ms: ms.default(3_000),
  /** How long a flapping box stays, and is away; until a stale one goes silent. */
  up_ms: ms.default(3_000),
  down_ms: z.int().min(10).max(3_600_000).default(1_000),
  reconnect_ms: z.int().min(10).max(3_600_000).default(1_000),
  /** Over how long the fleet arrives. */
  spread_ms: ms.default(0),
  seed: z.int().default(1),
})

const wishSchema = z.union([
  startSchema,
  z.strictObject({ stop: z.union([z.literal(true), z.array(z.string()).max(boxesMax)]) }),
  z.strictObject({
    /** A box asks for a QR, as with the keys on its side. */
    ask_qr: z.strictObject({
      device_id: z.string(),
      amount: z.int(),
      request_id: z.string().max(64).optional(),
    }),
  }),
])

type Ways = Omit<z.output<typeof startSchema>, 'devices' | 'habit'>
type Mqtt = typeof import('mqtt')

export class Fleet {
  readonly routes: readonly Route[]
  readonly #boxes = new Map<string, Box>()
  readonly #agenda = new Agenda(() => performance.now())

  constructor() {
    this.routes = [
      {
        method: 'get',
        path: '/_sandbox/boxes',
        handle: (call, reply) => this.#show(call, reply),
      },
      {
        method: 'post',
        path: '/_sandbox/boxes',
        handle: (call, reply) => this.#act(call, reply),
      },
    ]
  }

  async close(): Promise<void> {
    await this.#stop([...this.#boxes.keys()])
    this.#agenda.clear()
  }

  #act(call: Call, reply: Reply) {
    const parsed = wishSchema.safeParse(jsonIn(call.body))
    if (!parsed.success) return reply.json(400, { wrong: z.prettifyError(parsed.error) })
    const wish = parsed.data
    const failed = (error: Error) => reply.json(500, { wrong: error.message })
    if ('stop' in wish) {
      const names =
        wish.stop === true
          ? [...this.#boxes.keys()]
          : wish.stop.flatMap(name => [name, twinOf(name)])
      this.#stop(names).then(() => reply.json(200, this.#counts()), failed)
    } else if ('ask_qr' in wish) {
      const { device_id, amount, request_id } = wish.ask_qr
      const box = this.#boxes.get(device_id)
      if (!box) return reply.json(404, { wrong: `No box "${device_id}" is running.` })
      reply.json(200, { request_id: box.askQr(amount, request_id) })
    } else {
      this.#start(wish).then(
        wrong => reply.json(wrong ? 400 : 200, wrong ?? this.#counts()),
        failed,
      )
    }
  }

  async #start({ devices, habit: common, ...ways }: z.output<typeof startSchema>) {
    const named = devices.flatMap(({ device_id: id, secret, habit = common }) => {
      const one = { name: id, id, secret, habit }
      return habit === 'cloned' ? [one, { ...one, name: twinOf(id) }] : [one]
    })
    const wanted = [...new Map(named.map(one => [one.name, one])).values()]
    const fresh = wanted.filter(({ name }) => !this.#boxes.has(name)).length
    if (this.#boxes.size + fresh > boxesMax) {
      return { wrong: `${boxesMax} boxes are enough (${this.#boxes.size} are running).` }
    }
    // Loaded when the first box is wanted: the sandbox starts in milliseconds without it.
    const mqtt = await import('mqtt')
    await this.#stop(wanted.map(({ name }) => name))
    for (const [index, one] of wanted.entries()) {
      const box = new Box(one, ways, mqtt, this.#agenda)
      this.#boxes.set(one.name, box)
      const waitMs = (ways.spread_ms * index) / wanted.length
      if (waitMs === 0) box.connect()
      else this.#agenda.in(waitMs, () => box.connect())
    }
    return undefined
  }

  async #stop(names: readonly string[]): Promise<void> {
    const boxes = names.flatMap(name => this.#boxes.get(name) ?? [])
    for (const { name } of boxes) this.#boxes.delete(name)
    await Promise.all(boxes.map(box => box.leave()))
  }

  #show(call: Call, reply: Reply) {
    const query = new URLSearchParams(call.query)
    const id = query.get('device_id')
    const boxes = [...this.#boxes.values()].filter(box => id === null || box.id === id)
    const withHeard = query.get('heard') !== '0'
    reply.json(200, { ...this.#counts(), boxes: boxes.map(box => box.view(withHeard)) })
  }

  #counts() {
    const boxes = [...this.#boxes.values()]
    return { running: boxes.length, connected: boxes.filter(box => box.isConnected).length }
  }
}

type Heard = {
  readonly kind: string
  readonly message_id: string | null
  readonly transaction_id: string | null
  readonly amount: number | null
  readonly text: string | null
  readonly at: string
  readonly payload: unknown
  deliveries: number
  spoken: number
}

class Box {
  readonly name: string
  readonly id: string
  readonly #secret: string
  readonly #habit: Habit
  readonly #ways: Ways
  readonly #mqtt: Mqtt
  readonly #agenda: Agenda
  readonly #dice: number
  readonly #heard: Heard[] = []
  readonly #byMessage = new Map<string, Heard>()
  #client: MqttClient | undefined
  #line: Cable | undefined
  #isGone = false
  #connects = 0
  #lost = 0
  #heartbeats = 0
  #heardCount = 0
  #spokenCount = 0
  #asked = 0
  #error: string | null = null

  constructor(
    box: {
      readonly name: string
      readonly id: string
      readonly secret: string
      readonly habit: Habit
    },
    ways: Ways,
    mqtt: Mqtt,
    agenda: Agenda,
  ) {
    this.name = box.name
    this.id = box.id
    this.#secret = box.secret
    this.#habit = box.habit
    this.#ways = ways
    this.#mqtt = mqtt
    this.#agenda = agenda
    this.#dice = hashOf(ways.seed, box.name)
  }

  get isConnected(): boolean {
    return this.#client?.connected ?? false
  }

  connect(): void {
    if (this.#isGone) return
    const client = new this.#mqtt.MqttClient(() => this.#open(), this.#options())
    this.#client = client
    client.on('connect', () => {
      this.#connects++
      this.#error = null
      client.subscribe(`devices/${this.id}/downlink/#`, { qos: 1 })
      this.#live(this.#connects)
    })
    client.on('message', (topic, payload) => this.#hear(topic, payload))
    client.on('error', error => {
      this.#error = error.message
    })
    client.on('close', () => {
      this.#lost++
    })
  }

  /** As from the switch: it says goodbye, unless it went silent before. */
  async leave(): Promise<void> {
    this.#isGone = true
    const client = this.#client
    if (client) {
      const late = new Promise<void>(resolve => this.#agenda.in(leaveMsMax, resolve))
      await Promise.race([client.endAsync(!client.connected), late])
    }
    this.#line?.unplug()
  }

  askQr(amount: number, wished: string | undefined): string {
    const request_id = wished ?? `${this.name}-${++this.#asked}`
    this.#say('dynamic-qr/request', { request_id, amount })
    return request_id
  }

  view(withHeard: boolean) {
    return {
      device_id: this.id,
      habit: this.#habit,
      clone: this.name !== this.id,
      connected: this.isConnected,
      connects: this.#connects,
      lost: this.#lost,
      error: this.#error,
      heartbeats: this.#heartbeats,
      heard_count: this.#heardCount,
      spoken_count: this.#spokenCount,
      ...(withHeard ? { heard: this.#heard } : {}),
    }
  }

  #options(): IClientOptions {
    const { protocol, keepalive_seconds, slow_ms } = this.#ways
    const awayMs = this.#habit === 'flapping' ? this.#ways.down_ms : this.#ways.reconnect_ms
    const isSlow = this.#habit === 'slow'
    const will = {
      topic: `devices/${this.id}/uplink/heartbeat`,
      payload: Buffer.from('{"offline":true}'),
      qos: 1 as const,
      retain: false,
    }
    return {
      clientId: this.id,
      username: this.id,
      password: this.#secret,
      protocolVersion: protocol,
      clean: false,
      ...(protocol === 5 ? { properties: { sessionExpiryInterval: 3_600 } } : {}),
      keepalive: keepalive_seconds,
      connectTimeout: 30_000,
      // Nobody's boxes come back in step, and none comes back sooner than its wish.
      reconnectPeriod: between(mix(this.#dice, 1), awayMs, awayMs * 2),
      resubscribe: false,
      // A box with the wrong secret tries again, as those in the street do.
      reconnectOnConnackError: true,
      ...(this.#habit === 'stale' ? {} : { will }),
      ...(isSlow
        ? {
            customHandleAcks: (_topic, _message, _packet, done) =>
              this.#agenda.in(slow_ms, () => done(0)),
          }
        : {}),
    }
  }

  #open(): Cable {
    const { hostname, port, protocol } = new URL(this.#ways.broker)
    const host = hostname.replace(/^\[|\]$/g, '')
    const socket =
      protocol === 'mqtts:'
        ? connectTls({ host, port: Number(port || 8883), rejectUnauthorized: false })
        : connectTcp({ host, port: Number(port || 1883) })
    this.#line = new Cable(socket)
    return this.#line
  }

  /** What a connection lives through. Later ones are other lives: `life` tells them apart. */
  #live(life: number): void {
    const line = this.#line
    this.#beat(life)
    const { up_ms } = this.#ways
    if (this.#habit === 'flapping') {
      const stays = between(mix(this.#dice, life + 10), up_ms >> 1, up_ms)
      this.#agenda.in(stays, () => {
        if (!this.#isGone && life === this.#connects) line?.unplug()
      })
    }
    if (this.#habit === 'stale') {
      this.#agenda.in(up_ms, () => {
        if (this.#isGone || life !== this.#connects) return
        line?.cut()
        this.#client?.end(true)
      })
    }
  }

  #beat(life: number): void {
    if (this.#isGone || life !== this.#connects || !this.isConnected) return
    this.#heartbeats++
    const dice = mix(this.#dice, this.#heartbeats + 1_000)
    this.#say('heartbeat', {
      timestamp: new Date().toISOString(),
      network_strength: between(dice, 40, 100),
      battery_level: between(mix(dice, 1), 20, 100),
      firmware: 'sandbox-1.0',
    })
    if (this.#ways.heartbeat_ms > 0) {
      this.#agenda.in(this.#ways.heartbeat_ms, () => this.#beat(life))
    }
  }

  #hear(topic: string, payload: Buffer): void {
    const kind = topic.slice(`devices/${this.id}/downlink/`.length)
    const told = recordIn(payload)
    const heard = this.#noted(kind, told)
    heard.deliveries++
    if (this.#habit === 'mute') return
    if (kind === 'config') {
      this.#answer('config/ack', { version: told['version'], status: 'applied' })
    } else if (kind === 'command') {
      this.#answer('command/ack', { command_id: told['command_id'], status: 'done' })
    } else if (heard.message_id !== null) {
      this.#acknowledge(heard, kind === 'payment' && told['speak'] !== false)
    }
  }

  #acknowledge(heard: Heard, isSpoken: boolean): void {
    const { message_id } = heard
    this.#answer('ack', { message_id, status: 'received' })
    if (!isSpoken) return
    const played = () => this.#answer('ack', { message_id, status: 'played' })
    const isRepeat = heard.spoken > 0
    if (!isRepeat) {
      heard.spoken++
      this.#spokenCount++
    }
    if (isRepeat || this.#ways.play_ms === 0) played()
    else this.#agenda.in(this.#ways.play_ms, played)
  }

  /** The same message is one row, whatever it is. */
  #noted(kind: string, told: Readonly<Record<string, unknown>>): Heard {
    const message_id = textIn(told['message_id'])
    const known = message_id === null ? undefined : this.#byMessage.get(message_id)
    this.#heardCount++
    if (known) return known
    const heard: Heard = {
      kind,
      message_id,
      transaction_id: textIn(told['transaction_id']),
      amount: typeof told['amount'] === 'number' ? told['amount'] : null,
      text: textIn(told['text']),
      at: new Date().toISOString(),
      payload: told,
      deliveries: 0,
      spoken: 0,
    }
    this.#heard.push(heard)
    if (message_id !== null) this.#byMessage.set(message_id, heard)
    const oldest = this.#heard.length > heardMax ? this.#heard.shift() : undefined
    if (oldest?.message_id) this.#byMessage.delete(oldest.message_id)
    return heard
  }

  #answer(topic: string, payload: object): void {
    if (this.#habit === 'slow') {
      this.#agenda.in(this.#ways.slow_ms, () => this.#say(topic, payload))
    } else this.#say(topic, payload)
  }

  #say(topic: string, payload: object): void {
    if (this.#isGone) return
    const qos = topic === 'heartbeat' ? 0 : 1
    this.#client?.publish(`devices/${this.id}/uplink/${topic}`, JSON.stringify(payload), { qos })
  }
}

/**
 * The line of a box. Pulled out, both sides see it go; cut, nothing gets through any more while the
 * broker's side stays open, as when a box loses its power in a tunnel.
 */
class Cable extends Duplex {
  readonly #socket: Socket
  #isCut = false

  constructor(socket: Socket) {
    super()
    this.#socket = socket
    socket.on('data', data => {
      if (!this.#isCut && !this.push(data)) socket.pause()
    })
    socket.on('end', () => this.#isCut || this.push(null))
    socket.on('error', error => this.#isCut || this.destroy(error))
    socket.on('close', () => this.#isCut || this.destroy())
  }

  /** Nothing in, nothing out, nobody told. */
  cut(): void {
    this.#isCut = true
    this.#socket.pause()
  }

  /** Gone for both sides. */
  unplug(): void {
    this.#socket.destroy()
  }

  override _read(): void {
    if (!this.#isCut) this.#socket.resume()
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#isCut) done()
    else this.#socket.write(chunk, done)
  }

  override _final(done: () => void): void {
    if (this.#isCut) done()
    else this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#isCut) this.#socket.destroy()
    done(error)
  }
}

const twinOf = (name: string): string => `${name} (clone)`

const textIn = (value: unknown): string | null => (typeof value === 'string' ? value : null)

function recordIn(payload: Buffer): Readonly<Record<string, unknown>> {
  const value = jsonIn(payload.toString())
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isRecord ? (value as Record<string, unknown>) : {}
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
