/** Sentences of the merchant: short, friendly, in words of a shop; the rest in text-shop.id.js. */

import { count, rupiah } from '../kit/format.js'

export const nav = {
  brand: 'Laju Toko',
  beranda: 'Hari ini',
  transaksi: 'Transaksi',
  qr: 'Buat QR',
  kotak: 'Kotak suara',
  terminal: 'QR cetak',
  pencairan: 'Pencairan',
  toko: 'Toko saya',
  lainnya: 'Lainnya',
}

export const signIn = {
  intro: 'Lihat pembayaran QRIS yang masuk, saat itu juga.',
  username: 'Email',
  empty: 'Isi email dan kata sandi dulu, ya.',
}

export const roles = {
  owner: 'Pemilik',
  finance: 'Keuangan',
  ops: 'Kasir',
  viewer: 'Hanya melihat',
}

export const status = {
  pending: 'Menunggu dibayar',
  paid: 'Sudah dibayar',
  paid_late: 'Dibayar terlambat',
  expired: 'Waktunya habis',
  failed: 'Gagal',
  partly_refunded: 'Dikembalikan sebagian',
  refunded: 'Dikembalikan',
}

/** How a payment was heard; `at` is a moment in words. */
export const sound = {
  played: at => `Sudah dibunyikan ${at}`,
  received: at => `Sudah sampai di kotak ${at}`,
  sent: at => `Sudah dikirim ke kotak ${at}`,
  digest: () => 'Tidak sempat berbunyi, masuk ringkasan',
  offline: () => 'Belum terdengar: kotak tidak terhubung',
  unanswered: () => 'Belum terdengar: kotak tidak menjawab',
  no_device: () => 'Belum terdengar: belum ada kotak di sini',
  unbound: () => 'Belum terdengar: kotaknya dilepas',
  no_word: () => 'Tidak sempat berbunyi, dan kotak ini tidak bisa menyebut ringkasan',
  blocked: () => 'Belum terdengar: kotaknya sedang diblokir',
  retired: () => 'Belum terdengar: kotaknya sudah tidak dipakai',
  queued: () => 'Menunggu kotak tersambung',
  sending: () => 'Sedang dikirim ke kotak',
  playing: () => 'Sudah sampai di kotak, segera berbunyi',
  other: () => 'Belum terdengar',
}

export const today = {
  title: 'Hari ini',
  income: 'Uang masuk hari ini',
  tally: n => `${count(n)} pembayaran`,
  none: 'Belum ada pembayaran.',
  make: 'Buat QR',
  latest: 'Pembayaran terakhir',
  all: 'Lihat semua',
  empty: 'Belum ada pembayaran hari ini. Begitu ada yang bayar, langsung muncul di sini.',
  fresh: amount => `${rupiah(amount)} baru saja masuk.`,
  live: 'Diperbarui sendiri',
  lost: 'Sambungan terputus, sedang dicoba lagi.',
  quietBox: n =>
    `${count(n)} kotak suara tidak terhubung. Pembayaran tetap masuk, tapi tidak terdengar.`,
  seeBoxes: 'Lihat kotak suara',
  seeShop: 'Lihat data toko',
  unheard: n =>
    `${count(n)} pembayaran hari ini tidak terdengar di kotak suara. Uangnya tetap masuk.`,
  seeUnheard: 'Lihat yang tidak terdengar',
  missed: n => `${count(n)} pembayaran menunggu disebut di ringkasan`,
  seeMissed: 'Lihat yang menunggu',
}

export const payments = {
  title: 'Transaksi',
  label: 'Daftar transaksi',
  period: 'Kapan',
  periods: { today: 'Hari ini', week: '7 hari terakhir', month: '30 hari terakhir', all: 'Semua' },
  status: 'Status',
  all: 'Semua',
  sound: 'Suara',
  sounds: { played: 'Sudah dibunyikan', digest: 'Masuk ringkasan', silent: 'Belum terdengar' },
  terminal: 'Terminal',
  nothing: 'Tidak ada transaksi yang cocok. Coba ubah pilihannya.',
  empty: 'Belum ada transaksi. Buat QR pertama, yuk.',
}

