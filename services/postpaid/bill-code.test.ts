import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { meantBy } from './bill-code.ts'

const types = new Map<string, 'prepaid' | 'postpaid'>([
  ['PLN', 'postpaid'],
  ['N.PLN', 'postpaid'],
  ['PAYTV', 'prepaid'],
  ['XLD10', 'prepaid'],
])
const words = { inquiry: ['CEK', 'INQ', 'cektag'], pay: ['BAYAR', 'PAY'] }
const meant = (code: string, own = words) => meantBy(code, own, one => types.get(one))
const order = (product: string) => ({ what: 'order', product })

test('bill code: a word before a product with bills: the bill, or its payment (PPK2)', () => {
  const inquiry = { what: 'inquiry', product: 'PLN' }
  for (const code of ['CEKPLN', 'cek.pln', 'INQ-PLN', 'CEKTAGPLN']) deepEqual(meant(code), inquiry)
  for (const code of ['BAYARPLN', 'pay.PLN']) deepEqual(meant(code), { ...inquiry, what: 'pay' })
  deepEqual(meant('CEKN.PLN'), { what: 'inquiry', product: 'N.PLN' })
})

test('bill code: a product that exists, and what is none: as it stands (PPK1, PPK2)', () => {
  for (const code of ['PLN', 'PAYTV', 'XLD10', 'CEKXLD10', 'BAYAR', 'PAYPAYTV', 'cek']) {
    deepEqual(meant(code), order(code))
  }
  types.set('CEKPLN', 'prepaid')
  deepEqual(meant('CEKPLN'), order('CEKPLN'))
  types.delete('CEKPLN')
  deepEqual(meant('CEKPLN', { inquiry: [], pay: [] }), order('CEKPLN'))
})
