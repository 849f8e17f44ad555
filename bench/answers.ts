/**
 * Reads HTTP/1.1 answers from whatever pieces the socket gives: status, then `content-length`
 * bytes of body. Nothing else of HTTP is understood, and what is not understood throws.
 */

const carriageReturn = 13
const lineFeed = 10

export class Answers {
  readonly #onAnswer: (status: number, body: Buffer) => void
  #held: Buffer | null = null

  constructor(onAnswer: (status: number, body: Buffer) => void) {
    this.#onAnswer = onAnswer
  }

  /** The chunk may be reused by the caller afterwards: what is kept is copied. */
  read(chunk: Buffer): void {
    let bytes = this.#held === null ? chunk : Buffer.concat([this.#held, chunk])
    this.#held = null
    while (bytes.length > 0) {
      const headEnd = endOfHead(bytes)
      if (headEnd < 0) break
      const status = statusOf(bytes)
      const end = headEnd + bodyLength(bytes, headEnd)
      if (bytes.length < end) break
      this.#onAnswer(status, bytes.subarray(headEnd, end))
      bytes = bytes.subarray(end)
    }
    if (bytes.length > 0) this.#held = Buffer.from(bytes)
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
