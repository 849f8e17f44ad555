/**
 * Every sentence that a client of the gateway reads, in Indonesian. Each table is complete by type:
 * a code without a sentence does not compile.
 */

import type {
  FaultCode,
  MoneyEffect,
  MutationRow,
  OrderStatus,
  RefusalCode,
} from '../services/contract.ts'
import type { GatewayCode } from './answer.ts'

export const codeText: Readonly<Record<RefusalCode | FaultCode | GatewayCode, string>> = {
  INSUFFICIENT_BALANCE: 'Saldo Anda tidak cukup untuk transaksi ini.',
  DUPLICATE_REF: 'ref_id ini sudah dipakai untuk transaksi dengan isi yang berbeda.',
  TWIN_ORDER: 'Transaksi yang sama ke tujuan ini baru saja dibuat.',
  PRODUCT_UNKNOWN: 'Kode produk tidak ditemukan.',
  PRODUCT_CLOSED: 'Produk sedang tutup. Silakan coba lagi di luar jam cut-off.',
  PRODUCT_UNSUPPLIED: 'Produk sedang kosong atau gangguan. Silakan coba produk lain.',
  PRICE_ABOVE_MAX: 'Harga produk saat ini lebih tinggi dari max_price Anda.',
  DESTINATION_INVALID: 'Nomor tujuan tidak benar. Mohon periksa kembali.',
  PREFIX_MISMATCH: 'Nomor tujuan tidak sesuai dengan operator produk ini.',
  CLIENT_SUSPENDED: 'Akun Anda sedang dinonaktifkan. Silakan hubungi layanan pelanggan.',
  NOT_FOUND: 'Data atau alamat yang Anda minta tidak ditemukan.',
  ORDER_FINAL: 'Transaksi ini sudah selesai.',
  ORDER_BUSY: 'Transaksi ini masih berjalan. Silakan ulangi sebentar lagi.',
  DISPUTE_ABSENT: 'Tidak ada sengketa yang terbuka untuk transaksi ini.',
  AMOUNT_INVALID: 'Nominal tidak benar.',
  TIME_INVALID: 'Waktu yang diminta tidak benar.',

  OVERLOADED: 'Sistem sedang sibuk. Silakan ulangi sebentar lagi.',
  JOURNAL_UNAVAILABLE: 'Penyimpanan sedang tidak dapat dihubungi. Silakan ulangi sebentar lagi.',
  NOT_THE_OWNER: 'Akun Anda sedang dipindahkan antar server. Silakan ulangi sebentar lagi.',
  STOPPING: 'Server sedang berhenti dengan tertib. Silakan ulangi sebentar lagi.',

  VALIDATION_FAILED: 'Isi permintaan belum benar. Mohon periksa rinciannya.',
  SIGNATURE_INVALID: 'Tanda tangan permintaan tidak cocok.',
  TIMESTAMP_SKEWED: 'Waktu permintaan berbeda terlalu jauh dari waktu server. Mohon samakan jam.',
  NONCE_REUSED: 'X-Nonce ini sudah pernah dipakai.',
  KEY_UNKNOWN: 'API key tidak dikenal.',
  FORBIDDEN: 'Akses ditolak untuk akun atau alamat IP ini.',
  METHOD_NOT_ALLOWED: 'Metode HTTP ini tidak berlaku untuk alamat tersebut.',
  CONTENT_TYPE_UNSUPPORTED: 'Content-Type harus application/json.',
  BODY_TOO_LARGE: 'Isi permintaan terlalu besar.',
  BODY_TIMEOUT: 'Isi permintaan tidak sampai lengkap dalam batas waktu.',
  RATE_LIMITED: 'Terlalu banyak permintaan. Silakan tunggu sebentar.',
  UNREACHABLE: 'Layanan belum menjawab. Silakan ulangi sebentar lagi.',
  INTERNAL_ERROR: 'Terjadi kesalahan di sisi kami. Silakan ulangi dengan ref_id yang sama.',
  TOKEN_UNSUPPORTED: 'Masuk dengan token belum tersedia. Gunakan API key dan tanda tangan.',
  AUTH_TIMEOUT: 'Pesan pertama harus berupa auth, paling lambat 5 detik setelah tersambung.',
  AUTH_REQUIRED: 'Silakan kirim pesan auth terlebih dahulu.',
  SOCKET_LIMIT: 'Terlalu banyak sambungan untuk akun ini.',
  SLOW_READER: 'Sambungan terlalu lambat. Sambung lagi lalu kirim resume dari id terakhir.',
}

