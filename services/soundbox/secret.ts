/**
 * Secrets of boxes: 32 random bytes, told once, kept as a salted hash. They are not words that
 * somebody thought of, so one SHA-256 is enough, and five thousand boxes may come back at once.
 *
 * DVC1. What is kept opens nothing, and two boxes with one secret would not look alike.
 * DVC2. A secret is compared in the same time, whatever is wrong with it.
 * DVC3. The one before opens the door until its time is over, and no longer.
 * DVC4. Drawn from a key of ours for a request, it is the same whenever that request comes again,
 *       and tells nothing about another's.
 */

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Credential, Secret } from '../../actors/device/device-contract.ts'
import type { Millis } from '../../engine/ids.ts'

const secretBytes = 32
const saltBytes = 16
const secretMax = 200

/** Where secrets come from: chance, unless something else is told. */
export type Source = (what: 'secret' | 'salt') => Buffer

const chance: Source = () => randomBytes(secretBytes)

/** What comes of a key for one request. */
export const sourceOf =
  (key: Uint8Array, request: string): Source =>
  what =>
    createHmac('sha256', key).update(`${what} ${request}`).digest()

/** A fresh one, unless it is given, and what is kept of it. */
export function newSecret(
  generation: number,
  given?: string,
  source: Source = chance,
): { secret: string; kept: Secret } {
  const secret = given ?? source('secret').toString('base64url')
  const salt = source('salt').subarray(0, saltBytes).toString('hex')
  const hash = hashOf(secret, salt).toString('hex')
  return { secret, kept: keptOf({ salt, hash }, generation) }
}

export const keptOf = (
  { salt, hash }: Pick<Secret, 'salt' | 'hash'>,
  generation: number,
): Secret => ({ generation, salt, hash, fingerprint: hash.slice(0, 12) })

/** The generation that the secret is of; null when it opens nothing now. */
export function opens(credential: Credential, secret: string, now: Millis): number | null {
  if (secret.length > secretMax) return null
  if (isSame(credential, secret)) return credential.generation
  const running = endingAt(credential, now)
  return running.find(one => isSame(one, secret))?.generation ?? null
}

/** Those before it that still open the door. */
export const endingAt = ({ previous, earlier = [] }: Credential, now: Millis) =>
  (previous === undefined ? [] : [previous, ...earlier]).filter(({ until }) => until > now)

const isSame = ({ salt, hash }: Secret, secret: string): boolean =>
  timingSafeEqual(hashOf(secret, salt), Buffer.from(hash, 'hex'))

const hashOf = (secret: string, salt: string): Buffer =>
  createHash('sha256').update(salt).update('\n').update(secret).digest()
