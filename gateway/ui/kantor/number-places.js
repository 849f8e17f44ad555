/** The pages of the number line, in the order in which they stand above each of them. */

export const numberPlaces = [
  ...['nomor', 'nomor-order', 'nomor-pengguna', 'nomor-deposit', 'nomor-harga', 'nomor-laba'],
  ...['nomor-pemasok', 'nomor-nama', 'nomor-tinjauan', 'nomor-pengaturan'],
]
