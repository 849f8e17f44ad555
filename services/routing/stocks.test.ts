import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Gauges } from './gauges.ts'
import { compileRouting } from './policy.ts'
import { Router } from './router.ts'
import { type Stock, Stocks } from './stocks.ts'

const pair = { product: 'P', supplier: 'a' }
const none: ReadonlyMap<number, number> = new Map()
const said = (stock: number, some = {}) => ({
  ...{ ...pair, stock, sinceMs: 1, used: 0, upTo: none },
  ...some,
})
const at = (seq: number, shard = 0) => ({ shard, seq })

function counted(stock: number, some = {}): { stocks: Stocks; stock: Stock } {
  const stocks = new Stocks()
  const one = stocks.add(pair, [])
  one.count(said(stock, some))
  return { stocks, stock: one }
}

test('stocks: chosen, out, back, delivered: each takes one, and gives it back once (STC1)', () => {
  const { stock } = counted(3)
  stock.choose('k1')
  stock.choose('k2')
  equal(stock.left, 1)
  stock.dispatched('k1', false)
  stock.settle('k1', true)
  stock.settle('k2', false)
  equal(stock.left, 2)
  stock.sold('k1', at(5))
  equal(stock.left, 2)
  stock.choose('k3')
  stock.dispatched('k3', false)
  stock.settle('k3', true)
  stock.back('k3')
  stock.back('k3')
  equal(stock.left, 2)
})

test('stocks: an order that comes twice: takes one, whoever of the two is durable (STC1)', () => {
  const { stock } = counted(2)
  stock.choose('k')
  stock.choose('k')
  equal(stock.left, 1)
  stock.dispatched('k', false)
  stock.settle('k', true)
  stock.settle('k', false)
  equal(stock.left, 1)
  stock.choose('k')
  stock.sold('k', at(9))
  stock.settle('k', false)
  equal(stock.left, 1)
})

test('stocks: later purchases: wait for one, and take it when they are let go (STC2)', () => {
  const { stock } = counted(2)
  for (const key of ['k1', 'k2', 'k3']) stock.dispatched(key, true)
  equal(stock.left, 0)
  const go = (key: string) => {
    const may = stock.hasFor(key)
    if (may) stock.letGo(key)
    return may
  }
  deepEqual(['k1', 'k2', 'k3', 'unheard'].map(go), [true, true, false, false])
  stock.back('k3')
  equal(stock.left, 0)
  stock.back('k1')
  deepEqual([stock.left, go('unheard'), stock.left], [1, true, 0])
  stock.dispatched('unheard', false)
  stock.sold('unheard', at(3))
  equal(stock.left, 0)
})

test('stocks: not counted yet, or lines missing: nothing is there (STC3)', () => {
  const stocks = new Stocks()
  const stock = stocks.add(pair, [{ ...pair, key: 'k', waits: false }])
  deepEqual([stock.left, stock.hasFor('k')], [0, false])
  stock.count(said(5))
  deepEqual([stock.left, stock.hasFor('other')], [4, true])
  stocks.isCurrent = () => false
  deepEqual([stock.left, stock.leftLast, stock.hasFor('other')], [0, 4, false])
  const later = stocks.add({ ...pair, supplier: 'b' }, [], Number.POSITIVE_INFINITY)
  deepEqual([later.left, later.hasFor('k')], [Number.POSITIVE_INFINITY, true])
})

test('stocks: delivered while it is read: once, by its place in the journal (STC4)', () => {
  const { stock } = counted(10, { used: 2, upTo: new Map([[0, 7]]) })
  stock.sold('before', at(7))
  stock.sold('after', at(8))
  stock.sold('elsewhere', at(1, 1))
  equal(stock.left, 6)
  stock.reading()
  stock.sold('k1', at(9))
  stock.sold('k2', at(10))
  equal(stock.left, 4)
  stock.count(said(20, { used: 3, upTo: new Map([[0, 9]]) }))
  equal(stock.left, 16)
})

test('stocks: no number: the choice keeps nothing, and asks nothing (STC5)', () => {
  const router = new Router(new Gauges(), compileRouting([], []))
  const candidates = ['a', 'b'].map(supplier => ({ supplier, cost: 10 }))
  const asking = { key: 'k', userId: 'u', price: 11, now: 1 }
  const lanes = router.lanes('P', candidates)
  equal(router.route(lanes, asking).stock, null)
  equal(lanes.stocks, null)
  const { stocks } = router.gauges
  const stock = stocks.add(pair, [])
  stock.count(said(1))
  const first = router.route(lanes, asking)
  deepEqual([first.plan, first.stock, first.first?.code], [null, stock, 'a'])
  const second = router.route(lanes, { ...asking, key: 'l' })
  deepEqual([second.plan, second.stock, second.why?.c[0]?.[5]], [[1], null, 'stock'])
  router.placed(first, false)
  equal(router.route(lanes, { ...asking, key: 'm' }).first?.code, 'a')
  const later = { ...asking, ...pair, cost: 10 }
  deepEqual(
    [router.bars(later), router.isGone('P', 'a'), router.isGone('P', 'b')],
    [...['stock', true], false],
  )
  stocks.remove(stock)
  equal(router.route(lanes, { ...asking, key: 'n' }).stock, null)
})

test('stocks: who shows them: at once when gone or back, else twice a minute (STC6)', () => {
  const { stocks, stock } = counted(3)
  const first = stocks.shown(100_000)
  stock.choose('k1')
  equal(stocks.shown(129_999), first)
  const second = stocks.shown(130_000)
  equal(second > first, true)
  equal(stocks.shown(200_000), second)
  stock.choose('k2')
  equal(stocks.shown(200_000) > second, true)
  const third = stocks.shown(200_001)
  stock.choose('k3')
  const gone = stocks.shown(200_002)
  equal(gone > third, true)
  stock.settle('k3', false)
  equal(stocks.shown(200_003) > gone, true)
})
