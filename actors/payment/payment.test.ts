import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { spec } from '../../engine/spec.ts'
import { givenBack } from '../settlement/fee.ts'
import { isBooked, payment, proofMs, refundedOf } from './payment.ts'
import type {
  Notice,
  PaymentCommand,
  PaymentEvent,
  PaymentFacts,
  PaymentState,
} from './payment-contract.ts'

const merchant = '01a1fb58-c68f-7061-9302-1c7e05337686'
const device = '01a1fb58-c68f-7002-9302-1c7e05337000'
const day = '20261014'
const payableDay = `payable:${merchant}:${day}`
const expiresAt = 1_200_000

const facts: PaymentFacts = {
  merchant,
  outlet: 'o-1',
  terminal: 't-1',
  kind: 'dynamic',
  amount: 50_123,
  reference: 'A-1',
  qr: '0002…',
  expiresAt,
  by: 'terminal',
}
const created: PaymentEvent = { type: 'created', ...facts }
const notice: Notice = { messageId: 'm-1', device, text: 'lima puluh ribu', lang: 'id' }
const unheard: Notice = { messageId: 'm-1', device: null, text: 'lima puluh ribu', lang: 'id' }
const told = {
  eventId: 'e-1',
  acquirerRef: 'R-1',
  paidAt: 5_000,
  payer: 'Ani',
  day,
  amount: 50_123,
} as const
const plan = { bps: 70, fixed: 0, rounding: 'half_up' } as const
/** 0.7 % of 50,123 is 350.861. */
const fee = 351
const pay: PaymentCommand = { type: 'pay', ...told, merchant, terminal: 't-1', plan, notice }
const paid: PaymentEvent = { type: 'paid', ...told, fee, notice }
const played: PaymentEvent = {
  type: 'proved',
  messageId: 'm-1',
  outcome: 'played',
  why: 'played',
}
const refund = (refundId: string, amount: number) =>
  ({ type: 'refund', refundId, amount, day, reason: 'wrong', by: 'ops' }) as const
const refunded = (refundId: string, amount: number, back: number, whole = false): PaymentEvent => ({
  ...{ type: 'refunded', refundId, amount, fee: back, day, reason: 'wrong', by: 'ops', whole },
})
const gross = { op: 'move', name: 'gross', debit: 'acquirer', credit: payableDay } as const
const feeMove = { op: 'move', name: 'fee', debit: payableDay, credit: 'qris_fee' } as const

const given = spec(payment)

test('payment: create: it waits until its time is over (QPA1, QPA6)', () => {
  given()
    .when({ type: 'create', ...facts })
    .happens(created)
    .thenPosts()
    .thenIs('pending', 'machine')
  given(created).is('pending', 'machine', { at: expiresAt, command: { type: 'expire' } })
  for (const amount of [0, -1, 0.5, 2 ** 53]) {
    given()
      .when({ type: 'create', ...facts, amount })
      .thenRefused('AMOUNT_INVALID')
  }
})

test('payment: create again: the same finds it, other facts are refused (QPA1)', () => {
  given(created)
    .when({ type: 'create', ...facts, expiresAt: 9, qr: 'another text' })
    .thenNothing()
  for (const other of [
    ...[{ amount: 1 }, { terminal: 't-2' }, { merchant: device }],
    ...[{ kind: 'static' }, { reference: 'A-2' }],
  ] as const) {
    given(created)
      .when({ type: 'create', ...facts, ...other })
      .thenRefused('DUPLICATE_REF')
  }
})

test('payment: paid: state, both postings and the notice are one record (QPA2)', () => {
  given(created)
    .when(pay)
    .happens(paid)
    .thenPosts({ ...gross, amount: 50_123 }, { ...feeMove, amount: fee })
    .thenOwes('notify')
    .thenIs('paid', 'machine')
})

test('payment: paid without a fee: nothing of nothing is posted (QPA2)', () => {
  given(created)
    .when({ ...pay, plan: { ...plan, bps: 0 } })
    .thenPosts({ ...gross, amount: 50_123 })
})

