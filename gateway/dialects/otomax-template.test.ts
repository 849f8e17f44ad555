import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { otomaxNumber } from '../../services/wire/otomax.ts'
import { bornAt, trxId } from '../scripted.fixture.ts'
import { type OtomaxOutcome, otomaxTemplates } from '../text/otomax.id.ts'
import {
  dotted,
  flawOf,
  mentions,
  outcomes,
  render,
  type Subject,
  shown,
  styles,
} from './otomax-template.ts'

const subject = (change: Partial<Subject> = {}): Subject => ({
  member: { memberId: 'MEMBER1', name: 'Toko Contoh' },
  product: 's10',
  dest: '081200000001',
  ref: 'REF-1',
  order: { trxId, price: 10_500, sn: '1234-5678/NAMA ORANG/R1M/900VA' },
  balance: 14_274_382,
  note: 'Nomor tujuan salah.',
  at: bornAt,
  ...change,
})

const print = (outcome: OtomaxOutcome, template: string, change: Partial<Subject> = {}) =>
  render(template, outcome, subject(change))

const builtIn = (style: 'otomax' | 'irs', outcome: OtomaxOutcome, change: Partial<Subject> = {}) =>
  print(outcome, otomaxTemplates[style][outcome], change)

test('otomax template: built in: usable by our own rules (OTT1, OTT2, OTT3)', () => {
  for (const style of styles)
    for (const outcome of outcomes)
      equal(flawOf(otomaxTemplates[style][outcome], style, outcome), null, `${style} ${outcome}`)
})

test('otomax template: TrxID, product, destination, status: in this order (OTT1, OTT5)', () => {
  const order =
    /TrxID=(?<trxid>\d+) (?<product>\w+)\.(?<tujuan>\d+) .*?(?<status>diproses|SUKSES|GAGAL)/
  for (const [outcome, status] of [
    ['accepted', 'diproses'],
    ['processing', 'diproses'],
    ['success', 'SUKSES'],
    ['failed', 'GAGAL'],
    ['refunded', 'GAGAL'],
    ['refused', 'GAGAL'],
  ] as const) {
    const groups = order.exec(builtIn('otomax', outcome))?.groups
    deepEqual(
      { ...groups },
      { trxid: otomaxNumber(trxId), product: 'S10', tujuan: '081200000001', status },
    )
  }
})

