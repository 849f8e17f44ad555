import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Stocks } from '../routing/stocks.ts'
import { isCutOff, listProducts, minuteOfDay, named, type QuoteParams, quote } from './book.ts'
import { makePriceLists } from './catalogue.service.ts'
import { compile } from './compile.ts'
import { catalogue, mappingRow, productRow, ruleRow } from './rows.fixture.ts'

/** 12:00 in Jakarta. */
const noon = Date.UTC(2026, 0, 1, 5)
const at = (hour: number, minute: number) => noon + ((hour - 12) * 60 + minute) * 60_000

const book = compile(
  catalogue({
    products: [
      productRow('XLD10'),
      productRow('BENCH10', { brand: '', multi: true }),
      productRow('DANA20', { brand: 'DANA' }),
      productRow('PLN20', {
        brand: 'PLN',
        destinationKind: 'meter',
        cutOffStart: '23:45',
        cutOffEnd: '00:15',
      }),
      productRow('OFF', { active: false }),
      productRow('NOBODY'),
      productRow('RESTING'),
      productRow('LOSS', { mayLose: true }),
      productRow('TSEL10', { brand: 'Telkomsel' }),
    ],
    mappings: [
      ...['XLD10', 'BENCH10', 'DANA20', 'PLN20', 'OFF', 'TSEL10'].map(code =>
        mappingRow(code, 'a'),
      ),
      mappingRow('RESTING', 'a', { active: false }),
      mappingRow('LOSS', 'a', { cost: 9_000 }),
      mappingRow('LOSS', 'b'),
    ],
    rules: [ruleRow({ fixed: 500 }), ruleRow({ scope: 'product', target: 'LOSS', fixed: -300 })],
    prefixes: [
      { prefix: '0878', brand: 'XL' },
      { prefix: '0812', brand: 'TELKOMSEL' },
      { prefix: '08125', brand: 'XL' },
      { prefix: '0899', brand: 'TRI' },
    ],
  }),
)

const ask = (code: string, some: Partial<QuoteParams> = {}) =>
  quote(book, { code, level: 0, destination: '087800001230', nowMs: noon, ...some })

function refusal(code: string, some: Partial<QuoteParams> = {}) {
  const answer = ask(code, some)
  return 'refused' in answer ? answer.refused : null
}

function granted(code: string, some: Partial<QuoteParams> = {}) {
  const answer = ask(code, some)
  if ('refused' in answer) throw new Error(answer.refused)
  return answer
}

test('book: a quote: price, canonical destination, counter and plan (C11)', () => {
  const { price, destination, counter, plan, twinMinutes, multi, pendingLimitS } = granted(
    'XLD10',
    {
      destination: '+62 878-0000-1230 #2',
    },
  )
  deepEqual(
    { price, destination, counter },
    { price: 10_500, destination: '087800001230', counter: 2 },
  )
  deepEqual(plan, [['a', 'a-xld10', 10_000, 10_500]])
  deepEqual(
    { twinMinutes, multi, pendingLimitS },
    { twinMinutes: 10, multi: false, pendingLimitS: 3600 },
  )
})

test('book: a code in any case: the same product, by its own name (C7)', () => {
  for (const code of ['XLD10', 'xld10', 'Xld10']) equal(granted(code).product.code, 'XLD10')
  for (const code of ['', 'XLD1', 'XLD100', 'constructor', '__proto__', 'x'.repeat(10_000)]) {
    equal(refusal(code), 'PRODUCT_UNKNOWN')
  }
})

test('book: what an order names: the same while it is refused, and when it is not (KAP3)', () => {
  const meant = { product: 'XLD10', destination: '087800001230' }
  for (const destination of [
    '087800001230',
    '+62 878-0000-1230',
    '6287800001230',
    '8 7800001230#2',
  ])
    deepEqual(named(book, { product: 'xld10', destination }), meant)
  deepEqual(
    named(book, { product: 'off', destination: '6287800001230' }).destination,
    '087800001230',
  )
  deepEqual(named(book, { product: 'XLD10', destination: 'x' }).destination, 'x')
  const unknown = { product: 'gone', destination: '62 878' }
  deepEqual(named(book, unknown), { product: 'GONE', destination: '62 878' })
})

test('book: a cut-off over midnight: closed from its start, open at its end (C8)', () => {
  const meter = { destination: '12345678901' }
  const isOpen = (nowMs: number) => refusal('PLN20', { ...meter, nowMs }) === null
  deepEqual([at(23, 44), at(23, 45), at(23, 59), at(24, 0), at(24, 14), at(24, 15)].map(isOpen), [
    true,
    false,
    false,
    false,
    false,
    true,
  ])
  const closed = ask('PLN20', { ...meter, nowMs: at(23, 50) })
  deepEqual('details' in closed && closed.details['opens'], '00:15')
  equal(refusal('OFF'), 'PRODUCT_CLOSED')
})

