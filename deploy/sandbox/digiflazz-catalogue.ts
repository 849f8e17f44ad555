/**
 * What a Digiflazz party sells: a price list in the shape of `/price-list`, made from the sandbox's
 * assortment. Buyers choose their own sku names at Digiflazz; ours are lower-case brand and
 * denomination, such as `tsel10`, `xld10`, `pln50`.
 *
 * X13. Each party sells the same skus, at prices of its own that never change while it lives.
 * X14. A sku that begins with `bench` is always sold, so that a bench needs no set-up.
 */

import { articles, type Family } from './assortment.ts'
import { between, hashOf } from './prng.ts'

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
const benchPrice = 10_000

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
    this.products = new Map([
      ...articles.map((article): [string, Product] => [
        article.sku,
        {
          ...article,
          price: article.price + ownMargin(party, article.sku),
          isOpen: !closed.has(article.sku),
          allowsMulti: !single.has(article.sku),
          cutOff: article.family === 'pln' ? ['23:45', '00:15'] : noCutOff,
        },
      ]),
      // On the list, so that whoever takes the list over still has something to bench with.
      ['bench10', this.#benchProduct('bench10')],
    ])
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
