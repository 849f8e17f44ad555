/**
 * Looks at the bytes of one connection before the parser does, which would wait for whatever length
 * a packet announces. Knows only where packets begin and how long they are.
 *
 * BRC1. The first packet is a CONNECT, or these are not the bytes of a box.
 * BRC2. A packet that announces more than is allowed is refused at its header, before its body.
 * BRC3. Packets, and publishes among them, spend from buckets of this connection: a flood ends with
 *       it.
 */

import type { Millis } from '../services/contract/words.ts'
import { Bucket, type Limits, type Reason } from './limits.ts'

const connect = 1
const publish = 3
const disconnect = 14

export class Frames {
  readonly #packets: Bucket
  readonly #publishes: Bucket
  #begun = false
  /** Bytes of the current packet's body that are still to come. */
  #left = 0
  /** Of a header that is not complete: its type, or 0 between packets. */
  #type = 0
  #length = 0
  #shift = 0
  /** Said goodbye: its last packet was a DISCONNECT. */
  goodbye = false

  constructor(limits: Limits, now: Millis) {
    this.#packets = new Bucket(limits.packetsBurst, now)
    this.#publishes = new Bucket(limits.publishesBurst, now)
  }

  /** What comes next begins a packet, and not the first one. */
  get isBetween(): boolean {
    return this.#begun && this.#left === 0 && this.#type === 0
  }

  /** Why the connection has to end, or null. */
  take(chunk: Uint8Array, limits: Limits, now: Millis): Reason | null {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, chunk.length - at)
        this.#left -= step
        at += step
        continue
      }
      const byte = chunk[at++]!
      if (this.#type === 0) {
        this.#type = byte >> 4
        if (!this.#begun && this.#type !== connect) return 'not_mqtt'
        if (this.#type === 0 || this.#type === 15) return 'not_mqtt'
        this.#begun = true
        continue
      }
      this.#length += (byte & 0x7f) * 2 ** this.#shift
      this.#shift += 7
      if (this.#length > limits.packetBytesMax) return 'packet_size'
      if (byte >= 0x80) {
        if (this.#shift > 21) return 'not_mqtt'
        continue
      }
      if (!this.#spend(this.#type, limits, now)) return 'flood'
      this.goodbye = this.#type === disconnect
      this.#left = this.#length
      this.#type = this.#length = this.#shift = 0
    }
    return null
  }

  #spend(type: number, limits: Limits, now: Millis): boolean {
    if (!this.#packets.take(limits.packetsPerMin, limits.packetsBurst, now)) return false
    if (type !== publish) return true
    return this.#publishes.take(limits.publishesPerMin, limits.publishesBurst, now)
  }
}
