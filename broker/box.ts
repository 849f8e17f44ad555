/**
 * One connected box, and what is published to it. A message goes straight onto its socket: the
 * broker has one reader per topic, so nothing has to be looked for, copied or kept.
 *
 * BRX1. Said is what went to the socket of a box that listens there; otherwise whoever publishes
 *       hears no, and keeps it.
 * BRX2. Sent at QoS 1, or 0 where the box asked for it. Its PUBACK is told once, with the tag that
 *       the message was published under. The broker itself never sends a message twice.
 * BRX4. Of what goes out at QoS 0 it is told once that it is on the socket: no receipt will come.
 * BRX3. A box that neither acknowledges nor reads takes no more after so many messages or bytes; a
 *       receipt that stays out is not waited for for ever.
 */

import type { Duplex } from 'node:stream'
import type { Client } from 'aedes'
import type { Millis } from '../services/contract/words.ts'
import { type Adapter, type Beats, type Names, print, type Way } from './adapter.ts'
import {
  type DownlinkKind,
  downlinkKinds,
  type Gone,
  type Presence,
  type Transport,
} from './door.ts'
import type { Five } from './five.ts'
import type { Limits } from './limits.ts'
import { matches } from './topics.ts'

type Identity = {
  readonly deviceId: string
  readonly session: string
  readonly adapter: Adapter
  readonly names: Names
  readonly client: Client
  /** Of a box that speaks MQTT 5. */
  readonly five: Five | null
  readonly transport: Transport
  readonly address: string
  /** Of the secret that it came in by. */
  readonly generation: number
}

/** Way and quality of service of one kind of message. */
type Road = { readonly way: Way; readonly qos: 0 | 1 }

/** A message without a receipt yet. */
type Open = { readonly tag: string | null; readonly at: Millis }

export class Box {
  readonly deviceId: string
  readonly session: string
  readonly adapter: Adapter
  readonly names: Names
  readonly client: Client
  /** Of a box that speaks MQTT 5. */
  readonly five: Five | null
  readonly transport: Transport
  readonly address: string
  readonly generation: number
  /** Filter and the quality of service that it was granted with. */
  readonly filters = new Map<string, 0 | 1>()
  /** CONNACK has been written: messages may follow. */
  isOpen = false
  isListening = false
  /** What reaches it, as it was told. */
  hears: readonly DownlinkKind[] = []
  trespasses = 0
  /** Messages of its own that the services have not taken yet. */
  underWay = 0
  /** Where its heartbeats come; null: they take the long road (short-road.ts). */
  readonly beats: Beats | null
  /** Why it was closed, where that was us. */
  why: Gone['why'] | null = null
  #open: Map<number, Open> | null = null
  #lastId = 0
  /** Found once per kind, until its filters change. */
  #roads: Map<DownlinkKind, Road> | null = null

  constructor(identity: Identity) {
    this.deviceId = identity.deviceId
    this.session = identity.session
    this.adapter = identity.adapter
    this.names = identity.names
    this.client = identity.client
    this.five = identity.five
    this.transport = identity.transport
    this.address = identity.address
    this.generation = identity.generation
    this.beats = this.five === null ? this.adapter.beats(this.names) : null
  }

  get inFlight(): number {
    return this.#open?.size ?? 0
  }

  presence(at: Millis): Presence {
    return { deviceId: this.deviceId, session: this.session, at }
  }

  maySubscribe(filter: string): boolean {
    return this.adapter.maySubscribe(filter, this.names)
  }

  subscribe(filter: string, qos: 0 | 1): void {
    this.filters.set(filter, qos)
    this.#roads = null
  }

  unsubscribe(filter: string): void {
    this.filters.delete(filter)
    this.#roads = null
  }

