/** A rented number as a snapshot keeps it: what was agreed, its messages, its clocks. */

import type { Event } from './chain.ts'
import type { Kind, Loose } from './image.ts'

/** So often a purchase in doubt is looked for. */
const looksMost = 8
const orphansKept = 20

export const activation: Kind = {
  after(state, event, at) {
    if (event.type === 'placed') return placed(event, at)
    if (!silent.has(event.type)) state.facts.updatedAt = at
    return afterPlaced(state, event, at)
  },

  asks({ facts }, event) {
    const { type, n } = event
    const { supplier: target } = event.type === 'placed' ? event : facts
    const question = { target, id: facts.number?.id }
    switch (type) {
      case 'placed': {
        const { type: _, ...rental } = event
        return [{ type: 'buy', target, rental }]
      }
      case 'looked': {
        const rental = rentalOf(facts)
        return [{ type: 'look', target, rental, since: facts.placedAt, n, last: n >= looksMost }]
      }
      case 'resend_asked':
        return [{ type: 'again', ...question }]
      case 'cancel_begun':
        return event['tryAt'] === null ? [{ type: 'return', ...question }] : []
      case 'cancel_tried':
        return [{ type: 'return', ...question }]
      case 'closed':
        return event['how'] === 'USER' ? [{ type: 'finish', ...question }] : []
      default:
        return []
    }
  },

  wakesAt({ phase, facts, lookAt, codeDue, tryAt, open, why }) {
    switch (phase) {
      case 'buying':
        return lookAt
      case 'waiting':
        return codeDue?.tryAt ?? facts.waitUntil
      case 'cancelling':
        return tryAt
      case 'received':
        return open ? facts.waitUntil : null
      case 'parked':
        return why === 'DOUBT' ? facts.placedAt + Math.max(facts.waitMs, facts.terms.lifeMs) : null
      default:
        return null
    }
  },
}

/** Looking and trying again is nothing that happened to it. */
const silent: ReadonlySet<string> = new Set(['looked', 'unfound', 'cancel_tried', 'cancel_denied'])

function placed({ type: _, ...rental }: Event, at: number): Loose {
  const times = { placedAt: at, updatedAt: at, waitUntil: at + rental['waitMs'] }
  const facts = { ...rental, ...times, number: null, messages: [], resends: 0, spent: 0 }
  return { phase: 'buying', facts, doubt: false, looks: 0, lookAt: null }
}

function afterPlaced(state: Loose, event: Event, at: number): Loose {
  const { facts } = state
  switch (event.type) {
    case 'bought': {
      const { id, number, cost, found } = event
      const boughtAt = found === true ? facts.placedAt : at
      const diesAt = boughtAt + facts.terms.lifeMs
      facts.number = { id, number, cost, boughtAt, diesAt }
      facts.waitUntil = Math.min(at + facts.waitMs, diesAt)
      return { phase: 'waiting', facts }
    }
    case 'doubted':
      return { ...state, doubt: true, lookAt: event['lookAt'] }
    case 'looked':
      return { ...state, looks: event['n'], lookAt: null }
    case 'unfound':
      return { ...state, lookAt: event['lookAt'] }
    case 'unbought':
      return { phase: 'refunded', facts, why: event['code'] }
    case 'sms_received': {
      const { sealed, print, code, first, late, cost = 0 } = event
      facts.messages.push({ sealed, print, at, code, ...(late === true ? { late } : {}) })
      facts.spent += cost
      return first === true ? { phase: 'received', facts, open: true } : state
    }
    case 'resend_asked': {
      const { n, waitUntil, before } = event
      Object.assign(facts, { resends: n, resending: true, resentAt: at, waitUntil })
      delete facts.resentBefore
      if (before !== undefined) facts.resentBefore = before
      return state
    }
    case 'resent': {
      const { n } = event
      delete facts.resending
      if (n === undefined) return state
      // It was refused: the time before counts again.
      const { resentBefore } = facts
      delete facts.resentAt
      delete facts.resentBefore
      if (resentBefore !== undefined) facts.resentAt = resentBefore
      facts.resends = n
      return state
    }
    case 'cancel_begun': {
      const { why, tryAt } = event
      const due = state.codeDue?.times ?? 0
      return { phase: 'cancelling', facts, why, tries: tryAt === null ? 1 : 0, tryAt, due }
    }
    case 'cancel_tried':
      return { ...state, tries: event['n'], tryAt: null }
    case 'cancel_denied':
      return { ...state, tryAt: event['tryAt'] }
    case 'code_due': {
      const times = (state.phase === 'cancelling' ? state.due : 0) + 1
      return {
        phase: 'waiting',
        facts,
        codeDue: { why: event['why'], times, tryAt: event['tryAt'] },
      }
    }
    case 'refunded':
      return { phase: 'refunded', facts, why: event['why'] }
    case 'closed':
      return { phase: 'received', facts, open: false }
    case 'parked':
      return { phase: 'parked', facts, why: event['why'] }
    case 'orphaned':
      facts.orphans = [...(facts.orphans ?? []), event['id']].slice(-orphansKept)
      return state
    case 'contradicted':
      facts.contradicted = true
      return state
    case 'resolved': {
      const { verdict, by, reason, cost } = event
      facts.spent += cost
      if (verdict === 'charge') return { phase: 'received', facts, open: false }
      return { phase: 'refunded', facts, why: 'PERSON', byHand: { by, reason } }
    }
    default:
      throw new Error(`there is no ${event.type} of a number`)
  }
}

const agreed = [
  ...['user', 'ref', 'service', 'serviceName', 'country', 'countryName', 'operator'],
  ...['operatorName', 'supplier', 'offer', 'price', 'cost', 'waitMs', 'terms'],
]

const rentalOf = (facts: Loose): object =>
  Object.fromEntries(agreed.map(name => [name, facts[name]]))
