import { deepEqual, equal, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { billWordsIn, inquiryCode, otomaxSettings } from './otomax-settings.ts'

const usual = { inquiry: 'CEK', pay: 'BAYAR' }

test('otomax settings: codes: the one that pays is mapped, the one that asks is made (PLA1)', () => {
  equal(inquiryCode('BAYARPLN', usual), 'CEKPLN')
  equal(inquiryCode('bayarpln', usual), 'CEKpln')
  equal(inquiryCode('PLN', usual), 'CEKPLN')
  equal(inquiryCode('BAYAR', usual), 'CEKBAYAR')
  equal(inquiryCode('PAY.PLN', { inquiry: 'INQ.', pay: 'PAY.' }), 'INQ.PLN')
  deepEqual(billWordsIn({}), usual)
  const bills = { inquiry: 'INQ', pay: 'PAY' }
  deepEqual(billWordsIn({ template: JSON.stringify({ bills }) }), bills)
})

test('otomax settings: one word for both, or nothing at all: refused (PLA2)', () => {
  const isFit = (given: object) => otomaxSettings.safeParse(given).success
  equal(isFit({ bills: usual }), true)
  equal(isFit({ bills: { inquiry: 'pln', pay: 'PLN' } }), false)
  equal(isFit({ bills: { inquiry: 'CEK' } }), false)
  equal(isFit({}), false)
  throws(() => billWordsIn({ template: '{}' }))
})
