import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { type Blame, blameOf, saysNoBalance } from './refusals.ts'

const sentences: readonly (readonly [string, Blame | null])[] = [
  ['Saldo tidak mencukupi', 'account'],
  ['Insufficient balance', 'account'],
  ['Invalid API Key', 'account'],
  ['Signature tidak valid', 'account'],
  ['IP tidak terdaftar', 'account'],
  ['Too many requests', 'limit'],
  ['Terlalu banyak permintaan, coba lagi 1 menit lagi', 'limit'],
  ['Layanan tidak tersedia', 'product'],
  ['Stok habis', 'product'],
  ['Product not found', 'product'],
  ['Zone tujuan salah.', 'destination'],
  ['Nomor tujuan tidak valid', 'destination'],
]
for (const [sentence, blame] of sentences) {
  test(`refusals: ${sentence}: ${blame} (ADE2)`, () => equal(blameOf(sentence), blame))
}

const open = [
  ...['Gateway timeout', 'Terjadi kesalahan sistem', 'Silakan coba lagi', 'Internal server error'],
  ...[
    'Transaksi sudah pernah dilakukan',
    'Duplicate reff_id',
    'Pesanan sedang diproses',
    'Maaf',
    '',
  ],
  'Saldo sudah terpotong',
]
for (const sentence of open) {
  test(`refusals: "${sentence}": open (ADE1)`, () => equal(blameOf(sentence), null))
}

test('refusals: no balance: said by more than the word (ADE3)', () => {
  for (const said of [
    'Saldo tidak cukup',
    'saldo Anda tidak mencukupi',
    'Saldo 1.500 tdk cukup',
    'SALDO_KURANG',
    'Deposit habis',
    'Insufficient funds',
    'Your balance is not enough',
  ]) {
    equal(saysNoBalance(said), true, said)
  }
  for (const said of [
    'Produk gangguan, saldo tidak terpotong',
    'Saldo kembali. Stok kurang',
    'Saldo 1.000 dikembalikan, produk habis',
    'Nomor salah. Saldo 279.655',
    '{"saldo":"500","ket":"kurang lengkap"}',
    '',
  ]) {
    equal(saysNoBalance(said), false, said)
  }
})
