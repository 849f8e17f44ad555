import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type Grammar,
  grammarShape,
  mask,
  payBillCommand,
  understand,
  usualGrammar,
} from './grammar.ts'

const codes = new Set(['S5', 'S10', 'X10', 'ML-5', 'PLN20000'])
const isProduct = (code: string) => codes.has(code.toUpperCase())
const read = (text: string, grammar: Grammar = usualGrammar) =>
  understand(text, grammar, isProduct).items
const buy = (product: string, destination: string, counter = 1, pin = '123456') => ({
  type: 'buy',
  product,
  destination,
  counter,
  pin,
})
const unclear = (why: string, command: string | null = 'buy') => ({ type: 'unclear', why, command })

test('grammar: separators: points, stars, hashes, spaces, and marks at the ends (CHA3)', () => {
  for (const text of [
    'S10.081234567890.123456',
    's10*081234567890*123456',
    'S10#081234567890#123456',
    'S10 081234567890 123456',
    '*S10*081234567890*123456#',
    '  S10 . 081234567890 . 123456.',
    'S10.０８１２34567890.12３456',
  ]) {
    deepEqual(read(text), [buy('S10', '081234567890')], text)
  }
  deepEqual(read('S10.0812 3456-7890.123456'), [buy('S10', '0812 3456-7890')])
})

test('grammar: repeats: at the end, behind the product, with a hash (CHA5)', () => {
  for (const text of [
    'S10.081234567890.123456.2',
    'S10-2.081234567890.123456',
    'S10.081234567890.123456#2',
    'S10 081234567890 123456 #2',
    'S10 081234567890 123456 2',
    'S10.081234567890#2.123456',
    'S10 081234567890#2 123456',
    'S10.081234567890 # 2 . 123456',
    '*S10*081234567890#2*123456#',
  ]) {
    deepEqual(read(text), [buy('S10', '081234567890', 2)], text)
  }
  deepEqual(read('ML-5.12345678.123456'), [buy('ML-5', '12345678')])
  deepEqual(read('ML-5-3.12345678.123456'), [buy('ML-5', '12345678', 3)])
  for (const text of [
    'S10-2.081234567890.123456.3',
    'S10.081234567890#2.123456.3',
    'S10-2.081234567890#2.123456',
    'S10.081234567890#2.123456#2',
    'S10#2.081234567890.123456',
    'S10#0812345#67#123456',
    'S10.0812345.67.123456',
  ]) {
    deepEqual(read(text), [unclear('fields')], text)
  }
  const own = grammarShape.parse({
    separators: '/',
    order: { buy: ['destination', 'product', 'pin'] },
  })
  deepEqual(read('081234567890#5/S10/123456', own as Grammar), [buy('S10', '081234567890', 5)])
})

test('grammar: several orders: the PIN at the end is for all that have none (CHA4)', () => {
  const both = [buy('S5', '081234567890'), buy('X10', '087812345678', 2)]
  deepEqual(read('S5.081234567890,X10.087812345678.123456.2'), both)
  deepEqual(read('S5.081234567890;X10.087812345678.2;123456'), both)
  deepEqual(read('S5.081234567890.123456\n\nX10.087812345678.123456.2\n'), both)
  deepEqual(read('S5.081234567890,halo,X10.087812345678.123456.2'), [
    both[0],
    unclear('unknown', null),
    both[1],
  ])
  deepEqual(read('S5.081234567890.111111,X10.087812345678.123456'), [
    unclear('pins_differ'),
    unclear('pins_differ'),
  ])
  deepEqual(read('S5.081234567890.123456,X10.087812345678'), [
    buy('S5', '081234567890'),
    unclear('pin_missing'),
  ])
})

test('grammar: bills, states and money as well take the PIN at the end (CHA4)', () => {
  const pin = '123456'
  deepEqual(read('BAYAR.S5.530000000001,CEK.081234567890,D.50000;123456'), [
    { type: 'payBill', product: 'S5', destination: '530000000001', pin },
    { type: 'status', destination: '081234567890', pin },
    { type: 'ticket', amount: 50_000, pin },
  ])
  deepEqual(read('CEK.S5.530000000001,CEK.081234567890.123456'), [
    { type: 'bill', product: 'S5', destination: '530000000001', pin },
    { type: 'status', destination: '081234567890', pin },
  ])
  deepEqual(read('CEK.081234567890,S5.081234567890'), [
    unclear('pin_missing', 'status'),
    unclear('pin_missing'),
  ])
  deepEqual(read('GP.222222,123456'), [unclear('fields', 'changePin')])
})

