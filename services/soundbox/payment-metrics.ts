/** What payments count, in Prometheus' words; read at the moment of scraping. */

import { Counter, Gauge, type Registry } from 'prom-client'

export type PaymentFigures = {
  /** By what became of them, since the start. */
  readonly callbacks: Readonly<Record<string, number>>
  /** Lines that are durable and not yet in the tables. */
  readonly lag: number
  readonly merchants: number
}

export type PaymentSource = { readonly figures: () => PaymentFigures | null }

export function registerPayments(registry: Registry, { figures }: PaymentSource): void {
  new Gauge({
    name: 'laju_payment_rows_lag',
    help: 'Journal lines that are not yet in the tables of payments.',
    registers: [registry],
    collect() {
      this.set(figures()?.lag ?? 0)
    },
  })
  new Gauge({
    name: 'laju_merchants',
    help: 'QRIS merchants in the registry.',
    registers: [registry],
    collect() {
      this.set(figures()?.merchants ?? 0)
    },
  })
  const last = new Map<string, number>()
  new Counter({
    name: 'laju_qris_callbacks_total',
    help: 'Callbacks of acquirers, by what became of them.',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      for (const [outcome, count] of Object.entries(figures()?.callbacks ?? {})) {
        const before = last.get(outcome) ?? 0
        this.inc({ outcome }, Math.max(0, count - before))
        last.set(outcome, count)
      }
    },
  })
}
