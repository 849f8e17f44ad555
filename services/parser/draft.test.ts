import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { defaultRules } from './default-rules.ts'
import { draftOf, shapeOf } from './draft.ts'
import { RuleSet, rulesSchema } from './rules.ts'

const ref = 'L0192f0c4a1b27c3d8e4f5a6b7c8d9e0f-1'

test('draft: shapes: digits and references collapse, words do not (PAF1)', () => {
  const said = (n: number) =>
    `R#L0192f0c4a1b27c3d8e4f5a6b7c8d9e0${n}-1 S${n}.08${n}22 ok Saldo ${n}.000`
  equal(shapeOf(said(1)), shapeOf(said(7)))
  notEqual(shapeOf(said(1)), shapeOf(said(1).replace('ok', 'no')))
})

test('draft: a reply: what is recognised becomes groups (PAF2)', () => {
  const text = `T#77 R#${ref} Pulsa S5.082211112222 BERES, SN: AB/12.3 sisa saldo 12.500 (x2)`
  const draft = draftOf({ channel: 'reply', text })
  equal(draft.outcome, 'ignore')
  const set = new RuleSet(rulesSchema.parse([draft]))
  deepEqual(set.problems, [])
  deepEqual(set.match('reply', text)?.fields, {
    supplierId: '77',
    ref,
    product: 'S5',
    dest: '082211112222',
    sn: 'AB/12.3',
    balance: '12.500',
  })
  const other = text.replace('12.500', '9.999').replace('x2', 'x31').replace('T#77', 'T#1234')
  ok(set.match('reply', other))
  match(draft.regex, /BERES/)
})

test('draft: a name is given once, whatever the reply repeats (PAF3)', () => {
  const text = '082211112222 082211113333 saldo 1.000 saldo 2.000'
  const { regex } = draftOf({ channel: 'reply', text })
  equal(regex.match(/\?<tujuan>/g)!.length, 1)
  equal(regex.match(/\?<saldo>/g)!.length, 1)
})

test('draft: any reply: compiles and matches what it was made of (PAF2)', () => {
  const samples = fc.constantFrom(...defaultRules.map(({ sample }) => sample))
  const text = fc.oneof(fc.string({ minLength: 1, unit: 'binary' }), samples)
  fc.assert(
    fc.property(text, said => {
      const set = new RuleSet(rulesSchema.parse([draftOf({ channel: 'reply', text: said })]))
      deepEqual(set.problems, [])
      ok(set.match('reply', said))
    }),
  )
})
