import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { defaultRules } from './default-rules.ts'
import { RuleSet } from './rules.ts'
import { readMatch } from './verdict.ts'

const set = new RuleSet(defaultRules)

test('default rules: samples: each published reply is decided by its own rule (PAD1)', () => {
  deepEqual(set.problems, [])
  for (const rule of defaultRules) {
    for (const channel of rule.channels) {
      equal(set.match(channel, rule.sample)?.rule.name, rule.name, `${rule.name} in ${channel}`)
    }
  }
})

test('default rules: fields: serial, price and balance are read whole (PAD1)', () => {
  const read = (name: string) => {
    const { sample, channels } = defaultRules.find(rule => rule.name === name)!
    const reading = readMatch(set.match(channels[0]!, sample)!, '')
    return reading.outcome === 'success' ? [reading.sn, reading.cost, reading.balance] : reading
  }
  deepEqual(read('sukses dengan referensi'), ['R210630.2203.210045', 5_525, 274_130])
  deepEqual(read('sukses digiflazz'), ['1234567890', 10_000, 990_000])
  deepEqual(read('sukses klikoo'), ['2514-1798-8056-2280-2824/NAMA/R1M/900VA/33.7', 50_250, 49_750])
  deepEqual(read('sukses otomax'), ['DNID AISXX/50000/20250101', 50_090, 14_274_382])
  deepEqual(read('sukses irs'), ['R21.33', null, null])
})

test('default rules: a failure that speaks of success is a failure (PAD2)', () => {
  const said = 'T#1 R#7 Tsel S5.082211112222 GAGAL. Sudah pernah SUKSES. SN/Ref: 1. Saldo 2 - 1 = 1'
  equal(set.match('reply', said)?.rule.outcome, 'failed')
  const denied = 'Trx S5.082211112222 sudah pernah SUKSES, SN: 12'
  equal(set.match('reply', denied), null)
})
