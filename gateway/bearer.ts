/**
 * People, who log in and then carry an access token: a JWT, signed with a key of their session.
 *
 *   Authorization: Bearer <header>.<claims>.<signature>
 *        └─▶ shape ─▶ card of its session ─▶ signature ─▶ time ─▶ standing, rate ─▶ as with a key
 *
 * SEE1. The header is exactly ours: no other algorithm, no other field. The signature is compared
 *       in constant time, and what the claims say is believed only after it.
 * SEE2. A session that ended lets nobody in, however young the token; who somebody is and what he
 *       may comes from the card, not from the token.
 * SEE3. A request with a key is none of this file's business, whatever else it carries.
 * SEE4. All sessions of one client spend from the same allowance.
 * SEE5. Failed proofs spend the address's allowance, as with keys; an expired token does not.
 * SEE6. Who speaks for a merchant, or rents numbers for himself, passes the doors that say so, and
 *       no other.
 */

import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod/v4'
import type { Role, SessionCard } from '../services/contract/identity.ts'
import type { Millis } from '../services/contract/words.ts'
import { keepLatest } from '../services/wire/latest.ts'
import { addressOf } from './address.ts'
import type { Visit } from './answer.ts'
import { admit, admitUnknown, fail, type Proof, standingOf } from './auth.ts'
import type { Client, Edge } from './edge.ts'
import type { Entry } from './keyring.ts'
import { Bucket } from './limits.ts'

/** Lets whoever has proven himself through to `then`, by key or by token; answers the others. */
export function admitAnybody(
  edge: Edge,
  visit: Visit,
  proof: Proof,
  body: Buffer,
  then: (visit: Visit, client: Client, body: Buffer) => void,
) {
  if (!proof.token) return admit(edge, visit, proof, body, then)
  if (edge.stopping) return visit.refuse('STOPPING')
  const token = readToken(proof.token)
  if (token === null) return fail(edge, visit, 'TOKEN_INVALID')
  const known = edge.people.peek(token.sid)
  if (known !== undefined) return admitKnown(edge, visit, token, body, known, then)
  const stranger = { ring: edge.people, name: token.sid, unknown: 'TOKEN_INVALID' } as const
  admitUnknown(edge, visit, { ...stranger, proof: token, admitKnown }, body, then)
}

function admitKnown(
  edge: Edge,
  visit: Visit,
  token: Token,
  body: Buffer,
  entry: Entry<'session.card'> | null,
  then: (visit: Visit, client: Client, body: Buffer) => void,
) {
  const now = edge.machineNow()
  const code = examineToken(entry, token, now)
  // The very request may have been taken before, with a younger token: nothing is claimed about it.
  if (code === 'TOKEN_EXPIRED') return visit.refuse(code)
  if (code !== null || entry === null) return fail(edge, visit, code ?? 'TOKEN_INVALID')
  const standing = standingOf(entry, () => addressOf(visit.res, visit.forwarded, edge.proxies))
  if (standing !== null) return visit.refuse(standing)
  if (!takes(visit, entry.card.role)) return visit.refuse('FORBIDDEN', { moneyEffect: 'none' })
  const waitMs = edge.allowances.take(entry.card, visit.ordering, now)
  if (waitMs > 0) return visit.refuse('RATE_LIMITED', { retryAfterMs: waitMs })
  then(visit, entry.card, body)
}

const takes = (visit: Visit, role: Role): boolean =>
  role === 'merchant' ? visit.takesMerchants : role !== 'consumer' || visit.takesConsumers

export function examineToken(
  entry: Pick<Entry<'session.card'>, 'card' | 'secret'> | null,
  token: Token,
  now: Millis,
): 'TOKEN_INVALID' | 'TOKEN_EXPIRED' | null {
  if (entry === null) return 'TOKEN_INVALID'
  const right = createHmac('sha256', entry.secret).update(token.signed).digest()
  if (!timingSafeEqual(right, token.signature)) return 'TOKEN_INVALID'
  if (token.userId !== entry.card.userId) return 'TOKEN_INVALID'
  return now < token.expiresAt ? null : 'TOKEN_EXPIRED'
}

type Token = {
  readonly userId: string
  readonly sid: string
  readonly expiresAt: Millis
  readonly signed: string
  readonly signature: Buffer
}

/** Its parts, not yet believed; null for what can't be a token of ours. */
export function readToken(text: string): Token | null {
  if (text.length > tokenLengthMax) return null
  const [head, body = '', signature = '', ...rest] = text.split('.')
  if (head !== header || rest.length > 0) return null
  if (!bodyShape.test(body) || !signatureShape.test(signature)) return null
  const claims = readClaims(body)
  if (claims === null) return null
  const { sub, sid, exp } = claims
  const signed = `${head}.${body}`
  const bytes = Buffer.from(signature, 'base64url')
  return { userId: sub, sid, expiresAt: exp * 1_000, signed, signature: bytes }
}

const tokenLengthMax = 1_024
const header = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')
const bodyShape = /^[\w-]+$/
const signatureShape = /^[\w-]{43}$/
const claimsShape = z.strictObject({
  sub: z.string(),
  sid: z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  role: z.string(),
  iat: z.int(),
  exp: z.int(),
})

function readClaims(body: string): z.output<typeof claimsShape> | null {
  try {
    const read = claimsShape.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString()))
    return read.success ? read.data : null
  } catch {
    return null
  }
}

type Spent = { readonly orders: Bucket; readonly reads: Bucket }

/** What each client may spend over all its sessions. */
export class Allowances {
  readonly #clients = new Map<string, Spent>()
  readonly #clientsMax: number

  constructor(clientsMax = 20_000) {
    this.#clientsMax = clientsMax
  }

  take(card: SessionCard, isOrder: boolean, now: Millis): Millis {
    const { userId, ratePerMin } = card
    const readPerMin = card.readPerMin ?? ratePerMin * 2
    const spent = this.#clients.get(userId) ?? {
      orders: new Bucket(ratePerMin, now),
      reads: new Bucket(readPerMin, now),
    }
    keepLatest(this.#clients, userId, spent, this.#clientsMax)
    spent.orders.resize(ratePerMin)
    spent.reads.resize(readPerMin)
    return (isOrder ? spent.orders : spent.reads).take(now)
  }
}