test('book: any window: closed exactly in the minutes it covers (C8)', () => {
  const minute = fc.nat(1_439)
  fc.assert(
    fc.property(minute, minute, (cutOffStart, cutOffEnd) => {
      const covered = new Set<number>()
      for (let m = cutOffStart; m !== cutOffEnd; m = (m + 1) % 1_440) covered.add(m)
      for (let m = 0; m < 1_440; m++) {
        equal(isCutOff({ cutOffStart, cutOffEnd }, m), covered.has(m))
      }
    }),
  )
})

test('book: the minute of the day: is that of a clock in Jakarta (C8)', () => {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Asia/Jakarta',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('2100-01-01') }), date => {
      fc.pre(!Number.isNaN(date.getTime()))
      const [hour, minute] = clock.format(date).split(':')
      equal(minuteOfDay(date.getTime()), Number(hour) * 60 + Number(minute))
    }),
  )
})

test('book: a number of another operator, or of none: refused (C9)', () => {
  equal(refusal('XLD10', { destination: '081234567890' }), 'PREFIX_MISMATCH')
  equal(refusal('XLD10', { destination: '080012345678' }), 'PREFIX_MISMATCH')
  const answer = ask('XLD10', { destination: '089912345678' })
  deepEqual('details' in answer && answer.details, { expected: 'XL', actual: 'TRI' })
})

test('book: two prefixes fit: the longer one decides (C9)', () => {
  equal(refusal('TSEL10', { destination: '081234567890' }), null)
  equal(refusal('TSEL10', { destination: '081254567890' }), 'PREFIX_MISMATCH')
  equal(refusal('XLD10', { destination: '081254567890' }), null)
})

test('book: a brand without prefixes, or none: takes any mobile number (C9)', () => {
  for (const code of ['DANA20', 'BENCH10']) {
    equal(refusal(code, { destination: '081234567890' }), null)
    equal(refusal(code, { destination: '0212345678' }), 'DESTINATION_INVALID')
  }
  equal(refusal('PLN20', { destination: '087800001230' }), null)
  equal(refusal('PLN20', { destination: '0878000012301' }), 'DESTINATION_INVALID')
})

test('book: the price went up: refused with the price it would be (C10)', () => {
  equal(refusal('XLD10', { maxPrice: 10_500 }), null)
  deepEqual(ask('XLD10', { maxPrice: 10_499 }), {
    refused: 'PRICE_ABOVE_MAX',
    details: { price: 10_500, max_price: 10_499 },
  })
})

test('book: a product that may lose: its dearer supplier stays, at its listed cost (C11)', () => {
  const { price, plan } = granted('LOSS')
  equal(price, 9_700)
  deepEqual(plan, [
    ['a', 'a-loss', 9_000, 9_700],
    ['b', 'b-loss', 10_000, 10_000],
  ])
})

test('book: nobody supplies it: refused, and listed as closed when a price is known (C12)', () => {
  equal(refusal('NOBODY'), 'PRODUCT_UNSUPPLIED')
  equal(refusal('RESTING'), 'PRODUCT_UNSUPPLIED')
  const rows = listProducts(book, 0, noon)
  equal(rows.find(row => row.code === 'RESTING')?.open, false)
  equal(
    rows.find(row => row.code === 'NOBODY'),
    undefined,
  )
})

test('book: the price list: says what is open at this minute (C8) (C12)', () => {
  const isOpen = (code: string, nowMs: number) =>
    listProducts(book, 0, nowMs).find(row => row.code === code)?.open
  deepEqual([isOpen('PLN20', noon), isOpen('PLN20', at(23, 50))], [true, false])
  deepEqual([isOpen('OFF', noon), isOpen('XLD10', noon)], [false, true])
  const pln = listProducts(book, 0, noon).find(row => row.code === 'PLN20')
  deepEqual([pln?.cutOffStart, pln?.cutOffEnd], ['23:45', '00:15'])
})

test('book: the price list of a level: is made once per book and minute (C23)', () => {
  let now = noon
  let version = 1
  const productsOf = makePriceLists({
    shelf: { book: () => book, version: () => version },
    now: () => now,
  })
  const first = productsOf(0)
  equal(productsOf(0), first)
  equal(productsOf(77), first)
  now += 60_000
  const second = productsOf(0)
  equal(second === first, false)
  version++
  equal(productsOf(0) === second, false)
})

