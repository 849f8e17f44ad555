import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { defaultRules } from './default-rules.ts'
import { type RuleInput, RuleSet, rulesSchema } from './rules.ts'
import { readAnswer, readClaim } from './verdict.ts'

const ref = 'L0192f0c4a1b27c3d8e4f5a6b7c8d9e0f-1'
const asked = { ref, sku: 'S5', dest: '082211112222', maxPrice: 6_000, testing: false }
const published = new RuleSet(defaultRules)
const only = (given: Partial<RuleInput>) =>
  new RuleSet(
    rulesSchema.parse([
      {
        name: 'r',
        channels: ['reply', 'callback'],
        priority: 1,
        regex: 'R#(?<trxid>[\\w-]+) (?<kode>\\w+)\\.(?<tujuan>[\\w+*]+) OK(?: SN:(?<sn>\\w+))?',
        outcome: 'success',
        ...given,
      },
    ]),
  )
const read = (rules: RuleSet, text: string) => readAnswer(rules, { channel: 'reply', text, asked })
const why = (rules: RuleSet, text: string) => {
  const reading = read(rules, text)
  return reading.outcome === 'unknown' ? reading.why : reading.outcome
}

test('verdict: no rule: any text without one is unknown, never failed (PAC1)', () => {
  const word = fc.constantFrom('GAGAL', 'SUKSES', 'FAILED', 'saldo', ' ', 'x')
  fc.assert(
    fc.property(fc.array(word), words => {
      equal(why(published, words.join(' ')), 'no_rule')
    }),
  )
})

test('verdict: contradiction: another product, number or reference is unknown (PAC2)', () => {
  equal(why(only({}), `R#${ref} S5.082211112222 OK`), 'success')
  equal(why(only({}), `R#${ref.toUpperCase()} s5.082211112222 OK`), 'success')
  equal(why(only({}), `R#${ref}9 S5.082211112222 OK`), 'foreign_ref')
  equal(why(only({}), `R#${ref} S10.082211112222 OK`), 'foreign_sku')
  equal(why(only({}), `R#${ref} S5.082211112223 OK`), 'foreign_destination')
  equal(why(only({ outcome: 'failed' }), `R#${ref} S10.082211112222 OK`), 'foreign_sku')
})

test('verdict: serial: one that is too short makes the success unknown (PAC3)', () => {
  const rules = only({ sn: { lengthMin: 4 } })
  equal(why(rules, `R#${ref} S5.082211112222 OK SN:1234`), 'success')
  equal(why(rules, `R#${ref} S5.082211112222 OK SN:123`), 'sn_short')
  equal(why(rules, `R#${ref} S5.082211112222 OK`), 'sn_short')
})

test('verdict: outcomes: each becomes one reading of ours (PAC4)', () => {
  const said = `R#${ref} S5.082211112222 OK`
  const brief = (given: Partial<RuleInput>) => {
    const reading = read(only(given), said)
    return reading.outcome === 'failed'
      ? [reading.code, reading.retryable, reading.watch, reading.supplierTrouble].join()
      : reading.outcome
  }
  equal(brief({ outcome: 'failed' }), 'failed,true,false,false')
  equal(brief({ outcome: 'failed', retryable: false }), 'failed,false,false,false')
  equal(brief({ outcome: 'wrong_number' }), 'wrong_number,false,false,false')
  equal(brief({ outcome: 'no_balance' }), 'no_balance,true,false,true')
  equal(brief({ outcome: 'refund' }), 'refund,false,true,false')
  equal(brief({ outcome: 'pending' }), 'pending')
  equal(why(only({ outcome: 'ignore' }), said), 'ignored')
})

test('verdict: numbers: with country code or masked they are the same number (PAC5)', () => {
  equal(why(only({}), `R#${ref} S5.6282211112222 OK`), 'success')
  equal(why(only({}), `R#${ref} S5.+6282211112222 OK`), 'success')
  equal(why(only({}), `R#${ref} S5.0822****2222 OK`), 'success')
  equal(why(only({}), `R#${ref} S5.0822****9999 OK`), 'foreign_destination')
  equal(why(only({}), `R#${ref} S5.0822***2222 OK`), 'foreign_destination')
})

test('verdict: reports: parameters and groups must name the same order (PAC2)', () => {
  const text = `R#${ref} S5.082211112222 OK`
  const claim = readClaim(only({}), { text })
  equal(claim.verdict === 'report' && claim.ref, ref)
  equal(readClaim(only({}), { text, ref: 'other' }).verdict, 'garbled')
  const shouted = readClaim(only({}), { text: text.toUpperCase() })
  equal(shouted.verdict === 'report' && shouted.ref, ref)
  const silent = readClaim(only({}), { text: 'apa saja', ref })
  equal(silent.verdict === 'report' && silent.reading.outcome, 'unknown')
  equal(readClaim(only({}), { text: 'apa saja' }).verdict, 'garbled')
})

test('verdict: reports: an end for nobody’s number only makes us ask (PAC6)', () => {
  const ended = only({ regex: 'R#(?<trxid>[\\w-]+) OK' })
  const hint = { verdict: 'hint', ref, theirId: null, lane: null }
  deepEqual(readClaim(ended, { text: `R#${ref} OK` }), hint)
  equal(readClaim(ended, { text: `R#${ref} OK`, dest: '0812' }).verdict, 'report')
  const waiting = only({ regex: 'R#(?<trxid>[\\w-]+) OK', outcome: 'pending' })
  equal(readClaim(waiting, { text: `R#${ref} OK` }).verdict, 'report')
})
