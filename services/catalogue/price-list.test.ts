import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { priceIn } from './price-list.ts'
import { readPriceList } from './sync-atlantic.ts'
import { readServices, vipPriceList } from './sync-vip.ts'

test('price list: a price: whole rupiah however it is written, or not read (RSG1)', () => {
  for (const [told, read] of [
    [10_350, 10_350],
    ['10350', 10_350],
    ['10.350', 10_350],
    ['Rp 1,010,350', 1_010_350],
    ['Rp. 10.350,00', 10_350],
    ['10350.00', 10_350],
    ['0', 0],
  ] as const) {
    equal(priceIn(told), read, String(told))
  }
  for (const told of ['', '10.35', '10,3505', '1.0350.000', '10350.5', '1e5', '-5', 'x', null]) {
    equal(priceIn(told), null, String(told))
  }
  for (const told of [-1, 10.5, Number.NaN, 2 ** 60, undefined, {}, []]) equal(priceIn(told), null)
})

test('price list: any text of a price: never another number than its digits say (RSG1)', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.,Rp '), maxLength: 20 }), text => {
      const read = priceIn(text)
      if (read === null) return
      const digits = text.replace(/[.,]00\s*$/, '').replace(/\D/g, '')
      equal(read, Number(digits))
    }),
  )
})

const credentials = { apiId: 'id', apiKey: 'key', level: 'Premium' }
const service = (code: string, some = {}) => ({
  ...{ code, status: 'available', price: { basic: 10_000, premium: 9_900, special: 9_800 } },
  ...some,
})
const told = (...data: unknown[]) => JSON.stringify({ result: true, data, message: '' })
const premium = { prefix: '', level: 'premium' }

test('vip price list: the price of our level; without one nothing is read (RSH1)', () => {
  const text = told(service('A'), service('B', { price: '7.500' }))
  const costs = (level: string) => {
    const answer = readServices(text, { prefix: 'game/', level })
    return 'list' in answer ? answer.list.map(({ sku, cost }) => [sku, cost]) : answer
  }
  deepEqual(costs('premium'), [
    ['game/A', 9_900],
    ['game/B', 7_500],
  ])
  deepEqual(costs(''), [
    ['game/A', null],
    ['game/B', 7_500],
  ])
})

test('vip price list: what is asked: only lists that our skus stand on (RSG2, RSH1)', () => {
  const paths = (...skus: string[]) =>
    vipPriceList.askings(credentials, skus).map(({ request }) => request.path)
  deepEqual(paths(), ['/prepaid'])
  deepEqual(paths('A', 'game/ML5'), ['/prepaid', '/game-feature'])
  deepEqual(paths('game/ML5'), ['/game-feature'])
  const [{ request } = { request: null }] = vipPriceList.askings(credentials, [])
  deepEqual(Object.fromEntries(new URLSearchParams(request!.body)), {
    ...{ key: 'key', type: 'services', sign: '160ea53313c882bb91b9b8b6ce968b2d' },
  })
})

test('vip price list: status: sold or not; another word can’t be read (RSH2)', () => {
  const answer = readServices(
    told(service('A'), service('B', { status: 'empty' }), service('C', { status: '' }), 'x', {}),
    premium,
  )
  deepEqual('list' in answer && answer.list.map(({ stock, supplied }) => [stock, supplied]), [
    [null, true],
    [null, false],
    [undefined, false],
  ])
})

test('vip price list: no list: told why (RSH3)', () => {
  const refused = (text: string) => readServices(text, premium)
  deepEqual(refused('<html>'), { refused: 'not_json' })
  deepEqual(refused('[]'), { refused: 'not_a_list' })
  deepEqual(refused('{"result":true,"data":null}'), { refused: 'not_a_list' })
  deepEqual(refused('{"result":false,"data":null,"message":"hm"}'), { refused: 'refused' })
})

test('atlantic price list: lists however their truth is written, refusals by code (RSI1, RSI2)', () => {
  const row = { code: 'A', price: '10.350', status: 'available' }
  const line = { sku: 'A', cost: 10_350, stock: null, supplied: true }
  for (const status of [true, 'true', 1]) {
    deepEqual(readPriceList(JSON.stringify({ status, data: [row] })), { list: [line] })
  }
  const odd = { ...row, status: 'gangguan' }
  deepEqual(readPriceList(JSON.stringify({ status: true, data: [odd, null] })), {
    list: [{ ...line, stock: undefined, supplied: false }],
  })
  for (const [answer, refused] of [
    [{ status: false, code: 401 }, 'code_401'],
    [{ status: 'maybe', data: [row] }, 'refused'],
    [{ status: true, data: {} }, 'not_a_list'],
    ['<html>', 'not_json'],
  ] as const) {
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer)
    deepEqual(readPriceList(text), { refused })
  }
})
