/**
 * One line of the journal: all that one command caused in one actor, its postings and its claims,
 * written whole or not at all. Lines of a shard are numbered from 1 without gaps, and each carries
 * a hash over itself and the one before, so a line that was changed, lost or slipped in shows.
 *
 * R1. What is read is what was written: the hash is checked whenever a line is read for its shard.
 * R2. A line is one line of JSON; unknown fields of later versions are ignored, missing ones empty.
 */

import { hash as digest } from 'node:crypto'
import type { AnyEvent, Claim } from './actor.ts'
import { assert } from './assert.ts'
import type { ActorId, Key, Millis } from './ids.ts'
import type { AccountId, Entry } from './ledger.ts'

export type JournalRecord = {
  /** Actor kind, and the version of its event shapes at the time of writing. */
  readonly kind: string
  readonly version: number
  readonly id: ActorId
  /** The wallet whose owner may see this; absent for house affairs. */
  readonly owner?: AccountId | undefined
  /** True on the first record of an actor: nothing about it stands further back. */
  readonly born: boolean
  readonly at: Millis
  /** The command's type, and the effect that it answers. */
  readonly command: string
  readonly cause?: EffectId | undefined
  readonly events: readonly AnyEvent[]
  readonly entries: readonly Entry[]
  readonly claims: readonly Claim[]
  readonly releases: readonly string[]
}

/** Names an effect for ever: who owes it, in which record, the how-manieth. */
export type EffectId = string

/** Joined, for it may wait long: a template keeps its parts, and is twice as large. */
export const effectId = (id: ActorId, seq: number, index: number): EffectId =>
  [id, seq, index].join('/')

/** A record with its place and its sealed form. */
export type Line = {
  readonly shard: number
  readonly seq: number
  readonly key: Key
  readonly hash: string
  readonly body: string
}

export const genesis = '0'.repeat(32)

const none: readonly never[] = []

/** Compact JSON with one-letter names: this is written thirty thousand times a second. */
export function encode(record: JournalRecord): string {
  return JSON.stringify({
    v: 1,
    k: record.kind,
    kv: record.version,
    id: record.id,
    o: record.owner,
    b: record.born ? 1 : undefined,
    at: record.at,
    c: record.command,
    by: record.cause,
    e: record.events,
    p: record.entries.length > 0 ? record.entries : undefined,
    n: record.claims.length > 0 ? record.claims : undefined,
    r: record.releases.length > 0 ? record.releases : undefined,
  })
}

export function decode(body: string): JournalRecord {
  const line = JSON.parse(body)
  assert(line.v === 1, 'R2: the line is of a version that this program reads')
  return {
    kind: line.k,
    version: line.kv,
    id: line.id,
    owner: line.o,
    born: line.b === 1,
    at: line.at,
    command: line.c,
    cause: line.by,
    events: line.e,
    entries: line.p ?? none,
    claims: line.n ?? none,
    releases: line.r ?? none,
  }
}

/** First 16 bytes of SHA-256 over the previous hash, the place and the body; 32 hex digits. */
export function seal(previous: string, shard: number, seq: number, body: string): string {
  return digest('sha256', `${previous}\n${shard}.${seq}\n${body}`, 'hex').slice(0, 32)
}
