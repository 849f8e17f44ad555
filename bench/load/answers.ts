/**
 * Reads HTTP/1.1 answers from whatever pieces the socket gives: status, then `content-length`
 * bytes of body. Nothing else of HTTP is understood, and what is not understood throws. Of a long
 * body only the beginning is kept: the bench counts it, and must not pay for putting it together.
 */

const carriageReturn = 13
const lineFeed = 10
const keptLengthMax = 64 * 1024

export class Answers {
  readonly #onAnswer: (status: number, body: Buffer) => void
  #held: Buffer | null = null
  /** What is still to come of a long body, of which the beginning is kept. */
  #missing = 0
  #status = 0
  #beginning: Buffer = Buffer.alloc(0)

  constructor(onAnswer: (status: number, body: Buffer) => void) {
    this.#onAnswer = onAnswer
  }

  /** The chunk may be reused by the caller afterwards: what is kept is copied. */
  read(chunk: Buffer): void {
    let bytes = this.#held === null ? chunk : Buffer.concat([this.#held, chunk])
    this.#held = null
    if (this.#missing > 0) bytes = this.#skip(bytes)
    while (bytes.length > 0) {
      const headEnd = endOfHead(bytes)
      if (headEnd < 0) break
      const status = statusOf(bytes)
      const end = headEnd + bodyLength(bytes, headEnd)
      if (bytes.length < end) {
        if (end - headEnd <= keptLengthMax) break
        this.#status = status
        this.#beginning = Buffer.from(bytes.subarray(headEnd, headEnd + keptLengthMax))
        this.#missing = end - bytes.length
        return
      }
      this.#onAnswer(status, bytes.subarray(headEnd, end))
      bytes = bytes.subarray(end)
    }
    if (bytes.length > 0) this.#held = Buffer.from(bytes)
  }

  #skip(bytes: Buffer): Buffer {
    const skipped = Math.min(this.#missing, bytes.length)
    this.#missing -= skipped
    if (this.#missing === 0) this.#onAnswer(this.#status, this.#beginning)
    return bytes.subarray(skipped)
  }
}

function endOfHead(bytes: Buffer): number {
  for (let at = 3; at < bytes.length; at++) {
    if (
      bytes[at] === lineFeed &&
      bytes[at - 1] === carriageReturn &&
      bytes[at - 2] === lineFeed &&
      bytes[at - 3] === carriageReturn
    )
      return at + 1
  }
  return -1
}

/** `HTTP/1.1 200`: three digits from the tenth byte. */
function statusOf(bytes: Buffer): number {
  const status = (bytes[9]! - 48) * 100 + (bytes[10]! - 48) * 10 + (bytes[11]! - 48)
  if (!(status >= 100 && status <= 599)) throw new Error('bench: this is not an HTTP/1.1 answer')
  return status
}

const name = 'content-length:'

function bodyLength(bytes: Buffer, headEnd: number): number {
  for (let at = 12; at < headEnd; at++) {
    if (bytes[at - 1] !== lineFeed) continue
    let matched = 0
    while (matched < name.length && (bytes[at + matched]! | 32) === name.charCodeAt(matched)) {
      matched++
    }
    if (matched < name.length) continue
    let length = 0
    for (let digit = at + matched; bytes[digit] !== carriageReturn; digit++) {
      if (bytes[digit] !== 32) length = length * 10 + bytes[digit]! - 48
    }
    return length
  }
  throw new Error('bench: an answer without content-length is not understood')
}
