/**
 * Ids that carry their own address. An id is a UUIDv7 (RFC 9562) whose 12 bits after the version
 * are the virtual shard and whose last 62 bits are the actor's key:
 *
 *   0193a7c2-4d1e-7 0a1-9 f3c5a7b21d0e88
 *   └ unix ms ────┘ └shard┘└─ key, 62 bits ─┘
 *
 * An order's key is the fingerprint of (user, client's reference). So the reference alone finds the
 * order by computation, however old it is, and the journal's index by key is the only index that
 * idempotency needs. Everything else gets a random key.
 *
 * K1. An id finds its shard and key without a look-up.
 * K2. The same parts give the same key, on every machine and for ever.
 */

import { hash } from 'node:crypto'

export type Millis = number
export type ActorId = string
/** 16 hex digits, at most 3fff…: 62 bits. */
export type Key = string

/** Twelve bits of an id name the shard. */
export const shardsMax = 4096

/** Builds the id of an actor born at `ms` (unix milliseconds) in `shard` with `key`. */
export function makeId(ms: Millis, shard: number, key: Key): ActorId {
  const time = ms.toString(16).padStart(12, '0')
  const variant = (0x8 | Number.parseInt(key[0]!, 16)).toString(16)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${shard.toString(16).padStart(3, '0')}-${variant}${key.slice(1, 4)}-${key.slice(4)}`
}

export function shardOf(id: ActorId): number {
  return Number.parseInt(id.slice(15, 18), 16)
}

export function keyOf(id: ActorId): Key {
  return (Number.parseInt(id[19]!, 16) & 0x3).toString(16) + id.slice(20, 23) + id.slice(24)
}

export function msOf(id: ActorId): Millis {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}

const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

export function isId(text: string): text is ActorId {
  return shape.test(text)
}

/** First 62 bits of SHA-256 over the parts, joined by line feeds. */
export function fingerprint(...parts: readonly string[]): Key {
  // By way of bytes: a slice of the longer hex would keep all of it in memory.
  const bytes = hash('sha256', parts.join('\n'), 'buffer')
  bytes[0]! &= 0x3f
  return bytes.toString('hex', 0, 8)
}

/** 62 bits from the given dice: 16 hex digits out of two 32-bit draws. */
export function keyFrom(high: number, low: number): Key {
  const first = ((high >>> 0) & 0x3fffffff).toString(16).padStart(8, '0')
  return first + (low >>> 0).toString(16).padStart(8, '0')
}

/** As Postgres keeps a key, in a bigint: 62 bits are never negative. */
export const decimalOf = (key: Key): string => BigInt(`0x${key}`).toString()
export const hexOf = (actor: string): Key => BigInt(actor).toString(16).padStart(16, '0')
