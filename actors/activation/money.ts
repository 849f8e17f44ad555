/**
 * Where the money of a rented number goes: with the first code, with a late one, and by a person's
 * word. The rules are in activation.ts.
 */

import { accept, type Decision, refuse } from '../../engine/actor.ts'
import type { Posting } from '../../engine/ledger.ts'
import type { Rupiah } from '../../engine/money.ts'
import { cost, float, sales, wallet } from '../chart.ts'
import type {
  Activation,
  ActivationCommand,
  ActivationEvent,
  ActivationFacts,
  ActivationState,
} from './activation-contract.ts'

/** Messages are kept, but not endlessly; a first code always is. */
export const messagesMax = 50

type Sms = Extract<ActivationEvent, { type: 'sms_received' }>

/** The first code: what was held is sold, and what the supplier took is its cost. */
export function charging(facts: ActivationFacts, sms: Sms): Decision<Activation> {
  const taken = facts.number?.cost ?? facts.cost
  return {
    accepted: [{ ...sms, first: true, cost: taken }],
    postings: [{ op: 'post', name: 'price' }, ...spending(facts, 'cost', taken)],
  }
}

/** It came after the refund: nobody is charged, and it may have cost us something. */
export function lateCharge(
  facts: ActivationFacts,
  sms: Sms,
  isCharged: boolean,
): Decision<Activation> {
  const taken = isCharged && facts.spent === 0 ? (facts.number?.cost ?? 0) : 0
  if (taken === 0) return accept({ ...sms, late: true })
  return {
    accepted: [{ ...sms, late: true, cost: taken }],
    postings: spending(facts, 'late-cost', taken),
  }
}

export function resolve(
  state: ActivationState,
  { verdict, by, reason, supplier }: Extract<ActivationCommand, { type: 'resolve' }>,
): Decision<Activation> {
  const said = {
    type: 'resolved',
    verdict,
    by,
    reason,
    ...(supplier ? { supplier } : null),
  } as const
  switch (state.phase) {
    case 'absent':
      return refuse('NOT_FOUND')
    case 'buying':
    case 'waiting':
    case 'cancelling':
      return refuse('ORDER_BUSY')
    case 'refunded': {
      if (state.why !== 'DOUBT' || verdict === 'charge') return refuse('ORDER_FINAL')
      const { facts } = state
      const taken = supplier === 'charged' ? facts.cost : 0
      return {
        accepted: [{ ...said, cost: taken, isCostOnly: true }],
        postings: spending(facts, 'cost', taken),
      }
    }
    case 'parked': {
      const { facts } = state
      // Who was charged has had the number; what was given back has cost us only if they say so.
      const isTaken = supplier === undefined ? verdict === 'charge' : supplier === 'charged'
      const taken = isTaken ? (facts.number?.cost ?? facts.cost) : 0
      return {
        accepted: [{ ...said, cost: taken }],
        postings: [
          { op: verdict === 'charge' ? 'post' : 'void', name: 'price' },
          ...spending(facts, 'cost', taken),
        ],
      }
    }
    case 'received': {
      if (verdict === 'charge') return refuse('ORDER_FINAL')
      const { facts } = state
      const back = supplier === 'returned' ? facts.spent : 0
      return {
        accepted: [{ ...said, cost: back === 0 ? 0 : -back }],
        postings: [
          {
            op: 'move',
            name: 'refund',
            debit: sales,
            credit: wallet(facts.user),
            amount: facts.price,
          },
          ...returning(facts, back),
        ],
      }
    }
  }
}

function spending({ supplier }: ActivationFacts, name: string, amount: Rupiah): Posting[] {
  if (amount === 0) return []
  return [{ op: 'move', name, debit: cost, credit: float(supplier), amount }]
}

function returning({ supplier }: ActivationFacts, amount: Rupiah): Posting[] {
  if (amount === 0) return []
  return [{ op: 'move', name: 'cost-returned', debit: float(supplier), credit: cost, amount }]
}