test('grammar: what could mean two things is asked about (CHA2)', () => {
  const cases: readonly (readonly [string, object])[] = [
    ['S10.123456.081234567890', unclear('pin_shape')],
    ['081234567890.S10.123456', unclear('product')],
    ['S10.S10.123456', unclear('destination')],
    ['S10.X10.123456', unclear('destination')],
    ['S10.0812.345.678.123456', unclear('fields')],
    ['S10..123456', unclear('destination')],
    ['S10.081234567890', unclear('pin_missing')],
    ['beli S10 081234567890 123456', unclear('fields')],
    ['S10 0812 3456 7890 123456', unclear('fields')],
    ['halo selamat 1234', unclear('product')],
    ['halo', unclear('unknown', null)],
    ['S.1234.5678', unclear('fields', 'balance')],
    ['CEK.081234567890', unclear('fields', 'status')],
    ['GP.123456.baru', unclear('pin_shape', 'changePin')],
    ['', unclear('unknown', null)],
    ['x'.repeat(1_001), unclear('too_long', null)],
    [Array(21).fill('S10.081234567890.123456').join('\n'), unclear('too_many', null)],
  ]
  for (const [text, item] of cases) deepEqual(read(text), [item], text)
})

test('grammar: words: each command with its synonyms (CHA3)', () => {
  deepEqual(read('s.123456'), [{ type: 'balance', pin: '123456' }])
  deepEqual(read('h.0812'), [{ type: 'prices', query: '0812' }])
  deepEqual(read('CH.S10'), [{ type: 'prices', query: 'S10' }])
  deepEqual(read('H.S10.123456'), [{ type: 'prices', query: 'S10' }])
  const status = { type: 'status', destination: '081234567890', pin: '123456' }
  deepEqual(read('cek.081234567890.123456'), [status])
  deepEqual(read('KOMPLAIN.T12.123456'), [{ type: 'complain', trx: '12', pin: '123456' }])
  const id = '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e881'
  deepEqual(read(`K.${id.toUpperCase()}.123456`), [{ type: 'complain', trx: id, pin: '123456' }])
  deepEqual(read('TIKET.250000.123456'), [{ type: 'ticket', amount: 250_000, pin: '123456' }])
  const sent = { type: 'transfer', to: 'LJ0A1B', amount: 50_000, pin: '123456' }
  deepEqual(read('t.LJ0A1B.50000.123456'), [sent])
  deepEqual(read('D.50rb.123456'), [unclear('amount', 'ticket')])
  deepEqual(read('?'), [{ type: 'help' }])
})

test('grammar: no PIN: money and orders are not shown, prices and the menu are (CHA8)', () => {
  for (const word of ['S', 'saldo', 'S.']) {
    deepEqual(read(word), [unclear('pin_missing', 'balance')], word)
  }
  deepEqual(read('S;123456'), [{ type: 'balance', pin: '123456' }])
  deepEqual(read('S,S10.081234567890.123456')[0], { type: 'balance', pin: '123456' })
  for (const text of ['CEK.081234567890', 'K.12', 'D.50000', 'T.LJ0A1B.50000', 'GP.222222']) {
    equal(read(text)[0]?.type, 'unclear', text)
  }
  deepEqual(read('H.0812'), [{ type: 'prices', query: '0812' }])
  deepEqual(read('MENU'), [{ type: 'help' }])
})

test('grammar: an own dialect: words, marks and order of another server (CHA3)', () => {
  const own = grammarShape.parse({
    separators: '/',
    between: '|',
    words: { balance: ['cek saldo', 'QS'].slice(1), status: ['INFO'] },
    order: { buy: ['destination', 'product', 'pin'], changePin: ['next', 'pin'] },
  }) as Grammar
  deepEqual(read('081234567890/S10/123456|087812345678/X10/123456/2', own), [
    buy('S10', '081234567890'),
    buy('X10', '087812345678', 2),
  ])
  deepEqual(read('qs/123456', own), [{ type: 'balance', pin: '123456' }])
  deepEqual(read('GP/222222/111111', own), [{ type: 'changePin', pin: '111111', next: '222222' }])
  for (const wrong of [
    { words: { balance: ['X'], status: ['x'] } },
    { separators: 'a' },
    { separators: ',' },
    { order: { buy: ['product', 'pin'] } },
    { words: { fly: ['F'] } },
  ]) {
    equal(grammarShape.safeParse(wrong).success, false, JSON.stringify(wrong))
  }
})

