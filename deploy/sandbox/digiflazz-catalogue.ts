/**
 * What a Digiflazz party sells: a small price list in the shape of `/price-list`, made from a few
 * tables. Buyers choose their own sku names at Digiflazz; ours are lower-case brand and
 * denomination, such as `tsel10`, `xld10`, `pln50`.
 *
 * X13. Each party sells the same skus, at prices of its own that never change while it lives.
 * X14. A sku that begins with `bench` is always sold, so that a bench needs no set-up.
 */

import { between, hashOf } from './prng.ts'

export type Family = 'pulsa' | 'data' | 'pln' | 'wallet' | 'game'

export type Product = {
  readonly sku: string
  readonly name: string
  readonly category: string
  readonly brand: string
  readonly family: Family
  readonly price: number
  readonly isOpen: boolean
  readonly allowsMulti: boolean
  /** Jakarta time `hh:mm`; equal ends mean no cut-off. */
  readonly cutOff: readonly [string, string]
}

export type PascaProduct = {
  readonly sku: string
  readonly name: string
  readonly brand: string
  readonly admin: number
  readonly commission: number
}

const noCutOff = ['00:00', '00:00'] as const
export const benchPrice = 10_000

/** sku prefix, brand, denominations in thousands, what a denomination costs above its value. */
const pulsa: readonly [string, string, readonly number[], number][] = [
  ['tsel', 'TELKOMSEL', [5, 10, 15, 20, 25, 30, 40, 50, 100], 350],
  ['isat', 'INDOSAT', [5, 10, 12, 20, 25, 30, 50, 100], 450],
  ['xld', 'XL', [5, 10, 15, 25, 30, 50, 100], 500],
  ['axis', 'AXIS', [5, 10, 15, 25, 50, 100], 500],
  ['tri', 'TRI', [5, 10, 20, 25, 50, 100], 200],
  ['smart', 'SMARTFREN', [5, 10, 20, 25, 50, 100], 150],
  ['byu', 'by.U', [5, 10, 25, 50], 400],
]

const fixed: readonly [string, string, string, string, Family, number][] = [
  ['tseldata1', 'Telkomsel Data 1 GB 30 Hari', 'Data', 'TELKOMSEL', 'data', 16_800],
  ['tseldata5', 'Telkomsel Data 5 GB 30 Hari', 'Data', 'TELKOMSEL', 'data', 52_500],
  ['isatdata3', 'Indosat Freedom 3 GB 30 Hari', 'Data', 'INDOSAT', 'data', 24_900],
  ['xldata2', 'XL Hotrod 2 GB 30 Hari', 'Data', 'XL', 'data', 28_700],
  ['tridata6', 'Tri Happy 6 GB 30 Hari', 'Data', 'TRI', 'data', 29_400],
  ['smartdata4', 'Smartfren 4 GB 14 Hari', 'Data', 'SMARTFREN', 'data', 19_900],
  ['pln20', 'PLN 20.000', 'PLN', 'PLN', 'pln', 20_250],
  ['pln50', 'PLN 50.000', 'PLN', 'PLN', 'pln', 50_250],
  ['pln100', 'PLN 100.000', 'PLN', 'PLN', 'pln', 100_250],
  ['pln200', 'PLN 200.000', 'PLN', 'PLN', 'pln', 200_250],
  ['pln500', 'PLN 500.000', 'PLN', 'PLN', 'pln', 500_250],
  ['dana20', 'DANA 20.000', 'E-Money', 'DANA', 'wallet', 20_150],
  ['dana50', 'DANA 50.000', 'E-Money', 'DANA', 'wallet', 50_150],
  ['ovo50', 'OVO 50.000', 'E-Money', 'OVO', 'wallet', 50_900],
  ['gopay50', 'GoPay 50.000', 'E-Money', 'GO PAY', 'wallet', 51_050],
  ['shopee50', 'ShopeePay 50.000', 'E-Money', 'SHOPEE PAY', 'wallet', 50_700],
  ['linkaja50', 'LinkAja 50.000', 'E-Money', 'LinkAja', 'wallet', 50_450],
  ['ml86', 'Mobile Legends 86 Diamonds', 'Games', 'MOBILE LEGENDS', 'game', 19_450],
  ['ml172', 'Mobile Legends 172 Diamonds', 'Games', 'MOBILE LEGENDS', 'game', 38_900],
  ['ff70', 'Free Fire 70 Diamonds', 'Games', 'FREE FIRE', 'game', 8_950],
  ['ff140', 'Free Fire 140 Diamonds', 'Games', 'FREE FIRE', 'game', 17_850],
  ['pubg60', 'PUBG Mobile 60 UC', 'Games', 'PUBG MOBILE', 'game', 13_700],
]

