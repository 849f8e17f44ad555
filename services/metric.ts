/**
 * Figures that are known elsewhere, as Prometheus asks for them: read at each scrape and kept
 * nowhere twice.
 */

import { Counter, Gauge, type MetricType, type Registry } from 'prom-client'

type Metric = { readonly name: string; readonly help: string }

/** What something is at this moment. */
export function gaugeIn(registry: Registry, metric: Metric, read: () => number): void {
  new Gauge({
    ...metric,
    registers: [registry],
    collect() {
      this.set(read())
    },
  })
}

/**
 * A total that its part keeps; a scrape moves the counter to where it stands. Null: its part is not
 * there now, and the counter stays.
 */
export function totalIn(registry: Registry, metric: Metric, read: () => number | null): void {
  let last = 0
  new Counter({
    ...metric,
    registers: [registry],
    collect() {
      const value = read() ?? last
      this.inc(Math.max(0, value - last))
      last = value
    },
  })
}

/**
 * A gauge whose values are quantiles says so: for Prometheus that label makes a summary. One of
 * prom-client's own would count durations that are counted elsewhere.
 */
export function tellAsSummary<Labels extends string>(gauge: Gauge<Labels>): void {
  const told = gauge.get.bind(gauge)
  const type = 'summary' as unknown as MetricType
  gauge.get = async () => ({ ...(await told()), type })
}
