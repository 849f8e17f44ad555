/**
 * MQTT 5 on a connection of a broker that speaks 3.1.1. The parser reads both; what goes out is
 * translated frame by frame, and what 5 can say besides is said here.
 *
 * BRV1. Refusals carry the reasons of MQTT 5, in CONNACK, SUBACK and UNSUBACK.
 * BRV2. Nothing is promised that is not kept: CONNACK says which keep-alive is in force, how large
 *       a packet may be, and that there are no retained messages, shared subscriptions, identifiers
 *       of subscriptions.
 * BRV3. Whoever is let go is told why.
 * BRV4. A box that takes only so large packets, or so many at once, is sent no more. One that says
 *       it takes none is refused: it would be there, and never hear anything.
 */

import type { Duplex } from 'node:stream'
import type { ConnectPacket } from 'aedes'
import type { Gone } from './door.ts'
import type { Reason } from './limits.ts'

/** From the return codes of MQTT 3.1.1. */
const connectReasons: Readonly<Record<number, number>> = {
  0: 0x00,
  1: 0x84,
  2: 0x85,
  3: 0x88,
  4: 0x86,
  5: 0x87,
}
const notAuthorized = 0x87
const goodbyes: Readonly<Partial<Record<Gone['why'] | Reason, number>>> = {
  replaced: 0x8e,
  silent: 0x8d,
  closed: 0x8b,
  refused: notAuthorized,
  publish_topic: notAuthorized,
  publish_retained: 0x9a,
  payload_size: 0x95,
  packet_size: 0x95,
  flood: 0x96,
  unreadable: 0x81,
}

const connack = 2
const suback = 9
const unsuback = 11

type Done = (cause?: Error | null) => void
const isDone = (one: unknown): one is Done => typeof one === 'function'

type Offer = { readonly keepAliveS: number; readonly packetBytesMax: number }

export class Five {
  /** What the box takes. */
  readonly packetBytesMax: number
  readonly inFlightMax: number
  /** What was kept of it before is over, also where its session shall last from now on. */
  readonly isAnew: boolean
  readonly #offer: Offer
  readonly #askedKeepAliveS: number
  readonly #write: (bytes: Uint8Array, done?: Done) => boolean
  readonly #socket: Duplex
  #rest: Buffer = Buffer.alloc(0)
  #unsuback: Buffer | null = null

  /** Takes over what is written to the socket from now on. */
  constructor(socket: Duplex, packet: ConnectPacket, offer: Offer) {
    const { maximumPacketSize, receiveMaximum, sessionExpiryInterval = 0 } = packet.properties ?? {}
    this.packetBytesMax = maximumPacketSize ?? Number.POSITIVE_INFINITY
    this.inFlightMax = receiveMaximum ?? 65_535
    this.#askedKeepAliveS = packet.keepalive ?? 0
    this.#offer = offer
    this.#socket = socket
    this.#write = socket.write.bind(socket)
    socket.write = (chunk: Uint8Array | string, ...more: readonly unknown[]) =>
      this.#take(Buffer.from(chunk as string), more.find(isDone))
    this.isAnew = packet.clean ?? true
    // A session that ends with its connection is what 3.1.1 calls clean.
    packet.clean = sessionExpiryInterval === 0
    packet.protocolVersion = 4
  }

  /** Why it is not let in, whoever it is; it is told so. */
  refuses({ properties = {} }: ConnectPacket): string | null {
    const no = (reason: number, why: string) => {
      this.#write(Buffer.from([0x20, 3, 0, reason, 0]))
      return why
    }
    if (properties.authenticationMethod !== undefined) return no(0x8c, 'unknown method')
    const takesNone = properties.receiveMaximum === 0 || properties.maximumPacketSize === 0
    return takesNone ? no(0x82, 'takes nothing') : null
  }

  /** Its answer is held back until it is known how many filters it answers. */
  unsubscribed(filters: number): void {
    const frame = this.#unsuback
    this.#unsuback = null
    if (frame === null) return
    const reasons = Buffer.alloc(filters)
    this.#write(packetOf(frame[0]!, Buffer.concat([frame.subarray(2, 4), none, reasons])))
  }

  goodbye(why: Gone['why'] | Reason): void {
    const reason = goodbyes[why]
    if (reason !== undefined && this.#socket.writable) {
      this.#write(Buffer.from([0xe0, 2, reason, 0]))
    }
  }

  /** Frames may come in pieces, as the broker writes them. */
  #take(chunk: Buffer, done?: Done): boolean {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const said: Buffer[] = []
    for (let frame = frameIn(bytes); frame !== null; frame = frameIn(bytes)) {
      bytes = bytes.subarray(frame.length)
      const one = this.#translated(frame)
      if (one !== null) said.push(one)
    }
    this.#rest = bytes
    if (said.length > 0)
      return this.#write(said.length === 1 ? said[0]! : Buffer.concat(said), done)
    if (done !== undefined) setImmediate(done)
    return true
  }

  #translated(frame: Buffer): Buffer | null {
    switch (frame[0]! >> 4) {
      case connack: {
        const reason = connectReasons[frame[3]!] ?? notAuthorized
        const head = Buffer.from([frame[2]!, reason])
        return packetOf(frame[0]!, Buffer.concat([head, reason === 0 ? this.#properties() : none]))
      }
      case suback: {
        const granted = frame.subarray(4).map(code => (code === 0x80 ? notAuthorized : code))
        return packetOf(frame[0]!, Buffer.concat([frame.subarray(2, 4), none, granted]))
      }
      case unsuback:
        this.#unsuback = frame
        return null
      default:
        return frame
    }
  }

  #properties(): Buffer {
    const { keepAliveS, packetBytesMax } = this.#offer
    const size = Buffer.alloc(5)
    size.writeUInt8(0x27)
    size.writeUInt32BE(packetBytesMax, 1)
    const keepAlive = Buffer.from([0x13, keepAliveS >> 8, keepAliveS & 0xff])
    const parts = Buffer.concat([
      size,
      ...(keepAliveS === this.#askedKeepAliveS ? [] : [keepAlive]),
      // Retained messages, identifiers of subscriptions, shared subscriptions: none.
      Buffer.from([0x25, 0, 0x29, 0, 0x2a, 0]),
    ])
    return Buffer.concat([Buffer.from([parts.length]), parts])
  }
}

/** No properties. */
const none = Buffer.from([0])

/** Of less than 16 KiB. */
function packetOf(first: number, body: Uint8Array): Buffer {
  const { length } = body
  const head = length < 128 ? [first, length] : [first, (length & 0x7f) | 0x80, length >> 7]
  return Buffer.concat([Buffer.from(head), body])
}

/** The first whole frame, or null. */
function frameIn(bytes: Buffer): Buffer | null {
  let length = 0
  for (let at = 1, shift = 0; at < bytes.length; at++, shift += 7) {
    const byte = bytes[at]!
    length |= (byte & 0x7f) << shift
    if (byte < 0x80) {
      const end = at + 1 + length
      return bytes.length < end ? null : bytes.subarray(0, end)
    }
  }
  return null
}
