import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import type { ActivationEvent } from '../../actors/activation/activation-contract.ts'
import type { DepositEvent } from '../../actors/deposit/deposit-contract.ts'
import type { JournalRecord } from '../../engine/record.ts'
import { balanceEvent, depositEvent, isSealed, numberEvent, revealed } from './live-event.ts'
import { providerError } from './staff-events.ts'

const id = '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e881'
const recordOf = (kind: string, events: readonly object[]): JournalRecord =>
  ({ kind, id, at: Date.UTC(2026, 0, 2), events, entries: [] }) as unknown as JournalRecord

const said = (...events: ActivationEvent[]) => numberEvent(recordOf('activation', events), 7, {})
const paying = (...events: DepositEvent[]) => depositEvent(recordOf('deposit', events), 7, {})

const rental = {
  ...{ user: 'u', ref: 'r', service: 'wa', serviceName: 'WhatsApp', country: '6' },
  ...{ countryName: 'Indonesia', operator: 'any', operatorName: 'Bebas', supplier: 'rumahotp' },
  ...{ offer: 'opaque', price: 3_000, cost: 2_100, waitMs: 900_000 },
  terms: { cancelAfterMs: 120_000, lifeMs: 1_200_000, resends: true, pollMs: 5_000 },
}
const message = { type: 'sms_received', sealed: 'SEALED', print: 'p', code: true } as const

test('number events: the life of an order: under the names of the spec (LEA1)', () => {
  const told = [
    said({ type: 'placed', ...rental }),
    said({ type: 'bought', id: '9', number: '628120001', cost: 2_100 }),
    said({ ...message, first: true, cost: 2_100 }),
    said({ type: 'resend_asked', n: 1, waitUntil: 1 }),
    said({ type: 'resent', ok: true }),
    said({ type: 'cancel_begun', why: 'TIME', tryAt: null }),
    said({ type: 'refunded', why: 'TIME' }),
    said({ type: 'unbought', code: 'NO_NUMBERS' }),
    said({ type: 'cancel_begun', why: 'USER', tryAt: null }),
  ]
  deepEqual(
    told.map(one => [one?.name, one?.data['status']]),
    [
      ['order:created', 'processing'],
      ['order:processing', 'waiting'],
      ['order:otp_received', 'otp_received'],
      ['order:resend', 'otp_received'],
      ['otp:resend', undefined],
      ['order:expired', 'cancelling'],
      ['order:refunded', 'expired'],
      ['order:refunded', 'refunded'],
      ['order:processing', 'cancelling'],
    ],
  )
  ok(told.every(one => one?.id === '7' && one.data['order_id'] === id))
  const text = JSON.stringify(told)
  for (const ours of ['rumahotp', 'opaque', '2100', 'print']) ok(!text.includes(ours), ours)
})

test('number events: a message without a code: told, and how the order stands is not (LEA6)', async () => {
  const event = said({ ...message, code: false })!
  equal(event.name, 'order:processing')
  equal('status' in event.data, false)
  const opened = await revealed(event, async () => ({ text: 'promo', code: null }))
  ok(JSON.stringify(opened).includes('promo'))
})

test('number events: another code: granted, refused, and what nobody knows (LEA5)', () => {
  const told = [
    said({ type: 'resent', ok: true }),
    said({ type: 'resent', ok: false, n: 1 }),
    said({ type: 'resent', ok: false }),
  ]
  deepEqual(
    told.map(one => [one?.name, one?.data['accepted'], one?.data['resends_left']]),
    [
      ['otp:resend', true, undefined],
      ['otp:resend', false, 2],
      ['otp:resend', null, undefined],
    ],
  )
})

test('number events: paid back in doubt: told; what it cost us is no event of his (LEA1)', () => {
  const over = said({ type: 'refunded', why: 'DOUBT' })
  deepEqual(
    [over?.name, over?.data['status'], over?.data['why']],
    ['order:refunded', 'refunded', 'DOUBT'],
  )
  const word = { type: 'resolved', verdict: 'refund', by: 'ops', reason: 'r', cost: 1 } as const
  equal(said(word)?.name, 'order:refunded')
  equal(said({ ...word, isCostOnly: true }), null)
})

test('number events: several things in one line: one event, named by the last (LEA1)', () => {
  const event = said(
    { type: 'looked', n: 2 },
    { type: 'bought', id: '9', number: '628', cost: 1, found: true },
    { ...message, first: true },
  )
  equal(event?.name, 'order:otp_received')
  equal(event.data['number'], '628')
  equal(said({ type: 'cancel_tried', n: 1 }), null)
  equal(said(), null)
})

test('number events: a code: opened for its owner only, or left out (LEA2)', async () => {
  const event = said({ ...message, first: true })!
  ok(isSealed(event))
  const opened = await revealed(event, async (orderId, sealed) => {
    deepEqual([orderId, sealed], [id, 'SEALED'])
    return { text: 'kode 123456', code: '123456' }
  })
  equal(opened.data['otp'], '123456')
  const over = await revealed(event, async () => null)
  deepEqual(
    [over.id, over.name, over.data['otp'], over.data['text']],
    ['7', event.name, null, null],
  )
  for (const one of [opened, over]) ok(!('sealed' in one.data) && !isSealed(one))
})

