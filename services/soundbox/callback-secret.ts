/**
 * The secret under which the acquirer signs its callbacks: drawn once, kept sealed, shown to
 * whoever draws a new one. The one before it goes on for a while, so that both sides can change
 * over.
 *
 * SAE1. A signature under the present secret, or the one before it until its time is over, is good.
 * SAE2. What was drawn by another process is known here within a second.
 */

import { randomBytes } from 'node:crypto'
import type { Database } from '../../sql/database.ts'
import { readInstallation, writeInstallation } from '../../sql/installation.ts'
import type { Millis } from '../contract/words.ts'
import { type Seal, SealBroken } from '../seal.ts'

type Kept = {
  readonly secret: string
  readonly before: { readonly secret: string; readonly until: Millis } | null
}

type Deps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'open' | 'close'>
  readonly now: () => Millis
}

const name = 'qris.callback'
const freshMs = 1_000

export class CallbackSecret {
  readonly #deps: Deps
  #kept: Kept | null = null
  #readAt: Millis = Number.NEGATIVE_INFINITY

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** The secrets that are good now, the present one first. */
  async good(): Promise<readonly string[]> {
    const now = this.#deps.now()
    if (this.#kept === null || Math.abs(now - this.#readAt) >= freshMs) {
      this.#kept = (await this.#read()) ?? (await this.#keep(null))
      this.#readAt = now
    }
    const { secret, before } = this.#kept
    return before !== null && before.until > now ? [secret, before.secret] : [secret]
  }

  /** A new one; the present one goes on for `graceMs`. */
  async draw(graceMs: Millis): Promise<string> {
    const known = await this.#read()
    const until = this.#deps.now() + graceMs
    this.#kept = await this.#keep(known === null ? null : { secret: known.secret, until })
    this.#readAt = this.#deps.now()
    return this.#kept.secret
  }

  async #read(): Promise<Kept | null> {
    const sealed = await readInstallation(this.#deps.db.pool, name)
    if (sealed === null) return null
    try {
      return JSON.parse(this.#deps.seal.open(sealed, name)) as Kept
    } catch (cause) {
      // Sealed under a master key that is lost: a new one must be agreed upon anyway.
      if (cause instanceof SealBroken) return null
      throw cause
    }
  }

  async #keep(before: Kept['before']): Promise<Kept> {
    const kept = { secret: randomBytes(32).toString('hex'), before }
    const value = this.#deps.seal.close(JSON.stringify(kept), name)
    await writeInstallation(this.#deps.db.pool, { name, value })
    return kept
  }
}
