/**
 * The second factor of staff: six digits that an authenticator makes of a secret and the time
 * (TOTP, RFC 6238), or one of ten recovery codes.
 *
 * PEB1. A code serves once: neither it nor an older one opens anything again.
 * PEB2. Codes may be off by one step of thirty seconds either way, no more.
 * PEB3. Five wrong codes lock the second factor for a quarter of an hour, recovery codes included.
 * PEB4. A recovery code serves once, and rests hashed under a key of ours.
 * PEB5. Where it is required, staff without one does not come in: it is set up first.
 * PEB6. A secret is confirmed by a code of its own, whatever codes of another served before, and by
 *       no recovery code: those do not show that it is in an authenticator.
 */

import { createHmac, randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import { spendFirstStep, spendRecovery, spendStep, totpOf } from '../../sql/people/totp.ts'
import type { Refused } from '../contract/answer.ts'
import type { Role } from '../contract/identity.ts'
import { refuse } from '../refusal.ts'
import type { Seal } from '../seal.ts'
import { type Allowed, Guard, type GuardDeps } from './guard.ts'

type FactorDeps = GuardDeps & {
  readonly seal: Pick<Seal, 'keyFor' | 'open' | 'close'>
  /** For those who decide on money and people. */
  readonly isRequired: boolean
}

type Who = { readonly userId: string; readonly role: Role }

export const mayHaveFactor: ReadonlySet<Role> = new Set<Role>([
  ...(['admin', 'finance', 'support', 'ops', 'viewer'] as const),
])
const mustHaveFactor: ReadonlySet<Role> = new Set<Role>(['admin', 'finance', 'support'])

const stepMs = 30_000
const secretBytes = 20
const recoveryCount = 10
const guesses: Allowed = { kind: 'second factor', most: 5, lockMs: 15 * 60_000 }

export const totpPurpose = (userId: string): string => `totp:${userId}`

export class SecondFactor {
  readonly #deps: FactorDeps
  readonly #guard: Guard
  readonly #recoveryKey: Buffer

  constructor(deps: FactorDeps) {
    this.#deps = deps
    this.#guard = new Guard(deps)
    this.#recoveryKey = deps.seal.keyFor('recovery codes')
  }

  isNeeded({ role }: Pick<Who, 'role'>): boolean {
    return this.#deps.isRequired && mustHaveFactor.has(role)
  }

  /** Null when he may come in, as far as this goes. */
  async demand(who: Who, code: string | undefined): Promise<Refused | null> {
    if (!mayHaveFactor.has(who.role)) return null
    const row = await totpOf(this.#deps.db.pool, who.userId)
    if (row === null || row.secret === null) {
      return this.isNeeded(who) ? refuse('SECOND_FACTOR_UNSET') : null
    }
    if (code === undefined) return refuse('SECOND_FACTOR_REQUIRED')
    return await this.prove(who.userId, row.secret, code)
  }

  /** Null when the code is right: one of this secret, or for recovery. */
  prove(userId: string, secret: string, code: string): Promise<Refused | null> {
    return this.#guarded(userId, async () =>
      sixDigits.test(code)
        ? await this.#isStep({ userId, secret, code }, spendStep)
        : await this.#isRecovery(userId, code),
    )
  }

  /** Null when the code is one of this secret, of which none has served yet. */
  confirm(userId: string, secret: string, code: string): Promise<Refused | null> {
    return this.#guarded(userId, () => this.#isStep({ userId, secret, code }, spendFirstStep))
  }

  async #guarded(userId: string, look: () => Promise<boolean>): Promise<Refused | null> {
    const lockedMs = await this.#guard.spend(guesses, userId)
    if (lockedMs !== null) return { ...refuse('LOGIN_LOCKED'), retryAfterMs: lockedMs }
    const isRight = await look()
    if (!isRight) return refuse('SECOND_FACTOR_WRONG')
    await this.#guard.forgive(guesses, userId)
    return null
  }

  async #isStep(
    { userId, secret, code }: { userId: string; secret: string; code: string },
    spend: typeof spendStep,
  ): Promise<boolean> {
    const { seal, db, now } = this.#deps
    const nowMs = now()
    const totp = totpFor(seal.open(secret, totpPurpose(userId)))
    const delta = totp.validate({ token: code, timestamp: nowMs, window: 1 })
    if (delta === null) return false
    const step = Math.floor(nowMs / stepMs) + delta
    return await spend(db.pool, { userId, step })
  }

  async #isRecovery(userId: string, code: string): Promise<boolean> {
    const { db, now } = this.#deps
    const hash = this.hashOf(userId, code)
    return await spendRecovery(db.pool, { userId, hash, nowMs: now() })
  }

  hashOf(userId: string, code: string): string {
    const plain = code.toUpperCase().replaceAll(/[^0-9A-Z]/g, '')
    return createHmac('sha256', this.#recoveryKey).update(`${userId}\n${plain}`).digest('base64url')
  }
}

/** Base32, as authenticators read it. */
export const drawSecret = (): string =>
  new Secret({ buffer: Uint8Array.from(randomBytes(secretBytes)).buffer }).base32

export const uriOf = (secret: string, label: string): string => totpFor(secret, label).toString()

/** Ten times ten letters and digits that survive being read aloud: 50 bits each. */
export const drawRecovery = (): string[] =>
  Array.from({ length: recoveryCount }, () => {
    const letters = Array.from(randomBytes(10), byte => alphabet[byte % 32])
    return `${letters.slice(0, 5).join('')}-${letters.slice(5).join('')}`
  })

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const sixDigits = /^\d{6}$/

const totpFor = (secret: string, label = 'laju'): TOTP =>
  new TOTP({
    ...{ issuer: 'Laju', label, algorithm: 'SHA1', digits: 6, period: stepMs / 1_000 },
    secret: Secret.fromBase32(secret),
  })
