/**
 * Money from one owner to another, also when they live in different shards. One actor stands on
 * each side, and the receipt's key is computed from the transfer's id; between them the money
 * stands in `clearing`, visible, until it arrives.
 *
 *   payer's shard:    absent ──send──▶ sent ──confirm──▶ done      from ─▶ clearing
 *                                       └─ effect: deliver ─┐
 *   receiver's shard: absent ──receive──▶ received  ◀───────┘      clearing ─▶ to
 *
 * M1. What leaves one shard arrives in the other exactly once, whatever is repeated or crashes.
 * M2. The sum of all clearing accounts is what is under way, and zero at rest.
 * M3. A payer can not send what is not available.
 */

import { accept, actor, refuse } from '../../engine/actor.ts'
import type { AccountId } from '../../engine/ledger.ts'
import { isRupiah, type Rupiah } from '../../engine/money.ts'
import { clearing, floorOf } from '../chart.ts'

type Facts = {
  readonly from: AccountId
  readonly to: AccountId
  readonly toShard: number
  readonly amount: Rupiah
  readonly note: string
}

export type Transfer = {
  state:
    | { readonly phase: 'absent' }
    | { readonly phase: 'sent'; readonly facts: Facts }
    | { readonly phase: 'done'; readonly facts: Facts }
  command: ({ readonly type: 'send' } & Facts) | { readonly type: 'confirm' }
  event: ({ readonly type: 'sent' } & Facts) | { readonly type: 'confirmed' }
  effect: { readonly type: 'deliver'; readonly target: string } & Facts
  refusal: 'AMOUNT_INVALID' | 'INSUFFICIENT_BALANCE' | 'DUPLICATE_REF' | 'NOT_FOUND'
}

export const transfer = actor<Transfer>({
  name: 'transfer',
  version: 1,
  initial: { phase: 'absent' },

  decide: {
    send(state, { type: _, ...facts }, context) {
      if (state.phase !== 'absent') {
        const { from, to, amount } = state.facts
        const same = from === facts.from && to === facts.to && amount === facts.amount
        return same ? accept() : refuse('DUPLICATE_REF')
      }
      if (!isRupiah(facts.amount) || facts.amount <= 0) return refuse('AMOUNT_INVALID')
      const floor = floorOf(facts.from)
      if (floor !== undefined && context.available(facts.from) - facts.amount < floor) {
        return refuse('INSUFFICIENT_BALANCE', { available: context.available(facts.from) })
      }
      const { from, amount } = facts
      return {
        accepted: [{ type: 'sent', ...facts }],
        postings: [{ op: 'move', name: 'send', debit: from, credit: clearing, amount }],
      }
    },
    confirm: state =>
      state.phase === 'absent'
        ? refuse('NOT_FOUND')
        : state.phase === 'sent'
          ? accept({ type: 'confirmed' })
          : accept(),
  },

  evolve: {
    sent: (_, { type: __, ...facts }) => ({ phase: 'sent', facts }),
    confirmed: state => (state.phase === 'sent' ? { phase: 'done', facts: state.facts } : state),
  },

  react: {
    sent: (_, { type: __, ...facts }) => [{ type: 'deliver', target: 'shards', ...facts }],
  },

  // The receiver knows the transfer by its key: delivering again changes nothing.
  resume: { deliver: 'repeat' },
  timers: () => [],
  rest: state => (state.phase === 'sent' ? 'machine' : 'final'),
})

export type Receipt = {
  state:
    | { readonly phase: 'absent' }
    | { readonly phase: 'received'; readonly to: AccountId; readonly amount: Rupiah }
  command: {
    readonly type: 'receive'
    readonly from: AccountId
    readonly to: AccountId
    readonly amount: Rupiah
    readonly note: string
  }
  event: {
    readonly type: 'received'
    readonly from: AccountId
    readonly to: AccountId
    readonly amount: Rupiah
    readonly note: string
  }
  effect: never
  refusal: 'DUPLICATE_REF'
}

/** The other end: takes the money out of clearing once. */
export const receipt = actor<Receipt>({
  name: 'receipt',
  version: 1,
  initial: { phase: 'absent' },

  decide: {
    receive(state, { from, to, amount, note }) {
      if (state.phase === 'received') {
        return state.to === to && state.amount === amount ? accept() : refuse('DUPLICATE_REF')
      }
      return {
        accepted: [{ type: 'received', from, to, amount, note }],
        postings: [{ op: 'move', name: 'receive', debit: clearing, credit: to, amount }],
      }
    },
  },

  evolve: { received: (_, { to, amount }) => ({ phase: 'received', to, amount }) },
  react: {},
  resume: {},
  timers: () => [],
  rest: () => 'final',
})
