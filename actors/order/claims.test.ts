/** O12: what failed is said to be sold after all, while somebody else is asked. */

import { test } from 'node:test'
import { spec } from '../../engine/spec.ts'
import { order } from './order.ts'
import type { Evidence, OrderCommand, OrderEvent, Plan, Report } from './order-contract.ts'

const id = '0199c82c-fdc0-7003-abaa-c388aa9f2683'
const user = '0199c82c-0000-7003-8000-000000000001'
const hour = 3_600_000
const word = { by: 'cici', reason: 'asked them' }

const given = spec(order, { id, available: { [`wallet:${user}`]: 10_000 } })

const planOf = (supplier: string): Plan => [supplier, 'sku', 9_500, 9_900, 90_000, 6 * hour]
const placed: OrderEvent = {
  ...{ type: 'placed', user, ref: 'r1', product: 'pulsa', destination: '0811', price: 10_000 },
  ...{ plan: ['S1', 'S2', 'S3'].map(planOf), deadlineAt: hour, twin: 'twin' },
}
const dispatched = (n: number, supplier = `S${n}`): OrderEvent => ({
  ...{ type: 'dispatched', n, supplier, sku: 'sku', cost: 9_500, maxPrice: 9_900 },
  ref: `L${id.replaceAll('-', '')}-${n}`,
})
const evidence: Evidence = { code: null, message: null, reply: null, ms: 20, via: 'callback' }
const person = { code: null, message: word.reason, reply: null, ms: null, via: 'person' } as const
const attemptFailed = (n: number): OrderEvent => ({ type: 'attempt_failed', n, ...evidence })
const reported: OrderEvent = { type: 'reported', n: 2, outcome: 'pending', ...evidence }
const claimed = (n: number, more: { cost?: number } = {}): OrderEvent => ({
  ...{ type: 'disputed', n, claim: 'late_success', sn: `SN${n}` },
  ...evidence,
  ...more,
})
const parked: OrderEvent = { type: 'parked', why: 'HELD', disputed: true }
const report = (more: Partial<Report>): OrderCommand => ({
  type: 'report',
  report: { n: 2, ...evidence, ...more } as Report,
})
const success = (n: number, cost = 9_500) =>
  report({ n, outcome: 'success', sn: `SN${n}`, cost, balance: 1 })
const failure = (retryable = true) => report({ outcome: 'failed', retryable })
const resolve = (verdict: 'success' | 'failed' | 'refund' | 'accept_loss' | 'dismiss') =>
  ({ type: 'resolve', ...word, verdict }) as const
const release: OrderCommand = { type: 'release', ...word }
const paidTo = (supplier: string, amount: number, name = 'cost') =>
  ({ op: 'move', name, debit: 'cost', credit: `float:${supplier}`, amount }) as const

const second = [placed, dispatched(1), attemptFailed(1), dispatched(2)]
const open = [...second, claimed(1)]
const contested = [...open, attemptFailed(2), parked]

test('claims: the next one fails as well: no third is asked, no price goes back (O12)', () => {
  for (const history of [open, [...open, reported]]) {
    given(...history)
      .when(failure())
      .happens(attemptFailed(2), parked)
      .thenPosts()
      .thenOwes()
      .thenIs('parked', 'person')
  }
  given(...open)
    .when(failure(false))
    .happens(
      { ...attemptFailed(2), final: true } as OrderEvent,
      { ...parked, final: true } as OrderEvent,
    )
    .thenPosts()
})

test('claims: the next one delivers: that is what is paid for, the claim stays (O12, O5)', () => {
  given(...open)
    .when(success(2))
    .happensIn('delivered')
    .thenPosts({ op: 'post', name: 'price' }, paidTo('S2', 9_500))
    .thenIs('delivered', 'person')
})

test('claims: a person says that the earlier one sold it: it delivered, and is paid (O12)', () => {
  given(...contested)
    .when(resolve('success'))
    .happens(
      {
        ...{ type: 'delivered', n: 1, ...person, sn: 'SN1', cost: 9_500, balance: null },
        supplier: 'S1',
      },
      { type: 'resolved', verdict: 'success', ...word },
    )
    .thenPosts({ op: 'post', name: 'price' }, paidTo('S1', 9_500))
    .thenIs('delivered', 'final')
})

