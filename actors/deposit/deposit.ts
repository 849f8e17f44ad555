/**
 * Money that somebody means to pay in through a gateway, from the wish until every rupiah that the
 * gateway has told us of stands in one place.
 *
 *   absent ──ask──▶ asking ──created──▶ pending ──paid there──▶ processing ──settled──▶ paid
 *                     │ └─doubt, a day─┐   │ └────────────success───────────────────▶ paid
 *                     └─refused──▶ failed  └─time, cancel──▶ expired, cancelled
 *
 * Money that comes otherwise than agreed (another amount, too late, twice) goes into suspense, and
 * from there, by a person's word, into the wallet or back.
 *
 * DPA1.  The user's reference is the intent: the same wish finds it, another one is refused, and
 *        one that is refused leaves nothing behind.
 * DPA2.  Of one user three wait to be paid at a time, however many are asked for at once.
 * DPA3.  It is made at the gateway once. Silence is unknown: it is not asked for again, and ends
 *        only when nothing was heard of it for a day.
 * DPA4.  What was agreed reaches the wallet once for ever, in the record that says paid, whoever
 *        reports it, how often, and in whatever order.
 * DPA5.  Another amount than was agreed reaches nobody's wallet by itself.
 * DPA6.  Money that comes after the end, or a second time, goes into suspense. Where payments have
 *        no ids they are told apart by the total, and only what is more than was booked is money.
 * DPA7.  Money leaves suspense once, by a person's word with a reason: credited, or returned.
 * DPA8.  Money is had at once by one attempt, for what its user agreed to, and nothing else is
 *        believed while the answer is out. Where it may have been drawn what was agreed to is
 *        credited; if the gateway says the whole sum all the same, the rest waits in suspense.
 * DPA9.  Our own clock ends it only when the gateway, asked some minutes after its end, still has
 *        no money; and for a day after that we go on asking.
 * DPA10. While it is being dropped it can still be paid: the gateway's word that comes first
 *        decides.
 * DPA11. An answer is never refused, and a repeated or late one changes nothing.
 */

import { accept, actor, type Context, type Decision, refuse } from '../../engine/actor.ts'
import { assert } from '../../engine/assert.ts'
import { fingerprint, type Millis } from '../../engine/ids.ts'
import { isRupiah } from '../../engine/money.ts'
import {
  type Deposit,
  type DepositState,
  pendingMax,
  type TheirStatus,
  type Theirs,
  type UncreatedCode,
} from './deposit-contract.ts'
import { nextPoll } from './polling.ts'
import {
  hasSuspense,
  instantAnswered,
  manual,
  resolve,
  resolved,
  settled,
  surplus,
} from './settling.ts'
import { ended, slotsOf } from './slot.ts'

type Live = Exclude<DepositState, { readonly phase: 'absent' }>

/** How long after the gateway's own end we call it over. */
const graceMs = 5 * 60_000
/** How long something may stand at the gateway that we never heard of. */
const doubtMs = 24 * 3_600_000
/** After money was drawn with an answer that does not say enough, it is asked about so soon. */
const drawnPollMs = 5_000
/** No place is kept longer than this. */
const slotMs = 3 * 24 * 3_600_000

