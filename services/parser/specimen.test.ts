import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { defaultRules } from './default-rules.ts'
import { type Rule, type RuleInput, RuleSet, ruleSchema, textLengthMax } from './rules.ts'
import { Specimens } from './specimen.ts'

const rule = (regex: string, more: Partial<RuleInput> = {}): Rule =>
  ruleSchema.parse({
    ...{ name: 'r', channels: ['reply'], priority: 1, regex, outcome: 'success' },
    ...more,
  })
const textsOf = (regex: string, more?: Partial<RuleInput>) => [
  ...new Specimens(rule(regex, more)).texts(),
]
const reads = (one: Rule, text: string) => new RuleSet([one]).match('reply', text) !== null

test('specimen: the rules that we ship: each reads what was made of it (PAS1)', () => {
  for (const shipped of defaultRules) {
    const texts = [...new Specimens(shipped).texts()]
    ok(texts.length > 1, shipped.name)
    const set = new RuleSet([shipped])
    for (const text of texts) ok(set.match(shipped.channels[0]!, text), `${shipped.name}: ${text}`)
  }
})

test('specimen: any expression: what is handed out is read, words that must be there too (PAS1)', () => {
  const atom = fc.constantFrom('a', 'SN', '\\d', '\\w', '.', '[^.]', '[x-z]', '\\b', ' ', '\\.')
  const part = fc.oneof(
    fc.tuple(atom, fc.constantFrom('', '', '?', '*', '+', '{2,3}', '*?')).map(of => of.join('')),
    fc.tuple(atom, atom).map(([one, other]) => `(?:${one}|${other})+`),
  )
  const words = fc.constantFrom<string[]>([], ['sisa'])
  const made = fc.tuple(fc.array(part, { minLength: 1, maxLength: 6 }), words, fc.boolean())
  fc.assert(
    fc.property(made, ([parts, mustContain, exactCase]) => {
      const one = rule(parts.join('').replaceAll('\\b*', 'a').replaceAll('\\b+', 'a'), {
        ...{ mustContain, exactCase },
      })
      if (new RuleSet([one]).problems.length > 0) return
      for (const text of new Specimens(one).texts()) ok(reads(one, text), `${one.regex}: ${text}`)
    }),
  )
  deepEqual(textsOf('^OK$', { mustContain: ['saldo'] }), [])
  deepEqual(textsOf('OK$', { mustContain: ['saldo'], exactCase: true }), ['saldo OK'])
  deepEqual(textsOf('[^\\x00-\\x{10FFFF}]'), [])
})

test('specimen: branches: every one is gone through, and fields in several lengths (PAS2)', () => {
  const texts = textsOf('(?:SUKSES|OK|lunas)(?: SN:\\d{2,})?', { exactCase: true })
  for (const word of ['SUKSES', 'OK', 'lunas', 'SN:11']) {
    ok(
      texts.some(text => text.includes(word)),
      word,
    )
  }
  const fields = textsOf('SN:(?<sn>\\w+)', { exactCase: true })
  for (const sn of ['1', 'a', '111111111111']) ok(fields.includes(`SN:${sn}`), sn)
})

test('specimen: bounds: number and length of texts, whatever the expression (PAS3)', () => {
  for (const regex of [
    '(?:a?){300}b',
    '(?:[a-z]\\d|x|y|z){40}',
    '(a*)*(b+)+',
    'x{900}(?:\\w+){3}',
  ]) {
    const texts = textsOf(regex)
    ok(texts.length <= 60)
    for (const text of texts) ok(text.length <= textLengthMax)
  }
})

test('specimen: words between: in each place that takes anything, and nowhere else (PAS4)', () => {
  const around = (regex: string) => [
    ...new Specimens(rule(regex, { exactCase: true })).around('GAGAL'),
  ]
  deepEqual(around('R#\\d .*OK (?<sn>[^.]*)\\.'), ['R#1  GAGAL OK .', 'R#1 OK  GAGAL .'])
  deepEqual(around('R#\\d+ SUKSES SN:\\w+'), [])
  equal(around('R#\\d [^A]*OK').length, 0)
})
