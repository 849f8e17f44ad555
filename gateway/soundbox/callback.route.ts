/**
 * Where the acquirer of QRIS payments calls back. The body is handed on as it came; whether it is
 * genuine and what it does, the payment service knows.
 *
 * SAL1. A forged or untimely callback is 401; one that could not be kept is 503, so that the
 *       acquirer repeats it; whatever was kept is 200 and says what became of it.
 * SAL2. An address may call so often; what it sends is passed on byte for byte.
 */

import { neighbour } from '../auth.ts'
import { type Edge, guarded } from '../edge.ts'
import { AddressBuckets } from '../limits.ts'
import type { Line } from '../lines.ts'
import { give, speakSoundbox } from './answer.ts'

const seat = 'acquirer:qris'
const retryAfterMs = 2_000

export const soundboxCallback: Line = (router, edge: Edge) => {
  const callers = new AddressBuckets(edge.limits.callbacksPerMin)
  router.open('post', '/integrations/qris/callback', (visit, { headers, body }) => {
    speakSoundbox(visit)
    if (edge.stopping) return visit.refuse('STOPPING')
    const waitMs = callers.take(neighbour(edge, visit), edge.now())
    if (waitMs > 0) return visit.refuse('RATE_LIMITED', { retryAfterMs: waitMs })
    if (!edge.flights.enter(seat)) return visit.refuse('OVERLOADED')
    const told = {
      raw: body.toString('base64'),
      timestamp: headers['x-timestamp'] ?? '',
      signature: headers['x-signature'] ?? '',
    }
    edge.call('payment.callback', told).then(
      answer => {
        edge.flights.leave(seat)
        guarded(edge, visit, () => {
          switch (answer.verdict) {
            case 'forged':
              return visit.refuse('SIGNATURE_INVALID')
            case 'skewed':
              return visit.refuse('TIMESTAMP_SKEWED')
            case 'unavailable':
              return visit.refuse('JOURNAL_UNAVAILABLE', { retryAfterMs })
            case 'taken': {
              const { result, transactionId, reason } = answer
              const why = reason === '' ? {} : { reason }
              return give(visit, { result, transaction_id: transactionId, ...why })
            }
          }
        })
      },
      error => {
        edge.flights.leave(seat)
        edge.onFault(error, visit.id)
        visit.refuse('JOURNAL_UNAVAILABLE', { retryAfterMs })
      },
    )
  })
}
