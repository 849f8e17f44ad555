/** An order's state as it is shown: the words of the outside, nothing that is not in the state. */

import type { Attempt, OrderState } from '../../actors/order/order-contract.ts'
import type {
  AttemptView,
  OrderBrief,
  OrderStanding,
  OrderStatus,
  OrderStep,
  OrderView,
} from '../contract/order-view.ts'
import type { MoneyEffect } from '../contract/words.ts'
import { billView } from '../postpaid/inquired.ts'
import { isNotSent, isUnpaid, saysNothing } from '../supplier/own-words.ts'

type Placed = Exclude<OrderState, { phase: 'absent' }>

const statusOf: Record<Placed['phase'], OrderStatus> = {
  trying: 'PROCESSING',
  waiting: 'PROCESSING',
  parked: 'PROCESSING',
  delivered: 'SUCCESS',
  failed: 'FAILED',
  refunded: 'REFUND',
}

const moneyOf: Record<Placed['phase'], MoneyEffect> = {
  trying: 'held',
  waiting: 'held',
  parked: 'held',
  delivered: 'charged',
  failed: 'refunded',
  refunded: 'refunded',
}

/** With its timeline, which only its lines tell (story.ts). */
export function orderView(
  trxId: string,
  { state, timeline }: { readonly state: Placed; readonly timeline: readonly OrderStep[] },
): OrderView {
  return { ...orderBrief(trxId, state), timeline, next: nextOf(state) }
}

export function orderStanding(trxId: string, state: Placed): OrderStanding {
  return { ...orderBrief(trxId, state), next: nextOf(state) }
}

export function orderBrief(trxId: string, state: Placed): OrderBrief {
  const { order } = state
  return {
    trxId,
    userId: order.user,
    ref: order.ref,
    product: order.product,
    destination: order.destination,
    price: order.price,
    status: statusOf[state.phase],
    sn: state.phase === 'delivered' || state.phase === 'refunded' ? state.sn : null,
    failure: failureOf(state),
    disputed: order.disputes.some(one => one.verdict === null),
    moneyEffect: moneyOf[state.phase],
    ...(order.bill === undefined ? {} : { bill: billView(order.bill) }),
    ...(order.said === undefined
      ? {}
      : { said: { product: order.said[0], destination: order.said[1] } }),
    attempts: order.attempts.map(attemptView),
    createdAt: order.placedAt,
    updatedAt: order.updatedAt,
  }
}

/** A supplier's code is its word to us: a client would read its 44 as of his own balance. */
function failureOf(state: Placed): string | null {
  if (state.phase === 'failed') {
    const last = state.order.attempts.findLast(one => !saysNothing(one))
    return last !== undefined && isUnpaid(last) ? last.code : state.code
  }
  return state.phase === 'parked' ? state.why : null
}

/** Without what only concerns us: terms, counters. */
function attemptView(attempt: Attempt): AttemptView {
  const { n, supplier, sku, ref, cost, outcome, code, message } = attempt
  const hasEnded = outcome === 'failed' || outcome === 'success'
  return {
    ...{ n, supplier, sku, ref, cost, outcome, code, message },
    ...(isNotSent(attempt) ? { notSent: true as const } : null),
    ...(outcome === 'failed' && attempt.watch ? { mayBeRevised: true as const } : null),
    ...(hasEnded && attempt.via === 'person' ? { byPerson: true as const } : null),
    startedAt: attempt.startedAt,
    answeredAt: attempt.answeredAt,
    latencyMs: attempt.ms,
    reply: attempt.reply,
  }
}

function nextOf(state: Placed): OrderView['next'] {
  switch (state.phase) {
    case 'trying':
      return { what: 'supplier_answers', at: state.order.deadlineAt }
    case 'waiting':
      return { what: 'supplier_is_asked', at: state.recheckAt }
    case 'parked':
      return { what: 'person_decides', at: state.recheckAt }
    case 'delivered':
    case 'failed':
    case 'refunded':
      return state.order.disputes.some(one => one.verdict === null)
        ? { what: 'person_decides', at: null }
        : null
  }
}
