import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { defaultRules } from './default-rules.ts'
import { channels, type RuleInput, RuleSet, rulesSchema, textLengthMax } from './rules.ts'

const rule = (given: Partial<RuleInput>): RuleInput => ({
  name: 'r',
  channels: ['reply'],
  priority: 1,
  regex: 'SUKSES',
  outcome: 'success',
  ...given,
})
const setOf = (...rules: Partial<RuleInput>[]) => new RuleSet(rulesSchema.parse(rules.map(rule)))
const problemOf = (regex: string) => setOf({ regex }).problems[0]?.problem ?? null

test('rules: priority: the lowest number decides, of equals the first (PAA1)', () => {
  const set = setOf(
    { name: 'last', priority: 9, outcome: 'pending' },
    { name: 'first', priority: 2, outcome: 'failed' },
    { name: 'second', priority: 2 },
  )
  equal(set.match('reply', 'x SUKSES')?.rule.name, 'first')
  deepEqual(
    set.matches('reply', 'x SUKSES').map(({ rule }) => rule.name),
    ['first', 'second', 'last'],
  )
})

test('rules: words and channels: a rule without its words or out of its channel is silent (PAA2)', () => {
  const set = setOf({ mustContain: ['Saldo', 'sn'], channels: ['reply', 'status'] })
  equal(set.match('reply', 'SUKSES'), null)
  equal(set.match('callback', 'SUKSES SN SALDO'), null)
  ok(set.match('status', 'SUKSES SN SALDO'))
})

test('rules: expressions: what would need to go back is refused with a sentence (PAA3)', () => {
  match(problemOf('(?=SUKSES)x')!, /look-ahead/)
  match(problemOf('(?<!BELUM )SUKSES')!, /look-behind/)
  match(problemOf('(a)\\1')!, /back-references/)
  match(problemOf('(?<n>a)\\k<n>')!, /back-references/)
  match(problemOf('(?>a)')!, /atomic/)
  match(problemOf('a++')!, /possessive/)
  equal(problemOf('\\p{Lu}+ \\x{41}+ \\[+'), null)
  match(problemOf('(?<open-close>x)')!, /balancing/)
  match(problemOf('(')!, /missing/)
  match(problemOf('((a{1,900}){1,900})')!, /repeat|large/)
  equal(problemOf("R#(?'trxid'\\w+) [+*]+ \\(\\?= \\\\"), null)
  equal(problemOf('[(?=]+ \\++'), null)
})

test('rules: all together: what grows too large is refused from there on (PAA3)', () => {
  const many = Array.from({ length: 100 }, (_, priority) => ({ priority, regex: 'a{500}' }))
  const { problems } = setOf(...many)
  ok(problems.length > 0 && problems.length < 100)
  ok(problems.every(({ problem }) => /together/.test(problem)))
})

test('rules: hostile expressions: no text makes them go back, so all end (PAA3)', () => {
  const hostile = ['(.+)+$', '(a|a)*b', '(a+)+b', '(.*)*x', '([a-z]+)*\\d', '(.+)+SUKSES']
  const set = setOf(...hostile.map((regex, priority) => ({ regex: `^${regex}`, priority })))
  deepEqual(set.problems, [])
  // An engine that goes back needs 2^2000 steps here; that this test ends is the proof.
  const found = set.matches('reply', `${'a'.repeat(2_000)}!`)
  deepEqual(
    found.map(({ rule }) => rule.regex),
    ['^(.+)+$'],
  )
})

test('rules: long texts: what lies behind the stored part is not seen (PAA4)', () => {
  const set = setOf({})
  equal(set.match('reply', `${' '.repeat(textLengthMax)}SUKSES`), null)
  ok(set.match('reply', 'SUK\u0000SES\nSUKSES\r\nx'))
  ok(setOf({ regex: 'a b' }).match('reply', 'a\r\nb'))
})

test('rules: bills: told in a channel of their own, which ends no order (PAA6)', () => {
  const regex = 'TAG (?<nama>\\w+) (?<amount>\\d+) (?<admin>\\d+) (?<total>\\d+)'
  const words = { name: 'bill', priority: 1, regex, outcome: 'success' as const }
  const set = new RuleSet(rulesSchema.parse([{ ...words, channels: ['inquiry'] }]))
  const text = 'TAG BUDI 95000 2500 97500'
  const fields = { customer: 'BUDI', bill: '95000', admin: '2500', total: '97500' }
  deepEqual(set.match('inquiry', text)?.fields, fields)
  for (const channel of channels) {
    if (channel !== 'inquiry') equal(set.match(channel, text), null)
  }
  const replies = new RuleSet(rulesSchema.parse([{ ...words, channels: ['reply', 'status'] }]))
  equal(replies.match('inquiry', text), null)
})

test('rules: groups: the names in use are known, others must be explained (PAA5)', () => {
  const regex = '(?<kode>\\w+)\\.(?<msisdn>\\d+) SN:(?<keterangan1>.+?) ID:(?<punyaku>\\w+)'
  match(setOf({ regex }).problems[0]!.problem, /punyaku/)
  const set = setOf({ regex, groups: { punyaku: 'ref' }, sn: { strip: '[ -]' } })
  deepEqual(set.match('reply', 'S5.0812 SN:12-34 56 ID:ab')?.fields, {
    product: 'S5',
    dest: '0812',
    sn: '123456',
    ref: 'ab',
  })
})

test('rules: any text: matching never throws, and the deciding rule is among all (PAA1)', () => {
  const set = new RuleSet(defaultRules)
  const word = fc.constantFrom(
    'R#',
    'SUKSES',
    'GAGAL',
    '. ',
    'SN/Ref: ',
    'Saldo ',
    '1.000',
    'S5.0812',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(word).map(words => words.join('')),
  )
  fc.assert(
    fc.property(text, fc.constantFrom('reply', 'status', 'callback', 'inbox'), (said, channel) => {
      const all = set.matches(channel, said)
      deepEqual(set.match(channel, said)?.rule ?? null, all[0]?.rule ?? null)
    }),
  )
})
