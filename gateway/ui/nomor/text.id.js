/** Every sentence of the number pages: as one would say it to a friend who is in a hurry. */

import { count, rupiah } from '../kit/format.js'

const hundredths = new Intl.NumberFormat('id-ID', { maximumFractionDigits: 2 })

export const nav = {
  brand: 'Nokosku',
  beranda: 'Beranda',
  beli: 'Beli',
  saldo: 'Isi saldo',
  riwayat: 'Riwayat',
  profil: 'Profil',
  tanya: 'Tanya jawab',
  lainnya: 'Lainnya',
}

export const above = {
  offline: 'Internetmu lagi putus. Begitu nyambung, halaman ini lanjut sendiri.',
  demo: 'Ini buat coba-coba, uangnya bukan sungguhan.',
  play: 'Pura-pura bayar dan kirim kode',
}

/** What goes on behind the wall, one after the other, while somebody waits. */
export const rotating = {
  number: ['nyiapin nomor buat kamu', 'ngecek pilihan kamu', 'hampir siap'],
  code: ['nungguin kode dari aplikasinya', 'terus dipantau, santai aja', 'kodenya muncul di sini'],
  payment: ['nyiapin sistem', 'ngecek pembayaran', 'hampir siap'],
  cancel: ['ngembaliin nomornya', 'mastiin saldo kamu aman', 'hampir selesai'],
}

export const home = {
  guest: 'Nomor OTP, beres sebentar',
  hello: name => (name === '' ? 'Halo!' : `Halo, ${name}!`),
  intro: 'Buka, pilih, bayar, kodenya masuk. Selesai.',
  buy: 'Beli nomor OTP',
  balance: 'Saldo kamu',
  held: amount => `${rupiah(amount)} lagi dipakai buat pesanan`,
  fill: 'Isi saldo',
  running: 'Lagi jalan',
  runningEmpty: 'Belum ada apa-apa, mulai aja dulu.',
  all: 'Lihat semua',
  enter: 'Masuk',
  register: 'Daftar gratis',
  steps: [
    ['Pilih aplikasinya', 'WhatsApp, Telegram, Shopee, dan ratusan lainnya.'],
    ['Bayar pakai QRIS', 'Dari dompet digital atau bank mana pun.'],
    ['Kodenya masuk', 'Nggak masuk? Saldo kamu balik sendiri.'],
  ],
  how: 'Caranya',
  ask: 'Punya pertanyaan?',
}

export const apps = {
  title: 'Buat aplikasi apa?',
  search: 'Cari aplikasi',
  hint: 'Contoh: WhatsApp',
  label: 'Daftar aplikasi',
  from: price => `mulai ${rupiah(price)}`,
  soldOut: 'lagi habis',
  empty: typed => `Belum ketemu yang namanya “${typed}”. Coba kata lain, ya.`,
  none: 'Daftarnya lagi disiapin. Coba lagi sebentar lagi, ya.',
}

export const countries = {
  title: name => `${name}: nomor dari mana?`,
  plain: 'Nomor dari negara mana?',
  search: 'Cari negara',
  hint: 'Contoh: Indonesia',
  label: 'Daftar negara',
  stock: n => (n === 0 ? 'lagi habis' : `${count(n)} nomor siap`),
  success: percent => `${percent}% kodenya masuk`,
  stale: 'Stoknya lagi dicek ulang, bisa sedikit berubah.',
  empty: typed => `Belum ketemu yang namanya “${typed}”. Coba kata lain, ya.`,
  none: 'Nomornya lagi kosong. Coba aplikasi lain, ya.',
  other: 'Pilih aplikasi lain',
}

export const operators = {
  title: 'Mau operator apa?',
  intro: 'Nggak tahu? Pilih yang paling atas aja.',
  label: 'Daftar operator',
  any: 'Bebas, yang mana aja',
  anyNote: 'Paling cepat dapat',
  none: 'Operatornya lagi kosong. Coba negara lain, ya.',
  other: 'Pilih negara lain',
}

