import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { defaultRules } from './default-rules.ts'
import { inAllChannels, lint } from './lint.ts'
import { type RuleInput, rulesSchema } from './rules.ts'

const kinds = (rules: readonly Partial<RuleInput>[], samples: string[] = []) => {
  const whole = rules.map((rule, at) => ({
    ...{ name: `r${at}`, channels: ['reply'] as const, priority: at, regex: 'x' },
    ...{ outcome: 'pending' as const, ...rule },
  }))
  return lint(rulesSchema.parse(whole), samples.flatMap(inAllChannels)).map(
    ({ rule, kind }) => `${rule} ${kind}`,
  )
}

test('lint: the rules that we ship: nothing to say', () => {
  deepEqual(lint(defaultRules), [])
})

test('lint: what does not compile is told, and hides nothing else (PAE1)', () => {
  deepEqual(kinds([{ regex: '(?=a)' }, { regex: 'a(?<x>b)' }, { regex: 'ok' }]), [
    'r0 not_compiled',
    'r1 not_compiled',
  ])
})

test('lint: rules that never win: the same, a wider one, a sample taken away (PAE2)', () => {
  deepEqual(kinds([{ regex: 'OK \\d+' }, { regex: 'OK \\d+' }]), ['r1 never_wins'])
  deepEqual(kinds([{ regex: 'SUKSES' }, { regex: 'sudah pernah SUKSES' }]), ['r1 never_wins'])
  deepEqual(kinds([{ regex: '.*' }, { regex: '\\d' }]), ['r1 never_wins'])
  deepEqual(kinds([{ regex: 'a\\w+' }, { regex: 'ab?c\\d', sample: 'abc1' }]), ['r1 never_wins'])
  deepEqual(kinds([{ regex: 'b', sample: 'a' }]), ['r0 sample_unmatched'])
  deepEqual(kinds([{ regex: 'abc', channels: ['callback'] }, { regex: 'abc' }]), [])
  deepEqual(kinds([{ regex: 'abc' }, { regex: '(?:abc)?d' }]), [])
  deepEqual(kinds([{ regex: 'abc' }, { regex: 'abc|d' }]), [])
})

test('lint: two readings of one reply: SUKSES in a refusal, GAGAL in a name (PAE3)', () => {
  const success = { regex: '(?<tujuan>\\d+) .*SUKSES', outcome: 'success' as const, priority: 2 }
  const failed = { regex: 'GAGAL', outcome: 'failed' as const, priority: 1 }
  const said = ['0812 GAGAL, sudah pernah SUKSES', 'Paket GAGAL-MOVE-ON 0812 SUKSES']
  equal(kinds([success, failed]).length, 0)
  deepEqual(kinds([success, failed], said), ['r1 conflict', 'r1 conflict'])
})

test('lint: no reply yet: texts that one rule describes and another reads differently (PAE5)', () => {
  const told = (...rules: Partial<RuleInput>[]) =>
    kinds(rules).filter(one => one.endsWith('conflict'))
  const failed = { outcome: 'failed' as const }
  // A word of one rule stands where the other takes any word.
  deepEqual(told({ regex: 'Status: \\w+' }, { regex: 'Status: Habis', ...failed }), ['r0 conflict'])
  // A code of two digits begins with one of the others.
  deepEqual(told({ regex: 'kode=2', ...failed }, { regex: 'kode=20' }), ['r0 conflict'])
  // Only the longer serial number is in both; only one of the branches is.
  deepEqual(told({ regex: 'OK \\d+' }, { regex: 'K \\d{5,}', ...failed }), ['r0 conflict'])
  deepEqual(told({ regex: 'OK|GANGGUAN|LUNAS' }, { regex: 'gangguan', ...failed }), ['r0 conflict'])
  // The words that must be there are in it, too.
  const words = { regex: 'trx gagal', mustContain: ['saldo'], ...failed }
  deepEqual(told({ regex: 'gagal.* saldo' }, words), ['r0 conflict'])
  // Nothing in common, the same meaning, or never heard together.
  deepEqual(told({ regex: 'R#\\d+ OK' }, { regex: 'R#\\d+ GAGAL', ...failed }), [])
  deepEqual(told({ regex: 'gagal', ...failed }, { regex: 'trx gagal', outcome: 'no_balance' }), [])
  deepEqual(told({ regex: 'trx', channels: ['callback'] }, { regex: 'trx gagal', ...failed }), [])
})

test('lint: no reply yet: told once for two rules, with a text that both read (PAE5)', () => {
  const rules = rulesSchema.parse([
    { name: 'any', channels: ['reply'], priority: 1, regex: 'Status: \\w+', outcome: 'pending' },
    { name: 'off', channels: ['reply'], priority: 2, regex: 'status: habis', outcome: 'failed' },
  ])
  deepEqual(lint(rules), [
    { rule: 'any', kind: 'conflict', detail: 'pending / failed (off): STATUS: HABIS' },
  ])
  const sample = { channel: 'reply', text: 'Status: Habis.' } as const
  const details = lint(rules, [sample]).map(({ detail }) => detail)
  deepEqual(details, ['pending / failed (off): Status: Habis.'])
})

test('lint: a success that stands before a failure: what it lets between its words (PAE6)', () => {
  const success = { regex: '(?<tujuan>\\d+) .*SUKSES', outcome: 'success' as const }
  const failed = { regex: 'GAGAL', outcome: 'failed' as const }
  deepEqual(kinds([success, failed]), ['r0 conflict'])
  deepEqual(kinds([failed, success]), [])
  deepEqual(kinds([{ ...success, regex: '(?<tujuan>\\d+) SUKSES' }, failed]), [])
  deepEqual(kinds([{ ...success, channels: ['callback'] }, failed]), [])
  deepEqual(kinds([success, { ...failed, outcome: 'pending' }]), [])
})

test('lint: many rules that read much: it ends, and says when it did so early (PAE7)', () => {
  const rules = rulesSchema.parse([
    { name: 'a', channels: ['reply'], priority: 1, regex: 'kode=[2]', outcome: 'failed' },
    { name: 'b', channels: ['reply'], priority: 2, regex: 'kode=20', outcome: 'pending' },
  ])
  deepEqual(
    lint(rules, [], { msMax: 0 }).map(({ kind }) => kind),
    ['unfinished'],
  )
  deepEqual(
    lint(rules, [], { msMax: Number.POSITIVE_INFINITY }).map(({ kind }) => kind),
    ['conflict'],
  )
})

test('lint: a success for anybody: told (PAE4)', () => {
  const outcome = 'success'
  deepEqual(kinds([{ regex: 'SUKSES SN:(?<sn>\\w+)', outcome }]), ['r0 no_echo'])
  deepEqual(kinds([{ regex: '(?<tujuan>\\d+) SUKSES', outcome }]), [])
  const groups = { punyaku: 'ref' } as const
  deepEqual(kinds([{ regex: '(?<punyaku>\\d+) SUKSES', outcome, groups }]), [])
})
