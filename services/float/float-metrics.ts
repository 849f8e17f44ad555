/** What operators watch of our balances at suppliers; read at the moment of scraping. */

import { Gauge, type Registry } from 'prom-client'
import type { FloatAudit, Stand } from './audit.ts'

export function registerFloats(registry: Registry, { stands }: Pick<FloatAudit, 'stands'>): void {
  const gauge = (name: string, help: string, read: (one: Stand) => number | null) =>
    new Gauge({
      name,
      help,
      labelNames: ['supplier'],
      registers: [registry],
      collect() {
        for (const stand of stands.values()) {
          const value = read(stand)
          if (value !== null) this.set({ supplier: stand.code }, value)
        }
      },
    })
  gauge('laju_supplier_float_rupiah', 'Our balance there by our books.', one => one.books)
  gauge(
    'laju_supplier_reported_rupiah',
    'Our balance there as it was last compared.',
    one => one.reported?.balance ?? null,
  )
  gauge('laju_supplier_drift_rupiah', 'How far that lastingly is from what may be.', one =>
    one.doubt?.drift ? one.doubt.off : 0,
  )
}
