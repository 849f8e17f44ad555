import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { read } from './callback-told.ts'
import { isSameMoney, mayBeSame, moneyOf, moneyOfPaid } from './same-money.ts'

const ours = { reference: 'INV1', qr: '…P0010123456789abcdef0…' }
const at = Date.UTC(2026, 9, 14, 5)

const told = (more: object, of = ours) => {
  const usual = { event_id: 'e-1', type: 'payment', amount: 1, status: 'paid' }
  return moneyOf(read(Buffer.from(JSON.stringify({ ...usual, ...more })))!, of)
}

test('same money: one event, one name of the acquirer’s, one time (SAP1)', () => {
  const [then, later] = [at / 1_000, at / 1_000 + 60]
  const cases = [
    [{ reference: 'R1' }, { reference: 'R2', event_id: 'e-1', paid_at: then }, true, true],
    [{ reference: 'R1' }, { reference: 'R1' }, true, true],
    [{ reference: 'R1', paid_at: then }, { reference: 'R1' }, true, true],
    [{ reference: 'R1', paid_at: then }, { reference: 'R1', paid_at: later }, false, false],
    [{ reference: 'R1', paid_at: then }, { reference: 'R2', paid_at: then }, false, false],
    [{ reference: 'R1', paid_at: then }, { reference: 'INV1', paid_at: then }, true, true],
    [{ reference: 'INV1', paid_at: then }, { paid_at: then }, true, true],
    // Nothing says that these are two, and nothing that they are one.
    [{ reference: 'INV1' }, { reference: 'INV1' }, false, true],
    [{ reference: 'INV1', paid_at: then }, { reference: 'INV1' }, false, true],
    [{ reference: 'R1' }, { reference: 'INV1', paid_at: then }, false, true],
  ] as const
  for (const [one, two, isSame, isMaybe] of cases) {
    const pair = [told(one), told({ event_id: 'e-2', ...two })] as const
    const text = JSON.stringify([one, two])
    equal(isSameMoney(...pair), isSame, text)
    equal(mayBeSame(...pair), isMaybe, text)
    const [a, b] = pair
    equal(isSameMoney(b, a), isSame, text)
  }
})

test('same money: what names the payment names no money (SAP1)', () => {
  for (const reference of ['', 'INV1', 'P0010123456789abcdef0']) {
    equal(told({ reference }).name, null)
  }
  equal(told({ reference: 'RRN1' }, { reference: 'static:RRN1', qr: '' }).name, null)
  equal(told({ reference: 'RRN2' }, { reference: 'static:RRN1', qr: '' }).name, 'RRN2')
  const paid = {
    ...{ eventId: 'e-1', acquirerRef: 'INV1', paidAt: at, payer: '', day: '20261014', amount: 1 },
    ...{ fee: 0, late: null, bookedAt: at },
  }
  deepEqual(moneyOfPaid(paid, ours), { eventId: 'e-1', name: null, at })
  equal(moneyOfPaid({ ...paid, untold: true }, ours).at, null)
})
