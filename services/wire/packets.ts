/**
 * Packets between the processes of one installation, over a carrier that others may read and write.
 *
 *   id of the sender | number | AES-256-GCM under the sender's key, bound to a place | tag
 *
 * PCK1. Whoever reads the carrier learns nothing; whoever writes there forges nothing, and takes no
 *       packet to another place.
 * PCK2. A sender's numbers only grow: a packet is opened once, and what it has overtaken never.
 */

import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { keepLatest } from './latest.ts'

type Opened = { readonly from: string; readonly bytes: Buffer }

/** A sender, as we know him. */
type Sender = { readonly key: Buffer; last: bigint }

const sendersMax = 256
const idBytes = 8
const numberBytes = 8
const headBytes = idBytes + numberBytes
const tagBytes = 16
const nonceBytes = 12

export class Packets {
  /** Of this process, and of no other one before or after it. */
  readonly id = randomBytes(idBytes).toString('hex')
  readonly #key: Uint8Array
  readonly #own: Buffer
  readonly #senders = new Map<string, Sender>()
  #number = 0n

  /** `key`: 32 bytes that all of them have in common. */
  constructor(key: Uint8Array) {
    this.#key = key
    this.#own = this.#keyOf(this.id)
  }

  seal(place: string, bytes: string | Uint8Array): Buffer {
    const head = Buffer.alloc(headBytes)
    head.write(this.id, 'hex')
    head.writeBigUInt64BE(++this.#number, idBytes)
    const cipher = createCipheriv('aes-256-gcm', this.#own, nonceOf(this.#number))
    cipher.setAAD(Buffer.from(place))
    const sealed = cipher.update(bytes)
    return Buffer.concat([head, sealed, cipher.final(), cipher.getAuthTag()])
  }

  /** Null: not from one of us, or opened before. */
  open(place: string, packet: Buffer): Opened | null {
    if (packet.length < headBytes + tagBytes) return null
    const from = packet.toString('hex', 0, idBytes)
    const number = packet.readBigUInt64BE(idBytes)
    const sender = this.#senders.get(from) ?? { key: this.#keyOf(from), last: 0n }
    if (number <= sender.last) return null
    let bytes: Buffer
    try {
      const opener = createDecipheriv('aes-256-gcm', sender.key, nonceOf(number))
      opener.setAAD(Buffer.from(place)).setAuthTag(packet.subarray(-tagBytes))
      const opened = opener.update(packet.subarray(headBytes, -tagBytes))
      bytes = Buffer.concat([opened, opener.final()])
    } catch {
      return null
    }
    sender.last = number
    // The one that was silent for longest is forgotten first.
    keepLatest(this.#senders, from, sender, sendersMax)
    return { from, bytes }
  }

  #keyOf(id: string): Buffer {
    return createHmac('sha256', this.#key).update(`sender ${id}`).digest()
  }
}

function nonceOf(number: bigint): Buffer {
  const nonce = Buffer.alloc(nonceBytes)
  nonce.writeBigUInt64BE(number, 4)
  return nonce
}
