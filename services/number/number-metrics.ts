/** What the number line asks its suppliers, for Prometheus; read at the moment of scraping. */

import { Counter, Gauge, type Registry } from 'prom-client'

export type NumberFigures = {
  /** Numbers that a code may still come for. */
  readonly watched: number
  /** Since the start. */
  readonly asked: number
  readonly swept: number
  readonly messages: number
  readonly unread: number
  readonly orphans: number
}

export type NumberSource = { readonly figures: () => NumberFigures | null }

const totals = {
  asked: ['laju_number_asked_total', 'Questions to suppliers about one number.'],
  swept: ['laju_number_lists_total', 'Lists of open numbers asked of suppliers.'],
  messages: ['laju_number_messages_total', 'Messages that came, and were told to their orders.'],
  unread: ['laju_number_unread_total', 'Answers about numbers that said nothing.'],
  orphans: ['laju_number_orphans_total', 'Numbers given back that no order had.'],
} as const

export function registerNumbers(registry: Registry, { figures }: NumberSource): void {
  new Gauge({
    name: 'laju_number_watched',
    help: 'Rented numbers that a code may still come for.',
    registers: [registry],
    collect() {
      this.set(figures()?.watched ?? 0)
    },
  })
  for (const [of, [name, help]] of Object.entries(totals)) {
    let before = 0
    new Counter({
      ...{ name, help, registers: [registry] },
      collect() {
        const count = figures()?.[of as keyof typeof totals] ?? 0
        this.inc(Math.max(0, count - before))
        before = count
      },
    })
  }
}
