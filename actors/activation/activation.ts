/**
 * One rented number, from the moment its price is held until a code has come or the money is back.
 *
 *   absent ──place──▶ buying ──bought──▶ waiting ──code────────────────▶ received ──time──▶ closed
 *                      │  ▲ │             │   ▲                            ▲
 *                      │  │ └─doubt, look─┤   └─"a code came"─┐           │ code
 *                      │  └───────┘       └─cancel, time──▶ cancelling ────┤
 *                      └─definitely not─────────▶ refunded ◀─"cancelled"───┘
 *
 * The price is held when it is ordered. The first code posts it; the supplier's word that there is
 * none, and will be none, voids it. Whatever nobody can say is `parked`: a person's.
 *
 * AC1.  The client's reference is the rental: the same request finds it, another content is
 *       refused, and one that is refused leaves nothing behind.
 * AC2.  A purchase is sent once. Silence is unknown: it is looked for, never bought again, and
 *       moves no money until somebody knows.
 * AC3.  What was agreed is what is paid: the whole price or nothing, whatever the supplier took.
 * AC4.  Exactly one of code and refund: the hold is posted in the record of the first code, or
 *       voided in the record of the refund.
 * AC5.  When a cancellation and a code meet, the supplier's word that is recorded first decides.
 *       What is being cancelled is refunded only when the supplier says that it is cancelled.
 * AC6.  Too early for the supplier, or not answered: it is asked again by the timer, until it says.
 * AC7.  Of two clocks the earlier one ends the waiting: ours, and the number's life there.
 * AC8.  Another code is asked for at most three times; each begins our clock anew. What the
 *       supplier refuses does not count, and is not waited for; what it does not answer may come.
 * AC9.  Every message is kept once; one without a code charges nothing.
 * AC10. What comes after the refund is recorded as late and charges nobody; what the supplier took
 *       for it is booked once.
 * AC11. Where the supplier speaks of a code that we have not seen we go on waiting for it, and ask
 *       again; after so many times a person looks. Nothing is refunded or charged by that word.
 * AC12. A person's word ends what is parked, and gives back what was charged, as new postings.
 * AC13. An answer is never refused, and a repeated or late one changes nothing.
 * AC14. A word that contradicts what was booked moves no money; it is recorded for operators.
 * AC15. Who has his code may end it before its time: it closes at once, and the supplier is told.
 * AC16. A purchase that is in doubt when the longest life of its number is over is refunded: nobody
 *       was shown a number, so no code can reach him. Whether it cost us something a person says.
 */

import { accept, actor, refuse } from '../../engine/actor.ts'
import { assert } from '../../engine/assert.ts'
import { isRupiah } from '../../engine/money.ts'
import { sales, wallet } from '../chart.ts'
import {
  type Activation,
  type ActivationState,
  type Rental,
  resendsMax,
} from './activation-contract.ts'
import {
  began,
  givenBack,
  lookAfter,
  looksMax,
  nothingThere,
  overAt,
  overInDoubt,
  tried,
} from './giving-back.ts'
import { charging, lateCharge, messagesMax, resolve } from './money.ts'

type Live = Exclude<ActivationState, { readonly phase: 'absent' }>

