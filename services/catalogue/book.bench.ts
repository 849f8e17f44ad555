/**
 * How long it takes a worker to compile a big catalogue and hand it over, and how long an order's
 * quote takes; beside both, the same answers by going through the rules. Run by hand, or by
 * `npm run bench -- price-book`: `node services/catalogue/book.bench.ts [products]`.
 *
 * BBD1. The book says the same as ever: its answers are hashed, and the usual way gives the same
 *       prices.
 */

import { createHash } from 'node:crypto'
import { deserialize, serialize } from 'node:v8'
import { Piscina } from 'piscina'
import type { CatalogueRows, PriceRuleRecord } from '../../sql/topup/catalogue.ts'
import { type Findings, inTurns, type Measured, microsEach } from '../in-turns.bench.ts'
import { type Book, levels, quote } from './book.ts'
import { compile } from './compile.ts'
import { markUp } from './pricing.ts'

type Sizes = { readonly products: number; readonly quotes: number; readonly rounds: number }
type Found = Findings & { readonly hash: string }

const nowMs = Date.UTC(2026, 0, 1, 5)
const destination = '081234567890'
const pasted = '+62 812-3456-7890\n'

export async function run({ products, quotes, rounds }: Sizes): Promise<Found> {
  const rows = bigCatalogue(products)
  const book = deserialize(serialize(compile(rows))) as Book
  const usual = usualPrices(rows)
  const priceOf = (n: number) => {
    const code = `P${n % products}`
    const answer = quote(book, { code, level: n % levels, destination, nowMs })
    return 'price' in answer ? answer.price : null
  }
  const wrong: string[] = []
  for (let n = 0; n < products && wrong.length < 5; n++) {
    const [ours, theirs] = [priceOf(n), usual(`P${n}`, n % levels)]
    if (ours !== null && ours !== theirs) wrong.push(`P${n}: ${ours} and not ${theirs}`)
  }
  const sums = [destination, pasted].map(number => quoteMany(book, quotes, number))
  const hash = createHash('sha256').update(sums.join(' ')).digest('hex').slice(0, 16)
  const figures: Measured[] = [
    await compiling(rows, { products, rounds }),
    {
      ...{ figure: 'quote', unit: 'us', baselineIs: 'rules of the level gone through, per quote' },
      ...inTurns(rounds, {
        ours: () => microsEach(quotes, priceOf),
        baseline: () =>
          microsEach(Math.ceil(quotes / 200), n => usual(`P${(n * 7_919) % products}`, n % levels)),
      }),
    },
  ]
  return { figures, wrong, hash }
}

/** What a worker runs; the rows are made there, and only once. */
export default function compileBig({ products }: { products: number }): Book {
  made ??= bigCatalogue(products)
  return compile(made)
}
let made: CatalogueRows | undefined

async function compiling(
  rows: CatalogueRows,
  { products, rounds }: Pick<Sizes, 'products' | 'rounds'>,
): Promise<Measured> {
  const worker = new Piscina<{ products: number }, Book>({
    filename: import.meta.url,
    maxThreads: 1,
  })
  const ours: number[] = []
  const baseline: number[] = []
  try {
    await worker.run({ products })
    for (let round = 0; round < rounds; round++) {
      const startedAt = performance.now()
      await worker.run({ products })
      const handedOver = performance.now()
      const usual = usualPrices(rows)
      for (const { code } of rows.products) {
        for (let level = 0; level < levels; level++) usual(code, level)
      }
      ours.push(handedOver - startedAt)
      baseline.push(performance.now() - handedOver)
    }
  } finally {
    await worker.destroy()
  }
  return {
    ...{ figure: `price book, ${products} x ${levels}, in a worker`, unit: 'ms', most: 1_000 },
    ...{ ours, baseline, baselineIs: 'every price by going through its rules, no worker' },
  }
}

function quoteMany(book: Book, quotes: number, destination: string): number {
  let sum = 0
  for (let n = 0; n < quotes; n++) {
    const code = `p${n % book.products.length}`
    const answer = quote(book, { code, level: n % 10, destination, nowMs })
    if ('price' in answer) sum = (sum + answer.price * answer.plan.length) % 1_000_000_007
  }
  return sum
}

/** As one would write it: rows by level and by product, rules filtered, the most specific one. */
function usualPrices({ products, mappings, rules }: CatalogueRows) {
  const byCode = new Map(products.map(one => [one.code, one]))
  const byLevel = Map.groupBy(rules, one => one.level)
  const byProduct = Map.groupBy(mappings, one => one.productCode)
  const places = ['product', 'brand', 'category', 'default']
  return (code: string, level: number): number => {
    const { brand, category } = byCode.get(code)!
    const targets: Record<string, string> = { product: code, brand, category, default: '' }
    const [rule] = byLevel
      .get(level)!
      .filter(one => targets[one.scope] === one.target)
      .sort((a, b) => places.indexOf(a.scope) - places.indexOf(b.scope))
    return markUp(Math.max(...byProduct.get(code)!.map(({ cost }) => cost)), rule!)
  }
}

/** Two suppliers each, a rule per level and brand, and one for every tenth product. */
function bigCatalogue(products: number): CatalogueRows {
  const levels = Array.from({ length: 10 }, (_, level) => level)
  const codes = Array.from({ length: products }, (_, n) => `P${n}`)
  const brandOf = (n: number) => (n % 3 === 0 ? 'TELKOMSEL' : n % 3 === 1 ? 'DANA' : '')
  return {
    products: codes.map((code, n) => ({
      code,
      name: `Product ${n}`,
      category: 'Pulsa',
      brand: brandOf(n),
      type: 'prepaid',
      destinationKind: 'phone',
      active: true,
      cutOffStart: '23:00',
      cutOffEnd: '00:30',
      timeZone: 'WIB',
      multi: false,
      twinMinutes: 10,
      pendingLimitS: 3_600,
      mayLose: false,
    })),
    suppliers: ['a', 'b'].map(code => ({ code, active: true })),
    mappings: codes.flatMap((productCode, n) =>
      ['a', 'b'].map((supplierCode, place) => ({
        productCode,
        supplierCode,
        sku: productCode.toLowerCase(),
        cost: 5_000 + ((n * 7_919) % 90_000) + place * 50,
        priority: place,
        active: true,
        supplied: true,
        stock: null,
        cutOffStart: null,
        cutOffEnd: null,
      })),
    ),
    rules: levels.flatMap(level => [
      rule(level, 'default', '', { percentBp: 0, fixed: 500 - 20 * level }),
      rule(level, 'brand', 'DANA', { percentBp: 130, fixed: 0 }),
      ...codes
        .filter((_, n) => n % 10 === 0)
        .map(target => rule(level, 'product', target, { percentBp: 77, fixed: 25 })),
    ]),
    prefixes: ['0811', '0812', '0813', '0821'].map(prefix => ({ prefix, brand: 'TELKOMSEL' })),
  }
}

function rule(
  level: number,
  scope: PriceRuleRecord['scope'],
  target: string,
  markup: Pick<PriceRuleRecord, 'percentBp' | 'fixed'>,
): PriceRuleRecord {
  return { userId: '', level, scope, target, ...markup, tiers: null }
}

if (import.meta.main) {
  const products = Number(process.argv[2] ?? 10_000)
  await run({ products: 100, quotes: 20_000, rounds: 1 })
  const found = await run({ products, quotes: 500_000, rounds: 5 })
  process.stdout.write(`${JSON.stringify(found)}\n`)
}