test('payment: its day began after it was asked for: booked and given back on that day (QPA14)', () => {
  const midnight = Date.UTC(2026, 9, 14, 17)
  for (const [at, on] of [
    [midnight - 1, '20261014'],
    [midnight, '20261015'],
  ] as const) {
    const account = `payable:${merchant}:${on}`
    const moves = [
      { ...gross, credit: account, amount: 50_123 },
      { ...feeMove, debit: account, amount: fee },
    ]
    given({ ...created, expiresAt: null })
      .when(pay, at)
      .happens({ ...paid, day: on })
      .thenPosts(...moves)
    const back = givenBack(fee, { of: 50_123, before: 0, amount: 100 })
    given(created, paid)
      .when(refund('r', 100), at)
      .happens({ ...refunded('r', 100, back), day: on } as PaymentEvent)
    const acquirers = { refundId: 'e-9', reason: 'acquirer', by: 'acquirer' }
    given(created, paid)
      .when({ type: 'refundTold', eventId: 'e-9', amount: 100, day }, at)
      .happens({ ...refunded('r', 100, back), ...acquirers, day: on } as PaymentEvent)
  }
})

test('payment: a printed QR: made and paid in one turn (QPA2)', () => {
  const printed = { ...facts, kind: 'static', expiresAt: null, qr: '' } as const
  given()
    .when({ ...pay, facts: printed })
    .happensIn('created', 'paid')
    .thenPosts({ ...gross, amount: 50_123 }, { ...feeMove, amount: fee })
    .thenOwes('notify')
    .thenIs('paid', 'machine')
})

test('payment: a printed QR: what is no amount is not booked, though both say it (QPA4)', () => {
  for (const amount of [0, -1, 0.5, 2 ** 53]) {
    const printed = { ...facts, kind: 'static', expiresAt: null, qr: '', amount } as const
    given()
      .when({ ...pay, amount, facts: printed })
      .thenRefused('AMOUNT_INVALID')
  }
})

test('payment: refunds: at most a hundred, however small (QPA8)', () => {
  const some = Array.from({ length: 100 }, (_, n) => refunded(`n-${n}`, 1, 0))
  given(created, paid, ...some.slice(1))
    .when(refund('r', 1))
    .happensIn('refunded')
  given(created, paid, ...some)
    .when(refund('r', 1))
    .thenRefused('REFUND_LIMIT', { left: 50_023 })
})

test('payment: paid again: nothing happens, under any event, in any state after (QPA3)', () => {
  for (const after of [[paid], [paid, played], [paid, refunded('r', 50_123, fee, true)]]) {
    given(created, ...after)
      .when(pay)
      .thenNothing()
    given(created, ...after)
      .when({ ...pay, eventId: 'e-2' })
      .thenNothing()
  }
})

test('payment: another event tells another time: somebody else paid, refused (QPA11)', () => {
  const second = { ...pay, eventId: 'e-2', paidAt: 65_000, payer: 'Siti' }
  for (const after of [[paid], [paid, played], [paid, refunded('r', 50_123, fee, true)]]) {
    given(created, ...after)
      .when(second)
      .thenRefused('PAID_AGAIN', { eventId: 'e-1', paidAt: 5_000 })
  }
  // One event is one payment, and so are two that tell the same time.
  given(created, paid)
    .when({ ...second, eventId: 'e-1' })
    .thenNothing()
  given(created, paid)
    .when({ ...second, paidAt: 5_000 })
    .thenNothing()
  // When we looked at the clock ourselves says nothing of when it was paid.
  given(created, paid)
    .when({ ...second, untold: true })
    .thenNothing()
  given(created)
    .when({ ...pay, untold: true })
    .happens({ ...paid, untold: true })
  given(created, { ...paid, untold: true })
    .when(second)
    .thenNothing()
})

