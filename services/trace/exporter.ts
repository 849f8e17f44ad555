/**
 * Spans on their way to a collector, by OpenTelemetry's own SDK. This file and what it imports are
 * read only when there is a collector to send to.
 *
 *   span ends ─▶ room? ─▶ batch (a second, or 128) ─▶ OTLP over HTTP, JSON ─▶ collector
 *                 └no──▶ dropped, counted        not taken ─▶ again for a while ─▶ dropped
 *
 * TRX1. At most `queueMax` spans wait or are under way: what comes then is dropped and counted, and
 *       nobody waits for it.
 * TRX2. A collector that is away, slow or says no costs a line in the log when that begins, one
 *       when it is over, and no more than one of each in a minute.
 * TRX3. Closing sends what waits, and gives up after two seconds.
 * TRX4. Without a collector nothing of this is read into memory.
 */

import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type Attributes, ROOT_CONTEXT } from '@opentelemetry/api'
import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions'
import { Draw } from './draw.ts'
import type { TraceFigures } from './trace-metrics.ts'
import { Traces } from './traces.ts'

type ExporterOptions = {
  /** Base of the collector; `/v1/traces` is put behind it. */
  readonly endpoint: string
  readonly headers: Readonly<Record<string, string>>
  readonly serviceName: string
  readonly version: string
  readonly ratio: number
  readonly log: (level: 'info' | 'warn', what: string, more: object) => void
  readonly queueMax?: number
}

export type OpenTraces = {
  readonly traces: Traces
  readonly figures: () => TraceFigures
  readonly close: () => Promise<void>
}

const queueUsual = 2_048
/** Its JSON is made in one piece, between two turns of the event loop. */
const batchMax = 128
const batchMs = 1_000
/** With all repeats. */
const sendMsMax = 5_000
const closeMsMax = 2_000
const quietMs = 60_000
const textMax = 200

export function openTraces(options: ExporterOptions): OpenTraces {
  const { endpoint, headers, serviceName, version, ratio, log, queueMax = queueUsual } = options
  const resource: Attributes = {
    [ATTR_SERVICE_NAME]: serviceName,
    [ATTR_SERVICE_VERSION]: version,
    'service.instance.id': randomUUID(),
  }
  const collector = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: { ...headers },
    timeoutMillis: sendMsMax,
  })
  const door = new Door({ collector, log, queueMax })
  const provider = new TracerProvider({
    resource: resourceFromAttributes(resource),
    // Who is traced was decided before there was a span.
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanLimits: { attributeValueLengthLimit: textMax },
    spanProcessors: [door],
  })
  const draw = new Draw({ ratio })
  const traces = new Traces({ tracer: provider.getTracer('laju', version), draw })
  return {
    traces,
    figures: () => ({
      begun: traces.stats.begun,
      remembered: traces.remembered,
      parentsRefused: traces.parentsRefused,
      ...door.stats,
    }),
    async close() {
      const sent = provider.shutdown().catch(() => undefined)
      await Promise.race([sent, pause(closeMsMax, undefined, { ref: false })])
    },
  }
}

type DoorOptions = Pick<ExporterOptions, 'log'> & {
  readonly collector: SpanExporter
  readonly queueMax: number
}

/** Counts who goes in and what became of him; the batches between are the SDK's. */
class Door implements SpanProcessor {
  readonly stats = { sent: 0, dropped: 0, waiting: 0 }
  readonly #batches: BatchSpanProcessor
  readonly #queueMax: number
  readonly #log: ExporterOptions['log']
  #isAway = false
  #toldAt = Number.NEGATIVE_INFINITY

  constructor({ collector, log, queueMax }: DoorOptions) {
    this.#queueMax = queueMax
    this.#log = log
    const exporter: SpanExporter = {
      export: (spans, done) => this.#send(collector, spans, done),
      forceFlush: () => collector.forceFlush?.() ?? Promise.resolve(),
      shutdown: () => collector.shutdown(),
    }
    this.#batches = new BatchSpanProcessor({
      exporter,
      maxQueueSize: queueMax,
      maxExportBatchSize: Math.min(batchMax, queueMax),
      scheduledDelayMillis: batchMs,
      exportTimeoutMillis: sendMsMax * 2,
    })
  }

  onStart(): void {
    this.#batches.onStart(undefined as never, ROOT_CONTEXT)
  }

  onEnd(span: ReadableSpan): void {
    if (this.stats.waiting >= this.#queueMax) {
      this.stats.dropped++
      return
    }
    this.stats.waiting++
    this.#batches.onEnd(span)
  }

  forceFlush(): Promise<void> {
    return this.#batches.forceFlush()
  }

  shutdown(): Promise<void> {
    return this.#batches.shutdown()
  }

  #send(collector: SpanExporter, spans: ReadableSpan[], done: (result: ExportResult) => void) {
    collector.export(spans, result => {
      const isTaken = result.code === ExportResultCode.SUCCESS
      this.stats.waiting -= spans.length
      this.stats[isTaken ? 'sent' : 'dropped'] += spans.length
      this.#tell(!isTaken, result.error)
      done(result)
    })
  }

  #tell(isAway: boolean, cause: Error | undefined): void {
    if (isAway === this.#isAway) return
    const now = performance.now()
    if (isAway && now - this.#toldAt < quietMs) return
    this.#isAway = isAway
    if (!isAway) {
      this.#log('info', 'the collector takes traces again', { ...this.stats })
      return
    }
    this.#toldAt = now
    // Not its message: what a stranger's server answers is his text.
    const { code = cause?.name } = (cause ?? {}) as { readonly code?: unknown }
    this.#log('warn', 'the collector takes no traces', { code, ...this.stats })
  }
}
