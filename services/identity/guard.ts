/**
 * How often something may be tried: by whom or from where, counted in the table of wrong passwords,
 * so that a restart forgets nothing. The names that are counted rest hashed.
 *
 * PEA1. Whatever is tried is counted before it is looked at; the last try that is allowed also
 *       shuts the door, for as long as said.
 * PEA2. One kind of trying is not counted against another.
 */

import { createHmac } from 'node:crypto'
import type { Database } from '../../sql/database.ts'
import { forgetLogins, forgiveLogin, lockedUntil, spendLogin } from '../../sql/people/sessions.ts'
import type { Millis } from '../contract/words.ts'
import type { Seal } from '../seal.ts'

export type GuardDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'keyFor'>
  readonly now: () => Millis
}

export type Allowed = {
  readonly kind: string
  readonly most: number
  /** How long the door is shut, and after how long without a try counting begins anew. */
  readonly lockMs: Millis
}

const keptMs = 86_400_000
const forgottenAtOnce = 20

export class Guard {
  readonly #deps: GuardDeps
  readonly #key: Buffer

  constructor(deps: GuardDeps) {
    this.#deps = deps
    this.#key = deps.seal.keyFor('login guard')
  }

  /** Null when it may be tried, or how long not. */
  async spend({ kind, most, lockMs }: Allowed, name: string): Promise<Millis | null> {
    const { db, now } = this.#deps
    const nowMs = now()
    const key = this.#keyOf(kind, name)
    await forgetLogins(db.pool, { beforeMs: nowMs - keptMs, limit: forgottenAtOnce })
    const wish = { key, nowMs, guessesMax: most, lockMs, forgetMs: lockMs }
    if ((await spendLogin(db.pool, wish)) !== null) return null
    return Math.max(1_000, (await lockedUntil(db.pool, { keys: [key], nowMs })) - nowMs)
  }

  /** Counting begins anew. */
  async forgive({ kind }: Allowed, name: string): Promise<void> {
    const account = this.#keyOf(kind, name)
    await forgiveLogin(this.#deps.db.pool, { account, address: null })
  }

  #keyOf(kind: string, name: string): string {
    return createHmac('sha256', this.#key).update(`${kind}\n${name}`).digest('base64url')
  }
}