test('claims: what the supplier says it took is what it is paid (O12)', () => {
  given(...second)
    .when(success(1, 9_700))
    .happens({ ...claimed(1, { cost: 9_700 }) })
    .thenPosts()
  given(...second, claimed(1, { cost: 9_700 }), attemptFailed(2), parked)
    .when(resolve('success'))
    .happensIn('delivered', 'resolved')
    .thenPosts({ op: 'post', name: 'price' }, paidTo('S1', 9_700))
  given(...second, claimed(1, { cost: 9_700 }), attemptFailed(2), parked)
    .when(resolve('accept_loss'))
    .happens({ type: 'resolved', verdict: 'accept_loss', ...word, parked: 'HELD' })
    .thenPosts(paidTo('S1', 9_700, 'loss-1'))
})

test('claims: both say they sold it: one delivered, the other stays disputed (O12)', () => {
  given(...contested, claimed(2))
    .when(resolve('success'))
    .happensIn('delivered', 'resolved')
    .thenPosts({ op: 'post', name: 'price' }, paidTo('S1', 9_500))
    .thenIs('delivered', 'person')
})

test('claims: nobody goes on before it is settled, then by a person’s word (O12, CRB2)', () => {
  given(...contested)
    .when(release)
    .thenRefused('ATTEMPT_UNKNOWN')
  given(...contested)
    .when({ type: 'reroute', ...word, to: planOf('S9'), pendingLimitMs: hour })
    .thenRefused('ATTEMPT_UNKNOWN')
  const settled: OrderEvent = { type: 'resolved', verdict: 'dismiss', ...word, parked: 'HELD' }
  given(...contested)
    .when(resolve('dismiss'))
    .happens(settled)
    .thenIs('parked', 'person')
  given(...contested, settled)
    .when(release)
    .happens({ type: 'released', ...word }, dispatched(3))
    .thenOwes('purchase')
  given(...contested, settled)
    .when(release, hour)
    .happens({ type: 'released', ...word }, { type: 'failed', code: 'SUPPLIER_FAILED' })
    .thenPosts({ op: 'void', name: 'price' })
  given(...contested, settled)
    .when(resolve('success'))
    .thenRefused('ATTEMPT_FAILED')
})

test('claims: held by a person, with a claim on one before: a person says (O12, CRB1)', () => {
  const held: OrderEvent = { type: 'held', ...word, disputed: true }
  const halted = [...open, held, attemptFailed(2), parked]
  given(...halted)
    .when(release)
    .thenRefused('ATTEMPT_UNKNOWN')
  given(...halted)
    .when(resolve('success'))
    .happensIn('delivered', 'resolved')
    .thenIs('delivered', 'final')
})

test('claims: given back is what was delivered; what another took is still booked (O12)', () => {
  const delivered: OrderEvent = {
    ...{ type: 'delivered', n: 2, sn: 'SN2', cost: 9_500, balance: 1, ...evidence },
    disputed: true,
  }
  const reversed: OrderEvent = {
    ...{ type: 'disputed', n: 2, claim: 'late_failure', sn: '' },
    ...evidence,
  }
  const both = [...open, delivered, reversed]
  const back = { op: 'move', name: 'refund', debit: 'sales', credit: `wallet:${user}` } as const
  const given2: OrderEvent = { type: 'resolved', verdict: 'refund', ...word, n: 2, disputed: true }
  given(...both)
    .when(resolve('refund'))
    .happens(given2)
    .thenPosts({ ...back, amount: 10_000 })
    .thenIs('refunded', 'person')
  given(...both, given2)
    .when(resolve('accept_loss'))
    .happens({ type: 'resolved', verdict: 'accept_loss', ...word })
    .thenPosts(paidTo('S1', 9_500, 'loss-1'))
    .thenIs('refunded', 'final')
})

test('claims: a refund as it was written before settled them all, and still does (O12)', () => {
  const delivered: OrderEvent = {
    ...{ type: 'delivered', n: 2, sn: 'SN2', cost: 9_500, balance: 1, ...evidence },
  }
  given(...open, delivered, { type: 'resolved', verdict: 'refund', ...word })
    .when(resolve('accept_loss'))
    .thenRefused('DISPUTE_ABSENT')
})
