/**
 * What operators watch, in Prometheus' words: one prefix, base units, labels of few values (never a
 * user, a number or an order). Values are read from the parts at the moment of scraping, so
 * counting costs the hot path nothing.
 */

import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Engine } from '../../engine/engine.ts'
import { type AlarmWatch, registerAlarms } from '../alarm/watch.ts'
import { type OverdueWatch, registerOverdue } from '../care/overdue.ts'
import type { Shelf } from '../catalogue/shelf.ts'
import { type ClusterSource, registerCluster } from '../cluster/cluster-metrics.ts'
import type { FloatAudit } from '../float/audit.ts'
import { registerFloats } from '../float/float-metrics.ts'
import { gaugeIn, totalIn } from '../metric.ts'
import { type AbuseSource, registerAbuse } from '../number/abuse/abuse-metrics.ts'
import { type NumberSource, registerNumbers } from '../number/number-metrics.ts'
import type { Projector } from '../projection/projector.ts'
import type { Router } from '../routing/router.ts'
import { registerRouting } from '../routing/routing-metrics.ts'
import type { SoldIntake } from '../sold/intake.ts'
import { type MqttSource, registerMqtt } from '../soundbox/mqtt-metrics.ts'
import { type PaymentSource, registerPayments } from '../soundbox/payment-metrics.ts'
import type { CallerThread } from '../supplier/caller-thread.ts'
import { registerTraces, type TraceSource } from '../trace/trace-metrics.ts'
import type { Webhooks } from '../webhook/webhook.service.ts'
import { type BacklogDeps, registerBacklog } from './backlog.ts'
import type { Retention } from './retention.ts'

export type MetricSources = {
  readonly engine: Engine
  readonly projector: Projector
  readonly caller: Pick<CallerThread, 'stats'>
  readonly shelf: Pick<Shelf, 'stats'>
  readonly webhooks: Pick<Webhooks, 'stats'>
  readonly router: Router
  readonly db: BacklogDeps['db']
  readonly retention: Pick<Retention, 'deleted'>
  readonly overdue?: Pick<OverdueWatch, 'reasons'>
  readonly alarms?: Pick<AlarmWatch, 'open'>
  readonly sold?: Pick<SoldIntake, 'duplicates' | 'overcharged'>
  readonly floats?: Pick<FloatAudit, 'stands'>
  readonly mqtt?: MqttSource
  readonly payments?: PaymentSource
  readonly abuse?: AbuseSource
  readonly numbers?: NumberSource
  readonly traces?: TraceSource
  readonly cluster?: ClusterSource
  readonly now: () => number
}

const states = [
  'starting',
  'serving',
  'mending',
  'standing_by',
  'cut',
  'stopping',
  'stopped',
] as const

/** A figure and what it is told by. */
type Figure = { readonly name: string; readonly labels: readonly string[] }
type Metrics = { text(): Promise<string>; readonly figures: readonly Figure[] }