export const deposit = actor<Deposit>({
  name: 'deposit',
  version: 1,
  initial: { phase: 'absent' },

  decide: {
    ask(state, { wish, refused }, context) {
      if (state.phase !== 'absent') {
        const { method, amount } = state.facts
        const isSame = method === wish.method && amount === wish.amount
        return isSame ? accept() : refuse('DUPLICATE_REF')
      }
      if (refused !== undefined) return refuse(refused)
      if (!isRupiah(wish.amount) || wish.amount <= 0) return refuse('AMOUNT_INVALID')
      const slot = slotsOf(wish.user).find(word => context.holder(word) === undefined)
      if (slot === undefined) return refuse('DEPOSIT_LIMIT', { most: pendingMax })
      return {
        accepted: [{ type: 'asked', ...wish, slot }],
        claims: [[slot, context.now + slotMs]],
      }
    },

    created(state, { theirs }, { now }) {
      if (state.phase !== 'asking') return accept()
      if (!isSound(theirs)) return ended(state, { type: 'uncreated', code: 'GATEWAY_REFUSED' })
      return accept({ type: 'created', theirs, pollAt: nextPoll('pending', now, now)! })
    },

    uncreated: (state, { code }) =>
      state.phase === 'asking' && !state.doubt
        ? ended(state, { type: 'uncreated', code })
        : accept(),

    doubtful: (state, { reply }, { now }) =>
      state.phase === 'asking' && !state.doubt
        ? ended(state, { type: 'doubted', reply, until: now + doubtMs })
        : accept(),

    cancel(state, { by }) {
      switch (state.phase) {
        case 'absent':
          return refuse('NOT_FOUND')
        case 'asking':
          return refuse('DEPOSIT_BUSY')
        case 'pending':
          return state.dropping ? accept() : accept({ type: 'cancel_asked', by })
        case 'processing':
        case 'paid':
        case 'parked':
          return refuse('DEPOSIT_PAID')
        case 'cancelled':
          return accept()
        case 'expired':
        case 'failed':
          return refuse('DEPOSIT_FINAL')
      }
    },

    cancel_answered(state, { answer }) {
      if (state.phase !== 'pending' || !state.dropping) return accept()
      return answer === 'cancelled'
        ? ended(state, { type: 'cancelled' })
        : accept({ type: 'cancel_denied', answer })
    },

    status(state, command, context) {
      if (state.phase === 'absent' || state.phase === 'asking') return accept()
      const said = command.theirs
      if (said === 'success') {
        const isOpen = state.phase === 'pending' || state.phase === 'processing'
        if (!isOpen) return surplus(state, command)
        // What it came to tells the answer to the drawing, which is under way.
        const { draw } = state.facts
        const isUntold = draw?.outcome === null && command.received !== draw.received
        if (!isUntold) return settled(state, command)
        return command.via === 'poll' ? askedAgain(state, context.now) : accept()
      }
      if (state.phase === 'pending') return saidOfPending(state, said, command, context)
      if (state.phase === 'processing' && said !== 'pending' && said !== 'processing') {
        return ended(state, { type: 'failed', ...manual(command) })
      }
      return command.via === 'poll' ? askedAgain(state, context.now) : accept()
    },

    unheard: (state, _, { now }) => askedAgain(state, now, false),

    instant(state, { by, fee, received }) {
      switch (state.phase) {
        case 'absent':
          return refuse('NOT_FOUND')
        case 'asking':
        case 'pending':
          return refuse('INSTANT_UNAVAILABLE')
        case 'paid':
        case 'parked':
          return state.facts.draw === null ? refuse('DEPOSIT_PAID') : accept()
        case 'expired':
        case 'cancelled':
        case 'failed':
          return refuse('DEPOSIT_FINAL')
        case 'processing': {
          const { draw } = state.facts
          if (draw !== null) {
            return draw.outcome === 'refused' ? refuse('INSTANT_UNAVAILABLE') : accept()
          }
          const isFair = isRupiah(fee) && fee >= 0 && isRupiah(received) && received > 0
          if (!isFair || received > state.theirs.received) return refuse('INSTANT_UNAVAILABLE')
          return accept({ type: 'draw_asked', by, fee, received })
        }
      }
    },

    instant_answered: (state, command) => instantAnswered(state, command),

    tick(state, _, { now }) {
      switch (state.phase) {
        case 'asking':
          return state.until !== null && state.until <= now
            ? ended(state, { type: 'uncreated', code: 'NO_ANSWER' })
            : accept()
        case 'pending':
        case 'processing':
        case 'expired':
        case 'cancelled':
        case 'failed':
          return polled(state, now)
        case 'absent':
        case 'paid':
        case 'parked':
          return accept()
      }
    },

    resolve,
  },

  evolve: {
    asked(state, { type: _, slot, ...wish }, at) {
      assert(state.phase === 'absent', 'DPA1: a deposit is asked for once')
      const times = { askedAt: at, updatedAt: at, polls: 0 }
      const facts = { ...wish, ...times, theirs: null, slot, draw: null, suspended: [] }
      return { phase: 'asking', facts, doubt: false, until: null }
    },
    created(state, { theirs, pollAt }, at) {
      assert(state.phase === 'asking', 'DPA3: a deposit is made once')
      const facts = { ...state.facts, theirs, updatedAt: at }
      return { phase: 'pending', facts, theirs, pollAt, dropping: false }
    },
    uncreated: (state, { code }, at) => endedAs(state, 'failed', { at, code }),
    doubted(state, { until }, at) {
      assert(state.phase === 'asking', 'DPA3: only what is asked for is in doubt')
      const facts = { ...state.facts, slot: null, updatedAt: at }
      return { ...state, facts, doubt: true, until }
    },
    cancel_asked(state, _, at) {
      assert(state.phase === 'pending', 'DPA10: only what waits is dropped')
      return { ...state, facts: { ...state.facts, updatedAt: at }, dropping: true }
    },
    cancel_denied(state, _, at) {
      assert(state.phase === 'pending', 'DPA10: only what waits is dropped')
      return { ...state, facts: { ...state.facts, updatedAt: at }, dropping: false }
    },
    cancelled: (state, _, at) => endedAs(state, 'cancelled', { at, code: null }),
    expired: (state, _, at) => endedAs(state, 'expired', { at, code: null }),
    failed: (state, _, at) => endedAs(state, 'failed', { at, code: null }),
    polled(state, { n }) {
      assert('pollAt' in state, 'DPA9: only what may be paid is asked about')
      return { ...state, facts: { ...state.facts, polls: n }, pollAt: null }
    },
    unchanged(state, { pollAt }) {
      assert('pollAt' in state, 'DPA9: only what may be paid is asked about')
      return { ...state, pollAt }
    },
    processing_begun(state, { pollAt }, at) {
      assert(state.phase === 'pending', 'DPA4: what settles was waiting')
      const facts = { ...state.facts, slot: null, updatedAt: at }
      return { phase: 'processing', facts, theirs: state.theirs, pollAt, since: at }
    },
    draw_asked(state, { type: _, ...asked }, at) {
      assert(state.phase === 'processing' && state.facts.draw === null, 'DPA8: it is drawn once')
      const draw = { ...asked, at, outcome: null }
      return { ...state, facts: { ...state.facts, draw, updatedAt: at } }
    },
    drawn(state, { outcome }, at) {
      const live = must(state, 'DPA8: what is drawn was asked for')
      assert(live.facts.draw !== null, 'DPA8: what is drawn was asked for')
      const draw = { ...live.facts.draw, outcome }
      const facts = { ...live.facts, draw, updatedAt: at }
      if (live.phase !== 'processing' || live.pollAt === null || outcome === 'refused') {
        return { ...live, facts }
      }
      return { ...live, facts, pollAt: Math.min(live.pollAt, at + drawnPollMs) }
    },
    paid(state, { type: _, by: __, reason: ___, ...paid }, at) {
      const isOpen = state.phase === 'pending' || state.phase === 'processing'
      assert(isOpen, 'DPA4: what is paid was waiting to be')
      const facts = { ...state.facts, slot: null, updatedAt: at }
      return { phase: 'paid', facts, theirs: state.theirs, paid: { ...paid, at } }
    },
    suspended(state, { type: _, by: __, reason: ___, ...entry }, at) {
      const live = must(state, 'DPA6: money came for what was asked')
      assert(entry.n === live.facts.suspended.length + 1, 'DPA6: suspense is counted')
      const suspended = [...live.facts.suspended, { ...entry, at, verdict: null }]
      const facts = { ...live.facts, suspended, updatedAt: at }
      if (live.phase !== 'pending' && live.phase !== 'processing') return { ...live, facts }
      return { phase: 'parked', facts: { ...facts, slot: null }, theirs: live.theirs }
    },
    resolved: (state, event, at) => resolved(state, event, at),
  },

  react: {
    asked: (_state, { type: _, slot: __, ...wish }) => {
      const { user, ref } = wish
      const reffId = fingerprint('deposit', user, ref)
      return [{ type: 'deposit_ask', target: lane(wish.gateway), wish, reffId }]
    },
    polled: state => [{ type: 'deposit_confirm', ...numberOf(state) }],
    cancel_asked: state => [{ type: 'deposit_drop', ...numberOf(state) }],
    draw_asked: (state, { received }) => [{ type: 'deposit_draw', ...numberOf(state), received }],
  },

  // Making it, or drawing it, a second time would cost money; the others only ask.
  resume: {
    deposit_ask: 'inquire',
    deposit_confirm: 'repeat',
    deposit_draw: 'inquire',
    deposit_drop: 'repeat',
  },

  timers(state) {
    const at = wakeAt(state)
    return at === null ? [] : [{ at, command: { type: 'tick' } }]
  },

  rest(state) {
    switch (state.phase) {
      case 'absent':
        return 'final'
      case 'asking':
      case 'pending':
      case 'processing':
        return 'machine'
      case 'parked':
        return 'person'
      case 'paid':
        return hasSuspense(state.facts) ? 'person' : 'final'
      case 'expired':
      case 'cancelled':
      case 'failed':
        if (hasSuspense(state.facts)) return 'person'
        return state.pollAt === null ? 'final' : 'machine'
    }
  },

  check(state) {
    if (state.phase === 'absent') return
    const { slot, suspended } = state.facts
    const mayHold = state.phase === 'asking' || state.phase === 'pending'
    assert(mayHold || slot === null, 'DPA2: who does not wait keeps no place')
    assert(
      suspended.every(({ amount }) => isRupiah(amount) && amount > 0),
      'DPA6: money in suspense is money',
    )
  },
})

