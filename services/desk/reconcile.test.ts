import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  compareReport,
  compareStatement,
  numbered,
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
      const shared = { references: ['r1'] }
      const mine = new Map(
        ours.map(([n, amount]) => [n, { ...payment(n, amount), ...(n > 5 ? shared : {}) }]),
      )
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

test('report: two shops, one reference: each payment by its amount (DKL1, DKL2)', () => {
  const shop = (id: string, amount: number, refunded = 0): OurPayment => ({
    ...{ id, references: ['INV-1', id], amount, refunded, isOfDay: true },
  })
  const both = [shop('p1', 10_000), shop('p2', 99_000, 9_000)]
  const rows = [row('INV-1', 99_000), row('INV-1', 10_000), row('INV-1', 9_000, 'refund')]
  const good = compareReport(rows, both)
  deepEqual([good.matched, good.differences], [3, []])
  const bad = compareReport([...rows, row('INV-1', 10_000), row('INV-1', 5)], both)
  deepEqual(
    bad.differences.map(({ what, subject, theirs }) => [what, subject, theirs]),
    [
      ['told_twice', 'p1', 10_000],
      ['missing_here', null, 5],
    ],
  )
  const less = compareReport([row('INV-1', 99_000)], both)
  deepEqual(
    less.differences.map(({ what, subject }) => [what, subject]),
    [
      ['refund_missing_there', 'p2'],
      ['missing_there', 'p1'],
    ],
  )
})

test('differences: called alike: each has a key of its own, whatever others are called (DKL5)', () => {
  const one = { what: 'transfer_unknown', subject: null, ours: null, theirs: 1 } as const
  const keys = (named: readonly string[]) =>
    numbered(named.map(key => ({ ...one, key }))).map(({ key }) => key)
  deepEqual(keys(['', '', 'A', '']), ['', '#2', 'A', '#3'])
  deepEqual(keys(['A', 'A', 'A#2', 'A']), ['A', 'A#2', 'A#2#2', 'A#3'])
  deepEqual(keys(['A#2', 'A', 'A']), ['A#2', 'A', 'A#3'])
  equal(
    numbered([
      { ...one, key: 'A' },
      { ...one, key: 'A', what: 'told_twice' },
    ])[1]!.key,
    'A',
  )
  const fees = Array.from({ length: 100_000 }, () => '')
  equal(new Set(keys(fees)).size, fees.length)
})

const batch = (n: number, total: number, isPaid = true): OurBatch => ({
  ...{ id: `b${n}`, transfer: `LJ00000000000${n}`, reference: `B${n}`, total, isPaid },
  bankReference: n === 2 ? 'TX2' : '',
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
      ['transfer_missing', 'LJ000000000004'],
      ['income_differs', 'QRIS'],
    ],
  )
  equal(bad.matched, 1)
})

test('statement: a transfer that came back: a difference of its own, no match (DKL7, DKL3)', () => {
  const { transfer } = batch(1, 100)
  const back = (reference: string, credit: number) => ({
    ...{ ...line(reference, 0, credit), description: 'RETUR' },
  })
  for (const name of ['B1', transfer]) {
    const same = compareStatement([line('B1', 100), back(name, 100)], [batch(1, 100)], null)
    deepEqual([same.matched, same.ours, same.theirs], [0, 100, 0])
    deepEqual(same.differences, [
      { what: 'transfer_returned', key: 'B1', subject: 'b1', ours: 100, theirs: 0 },
    ])
  }
  // On a later day than it left; what the acquirer paid for is no return, nor is this income.
  const other = { ...back('x', 100), description: `RETUR QRIS ${transfer}` }
  const later = compareStatement([other, line('Q', 0, 900)], [batch(1, 100, false)], 900)
  deepEqual([later.matched, later.ours, later.theirs], [0, 0, -100])
  deepEqual(named(later), [['transfer_returned', 'x', null, -100]])
  // A stranger's credit is nobody's.
  deepEqual(compareStatement([back('zz', 100)], [], null).differences, [])
})

test('statement: a run of one reference: by transfer, or by the amount (DKL2, DKL6)', () => {
  const run = [10, 20, 20].map((total, n) => ({ ...batch(n + 3, total), reference: 'run-1' }))
  const [first, second, third] = run.map(one => one.transfer)
  for (const rows of [
    [line(third!, 20), line(first!.toLowerCase(), 10), line(second!, 20)],
    [line('FT1', 10), line('', 20), line('FT3', 20)].map((one, n) => ({
      ...one,
      description: `TRSF ${run[n]!.transfer} TOKO`,
    })),
    [line('run-1', 20), line('run-1', 20), line('run-1', 10)],
  ]) {
    const good = compareStatement(rows, run, null)
    deepEqual([good.matched, good.differences], [3, []])
  }
  const bad = compareStatement(
    [line(first!, 10), line(first!, 10), line(second!, 19), line('run-1', 7)],
    [...run, { ...batch(9, 8), reference: 'run-1' }],
    null,
  )
  deepEqual(
    bad.differences.map(({ what, key, subject, theirs }) => [what, key, subject, theirs]),
    [
      ['transfer_twice', first, 'b3', 10],
      ['amount_differs', second, 'b4', 19],
      ['transfer_unknown', 'run-1', null, 7],
      ['transfer_missing', third, 'b5', null],
      ['transfer_missing', 'LJ000000000009', 'b9', null],
    ],
  )
})
