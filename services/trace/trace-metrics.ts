/** What became of traces, in Prometheus' words; read at the moment of scraping. */

import type { Registry } from 'prom-client'
import { gaugeIn, totalIn } from '../metric.ts'

export type TraceFigures = {
  readonly begun: number
  readonly remembered: number
  readonly parentsRefused: number
  readonly sent: number
  readonly dropped: number
  readonly waiting: number
}

/** Null: nothing is traced. */
export type TraceSource = { readonly figures: () => TraceFigures | null }

const totals: readonly (readonly [name: string, help: string, of: keyof TraceFigures])[] = [
  ['laju_traces_begun_total', 'Requests and orders that are traced.', 'begun'],
  ['laju_trace_parents_refused_total', 'Sampled parents over the rate.', 'parentsRefused'],
  ['laju_trace_spans_sent_total', 'Spans that the collector took.', 'sent'],
  ['laju_trace_spans_dropped_total', 'Spans without room, or not taken.', 'dropped'],
]

export function registerTraces(registry: Registry, { figures }: TraceSource): void {
  for (const [name, help, of] of totals) {
    totalIn(registry, { name, help }, () => figures()?.[of] ?? null)
  }
  const gauge = (name: string, help: string, of: keyof TraceFigures) =>
    gaugeIn(registry, { name, help }, () => figures()?.[of] ?? 0)
  gauge('laju_trace_spans_waiting', 'Spans on their way to the collector.', 'waiting')
  gauge('laju_trace_stories', 'Orders and payments whose trace goes on.', 'remembered')
}
