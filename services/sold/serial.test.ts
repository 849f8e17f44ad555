import { equal, notEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { serialKey, squeezed } from './serial.ts'

test('serial: case, spaces and punctuation: one and the same (STB1)', () => {
  for (const same of ['ab-123.456', 'AB 123 456', 'Ab123456', ' ab/123456 ']) {
    equal(squeezed(same), 'AB123456')
  }
  const token = '1234-5678-9012-3456-7890'
  equal(squeezed(`${token}/BUDI/R1/1300VA/32,1`), squeezed(`${token} / Budi Santoso`))
  notEqual(squeezed(`${token}/BUDI`), squeezed('1234-5678-9012-3456-7891/BUDI'))
  equal(serialKey('digi', 'AB123456'), serialKey('digi', 'AB123456'))
  notEqual(serialKey('digi', 'AB123456'), serialKey('digi', 'AB123457'))
  notEqual(serialKey('digi', 'AB123456'), serialKey('diva', 'AB123456'))
})

test('serial: what says nothing: not compared (STB2)', () => {
  const words = ['', '0', '-', 'SUKSES', 'TRX SUKSES OK', '12345', '000000000', '........']
  for (const none of [...words, '20261121', '20261121 08:15', '21-11-2026 08:15:30', 'ABCDEF123']) {
    equal(squeezed(none), null, none)
  }
  for (const own of ['0878-1234-5678', '+6287812345678', 'SN 087812345678', '62 878 1234 5678']) {
    equal(squeezed(own, '087812345678'), null, own)
  }
  equal(squeezed('AB12087812345678', '087812345678'), 'AB12087812345678')
  equal(squeezed('087812345678', '085700000001'), '087812345678')
})
