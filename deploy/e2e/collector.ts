/**
 * An OpenTelemetry collector, written from the protocol alone: takes OTLP over HTTP in JSON, keeps
 * every span, and can be away, say no, or keep silent.
 */

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

type Value = string | number | boolean | readonly string[]

export type Span = {
  readonly traceId: string
  readonly spanId: string
  /** Empty for a root. */
  readonly parentId: string
  readonly name: string
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number
  readonly startNs: bigint
  readonly endNs: bigint
  readonly attributes: Readonly<Record<string, Value>>
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly service: string
}

type Told = {
  stringValue?: string
  intValue?: number | string
  doubleValue?: number
  boolValue?: boolean
  arrayValue?: { values: Told[] }
}
type Attribute = { key: string; value: Told }
type Wire = {
  resourceSpans: {
    resource: { attributes: Attribute[] }
    scopeSpans: { spans: Record<string, unknown>[] }[]
  }[]
}

export class Collector {
  readonly spans: Span[] = []
  /** As it came, to be searched for what must not be in it. */
  text = ''
  headers: IncomingHttpHeaders = {}
  requests = 0
  mood: 'takes' | 'refuses' | 'silent' = 'takes'
  #server: Server | null = null
  #port = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Again at the same address. */
  async open(): Promise<void> {
    this.#server = createServer(async (request, response) => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      this.requests++
      this.headers = request.headers
      if (this.mood === 'silent') return
      if (this.mood === 'takes' && request.url === '/v1/traces') {
        this.#take(Buffer.concat(parts).toString('utf8'))
      }
      const status = this.mood === 'refuses' ? 500 : request.url === '/v1/traces' ? 200 : 404
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end('{}')
    })
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  close(): void {
    this.#server?.closeAllConnections()
    this.#server?.close()
    this.#server = null
  }

  named(name: string): Span[] {
    return this.spans.filter(span => span.name === name)
  }

  /** All of the trace that tells of this order or payment. */
  traceOf(id: string): Span[] {
    const { traceId } = this.spans.find(span => Object.values(span.attributes).includes(id)) ?? {}
    return this.spans.filter(span => span.traceId === traceId)
  }

  #take(text: string): void {
    this.text += text
    for (const { resource, scopeSpans } of (JSON.parse(text) as Wire).resourceSpans) {
      const service = String(valuesOf(resource.attributes)['service.name'])
      for (const { spans } of scopeSpans)
        for (const one of spans) this.spans.push(read(one, service))
    }
  }
}

function read(wire: Record<string, unknown>, service: string): Span {
  return {
    traceId: wire['traceId'] as string,
    spanId: wire['spanId'] as string,
    parentId: (wire['parentSpanId'] as string | undefined) ?? '',
    name: wire['name'] as string,
    kind: wire['kind'] as number,
    startNs: BigInt(wire['startTimeUnixNano'] as string),
    endNs: BigInt(wire['endTimeUnixNano'] as string),
    attributes: valuesOf(wire['attributes'] as Attribute[]),
    links: (wire['links'] as Span['links'] | undefined) ?? [],
    service,
  }
}

const valuesOf = (attributes: readonly Attribute[]): Record<string, Value> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, meant(value)]))

function meant(told: Told): Value {
  if (told.arrayValue !== undefined) return told.arrayValue.values.map(one => String(meant(one)))
  if (told.intValue !== undefined) return Number(told.intValue)
  return told.stringValue ?? told.doubleValue ?? told.boolValue ?? ''
}
