import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { listProducts, quote } from '../../services/catalogue/book.ts'
import { compile } from '../../services/catalogue/compile.ts'
import { articles } from '../sandbox/assortment.ts'
import { Catalogue, pascaProducts } from '../sandbox/digiflazz-catalogue.ts'
import { demoCatalogue, demoSuppliers } from './catalogue.ts'

const noon = Date.UTC(2026, 0, 1, 5)
const rows = demoCatalogue()
const book = compile({ ...rows, suppliers: demoSuppliers.map(code => ({ code, active: true })) })
const place = (code: string, destination: string, level = 0) =>
  quote(book, { code, level, destination, nowMs: noon })

test('demo: the catalogue: compiles without a problem, all of it for sale (C24)', () => {
  deepEqual(book.problems, [])
  equal(rows.products.length >= 300, true)
  for (const level of [0, 1, 2]) {
    const list = listProducts(book, level, noon)
    equal(list.length, rows.products.length)
    equal(
      list.every(row => row.open),
      true,
    )
  }
})

test('demo: every product: two suppliers, skus that the sandbox sells, no dearer (C24)', () => {
  const stores = new Map(demoSuppliers.map(code => [code as string, new Catalogue(code)]))
  for (const { code } of rows.products) {
    const mappings = rows.mappings.filter(row => row.productCode === code)
    deepEqual(
      mappings.map(row => row.supplierCode),
      [...demoSuppliers],
    )
    for (const { supplierCode, sku, cost } of mappings) {
      const bill = pascaProducts.get(sku)
      if (bill !== undefined) {
        equal(sku, code.toLowerCase())
        equal(bill.admin - bill.commission <= cost, true, sku)
        continue
      }
      const sold = stores.get(supplierCode)?.find(sku)
      equal(sku, code.toLowerCase())
      equal(sold?.isOpen, true, sku)
      equal(sold!.price <= cost, true, sku)
    }
  }
})

test('demo: bills: the usual ones, with their documented test numbers (PPG1)', () => {
  const numbers = {
    ...{ PLN: '530000000001', PDAM: '1013226', BPJS: '8801234560001' },
    ...{ INTERNET: '6391601001', MULTIFINANCE: '6391601201' },
  }
  for (const [code, number] of Object.entries(numbers)) {
    const answer = place(code, number)
    if ('refused' in answer) throw new Error(`${code}: ${answer.refused}`)
    deepEqual([answer.product.type, answer.destination], ['postpaid', number])
    deepEqual([...new Set(answer.plan.map(([, sku]) => sku))], [code.toLowerCase()])
  }
})

test('demo: the assortment: every sku stands for one product (KAC1)', () => {
  equal(new Set(articles.map(({ sku }) => sku)).size, articles.length)
  equal(new Set(articles.map(({ name }) => name)).size, articles.length)
  for (const sku of ['xld10', 'tsel10', 'pln50']) {
    equal(
      articles.some(article => article.sku === sku),
      true,
    )
  }
})

test('demo: the documented test sku and numbers: are accepted, in small letters (C24)', () => {
  for (const last of ['0', '2', '3', '4']) {
    const answer = place('xld10', `08780000123${last}`)
    deepEqual('plan' in answer && answer.plan.map(([supplier, sku]) => [supplier, sku]), [
      ['digiflazz', 'xld10'],
      ['digiflazz2', 'xld10'],
    ])
  }
  equal('refused' in place('TSEL10', '087800001230'), true)
  equal('refused' in place('PLN20', '12345678901'), false)
})

test('demo: a better level: pays less for everything but the bench (C24)', () => {
  const prices = [0, 1, 2].map(level => listProducts(book, level, noon).map(row => row.price))
  for (const [n] of prices[0]!.entries()) {
    equal(prices[0]![n]! > prices[1]![n]! && prices[1]![n]! > prices[2]![n]!, true)
  }
})

test('demo: the bench product: any number, any number of times (C25)', () => {
  for (const destination of ['081234567890', '087800001230', '080000000000']) {
    const answer = place('BENCH10', destination)
    equal('multi' in answer && answer.multi, true)
  }
})
