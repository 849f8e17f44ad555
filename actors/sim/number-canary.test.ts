/** Mistakes planted in rented numbers and deposits, which their stories must catch. */

import { fail, match } from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AnyActor,
  type AnyCommand,
  type AnyDecision,
  type Context,
  forget,
  type State,
} from '../../engine/actor.ts'
import { InvariantViolation } from '../../engine/assert.ts'
import { World } from '../../engine/sim/world.ts'
import { activation } from '../activation/activation.ts'
import { cash, gatewayFee } from '../chart.ts'
import { deposit } from '../deposit/deposit.ts'
import { transfer } from '../transfer/transfer.ts'
import { NumberStory, numberActors } from './numbers.ts'

const cast = (changed: AnyActor): readonly AnyActor[] =>
  numberActors.map(one => (one.name === changed.name ? changed : one))

function canary(title: string, changed: AnyActor, caughtBy: RegExp, seedsMax = 400): void {
  test(`numbers: canary: ${title}`, () => {
    for (let seed = 1; seed <= seedsMax; seed++) {
      try {
        new World({ seed, outside: new NumberStory(cast(changed)) }).run()
      } catch (cause) {
        if (!(cause instanceof InvariantViolation)) throw cause
        match(cause.message, caughtBy)
        return
      }
    }
    fail(`not caught in ${seedsMax} stories`)
  })
}

type Row = (state: State, command: AnyCommand, context: Context) => AnyDecision

const honest = forget(activation)
const till = forget(deposit)
const carrier = forget(transfer)

/** The same actor with one row of `decide` changed. */
const deciding = (actor: AnyActor, type: string, row: (honestly: Row) => Row): AnyActor => ({
  ...actor,
  decide: { ...actor.decide, [type]: row(actor.decide[type]!) },
})

/** What it decides, with other postings. */
const posting = (
  row: Row,
  change: (decision: Extract<AnyDecision, { accepted: unknown }>) => AnyDecision,
): Row => {
  return (state, command, context) => {
    const decision = row(state, command, context)
    return 'accepted' in decision && decision.postings ? change(decision) : decision
  }
}

canary(
  'a number that is charged without a code is caught (NLS1)',
  deciding(honest, 'cancel_answered', row =>
    posting(row, decision => ({ ...decision, postings: [{ op: 'post', name: 'price' }] })),
  ),
  /NLS1/,
)
canary(
  'a number that is charged for a message without a code is caught (NLS1)',
  deciding(honest, 'sms', row => (state, command, context) => {
    return row(state, { ...command, code: true } as AnyCommand, context)
  }),
  /NLS1/,
)
canary(
  'a refund after a code is caught (NLS1)',
  deciding(honest, 'cancel_answered', row => (state, command, context) => {
    const { answer } = command as AnyCommand & { answer: string }
    const believed = answer === 'received' ? 'cancelled' : answer
    return row(state, { ...command, answer: believed } as AnyCommand, context)
  }),
  /NLS1/,
)
canary(
  'a refund before the supplier has said so is caught (NLS1)',
  deciding(honest, 'cancel_answered', row => (state, command, context) => {
    const { answer } = command as AnyCommand & { answer: string }
    const believed = answer === 'unknown' ? 'cancelled' : answer
    return row(state, { ...command, answer: believed } as AnyCommand, context)
  }),
  /NLS1/,
)
canary(
  'a timeout of a purchase that is called a failure is caught (NLS1)',
  deciding(honest, 'doubtful', () => (state, _, context) => {
    return honest.decide['unbought']!(state, { type: 'unbought', code: 'X' } as never, context)
  }),
  /NLS1/,
)
canary(
  'a number that is bought a second time after a restart is caught (NLB1)',
  { ...honest, resume: { ...honest.resume, buy: 'repeat' } },
  /NLB1/,
)
canary(
  'a refund that keeps the money is caught (NLS1)',
  deciding(honest, 'ended_there', row =>
    posting(row, decision => ({ accepted: decision.accepted })),
  ),
  /NLS1/,
)
canary(
  'a late code that is charged is caught (NLS1, NLS4)',
  deciding(honest, 'sms', row => (state, command, context) => {
    const decision = row(state, command, context)
    if (!('accepted' in decision) || state.phase !== 'refunded') return decision
    if (decision.accepted.length === 0) return decision
    const { facts } = state as State & { facts: { user: string; price: number } }
    const again = { op: 'move', name: 'again', debit: `wallet:${facts.user}` } as const
    const postings = [{ ...again, credit: 'sales', amount: facts.price }]
    return context.available(`wallet:${facts.user}`) < facts.price
      ? decision
      : { ...decision, postings: [...(decision.postings ?? []), ...postings] }
  }),
  /NLS[14]/,
)
canary(
  'what a late code cost, booked twice, is caught (NLS2)',
  deciding(honest, 'sms', row => (state, command, context) => {
    const { facts } = state as State & { facts?: object }
    const forgetful = { ...state, facts: { ...facts, spent: 0, messages: [] } }
    return row(state.phase === 'refunded' ? forgetful : state, command, context)
  }),
  /NLS2/,
)
canary(
  'a doubt that is paid back while its number may live is caught (NLS1)',
  deciding(honest, 'unfound', row => (state, command, context) => {
    const decision = row(state, command, context)
    if (!('accepted' in decision) || decision.accepted[0]?.type !== 'parked') return decision
    const [parked] = decision.accepted
    const over = { type: 'refunded', why: 'DOUBT' } as const
    return { accepted: [parked, over], postings: [{ op: 'void', name: 'price' }] }
  }),
  /NLS1/,
)
canary(
  'a cancellation that nobody asks about again is caught (V5, V7)',
  {
    ...honest,
    timers: state => (state.phase === 'cancelling' ? [] : honest.timers(state)),
  },
  /V[57]/,
)