export const confirm = {
  title: 'Sudah pas?',
  app: 'Aplikasi',
  country: 'Negara',
  operator: 'Operator',
  price: 'Total bayar',
  included: 'harga sudah termasuk biaya sistem & layanan otomatis',
  promise: 'Kalau kodenya nggak masuk, saldo kamu balik penuh.',
  balance: 'Saldo kamu',
  after: 'Sisa saldo nanti',
  go: 'lanjut bayar',
  busy: 'Nyiapin nomornya…',
  short: amount =>
    `Saldo kamu kurang ${rupiah(amount)}. Isi dulu sebentar, pilihanmu tetap disimpan.`,
  fill: 'Isi saldo dulu',
  moved: 'Harganya baru saja berubah. Cek dulu harga barunya, ya.',
  gone: 'Pilihannya belum lengkap. Mulai dari aplikasinya, ya.',
  start: 'Pilih aplikasi',
}

export const statusText = {
  processing: 'Disiapin',
  waiting: 'Nunggu kode',
  otp_received: 'Kode masuk',
  finished: 'Selesai',
  cancelling: 'Lagi dibatalin',
  refunded: 'Saldo balik',
  expired: 'Waktu habis',
  checking: 'Lagi dicek',
}

export const order = {
  title: name => `Nomor buat ${name}`,
  plain: 'Nomor kamu',
  story: {
    processing: () => 'Nomornya lagi disiapin. Sebentar aja.',
    waiting: name => `Masukin nomor ini di ${name}, lalu tunggu kodenya di sini.`,
    otp_received: () => 'Kodenya sudah masuk!',
    finished: () => 'Beres. Makasih sudah pakai Nokosku.',
    cancelling: () => 'Sedang dibatalkan. Saldo kamu balik begitu selesai.',
    refunded: () => 'Sudah dibatalkan, saldo kamu sudah balik.',
    expired: () => 'waktunya habis, saldo kamu aman',
    checking: () => 'Lagi kami cek satu-satu. Saldo kamu aman.',
  },
  soldOut: 'Nomornya keburu habis. Saldo kamu sudah balik, coba negara atau operator lain, ya.',
  next: 'Kode berikutnya lagi ditunggu.',
  number: 'Nomor kamu',
  copyNumber: 'Salin nomor',
  code: 'Kode OTP',
  codeBefore: 'Kode sebelumnya',
  numberBefore: 'Nomornya tadi',
  copyCode: 'Salin kode',
  until: words => `Nomor ini aktif ${words}`,
  messages: 'Pesan yang masuk',
  late: 'Ada pesan yang masuk setelah uangnya balik. Isinya nggak dibuka, saldo nggak dipotong.',
  hidden: 'Isi pesannya sudah nggak ditampilin lagi.',
  resend: left => `Minta kode lagi (sisa ${left}x)`,
  resendBusy: 'Sebentar…',
  resendUsed: 'Nomor ini sudah nggak bisa minta kode lagi.',
  resent: 'Oke, kode barunya lagi ditunggu.',
  resendRefused: 'Kode baru belum bisa diminta sekarang. Jatah kamu tetap, coba lagi sebentar, ya.',
  cancel: 'Batalin',
  cancelSure: 'Yakin? Tekan sekali lagi',
  cancelBusy: 'Lagi dibatalin…',
  cancelGot: 'Kodenya sudah masuk, jadi nggak bisa dibatalin.',
  cancelSoon: 'Nomornya lagi disiapin, tunggu sebentar, ya.',
  price: 'Harga',
  made: 'Dibeli',
  country: 'Negara',
  operator: 'Operator',
  anyOperator: 'Bebas',
  invoice: 'Link pesanan',
  keep: 'simpan link ini ya, bisa dibuka lagi tanpa masuk',
  changeLink: 'Ganti link',
  changeSure: 'Ya, ganti sekarang',
  changeBusy: 'Lagi diganti…',
  changeEnds:
    'Kalau diganti, link yang lama nggak bisa dibuka lagi, juga oleh yang sudah kamu kirimi.',
  changed: 'Link-nya sudah baru. Yang lama nggak bisa dibuka lagi.',
  lookAgain: 'Cek lagi sekarang',
  again: 'Beli lagi',
  gone: 'Pesanan ini nggak ketemu. Cek di riwayat, ya.',
  history: 'Buka riwayat',
  goneInvoice: 'Link ini nggak ketemu, atau sudah diganti. Cek lagi link-nya, ya.',
}

