/**
 * What the demo sells: the sandbox's whole assortment of real-looking prepaid products, the bills
 * that most people pay, and the numbering plan. Our code in small letters is the supplier's sku. It
 * is data for a first run: once it is in the database it belongs to the owner, and nothing here is
 * read again.
 *
 * C24. Every demo product is supplied by two suppliers, under a sku that the sandbox sells.
 * C25. `BENCH10` takes any number, any number of times.
 * PPG1. A bill's cost in the catalogue is what the supplier keeps of its fee; the markup on it is
 *       what we add to the bill.
 */

import type {
  CatalogueRows,
  MappingRecord,
  PriceRuleRecord,
  ProductRecord,
} from '../../sql/topup/catalogue.ts'
import { type Article, articles, type Family } from '../sandbox/assortment.ts'
import { pascaProducts } from '../sandbox/digiflazz-catalogue.ts'

export const demoSuppliers = ['digiflazz', 'digiflazz2'] as const
export type DemoSupplier = (typeof demoSuppliers)[number]

export function demoCatalogue(): Omit<CatalogueRows, 'suppliers'> {
  const prepaid = articles.filter(({ sku }) => sku !== neverOpen).map(entryOf)
  const entries = [...prepaid, ...bills.map(billOf), benchEntry]
  return {
    products: entries.map(productOf),
    mappings: entries.flatMap(mappingsOf),
    rules: demoRules(),
    prefixes: demoPrefixes(),
  }
}

type Entry = Pick<ProductRecord, 'code' | 'name' | 'category' | 'brand' | 'destinationKind'> & {
  readonly cost: number
  readonly some?: Partial<ProductRecord>
}

const destinationKinds: Readonly<Partial<Record<Family, ProductRecord['destinationKind']>>> = {
  pln: 'meter',
  game: 'account',
}

/** PLN rests around midnight, at both suppliers. */
const plnHours = { cutOffStart: '23:45', cutOffEnd: '00:15' }

const benchEntry: Entry = {
  code: 'BENCH10',
  name: 'Bench 10.000',
  category: 'Pulsa',
  brand: '',
  destinationKind: 'phone',
  cost: 10_000,
  some: { multi: true },
}

/** On every price list and never for sale, so that a client meets such a thing, too. */
const neverOpen = 'byu50'

const bills = ['pln', 'pdam', 'bpjs', 'internet', 'multifinance'] as const

function billOf(sku: (typeof bills)[number]): Entry {
  const { name, brand, admin, commission } = pascaProducts.get(sku)!
  return {
    ...{ code: sku.toUpperCase(), name, category: 'Pascabayar', brand },
    destinationKind: sku === 'pln' ? 'meter' : 'account',
    cost: admin - commission,
    some: { type: 'postpaid', adminFee: admin },
  }
}

function entryOf({ sku, name, category, brand, family, price }: Article): Entry {
  return {
    code: sku.toUpperCase(),
    name,
    category,
    brand,
    destinationKind: destinationKinds[family] ?? 'phone',
    cost: price,
    some: family === 'pln' ? plnHours : {},
  }
}

function productOf({ cost: _, some, ...entry }: Entry): ProductRecord {
  return {
    ...entry,
    type: 'prepaid',
    active: true,
    cutOffStart: null,
    cutOffEnd: null,
    timeZone: 'WIB',
    multi: false,
    twinMinutes: 10,
    pendingLimitS: 3_600,
    mayLose: false,
    ...some,
  }
}

/** The second supplier is a little dearer and goes second. */
const secondSupplierExtra = 150

function mappingsOf({ code, cost }: Entry): MappingRecord[] {
  return demoSuppliers.map((supplierCode, place) => ({
    productCode: code,
    supplierCode,
    sku: code.toLowerCase(),
    cost: cost + place * secondSupplierExtra,
    priority: 10 * (place + 1),
    active: true,
    supplied: true,
    stock: null,
    cutOffStart: null,
    cutOffEnd: null,
  }))
}

function demoRules(): PriceRuleRecord[] {
  const margins = [
    { level: 0, fixed: 500, tokens: 1_500, games: 400 },
    { level: 1, fixed: 350, tokens: 1_200, games: 300 },
    { level: 2, fixed: 200, tokens: 1_000, games: 200 },
  ]
  return margins.flatMap(({ level, fixed, tokens, games }) => [
    rule({ level, fixed }),
    rule({ level, scope: 'brand', target: 'PLN', fixed: tokens }),
    rule({ level, scope: 'category', target: 'Games', percentBp: games }),
  ])
}

const rule = (some: Partial<PriceRuleRecord>): PriceRuleRecord => ({
  userId: '',
  level: 0,
  scope: 'default',
  target: '',
  percentBp: 0,
  fixed: 0,
  tiers: null,
  ...some,
})

/** by.U lives within 0851 without public borders, so its products take any mobile number. */
const numberingPlan: Readonly<Record<string, string>> = {
  TELKOMSEL: '0811 0812 0813 0821 0822 0823 0851 0852 0853',
  INDOSAT: '0814 0815 0816 0855 0856 0857 0858',
  XL: '0817 0818 0819 0859 0877 0878 0879',
  AXIS: '0831 0832 0833 0837 0838',
  TRI: '0894 0895 0896 0897 0898 0899',
  SMARTFREN: '0881 0882 0883 0884 0885 0886 0887 0888 0889',
}

function demoPrefixes() {
  return Object.entries(numberingPlan).flatMap(([brand, prefixes]) =>
    prefixes.split(' ').map(prefix => ({ prefix, brand })),
  )
}