test('number events: a message after the refund: for operators, not for its owner (LEA3)', () => {
  const late = { ...message, late: true, cost: 2_100 } as const
  equal(said(late), null)
  const told = providerError(recordOf('activation', [late]), 7, 3)
  deepEqual(told?.data, { order_id: id, problem: 'late_code' })
})

test('number events: deposits: created, paid, ended, and what came out of suspense (LEA1)', () => {
  const theirs = { id: 'RO1', amount: 10_200, fee: 200, received: 10_000, expiresAt: 1, pay: {} }
  const paid = { type: 'paid', amount: 10_200, fee: 200, received: 10_000, payment: 'p' } as const
  const told = [
    paying({ type: 'created', theirs, pollAt: 1 }),
    paying({ ...paid, via: 'webhook' }),
    paying({ type: 'expired' }),
    paying({ type: 'uncreated', code: 'GATEWAY_REFUSED' }),
    paying({ type: 'polled', n: 1 }),
    paying({
      ...{ type: 'resolved', n: 1, verdict: 'credit', amount: 10_000 },
      ...{ by: 'ani', reason: 'benar' },
    }),
  ]
  deepEqual(
    told.map(one => one?.name),
    [
      ...['deposit:created', 'deposit:paid', 'deposit:expired', 'deposit:expired'],
      ...[undefined, 'balance:updated'],
    ],
  )
  const other = { type: 'suspended', n: 1, amount: 9_999, payment: '', via: 'poll' } as const
  const wrong = paying({ ...other, why: 'AMOUNT' })
  deepEqual([wrong?.name, wrong?.data['status']], ['deposit:checking', 'checking'])
  const drawn = paying({ ...paid, via: 'poll' }, { ...other, why: 'AMOUNT' })
  deepEqual([drawn?.name, drawn?.data['status']], ['deposit:paid', 'success'])
  for (const why of ['LATE', 'TWICE'] as const) equal(paying({ ...other, why }), null)
  const back = { type: 'resolved', n: 1, verdict: 'return', amount: 9_999 } as const
  equal(paying({ ...back, by: 'ani', reason: 'salah' })?.name, 'deposit:returned')
  equal(told[0]?.data['deposit_id'], 'RO1')
})

test('number events: money that moved: what is available after it is in the event (LEA4)', () => {
  const record = recordOf('activation', [{ type: 'refunded', why: 'USER' }])
  equal(numberEvent(record, 7, { balance: 10_000 })?.data['balance'], 10_000)
  ok(!('balance' in numberEvent(record, 7, {})!.data))
})

test('number events: money that moved: balance:updated behind it, with an id of its own (LEA4)', () => {
  const owner = 'wallet:u'
  const lineOf = (kind: string, event: object, entries: readonly unknown[]): JournalRecord => ({
    ...recordOf(kind, [event]),
    ...({ owner, entries } as object),
  })
  const balance = { balance: 9_650 }
  const paid = { type: 'paid', amount: 1, fee: 0, received: 1, payment: 'p', via: 'poll' } as const
  const move = ['move', 'paid', 'gateway:a', owner, 9_650, [0, 0, 0], [9_650, 0, 0]]
  const record = lineOf('deposit', paid, [move])
  const second = balanceEvent(depositEvent(record, 7, balance)!, record)
  const at = '2026-01-02T00:00:00.000Z'
  deepEqual(second, {
    ...{ id: '7.1', name: 'balance:updated' },
    data: { intent_id: id, at, ...balance },
  })
  const refund = lineOf('activation', { type: 'refunded', why: 'USER' }, [
    ['void', 'price', owner, 'sales', 3_000, [0, 0, 0], [0, 0, 0]],
  ])
  const told = balanceEvent(numberEvent(refund, 8, balance)!, refund)
  deepEqual(told?.data, { order_id: id, at, ...balance })
  // What was held before, and what says it itself, is not said again.
  const sold = lineOf('activation', { ...message, first: true }, [
    ['post', 'price', owner, 'sales', 3_000, [0, 0, 0], [0, 0, 0]],
  ])
  equal(balanceEvent(numberEvent(sold, 9, balance)!, sold), null)
  const credited = lineOf('deposit', { type: 'resolved', verdict: 'credit', amount: 1 }, [move])
  equal(balanceEvent(depositEvent(credited, 9, balance)!, credited), null)
})

test('staff events: a supplier in trouble: told without number, code or text (NSE3)', () => {
  const events: ActivationEvent[] = [
    { type: 'unbought', code: 'SUPPLIER_BALANCE' },
    { type: 'doubted', reply: 'NUMBER 628120001', lookAt: 1 },
    { type: 'orphaned', id: '9', number: '628120001', cost: 2_100 },
    { type: 'parked', why: 'DOUBT' },
    { type: 'refunded', why: 'DOUBT' },
  ]
  const told = events.map(event => providerError(recordOf('activation', [event]), 7, 3))
  ok(told.every(one => one?.name === 'provider:error' && one.shard === 3 && one.seq === 7))
  ok(!JSON.stringify(told).includes('628120001'))
  equal(
    providerError(recordOf('activation', [{ type: 'unbought', code: 'NO_NUMBERS' }]), 7, 3),
    null,
  )
  equal(providerError(recordOf('order', [{ type: 'parked', why: 'DOUBT' }]), 7, 3), null)
})
