/**
 * Reading a request's body without trusting its sender.
 *
 *   one chunk, whole ─▶ handed on as it lies in the receive buffer, not copied
 *   more chunks ──────▶ gathered, up to the limit, within the time
 *
 * GB1. A body above the limit is refused at once, by its announced length or by what arrives. What
 *      follows is drained, not kept, so that the answer reaches a sender who is still sending; only
 *      a sender of absurd amounts is cut off.
 * GB2. A body that does not arrive in time is refused and its connection closed.
 */

import type { HttpResponse } from 'uWebSockets.js'
import type { Visit } from './answer.ts'
import type { Limits } from './limits.ts'

/** Beyond this, draining politely would be a gift to an attacker. */
const drainBytesMax = 32 * 1024 * 1024

export class Bodies {
  readonly #limits: Limits
  readonly #now: () => number
  /** Bodies still arriving, oldest first. */
  readonly #arriving = new Map<Visit, number>()

  constructor(limits: Limits, now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  /** The buffer given to `done` lives only until `done` returns: copy what must outlast it. */
  read(visit: Visit, announced: string, done: (visit: Visit, body: Buffer) => void) {
    const bytesMax = this.#limits.bodyBytesMax
    if (announced.length > 5 || Number(announced) > bytesMax) {
      visit.closing = Number(announced) > drainBytesMax
      visit.refuse('BODY_TOO_LARGE', { details: { bytes_max: bytesMax }, moneyEffect: 'none' })
      return
    }
    let gathered: Buffer[] | null = null
    let bytes = 0
    const res: HttpResponse = visit.res
    res.onData((chunk, isLast) => {
      if (visit.over) return
      bytes += chunk.byteLength
      if (bytes > bytesMax) {
        this.#arriving.delete(visit)
        gathered = null
        visit.closing = announced === ''
        visit.refuse('BODY_TOO_LARGE', { details: { bytes_max: bytesMax }, moneyEffect: 'none' })
      } else if (isLast) {
        this.#arriving.delete(visit)
        if (gathered === null) return done(visit, Buffer.from(chunk))
        gathered.push(Buffer.from(chunk))
        done(visit, Buffer.concat(gathered))
      } else {
        gathered ??= []
        // The chunk's memory is uWebSockets' and is taken back when we return.
        gathered.push(Buffer.copyBytesFrom(new Uint8Array(chunk)))
      }
    })
    this.#arriving.set(visit, this.#now())
  }

  /** Called every second by the gateway. */
  sweep() {
    const deadline = this.#now() - this.#limits.bodyMs
    for (const [visit, since] of this.#arriving) {
      if (visit.over) this.#arriving.delete(visit)
      else if (since <= deadline) {
        this.#arriving.delete(visit)
        visit.closing = true
        visit.refuse('BODY_TIMEOUT', { moneyEffect: 'none' })
      }
    }
  }
}
