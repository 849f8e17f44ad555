/**
 * What a supplier's word decides, by whichever way it came, and when it is asked for another. The
 * rules are in order.ts.
 *
 *   on the attempt that is out     success ─▶ delivered    failed ─▶ the next supplier, or failed;
 *                                  a person, where one before is said to be sold after all
 *                                  pending, unknown ─▶ asked again, or a person looks
 *   on what was settled before     a repeat ─▶ nothing     a detail ─▶ noted
 *                                  a contradiction ─▶ disputed
 */

import { accept, type Context, type Decision, refuse } from '../../engine/actor.ts'
import type { Millis } from '../../engine/ids.ts'
import type { Posting } from '../../engine/ledger.ts'
import type { Rupiah } from '../../engine/money.ts'
import { cost, float } from '../chart.ts'
import type {
  Attempt,
  Evidence,
  Order,
  OrderEvent,
  OrderFacts,
  OrderState,
  Report,
} from './order-contract.ts'
import {
  claimOn,
  dispatch,
  isDefinite,
  isOpen,
  type Live,
  lettingGo,
  type Open,
  stillDisputed,
} from './standing.ts'

/** Re-check delays after the supplier's own first one; the last repeats. */
const backoffMs = [0, 60_000, 120_000, 300_000, 600_000, 1_800_000]
const lateMs = 1_000

export function hear(state: OrderState, report: Report, context: Context): Decision<Order> {
  if (state.phase === 'absent') return refuse('NOT_FOUND')
  const attempt = state.order.attempts[report.n - 1]
  if (attempt === undefined) return refuse('NOT_FOUND')
  return isOpen(state) && report.n === state.order.attempts.length && !isDefinite(attempt)
    ? onCurrent(state, attempt, report, context)
    : onPast(state, attempt, report)
}

/** What we know of the attempt that is out just now. */
function onCurrent(
  state: Open,
  attempt: Attempt,
  report: Report,
  { now, id }: Context,
): Decision<Order> {
  const { order } = state
  const evidence = { n: report.n, ...documents(report) }
  switch (report.outcome) {
    case 'success': {
      const paid = report.cost ?? attempt.cost
      return {
        accepted: [
          {
            type: 'delivered',
            ...evidence,
            sn: report.sn,
            cost: paid,
            balance: report.balance,
            ...stillDisputed(state),
          },
        ],
        postings: [{ op: 'post', name: 'price' }, ...costPostings(attempt, paid)],
      }
    }
    case 'failed': {
      const final = report.retryable ? null : ({ final: true } as const)
      const failure = {
        type: 'attempt_failed',
        ...evidence,
        ...troubled(report),
        ...(report.watch ? { watch: true as const } : null),
        ...final,
      } as const
      if (order.held !== undefined || claimOn(state) !== undefined) {
        const parked = { type: 'parked', why: 'HELD', ...final, ...stillDisputed(state) } as const
        return accept<OrderEvent>(failure, parked)
      }
      const next = order.plan[order.attempts.length]
      const until = Math.min(order.deadlineAt, order.failoverUntil ?? order.deadlineAt)
      if (next !== undefined && report.retryable && now < until) {
        return accept<OrderEvent>(failure, dispatch(report.n + 1, next, id))
      }
      return {
        accepted: [failure, { type: 'failed', code: 'SUPPLIER_FAILED', ...stillDisputed(state) }],
        postings: [{ op: 'void', name: 'price' }],
        ...lettingGo(order),
      }
    }
    case 'pending':
    case 'unknown': {
      const { outcome } = report
      const left = leftLate(report, attempt, now)
      // A waiting order that hears nothing new keeps the re-check that it has.
      const isNews = attempt.outcome !== outcome || left.leftAt !== undefined
      if (state.phase === 'waiting' && !isNews) return accept()
      const rest = { ...troubled(report), ...left }
      const reported = { type: 'reported', ...evidence, outcome, ...rest } as const
      const spoken = spokenAt(reported, attempt.askedAt, now)
      return state.phase !== 'parked' && nextCheck(order, spoken, now) === null
        ? accept<OrderEvent>(reported, {
            ...{ type: 'parked', why: 'RECHECK_WINDOW' },
            ...stillDisputed(state),
          })
        : accept(reported)
    }
  }
}