test('payment: another event with another reference of the acquirer: somebody else paid (QPA11)', () => {
  const second = { ...pay, eventId: 'e-2', acquirerRef: 'R-2' }
  const again = ['PAID_AGAIN', { eventId: 'e-1', paidAt: 5_000 }] as const
  given(created, paid)
    .when(second)
    .thenRefused(...again)
  given(created, paid)
    .when({ ...second, untold: true })
    .thenRefused(...again)
  given(created, paid)
    .when({ ...second, eventId: 'e-1' })
    .thenNothing()
  // What we called it ourselves, by name or in its QR, and silence do not tell money apart.
  for (const ours of ['A-1', '0002', '']) {
    given(created, paid)
      .when({ ...second, acquirerRef: ours })
      .thenNothing()
    given(created, { ...paid, acquirerRef: ours })
      .when(second)
      .thenNothing()
  }
})

test('payment: paid otherwise than agreed: never booked, before or after (QPA4)', () => {
  for (const history of [[created], [created, paid]]) {
    given(...history)
      .when({ ...pay, amount: 50_124 })
      .thenRefused('AMOUNT_MISMATCH', { expected: 50_123 })
    given(...history)
      .when({ ...pay, merchant: device })
      .thenRefused('MERCHANT_MISMATCH')
    given(...history)
      .when({ ...pay, terminal: 't-2' })
      .thenRefused('MERCHANT_MISMATCH')
  }
  given(created)
    .when({ ...pay, terminal: null })
    .happensIn('paid')
  given().when(pay).thenRefused('NOT_FOUND')
})

test('payment: money that comes late: booked all the same, and flagged (QPA5)', () => {
  const expired: PaymentEvent = { type: 'expired' }
  const failed: PaymentEvent = { type: 'failed', eventId: 'e-0', reason: 'declined' }
  for (const [event, late] of [
    [expired, 'expired'],
    [failed, 'failed'],
  ] as const) {
    given(created, event)
      .when(pay)
      .happens({ ...paid, late })
      .thenPosts({ ...gross, amount: 50_123 }, { ...feeMove, amount: fee })
      .thenIs('paid_late', 'machine')
  }
  given(created)
    .when(pay, expiresAt)
    .happens({ ...paid, late: 'expired' })
  given(created)
    .when(pay, expiresAt - 1)
    .happens(paid)
})

test('payment: its time is over: it expires, and not before (QPA6)', () => {
  given(created)
    .when({ type: 'expire' }, expiresAt - 1)
    .thenNothing()
  given(created).when({ type: 'expire' }, expiresAt).happensIn('expired').thenIs('expired', 'final')
  given(created).when({ type: 'expire', by: 'ops' }, 1).happens({ type: 'expired', by: 'ops' })
  given(created, { type: 'expired' }).when({ type: 'expire' }, expiresAt).thenNothing()
  given().when({ type: 'expire' }).thenRefused('NOT_FOUND')
})

test('payment: word that it failed or expired: what was paid stays (QPA7)', () => {
  const fail: PaymentCommand = { type: 'fail', eventId: 'e-9', reason: 'declined' }
  given(created).when(fail).happensIn('failed').thenIs('failed', 'final')
  given(created, paid).when(fail).thenRefused('PAYMENT_FINAL')
  given(created, paid).when({ type: 'expire', eventId: 'e-9' }).thenRefused('PAYMENT_FINAL')
  given(created, paid).when({ type: 'expire' }, expiresAt).thenNothing()
  given(created, { type: 'expired' }).when(fail).thenNothing()
  given().when(fail).thenRefused('NOT_FOUND')
})

