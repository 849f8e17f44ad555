import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { recordOf } from './admin-tables.ts'
import { listProducts, quote } from './book.ts'
import { compile } from './compile.ts'
import { previewOf } from './price-preview.ts'
import { priceUnder, wrongIn } from './pricing.ts'
import { catalogue, mappingRow, productRow, ruleRow } from './rows.fixture.ts'

const noon = Date.UTC(2026, 0, 1, 5)
const priceOf = (rows: Parameters<typeof compile>[0], level: number, userId?: string) => {
  const who = userId === undefined ? {} : { userId }
  const order = { code: 'XLD10', level, destination: '087800001230', nowMs: noon, ...who }
  const answer = quote(compile(rows), order)
  return 'refused' in answer ? answer.refused : answer.price
}

test('pricing: whoever is more specific wins: client, level, and then what (KAB1)', () => {
  const mostGeneralFirst = [
    ruleRow({ fixed: 1 }),
    ruleRow({ scope: 'category', target: 'pulsa', fixed: 2 }),
    ruleRow({ scope: 'brand', target: 'xl', fixed: 3 }),
    ruleRow({ scope: 'product', target: 'xld10', fixed: 4 }),
    ruleRow({ level: 3, fixed: 5 }),
    ruleRow({ level: 3, scope: 'category', target: 'Pulsa', fixed: 6 }),
    ruleRow({ level: 3, scope: 'brand', target: 'XL', fixed: 7 }),
    ruleRow({ level: 3, scope: 'product', target: 'XLD10', fixed: 8 }),
    ruleRow({ userId: 'u1', fixed: 9 }),
    ruleRow({ userId: 'u1', scope: 'category', target: 'Pulsa', fixed: 10 }),
    ruleRow({ userId: 'u1', scope: 'brand', target: 'XL', fixed: 11 }),
    ruleRow({ userId: 'u1', scope: 'product', target: 'XLD10', fixed: 12 }),
  ]
  for (let count = 1; count <= mostGeneralFirst.length; count++) {
    const rows = catalogue({ rules: mostGeneralFirst.slice(0, count).reverse() })
    equal(priceOf(rows, 3, 'u1'), 10_000 + count)
    equal(priceOf(rows, 3), 10_000 + Math.min(count, 8))
    equal(priceOf(rows, 0, 'u2'), 10_000 + Math.min(count, 4))
  }
})

test('pricing: the list of a client with rules of its own: what it would pay (KAB3) (KAP2)', () => {
  const products = [productRow('XLD10'), productRow('DANA20', { brand: 'DANA' })]
  const mappings = products.map(({ code }) => mappingRow(code, 'a'))
  const own = ruleRow({ userId: 'u1', scope: 'brand', target: 'DANA', percentBp: 100 })
  const book = compile(catalogue({ products, mappings, rules: [ruleRow({ fixed: 500 }), own] }))
  const prices = (userId?: string) =>
    listProducts(book, 0, noon, { userId: userId ?? '' }).map(row => row.price)
  deepEqual([prices('u1'), prices(), prices('u2')].map(String), [
    '10500,10100',
    '10500,10500',
    '10500,10500',
  ])
})

test('pricing: tiers: the first that reaches the cost, else the rule itself (KAB2)', () => {
  const rule = {
    percentBp: 50,
    fixed: 0,
    tiers: [
      { up_to: 10_000, percent_bp: 0, fixed: 300 },
      { up_to: 50_000, percent_bp: 200, fixed: 0 },
    ],
  }
  deepEqual(
    [9_999, 10_000, 10_001, 50_000, 100_000].map(cost => priceUnder(cost, rule) - cost),
    [300, 300, 201, 1_000, 500],
  )
  const open = { ...rule, tiers: [...rule.tiers, { up_to: null, percent_bp: 0, fixed: 7 }] }
  equal(priceUnder(100_000, open), 100_007)
})

test('pricing: tiers that do not rise, and what is out of range: named (KAB2)', () => {
  const tiers = (...bounds: (number | null)[]) =>
    wrongIn(ruleRow({ tiers: bounds.map(up_to => ({ up_to, percent_bp: 0, fixed: 0 })) }))
  deepEqual(
    [tiers(1, 2, null), tiers(2, 2), tiers(null, 5), tiers(5, 1)].map(wrong => wrong === null),
    [true, false, false, false],
  )
  equal(wrongIn(ruleRow({ level: 10 })), 'out of range')
  equal(wrongIn(ruleRow({ tiers: [{ up_to: null, percent_bp: 1e9, fixed: 0 }] })) === null, false)
})

