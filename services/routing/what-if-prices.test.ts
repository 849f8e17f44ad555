import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { catalogue, mappingRow, productRow, ruleRow } from '../catalogue/rows.fixture.ts'
import { compileRouting } from './policy.ts'
import { compare, Recorded } from './what-if.ts'
import { pricesOf, readPrices, rowsUnder } from './what-if-prices.ts'

const rows = catalogue({
  products: [productRow('XLD10'), productRow('XLD20')],
  mappings: [
    mappingRow('XLD10', 'a', { cost: 10_000 }),
    mappingRow('XLD10', 'b', { cost: 10_200 }),
    mappingRow('XLD20', 'a', { cost: 20_000 }),
  ],
  rules: [ruleRow({ fixed: 500 }), ruleRow({ level: 2, fixed: 300 })],
})
const levels = new Map([['gold', 2]])
const markup = (fixed: number, some = {}) => ({
  op: 'put',
  rule: { scope: 'default', fixed, ...some },
})
function proposalOf(told: { prices?: unknown; costs?: unknown }) {
  const read = readPrices(told)
  ok('proposal' in read && read.proposal !== null)
  return read.proposal
}
const under = (told: { prices?: unknown; costs?: unknown }) =>
  pricesOf(rowsUnder(rows, proposalOf(told)), levels)

test('what-if prices: what is not named: is today’s, level by level (RSF1)', () => {
  const today = pricesOf(rows, levels)
  deepEqual(
    [today.priceOf('xld10', 'anybody'), today.priceOf('XLD10', 'gold'), today.priceOf('NONE', 'x')],
    [10_700, 10_500, null],
  )
  const proposed = under({
    prices: [markup(900)],
    costs: [{ product_code: 'XLD20', supplier_code: 'a', cost: 19_000 }],
  })
  deepEqual(
    [proposed.priceOf('XLD10', 'anybody'), proposed.priceOf('XLD10', 'gold')],
    [11_100, 10_500],
  )
  deepEqual([proposed.priceOf('XLD20', 'x'), proposed.costOf('XLD20', 'a')], [19_900, 19_000])
  deepEqual([proposed.costOf('XLD10', 'b'), proposed.costOf('XLD10', 'c')], [10_200, null])
})

test('what-if prices: a proposal that can’t be: says where; none at all is none (RSF2)', () => {
  deepEqual(readPrices({}), { proposal: null })
  for (const [told, where] of [
    [{ prices: [{ op: 'put', rule: { scope: 'everything' } }] }, /^prices\.0/],
    [{ costs: [{ product_code: 'A', supplier_code: 'a', cost: 0.5 }] }, /^costs\.0\.cost/],
    [{ costs: 'x' }, /^costs/],
  ] as const) {
    const read = readPrices(told)
    ok('problem' in read && where.test(read.problem), JSON.stringify(read))
  }
})

/** So many orders of XLD10 by `user`, all delivered by `a` for 10,000 at 10,700. */
function recordedOf(count: number, user = 'anybody'): Recorded {
  const recorded = new Recorded()
  for (let n = 0; n < count; n++) {
    const plan = [
      ['a', 'sku', 10_000, 10_700, 0, 0],
      ['b', 'sku', 10_200, 10_700, 0, 0],
    ]
    const placed = { type: 'placed', user, product: 'XLD10', price: 10_700, plan }
    const about = { kind: 'order', id: `o${n}` }
    recorded.add({ ...about, at: 1_000, events: [placed] } as never, `k${n}`)
    const events = [{ type: 'delivered', n: 1, cost: 10_000, via: 'reply' }]
    recorded.add({ ...about, at: 1_500, events } as never, `k${n}`)
  }
  return recorded
}
const table = compileRouting([], [])
const told = (recorded: Recorded, proposal: { prices?: unknown; costs?: unknown }) =>
  compare(recorded, {
    ...{ today: table, proposed: table },
    books: { today: pricesOf(rows, levels), proposed: under(proposal) },
  })

test('what-if: a dearer price book: the margin grows by as much, success stays (RTK5)', () => {
  const { recorded, today, proposed, repriced, unsold, moved } = told(recordedOf(10), {
    prices: [markup(900)],
  })
  deepEqual([recorded.margin, today.margin, proposed.margin], [7_000, 7_000, 11_000])
  deepEqual([repriced, unsold, moved], [10, 0, 0])
  equal(proposed.successBp, today.successBp)
})

test('what-if: another cost at one supplier: prices and margins follow the book (RTK5)', () => {
  const { today, proposed, repriced } = told(recordedOf(10), {
    costs: [{ product_code: 'XLD10', supplier_code: 'b', cost: 10_400 }],
  })
  deepEqual([today.margin, proposed.margin, repriced], [7_000, 9_000, 10])
})

test('what-if: a price below every cost: not sold, and earns nothing (RSF3, RTK5)', () => {
  const { proposed, unsold } = told(recordedOf(4), { prices: [markup(-600)] })
  deepEqual([unsold, proposed.margin, proposed.successBp, proposed.orders], [4, 0, 0, 4])
})

test('what-if: the first supplier’s cost above the price: the next one sells (RSF3, RTK5)', () => {
  const { proposed, moved, unsold } = told(recordedOf(4, 'gold'), {
    prices: [markup(-100, { level: 2 })],
    costs: [{ product_code: 'XLD10', supplier_code: 'a', cost: 10_300 }],
  })
  deepEqual([moved, unsold], [4, 0])
  equal(proposed.margin, 0)
})
