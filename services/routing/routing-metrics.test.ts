import { deepEqual, doesNotMatch, equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { makeId } from '../../engine/ids.ts'
import { Gauges } from './gauges.ts'
import { compileRouting } from './policy.ts'
import { Router } from './router.ts'
import { registerRouting } from './routing-metrics.ts'

const begin = 1_000_000_000_000

function shop() {
  const cap = { version: 1, scope: 'supplier', target: 'a', rule: { exposure_max: 50_000 } }
  const router = new Router(new Gauges(), compileRouting([cap], []))
  const registry = new Registry()
  let now = begin
  registerRouting(registry, router, () => now)
  const tell = (n: number, at: number, ...events: object[]) => {
    const id = makeId(begin, 0, n.toString(16).padStart(16, '0'))
    const record = { kind: 'order', version: 1, id, at: begin + at, events }
    router.gauges.feed(record as never, `k${n}`)
  }
  return { router, registry, tell, wait: (ms: number) => (now = begin + ms) }
}

const placed = { type: 'placed', product: 'P', plan: [] }
const dispatched = (supplier: string, n = 1) => ({
  ...{ type: 'dispatched', supplier, n, cost: 10_000 },
})
const delivered = { type: 'delivered', n: 1, cost: 10_000, balance: null, via: 'reply' }

test('routing metrics: a delivery, a failover and a silence: told as routing knows them (RSB1)', async () => {
  const { registry, tell, wait } = shop()
  tell(1, 0, placed, dispatched('a'))
  tell(1, 900, delivered)
  tell(2, 0, placed, dispatched('a'))
  tell(2, 100, { type: 'attempt_failed', n: 1, via: 'reply', code: '02' }, dispatched('b', 2))
  wait(6_000)
  const text = await registry.metrics()
  match(text, /^laju_supplier_success_ratio\{supplier="a"\} 0\.5$/m)
  match(text, /^laju_supplier_latency_seconds\{supplier="a",quantile="0\.95"\} 0\.906$/m)
  match(text, /^laju_supplier_breaker\{supplier="a",state="closed"\} 1$/m)
  match(text, /^laju_supplier_exposure_rupiah\{supplier="b"\} 10000$/m)
  match(text, /^laju_supplier_orders_late\{supplier="b"\} 1$/m)
  match(text, /^laju_supplier_failovers_total\{supplier="a"\} 1$/m)
  match(text, /^laju_orders_ended_total\{outcome="success"\} 1$/m)
  match(text, /^laju_order_seconds\{quantile="0\.5"\} 0\.906$/m)
  // A gauge with that label is what promtool complains of.
  for (const name of ['laju_order_seconds', 'laju_supplier_latency_seconds'])
    match(text, new RegExp(`^# TYPE ${name} summary$`, 'm'))
  doesNotMatch(text, /product=/)
})

test('routing metrics: what nobody knows: absent, and gone again when it is over (RSB2)', async () => {
  const { registry, router, tell, wait } = shop()
  tell(1, 0, placed, dispatched('a'))
  router.gauges.of('b')
  const told = await registry.metrics()
  match(told, /^laju_supplier_exposure_max_rupiah\{supplier="a"\} 50000$/m)
  doesNotMatch(told, /exposure_max_rupiah\{supplier="b"\}|success_ratio\{|latency_seconds\{/)
  tell(1, 900, delivered)
  match(await registry.metrics(), /^laju_supplier_success_ratio\{supplier="a"\} 1$/m)
  wait(900_000)
  doesNotMatch(await registry.metrics(), /success_ratio\{|latency_seconds\{|order_seconds\{/)
})

test('routing metrics: totals: move on by what came since the last scrape (RSB1)', async () => {
  const { registry, router } = shop()
  const lanes = router.lanes('P', [{ supplier: 'a', cost: 10_000 }])
  const asking = { key: 'k', userId: 'u', price: 11_000, now: begin }
  const total = async () =>
    (await registry.getSingleMetric('laju_routing_choices_total')!.get()).values
  router.placed(router.route(lanes, asking), true)
  equal((await total())[0]?.value, 1)
  router.placed(router.route(lanes, asking), true)
  deepEqual(
    (await total()).map(({ value, labels }) => [value, labels]),
    [[2, { policy: 'priority', reason: 'plain' }]],
  )
})
