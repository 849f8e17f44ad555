/**
 * Reads one HTTP/1.1 response out of bytes that arrive in any cut. Strict, because what follows is
 * money: where two readers could disagree about where a body ends, this one says garbled.
 *
 *   bytes ─▶ head (≤ 16 KiB) ─▶ body by length | by chunks | until the end ─▶ done
 *                      └──────────────── anything else ─────────────────────▶ garbled
 *
 * HC10. The outcome depends on the bytes only, never on how they were cut.
 * HC11. Malformed is garbled: head, lengths that repeat or clash, unknown codings, chunk framing.
 * HC12. Head, body and all that is read for one response are bounded; more is garbled.
 * HC13. Bytes after a complete response never belong to it, and the connection is not used again.
 */

type Progress = 'more' | 'done' | 'garbled'

export const headBytesMax = 16 * 1024
export const bodyBytesMax = 256 * 1024
const sizeLineMax = 1024
const storeBytesKept = 64 * 1024

type Framing = 'head' | 'length' | 'chunks' | 'trailer' | 'until_end'

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const headShape = new RegExp(
  `^HTTP/1\\.[01] [1-5]\\d\\d(?: [^\\r\\n\\0]*)?(?:\\r\\n${token}:[^\\r\\n\\0]*)*$`,
)
const trailerShape = new RegExp(`^${token}:[^\\r\\n\\0]*$`)
const chunkShape = /^([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n\0]*)?$/
const lengthShape = /^\d{1,10}$/
const nothing = Buffer.alloc(0)

/** Lengths of the header names that mean something here; all others are skipped unread. */
const namesRead = new Set(
  ['content-length', 'transfer-encoding', 'content-encoding', 'connection', 'keep-alive'].map(
    name => name.length,
  ),
)

export class ResponseParser {
  status = 0
  body = ''
  /** The connection may carry another request. */
  reusable = false
  /** What the server said in `Keep-Alive: timeout=`, 0 when it said nothing. */
  keepAliveMs = 0

  readonly #bodyMax: number
  /** Head, body and chunk framing together. */
  readonly #wireMax: number
  #store: Buffer = nothing
  #used = 0
  /** What is being read: the store, or the caller's own buffer while one cut holds everything. */
  #bytes: Buffer = nothing
  #length = 0
  #framing: Framing = 'head'
  #start = 0
  #at = 0
  #bodyLength = 0
  #pieces: number[] = []

  constructor(bodyMax = bodyBytesMax) {
    this.#bodyMax = bodyMax
    this.#wireMax = headBytesMax + 2 * bodyMax
  }

