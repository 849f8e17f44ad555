/**
 * A box as lean as firmware, MQTT 3.1.1: logs in, subscribes to its own topics, acknowledges what
 * it is told, and says that it played what carries a message id.
 */
import { connect, type Socket } from 'node:net'

export type BoxOptions = {
  readonly port: number
  readonly id: string
  readonly secret: string
  /** What it was told; gives the id of the message that it has played, or null for nothing. */
  readonly onTold: (payload: Buffer) => string | null
}

const type = { connack: 2, publish: 3, puback: 4, suback: 9 }
const protocol = Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0xc2, 0, 0])
const one = Buffer.from([0, 1])
const beat = Buffer.from(
  '{"timestamp":"2026-01-02T03:04:05Z","network_strength":70,"battery_level":80}',
)

export class Box {
  readonly #options: BoxOptions
  readonly #beat: Buffer
  #socket: Socket | null = null
  #rest: Buffer = Buffer.alloc(0)
  #onListening: () => void = () => {}
  /** Whoever waits for receipts, oldest first. */
  readonly #onReceipt: (() => void)[] = []

  constructor(options: BoxOptions) {
    this.#options = options
    this.#beat = packet(0x32, text(`devices/${options.id}/uplink/heartbeat`), one, beat)
  }

  /** Until it has subscribed. */
  open(): Promise<void> {
    const { port, id, secret } = this.#options
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket = socket
    this.#rest = Buffer.alloc(0)
    this.#onReceipt.length = 0
    socket.write(packet(0x10, protocol, text(id), text(id), text(secret)))
    socket.on('data', chunk => this.#read(chunk))
    return new Promise((resolve, reject) => {
      this.#onListening = resolve
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('a box was let go')))
    })
  }

  /** As when the power of its mast goes. */
  cut(): void {
    this.#socket?.removeAllListeners('close').removeAllListeners('data').destroy()
  }

  /** A heartbeat, until it is acknowledged. */
  beat(): Promise<void> {
    this.#socket!.write(this.#beat)
    return new Promise(resolve => this.#onReceipt.push(resolve))
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    while (bytes.length - at >= 2) {
      let length = 0
      let head = 1
      let byte: number | undefined
      do {
        byte = bytes[at + head]
        if (byte === undefined) break
        length |= (byte & 0x7f) << (7 * (head++ - 1))
      } while (byte >= 0x80)
      if (byte === undefined || bytes.length - at < head + length) break
      this.#take(bytes.subarray(at, at + head + length), head)
      at += head + length
    }
    this.#rest = bytes.subarray(at)
  }

  #take(bytes: Buffer, head: number): void {
    const kind = bytes[0]! >> 4
    if (kind === type.connack) {
      const filter = `devices/${this.#options.id}/downlink/#`
      this.#socket!.write(packet(0x82, one, text(filter), Buffer.from([1])))
    } else if (kind === type.suback) this.#onListening()
    else if (kind === type.puback) this.#onReceipt.shift()?.()
    else if (kind === type.publish) {
      const idAt = head + 2 + bytes.readUInt16BE(head)
      const receipt = Buffer.from([0x40, 2, bytes[idAt]!, bytes[idAt + 1]!])
      const played = this.#options.onTold(bytes.subarray(idAt + 2))
      this.#socket!.write(
        played === null ? receipt : Buffer.concat([receipt, this.#playedPacket(played)]),
      )
    }
  }

  #playedPacket(messageId: string): Buffer {
    this.#onReceipt.push(() => {})
    const said = Buffer.from(`{"message_id":"${messageId}","status":"played"}`)
    return packet(0x32, text(`devices/${this.#options.id}/uplink/ack`), one, said)
  }
}

/** The name of the box of this number, as ours have them. */
export const idOf = (n: number): string =>
  `0193a7c2-4d1e-70a1-9f3c-${n.toString(16).padStart(12, '0')}`

/** As MQTT writes a text. */
export function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

/** A packet of less than 16 KiB. */
export function packet(first: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  const head = length < 128 ? [first, length] : [first, (length & 0x7f) | 0x80, length >> 7]
  return Buffer.concat([Buffer.from(head), body])
}