test('payment: refunds: in parts up to the whole, the fee back in proportion (QPA8)', () => {
  const back = { op: 'move', name: 'refund', debit: payableDay, credit: 'acquirer' } as const
  const feeBack = { op: 'move', name: 'fee back', debit: 'qris_fee', credit: payableDay } as const
  given(created, paid, played)
    .when(refund('r-1', 20_000))
    .happens(refunded('r-1', 20_000, 140))
    .thenPosts({ ...back, amount: 20_000 }, { ...feeBack, amount: 140 })
    .thenIs('paid', 'final')
  const part = refunded('r-1', 20_000, 140)
  given(created, paid, played, part)
    .when(refund('r-2', 30_123))
    .happens(refunded('r-2', 30_123, 211, true))
    .thenPosts({ ...back, amount: 30_123 }, { ...feeBack, amount: 211 })
    .thenIs('refunded', 'final')
  given(created, paid, part)
    .when(refund('r-2', 30_124))
    .thenRefused('REFUND_LIMIT', { left: 30_123 })
  given(created, paid, part).when(refund('r-1', 20_000)).thenNothing()
  given(created, paid, part).when(refund('r-1', 1)).thenRefused('DUPLICATE_REF')
  given(created, paid).when(refund('r', 0)).thenRefused('AMOUNT_INVALID')
  given(created).when(refund('r', 1)).thenRefused('PAYMENT_UNPAID')
  given().when(refund('r', 1)).thenRefused('NOT_FOUND')
})

test('payment: a refund of ours that the acquirer carries out: confirmed, not booked again (QPA12)', () => {
  const ours = refunded('r-1', 20_000, 140)
  const told = (eventId: string, amount = 20_000) =>
    ({ type: 'refundTold', eventId, amount, day }) as const
  const confirmed = (refundId: string, eventId: string): PaymentEvent => ({
    ...{ type: 'refund_confirmed', refundId, eventId },
  })
  given(created, paid, played, ours)
    .when(told('e-7'))
    .happens(confirmed('r-1', 'e-7'))
    .thenPosts()
    .thenIs('paid', 'final')
  // The oldest first, each once; and the same word again changes nothing.
  const both = [created, paid, played, ours, refunded('r-2', 20_000, 140)]
  given(...both)
    .when(told('e-7'))
    .happens(confirmed('r-1', 'e-7'))
  given(...both, confirmed('r-1', 'e-7'))
    .when(told('e-8'))
    .happens(confirmed('r-2', 'e-8'))
  given(...both, confirmed('r-1', 'e-7'))
    .when(told('e-7'))
    .thenNothing()
  given(...both, confirmed('r-1', 'e-7'))
    .when(told('e-7', 1))
    .thenRefused('DUPLICATE_REF')
  // Another amount, or one word more than was asked for, is a refund of theirs.
  const theirs = (eventId: string, amount: number, fee: number): PaymentEvent => ({
    ...{ type: 'refunded', refundId: eventId, amount, fee, day, whole: false },
    ...{ reason: 'acquirer', by: 'acquirer' },
  })
  given(created, paid, played, ours)
    .when(told('e-7', 10_000))
    .happens(theirs('e-7', 10_000, 70))
    .thenOwes()
  given(created, paid, played, ours, confirmed('r-1', 'e-7'))
    .when(told('e-8'))
    .happens(theirs('e-8', 20_000, 140))
  given(created, paid, played, theirs('e-7', 10_000, 70))
    .when(told('e-8', 10_000))
    .happens(theirs('e-8', 10_000, 70))
  given(created, paid, played, theirs('e-7', 10_000, 70))
    .when(told('e-7', 10_000))
    .thenNothing()
  const whole = refunded('r-1', 50_123, fee, true)
  given(created, paid, played, whole)
    .when(told('e-7', 50_123))
    .happens(confirmed('r-1', 'e-7'))
    .thenIs('refunded', 'final')
  given(created, paid, played, whole).when(told('e-7')).thenRefused('REFUND_LIMIT', { left: 0 })
  given(created).when(told('e-7')).thenRefused('PAYMENT_UNPAID')
  given().when(told('e-7')).thenRefused('NOT_FOUND')
  throws(() => given(...both, confirmed('r-9', 'e-7')).is('paid'), /QPA12/)
  throws(() => given(...both, confirmed('r-1', 'e'), confirmed('r-1', 'f')).is('paid'), /QPA12/)
})

