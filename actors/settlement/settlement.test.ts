import { equal, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { spec } from '../../engine/spec.ts'
import type { Settlement } from './settlement.ts'
import { settlement, totalOf } from './settlement.ts'

type Command = Settlement['command']
type Event = Settlement['event']

const merchant = '01a1fb58-c68f-7061-9302-1c7e05337686'
const next = '01a1fb58-c68f-7061-9302-1c7e05337999'
const [monday, tuesday] = ['20261012', '20261013']
const on = (day: string) => `payable:${merchant}:${day}`
const batch = `batch:${merchant}`

const facts = { merchant, reference: 'S-1', dueDay: '20261014', by: 'finance' } as const
const create: Command = { type: 'create', ...facts, days: [tuesday, monday, monday] }
const days = [
  { day: monday, amount: 9_000 },
  { day: tuesday, amount: -2_000 },
]
const created: Event = { type: 'created', ...facts, days }
const move = (name: string, debit: string, credit: string, amount: number) =>
  ({ op: 'move', name, debit, credit, amount }) as const
const credit = {
  adjustmentId: 'a-1',
  kind: 'credit',
  amount: 500,
  reason: 'promo',
  by: 'finance',
} as const
const debit = { ...credit, adjustmentId: 'a-2', kind: 'debit', amount: 7_000 } as const
const words = { reason: 'account closed', by: 'finance' } as const
const pay: Command = { type: 'pay', bankReference: 'B-1', paidAt: 9, by: 'finance' }
const paid: Event = { type: 'paid', bankReference: 'B-1', paidAt: 9, by: 'finance', total: 7_000 }

const given = spec(settlement, { available: { [on(monday)]: 9_000, [on(tuesday)]: -2_000 } })

test('settlement: create: all that stands on its days, days below zero reduce it (SLA1, SLA2)', () => {
  given()
    .when(create)
    .happens(created)
    .thenPosts(move('take', on(monday), batch, 9_000), move('take', batch, on(tuesday), 2_000))
    .thenIs('created', 'person')
  given(created).when(create).thenNothing()
  given(created)
    .when({ ...create, merchant: next })
    .thenRefused('DUPLICATE_REF')
})

test('settlement: create: what is not due comes along only while it is below zero (SLA8)', () => {
  const owing = { ...create, days: [monday], owing: [tuesday] } as const
  given().when(owing).happens(created)
  given()
    .where({ available: { [on(monday)]: 9_000, [on(tuesday)]: 1 } })
    .when(owing)
    .happens({ ...created, days: days.slice(0, 1) })
})

test('settlement: nothing above zero as a whole: no batch, it stays where it is (SLA2)', () => {
  given().where({ available: {} }).when(create).thenRefused('NOTHING_TO_SETTLE', { total: 0 })
  given()
    .where({ available: { [on(monday)]: 2_000, [on(tuesday)]: -2_001 } })
    .when(create)
    .thenRefused('NOTHING_TO_SETTLE', { total: -1 })
})

test('settlement: paid: out of the batch once, and nothing after that (SLA3, SLA6)', () => {
  given(created)
    .when(pay)
    .happens(paid)
    .thenPosts(move('paid', batch, 'payout', 7_000))
    .thenIs('paid', 'final')
  given(created, paid).when(pay).thenNothing()
  given(created, paid)
    .when({ ...pay, bankReference: 'B-2' })
    .thenRefused('BATCH_FINAL')
  given(created, paid)
    .when({ type: 'fail', ...words })
    .thenRefused('BATCH_FINAL')
  given(created, paid)
    .when({ type: 'cancel', ...words })
    .thenRefused('BATCH_FINAL')
  given(created, paid)
    .when({ type: 'adjust', ...credit })
    .thenRefused('BATCH_FINAL')
  given(created, paid).when({ type: 'reprocess', next, by: 'x' }).thenRefused('STATUS_INVALID')
  throws(() => given(created, { ...paid, total: 1 }).is('paid'), /SLA3/)
  throws(() => given(created, paid, paid).is('paid'), /SLA3/)
})

test('settlement: failed or cancelled: every day has back what it gave (SLA4, SLA6)', () => {
  for (const [type, event] of [
    ['fail', 'failed'],
    ['cancel', 'cancelled'],
  ] as const) {
    given(created, { type: 'adjusted', ...credit })
      .when({ type, ...words })
      .happens({ type: event, ...words })
      .thenPosts(
        move('give back', batch, on(monday), 9_000),
        move('give back', on(tuesday), batch, 2_000),
        move('unadjust', batch, 'merchant_adjustment', 500),
      )
      .thenIs(event, 'final')
    given(created, { type: event, ...words })
      .when({ type, ...words })
      .thenNothing()
    given(created, { type: event, ...words })
      .when(pay)
      .thenRefused('BATCH_FINAL')
  }
})

test('settlement: reprocessed: another batch has it, and only one (SLA4, SLA6)', () => {
  const failed: Event = { type: 'failed', ...words }
  const done: Event = { type: 'reprocessed', next, by: 'finance' }
  given(created, failed)
    .when({ type: 'reprocess', next, by: 'finance' })
    .happens(done)
    .thenPosts()
    .thenIs('reprocessed', 'final')
  given(created, { type: 'cancelled', ...words })
    .when({ type: 'reprocess', next, by: 'finance' })
    .happens(done)
  given(created, failed, done).when({ type: 'reprocess', next, by: 'x' }).thenNothing()
  given(created, failed, done)
    .when({ type: 'reprocess', next: merchant, by: 'x' })
    .thenRefused('BATCH_FINAL')
  given(created).when({ type: 'reprocess', next, by: 'x' }).thenRefused('STATUS_INVALID')
  given()
    .when({ ...create, replaces: next, adjustments: [credit] })
    .happensIn('created', 'adjusted')
    .thenPosts(
      move('take', on(monday), batch, 9_000),
      move('take', batch, on(tuesday), 2_000),
      move('adjust', 'merchant_adjustment', batch, 500),
    )
})

test('settlement: adjustments: down to nothing: paid all the same, and nothing is moved (SLA5)', () => {
  given(created, { type: 'adjusted', ...debit })
    .when(pay)
    .happens({ ...paid, total: 0 } as Event)
    .thenPosts()
})

test('settlement: adjustments: one of another kind or amount is not the one that is known (SLA5)', () => {
  for (const other of [{ kind: 'debit' }, { amount: 501 }] as const) {
    given(created, { type: 'adjusted', ...credit })
      .when({ type: 'adjust', ...credit, ...other })
      .thenRefused('DUPLICATE_REF')
  }
})

test('settlement: adjustments: as much as a QR can ask for, and no more (SLA5)', () => {
  const most = 9_999_999_999_999
  given(created)
    .when({ type: 'adjust', ...credit, amount: most })
    .happensIn('adjusted')
  for (const amount of [most + 1, 0, -1, 0.5, Number.NaN]) {
    given(created)
      .when({ type: 'adjust', ...credit, amount })
      .thenRefused('AMOUNT_INVALID')
  }
})

test('settlement: adjustments: at most a hundred of them (SLA5)', () => {
  const some = Array.from(
    { length: 100 },
    (_, n) => ({ type: 'adjusted', ...credit, adjustmentId: `n-${n}` }) as const,
  )
  given(created, ...some.slice(1))
    .when({ type: 'adjust', ...credit })
    .happensIn('adjusted')
  given(created, ...some)
    .when({ type: 'adjust', ...credit })
    .thenRefused('AMOUNT_INVALID')
})

test('settlement: adjustments: with a sign, known by their id, never below zero (SLA5, SLA6)', () => {
  const adjust = (one: typeof credit | typeof debit): Command => ({ type: 'adjust', ...one })
  given(created)
    .when(adjust(credit))
    .happens({ type: 'adjusted', ...credit })
    .thenPosts(move('adjust', 'merchant_adjustment', batch, 500))
  given(created)
    .when(adjust(debit))
    .thenPosts(move('adjust', batch, 'merchant_adjustment', 7_000))
  given(created)
    .when(adjust({ ...debit, amount: 7_001 } as never))
    .thenRefused('AMOUNT_INVALID', { total: 7_000 })
  given(created)
    .when(adjust({ ...credit, amount: 0 } as never))
    .thenRefused('AMOUNT_INVALID')
  given(created)
    .when({ type: 'adjust', ...credit, amount: 10_000_000_000_000 })
    .thenRefused('AMOUNT_INVALID')
  const adjusted: Event = { type: 'adjusted', ...credit }
  given(created, adjusted).when(adjust(credit)).thenNothing()
  given(created, adjusted)
    .when(adjust({ ...credit, amount: 501 } as never))
    .thenRefused('DUPLICATE_REF')
  const { state } = given(created, adjusted)
  equal(state.phase === 'created' && totalOf(state.batch), 7_500)
  given(created, adjusted)
    .when(pay)
    .happens({ ...paid, total: 7_500 })
})

test('settlement: a reference: set while it waits, the same again is nothing (SLA3, SLA6)', () => {
  const set: Command = { type: 'setReference', bankReference: 'B-9', by: 'finance' }
  const named: Event = { type: 'reference_set', bankReference: 'B-9', by: 'finance' }
  given(created).when(set).happens(named)
  given(created, named).when(set).thenNothing()
  given(created, named)
    .when({ ...pay, bankReference: '' })
    .happens({ ...paid, bankReference: 'B-9' })
  given(created, { type: 'failed', ...words })
    .when(set)
    .thenRefused('BATCH_FINAL')
  given(created, paid).when(set).thenRefused('BATCH_FINAL')
  given(created, paid)
    .when({ ...set, bankReference: 'B-1' })
    .thenNothing()
  // As it was written when a paid batch could still be named.
  given(created, paid, named).is('paid')
})

test('settlement: a bank’s file: its amount stands, and only who says so gets it again (SLA7)', () => {
  const give: Command = { type: 'give', by: 'ani' }
  const file: Event = { type: 'given', amount: 7_000, by: 'ani' }
  const told = { given_to: 'ani', given_at: '1970-01-01T00:00:00.000Z' }
  given(created).when(give).happens(file).thenPosts().thenIs('created', 'person')
  given(created, file)
    .when({ ...give, by: 'budi' })
    .thenRefused('BANK_FILE_GIVEN', told)
  given(created, file)
    .when({ ...give, isAgain: true, by: 'budi' })
    .happens({ ...file, by: 'budi' })
  given(created, file)
    .when({ type: 'adjust', ...credit })
    .thenRefused('BANK_FILE_GIVEN', told)
  given(created, { type: 'adjusted', ...credit }, { ...file, amount: 7_500 })
    .when({ type: 'adjust', ...credit })
    .thenNothing()
  given(created, file).when(pay).happens(paid)
  given(created, paid).when(give).thenRefused('BANK_FILE_GIVEN')
  given(created, paid)
    .when({ ...give, isAgain: true })
    .happens(file)
    .thenIs('paid', 'final')
  given(created, { type: 'failed', ...words })
    .when(give)
    .thenRefused('BATCH_FINAL')
  throws(() => given(created, { ...file, amount: 1 }).is('created'), /SLA7/)
})

test('settlement: a bank’s file: cancelled only by who says that it is recalled (SLA7)', () => {
  const file: Event = { type: 'given', amount: 7_000, by: 'ani' }
  const cancel: Command = { type: 'cancel', ...words }
  given(created, file)
    .when(cancel)
    .thenRefused('BANK_FILE_GIVEN', { given_to: 'ani', given_at: '1970-01-01T00:00:00.000Z' })
  given(created, file)
    .when({ ...cancel, isRecalled: true })
    .happens({ type: 'cancelled', ...words, isRecalled: true })
    .thenIs('cancelled', 'final')
  given(created, file)
    .when({ type: 'fail', ...words })
    .happens({ type: 'failed', ...words })
  given(created)
    .when({ ...cancel, isRecalled: true })
    .happens({ type: 'cancelled', ...words })
})

test('settlement: what was never made: not found', () => {
  for (const command of [
    pay,
    { type: 'fail', ...words },
    { type: 'cancel', ...words },
    { type: 'adjust', ...credit },
    { type: 'setReference', bankReference: 'x', by: 'x' },
    { type: 'give', by: 'x' },
    { type: 'reprocess', next, by: 'x' },
  ] as const) {
    given().when(command).thenRefused('NOT_FOUND')
  }
})

test('settlement: more days than a batch takes: the oldest, the others are the next one’s (SLA1)', () => {
  const many = Array.from({ length: 401 }, (_, n) => String(20_260_000 + n))
  const available = Object.fromEntries(many.map(day => [on(day), 10]))
  const taken = many.slice(0, 400).map(day => ({ day, amount: 10 }))
  given()
    .where({ available })
    .when({ ...create, days: many.toReversed() })
    .happens({ ...created, days: taken } as Event)
})

test('settlement: more days than a batch takes: what is owed goes off first (SLA2)', () => {
  const many = Array.from({ length: 401 }, (_, n) => String(20_250_000 + n))
  const newest = many.at(-1)!
  const available = Object.fromEntries(many.map(day => [on(day), day === newest ? -300 : 10]))
  given()
    .where({ available })
    .when({ type: 'create', ...facts, days: many.slice(0, 400), owing: [newest] })
    .happens({
      ...created,
      days: [
        ...many.slice(0, 399).map(day => ({ day, amount: 10 })),
        { day: newest, amount: -300 },
      ],
    })
})
