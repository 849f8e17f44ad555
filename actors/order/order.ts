/**
 * One purchase, from the moment we accept it until we know for certain how it ended.
 *
 *   absent ──place──▶ trying ──success──────────────────────────▶ delivered ──resolve──▶ refunded
 *                      │  ▲ └─definitely failed, none left──────▶ failed
 *                      │  └── definitely failed, next supplier ─┐
 *                      ├─pending, unknown──▶ waiting ──re-check─┤
 *                      │                        └─deadline──▶ parked (a person looks; checks go on)
 *                      └────────────────────────────────────────┘
 *
 * The price is held when the order is placed and posted when it is delivered. `trying` owes an
 * effect, `waiting` has a timer, `parked` stands in a person's queue: nothing is ownerless.
 *
 * O1.  The client's reference is the order: the same request finds it, another content is refused.
 * O2.  Money follows certainty: silence and nonsense make an order wait, never fail.
 * O3.  Another supplier is tried only after a definite failure of the one before.
 * O4.  Release and failure, and capture and delivery, are one record.
 * O5.  A report that contradicts what was booked moves no money: it opens a dispute.
 * O6.  A twin (same client, product and destination) is refused while the first one is young,
 *      unless the product allows it or the first one failed.
 * O7.  Past its deadline an unsettled order is a person's, and a definite answer still ends it.
 * O8.  A re-check is never sent after the supplier's window for it, where it would buy again, nor
 *      before the last call had the supplier's pause, however late after its dispatch that left.
 * O9.  A repeated report changes nothing; a late serial number is learned, a changed one is noted.
 * O10. An order that is refused leaves nothing behind, and holds nothing.
 * O11. After its time for trying others an order that failed at one supplier fails.
 * O12. While one that failed is said to be sold after all, and nobody has settled that, no other
 *      supplier is asked and the price does not go back: the attempt that is out may still deliver,
 *      and if it fails a person says what was sold. What one supplier took stays disputed when
 *      what another one delivered is given back.
 * PPA1. One inquiry pays one order, unless that one failed: it has a word of its own, claimed
 *       beside the twins' and also where twins are allowed, by whatever reference it comes; the
 *       same reference with another inquiry is another content.
 * PPA2. Whoever is asked to pay a bill, or about it, is told what it cost when the client agreed.
 *
 * What a supplier's word decides is in hearing.ts, what a person's does in verdict.ts; what else a
 * person may do in by-hand.ts.
 */

import { accept, actor, type Claim, refuse } from '../../engine/actor.ts'
import { assert } from '../../engine/assert.ts'
import type { Millis } from '../../engine/ids.ts'
import type { Rupiah } from '../../engine/money.ts'
import { sales, wallet } from '../chart.ts'
import { hold, recheckByHand, release, reroute } from './by-hand.ts'
import { documents, hear, nextCheck, spokenAt } from './hearing.ts'
import { lean } from './lean.ts'
import type {
  Attempt,
  Dispute,
  Evidence,
  Order,
  OrderEffect,
  OrderFacts,
  OrderState,
  Quote,
} from './order-contract.ts'
import {
  billWord,
  dispatch,
  hasDispute,
  hasFailed,
  isClaimed,
  type Live,
  stillDisputed,
} from './standing.ts'
import { resolve } from './verdict.ts'

/** Words of suppliers are kept, but not endlessly. */
const notesMax = 20

const none: readonly never[] = []

type Offer = Exclude<Quote, { refused: unknown }>