export const notify = {
  ask: 'mau dikabarin pas otp masuk?',
  yes: 'Mau',
  no: 'Nggak usah',
  on: 'Siap, nanti dikabarin. Boleh buka aplikasi lain dulu.',
  title: 'OTP masuk',
  body: (number, otp) => `nomor ${number}, kode ${otp}`,
}

export const help = {
  ask: 'butuh bantuan?',
  busy: 'Sebentar…',
  sent: 'Sudah kami catat. Tim kami cek secepatnya, ya.',
  open: 'Buka obrolan bantuan',
}

export const fill = {
  title: 'Isi saldo',
  amount: 'Mau isi berapa?',
  hint: 'Contoh: 20.000',
  quick: 'Pilihan cepat',
  methods: 'Bayar lewat mana?',
  name: {
    qris_atlantic: 'QRIS biasa',
    qrisfast_atlantic: 'QRIS kilat',
    qris_rumahotp_v1: 'QRIS lainnya 1',
    qris_rumahotp_v2: 'QRIS lainnya 2',
  },
  /** How one differs from the others: by name, else by its kind. */
  about: {
    qris_atlantic: 'Saldonya bisa baru masuk di hari kerja berikutnya.',
    qrisfast_atlantic: 'Saldo langsung masuk begitu dibayar.',
    qris_rumahotp_v1: 'Saldo langsung masuk. Bisa dicoba kalau yang lain lagi gangguan.',
    qris_rumahotp_v2: 'Saldo langsung masuk. Bisa dicoba kalau yang lain lagi gangguan.',
    va: 'Transfer ke nomor khusus buat kamu.',
    ewallet: 'Bayar langsung dari aplikasinya.',
    bank: 'Transfer pas sampai angka terakhir, ya.',
  },
  best: 'Disarankan',
  limits: (min, max) => `dari ${rupiah(min)} sampai ${rupiah(max)}`,
  others: 'Cara lain',
  fee: (amount, percent) =>
    amount === 0 && percent === 0
      ? 'tanpa biaya tambahan'
      : `biaya ${[amount > 0 && rupiah(amount), percent > 0 && `${hundredths.format(percent)}%`].filter(Boolean).join(' + ')}`,
  feeLater: 'biayanya kelihatan sebelum bayar',
  arrives: amount => `Masuk ke saldo ${rupiah(amount)}`,
  go: 'lanjut bayar',
  busy: 'Nyiapin QR-nya…',
  empty: 'Isi dulu jumlahnya, ya.',
  small: min => `Paling sedikit ${rupiah(min)}, ya.`,
  large: max => `Paling banyak ${rupiah(max)} sekali isi, ya.`,
  none: 'Pembayaran lagi istirahat sebentar. Coba lagi nanti, ya.',
  open: 'Yang belum dibayar',
}

/** What a way of paying is called; a bank goes by its own name. */
export const wayName = way =>
  fill.name[way] ?? (way.startsWith('qris') ? 'QRIS' : way.split('_')[0].toUpperCase())

