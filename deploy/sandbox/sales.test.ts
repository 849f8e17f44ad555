import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { SaleBook } from './sales.ts'

const purchase = (ref: string) => ({
  ref,
  product: 'tsel10',
  target: '0812',
  price: 10_350,
  at: 1_780_000_000_000,
  callbackUrl: undefined,
})
const bookOf = () => new SaleBook('digiflazz', sale => `sn-${sale.serial}`)

test('sales: one reference bought twice: one row, times 2, the first stays readable (X3)', () => {
  const book = bookOf()
  const first = book.add(purchase('a'))
  book.add(purchase('b'))
  first.status = 'failed'
  const second = book.add(purchase('a'), first)
  second.status = 'success'

  equal(book.size, 2)
  const [row] = book.byRef('a')
  equal(row!.n, 1)
  equal(row!.times, 2)
  equal(row!.sn, 'sn-3')
  equal(row!.earlier![0]!.status, 'failed')
  equal(book.summary().sold_more_than_once, 1)
  equal(book.summary().purchases, 3)
  equal(book.summary().amount_success, 10_350)
})

test('sales: two hundred thousand rows: pages begin where the last one ended (X4)', () => {
  const book = bookOf()
  for (let count = 0; count < 200_000; count++) book.add(purchase(`ref-${count}`))
  let after = 0
  for (let page = book.page(0, 30_000); page.length > 0; page = book.page(after, 30_000)) {
    equal(page[0]!.ref, `ref-${after}`)
    after = page.at(-1)!.n
  }
  equal(after, 200_000)
})
