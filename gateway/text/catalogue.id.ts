/** What is sold and for how much. */

export const catalogueOkText = {
  products: 'Daftar produk.',
  catalogue: 'Data katalog.',
  catalogueSaved: 'Perubahan disimpan.',
  catalogueRemoved: 'Data dihapus.',
  catalogueHistory: 'Riwayat perubahan katalog.',
  csvKept: 'File CSV diterima dan disimpan.',
  csvNotKept: 'File CSV diperiksa; tidak ada yang disimpan.',
  pricePreview: 'Dampak perubahan harga.',
  priceChanges: 'Perubahan harga terjadwal.',
  priceScheduled: 'Perubahan harga dijadwalkan.',
  priceCancelled: 'Perubahan harga dibatalkan.',
  priceSyncs: 'Pengambilan daftar harga pemasok.',
  priceSynced: 'Daftar harga pemasok diperiksa.',
  syncDecided: 'Keputusan disimpan.',
} as const
