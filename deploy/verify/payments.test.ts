import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { type Body, type Event, fingerprint, type Line } from './chain.ts'
import { Payment, readPayment } from './payments.ts'
import { type ProblemName, Problems } from './problems.ts'

const merchant = '01a1fb58-c68f-7001-9302-1c7e05337686'
const books = `payable:${merchant}:20261014`
type Leg = readonly [debit: string, credit: string, amount: number]
type Told = readonly [event: Event | readonly Event[], ...legs: readonly Leg[]]

/** What is wrong in these lines of one payment. */
function wrongIn(...lines: readonly Told[]): ProblemName[] {
  const problems = new Problems()
  const payment = new Payment()
  for (const [index, [events, ...legs]] of lines.entries()) {
    const e = Array.isArray(events) ? events : [events]
    const p = legs.map(([debit, credit, amount]) => ['move', '', debit, credit, amount, [], []])
    const line: Line = { shard: 1, seq: index + 1, key: fingerprint('payment', merchant, 'A-1') }
    readPayment(payment, line, { id: 'x', e, p } as unknown as Body, problems)
  }
  return problems.kept.map(({ name }) => name)
}

const created: Told = [{ type: 'created', merchant, reference: 'A-1', amount: 1_000 }]
const notice = { messageId: 'm', device: 'd' }
const paid = { type: 'paid', amount: 1_000, fee: 7, day: '20261014', notice }
const gross: Leg = ['acquirer', books, 1_000]
const fee: Leg = [books, 'qris_fee', 7]
const pay: Told = [paid, gross, fee]
const proved: Told = [{ type: 'proved', messageId: 'm', outcome: 'played' }]
const refund = (amount: number, back: number, whole: boolean): Told => [
  { type: 'refunded', amount, fee: back, day: '20261014', whole },
  [books, 'acquirer', amount],
  ...(back === 0 ? [] : [['qris_fee', books, back] as const]),
]

test('verify payments: made, paid, heard, given back: sound (Z37, Z38, Z39)', () => {
  deepEqual(wrongIn(created, pay, proved, refund(400, 2, false), refund(600, 5, true)), [])
  deepEqual(wrongIn(created, [{ type: 'expired' }], [{ ...paid, late: 'expired' }, gross, fee]), [])
})

test('verify payments: paid twice, or for another amount, or elsewhere: told (Z37)', () => {
  deepEqual(wrongIn(created, pay, proved, pay), ['payment.event'])
  deepEqual(wrongIn(created, [{ ...paid, amount: 999 }, ['acquirer', books, 999], fee]), [
    'payment.money',
  ])
  deepEqual(wrongIn([{ ...(created[0] as Event), reference: 'B' }]), ['payment.key'])
  deepEqual(wrongIn(created, pay, [{ type: 'expired' }]), ['payment.event'])
  deepEqual(wrongIn(created, [{ type: 'failed' }], pay), ['payment.event'])
  deepEqual(wrongIn(created, [{ type: 'melted' }]), ['payment.event'])
})

test('verify payments: a fee that is lost, a refund too many: told (Z38)', () => {
  deepEqual(wrongIn(created, [paid, gross]), ['payment.money'])
  deepEqual(wrongIn(created, pay, refund(600, 4, false), refund(600, 3, false)), ['payment.refund'])
  deepEqual(wrongIn(created, pay, refund(1_000, 6, true)), ['payment.refund'])
})

test('verify payments: a refund that is confirmed: once, and only what was ordered (Z38)', () => {
  const ordered: Told = [
    { type: 'refunded', refundId: 'r', amount: 400, fee: 2, day: '20261014', whole: false },
    [books, 'acquirer', 400],
    ['qris_fee', books, 2],
  ]
  const [event, ...legs] = ordered
  const own: Told = [{ ...(event as Event), reason: 'acquirer', by: 'acquirer' }, ...legs]
  const word = (refundId: string, eventId: string): Told => [
    { type: 'refund_confirmed', refundId, eventId },
  ]
  deepEqual(wrongIn(created, pay, ordered, word('r', 'e')), [])
  deepEqual(wrongIn(created, pay, ordered, word('r', 'e'), word('r', 'f')), ['payment.refund'])
  deepEqual(wrongIn(created, pay, ordered, word('other', 'e')), ['payment.refund'])
  deepEqual(wrongIn(created, pay, own, word('r', 'e')), ['payment.refund'])
})

test('verify payments: a notice that ends twice, or is heard without a box: told (Z39)', () => {
  deepEqual(wrongIn(created, pay, proved, proved), ['payment.notice'])
  const unheard: Told = [{ type: 'proved', messageId: 'm', outcome: 'silent', why: 'no_proof' }]
  deepEqual(wrongIn(created, pay, unheard, proved), [])
  deepEqual(wrongIn(created, pay, unheard, proved, proved), ['payment.notice'])
  deepEqual(wrongIn(created, pay, unheard, unheard, proved), ['payment.notice'])
  const missed: Told = [{ type: 'proved', messageId: 'm', outcome: 'digest', why: 'age' }]
  const untold: Told = [{ type: 'proved', messageId: 'm', outcome: 'silent', why: 'unbound' }]
  deepEqual(wrongIn(created, pay, missed, untold), [])
  deepEqual(wrongIn(created, pay, missed, untold, untold), ['payment.notice'])
  deepEqual(wrongIn(created, pay, missed, proved), ['payment.notice'])
  const deaf: Told = [{ ...paid, notice: { messageId: 'm', device: null } }, gross, fee]
  deepEqual(wrongIn(created, deaf, proved), ['payment.notice'])
  deepEqual(wrongIn(created, pay, [{ type: 'renotified', notice }]), ['payment.notice'])
})