test('otomax template: OkeConnect style rules: read what is built in (OTT1)', () => {
  const success = builtIn('otomax', 'success')
  equal(/R#(?<refid>\S+) /.exec(success)?.groups?.['refid'], 'REF-1')
  equal(/SN\/Ref: (?<sn>.+). Saldo/.exec(success)?.groups?.['sn'], '1234-5678/NAMA ORANG/R1M/900VA')
  equal(/Saldo (?<saldo>[.,\d]+). @/.exec(success)?.groups?.['saldo'], '14.274.382')
  match(builtIn('otomax', 'accepted'), /(?<product>\w+).(?<tujuan>\d+) Harga=10\.500 akan diproses/)
  match(
    builtIn('otomax', 'failed'),
    /GAGAL\. (?<alasan>Nomor tujuan salah)\. Saldo 14\.274\.382\. @10:04:05$/,
  )
})

test('otomax template: a published rule set: read from templates written after it (OTT1)', () => {
  const accepted =
    'TrxID=[trxid] status=[statuskode]&message=Transaksi [kodeproduk].[tujuan] Harga=[harga] akan diproses..'
  const success =
    't=1&TrxID=[trxid] [kodeproduk] [tujuan] refid=[qty]&status=[statuskode]&price=[hargaangka]' +
    '&message=[kodeproduk].[tujuan] SUKSES. SN/Ref: [sn]. Saldo [saldo]'
  const failed = 'TrxID=[trxid] [kodeproduk].[tujuan] GAGAL. . Saldo [saldo]. @[waktu]'
  equal(flawOf(accepted, 'otomax', 'accepted'), null)
  equal(flawOf(success, 'otomax', 'success'), null)
  equal(flawOf(failed, 'otomax', 'failed'), null)
  const published = [
    'status=1&message=Transaksi (?<product>\\w+).(?<tujuan>\\d+)',
    ' Harga=(?<hargabeli>[.,\\d]+) akan diproses..',
  ]
  const proses = new RegExp(published.join(''))
  deepEqual(
    { ...proses.exec(print('accepted', accepted))?.groups },
    {
      ...{ product: 'S10', tujuan: '081200000001', hargabeli: '10.500' },
    },
  )
  const sukses =
    /refid=(?<trxid>\d+)&status=20&price=(?<hargabeli>\d+)&message=.*. SN\/Ref: (?<sn>.+). Saldo/
  deepEqual(
    { ...sukses.exec(print('success', success))?.groups },
    {
      ...{ trxid: '1', hargabeli: '10500', sn: '1234-5678/NAMA ORANG/R1M/900VA' },
    },
  )
  const gagal = /(?<product>\w+).(?<tujuan>\d+) GAGAL. . Saldo (?<saldo>[.,\d]+). @/
  deepEqual(
    { ...gagal.exec(print('failed', failed))?.groups },
    {
      ...{ product: 'S10', tujuan: '081200000001', saldo: '14.274.382' },
    },
  )
})

test('otomax template: IRS: the texts that its clients know (OTT2)', () => {
  match(
    builtIn('irs', 'success', { order: { trxId, price: 10_000, sn: '1234567890' } }),
    /^TRX S10\.081200000001 BERHASIL, HRG:10000 SN:1234567890\. SISA SALDO:14274382 CLIENTID=REF/,
  )
  match(
    builtIn('irs', 'failed'),
    /^TRX S10\.081200000001 GAGAL, Nomor tujuan salah\. SISA SALDO:14274382 CLIENTID=REF-1\./,
  )
  match(
    builtIn('irs', 'accepted'),
    /^Request S10 ke 081200000001 segera diproses Saldo=14274382 CLIENTID=REF-1\./,
  )
})

test('otomax template: order of the parts: anything else is refused (OTT1)', () => {
  const problem = (template: string) => flawOf(template, 'otomax', 'success')?.problem
  equal(problem('[kodeproduk].[tujuan] SUKSES TrxID=[trxid]'), 'order')
  equal(problem('TrxID=[trxid] SUKSES'), 'order')
  equal(problem('SUKSES TrxID=[trxid] [kodeproduk].[tujuan]'), 'status_missing')
  equal(problem('TrxID=[trxid] [kodeproduk].[tujuan] [status]'), undefined)
  equal(flawOf('[kodeproduk] [tujuan] BERHASIL', 'irs', 'success'), null)
})

test('otomax template: a foreign word of status: refused (OTT2)', () => {
  const head = 'TrxID=[trxid] [kodeproduk].[tujuan]'
  const problem = (outcome: OtomaxOutcome, tail: string) =>
    flawOf(`${head} ${tail}`, 'otomax', outcome)?.problem
  equal(problem('failed', 'GAGAL, belum sukses'), 'status_foreign')
  equal(problem('success', 'SUKSES, tidak gagal'), 'status_foreign')
  equal(problem('accepted', 'diproses, tunggu BERHASIL'), 'status_foreign')
  equal(problem('processing', 'sedang berjalan'), 'status_missing')
  equal(problem('refunded', 'dibatalkan'), undefined)
})

test('otomax template: unknown placeholders, lines, length: refused (OTT3)', () => {
  const head = 'TrxID=[trxid] [kodeproduk].[tujuan] SUKSES'
  deepEqual(flawOf(`${head} [pin] [foo]`, 'otomax', 'success'), {
    problem: 'placeholder',
    unknown: ['pin', 'foo'],
  })
  equal(flawOf(`${head}\nSaldo`, 'otomax', 'success')?.problem, 'line')
  equal(flawOf(`${head}\u2028Saldo`, 'otomax', 'success')?.problem, 'line')
  equal(flawOf(' ', 'otomax', 'success')?.problem, 'length')
  equal(flawOf(head + 'x'.repeat(400), 'otomax', 'success')?.problem, 'length')
})

test('otomax template: what strangers wrote: no status, no line, no placeholder (OTT4)', () => {
  const text = builtIn('otomax', 'failed', {
    product: 'SUKSES',
    dest: '0812 SUKSES. SN/Ref: 1',
    ref: '[saldo]\nBERHASIL<b>',
  })
  ok(!/sukses|berhasil|\n|</i.test(text), text)
  equal(text.match(/14\.274\.382/g)?.length, 1)
  equal(shown('a@b.id-1_2:3/4'), 'a@b.id-1_2:3/4')
  equal(shown('GaGaL'), 'G****')
  const sn = builtIn('otomax', 'success', { order: { trxId, price: 1, sn: 'A\r\nB [saldo]' } })
  match(sn, /SN\/Ref: A B \[saldo\]\./)
})

test('otomax template: numbers: digits for ids, dots for thousands (OTT5)', () => {
  equal(otomaxNumber('00000000-0000-0000-0000-000000000100'), '256')
  deepEqual([0, 999, 1_000, 71_900, 14_324_472].map(dotted), [
    ...['0', '999', '1.000', '71.900', '14.324.472'],
  ])
  equal(mentions('a [SALDO]', 'saldo'), true)
  equal(mentions('a [harga]', 'saldo'), false)
})