export const activation = actor<Activation>({
  name: 'activation',
  version: 1,
  initial: { phase: 'absent' },

  decide: {
    place(state, { rental, refused }, context) {
      if (state.phase !== 'absent') {
        const { service, country, operator } = state.facts
        const isSame =
          service === rental.service && country === rental.country && operator === rental.operator
        return isSame ? accept() : refuse('DUPLICATE_REF')
      }
      if (refused !== undefined) return refuse(refused)
      const { user, price, cost } = rental
      assert(isRupiah(price) && price > 0 && isRupiah(cost) && cost >= 0, 'AC3: money is whole')
      const available = context.available(wallet(user))
      if (available < price) return refuse('INSUFFICIENT_BALANCE', { available, price })
      return {
        accepted: [{ type: 'placed', ...rental }],
        postings: [
          { op: 'hold', name: 'price', debit: wallet(user), credit: sales, amount: price },
        ],
      }
    },

    bought(state, { id, number, ...told }) {
      if (state.phase === 'absent') return accept()
      const { facts } = state
      const cost = isRupiah(told.cost) && told.cost >= 0 ? told.cost : facts.cost
      const mayBe = state.phase === 'buying' || (state.phase === 'parked' && state.why === 'DOUBT')
      if (mayBe) {
        const isFound = state.phase === 'parked' || state.doubt
        const found = isFound ? { found: true as const } : null
        return accept({ type: 'bought', id, number, cost, ...found })
      }
      const isKnown = facts.number?.id === id || facts.orphans?.includes(id) === true
      return isKnown ? accept() : accept({ type: 'orphaned', id, number, cost })
    },

    unbought: (state, { code }) =>
      state.phase === 'buying' || (state.phase === 'parked' && state.why === 'DOUBT')
        ? { accepted: [{ type: 'unbought', code }], postings: [{ op: 'void', name: 'price' }] }
        : accept(),

    doubtful: (state, { reply }, { now }) =>
      state.phase === 'buying' && !state.doubt
        ? accept({ type: 'doubted', reply, lookAt: now + lookAfter(0) })
        : accept(),

    unfound(state, _, { now }) {
      if (state.phase !== 'buying' || !state.doubt || state.lookAt !== null) return accept()
      return state.looks >= looksMax
        ? accept({ type: 'parked', why: 'DOUBT' })
        : accept({ type: 'unfound', lookAt: now + lookAfter(state.looks) })
    },

    sms(state, { sealed, print, code, charged }) {
      if (state.phase === 'absent' || state.facts.number === null) return accept()
      const { messages } = state.facts
      if (messages.some(one => one.print === print)) return accept()
      const word = { type: 'sms_received', sealed, print, code } as const
      const isRefunded = state.phase === 'refunded'
      if (code && !isRefunded && state.phase !== 'received') return charging(state.facts, word)
      if (messages.length >= messagesMax) return accept()
      return isRefunded ? lateCharge(state.facts, word, charged === true) : accept(word)
    },

    resend(state, _, { now }) {
      switch (state.phase) {
        case 'absent':
          return refuse('NOT_FOUND')
        case 'buying':
        case 'cancelling':
        case 'parked':
          return refuse('ORDER_BUSY')
        case 'waiting':
          return refuse('CODE_AWAITED')
        case 'refunded':
          return refuse('ORDER_FINAL')
        case 'received': {
          const { number, waitMs, terms, resends, resending, resentAt } = state.facts
          if (!state.open || number === null || number.diesAt <= now) return refuse('ORDER_FINAL')
          if (resending) return accept()
          if (!terms.resends) return refuse('RESEND_UNSUPPORTED')
          if (resends >= resendsMax) return refuse('RESEND_LIMIT')
          const waitUntil = Math.min(now + waitMs, number.diesAt)
          const before = resentAt === undefined ? null : { before: resentAt }
          return accept({ type: 'resend_asked', n: resends + 1, waitUntil, ...before })
        }
      }
    },

    resent(state, { ok, refused }) {
      if (state.phase !== 'received' || !state.facts.resending) return accept()
      const undone = ok || !refused ? null : { n: state.facts.resends - 1 }
      return accept({ type: 'resent', ok, ...undone })
    },

    finish(state, { by }) {
      switch (state.phase) {
        case 'absent':
          return refuse('NOT_FOUND')
        case 'waiting':
          return refuse('CODE_AWAITED')
        case 'buying':
        case 'cancelling':
        case 'parked':
          return refuse('ORDER_BUSY')
        case 'refunded':
          return refuse('ORDER_FINAL')
        case 'received':
          return state.open ? accept({ type: 'closed', how: 'USER', by }) : accept()
      }
    },

    finish_answered: () => accept(),

    cancel(state, { why, by }, { now }) {
      switch (state.phase) {
        case 'absent':
          return refuse('NOT_FOUND')
        case 'buying':
          return refuse('ORDER_BUSY')
        case 'received':
          return refuse('CODE_RECEIVED')
        case 'waiting': {
          if (state.codeDue !== undefined) return refuse('CODE_RECEIVED')
          return accept({ ...began(state.facts, why, now), ...(by === undefined ? null : { by }) })
        }
        case 'parked':
          return state.why === 'DOUBT' ? refuse('ORDER_BUSY') : accept()
        case 'cancelling':
        case 'refunded':
          return accept()
      }
    },

    cancel_answered: (state, { answer }, { now }) =>
      answer === 'cancelled' ? givenBack(state) : tried(state, answer, now),

    ended_there(state, { how }, { now }) {
      if (state.phase === 'received') {
        return state.open ? accept({ type: 'closed', how: 'SUPPLIER' }) : accept()
      }
      return how === 'cancelled' ? givenBack(state) : nothingThere(state, now)
    },

    tick(state, _, { now }) {
      switch (state.phase) {
        case 'buying':
          return state.lookAt !== null && state.lookAt <= now
            ? accept({ type: 'looked', n: state.looks + 1 })
            : accept()
        case 'waiting': {
          const { facts, codeDue } = state
          if (codeDue !== undefined) {
            return codeDue.tryAt <= now ? accept(began(facts, codeDue.why, now)) : accept()
          }
          return facts.waitUntil <= now ? accept(began(facts, 'TIME', now)) : accept()
        }
        case 'cancelling':
          return state.tryAt !== null && state.tryAt <= now
            ? accept({ type: 'cancel_tried', n: state.tries + 1 })
            : accept()
        case 'received':
          return state.open && state.facts.waitUntil <= now
            ? accept({ type: 'closed', how: 'TIME' })
            : accept()
        case 'parked':
          return state.why === 'DOUBT' && overAt(state.facts) <= now ? overInDoubt : accept()
        case 'absent':
        case 'refunded':
          return accept()
      }
    },

    resolve,
  },

  evolve: {
    placed(state, { type: _, ...rental }, at) {
      assert(state.phase === 'absent', 'AC1: a rental is placed once')
      const waitUntil = at + rental.waitMs
      const times = { placedAt: at, updatedAt: at, waitUntil }
      const facts = { ...rental, ...times, number: null, messages: [], resends: 0, spent: 0 }
      return { phase: 'buying', facts, doubt: false, looks: 0, lookAt: null }
    },
    bought(state, { id, number, cost, found }, at) {
      const { facts } = must(state, 'AC2: what is bought was placed')
      assert(facts.number === null, 'AC2: a number is bought once')
      // What was found after doubt may be as old as the order.
      const boughtAt = found ? facts.placedAt : at
      const diesAt = boughtAt + facts.terms.lifeMs
      const bought = { id, number, cost, boughtAt, diesAt }
      const waitUntil = Math.min(at + facts.waitMs, diesAt)
      return { phase: 'waiting', facts: { ...facts, number: bought, waitUntil, updatedAt: at } }
    },
    doubted(state, { lookAt }, at) {
      assert(state.phase === 'buying', 'AC2: only a purchase under way is in doubt')
      return { ...state, facts: { ...state.facts, updatedAt: at }, doubt: true, lookAt }
    },
    looked(state, { n }) {
      assert(state.phase === 'buying' && state.doubt, 'AC2: only what is in doubt is looked for')
      return { ...state, looks: n, lookAt: null }
    },
    unfound(state, { lookAt }) {
      assert(state.phase === 'buying' && state.doubt, 'AC2: only what is in doubt is looked for')
      return { ...state, lookAt }
    },
    unbought(state, { code }, at) {
      const { facts } = must(state, 'AC4: what is refunded was placed')
      assert(facts.number === null, 'AC4: what was bought is not unbought')
      return { phase: 'refunded', facts: { ...facts, updatedAt: at }, why: code }
    },
    sms_received(state, { sealed, print, code, first, late, cost }, at) {
      const live = must(state, 'AC9: messages come to what was placed')
      const message = { sealed, print, at, code, ...(late ? { late } : null) }
      const messages = [...live.facts.messages, message]
      const spent = live.facts.spent + (cost ?? 0)
      const facts = { ...live.facts, messages, spent, updatedAt: at }
      return first ? { phase: 'received', facts, open: true } : { ...live, facts }
    },
    resend_asked(state, { n, waitUntil, before }, at) {
      const live = must(state, 'AC8: another code comes after the first')
      const { resentBefore: _, ...facts } = live.facts
      const times = { resentAt: at, waitUntil, updatedAt: at }
      const earlier = before === undefined ? null : { resentBefore: before }
      return { ...live, facts: { ...facts, resends: n, resending: true, ...times, ...earlier } }
    },
    resent(state, { n }, at) {
      const live = must(state, 'AC8: another code comes after the first')
      const { resending: _, ...asked } = live.facts
      if (n === undefined) return { ...live, facts: { ...asked, updatedAt: at } }
      const { resentAt: __, resentBefore, ...facts } = asked
      const earlier = resentBefore === undefined ? null : { resentAt: resentBefore }
      return { ...live, facts: { ...facts, ...earlier, resends: n, updatedAt: at } }
    },
    cancel_begun(state, { why, tryAt }, at) {
      assert(state.phase === 'waiting', 'AC5: only what waits is given back')
      const due = state.codeDue?.times ?? 0
      const tries = tryAt === null ? 1 : 0
      const facts = { ...state.facts, updatedAt: at }
      return { phase: 'cancelling', facts, why, tries, tryAt, due }
    },
    cancel_tried(state, { n }) {
      assert(state.phase === 'cancelling', 'AC6: only what is given back is asked about')
      return { ...state, tries: n, tryAt: null }
    },
    cancel_denied(state, { tryAt }) {
      assert(state.phase === 'cancelling', 'AC6: only what is given back is asked about')
      return { ...state, tryAt }
    },
    code_due(state, { why, tryAt }, at) {
      const live = must(state, 'AC11: a code is due of what was placed')
      const times = (live.phase === 'cancelling' ? live.due : 0) + 1
      const facts = { ...live.facts, updatedAt: at }
      return { phase: 'waiting', facts, codeDue: { why, times, tryAt } }
    },
    refunded(state, { why }, at) {
      const { facts } = must(state, 'AC4: what is refunded was placed')
      return { phase: 'refunded', facts: { ...facts, updatedAt: at }, why }
    },
    closed(state, _, at) {
      assert(state.phase === 'received', 'AC7: what closes has had a code')
      return { phase: 'received', facts: { ...state.facts, updatedAt: at }, open: false }
    },
    parked(state, { why }, at) {
      const { facts } = must(state, 'AC12: what a person decides was placed')
      return { phase: 'parked', facts: { ...facts, updatedAt: at }, why }
    },
    orphaned(state, { id }, at) {
      const live = must(state, 'AC14: a word is about what was placed')
      const orphans = [...(live.facts.orphans ?? []), id].slice(-orphansMax)
      return { ...live, facts: { ...live.facts, orphans, updatedAt: at } }
    },
    contradicted(state, _, at) {
      const live = must(state, 'AC14: a word is about what was placed')
      return { ...live, facts: { ...live.facts, contradicted: true, updatedAt: at } }
    },
    resolved(state, { verdict, by, reason, cost }, at) {
      const live = must(state, 'AC12: what a person decides was placed')
      const facts = { ...live.facts, spent: live.facts.spent + cost, updatedAt: at }
      return verdict === 'charge'
        ? { phase: 'received', facts, open: false }
        : { phase: 'refunded', facts, why: 'PERSON', byHand: { by, reason } }
    },
  },

  react: {
    placed: (_, { type: __, ...rental }) => [{ type: 'buy', target: rental.supplier, rental }],
    looked(state, { n }) {
      const { facts } = must(state, 'AC2: what is looked for was placed')
      const { supplier: target, placedAt: since } = facts
      return [{ type: 'look', target, rental: rentalOf(facts), since, n, last: n >= looksMax }]
    },
    resend_asked: state => [{ type: 'again', ...numberOf(state) }],
    cancel_begun: (state, { tryAt }) =>
      tryAt === null ? [{ type: 'return', ...numberOf(state) }] : [],
    cancel_tried: state => [{ type: 'return', ...numberOf(state) }],
    closed: (state, { how }) => (how === 'USER' ? [{ type: 'finish', ...numberOf(state) }] : []),
  },

  // Buying again would buy another number; the others may be asked as often as need be.
  resume: { buy: 'inquire', look: 'repeat', again: 'repeat', return: 'repeat', finish: 'repeat' },

  timers(state) {
    const at = wakeAt(state)
    return at === null ? [] : [{ at, command: { type: 'tick' } }]
  },

  rest(state) {
    switch (state.phase) {
      case 'buying':
      case 'waiting':
      case 'cancelling':
        return 'machine'
      case 'received':
        return state.open ? 'machine' : 'final'
      case 'parked':
        return 'person'
      case 'refunded':
        return state.why === 'DOUBT' ? 'person' : 'final'
      case 'absent':
        return 'final'
    }
  },

  check(state) {
    if (state.phase === 'absent') return
    const { number, waitUntil, resends, messages, spent } = state.facts
    assert(number === null || waitUntil <= number.diesAt, 'AC7: the earlier clock ends it')
    assert(resends <= resendsMax, 'AC8: another code is asked for so many times')
    assert(isRupiah(spent) && spent >= 0, 'AC3: money is whole')
    if (state.phase === 'received' || (state.phase === 'refunded' && state.byHand)) return
    assert(
      messages.every(one => !one.code || one.late),
      'AC4: after a code nothing is refunded, and nothing waits',
    )
  },
})

