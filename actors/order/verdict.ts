/**
 * How a person ends an order, or a dispute over one. Corrections are new entries; nothing is
 * edited. The rules are in order.ts; what he may do besides is in by-hand.ts.
 */

import { accept, type Decision, refuse } from '../../engine/actor.ts'
import type { Posting } from '../../engine/ledger.ts'
import type { Rupiah } from '../../engine/money.ts'
import { cost, float, sales, wallet } from '../chart.ts'
import { costPostings } from './hearing.ts'
import type { Attempt, Order, OrderCommand, OrderEvent, OrderState } from './order-contract.ts'
import {
  claimOn,
  hasDispute,
  hasFailed,
  isContested,
  isOpen,
  isUnderWay,
  lettingGo,
  stillDisputed,
  stillParked,
} from './standing.ts'

export function resolve(
  state: OrderState,
  command: Extract<OrderCommand, { type: 'resolve' }>,
): Decision<Order> {
  if (state.phase === 'absent') return refuse('NOT_FOUND')
  const { verdict, reason, by } = command
  const resolved = { type: 'resolved', verdict, reason, by } as const
  const person = { code: null, message: reason, reply: null, ms: null, via: 'person' } as const
  switch (verdict) {
    case 'success': {
      if (!isOpen(state)) return refuse('ORDER_FINAL')
      if (isUnderWay(state)) return refuse('ORDER_BUSY')
      if (hasFailed(state) && !isContested(state)) return refuse('ATTEMPT_FAILED')
      // That it was sold after all is what the person says: that claim is settled by it (O12).
      const { attempts, disputes } = state.order
      const claim = hasFailed(state) ? claimOn(state) : undefined
      const attempt = attempts[(claim?.n ?? attempts.length) - 1]!
      const paid = claim?.cost ?? attempt.cost
      const isDisputed = disputes.some(one => one.verdict === null && one !== claim)
      const delivered = {
        type: 'delivered',
        n: attempt.n,
        ...person,
        sn: command.sn ?? claim?.sn ?? '',
        cost: paid,
        balance: null,
        ...(attempt.n === attempts.length ? {} : { supplier: attempt.supplier }),
        ...(isDisputed ? { disputed: true as const } : {}),
      } as const
      return {
        accepted: [delivered, resolved],
        postings: [{ op: 'post', name: 'price' }, ...costPostings(attempt, paid)],
      }
    }
    case 'failed': {
      if (!isOpen(state)) return refuse('ORDER_FINAL')
      if (isUnderWay(state)) return refuse('ORDER_BUSY')
      const n = state.order.attempts.length
      const judged: OrderEvent[] = hasFailed(state)
        ? []
        : [{ type: 'attempt_failed', n, ...person }]
      return {
        accepted: [
          ...judged,
          { type: 'failed', code: 'PERSON', ...stillDisputed(state) },
          resolved,
        ],
        postings: [{ op: 'void', name: 'price' }],
        ...lettingGo(state.order),
      }
    }
    case 'refund': {
      if (state.phase !== 'delivered') return refuse('ORDER_FINAL')
      const { order, n, cost: paid } = state
      // What another supplier took is a matter of its own, and goes on being one.
      const isDisputed = order.disputes.some(one => one.verdict === null && one.n !== n)
      return {
        accepted: [{ ...resolved, n, ...(isDisputed ? { disputed: true as const } : {}) }],
        postings: [
          {
            op: 'move',
            name: 'refund',
            debit: sales,
            credit: wallet(order.user),
            amount: order.price,
          },
          ...costReturned(order.attempts[n - 1]!, paid, command.supplierReturned),
        ],
      }
    }
    case 'accept_loss': {
      // The supplier sold after all what we had given up (or sold elsewhere): its price is a cost.
      if (!hasDispute(state)) return refuse('DISPUTE_ABSENT')
      const postings = state.order.disputes
        .filter(one => one.verdict === null && one.claim === 'late_success')
        .flatMap(one => {
          const attempt = state.order.attempts[one.n - 1]!
          return costPostings(attempt, one.cost ?? attempt.cost, `loss-${one.n}`)
        })
      return { accepted: [{ ...resolved, ...stillParked(state) }], postings }
    }
    case 'dismiss':
      return hasDispute(state)
        ? accept({ ...resolved, ...stillParked(state) })
        : refuse('DISPUTE_ABSENT')
  }
}

function costReturned(attempt: Attempt, paid: Rupiah, returned: boolean | undefined): Posting[] {
  if (!returned || paid === 0) return []
  const name = 'cost-returned'
  return [{ op: 'move', name, debit: float(attempt.supplier), credit: cost, amount: paid }]
}
