/**
 * Every sentence that a client of the gateway reads, in Indonesian. Each table is complete by type:
 * a code without a sentence does not compile.
 */

import type {
  FaultCode,
  MoneyEffect,
  MutationRow,
  OrderStatus,
  RefusalCode,
} from '../services/contract.ts'
import type { GatewayCode } from './answer.ts'

export const codeText: Readonly<Record<RefusalCode | FaultCode | GatewayCode, string>> = {
  INSUFFICIENT_BALANCE: 'Saldo Anda tidak cukup untuk transaksi ini.',
  DUPLICATE_REF: 'ref_id ini sudah dipakai untuk transaksi dengan isi yang berbeda.',
  TWIN_ORDER: 'Transaksi yang sama ke tujuan ini baru saja dibuat.',
  PRODUCT_UNKNOWN: 'Kode produk tidak ditemukan.',
  PRODUCT_CLOSED: 'Produk sedang tutup. Silakan coba lagi di luar jam cut-off.',
  PRODUCT_UNSUPPLIED: 'Produk sedang kosong atau gangguan. Silakan coba produk lain.',
  PRICE_ABOVE_MAX: 'Harga produk saat ini lebih tinggi dari max_price Anda.',
  DESTINATION_INVALID: 'Nomor tujuan tidak benar. Mohon periksa kembali.',
  PREFIX_MISMATCH: 'Nomor tujuan tidak sesuai dengan operator produk ini.',
  CLIENT_SUSPENDED: 'Akun Anda sedang dinonaktifkan. Silakan hubungi layanan pelanggan.',
  NOT_FOUND: 'Data atau alamat yang Anda minta tidak ditemukan.',
  ORDER_FINAL: 'Transaksi ini sudah selesai.',
  ORDER_BUSY: 'Transaksi ini masih berjalan. Silakan ulangi sebentar lagi.',
  DISPUTE_ABSENT: 'Tidak ada sengketa yang terbuka untuk transaksi ini.',
  ATTEMPT_FAILED:
    'Percobaan ini sudah pasti gagal. Lanjutkan, alihkan, atau gagalkan transaksinya.',
  ATTEMPT_UNKNOWN:
    'Hasil percobaan ini belum pasti. Alihkan hanya bila Anda memastikan tidak terjual (not_sold).',
  ATTEMPT_LIMIT: 'Transaksi ini sudah terlalu sering dialihkan.',
  RECHECK_TOO_SOON: 'Pemasok belum boleh ditanya lagi. Mohon tunggu sebentar.',
  RECHECK_TOO_LATE: 'Pemasok tidak boleh ditanya lagi: pertanyaan bisa menjadi pembelian baru.',
  COMPLAINT_LIMIT: 'Komplain atau pesan Anda yang belum selesai sudah mencapai batas.',
  COMPLAINT_CLOSED: 'Komplain ini sudah diputuskan.',
  FIELDS_INVALID: 'Ada kolom yang belum benar. Mohon periksa rinciannya.',
  STALE_VERSION: 'Data ini sudah diubah orang lain. Muat ulang lalu ulangi perubahan Anda.',
  ALREADY_EXISTS: 'Data dengan nama yang sama sudah ada.',
  ALREADY_DECIDED: 'Ini sudah diputuskan sebelumnya.',
  REFERENCE_UNKNOWN: 'Data yang dirujuk belum ada. Buat dahulu, lalu ulangi.',
  CSV_INVALID: 'File CSV tidak dapat dibaca. Mohon periksa baris yang disebut.',
  SYNC_TOO_SOON: 'Daftar harga pemasok baru saja diambil. Silakan tunggu lima menit.',
  SYNC_UNSUPPORTED: 'Pemasok jenis ini belum menyediakan daftar harga.',
  AMOUNT_INVALID: 'Nominal tidak benar.',
  TIME_INVALID: 'Waktu yang diminta tidak benar.',
  RULES_INVALID: 'Isi aturan atau template belum benar. Mohon periksa rinciannya.',
  BENCH_MISMATCH: 'Jalankan dulu bench untuk versi ini terhadap aturan yang sedang dipakai.',
  APPROVAL_NEEDED: 'Sebagian balasan lama akan menjadi SUKSES. Setujui dengan accept_success.',
  BANK_ACCOUNT_UNKNOWN: 'Rekening bank tujuan belum tersedia. Silakan hubungi layanan pelanggan.',
  TICKET_LIMIT: 'Masih ada beberapa tiket deposit terbuka. Bayar atau batalkan dulu salah satunya.',
  TICKET_EXHAUSTED: 'Kode unik untuk nominal ini sedang habis. Silakan pilih nominal lain.',
  TICKET_CLOSED: 'Tiket deposit ini sudah tidak terbuka.',
  STATEMENT_UNREADABLE: 'Mutasi bank tidak terbaca. Mohon periksa nama kolom dan jumlah barisnya.',
  CLIENT_UNKNOWN: 'Akun yang dituju tidak ditemukan.',
  MUTATION_DECIDED: 'Sudah diputuskan sebelumnya, sehingga tidak diubah lagi.',
  SECOND_PERSON_NEEDED: 'Persetujuan harus diberikan oleh orang lain.',
  PIN_WRONG: 'PIN salah. Setelah lima kali salah, PIN akan terkunci.',
  PIN_LOCKED: 'PIN terkunci karena terlalu sering salah. Silakan hubungi layanan pelanggan.',
  OUTSIDE_TREE: 'Transfer hanya untuk upline atau downline Anda.',
  UPLINE_RING: 'Upline itu berada di bawah klien ini; pohon upline tidak boleh melingkar.',
  TRANSFER_LIMIT: 'Batas transfer harian Anda tidak mencukupi.',
  CREDIT_LIMIT: 'Nominal melebihi batas kredit atau sisa piutang akun ini.',
  URL_FORBIDDEN: 'Alamat ini tidak dapat kami panggil. Gunakan alamat publik.',
  WEBHOOK_LIMIT: 'Jumlah webhook sudah mencapai batas. Hapus salah satu terlebih dahulu.',
  GATEWAY_INVALID: 'Pengaturan gateway chat belum benar. Mohon periksa rinciannya.',
  SENDER_TAKEN: 'Nomor ini sudah terhubung ke akun lain.',
  TEMPLATE_INVALID: 'Template belum dapat dipakai. Mohon periksa rinciannya.',
  INQUIRY_REQUIRED: 'Produk tagihan dibayar dengan inquiry_token. Cek tagihannya terlebih dahulu.',
  INQUIRY_INVALID: 'inquiry_token tidak cocok dengan akun, produk, atau nomor pelanggan ini.',
  INQUIRY_EXPIRED: 'Hasil cek tagihan sudah kedaluwarsa. Silakan cek tagihannya lagi.',
  INQUIRY_USED: 'Hasil cek tagihan ini sudah dipakai oleh transaksi lain.',
  INQUIRY_UNSUPPORTED: 'Produk ini tidak memiliki tagihan untuk dicek.',
  INQUIRY_UNANSWERED: 'Tagihan belum dapat dicek. Silakan ulangi sebentar lagi.',
  LOGIN_INVALID: 'Nama pengguna atau kata sandi salah.',
  LOGIN_LOCKED: 'Terlalu sering salah. Silakan coba masuk lagi beberapa menit lagi.',
  SESSION_ENDED: 'Sesi Anda sudah berakhir. Silakan masuk lagi.',
  PASSWORD_WRONG: 'Kata sandi salah.',
  CLIENT_CLOSED: 'Akun ini sudah ditutup dan tidak dapat dibuka lagi.',
  CLIENT_HAS_MONEY: 'Akun belum dapat ditutup: masih ada saldo, dana tertahan, atau piutang.',
  OWN_ACCOUNT: 'Anda tidak dapat menangguhkan atau menutup akun Anda sendiri.',
  BILL_UNAVAILABLE: 'Tagihan tidak ditemukan, belum tersedia, atau sudah lunas.',

  OVERLOADED: 'Sistem sedang sibuk. Silakan ulangi sebentar lagi.',
  JOURNAL_UNAVAILABLE: 'Penyimpanan sedang tidak dapat dihubungi. Silakan ulangi sebentar lagi.',
  NOT_THE_OWNER: 'Akun Anda sedang dipindahkan antar server. Silakan ulangi sebentar lagi.',
  STOPPING: 'Server sedang berhenti dengan tertib. Silakan ulangi sebentar lagi.',

  VALIDATION_FAILED: 'Isi permintaan belum benar. Mohon periksa rinciannya.',
  SIGNATURE_INVALID: 'Tanda tangan permintaan tidak cocok.',
  TIMESTAMP_SKEWED: 'Waktu permintaan berbeda terlalu jauh dari waktu server. Mohon samakan jam.',
  NONCE_REUSED: 'X-Nonce ini sudah pernah dipakai.',
  KEY_UNKNOWN: 'API key tidak dikenal.',
  FORBIDDEN: 'Akses ditolak untuk akun atau alamat IP ini.',
  METHOD_NOT_ALLOWED: 'Metode HTTP ini tidak berlaku untuk alamat tersebut.',
  CONTENT_TYPE_UNSUPPORTED: 'Content-Type harus application/json.',
  BODY_TOO_LARGE: 'Isi permintaan terlalu besar.',
  BODY_TIMEOUT: 'Isi permintaan tidak sampai lengkap dalam batas waktu.',
  RATE_LIMITED: 'Terlalu banyak permintaan. Silakan tunggu sebentar.',
  UNREACHABLE: 'Layanan belum menjawab. Silakan ulangi sebentar lagi.',
  INTERNAL_ERROR: 'Terjadi kesalahan di sisi kami. Silakan ulangi dengan ref_id yang sama.',
  TOKEN_INVALID: 'Token akses tidak berlaku. Silakan masuk lagi.',
  TOKEN_EXPIRED: 'Token akses sudah kedaluwarsa. Silakan perbarui token Anda.',
  ORIGIN_FORBIDDEN: 'Permintaan dari situs lain tidak kami terima.',
  AUTH_TIMEOUT: 'Pesan pertama harus berupa auth, paling lambat 5 detik setelah tersambung.',
  AUTH_REQUIRED: 'Silakan kirim pesan auth terlebih dahulu.',
  SOCKET_LIMIT: 'Terlalu banyak sambungan untuk akun ini.',
  SLOW_READER: 'Sambungan terlalu lambat. Sambung lagi lalu kirim resume dari id terakhir.',
}

