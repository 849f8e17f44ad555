import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type DestinationKind, parseDestination } from './destination.ts'

const phone = fc
  .tuple(fc.integer({ min: 8, max: 11 }), fc.nat(99_999_999_999))
  .map(([length, n]) => `08${String(n).padStart(length, '0').slice(-length)}`)
const meter = fc
  .tuple(fc.constantFrom(11, 12), fc.nat(999_999_999_999))
  .map(([length, n]) => String(n).padStart(length, '0').slice(-length))

const noise = fc.array(
  fc.constantFrom(' ', '-', '.', '\u00a0', '\u2013', '\u200b', '\ufeff', '\u202d', '\u3000'),
  { maxLength: 3 },
)
const fullWidth = (digit: string) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)

/** The number as a person may have typed or pasted it. */
const typed = (digits: string) =>
  fc
    .array(fc.tuple(fc.boolean(), noise), { minLength: digits.length, maxLength: digits.length })
    .map(marks =>
      marks
        .map(([wide, after], n) => (wide ? fullWidth(digits[n]!) : digits[n]) + after.join(''))
        .join(''),
    )

const found = (text: string, kind: DestinationKind = 'phone') =>
  parseDestination(text, kind)?.destination

test('destination: any phone, any country code, any noise: one number (C31) (C32)', () => {
  const written = phone.chain(number =>
    fc
      .tuple(fc.constantFrom('0', '62', '+62', '8', '0062', '620'), noise, typed(number.slice(1)))
      .map(([head, gap, rest]) => {
        const start = head === '8' ? '' : head
        return { number, text: `${start}${gap.join('')}${rest}\r\n` }
      }),
  )
  fc.assert(
    fc.property(written, ({ number, text }) => {
      fc.pre(text.length <= 100)
      equal(found(text), number)
    }),
  )
})

test('destination: a pasted number: what a person calls the same is the same (C31) (C32)', () => {
  const same = [
    '081234567890',
    '+62 812-3456-7890',
    '62.812.3456.7890',
    '8123 4567 890',
    '０８１２３４５６７８９０',
    '＋６２８１２３４５６７８９０',
    '\u202a+62 812\u20113456\u20117890\u202c',
    '0812\u200b3456\u200b7890\n',
    '+62 0812 3456 7890',
  ]
  for (const text of same) equal(found(text), '081234567890', JSON.stringify(text))
})

test('destination: no Indonesian mobile number: refused (C32)', () => {
  const wrong = ['', '0', '08', '081234567', '08123456789012', '0212345678', '+6581234567', '+0812']
  const odd = ['08123456789o', '0812345678 ext 9', '08123,456789', '٠٨١٢٣٤٥٦٧٨٩', '2.081234567890']
  for (const text of [...wrong, ...odd, '8'.repeat(200)]) equal(found(text), undefined, text)
})

test('destination: whatever is accepted: is canonical and stays as it is (C33)', () => {
  const kinds = fc.constantFrom<DestinationKind>('phone', 'meter', 'account')
  const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), phone, meter)
  fc.assert(
    fc.property(texts, kinds, (text, kind) => {
      const once = parseDestination(text, kind)
      if (once === null) return
      deepEqual(parseDestination(once.destination, kind), { ...once, counter: 1 })
    }),
  )
})

test('destination: a meter: 11 or 12 digits, zeros and all (C34)', () => {
  fc.assert(
    fc.property(
      meter.chain(number => typed(number).map(text => ({ number, text }))),
      ({ number, text }) => equal(found(text, 'meter'), number),
    ),
  )
  equal(found('01234567890', 'meter'), '01234567890')
  for (const text of ['0123456789', '0123456789012', '+12345678901']) {
    equal(found(text, 'meter'), undefined)
  }
})

test('destination: a counter: is read from the end and is no part of the number (C35)', () => {
  const withCounter = (counter: number) => ({ destination: '081234567890', counter })
  deepEqual(parseDestination('0812-3456-7890#2', 'phone'), withCounter(2))
  deepEqual(parseDestination('081234567890 ＃ １２\n', 'phone'), withCounter(12))
  deepEqual(parseDestination('081234567890#1', 'phone'), withCounter(1))
  deepEqual(parseDestination('081234567890', 'phone'), withCounter(1))
  for (const tail of ['#', '#0', '#02', '#100', '#a', '##2', '#2#3']) {
    equal(parseDestination(`081234567890${tail}`, 'phone'), null, tail)
  }
})

test('destination: an account: keeps what means something there (C36)', () => {
  equal(found(' budi.santoso-1@example.co.id\n', 'account'), 'budi.santoso-1@example.co.id')
  equal(found('12345678 (1234)', 'account'), '12345678(1234)')
  equal(found('<b>x</b>', 'account'), undefined)
})
