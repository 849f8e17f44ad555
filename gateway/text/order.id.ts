/** Orders, as their owner reads them. */

import type { OrderStatus } from '../../services/contract/order-view.ts'

export const statusText: Readonly<Record<OrderStatus, string>> = {
  PENDING: 'Transaksi diterima.',
  PROCESSING: 'Transaksi sedang diproses.',
  SUCCESS: 'Transaksi berhasil.',
  FAILED: 'Transaksi gagal.',
  REFUND: 'Transaksi dibatalkan setelah sukses.',
}

/** Why a bill was not paid although it had been looked at. */
export const unpaidText: Readonly<Record<string, string>> = {
  bill_changed:
    'Jumlah tagihannya berubah sejak dicek, jadi tidak dibayar. Silakan cek tagihannya lagi.',
  bill_not_told:
    'Tagihannya tidak dapat dicek ulang tepat sebelum dibayar, jadi tidak dibayar. ' +
    'Silakan coba lagi sebentar lagi.',
}

/** What an attempt came to. A supplier's own words stay inside: they may name our float there. */
export const attemptText: Readonly<
  Record<
    | ('started' | 'pending' | 'unknown' | 'success' | 'failed' | 'notSent' | 'mayBeRevised')
    | ('successByPerson' | 'failedByPerson'),
    string
  >
> = {
  started: 'Dikirim ke pemasok.',
  pending: 'Pemasok sedang memproses.',
  unknown: 'Jawaban pemasok belum pasti; statusnya terus ditanyakan.',
  success: 'Pemasok menyatakan berhasil.',
  failed: 'Pemasok menyatakan gagal.',
  mayBeRevised:
    'Pemasok menyatakan gagal, tetapi masih mungkin meralatnya. Mohon cek sebelum diulang.',
  successByPerson: 'Diputuskan berhasil oleh petugas.',
  failedByPerson: 'Diputuskan gagal oleh petugas.',
  notSent: 'Tidak dikirim ke pemasok ini; transaksi tidak terjadi di sana.',
}

/** Orders, lists of them, and bills. */
export const orderOkText = {
  orders: 'Transaksi Anda, terbaru lebih dulu.',
  bulk: 'Daftar transaksi diterima dan sedang diproses satu per satu.',
  bulkRead: 'Kemajuan daftar transaksi Anda.',
  bill: 'Tagihan ditemukan. Bayar dengan inquiry_token sebelum expires_at.',
  meter: 'Data pelanggan ditemukan.',
} as const
