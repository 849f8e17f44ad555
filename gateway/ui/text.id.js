/**
 * Every sentence of the page, in one place. Friendly, short, and each about money says where it
 * is.
 */

const number = new Intl.NumberFormat('id-ID', { maximumFractionDigits: 0 })
const tenth = new Intl.NumberFormat('id-ID', { maximumFractionDigits: 1 })
const hundredth = new Intl.NumberFormat('id-ID', { maximumFractionDigits: 2 })

export const rupiah = amount => `Rp\u00a0${number.format(amount)}`

/** A rate as people say it: tenths while small, whole once it is large. */
export const rate = perS => (perS < 10 ? tenth : number).format(perS)

export const count = n => number.format(n)

/** "0,3 detik", "12 detik", "1 menit 5 detik", "2 jam 3 menit". */
export function duration(ms) {
  const s = ms / 1000
  if (s < 0.1) return `${hundredth.format(Math.max(0.01, s))} detik`
  if (s < 9.95) return `${tenth.format(s)} detik`
  if (s < 59.5) return `${Math.round(s)} detik`
  const whole = Math.round(s)
  const [h, m, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  if (h > 0) return m > 0 ? `${h} jam ${m} menit` : `${h} jam`
  return rest > 0 ? `${m} menit ${rest} detik` : `${m} menit`
}

export const text = {
  name: 'Laju',
  sentence:
    'Laju membeli pulsa, data, dan tagihan dalam sekejap, dan selalu tahu di mana setiap rupiah berada.',
  nav: {
    label: 'Bagian halaman',
    skip: 'Langsung ke coba beli',
    buy: 'Coba beli',
    server: 'Dari server Anda',
    number: 'Nomor OTP',
    box: 'Kotak suara',
    area: 'Area reseller',
  },

  live: {
    title: 'Sedang berlangsung',
    completed: 'selesai per detik',
    accepted: 'pesanan diterima per detik',
    open: 'sedang berjalan',
    trace: 'selesai per detik, semenit terakhir',
    latest: 'Pesanan terbaru',
    empty: 'Belum ada pesanan. Coba beli satu di bawah.',
    pause: 'Jeda',
    resume: 'Lanjutkan',
    mine: 'Anda',
    justNow: 'baru masuk',
    soFar: ms => `sudah ${duration(ms)}`,
    summary: (perS, open) =>
      `Sekarang ${rate(perS)} pesanan selesai per detik, ${count(open)} sedang berjalan.`,
  },

  link: {
    connecting: 'Menyambung',
    live: 'Tersambung',
    lost: 'Sambungan terputus, sedang disambung lagi',
    closed: 'Tampilan langsung hanya ada di mode demo',
  },

  stage: {
    running: 'Diproses',
    waiting: 'Menunggu',
    done: 'Sukses',
    failed: 'Gagal',
    returned: 'Dana kembali',
  },

  products: {
    XLD5: 'XL 5.000',
    XLD10: 'XL 10.000',
    XLD25: 'XL 25.000',
    XLD50: 'XL 50.000',
  },

  buy: {
    title: 'Coba beli',
    intro: 'Pakai saldo demo. Tidak ada uang sungguhan yang terpakai.',
    product: 'Produk',
    destination: 'Nomor tujuan',
    numbers: 'Nomor uji, pilih akhir ceritanya',
    number: {
      '087800001230': 'Langsung sukses',
      '087800001232': 'Gagal, uang kembali',
      '087800001233': 'Menunggu, lalu sukses',
      '087800001234': 'Menunggu, lalu gagal',
    },
    go: 'Beli sekarang',
    sending: 'Sedang dikirim',
    again: 'Beli lagi',
    retry: 'Coba lagi',
    destinationEmpty: 'Isi dulu nomor tujuannya, ya.',
    destinationOdd: 'Nomornya belum pas. Contoh: 087800001230.',
    closed: 'Coba beli hanya ada di mode demo. Di sini pesanan dibuat langsung dari server Anda.',
  },

  story: {
    sending: 'Mengirim pesanan',
    sendingNote: 'Sebentar, menunggu jawaban server.',
    accepted: 'Pesanan diterima',
    acceptedNote: price => `${rupiah(price)} ditahan dulu, belum dipakai.`,
    acceptedPast: price => `${rupiah(price)} ditahan dari saldo demo.`,
    ordered: 'Dikirim ke pemasok',
    bought: 'Dibeli dari pemasok',
    running: 'Sedang dibeli dari pemasok',
    runningNote: 'Biasanya selesai dalam hitungan detik.',
    waiting: 'Menunggu kabar dari pemasok',
    waitingNote: price =>
      `Pemasok butuh waktu sedikit lebih lama. ${rupiah(price)} tetap aman ditahan: dipakai kalau berhasil, kembali utuh kalau gagal. Anda tidak perlu melakukan apa-apa.`,
    offline: 'Sambungan sedang terputus. Pesanan tetap diurus, uangnya tetap aman.',
    last: 'Selesai',
    done: ms => `Berhasil dalam ${duration(ms)}`,
    doneNote: price => `Pulsa sudah terkirim dan ${rupiah(price)} sudah dibayarkan. Beres.`,
    failed: ms => `Tidak berhasil, selesai dalam ${duration(ms)}`,
    failedNote: price => `Tenang, ${rupiah(price)} sudah kembali utuh ke saldo.`,
    returned: 'Dana dikembalikan',
    returnedNote: price =>
      `Pembelian ini dibatalkan pemasok. ${rupiah(price)} sudah kembali utuh ke saldo.`,
    sn: sn => `Nomor seri ${sn}`,
    order: 'Nomor pesanan',
    refused: 'Pesanan belum bisa dibuat',
    refusedNote: 'Coba lagi sebentar lagi, ya.',
    twin: 'Ini supaya tidak terbeli dua kali. Coba nomor uji atau produk yang lain.',
    unknown: 'Belum ada jawaban dari server',
    unknownNote:
      'Pesanannya mungkin sudah diterima, mungkin juga belum. Lihat dulu daftar pesanan terbaru; kalau belum ada di sana, silakan coba lagi.',
  },

  server: {
    title: 'Dari server Anda',
    intro: 'Kuncinya dibuat saat pertama dijalankan dan tersimpan di DATA_DIR/demo.json.',
    tabs: 'Cara membeli',
    code: 'Perintah untuk terminal',
    base: 'Alamat dasar',
    rest: {
      tab: 'REST',
      how: 'Tempel di terminal, dari folder tempat Laju dijalankan. Tiga header, satu tanda tangan.',
      note: 'Tanda tangannya HMAC-SHA256 atas waktu.METODE.alamat.isi. Kirim ulang ref_id yang sama kapan saja: pesanannya tetap satu.',
    },
    digiflazz: {
      tab: 'Dialek Digiflazz',
      how: 'Sudah punya aplikasi untuk Digiflazz? Cukup ganti alamat dasarnya menjadi:',
      try: 'Atau coba dulu dari terminal:',
      note: 'Isian, tanda tangan md5, kode rc, dan kata statusnya sama.',
    },
    copy: 'Salin',
    copied: 'Tersalin',
    copyByHand: 'Sudah dipilih, tinggal disalin',
    health: 'Lihat kesehatan sistem',
    metrics: 'Lihat angka untuk Prometheus',
  },

  footer: 'Setiap pesanan dicatat dulu, baru dijawab.',
}
