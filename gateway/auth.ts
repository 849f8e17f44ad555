/**
 * Who is asking. A machine proves itself by signing its request with a shared secret:
 *
 *   X-Api-Key    the key's public name
 *   X-Timestamp  unix seconds (milliseconds are understood)
 *   X-Nonce      optional, any text once
 *   X-Signature  hex HMAC-SHA256(secret, timestamp "." method "." path "." body)
 *                or, with a nonce, better: timestamp "." nonce "." method "." path "." body
 *
 * `path` is the path as sent, with its query string or without; `body` is the bytes as received,
 * never parsed and printed again.
 *
 * GA1. The signature is compared in constant time, over the raw bytes.
 * GA2. A timestamp further than five minutes from our clock is refused, and told our clock.
 * GA3. A nonce serves once per key. Without a nonce a repeat is allowed: orders are idempotent by
 *      their ref_id, so the same signed request many times is one order.
 * GA4. Only after the proof: the IP allow list, suspension, and the key's rate. A stranger can
 *      neither probe these nor spend another's tokens.
 * GA5. Failed proofs spend the address's own allowance; when it is gone, unknown keys are not even
 *      looked up.
 */

import type { HttpRequest } from 'uWebSockets.js'
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { BlockList } from 'node:net'
import type { ClientCard } from '../services/contract/identity.ts'
import { addressOf, allows, neighbourhood } from './address.ts'
import type { Code, Visit } from './answer.ts'
import { type Client, type Edge, guarded } from './edge.ts'
import type { Entry, Keyring, Kind } from './keyring.ts'

export type Proof = {
  readonly key: string
  readonly timestamp: string
  readonly nonce: string
  readonly signature: string
  /** What a person carries instead; looked for only where there is no key (bearer.ts). */
  readonly token?: string
}

/** Must be called while the request's head is at hand. */
export function proofOf(req: HttpRequest): Proof {
  const key = req.getHeader('x-api-key')
  return {
    key,
    timestamp: req.getHeader('x-timestamp'),
    nonce: req.getHeader('x-nonce'),
    signature: req.getHeader('x-signature'),
    token: key === '' ? tokenOf(req.getHeader('authorization')) : '',
  }
}

/** The same, where the head was kept. */
export const proofIn = (headers: Readonly<Record<string, string>>): Proof => ({
  key: headers['x-api-key'] ?? '',
  timestamp: headers['x-timestamp'] ?? '',
  nonce: headers['x-nonce'] ?? '',
  signature: headers['x-signature'] ?? '',
  token: headers['x-api-key'] ? '' : tokenOf(headers['authorization'] ?? ''),
})

export const tokenOf = (said: string): string => (bearer.test(said) ? said.slice(7).trim() : '')
const bearer = /^bearer /i

type Signed = {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly body: Uint8Array
}

const windowMs = 5 * 60_000

/** Lets a proven client through to `then`; answers everybody else. */
export function admit(edge: Edge, visit: Visit, proof: Proof, body: Buffer, then: Then) {
  if (edge.stopping) return visit.refuse('STOPPING')
  const code = incomplete(proof)
  if (code !== null) return fail(edge, visit, code, { missing: missingOf(proof) })
  const known = edge.machines.peek(proof.key)
  if (known !== undefined) return admitKnown(edge, visit, proof, body, known, then)
  const stranger = { ring: edge.machines, name: proof.key, proof, unknown: 'KEY_UNKNOWN' } as const
  admitUnknown(edge, visit, { ...stranger, admitKnown }, body, then)
}

type Then = (visit: Visit, client: Client, body: Buffer) => void

/** Whoever's card is not at hand: where it is looked up, and how it goes on. */
type Stranger<K extends Kind, P> = {
  readonly ring: Keyring<K>
  readonly name: string
  readonly proof: P
  /** What he is told whose neighbourhood has used up its failures. */
  readonly unknown: Code
  readonly admitKnown: (
    ...args: [edge: Edge, visit: Visit, proof: P, body: Buffer, entry: Entry<K> | null, then: Then]
  ) => void
}

/** Apart from the way of those who are known, which makes no closure. */
export function admitUnknown<K extends Kind, P>(
  edge: Edge,
  visit: Visit,
  { ring, name, proof, unknown, admitKnown }: Stranger<K, P>,
  body: Buffer,
  then: Then,
) {
  if (edge.failures.isEmpty(neighbour(edge, visit), edge.now())) return fail(edge, visit, unknown)
  // The look-up outlasts the receive buffer.
  const kept = Buffer.copyBytesFrom(body)
  ring.look(name).then(
    entry => {
      if (visit.over) return
      guarded(edge, visit, () => admitKnown(edge, visit, proof, kept, entry, then))
    },
    error => {
      edge.onFault(error, visit.id)
      visit.refuse('UNREACHABLE')
    },
  )
}

