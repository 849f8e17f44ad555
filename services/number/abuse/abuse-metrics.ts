/** What the guard of the number line counts, in Prometheus' words; read when it is scraped. */

import { Counter, Gauge, type Registry } from 'prom-client'
import type { AbuseFigures } from './abuse.ts'

export type AbuseSource = { readonly figures: () => AbuseFigures | null }

export function registerAbuse(registry: Registry, { figures }: AbuseSource): void {
  new Gauge({
    name: 'laju_number_reviews_open',
    help: 'Clients of the number line who wait for a person’s verdict.',
    registers: [registry],
    collect() {
      this.set(figures()?.open ?? 0)
    },
  })
  const last = new Map<string, number>()
  new Counter({
    name: 'laju_number_refused_total',
    help: 'Numbers that were not ordered: denied services, too many open, client, address, payer.',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      for (const [reason, count] of figures()?.refused ?? []) {
        this.inc({ reason }, Math.max(0, count - (last.get(reason) ?? 0)))
        last.set(reason, count)
      }
    },
  })
  const total = (name: string, help: string, of: 'bans' | 'reviews') => {
    let before = 0
    new Counter({
      ...{ name, help, registers: [registry] },
      collect() {
        const count = figures()?.[of] ?? 0
        this.inc(Math.max(0, count - before))
        before = count
      },
    })
  }
  total('laju_number_bans_total', 'Bans that the guard began, or a reviewer.', 'bans')
  total('laju_number_reviews_total', 'Questions about clients that were opened.', 'reviews')
}
