/**
 * What operators watch of routing and suppliers, read at the moment of scraping. Labels are codes
 * of suppliers, policies and reasons, never products: their number is bounded.
 *
 * RSB1. Rates and quantiles are those of the window that routing itself decides by.
 * RSB2. A figure that nobody knows (a cap that is not set, a latency of nothing) is absent, not 0.
 */

import { Counter, Gauge, type Registry } from 'prom-client'
import { tellAsSummary } from '../metric.ts'
import type { BreakerState } from './breaker.ts'
import type { Router } from './router.ts'

const lateMs = 5_000
const quantiles = [50, 90, 95, 99] as const
const states: readonly BreakerState[] = ['closed', 'ramp', 'half-open', 'open']

export function registerRouting(registry: Registry, router: Router, now: () => number): void {
  const { gauges } = router
  const registers = [registry]
  const perSupplier = <L extends string = never>(
    name: string,
    help: string,
    labels: readonly L[],
    read: (gauge: Gauge<'supplier' | L>) => void,
  ) =>
    new Gauge<'supplier' | L>({
      ...{ name, help, registers, labelNames: ['supplier', ...labels] },
      collect() {
        this.reset()
        read(this)
      },
    })
  /** Totals are kept elsewhere; a scrape moves each counter to where its total stands. */
  const totals = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    read: () => Iterable<readonly [labels: Record<L, string>, total: number]>,
  ) => {
    const told = new Map<string, number>()
    return new Counter<L>({
      ...{ name, help, registers, labelNames: [...labelNames] },
      collect() {
        for (const [labels, total] of read()) {
          const key = JSON.stringify(labels)
          this.inc(labels, Math.max(0, total - (told.get(key) ?? 0)))
          told.set(key, total)
        }
      },
    })
  }

  perSupplier(
    'laju_supplier_success_ratio',
    'Share of answers that were deliveries, in the sliding window.',
    [],
    gauge => {
      for (const { code, breaker } of gauges.suppliers.values()) {
        breaker.counts.roll(now())
        const { ok, bad } = breaker.counts
        if (ok + bad > 0) gauge.set({ supplier: code }, ok / (ok + bad))
      }
    },
  )
  perSupplier(
    'laju_supplier_answers',
    'Answers in the sliding window, by whether they were deliveries.',
    ['outcome'],
    gauge => {
      for (const { code, breaker } of gauges.suppliers.values()) {
        breaker.counts.roll(now())
        gauge.set({ supplier: code, outcome: 'success' }, breaker.counts.ok)
        gauge.set({ supplier: code, outcome: 'failed' }, breaker.counts.bad)
      }
    },
  )
  const latencies = perSupplier(
    'laju_supplier_latency_seconds',
    'From asking until the goods were there, quantiles of the sliding window.',
    ['quantile'],
    gauge => {
      for (const { code, latencies } of gauges.suppliers.values()) {
        latencies.roll(now())
        for (const percent of quantiles) {
          const ms = latencies.quantile(percent)
          const labels = { supplier: code, quantile: String(percent / 100) }
          if (ms !== null) gauge.set(labels, ms / 1_000)
        }
      }
    },
  )
  tellAsSummary(latencies)
  perSupplier(
    'laju_supplier_breaker',
    '1 for the state that the breaker of the supplier is in.',
    ['state'],
    gauge => {
      for (const { code, breaker } of gauges.suppliers.values()) {
        for (const state of states) {
          gauge.set({ supplier: code, state }, breaker.state === state ? 1 : 0)
        }
      }
    },
  )
  perSupplier(
    'laju_supplier_product_breakers_open',
    'Products of the supplier that are left out.',
    [],
    gauge => {
      for (const { code, pairs } of gauges.suppliers.values()) {
        let open = 0
        for (const { state } of pairs.values()) if (state !== 'closed') open++
        gauge.set({ supplier: code }, open)
      }
    },
  )
  perSupplier(
    'laju_supplier_exposure_rupiah',
    'Cost of what hangs at the supplier without a definite word.',
    [],
    gauge => {
      for (const { code, hanging } of gauges.suppliers.values()) {
        gauge.set({ supplier: code }, hanging)
      }
    },
  )
  perSupplier(
    'laju_supplier_exposure_max_rupiah',
    'The cap on it, where one is set.',
    [],
    gauge => {
      for (const { code, cap } of gauges.suppliers.values()) {
        if (Number.isFinite(cap)) gauge.set({ supplier: code }, cap)
      }
    },
  )
  perSupplier(
    'laju_supplier_balance_min_rupiah',
    'Below it our balance there should be paid up.',
    [],
    gauge => {
      for (const { code, balanceMin } of gauges.suppliers.values()) {
        gauge.set({ supplier: code }, balanceMin)
      }
    },
  )
  perSupplier(
    'laju_supplier_orders_late',
    'Orders that wait for the supplier for more than five seconds.',
    [],
    gauge => {
      const late = gauges.late(now(), lateMs)
      for (const code of gauges.suppliers.keys()) {
        gauge.set({ supplier: code }, late.get(code) ?? 0)
      }
    },
  )
  const seconds = new Gauge({
    ...{ name: 'laju_order_seconds', labelNames: ['quantile'], registers },
    help: 'From placing an order until its end, quantiles of the sliding window.',
    collect() {
      this.reset()
      gauges.orders.roll(now())
      for (const percent of quantiles) {
        const ms = gauges.orders.quantile(percent)
        if (ms !== null) this.set({ quantile: String(percent / 100) }, ms / 1_000)
      }
    },
  })
  tellAsSummary(seconds)
  totals(
    'laju_orders_ended_total',
    'Orders that came to an end; hopeless: nobody could have delivered them.',
    ['outcome'],
    () => Object.entries(gauges.ends).map(([outcome, total]) => [{ outcome }, total] as const),
  )
  totals(
    'laju_supplier_failovers_total',
    'Orders that went on to another supplier after a definite failure of this one.',
    ['supplier'],
    () =>
      [...gauges.suppliers.values()].map(
        ({ code: supplier, failovers }) => [{ supplier }, failovers] as const,
      ),
  )
  totals(
    'laju_routing_choices_total',
    'Choices of a first supplier, by policy and by what decided.',
    ['policy', 'reason'],
    () => choicesOf(router),
  )
  totals(
    'laju_routing_left_out_total',
    'Suppliers that were left out of a choice, by reason.',
    ['supplier', 'reason'],
    () =>
      [...router.leftOut].map(([name, total]) => {
        const [supplier = '', reason = ''] = name.split(' ')
        return [{ supplier, reason }, total] as const
      }),
  )
}

function* choicesOf(router: Router) {
  yield [{ policy: 'priority', reason: 'plain' }, router.plainChoices] as const
  for (const [name, total] of router.choices) {
    const [policy = '', reason = ''] = name.split(' ')
    yield [{ policy, reason }, total] as const
  }
}