  /** Bytes that went out; 0: it was not taken. */
  publish({ kind, payload, tag, onSent }: Message, limits: Limits, now: Millis): number {
    if (!this.isOpen || this.client.closed) return 0
    const road = this.#roads?.get(kind) ?? this.#roadOf(kind, payload)
    if (road === null) return 0
    const socket = this.client.conn as Duplex
    if (!this.#hasRoom(limits, now) || socket.writableLength > limits.bufferBytesMax) return 0
    const id = road.qos === 1 ? this.#nextId() : 0
    const packet = publishPacket(road.way.topic, print(road.way, payload, this.names), {
      id,
      isFive: this.five !== null,
    })
    if (this.five !== null && packet.length > this.five.packetBytesMax) return 0
    if (id !== 0) {
      this.#open ??= new Map()
      this.#open.set(id, { tag, at: now })
    }
    if (id !== 0 || tag === null) socket.write(packet)
    else socket.write(packet, cause => cause == null && onSent(tag))
    return packet.length
  }

  /** The tag of what was received; null for what had none, or was not known any more. */
  receive(messageId: number): string | null {
    const open = this.#open?.get(messageId)
    this.#open?.delete(messageId)
    if (this.#open?.size === 0) this.#open = null
    return open?.tag ?? null
  }

  /** What reaches it by its filters of now. */
  hearing(): readonly DownlinkKind[] {
    const hears = (topic: string) => this.#qosOf(topic) !== null
    return downlinkKinds.filter(kind => this.adapter.isHeard(kind, this.names, hears))
  }

  #roadOf(kind: DownlinkKind, payload: Message['payload']): Road | null {
    const hears = (topic: string) => this.#qosOf(topic) !== null
    const way = this.adapter.wayOf(kind, payload, { names: this.names, hears })
    if (way === null) return null
    const road = { way, qos: this.#qosOf(way.topic)! }
    if (way.isUsual) {
      this.#roads ??= new Map()
      this.#roads.set(kind, road)
    }
    return road
  }

  #qosOf(topic: string): 0 | 1 | null {
    let best: 0 | 1 | null = null
    for (const [filter, qos] of this.filters) {
      if (matches(filter, topic) && (best === null || qos > best)) best = qos
    }
    return best
  }

  #hasRoom({ inFlightMax: usual, ackMs }: Limits, now: Millis): boolean {
    const inFlightMax = Math.min(usual, this.five?.inFlightMax ?? usual)
    if (this.#open === null || this.#open.size < inFlightMax) return true
    for (const [id, { at }] of this.#open) {
      if (now - at < ackMs) break
      this.#open.delete(id)
    }
    return this.#open.size < inFlightMax
  }

  #nextId(): number {
    do this.#lastId = (this.#lastId % 65_535) + 1
    while (this.#open?.has(this.#lastId))
    return this.#lastId
  }
}

type Message = {
  readonly kind: DownlinkKind
  readonly payload: Readonly<Record<string, unknown>>
  readonly tag: string | null
  /** At QoS 0: the bytes are on the socket. */
  readonly onSent: (tag: string) => void
}

type Form = { readonly id: number; readonly isFive: boolean }

/** QoS 1 with an id, QoS 0 with id 0; never retained; in MQTT 5 without properties. */
function publishPacket(topic: string, payload: Uint8Array, { id, isFive }: Form): Buffer {
  const topicBytes = Buffer.byteLength(topic)
  const length = 2 + topicBytes + (id === 0 ? 0 : 2) + (isFive ? 1 : 0) + payload.length
  const lengthBytes = length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : 4
  const packet = Buffer.allocUnsafe(1 + lengthBytes + length)
  let at = packet.writeUInt8(id === 0 ? 0x30 : 0x32, 0)
  for (let rest = length, i = 0; i < lengthBytes; i++, rest >>>= 7) {
    at = packet.writeUInt8((rest & 0x7f) | (i < lengthBytes - 1 ? 0x80 : 0), at)
  }
  at = packet.writeUInt16BE(topicBytes, at)
  at += packet.write(topic, at)
  if (id !== 0) at = packet.writeUInt16BE(id, at)
  if (isFive) at = packet.writeUInt8(0, at)
  packet.set(payload, at)
  return packet
}
