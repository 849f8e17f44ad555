import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CatalogueRows } from '../../sql/topup/catalogue.ts'
import { levels, listProducts, quote } from './book.ts'
import { compile } from './compile.ts'
import { markUp } from './pricing.ts'
import { anyCatalogue, catalogue, mappingRow, productRow, ruleRow } from './rows.fixture.ts'

const noon = Date.UTC(2026, 0, 1, 5)

/** What the rules say, computed one order at a time, in whole numbers without end. */
function slowly(rows: CatalogueRows, code: string, level: number) {
  const product = rows.products.find(row => row.code === code)!
  const isStanding = (supplier: string) =>
    rows.suppliers.some(row => row.code === supplier && row.active)
  const offers = rows.mappings.filter(
    row => row.productCode === code && row.active && isStanding(row.supplierCode),
  )
  const rule = [level, 0]
    .flatMap(at => [
      rows.rules.find(row => row.level === at && row.scope === 'product' && row.target === code),
      rows.rules.find(
        row => row.level === at && row.scope === 'brand' && row.target === product.brand,
      ),
      rows.rules.find(row => row.level === at && row.scope === 'default'),
    ])
    .find(found => found !== undefined)
  if (offers.length === 0 || rule === undefined) return null

  const cost = BigInt(Math.max(...offers.map(row => row.cost)))
  const share = cost * BigInt(rule.percentBp)
  const roundedUp = share / 10_000n + (share > 0n && share % 10_000n !== 0n ? 1n : 0n)
  const price = Number(cost + roundedUp + BigInt(rule.fixed))
  if (price <= 0) return null
  const plan = offers
    .filter(row => row.cost <= price || product.mayLose)
    .sort((a, b) => a.priority - b.priority || a.cost - b.cost || (a.sku < b.sku ? -1 : 1))
    .map(row => [row.supplierCode, row.sku, row.cost, Math.max(row.cost, price)])
  return plan.length === 0 ? null : { price, plan }
}

test('compile: any catalogue: says what the rules say, order by order (C13) (C15) (C16)', () => {
  fc.assert(
    fc.property(anyCatalogue, fc.integer({ min: 0, max: 4 }), (rows, level) => {
      const book = compile(rows)
      for (const { code, brand, active } of rows.products) {
        if (!active) continue
        const destination = brand === 'TELKOMSEL' ? '081234567890' : '087812345678'
        const answer = quote(book, { code, level, destination, nowMs: noon })
        const got = 'refused' in answer ? null : { price: answer.price, plan: answer.plan }
        deepEqual(got, slowly(rows, code, level))
      }
    }),
    { numRuns: 500 },
  )
})

test('compile: any catalogue: no plan loses money, unless the product may (C11) (C13)', () => {
  fc.assert(
    fc.property(anyCatalogue, fc.integer({ min: 0, max: 9 }), (rows, level) => {
      const book = compile(rows)
      for (const { code } of rows.products) {
        for (const destination of ['081234567890', '087812345678']) {
          const answer = quote(book, { code, level, destination, nowMs: noon })
          if ('refused' in answer) continue
          for (const [, , cost, most] of answer.plan) {
            equal(cost <= most, true)
            equal(answer.product.mayLose || most === answer.price, true)
          }
        }
      }
    }),
  )
})

test('compile: percent: the exact share, rounded up to the whole rupiah (C14)', () => {
  const costs = fc.integer({ min: 1, max: 1e10 })
  const points = fc.integer({ min: -10_000, max: 100_000 })
  fc.assert(
    fc.property(costs, points, fc.integer({ min: -1e10, max: 1e10 }), (cost, percentBp, fixed) => {
      const added = BigInt(markUp(cost, { percentBp, fixed }) - cost - fixed)
      const exact = BigInt(cost) * BigInt(percentBp)
      equal(added * 10_000n >= exact, true)
      equal((added - 1n) * 10_000n < exact, true)
    }),
  )
  equal(markUp(10_001, { percentBp: 100, fixed: 50 }), 10_001 + 101 + 50)
  equal(markUp(10_000, { percentBp: 100, fixed: 0 }), 10_100)
})

test('compile: rules: product before brand before default, each within its level (C13)', () => {
  const rules = [
    ruleRow({ fixed: 1 }),
    ruleRow({ scope: 'brand', target: 'xl', fixed: 2 }),
    ruleRow({ scope: 'product', target: 'XLD10', fixed: 3 }),
    ruleRow({ level: 1, fixed: 4 }),
  ]
  const priceWith = (count: number, level: number) =>
    listProducts(compile(catalogue({ rules: rules.slice(0, count) })), level, noon)[0]?.price
  deepEqual(
    [1, 2, 3].map(count => priceWith(count, 0)),
    [10_001, 10_002, 10_003],
  )
  equal(priceWith(4, 1), 10_004)
})

