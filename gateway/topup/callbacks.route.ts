/**
 * Suppliers' reports come in here and are handed on as they came: raw bytes, all headers. Whether a
 * report is genuine and what it means, the supplier service knows.
 *
 * GS1. The body is passed on unread, byte for byte, also when it is not JSON or not text.
 * GS2. Forged is 401; a report that could not be stored is 503, so that the supplier repeats it;
 *      whatever was stored is 200, understood or not.
 * GS3. x-real-ip is ours: what the sender wrote there is overwritten with the address we saw.
 * PAL1. Suppliers that can only GET put their report into the query: it is the body, byte for byte.
 * PAL2. The rest of the address is as good as a password: only its digest is handed on, as
 *       x-callback-digest, and what the sender wrote there is dropped.
 */

import type { HttpRequest } from 'uWebSockets.js'
import { hash } from 'node:crypto'
import { addressOf } from '../address.ts'
import type { Visit } from '../answer.ts'
import { neighbour } from '../auth.ts'
import type { Edge } from '../edge.ts'
import type { AddressBuckets } from '../limits.ts'
import { machineText } from '../text/machine.id.ts'

const supplierShape = /^[\w.-]{1,64}$/

/** With and without the word that only the supplier was told. */
export const callbackPaths = [
  '/api/v1/callbacks/supplier/:supplier',
  '/api/v1/callbacks/supplier/:supplier/:word',
] as const

type Sender = { readonly supplier: string; readonly headers: Record<string, string> }

export function senderOf(req: HttpRequest): Sender {
  const headers: Record<string, string> = {}
  req.forEach((name, value) => {
    if (name !== 'cookie' && name !== digestHeader) headers[name] = value
  })
  const word = req.getParameter(1)
  if (word) headers[digestHeader] = hash('sha256', word)
  return { supplier: req.getParameter(0) ?? '', headers }
}

const digestHeader = 'x-callback-digest'

export function takeCallback(edge: Edge, callers: AddressBuckets, { supplier, headers }: Sender) {
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
        else if (verdict === 'ping' || stored)
          visit.ok(machineText.callback, `{"verdict":"${verdict}"}`)
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
