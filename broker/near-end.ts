/**
 * Two ends of one stream of bytes within this process, for whoever comes to the broker by another
 * door of it. Not the pair that Node has: there a writer is let go on only by the reader's next
 * question, and a reader whose bytes were taken on their way in (short-road.ts) asks no more.
 *
 *   one.write ─▶ other.push ─┬ there is room: the writer goes on by itself
 *                            └ it is full: he waits until the other end asks for more
 *
 * BRZ1. A write goes on by itself as long as the other end has room; an end that is full and does
 *       not read holds back whoever writes to it.
 * BRZ2. When one end goes, the other reads what was written before and then its end; a write that
 *       waits, and every later one, fails as on a socket whose other side is gone.
 */

import { Duplex } from 'node:stream'

type Done = (cause?: Error | null) => void
type Chunks = readonly { readonly chunk: Uint8Array }[]

class NearEnd extends Duplex {
  other: NearEnd | null = null
  /** Of whoever wrote to this end when it was full. */
  #writer: Done | null = null

  constructor() {
    super({ allowHalfOpen: false })
  }

  override _read(): void {
    this.#release(null)
  }

  override _write(chunk: Uint8Array, _: BufferEncoding, done: Done): void {
    if (this.other === null) done(reset())
    else this.other.#take(chunk, done)
  }

  /** What was held back, or corked, goes over in one piece: so packets stay whole. */
  override _writev(chunks: Chunks, done: Done): void {
    const bytes = chunks.length === 1 ? chunks[0]!.chunk : Buffer.concat(chunks.map(toBytes))
    this._write(bytes, 'utf8', done)
  }

  override _final(done: Done): void {
    this.other?.push(null)
    done()
  }

  override _destroy(cause: Error | null, done: (cause: Error | null) => void): void {
    const { other } = this
    this.other = null
    this.#release(reset())
    if (other !== null) {
      other.other = null
      if (!other.readableEnded && !other.destroyed) other.push(null)
      // What it was held back from it will never get rid of.
      other.#release(null)
    }
    done(cause)
  }

  #take(chunk: Uint8Array, done: Done): void {
    // Before: whoever reads at once asks for more within this very call.
    this.#writer = done
    if (this.push(chunk)) this.#release(null)
  }

  #release(cause: Error | null): void {
    const done = this.#writer
    this.#writer = null
    done?.(cause)
  }
}

export function nearEnds(): readonly [Duplex, Duplex] {
  const [one, other] = [new NearEnd(), new NearEnd()]
  one.other = other
  other.other = one
  return [one, other]
}

const toBytes = ({ chunk }: { readonly chunk: Uint8Array }): Uint8Array => chunk

const reset = (): Error => Object.assign(new Error('the other end is gone'), { code: 'ECONNRESET' })
