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

test('lint: a success for anybody: told (PAE4)', () => {
  const outcome = 'success'
  deepEqual(kinds([{ regex: 'SUKSES SN:(?<sn>\\w+)', outcome }]), ['r0 no_echo'])
  deepEqual(kinds([{ regex: '(?<tujuan>\\d+) SUKSES', outcome }]), [])
  const groups = { punyaku: 'ref' } as const
  deepEqual(kinds([{ regex: '(?<punyaku>\\d+) SUKSES', outcome, groups }]), [])
})
