/**
 * Wrong secrets of boxes, so that nobody guesses for long, and no box pays for another's. Hundreds
 * of them may stand behind one address of a carrier.
 *
 * GFC1. Failures count per box and address: a box with an old secret is not listened to for a
 *       while, and those beside it are.
 * GFC2. Whoever goes through many names from one address meets a far larger bound of the address.
 *       Boxes that proved themselves from there are listened to all the same.
 * GFC3. Whoever is not listened to costs no look at a secret.
 */

import type { Millis } from '../../services/contract/words.ts'
import { forgetOldest } from '../../services/wire/latest.ts'
import { AddressBuckets } from '../limits.ts'

const ofBoxPerMin = 30
const ofAddressPerMin = 6_000
const boxesMax = 100_000

export class DeviceFailures {
  readonly #ofBox = new AddressBuckets(ofBoxPerMin, boxesMax)
  readonly #ofAddress = new AddressBuckets(ofAddressPerMin)
  /** Boxes and where they proved themselves; the one longest not here is forgotten first. */
  readonly #proven = new Set<string>()

  isShut(place: string, deviceId: string, now: Millis): boolean {
    const box = `${place} ${deviceId}`
    if (this.#ofBox.isEmpty(box, now)) return true
    return this.#ofAddress.isEmpty(place, now) && !this.#proven.has(box)
  }

  failed(place: string, deviceId: string, now: Millis): void {
    this.#ofBox.take(`${place} ${deviceId}`, now)
    this.#ofAddress.take(place, now)
  }

  proved(place: string, deviceId: string): void {
    const box = `${place} ${deviceId}`
    this.#proven.delete(box)
    this.#proven.add(box)
    forgetOldest(this.#proven, boxesMax)
  }
}
