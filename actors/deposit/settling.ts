/**
 * Money that the gateway says it has: what was agreed goes to the wallet, the rest into suspense.
 * Every rupiah of it is in exactly one place:
 *
 *   gateway:<name> ──as agreed──────────────▶ wallet:<user>
 *         │ ▲                                      ▲
 *         │ └──────returned──────┐    ┌──credited──┘
 *         └──otherwise───────▶ suspense
 *
 * The rules are in deposit.ts.
 */

import { accept, type Decision, refuse } from '../../engine/actor.ts'
import { assert } from '../../engine/assert.ts'
import type { Millis } from '../../engine/ids.ts'
import type { Posting } from '../../engine/ledger.ts'
import { isRupiah, type Rupiah } from '../../engine/money.ts'
import { gateway, suspense, wallet } from '../chart.ts'
import type {
  Deposit,
  DepositCommand,
  DepositEvent,
  DepositFacts,
  DepositState,
  Draw,
  Suspended,
  SuspendedWhy,
  Theirs,
} from './deposit-contract.ts'
import { released } from './slot.ts'

type Command<T extends DepositCommand['type']> = Extract<DepositCommand, { type: T }>
type Status = Command<'status'>
type Live = Exclude<DepositState, { readonly phase: 'absent' }>
type Open = Extract<DepositState, { readonly phase: 'pending' | 'processing' }>

/** No deposit collects more of them than a person can look at. */
const suspendedMax = 20

export const hasSuspense = ({ suspended }: DepositFacts): boolean =>
  suspended.some(({ verdict }) => verdict === null)

/** What a person's word leaves on record. */
export const manual = ({ by, reason }: Status): { by?: string; reason?: string } => ({
  ...(by === undefined ? null : { by }),
  ...(reason === undefined ? null : { reason }),
})

/** It is paid, says the gateway: as agreed, or otherwise. */
export function settled(state: Open, status: Status): Decision<Deposit> {
  if (!isSound(status)) return accept()
  const { facts, theirs } = state
  if ((status.amount ?? theirs.amount) !== theirs.amount) return suspend(state, 'AMOUNT', status)
  const { draw } = facts
  const told = status.received ?? theirs.received
  if (draw === null || draw.outcome === 'refused') {
    return told === theirs.received ? pay(state, told, status) : suspend(state, 'AMOUNT', status)
  }
  if (told === draw.received) return pay(state, told, status)
  if (told !== theirs.received) return suspend(state, 'AMOUNT', status)
  return draw.outcome === null ? pay(state, told, status) : payDrawn(state, draw, status)
}

/** More money than was waited for. */
export function surplus(
  state: Exclude<Live, Open | { readonly phase: 'asking' }>,
  status: Status,
): Decision<Deposit> {
  if (!isSound(status)) return accept()
  if (isWeighed(status)) return further(state, status)
  const { suspended, theirs } = state.facts
  const payment = status.payment ?? ''
  // Whoever does not say which payment it is repeats what is known; a person's word is exact.
  const isVague = (known: string) => (known === '' || payment === '') && status.via !== 'manual'
  const isSame = (known: string) => known === payment || isVague(known)
  if (suspended.some(one => isSame(one.payment))) return accept()
  if (state.phase === 'paid') {
    const isKnown = payment === '' || isSame(state.paid.payment)
    return isKnown ? accept() : suspend(state, 'TWICE', status)
  }
  if (state.phase === 'parked') {
    return payment === '' ? accept() : suspend(state, 'TWICE', status)
  }
  const isTold = theirs !== null || status.received !== null
  return isTold ? suspend(state, 'LATE', status) : accept()
}

/** What all payments came to, against what of it has its place already. */
function further(state: Exclude<Live, Open>, status: Status): Decision<Deposit> {
  const { facts, phase } = state
  const total = heldThere(facts, status)
  const more = total === null ? 0 : total - bookedOf(state)
  // A fee that they forgot is no payment: only a larger sum than was asked for is one.
  const isLarger = phase !== 'paid' || (status.amount ?? total ?? 0) > state.theirs.amount
  if (more <= 0 || !isLarger) return accept()
  const why = phase === 'paid' || phase === 'parked' ? 'TWICE' : 'LATE'
  const payment = paymentOf(facts, status)
  return suspend(state, why, { ...status, amount: more, fee: 0, received: more, payment })
}

/** Everything that they told us of and that has its place, in the wallet or in suspense. */
function bookedOf(state: Exclude<Live, Open>): Rupiah {
  const { suspended } = state.facts
  const inSuspense = suspended.reduce((sum, one) => sum + one.amount, 0)
  if (state.phase !== 'paid') return inSuspense
  const { paid } = state
  const isFromSuspense =
    paid.via === 'manual' &&
    suspended.some(
      one =>
        one.verdict === 'credit' && one.payment === paid.payment && one.amount === paid.received,
    )
  return inSuspense + (isFromSuspense ? 0 : paid.received)
}

/** What became of having the money at once. */
export function instantAnswered(
  state: DepositState,
  { outcome, fee, received, payment }: Command<'instant_answered'>,
): Decision<Deposit> {
  if (state.phase === 'absent') return accept()
  const { draw } = state.facts
  if (draw === null || draw.outcome !== null) return accept()
  const drawn = { type: 'drawn', outcome } as const
  // Without its sum it may have settled by itself: how it stands tells, and soon.
  const isTold = outcome === 'done' && received !== undefined
  if (!isTold || state.phase !== 'processing') return accept<DepositEvent>(drawn)
  const status: Status = {
    type: 'status',
    theirs: 'success',
    amount: null,
    fee: fee ?? null,
    received,
    via: 'instant',
    ...(payment === undefined ? null : { payment }),
  }
  const decision = isSound(status) ? settled(state, status) : accept<DepositEvent>()
  assert('accepted' in decision, 'DPA11: an answer is never refused')
  return { ...decision, accepted: [drawn, ...decision.accepted] }
}