/** Anything else is no bill that somebody could pay. */
const isSound = ({ amount, fee, received, expiresAt }: Theirs): boolean =>
  [amount, fee, received, expiresAt].every(n => Number.isSafeInteger(n) && n >= 0) &&
  received > 0 &&
  received <= amount

/** What else the gateway may say of one that waits. */
function saidOfPending(
  state: Extract<DepositState, { phase: 'pending' }>,
  said: Exclude<TheirStatus, 'success'>,
  command: Status,
  { now }: Context,
): Decision<Deposit> {
  switch (said) {
    case 'pending':
      return command.via === 'poll' ? askedAgain(state, now) : accept()
    case 'processing': {
      const pollAt = nextPoll('processing', now, now)!
      return ended(state, { type: 'processing_begun', pollAt, via: command.via })
    }
    case 'expired':
      return ended(state, { type: 'expired', theirs: true })
    case 'cancel':
      // Some gateways call it so when it has expired.
      return state.theirs.expiresAt <= now && !state.dropping
        ? ended(state, { type: 'expired', theirs: true })
        : ended(state, { type: 'cancelled' })
    case 'failed':
      return ended(state, { type: 'failed', ...manual(command) })
  }
}

function polled(state: Polled, now: Millis): Decision<Deposit> {
  if (state.pollAt === null || state.pollAt > now) return accept()
  return accept({ type: 'polled', n: state.facts.polls + 1 })
}