export const pay = {
  title: 'Bayar pakai QRIS',
  total: 'Total bayar',
  scan: 'Pindai dari aplikasi bank atau dompet digital mana pun.',
  qr: 'Kode QR untuk bayar',
  link: 'Buka halaman bayar',
  fee: 'Biaya',
  received: 'Masuk ke saldo',
  method: 'Lewat',
  id: 'Nomor bayar',
  until: words => `QR ini berlaku ${words}`,
  making: 'QR-nya lagi disiapin. Sebentar aja.',
  soon: 'Mau masuk sekarang juga?',
  soonSure: fee => `Masukin sekarang, biaya ${rupiah(fee)}`,
  soonTerms: received => `Yang masuk ke saldo jadi ${rupiah(received)}.`,
  waits: 'Begitu dibayar, halaman ini langsung berubah sendiri.',
  story: {
    pending: 'Tinggal bayar',
    processing: 'Pembayaran kamu sudah masuk, lagi diproses.',
    success: 'Saldo sudah masuk!',
    expired: 'waktunya habis, saldo kamu aman',
    cancel: 'Pembayaran ini sudah dibatalin.',
    failed: 'Pembayaran ini belum berhasil. Saldo kamu aman.',
    checking: 'Lagi kami cek. Uang kamu aman.',
  },
  added: amount => `${rupiah(amount)} sudah nambah ke saldo kamu.`,
  next: 'Lanjut beli nomor',
  back: 'lanjut bayar',
  again: 'Isi saldo lagi',
  history: 'Buka riwayat',
  home: 'Ke beranda',
  cancel: 'Batalin pembayaran ini',
  cancelSure: 'Yakin? Tekan sekali lagi',
  cancelBusy: 'Sebentar…',
  cancelNot: 'Pembayarannya lagi diproses, jadi nggak bisa dibatalin.',
  gone: 'Pembayaran ini nggak ketemu. Cek di riwayat, ya.',
}

export const depositText = {
  pending: 'Belum dibayar',
  processing: 'Diproses',
  success: 'Saldo masuk',
  expired: 'Waktu habis',
  cancel: 'Dibatalin',
  failed: 'Belum berhasil',
  checking: 'Lagi dicek',
}

const joined = (...parts) => parts.filter(Boolean).join(' · ')

export const history = {
  title: 'Riwayat',
  kinds: { nomor: 'Nomor', saldo: 'Isi saldo', catatan: 'Catatan saldo' },
  kind: 'Tampilin',
  empty: 'belum ada apa-apa, mulai aja dulu',
  buy: 'Beli nomor OTP',
  fill: 'Isi saldo',
  changes: {
    order: about => `Beli nomor ${about}`.trimEnd(),
    release: about => joined('Uang kembali', about),
    refund: about => joined('Uang kembali', about),
    deposit: way => joined('Isi saldo', /^\w+$/.test(way) && wayName(way)),
    commission: () => 'Komisi',
  },
  changed: { in: 'Saldo masuk', out: 'Saldo dipakai' },
  after: amount => `saldo ${rupiah(amount)}`,
}

export const signIn = {
  title: 'Masuk',
  intro: 'Senang lihat kamu lagi.',
  kept: 'Masuk dulu sebentar, ya. Pilihanmu tetap disimpan.',
  email: 'Email',
  password: 'Kata sandi',
  empty: 'Isi email dan kata sandinya dulu, ya.',
  go: 'Masuk',
  busy: 'Sebentar…',
  forgot: 'Lupa kata sandi?',
  register: 'Belum punya akun? Daftar',
  ended: 'Kamu sudah keluar. Masuk lagi, ya.',
  endings: { password: 'Kata sandinya sudah diganti. Masuk lagi pakai yang baru, ya.' },
}