test('payment: sound: played, digest or silent, and only once (QPA9)', () => {
  const due = proofMs + 7
  given(created, 7, paid).is('paid', 'machine', { at: due, command: { type: 'proof_due' } })
  given(created, 7, paid)
    .when({ type: 'proof_due' }, due - 1)
    .thenNothing()
  given(created, 7, paid)
    .when({ type: 'proof_due' }, due)
    .happens({ type: 'proved', messageId: 'm-1', outcome: 'silent', why: 'no_proof' })
    .thenIs('paid', 'final')
  given(created, paid)
    .when({ type: 'prove', messageId: 'm-1', outcome: 'digest', why: 'age' })
    .happens({ type: 'proved', messageId: 'm-1', outcome: 'digest', why: 'age' })
  for (const outcome of ['played', 'digest', 'silent'] as const) {
    given(created, paid, played)
      .when({ type: 'prove', messageId: 'm-1', outcome, why: 'late' })
      .thenNothing()
  }
  // A digest that nobody will tell, since its box was taken away, is silent, once and for all.
  const missed: PaymentEvent = {
    ...{ type: 'proved', messageId: 'm-1', outcome: 'digest', why: 'age' },
  }
  const untold: PaymentEvent = { ...missed, outcome: 'silent', why: 'unbound' }
  const never = { ...untold, type: 'prove' } as const
  given(created, paid, missed).when(never).happens(untold).thenIs('paid', 'final')
  given(created, paid, missed)
    .when({ ...never, messageId: 'm-0' })
    .thenNothing()
  given(created, paid, missed, untold).when(never).thenNothing()
  given(created, paid, untold)
    .when({ ...missed, type: 'prove' })
    .thenNothing()
  given(created, paid, missed)
    .when({ ...never, outcome: 'played' })
    .thenNothing()
  given(created, paid)
    .when({ type: 'prove', messageId: 'm-0', outcome: 'played', why: 'played' })
    .thenNothing()
  given(created, paid, played).when({ type: 'proof_due' }, due).thenNothing()
  given()
    .when({ type: 'prove', messageId: 'm-1', outcome: 'played', why: 'played' })
    .thenRefused('NOT_FOUND')
})

test('payment: the box speaks up after a minute: its word stands, not our silence (QPA9)', () => {
  const unsaid: PaymentEvent = {
    ...{ type: 'proved', messageId: 'm-1', outcome: 'silent', why: 'no_proof' },
  }
  const prove = (outcome: 'played' | 'digest' | 'silent', why: string) =>
    ({ type: 'prove', messageId: 'm-1', outcome, why }) as const
  for (const [outcome, why] of [
    ['digest', 'age'],
    ['played', 'played'],
    ['silent', 'unbound'],
  ] as const) {
    given(created, paid, unsaid)
      .when(prove(outcome, why))
      .happens({ type: 'proved', messageId: 'm-1', outcome, why })
      .thenIs('paid', 'final')
    // Its first word, and what is known for another reason, stays.
    given(created, paid, unsaid, { ...unsaid, outcome, why })
      .when(prove('played', 'late'))
      .thenNothing()
    given(created, paid, { ...unsaid, why: 'DEVICE_BLOCKED' })
      .when(prove(outcome, why))
      .thenNothing()
  }
  // Said again since, it is the other notice that is asked about.
  const said: PaymentEvent = {
    ...{ type: 'renotified', by: 'ops', notice: { ...notice, messageId: 'm-2' } },
  }
  given(created, paid, unsaid, said).when(prove('played', 'late')).thenNothing()
  throws(() => given(created, paid, played, unsaid).is('paid'), /QPA9/)
})

