/**
 * What the demo sells: real-looking prepaid products of all operators, made from a few tables, and
 * the numbering plan. Our code in small letters is the supplier's sku. It is data for a first run:
 * once it is in the database it belongs to the owner, and nothing here is read again.
 *
 * C24. Every demo product is supplied by two suppliers, under a sku that the sandbox sells.
 * C25. `BENCH10` takes any number, any number of times.
 */

import type {
  CatalogueRows,
  MappingRecord,
  PriceRuleRecord,
  ProductRecord,
} from '../sql/catalogue.ts'

export const demoSuppliers = ['digiflazz', 'digiflazz2'] as const
export type DemoSupplier = (typeof demoSuppliers)[number]

export function demoCatalogue(): Omit<CatalogueRows, 'suppliers'> {
  const entries = [...pulsaEntries(), ...packageEntries(), benchEntry]
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

/** Code, brand, name, denominations in thousands, what one costs above its value. */
const pulsa: readonly [string, string, string, readonly number[], number][] = [
  ['TSEL', 'TELKOMSEL', 'Telkomsel', [5, 10, 15, 20, 25, 30, 40, 50, 100], 350],
  ['ISAT', 'INDOSAT', 'Indosat', [5, 10, 12, 20, 25, 30, 50, 100], 450],
  ['XLD', 'XL', 'XL', [5, 10, 15, 25, 30, 50, 100], 500],
  ['AXIS', 'AXIS', 'Axis', [5, 10, 15, 25, 50, 100], 500],
  ['TRI', 'TRI', 'Tri', [5, 10, 20, 25, 50, 100], 200],
  ['SMART', 'SMARTFREN', 'Smartfren', [5, 10, 20, 25, 50, 100], 150],
  ['BYU', 'by.U', 'by.U', [5, 10, 25], 400],
]

const packages: readonly [string, string, string, string, number][] = [
  ['TSELDATA1', 'Telkomsel Data 1 GB 30 Hari', 'Data', 'TELKOMSEL', 16_800],
  ['TSELDATA5', 'Telkomsel Data 5 GB 30 Hari', 'Data', 'TELKOMSEL', 52_500],
  ['ISATDATA3', 'Indosat Freedom 3 GB 30 Hari', 'Data', 'INDOSAT', 24_900],
  ['XLDATA2', 'XL Hotrod 2 GB 30 Hari', 'Data', 'XL', 28_700],
  ['TRIDATA6', 'Tri Happy 6 GB 30 Hari', 'Data', 'TRI', 29_400],
  ['SMARTDATA4', 'Smartfren 4 GB 14 Hari', 'Data', 'SMARTFREN', 19_900],
  ['PLN20', 'Token PLN 20.000', 'PLN', 'PLN', 20_250],
  ['PLN50', 'Token PLN 50.000', 'PLN', 'PLN', 50_250],
  ['PLN100', 'Token PLN 100.000', 'PLN', 'PLN', 100_250],
  ['PLN200', 'Token PLN 200.000', 'PLN', 'PLN', 200_250],
  ['PLN500', 'Token PLN 500.000', 'PLN', 'PLN', 500_250],
  ['DANA20', 'DANA 20.000', 'E-Money', 'DANA', 20_150],
  ['DANA50', 'DANA 50.000', 'E-Money', 'DANA', 50_150],
  ['OVO50', 'OVO 50.000', 'E-Money', 'OVO', 50_900],
  ['GOPAY50', 'GoPay 50.000', 'E-Money', 'GO PAY', 51_050],
  ['SHOPEE50', 'ShopeePay 50.000', 'E-Money', 'SHOPEE PAY', 50_700],
  ['LINKAJA50', 'LinkAja 50.000', 'E-Money', 'LinkAja', 50_450],
  ['ML86', 'Mobile Legends 86 Diamonds', 'Games', 'MOBILE LEGENDS', 19_450],
  ['ML172', 'Mobile Legends 172 Diamonds', 'Games', 'MOBILE LEGENDS', 38_900],
  ['FF70', 'Free Fire 70 Diamonds', 'Games', 'FREE FIRE', 8_950],
  ['FF140', 'Free Fire 140 Diamonds', 'Games', 'FREE FIRE', 17_850],
  ['PUBG60', 'PUBG Mobile 60 UC', 'Games', 'PUBG MOBILE', 13_700],
]

const destinationKinds: Readonly<Record<string, ProductRecord['destinationKind']>> = {
  PLN: 'meter',
  Games: 'account',
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

function* pulsaEntries(): Iterable<Entry> {
  for (const [prefix, brand, name, thousands, extra] of pulsa) {
    for (const thousand of thousands) {
      yield {
        code: `${prefix}${thousand}`,
        name: `${name} ${thousand}.000`,
        category: 'Pulsa',
        brand,
        destinationKind: 'phone',
        cost: thousand * 1_000 + extra,
      }
    }
  }
}

function* packageEntries(): Iterable<Entry> {
  for (const [code, name, category, brand, cost] of packages) {
    const destinationKind = destinationKinds[category] ?? 'phone'
    const some = category === 'PLN' ? plnHours : {}
    yield { code, name, category, brand, destinationKind, cost, some }
  }
}

function productOf({ cost: _, some, ...entry }: Entry): ProductRecord {
  return {
    ...entry,
    type: 'prepaid',
    active: true,
    cutOffStart: null,
    cutOffEnd: null,
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
  }))
}

function demoRules(): PriceRuleRecord[] {
  const margins = [
    { level: 0, fixed: 500, tokens: 1_500, games: 400 },
    { level: 1, fixed: 350, tokens: 1_200, games: 300 },
    { level: 2, fixed: 200, tokens: 1_000, games: 200 },
  ]
  const games = ['MOBILE LEGENDS', 'FREE FIRE', 'PUBG MOBILE']
  return margins.flatMap(({ level, fixed, tokens, games: percentBp }): PriceRuleRecord[] => [
    { level, scope: 'default', target: '', percentBp: 0, fixed },
    { level, scope: 'brand', target: 'PLN', percentBp: 0, fixed: tokens },
    ...games.map((target): PriceRuleRecord => {
      return { level, scope: 'brand', target, percentBp, fixed: 0 }
    }),
  ])
}

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