export const register = {
  title: 'Daftar, sebentar aja',
  intro: 'Cuma butuh email. Nggak perlu unggah apa-apa.',
  kept: 'Daftar dulu sebentar, ya. Pilihanmu tetap disimpan.',
  name: 'Nama panggilan',
  email: 'Email',
  phone: 'Nomor HP (boleh kosong)',
  password: 'Bikin kata sandi',
  rule: 'Paling sedikit 8 huruf atau angka.',
  nameEmpty: 'Isi nama panggilanmu, ya.',
  nameWrong: 'Nama ini belum bisa dipakai. Coba yang lain, ya.',
  emailWrong: 'Emailnya belum pas. Cek lagi, ya.',
  phoneWrong: 'Nomornya belum pas. Contoh: 081234567890',
  passwordShort: 'Tambah lagi, paling sedikit 8 huruf atau angka.',
  passwordWrong: 'Kata sandi ini belum bisa dipakai. Coba yang lain, ya.',
  go: 'Daftar',
  busy: 'Nyiapin akunmu…',
  enter: 'Sudah punya akun? Masuk',
  mail: 'Tinggal satu langkah',
  done: email => `Kami kirim link ke ${email}. Buka link-nya, terus masuk, ya.`,
  enterNow: 'Masuk',
}

export const forgot = {
  title: 'Lupa kata sandi',
  intro: 'Nggak apa-apa. Kami kirim link ke emailmu buat bikin yang baru.',
  go: 'Kirim link-nya',
  busy: 'Mengirim…',
  sent: 'Kalau email itu terdaftar, link-nya sudah dikirim. Cek kotak masuk, ya.',
  back: 'Balik ke halaman masuk',
}

export const reset = {
  title: 'Bikin kata sandi baru',
  password: 'Kata sandi baru',
  go: 'Simpan',
  busy: 'Menyimpan…',
  done: 'Kata sandinya sudah diganti. Masuk lagi, ya.',
  enter: 'Masuk',
  ended: 'Link ini sudah lewat waktunya. Minta yang baru, ya.',
  again: 'Minta link baru',
}

export const verify = {
  title: 'Cek email',
  busy: 'Sebentar, lagi dicek…',
  done: 'Emailmu sudah terkonfirmasi. Makasih!',
  ended: 'Link ini sudah lewat waktunya. Kirim lagi dari halaman profil, ya.',
  home: 'Ke beranda',
  enter: 'Masuk',
  profile: 'Buka profil',
}

export const profile = {
  title: 'Profil',
  name: 'Nama panggilan',
  phone: 'Nomor HP',
  save: 'Simpan',
  saving: 'Menyimpan…',
  saved: 'Sudah disimpan.',
  email: 'Email',
  verified: 'sudah terkonfirmasi',
  unverified: 'belum terkonfirmasi',
  verify: 'Kirim link konfirmasi',
  verifySent: 'Link-nya sudah dikirim. Cek kotak masuk, ya.',
  nextEmail: email => `Lagi nunggu ${email} dikonfirmasi. Buka link yang kami kirim ke sana, ya.`,
  changeEmail: 'Ganti email',
  changePassword: 'Ganti kata sandi',
  sessions: 'Perangkat yang lagi masuk',
  own: 'Perangkat ini',
  usedAt: words => `dipakai ${words}`,
  unknown: 'Perangkat lain',
  end: 'Keluarin',
  leave: 'Keluar',
}

export const password = {
  title: 'Ganti kata sandi',
  intro: 'Habis diganti, perangkat lain otomatis keluar. Di sini kamu tetap masuk.',
  old: 'Kata sandi sekarang',
  next: 'Kata sandi baru',
  go: 'Simpan',
  busy: 'Menyimpan…',
  empty: 'Isi kata sandimu yang sekarang dulu, ya.',
  same: 'Yang baru masih sama dengan yang lama. Bikin yang beda, ya.',
  done: 'Kata sandinya sudah diganti.',
  elsewhere: 'Perangkat lain sudah keluar. Di sini kamu tetap masuk.',
  unsure: 'Jawabannya belum sampai. Tekan lagi aja, nanti kami cek dulu sudah keganti atau belum.',
  back: 'Balik ke profil',
}