test('grammar: bills: looked at and paid, also by the word for a status (CHA9)', () => {
  const bill = { type: 'bill', product: 'S5', destination: '530000000001', pin: '123456' }
  for (const text of ['TAGIHAN.s5.530000000001.123456', 'inq S5 530000000001 123456']) {
    deepEqual(read(text), [bill], text)
  }
  deepEqual(read('CEK.S5.530000000001.123456'), [bill])
  deepEqual(read('bayar*S5*530000000001*123456'), [{ ...bill, type: 'payBill' }])
  deepEqual(read('BAYAR.NONE.530000000001.123456'), [unclear('product', 'payBill')])
  deepEqual(read('BAYAR.S5.12.123456'), [unclear('destination', 'payBill')])
  deepEqual(read('BAYAR.S5.530000000001'), [unclear('fields', 'payBill')])
  deepEqual(read('CEK 0812 3456 123456'), [unclear('fields', 'status')])
})

test('grammar: bills in an own dialect: its words, and how it tells them (CHA9)', () => {
  const own = grammarShape.parse({
    separators: '/',
    words: { ticket: ['TAG', 'pay'] },
    order: { payBill: ['destination', 'product', 'pin'] },
  }) as Grammar
  deepEqual([own.words.bill, own.words.payBill], [['TAGIHAN', 'INQ'], ['BAYAR']])
  deepEqual(read('TAG/50000/123456', own), [{ type: 'ticket', amount: 50_000, pin: '123456' }])
  const bill = { product: 'S5', destination: '530000000001' }
  equal(payBillCommand(own, bill), 'BAYAR/530000000001/S5/PIN')
  deepEqual(read('BAYAR/530000000001/S5/123456', own), [
    { ...bill, type: 'payBill', pin: '123456' },
  ])
  equal(payBillCommand(usualGrammar, bill), 'BAYAR.S5.530000000001.PIN')
  const none = grammarShape.parse({ words: { payBill: [] } }) as Grammar
  equal(payBillCommand(none, bill), '')
})

test('grammar: changing the PIN: only alone (CHA7)', () => {
  deepEqual(read('GP.111111.222222'), [{ type: 'changePin', pin: '111111', next: '222222' }])
  deepEqual(read('GP.111111.222222,S10.081234567890.111111')[0], unclear('alone', 'changePin'))
})

test('grammar: the masked text: no PIN is left in it (CHA6)', () => {
  const shown = (text: string) => understand(text, usualGrammar, isProduct).masked
  equal(shown('S10.081234567890.123456'), 'S10.081234567890.****')
  equal(shown('PLN20000.12345678901.123456.2'), 'PLN20000.12345678901.****.2')
  equal(shown('pin saya 12 34-56 ya, PIN123456'), 'pin saya **** ya, PIN****')
  equal(shown('GP.123456.654321'), 'GP.****.****')
  equal(shown('１２３４５６'), '****')
  const id = '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e881'
  equal(mask(`K.${id}.123456`), `K.${id}.****`)
  const around = fc.string({ unit: 'grapheme', maxLength: 30 })
  const mark = fc.constantFrom('.', '*', '#', ' ', ',', ';', '\n', 'x', '(', '')
  fc.assert(
    fc.property(around, mark, mark, around, (before, left, right, after) => {
      const typed = `${before.replace(/[\d ０-９-]/gu, '')}${left}583921${right}${after}`
      const { masked } = understand(typed, usualGrammar, isProduct)
      if (/^[\d ０-９-]/u.test(right + after)) return
      ok(!/(?<!\d)583921(?!\d)/.test(masked), masked)
    }),
  )
})

test('grammar: anything typed: a verdict per part, and never a purchase of nothing (CHA1)', () => {
  const bit = fc.oneof(
    fc.constantFrom(
      'S10',
      '081234567890',
      '123456',
      '.',
      '*',
      '#',
      ' ',
      ',',
      '\n',
      'S',
      'GP',
      '-2',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  )
  fc.assert(
    fc.property(fc.array(bit, { maxLength: 30 }), bits => {
      const { items, masked } = understand(bits.join(''), usualGrammar, isProduct)
      ok(items.length > 0 && items.length <= 20 && masked.length <= 1_100)
      for (const item of items) {
        if (item.type !== 'buy') continue
        ok(isProduct(item.product) && !isProduct(item.destination))
        ok(/^\d{4,8}$/.test(item.pin) && item.destination.length >= 5)
        ok(item.counter >= 1 && item.counter <= 99)
      }
    }),
  )
})