  reset(): void {
    if (this.#store.length > storeBytesKept) this.#store = nothing
    this.#used = 0
    this.#framing = 'head'
    this.#start = 0
    this.#at = 0
    this.#bodyLength = 0
    if (this.#pieces.length > 0) this.#pieces = []
    this.status = 0
    this.body = ''
    this.reusable = false
    this.keepAliveMs = 0
  }

  /** Takes the first `length` bytes of `chunk`, which the caller may overwrite afterwards. */
  feed(chunk: Buffer, length: number): Progress {
    if (this.#used === 0) {
      this.#bytes = chunk
      this.#length = length
    } else {
      this.#keep(chunk, length)
      this.#bytes = this.#store
      this.#length = this.#used
    }
    const progress = this.#advance()
    if (progress === 'more') {
      if (this.#length > this.#wireMax) return 'garbled'
      if (this.#used === 0) this.#keep(chunk, length)
    }
    this.#bytes = nothing
    return progress
  }

  /** The other side closed in good order: complete only where the close is the body's end. */
  end(): Progress {
    if (this.#framing !== 'until_end') return 'garbled'
    this.body = this.#store.toString('utf8', this.#start, this.#used)
    return 'done'
  }

  #keep(chunk: Buffer, length: number): void {
    const wanted = this.#used + length
    if (wanted > this.#store.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(4096, wanted * 2))
      this.#store.copy(larger, 0, 0, this.#used)
      this.#store = larger
    }
    chunk.copy(this.#store, this.#used, 0, length)
    this.#used = wanted
  }

  #advance(): Progress {
    for (;;) {
      const before = this.#framing
      const progress = this.#step()
      if (progress !== 'more' || this.#framing === before) return progress
    }
  }

  #step(): Progress {
    switch (this.#framing) {
      case 'head':
        return this.#readHeads()
      case 'length':
        return this.#readLength()
      case 'chunks':
        return this.#readChunks()
      case 'trailer':
        return this.#readTrailer()
      case 'until_end':
        return this.#length - this.#start > this.#bodyMax ? 'garbled' : 'more'
    }
  }

  /** Where the mark begins at or after `from`, within what has arrived; -1 when it has not. */
  #find(mark: string, from: number): number {
    const at = this.#bytes.indexOf(mark, from, 'latin1')
    return at < 0 || at + mark.length > this.#length ? -1 : at
  }

  /** Interim answers (1xx) are heads without a body before the head that counts. */
  #readHeads(): Progress {
    for (;;) {
      if (!this.#beginsLikeHttp()) return 'garbled'
      const end = this.#find('\r\n\r\n', Math.max(this.#start, this.#at - 3))
      if (end > headBytesMax) return 'garbled'
      if (end < 0) {
        this.#at = this.#length
        return this.#length > headBytesMax + 3 ? 'garbled' : 'more'
      }
      const head = this.#bytes.toString('latin1', this.#start, end)
      this.#start = this.#at = end + 4
      if (!headShape.test(head)) return 'garbled'
      this.status = Number(head.slice(9, 12))
      if (this.status === 101) return 'garbled'
      if (this.status >= 200) return this.#readFields(head)
    }
  }

  #beginsLikeHttp(): boolean {
    const count = Math.min(7, this.#length - this.#start)
    for (let index = 0; index < count; index++) {
      if (this.#bytes[this.#start + index] !== 'HTTP/1.'.charCodeAt(index)) return false
    }
    return true
  }

  #readFields(head: string): Progress {
    const old = head.charCodeAt(7) === 48
    let length = -1
    let chunked = false
    let close = old
    for (let line = head.indexOf('\r\n'); line >= 0; ) {
      const colon = head.indexOf(':', line + 2)
      const next = head.indexOf('\r\n', colon)
      if (namesRead.has(colon - line - 2)) {
        const value = head.slice(colon + 1, next < 0 ? head.length : next).trim()
        switch (head.slice(line + 2, colon).toLowerCase()) {
          case 'content-length':
            if (!lengthShape.test(value) || (length >= 0 && Number(value) !== length)) {
              return 'garbled'
            }
            length = Number(value)
            break
          case 'transfer-encoding':
            if (chunked || old || value.toLowerCase() !== 'chunked') return 'garbled'
            chunked = true
            break
          case 'content-encoding':
            // We never said that we accept one.
            if (value !== '' && value.toLowerCase() !== 'identity') return 'garbled'
            break
          case 'connection':
            if (/\bclose\b/i.test(value)) close = true
            else if (old && /\bkeep-alive\b/i.test(value)) close = false
            break
          case 'keep-alive':
            this.keepAliveMs = Number(/\btimeout=(\d{1,6})\b/i.exec(value)?.[1] ?? 0) * 1000
            break
        }
      }
      line = next
    }
    if ((chunked && length >= 0) || length > this.#bodyMax) return 'garbled'
    this.reusable = !close
    if (this.status === 204 || this.status === 304) return this.#done('', this.#start)
    if (chunked) this.#framing = 'chunks'
    else if (length >= 0) {
      this.#framing = 'length'
      this.#bodyLength = length
    } else {
      this.#framing = 'until_end'
      this.reusable = false
    }
    return 'more'
  }

  #readLength(): Progress {
    const end = this.#start + this.#bodyLength
    if (this.#length < end) return 'more'
    return this.#done(this.#bytes.toString('utf8', this.#start, end), end)
  }

  #readChunks(): Progress {
    for (;;) {
      const line = this.#find('\r\n', this.#at)
      if (line < 0) return this.#length - this.#at > sizeLineMax + 1 ? 'garbled' : 'more'
      if (line - this.#at > sizeLineMax) return 'garbled'
      const size = chunkShape.exec(this.#bytes.toString('latin1', this.#at, line))?.[1]
      if (size === undefined) return 'garbled'
      const from = line + 2
      const to = from + Number.parseInt(size, 16)
      if (to === from) {
        this.#framing = 'trailer'
        this.#start = this.#at = from
        return 'more'
      }
      if (this.#bodyLength + to - from > this.#bodyMax) return 'garbled'
      if (this.#length < to + 2) return 'more'
      if (this.#bytes[to] !== 13 || this.#bytes[to + 1] !== 10) return 'garbled'
      this.#pieces.push(from, to)
      this.#bodyLength += to - from
      this.#at = to + 2
      if (this.#at > this.#wireMax) return 'garbled'
    }
  }

  #readTrailer(): Progress {
    for (;;) {
      const line = this.#find('\r\n', this.#at)
      if (line - this.#start > headBytesMax) return 'garbled'
      if (line < 0) return this.#length - this.#start > headBytesMax + 1 ? 'garbled' : 'more'
      if (line === this.#at) return this.#done(this.#joined(), line + 2)
      if (!trailerShape.test(this.#bytes.toString('latin1', this.#at, line))) return 'garbled'
      this.#at = line + 2
    }
  }

  #joined(): string {
    const pieces = this.#pieces
    if (pieces.length === 2) return this.#bytes.toString('utf8', pieces[0], pieces[1])
    const parts: Buffer[] = []
    for (let index = 0; index < pieces.length; index += 2) {
      parts.push(this.#bytes.subarray(pieces[index], pieces[index + 1]))
    }
    return Buffer.concat(parts).toString('utf8')
  }

  #done(body: string, end: number): Progress {
    if (end > this.#wireMax) return 'garbled'
    this.body = body
    if (this.#length > end) this.reusable = false
    return 'done'
  }
}
