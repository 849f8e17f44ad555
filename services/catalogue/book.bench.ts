/**
 * How long it takes to compile a big catalogue, to hand it from the worker to the serving thread,
 * and to quote an order. Run by hand: `node services/catalogue/book.bench.ts [products]`.
 */

import { createHash } from 'node:crypto'
import { deserialize, serialize } from 'node:v8'
import type { CatalogueRows, PriceRuleRecord } from '../../sql/catalogue.ts'
import { type Book, quote } from './book.ts'
import { compile } from './compile.ts'

export type BenchResult = {
  readonly products: number
  readonly compileMs: number
  readonly handOverMs: number
  readonly quoteNs: number
  readonly pastedQuoteNs: number
  /** Over all answers: speed is not bought with meaning. */
  readonly hash: string
}

const nowMs = Date.UTC(2026, 0, 1, 5)

export function run({ products, quotes }: { products: number; quotes: number }): BenchResult {
  const rows = bigCatalogue(products)
  const compiled = timed(() => compile(rows))
  const book = compiled.value
  const copy = serialize(book)
  const handedOver = timed(() => deserialize(copy) as Book)
  const plain = timed(() => quoteMany(handedOver.value, quotes, '081234567890'))
  const pasted = timed(() => quoteMany(book, quotes, '+62 812-3456-7890\n'))
  const hash = createHash('sha256').update(`${plain.value} ${pasted.value}`).digest('hex')
  return {
    products,
    compileMs: Math.round(compiled.ms),
    handOverMs: Math.round(handedOver.ms),
    quoteNs: Math.round((plain.ms * 1e6) / quotes),
    pastedQuoteNs: Math.round((pasted.ms * 1e6) / quotes),
    hash: hash.slice(0, 16),
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

function timed<T>(work: () => T): { value: T; ms: number } {
  const startedAt = performance.now()
  const value = work()
  return { value, ms: performance.now() - startedAt }
}

if (import.meta.main) {
  const products = Number(process.argv[2] ?? 10_000)
  run({ products: 100, quotes: 100_000 })
  process.stdout.write(`${JSON.stringify(run({ products, quotes: 1_000_000 }), null, 2)}\n`)
}
