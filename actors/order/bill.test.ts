import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { spec } from '../../engine/spec.ts'
import { order } from './order.ts'
import type {
  Bill,
  Evidence,
  OrderCommand,
  OrderEvent,
  Plan,
  Quote,
  Report,
} from './order-contract.ts'

const id = '0199c82c-fdc0-7003-abaa-c388aa9f2683'
const user = '0199c82c-0000-7003-8000-000000000001'
const purse = `wallet:${user}`
const hour = 3_600_000
const given = spec(order, { id, available: { [purse]: 50_000 } })

const bill: Bill = {
  ...{ id: 'i1', cost: 40_000, amount: 39_000, admin: 2_500 },
  ...{ customer: 'BUDI', periods: 'JUN 2026', detail: '{"daya":1300}' },
}
const plan: readonly Plan[] = [['S1', 'pln', 40_000, 40_000, 60_000, 6 * hour]]
const quote: Quote = {
  ...{ price: 40_500, plan, pendingLimitMs: hour, bill },
  ...{ billMs: hour, twin: 'twins', twinMs: 600_000 },
}
const words = { user, ref: 'r1', product: 'PLN', destination: '530000000001' }
const place: OrderCommand = { type: 'place', ...words, inquiry: 'i1', quote }
const placed: OrderEvent = {
  ...{ type: 'placed', ...words, price: 40_500, plan, deadlineAt: hour, twin: 'twins', bill },
}
const dispatched: OrderEvent = {
  ...{ type: 'dispatched', n: 1, supplier: 'S1', sku: 'pln', cost: 40_000, maxPrice: 40_000 },
  ref: `L${id.replaceAll('-', '')}-1`,
}
const evidence: Evidence = { code: null, message: null, reply: null, ms: 20, via: 'reply' }
const unknown: OrderEvent = { type: 'reported', n: 1, outcome: 'unknown', ...evidence }
const trying = [placed, dispatched]

const allowed: Quote = { ...quote, twin: '' }

test('order: a bill: its price is held, its words claimed, and it is kept (PPA1)', () => {
  given()
    .when(place)
    .happens(placed, dispatched)
    .thenPosts({ op: 'hold', name: 'price', debit: purse, credit: 'sales', amount: 40_500 })
    .thenClaims(['bill i1', hour], ['twins', 600_000])
})

test('order: a bill that another order pays: refused, and names it (PPA1)', () => {
  given()
    .where({ holders: { 'bill i1': 'other', twins: 'third' } })
    .when(place)
    .thenRefused('TWIN_ORDER', { key: 'other' })
})

test('order: another inquiry of a bill: its twin while that one is young (O6, PPA1)', () => {
  given()
    .where({ holders: { twins: 'other' } })
    .when(place)
    .thenRefused('TWIN_ORDER', { key: 'other' })
})

test('order: a bill whose product allows twins: only its own inquiry is claimed (O6, PPA1)', () => {
  given()
    .where({ holders: { twins: 'other' } })
    .when({ ...place, quote: allowed })
    .thenClaims(['bill i1', hour])
  given()
    .where({ holders: { 'bill i1': 'other' } })
    .when({ ...place, quote: allowed })
    .thenRefused('TWIN_ORDER', { key: 'other' })
})

test('order: a bill that failed: whoever inquired it may pay again (O6, PPA1)', () => {
  const report: Report = { n: 1, outcome: 'failed', retryable: false, ...evidence }
  given(...trying)
    .when({ type: 'report', report })
    .thenReleases('bill i1', 'twins')
})

test('order: the same reference: the same inquiry finds it, another is refused (PPA1)', () => {
  const { inquiry: _, ...unnamed } = place
  given(...trying)
    .when(place)
    .thenNothing()
  given(...trying)
    .when(unnamed as OrderCommand)
    .thenNothing()
  given(...trying)
    .when({ ...place, inquiry: 'i2' })
    .thenRefused('DUPLICATE_REF')
  const over: Quote = { refused: 'INQUIRY_EXPIRED', details: null }
  given(...trying)
    .when({ ...place, quote: over })
    .thenNothing()
})

test('order: a bill: payment and question carry what it cost at the inquiry (PPA2)', () => {
  const about = {
    ...{ target: 'S1', n: 1, supplier: 'S1', sku: 'pln', dest: '530000000001' },
    ...{ ref: `L${id.replaceAll('-', '')}-1`, maxPrice: 40_000, startedAt: 0, bill: 40_000 },
  }
  const { dispatched: pay, rechecked: ask } = order.react
  deepEqual(pay!(given(...trying).state, dispatched, 0), [{ type: 'purchase', ...about }])
  const state = given(...trying, unknown).state
  deepEqual(ask!(state, { type: 'rechecked', n: 1 }, 60_000), [{ type: 'check', ...about }])
  const { bill: _, ...prepaid } = placed as Extract<OrderEvent, { type: 'placed' }>
  const [effect] = pay!(given(prepaid, dispatched).state, dispatched, 0)
  equal('bill' in effect!, false)
})
