/**
 * Whether somebody knows his PIN, whichever way he comes. Guessing is made hopeless by counting:
 * five wrong ones in a row lock it. A PIN that was right is remembered for a while, in memory, as a
 * keyed hash, because checking one properly costs some 40 ms of work.
 *
 * MNF1. Five wrong PINs in a row lock until an admin unlocks; a right one before that begins anew;
 *       a locked one is not even looked at.
 * MNF2. Checks of one client happen one after the other, and a guess is spent before it is looked
 *       at: guesses sent at once are counted as well.
 * MNF3. A changed PIN, and a wrong one, are never taken for the remembered one.
 * FLF1. There is one count for all ways: wrong PINs by chat and over the API lock both.
 * FLF2. By chat, where nobody else can send from that address, five more may be tried a day later;
 *       elsewhere the lock stays until an admin, or a right PIN by chat, opens it.
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Database } from '../../sql/database.ts'
import { forgetPins, spendGuess } from '../../sql/money/transfers.ts'
import type { Seal } from '../seal.ts'

const wrongPinsMax = 5
const lockMs = 24 * 3_600_000
const rememberedMax = 10_000
const rememberMs = 60_000

type PinDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'verify'>
  readonly now: () => number
}

type Verdict = 'right' | 'PIN_WRONG' | 'PIN_LOCKED'
/** `left`: how many more may be tried. */
type Proof = { readonly right: true } | { readonly right: false; readonly left: number }
type Guess = { readonly userId: string; readonly pin: string; readonly hashed: string | null }
type Known = { readonly mark: Buffer; readonly until: number }

export class Pins {
  readonly #deps: PinDeps
  readonly #key = randomBytes(32)
  readonly #known = new Map<string, Known>()
  readonly #queues = new Map<string, Promise<unknown>>()

  constructor(deps: PinDeps) {
    this.#deps = deps
  }

  async check(userId: string, pin: string, hashed: string | null): Promise<Verdict> {
    const proof = await this.#inTurn({ userId, pin, hashed }, { daily: false })
    return proof.right ? 'right' : proof.left === 0 ? 'PIN_LOCKED' : 'PIN_WRONG'
  }

  /** By chat, see FLF2. */
  prove(guess: Guess): Promise<Proof> {
    return this.#inTurn(guess, { daily: true })
  }

  forget(userId: string): void {
    this.#known.delete(userId)
  }

  #inTurn(guess: Guess, how: { daily: boolean }): Promise<Proof> {
    const { userId } = guess
    const before = this.#queues.get(userId) ?? Promise.resolve()
    const checked = before.then(() => this.#check(guess, how))
    const quiet = checked.catch(() => {})
    this.#queues.set(userId, quiet)
    void quiet.then(() => {
      if (this.#queues.get(userId) === quiet) this.#queues.delete(userId)
    })
    return checked
  }

  async #check({ userId, pin, hashed }: Guess, { daily }: { daily: boolean }): Promise<Proof> {
    const { db, seal, now } = this.#deps
    const mark = createHmac('sha256', this.#key)
      .update(`${hashed ?? ''}\n${pin}`)
      .digest()
    const known = this.#known.get(userId)
    if (known !== undefined && now() < known.until && timingSafeEqual(known.mark, mark)) {
      return { right: true }
    }
    const guess = { userId, nowMs: now(), guesses: wrongPinsMax, lockMs, daily }
    const spent = await spendGuess(db.pool, guess)
    if (spent === null) return { right: false, left: 0 }
    if (await seal.verify(pin, hashed ?? '')) {
      await forgetPins(db.pool, userId)
      if (this.#known.size >= rememberedMax) this.#known.clear()
      this.#known.set(userId, { mark, until: now() + rememberMs })
      return { right: true }
    }
    // What was right before is asked for again: the lock must hold for it, too.
    this.#known.delete(userId)
    const over = spent % wrongPinsMax
    return { right: false, left: over === 0 ? 0 : wrongPinsMax - over }
  }
}