/** The answer to our own question was nothing new, or it was not heard. */
function askedAgain(state: DepositState, now: Millis, isHeard = true): Decision<Deposit> {
  if (!('pollAt' in state) || state.pollAt !== null || state.facts.theirs === null) return accept()
  if (state.phase === 'pending') {
    const overAt = state.theirs.expiresAt + graceMs + (isHeard ? 0 : doubtMs)
    if (overAt <= now) return ended(state, { type: 'expired' })
  }
  const pollAt = nextPoll(state.phase, sinceOf(state), now)
  return pollAt === null ? accept() : accept({ type: 'unchanged', pollAt })
}

type Status = Extract<Deposit['command'], { type: 'status' }>
type Polled = Extract<DepositState, { readonly pollAt: Millis | null }>

function sinceOf(state: Polled): Millis {
  if (state.phase === 'pending') return state.facts.askedAt
  return state.phase === 'processing' ? state.since : state.endedAt
}

function endedAs(
  state: DepositState,
  phase: 'expired' | 'cancelled' | 'failed',
  { at, code }: { readonly at: Millis; readonly code: UncreatedCode | null },
): DepositState {
  const live = must(state, 'DPA9: what ends was asked for')
  assert(live.phase !== 'paid' && live.phase !== 'parked', 'DPA4: what was paid stays paid')
  const facts = { ...live.facts, slot: null, updatedAt: at }
  const pollAt = facts.theirs === null ? null : nextPoll(phase, at, at)
  return { phase, facts, code, pollAt, endedAt: at }
}

function must(state: DepositState, sentence: string): Live {
  assert(state.phase !== 'absent', sentence)
  return state
}

/** Not the supplier's of that name: its limit and its pace are for orders. */
const lane = (gateway: string): string => `gateway:${gateway}`

function numberOf(state: DepositState) {
  const { facts } = must(state, 'DPA3: who is asked about was made')
  assert(facts.theirs !== null, 'DPA3: who is asked about was made')
  const { user, ref, method, gateway, offer, amount, theirs } = facts
  const wish = { user, ref, method, gateway, offer, amount }
  return { target: lane(gateway), wish, id: theirs.id }
}

function wakeAt(state: DepositState): Millis | null {
  if (state.phase === 'asking') return state.until
  return 'pollAt' in state ? state.pollAt : null
}