test('compile: a level without rules: pays what level 0 pays (C15)', () => {
  const rules = [ruleRow({ fixed: 700 }), ruleRow({ level: 1, fixed: 300 })]
  const book = compile(catalogue({ rules }))
  const prices = Array.from({ length: levels }, (_, level) => listProducts(book, level, noon)[0])
  deepEqual(
    prices.map(row => row?.price),
    [10_700, 10_300, ...Array(8).fill(10_700)],
  )
  deepEqual(
    [10, -1, 0.5, Number.NaN].map(level => listProducts(book, level, noon)[0]?.price),
    [10_700, 10_700, 10_700, 10_700],
  )
})

test('compile: no rule at all: no price, not even on the list (C15)', () => {
  const book = compile(catalogue({ rules: [ruleRow({ level: 1, fixed: 1 })] }))
  deepEqual(listProducts(book, 0, noon), [])
  equal(listProducts(book, 1, noon).length, 1)
})

test('compile: suppliers: by priority, then cost; the resting ones are left out (C16)', () => {
  const mappings = [
    mappingRow('XLD10', 'a', { priority: 20, cost: 9_000 }),
    mappingRow('XLD10', 'b', { priority: 10, cost: 10_100 }),
    mappingRow('XLD10', 'c', { priority: 10, cost: 10_000 }),
    mappingRow('XLD10', 'd', { priority: 1, active: false }),
    mappingRow('XLD10', 'e', { priority: 1 }),
  ]
  const suppliers = ['a', 'b', 'c', 'd', 'e'].map(code => ({ code, active: code !== 'e' }))
  const book = compile(catalogue({ mappings, suppliers }))
  deepEqual(book.candidateSupplier, ['c', 'b', 'a'])
})

test('compile: out of stock, or not supplied: no candidate, nor a cost to reckon with (C16)', () => {
  const dear = (some: object) =>
    compile(
      catalogue({
        mappings: [mappingRow('XLD10', 'a'), mappingRow('XLD10', 'b', { cost: 12_000, ...some })],
      }),
    )
  for (const some of [{ stock: 0 }, { supplied: false }]) {
    deepEqual(dear(some).candidateSupplier, ['a'])
    equal(listProducts(dear(some), 0, noon)[0]?.price, 10_500)
  }
  deepEqual(dear({ stock: 1 }).candidateSupplier, ['a', 'b'])
})

test('compile: a closed brand or category: all of its products are closed (KAO1)', () => {
  const products = [productRow('XLD10'), productRow('ML86', { brand: 'ML', category: 'Games' })]
  const mappings = products.map(({ code }) => mappingRow(code, 'a'))
  const open = (some: object) =>
    listProducts(compile(catalogue({ products, mappings, ...some })), 0, noon).map(row => row.open)
  deepEqual(open({}), [true, true])
  deepEqual(open({ closedBrands: ['xl'] }), [false, true])
  deepEqual(open({ closedCategories: ['Games'] }), [true, false])
})

test('compile: rows that cannot be right: are named, and the rest is sold (C17)', () => {
  const rows = catalogue({
    products: [
      productRow('XLD10'),
      productRow('xld10'),
      productRow('HALF', { cutOffStart: '23:00' }),
      productRow('ODD', { cutOffStart: '25:00', cutOffEnd: '01:00' }),
      productRow('NEVER', { pendingLimitS: 0 }),
    ],
    mappings: [
      mappingRow('XLD10', 'a'),
      mappingRow('XLD10', 'b', { cost: -1 }),
      mappingRow('XLD10', 'c', { cost: 1e11 }),
      mappingRow('XLD10', 'd', { sku: '' }),
    ],
    rules: [ruleRow({ fixed: 1 }), ruleRow({ level: 10 }), ruleRow({ level: 1, percentBp: 1e6 })],
    prefixes: [
      { prefix: '0878', brand: 'XL' },
      { prefix: '08x', brand: 'XL' },
    ],
  })
  const book = compile(rows)
  equal(book.problems.length, 10)
  deepEqual(
    book.products.map(({ code }) => code),
    ['XLD10'],
  )
  equal(listProducts(book, 0, noon)[0]?.price, 10_001)
})

test('compile: very many wrong rows: the list of problems stays short (C17)', () => {
  const prefixes = Array.from({ length: 150 }, (_, n) => ({ prefix: `x${n}`, brand: 'XL' }))
  const { problems } = compile(catalogue({ prefixes }))
  equal(problems.length, 101)
  equal(problems.at(-1), 'and 50 more')
})

test('compile: a price that would be nothing or less: no price (C17)', () => {
  deepEqual(listProducts(compile(catalogue({ rules: [ruleRow({ fixed: -10_000 })] })), 0, noon), [])
})
