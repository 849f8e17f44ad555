import { deepEqual, equal } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { readBankRow, readCsv, rupiahOf, type Seen } from './bank-row.ts'
import { suspicionOf } from './matching.ts'

const seen: Seen = { accounts: new Map([['12345', 'bca']]), source: 'webhook', nowMs: 1 }
const row = {
  account_number: '123-45',
  date: '2026-10-14 08:30:00',
  description: 'Trsf e-Banking  ANI',
  amount: '50123.00',
  type: 'CR',
  balance: '900000.00',
  mutation_id: 'abc',
}

test('bank row: amounts: whole rupiah however written, everything else is none (MNA1)', () => {
  for (const [told, amount] of [
    ['12111.00', 12_111],
    [5_000, 5_000],
    ['5000', 5_000],
    ['50,123.00', 50_123],
    ['1,250,123', 1_250_123],
    [3_799_460.89, null],
    ['3799460.89', null],
    ['50.123', null],
    ['1.250.123', null],
    ['50,12', null],
    ['-5000', null],
    ['0', null],
    [1e21, null],
    [Number.NaN, null],
    ['9007199254740993', null],
    ['', null],
    ['5 ribu', null],
  ] as const) {
    equal(rupiahOf(told), amount, String(told))
  }
})

test('bank row: cents: the same with and without the zero, as kept from before too (MNA4)', () => {
  const told = (amount: unknown, balance: unknown) => readBankRow({ ...row, amount, balance }, seen)
  const one = told('50.50', '900000.50')
  for (const [amount, balance] of [
    ['50.5', '900,000.5'],
    [50.5, 900_000.5],
  ]) {
    const same = told(amount, balance)
    equal(same.content, one.content)
    deepEqual(same.formerly, one.formerly)
  }
  // As each of them was kept once: the print of the row as it was written.
  const words = 'TRSF E BANKING ANI'
  const kept = (amount: string, balance: string) =>
    createHash('sha256')
      .update(['12345', '2026-10-14', amount, 'in', words, balance].join('\n'))
      .digest('hex')
      .slice(0, 40)
  equal(one.content, kept('50.5', '900000.5'))
  const former = [kept('50.5', '900000.50'), kept('50.50', '900000.5'), kept('50.50', '900000.50')]
  deepEqual(one.formerly, former)
  equal(told('50.05', '1.10').content === told('50.5', '1.1').content, false)
  deepEqual(told('50123.00', '1.11').formerly, [])
})

test('bank row: content: the same row written otherwise is the same, another is another (MNA2)', () => {
  const { content, account, amount, direction, reason, happenedMs } = readBankRow(row, seen)
  deepEqual([account, amount, direction, reason], ['bca', 50_123, 'in', null])
  equal(happenedMs, Date.parse('2026-10-14T08:30:00+07:00'))
  const again = {
    ...{ account_number: '12345', date: '2026-10-14', description: 'TRSF E BANKING ANI' },
    ...{ amount: 50_123, type: 'CR', balance: 900_000, mutation_id: 'other' },
  }
  equal(readBankRow(again, seen).content, content)
  for (const change of [
    { amount: 50_124 },
    { date: '2026-10-15' },
    { balance: 900_001 },
    { type: 'DB' },
    { description: 'TRSF E BANKING BUDI' },
    { account_number: '12346' },
  ]) {
    equal(readBankRow({ ...again, ...change }, seen).content === content, false)
  }
})

test('bank row: no balance told: the id or the place in the file tells rows apart (MNA2)', () => {
  const csv = [
    'date;description;amount;type',
    ...['2026-10-14;SETOR;50000;K', '2026-10-14;SETOR;50000;K', '2026-10-14;SETOR;50001;K'],
  ].join('\r\n')
  const rows = readCsv(csv, seen, '12345')!
  equal(new Set(rows.map(one => one.content)).size, 3)
  deepEqual(readCsv(csv, seen, '12345'), rows)
  equal(readCsv('nothing here', seen, '12345'), null)
})

test('bank row: what can not be read: kept, with the reason (MNA3)', () => {
  for (const [value, reason] of [
    [{ ...row, type: 'DB' }, 'debit'],
    [{ ...row, amount: '50123.45' }, 'odd_amount'],
    [{ ...row, account_number: '999' }, 'account_unknown'],
    [{ ...row, date: '2026-02-30' }, 'illegible'],
    [{ ...row, type: '?' }, 'illegible'],
    [{}, 'illegible'],
    [null, 'illegible'],
    ['text', 'illegible'],
  ] as const) {
    equal(readBankRow(value, seen).reason, reason)
  }
  equal(readBankRow({ ...row, description: 'a\0b' }, seen).description, 'a b')
  equal(readBankRow({ ...row, description: 'a\ud800b' }, seen).description, 'a\ufffdb')
  const long = `${'x'.repeat(499)}\u{1f600}`
  equal(readBankRow({ ...row, description: long }, seen).description.isWellFormed(), true)
})

const minute = 60_000
const born = Date.parse('2026-10-14T10:00:00+07:00')
const ticket = { id: 't', status: 'open', createdMs: born, expiresMs: born + 360 * minute } as const
const told = {
  ...{ id: 1, account: 'bca', amount: 1, happenedMs: null, day: '2026-10-14', seenMs: born },
  broughtBy: null,
}

test('matching: an open ticket, within its time: paid; else told why not (MNB1, MNB2)', () => {
  const at = (minutes: number) => ({ ...told, happenedMs: born + minutes * minute })
  equal(suspicionOf(at(5), ticket), null)
  equal(suspicionOf(at(-15), ticket), null)
  equal(suspicionOf(at(-16), ticket), 'early')
  equal(suspicionOf(at(420), ticket), null)
  equal(suspicionOf(at(421), ticket), 'late')
  equal(suspicionOf(at(5), { ...ticket, status: 'paid' }), 'twice')
  equal(suspicionOf(at(5), { ...ticket, status: 'matched' }), 'twice')
  equal(suspicionOf(at(5), { ...ticket, status: 'cancelled' }), 'cancelled')
  equal(suspicionOf(at(5), null), 'no_match')
})

test('matching: only the day is told: the moment of hearing counts (MNB3)', () => {
  equal(suspicionOf({ ...told, seenMs: born + 100 * minute }, ticket), null)
  equal(suspicionOf({ ...told, seenMs: born + 421 * minute }, ticket), 'late')
  // After 21:00 banks write the next business day.
  equal(suspicionOf({ ...told, day: '2026-10-15' }, ticket), null)
  equal(suspicionOf({ ...told, day: '2026-10-13' }, ticket), 'early')
})
