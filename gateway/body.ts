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
 * GB3. A route may let in larger bodies. All of these that are arriving together are bounded; who
 *      comes when there is no room is told to come back. They get as much more time as room.
 */

import type { HttpResponse } from 'uWebSockets.js'
import type { Visit } from './answer.ts'
import type { Limits } from './limits.ts'

/** Beyond this, draining politely would be a gift to an attacker. */
const drainBytesMax = 32 * 1024 * 1024
const retryAfterMs = 5_000
const largeTimesLonger = 8

export class Bodies {
  readonly #limits: Limits
  readonly #now: () => number
  /** Bodies still arriving, and until when they may. */
  readonly #arriving = new Map<Visit, number>()
  /** The large ones among them, with the room that they were given. */
  readonly #large = new Map<Visit, number>()

  constructor(limits: Limits, now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  /** The buffer given to `done` lives only until `done` returns: copy what must outlast it. */
  read(
    visit: Visit,
    announced: string,
    done: (visit: Visit, body: Buffer) => void,
    bytesMax: number = this.#limits.bodyBytesMax,
  ) {
    if (announced.length > 9 || Number(announced) > bytesMax) {
      visit.closing = Number(announced) > drainBytesMax
      visit.refuse('BODY_TOO_LARGE', { details: { bytes_max: bytesMax }, moneyEffect: 'none' })
      return
    }
    const { bodyBytesMax, bodyMs } = this.#limits
    const room = /^\d+$/.test(announced) ? Number(announced) : bytesMax
    const isLarge = room > bodyBytesMax
    if (isLarge && !this.#makeRoom(visit, room)) {
      return visit.refuse('OVERLOADED', { retryAfterMs, moneyEffect: 'none' })
    }
    let gathered: Buffer[] | null = null
    let bytes = 0
    const res: HttpResponse = visit.res
    res.onData((chunk, isLast) => {
      if (visit.over) return
      bytes += chunk.byteLength
      if (bytes > bytesMax) {
        this.#forget(visit)
        gathered = null
        visit.closing = announced === ''
        visit.refuse('BODY_TOO_LARGE', { details: { bytes_max: bytesMax }, moneyEffect: 'none' })
      } else if (isLast) {
        this.#forget(visit)
        if (gathered === null) return done(visit, Buffer.from(chunk))
        gathered.push(Buffer.from(chunk))
        done(visit, Buffer.concat(gathered))
      } else {
        gathered ??= []
        // The chunk's memory is uWebSockets' and is taken back when we return.
        gathered.push(Buffer.copyBytesFrom(new Uint8Array(chunk)))
      }
    })
    const patience = isLarge ? bodyMs * largeTimesLonger : bodyMs
    this.#arriving.set(visit, this.#now() + patience)
  }

  #makeRoom(visit: Visit, room: number): boolean {
    for (const one of this.#large.keys()) if (one.over) this.#forget(one)
    let taken = room
    for (const bytes of this.#large.values()) taken += bytes
    if (taken > this.#limits.largeBodiesBytesMax) return false
    this.#large.set(visit, room)
    return true
  }

  #forget(visit: Visit): void {
    this.#arriving.delete(visit)
    this.#large.delete(visit)
  }

  /** Called every second by the gateway. */
  sweep() {
    const now = this.#now()
    for (const [visit, until] of this.#arriving) {
      if (visit.over) this.#forget(visit)
      else if (until <= now) {
        this.#forget(visit)
        visit.closing = true
        visit.refuse('BODY_TIMEOUT')
      }
    }
  }
}
