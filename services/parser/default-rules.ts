/**
 * Rules for the servers whose replies are published, in use until an owner has rules of his own:
 * OkeConnect, the default report of OtomaX (Adzka), Klikoo, Digiflazz' text, the reports of IRS
 * and ST24, and our own texts, for one of us may supply another. Each carries the reply that it
 * was written for.
 *
 * PAD1. Every published reply is read as published.
 * PAD2. A failure stands before the success of the same server: "SUKSES" is also a word in reasons.
 * PAD3. A balance too low is read from the verdict about the item, or from a text that says nothing
 *       else: suppliers add to a sale that the balance won't do for the next one.
 */

import { type Rule, type RuleInput, rulesSchema } from './rules.ts'

const ref = '(?<trxid>[\\w-]+)'
const item = '(?<kode>[A-Za-z]\\w*)\\.(?<tujuan>[\\d*x+]+)'
const saldo = 'Saldo [\\d.,]+ - (?<hargabeli>[\\d.]+) = (?<saldo>[\\d.]+)'
/** Up to the end of a sentence; amounts and items have a dot in them, too. */
const within = '(?:[^.]|\\.\\d)*?'
const tooLittle = 'saldo (?:anda )?tidak (?:men)?cukup(?:i)?\\b'
/** What may stand behind a refusal that is nothing else, without naming any other item. */
const thanks =
  'untuk|transaksi|trx|order|ini|silakan|silahkan|mohon|harap|segera|lakukan|deposit|isi|ulang|' +
  'tambah|top|up|topup|terlebih|dahulu|dulu|sisa|saldo|anda|rp|harga|kurang|terima|kasih|wib'
const answers = ['reply', 'status'] as const
const everywhere = ['reply', 'status', 'callback'] as const

