/** Mistakes planted in payments and settlement, which the stories of merchants must catch. */

import { fail, match } from 'node:assert/strict'
import { test } from 'node:test'
import { type AnyActor, forget } from '../../engine/actor.ts'
import { InvariantViolation } from '../../engine/assert.ts'
import { World } from '../../engine/sim/world.ts'
import { payment } from '../payment/payment.ts'
import { settlement } from '../settlement/settlement.ts'
import { ShopStory, shopActors } from './shop-story.ts'

const cast = (changed: AnyActor): readonly AnyActor[] =>
  shopActors.map(one => (one.name === changed.name ? changed : one))

function canary(title: string, changed: AnyActor, caughtBy: RegExp, seedsMax = 400): void {
  test(`shop: canary: ${title}`, () => {
    for (let seed = 1; seed <= seedsMax; seed++) {
      try {
        new World({ seed, outside: new ShopStory(cast(changed)) }).run()
      } catch (cause) {
        if (!(cause instanceof InvariantViolation)) throw cause
        match(cause.message, caughtBy)
        return
      }
    }
    fail(`not caught in ${seedsMax} stories`)
  })
}

const honest = forget(payment)
const desk = forget(settlement)
const { pay, refund, refundTold, expire } = honest.decide
const { create, fail: failed, adjust, cancel } = desk.decide

canary(
  'a payment that is booked twice is caught (SLS1)',
  {
    ...honest,
    decide: {
      ...honest.decide,
      pay: (state, command, context) => pay!(withoutPaid(state), command, context),
    },
    evolve: {
      ...honest.evolve,
      paid: (state, event, at) => honest.evolve['paid']!(withoutPaid(state), event, at),
    },
  },
  /SLS1|QPA3/,
)
canary(
  'a fee that gets lost is caught (SLS3)',
  {
    ...honest,
    decide: {
      ...honest.decide,
      pay(state, command, context) {
        const decision = pay!(state, command, context)
        if (!('accepted' in decision)) return decision
        return { ...decision, postings: (decision.postings ?? []).slice(0, 1) }
      },
    },
  },
  /SLS[23]/,
)
canary(
  'a refund that is not counted is caught (SLS1)',
  {
    ...honest,
    decide: {
      ...honest.decide,
      refund: (state, command, context) => refund!(withoutRefunds(state), command, context),
    },
  },
  /SLS1|QPA8/,
)
canary(
  'a second payer who is taken for the first is caught (SLS6)',
  {
    ...honest,
    decide: {
      ...honest.decide,
      pay(state, command, context) {
        const decision = pay!(state, command, context)
        const isAgain = 'refused' in decision && decision.refused === 'PAID_AGAIN'
        return isAgain ? { accepted: [] } : decision
      },
    },
  },
  /SLS6/,
)
canary(
  'a refund that is booked when it is ordered and when it is carried out is caught (SLS7)',
  {
    ...honest,
    decide: {
      ...honest.decide,
      refundTold: (state, command, context) => refundTold!(withoutOrders(state), command, context),
    },
  },
  /SLS7/,
)
canary(
  'a paid payment that expires is caught (SLS1)',
  {
    ...honest,
    decide: {
      ...honest.decide,
      expire: (state, command, context) => expire!(withoutPaid(state), command, context),
    },
    timers: state => honest.timers(withoutPaid(state)),
  },
  /SLS1|QPA7|V[57]/,
)
canary(
  'a notice that never ends is caught (SLS4)',
  {
    ...honest,
    decide: { ...honest.decide, proof_due: () => ({ accepted: [] }) },
    timers: state => honest.timers(state).filter(({ command }) => command.type !== 'proof_due'),
  },
  /SLS4|V[57]/,
)
canary(
  'a batch that takes what another has is caught (SLS2)',
  {
    ...desk,
    decide: {
      ...desk.decide,
      create(state, command, context) {
        const decision = create!(state, command, context)
        return 'accepted' in decision ? { ...decision, postings: [] } : decision
      },
    },
  },
  /SLS[23]|L\d/,
)
canary(
  'a failed batch that keeps the money is caught (SLS3)',
  {
    ...desk,
    decide: {
      ...desk.decide,
      fail(state, command, context) {
        const decision = failed!(state, command, context)
        return 'accepted' in decision ? { ...decision, postings: [] } : decision
      },
    },
  },
  /SLS[23]/,
)

canary(
  'a batch that is changed when the bank has its file is caught (SLS5)',
  {
    ...desk,
    decide: {
      ...desk.decide,
      adjust: (state, command, context) => adjust!(withoutFile(state), command, context),
    },
  },
  /SLS5|SLA7/,
)
canary(
  'a batch that is cancelled while the bank has its file is caught (SLS5)',
  {
    ...desk,
    decide: {
      ...desk.decide,
      cancel: (state, command, context) => cancel!(withoutFile(state), command, context),
    },
  },
  /SLS5/,
)

function withoutFile(state: { readonly phase: string }): { readonly phase: string } {
  if (!('batch' in state)) return state
  const { given: _, ...batch } = state.batch as { readonly given?: unknown }
  return Object.assign({}, state, { batch })
}

function withoutPaid(state: { readonly phase: string }): { readonly phase: string } {
  if (!('paid' in state)) return state
  const { paid: _, ...rest } = state as { readonly phase: string; readonly paid: unknown }
  return { ...rest, phase: 'pending' }
}

function withoutOrders(state: { readonly phase: string }): { readonly phase: string } {
  if (!('refunds' in state)) return state
  const refunds = (state.refunds as readonly { readonly by: string }[]).map(one =>
    one.by === 'ops' ? { ...one, confirmedBy: 'somebody' } : one,
  )
  return Object.assign({}, state, { refunds })
}

function withoutRefunds(state: { readonly phase: string }): { readonly phase: string } {
  return 'refunds' in state ? Object.assign({}, state, { refunds: [] }) : state
}
