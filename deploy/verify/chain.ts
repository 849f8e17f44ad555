/**
 * The lines of one shard, one after the other: is each what was written, where it was written?
 *
 *   previous hash ─┐
 *   shard.seq ─────┼─▶ sha256, first 16 bytes = hash of this line ─▶ next line
 *   body ──────────┘
 *
 * Z2. Lines are numbered from 1 without gaps, each is sealed with the one before, its row names the
 *     actor that the body names, the id points to this shard, and time never runs backwards.
 * Z3. A break is told once, where it is: reading goes on from what stands in the row.
 */

import { hash as digest } from 'node:crypto'
import type { Problems } from './problems.ts'

/** A row of the journal: seq, the actor's 62 bits and the hash in hex, and the body. */
export type Row = readonly [seq: string, key: string, hash: string, body: string]

export type Balances = readonly [balance: number, debitsPending: number, creditsPending: number]

export type Entry = readonly [
  op: string,
  name: string,
  debit: string,
  credit: string,
  amount: number,
  debitAfter: Balances,
  creditAfter: Balances,
  extra?: number,
]

/** What a body says, by its own letters. */
export type Body = {
  readonly v: number
  readonly k: string
  readonly kv: number
  readonly id: string
  readonly o?: string
  readonly b?: number
  readonly at: number
  readonly c: string
  readonly by?: string
  readonly e: readonly Event[]
  readonly p?: readonly Entry[]
  readonly n?: readonly (readonly [word: string, until: number])[]
  readonly r?: readonly string[]
}

// biome-ignore lint/suspicious/noExplicitAny: as free as who wrote it; checked where it is read
export type Event = { readonly type: string; readonly [field: string]: any }

/** One line that could be read. */
export type Line = { readonly shard: number; readonly seq: number; readonly key: string }

const idShape = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const genesis = '0'.repeat(32)

export const shardOf = (id: string): number => Number.parseInt(id.slice(15, 18), 16)

/** The last 62 bits of an id: the two above them are the variant, always binary 10. */
export const keyOf = (id: string): string =>
  variants[id.charCodeAt(19)]! + id.slice(20, 23) + id.slice(24)
const variants: Readonly<Record<number, string>> = { 56: '0', 57: '1', 97: '2', 98: '3' }

export const isId = (text: unknown): text is string =>
  typeof text === 'string' && idShape.test(text)

/**
 * 64 bits of a hash, the upper two cleared, as 16 hex digits: the key of whoever is found by
 * words.
 */
export function fingerprint(...words: readonly string[]): string {
  const hex = digest('sha256', words.join('\n'), 'hex')
  return (Number.parseInt(hex[0]!, 16) & 3).toString(16) + hex.slice(1, 16)
}

export class Chain {
  seq = 0
  hash = genesis
  at = 0
  readonly #shard: number
  readonly #problems: Problems

  constructor(shard: number, problems: Problems) {
    this.#shard = shard
    this.#problems = problems
  }

  /** Checks one row; null when nobody can say what it means. */
  read([seqText, key, hash, body]: Row): Body | null {
    const shard = this.#shard
    const seq = Number(seqText)
    if (seq !== this.seq + 1) {
      const missing = seq - this.seq - 1
      const place = { shard, seq: this.seq + 1 }
      this.#problems.add('chain.gap', place, `${missing} line(s) missing before line ${seq}`)
    } else {
      const sealed = digest('sha256', `${this.hash}\n${shard}.${seq}\n${body}`, 'hex')
      if (!sealed.startsWith(hash) || hash.length !== 32) {
        const text = `the hash is ${hash}, the line and the one before give ${sealed.slice(0, 32)}`
        this.#problems.add('chain.hash', { shard, seq }, text)
      }
    }
    this.seq = seq
    this.hash = hash
    const read = parse(body)
    if (read === null) {
      this.#problems.add('chain.unreadable', { shard, seq }, `not a line: ${body.slice(0, 60)}`)
      return null
    }
    this.#checkPlace(read, seq, key)
    return read
  }

  #checkPlace({ id, at }: Body, seq: number, key: string): void {
    const shard = this.#shard
    if (keyOf(id) !== key) {
      const text = `the row belongs to ${key}, its body to ${keyOf(id)}`
      this.#problems.add('chain.actor', { shard, seq, actor: id }, text)
    }
    if (shardOf(id) !== shard) {
      const text = `the actor lives in shard ${shardOf(id)}`
      this.#problems.add('chain.shard', { shard, seq, actor: id }, text)
    }
    if (at < this.at) {
      const text = `time goes back from ${this.at} to ${at}`
      this.#problems.add('chain.time', { shard, seq, actor: id }, text)
    } else this.at = at
  }
}

/** A body of version 1 with the fields that every line has, or null. */
export function parse(body: string): Body | null {
  let read: Body
  try {
    read = JSON.parse(body)
  } catch {
    return null
  }
  const whole =
    typeof read === 'object' &&
    read !== null &&
    read.v === 1 &&
    typeof read.k === 'string' &&
    isId(read.id) &&
    Number.isSafeInteger(read.at) &&
    Array.isArray(read.e) &&
    (read.p === undefined || Array.isArray(read.p))
  return whole ? read : null
}
