/**
 * Whether somebody knows his password. Guessing is made hopeless by counting, per account and per
 * address, and finding out who exists by treating every name alike.
 *
 * SED1. Five wrong passwords in a row lock an account for a quarter of an hour, twenty an address
 *       (behind one of a mobile network stand many); a guess is counted before it is looked at.
 * SED2. A name that nobody has is counted, locked and answered like one that somebody has, and
 *       costs the same work.
 * SED3. A right password begins its account's count anew, and gives the address its guess back.
 * SED4. Few are looked at at once, for that is work for a processor; a crowd stands in line, and
 *       that line is bounded: beyond it we are overloaded and say so.
 * SED5. A right password whose hash is of an older kind is hashed anew, and its sessions go on.
 */

import { createHmac } from 'node:crypto'
import { Fault } from '../../engine/assert.ts'
import type { Database } from '../../sql/database.ts'
import { rehash } from '../../sql/people/accounts.ts'
import { forgetLogins, forgiveLogin, lockedUntil, spendLogin } from '../../sql/people/sessions.ts'
import type { Millis } from '../contract/words.ts'
import type { Seal } from '../seal.ts'

export const wrongMax = 5
export const wrongByAddressMax = 20
export const lockMs = 15 * 60_000
const forgetMs = 3_600_000
const keptMs = 86_400_000
const forgottenAtOnce = 20
/** One less than there are threads for such work: others need one, too. */
const lookedAtMax = 3
const waitingMax = 125

type PasswordDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'verifyPassword' | 'hashPassword' | 'isOldPassword' | 'keyFor'>
  readonly now: () => Millis
}

type Guess = {
  /** Whoever is counted: a client's id, or a name that nobody has. */
  readonly account: string
  /** Null for who has proven himself already. */
  readonly neighbour: string | null
  readonly password: string
  readonly hashed: string | null
}

type Verdict = 'right' | 'wrong' | { readonly lockedMs: Millis }

export class Passwords {
  readonly #deps: PasswordDeps
  readonly #key: Buffer
  readonly #line: (() => void)[] = []
  #lookedAt = 0

  constructor(deps: PasswordDeps) {
    this.#deps = deps
    this.#key = deps.seal.keyFor('login guard')
  }

  async check({ account, neighbour, password, hashed }: Guess): Promise<Verdict> {
    return await this.#bounded(async () => {
      const keys = {
        account: this.#keyOf('account', account),
        address: neighbour === null ? null : this.#keyOf('address', neighbour),
      }
      const lockedMs = await this.#spend(keys)
      if (lockedMs !== null) return { lockedMs }
      if (!(await this.#deps.seal.verifyPassword(password, hashed ?? ''))) return 'wrong'
      await forgiveLogin(this.#deps.db.pool, keys)
      return 'right'
    })
  }

  /** For who has been looked at: whether it is the password under another hash as well. */
  holds(password: string, hashed: string): Promise<boolean> {
    return this.#bounded(() => this.#deps.seal.verifyPassword(password, hashed))
  }

  hash(password: string): Promise<string> {
    return this.#bounded(() => this.#deps.seal.hashPassword(password))
  }

  /** After a right password. */
  async renew(client: { userId: string; password: string; hashed: string }): Promise<void> {
    const { userId, password, hashed } = client
    const { seal, db } = this.#deps
    if (!seal.isOldPassword(hashed)) return
    await rehash(db.pool, { userId, from: hashed, to: await this.hash(password) })
  }

  async #bounded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#line.length >= waitingMax) throw new Fault('engine.overloaded', { untouched: true })
    if (this.#lookedAt < lookedAtMax) this.#lookedAt++
    else await new Promise<void>(resolve => this.#line.push(resolve))
    try {
      return await work()
    } finally {
      // Whoever is next takes this place over.
      const next = this.#line.shift()
      if (next === undefined) this.#lookedAt--
      else next()
    }
  }

  /** Null when it may be looked at, or how long not. */
  async #spend(keys: { account: string; address: string | null }): Promise<Millis | null> {
    const { db, now } = this.#deps
    const { account, address } = keys
    const nowMs = now()
    const counts = { nowMs, lockMs, forgetMs }
    await forgetLogins(db.pool, { beforeMs: nowMs - keptMs, limit: forgottenAtOnce })
    const isOpen =
      (address === null ||
        (await spendLogin(db.pool, { key: address, guessesMax: wrongByAddressMax, ...counts })) !==
          null) &&
      (await spendLogin(db.pool, { key: account, guessesMax: wrongMax, ...counts })) !== null
    if (isOpen) return null
    const shut = address === null ? [account] : [account, address]
    return Math.max(1_000, (await lockedUntil(db.pool, { keys: shut, nowMs })) - nowMs)
  }

  /** What was typed as a name may be a password: it rests hashed. */
  #keyOf(kind: 'account' | 'address', text: string): string {
    return createHmac('sha256', this.#key).update(`${kind}\n${text}`).digest('base64url')
  }
}
