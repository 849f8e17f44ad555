/**
 * What waits in the tables, as figures: messages, callbacks, unread replies, money and orders that
 * wait for a person, and how old price lists are.
 *
 * RSC1. However often somebody scrapes, the tables are counted once in ten seconds.
 * RSC2. While the database does not answer, the figures are absent and the others are told.
 */

import { Gauge, type Registry } from 'prom-client'
import { type BacklogCounts, countBacklog, priceListAges } from '../../sql/backlog.ts'
import type { Database } from '../../sql/database.ts'

export type BacklogDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly now: () => number
}

const countedMs = 10_000

type Counted = {
  readonly counts: BacklogCounts
  readonly ages: readonly { readonly supplier: string; readonly age: number }[]
}

const figures: readonly (readonly [name: string, help: string, of: keyof BacklogCounts])[] = [
  ['laju_chat_inbox_waiting', 'Chat messages not yet understood.', 'chatInbox'],
  ['laju_chat_outbox_waiting', 'Chat messages not yet sent.', 'chatOutbox'],
  ['laju_chat_outbox_age_seconds', 'How late the oldest of them is.', 'chatOutboxAge'],
  ['laju_callbacks_unread', 'Stored callbacks not yet understood.', 'callbacks'],
  ['laju_parser_inbox_shapes', 'Shapes of replies that no rule reads.', 'parserShapes'],
  ['laju_parser_inbox_replies', 'Replies of these shapes.', 'parserReplies'],
  ['laju_suspense_rows', 'Payments that wait for finance.', 'suspense'],
  ['laju_suspense_rupiah', 'What they amount to.', 'suspenseAmount'],
  ['laju_attention_orders', 'Orders that wait for a person.', 'attention'],
  ['laju_attention_age_seconds', 'Since when the oldest of them was placed.', 'attentionAge'],
  ['laju_price_proposals_waiting', 'Price lists that wait for a person.', 'proposals'],
]

export function registerBacklog(registry: Registry, { db, now }: BacklogDeps): void {
  const registers = [registry]
  let countedAt = Number.NEGATIVE_INFINITY
  let counted: Promise<Counted | null> = Promise.resolve(null)

  function count(): Promise<Counted | null> {
    if (now() - countedAt < countedMs) return counted
    countedAt = now()
    counted = Promise.all([countBacklog(db.pool), priceListAges(db.pool)]).then(
      ([counts, ages]) => ({ counts, ages }),
      () => null,
    )
    return counted
  }

  for (const [name, help, of] of figures) {
    new Gauge({
      ...{ name, help, registers },
      async collect() {
        const found = await count()
        this.reset()
        if (found === null) this.remove()
        else this.set(found.counts[of])
      },
    })
  }
  new Gauge({
    ...{ name: 'laju_price_list_age_seconds', labelNames: ['supplier'], registers },
    help: 'Since the last price list of a supplier that could be read.',
    async collect() {
      const found = await count()
      this.reset()
      for (const { supplier, age } of found?.ages ?? []) this.set({ supplier }, age)
    },
  })
}
