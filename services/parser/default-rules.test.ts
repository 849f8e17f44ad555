import { deepEqual, equal, notEqual } from 'node:assert/strict'
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

test('default rules: no balance: only of the item, or of nothing else (PAD3)', () => {
  const outcomeOf = (said: string) => set.match('reply', said)?.rule.outcome
  const item = 'T#1 R#7 Indosat 5.000 I5.081211112222'
  const money = 'Saldo 9.000 - 5.525 = 3.475 @12:01'
  const more = 'Saldo Anda tidak cukup untuk transaksi berikutnya'
  equal(outcomeOf(`${item} SUKSES. SN/Ref: 1. ${money}. ${more}`), 'success')
  equal(outcomeOf(`${item} akan diproses. ${money}. Saldo tidak cukup? Deposit`), 'pending')
  const asks = 'status=1&message=Transaksi I5.081211112222 Harga=5.525 akan diproses..'
  equal(outcomeOf(`${asks} ${more}`), 'pending')
  equal(
    outcomeOf(`TRX I5.081211112222 BERHASIL, HRG:1 SN:2. SISA SALDO:3 CLIENTID=4. ${more}`),
    'success',
  )
  const untold = [
    `${item} SUKSES. Saldo tidak cukup untuk transaksi berikutnya`,
    `${item} sedang diproses, saldo tidak cukup untuk transaksi berikutnya`,
    `${item} SUKSES. SN/Ref: GAGAL, saldo tidak cukup`,
    `Saldo tidak cukup untuk transaksi berikutnya. ${item} SUKSES`,
    'Saldo tidak cukup untuk transaksi berikutnya, I5.081211112222 akan diproses',
    'Maaf, antrean panjang, I5 diproses. Saldo tidak cukup? Deposit',
    `R#7 I5.081211112222 SUKSES. I10.081211112222 GAGAL. Saldo tidak cukup`,
  ]
  for (const said of untold) notEqual(set.match('reply', said)?.rule.outcome, 'no_balance', said)
  for (const said of untold.slice(0, 6)) equal(outcomeOf(said), undefined, said)

  const refused = [
    `${item} GAGAL. Saldo tidak cukup. Saldo 1.000`,
    `${item} GAGAL, saldo anda tidak mencukupi`,
    'I5.081211112222 GAGAL. Maaf, saldo Anda tidak cukup untuk transaksi ini.',
    'Saldo tidak cukup',
    'Maaf, saldo Anda tidak cukup. Silakan deposit terlebih dahulu. Saldo Rp 1.000 @12:01',
    'T#2 R#7 Gagal. Saldo tidak mencukupi.',
    'R#7 I5.081211112222 Saldo tidak cukup. Sisa saldo: 1.000',
  ]
  for (const said of refused) equal(outcomeOf(said), 'no_balance', said)
  equal(set.match('reply', refused[5]!)?.fields.ref, '7')
  equal(set.match('reply', refused[0]!)?.fields.ref, '7')
  for (const said of refused) notEqual(set.match('status', said)?.rule.outcome, 'no_balance', said)
  const wrong = `${item} GAGAL. Nomor tujuan salah. ${more}`
  equal(outcomeOf(wrong), 'wrong_number')
})
