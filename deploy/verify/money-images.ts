/** Transfers, commissions, payments and settlement batches, as a snapshot keeps them. */

import type { Event } from './chain.ts'
import type { Kind, Loose } from './image.ts'

const unknown = (event: Event, kind: string): never => {
  throw new Error(`there is no ${event.type} of a ${kind}`)
}

export const transfer: Kind = {
  after(state, event) {
    const { type, ...facts } = event
    if (type === 'sent') return { phase: 'sent', facts }
    if (type !== 'confirmed') return unknown(event, 'transfer')
    return state.phase === 'sent' ? { ...state, phase: 'done' } : state
  },
  asks({ facts }, { type }) {
    return type === 'sent' ? [{ type: 'deliver', target: 'shards', ...facts }] : []
  },
}

export const receipt: Kind = {
  after(_, event) {
    if (event.type !== 'received') return unknown(event, 'receipt')
    return { phase: 'received', to: event['to'], amount: event['amount'] }
  },
}

export const commission: Kind = {
  after(state, event) {
    const { type, kept, owed, ...facts } = event
    if (type === 'paid') return { phase: 'paid', facts, kept }
    if (type !== 'reversed') return unknown(event, 'commission')
    return { ...state, phase: 'reversed', owed }
  },
}

/** So long a box may take to say that it was heard. */
const proofMs = 60_000
/** An older word on when a printed QR was paid is not believed. */
const believedMs = 7 * 86_400_000

export const payment: Kind = {
  after(state, event, at) {
    const { type, ...words } = event
    if (type === 'created') {
      return { phase: 'pending', facts: words, createdAt: at, updatedAt: at }
    }
    state.updatedAt = at
    switch (type) {
      case 'paid': {
        const { notice, late, ...told } = words
        return {
          ...{ phase: late === undefined ? 'paid' : 'paid_late', facts: state.facts },
          ...{ createdAt: state.createdAt, updatedAt: at, notices: 1, refunds: [] },
          paid: { ...told, late: late ?? null, bookedAt: at },
          sound: soundOf(notice, at),
        }
      }
      case 'failed':
        return { ...state, phase: 'failed', reason: event['reason'] }
      case 'expired':
        return { ...state, phase: 'expired' }
      case 'refunded': {
        const { whole, ...refund } = words
        state.refunds.push({ ...refund, at })
        return whole === true ? { ...state, phase: 'refunded' } : state
      }
      case 'refund_confirmed':
        for (const one of state.refunds) {
          if (one.refundId === event['refundId']) one.confirmedBy = event['eventId']
        }
        return state
      case 'renotified':
        state.sound = soundOf(event['notice'], at)
        state.notices++
        return state
      case 'proved':
        Object.assign(state.sound, {
          ...{ outcome: event['outcome'], reason: event['why'], endedAt: at },
        })
        return state
      default:
        return unknown(event, 'payment')
    }
  },

  asks(state, event, at) {
    const { type, notice } = event
    const isTold = type === 'paid' || type === 'renotified'
    if (!isTold || notice.device === null) return []
    const { merchant, amount } = state.facts
    const { messageId, device, text, lang } = notice
    const said = { device, merchant, messageId, amount, text, lang }
    const paidAt = type === 'paid' ? timeOfPay(state, event, at) : at
    return [{ type: 'notify', target: 'boxes', ...said, at: paidAt }]
  },

  wakesAt({ phase, facts, sound }) {
    if (phase === 'pending') return facts.expiresAt
    return sound !== undefined && sound.outcome === null ? sound.since + proofMs : null
  },
}

const soundOf = (notice: object, at: number): object => ({
  ...notice,
  ...{ since: at, outcome: null, reason: null, endedAt: null },
})

/** When it was paid, if it can have been then; else when we heard of it. */
function timeOfPay({ facts, createdAt }: Loose, { paidAt, behind = 0 }: Event, at: number): number {
  const ours = paidAt + behind
  const earliest = facts.kind === 'static' ? at - believedMs : createdAt
  return ours < earliest || ours > at ? at : ours
}

export const settlement: Kind = {
  after(state, event, at) {
    const { type, ...words } = event
    if (type === 'created') {
      const times = { createdAt: at, updatedAt: at }
      return {
        ...{ phase: 'created' },
        batch: { facts: words, adjustments: [], bankReference: '', ...times },
      }
    }
    const { batch } = state
    batch.updatedAt = at
    switch (type) {
      case 'adjusted':
        batch.adjustments.push({ ...words, at })
        return state
      case 'reference_set':
        batch.bankReference = event['bankReference']
        return state
      case 'paid':
        batch.bankReference = event['bankReference']
        return { phase: 'paid', batch, paidAt: event['paidAt'] }
      case 'given':
        batch.given ??= { amount: event['amount'], by: event['by'], at }
        return state
      case 'failed':
      case 'cancelled':
        return { phase: type, batch, reason: event['reason'] }
      case 'reprocessed':
        return { phase: 'reprocessed', batch, reason: state.reason, next: event['next'] }
      default:
        return unknown(event, 'batch')
    }
  },
}