test('book: counted stock: what all who sell it have, unlimited if one has; gone is closed (C12) (KAQ2)', () => {
  const rows = catalogue({
    mappings: [mappingRow('XLD10', 'a', { stock: 5 }), mappingRow('XLD10', 'b', { priority: 2 })],
  })
  const own = compile(rows)
  const stocks = new Stocks()
  let now = noon
  const productsOf = makePriceLists({
    shelf: { book: () => own, version: () => 1 },
    ...{ stocks, now: () => now },
  })
  const shown = () => {
    const row = productsOf(0).find(({ code }) => code === 'XLD10')
    return [row?.open, row?.stock]
  }
  const counted = (supplier: string, stock: number) => {
    const one = stocks.add({ product: 'XLD10', supplier }, [])
    one.count({ product: 'XLD10', supplier, stock, sinceMs: 1, used: 0, upTo: new Map() })
    return one
  }
  const a = counted('a', 5)
  deepEqual(shown(), [true, undefined])
  const b = counted('b', 1)
  now += 60_000
  deepEqual(shown(), [true, 6])
  const list = productsOf(0)
  for (const key of ['k1', 'k2']) a.choose(key)
  equal(productsOf(0), list)
  now += 29_000
  equal(productsOf(0), list)
  now += 1_000
  deepEqual(shown(), [true, 4])
  b.choose('k3')
  deepEqual(shown(), [true, 3])
  for (const key of ['k4', 'k5', 'k6']) a.choose(key)
  deepEqual(shown(), [false, 0])
  b.settle('k3', false)
  deepEqual(shown(), [true, 1])
})

test('book: a supplier out of hours: passed over until they end (C8)', () => {
  const rows = catalogue({
    mappings: [
      mappingRow('XLD10', 'a', { priority: 1, cutOffStart: '23:00', cutOffEnd: '01:00' }),
      mappingRow('XLD10', 'b', { priority: 2, cutOffStart: '23:30', cutOffEnd: '00:30' }),
    ],
  })
  const own = compile(rows)
  const who = (nowMs: number) => {
    const order = { code: 'XLD10', level: 0, destination: '087800001230', nowMs }
    const answer = quote(own, order)
    return 'refused' in answer ? answer.refused : answer.plan.map(([supplier]) => supplier).join()
  }
  deepEqual([at(22, 59), at(23, 0), at(23, 30), at(24, 30), at(25, 0)].map(who), [
    'a,b',
    'b',
    'PRODUCT_UNSUPPLIED',
    'b',
    'a,b',
  ])
  deepEqual(
    [at(23, 0), at(23, 30)].map(nowMs => listProducts(own, 0, nowMs)[0]?.open),
    [true, false],
  )
})

test('book: hours in another zone: on its own clock, shown on ours (KAO2)', () => {
  const hours = { cutOffStart: '00:30', cutOffEnd: '01:30' }
  for (const [timeZone, start] of [
    ['WIB', [24, 30]],
    ['WITA', [23, 30]],
    ['WIT', [22, 30]],
  ] as const) {
    const own = compile(catalogue({ products: [productRow('XLD10', { ...hours, timeZone })] }))
    const opens = at(start[0], start[1])
    const open = (nowMs: number) => listProducts(own, 0, nowMs)[0]?.open
    deepEqual(
      [opens - 1, opens, opens + 3_599_999, opens + 3_600_000].map(open),
      [true, false, false, true],
      timeZone,
    )
    const shown = listProducts(own, 0, noon)[0]?.cutOffStart
    equal(shown, `${String(start[0] % 24).padStart(2, '0')}:30`)
  }
})

test('book: a prefix changes hands: at its moment, in the same book (KAP1)', () => {
  const turn = at(24, 0)
  const own = compile(
    catalogue({
      products: [productRow('XLD10'), productRow('TSEL10', { brand: 'TELKOMSEL' })],
      mappings: ['XLD10', 'TSEL10'].map(code => mappingRow(code, 'a')),
      prefixes: [
        { prefix: '0878', brand: 'XL' },
        { prefix: '0878', brand: 'TELKOMSEL', validFromMs: turn },
        { prefix: '0878', brand: '', validFromMs: turn + 1_000 },
        { prefix: '0812', brand: 'TELKOMSEL' },
        { prefix: '0817', brand: 'XL' },
      ],
    }),
  )
  const takes = (code: string, nowMs: number) =>
    !('refused' in quote(own, { code, level: 0, destination: '087800001230', nowMs }))
  deepEqual(
    [turn - 1, turn, turn + 1_000].map(nowMs => [takes('XLD10', nowMs), takes('TSEL10', nowMs)]),
    [
      [true, false],
      [false, true],
      [false, false],
    ],
  )
})

test('book: an operator whose first prefix is still to come: takes any number (KAP1)', () => {
  const turn = at(24, 0)
  const prefixes = [{ prefix: '0878', brand: 'XL', validFromMs: turn }]
  const own = compile(catalogue({ prefixes }))
  const order = { code: 'XLD10', level: 0, destination: '081234567890' }
  equal('refused' in quote(own, { ...order, nowMs: turn - 1 }), false)
  equal('refused' in quote(own, { ...order, nowMs: turn }), true)
})

test('book: a client with rules of its own: quoted by them (KAP2)', () => {
  const rules = [ruleRow({ fixed: 500 }), ruleRow({ userId: 'u1', percentBp: 100 })]
  const own = compile(catalogue({ rules }))
  const order = { code: 'XLD10', level: 0, destination: '087800001230', nowMs: noon }
  const prices = ['u1', 'u2'].map(userId => {
    const answer = quote(own, { ...order, userId })
    return 'price' in answer && answer.price
  })
  deepEqual(prices, [10_100, 10_500])
})
