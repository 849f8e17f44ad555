import { deepEqual, equal, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { spec } from '../../engine/spec.ts'
import { order } from './order.ts'
import type {
  Evidence,
  OrderCommand,
  OrderEvent,
  Plan,
  Quote,
  QuoteRefusal,
  Report,
} from './order-contract.ts'

const id = '0199c82c-fdc0-7003-abaa-c388aa9f2683'
const user = '0199c82c-0000-7003-8000-000000000001'
const purse = `wallet:${user}`
const price = { op: 'hold', name: 'price', debit: purse, credit: 'sales', amount: 10_000 } as const
const paid = { op: 'move', name: 'cost', debit: 'cost', credit: 'float:S1', amount: 9_500 } as const
const twin = `${user} pulsa 0811`
const minute = 60_000
const hour = 60 * minute

const given = spec(order, { id, available: { [purse]: 10_000 } })

const planOf = (supplier: string): Plan => [supplier, 'sku', 9_500, 9_900, 90_000, 6 * hour]
const plan = [planOf('S1'), planOf('S2')]
const quote: Quote = { price: 10_000, plan, pendingLimitMs: hour, twin, twinMs: 10 * minute }
const words = { user, ref: 'r1', product: 'pulsa', destination: '0811' }
const place: OrderCommand = { type: 'place', ...words, quote }

const placed: OrderEvent = { type: 'placed', ...words, price: 10_000, plan, deadlineAt: hour, twin }
const dispatched = (n: number): OrderEvent => ({
  type: 'dispatched',
  n,
  supplier: `S${n}`,
  sku: 'sku',
  cost: 9_500,
  maxPrice: 9_900,
  ref: `L${id.replaceAll('-', '')}-${n}`,
})

const evidence: Evidence = { code: null, message: null, reply: null, ms: 20, via: 'reply' }
const reported = (outcome: 'pending' | 'unknown', n = 1): OrderEvent => ({
  type: 'reported',
  n,
  outcome,
  ...evidence,
})
const attemptFailed = (n: number): OrderEvent => ({ type: 'attempt_failed', n, ...evidence })
const delivered = (n = 1, sn = 'SN1'): OrderEvent => ({
  type: 'delivered',
  n,
  sn,
  cost: 9_500,
  balance: 500,
  ...evidence,
})
const failed: OrderEvent = { type: 'failed', code: 'SUPPLIER_FAILED' }
const rechecked = (n = 1): OrderEvent => ({ type: 'rechecked', n })
const parked: OrderEvent = { type: 'parked', why: 'DEADLINE' }
const disputed = (n: number, claim: 'late_success' | 'late_failure', sn = ''): OrderEvent => ({
  type: 'disputed',
  n,
  claim,
  sn,
  ...evidence,
})
const resolved = (verdict: 'refund' | 'dismiss' | 'accept_loss'): OrderEvent => ({
  type: 'resolved',
  verdict,
  reason: 'looked',
  by: 'ani',
})

const by = { reason: 'looked', by: 'ani' } as const

const report = (report: Partial<Report>): OrderCommand => ({
  type: 'report',
  report: { n: 1, ...evidence, ...report } as Report,
})
const success = (n = 1, sn = 'SN1') =>
  report({ n, outcome: 'success', sn, cost: 9_500, balance: 500 })
const failure = (n = 1, retryable = true) => report({ n, outcome: 'failed', retryable })
const unknown = (n = 1) => report({ n, outcome: 'unknown' })
const pending = (n = 1) => report({ n, outcome: 'pending' })
const resolve = (verdict: Extract<OrderCommand, { type: 'resolve' }>['verdict'], more = {}) =>
  ({ type: 'resolve', verdict, reason: 'looked', by: 'ani', ...more }) as const

const trying = [placed, dispatched(1)]
const waiting = [...trying, reported('pending')]
const second = [...trying, attemptFailed(1), dispatched(2)]
const done = [...trying, delivered()]
const lost = [...second, attemptFailed(2), failed]

// -- placing ---------------------------------------------------------------------------------

test('order: place: price held, twin claimed, first supplier asked, all in one (O4)', () => {
  given()
    .when(place)
    .happens(placed, dispatched(1))
    .thenPosts(price)
    .thenClaims([twin, 10 * minute])
    .thenOwes('purchase')
    .thenIs('trying', 'machine')
})

test('order: place: the callback address is kept when there is one (O1)', () => {
  const callbackUrl = 'https://client.example/hook'
  given()
    .when({ ...place, callbackUrl })
    .happens({ ...placed, callbackUrl }, dispatched(1))
  const { state } = given({ ...placed, callbackUrl } as OrderEvent)
  equal(state.phase === 'trying' && state.order.callbackUrl, callbackUrl)
})

test('order: place again: the same request finds the order in every phase (O1)', () => {
  const phases = [trying, waiting, [...waiting, parked], done, lost]
  for (const history of phases)
    given(...history)
      .when(place)
      .thenNothing()
})

test('order: place again: a quote that is refused by now does not matter (O1)', () => {
  const closed: Quote = { refused: 'PRODUCT_CLOSED', details: null }
  given(...done)
    .where({ available: {} })
    .when({ ...place, quote: closed })
    .thenNothing()
})

test('order: place again: other content under the same reference is refused (O1)', () => {
  given(...trying)
    .when({ ...place, destination: '0812' })
    .thenRefused('DUPLICATE_REF')
  given(...done)
    .when({ ...place, product: 'data' })
    .thenRefused('DUPLICATE_REF')
})

test('order: place: a refused quote is passed on, and nothing is left behind (O10)', () => {
  const refusals: QuoteRefusal[] = [
    'PRODUCT_UNKNOWN',
    'PRODUCT_CLOSED',
    'PRODUCT_UNSUPPLIED',
    'PRICE_ABOVE_MAX',
    'DESTINATION_INVALID',
    'PREFIX_MISMATCH',
    'CLIENT_SUSPENDED',
  ]
  for (const refused of refusals) {
    given()
      .when({ ...place, quote: { refused, details: { why: 1 } } })
      .thenRefused(refused, { why: 1 })
      .thenIs('absent')
  }
})

test('order: place: without enough money nothing is held (O10)', () => {
  given()
    .where({ available: { [purse]: 9_999 } })
    .when(place)
    .thenRefused('INSUFFICIENT_BALANCE', { available: 9_999, price: 10_000 })
})

test('order: place: with an empty plan there is nobody to ask (O10)', () => {
  given()
    .when({ ...place, quote: { ...quote, plan: [] } })
    .thenRefused('PRODUCT_UNSUPPLIED')
})

test('order: place: a twin is refused while the first one holds the word (O6)', () => {
  given()
    .where({ holders: { [twin]: 'the first' } })
    .when(place)
    .thenRefused('TWIN_ORDER', { key: 'the first' })
})

test('order: place: a product that allows twins claims nothing (O6)', () => {
  given()
    .where({ holders: { [twin]: 'the first' } })
    .when({ ...place, quote: { ...quote, twin: '' } })
    .thenClaims()
    .thenIs('trying')
})

test('order: failure: whoever claimed nothing lets go of nothing (O6)', () => {
  given({ ...placed, twin: '' } as OrderEvent, ...second.slice(1))
    .when(failure(2))
    .thenPosts({ op: 'void', name: 'price' })
    .thenReleases()
})

test('order: failure: the word of a failed order is free for its twin (O6)', () => {
  given(...second)
    .when(failure(2))
    .thenReleases(twin)
  given(...waiting, parked)
    .when(resolve('failed'))
    .thenReleases(twin)
})

// -- what suppliers say ----------------------------------------------------------------------

test('order: success: capture and delivery are one record (O4)', () => {
  given(...trying)
    .when(success())
    .happens(delivered())
    .thenPosts({ op: 'post', name: 'price' }, paid)
    .thenIs('delivered', 'final')
})

test('order: success: without a cost the agreed one is booked, and a free one not at all (O4)', () => {
  given(...trying)
    .when(report({ outcome: 'success', sn: '', cost: null, balance: null }))
    .thenPosts({ op: 'post', name: 'price' }, paid)
  given(...trying)
    .when(report({ outcome: 'success', sn: '', cost: 0, balance: null }))
    .thenPosts({ op: 'post', name: 'price' })
})

test('order: silence: an order of which nothing is known waits, and asks later (O2)', () => {
  given(...trying)
    .when(unknown(), 30_000)
    .happens(reported('unknown'))
    .thenPosts()
    .thenIs('waiting', 'machine')
  given(...waiting).is(
    'waiting',
    'machine',
    { at: 90_000, command: { type: 'recheck' } },
    { at: hour, command: { type: 'overdue' } },
  )
})

test('order: silence: hearing the same again keeps the re-check that is set (O2)', () => {
  given(...waiting)
    .when(pending())
    .thenNothing()
  given(...waiting)
    .when(unknown())
    .happensIn('reported')
})

test('order: failure: another supplier is tried only after a definite failure (O3)', () => {
  given(...trying)
    .when(failure())
    .happens(attemptFailed(1), dispatched(2))
    .thenPosts()
    .thenOwes('purchase')
    .thenIs('trying', 'machine')
  given(...trying)
    .when(unknown())
    .thenOwes()
  given(...trying)
    .when(pending())
    .thenOwes()
})

test('order: failure: the last one releases the price in the same record (O4)', () => {
  given(...second)
    .when(failure(2))
    .happens(attemptFailed(2), failed)
    .thenPosts({ op: 'void', name: 'price' })
    .thenIs('failed', 'final')
})

test('order: failure: one that no other supplier can mend ends the order (O3)', () => {
  given(...trying)
    .when(failure(1, false))
    .happens({ ...attemptFailed(1), final: true } as OrderEvent, failed)
})

test('order: failure: after its time for trying others nobody else is asked (O11)', () => {
  const limited = { ...placed, failoverUntil: 5 * minute } as OrderEvent
  given()
    .when({ ...place, quote: { ...quote, failoverMs: 5 * minute } })
    .happens(limited, dispatched(1))
  given(limited, dispatched(1))
    .when(failure(), 5 * minute - 1)
    .happens(attemptFailed(1), dispatched(2))
  given(limited, dispatched(1))
    .when(failure(), 5 * minute)
    .happens(attemptFailed(1), failed)
    .thenPosts({ op: 'void', name: 'price' })
})

test('order: place: why its suppliers stand in this order is written down with it (O1)', () => {
  const why = { v: 3, p: 'cheapest', c: [[0, 9_500, 950, 800, 100]] } as const
  given()
    .when({ ...place, quote: { ...quote, why } })
    .happens({ ...placed, why } as OrderEvent, dispatched(1))
})

test('order: report: a supplier that is unwell as a whole is noted as such (O2)', () => {
  given(...trying)
    .when(report({ outcome: 'failed', retryable: true, trouble: true }))
    .happens({ ...attemptFailed(1), trouble: true } as OrderEvent, dispatched(2))
  given(...trying)
    .when(report({ outcome: 'unknown', trouble: true }))
    .happens({ ...reported('unknown'), trouble: true } as OrderEvent)
})

test('order: report: a failure of a kind that suppliers revise: kept so with the attempt (O5)', () => {
  const watched = { ...attemptFailed(1), watch: true } as OrderEvent
  given(...trying)
    .when(report({ outcome: 'failed', retryable: true, watch: true }))
    .happens(watched, dispatched(2))
  const { state } = given(...trying, watched, dispatched(2), attemptFailed(2))
  const attempts = state.phase === 'absent' ? [] : state.order.attempts
  deepEqual(
    attempts.map(one => one.watch),
    [true, undefined],
  )
})

test('order: report: of an order or attempt that is not there (O9)', () => {
  given().when(success()).thenRefused('NOT_FOUND')
  given(...trying)
    .when(success(2))
    .thenRefused('NOT_FOUND')
})

test('order: report: what is known already changes nothing (O9)', () => {
  given(...done)
    .when(success())
    .thenNothing()
  given(...done)
    .when(success(1, ''))
    .thenNothing()
  given(...done)
    .when(success(1, ' s n1 '))
    .thenNothing()
  given(...done)
    .when(pending())
    .thenNothing()
  given(...lost)
    .when(failure(1))
    .thenNothing()
  given(...lost)
    .when(failure(2))
    .thenNothing()
  given(...lost)
    .when(unknown(2))
    .thenNothing()
})

test('order: report: a late serial number is learned, another one is noted once (O9)', () => {
  given(...trying, delivered(1, ''))
    .when(success(1, 'SN9'))
    .happens({ type: 'sn_learned', sn: 'SN9' })
  given(...trying, delivered(1, ''), { type: 'sn_learned', sn: 'SN9' })
    .is('delivered', 'final')
    .when(success(1, 'SN9'))
    .thenNothing()
  const noted = { type: 'sn_noted', sn: 'SN2' } as const
  given(...done)
    .when(success(1, 'SN2'))
    .happens(noted)
  given(...done, noted)
    .when(success(1, 'SN2'))
    .thenNothing()
})

test('order: report: notes of a talkative supplier are bounded (O9)', () => {
  const many = Array.from({ length: 30 }, (_, n) => ({ type: 'sn_noted', sn: `SN${n}` }) as const)
  const { state } = given(...done, ...many)
  equal(state.phase === 'delivered' && state.order.notes?.length, 20)
})

// -- waiting, asking again, deadlines --------------------------------------------------------

test('order: recheck: asks the same supplier about the same reference, when it is time (O8)', () => {
  given(...waiting)
    .when({ type: 'recheck' }, 90_000)
    .happens(rechecked())
    .thenOwes('check')
    .thenIs('trying', 'machine')
  given(...waiting)
    .when({ type: 'recheck' }, 89_999)
    .thenNothing()
})

test('order: recheck: too late is nobody’s turn: what is settled is not asked about (O8)', () => {
  for (const history of [trying, done, lost]) {
    given(...history)
      .when({ type: 'recheck' }, 90_000)
      .thenNothing()
  }
})

test('order: recheck: one that is out already is not asked a second time (O8)', () => {
  given(...waiting, hour, parked, rechecked())
    .when({ type: 'recheck' }, 2 * hour)
    .thenNothing()
})

test('order: recheck: after a restart the pause counts from then: it may just have been sent (O8)', () => {
  const restarted = { ...reported('unknown'), code: 'restarted' } as OrderEvent
  const recheckAt = (event: OrderEvent) => {
    const { state } = given(...trying, minute, event)
    return state.phase === 'waiting' && state.recheckAt
  }
  deepEqual([reported('unknown'), restarted].map(recheckAt), [90_000, minute + 90_000])
})

test('order: recheck: it stood in line before it left: the pause counts from when it left (O8)', () => {
  const heard = (outcome: 'pending' | 'unknown', leftAt: number) =>
    report({ outcome, leftAt } as Partial<Report>)
  const late = { ...reported('unknown'), leftAt: 50_000 } as OrderEvent
  const next = { at: 140_000, command: { type: 'recheck' } } as const
  const end = { at: hour, command: { type: 'overdue' } } as const
  given(...trying)
    .when(heard('unknown', 50_000), minute)
    .happens(late)
    .thenIs('waiting', 'machine')
  given(...trying, minute, late).is('waiting', 'machine', next, end)
  // Also of a check, and never later than now.
  given(...waiting, 90_000, rechecked())
    .when(heard('pending', 100_000), 95_000)
    .happens({ ...reported('pending'), leftAt: 95_000 } as OrderEvent)
  given(...trying)
    .when(heard('pending', 1_000), minute)
    .happens(reported('pending'))
  // Their word came first: what it says is no news any more, when our call left is.
  given(...waiting, minute)
    .when(heard('pending', 50_000), minute)
    .happens({ ...reported('pending'), leftAt: 50_000 } as OrderEvent)
  given(...waiting, minute)
    .when(heard('pending', 1_000), minute)
    .thenNothing()
})

test('order: recheck: each pause is longer, and none is shorter than the supplier’s own (O8)', () => {
  const pauses = [90_000, 150_000, 210_000, 390_000, 690_000, 1_890_000, 1_890_000]
  const history: (OrderEvent | number)[] = [...waiting]
  let now = 0
  for (const pause of pauses) {
    given(...history).is(
      'waiting',
      'machine',
      { at: now + pause, command: { type: 'recheck' } },
      { at: hour, command: { type: 'overdue' } },
    )
    now += pause
    history.push(now, rechecked(), reported('pending'))
  }
})

test('order: recheck: past the window, one that is a person’s already is not parked anew (O8)', () => {
  given(...waiting, hour, parked, rechecked())
    .when(unknown(), 7 * hour)
    .happens(reported('unknown'))
    .thenIs('parked', 'person')
})

test('order: recheck: past the supplier’s window the order is a person’s, unasked (O8)', () => {
  const narrow = { ...placed, plan: [['S1', 'sku', 9_500, 9_900, 90_000, 80_000] as const] }
  given(narrow, dispatched(1))
    .when(unknown(), 10_000)
    .happens(reported('unknown'), { type: 'parked', why: 'RECHECK_WINDOW' })
    .thenIs('parked', 'person')
})

test('order: dispute: it goes on being a person’s, whatever happens beside it (O5)', () => {
  const open = [...second, disputed(1, 'late_success')]
  given(...open)
    .when(success(2))
    .happens({ ...delivered(2), disputed: true } as OrderEvent)
    .thenIs('delivered', 'person')
  given(...open)
    .when(failure(2))
    .happens(attemptFailed(2), { type: 'parked', why: 'HELD', disputed: true })
    .thenIs('parked', 'person')
})

test('order: dispute: when it is settled, a parked order is still parked (O7)', () => {
  const open = [...second, disputed(1, 'late_success'), reported('unknown', 2), parked]
  given(...open)
    .when(resolve('dismiss'))
    .happens({ ...resolved('dismiss'), parked: 'DEADLINE' } as OrderEvent)
    .thenIs('parked', 'person')
  given(...open)
    .when(resolve('accept_loss'))
    .happensIn('resolved')
    .thenIs('parked', 'person')
})

test('order: deadline: silence parks the order, it does not fail it (O7)', () => {
  for (const history of [trying, waiting]) {
    given(...history)
      .when({ type: 'overdue' }, hour)
      .happens(parked)
      .thenPosts()
      .thenIs('parked', 'person')
    given(...history)
      .when({ type: 'overdue' }, hour - 1)
      .thenNothing()
  }
})

test('order: deadline: an order that has ended, or is parked already, is left alone (O7)', () => {
  for (const history of [done, lost, [...waiting, parked]]) {
    given(...history)
      .when({ type: 'overdue' }, hour)
      .thenNothing()
  }
})

test('order: parked: a definite answer still ends it (O7)', () => {
  given(...waiting, parked)
    .when(success(), 2 * hour)
    .happensIn('delivered')
    .thenPosts({ op: 'post', name: 'price' }, paid)
  given(...waiting, parked)
    .when(failure(), 2 * hour)
    .happensIn('attempt_failed', 'failed')
    .thenPosts({ op: 'void', name: 'price' })
})

test('order: parked: questions go on, and it stays a person’s (O7)', () => {
  const at = { at: 90_000, command: { type: 'recheck' } } as const
  given(...waiting, hour, parked).is('parked', 'person', at)
  given(...waiting, hour, parked, rechecked()).is('parked', 'person')
  given(...waiting, hour, parked, rechecked(), reported('pending')).is('parked', 'person', {
    at: hour + 150_000,
    command: { type: 'recheck' },
  })
})

// -- contradictions and persons --------------------------------------------------------------

test('order: late success: after a failure it moves no money and opens a dispute (O5)', () => {
  for (const history of [lost, second]) {
    given(...history)
      .when(success(1, 'SN7'))
      .happens({ ...disputed(1, 'late_success'), sn: 'SN7' } as OrderEvent)
      .thenPosts()
  }
  given(...lost, disputed(1, 'late_success')).is('failed', 'person')
})

test('order: late failure: after a success it moves no money and opens a dispute (O5)', () => {
  given(...done)
    .when(failure())
    .happens(disputed(1, 'late_failure'))
    .thenPosts()
    .thenIs('delivered', 'person')
})

test('order: dispute: the same claim twice is one dispute (O5, O9)', () => {
  given(...done, disputed(1, 'late_failure'))
    .when(failure())
    .thenNothing()
  given(...lost, disputed(1, 'late_success'))
    .when(success())
    .thenNothing()
})

test('order: refunded: neither word changes anything any more (O5)', () => {
  const refunded = [...done, disputed(1, 'late_failure'), resolved('refund')]
  given(...refunded)
    .when(failure())
    .thenNothing()
  given(...refunded)
    .when(success(1, 'SN8'))
    .thenNothing()
})

test('order: refunded by a person: word of a failure opens no dispute any more (O5)', () => {
  given(...done, resolved('refund'))
    .when(failure())
    .thenNothing()
})

test('order: resolve: a parked order that is being asked about: its answer decides (O7)', () => {
  const asked = [...waiting, hour, parked, rechecked()]
  for (const verdict of ['success', 'failed'] as const) {
    given(...asked)
      .when(resolve(verdict))
      .thenRefused('ORDER_BUSY')
    given(...asked, reported('unknown'))
      .when(resolve(verdict))
      .thenIs(verdict === 'success' ? 'delivered' : 'failed', 'final')
  }
})

test('order: resolve: a parked order is delivered or failed by a person’s word (O7)', () => {
  given(...waiting, parked)
    .when(resolve('success', { sn: 'SN5' }))
    .happensIn('delivered', 'resolved')
    .thenPosts({ op: 'post', name: 'price' }, paid)
    .thenIs('delivered', 'final')
  given(...waiting, parked)
    .when(resolve('failed'))
    .happensIn('attempt_failed', 'failed', 'resolved')
    .thenPosts({ op: 'void', name: 'price' })
    .thenIs('failed', 'final')
})

test('order: resolve: what is out just now, or has ended, is not for persons (O7)', () => {
  for (const verdict of ['success', 'failed'] as const) {
    given().when(resolve(verdict)).thenRefused('NOT_FOUND')
    given(...trying)
      .when(resolve(verdict))
      .thenRefused('ORDER_BUSY')
    given(...done)
      .when(resolve(verdict))
      .thenRefused('ORDER_FINAL')
  }
  given(...waiting)
    .when(resolve('refund'))
    .thenRefused('ORDER_FINAL')
})

test('order: resolve: a question that left in the instant of the answer before is out as well (O7)', () => {
  for (const verdict of ['success', 'failed'] as const) {
    for (const asked of [
      [...waiting, rechecked()],
      [...waiting, parked, rechecked()],
    ]) {
      given(...asked)
        .when(resolve(verdict))
        .thenRefused('ORDER_BUSY')
    }
    given(...waiting, parked, rechecked(), reported('unknown'))
      .when(resolve(verdict))
      .thenIs(verdict === 'success' ? 'delivered' : 'failed')
  }
  // A call that ran into the deadline, and then says nothing, is asked about in that instant.
  given(...trying, hour, parked, reported('unknown'))
    .when({ type: 'recheck' })
    .happens(rechecked())
    .thenOwes('check')
})

test('order: resolve: a refund is a new entry, and the cost comes back if the supplier says so (O5)', () => {
  const back = {
    op: 'move',
    name: 'refund',
    debit: 'sales',
    credit: purse,
    amount: 10_000,
  } as const
  const costBack = {
    op: 'move',
    name: 'cost-returned',
    debit: 'float:S1',
    credit: 'cost',
    amount: 9_500,
  } as const
  given(...done)
    .when(resolve('refund'))
    .happens({ ...resolved('refund'), n: 1 } as OrderEvent)
    .thenPosts(back)
    .thenIs('refunded', 'final')
  given(...done)
    .when(resolve('refund', { supplierReturned: true }))
    .thenPosts(back, costBack)
  given(...trying, { ...delivered(), cost: 0 } as OrderEvent)
    .when(resolve('refund', { supplierReturned: true }))
    .thenPosts(back)
})

test('order: resolve: an accepted loss books what the supplier took (O5)', () => {
  given(...lost, disputed(1, 'late_success'))
    .when(resolve('accept_loss'))
    .happens(resolved('accept_loss'))
    .thenPosts({ ...paid, name: 'loss-1' })
    .thenIs('failed', 'final')
})

test('order: resolve: an accepted loss is booked once, and only of what was sold (O5)', () => {
  const settled = [...lost, disputed(1, 'late_success'), resolved('accept_loss')]
  given(...settled, disputed(2, 'late_success'))
    .when(resolve('accept_loss'))
    .thenPosts({ ...paid, name: 'loss-2', credit: 'float:S2' })
  given(...done, disputed(1, 'late_failure'))
    .when(resolve('accept_loss'))
    .thenPosts()
})

test('order: resolve: delivered by a person: what else is disputed stays a person’s (O5)', () => {
  const asked = [...second, disputed(1, 'late_success'), reported('unknown', 2), parked]
  const word = { message: 'looked', ms: null, via: 'person' } as const
  const sold = { ...(delivered(2, '') as object), ...word, balance: null, disputed: true }
  given(...asked)
    .when(resolve('success'))
    .happens(sold as OrderEvent, { type: 'resolved', verdict: 'success', ...by })
    .thenIs('delivered', 'person')
  given(...second, reported('unknown', 2), parked)
    .when(resolve('success'))
    .thenIs('delivered', 'final')
})

test('order: delivered after all: the claim on that attempt is settled, no other (O5)', () => {
  const { state } = given(
    ...[...second, disputed(1, 'late_success'), attemptFailed(2), parked],
    ...[disputed(2, 'late_success'), delivered(2)],
  )
  deepEqual(state.phase === 'delivered' && state.order.disputes.map(one => one.verdict), [
    null,
    'success',
  ])
})

test('order: parked by a hold alone: only after its attempt has failed (O3)', () => {
  throws(() => given(...waiting, { type: 'parked', why: 'HELD' }).is('parked'), /CRB1/)
  given(...trying, attemptFailed(1), { type: 'parked', why: 'HELD' }).is('parked')
})

test('order: resolve: a dismissed dispute leaves everything as it was booked (O5)', () => {
  given(...done, disputed(1, 'late_failure'))
    .when(resolve('dismiss'))
    .happens(resolved('dismiss'))
    .thenPosts()
    .thenIs('delivered', 'final')
})

test('order: resolve: without a dispute there is nothing to settle (O5)', () => {
  for (const verdict of ['dismiss', 'accept_loss'] as const) {
    given(...done)
      .when(resolve(verdict))
      .thenRefused('DISPUTE_ABSENT')
  }
})

test('order: effects: after a restart neither may be repeated as if it were new (O3, O8)', () => {
  deepEqual(order.resume, { purchase: 'inquire', check: 'inquire' })
})

test('order: a later supplier: judged anew before it is asked, unless a person chose it (O3)', () => {
  const laterOf = (n: number, more: object = {}) => {
    const sent = { ...dispatched(n), ...more } as OrderEvent & { type: 'dispatched' }
    const [effect] = order.react.dispatched!(given(...trying).state, sent, 0)
    return effect!.type === 'purchase' && effect!.later
  }
  const { user, product } = placed as Extract<OrderEvent, { type: 'placed' }>
  const { cost } = dispatched(2) as Extract<OrderEvent, { type: 'dispatched' }>
  deepEqual(laterOf(2), { product, user, cost })
  deepEqual([laterOf(1), laterOf(2, { byHand: true })], [undefined, undefined])
})
