/**
 * How the machine is, for load balancers, people and Prometheus.
 *
 * GH1. /health, also as /api/v1/health, says only that this process answers; /health/ready and
 *      /health/deep ask the services, and answer 503 when not ready. However often they are asked,
 *      the services are asked at most once a second. HEAD is told the same status.
 * GH2. In production, /health/deep and /metrics answer private addresses only; to others they are
 *      not there.
 */

import type { HealthPart } from '../services/contract/live.ts'
import { addressOf, isPrivate } from './address.ts'
import { json, tally, type Visit } from './answer.ts'
import type { Edge } from './edge.ts'
import { machineText } from './text/machine.id.ts'

type Report = { readonly ready: boolean; readonly parts: readonly HealthPart[] }

export class Pulse {
  readonly #edge: Edge
  readonly #asked = new Map<boolean, { readonly at: number; readonly report: Promise<Report> }>()

  constructor(edge: Edge) {
    this.#edge = edge
  }

  report(deep: boolean): Promise<Report> {
    const { call, now } = this.#edge
    const asked = this.#asked.get(deep)
    if (asked !== undefined && now() - asked.at < 1_000) return asked.report
    const since = now()
    const report = call('system.health', { deep }).catch(error => ({
      ready: false,
      parts: [{ name: 'services', ok: false, ms: now() - since, reason: String(error) }],
    }))
    this.#asked.set(deep, { at: since, report })
    return report
  }
}

export function readHealth(visit: Visit) {
  visit.ok(machineText.alive, '{"alive":true}')
}

export function readReadiness(edge: Edge, visit: Visit, asked: { pulse: Pulse; deep: boolean }) {
  if (asked.deep && isHidden(edge, visit)) return visit.refuse('NOT_FOUND')
  asked.pulse.report(asked.deep).then(report => {
    const ready = report.ready && !edge.stopping
    const code = ready ? 200 : 503
    visit.send(
      code,
      json,
      JSON.stringify({
        code,
        status: ready ? 'success' : 'error',
        ...(ready ? {} : { error_code: 'UNREACHABLE' }),
        message: ready ? machineText.ready : machineText.unready,
        data: { ready, parts: report.parts },
        ...(ready ? {} : { retryable: true }),
        request_id: visit.id,
        timestamp: new Date(edge.machineNow()).toISOString(),
      }),
      ready ? undefined : { 'Cache-Control': 'no-store', 'Retry-After': '2' },
    )
  })
}

export function readMetrics(edge: Edge, visit: Visit, sockets: () => number) {
  if (isHidden(edge, visit)) return visit.refuse('NOT_FOUND')
  edge
    .call('system.metrics', {})
    .catch(() => '')
    .then(text => {
      const rest = text === '' || text.endsWith('\n') ? text : `${text}\n`
      visit.send(200, 'text/plain; version=0.0.4; charset=utf-8', rest + own(edge, sockets()))
    })
}

function own(edge: Edge, sockets: number): string {
  const lines = [
    '# HELP laju_gateway_answers_total HTTP answers by status.',
    '# TYPE laju_gateway_answers_total counter',
  ]
  for (const [status, count] of tally.byStatus)
    lines.push(`laju_gateway_answers_total{status="${status}"} ${count}`)
  lines.push(
    '# HELP laju_gateway_in_flight Requests that are with the services now.',
    '# TYPE laju_gateway_in_flight gauge',
    `laju_gateway_in_flight ${edge.flights.total}`,
    '# HELP laju_gateway_sockets Open WebSockets.',
    '# TYPE laju_gateway_sockets gauge',
    `laju_gateway_sockets ${sockets}`,
  )
  return `${lines.join('\n')}\n`
}

const isHidden = (edge: Edge, visit: Visit): boolean =>
  edge.mode === 'production' && !isPrivate(addressOf(visit.res, visit.forwarded, edge.proxies))