const orphansMax = 20

function must(state: ActivationState, sentence: string): Live {
  assert(state.phase !== 'absent', sentence)
  return state
}

function wakeAt(state: ActivationState): number | null {
  switch (state.phase) {
    case 'buying':
      return state.lookAt
    case 'waiting':
      return state.codeDue?.tryAt ?? state.facts.waitUntil
    case 'cancelling':
      return state.tryAt
    case 'received':
      return state.open ? state.facts.waitUntil : null
    case 'parked':
      return state.why === 'DOUBT' ? overAt(state.facts) : null
    case 'absent':
    case 'refunded':
      return null
  }
}

function numberOf(state: ActivationState): { readonly target: string; readonly id: string } {
  const { facts } = must(state, 'AC5: what is given back was placed')
  assert(facts.number !== null, 'AC5: what is given back was bought')
  return { target: facts.supplier, id: facts.number.id }
}

/** What was agreed, without what became of it. */
function rentalOf(facts: Live['facts']): Rental {
  const { user, ref, service, serviceName, country, countryName, operator, operatorName } = facts
  const { supplier, offer, price, cost, waitMs, terms } = facts
  const what = { service, serviceName, country, countryName, operator, operatorName }
  return { user, ref, ...what, supplier, offer, price, cost, waitMs, terms }
}
