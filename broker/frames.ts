/**
 * Looks at the bytes of one connection before the parser does, which would wait for whatever length
 * a packet announces. Knows only where packets begin and how long they are.
 *
 * BRC1. The first packet is a CONNECT, or these are not the bytes of a box.
 * BRC2. A packet that announces more than is allowed is refused at its header, before its body.
 * BRC3. Packets, and publishes among them, spend from an allowance, after the login from that of
 *       the box (allowance.ts): a flood ends the connection.
 */

import type { Millis } from '../services/contract/words.ts'
import { Allowance } from './allowance.ts'
import type { Limits, Reason } from './limits.ts'

const connect = 1
const publish = 3
const disconnect = 14

export class Frames {
  #allowance: Allowance
  /** Spent before its login; null since then. */
  #early: { packets: number; publishes: number } | null = { packets: 0, publishes: 0 }
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
    this.#allowance = new Allowance(limits, now)
  }

  /** What comes next begins a packet, and not the first one. */
  get isBetween(): boolean {
    return this.#begun && this.#left === 0 && this.#type === 0
  }

  /** Whose it is has been proven. False: what it said until now is more than its box has left. */
  spendFrom(allowance: Allowance, limits: Limits, now: Millis): boolean {
    const { packets, publishes } = this.#early ?? { packets: 0, publishes: 0 }
    this.#early = null
    this.#allowance = allowance
    for (let n = 0; n < packets; n++) {
      if (!allowance.take(n < publishes, limits, now)) return false
    }
    return true
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
    const isPublish = type === publish
    if (this.#early !== null) {
      this.#early.packets++
      if (isPublish) this.#early.publishes++
    }
    return this.#allowance.take(isPublish, limits, now)
  }
}
