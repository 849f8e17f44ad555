/**
 * Which batch holds what was earned on a merchant's day: derived from when it was booked and when
 * batches of that day were made and ended, never from a table.
 *
 *   booked ──▶ the next batch that is made of its day ──failed, cancelled──▶ the next one after
 *
 * Z53. What is booked on a day is held by the first batch of that day that is made after it, until
 *      that one fails or is cancelled; then by the next. One that was paid holds it for ever.
 */

import type { Body, Event, Line } from './chain.ts'

type Taking = { readonly batch: string; readonly made: number; freed: number }
/** Where in a shard: booked behind line `since`, seen from line `until`. */
type Span = { readonly since: number; readonly until: number }

/** Of one shard, whole: payments and the batch that takes them may be read in different parts. */
export class Takings {
  /** By merchant and day, in the order in which they were made. */
  readonly #ofDays = new Map<string, Taking[]>()
  readonly #ofBatches = new Map<string, readonly Taking[]>()

  read({ seq }: Line, { k, id, e }: Body): void {
    if (k !== 'settlement') return
    for (const event of e) {
      if (event.type === 'created') this.#make(id, seq, event)
      if (event.type === 'failed' || event.type === 'cancelled') {
        for (const taking of this.#ofBatches.get(id) ?? []) taking.freed = seq
      }
    }
  }

  /** Null: it is in no batch. */
  batchOf(merchant: string, day: string, { since, until }: Span): string | null {
    let freeFrom = since
    for (const { batch, made, freed } of this.#ofDays.get(`${merchant}:${day}`) ?? []) {
      if (made < freeFrom || made > until) continue
      if (freed > until) return batch
      freeFrom = freed
    }
    return null
  }

  #make(batch: string, made: number, { merchant, days }: Event): void {
    const takings = (days as readonly { day: string }[]).map(({ day }) => {
      const taking = { batch, made, freed: Number.POSITIVE_INFINITY }
      const key = `${merchant}:${day}`
      const others = this.#ofDays.get(key)
      if (others === undefined) this.#ofDays.set(key, [taking])
      else others.push(taking)
      return taking
    })
    this.#ofBatches.set(batch, takings)
  }
}