/** What happened to the money, said on every answer about an order. */
export const moneyText: Readonly<Record<MoneyEffect | 'unknown', string>> = {
  none: 'Saldo Anda tidak berubah.',
  held: 'Dana ditahan sampai transaksi selesai.',
  charged: 'Saldo sudah terpotong.',
  refunded: 'Dana sudah dikembalikan ke saldo Anda.',
  unknown: 'Saldo belum pasti: ulangi dengan ref_id yang sama, saldo tidak terpotong dua kali.',
}

export const statusText: Readonly<Record<OrderStatus, string>> = {
  PENDING: 'Transaksi diterima.',
  PROCESSING: 'Transaksi sedang diproses.',
  SUCCESS: 'Transaksi berhasil.',
  FAILED: 'Transaksi gagal.',
  REFUND: 'Transaksi dibatalkan setelah sukses.',
}

/** What an attempt came to. A supplier's own words stay inside: they may name our float there. */
export const attemptText: Readonly<
  Record<'started' | 'pending' | 'unknown' | 'success' | 'failed', string>
> = {
  started: 'Dikirim ke pemasok.',
  pending: 'Pemasok sedang memproses.',
  unknown: 'Jawaban pemasok belum pasti; statusnya terus ditanyakan.',
  success: 'Pemasok menyatakan berhasil.',
  failed: 'Pemasok menyatakan gagal.',
}

export const mutationText: Readonly<Record<MutationRow['kind'], string>> = {
  order: 'Pembelian',
  release: 'Pengembalian dana tertahan',
  refund: 'Pengembalian dana',
  deposit: 'Deposit',
  transfer: 'Transfer saldo',
}

export const okText = {
  balance: 'Saldo Anda saat ini.',
  mutations: 'Mutasi saldo Anda.',
  products: 'Daftar produk.',
  callback: 'Laporan diterima.',
  alive: 'Server hidup.',
  ready: 'Server siap.',
  unready: 'Server belum siap.',
} as const

/**
 * Messages of the Digiflazz dialect, by its rc; wording as close to the original as is true here.
 */
export const digiflazzText = {
  '00': 'Transaksi Sukses',
  '02': 'Transaksi Gagal',
  '03': 'Transaksi Pending',
  '40': 'Payload tidak benar',
  '41': 'Signature tidak valid',
  '42': 'Username tidak dikenal',
  '43': 'SKU tidak ditemukan atau non-aktif',
  '44': 'Saldo tidak cukup',
  '45': 'IP Anda tidak kami kenali',
  '49': 'Ref ID tidak unik',
  '50': 'Transaksi tidak ditemukan',
  '51': 'Nomor tujuan diblokir',
  '52': 'Prefix tidak sesuai dengan operator',
  '53': 'Produk sedang tidak tersedia',
  '54': 'Nomor tujuan salah',
  '55': 'Produk sedang gangguan',
  '57': 'Jumlah digit kurang atau lebih',
  '58': 'Sedang cut off',
  '59': 'Tujuan di luar wilayah atau cluster',
  '60': 'Tagihan belum tersedia',
  '62': 'Produk sedang gangguan, transaksi tidak dibuat',
  '63': 'Tidak mendukung transaksi multi',
  '64': 'Tarik tiket gagal: tiket deposit belum tersedia lewat jalur ini',
  '69': 'Harga lebih tinggi dari max_price',
  '71': 'Produk sedang tidak stabil',
  '72': 'Lakukan unreg paket dahulu',
  '73': 'kWh melebihi batas',
  '74': 'Transaksi refund',
  '84': 'Nominal tidak valid',
  '85': 'Limit transaksi, ulangi ref_id yang sama 1 menit lagi',
  '88': 'Akun Anda tidak dapat melakukan aksi ini',
  '99': 'Status belum pasti, ulangi dengan ref_id yang sama',
} as const

export const digiflazzNotes = {
  testingInProduction: 'Mode testing hanya ada di server demo',
  commandUnknown: 'commands tidak dikenal',
  postpaidLater: 'Produk pascabayar belum tersedia',
} as const
