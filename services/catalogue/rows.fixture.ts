/** Catalogue rows for tests: a row with sensible rest, and arbitrary whole catalogues. */

import fc from 'fast-check'
import type {
  CatalogueRows,
  MappingRecord,
  PriceRuleRecord,
  ProductRecord,
} from '../../sql/topup/catalogue.ts'

export function productRow(code: string, some: Partial<ProductRecord> = {}): ProductRecord {
  return {
    code,
    name: `Product ${code}`,
    category: 'Pulsa',
    brand: 'XL',
    type: 'prepaid',
    destinationKind: 'phone',
    active: true,
    cutOffStart: null,
    cutOffEnd: null,
    timeZone: 'WIB',
    multi: false,
    twinMinutes: 10,
    pendingLimitS: 3600,
    mayLose: false,
    adminFee: 0,
    ...some,
  }
}

export function mappingRow(
  productCode: string,
  supplierCode: string,
  some: Partial<MappingRecord> = {},
): MappingRecord {
  const sku = `${supplierCode}-${productCode}`.toLowerCase()
  return {
    productCode,
    supplierCode,
    sku,
    cost: 10_000,
    priority: 100,
    active: true,
    supplied: true,
    stock: null,
    cutOffStart: null,
    cutOffEnd: null,
    ...some,
  }
}

export function ruleRow(some: Partial<PriceRuleRecord> = {}): PriceRuleRecord {
  return {
    userId: '',
    level: 0,
    scope: 'default',
    target: '',
    percentBp: 0,
    fixed: 0,
    tiers: null,
    ...some,
  }
}

export function catalogue(some: Partial<CatalogueRows> = {}): CatalogueRows {
  return {
    products: [productRow('XLD10')],
    suppliers: ['a', 'b'].map(code => ({ code, active: true })),
    mappings: [mappingRow('XLD10', 'a')],
    rules: [ruleRow({ fixed: 500 })],
    prefixes: [
      { prefix: '0878', brand: 'XL' },
      { prefix: '0812', brand: 'TELKOMSEL' },
    ],
    ...some,
  }
}

const codes = ['A1', 'B2', 'C3']
const brands = ['XL', 'TELKOMSEL', 'DANA', '']
const supplierCodes = ['s1', 's2', 's3']

const products = fc
  .tuple(
    ...codes.map(code =>
      fc
        .record({
          brand: fc.constantFrom(...brands),
          active: fc.boolean(),
          mayLose: fc.boolean(),
        })
        .map(some => productRow(code, some)),
    ),
  )
  .map(rows => [...rows])

const mappings = fc.uniqueArray(
  fc
    .record({
      productCode: fc.constantFrom(...codes),
      supplierCode: fc.constantFrom(...supplierCodes),
      cost: fc.oneof(fc.integer({ min: 1, max: 200_000 }), fc.integer({ min: 1, max: 1e10 })),
      priority: fc.integer({ min: 0, max: 3 }),
      active: fc.boolean(),
    })
    .map(some => mappingRow(some.productCode, some.supplierCode, some)),
  { selector: row => `${row.productCode} ${row.supplierCode}` },
)

const rules = fc.uniqueArray(
  fc
    .record({
      level: fc.integer({ min: 0, max: 3 }),
      scope: fc.constantFrom('product' as const, 'brand' as const, 'default' as const),
      n: fc.nat(3),
      percentBp: fc.integer({ min: -2_000, max: 100_000 }),
      fixed: fc.integer({ min: -20_000, max: 20_000 }),
    })
    .map(({ n, ...some }) => {
      const target = { product: codes[n] ?? '', brand: brands[n]!, default: '' }[some.scope]
      return ruleRow({ ...some, target })
    }),
  { selector: row => `${row.level} ${row.scope} ${row.target}`, maxLength: 20 },
)

const suppliers = fc
  .tuple(...supplierCodes.map(code => fc.record({ code: fc.constant(code), active: fc.boolean() })))
  .map(rows => [...rows])

export const anyCatalogue: fc.Arbitrary<CatalogueRows> = fc.record({
  products,
  suppliers,
  mappings,
  rules,
  prefixes: fc.constant([
    { prefix: '0878', brand: 'XL' },
    { prefix: '0812', brand: 'TELKOMSEL' },
    { prefix: '08125', brand: 'XL' },
  ]),
})
