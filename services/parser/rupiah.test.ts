import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readRupiah } from './rupiah.ts'

test('rupiah: formats: the same digits are read as the house prints them (PAB1)', () => {
  equal(readRupiah('14.324.472', 'dot'), 14_324_472)
  equal(readRupiah('71,900', 'comma'), 71_900)
  equal(readRupiah('71,900', 'dot'), null)
  equal(readRupiah('71.900', 'comma'), null)
  equal(readRupiah('71.900', 'plain'), null)
  equal(readRupiah('71900', 'dot'), 71_900)
  equal(readRupiah('279.655.', 'dot'), 279_655)
  equal(readRupiah('1.23.456', 'dot'), null)
  equal(readRupiah('-5.000', 'dot'), -5_000)
  equal(readRupiah('', 'dot'), null)
  equal(readRupiah(undefined, 'plain'), null)
})

test('rupiah: decimals: what is behind the mark is left out (PAB2)', () => {
  equal(readRupiah('5.525,99', 'dot'), 5_525)
  equal(readRupiah('5,525.99', 'comma'), 5_525)
})

test('rupiah: whatever is printed in a format is read back whole (PAB1)', () => {
  const amount = fc.integer({ min: 0, max: 999_999_999_999_999 })
  fc.assert(
    fc.property(amount, rupiah => {
      const grouped = String(rupiah).replace(/\B(?=(\d{3})+$)/g, '.')
      equal(readRupiah(grouped, 'dot'), rupiah)
      equal(readRupiah(grouped.replaceAll('.', ','), 'comma'), rupiah)
      equal(readRupiah(String(rupiah), 'plain'), rupiah)
    }),
  )
})
