import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { fill, isTemplate, preview, problemOf, rupiah, wib } from './template.ts'
import { templates } from './text.id.ts'

test('template: values: in their places, and never read again (CHB1)', () => {
  equal(fill('SN: [sn] [SALDO]', { sn: '[saldo]', saldo: 1_234_567 }), 'SN: [saldo] 1.234.567')
  equal(fill('SN: [sn].', {}), 'SN: .')
})

test('template: preview: what is not ours stays and is named (CHB2)', () => {
  deepEqual(preview('[kodeproduk] [kota] [x1]'), { text: 'XLD10 [kota] [x1]', unknown: ['kota'] })
  for (const text of Object.values(templates)) deepEqual(preview(text).unknown, [])
})

test('template: a PIN, nothing at all, or a book is refused (CHB3)', () => {
  equal(problemOf('PIN Anda [Pin]'), 'pin')
  equal(problemOf('  '), 'empty')
  equal(problemOf('a\0b'), 'control')
  equal(problemOf('x'.repeat(1_001)), 'too_long')
  for (const text of Object.values(templates)) equal(problemOf(text), null)
  ok(isTemplate('balance') && !isTemplate('toString'))
})

test('template: numbers and times: as read in Jakarta (CHB1)', () => {
  deepEqual([0, 999, 1_000, 1_000_000].map(rupiah), ['0', '999', '1.000', '1.000.000'])
  equal(wib(Date.UTC(2026, 10, 30, 18, 5)), '01/12 01:05')
})