function admitKnown(
  edge: Edge,
  visit: Visit,
  proof: Proof,
  body: Buffer,
  entry: Entry<'identity.key'> | null,
  then: Then,
) {
  if (entry === null) return fail(edge, visit, 'KEY_UNKNOWN')
  const now = edge.machineNow()
  const { method, path, query } = visit
  const code = examine(edge, entry, proof, { method, path, query, body }, now)
  if (code === 'TIMESTAMP_SKEWED')
    return fail(edge, visit, code, { server_time: Math.floor(now / 1_000) })
  if (code === 'OVERLOADED') return visit.refuse(code)
  if (code !== null) return fail(edge, visit, code)
  const standing = standingOf(entry, () => addressOf(visit.res, visit.forwarded, edge.proxies))
  if (standing !== null) return visit.refuse(standing)
  if (entry.card.role === 'consumer' && !visit.takesConsumers) {
    return visit.refuse('FORBIDDEN', { moneyEffect: 'none' })
  }
  const waitMs = (visit.ordering ? entry.orders : entry.reads).take(edge.now())
  if (waitMs > 0) return visit.refuse('RATE_LIMITED', { retryAfterMs: waitMs })
  then(visit, entry.card, body)
}

/** Whether the proof holds; the nonce is noted only when all else does. */
export function examine(
  edge: Pick<Edge, 'nonces'>,
  entry: Pick<Entry<'identity.key'>, 'card' | 'secret'>,
  proof: Proof,
  signed: Signed,
  now: number,
): 'SIGNATURE_INVALID' | 'TIMESTAMP_SKEWED' | 'NONCE_REUSED' | 'OVERLOADED' | null {
  const at = Number(proof.timestamp) * (proof.timestamp.length > 11 ? 1 : 1_000)
  if (Math.abs(now - at) > windowMs) return 'TIMESTAMP_SKEWED'
  if (!isSignature(entry.secret, proof, signed)) return 'SIGNATURE_INVALID'
  if (proof.nonce === '') return null
  switch (edge.nonces.note(entry.card.keyId, proof.nonce, now)) {
    case 'fresh':
      return null
    case 'seen':
      return 'NONCE_REUSED'
    case 'full':
      return 'OVERLOADED'
  }
}

/** Null when this client may act at all. */
export function standingOf(
  entry: { readonly card: Pick<ClientCard, 'status'>; readonly allow: BlockList | null },
  address: () => string,
): 'FORBIDDEN' | 'CLIENT_SUSPENDED' | null {
  if (entry.allow !== null && !allows(entry.allow, address())) return 'FORBIDDEN'
  return entry.card.status === 'active' ? null : 'CLIENT_SUSPENDED'
}

function isSignature(secret: KeyObject, proof: Proof, signed: Signed): boolean {
  const { timestamp, nonce } = proof
  const target = `${signed.method.toUpperCase()}.${signed.path}`
  const heads = nonce === '' ? [timestamp] : [`${timestamp}.${nonce}`, timestamp]
  for (const head of heads) {
    if (signed.query !== '' && isOne(secret, `${head}.${target}?${signed.query}.`, proof, signed))
      return true
    if (isOne(secret, `${head}.${target}.`, proof, signed)) return true
  }
  return false
}

function isOne(secret: KeyObject, text: string, proof: Proof, signed: Signed): boolean {
  const right = createHmac('sha256', secret).update(text).update(signed.body).digest()
  return timingSafeEqual(right, Buffer.from(proof.signature, 'hex'))
}

/** A proof whose parts have the wrong shape is not worth a look-up. */
export function incomplete(proof: Proof): Code | null {
  if (proof.key === '' || proof.timestamp === '' || proof.signature === '')
    return 'SIGNATURE_INVALID'
  if (!keyShape.test(proof.key)) return 'KEY_UNKNOWN'
  if (!timestampShape.test(proof.timestamp)) return 'TIMESTAMP_SKEWED'
  if (!signatureShape.test(proof.signature) || proof.nonce.length > 128) return 'SIGNATURE_INVALID'
  return null
}

const keyShape = /^[\w.-]{1,64}$/
const timestampShape = /^\d{9,14}$/
const signatureShape = /^[0-9a-fA-F]{64}$/

function missingOf(proof: Proof): readonly string[] | undefined {
  const missing: string[] = []
  if (proof.key === '') missing.push('X-Api-Key')
  if (proof.timestamp === '') missing.push('X-Timestamp')
  if (proof.signature === '') missing.push('X-Signature')
  return missing.length === 0 ? undefined : missing
}

export const neighbour = (edge: Edge, visit: Visit): string =>
  neighbourhood(addressOf(visit.res, visit.forwarded, edge.proxies))

/** It may be the very request that was taken a while ago: nothing is claimed about its money. */
const mayHaveBeenTaken = new Set<Code>([
  ...(['NONCE_REUSED', 'TIMESTAMP_SKEWED', 'KEY_UNKNOWN'] as const),
  // A session that has ended since is not found, like one that never was.
  'TOKEN_INVALID',
])

/** A failed proof spends its address's allowance. */
export function fail(edge: Edge, visit: Visit, code: Code, details?: Record<string, unknown>) {
  const waitMs = edge.failures.take(neighbour(edge, visit), edge.now())
  if (waitMs > 0) return visit.refuse('RATE_LIMITED', { retryAfterMs: waitMs })
  const mayStand = mayHaveBeenTaken.has(code)
  visit.refuse(code, { details, ...(mayStand ? {} : { moneyEffect: 'none' }) })
}
