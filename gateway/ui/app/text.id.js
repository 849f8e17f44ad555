/**
 * The sentences of the reseller area: here those of the frame and of buying, in text-server.id.js
 * those that most people never need. Short, friendly, and money is never vague.
 */

import { rupiah } from '../kit/format.js'

export const text = {
  more: 'Tampilkan lagi',

  trouble: {
    offline: 'Sambungan terputus. Periksa internetnya, lalu coba lagi.',
    busy: 'Sistemnya lagi sibuk. Coba lagi sebentar lagi, ya.',
    unsure:
      'Jawabannya belum sampai. Tekan lagi saja: tetap dihitung satu, saldo tidak terpotong dua kali.',
  },

  nav: {
    beranda: 'Beranda',
    beli: 'Beli',
    riwayat: 'Riwayat',
    deposit: 'Isi saldo',
    lainnya: 'Lainnya',
    harga: 'Daftar harga',
    mutasi: 'Mutasi saldo',
    downline: 'Downline',
    kunci: 'Kunci API',
    webhook: 'Webhook',
    borongan: 'Borongan',
    kredit: 'Kredit',
    sesi: 'Perangkat',
  },

  signIn: {
    intro: 'Area reseller: beli, cek riwayat, dan isi saldo.',
    username: 'Nama pengguna',
    empty: 'Isi nama pengguna dan kata sandi dulu, ya.',
  },

  home: {
    title: name => `Halo, ${name}`,
    balance: 'Saldo yang bisa dipakai',
    held: amount => `${rupiah(amount)} lagi ditahan untuk pesanan yang berjalan.`,
    deposit: 'Isi saldo',
    mutations: 'Lihat mutasi',
    credit: (owed, limit) => `Kredit terpakai ${rupiah(owed)} dari ${rupiah(limit)}`,
    buy: 'Mau beli apa?',
    latest: 'Pesanan terakhir',
    all: 'Lihat semua',
    empty: 'Belum ada pesanan. Mulai aja dulu, pilih yang mau dibeli di atas.',
  },

  categories: {
    Pulsa: 'Pulsa',
    Data: 'Paket data',
    PLN: 'Token listrik',
    'E-Money': 'Saldo dompet',
    Games: 'Game',
    Streaming: 'Voucher & streaming',
    Pascabayar: 'Bayar tagihan',
  },

  buy: {
    title: 'Mau beli apa?',
    titleOf: category => text.categories[category] ?? category,
    number: {
      Pulsa: 'Nomor HP tujuan',
      Data: 'Nomor HP tujuan',
      PLN: 'Nomor meter atau ID pelanggan',
      'E-Money': 'Nomor HP atau nomor kartu',
      Games: 'ID pemain',
      Pascabayar: 'Nomor pelanggan',
    },
    numberElse: 'Nomor tujuan',
    numberLike: { Pulsa: '0812…', Data: '0812…' },
    numberEmpty: 'Isi dulu nomornya, ya.',
    numberOdd: 'Nomornya belum pas. Contoh: 081234567890.',
    numberShort: 'Nomornya masih kurang lengkap.',
    brand: 'Pilih operator',
    brandElse: 'Pilih penyedia',
    detected: brand => `Terdeteksi ${brand}`,
    brandOther: 'Lain-lain',
    products: 'Pilih produk',
    waitBrand: 'Isi nomornya atau pilih operatornya, nanti pilihannya muncul di sini.',
    waitBrandElse: 'Pilih penyedianya, nanti pilihannya muncul di sini.',
    closed: (from, to) =>
      from === to ? 'Lagi tidak tersedia' : `Tutup, biasanya pukul ${from} sampai ${to} WIB`,
    none: 'Belum ada produk di sini.',
    bill: 'cek tagihan dulu',
  },

  confirm: {
    title: 'Sudah benar?',
    titleBill: 'Tagihannya',
    product: 'Produk',
    to: 'Tujuan',
    holder: 'Atas nama',
    periods: 'Periode',
    amount: 'Tagihan',
    fee: 'Biaya admin',
    total: 'Ditagih ke pelanggan',
    price: 'Yang dibayar',
    priceBill: 'Terpotong dari saldo',
    left: 'Sisa saldo nanti',
    go: 'Beli sekarang',
    pay: 'Bayar sekarang',
    sending: 'Lagi dikirim…',
    asking: 'Ngecek tagihan…',
    change: 'Ubah',
    short: amount => `Saldonya kurang ${rupiah(amount)}. Isi saldo dulu, ya.`,
    deposit: 'Isi saldo',
    askAgain: 'Cek tagihan lagi',
    seeHistory: 'Lihat riwayat',
    gone: 'Produk ini sudah tidak ada. Pilih yang lain, ya.',
    until: when => `Berlaku sampai ${when}.`,
  },

  status: {
    PENDING: 'Diterima',
    PROCESSING: 'Diproses',
    SUCCESS: 'Berhasil',
    FAILED: 'Gagal',
    REFUND: 'Dana kembali',
  },

  order: {
    title: 'Pesanan',
    story: {
      PENDING: price => `Pesanan diterima. ${rupiah(price)} ditahan dulu.`,
      PROCESSING: price =>
        `Lagi diproses. ${rupiah(price)} ditahan dulu: dipakai kalau berhasil, kembali utuh kalau gagal.`,
      SUCCESS: price => `Beres! ${rupiah(price)} sudah dibayarkan.`,
      FAILED: price => `Belum berhasil. Tenang, ${rupiah(price)} sudah kembali utuh ke saldo.`,
      REFUND: price => `Pesanan dibatalkan. ${rupiah(price)} sudah kembali utuh ke saldo.`,
    },
    slow: 'Prosesnya lebih lama dari biasanya. Petugas kami ikut memeriksa, uangnya tetap aman.',
    stay: 'Halaman ini berubah sendiri begitu ada kabar.',
    disputed: 'Ada kabar yang saling berbeda tentang pesanan ini. Petugas sedang memeriksanya.',
    sn: 'Nomor seri / token',
    to: 'Tujuan',
    price: 'Harga',
    at: 'Waktu',
    id: 'Nomor pesanan',
    journey: 'Perjalanan pesanan',
    steps: {
      placed: 'Pesanan dicatat, saldo ditahan',
      dispatched: 'Dikirim ke pemasok',
      started: 'Dikirim ke pemasok',
      rechecked: 'Statusnya ditanyakan lagi',
      pending: 'Pemasok sedang memproses',
      unknown: 'Menunggu kepastian dari pemasok',
      success: 'Berhasil',
      failed: 'Pemasok ini tidak berhasil',
      disputed: 'Diperiksa petugas',
      parked: 'Diperiksa petugas',
      released: 'Selesai, dana kembali ke saldo',
      refunded: 'Dana kembali ke saldo',
    },
    again: 'Beli lagi',
    complain: 'Ada masalah dengan pesanan ini?',
    complainIntro: 'Ceritakan di sini, kami periksa ke pemasok dan kabari.',
    reason: 'Masalahnya',
    reasons: {
      not_received: 'Belum masuk',
      wrong_serial: 'Nomor seri tidak bisa dipakai',
      wrong_amount: 'Jumlahnya tidak sesuai',
      too_slow: 'Terlalu lama',
      other: 'Lainnya',
    },
    words: 'Ceritanya',
    wordsEmpty: 'Tulis sedikit ceritanya, ya.',
    complainGo: 'Kirim keluhan',
    complained: 'Keluhannya sudah kami catat. Kami kabari begitu ada jawaban.',
    gone: 'Pesanan ini tidak ditemukan.',
  },

  history: {
    title: 'Riwayat',
    search: 'Cari nomor tujuan',
    filter: 'Status',
    all: 'Semua',
    empty: 'Belum ada pesanan. Mulai aja dulu.',
    nothing: 'Tidak ada pesanan yang cocok.',
    buy: 'Beli sekarang',
  },

  prices: {
    title: 'Daftar harga',
    search: 'Cari produk, misalnya telkomsel 10',
    category: 'Jenis',
    all: 'Semua',
    nothing: 'Tidak ada produk yang cocok. Coba kata lain.',
    fee: 'tagihan + biaya admin',
    count: n => `${n} produk`,
  },

  elsewhere: {
    title: 'Akunmu untuk Nomor OTP',
    why: 'Area ini khusus reseller. Nomor, saldo, dan riwayatmu ada di halaman Nomor OTP.',
    go: 'Ke Nomor OTP',
  },

  mutations: {
    title: 'Mutasi saldo',
    empty: 'Belum ada mutasi. Isi saldo dulu, nanti tercatat di sini.',
    deposit: 'Isi saldo',
    after: amount => `Saldo ${rupiah(amount)}`,
    in: 'Masuk',
    out: 'Keluar',
  },

  deposit: {
    title: 'Isi saldo',
    amount: 'Mau isi berapa?',
    usual: 'Nominal yang sering dipilih',
    amountEmpty: 'Isi dulu nominalnya, ya.',
    go: 'Buat tiket',
    going: 'Sebentar…',
    list: 'Tiket saya',
    empty: 'Belum ada tiket. Pilih nominal di atas untuk mulai.',
    ticket: 'Tiket isi saldo',
    exactly: 'Transfer tepat sebesar',
    why: 'Tiga angka terakhir itu tandanya. Kalau jumlahnya pas, saldo masuk sendiri.',
    to: bank => `Rekening ${bank}`,
    was: 'Jumlah tiket',
    made: 'Dibuat',
    bank: 'Bank',
    holder: holder => `atas nama ${holder}`,
    status: {
      open: 'Menunggu transfer',
      paid: 'Sudah masuk',
      cancelled: 'Dibatalkan',
      expired: 'Waktunya habis',
    },
    story: {
      open: 'Halaman ini berubah sendiri begitu transfernya masuk.',
      paid: 'Transfernya sudah kami terima. Saldo sudah bertambah.',
      cancelled: 'Tiket ini dibatalkan. Jangan transfer ke tiket ini, ya.',
      expired: 'Waktunya habis, saldo kamu aman. Buat tiket baru untuk isi saldo.',
    },
    left: words => `Waktunya ${words} lagi`,
    cancel: 'Batalkan tiket',
    fresh: 'Buat tiket baru',
    copyAmount: 'Salin jumlah',
    copyAccount: 'Salin rekening',
  },

  downlines: {
    title: 'Downline',
    list: 'Downline saya',
    empty: 'Belum ada downline. Minta pengelola menambahkan akun di bawah Anda.',
    since: when => `Bergabung ${when}`,
    level: level => `Level ${level}`,
    send: 'Kirim saldo',
    pick: 'Kirim',
    to: 'Kirim ke',
    toEmpty: 'Pilih atau tulis dulu nama penggunanya, ya.',
    amount: 'Jumlah',
    pin: 'PIN',
    pinEmpty: 'Isi PIN dulu, ya.',
    go: 'Kirim saldo',
    going: 'Lagi dikirim…',
    sent: (to, amount, left) =>
      `${rupiah(amount)} sudah terkirim ke ${to}. Sisa saldo ${rupiah(left)}.`,
    earned: 'Komisi',
    earnedEmpty: 'Belum ada komisi. Komisi muncul saat downline berbelanja.',
    earnedFrom: (from, product) => `${product} oleh ${from}`,
    earnedStatus: { due: 'Segera masuk', paid: 'Sudah masuk', reversed: 'Ditarik kembali' },
  },
}

