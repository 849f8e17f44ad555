/**
 * A long text that many ask for: its bytes are made once, and packed once, in a thread of zlib's.
 * What differs from asker to asker is a short tail behind it.
 *
 *   text ─▶ bytes ─────────────────────────┬─▶ bytes, tail
 *             └─▶ packed, when first asked ┴─▶ packed, tail as it stands, checksum of both
 *
 * BBA1. Every answer says the text and the tail to the byte; a packed one is one member of gzip.
 * BBA2. Who asks before it is packed gets it as it is, and waits for nothing; it is packed once.
 * BBA3. Only who takes gzip gets it; caches are told that it depends on the asker.
 * BBA4. A short text is never packed.
 */

import { constants, crc32, deflateRaw } from 'node:zlib'

type Print = {
  /** Good until the next one is asked for: send it at once. */
  readonly body: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

const packedLengthMin = 4_096
const tailLengthMax = 256
/** RFC 1952: deflate, no name, no time, any system. */
const gzipHead = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])
const storedHeadLength = 5
const trailerLength = 8

export class Printed {
  /** With room for a tail behind it, so that no answer copies the text. */
  readonly #plain: Buffer
  readonly #length: number
  readonly #checksum: number
  #packed: Buffer | null = null
  #packedLength = 0
  #packing = false

  constructor(text: string) {
    this.#length = Buffer.byteLength(text)
    this.#plain = Buffer.allocUnsafe(this.#length + tailLengthMax)
    this.#plain.write(text)
    this.#checksum = crc32(this.#plain.subarray(0, this.#length))
  }

  /** `accept` is the asker's Accept-Encoding. */
  with(tail: string, accept: string): Print {
    if (Buffer.byteLength(tail) > tailLengthMax) throw new RangeError('the tail is too long')
    const takesPacked = this.#length >= packedLengthMin && takesGzip(accept)
    if (takesPacked && this.#packed !== null) return { body: this.#pack(tail), headers: packed }
    if (takesPacked) this.#start()
    const end = this.#length + this.#plain.write(tail, this.#length)
    return { body: this.#plain.subarray(0, end), headers: plain }
  }

  #start(): void {
    if (this.#packing) return
    this.#packing = true
    const text = this.#plain.subarray(0, this.#length)
    // Flushed and not finished: another block may follow, on a whole byte.
    deflateRaw(text, { finishFlush: constants.Z_SYNC_FLUSH }, (error, deflated) => {
      if (error !== null) return
      const room = storedHeadLength + tailLengthMax + trailerLength
      this.#packed = Buffer.concat([gzipHead, deflated, Buffer.alloc(room)])
      this.#packedLength = this.#packed.length - room
    })
  }

  /** The tail as a last block that is stored as it is: no work but a few bytes. */
  #pack(tail: string): Buffer {
    const bytes = this.#packed!
    const at = this.#packedLength
    const length = bytes.write(tail, at + storedHeadLength)
    bytes[at] = 1
    bytes.writeUInt16LE(length, at + 1)
    bytes.writeUInt16LE(length ^ 0xffff, at + 3)
    const end = at + storedHeadLength + length
    const checksum = crc32(bytes.subarray(at + storedHeadLength, end), this.#checksum)
    bytes.writeUInt32LE(checksum, end)
    bytes.writeUInt32LE(this.#length + length, end + 4)
    return bytes.subarray(0, end + trailerLength)
  }
}

const plain = { Vary: 'Accept-Encoding' } as const
const packed = { ...plain, 'Content-Encoding': 'gzip' } as const

export function takesGzip(accept: string): boolean {
  const wish = /(?:^|[,\s])(?:gzip|\*)\s*(?:;\s*q=([\d.]+))?\s*(?:,|$)/i.exec(accept)
  return wish !== null && Number(wish[1] ?? 1) > 0
}