test('payment: what the box is told: when it was paid, if that can be (QPA13)', () => {
  /** Of the last thing that happened. */
  const toldAt = (...history: readonly (number | PaymentEvent)[]) => {
    const { state } = given(...history)
    const event = history.at(-1) as Extract<PaymentEvent, { type: 'paid' }>
    const at = history.findLast(one => typeof one === 'number')!
    return payment.react[event.type]!(state, event as never, at).map(effect => effect.at)
  }
  const printed: PaymentEvent = { ...created, kind: 'static', expiresAt: null }
  const week = 7 * 86_400_000
  const late = { ...paid, late: 'expired' as const }
  for (const [history, at] of [
    [[1_000, created, 90_000, paid], 5_000],
    [[1_000, created, { type: 'expired' }, 90_000, late], 5_000],
    [[1_000, created, 90_000, { ...paid, paidAt: 90_001 }], 90_000],
    [[6_000, created, 90_000, paid], 90_000],
    [[90_000, printed, paid], 5_000],
    [[5_000 + week, printed, paid], 5_000],
    [[5_001 + week, printed, paid], 5_001 + week],
    [[90_000, printed, { ...paid, paidAt: 90_001 }], 90_000],
    // Booked long after we heard of it.
    [[5_001 + week, printed, { ...paid, heardAt: 6_000 }], 5_000],
    [[6_000 + week, printed, { ...paid, paidAt: 6_001, heardAt: 6_000 }], 6_000],
    [[5_001 + 2 * week, printed, { ...paid, heardAt: 5_001 + week }], 5_001 + week],
    [[6_000, created, 90_000, { ...paid, heardAt: 5_500 }], 6_000],
    [[1_000, created, 90_000, { ...paid, paidAt: 8_000, heardAt: 7_000 }], 7_000],
  ] as const) {
    deepEqual(toldAt(...history), [at])
  }
  const said: PaymentEvent = {
    ...{ type: 'renotified', by: 'ops', notice: { ...notice, messageId: 'm-2' } },
  }
  deepEqual(
    toldAt(1_000, created, 2_000, { ...paid, paidAt: 1_500 }, played, 95_000, said),
    [95_000],
  )
})

test('payment: no box, or one that refuses: silent at once, with the reason (QPA9)', () => {
  given(created)
    .when({ ...pay, notice: unheard })
    .happens(
      { ...paid, notice: unheard },
      { type: 'proved', messageId: 'm-1', outcome: 'silent', why: 'no_device' },
    )
    .thenOwes()
    .thenIs('paid', 'final')
  given(created, paid)
    .when({ type: 'noticed', messageId: 'm-1', why: 'DEVICE_BLOCKED' })
    .happens({ type: 'proved', messageId: 'm-1', outcome: 'silent', why: 'DEVICE_BLOCKED' })
  given(created, paid).when({ type: 'noticed', messageId: 'm-1', why: null }).thenNothing()
  given(created, paid, played)
    .when({ type: 'noticed', messageId: 'm-1', why: 'DEVICE_BLOCKED' })
    .thenNothing()
})

test('payment: said again by a person: under a new id, once the one before has ended (QPA10)', () => {
  const again: PaymentCommand = { ...notice, type: 'renotify', messageId: 'm-2', by: 'ops' }
  const said: PaymentEvent = {
    type: 'renotified',
    notice: { ...notice, messageId: 'm-2' },
    by: 'ops',
  }
  given(created, paid).when(again).thenNothing()
  given(created, paid, played)
    .when(again)
    .happens(said)
    .thenOwes('notify')
    .thenIs('paid', 'machine')
  given(created, paid, played, said).when(again).thenNothing()
  given(created, paid, played, said, { ...played, messageId: 'm-2' })
    .when(again)
    .thenNothing()
  given(created, paid, played)
    .when({ ...again, device: null, why: 'no_device' })
    .happensIn('renotified', 'proved')
  given(created).when(again).thenRefused('PAYMENT_UNPAID')
  given().when(again).thenRefused('NOT_FOUND')
})

test('payment: effects: a notice may be repeated, the box knows it by its id (QPA9)', () => {
  deepEqual(payment.resume, { notify: 'repeat' })
})

test('payment: the history may not say that a payment was paid twice (QPA3)', () => {
  throws(() => given(created, paid, paid).is('paid'), /QPA3/)
  throws(() => given(created, paid, refunded('r', 50_124, 0)).is('paid'), /QPA8/)
  throws(() => given(created, paid, played, played).is('paid'), /QPA9/)
  const state = given(created, paid, refunded('r', 5, 0)).state as PaymentState
  ok(isBooked(state))
  equal(refundedOf(state), 5)
})
