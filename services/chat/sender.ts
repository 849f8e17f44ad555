/**
 * May he speak now? The address on a channel stands for a client; the PIN says that it is really
 * him, see services/wallet/pin.ts.
 *
 * CHD1. A guess is spent before the PIN is looked at: guesses made at once are counted, too.
 * CHD2. Five wrong PINs in a row lock the client's addresses for a day, or until an admin unlocks
 *       them; the right one gives all five back.
 * CHD3. Messages of one address are answered one after the other, and only so many new ones a
 *       minute; who is too fast hears it once a minute, and who waits on the line each time.
 */

import { keepLatest } from '../wire/latest.ts'

const addressesMax = 20_000
const perMinute = 30

/** How many messages each address sent in this minute; the oldest addresses are forgotten first. */
export class Pace {
  readonly #counts = new Map<string, { minute: number; count: number }>()

  allows(address: string, at: number): boolean {
    const minute = Math.floor(at / 60_000)
    const kept = this.#counts.get(address)
    const count = kept?.minute === minute ? kept.count + 1 : 1
    keepLatest(this.#counts, address, { minute, count }, addressesMax)
    return count <= perMinute
  }
}

/** One after the other per address, side by side otherwise. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  take<T>(address: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(address) ?? Promise.resolve()).then(work, work)
    this.#last.set(address, turn)
    const leave = () => {
      if (this.#last.get(address) === turn) this.#last.delete(address)
    }
    turn.then(leave, leave)
    return turn
  }

  /** Resolves when nobody has a turn any more. */
  async rest(): Promise<void> {
    while (this.#last.size > 0) await Promise.allSettled([...this.#last.values()])
  }
}
