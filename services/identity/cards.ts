/**
 * Remembers who is behind a key, so that a request asks the database only once. Postgres tells us
 * when a card changed; while we can't hear it (see sql/changes.ts) a card is only as good as a
 * second old.
 *
 *   find(key) ─▶ remembered? ─▶ answer at once
 *                    └─ no ─▶ one look-up for all who ask ─▶ remember, unless it changed meanwhile
 *
 * I5. A changed card is looked up again; an answer that was on its way when the change came is
 *     given to those who asked before, and not remembered.
 * I6. However many keys are asked for, at most `cardsMax` are remembered: the longest unused goes.
 * I7. An unknown key is remembered as unknown, for a short time and in a place of its own, so that
 *     a flood of guesses evicts nobody.
 * I8. At most `lookUpsMax` names are looked up at once, together as `look-ups.ts` does it; beyond
 *     that we are overloaded and say so.
 * I9. While changes are not heard, nothing older than `deafAgeMs` is believed.
 */

import { Fault } from '../../engine/assert.ts'
import { keepLatest } from '../wire/latest.ts'

export type CardLimits = {
  readonly cardsMax: number
  readonly unknownMax: number
  readonly unknownAgeMs: number
  readonly deafAgeMs: number
  readonly lookUpsMax: number
}

const cardLimits: CardLimits = {
  cardsMax: 100_000,
  unknownMax: 10_000,
  unknownAgeMs: 1_000,
  deafAgeMs: 1_000,
  lookUpsMax: 4_096,
}

type CardSource<Card> = {
  readonly load: (key: string) => Promise<Card | null>
  readonly hearing: () => boolean
  readonly now: () => number
}

export class Cards<Card> {
  readonly #source: CardSource<Card>
  readonly #limits: CardLimits
  /** In order of last use, the longest unused first: a Map keeps the order of insertion. */
  readonly #known = new Map<string, { readonly card: Card; readonly at: number }>()
  readonly #unknown = new Map<string, number>()
  readonly #loading = new Map<string, Promise<Card | null>>()
  #lookUps = 0
  #running = 0

  constructor(source: CardSource<Card>, limits: Partial<CardLimits> = {}) {
    this.#source = source
    this.#limits = { ...cardLimits, ...limits }
  }

  /** Not a promise when the answer is remembered: this is on the path of every request. */
  find(key: string): Card | null | Promise<Card | null> {
    const known = this.#known.get(key)
    if (known !== undefined) {
      if (this.#source.hearing() || this.#source.now() - known.at < this.#limits.deafAgeMs) {
        this.#known.delete(key)
        this.#known.set(key, known)
        return known.card
      }
      this.#known.delete(key)
    }
    const unknownAt = this.#unknown.get(key)
    if (unknownAt !== undefined) {
      if (this.#source.now() - unknownAt < this.#limits.unknownAgeMs) return null
      this.#unknown.delete(key)
    }
    return this.#loading.get(key) ?? this.#lookUp(key)
  }

  forget(key: string): void {
    this.#known.delete(key)
    this.#unknown.delete(key)
    this.#loading.delete(key)
  }

  forgetUnknown(): void {
    this.#unknown.clear()
    this.#loading.clear()
  }

  forgetAll(): void {
    this.#known.clear()
    this.forgetUnknown()
  }

  stats(): { cards: number; unknown: number; lookUps: number; running: number } {
    return {
      cards: this.#known.size,
      unknown: this.#unknown.size,
      lookUps: this.#lookUps,
      running: this.#running,
    }
  }

  #lookUp(key: string): Promise<Card | null> {
    if (this.#running >= this.#limits.lookUpsMax) {
      return Promise.reject(new Fault('engine.overloaded', { untouched: true }))
    }
    this.#lookUps++
    this.#running++
    // The age counts from the question: what the database answers is true then or later.
    const askedAt = this.#source.now()
    const answer: Promise<Card | null> = this.#source
      .load(key)
      .then(card => {
        if (this.#loading.get(key) === answer) this.#remember(key, card, askedAt)
        return card
      })
      .finally(() => {
        this.#running--
        if (this.#loading.get(key) === answer) this.#loading.delete(key)
      })
    this.#loading.set(key, answer)
    return answer
  }

  #remember(key: string, card: Card | null, at: number): void {
    if (card === null) {
      keepLatest(this.#unknown, key, at, this.#limits.unknownMax)
    } else {
      keepLatest(this.#known, key, { card, at }, this.#limits.cardsMax)
    }
  }
}
