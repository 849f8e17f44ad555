import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { RuleBench, type StoredReply } from './bench.ts'
import { type RuleInput, RuleSet, rulesSchema } from './rules.ts'

const asked = { ref: 'L1-1', sku: 'S5', dest: '0812', maxPrice: 1, testing: false }
const setOf = (...rules: Partial<RuleInput>[]) =>
  new RuleSet(
    rulesSchema.parse(
      rules.map((rule, priority) => ({
        ...{ name: `r${priority}`, channels: ['reply', 'callback'], priority },
        ...{ regex: 'x', outcome: 'pending', ...rule },
      })),
    ),
  )
const reply = (text: string): StoredReply => ({ channel: 'reply', text, asked, where: 'order' })

test('rule bench: the same words: what was asked decides in both rule sets (PAO1)', () => {
  const run = new RuleBench({
    before: setOf({ regex: '(?<tujuan>\\d+) BELUM SUKSES' }),
    after: setOf({ regex: '(?<tujuan>\\d+) .*SUKSES', outcome: 'success' }),
  })
  run.take(reply('0812 BELUM SUKSES'))
  run.take(reply('0813 BELUM SUKSES'))
  run.take(reply('entah'))
  deepEqual([run.replies, run.changed, run.toSuccess], [3, 1, 1])
  deepEqual(run.changes, [
    {
      ...{ where: 'order', channel: 'reply', reply: '0812 BELUM SUKSES' },
      ...{ before: 'pending', after: 'success sn= cost=null balance=null' },
    },
  ])
  run.take({ channel: 'callback', text: '0812 BELUM SUKSES', asked: null, where: '7' })
  equal(run.changed, 1)
})

test('rule bench: changes: all counted, the delicate ones kept first (PAO2)', () => {
  const run = new RuleBench({
    before: setOf({ regex: 'AWAL' }),
    after: setOf({ regex: 'OKE (?<tujuan>\\d+)', outcome: 'success' }),
  })
  for (let n = 0; n < 1_000; n++) run.take(reply(`AWAL ${n}`))
  for (let n = 0; n < 150; n++) run.take(reply('OKE 0812'))
  deepEqual([run.replies, run.changed, run.toSuccess, run.changes.length], [1_150, 1_150, 150, 200])
  equal(run.changes[149]!.reply, 'OKE 0812')
  equal(run.changes[150]!.reply, 'AWAL 0')
})

test('rule bench: conflicts: what stored replies show of the new rules, each two once (PAO3)', () => {
  const run = new RuleBench({
    before: setOf({ regex: 'x' }),
    after: setOf(
      { regex: 'GAGAL', outcome: 'failed' },
      { regex: '(?<tujuan>\\d+) .*SUKSES', outcome: 'success' },
      { regex: 'saldo', outcome: 'no_balance' },
    ),
  })
  for (const text of [
    '0812 SUKSES',
    '0812 GAGAL, saldo habis',
    '0812 GAGAL, sudah pernah SUKSES',
  ]) {
    run.take(reply(text))
  }
  for (let n = 0; n < 3_000; n++) run.take(reply('GAGAL, 0813 belum SUKSES'))
  deepEqual(run.conflicts, [
    {
      ...{ rule: 'r0', kind: 'conflict' },
      detail: 'failed / success (r1): 0812 GAGAL, sudah pernah SUKSES',
    },
  ])
  for (let n = 0; n < 8; n++) run.take(reply('0814 SUKSES, saldo 5'))
  deepEqual(run.conflicts.map(({ rule, detail }) => [rule, detail]).slice(1), [
    ['r1', 'success / no_balance (r2): 0814 SUKSES, saldo 5'],
  ])
})
