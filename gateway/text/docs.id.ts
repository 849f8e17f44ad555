/** The words of `/docs` itself, and the topics that group its doors. */

/** The words of `/docs` itself. */
export const docsText = {
  title: 'Laju: API untuk reseller',
  intro:
    'Semua jawaban memakai amplop yang sama. Setiap transaksi punya ref_id dari Anda: mengulang ' +
    'permintaan dengan ref_id yang sama tidak pernah memotong saldo dua kali. Bila jawaban tidak ' +
    'sampai atau berkode 5xx, ulangi dengan ref_id yang sama.',
  start: 'Mulai',
  signing:
    'X-Api-Key, X-Timestamp (detik Unix), X-Signature = hex HMAC-SHA256(secret, timestamp + "." + ' +
    'METHOD + "." + path + "." + body). Boleh ditambah X-Nonce: timestamp + "." + nonce + "." + ...',
  signingTitle: 'Tanda tangan',
  signingParts: [
    'Waktu sekarang dalam detik Unix; selisih dengan server paling banyak lima menit.',
    'METHOD dengan huruf besar, lalu path lengkap dengan query persis seperti yang dikirim.',
    'Badan permintaan persis seperti yang dikirim, byte demi byte; kosong untuk GET.',
    'Keempatnya disambung dengan titik, lalu HMAC-SHA256 dengan secret Anda, ditulis hex.',
  ],
  shell: 'Salin fungsi ini ke terminal sekali saja; semua contoh di bawah memakainya.',
  shellNeeds: 'Perlu bash, curl, dan openssl.',
  retryTitle: 'Mengulang dengan aman',
  retry:
    'Ulangi hanya bila sambungan putus, lewat waktu, 408, 429, atau 5xx, selalu dengan ref_id yang ' +
    'sama, dan tunggu selama Retry-After. Jawaban lain sudah pasti; mengulangnya tidak mengubah apa ' +
    'pun. Satu sambungan melayani satu permintaan pada satu waktu: permintaan yang dikirim sebelum ' +
    'jawaban sebelumnya datang (pipelining) menutup sambungan tanpa jawaban. Transaksi yang lebih ' +
    'dulu dikirim tetap jadi; ulangi dengan ref_id yang sama. Klien siap pakai untuk Node, Python, ' +
    'dan PHP ada di docs/clients.',
  answersTitle: 'Amplop jawaban',
  answers: 'Berhasil: isi ada di data. Ditolak: error_code tetap, message untuk dibaca orang.',
  usualTitle: 'Penolakan umum',
  usual: 'Dapat muncul di semua alamat bertanda tangan.',
  home: 'Halaman depan',
  search: 'Cari alamat atau kolom',
  nothing: 'Tidak ada yang cocok.',
  contents: 'Isi',
  copy: 'Salin',
  copied: 'Tersalin',
  refusals: 'Kode penolakan',
  beside: 'Ditambah penolakan umum.',
  request: 'Permintaan',
  answer: 'Isi data',
  told: 'Jawaban',
  example: 'Contoh',
  signed: 'bertanda tangan',
  open: 'terbuka',
  roles: 'khusus',
  field: 'Kolom',
  type: 'Jenis',
  needed: 'Wajib',
  always: 'Selalu',
  any: 'bebas',
  yes: 'ya',
  no: 'tidak',
} as const

/** The chapters of `/docs`, in the words of its side list. */
export const topicText = {
  orders: 'Transaksi',
  bills: 'Tagihan',
  products: 'Produk',
  people: 'Masuk dan akun',
  wallet: 'Saldo',
  deposits: 'Deposit dan transfer',
  number: 'Nomor OTP',
  numberDesk: 'Petugas nomor OTP',
  webhooks: 'Webhook',
  events: 'Kejadian',
  digiflazz: 'Dialek Digiflazz',
  otomax: 'Dialek OtomaX dan kerabatnya',
  xml: 'Dialek XML',
  seller: 'Penjual di Digiflazz',
  clients: 'Petugas: akun',
  care: 'Petugas: penanganan transaksi',
  alarms: 'Petugas: alarm',
  desk: 'Petugas: kas dan bank',
  credit: 'Piutang',
  closings: 'Petugas: tutup buku',
  commission: 'Komisi',
  complaints: 'Keluhan',
  catalogue: 'Petugas: katalog',
  prices: 'Petugas: harga',
  syncs: 'Petugas: daftar harga pemasok',
  routing: 'Petugas: pemilihan pemasok',
  float: 'Petugas: saldo di pemasok',
  parser: 'Petugas: aturan parser',
  chat: 'Petugas: chat',
  otomaxAdmin: 'Petugas: mitra OtomaX',
  health: 'Keadaan server',
} as const

/** What a chapter of `/docs` begins with, where there is something to say. */
export const topicNotes: { readonly [topic in keyof typeof topicText]?: string } = {
  people:
    'Untuk orang: access_token dikirim sebagai Authorization: Bearer dan menggantikan ketiga header ' +
    'tanda tangan. Ia berlaku sepuluh menit; perbarui dengan POST /api/v1/auth/refresh, yang memakai ' +
    'cookie dari login dan menjawab dalam bentuk yang sama. Cookie lama yang dipakai ulang ' +
    'mengakhiri sesi.',
  alarms:
    'Webhook alarm memakai bentuk Standard Webhooks: type alarm, data.alarms dengan told new, again, ' +
    'atau over. Tanda tangannya dihitung seperti pada webhook lain, dengan secret kanalnya.',
  webhooks:
    'Bentuk standard mengikuti Standard Webhooks: webhook-signature berisi satu atau lebih ' +
    '"v1," + base64(HMAC-SHA256(secret tanpa whsec_ didekode base64, webhook-id + "." + ' +
    'webhook-timestamp + "." + badan)), dipisah spasi. Cukup satu yang cocok; saat secret diganti, ' +
    'yang lama dan yang baru sama-sama menandatangani. Tolak yang lebih tua dari lima menit, dan ' +
    'kerjakan setiap webhook-id satu kali saja.',
  digiflazz:
    'Ganti alamat dasarnya saja. sign = md5(username + API key + kata), ditulis hex; katanya depo, ' +
    'pricelist, deposit, ref_id, atau customer_no. Nama contoh di bawah tidak ada di server Anda.',
  otomax:
    'sign = base64url(SHA-1("OtomaX|MEMBERID|PRODUK|dest|refID|pin|password")), tanpa tanda "=". ' +
    'Untuk saldo: "OtomaX|CheckBalance|MEMBERID|pin|password"; untuk tiket: ' +
    '"OtomaX|ticket|MEMBERID|pin|password|amount". PIN dan password apa adanya juga diterima.',
  xml: 'Sama seperti dialek OtomaX, dengan nama unsur FM; sign boleh menggantikan pin dan password.',
  seller:
    'sign = md5(username + API key + ref_id); untuk checkstatus, md5(username + API key + "cs").',
  catalogue: 'Kolom tiap jenis data sama dengan baris pertama berkas CSV-nya.',
}
