/** What a person reads at an address where nothing is. */

export const lostText = {
  title: 'Alamat ini tidak ada',
  intro: 'Mungkin salah ketik, atau halamannya sudah pindah. Yang ada di sini:',
  /** By address, in the order in which they stand. */
  doors: {
    '/': 'Halaman depan',
    '/app': 'Area reseller',
    '/nomor': 'Nomor OTP',
    '/toko': 'Toko',
    '/kantor': 'Kantor',
    '/kotak': 'Kotak suara',
    '/docs': 'API untuk reseller',
  },
} as const
