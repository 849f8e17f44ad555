/**
 * What the gateway refuses to hold more of. Every number has a name here, and reaching it is an
 * answer with a code.
 *
 * GL1. A key spends from its own bucket; a refusal says when the next token comes.
 * GL2. At most so many requests are with the services at once. Above half of that, a client may
 *      hold an equal share with one place left over: however loud the rest, a newcomer finds room.
 * GL3. Buckets of addresses are bounded in number; the one longest unused is forgotten first.
 * GL4. A nonce is remembered at least as long as its timestamp could be accepted, in bounded
 *      memory; when that is full the request is refused, the memory is not thinned.
 */

import { hash } from 'node:crypto'
import type { Millis } from '../services/contract/words.ts'
import { Bucket } from '../services/wire/bucket.ts'
import { keepLatest } from '../services/wire/latest.ts'

export { Bucket }

export type Limits = {
  readonly bodyBytesMax: number
  readonly bodyMs: Millis
  /** Of bodies above `bodyBytesMax` that arrive at the same time, together. */
  readonly largeBodiesBytesMax: number
  readonly inFlightMax: number
  readonly authFailuresPerMin: number
  readonly loginsPerMin: number
  readonly demoBuysPerMin: number
  readonly callbacksPerMin: number
  /** Of one address, at the number line's doors that need no login. */
  readonly publicPerMin: number
  /** Of one client, at his own deposits through gateways. */
  readonly depositLooksPerMin: number
  /** Of one client, at the number line's doors: numbers, deposits and himself together. */
  readonly numberAsksPerMin: number
  readonly numberOrdersPerMin: number
  /** Of one of the staff, at the number line's desks: numbers, deposits and people together. */
  readonly staffPerMin: number
  /** Words of invoice links that were none, by one address. */
  readonly invoiceMissesPerMin: number
  readonly nonceMax: number
  readonly keyFreshMs: Millis
  readonly socketsMax: number
  readonly socketsPerUserMax: number
  readonly socketBufferBytesMax: number
  readonly socketAuthMs: Millis
  readonly drainMs: Millis
}

export const defaultLimits: Limits = {
  bodyBytesMax: 64 * 1024,
  bodyMs: 8_000,
  largeBodiesBytesMax: 24 * 1024 * 1024,
  inFlightMax: 20_000,
  authFailuresPerMin: 600,
  loginsPerMin: 60,
  demoBuysPerMin: 30,
  callbacksPerMin: 60_000,
  publicPerMin: 60,
  depositLooksPerMin: 10,
  numberAsksPerMin: 100,
  numberOrdersPerMin: 5,
  staffPerMin: 200,
  invoiceMissesPerMin: 10,
  nonceMax: 2_000_000,
  keyFreshMs: 500,
  socketsMax: 20_000,
  socketsPerUserMax: 20,
  socketBufferBytesMax: 256 * 1024,
  socketAuthMs: 5_000,
  drainMs: 5_000,
}

/** One bucket per address. */
export class AddressBuckets {
  readonly #buckets = new Map<string, Bucket>()
  readonly #perMin: number
  readonly #addressesMax: number

  constructor(perMin: number, addressesMax = 50_000) {
    this.#perMin = perMin
    this.#addressesMax = addressesMax
  }

  take(address: string, now: Millis): Millis {
    const bucket = this.#buckets.get(address) ?? new Bucket(this.#perMin, now)
    keepLatest(this.#buckets, address, bucket, this.#addressesMax)
    return bucket.take(now)
  }

  isEmpty(address: string, now: Millis): boolean {
    return this.#buckets.get(address)?.isEmpty(now) ?? false
  }
}

/** Requests that are with the services at this moment, by client. */
export class Flights {
  readonly #byClient = new Map<string, number>()
  readonly #max: number
  total = 0

  constructor(max: number) {
    this.#max = max
  }

  enter(client: string): boolean {
    const held = this.#byClient.get(client) ?? 0
    if (this.total >= this.#max) return false
    if (this.total >= this.#max / 2) {
      const clients = this.#byClient.size + (held === 0 ? 1 : 0)
      if (held >= this.#max / (clients + 1)) return false
    }
    this.#byClient.set(client, held + 1)
    this.total++
    return true
  }

  leave(client: string): void {
    const held = this.#byClient.get(client) ?? 0
    if (held <= 1) this.#byClient.delete(client)
    else this.#byClient.set(client, held - 1)
    this.total--
  }

  get clients(): number {
    return this.#byClient.size
  }
}

/**
 * Nonces seen, as 48-bit digests in two generations: when the newer one has lasted a whole window,
 * the older is forgotten. A digest that collides refuses a fresh nonce once in a hundred million.
 */
export class Nonces {
  readonly #max: number
  readonly #windowMs: Millis
  #newer = new Set<number>()
  #older = new Set<number>()
  #since: Millis
  /** Told each one that is used here first. */
  readonly #onFresh: ((digest: number) => void) | null

  constructor(max: number, windowMs: Millis, now: Millis, onFresh?: (digest: number) => void) {
    this.#max = max
    this.#windowMs = windowMs
    this.#since = now
    this.#onFresh = onFresh ?? null
  }

  /** Used at another gateway. */
  hear(digests: readonly number[]): void {
    for (const digest of digests) {
      if (this.#newer.size >= this.#max) return
      this.#newer.add(digest)
    }
  }

  note(keyId: string, nonce: string, now: Millis): 'fresh' | 'seen' | 'full' {
    // Of a clock that went back: whatever is remembered is so for a whole window more.
    this.#since = Math.min(this.#since, now)
    if (now - this.#since >= this.#windowMs) {
      this.#older = now - this.#since >= 2 * this.#windowMs ? new Set() : this.#newer
      this.#newer = new Set()
      this.#since = now
    }
    const digest = hash('sha256', `${keyId}\n${nonce}`, 'buffer').readUIntBE(0, 6)
    if (this.#newer.has(digest) || this.#older.has(digest)) return 'seen'
    if (this.#newer.size >= this.#max) return 'full'
    this.#newer.add(digest)
    this.#onFresh?.(digest)
    return 'fresh'
  }
}
