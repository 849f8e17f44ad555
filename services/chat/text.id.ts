/**
 * Every sentence that chat says. Those in `templates` are what an owner may word anew; the others
 * stand inside them, in the place of [keterangan], or ask back.
 */

import type { OrderStatus } from '../contract/order-view.ts'
import type { RefusalCode } from '../contract/words.ts'
import type { Unclear } from './grammar.ts'

export const templates = {
  order_accepted:
    '⏳ [kodeproduk] ke [tujuan] sedang diproses. No. [trxid]. ' +
    'Harga Rp[harga], sisa saldo Rp[saldo].',
  order_success:
    '✅ [kodeproduk] ke [tujuan] SUKSES. SN: [sn]. No. [trxid]. ' +
    'Harga Rp[harga], saldo Rp[saldo]. [waktu]',
  order_failed:
    '❌ [kodeproduk] ke [tujuan] GAGAL. No. [trxid]. ' +
    'Dana Rp[harga] sudah kembali, saldo Rp[saldo]. [waktu]',
  order_refunded:
    '↩️ [kodeproduk] ke [tujuan] DIBATALKAN. No. [trxid]. ' +
    'Dana Rp[harga] sudah kembali, saldo Rp[saldo]. [waktu]',
  order_refused: '⚠️ [kodeproduk] ke [tujuan] tidak diproses. [keterangan] Saldo tidak berubah.',
  order_question: '❓ [keterangan]',
  balance: 'Halo [namareseller], saldo Anda Rp[saldo]. [waktu]',
  prices: 'Harga [keterangan]',
  status: '[kodeproduk] ke [tujuan]: [status]. SN: [sn]. No. [trxid]. Harga Rp[harga]. [waktu]',
  bill:
    '🧾 [kodeproduk] [tujuan] a.n. [nama]. Periode [periode]. Tagihan Rp[tagihan], ' +
    'admin Rp[admin], total Rp[total]. Dipotong dari saldo Rp[harga]. ' +
    'Untuk membayar, balas [perintah] sebelum [waktu].',
  bill_accepted:
    '⏳ Tagihan [kodeproduk] [tujuan] a.n. [nama] sedang dibayar. No. [trxid]. ' +
    'Total Rp[total], dipotong Rp[harga], sisa saldo Rp[saldo].',
  bill_success:
    '✅ Tagihan [kodeproduk] [tujuan] a.n. [nama] LUNAS. SN: [sn]. No. [trxid]. ' +
    'Tagihan Rp[tagihan], admin Rp[admin], total Rp[total]. Periode [periode]. ' +
    'Dipotong Rp[harga], saldo Rp[saldo]. [waktu]',
  bill_failed:
    '❌ Tagihan [kodeproduk] [tujuan] a.n. [nama] TIDAK DIBAYAR. [keterangan] No. [trxid]. ' +
    'Dana Rp[harga] sudah kembali, saldo Rp[saldo]. [waktu]',
  meter: '🔎 [kodeproduk] [tujuan] a.n. [nama]. [keterangan]',
  complaint_taken:
    'Terima kasih, komplain untuk transaksi No. [trxid] sudah kami catat ([status]). ' +
    'Kami kabari di sini.',
  complaint_closed: 'Komplain untuk transaksi No. [trxid] sudah kami tangani: [keterangan]',
  complaint_answered: 'Tentang komplain Anda untuk transaksi No. [trxid]: [keterangan]',
  ticket:
    '🎫 Silakan transfer tepat Rp[nominal] ke [keterangan] sebelum [waktu]. ' +
    'Saldo bertambah otomatis.',
  transferred: '✅ Transfer Rp[nominal] ke [tujuan] berhasil. Saldo Anda Rp[saldo]. [waktu]',
  not_done: '⚠️ [keterangan] Saldo tidak berubah.',
  pin_changed: 'PIN Anda sudah diganti. Mohon hapus pesan yang berisi PIN dari ponsel Anda.',
  pin_wrong: 'PIN salah. [keterangan] Tidak ada yang diproses dan saldo tidak berubah.',
  pin_locked:
    '🔒 Nomor ini terkunci karena PIN salah lima kali, sampai [waktu]. ' +
    'Hubungi admin bila perlu segera.',
  stranger:
    'Halo! Nomor ini belum terdaftar. Silakan hubungi admin Anda untuk mendaftarkannya, ya.',
  suspended: 'Akun [namareseller] sedang dinonaktifkan. Silakan hubungi layanan pelanggan.',
  slow: 'Pesan Anda terlalu cepat. Mohon tunggu satu menit, lalu kirim lagi yang belum dijawab.',
  help: [
    'Format perintah:',
    'Beli: KODE.TUJUAN.PIN (ulang: tambah .2)',
    'Saldo: S.PIN',
    'Harga: H.0812 atau H.KODE',
    'Status: CEK.TUJUAN.PIN',
    'Cek tagihan: TAGIHAN.KODE.NOPELANGGAN.PIN',
    'Bayar tagihan: BAYAR.KODE.NOPELANGGAN.PIN',
    'Komplain: KOMPLAIN.NO.PIN',
    'Tiket deposit: D.NOMINAL.PIN',
    'Transfer saldo: T.ID.NOMINAL.PIN',
    'Ganti PIN: GP.PINLAMA.PINBARU',
  ].join('\n'),
} as const

