/**
 * Suppliers' reports come in here and are handed on as they came: raw bytes, all headers. Whether a
 * report is genuine and what it means, the supplier service knows.
 *
 * GS1. The body is passed on unread, byte for byte, also when it is not JSON or not text.
 * GS2. Forged is 401; a report that could not be stored is 503, so that the supplier repeats it;
 *      whatever was stored is 200, understood or not.
 * GS3. x-real-ip is ours: what the sender wrote there is overwritten with the address we saw.
 */

import type { HttpRequest } from 'uWebSockets.js'
import { addressOf } from './address.ts'
import type { Visit } from './answer.ts'
import { neighbour } from './auth.ts'
import type { Edge } from './edge.ts'
import type { AddressBuckets } from './limits.ts'
import { okText } from './text.id.ts'

const supplierShape = /^[\w.-]{1,64}$/

export function headersOf(req: HttpRequest): Record<string, string> {
  const headers: Record<string, string> = {}
  req.forEach((name, value) => {
    if (name !== 'cookie') headers[name] = value
  })
  return headers
}

export function takeCallback(
  edge: Edge,
  callers: AddressBuckets,
  supplier: string,
  headers: Record<string, string>,
) {
  return (visit: Visit, body: Buffer) => {
    if (edge.stopping) return visit.refuse('STOPPING')
    if (!supplierShape.test(supplier)) return visit.refuse('NOT_FOUND')
    const waitMs = callers.take(neighbour(edge, visit), edge.now())
    if (waitMs > 0) return visit.refuse('RATE_LIMITED', { retryAfterMs: waitMs })
    const seat = `supplier:${supplier}`
    if (!edge.flights.enter(seat)) return visit.refuse('OVERLOADED')
    headers['x-real-ip'] = addressOf(visit.res, visit.forwarded, edge.proxies)
    const asked = { supplier, headers, body: body.toString('base64') }
    edge.call('supplier.callback', asked).then(
      ({ verdict, stored }) => {
        edge.flights.leave(seat)
        if (verdict === 'forged') visit.refuse('SIGNATURE_INVALID')
        else if (verdict === 'unknown_supplier') visit.refuse('NOT_FOUND')
        else if (verdict === 'ping' || stored) visit.ok(okText.callback, `{"verdict":"${verdict}"}`)
        else visit.refuse('JOURNAL_UNAVAILABLE')
      },
      error => {
        edge.flights.leave(seat)
        edge.onFault(error, visit.id)
        visit.refuse('UNREACHABLE')
      },
    )
  }
}
