/** Every sentence of the box's page, in one place. */

export const text = {
  name: 'Laju',
  title: 'Kotak suara',
  skip: 'Langsung ke kotaknya',
  home: 'Halaman depan',
  intro:
    'Kotak ini menyebutkan setiap pembayaran QRIS yang masuk, seperti kotak suara di meja kasir.',

  lamp: {
    off: 'Belum tersambung',
    connecting: 'Menyambung…',
    connected: 'Tersambung',
    lost: 'Tidak ada jaringan, mencoba lagi…',
    refused: 'Ditolak',
    elsewhere: 'Dipakai di tempat lain',
  },

  screen: {
    off: 'Selamat datang',
    ready: 'Siap menerima pembayaran',
    quiet: 'Suaranya belum dinyalakan',
    received: 'Pembayaran masuk',
    last: hour => `Pembayaran terakhir, ${hour}`,
  },

  sound: {
    title: 'Nyalakan suaranya dulu',
    why: 'Peramban baru boleh berbunyi setelah Anda menekan tombol.',
    go: 'Nyalakan suara',
    busy: 'Sebentar…',
    hello: 'Kotak suara sudah menyala.',
    speech: 'Suara menyala. Setiap pembayaran akan diucapkan.',
    foreign:
      'Suara menyala. Perangkat ini belum punya suara bahasa Indonesia, jadi logatnya bisa terdengar asing.',
    chime:
      'Peramban ini belum bisa bicara. Kotaknya berdering saja, dan kalimatnya tampil besar di layar.',
    blocked: 'Suaranya belum mau menyala. Periksa pengeras suara perangkat ini, lalu tekan lagi.',
    mute: 'Volumenya nol, jadi pembayaran tidak diucapkan.',
  },

  line: {
    title: 'Sambungkan kotaknya',
    why: 'Isi ID dan rahasia perangkat, yang muncul sekali saat perangkat didaftarkan.',
    id: 'ID perangkat',
    secret: 'Rahasia perangkat',
    show: 'Lihat',
    hide: 'Tutup',
    go: 'Sambungkan',
    demo: 'Pakai kotak demo',
    demoWhy: 'Sekali tekan, ID dan rahasia kotak demo terisi sendiri.',
    needId: 'Isi dulu ID perangkatnya.',
    needSecret: 'Isi dulu rahasianya.',
    wrong: 'ID atau rahasianya belum cocok. Periksa lagi, atau minta rahasia baru kepada admin.',
    barred:
      'Kotak ini sedang tidak boleh masuk: mungkin diblokir, atau terlalu sering salah rahasia. Tunggu sebentar, atau tanyakan kepada admin.',
    elsewhere:
      'Kotak ini sedang dipakai di jendela atau perangkat lain. Satu kotak hanya bisa menyala di satu tempat.',
    here: 'Pakai di sini',
    kept: 'Rahasianya hanya disimpan di tab ini, sampai tab ditutup.',
    forget: 'Putuskan kotak ini',
  },

  qr: {
    title: 'Buat QR',
    why: 'Ketik jumlahnya, lalu minta pembeli memindai.',
    amount: 'Jumlah',
    chips: 'Contoh jumlah',
    go: 'Buat QR',
    asking: 'Meminta QR…',
    needAmount: 'Isi dulu jumlahnya.',
    label: rupiah => `Kode QR untuk membayar ${rupiah}`,
    until: hour => `Berlaku sampai ${hour}`,
    buyer: 'Pura-pura jadi pembeli',
    buying: 'Membayar…',
    buyerWhy: 'Pembeli percobaan langsung memindai dan membayar QR ini.',
    bought: 'Sudah dibayar. Tunggu kotaknya bicara.',
    notBought: 'Pembayarannya belum berhasil. Coba tekan sekali lagi.',
    paid: 'Lunas',
    expired: 'QR ini sudah lewat waktunya.',
    again: 'Buat QR lagi',
    cancel: 'Tutup QR',
    why_not: {
      DEVICE_UNBOUND: 'Kotak ini belum dipasang di kasir mana pun. Minta admin memasangnya dulu.',
      FIELDS_INVALID: 'Jumlahnya belum bisa dipakai. Coba jumlah lain.',
      MERCHANT_INACTIVE: 'Tokonya sedang tidak menerima pembayaran.',
      TERMINAL_INACTIVE: 'Kasir ini sedang tidak aktif.',
    },
    unanswered: 'QR-nya belum bisa dibuat. Periksa sambungan kotaknya, lalu coba lagi.',
  },

  list: {
    title: 'Pembayaran terakhir',
    empty: 'Belum ada pembayaran. Begitu ada yang masuk, muncul di sini.',
    summary: 'Terlewat saat kotak tidak tersambung',
    status: {
      waiting: 'Menunggu suara',
      speaking: 'Sedang dibunyikan',
      played: 'Sudah diucapkan',
      chimed: 'Berdering, tanpa ucapan',
      late: 'Terlambat, tidak diucapkan',
      unsure: 'Terputus saat diucapkan',
      shown: 'Ditampilkan saja',
    },
  },

  about: {
    volume: 'Volume',
    language: 'Bahasa',
    version: 'Pengaturan',
    usual: 'bawaan',
    id: 'ID',
  },

  command: {
    late: 'Perintahnya sudah lewat waktunya.',
    wrong: 'Isi perintahnya belum benar.',
    unknown: 'Kotak di peramban tidak bisa melakukan ini.',
    silent: 'Suaranya belum dinyalakan.',
    broken: 'Kotaknya dimuat ulang sebelum selesai.',
  },
  test: 'Ini tes suara. Kotak suara siap dipakai.',
}