export type TemplateName = keyof typeof templates

/** What is asked back; nothing was bought. */
export const unclearText: Readonly<Record<Unclear, string>> = {
  unknown: 'Maaf, pesan itu belum kami mengerti. Ketik MENU untuk melihat format.',
  fields: 'Susunannya belum pas. Contoh: KODE.TUJUAN.PIN. Maksud Anda bagaimana?',
  product: 'Kode produknya tidak kami temukan. Ketik H.0812 untuk melihat daftar harga.',
  destination: 'Nomor tujuannya belum jelas. Mohon kirim ulang: KODE.TUJUAN.PIN.',
  amount: 'Nominalnya belum jelas. Tulis angka saja tanpa titik, misalnya 50000.',
  pin_missing: 'PIN belum ditulis. Mohon kirim ulang: KODE.TUJUAN.PIN, atau S.PIN untuk saldo.',
  pin_shape: 'PIN harus 4 sampai 8 angka dan ditulis di tempatnya. Mohon kirim ulang.',
  pins_differ: 'Ada dua PIN yang berbeda dalam satu pesan. Mohon kirim ulang dengan satu PIN.',
  alone: 'Ganti PIN harus dikirim sendiri, tanpa perintah lain. Mohon kirim ulang.',
  too_many: 'Paling banyak 20 perintah dalam satu pesan. Mohon dibagi, ya.',
  too_long: 'Pesannya terlalu panjang. Mohon dipersingkat, ya.',
}

export const refusedText: Readonly<Partial<Record<RefusalCode, string>>> = {
  INSUFFICIENT_BALANCE: 'Saldo Anda tidak cukup.',
  PRODUCT_UNKNOWN: 'Kode produk tidak ditemukan.',
  PRODUCT_CLOSED: 'Produk sedang tutup, silakan coba lagi nanti.',
  PRODUCT_UNSUPPLIED: 'Produk sedang kosong atau gangguan.',
  DESTINATION_INVALID: 'Nomor tujuan tidak benar.',
  PREFIX_MISMATCH: 'Nomor tujuan tidak sesuai dengan operator produk ini.',
  CLIENT_SUSPENDED: 'Akun Anda sedang dinonaktifkan.',
  AMOUNT_INVALID: 'Nominalnya tidak dapat dipakai.',
  BANK_ACCOUNT_UNKNOWN: 'Rekening tujuan deposit belum tersedia.',
  TICKET_LIMIT: 'Masih ada beberapa tiket deposit terbuka, mohon bayar dulu salah satunya.',
  TICKET_EXHAUSTED: 'Kode unik untuk nominal ini sedang habis, mohon pilih nominal lain.',
  INQUIRY_REQUIRED: 'Ini tagihan. Cek dulu jumlahnya, ketik TAGIHAN.KODE.NOPELANGGAN.PIN.',
  INQUIRY_EXPIRED: 'Hasil cek tagihan sudah kedaluwarsa, mohon dicek lagi.',
  INQUIRY_INVALID: 'Hasil cek tagihan tidak cocok, mohon dicek lagi.',
  INQUIRY_USED: 'Tagihan ini sudah dibayar dengan pesan lain.',
  INQUIRY_UNSUPPORTED: 'Produk ini bukan tagihan, jadi tidak perlu dicek dulu.',
  INQUIRY_UNANSWERED: 'Tagihan belum dapat dicek saat ini, mohon coba lagi sebentar lagi.',
  BILL_UNAVAILABLE: 'Tagihannya tidak ada: belum terbit, sudah lunas, atau nomornya salah.',
  CLIENT_UNKNOWN: 'Akun yang dituju tidak ditemukan.',
  OUTSIDE_TREE: 'Transfer hanya untuk upline atau downline Anda.',
  TRANSFER_LIMIT: 'Batas transfer harian Anda tidak mencukupi.',
  COMPLAINT_LIMIT: 'Komplain Anda yang belum selesai sudah terlalu banyak.',
  PIN_WRONG: 'PIN salah.',
  PIN_LOCKED: 'PIN terkunci. Silakan hubungi layanan pelanggan.',
}

