/**
 * Calling a service on behalf of a client, and translating what it answers.
 *
 * GC1. A refusal keeps its code, details and money effect; a fault becomes 503 with Retry-After.
 * GC2. A call that broke is unknown, never failed: no money_effect is claimed.
 * GC3. What a client has with the services counts against its share from before the call until
 *      after the answer, also when the client has hung up meanwhile.
 */

import type { Answer } from '../services/contract/answer.ts'
import type { OrderBrief } from '../services/contract/order-view.ts'
import type { Visit } from './answer.ts'
import type { Edge } from './edge.ts'

export function ask<T>(
  edge: Edge,
  visit: Visit,
  clientId: string,
  call: () => Promise<Answer<T>>,
  then: (ok: T) => void,
) {
  if (!edge.flights.enter(clientId)) return visit.refuse('OVERLOADED')
  call().then(
    answer => {
      edge.flights.leave(clientId)
      if (visit.over) return
      // As guarded() does it, without a closure more for every order.
      edge.serving = visit.id
      try {
        if ('ok' in answer) then(answer.ok)
        else refuse(visit, answer)
      } catch (error) {
        edge.onFault(error, visit.id)
        visit.refuse('INTERNAL_ERROR')
      } finally {
        edge.serving = null
      }
    },
    error => {
      edge.flights.leave(clientId)
      edge.onFault(error, visit.id)
      visit.refuse('UNREACHABLE', { retryAfterMs: 2_000 })
    },
  )
}

function refuse(visit: Visit, answer: Exclude<Answer<never>, { ok: never }>) {
  if ('fault' in answer) {
    const { fault, retryAfterMs, moneyEffect } = answer
    return visit.refuse(fault, { retryAfterMs, moneyEffect })
  }
  const { refused, order, moneyEffect, retryAfterMs } = answer
  const details = order === undefined ? answer.details : { ...answer.details, ...collision(order) }
  visit.refuse(refused, { details, moneyEffect, retryAfterMs })
}

const collision = (order: OrderBrief): Record<string, unknown> => ({
  trx_id: order.trxId,
  ref_id: order.ref,
  status: order.status,
})