export const email = {
  title: 'Ganti email',
  now: 'Email kamu sekarang',
  next: 'Email baru',
  password: 'Kata sandi',
  why: 'Biar kami yakin ini kamu.',
  go: 'Kirim link konfirmasi',
  busy: 'Mengirim…',
  empty: 'Isi kata sandimu dulu, ya.',
  same: 'Itu email kamu yang sekarang. Isi yang baru, ya.',
  done: email => `Kami kirim link ke ${email}. Buka link-nya, baru emailmu berganti.`,
  until: email => `Sampai link-nya dibuka, kamu masuk pakai ${email}.`,
  back: 'Balik ke profil',
}

export const more = {
  title: 'Lainnya',
  guide: 'Buat yang mau nyambungin toko sendiri',
}

export const faq = {
  title: 'Tanya jawab',
  questions: [
    [
      'Nokosku itu apa?',
      'Tempat sewa nomor sementara buat nerima kode OTP. Pilih aplikasinya, bayar, kodenya muncul di sini.',
    ],
    [
      'Kalau kodenya nggak masuk gimana?',
      'Saldo kamu balik penuh dan otomatis. Kamu nggak perlu ngapa-ngapain.',
    ],
    [
      'Nomornya aktif berapa lama?',
      'Sekitar 15 menit. Setelah kode masuk, kamu bisa minta kode lagi sampai tiga kali.',
    ],
    ['Bisa dibatalin?', 'Bisa, selama kodenya belum masuk. Saldo kamu langsung diurus balik.'],
    [
      'Saldo belum masuk padahal sudah bayar?',
      'Biasanya cuma sebentar. Kalau lama, tekan “butuh bantuan?” di halaman bayarnya. Uang kamu tetap tercatat.',
    ],
    [
      'Halamannya tertutup, kodenya hilang?',
      'Nggak. Buka lagi dari Riwayat, atau dari link pesanan yang kamu simpan.',
    ],
    [
      'Harganya sudah pas?',
      'Iya. harga sudah termasuk biaya sistem & layanan otomatis, nggak ada tambahan lagi.',
    ],
    [
      'Boleh dipakai buat apa aja?',
      'Buat daftar akun sendiri, ya. Jangan buat nipu atau ngambil akun orang; yang begitu kami tutup.',
    ],
  ],
  more: 'Belum kejawab?',
}