/** What a no means, for whoever stands behind a counter. */
export const codeText = {
  INSUFFICIENT_BALANCE: 'Saldonya belum cukup. Isi saldo dulu, ya.',
  TWIN_ORDER:
    'Pesanan yang sama ke nomor ini baru saja dibuat. Cek riwayat dulu supaya tidak terbeli dua kali.',
  DUPLICATE_REF: 'Pesanan ini sudah pernah dikirim dengan isi lain. Cek riwayat dulu, ya.',
  PRODUCT_UNKNOWN: 'Produk ini sudah tidak ada. Pilih yang lain, ya.',
  PRODUCT_CLOSED: 'Produk ini lagi tutup. Coba lagi nanti, ya.',
  PRODUCT_UNSUPPLIED: 'Produk ini lagi kosong. Coba produk lain dulu, ya.',
  PRICE_ABOVE_MAX: 'Harganya baru saja berubah. Kembali dan lihat harga terbarunya, ya.',
  DESTINATION_INVALID: 'Nomor tujuannya belum benar. Coba periksa lagi.',
  PREFIX_MISMATCH: 'Nomor ini bukan milik operator produk itu. Coba periksa lagi.',
  CLIENT_SUSPENDED: 'Akun ini sedang dinonaktifkan. Silakan hubungi pengelola.',
  LOGIN_INVALID: 'Nama pengguna atau kata sandinya belum cocok. Coba periksa lagi.',
  LOGIN_LOCKED: 'Terlalu sering salah. Tunggu beberapa menit, lalu coba lagi.',
  PASSWORD_WRONG: 'Kata sandinya belum cocok. Coba periksa lagi.',
  SESSION_ENDED: 'Sesi sudah berakhir. Silakan masuk lagi.',
  NOT_FOUND: 'Yang dicari tidak ditemukan.',
  FORBIDDEN: 'Akun ini belum boleh memakai bagian ini.',
  AMOUNT_INVALID: 'Nominalnya belum pas. Coba nominal lain.',
  BANK_ACCOUNT_UNKNOWN: 'Rekening tujuan belum tersedia. Silakan hubungi pengelola.',
  TICKET_LIMIT: 'Masih ada tiket yang terbuka. Bayar atau batalkan dulu salah satunya.',
  TICKET_EXHAUSTED: 'Nominal ini lagi ramai. Pilih nominal lain dulu, ya.',
  TICKET_CLOSED: 'Tiket ini sudah tidak terbuka.',
  CLIENT_UNKNOWN: 'Akun yang dituju tidak ditemukan.',
  OUTSIDE_TREE: 'Saldo hanya bisa dikirim ke upline atau downline sendiri.',
  PIN_WRONG: 'PIN-nya salah. Hati-hati, lima kali salah PIN terkunci.',
  PIN_LOCKED: 'PIN terkunci karena terlalu sering salah. Silakan hubungi pengelola.',
  TRANSFER_LIMIT: 'Sudah lewat batas kirim hari ini.',
  URL_FORBIDDEN: 'Alamat ini tidak bisa kami hubungi. Pakai alamat yang bisa dibuka umum.',
  WEBHOOK_LIMIT: 'Alamatnya sudah penuh. Hapus salah satu dulu.',
  COMPLAINT_LIMIT: 'Masih ada keluhan yang belum selesai. Tunggu jawabannya dulu, ya.',
  COMPLAINT_CLOSED: 'Keluhan ini sudah diputuskan.',
  INQUIRY_EXPIRED: 'Hasil ceknya sudah terlalu lama. Cek tagihannya lagi, ya.',
  INQUIRY_USED: 'Tagihan ini sudah dibayar dari pesanan lain. Lihat riwayat, ya.',
  INQUIRY_INVALID: 'Hasil ceknya tidak cocok. Cek tagihannya lagi, ya.',
  INQUIRY_UNANSWERED: 'Tagihannya belum bisa dicek. Coba lagi sebentar lagi.',
  INQUIRY_UNSUPPORTED: 'Produk ini tidak punya tagihan untuk dicek.',
  BILL_UNAVAILABLE: 'Tagihan tidak ditemukan, belum terbit, atau sudah lunas.',
  RATE_LIMITED: 'Terlalu sering. Tunggu sebentar, lalu coba lagi.',
  VALIDATION_FAILED: 'Ada isian yang belum pas. Coba periksa lagi.',
}

export const moneyText = {
  held: 'Uangnya ditahan dulu, belum dipakai.',
  charged: 'Saldo sudah terpotong.',
  refunded: 'Uangnya sudah kembali ke saldo.',
}

/** "sekitar 5 jam 40 menit", "kurang dari semenit". */
export function aboutTime(ms) {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return 'kurang dari semenit'
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  if (hours === 0) return `sekitar ${minutes} menit`
  return rest === 0 ? `sekitar ${hours} jam` : `sekitar ${hours} jam ${rest} menit`
}
