/**
 * What a person carries after a login. An access token is good for minutes and is a JWT, signed
 * with a key of its own session; a refresh token names a session and a generation, and the rest of
 * it is computed from both, so that no table holds anything that lets somebody in.
 *
 *   access    header . {sub, sid, role, iat, exp} . HMAC(key of the session)
 *   refresh   sid (16 bytes) | generation (4) | HMAC (32), in base64url
 *
 * SEB1. A refresh token that we did not make, or that was altered, is not one.
 * SEB2. The key of one session signs for no other.
 */

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Role } from '../contract/identity.ts'
import type { Millis } from '../contract/words.ts'
import type { Seal } from '../seal.ts'

export const accessMs = 10 * 60_000

type Claims = {
  readonly userId: string
  readonly sid: string
  readonly role: Role
  readonly now: Millis
  /** How long it is good, where not the usual. */
  readonly lifeMs?: Millis | undefined
}

type Refresh = { readonly sid: string; readonly generation: number }

const header = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')
const sidBytes = 16
const macBytes = 32
const refreshBytes = sidBytes + 4 + macBytes
const refreshShape = /^[\w-]{70}$/

export class Tokens {
  readonly #accessKey: Buffer
  readonly #refreshKey: Buffer

  constructor(seal: Pick<Seal, 'keyFor'>) {
    this.#accessKey = seal.keyFor('session access')
    this.#refreshKey = seal.keyFor('session refresh')
  }

  /** What signs the access tokens of one session. */
  secretOf(sid: string): string {
    return createHmac('sha256', this.#accessKey).update(sid).digest('base64url')
  }

  access({ userId, sid, role, now, lifeMs = accessMs }: Claims): {
    token: string
    expiresAt: Millis
  } {
    const iat = Math.floor(now / 1_000)
    const exp = iat + Math.floor(lifeMs / 1_000)
    const claims = JSON.stringify({ sub: userId, sid, role, iat, exp })
    const signed = `${header}.${Buffer.from(claims).toString('base64url')}`
    const mac = createHmac('sha256', this.secretOf(sid)).update(signed).digest('base64url')
    return { token: `${signed}.${mac}`, expiresAt: exp * 1_000 }
  }

  refresh({ sid, generation }: Refresh): string {
    const head = Buffer.alloc(sidBytes + 4)
    head.write(sid.replaceAll('-', ''), 'hex')
    head.writeUInt32BE(generation, sidBytes)
    return Buffer.concat([head, this.#mac(head)]).toString('base64url')
  }

  readRefresh(text: string): Refresh | null {
    if (!refreshShape.test(text)) return null
    const bytes = Buffer.from(text, 'base64url')
    if (bytes.length !== refreshBytes) return null
    const head = bytes.subarray(0, sidBytes + 4)
    if (!timingSafeEqual(bytes.subarray(sidBytes + 4), this.#mac(head))) return null
    const hex = head.toString('hex', 0, sidBytes)
    const sid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    return { sid, generation: head.readUInt32BE(sidBytes) }
  }

  #mac(head: Buffer): Buffer {
    return createHmac('sha256', this.#refreshKey).update(head).digest()
  }
}