/** What a no means, whatever the other side calls it. */
export const sayings = {
  LOGIN_INVALID: 'Email atau kata sandinya belum cocok. Coba lagi, ya.',
  PASSWORD_WRONG: 'Kata sandinya belum cocok. Coba lagi, ya.',
  EMAIL_TAKEN: 'Email itu nggak bisa dipakai. Coba email lain, ya.',
  LOGIN_LOCKED: 'Sudah beberapa kali belum cocok. Tunggu sebentar, terus coba lagi, ya.',
  SECOND_FACTOR_REQUIRED: 'Masukin juga kode dari aplikasi autentikatormu, ya.',
  SECOND_FACTOR_WRONG: 'Kodenya belum cocok. Coba kode yang terbaru, ya.',
  LINK_INVALID: 'Link ini sudah dipakai atau lewat waktunya. Minta yang baru, ya.',
  ASKED_TOO_OFTEN: 'Sudah beberapa kali diminta. Tunggu dulu, terus coba lagi, ya.',
  CLIENT_BANNED: 'Akunmu lagi ditutup. Hubungi kami lewat bantuan, ya.',
  CLIENT_CLOSED: 'Akun ini sudah ditutup.',
  SESSION_ENDED: 'Kamu sudah keluar. Masuk lagi, ya.',
  CLIENT_SUSPENDED: 'Akunmu lagi ditahan dulu. Hubungi kami lewat bantuan, ya.',
  RATE_LIMITED: 'Pelan-pelan dulu, ya. Tunggu sebentar, terus coba lagi.',
  INSUFFICIENT_BALANCE: 'Saldo kamu belum cukup. Isi dulu sebentar, ya.',
  PRICE_ABOVE_MAX: 'Harganya baru saja berubah. Cek dulu harga barunya, ya.',
  SERVICE_UNKNOWN: 'Aplikasi itu belum ada di sini. Pilih yang lain, ya.',
  SERVICE_BLOCKED: 'Aplikasi ini nggak kami sediain. Pilih yang lain, ya.',
  COUNTRY_UNKNOWN: 'Negara itu belum ada buat aplikasi ini. Pilih yang lain, ya.',
  OPERATOR_UNKNOWN: 'Operator itu belum ada di negara ini. Pilih yang lain, ya.',
  NUMBER_SOLD_OUT: 'Nomornya lagi habis. Coba negara atau operator lain, ya.',
  RENTAL_LIMIT: 'Nomor yang kamu sewa sudah banyak. Selesaiin dulu yang lagi jalan, ya.',
  CATALOGUE_STALE: 'Daftarnya lagi diperbarui. Coba lagi sebentar lagi, ya.',
  RESEND_LIMIT: 'Kodenya sudah diminta ulang tiga kali.',
  CODE_AWAITED: 'Tunggu kode yang sekarang dulu, ya.',
  CODE_RECEIVED: 'Kodenya sudah masuk, jadi nggak bisa dibatalin.',
  RESEND_UNSUPPORTED: 'Nomor ini cuma bisa nerima satu kode.',
  RESEND_REFUSED:
    'Kode baru belum bisa diminta sekarang. Jatah kamu tetap, coba lagi sebentar, ya.',
  ORDER_FINAL: 'Pesanan ini sudah selesai.',
  ORDER_BUSY: 'Pesanannya lagi diurus. Tunggu sebentar, ya.',
  METHOD_UNKNOWN: 'Cara bayar itu belum ada. Pilih yang lain, ya.',
  METHOD_CLOSED: 'Cara bayar itu lagi istirahat. Pilih yang lain, ya.',
  DEPOSIT_LIMIT: 'Masih ada yang belum dibayar. Bayar atau batalin dulu, ya.',
  DEPOSIT_BUSY: 'Pembayarannya lagi diurus. Tunggu sebentar, ya.',
  DEPOSIT_FINAL: 'Pembayaran ini sudah selesai.',
  DEPOSIT_PAID: 'Pembayaran ini sudah masuk.',
  INSTANT_UNAVAILABLE: 'Yang ini belum bisa dipercepat. Tunggu sebentar, ya.',
  GATEWAY_REFUSED: 'Cara bayar itu lagi nggak bisa. Pilih yang lain, ya.',
  GATEWAY_UNANSWERED: 'Pembayarannya lagi disiapin. Cek lagi sebentar lagi, ya.',
  NOT_FOUND: 'Yang kamu cari nggak ketemu.',
  VALIDATION_FAILED: 'Ada isian yang belum pas. Cek lagi, ya.',
  AMOUNT_INVALID: 'Jumlahnya belum pas. Cek lagi, ya.',
  OVERLOADED: 'Lagi ramai banget. Coba lagi sebentar lagi, ya.',
}

export const trouble = {
  offline: 'Internetnya lagi putus. Cek dulu, terus coba lagi, ya.',
  busy: 'Lagi ramai. Coba lagi sebentar lagi, ya.',
  other: 'Belum berhasil. Coba lagi, ya.',
  unsure: 'Jawabannya belum sampai. Tekan lagi aja, tetap dihitung sekali.',
}

/** "sekitar 14 menit lagi": how long there still is. */
export function left(ms) {
  if (ms <= 0) return 'sebentar lagi habis'
  const minutes = Math.round(ms / 60_000)
  if (minutes < 1) return 'kurang dari semenit lagi'
  if (minutes < 90) return `sekitar ${minutes} menit lagi`
  return `sekitar ${Math.round(minutes / 60)} jam lagi`
}