/** What happened to the money, said on every answer about an order. */
export const moneyText: Readonly<Record<MoneyEffect | 'unknown', string>> = {
  none: 'Saldo Anda tidak berubah.',
  held: 'Dana ditahan sampai transaksi selesai.',
  charged: 'Saldo sudah terpotong.',
  refunded: 'Dana sudah dikembalikan ke saldo Anda.',
  unknown: 'Saldo belum pasti: ulangi dengan ref_id yang sama, saldo tidak terpotong dua kali.',
}

export const statusText: Readonly<Record<OrderStatus, string>> = {
  PENDING: 'Transaksi diterima.',
  PROCESSING: 'Transaksi sedang diproses.',
  SUCCESS: 'Transaksi berhasil.',
  FAILED: 'Transaksi gagal.',
  REFUND: 'Transaksi dibatalkan setelah sukses.',
}

/** What an attempt came to. A supplier's own words stay inside: they may name our float there. */
export const attemptText: Readonly<
  Record<
    'started' | 'pending' | 'unknown' | 'success' | 'failed' | 'notSent' | 'mayBeRevised',
    string
  >
> = {
  started: 'Dikirim ke pemasok.',
  pending: 'Pemasok sedang memproses.',
  unknown: 'Jawaban pemasok belum pasti; statusnya terus ditanyakan.',
  success: 'Pemasok menyatakan berhasil.',
  failed: 'Pemasok menyatakan gagal.',
  mayBeRevised:
    'Pemasok menyatakan gagal, tetapi masih mungkin meralatnya. Mohon cek sebelum diulang.',
  notSent: 'Tidak dikirim ke pemasok ini; transaksi tidak terjadi di sana.',
}

