import { test } from 'node:test'
import { spec } from '../../engine/spec.ts'
import { order } from './order.ts'
import type { Evidence, OrderCommand, OrderEvent, Plan, Report } from './order-contract.ts'

const id = '0199c82c-fdc0-7003-abaa-c388aa9f2683'
const user = '0199c82c-0000-7003-8000-000000000001'
const minute = 60_000
const hour = 60 * minute
const word = { by: 'cici', reason: 'supplier is being asked' }

const given = spec(order, { id, available: { [`wallet:${user}`]: 10_000 } })

const planOf = (supplier: string): Plan => [supplier, 'sku', 9_500, 9_900, 90_000, 6 * hour]
const placed: OrderEvent = {
  ...{ type: 'placed', user, ref: 'r1', product: 'pulsa', destination: '0811', price: 10_000 },
  ...{ plan: [planOf('S1'), planOf('S2')], deadlineAt: hour, twin: 'twin' },
}
const dispatched = (n: number, supplier = `S${n}`): OrderEvent => ({
  ...{ type: 'dispatched', n, supplier, sku: 'sku', cost: 9_500, maxPrice: 9_900 },
  ref: `L${id.replaceAll('-', '')}-${n}`,
})
const byHand = (n: number, supplier: string) =>
  ({ ...dispatched(n, supplier), byHand: true }) as OrderEvent
const evidence: Evidence = { code: null, message: null, reply: null, ms: 20, via: 'reply' }
const person = { code: null, message: word.reason, reply: null, ms: null, via: 'person' } as const
const pending: OrderEvent = { type: 'reported', n: 1, outcome: 'pending', ...evidence }
const attemptFailed = (n = 1): OrderEvent => ({ type: 'attempt_failed', n, ...evidence })
const delivered: OrderEvent = {
  ...{ type: 'delivered', n: 1, sn: 'SN1', cost: 9_500, balance: 500 },
  ...evidence,
}
const failed: OrderEvent = { type: 'failed', code: 'SUPPLIER_FAILED' }
const held: OrderEvent = { type: 'held', ...word }
const parked: OrderEvent = { type: 'parked', why: 'DEADLINE' }
const parkedByHold: OrderEvent = { type: 'parked', why: 'HELD' }

const report = (more: Partial<Report>): OrderCommand => ({
  type: 'report',
  report: { n: 1, ...evidence, ...more } as Report,
})
const failure = report({ outcome: 'failed', retryable: true })
const success = report({ outcome: 'success', sn: 'SN1', cost: 9_500, balance: 500 })
const hold: OrderCommand = { type: 'hold', ...word }
const release: OrderCommand = { type: 'release', ...word }
const reroute = (to: string, notSold?: boolean): OrderCommand => ({
  ...{ type: 'reroute', ...word, to: planOf(to), pendingLimitMs: hour },
  ...(notSold === undefined ? {} : { notSold }),
})
const recheck: OrderCommand = { type: 'recheck', ...word }
const rechecked: OrderEvent = { type: 'rechecked', n: 1, ...word }

const trying = [placed, dispatched(1)]
const waiting = [...trying, pending]
const halted = [...waiting, held, attemptFailed(), parkedByHold]
const done = [...trying, delivered]
const lost = [...trying, attemptFailed(), dispatched(2), attemptFailed(2), failed]

// -- hold ------------------------------------------------------------------------------------

test('by hand: hold: an open order is held once, with name and reason (CRB1)', () => {
  for (const history of [trying, waiting]) {
    given(...history)
      .when(hold)
      .happens(held)
      .thenPosts()
  }
  given(...waiting, parked)
    .when(hold)
    .happens({ ...held, parked: 'DEADLINE' } as OrderEvent)
  given(...waiting, held)
    .when(hold)
    .thenNothing()
  given().when(hold).thenRefused('NOT_FOUND')
  for (const history of [done, lost]) {
    given(...history)
      .when(hold)
      .thenRefused('ORDER_FINAL')
  }
})

test('by hand: held: a definite failure neither fails over nor fails the order (CRB1)', () => {
  for (const history of [trying, waiting, [...waiting, parked]]) {
    given(...history, held)
      .when(failure)
      .happens(attemptFailed(), parkedByHold)
      .thenPosts()
      .thenIs('parked', 'person')
  }
  given(...waiting, held)
    .when(report({ outcome: 'failed', retryable: false }))
    .happens(
      { ...attemptFailed(), final: true } as OrderEvent,
      { ...parkedByHold, final: true } as OrderEvent,
    )
    .thenPosts()
})

test('by hand: held: a delivery still ends it, questions and the deadline go on (CRB1)', () => {
  given(...waiting, held)
    .when(success)
    .happensIn('delivered')
    .thenIs('delivered', 'final')
  given(...waiting, held)
    .when({ type: 'recheck' }, 90_000)
    .happens({ type: 'rechecked', n: 1 })
    .thenOwes('check')
  given(...waiting, held)
    .when({ type: 'overdue' }, hour)
    .happens(parked)
    .thenPosts()
})

