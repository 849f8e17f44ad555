import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { counted, dialects, fieldsOf, readOrder, readTicket } from './otomax-asked.ts'

const whole = 'memberID=M1&product=S10&dest=0812&refID=R1&sign=s'

test('otomax asked: names: whatever their case, from every dialect the same (OTQ1)', () => {
  const asked = { member: 'M1', product: 'S10', dest: '0812', ref: 'R1' }
  deepEqual(fieldsOf(whole, 'otomax'), { ...asked, sign: 's' })
  deepEqual(fieldsOf(whole.toLowerCase(), 'otomax')?.['member'], 'm1')
  const irs = 'id=M1&pin=1&user=u&pass=p&kodeproduk=S10&tujuan=0812&idtrx=R1'
  const proof = { pin: '1', user: 'u', password: 'p' }
  for (const dialect of ['irs', 'st24', 'sipas'] as const)
    deepEqual(fieldsOf(irs, dialect), { ...asked, ...proof })
  deepEqual(
    fieldsOf('idmember=M1&pin=1&user=u&password=p&produk=S10&tujuan=0812&reqid=R1', 'tiger'),
    { ...asked, ...proof },
  )
  const payuni = 'memberID=M1&pin=1&user=u&password=p&product=S10&dest=0812&refID=R1'
  for (const dialect of ['payuni', 'serpul'] as const)
    deepEqual(fieldsOf(payuni, dialect), { ...asked, ...proof })
  equal(Object.keys(dialects).length, 7)
})

test('otomax asked: a name twice: refused when the values differ (OTQ1)', () => {
  equal(fieldsOf(`${whole}&dest=0813`, 'otomax'), null)
  equal(fieldsOf(`${whole}&DEST=0813`, 'otomax'), null)
  equal(fieldsOf('id=M1&id=M2', 'irs'), null)
  deepEqual(fieldsOf(`${whole}&dest=0812`, 'otomax'), fieldsOf(whole, 'otomax'))
})

test('otomax asked: names of other dialects, and ours: mean nothing here (OTQ1)', () => {
  const asked = fieldsOf(`${whole}&ref=other&member=M2&tujuan=0899&idtrx=R2`, 'otomax')
  deepEqual([asked?.['ref'], asked?.['member'], asked?.['dest']], ['R1', 'M1', '0812'])
  deepEqual(fieldsOf('id=M1&dest=0899&password=x&tujuan=0812', 'irs'), {
    member: 'M1',
    dest: '0812',
  })
})

test('otomax asked: plus signs: a space, but not where a number begins (OTQ2)', () => {
  const destOf = (query: string) => fieldsOf(query, 'otomax')?.['dest']
  equal(destOf('dest=+6281200000001'), '+6281200000001')
  equal(destOf('dest=%2B6281200000001'), '+6281200000001')
  equal(destOf('dest=0812+0000+0001'), '0812 0000 0001')
  equal(destOf('dest=0812%200000'), '0812 0000')
  equal(fieldsOf('sign=a+b/c==', 'otomax')?.['sign'], 'a b/c==')
})

test('otomax asked: repeats: every way means the same counter (OTQ3)', () => {
  const again = { dest: '081200000001', counter: 2 }
  deepEqual(counted('2.081200000001', undefined), again)
  deepEqual(counted('081200000001', '2'), again)
  deepEqual(counted('081200000001#2', undefined), again)
  deepEqual(counted('081200000001-2', undefined), again)
  deepEqual(counted('2.081200000001', '2'), again)
  deepEqual(counted('2.081200000001', '1'), again)
  deepEqual(counted('081200000001', ''), { dest: '081200000001', counter: 1 })
  equal(counted('2.081200000001', '3'), null)
  equal(counted('081200000001', '0'), null)
})

test('otomax asked: numbers with dots and dashes: are numbers, not counters (OTQ3)', () => {
  for (const dest of [
    '62.81200000001',
    '0812.0000.0001',
    '0812-0000-0001',
    '08120000-2',
    '+62.812',
  ])
    deepEqual(counted(dest, undefined), { dest, counter: 1 })
})

test('otomax asked: what is no text: refused whole (OTQ4)', () => {
  for (const query of ['dest=08%00', 'dest=%zz', 'dest=%C3%28', '%00=1', 'dest=08%0a', 'a%0d=1'])
    equal(fieldsOf(query, 'otomax'), null, query)
  const many = Array.from({ length: 41 }, (_, n) => `a${n}=1`).join('&')
  equal(fieldsOf(many, 'otomax'), null)
  deepEqual(fieldsOf('', 'otomax'), {})
  deepEqual(fieldsOf('__proto__=1&constructor=2', 'otomax')?.['member'], undefined)
})

test('otomax asked: shapes: each wrong field is refused (OTQ4)', () => {
  const fields = { member: 'M1', product: 'S10', dest: '0812', ref: 'R1' }
  equal(readOrder(fields)?.ref, 'R1')
  const wrong: readonly Record<string, string>[] = [
    ...[{ member: '' }, { member: 'a b' }, { product: '' }, { product: 'S 10' }, { dest: '' }],
    ...[{ ref: '' }, { ref: ' R1' }, { ref: 'R'.repeat(65) }, { counter: 'x' }, { counter: '100' }],
    ...[{ maxprice: '1.000' }, { testing: 'maybe' }, { dest: 'é' }],
  ]
  for (const change of wrong)
    equal(readOrder({ ...fields, ...change }), null, JSON.stringify(change))
  for (const amount of ['', '0', '-1', '1e3', '1.000', '01', '9'.repeat(13)])
    equal(readTicket({ member: 'M1', amount }), null)
})

test('otomax asked: any query, any number: read or refused, never thrown (OTQ4)', () => {
  const piece = fc.constantFrom(
    ...[
      'dest=',
      'memberID=',
      '&',
      '=',
      '%',
      '%00',
      '+',
      '#',
      '.',
      '-',
      '2',
      '0812',
      'é',
      '[]',
      '\n',
    ],
  )
  const text = fc.array(fc.oneof(piece, fc.string()), { maxLength: 20 }).map(all => all.join(''))
  fc.assert(
    fc.property(text, query => {
      const fields = fieldsOf(query, 'otomax')
      if (fields === null) return
      for (const value of Object.values(fields)) equal(/\p{Cc}/u.test(value), false)
      readOrder(fields)
      const repeat = counted(fields['dest'] ?? '', fields['counter'])
      equal(repeat === null || (repeat.counter >= 1 && repeat.counter <= 99), true)
    }),
    { numRuns: 500 },
  )
})
