/** An order as a snapshot keeps it: what was agreed, attempts, disputes, its next question. */

import type { Event } from './chain.ts'
import type { Kind, Loose } from './image.ts'

/** Pauses between questions about one attempt; the last repeats. */
const pausesMs = [0, 60_000, 120_000, 300_000, 600_000, 1_800_000]
const notesKept = 20

export const order: Kind = {
  after(state, event, at) {
    if (event.type === 'placed') return { phase: 'trying', order: agreed(event, at) }
    state.order.updatedAt = at
    return afterPlaced(state, event, at)
  },

  asks({ order }, event, at) {
    const { n } = event
    if (event.type === 'dispatched') {
      const { supplier, sku, ref, maxPrice } = event
      const asked = { n, supplier, sku, dest: order.destination, ref, maxPrice, startedAt: at }
      const { product, user } = order
      const isLater = n > 1 && event['byHand'] !== true
      const later = isLater ? { later: { product, user, cost: event['cost'] } } : {}
      return [{ type: 'purchase', target: supplier, ...asked, ...billOf(order), ...later }]
    }
    if (event.type !== 'rechecked') return []
    const { supplier, sku, ref, maxPrice, startedAt } = order.attempts[n - 1]
    const asked = { n, supplier, sku, dest: order.destination, ref, maxPrice, startedAt }
    return [{ type: 'check', target: supplier, ...asked, ...billOf(order) }]
  },

  wakesAt({ phase, order, recheckAt }) {
    if (phase === 'trying') return order.deadlineAt
    if (phase === 'waiting') return Math.min(recheckAt, order.deadlineAt)
    return phase === 'parked' ? recheckAt : null
  },
}

function agreed(event: Event, at: number): Loose {
  const { type: _, why: __, ...words } = event
  return { ...words, placedAt: at, updatedAt: at, attempts: [], disputes: [] }
}

function afterPlaced(state: Loose, event: Event, at: number): Loose {
  const { phase, order } = state
  const { type, ...words } = event
  switch (type) {
    case 'dispatched': {
      const { n, supplier, sku, ref, cost, maxPrice } = event
      const unanswered = { code: null, message: null, reply: null, ms: null, via: null }
      const times = { startedAt: at, askedAt: at, answeredAt: null, checks: 0 }
      const asked = { n, supplier, sku, ref, cost, maxPrice, outcome: 'started' }
      order.attempts.push({ ...asked, ...times, ...unanswered })
      return { phase: 'trying', order }
    }
    case 'reported': {
      const attempt = answer(order, event, event['outcome'], at)
      // Some stood in line before they left.
      attempt.askedAt = event['leftAt'] ?? attempt.askedAt
      // What was under way when the process ended may have been sent just then.
      if (event['code'] === 'restarted') attempt.askedAt = at
      const recheckAt = nextQuestion(order, at)
      if (phase === 'parked') return { phase, order, why: state.why, recheckAt }
      return recheckAt === null
        ? { phase: 'trying', order }
        : { phase: 'waiting', order, recheckAt }
    }
    case 'rechecked': {
      const attempt = order.attempts[event['n'] - 1]
      attempt.checks++
      // Also in the millisecond of an answer it stands behind it: so it is seen to be out.
      attempt.askedAt = attempt.answeredAt >= at ? attempt.answeredAt + 1 : at
      if (phase === 'parked') return { phase, order, why: state.why, recheckAt: null }
      if (phase !== 'delivered') return { phase: 'trying', order }
      const unsaid = { code: null, message: null, reply: null, ms: null, via: 'check' }
      order.checked = { n: event['n'], outcome: 'asked', ...unsaid, at }
      return state
    }
    case 'checked':
      order.checked = { ...words, at }
      return state
    case 'attempt_failed': {
      const attempt = answer(order, event, 'failed', at)
      if (event['watch'] !== undefined) attempt.watch = event['watch']
      return { phase: 'trying', order }
    }
    case 'delivered': {
      const { n, sn, cost } = event
      answer(order, event, 'success', at)
      for (const one of order.disputes) {
        const isClaim = one.claim === 'late_success' && one.n === n
        if (isClaim && one.verdict === null) one.verdict = 'success'
      }
      return { phase: 'delivered', order, sn, cost, n }
    }
    case 'failed':
      return { phase: 'failed', order, code: event['code'] }
    case 'parked': {
      const recheckAt = phase === 'waiting' ? state.recheckAt : null
      const final = event['final'] === undefined ? {} : { final: event['final'] }
      return { phase: 'parked', order, why: event['why'], recheckAt, ...final }
    }
    case 'held':
      order.held = { by: event['by'], reason: event['reason'], at }
      return state
    case 'released':
      delete order.held
      return state
    case 'rerouted': {
      const { to, deadlineAt } = event
      const [tried, later] = [order.attempts.length, order.plan]
      const others = later.slice(tried).filter(([supplier]: [string]) => supplier !== to[0])
      order.plan = [...later.slice(0, tried), to, ...others]
      order.deadlineAt = deadlineAt
      return { phase: 'trying', order }
    }
    case 'sn_learned':
      state.sn = event['sn']
      return state
    case 'sn_noted':
      order.notes = [...(order.notes ?? []), event['sn']].slice(-notesKept)
      return state
    case 'disputed':
      order.disputes.push({ ...words, at, verdict: null })
      return state
    case 'resolved': {
      const { verdict, n } = event
      if (verdict === 'success' || verdict === 'failed') return state
      for (const one of order.disputes) if ((n ?? one.n) === one.n) one.verdict ??= verdict
      if (verdict !== 'refund') return state
      return { phase: 'refunded', order, sn: state.sn, cost: state.cost }
    }
    default:
      throw new Error(`there is no ${type} of an order`)
  }
}

function answer(order: Loose, event: Event, outcome: string, at: number): Loose {
  const { n, code, message, reply, ms, via } = event
  const attempt = order.attempts[n - 1]
  const answeredAt = Math.max(attempt.askedAt, at)
  return Object.assign(attempt, { code, message, reply, ms, via, answeredAt, outcome })
}

const billOf = ({ bill }: Loose): object => (bill === undefined ? {} : { bill: bill.cost })

/** Null: no question any more, the supplier would take it for a purchase. */
function nextQuestion({ attempts, plan }: Loose, at: number): number | null {
  const { n, checks, askedAt, startedAt } = attempts.at(-1)
  const [, , , , pauseMs, withinMs] = plan[n - 1]
  const more = pausesMs[checks] ?? pausesMs.at(-1)!
  const next = Math.max(at, askedAt + pauseMs) + more
  return next < startedAt + withinMs ? next : null
}
