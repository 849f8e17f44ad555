/**
 * What may be said in a while: by a connection that is nobody's yet, and then by a box over all the
 * connections that it has one after the other.
 *
 *   connection ─▶ its own ──login──▶ that of its box, with what was spent already
 *
 * BRD1. A box that comes in again finds what it left: coming again gives it nothing.
 * BRD2. What a connection said before its login counts against its box.
 * BRD3. So many boxes are remembered; the one longest not here is forgotten first.
 */

import type { Millis } from '../services/contract/words.ts'
import { keepLatest } from '../services/wire/latest.ts'
import { Bucket, type Limits } from './limits.ts'

export class Allowance {
  readonly #packets: Bucket
  readonly #publishes: Bucket

  constructor(limits: Limits, now: Millis) {
    this.#packets = new Bucket(limits.packetsBurst, now)
    this.#publishes = new Bucket(limits.publishesBurst, now)
  }

  /** One packet; false: there is nothing left. */
  take(isPublish: boolean, limits: Limits, now: Millis): boolean {
    if (!this.#packets.take(limits.packetsPerMin, limits.packetsBurst, now)) return false
    if (!isPublish) return true
    return this.#publishes.take(limits.publishesPerMin, limits.publishesBurst, now)
  }
}

export class Allowances {
  readonly #known = new Map<string, Allowance>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  /** Of a box that comes in. */
  of(deviceId: string, limits: Limits, now: Millis): Allowance {
    const allowance = this.#known.get(deviceId) ?? new Allowance(limits, now)
    keepLatest(this.#known, deviceId, allowance, this.#max)
    return allowance
  }
}