test('by hand: held, then sold after all: a dispute, no money (CRB1)', () => {
  given(...halted)
    .when(success)
    .happensIn('disputed')
    .thenPosts()
    .thenIs('parked', 'person')
})

const claimed: OrderEvent = {
  type: 'disputed',
  n: 1,
  claim: 'late_success',
  sn: 'SN9',
  ...evidence,
}

test('by hand: failed, then sold after all: not gone on with, a person says which (CRB2, CRB3)', () => {
  const contested = [...halted, claimed]
  given(...contested)
    .when(release)
    .thenRefused('ATTEMPT_UNKNOWN')
  given(...contested)
    .when(reroute('S9'))
    .thenRefused('ATTEMPT_UNKNOWN')
  given(...contested)
    .when(reroute('S9', true))
    .happens(rerouted('S9', { held: true, disputed: true }), byHand(2, 'S9'))
  given(...contested)
    .when({ type: 'resolve', ...word, verdict: 'success' })
    .happens({ ...delivered, ...person, sn: 'SN9', balance: null } as OrderEvent, {
      ...{ type: 'resolved', verdict: 'success' },
      ...word,
    })
    .thenPosts(
      { op: 'post', name: 'price' },
      { op: 'move', name: 'cost', debit: 'cost', credit: 'float:S1', amount: 9_500 },
    )
    .thenIs('delivered', 'final')
  given(...contested)
    .when({ type: 'resolve', ...word, verdict: 'failed' })
    .happensIn('failed', 'resolved')
    .thenIs('failed', 'person')
})

test('by hand: held and failed: a person may fail it, not call it delivered (CRB1)', () => {
  const resolve = { type: 'resolve', ...word } as const
  given(...halted)
    .when({ ...resolve, verdict: 'failed' })
    .happensIn('failed', 'resolved')
    .thenPosts({ op: 'void', name: 'price' })
  given(...halted)
    .when({ ...resolve, verdict: 'success' })
    .thenRefused('ATTEMPT_FAILED')
})

// -- release ---------------------------------------------------------------------------------

test('by hand: release: it goes on from where it stands (CRB2)', () => {
  given(...waiting, held)
    .when(release)
    .happens({ type: 'released', ...word })
    .thenPosts()
  given(...waiting, parked, { ...held, parked: 'DEADLINE' } as OrderEvent)
    .when(release)
    .happens({ type: 'released', ...word, parked: 'DEADLINE' })
  given(...waiting)
    .when(release)
    .thenNothing()
  given(...done)
    .when(release)
    .thenRefused('ORDER_FINAL')
  given().when(release).thenRefused('NOT_FOUND')
})

test('by hand: release after a failure: the next place of the plan, in its time (CRB2)', () => {
  given(...halted)
    .when(release)
    .happens({ type: 'released', ...word }, dispatched(2))
    .thenOwes('purchase')
  given(...halted)
    .when(release, hour)
    .happens({ type: 'released', ...word }, failed)
    .thenPosts({ op: 'void', name: 'price' })
    .thenReleases('twin')
})

test('by hand: release after what nobody can mend: it fails (CRB2)', () => {
  const final = { ...parkedByHold, final: true } as OrderEvent
  given(...waiting, held, attemptFailed(), final)
    .when(release)
    .happens({ type: 'released', ...word }, failed)
    .thenPosts({ op: 'void', name: 'price' })
})

// -- re-route --------------------------------------------------------------------------------

const rerouted = (to: string, more = {}): OrderEvent => ({
  ...{ type: 'rerouted', ...word, to: planOf(to), deadlineAt: hour },
  ...more,
})

test('by hand: reroute: after a definite failure, to whomever the person says (CRB3)', () => {
  given(...halted)
    .when(reroute('S9'))
    .happens(rerouted('S9', { held: true }), byHand(2, 'S9'))
    .thenOwes('purchase')
    .thenPosts()
    .thenIs('trying', 'machine')
})

test('by hand: reroute: unknown is not failed, unless a person says so (CRB3)', () => {
  for (const history of [waiting, [...waiting, parked]]) {
    given(...history)
      .when(reroute('S9'))
      .thenRefused('ATTEMPT_UNKNOWN')
    given(...history)
      .when(reroute('S9', true))
      .happens({ type: 'attempt_failed', n: 1, ...person }, rerouted('S9'), byHand(2, 'S9'))
      .thenPosts()
  }
})

test('by hand: reroute: never while a call is out, nor after the end (CRB3)', () => {
  given(...trying)
    .when(reroute('S9', true))
    .thenRefused('ORDER_BUSY')
  given(...trying, parked)
    .when(reroute('S9', true))
    .thenRefused('ORDER_BUSY')
  // A parked order that is being asked about: the question may buy.
  const asked = [...waiting, parked, 90_000, { type: 'rechecked', n: 1 }] as const
  for (const command of [reroute('S9', true), recheck]) {
    given(...asked)
      .when(command, hour)
      .thenRefused('ORDER_BUSY')
  }
  for (const history of [done, lost]) {
    given(...history)
      .when(reroute('S9', true))
      .thenRefused('ORDER_FINAL')
  }
  given().when(reroute('S9', true)).thenRefused('NOT_FOUND')
})

