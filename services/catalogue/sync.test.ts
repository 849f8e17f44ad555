import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { findChanges, type ListedSku, type SyncedMapping } from './sync.ts'
import { askPriceList, readPriceList } from './sync-digiflazz.ts'

const calm = { sharePercent: 20, movePercent: 10, offPercent: 20 }
const line = (sku: string, some: Partial<ListedSku> = {}): ListedSku => ({
  sku,
  cost: 10_000,
  stock: null,
  supplied: true,
  ...some,
})
const mapping = (sku: string, some: Partial<SyncedMapping> = {}): SyncedMapping => ({
  productCode: sku.toUpperCase(),
  sku,
  cost: 10_000,
  stock: null,
  supplied: true,
  ...some,
})
const ten = Array.from({ length: 10 }, (_, n) => `s${n}`)

test('sync: cost, stock and status: what differs, with what was there before (KAJ1) (KAJ4)', () => {
  const list = [line('S0', { cost: 10_100 }), line('s1', { stock: 5 }), line('s2'), line('other')]
  const { changes, counts, wild } = findChanges(
    list,
    ['s0', 's1', 's2'].map(sku => mapping(sku)),
    {
      ...calm,
    },
  )
  const before = { cost: 10_000, stock: null, supplied: true }
  deepEqual(changes, [
    { product: 'S0', before, after: { ...before, cost: 10_100 } },
    { product: 'S1', before, after: { ...before, stock: 5 } },
  ])
  deepEqual([counts.costs, counts.stocks, counts.off, wild], [1, 1, 0, null])
})

test('sync: not on the list: not supplied; back on it: supplied again (KAJ2)', () => {
  const mappings = [...ten.slice(1).map(sku => mapping(sku)), mapping('s0', { supplied: false })]
  const { changes, counts } = findChanges(
    ten.slice(0, 9).map(sku => line(sku)),
    mappings,
    calm,
  )
  deepEqual(
    changes.map(({ product, after }) => [product, after.supplied]),
    [
      ['S9', false],
      ['S0', true],
    ],
  )
  deepEqual([counts.off, counts.on], [1, 1])
})

test('sync: a stock that is listed as it was: said anew; what is not listed is not (KAJ5)', () => {
  const mappings = ['s0', 's1', 's2', 's3'].map(sku => mapping(sku, { stock: 5 }))
  const list = [line('S0', { stock: 5 }), line('s1', { stock: 4 }), line('s2', { cost: null })]
  deepEqual(findChanges(list, mappings, calm).restocked, ['S0'])
  deepEqual(findChanges([line('s0')], [mapping('s0')], calm).restocked, [])
})

test('sync: twice on the list, or unreadable: left as it is and counted (KAJ2)', () => {
  const list = [
    ...[line('s0', { cost: 1 }), line('S0', { cost: 2 })],
    ...[line('s1', { cost: null }), line('s2', { stock: undefined }), line('s3', { cost: 1e12 })],
  ]
  const { changes, counts } = findChanges(
    list,
    ten.slice(0, 4).map(sku => mapping(sku)),
    calm,
  )
  deepEqual([changes, counts.unreadable], [[], 4])
})

test('sync: the guard: a few big moves pass, many do not; small ones always (KAJ3)', () => {
  const mappings = ten.map(sku => mapping(sku))
  const moved = (count: number, cost: number) =>
    findChanges(
      ten.map((sku, n) => line(sku, n < count ? { cost } : {})),
      mappings,
      calm,
    ).wild
  equal(moved(2, 50_000), null)
  equal(moved(3, 50_000), '3 dari 10 harga berubah lebih dari 10%.')
  equal(moved(3, 5_000) === null, false)
  equal(moved(10, 11_000), null)
  equal(moved(10, 11_001) === null, false)
})

test('sync: the guard: an empty list, or many gone: waits for a person (KAJ3)', () => {
  const mappings = ten.map(sku => mapping(sku))
  const gone = '10 dari 10 produk tidak lagi disediakan pemasok.'
  equal(findChanges([], mappings, calm).wild, gone)
  const without = (count: number) =>
    findChanges(
      ten.slice(count).map(sku => line(sku)),
      mappings,
      calm,
    ).wild
  deepEqual([without(2), without(3) === null], [null, false])
  equal(findChanges([], [], calm).wild, null)
})

const row = {
  buyer_sku_code: 'xld10',
  price: 10_500,
  unlimited_stock: true,
  stock: 0,
  buyer_product_status: true,
  seller_product_status: true,
}
const readRow = (some: object) => {
  const answer = readPriceList(JSON.stringify({ data: [{ ...row, ...some }] }))
  return 'list' in answer ? answer.list[0] : answer
}

test('sync digiflazz: the request: signed as the reference says (KAK1)', () => {
  const { body, path } = askPriceList({ username: 'user', apiKey: 'key' })
  equal(path, '/price-list')
  deepEqual(JSON.parse(body!), {
    cmd: 'prepaid',
    username: 'user',
    sign: '6870b202c286b430a1f8a6744d48a862',
  })
})

test('sync digiflazz: rows: numbers or digits, both statuses, stock when limited (KAK2) (KAK3)', () => {
  deepEqual(readRow({}), { sku: 'xld10', cost: 10_500, stock: null, supplied: true })
  deepEqual(readRow({ price: '10500', unlimited_stock: false, stock: '7' }), {
    ...{ sku: 'xld10', cost: 10_500, stock: 7, supplied: true },
  })
  for (const price of [10.5, '10.500', '', null, -1, {}]) {
    deepEqual((readRow({ price }) as ListedSku).cost, null)
  }
  equal((readRow({ unlimited_stock: false, stock: 'many' }) as ListedSku).stock, undefined)
  for (const status of ['buyer_product_status', 'seller_product_status']) {
    equal((readRow({ [status]: false }) as ListedSku).supplied, false)
    equal((readRow({ [status]: 'true' }) as ListedSku).supplied, false)
  }
  deepEqual(readRow({ buyer_sku_code: 7 }), undefined)
})

test('sync digiflazz: no array under data: refused with its code; 83 is too often (KAK1)', () => {
  const of = (text: string) => {
    const answer = readPriceList(text)
    return 'refused' in answer ? answer.refused : answer.list.length
  }
  equal(of('{"data":{"rc":"83","message":"limit"}}'), 'too_often')
  equal(of('{"data":{"rc":"41"}}'), 'rc_41')
  equal(of('{"data":[]}'), 0)
  equal(of('<html>'), 'not_json')
  for (const text of ['null', '[]', '{}', '{"data":"x"}', '{"data":{}}'])
    equal(of(text), 'not_a_list')
})
