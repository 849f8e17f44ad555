import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { order } from '../../actors/order/order.ts'
import type { OrderEvent, OrderState } from '../../actors/order/order-contract.ts'
import { forget } from '../../engine/actor.ts'
import { Cell } from '../../engine/cell.ts'
import { keyOf } from '../../engine/ids.ts'
import { attemptFailed, delivered, dispatched, evidence, id, placed } from './events.fixture.ts'
import { orderBrief, orderStanding } from './view.ts'

type Placed = Exclude<OrderState, { phase: 'absent' }>

const person = { code: null, message: 'seen', reply: null, ms: null, via: 'person' } as const

const reported: OrderEvent = { type: 'reported', n: 1, outcome: 'pending', ...evidence }
const disputed: OrderEvent = {
  ...{ type: 'disputed', n: 1, claim: 'late_failure', sn: '', ...evidence, via: 'callback' },
}

/** The state after these events, each a hundred milliseconds after the one before. */
function after(...events: readonly OrderEvent[]): Placed {
  const cell = new Cell(forget(order), keyOf(id))
  for (const [index, event] of [placed, dispatched(1), ...events].entries()) {
    const record = { kind: 'order', version: 1, id, born: index === 0, command: 'test' }
    const nothing = { entries: [], claims: [], releases: [] }
    cell.replay({ ...record, ...nothing, at: 1_000 + index * 100, events: [event] }, index + 1)
  }
  return cell.state as Placed
}

const refund: OrderEvent = { type: 'resolved', verdict: 'refund', reason: 'seen', by: 'cici' }
const phases: readonly (readonly [what: string, state: Placed, shown: object])[] = [
  ['trying', after(), { status: 'PROCESSING', money: 'held', failure: null, sn: null }],
  ['waiting', after(reported), { status: 'PROCESSING', money: 'held', failure: null, sn: null }],
  [
    'parked',
    after(reported, { type: 'parked', why: 'DEADLINE' }),
    { status: 'PROCESSING', money: 'held', failure: 'DEADLINE', sn: null },
  ],
  [
    'delivered',
    after(delivered(1)),
    { status: 'SUCCESS', money: 'charged', failure: null, sn: 'SN-1' },
  ],
  [
    'failed',
    after(attemptFailed, { type: 'failed', code: 'SUPPLIER_FAILED' }),
    { status: 'FAILED', money: 'refunded', failure: 'SUPPLIER_FAILED', sn: null },
  ],
  [
    'refunded',
    after(delivered(1), refund),
    { status: 'REFUND', money: 'refunded', failure: null, sn: 'SN-1' },
  ],
]

test('view: every phase: its status, what it did to the money, and why it failed', () => {
  for (const [phase, state, shown] of phases) {
    equal(state.phase, phase)
    const { status, moneyEffect: money, failure, sn } = orderBrief(id, state)
    deepEqual({ status, money, failure, sn }, shown, phase)
  }
})

test('view: failed by a supplier: a code of ours; that its own 44 is about us, staff read (GT3)', () => {
  const end: OrderEvent = { type: 'failed', code: 'SUPPLIER_FAILED' }
  const failed = (code: string) =>
    orderBrief(id, after({ ...attemptFailed, code } as OrderEvent, end))
  for (const code of ['44', '54', 'INSUFFICIENT_BALANCE']) {
    equal(failed(code).failure, 'SUPPLIER_FAILED')
    equal(failed(code).attempts[0]?.code, code)
  }
  equal(failed('bill_changed').failure, 'bill_changed')
})

test('view: failed by a person: the code says so when the supplier gave none', () => {
  const state = after(
    reported,
    { type: 'attempt_failed', n: 1, ...person },
    { type: 'failed', code: 'PERSON' },
  )
  equal(orderBrief(id, state).failure, 'PERSON')
})

test('view: what happens next: by itself and when, or by a person, or nothing', () => {
  const next = (state: Placed) => orderStanding(id, state).next
  deepEqual(next(after()), { what: 'supplier_answers', at: 90_000 })
  deepEqual(next(after(reported)), { what: 'supplier_is_asked', at: 2_100 })
  const parked = after(reported, { type: 'parked', why: 'DEADLINE' })
  deepEqual(next(parked), { what: 'person_decides', at: 2_100 })
  equal(next(after(delivered(1))), null)
  equal(next(after(delivered(1), refund)), null)
})

test('view: a dispute: it is shown, and a person decides, until one did', () => {
  const open = orderStanding(id, after(delivered(1), disputed))
  equal(open.disputed, true)
  equal(open.status, 'SUCCESS')
  deepEqual(open.next, { what: 'person_decides', at: null })
  const dismissed = orderStanding(
    id,
    after(delivered(1), disputed, { ...refund, type: 'resolved', verdict: 'dismiss' }),
  )
  equal(dismissed.disputed, false)
  equal(dismissed.next, null)
})

test('view: attempts: the evidence is shown, our own terms are not', () => {
  const [attempt] = orderStanding(id, after(delivered(1))).attempts
  deepEqual(attempt, {
    ...{ n: 1, supplier: 'ani', sku: 'ani-1', ref: 'L-1', cost: 700, outcome: 'success' },
    ...{ code: '00', message: 'ok', reply: '{"rc":"00"}', latencyMs: 7 },
    ...{ startedAt: 1_100, answeredAt: 1_200 },
  })
  equal('plan' in orderStanding(id, after()), false)
})

test('view: attempts: one that never left is told from one that a supplier refused', () => {
  const shown = (code: string) =>
    orderStanding(id, after({ ...attemptFailed, code } as OrderEvent)).attempts[0]?.notSent
  deepEqual([shown('queue_timeout'), shown('left_out'), shown('40')], [true, true, undefined])
  const last = { ...attemptFailed, n: 2, code: 'left_out' } as OrderEvent
  const end: OrderEvent = { type: 'failed', code: 'SUPPLIER_FAILED' }
  const unpaid = { ...attemptFailed, code: 'bill_changed' } as OrderEvent
  equal(orderStanding(id, after(unpaid, dispatched(2), last, end)).failure, 'bill_changed')
  const only = { ...attemptFailed, code: 'queue_timeout' } as OrderEvent
  equal(orderStanding(id, after(only, end)).failure, 'SUPPLIER_FAILED')
})

test('view: attempts: how one ended by a person’s word says so, by its supplier’s does not', () => {
  const shown = (...events: OrderEvent[]) =>
    orderStanding(id, after(...events)).attempts[0]?.byPerson
  deepEqual(
    [
      shown(reported, { type: 'attempt_failed', n: 1, ...person }),
      shown(reported, { ...delivered(1), ...person } as OrderEvent),
      shown(reported, attemptFailed),
      shown(reported, delivered(1)),
      // The supplier refused it; that the order ends there is what the person said.
      shown(attemptFailed, { type: 'failed', code: 'PERSON' }),
    ],
    [true, true, undefined, undefined, undefined],
  )
})

test('view: attempts: a failure that its supplier may revise says so', () => {
  const shown = (watch: object) =>
    orderStanding(id, after({ ...attemptFailed, ...watch } as OrderEvent)).attempts[0]?.mayBeRevised
  deepEqual([shown({ watch: true }), shown({})], [true, undefined])
})