/** A word on something that was settled before; what a person asked for is kept besides. */
function onPast(state: Live, attempt: Attempt, report: Report): Decision<Order> {
  const decision = wordOnPast(state, attempt, report)
  const { checked } = state.order
  const isAwaited = checked?.outcome === 'asked' && checked.n === report.n
  if (!isAwaited || report.via !== 'check' || !('accepted' in decision)) return decision
  const { n, outcome } = report
  const answer: OrderEvent = { type: 'checked', n, outcome, ...documents(report) }
  return { ...decision, accepted: [answer, ...decision.accepted] }
}

/** A repeat, a late detail, or a contradiction. */
function wordOnPast(state: Live, attempt: Attempt, report: Report): Decision<Order> {
  switch (report.outcome) {
    case 'pending':
    case 'unknown':
      return accept()
    case 'success':
      if (attempt.outcome !== 'success') return dispute(state, 'late_success', report)
      if (state.phase !== 'delivered' || report.sn === '') return accept()
      if (state.sn === '') return accept({ type: 'sn_learned', sn: report.sn })
      if (squeeze(report.sn) === squeeze(state.sn)) return accept()
      return (state.order.notes ?? []).includes(report.sn)
        ? accept()
        : accept({ type: 'sn_noted', sn: report.sn })
    case 'failed':
      return attempt.outcome === 'success' && state.phase !== 'refunded'
        ? dispute(state, 'late_failure', report)
        : accept()
  }
}

function dispute(
  state: Live,
  claim: 'late_success' | 'late_failure',
  report: Report,
): Decision<Order> {
  const known = state.order.disputes.some(one => one.n === report.n && one.claim === claim)
  if (known) return accept()
  const { cost: planned } = state.order.attempts[report.n - 1]!
  const told = report.outcome === 'success' ? (report.cost ?? planned) : planned
  return accept({
    ...{ type: 'disputed', n: report.n, claim, sn: snOf(report), ...documents(report) },
    ...(told === planned ? {} : { cost: told }),
  })
}

/** What the supplier was paid: our prepaid balance there becomes a cost. */
export function costPostings(attempt: Attempt, paid: Rupiah, name = 'cost'): Posting[] {
  if (paid === 0) return []
  return [{ op: 'move', name, debit: cost, credit: float(attempt.supplier), amount: paid }]
}

/**
 * When to ask again: the supplier's own pause after the last time we spoke to it, then longer and
 * longer; never after its window is over (O8).
 */
export function nextCheck(order: OrderFacts, askedAt: Millis, at: Millis): Millis | null {
  const attempt = order.attempts.at(-1)!
  const [, , , , recheckAfterMs, recheckWithinMs] = order.plan[attempt.n - 1]!
  const backoff = backoffMs[Math.min(attempt.checks, backoffMs.length - 1)]!
  const next = Math.max(at, askedAt + recheckAfterMs) + backoff
  return next < attempt.startedAt + recheckWithinMs ? next : null
}

type Reported = Extract<OrderEvent, { type: 'reported' }>

/** When it was last spoken of: what died with the process may have been sent just before. */
export const spokenAt = ({ code, leftAt }: Reported, askedAt: Millis, at: Millis): Millis =>
  code === 'restarted' ? at : (leftAt ?? askedAt)

/** What was called within a second of its dispatch goes by its dispatch. */
function leftLate(
  { leftAt = 0 }: Extract<Report, { outcome: 'pending' | 'unknown' }>,
  { askedAt }: Attempt,
  now: Millis,
): { leftAt?: Millis } {
  return leftAt - askedAt > lateMs ? { leftAt: Math.min(leftAt, now) } : {}
}

export const documents = ({ code, message, reply, ms, via }: Evidence) => ({
  code,
  message,
  reply,
  ms,
  via,
})

const troubled = ({ trouble }: Report): { trouble?: true } => (trouble ? { trouble } : {})

const snOf = (report: Report): string => (report.outcome === 'success' ? report.sn : '')

/** Serial numbers come back with other spacing; that is not another serial number. */
const squeeze = (sn: string): string => sn.replace(/\s+/g, '').toUpperCase()