test('pricing: a rule that loses: nobody supplies it, unless the product may lose (C11)', () => {
  const rules = [ruleRow({ fixed: -100 })]
  equal(priceOf(catalogue({ rules }), 0), 'PRODUCT_UNSUPPLIED')
  equal(priceOf(catalogue({ rules, products: [productRow('XLD10', { mayLose: true })] }), 0), 9_900)
})

const field = (some: object) => ({
  user_id: '',
  level: 0,
  scope: 'default' as const,
  target: '',
  percent_bp: 0,
  fixed: 0,
  tiers: null,
  ...some,
})
const products = [
  productRow('XLD10'),
  productRow('DANA20', { brand: 'DANA' }),
  productRow('BIG', { brand: '' }),
]
const rows = catalogue({
  products,
  mappings: [
    mappingRow('XLD10', 'a', { cost: 10_000 }),
    mappingRow('DANA20', 'a', { cost: 20_000 }),
    mappingRow('BIG', 'a', { cost: 1_000_000 }),
  ],
  rules: [ruleRow({ fixed: 500 }), ruleRow({ level: 1, fixed: 300 })],
})
const levelOf = new Map([['u1', 1]])
const preview = (...changes: Parameters<typeof previewOf>[1]) => previewOf(rows, changes, levelOf)

test('preview: products and levels that move, each once; the biggest move (KAI1) (KAI2)', () => {
  const told = preview({ op: 'put', rule: field({ fixed: 1_500 }) })
  equal(told.products, 3)
  deepEqual(told.levels, [0, 2, 3, 4, 5, 6, 7, 8, 9])
  deepEqual(told.biggest, { product: 'XLD10', who: 'level 0', from: 10_500, to: 11_500 })
  deepEqual([told.belowCost, told.appearing, told.vanishing, told.clients], [0, 0, 0, []])
  deepEqual(preview({ op: 'put', rule: field({ fixed: 500 }) }).products, 0)
})

test('preview: a rule for one client: only that client moves (KAI1)', () => {
  const rule = field({ user_id: 'u1', scope: 'brand' as const, target: 'DANA', fixed: 100 })
  const told = preview({ op: 'put', rule })
  deepEqual([told.products, told.levels, told.clients], [1, [], ['u1']])
  deepEqual(told.biggest, { product: 'DANA20', who: 'client u1', from: 20_300, to: 20_100 })
})

test('preview: products that would be sold below cost: counted and named (KAI3)', () => {
  const rule = field({ scope: 'product' as const, target: 'BIG', fixed: -1 })
  const told = preview({ op: 'put', rule })
  deepEqual([told.belowCost, told.belowCostCodes], [1, ['BIG']])
})

test('preview: prices that go and come: told apart (KAI4)', () => {
  const told = preview({ op: 'remove', rule: field({}) })
  deepEqual([told.products, told.appearing, told.vanishing], [3, 0, 9 * 3])
  const back = previewOf(
    { ...rows, rules: [] },
    [{ op: 'put', rule: field({ fixed: 1 }) }],
    levelOf,
  )
  deepEqual([back.appearing, back.vanishing], [30, 0])
})

test('preview: any change: says what compiling it says (KAI1)', () => {
  const rule = fc.record({
    level: fc.nat(2),
    scope: fc.constantFrom('product' as const, 'brand' as const, 'category' as const),
    target: fc.constantFrom('XLD10', 'DANA', 'Pulsa', 'BIG'),
    fixed: fc.integer({ min: -500, max: 2_000 }),
  })
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), changes => {
      const proposed = changes.map(some => ({ op: 'put' as const, rule: field(some) }))
      const told = previewOf(rows, proposed, levelOf)
      const byName = new Map<string, ReturnType<typeof ruleRow>>()
      for (const { rule } of proposed) {
        byName.set(`${rule.level} ${rule.scope} ${rule.target}`, recordOf(rule))
      }
      const after = compile({ ...rows, rules: [...rows.rules, ...byName.values()] })
      const before = compile(rows)
      const moved = new Set<string>()
      for (let level = 0; level < 10; level++) {
        const old = new Map(listProducts(before, level, noon).map(row => [row.code, row.price]))
        for (const { code, price } of listProducts(after, level, noon)) {
          if (old.get(code) !== price) moved.add(code)
        }
      }
      equal(told.products, moved.size)
    }),
  )
})