export const statusText: Readonly<Record<OrderStatus, string>> = {
  PENDING: 'DITERIMA',
  PROCESSING: 'DIPROSES',
  SUCCESS: 'SUKSES',
  FAILED: 'GAGAL',
  REFUND: 'DIBATALKAN',
}

export const say = {
  refusedOtherwise: 'Permintaan ini belum dapat diproses.',
  twin: (status: OrderStatus) =>
    `Transaksi yang sama baru saja dibuat (${statusText[status]}). ` +
    'Kalau memang ingin mengulang, tambahkan .2 di belakang PIN.',
  billTwin: (status: OrderStatus) =>
    `Tagihan yang sama baru saja dibayar (${statusText[status]}), jadi tidak dibayar lagi.`,
  billFirst:
    'Belum ada yang dibayar, karena jumlahnya belum kami sampaikan di sini. ' +
    'Mohon lihat dulu jumlahnya di bawah ini, lalu kirim lagi bila setuju.',
  billChanged: 'Jumlah tagihannya berubah sejak dicek, jadi tidak kami bayar. Mohon cek lagi.',
  billUnpaid: 'Pembayarannya tidak berhasil.',
  late: 'Pesan Anda baru sampai setelah terlalu lama. Kalau masih perlu, mohon kirim ulang.',
  guessesLeft: (left: number) =>
    left > 0 ? `Sisa kesempatan: ${left}.` : 'Nomor ini sekarang terkunci selama 24 jam.',
  statusNone: 'Belum ada transaksi ke tujuan itu lewat chat ini.',
  orderNone: 'Nomor transaksi itu tidak kami temukan pada akun Anda.',
  pricesNone: 'Tidak ada produk untuk pencarian itu. Coba H.0812 atau awal kode produk.',
  pricesMore: (more: number, code: string) =>
    `… dan ${more} produk lagi. Untuk mempersempit, ketik awal kode produknya, misalnya H.${code}.`,
  pinSame: 'PIN baru harus berbeda dari PIN lama.',
  closed: 'TUTUP',
  onBill: (amount: string) => `tagihan + sekitar ${amount}`,
  noSn: '-',
  noPeriods: '-',
} as const

/** For the preview: what stands in each place. */
export const exampleValues: Readonly<Record<string, string>> = {
  kodeproduk: 'XLD10',
  namaproduk: 'XL 10.000',
  tujuan: '087800001230',
  trxid: '12',
  qty: '1',
  nominal: '10.000',
  sn: '5500123456789',
  harga: '10.500',
  saldo: '989.500',
  keterangan: 'Contoh keterangan.',
  waktu: '21/11 10:15',
  kodereseller: 'LJ0A1B2C3D',
  namareseller: 'Toko Contoh',
  komisitunda: '0',
  status: 'SUKSES',
  nama: 'BUDI SANTOSO',
  tagihan: '95.000',
  admin: '2.500',
  total: '97.500',
  periode: 'OKT 2026',
  perintah: 'BAYAR.PLN.530000000001.PIN',
}