export const payment = {
  title: 'Transaksi',
  amount: 'Jumlah',
  fee: 'Biaya',
  net: 'Masuk ke saldo toko',
  refunded: 'Dikembalikan ke pembeli',
  terminal: 'Terminal',
  payer: 'Dibayar dari',
  paidAt: 'Dibayar',
  madeAt: 'Dibuat',
  reference: 'Nomor',
  gone: 'Transaksi ini tidak ditemukan.',
  sound: 'Suara',
  story: 'Perjalanan transaksi',
  batch: 'Lihat pencairannya',
  show: 'Tampilkan QR',
  late: 'QR-nya sudah lewat waktu saat dibayar. Uangnya tetap masuk.',
  steps: {
    created: 'QR dibuat',
    paid: 'Dibayar',
    expired: 'Waktunya habis',
    failed: 'Pembayaran gagal',
    refunded: 'Dikembalikan ke pembeli',
    refund_confirmed: 'Pengembalian sudah dijalankan',
    renotified: 'Dikirim lagi ke kotak',
  },
  proved: {
    played: 'Dibunyikan kotak',
    digest: 'Masuk ringkasan',
    silent: 'Tidak terdengar',
  },
}

/** Why a shop takes no payments now, or nothing. */
export const closedWords = ({ status }) =>
  status === 'approved' ? '' : (closed[status] ?? closed.pending)

const closed = {
  pending: 'Toko ini belum disetujui, jadi belum bisa menerima pembayaran.',
  rejected: 'Toko ini tidak disetujui. Hubungi kami untuk tahu alasannya.',
  suspended: 'Toko ini sedang dihentikan. Hubungi kami untuk membukanya lagi.',
}

export const charge = {
  title: 'Buat QR',
  intro: 'Tulis jumlahnya, pembeli tinggal memindai.',
  amount: 'Jumlah',
  amountEmpty: 'Isi dulu jumlahnya, ya.',
  usual: 'Jumlah yang sering dipakai',
  terminal: 'Kasir',
  go: 'Tampilkan QR',
  going: 'Sebentar…',
  mayNot: 'Akun ini hanya bisa melihat. Minta pemilik toko untuk membuat QR.',
  noTerminal: 'Belum ada kasir yang bisa membuat QR. Hubungi kami untuk menambahkannya.',
  show: 'Pindai untuk membayar',
  drawing: amount => `QR pembayaran ${rupiah(amount)}`,
  left: words => `Berlaku ${words} lagi`,
  waiting: 'Menunggu dibayar. Halaman ini berubah sendiri.',
  paid: 'Sudah dibayar',
  ended: 'QR sudah tidak berlaku',
  over: 'Waktunya habis. Kalau pembeli sudah terlanjur bayar, uangnya tetap kami catat.',
  failed: 'Pembayaran gagal. Buat QR baru, ya.',
  again: 'Buat QR baru',
  detail: 'Lihat rinciannya',
  full: 'Layar penuh',
}

/** What a no means to somebody behind a counter. */
export const sayings = {
  LOGIN_INVALID: 'Email atau kata sandinya belum cocok. Coba periksa lagi.',
  LOGIN_LOCKED: 'Terlalu sering salah. Tunggu beberapa menit, lalu coba lagi.',
  RATE_LIMITED: 'Terlalu sering. Tunggu sebentar, lalu coba lagi.',
  VALIDATION_FAILED: 'Ada isian yang belum pas. Coba periksa lagi.',
  FORBIDDEN: 'Akun ini belum boleh memakai bagian ini.',
  NOT_FOUND: 'Yang dicari tidak ditemukan.',
  AMOUNT_INVALID: 'Jumlahnya belum pas. Coba jumlah lain.',
  MERCHANT_INACTIVE: 'Toko ini sedang tidak bisa menerima pembayaran. Hubungi kami, ya.',
  TERMINAL_INACTIVE: 'Kasir ini sedang tidak aktif. Pilih yang lain, ya.',
  IDEMPOTENCY_IN_FLIGHT: 'Yang tadi masih dikerjakan. Tunggu sebentar, ya.',
}

/** "19 menit 30 detik". */
export function timeLeft(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1_000))
  const minutes = Math.floor(seconds / 60)
  return minutes === 0 ? `${seconds} detik` : `${minutes} menit ${seconds % 60} detik`
}