export const mutationText: Readonly<Record<MutationRow['kind'], string>> = {
  order: 'Pembelian',
  release: 'Pengembalian dana tertahan',
  refund: 'Pengembalian dana',
  deposit: 'Deposit',
  transfer: 'Transfer saldo',
  commission: 'Komisi',
}

export const commissionOkText = {
  earned: 'Berikut komisi Anda.',
  history: 'Berikut riwayat aturan komisi.',
  preview: 'Beginilah komisi transaksi ini menurut aturan tersebut; tidak ada yang dibayarkan.',
  upline: 'Upline tersimpan.',
} as const

/** Deposits, transfers and the cash desk. */
export const moneyOkText = {
  ticket: 'Silakan transfer tepat sebesar pay_exactly sebelum batas waktu.',
  tickets: 'Tiket deposit Anda.',
  cancelled: 'Tiket deposit dibatalkan.',
  transfer: 'Transfer saldo berhasil.',
  desk: 'Baik, tercatat.',
  closings: 'Tutup buku harian.',
  credit: 'Piutang dan batas kredit.',
} as const

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

/** Clients and all their orders, for staff. */
export const clientText = {
  list: 'Daftar akun, terbaru lebih dulu.',
  read: 'Data akun.',
  made: 'Akun dibuat. Simpan kuncinya sekarang; kami tidak menampilkannya lagi.',
  changed: 'Perubahan akun disimpan dan langsung berlaku.',
  suspended: 'Akun ditangguhkan. Permintaannya langsung ditolak.',
  active: 'Akun aktif kembali.',
  closed: 'Akun ditutup untuk selamanya.',
  history: 'Riwayat perubahan akun.',
  mutations: 'Mutasi saldo akun ini.',
  orders: 'Transaksi yang cocok, terbaru lebih dulu.',
  order: 'Transaksi beserta balasan pemasok.',
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

export const okText = {
  balance: 'Saldo Anda saat ini.',
  mutations: 'Mutasi saldo Anda.',
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
  callback: 'Laporan diterima.',
  chat: 'Pesan diterima.',
  chatRead: 'Data chat.',
  chatSaved: 'Perubahan disimpan.',
  webhooks: 'Daftar webhook Anda.',
  webhookMade: 'Webhook siap. Simpan secret ini sekarang; kami tidak menampilkannya lagi.',
  webhookChanged: 'Webhook diperbarui.',
  webhookRemoved: 'Webhook dihapus.',
  webhookPing: 'Tes panggilan sudah dikirim.',
  deliveries: 'Catatan pengiriman webhook.',
  replay: 'Pengiriman ulang dijadwalkan.',
  events: 'Kejadian pada akun Anda.',
  proof: 'Berkas bukti transaksi.',
  queue: 'Transaksi yang menunggu keputusan petugas.',
  resolved: 'Keputusan Anda dicatat.',
  held: 'Transaksi ditahan: tidak ada langkah otomatis sampai dilepas atau diputuskan.',
  released: 'Transaksi dilepas dan berjalan lagi.',
  rechecked: 'Pemasok sedang ditanya.',
  rerouted: 'Transaksi dialihkan ke pemasok lain.',
  history: 'Perjalanan transaksi.',
  bill: 'Tagihan ditemukan. Bayar dengan inquiry_token sebelum expires_at.',
  meter: 'Data pelanggan ditemukan.',
  bulk: 'Daftar transaksi diterima dan sedang diproses satu per satu.',
  bulkRead: 'Kemajuan daftar transaksi Anda.',
  orders: 'Transaksi Anda, terbaru lebih dulu.',
  loggedIn: 'Selamat datang.',
  renewed: 'Sesi diperpanjang.',
  loggedOut: 'Anda sudah keluar.',
  sessions: 'Sesi Anda yang masih terbuka.',
  sessionEnded: 'Sesi itu sudah ditutup.',
  profile: 'Akun Anda.',
  keys: 'Kunci API Anda.',
  keysRotated: 'Kunci baru siap. Simpan sekarang; kami tidak menampilkannya lagi.',
  downlines: 'Downline langsung Anda.',
  alive: 'Server hidup.',
  ready: 'Server siap.',
  unready: 'Server belum siap.',
} as const

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
    'pun. Klien siap pakai untuk Node, Python, dan PHP ada di docs/clients.',
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
  webhooks: 'Webhook',
  events: 'Kejadian',
  digiflazz: 'Dialek Digiflazz',
  otomax: 'Dialek OtomaX dan kerabatnya',
  xml: 'Dialek XML',
  seller: 'Penjual di Digiflazz',
  clients: 'Petugas: akun',
  care: 'Petugas: penanganan transaksi',
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

/** What `/docs` says of each operation. */
export const operationText = {
  place:
    'Membuat transaksi. Dijawab setelah tersimpan permanen; biasanya berstatus PROCESSING. Juga ' +
    'dalam XML: <transaction><ref_id>…</ref_id>…</transaction> dengan Content-Type: application/xml.',
  find:
    'Mencari transaksi dengan ref_id Anda; tanpa ref_id, daftar transaksi Anda per halaman. ' +
    'q mencari awal ref_id atau tujuan.',
  read:
    'Membaca transaksi beserta percobaan, linimasa, dan langkah berikutnya; dalam XML dengan ' +
    'Accept: application/xml.',
  bulk: 'Menitipkan banyak transaksi (JSON, atau CSV dengan ref_id daftar di query).',
  bulkRead: 'Kemajuan dan hasil tiap baris.',
  inquire: 'Mengecek tagihan atau nama pelanggan sebelum membayar.',
  login: 'Masuk dengan nama pengguna atau member id, dan kata sandi.',
  logout: 'Keluar: sesi ini berakhir dan cookie-nya dihapus.',
  sessions: 'Sesi Anda yang masih terbuka, yang terakhir dipakai lebih dulu.',
  sessionEnd: 'Menutup satu sesi Anda.',
  me: 'Siapa Anda menurut kami.',
  keys: 'Kunci API Anda, tanpa rahasianya.',
  keysRotate: 'Mengganti semua kunci. Yang lama langsung berhenti; yang baru tampil sekali ini.',
  downlines: 'Downline langsung Anda, per halaman.',

  balance:
    'Saldo, dana tertahan, dan saldo yang bisa dipakai; dalam XML dengan Accept: application/xml.',
  mutations: 'Mutasi saldo, terbaru lebih dulu, per halaman.',
  products: 'Daftar produk dengan harga untuk level Anda.',

  ticket: 'Membuat tiket deposit. Transfer tepat sebesar pay_exactly agar dikenali otomatis.',
  tickets: 'Daftar tiket deposit Anda, terbaru lebih dulu.',
  ticketRead: 'Membaca satu tiket deposit.',
  ticketCancel: 'Membatalkan tiket yang masih terbuka.',
  transfer: 'Memindahkan saldo ke upline atau downline Anda, dengan PIN.',
  credit: 'Batas kredit dan piutang Anda.',

  webhooks: 'Daftar webhook Anda.',
  webhookMake: 'Mendaftarkan alamat yang ingin dipanggil. secret hanya ditampilkan sekali ini.',
  webhookChange: 'Mengubah alamat, pilihan kejadian, atau menonaktifkan.',
  webhookRemove: 'Menghapus webhook.',
  webhookRotate: 'Mengganti secret. Secret lama ikut menandatangani selama masa peralihan.',
  webhookPing: 'Mengirim satu panggilan tes.',
  deliveries: 'Catatan setiap pengiriman, terbaru lebih dulu.',
  replay: 'Mengirim ulang satu pengiriman, atau semua dalam satu rentang waktu.',
  events:
    'Kejadian pada akun Anda setelah sebuah tempat: pengganti webhook bagi yang suka bertanya.',

  digiflazz: 'Alamat dan bentuk yang sama dengan API pembeli Digiflazz.',
  otomaxOrder: 'Transaksi; mengulang dengan refID yang sama menanyakan statusnya.',
  otomaxForm: 'Transaksi sebagai formulir, atau XML bila Content-Type menyebutnya.',
  otomaxBalance: 'Saldo sebagai satu baris teks.',
  otomaxTicket: 'Tiket deposit sebagai satu baris teks.',
  xml: 'TOPUP, TOPUPSTATUS, dan BALANCE dalam bentuk FM, atau topUpRequest dalam XML-RPC.',
  seller: 'Untuk Digiflazz yang membeli dari Anda sebagai penjual.',

  earned: 'Komisi yang Anda peroleh, terbaru lebih dulu.',
  commissionHistory: 'Siapa mengubah aturan komisi apa, terbaru lebih dulu.',
  commissionPreview:
    'Pembagian komisi satu transaksi menurut aturan ini; tanpa rule, yang berlaku.',
  upline: 'Menetapkan upline satu akun; null berarti tanpa upline.',

  complain: 'Mengeluhkan satu transaksi. Transaksi yang sama mendapat keluhan yang sama.',
  complaints: 'Keluhan Anda, terbaru lebih dulu.',
  complaintRead: 'Satu keluhan beserta percakapannya.',
  complaintSay: 'Menambah pesan pada keluhan Anda.',
  complaintsOfAll: 'Keluhan semua akun, untuk petugas.',
  complaintFile: 'Satu keluhan beserta buktinya, untuk petugas.',
  complaintAnswer: 'Menjawab keluhan.',
  complaintDecide: 'Memutuskan keluhan, dan bila perlu sekaligus nasib transaksinya.',

  clients: 'Semua akun; q mencari di username, nama, dan ID member.',
  client: 'Satu akun: saldo, piutang, kunci, alamat IP yang diizinkan, dan batas permintaan.',
  clientMake: 'Membuat akun. Semua kunci hanya ditampilkan sekali ini.',
  clientChange:
    'Mengubah nama, level, batas per menit, atau alamat IP (CIDR), berdasarkan version yang dibaca.',
  clientStatus: 'Mengubah status akun, dengan alasan. Akun yang masih punya uang tidak ditutup.',
  clientHistory: 'Siapa mengubah akun ini, kapan, dan mengapa.',
  clientMutations: 'Mutasi saldo satu akun, terbaru lebih dulu.',
  findOrders:
    'Mencari transaksi semua akun. Sebut client, destination, ref_id, atau from; halaman bisa ' +
    'kosong, lanjutkan selama ada next_cursor.',
  findOrder:
    'Satu transaksi akun mana pun: percobaan, balasan pemasok, dan permintaan yang dikirim (rahasia ' +
    'disamarkan).',

  attention: 'Transaksi yang menunggu keputusan petugas.',
  proof: 'Semua yang diketahui tentang satu transaksi, dengan jejak yang dapat diperiksa.',
  resolve: 'Keputusan petugas atas satu transaksi.',
  hold: 'Menahan transaksi: tidak dicoba ke pemasok lain sampai dilepas.',
  release: 'Melepas transaksi yang ditahan.',
  recheck: 'Menanyakan status ke pemasok sekarang.',
  reroute: 'Mengalihkan transaksi ke pemasok lain.',
  history: 'Transaksi ini langkah demi langkah, atau pada satu saat.',

  bankImport: 'Memasukkan mutasi bank dari berkas CSV; dry_run hanya memeriksa.',
  bankMutations: 'Mutasi bank menurut keadaannya.',
  bankAssign: 'Menetapkan pemilik mutasi yang belum dikenali.',
  bankReturn: 'Menandai mutasi sebagai dikembalikan ke pengirim.',
  bankApprove: 'Menyetujui keputusan orang lain atas mutasi.',
  bankReject: 'Menolak keputusan orang lain atas mutasi.',
  manual: 'Meminta deposit manual; di atas batas, orang kedua harus menyetujui.',
  manuals: 'Daftar deposit manual menurut keadaannya.',
  manualApprove: 'Menyetujui deposit manual yang diminta orang lain.',
  manualReject: 'Menolak deposit manual.',
  bankAccounts: 'Rekening bank penerima deposit.',
  bankAccount: 'Menambah atau mengubah rekening penerima.',
  moota: 'Sambungan ke Moota; rahasia yang tidak dikirim tetap seperti semula.',
  moneyRules: 'Batas tiket, deposit manual, dan transfer; yang tidak disebut tetap.',
  transferLimit: 'Batas transfer harian satu akun; null mengikuti aturan umum.',
  unlockPin: 'Membuka PIN yang terkunci.',
  credits: 'Semua akun yang punya batas kredit.',
  creditMove: 'Memberi kredit, atau mencatat pembayarannya: tunai atau dari saldo.',
  creditLimit: 'Menetapkan batas kredit satu akun.',
  closings: 'Hari-hari yang sudah ditutup, terbaru lebih dulu.',
  closing: 'Satu hari: naskah yang ditandatangani, hash berantai, dan tanda tangannya.',

  catalogueList: 'Daftar; dapat disaring menurut kolom, dicari dengan q, dan dibaca per halaman.',
  catalogueMake: 'Menambah satu baris.',
  catalogueRead: 'Membaca satu baris.',
  catalogueChange: 'Mengubah satu baris; version harus versi yang Anda baca.',
  catalogueRemove: 'Menghapus satu baris; version harus versi yang Anda baca.',
  catalogueHistory: 'Siapa mengubah apa di katalog, terbaru lebih dulu.',
  csvOut: 'Mengunduh sebagai CSV; halaman berikutnya disebut di X-Next-Cursor.',
  csvIn: 'Memasukkan CSV; dry_run hanya memeriksa, dan satu baris salah menolak semuanya.',
  pricePreview: 'Dampak perubahan harga, tanpa mengubah apa pun.',
  priceSchedule: 'Menjadwalkan perubahan harga.',
  priceChanges: 'Perubahan harga yang dijadwalkan, diterapkan, atau dibatalkan.',
  priceCancel: 'Membatalkan perubahan harga yang belum berlaku.',
  syncPrices: 'Mengambil daftar harga pemasok sekarang.',
  priceSyncs: 'Pengambilan daftar harga, terbaru lebih dulu.',
  priceSync: 'Satu pengambilan daftar harga beserta isinya.',
  syncDecide: 'Menerima atau menolak daftar harga yang ditahan penjaga.',

  routingRules: 'Aturan pemilihan pemasok yang berlaku.',
  routingChange: 'Mengubah satu aturan; rule null mencabutnya.',
  routingHistory: 'Riwayat perubahan aturan.',
  suppliers: 'Keadaan pemasok saat ini.',
  why: 'Mengapa transaksi ini pergi ke pemasok itu, dihitung ulang.',
  whatIf: 'Apa yang akan terjadi pada transaksi lalu dengan aturan lain. Tidak mengubah apa pun.',

  floats: 'Saldo di semua pemasok: menurut buku kita dan menurut mereka.',
  float: 'Saldo di satu pemasok, selisihnya, dan transaksi yang dicurigai.',
  floatSteps: 'Setiap kali pemasok menyebut saldo, terbaru lebih dulu.',
  floatMoves: 'Pengisian dan koreksi saldo di pemasok.',
  floatTopUp: 'Mencatat uang yang kita kirim ke pemasok.',
  floatAdjust: 'Meminta koreksi buku; selalu disetujui orang kedua.',
  floatApprove: 'Menyetujui pengisian atau koreksi yang diminta orang lain.',
  floatReject: 'Menolak pengisian atau koreksi.',
  floatRules: 'Apakah pemasok menyebut saldo sebelum memotong.',

  parserInbox: 'Balasan pemasok yang belum terbaca, beserta rancangan aturannya.',
  parserRules: 'Aturan satu pemasok, versi-versinya, dan kapan masing-masing dipakai.',
  parserTest: 'Mencoba aturan pada satu contoh balasan.',
  parserSave: 'Menyimpan aturan sebagai versi baru, belum dipakai.',
  parserBench: 'Menjalankan satu versi atas semua balasan tersimpan.',
  parserActivate: 'Memakai satu versi yang sudah melewati bench.',
  parserTemplate: 'Menyimpan template cara bicara dengan pemasok; langsung dipakai.',

  chatGateways: 'Gateway chat.',
  chatGateway: 'Menambah atau mengubah gateway chat; rahasia yang tidak dikirim tetap.',
  chatSenders: 'Nomor yang terhubung ke akun.',
  chatLink: 'Menghubungkan nomor ke akun.',
  chatUnlink: 'Memutus hubungan nomor.',
  chatUnlock: 'Membuka nomor yang terkunci karena PIN salah.',
  chatMessages: 'Pesan, terbaru lebih dulu.',
  chatTemplates: 'Kalimat balasan chat.',
  chatTemplate: 'Mengubah satu kalimat; null mengembalikan yang bawaan.',
  chatPreview: 'Melihat hasil sebuah kalimat tanpa menyimpannya.',

  partnerTemplates: 'Teks balasan yang berlaku, untuk semua atau untuk satu mitra.',
  partnerTemplate: 'Mengubah satu teks balasan; null mengembalikan yang bawaan.',
  partnerPreview: 'Melihat hasil sebuah teks balasan tanpa menyimpannya.',
  partner: 'Tanda tangan tidak baku yang diizinkan untuk satu mitra.',
  partnerForms: 'Mengubah tanda tangan yang diizinkan untuk satu mitra.',

  health: 'Apakah server hidup.',
  ready: 'Apakah server siap menerima transaksi.',
} as const

export const digiflazzNotes = {
  testingInProduction: 'Mode testing hanya ada di server demo',
  commandUnknown: 'commands tidak dikenal',
  ticket: (code: number): string => `TIKET ${String(code).padStart(3, '0')}`,
} as const

/** An order's outcomes in the OtomaX dialects that have an editable text. */
export type OtomaxOutcome =
  | 'accepted'
  | 'processing'
  | 'success'
  | 'failed'
  | 'refunded'
  | 'refused'
  | 'balance'

/**
 * Replies of the OtomaX dialects, as they are until somebody edits them: partners' parsers read
 * these texts, so their wording is an interface.
 */
export const otomaxTemplates: Readonly<
  Record<'otomax' | 'irs', Readonly<Record<OtomaxOutcome, string>>>
> = {
  otomax: {
    accepted:
      'R#[refid] TrxID=[trxid] [kodeproduk].[tujuan] Harga=[harga] akan diproses. ' +
      'Saldo [saldo]. @[waktu]',
    processing:
      'R#[refid] TrxID=[trxid] [kodeproduk].[tujuan] sedang diproses. Saldo [saldo]. @[waktu]',
    success:
      'R#[refid] TrxID=[trxid] [kodeproduk].[tujuan] SUKSES. SN/Ref: [sn]. ' +
      'Saldo [saldo]. @[waktu] Harga=[harga]',
    failed:
      'R#[refid] TrxID=[trxid] [kodeproduk].[tujuan] GAGAL. [keterangan]. Saldo [saldo]. @[waktu]',
    refunded:
      'R#[refid] TrxID=[trxid] [kodeproduk].[tujuan] GAGAL. ' +
      'Transaksi ditarik kembali dan dana dikembalikan. Saldo [saldo]. @[waktu]',
    refused:
      'R#[refid] TrxID=[trxid] [kodeproduk].[tujuan] GAGAL. [keterangan]. Saldo [saldo]. @[waktu]',
    balance: 'Yth. [namareseller] ([kodereseller]). Saldo [saldo]! @[waktu]',
  },
  irs: {
    accepted:
      'Request [kodeproduk] ke [tujuan] segera diproses Saldo=[saldoangka] CLIENTID=[refid]. ' +
      'TrxID=[trxid]',
    processing:
      'Request [kodeproduk] ke [tujuan] sedang diproses Saldo=[saldoangka] CLIENTID=[refid]. ' +
      'TrxID=[trxid]',
    success:
      'TRX [kodeproduk].[tujuan] BERHASIL, HRG:[hargaangka] SN:[sn]. ' +
      'SISA SALDO:[saldoangka] CLIENTID=[refid]. TrxID=[trxid]',
    failed:
      'TRX [kodeproduk].[tujuan] GAGAL, [keterangan]. ' +
      'SISA SALDO:[saldoangka] CLIENTID=[refid]. TrxID=[trxid]',
    refunded:
      'TRX [kodeproduk].[tujuan] GAGAL, Transaksi ditarik kembali dan dana dikembalikan. ' +
      'SISA SALDO:[saldoangka] CLIENTID=[refid]. TrxID=[trxid]',
    refused:
      'TRX [kodeproduk].[tujuan] GAGAL, [keterangan]. ' +
      'SISA SALDO:[saldoangka] CLIENTID=[refid]. TrxID=[trxid]',
    balance: '[kodereseller] SALDO=[saldoangka]',
  },
}

/** [status] in a template. */
export const otomaxWords: Readonly<Record<Exclude<OtomaxOutcome, 'balance'>, string>> = {
  accepted: 'DIPROSES',
  processing: 'DIPROSES',
  success: 'SUKSES',
  failed: 'GAGAL',
  refunded: 'GAGAL',
  refused: 'GAGAL',
}

/** Said without a template, and without a word that a parser could take for the end of an order. */
export const otomaxNotes = {
  rejected: 'DITOLAK',
  unsure: 'BELUM PASTI',
  loginWrong: 'memberID, PIN, password atau sign tidak cocok',
  addressUnknown: 'alamat IP Anda tidak terdaftar',
  suspended: 'akun Anda sedang dinonaktifkan',
  limited: 'terlalu banyak permintaan, ulangi dengan refID yang sama sebentar lagi',
  later: 'sistem sedang sibuk, ulangi dengan refID yang sama sebentar lagi',
  unreadable: 'parameter tidak lengkap atau tidak benar',
  counterUnclear: 'penghitung transaksi ulang tidak jelas',
  quantity: 'qty harus 1, dan nominal bebas belum tersedia',
  duplicate: 'refID ini sudah dipakai untuk transaksi dengan isi yang berbeda',
  notFound: 'refID ini belum pernah kami terima',
  testing: 'mode testing hanya ada di server demo',
  postpaidLater: 'produk pascabayar belum tersedia lewat jalur ini',
  commandUnknown: 'perintah tidak dikenal',
} as const

/** What to pay for a deposit ticket, to the rupiah. */
export const otomaxTicket = (ticket: {
  readonly amount: string
  readonly name: string
  readonly number: string
  readonly holder: string
  readonly until: string
}): string =>
  `Tiket deposit dibuat. Silakan transfer tepat Rp ${ticket.amount} ke ${ticket.name} ` +
  `${ticket.number} a/n ${ticket.holder} sebelum ${ticket.until} WIB.`

export const otomaxAdminText = {
  templates: 'Template balasan.',
  saved: 'Template balasan disimpan.',
  preview: 'Contoh balasan.',
  partner: 'Pengaturan mitra.',
} as const

/** To Digiflazz, when it buys from us, by the rc of its sellers. */
export const sellerText = {
  '00': 'SUKSES',
  '06': 'Transaksi tidak ditemukan',
  '07': 'Transaksi gagal',
  '13': 'Nomor tujuan diblokir',
  '14': 'Nomor tujuan salah',
  '20': 'Kode produk tidak ditemukan',
  '39': 'Transaksi sedang diproses',
  '106': 'Produk sedang tidak tersedia',
  '204': 'Otentikasi salah',
} as const
