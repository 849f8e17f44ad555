import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { RuleSet, rulesSchema } from '../parser/rules.ts'
import { readBillText } from './told-bill.ts'

const asked = { ref: 'A1', sku: 'CEKPLN', dest: '530000000001', maxPrice: 0, testing: false }
const rule = (name: string, regex: string, more: object = {}) => ({
  ...{ name, regex, channels: ['inquiry'], priority: 10, outcome: 'success', ...more },
})
const rules = new RuleSet(
  rulesSchema.parse([
    rule('bill', 'TAG (?<tujuan>\\d+) a/n (?<name>\\w+) (?<amount>[\\d.,]+)\\+(?<admin>[\\d.,]+)'),
    rule('priced', 'INQ (?<tujuan>\\d+) total (?<total>\\S+) harga (?<harga>\\S+)'),
    rule('anybody', 'ANY total (?<total>[\\d.]+)'),
    rule('later', 'sedang dicek', { outcome: 'pending' }),
    rule('sold', 'SUKSES (?<tujuan>\\d+) (?<total>[\\d.]+)', { channels: ['reply'] }),
    rule('no', 'GAGAL (?<tujuan>\\d+) (?<alasan>.*)', { channels: ['reply'], outcome: 'failed' }),
  ]),
)
const read = (text: string) => {
  const told = readBillText(rules, { text, asked })
  return told.outcome === 'unknown' ? told.why : told
}
const billOf = (text: string) => {
  const told = read(text)
  return typeof told === 'object' && told.outcome === 'bill' ? told.bill : told
}

test('told bill: amounts: the price, or the total, or amount and fee (PLB1)', () => {
  const bill = { customerName: 'BUDI', cost: 97_500, suggested: 97_500, admin: 2_500 }
  const text = 'TAG 530000000001 a/n BUDI 95.000+2.500'
  deepEqual(billOf(text), { ...bill, periods: '', detail: '' })
  const priced = billOf('INQ 530000000001 total 97.500 harga 96.000')
  deepEqual(
    typeof priced === 'object' && 'cost' in priced && [priced.cost, priced.suggested],
    [96_000, 97_500],
  )
  equal(read('TAG 530000000002 a/n BUDI 95.000+2.500'), 'foreign_destination')
  equal(read('ANY total 97.500'), 'dest_missing')
  equal(read('INQ 530000000001 total 0 harga 0'), 'price_missing')
})

test('told bill: an illegible amount: unknown, whatever else is legible (PLB2)', () => {
  equal(read('INQ 530000000001 total 97.500 harga 96,000.5'), 'amount_garbled')
  equal(read('INQ 530000000001 total 9.75.00 harga 96.000'), 'amount_garbled')
  equal(read('TAG 530000000001 a/n BUDI 95.000+2.5'), 'amount_garbled')
})

test('told bill: rules for replies: say no, and never what a bill is (PLB3)', () => {
  equal(read('SUKSES 530000000001 97.500'), 'no_rule')
  equal(read('sedang dicek'), 'bill_pending')
  equal(read(''), 'no_rule')
  const no = read('GAGAL 530000000001 belum ada tagihan')
  deepEqual(typeof no === 'object' && 'code' in no && [no.code, no.message, no.supplierTrouble], [
    ...['failed', 'belum ada tagihan', false],
  ])
  equal(read('GAGAL 530000000002 x'), 'foreign_destination')
})
