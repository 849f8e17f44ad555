/** What the merchant's pages say of his money on its way to the bank, and of his shop. */

import { count, rupiah } from '../kit/format.js'

export const settlements = {
  title: 'Pencairan',
  owed: 'Saldo toko',
  due: amount => `${rupiah(amount)} siap dicairkan`,
  under: amount => `${rupiah(amount)} sedang dicairkan`,
  nothingDue: 'Tidak ada yang menunggu dicairkan.',
  days: 'Menunggu dicairkan',
  dueOn: day => `Dicairkan ${day}`,
  list: 'Riwayat pencairan',
  empty: 'Belum ada pencairan. Uang hari ini dicairkan pada hari kerja berikutnya.',
  status: {
    created: 'Sedang dicairkan',
    paid: 'Sudah ditransfer',
    failed: 'Gagal, masuk pencairan berikutnya',
    cancelled: 'Dibatalkan, masuk pencairan berikutnya',
    reprocessed: 'Diganti pencairan lain',
  },
  one: 'Rincian pencairan',
  total: 'Ditransfer',
  adjusted: 'Penyesuaian',
  account: 'Rekening',
  paidAt: 'Ditransfer pada',
  dueDay: 'Jadwal',
  bank: 'Nomor transfer bank',
  reference: 'Nomor pencairan',
  lines: 'Isi pencairan',
  noLines: 'Tidak ada transaksi di pencairan ini.',
  refund: 'Pengembalian',
  fee: amount => `biaya ${rupiah(amount)}`,
  download: 'Unduh sebagai CSV',
  downloading: 'Diunduh…',
  mayNot: 'Hanya pemilik dan bagian keuangan yang bisa mengunduh.',
  gone: 'Pencairan ini tidak ditemukan.',
}

export const shop = {
  title: 'Toko saya',
  name: 'Nama toko',
  qrName: 'Nama di QR',
  city: 'Kota',
  nmid: 'NMID',
  account: 'Rekening pencairan',
  noAccount: 'Belum ada. Hubungi kami untuk mengisinya.',
  settle: 'Dicairkan',
  settleDays: n => (n === 0 ? 'di hari yang sama' : `${count(n)} hari kerja kemudian`),
  status: 'Status',
  statuses: {
    pending: 'Menunggu disetujui',
    approved: 'Aktif',
    rejected: 'Ditolak',
    suspended: 'Sedang dihentikan',
  },
  person: 'Masuk sebagai',
}