/** A person's word on money in suspense. */
export function resolve(
  state: DepositState,
  { n, verdict, by, reason }: Command<'resolve'>,
): Decision<Deposit> {
  if (state.phase === 'absent') return refuse('NOT_FOUND')
  const { facts } = state
  const entry = facts.suspended.find(one => one.n === n)
  if (entry === undefined || entry.verdict !== null) return refuse('SUSPENSE_ABSENT')
  const { amount } = entry
  const to = verdict === 'credit' ? wallet(facts.user) : gateway(facts.gateway)
  return {
    accepted: [{ type: 'resolved', n, verdict, amount, by, reason }],
    postings: [move(`resolved-${n}`, suspense, to, amount)],
  }
}

/** A deposit whose money was credited by a person is paid; one that was sent back has failed. */
export function resolved(
  state: DepositState,
  { n, verdict }: Extract<DepositEvent, { type: 'resolved' }>,
  at: Millis,
): DepositState {
  assert(state.phase !== 'absent', 'DPA7: what a person decides was asked for')
  const entry = state.facts.suspended.find(one => one.n === n)
  assert(entry?.verdict === null, 'DPA7: money leaves suspense once')
  const suspended = state.facts.suspended.map(one => (one.n === n ? { ...one, verdict } : one))
  const facts = { ...state.facts, suspended, updatedAt: at }
  const { theirs } = facts
  if (state.phase === 'paid' || theirs === null) return { ...state, facts }
  if (verdict === 'credit') {
    return { phase: 'paid', facts, theirs, paid: paidBy(entry, theirs, at) }
  }
  if (state.phase !== 'parked' || hasSuspense(facts)) return { ...state, facts }
  return { phase: 'failed', facts, code: null, pollAt: null, endedAt: at }
}

function paidBy({ amount, payment }: Suspended, theirs: Theirs, at: Millis) {
  const fee = Math.max(theirs.amount - amount, 0)
  return { received: amount, fee, amount: theirs.amount, payment, via: 'manual', at } as const
}

function pay(state: Open, received: Rupiah, status: Status) {
  const { facts, theirs } = state
  const { via } = status
  const payment = paymentOf(facts, status)
  const isAsAgreed = received === theirs.received
  const fee = isAsAgreed ? theirs.fee : theirs.amount - received
  const paid = { type: 'paid', amount: theirs.amount, fee, received, payment, via } as const
  return {
    accepted: [{ ...paid, ...manual(status) }],
    postings: [move('paid', gateway(facts.gateway), wallet(facts.user), received)],
    ...released(facts),
  }
}

/** The gateway says the whole sum, and may have kept the fee for having it at once all the same. */
function payDrawn(state: Open, draw: Draw, status: Status): Decision<Deposit> {
  const { facts, theirs } = state
  const rest = theirs.received - draw.received
  if (rest === 0) return pay(state, draw.received, status)
  const paid = pay(state, draw.received, status)
  const waits = suspending(facts, { why: 'AMOUNT', amount: rest, status })
  return {
    ...paid,
    accepted: [...paid.accepted, ...waits.accepted],
    postings: [...paid.postings, ...waits.postings],
  }
}

function suspend(state: Live, why: SuspendedWhy, status: Status): Decision<Deposit> {
  const { facts } = state
  const amount = heldThere(facts, status)
  if (amount === null || facts.suspended.length >= suspendedMax) return accept()
  return { ...suspending(facts, { why, amount, status }), ...released(facts) }
}

type Suspending = {
  readonly why: SuspendedWhy
  readonly amount: Rupiah
  readonly status: Status
}

function suspending(facts: DepositFacts, { why, amount, status }: Suspending) {
  const n = facts.suspended.length + 1
  const payment = paymentOf(facts, status)
  const entry = { type: 'suspended', n, why, amount, payment, via: status.via } as const
  return {
    accepted: [{ ...entry, ...manual(status) }],
    postings: [move(`suspense-${n}`, gateway(facts.gateway), suspense, amount)],
  }
}

/** Whether they say what all payments came to. */
const isWeighed = ({ isTotal, amount, received }: Status): boolean =>
  isTotal === true && (amount !== null || received !== null)

/** Where payments have no ids, each is named by the total that it made. */
function paymentOf(facts: DepositFacts, status: Status): string {
  const { payment } = status
  if (payment !== undefined) return payment
  return isWeighed(status) ? `total:${heldThere(facts, status)}` : ''
}

/** What the gateway owes us by it. */
function heldThere({ theirs }: DepositFacts, { amount, fee, received }: Status): Rupiah | null {
  if (received !== null) return received
  if (amount !== null) {
    const kept = fee ?? theirs?.fee ?? 0
    return amount > kept ? amount - kept : amount
  }
  return theirs?.received ?? null
}

const isSound = ({ amount, fee, received }: Status): boolean =>
  [amount, received].every(n => n === null || (isRupiah(n) && n > 0)) &&
  (fee === null || (isRupiah(fee) && fee >= 0))

const move = (name: string, debit: string, credit: string, amount: Rupiah): Posting => ({
  op: 'move',
  name,
  debit,
  credit,
  amount,
})