canary(
  'a deposit that is credited twice is caught (NLS3)',
  {
    ...till,
    decide: {
      ...till.decide,
      status: (state, command, context) => till.decide['status']!(unpaid(state), command, context),
    },
    evolve: {
      ...till.evolve,
      paid: (state, event, at) => till.evolve['paid']!(unpaid(state), event, at),
    },
  },
  /NLS3/,
)
canary(
  'another amount that is credited as if it were agreed is caught (NLS3)',
  deciding(till, 'status', row => (state, command, context) => {
    return row(state, { ...command, amount: null, received: null } as AnyCommand, context)
  }),
  /NLS[34]/,
)
canary(
  'a total from before the last payer that is booked as another payment is caught (NLS3)',
  deciding(till, 'status', row => (state, command, context) => {
    const { facts } = state as State & { facts?: { suspended: readonly { amount: number }[] } }
    const { received, isTotal } = command as AnyCommand & { received?: number; isTotal?: boolean }
    const most = Math.max(0, ...(facts?.suspended.map(({ amount }) => amount) ?? []))
    const isOld = isTotal === true && received !== undefined && received < most
    const alone = { ...command, isTotal: false, payment: `total:${received}` }
    return row(state, isOld ? (alone as AnyCommand) : command, context)
  }),
  /NLS3/,
)
canary(
  'the whole sum that is credited while it is drawn for a fee is caught (NLS3)',
  deciding(till, 'status', row => (state, command, context) => {
    const { facts } = state as State & { facts?: { draw: { outcome: string | null } | null } }
    return row(facts?.draw?.outcome === null ? undrawn(state) : state, command, context)
  }),
  /NLS3/,
)
canary(
  'the whole sum that is credited after it was drawn for a fee is caught (NLS3)',
  deciding(till, 'status', row => (state, command, context) => {
    const { facts } = state as State & { facts?: { draw: { outcome: string | null } | null } }
    return row(facts?.draw?.outcome === 'unknown' ? undrawn(state) : state, command, context)
  }),
  /NLS3/,
)
canary(
  'money that never reaches suspense is caught (NLS3, NLS4)',
  deciding(till, 'status', row =>
    posting(row, decision =>
      decision.accepted.some(({ type }) => type === 'suspended')
        ? { accepted: decision.accepted }
        : decision,
    ),
  ),
  /NLS[34]/,
)
canary(
  'money that leaves suspense and arrives nowhere is caught (NLS3, NLS4)',
  deciding(till, 'resolve', row =>
    posting(row, decision => ({ accepted: decision.accepted, postings: [] })),
  ),
  /NLS[34]/,
)
canary(
  'money that leaves suspense twice is caught (NLS3, DPA7)',
  deciding(till, 'resolve', row => (state, command, context) => {
    const { facts } = state as State & { facts: { suspended: readonly object[] } }
    if (facts === undefined) return row(state, command, context)
    const open = facts.suspended.map(one => ({ ...one, verdict: null }))
    return row({ ...state, facts: { ...facts, suspended: open } } as State, command, context)
  }),
  /NLS3|DPA7/,
)
canary(
  'a bill that is asked for again after a restart is caught (NLC1)',
  { ...till, resume: { ...till.resume, deposit_ask: 'repeat' } },
  /NLC1/,
)
canary(
  'money that is drawn a second time by another press is caught (NLC1, DPA8)',
  deciding(till, 'instant', row => (state, command, context) => {
    return row(undrawn(state), command, context)
  }),
  /NLC1|DPA8/,
)
canary(
  'a fourth deposit that waits is caught (V11, T5)',
  deciding(till, 'ask', row => (state, command, context) => {
    return row(state, command, { ...context, now: context.now, holder: () => undefined } as Context)
  }),
  /V11|T5/,
)

/** As if nobody had asked for its money at once. */
function undrawn(state: State): State {
  const { facts } = state as State & { facts?: object }
  return facts === undefined ? state : ({ ...state, facts: { ...facts, draw: null } } as State)
}

/** As if it still waited to be paid. */
function unpaid(state: State): State {
  if (state.phase !== 'paid') return state
  return { ...state, phase: 'processing' } as State
}

canary(
  'a payout that is booked again when it is told again is caught (NLD1)',
  deciding(carrier, 'send', send => (state, command, context) => {
    return send(state.phase === 'done' ? carrier.initial : state, command, context)
  }),
  /NLD1|NLS4/,
)

canary(
  'a fee that is booked as if it had reached the bank is caught (NLD1)',
  deciding(carrier, 'send', send => (state, command, context) => {
    const isFee = 'from' in command && command.from === gatewayFee
    return send(state, isFee ? ({ ...command, from: cash } as AnyCommand) : command, context)
  }),
  /NLD1/,
)