export function makeMetrics(sources: MetricSources): Metrics {
  const { engine, projector, caller, shelf, webhooks, now } = sources
  const { host } = engine
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  // Called totals and told as gauges; the same stands per type, under names that are right.
  for (const kind of ['handles', 'requests', 'resources'])
    registry.removeSingleMetric(`nodejs_active_${kind}_total`)
  registerRouting(registry, sources.router, now)
  registerOverdue(registry, sources.overdue ?? { reasons: [] })
  registerAlarms(registry, sources.alarms ?? { open: new Map() })
  registerFloats(registry, sources.floats ?? { stands: new Map() })
  registerBacklog(registry, { db: sources.db, now })
  registerMqtt(registry, sources.mqtt ?? { figures: () => null })
  registerPayments(registry, sources.payments ?? { figures: () => null })
  registerAbuse(registry, sources.abuse ?? { figures: () => null })
  registerNumbers(registry, sources.numbers ?? { figures: () => null })
  registerCluster(registry, sources.cluster ?? { figures: () => null })
  registerTraces(registry, sources.traces ?? { figures: () => null })

  const gauge = (name: string, help: string, read: () => number) =>
    gaugeIn(registry, { name, help }, read)
  const total = (name: string, help: string, read: () => number) =>
    totalIn(registry, { name, help }, read)

  gauge('laju_orders_open', 'Orders that are not final.', () => host.livingOf('order'))
  gauge('laju_actors_open', 'Actors of all kinds with something to do.', () => host.open)
  gauge('laju_ownerless', 'Open without timer, effect or person; must be 0.', () => host.ownerless)
  gauge('laju_actors_in_memory', 'Actors held in memory.', () => host.cells)
  gauge('laju_timers_armed', 'Alarms in the wheel.', () => host.wheel.size)
  gauge('laju_timer_lag_seconds', 'How late the last alarm was.', () => engine.timerLagMs / 1_000)
  gauge(
    'laju_clock_behind_seconds',
    'How far this machine’s clock stands behind what has happened; must be 0.',
    () => engine.clock.behindMs / 1_000,
  )
  gauge('laju_commands_waiting', 'Commands behind the gate.', () => host.waiting)
  gauge('laju_recovery_seconds', 'Last recovery, until serving.', () => engine.recoveryMs / 1_000)
  total('laju_turns_total', 'Turns of actors.', () => host.stats.turns)
  total('laju_records_total', 'Journal lines decided.', () => host.stats.records)
  total('laju_refusals_total', 'Business refusals.', () => host.stats.refusals)
  total('laju_faults_total', 'Commands turned away by a fault.', () => host.stats.faults)
  total('laju_violations_total', 'Broken invariants; must be 0.', () => host.stats.violations)
  total('laju_passivated_total', 'Actors that left memory.', () => host.stats.passivated)
  total('laju_flushes_total', 'Journal writes.', () => engine.flushes.count)
  total('laju_flush_lines_total', 'Lines in journal writes.', () => engine.flushes.lines)
  total('laju_flush_seconds_total', 'Time in journal writes.', () => engine.flushes.ms / 1_000)
  gauge('laju_projection_lag_lines', 'Durable lines that people cannot read yet.', () =>
    projector.lag(host.shards()),
  )
  gauge(
    'laju_projection_age_seconds',
    'Age of the oldest such line.',
    () => projector.ageMs(now()) / 1_000,
  )
  gauge(
    'laju_price_book_version',
    'Version of the compiled price book.',
    () => shelf.stats().version,
  )
  total('laju_price_book_failures_total', 'Compilations that failed.', () => shelf.stats().failures)
  const calls = () => webhooks.stats()
  gauge('laju_webhooks_waiting', 'Deliveries to be made, once a minute.', () => calls().waiting)
  gauge('laju_webhooks_in_flight', 'Calls to clients under way.', () => calls().inFlight)
  gauge('laju_webhook_breakers_open', 'Receivers that are left alone.', () => calls().open)
  gauge('laju_webhook_lag_lines', 'Durable lines not yet looked at.', () => calls().lag)
  total('laju_webhooks_delivered_total', 'Calls that were taken.', () => calls().delivered)
  total('laju_webhooks_failed_total', 'Calls that were not.', () => calls().failed)
  total('laju_webhooks_given_up_total', 'Deliveries given up.', () => calls().givenUp)

  total(
    'laju_duplicate_sn_total',
    'Orders delivered with the serial number of an earlier one of the same supplier.',
    () => sources.sold?.duplicates ?? 0,
  )
  total(
    'laju_overcharged_total',
    'Orders whose supplier charged more than the most that he was told.',
    () => sources.sold?.overcharged ?? 0,
  )

  const gone = new Map<string, number>()
  new Counter({
    name: 'laju_retention_deleted_total',
    help: 'Rows deleted because their days were over.',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      for (const [kind, count] of Object.entries(sources.retention.deleted)) {
        this.inc({ kind }, count - (gone.get(kind) ?? 0))
        gone.set(kind, count)
      }
    },
  })

  new Gauge({
    name: 'laju_engine_state',
    help: '1 for the state that the engine is in.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const state of states) this.set({ state }, engine.state === state ? 1 : 0)
    },
  })
  const lane = (name: string, help: string, read: (one: Lane) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['target'],
      registers: [registry],
      collect() {
        for (const one of host.outbox.lanes()) this.set({ target: one.target }, read(one))
      },
    })
  lane('laju_effects_waiting', 'Effects that wait for a place in flight.', one => one.waiting)
  lane('laju_effects_in_flight', 'Effects under way.', one => one.inFlight)

  new Gauge({
    name: 'laju_supplier_calls',
    help: 'Calls to suppliers since start, by outcome.',
    labelNames: ['supplier', 'outcome'],
    registers: [registry],
    collect() {
      for (const one of caller.stats()) {
        for (const outcome of ['success', 'failed', 'pending', 'unknown'] as const) {
          this.set({ supplier: one.supplier, outcome }, one[outcome])
        }
      }
    },
  })
  new Gauge({
    name: 'laju_supplier_balance_rupiah',
    help: 'Our balance as the supplier last told it.',
    labelNames: ['supplier'],
    registers: [registry],
    collect() {
      for (const { code, balance } of sources.router.gauges.suppliers.values()) {
        if (balance !== null) this.set({ supplier: code }, balance)
      }
    },
  })
  const figures = registry.getMetricsAsArray().map(metric => {
    const { name, labelNames = [] } = metric as { name: string; labelNames?: readonly string[] }
    return { name, labels: labelNames }
  })
  return { text: () => registry.metrics(), figures }
}

type Lane = ReturnType<Engine['host']['outbox']['lanes']>[number]
