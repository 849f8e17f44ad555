/**
 * Whether somebody knows his PIN. Guessing is made hopeless by counting: five wrong ones in a row
 * lock it until an admin unlocks. A PIN that was right is remembered for a while, in memory, as a
 * keyed hash, because checking one properly costs some 40 ms of work.
 *
 * MNF1. Five wrong PINs in a row lock; a right one before that begins anew; a locked one is not
 *       even looked at.
 * MNF2. Checks of one client happen one after the other: guesses sent at once are counted as well.
 * MNF3. A changed PIN, and a wrong one, are never taken for the remembered one.
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Database } from '../../sql/database.ts'
import { forgetPins, notePin, wrongPins } from '../../sql/transfers.ts'
import type { Seal } from '../seal.ts'

export const wrongPinsMax = 5
const rememberedMax = 10_000
const rememberMs = 60_000

export type PinDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'verify'>
  readonly now: () => number
}

type Verdict = 'right' | 'PIN_WRONG' | 'PIN_LOCKED'
type Known = { readonly mark: Buffer; readonly until: number }

export class Pins {
  readonly #deps: PinDeps
  readonly #key = randomBytes(32)
  readonly #known = new Map<string, Known>()
  readonly #queues = new Map<string, Promise<unknown>>()

  constructor(deps: PinDeps) {
    this.#deps = deps
  }

  check(userId: string, pin: string, hashed: string | null): Promise<Verdict> {
    const before = this.#queues.get(userId) ?? Promise.resolve()
    const checked = before.then(() => this.#check(userId, pin, hashed ?? ''))
    const quiet = checked.catch(() => {})
    this.#queues.set(userId, quiet)
    void quiet.then(() => {
      if (this.#queues.get(userId) === quiet) this.#queues.delete(userId)
    })
    return checked
  }

  forget(userId: string): void {
    this.#known.delete(userId)
  }

  async #check(userId: string, pin: string, hashed: string): Promise<Verdict> {
    const { db, seal, now } = this.#deps
    const mark = createHmac('sha256', this.#key).update(`${hashed}\n${pin}`).digest()
    const known = this.#known.get(userId)
    if (known !== undefined && now() < known.until && timingSafeEqual(known.mark, mark)) {
      return 'right'
    }
    const wrong = await wrongPins(db.pool, userId)
    if (wrong >= wrongPinsMax) return 'PIN_LOCKED'
    if (await seal.verify(pin, hashed)) {
      if (wrong > 0) await forgetPins(db.pool, userId)
      if (this.#known.size >= rememberedMax) this.#known.clear()
      this.#known.set(userId, { mark, until: now() + rememberMs })
      return 'right'
    }
    // What was right before is asked for again: the lock must hold for it, too.
    this.#known.delete(userId)
    return (await notePin(db.pool, userId)) >= wrongPinsMax ? 'PIN_LOCKED' : 'PIN_WRONG'
  }
}