test('by hand: rerouted: what was planned and not tried comes after it (CRB3)', () => {
  const judged = { type: 'attempt_failed', n: 1, ...person } as const
  const elsewhere = [...waiting, judged, rerouted('S9'), byHand(2, 'S9')]
  given(...elsewhere)
    .when(report({ n: 2, outcome: 'failed', retryable: true }))
    .happens(attemptFailed(2), dispatched(3, 'S2'))
  // What its former supplier says by now is a dispute: it was given up there.
  given(...elsewhere)
    .when(success)
    .happensIn('disputed')
    .thenPosts()
})

test('by hand: reroute: not without end (CRB3)', () => {
  const often: OrderEvent[] = [...waiting]
  for (let n = 1; n < 20; n++) {
    if (n > 1) often.push({ type: 'reported', n, outcome: 'unknown', ...evidence })
    often.push({ type: 'attempt_failed', n, ...person }, rerouted('S9'), byHand(n + 1, 'S9'))
  }
  given(...often, { type: 'reported', n: 20, outcome: 'unknown', ...evidence })
    .when(reroute('S9', true))
    .thenRefused('ATTEMPT_LIMIT')
})

// -- re-check --------------------------------------------------------------------------------

test('by hand: recheck: within the supplier’s window only (CRB4)', () => {
  for (const history of [waiting, [...waiting, parked], done]) {
    given(...history)
      .when(recheck, 90_000 - 1)
      .thenRefused('RECHECK_TOO_SOON')
    given(...history)
      .when(recheck, 90_000)
      .happens(rechecked)
      .thenOwes('check')
    given(...history)
      .when(recheck, 6 * hour)
      .thenRefused('RECHECK_TOO_LATE')
  }
})

test('by hand: recheck: the pause counts from when the last call left (CRB4)', () => {
  // Dispatched at 0, it stood in line: it left 20 ms before its answer.
  for (const answer of [pending, delivered]) {
    given(...trying, 50_000, answer)
      .when(recheck, 139_979)
      .thenRefused('RECHECK_TOO_SOON', { from: 139_980 })
    given(...trying, 50_000, answer)
      .when(recheck, 139_980)
      .happens(rechecked)
  }
  // Their own word to us says nothing about our call.
  given(...trying, 50_000, { ...pending, via: 'callback', ms: 0 } as OrderEvent)
    .when(recheck, 90_000)
    .happens(rechecked)
})

test('by hand: recheck: what is out, failed or refunded is not asked about (CRB4)', () => {
  given(...trying)
    .when(recheck, hour)
    .thenRefused('ORDER_BUSY')
  given(...halted)
    .when(recheck, hour)
    .thenRefused('ATTEMPT_FAILED')
  given(...lost)
    .when(recheck, hour)
    .thenRefused('ORDER_FINAL')
  given().when(recheck, hour).thenRefused('NOT_FOUND')
})

test('by hand: recheck: delivered by a person’s word: a question could buy (CRB4)', () => {
  given(...waiting, { ...delivered, ...person } as OrderEvent)
    .when(recheck, hour)
    .thenRefused('ORDER_FINAL')
})

test('by hand: recheck of what was delivered: the answer is written down (CRB4)', () => {
  const asked = [...done, 90_000, rechecked] as const
  given(...asked)
    .when(recheck, 300_000)
    .thenRefused('ORDER_BUSY')
  const checked = { type: 'checked', n: 1, ...evidence, via: 'check' } as const
  const answer = (more: object) => report({ via: 'check', ...more } as Partial<Report>)
  given(...asked)
    .when(answer({ outcome: 'success', sn: 'SN1', cost: 9_500, balance: 1 }))
    .happens({ ...checked, outcome: 'success' })
    .thenPosts()
  given(...asked)
    .when(answer({ outcome: 'unknown' }))
    .happens({ ...checked, outcome: 'unknown' })
  given(...asked)
    .when(answer({ outcome: 'failed', retryable: true }))
    .happensIn('checked', 'disputed')
    .thenPosts()
  given(...asked, { ...checked, outcome: 'success' })
    .when(answer({ outcome: 'success', sn: 'SN1', cost: 9_500, balance: 1 }))
    .thenNothing()
  given(...asked, 120_000, { ...checked, outcome: 'success' })
    .when(recheck, 210_000 - 1)
    .thenRefused('RECHECK_TOO_SOON', { from: 210_000 })
  given(...asked, { ...checked, outcome: 'success' })
    .when(recheck, 300_000)
    .happens(rechecked)
})
