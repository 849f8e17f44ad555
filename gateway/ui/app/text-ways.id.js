/** Every sentence about paying through a gateway. */

import { rupiah } from '../kit/format.js'

const names = {
  qris_atlantic: 'QRIS biasa',
  qrisfast_atlantic: 'QRIS kilat',
  qris_rumahotp_v1: 'QRIS lainnya 1',
  qris_rumahotp_v2: 'QRIS lainnya 2',
}
const joined = (...parts) => parts.filter(Boolean).join(' + ')
const percent = new Intl.NumberFormat('id-ID', { maximumFractionDigits: 2 })

/** A bank goes by its own name. */
export const wayName = way =>
  names[way] ?? (way.startsWith('qris') ? 'QRIS' : way.split('_')[0].toUpperCase())

export const ways = {
  label: 'Bayar lewat',
  bank: 'Transfer bank, tanpa biaya',
  go: 'Lanjut bayar',
  going: 'Menyiapkan pembayaran…',
  about: {
    qris_atlantic: 'Saldonya bisa baru masuk di hari kerja berikutnya.',
    qris: 'Saldo masuk begitu dibayar.',
    va: 'Transfer ke nomor khusus untuk Anda.',
    ewallet: 'Bayar langsung dari aplikasinya.',
    bank: 'Transfer pas sampai angka terakhir, ya.',
  },
  limits: (min, max) => `Dari ${rupiah(min)} sampai ${rupiah(max)}.`,
  fee: (fee, rate) =>
    fee === 0 && rate === 0
      ? 'Tanpa biaya.'
      : `Biaya ${joined(fee > 0 && rupiah(fee), rate > 0 && `${percent.format(rate)}%`)}.`,
  feeLater: 'Biayanya terlihat sebelum dibayar.',
  costs: (fee, rest) => `Biaya ${rupiah(fee)}, masuk ke saldo ${rupiah(rest)}.`,
  small: min => `Paling sedikit ${rupiah(min)}, ya.`,
  large: max => `Paling banyak ${rupiah(max)} sekali isi, ya.`,
  list: 'Pembayaran saya',
  empty: 'Belum ada pembayaran lewat QRIS atau cara lain.',
}

export const pay = {
  title: 'Pembayaran',
  total: 'Total bayar',
  qr: 'Kode QR untuk bayar',
  scan: 'Pindai dari aplikasi bank atau dompet digital mana pun.',
  link: 'Buka halaman bayar',
  method: 'Lewat',
  fee: 'Biaya',
  received: 'Masuk ke saldo',
  id: 'Nomor bayar',
  left: words => `Waktunya ${words} lagi`,
  cancel: 'Batalkan pembayaran',
  cancelSure: 'Ya, batalkan',
  soon: 'Cairkan sekarang',
  soonSure: fee => `Cairkan, biaya ${rupiah(fee)}`,
  soonTerms: received => `Saldo bertambah ${rupiah(received)} kalau dicairkan sekarang.`,
  fresh: 'Isi saldo lagi',
  status: {
    pending: 'Menunggu dibayar',
    processing: 'Diproses',
    success: 'Sudah masuk',
    expired: 'Waktunya habis',
    cancel: 'Dibatalkan',
    failed: 'Belum berhasil',
    checking: 'Sedang dicek',
  },
  story: {
    pending: 'Halaman ini berubah sendiri begitu pembayarannya masuk.',
    processing: 'Pembayaran sudah diterima dan sedang diproses.',
    success: 'Pembayaran sudah kami terima. Saldo sudah bertambah.',
    expired: 'Waktunya habis, saldo Anda aman. Buat pembayaran baru untuk isi saldo.',
    cancel: 'Pembayaran ini dibatalkan. Jangan dibayar lagi, ya.',
    failed: 'Pembayaran ini belum berhasil dan saldo Anda aman. Coba lagi atau pilih cara lain.',
    checking: 'Pembayaran ini sedang kami cek. Uang Anda aman.',
  },
}
