/** A deposit as a snapshot keeps it: what was wished, what came, what its gateway is asked. */

import { type Event, fingerprint } from './chain.ts'
import type { Kind, Loose } from './image.ts'

/** So soon it is asked again after an attempt to have the money at once. */
const drawnPollMs = 5_000
/** People pay late: so soon it is asked first, once it has ended. */
const overPollMs = 600_000

export const deposit: Kind = {
  after(state, event, at) {
    if (event.type === 'asked') return asked(event, at)
    if (!silent.has(event.type)) state.facts.updatedAt = at
    return afterAsked(state, event, at)
  },

  asks(state, { type, slot: _, ...words }) {
    if (type === 'asked') {
      const { gateway, user, ref } = words as Loose
      const reffId = fingerprint('deposit', user, ref)
      return [{ type: 'deposit_ask', target: `gateway:${gateway}`, wish: words, reffId }]
    }
    const question = questions[type]
    if (question === undefined) return []
    const { user, ref, method, gateway, offer, amount, theirs } = state.facts
    const wish = { user, ref, method, gateway, offer, amount }
    const drawn = type === 'draw_asked' ? { received: words['received'] } : {}
    return [{ type: question, target: `gateway:${gateway}`, wish, id: theirs.id, ...drawn }]
  },

  wakesAt: ({ phase, until, pollAt }) => (phase === 'asking' ? until : (pollAt ?? null)),
}

const questions: Readonly<Record<string, string>> = {
  polled: 'deposit_confirm',
  cancel_asked: 'deposit_drop',
  draw_asked: 'deposit_draw',
}

/** Asking how it stands is nothing that happened to it. */
const silent: ReadonlySet<string> = new Set(['polled', 'unchanged'])

function asked({ type: _, ...words }: Event, at: number): Loose {
  const nothing = { theirs: null, draw: null, suspended: [] }
  const facts = { ...words, askedAt: at, updatedAt: at, polls: 0, ...nothing }
  return { phase: 'asking', facts, doubt: false, until: null }
}

function afterAsked(state: Loose, event: Event, at: number): Loose {
  const { phase, facts } = state
  switch (event.type) {
    case 'created': {
      const { theirs, pollAt } = event
      facts.theirs = theirs
      return { phase: 'pending', facts, theirs, pollAt, dropping: false }
    }
    case 'uncreated':
      return over(facts, 'failed', { at, code: event['code'] })
    case 'cancelled':
    case 'expired':
    case 'failed':
      return over(facts, event.type, { at, code: null })
    case 'doubted':
      facts.slot = null
      return { ...state, doubt: true, until: event['until'] }
    case 'cancel_asked':
    case 'cancel_denied':
      return { ...state, dropping: event.type === 'cancel_asked' }
    case 'polled':
      facts.polls = event['n']
      return { ...state, pollAt: null }
    case 'unchanged':
      return { ...state, pollAt: event['pollAt'] }
    case 'processing_begun': {
      facts.slot = null
      const { theirs } = facts
      return { phase: 'processing', facts, theirs, pollAt: event['pollAt'], since: at }
    }
    case 'draw_asked': {
      const { by, fee, received } = event
      facts.draw = { by, fee, received, at, outcome: null }
      return state
    }
    case 'drawn': {
      const { outcome } = event
      facts.draw.outcome = outcome
      const isAsked = phase === 'processing' && state.pollAt !== null && outcome !== 'refused'
      return isAsked ? { ...state, pollAt: Math.min(state.pollAt, at + drawnPollMs) } : state
    }
    case 'paid': {
      const { type: _, by: __, reason: ___, ...paid } = event
      facts.slot = null
      return { phase: 'paid', facts, theirs: facts.theirs, paid: { ...paid, at } }
    }
    case 'suspended': {
      const { type: _, by: __, reason: ___, ...entry } = event
      facts.suspended.push({ ...entry, at, verdict: null })
      if (phase !== 'pending' && phase !== 'processing') return state
      facts.slot = null
      return { phase: 'parked', facts, theirs: facts.theirs }
    }
    case 'resolved':
      return resolved(state, event, at)
    default:
      throw new Error(`there is no ${event.type} of a deposit`)
  }
}

function over(facts: Loose, phase: string, { at, code }: { at: number; code: unknown }): Loose {
  facts.slot = null
  const pollAt = facts.theirs === null ? null : at + overPollMs
  return { phase, facts, code, pollAt, endedAt: at }
}

/** Money leaves suspense: credited, it is paid; sent back, it has failed unless more is there. */
function resolved(state: Loose, { n, verdict }: Event, at: number): Loose {
  const { phase, facts } = state
  const { theirs, suspended } = facts
  const entry = suspended.find((one: Loose) => one.n === n)
  entry.verdict = verdict
  if (phase === 'paid' || theirs === null) return state
  if (verdict === 'credit') {
    const { amount: received, payment } = entry
    const fee = Math.max(theirs.amount - received, 0)
    const paid = { received, fee, amount: theirs.amount, payment, via: 'manual', at }
    return { phase: 'paid', facts, theirs, paid }
  }
  const isMore = suspended.some((one: Loose) => one.verdict === null)
  if (phase !== 'parked' || isMore) return state
  return { phase: 'failed', facts, code: null, pollAt: null, endedAt: at }
}