const inputs: readonly RuleInput[] = [
  {
    // Only of a purchase: a check that hears this may ask about one that was sold and forgotten.
    name: 'saldo tidak cukup',
    channels: ['reply'],
    priority: 10,
    mustContain: ['gagal', 'saldo', 'tidak'],
    regex: `^(?:${within}\\bR#${ref} )?${within}\\b${item} GAGAL[.,:]? *(?<alasan>(?:maaf\\W+)?[^.,]*?\\b${tooLittle}[^.]*)`,
    outcome: 'no_balance',
    sample: 'T#2 R#1 Telkomsel 5.000 S5.082211112222 GAGAL. Saldo tidak cukup. Saldo 1.000',
  },
  {
    name: 'ditolak karena saldo',
    channels: ['reply'],
    priority: 11,
    mustContain: ['saldo', 'tidak'],
    regex: `^(?:T#\\w+ +)?(?:R#${ref} +)?(?:${item}\\W+)?(?:(?:mohon|maaf|gagal|transaksi|trx)\\W+)*(?<alasan>${tooLittle})(?:[^A-Za-z]|\\b(?:${thanks})\\b)*$`,
    outcome: 'no_balance',
    sample: 'R#1 Maaf, saldo Anda tidak cukup untuk transaksi ini. Silakan deposit.',
  },
  {
    name: 'nomor tujuan salah',
    channels: [...everywhere],
    priority: 20,
    mustContain: ['gagal', 'nomor tujuan salah'],
    regex: `(?:R#${ref} .*?)?\\b${item} GAGAL[.,] *(?<alasan>Nomor tujuan salah)`,
    outcome: 'wrong_number',
    sample: 'T#41169572 R#1235 Telkomsel 5.000 S5.082211112222 GAGAL. Nomor tujuan salah. Saldo 1',
  },
  {
    name: 'gagal dengan referensi',
    channels: [...everywhere],
    priority: 30,
    mustContain: ['r#', 'gagal'],
    regex: `R#${ref} .*?\\b${item} GAGAL\\. *(?<alasan>[^.]*)`,
    outcome: 'failed',
    sample: 'T#2 R#1236 Telkomsel 5.000 S5.082211112222 GAGAL. Produk gangguan. Saldo 279.655',
  },
  {
    name: 'gagal digiflazz',
    channels: [...answers],
    priority: 31,
    mustContain: ['trx', 'gagal', 'clientid='],
    regex: `TRX ${item} GAGAL, (?<alasan>[^.]*)\\. SISA SALDO:(?<saldo>\\d+) CLIENTID=(?<clientid>[\\w-]+)`,
    outcome: 'failed',
    numberFormat: 'plain',
    sample:
      'TRX S1.087800001111 GAGAL, Produk gangguan. SISA SALDO:1000000 CLIENTID=12345678. Tele:@x',
  },
  {
    name: 'gagal klikoo',
    channels: [...everywhere],
    priority: 32,
    mustContain: ['failed', 'reason'],
    regex: `R#${ref} (?<kode>\\w+)\\. (?<tujuan>[\\d*x]+) FAILED\\. REASON: (?<alasan>[^.]*)\\. TRXID: (?<tid>\\d+)`,
    outcome: 'failed',
    sample:
      'R#1237 DNOPEN. 081112223333 FAILED. REASON: FR_NOT_SELECTED. TRXID: 14430673. SISA SALDO 1',
  },
  {
    name: 'gagal otomax',
    channels: ['callback'],
    priority: 33,
    mustContain: ['status=40', 'gagal'],
    regex: `refid=${ref}&status=40&price=\\d*&message=.*?\\b${item} GAGAL\\. *(?<alasan>[^.]*)`,
    outcome: 'failed',
    sample:
      't=190554&refid=44474&status=40&price=0&message=DC12.081234567890 GAGAL. . Saldo 1.244.692. @19.06.42',
  },
  {
    name: 'gagal irs',
    channels: ['callback'],
    priority: 34,
    mustContain: ['statuscode=2'],
    regex:
      'serverid=(?<serverid>[^&]*)&clientid=(?<clientid>[\\w-]+)&statuscode=2&kp=(?<kode>[^&]*)&msisdn=(?<tujuan>[^&]*)&sn=[^&]*&msg=(?<alasan>.*)$',
    outcome: 'failed',
    sample:
      'serverid=9&clientid=44475&statuscode=2&kp=S5&msisdn=082211112222&sn=&msg=Produk gangguan',
  },
  {
    name: 'tagihan dengan referensi',
    channels: ['inquiry'],
    priority: 40,
    mustContain: ['r#', 'sukses', 'total'],
    regex:
      `R#${ref} .*?\\b${item} SUKSES\\. *SN/Ref: (?<nama>[^/]*)/TAG:(?<amount>[\\d.]+)` +
      '/ADM:(?<admin>[\\d.]+)/TOTAL:(?<total>[\\d.]+)/PERIODE:(?<periode>[^/]*?)\\. ',
    outcome: 'success',
    sample:
      'R#1240 CEKPLN.530000000001 SUKSES. SN/Ref: BUDI SANTOSO/TAG:95.000/ADM:2.500/TOTAL:97.500' +
      '/PERIODE:JUN 2026. Saldo 279.655 @12:01',
  },
  {
    name: 'tagihan digiflazz',
    channels: ['inquiry'],
    priority: 41,
    mustContain: ['cek tagihan sukses', 'clientid='],
    regex:
      'Code=(?<kode>\\S+) cek Tagihan SUKSES ke (?<tujuan>[\\d*x]+) Nama=(?<nama>[^/]*)' +
      '/Tagihan=(?<tagihanasli>\\d+)/Admin=(?<admin>\\d+)/Total Tagihan=(?<tagihan>\\d+)' +
      '/JmlBulan=(?<qty>\\d+)\\.Saldo=\\d+\\.Harga=(?<hargabeli>\\d+)\\.Clientid=(?<clientid>[\\w-]+)',
    outcome: 'success',
    numberFormat: 'plain',
    sample:
      'Code=CEKPLN cek Tagihan SUKSES ke 530000000001 Nama=BUDI/Tagihan=95000/Admin=2500' +
      '/Total Tagihan=97500/JmlBulan=1.Saldo=500000.Harga=96000.Clientid=1241.',
  },
  {
    name: 'bayar tagihan digiflazz',
    channels: [...answers],
    priority: 49,
    mustContain: ['bayar tagihan sukses', 'clientid='],
    regex:
      'Code=(?<kode>\\S+) bayar Tagihan SUKSES ke (?<tujuan>[\\d*x]+) SN:(?<sn>.+?) */Tagihan=' +
      '(?<tagihanasli>\\d+)/Admin=(?<admin>\\d+)/Total Tagihan=(?<tagihan>\\d+)/JmlBulan=' +
      '(?<qty>\\d+).Saldo=(?<saldo>\\d+).Harga=(?<hargabeli>\\d+).Clientid=' +
      '(?<clientidpay>[\\w-]+)',
    outcome: 'success',
    numberFormat: 'plain',
    sample:
      'Code=BAYARPLN bayar Tagihan SUKSES ke 530000000001 SN:ABC123/Tagihan=95000/Admin=2500' +
      '/Total Tagihan=97500/JmlBulan=1.Saldo=404000.Harga=96000.Clientid=1242.Clientidinq=1241.',
  },
  {
    name: 'sukses dengan referensi',
    channels: [...everywhere],
    priority: 50,
    mustContain: ['r#', 'sukses'],
    regex: `R#${ref} .*?\\b${item} SUKSES\\. *SN/Ref: (?<sn>.+?)\\. ${saldo}`,
    outcome: 'success',
    sample:
      'T#41168891 R#1234 Telkomsel 5.000 S5.082211112222 SUKSES. SN/Ref: R210630.2203.210045. ' +
      'Saldo 279.655 - 5.525 = 274.130 @12:01',
  },
  {
    name: 'sukses laju',
    channels: [...answers],
    priority: 55,
    mustContain: ['r#', 'sukses', 'trxid='],
    regex:
      `R#${ref} TrxID=\\d+ ${item} SUKSES\\. *SN/Ref: (?<sn>.+?)\\. ` +
      'Saldo (?<saldo>[\\d.]*\\d)\\. @[\\d:]+ Harga=(?<hargabeli>[\\d.]*\\d)',
    outcome: 'success',
    sample:
      'R#1243 TrxID=44475 S5.082211112222 SUKSES. SN/Ref: R21.33/5.000. Saldo 274.130. ' +
      '@12:01:30 Harga=5.525',
  },
  {
    name: 'sukses digiflazz',
    channels: [...answers],
    priority: 51,
    mustContain: ['trx', 'berhasil', 'clientid='],
    regex: `TRX ${item} BERHASIL, HRG:(?<hargabeli>\\d+) SN:(?<sn>.*?)\\. SISA SALDO:(?<saldo>\\d+) CLIENTID=(?<clientid>[\\w-]+)`,
    outcome: 'success',
    numberFormat: 'plain',
    sample:
      'TRX S1.087800001111 BERHASIL, HRG:10000 SN:1234567890. SISA SALDO:990000 CLIENTID=12345678. Tele:@x Wa:08',
  },
  {
    name: 'sukses klikoo',
    channels: [...everywhere],
    priority: 52,
    mustContain: ['success', 'sn:'],
    regex: `R#${ref} (?<kode>\\w+)\\. (?<tujuan>[\\d*x]+) SUCCESS\\. SN: (?<sn>.+?)\\. TRXID: (?<tid>\\d+)\\. SISA SALDO: [\\d.]+ - (?<hargabeli>[\\d.]+) = (?<saldo>[\\d.]+)`,
    outcome: 'success',
    sample:
      'R#1238 PLN50. 144412345678 SUCCESS. SN: 2514-1798-8056-2280-2824/NAMA/R1M/900VA/33.7. ' +
      'TRXID: 14430674. SISA SALDO: 100.000 - 50.250 = 49.750 @15:43:10&refid=1238',
  },
  {
    name: 'sukses otomax',
    channels: ['callback'],
    priority: 53,
    mustContain: ['status=20', 'sukses'],
    regex: `refid=${ref}&status=20&price=\\d*&message=.*?\\b${item} SUKSES\\. *SN/Ref: (?<sn>.+?)\\. ?${saldo}`,
    outcome: 'success',
    sample:
      't=190554&refid=44474&status=20&price=0&message=DN50.081234567890 SUKSES. SN/Ref: DNID ' +
      'AISXX/50000/20250101. Saldo 14.324.472 - 50.090 = 14.274.382',
  },
  {
    name: 'sukses irs',
    channels: ['callback'],
    priority: 54,
    mustContain: ['statuscode=1'],
    regex:
      'serverid=(?<serverid>[^&]*)&clientid=(?<clientid>[\\w-]+)&statuscode=1&kp=(?<kode>[^&]*)&msisdn=(?<tujuan>[^&]*)&sn=(?<sn>[^&]*)&msg=',
    outcome: 'success',
    sample:
      'serverid=9&clientid=44475&statuscode=1&kp=S5&msisdn=082211112222&sn=R21.33&msg=S5 SUKSES',
  },
  {
    name: 'diproses dengan referensi',
    channels: [...answers],
    priority: 70,
    mustContain: ['r#', 'akan diproses'],
    regex: `R#${ref} .*?\\b${item} akan diproses\\.`,
    outcome: 'pending',
    sample:
      'T#41168891 R#1234 Telkomsel 5.000 S5.082211112222 akan diproses. ' +
      'Saldo 279.655 - 5.525 = 274.130 @12:01',
  },
  {
    name: 'diproses laju',
    channels: [...answers],
    priority: 74,
    mustContain: ['r#', 'trxid=', 'diproses'],
    regex: `R#${ref} TrxID=\\d+ ${item} (?:Harga=(?<hargabeli>[\\d.]*\\d) akan|sedang) diproses\\.`,
    outcome: 'pending',
    sample: 'R#1244 TrxID=44476 S5.082211112222 sedang diproses. Saldo 274.130. @12:01:30',
  },
  {
    name: 'diproses otomax',
    channels: [...answers],
    priority: 71,
    mustContain: ['status=1', 'akan diproses'],
    regex: `status=1&message=Transaksi ${item} Harga=(?<hargabeli>[\\d.]+?) akan diproses`,
    outcome: 'pending',
    sample: 'status=1&message=Transaksi DN50.081234567890 Harga=50.090 akan diproses..',
  },
  {
    name: 'diproses klikoo',
    channels: [...answers],
    priority: 72,
    mustContain: ['inprogress'],
    regex: `R#${ref} (?<kode>\\w+)\\. (?<tujuan>[\\d*x]+) INPROGRESS\\. TRXID: (?<tid>\\d+)`,
    outcome: 'pending',
    sample: 'R#1239 DNOPEN. 081112223333 INPROGRESS. TRXID: 14430673. @15:42:50 23/10/2024',
  },
  {
    name: 'diproses digiflazz',
    channels: [...answers],
    priority: 73,
    mustContain: ['diproses', 'clientid='],
    regex:
      'Request (?<kode>\\w+) ke (?<tujuan>[\\d*x]+) (?:segera|sedang) diproses Saldo=(?<saldo>\\d+) CLIENTID=(?<clientid>[\\w-]+)',
    outcome: 'pending',
    numberFormat: 'plain',
    sample: 'Request S1 ke 087800001111 segera diproses Saldo=990000 CLIENTID=12345678. Tele:@x',
  },
]

export const defaultRules: readonly Rule[] = rulesSchema.parse(inputs)