const closed: ReadonlySet<string> = new Set(['byu50'])
const single: ReadonlySet<string> = new Set(['tseldata1', 'tseldata5'])

/** sku, name, brand, admin, commission. The skus are those of the documented test matrix. */
const pasca: readonly [string, string, string, number, number][] = [
  ['pln', 'PLN Pascabayar', 'PLN PASCABAYAR', 2_500, 1_900],
  ['pdam', 'PDAM Kota', 'PDAM', 2_500, 1_000],
  ['internet', 'Internet Rumah', 'INTERNET PASCABAYAR', 2_500, 1_700],
  ['bpjs', 'BPJS Kesehatan', 'BPJS KESEHATAN', 2_500, 1_050],
  ['multifinance', 'Multifinance', 'MULTIFINANCE', 5_000, 1_500],
  ['cimahi', 'PBB Kota Cimahi', 'PBB', 2_000, 500],
  ['pdl', 'Pajak Daerah Lainnya', 'PAJAK DAERAH', 2_000, 500],
  ['pgas', 'Gas Negara', 'GAS NEGARA', 2_500, 1_200],
  ['tv', 'TV Pascabayar', 'TV PASCABAYAR', 2_500, 1_300],
  ['bpjstk', 'BPJS Ketenagakerjaan', 'BPJS KETENAGAKERJAAN', 2_500, 900],
  ['bpjstkpu', 'BPJS Ketenagakerjaan PU', 'BPJS KETENAGAKERJAAN PU', 2_500, 900],
  ['plnnontaglist', 'PLN Nontaglis', 'PLN NONTAGLIS', 2_500, 1_400],
  ['emoney', 'E-Money', 'E-MONEY', 1_000, 250],
  ['samsat', 'SAMSAT', 'SAMSAT', 5_000, 1_000],
  ['hp', 'HP Pascabayar', 'HP PASCABAYAR', 2_500, 1_250],
]

export const pascaProducts: ReadonlyMap<string, PascaProduct> = new Map(
  pasca.map(([sku, name, brand, admin, commission]) => [
    sku,
    { sku, name, brand, admin, commission },
  ]),
)

export class Catalogue {
  readonly seller: string
  readonly products: ReadonlyMap<string, Product>
  #bench = new Map<string, Product>()

  constructor(party: string) {
    this.seller = `Toko Sandbox ${party}`
    this.products = new Map(
      [...pulsaRows(), ...fixedRows()].map(row => [
        row.sku,
        { ...row, price: row.price + ownMargin(party, row.sku) },
      ]),
    )
  }

  find(sku: string): Product | undefined {
    return this.products.get(sku) ?? (sku.startsWith('bench') ? this.#benchProduct(sku) : undefined)
  }

  #benchProduct(sku: string): Product {
    const known = this.#bench.get(sku)
    if (known) return known
    const product: Product = {
      sku,
      name: `Bench ${sku}`,
      category: 'Pulsa',
      brand: 'BENCH',
      family: 'pulsa',
      price: benchPrice,
      isOpen: true,
      allowsMulti: true,
      cutOff: noCutOff,
    }
    if (this.#bench.size < 10_000) this.#bench.set(sku, product)
    return product
  }
}

/** The default party sells at the listed price, the others a little above or below it. */
function ownMargin(party: string, sku: string): number {
  return party === 'digiflazz' ? 0 : 5 * between(hashOf(7, `${party} ${sku}`), -24, 30)
}

function* pulsaRows(): Iterable<Product> {
  for (const [prefix, brand, thousands, extra] of pulsa) {
    for (const thousand of thousands) {
      yield {
        sku: `${prefix}${thousand}`,
        name: `${brand} ${thousand}.000`,
        category: 'Pulsa',
        brand,
        family: 'pulsa',
        price: thousand * 1000 + extra,
        isOpen: !closed.has(`${prefix}${thousand}`),
        allowsMulti: true,
        cutOff: noCutOff,
      }
    }
  }
}

function* fixedRows(): Iterable<Product> {
  for (const [sku, name, category, brand, family, price] of fixed) {
    yield {
      sku,
      name,
      category,
      brand,
      family,
      price,
      isOpen: true,
      allowsMulti: !single.has(sku),
      cutOff: family === 'pln' ? ['23:45', '00:15'] : noCutOff,
    }
  }
}
