/**
 * A timing wheel: which actors want to be woken, roughly when. Arming costs one push; nothing is
 * ever cancelled, because timers are a function of state: whoever is woken too early looks at the
 * state, finds nothing due, and is armed again.
 *
 *   far: buckets of 65,536 ms ──(when their time comes)──▶ near: buckets of 64 ms ──▶ due
 *
 * W1. Nobody is woken before the asked time, and nobody is forgotten.
 * W2. After downtime everything overdue is due at once, in order of time.
 * W3. An armed timer costs two array slots: a million of them are some tens of megabytes.
 */

import type { Key, Millis } from './ids.ts'

const nearBits = 6
const farBits = 16

type Bucket = { readonly shards: number[]; readonly keys: Key[]; readonly ats: Millis[] }

export class Wheel {
  size = 0
  readonly #near = new Map<number, Bucket>()
  readonly #far = new Map<number, Bucket>()
  /** Smallest bucket numbers that may hold anything. */
  #nearFrom = Number.POSITIVE_INFINITY
  #farFrom = Number.POSITIVE_INFINITY
  #horizon = 0

  arm(shard: number, key: Key, at: Millis): void {
    this.size++
    if (at < this.#horizon) this.#push(this.#near, nearBucket(at), shard, key, at)
    else this.#push(this.#far, farBucket(at), shard, key, at)
  }

  /** Takes out whoever is due at `now`, at most `limit`, oldest first. */
  due(now: Millis, limit: number): { shard: number; key: Key }[] {
    this.#bringNear(now)
    const found: { shard: number; key: Key }[] = []
    const last = nearBucket(now)
    for (let number = this.#nearFrom; number <= last && found.length < limit; number++) {
      const bucket = this.#near.get(number)
      this.#nearFrom = number
      if (bucket === undefined) {
        if (this.#near.size === 0) break
        if (last - number > 4096) number = Math.max(number, smallest(this.#near) - 1)
        continue
      }
      this.#near.delete(number)
      for (let i = 0; i < bucket.keys.length; i++) {
        const at = bucket.ats[i]!
        // Not yet due within its bucket, or no room in this round: it stays armed.
        if (at > now || found.length >= limit) {
          this.#push(this.#near, number, bucket.shards[i]!, bucket.keys[i]!, at)
        } else {
          found.push({ shard: bucket.shards[i]!, key: bucket.keys[i]! })
          this.size--
        }
      }
      if (this.#near.has(number)) break
    }
    return found
  }

  /** When to look again at the latest; infinity when nothing is armed. */
  next(): Millis {
    if (this.#near.size > 0) {
      if (!this.#near.has(this.#nearFrom)) this.#nearFrom = smallest(this.#near)
      return (this.#nearFrom + 1) * 2 ** nearBits
    }
    if (this.#far.size > 0) {
      if (!this.#far.has(this.#farFrom)) this.#farFrom = smallest(this.#far)
      return this.#farFrom * 2 ** farBits
    }
    return Number.POSITIVE_INFINITY
  }

  /** Spreads the far buckets that begin within the next far interval over near ones. */
  #bringNear(now: Millis): void {
    const horizon = (farBucket(now) + 2) * 2 ** farBits
    if (horizon <= this.#horizon) return
    this.#horizon = horizon
    const last = farBucket(horizon) - 1
    for (const number of [...this.#far.keys()].filter(far => far <= last).sort((a, b) => a - b)) {
      const bucket = this.#far.get(number)!
      this.#far.delete(number)
      for (let i = 0; i < bucket.keys.length; i++) {
        const at = bucket.ats[i]!
        this.#push(this.#near, nearBucket(at), bucket.shards[i]!, bucket.keys[i]!, at)
      }
    }
  }

  #push(level: Map<number, Bucket>, number: number, shard: number, key: Key, at: Millis): void {
    let bucket = level.get(number)
    if (bucket === undefined) {
      bucket = { shards: [], keys: [], ats: [] }
      level.set(number, bucket)
      if (level === this.#near) this.#nearFrom = Math.min(this.#nearFrom, number)
      else this.#farFrom = Math.min(this.#farFrom, number)
    }
    bucket.shards.push(shard)
    bucket.keys.push(key)
    bucket.ats.push(at)
  }
}

const nearBucket = (at: Millis): number => Math.floor(at / 2 ** nearBits)
const farBucket = (at: Millis): number => Math.floor(at / 2 ** farBits)

function smallest(level: Map<number, Bucket>): number {
  let least = Number.POSITIVE_INFINITY
  for (const number of level.keys()) if (number < least) least = number
  return least
}
