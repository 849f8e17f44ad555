import { equal } from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import type { SignForm } from '../../services/contract/identity.ts'
import { type Covered, hexSignOf, isSame, isSigned, signOf } from './otomax-sign.ts'

const card = (...signForms: readonly SignForm[]) => ({
  ...{ memberId: 'MEMBER1', pin: '1234', password: 'pass', signForms },
})
const order: Covered = { what: 'order', product: 'S10', dest: '081200000001', ref: 'REF1' }
const text = 'MEMBER1|S10|081200000001|REF1|1234|pass'

test('otomax sign: the vectors that everybody can compute (OTS1)', () => {
  equal(signOf(`OtomaX|${text}`), '2xVw6D-J7rOVnz36G5-vjT5JJyY')
  equal(signOf('OtomaX|CheckBalance|MEMBER1|1234|pass'), 'CUUKqIyKcLvdNVbGbCEBCNsiB28')
  equal(signOf('OtomaX|ticket|MEMBER1|1234|pass|100000'), 'UHYG69m0FG_XySdv71LZ5JZk3Ek')
  // What a published sample computes, whatever its comment says.
  equal(signOf('OtomaX|YUSUF|X10|08123456789|2140669|1144|abcd'), 'Cp9NLVuKWBt5Sey_uMlYsvnKvJI')
})

test('otomax sign: order, balance, ticket: each its own text (OTS1)', () => {
  equal(isSigned('2xVw6D-J7rOVnz36G5-vjT5JJyY', order, card(), 'MEMBER1'), true)
  equal(isSigned('CUUKqIyKcLvdNVbGbCEBCNsiB28', { what: 'balance' }, card(), 'MEMBER1'), true)
  const ticket = { what: 'ticket', amount: '100000' } as const
  equal(isSigned('UHYG69m0FG_XySdv71LZ5JZk3Ek', ticket, card(), 'MEMBER1'), true)
  equal(isSigned('UHYG69m0FG_XySdv71LZ5JZk3Ek', order, card(), 'MEMBER1'), false)
  equal(
    isSigned('UHYG69m0FG_XySdv71LZ5JZk3Ek', { ...ticket, amount: '1000000' }, card(), 'MEMBER1'),
    false,
  )
})

test('otomax sign: case: capitals for member and product, the rest as sent (OTS1)', () => {
  const small = { ...order, product: 's10' }
  equal(isSigned(signOf(`OtomaX|${text}`), small, card(), 'member1'), true)
  const asSent = signOf('OtomaX|member1|s10|081200000001|REF1|1234|pass')
  equal(isSigned(asSent, small, card(), 'member1'), false)
  equal(isSigned(asSent, small, card('as-sent'), 'member1'), true)
  equal(isSigned(signOf(`OtomaX|${text}`), { ...order, ref: 'ref1' }, card(), 'MEMBER1'), false)
  const plus = { ...order, dest: '+6281200000001' }
  equal(isSigned(signOf(`OtomaX|${text}`), plus, card(), 'MEMBER1'), false)
})

test('otomax sign: clones: each form only where it was allowed (OTS2)', () => {
  const digest = hash('sha1', `OtomaX|${text}`, 'base64')
  const forms: readonly (readonly [SignForm, string])[] = [
    ['padded', digest],
    ['padded', digest.replaceAll('+', ' ')],
    ['hex', hexSignOf(`OtomaX|${text}`)],
    ['prefix', signOf(`Otomax|${text}`)],
  ]
  for (const [form, sign] of forms) {
    equal(isSigned(sign, order, card(), 'MEMBER1'), false, form)
    equal(isSigned(sign, order, card(form), 'MEMBER1'), true, form)
  }
  const both = hexSignOf(`Otomax|${text}`)
  equal(isSigned(both, order, card('hex'), 'MEMBER1'), false)
  equal(isSigned(both, order, card('hex', 'prefix'), 'MEMBER1'), true)
  const balance = signOf('OtomaX|MEMBER1||||1234|pass')
  equal(isSigned(balance, { what: 'balance' }, card(), 'MEMBER1'), false)
  equal(isSigned(balance, { what: 'balance' }, card('trx-balance'), 'MEMBER1'), true)
})

test('otomax sign: all forms allowed: a wrong secret stays wrong (OTS2, OTS3)', () => {
  const lenient = card('hex', 'padded', 'prefix', 'as-sent', 'trx-balance', 'pin-only')
  const wrong = 'MEMBER1|S10|081200000001|REF1|1235|pass'
  for (const sign of [signOf(`OtomaX|${wrong}`), hexSignOf(`Otomax|${wrong}`), '', '=', 'A'])
    equal(isSigned(sign, order, lenient, 'MEMBER1'), false)
  equal(isSame('1234', '1234'), true)
  equal(isSame('1234', '12345'), false)
  equal(isSame('', '1234'), false)
})
