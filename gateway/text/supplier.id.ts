/** Which supplier is tried first, and how his words are read; for staff. */

/** Who is tried first, for staff. */
export const routingText = {
  rules: 'Aturan pemilihan pemasok yang berlaku.',
  changed: 'Aturan tersimpan dan segera berlaku.',
  history: 'Riwayat perubahan aturan.',
  suppliers: 'Keadaan pemasok saat ini.',
  why: 'Alasan pemilihan pemasok; hitung ulang memberi hasil yang sama.',
  whyDiffers: 'Alasan pemilihan pemasok; hitung ulang memberi hasil yang berbeda.',
  whatIf: 'Perbandingan selesai. Tidak ada data yang diubah.',
} as const

/** Rules that read what suppliers say. */
export const parserOkText = {
  inbox: 'Balasan pemasok yang belum terbaca.',
  rules: 'Aturan parser pemasok ini.',
  saved: 'Tersimpan sebagai versi baru. Versi ini belum dipakai.',
  tested: 'Hasil uji aturan.',
  bench: 'Hasil bench atas semua balasan tersimpan.',
  activated: 'Aturan versi ini sekarang dipakai.',
  template: 'Template tersimpan dan langsung dipakai.',
} as const
