/**
 * Keys of clients, opened once and kept for seconds. A request must not cost a look-up, and a key
 * that was withdrawn must not live on.
 *
 *   age   0 ─────── fresh ─────── 2 × fresh ──────▶
 *         as it is    as it is,       looked up,
 *                     asked anew      asker waits
 *
 * GK1. A card is never used beyond twice its fresh time; a withdrawn key is gone by then.
 * GK2. Many askers of one key cause one look-up.
 * GK3. A key that does not exist is remembered as briefly as one that does, and both are bounded.
 * KLD1. Whose client changed is looked up before the next use, however fresh; what he spent stays
 *       spent. A look-up that began before the change is not kept.
 */

import { createSecretKey, type KeyObject } from 'node:crypto'
import type { BlockList } from 'node:net'
import type { Millis } from '../services/contract/words.ts'
import type { Actions, Call } from '../services/contract.ts'
import { keepLatest } from '../services/wire/latest.ts'
import { allowList } from './address.ts'
import { Bucket } from './limits.ts'

export type Kind =
  | 'identity.key'
  | 'identity.digiflazz'
  | 'identity.member'
  | 'session.card'
  | 'dialect.card'
type Card<K extends Kind> = NonNullable<Actions[K]['result']>

export type Entry<K extends Kind> = {
  readonly card: Card<K>
  /** The REST or session secret, the Digiflazz API key or a member's password, ready for use. */
  readonly secret: KeyObject
  readonly allow: BlockList | null
  /** What this key may spend: orders, and twice as many reads unless it says otherwise. */
  readonly orders: Bucket
  readonly reads: Bucket
}

type Slot<K extends Kind> = { readonly entry: Entry<K> | null; readonly at: Millis }

const slotsMax = 20_000
const longAgo = Number.NEGATIVE_INFINITY

export class Keyring<K extends Kind> {
  readonly #look: (name: string) => Promise<Card<K> | null>
  readonly #freshMs: Millis
  readonly #now: () => Millis
  readonly #slots = new Map<string, Slot<K>>()
  readonly #looking = new Map<string, Promise<Entry<K> | null>>()
  #changes = 0

  constructor(
    look: (name: string) => Promise<Card<K> | null>,
    options: { freshMs: Millis; now: () => Millis },
  ) {
    this.#look = look
    this.#freshMs = options.freshMs
    this.#now = options.now
  }

  /** Known or known to be absent; undefined when it has to be looked up. */
  peek(name: string): Entry<K> | null | undefined {
    const slot = this.#slots.get(name)
    if (slot === undefined) return undefined
    const age = this.#now() - slot.at
    if (age < this.#freshMs) return slot.entry
    if (age >= 2 * this.#freshMs) return undefined
    // Still good; whoever comes later gets the newer one. A failed look-up is met again by them.
    if (!this.#looking.has(name)) this.look(name).catch(() => undefined)
    return slot.entry
  }

  look(name: string): Promise<Entry<K> | null> {
    const running = this.#looking.get(name)
    if (running !== undefined) return running
    const change = this.#changes
    const looking = this.#look(name)
      .then(card => this.#keep(name, card, change === this.#changes ? this.#now() : longAgo))
      .finally(() => {
        if (this.#looking.get(name) === looking) this.#looking.delete(name)
      })
    this.#looking.set(name, looking)
    return looking
  }

  /** Something about this client is different now. */
  forgetClient(userId: string): void {
    this.#changes++
    this.#looking.clear()
    for (const [name, { entry }] of this.#slots) {
      if (entry?.card.userId === userId) this.#slots.set(name, { entry, at: longAgo })
    }
  }

  /** The card of this one name is different now, or gone. */
  forget(name: string): void {
    this.#changes++
    this.#looking.delete(name)
    const slot = this.#slots.get(name)
    if (slot !== undefined) this.#slots.set(name, { entry: slot.entry, at: longAgo })
  }

  #keep(name: string, card: Card<K> | null, at: Millis): Entry<K> | null {
    const before = this.#slots.get(name)
    // A later look-up may have been faster: what it said is newer.
    const isOlder = at === longAgo && before !== undefined
    const entry = card === null ? null : this.#open(card, isOlder ? null : (before?.entry ?? null))
    if (isOlder) return entry
    keepLatest(this.#slots, name, { entry, at }, slotsMax)
    return entry
  }

  #open(card: Card<K>, before: Entry<K> | null): Entry<K> {
    // Who keeps the cards beside us hands out the same one until it changes.
    if (before?.card === card) return before
    const now = this.#now()
    const orders = before?.orders ?? new Bucket(card.ratePerMin, now)
    const readPerMin = ('readPerMin' in card ? card.readPerMin : null) ?? card.ratePerMin * 2
    const reads = before?.reads ?? new Bucket(readPerMin, now)
    orders.resize(card.ratePerMin)
    reads.resize(readPerMin)
    const secret = 'secret' in card ? card.secret : 'apiKey' in card ? card.apiKey : card.password
    return {
      card,
      secret: createSecretKey(Buffer.from(secret)),
      allow: allowList(card.ipAllow),
      orders,
      reads,
    }
  }
}

export const machineKeys = (call: Call) => (keyId: string) => call('identity.key', { keyId })

export const resellerKeys = (call: Call) => (username: string) =>
  call('identity.digiflazz', { username })

export const memberKeys = (call: Call) => (memberId: string) =>
  call('identity.member', { memberId })

export const dialectKeys = (call: Call) => (apiKey: string) => call('dialect.card', { apiKey })

export const sessionKeys = (call: Call) => (sid: string) => call('session.card', { sid })
