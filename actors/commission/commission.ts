/**
 * What one upline gets for one order of somebody below him: paid when the order was delivered,
 * taken back when that order is refunded. It lives in the upline's shard, where the house has an
 * account for this cost, so each of the two is one record and nothing is ever under way.
 *
 *   absent ──pay──▶ paid ──reverse──▶ reversed
 *
 *   pay       commission ─▶ wallet       and what he owes from before:  commission ─▶ clawback
 *   reverse   wallet ─▶ commission       and what he has spent already: clawback ─▶ commission
 *
 * CMA1. One order and one level are paid once and taken back once, however often it is asked.
 * CMA2. What is taken back is what was paid, whatever rules say by then.
 * CMA3. A wallet never goes below zero: what it lacks is owed, and commissions that come later pay
 *       that first. Nothing else of the owner's money is touched for it.
 * CMA4. An amount is whole rupiah above zero, and nobody pays back what was never paid.
 */

import { accept, actor, refuse } from '../../engine/actor.ts'
import { assert } from '../../engine/assert.ts'
import type { ActorId } from '../../engine/ids.ts'
import type { Posting } from '../../engine/ledger.ts'
import { isRupiah, type Rupiah } from '../../engine/money.ts'
import { clawback, commissionCost, wallet } from '../chart.ts'

type Facts = {
  readonly order: ActorId
  /** How far above the buyer: 1 is who brought him. */
  readonly level: number
  readonly user: string
  readonly amount: Rupiah
  readonly note: string
}

export type Commission = {
  state:
    | { readonly phase: 'absent' }
    | { readonly phase: 'paid'; readonly facts: Facts; readonly kept: Rupiah }
    | {
        readonly phase: 'reversed'
        readonly facts: Facts
        readonly kept: Rupiah
        readonly owed: Rupiah
      }
  command: ({ readonly type: 'pay' } & Facts) | { readonly type: 'reverse' }
  event: /** `kept`: the part that paid what he owed. */
    | ({ readonly type: 'paid'; readonly kept: Rupiah } & Facts)
    /** `owed`: the part that the wallet did not have. */
    | ({ readonly type: 'reversed'; readonly owed: Rupiah } & Facts)
  effect: never
  refusal: 'AMOUNT_INVALID' | 'DUPLICATE_REF' | 'NOT_FOUND'
}

export const commission = actor<Commission>({
  name: 'commission',
  version: 1,
  initial: { phase: 'absent' },

  decide: {
    pay(state, { type: _, ...facts }, context) {
      const { user, amount } = facts
      if (state.phase !== 'absent') {
        const same = state.facts.user === user && state.facts.amount === amount
        return same ? accept() : refuse('DUPLICATE_REF')
      }
      if (!isRupiah(amount) || amount <= 0) return refuse('AMOUNT_INVALID')
      const debt = Math.max(0, -context.available(clawback(user)))
      const kept = Math.min(debt, amount)
      return {
        accepted: [{ type: 'paid', ...facts, kept }],
        postings: [
          ...move('pay', [commissionCost, wallet(user)], amount - kept),
          ...move('keep', [commissionCost, clawback(user)], kept),
        ],
      }
    },
    reverse(state, _, context) {
      if (state.phase === 'absent') return refuse('NOT_FOUND')
      if (state.phase === 'reversed') return accept()
      const { facts } = state
      const { user, amount } = facts
      const taken = Math.min(Math.max(0, context.available(wallet(user))), amount)
      const owed = amount - taken
      return {
        accepted: [{ type: 'reversed', ...facts, owed }],
        postings: [
          ...move('take', [wallet(user), commissionCost], taken),
          ...move('owe', [clawback(user), commissionCost], owed),
        ],
      }
    },
  },

  evolve: {
    paid(state, { type: _, kept, ...facts }) {
      assert(state.phase === 'absent', 'CMA1: a commission is paid once')
      return { phase: 'paid', facts, kept }
    },
    reversed(state, { owed, amount }) {
      assert(state.phase === 'paid', 'CMA1: a commission is taken back once')
      assert(state.facts.amount === amount, 'CMA2: what is taken back is what was paid')
      return { phase: 'reversed', facts: state.facts, kept: state.kept, owed }
    },
  },

  react: {},
  resume: {},
  timers: () => [],
  rest: () => 'final',
})

const move = (
  name: string,
  [debit, credit]: readonly [string, string],
  amount: Rupiah,
): readonly Posting[] => (amount === 0 ? [] : [{ op: 'move', name, debit, credit, amount }])
