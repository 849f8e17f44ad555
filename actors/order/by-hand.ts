/**
 * What a person may do to an order besides ending it: hold it, let it go on, send it elsewhere, and
 * have its supplier asked. Each is an event that says who did it and why.
 *
 *   open ──hold──▶ held ──release──▶ open
 *                    └─definitely failed─▶ parked (HELD) ──release──▶ next supplier, or failed
 *                    judged as not sold ─────────┴─────────reroute──▶ trying, where he says
 *
 * CRB1. A held order takes no step by itself that costs money: after a definite failure it waits
 *       for a person. Timers and questions go on, and a delivery still ends it.
 * CRB2. Released, it goes on from where it stands, as if its attempt had failed just now; so does
 *       one that nobody held and that stands because of a claim, when that is settled (O12).
 * CRB3. It is sent elsewhere only after its attempt definitely failed, or a person said that it was
 *       not sold and why; never while a call is out, and not without end.
 *       What failed, and then was sold after all, is unknown, whichever attempt it was.
 * CRB4. A question by hand keeps the supplier's window. One about what was delivered gets its answer
 *       written down, whatever it says; where a person said that it was delivered, nobody is asked:
 *       a question could buy.
 */

import { accept, type Context, type Decision, refuse } from '../../engine/actor.ts'
import type { Attempt, Order, OrderCommand, OrderEvent, OrderState } from './order-contract.ts'
import {
  dispatch,
  hasFailed,
  isContested,
  isDefinite,
  isOpen,
  isUnderWay,
  lettingGo,
  stillDisputed,
  stillParked,
} from './standing.ts'

type Word<T extends OrderCommand['type']> = Extract<OrderCommand, { type: T }>

/** A person's patience ends somewhere, and so does what an order may remember. */
const attemptsMax = 20

export function hold(state: OrderState, { by, reason }: Word<'hold'>): Decision<Order> {
  if (state.phase === 'absent') return refuse('NOT_FOUND')
  if (!isOpen(state)) return refuse('ORDER_FINAL')
  if (state.order.held !== undefined) return accept()
  return accept({ type: 'held', by, reason, ...stillParked(state), ...stillDisputed(state) })
}

export function release(
  state: OrderState,
  { by, reason }: Word<'release'>,
  { now, id }: Context,
): Decision<Order> {
  if (state.phase === 'absent') return refuse('NOT_FOUND')
  if (!isOpen(state)) return refuse('ORDER_FINAL')
  const { order } = state
  if (order.held === undefined && !hasFailed(state)) return accept()
  const released = { type: 'released', by, reason, ...stillDisputed(state) } as const
  if (!hasFailed(state)) {
    const parked = state.phase === 'parked' ? { parked: state.why } : {}
    return accept<OrderEvent>({ ...released, ...parked })
  }
  if (isContested(state)) return refuse('ATTEMPT_UNKNOWN')
  const next = order.plan[order.attempts.length]
  const until = Math.min(order.deadlineAt, order.failoverUntil ?? order.deadlineAt)
  const isFinal = state.phase === 'parked' && state.final === true
  if (next !== undefined && !isFinal && now < until) {
    return accept<OrderEvent>(released, dispatch(order.attempts.length + 1, next, id))
  }
  return {
    accepted: [released, { type: 'failed', code: 'SUPPLIER_FAILED', ...stillDisputed(state) }],
    postings: [{ op: 'void', name: 'price' }],
    ...lettingGo(order),
  }
}

export function reroute(
  state: OrderState,
  { by, reason, to, pendingLimitMs, notSold }: Word<'reroute'>,
  { now, id }: Context,
): Decision<Order> {
  if (state.phase === 'absent') return refuse('NOT_FOUND')
  if (!isOpen(state)) return refuse('ORDER_FINAL')
  const { attempts, held } = state.order
  const n = attempts.length
  const judged: OrderEvent[] = []
  const failed = hasFailed(state)
  // A question that is out may buy where it arrives.
  if (!failed && isUnderWay(state)) return refuse('ORDER_BUSY')
  if ((!failed || isContested(state)) && notSold !== true) return refuse('ATTEMPT_UNKNOWN')
  if (!failed) {
    const person = { code: null, message: reason, reply: null, ms: null, via: 'person' } as const
    judged.push({ type: 'attempt_failed', n, ...person })
  }
  if (n >= attemptsMax) return refuse('ATTEMPT_LIMIT', { most: attemptsMax })
  return accept<OrderEvent>(
    ...judged,
    {
      ...{ type: 'rerouted', by, reason, to, deadlineAt: now + pendingLimitMs },
      ...(held === undefined ? {} : { held: true }),
      ...stillDisputed(state),
    },
    { ...dispatch(n + 1, to, id), byHand: true },
  )
}

export function recheckByHand(
  state: OrderState,
  { by, reason }: { by: string; reason: string },
  now: number,
): Decision<Order> {
  if (state.phase === 'absent') return refuse('NOT_FOUND')
  const { order } = state
  const attempt =
    state.phase === 'delivered' ? order.attempts[state.n - 1]! : order.attempts.at(-1)!
  if (isOpen(state)) {
    if (isUnderWay(state)) return refuse('ORDER_BUSY')
    if (isDefinite(attempt)) return refuse('ATTEMPT_FAILED')
  } else if (state.phase !== 'delivered' || attempt.via === 'person') return refuse('ORDER_FINAL')
  else if (order.checked?.outcome === 'asked') return refuse('ORDER_BUSY')

  const [, , , , recheckAfterMs, recheckWithinMs] = order.plan[attempt.n - 1]!
  const from = Math.max(lastCallAt(attempt), order.checked?.at ?? 0) + recheckAfterMs
  const until = attempt.startedAt + recheckWithinMs
  if (Math.max(now, from) >= until) return refuse('RECHECK_TOO_LATE', { until })
  if (now < from) return refuse('RECHECK_TOO_SOON', { from })
  return accept({ type: 'rechecked', n: attempt.n, by, reason })
}

/** When it left, late as that may be: what told an end says only how long it took. */
function lastCallAt({ askedAt, answeredAt, ms, via }: Attempt): number {
  const isOurs = via === 'reply' || via === 'check'
  return answeredAt !== null && isOurs ? Math.max(askedAt, answeredAt - (ms ?? 0)) : askedAt
}
