import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  compareReport,
  compareStatement,
  type OurBatch,
  type OurPayment,
  type ReportRow,
} from './reconcile.ts'

const payment = (n: number, amount: number, refunded = 0): OurPayment => ({
  ...{ id: `p${n}`, references: [`r${n}`, `rrn${n}`], amount, refunded, isOfDay: true },
})
const row = (reference: string, amount: number, type: ReportRow['type'] = 'payment') => ({
  ...{ reference, type, amount },
})
const named = (compared: ReturnType<typeof compareReport>) =>
  compared.differences.map(({ what, key, ours, theirs }) => [what, key, ours, theirs])

test('report: the same on both sides, by whichever name: no difference (DKL1, DKL4)', () => {
  const compared = compareReport(
    [row('r1', 10_000), row('rrn2', 5_000), row('r2', 5_000, 'refund')],
    [payment(1, 10_000), payment(2, 5_000, 5_000)],
  )
  deepEqual([compared.matched, compared.ours, compared.theirs], [3, 15_000, 15_000])
  const early = compareReport(
    [row('r2', 2_000, 'refund'), row('rrn2', 5_000), row('rrn2', 3_000, 'refund')],
    [payment(2, 5_000, 5_000)],
  )
  deepEqual([early.matched, early.differences], [2, []], 'in whichever order, by whichever name')
  deepEqual(compared.differences, [])
})

test('report: every kind of difference is named, with both amounts (DKL1, DKL2, DKL4)', () => {
  const compared = compareReport(
    [
      ...[row('r1', 10_001), row('r2', 5_000), row('rrn2', 5_000), row('x', 7_000)],
      ...[row('r3', 1_000, 'refund'), row('r5', 500, 'refund'), row('y', 9, 'refund')],
    ],
    [
      payment(1, 10_000),
      payment(2, 5_000),
      payment(3, 2_000),
      payment(4, 4_000),
      payment(5, 1, 400),
      payment(6, 9_000, 300),
      { ...payment(7, 8_000, 700), isOfDay: false },
    ],
  )
  deepEqual(named(compared), [
    ['amount_differs', 'r1', 10_000, 10_001],
    ['told_twice', 'rrn2', 5_000, 5_000],
    ['missing_here', 'x', null, 7_000],
    ['refund_missing_here', 'r3', null, 1_000],
    ['refund_differs', 'r5', 400, 500],
    ['refund_missing_here', 'y', null, 9],
    ['refund_missing_there', 'r6', 300, null],
    ['refund_missing_there', 'r7', 700, null],
    ['missing_there', 'r3', 2_000, null],
    ['missing_there', 'r4', 4_000, null],
    ['missing_there', 'r5', 1, null],
    ['missing_there', 'r6', 9_000, null],
  ])
  equal(compared.matched, 1)
  equal(compared.ours, 10_000 + 5_000 + 2_000 + 4_000 + 1 + 9_000, 'of other days nothing')
})

test('report: any two lists: the sums differ by what the differences say (DKL3)', () => {
  const list = fc.array(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 9 })))
  fc.assert(
    fc.property(list, list, (rows, ours) => {
      const mine = new Map(ours.map(([n, amount]) => [n, payment(n, amount)]))
      const told = rows.map(([n, amount]) => row(`r${n}`, amount))
      const compared = compareReport(told, [...mine.values()])
      const off = compared.differences.reduce(
        (all, { what, ours, theirs }) =>
          all + (theirs ?? 0) - (what === 'told_twice' ? 0 : (ours ?? 0)),
        0,
      )
      equal(compared.theirs - compared.ours, off)
      const places = compared.matched + compared.differences.length
      const missing = compared.differences.filter(one => one.what === 'missing_there').length
      equal(places - missing, told.length)
    }),
  )
})

const batch = (n: number, total: number, isPaid = true): OurBatch => ({
  ...{ id: `b${n}`, reference: `B${n}`, bankReference: n === 2 ? 'TX2' : '', total, isPaid },
})
const line = (reference: string, debit: number, credit = 0) => ({
  ...{ reference, description: credit > 0 ? 'SETTLEMENT QRIS' : 'TRSF', debit, credit },
})

test('statement: payouts and income: matched, or named (DKL1, DKL2)', () => {
  const rows = [line('B1', 100), line('TX2', 250), line('QRIS-1', 0, 900)]
  const good = compareStatement(rows, [batch(1, 100), batch(2, 250)], 900)
  deepEqual([good.matched, good.ours, good.theirs, good.differences], [2, 350, 350, []])

  const odd = [line('B1', 100), line('B1', 100), line('B3', 70), line('zz', 5), line('B5', 1)]
  const bad = compareStatement(
    [...odd, line('Q', 0, 800)],
    [batch(1, 100), batch(3, 70, false), batch(4, 40), batch(5, 2)],
    900,
  )
  deepEqual(
    bad.differences.map(one => [one.what, one.key]),
    [
      ['transfer_twice', 'B1'],
      ['batch_unmarked', 'B3'],
      ['transfer_unknown', 'zz'],
      ['amount_differs', 'B5'],
      ['transfer_missing', 'B4'],
      ['income_differs', 'QRIS'],
    ],
  )
  equal(bad.matched, 1)
})
