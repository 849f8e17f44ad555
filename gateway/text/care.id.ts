/** Orders that wait for a person, and complaints. */

/** Orders that wait for a person. */
export const careOkText = {
  proof: 'Berkas bukti transaksi.',
  queue: 'Transaksi yang menunggu keputusan petugas.',
  resolved: 'Keputusan Anda dicatat.',
  held: 'Transaksi ditahan: tidak ada langkah otomatis sampai dilepas atau diputuskan.',
  released: 'Transaksi dilepas dan berjalan lagi.',
  rechecked: 'Pemasok sedang ditanya.',
  rerouted: 'Transaksi dialihkan ke pemasok lain.',
  history: 'Perjalanan transaksi.',
  revisableClosed: 'Dicatat. Kegagalan ini tidak ditampilkan lagi di antrean.',
  duplicateClosed: 'Tanda SN ganda pada transaksi ini ditutup.',
  overchargeClosed: 'Tanda harga pemasok di atas batas pada transaksi ini ditutup.',
} as const

/** Complaints, for clients and staff. */
export const complaintText = {
  opened: 'Komplain Anda sudah kami catat. Kami kabari begitu ada jawaban.',
  known: 'Komplain untuk transaksi ini sudah ada.',
  list: 'Daftar komplain.',
  read: 'Isi komplain.',
  said: 'Pesan Anda ditambahkan.',
  answered: 'Jawaban dikirim.',
  decided: 'Keputusan dicatat dan dikabarkan.',
} as const