export const order = actor<Order>({
  name: 'order',
  version: 1,
  initial: { phase: 'absent' },

  decide: {
    place(state, command, context) {
      if (state.phase !== 'absent') {
        const { product, destination, bill } = state.order
        const { inquiry = bill?.id } = command
        const same = product === command.product && destination === command.destination
        return same && inquiry === bill?.id ? accept() : refuse('DUPLICATE_REF')
      }
      const { quote } = command
      if ('refused' in quote) return refuse(quote.refused, quote.details)

      const { twin: word, bill } = quote
      const holder =
        (bill === undefined ? undefined : context.holder(billWord(bill))) ??
        (word === '' ? undefined : context.holder(word))
      if (holder !== undefined) return refuse('TWIN_ORDER', { key: holder })

      const available = context.available(wallet(command.user))
      if (available < quote.price) {
        return refuse('INSUFFICIENT_BALANCE', { available, price: quote.price })
      }
      const first = quote.plan[0]
      if (first === undefined) return refuse('PRODUCT_UNSUPPLIED')
      return {
        accepted: [
          {
            type: 'placed',
            user: command.user,
            ref: command.ref,
            product: command.product,
            destination: command.destination,
            price: quote.price,
            plan: quote.plan,
            deadlineAt: context.now + quote.pendingLimitMs,
            twin: quote.twin,
            ...(command.callbackUrl === undefined ? {} : { callbackUrl: command.callbackUrl }),
            ...(command.said === undefined ? {} : { said: command.said }),
            ...(quote.failoverMs === undefined
              ? {}
              : { failoverUntil: context.now + quote.failoverMs }),
            ...(quote.why === undefined ? {} : { why: quote.why }),
            ...(quote.bill === undefined ? {} : { bill: quote.bill }),
          },
          dispatch(1, first, context.id),
        ],
        postings: [
          {
            op: 'hold',
            name: 'price',
            debit: wallet(command.user),
            credit: sales,
            amount: quote.price,
          },
        ],
        ...claiming(quote, context.now),
      }
    },

    report: (state, { report }, context) => hear(state, report, context),

    recheck(state, { by, reason = '' }, context) {
      if (by !== undefined) return recheckByHand(state, { by, reason }, context.now)
      if (state.phase !== 'waiting' && state.phase !== 'parked') return accept()
      if (state.recheckAt === null || state.recheckAt > context.now) return accept()
      return accept({ type: 'rechecked', n: state.order.attempts.length })
    },

    overdue: (state, _, context) =>
      (state.phase === 'trying' || state.phase === 'waiting') &&
      state.order.deadlineAt <= context.now
        ? accept({ type: 'parked', why: 'DEADLINE', ...stillDisputed(state) })
        : accept(),

    resolve,
    hold,
    release,
    reroute,
  },

  evolve: {
    placed(state, event, at) {
      assert(state.phase === 'absent', 'O1: an order is placed once')
      const { user, ref, product, destination, price, plan, deadlineAt, twin, callbackUrl } = event
      const { failoverUntil, bill, said } = event
      // Not put together out of parts: such an object is a third larger, a hundred thousand times.
      const facts: OrderFacts = {
        user,
        ref,
        product,
        destination,
        price,
        plan,
        deadlineAt,
        twin,
        placedAt: at,
        updatedAt: at,
        attempts: none,
        disputes: none,
      }
      const rare = callbackUrl ?? failoverUntil ?? bill ?? said
      if (rare === undefined) return { phase: 'trying', order: facts }
      return {
        phase: 'trying',
        order: {
          ...facts,
          ...(callbackUrl === undefined ? null : { callbackUrl }),
          ...(failoverUntil === undefined ? null : { failoverUntil }),
          ...(bill === undefined ? null : { bill }),
          ...(said === undefined ? null : { said }),
        },
      }
    },
    dispatched(state, event, at) {
      const live = must(state)
      const { n, supplier, sku, cost: price, maxPrice, ref } = event
      const attempt: Attempt = {
        n,
        supplier,
        sku,
        ref,
        cost: price,
        maxPrice,
        outcome: 'started',
        startedAt: at,
        askedAt: at,
        answeredAt: null,
        checks: 0,
        code: null,
        message: null,
        reply: null,
        ms: null,
        via: null,
      }
      assert(event.n === live.order.attempts.length + 1, 'O3: attempts are numbered in order')
      assert(
        live.order.attempts.every(one => one.outcome === 'failed'),
        'O3: all before failed',
      )
      const attempts = live.order.attempts.concat(attempt)
      return { phase: 'trying', order: { ...live.order, attempts, updatedAt: at } }
    },
    reported(state, event, at) {
      const live = must(state)
      const { askedAt } = live.order.attempts[event.n - 1]!
      const attempts = patch(live.order.attempts, event.n, {
        ...answered(live, event, at),
        outcome: event.outcome,
        askedAt: spokenAt(event, askedAt, at),
      })
      const order = { ...live.order, attempts, updatedAt: at }
      const recheckAt = nextCheck(order, attempts.at(-1)!.askedAt, at)
      if (live.phase === 'parked') return { phase: 'parked', order, why: live.why, recheckAt }
      // Without another check to wait for, the same record parks it.
      if (recheckAt === null) return { phase: 'trying', order }
      return { phase: 'waiting', order, recheckAt }
    },
    rechecked(state, event, at) {
      const live = must(state)
      const { checks, answeredAt } = live.order.attempts[event.n - 1]!
      // Later than the answer before it, also within its millisecond: so it shows that it is out.
      const askedAt = answeredAt === null ? at : Math.max(at, answeredAt + 1)
      const attempts = patch(live.order.attempts, event.n, { checks: checks + 1, askedAt })
      const order = { ...live.order, attempts, updatedAt: at }
      if (live.phase === 'delivered') {
        const asked = { code: null, message: null, reply: null, ms: null, via: 'check' } as const
        const checked = { n: event.n, outcome: 'asked', ...asked, at } as const
        return { ...live, order: { ...order, checked } }
      }
      return live.phase === 'parked'
        ? { phase: 'parked', order, why: live.why, recheckAt: null }
        : { phase: 'trying', order }
    },
    checked(state, event, at) {
      const live = must(state)
      const { type: _, ...answer } = event
      return { ...live, order: { ...live.order, checked: { ...answer, at }, updatedAt: at } }
    },
    attempt_failed(state, event, at) {
      const live = must(state)
      const watch = event.watch === undefined ? null : { watch: event.watch }
      const answer = { ...answered(live, event, at), outcome: 'failed', ...watch } as const
      const attempts = patch(live.order.attempts, event.n, answer)
      return { phase: 'trying', order: { ...live.order, attempts, updatedAt: at } }
    },
    delivered(state, event, at) {
      const live = must(state)
      const answer = { ...answered(live, event, at), outcome: 'success' } as const
      const attempts = patch(live.order.attempts, event.n, answer)
      const order = { ...live.order, attempts, updatedAt: at }
      if (order.disputes.some(one => isClaimed(one, event.n))) {
        const disputes = order.disputes.map(one =>
          isClaimed(one, event.n) ? ({ ...one, verdict: 'success' } as const) : one,
        )
        const settled = { ...order, disputes }
        return { phase: 'delivered', order: settled, sn: event.sn, cost: event.cost, n: event.n }
      }
      return { phase: 'delivered', order, sn: event.sn, cost: event.cost, n: event.n }
    },
    failed(state, event, at) {
      const live = must(state)
      return { phase: 'failed', order: { ...live.order, updatedAt: at }, code: event.code }
    },
    parked(state, event, at) {
      const live = must(state)
      const recheckAt = live.phase === 'waiting' ? live.recheckAt : null
      const order = { ...live.order, updatedAt: at }
      const final = event.final === undefined ? null : { final: event.final }
      return { phase: 'parked', order, why: event.why, recheckAt, ...final }
    },
    held(state, { by, reason }, at) {
      const live = must(state)
      return { ...live, order: { ...live.order, held: { by, reason, at }, updatedAt: at } }
    },
    released(state, _, at) {
      const live = must(state)
      const { held: __, ...order } = live.order
      return { ...live, order: { ...order, updatedAt: at } }
    },
    rerouted(state, { to, deadlineAt }, at) {
      const live = must(state)
      const { attempts, plan } = live.order
      const later = plan.slice(attempts.length).filter(([supplier]) => supplier !== to[0])
      const changed = [...plan.slice(0, attempts.length), to, ...later]
      return {
        phase: 'trying',
        order: { ...live.order, plan: changed, deadlineAt, updatedAt: at },
      }
    },
    sn_learned(state, event, at) {
      assert(state.phase === 'delivered', 'O9: a serial number is learned after delivery')
      return { ...state, sn: event.sn, order: { ...state.order, updatedAt: at } }
    },
    sn_noted(state, event, at) {
      const live = must(state)
      const notes = [...(live.order.notes ?? []), event.sn].slice(-notesMax)
      return { ...live, order: { ...live.order, notes, updatedAt: at } }
    },
    disputed(state, event, at) {
      const live = must(state)
      const { type: _, ...claim } = event
      const disputes = [...live.order.disputes, { ...claim, at, verdict: null }]
      return { ...live, order: { ...live.order, disputes, updatedAt: at } }
    },
    resolved(state, event, at) {
      const live = must(state)
      // How an open order ended says nothing about a dispute on an earlier attempt.
      const { verdict, n } = event
      const isMeant = (one: Dispute) => one.verdict === null && (n === undefined || n === one.n)
      const disputes =
        verdict === 'success' || verdict === 'failed'
          ? live.order.disputes
          : live.order.disputes.map(one => (isMeant(one) ? { ...one, verdict } : one))
      const order = { ...live.order, disputes, updatedAt: at }
      if (event.verdict === 'refund') {
        assert(live.phase === 'delivered', 'O5: only what was delivered is refunded')
        return { phase: 'refunded', order, sn: live.sn, cost: live.cost }
      }
      return { ...live, order }
    },
  },

  react: {
    dispatched: (state, event, at) => {
      const { order } = must(state)
      const purchase: OrderEffect = {
        type: 'purchase',
        target: event.supplier,
        n: event.n,
        supplier: event.supplier,
        sku: event.sku,
        dest: order.destination,
        ref: event.ref,
        maxPrice: event.maxPrice,
        startedAt: at,
      }
      const isLater = event.n > 1 && !event.byHand
      if (order.bill === undefined && !isLater) return [purchase]
      return [
        {
          ...purchase,
          ...(order.bill === undefined ? null : { bill: order.bill.cost }),
          ...(isLater ? { later: laterOf(order, event.cost) } : null),
        },
      ]
    },
    rechecked: (state, event) => {
      const { order } = must(state)
      const attempt = order.attempts[event.n - 1]!
      return [
        {
          type: 'check',
          target: attempt.supplier,
          n: event.n,
          supplier: attempt.supplier,
          sku: attempt.sku,
          dest: order.destination,
          ref: attempt.ref,
          maxPrice: attempt.maxPrice,
          startedAt: attempt.startedAt,
          ...(order.bill === undefined ? null : { bill: order.bill.cost }),
        },
      ]
    },
  },

  // Neither may be sent again unasked: where a check is a repeated purchase, it would buy twice.
  resume: { purchase: 'inquire', check: 'inquire' },

  timers(state) {
    switch (state.phase) {
      case 'trying':
        return [{ at: state.order.deadlineAt, command: { type: 'overdue' } }]
      case 'waiting':
        return [
          { at: state.recheckAt, command: { type: 'recheck' } },
          { at: state.order.deadlineAt, command: { type: 'overdue' } },
        ]
      case 'parked':
        return state.recheckAt === null
          ? []
          : [{ at: state.recheckAt, command: { type: 'recheck' } }]
      case 'absent':
      case 'delivered':
      case 'failed':
      case 'refunded':
        return []
    }
  },

  rest(state) {
    switch (state.phase) {
      case 'trying':
      case 'waiting':
        return 'machine'
      case 'parked':
        return 'person'
      case 'absent':
        return 'final'
      case 'delivered':
      case 'failed':
      case 'refunded':
        return hasDispute(state) ? 'person' : 'final'
    }
  },

  check(state) {
    if (state.phase === 'absent') return
    const { attempts, plan } = state.order
    assert(attempts.length <= plan.length, 'O3: no more attempts than suppliers in the plan')
    if (state.phase !== 'parked' || state.why !== 'HELD') return
    assert(hasFailed(state), 'CRB1: what a person alone lets go on has failed where it was')
  },

  lean,
})

/** What nobody else may have meanwhile: the word of its twins, and of the inquiry that it pays. */
function claiming({ twin, twinMs, bill, billMs = 0 }: Offer, now: Millis): { claims?: Claim[] } {
  if (bill === undefined) return twin === '' ? {} : { claims: [[twin, now + twinMs]] }
  const claims: Claim[] = [[billWord(bill), now + billMs]]
  if (twin !== '') claims.push([twin, now + twinMs])
  return { claims }
}

const laterOf = ({ product, user }: OrderFacts, cost: Rupiah) => ({ product, user, cost })

/** What an attempt keeps of any answer to it; none stands before its question. */
const answered = ({ order }: Live, event: Evidence & { readonly n: number }, at: Millis) => ({
  ...documents(event),
  answeredAt: Math.max(at, order.attempts[event.n - 1]!.askedAt),
})

function must(state: OrderState): Live {
  assert(state.phase !== 'absent', 'O1: what happens to an order happens after it was placed')
  return state
}

function patch(attempts: readonly Attempt[], n: number, facts: Partial<Attempt>): Attempt[] {
  return attempts.map(one => (one.n === n ? { ...one, ...facts } : one))
}
