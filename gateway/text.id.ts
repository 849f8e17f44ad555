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
  TRANSFER_LIMIT: 'Batas transfer harian Anda tidak mencukupi.',
  CREDIT_LIMIT: 'Nominal melebihi batas kredit atau sisa piutang akun ini.',
  URL_FORBIDDEN: 'Alamat ini tidak dapat kami panggil. Gunakan alamat publik.',
  WEBHOOK_LIMIT: 'Jumlah webhook sudah mencapai batas. Hapus salah satu terlebih dahulu.',
  GATEWAY_INVALID: 'Pengaturan gateway chat belum benar. Mohon periksa rinciannya.',
  SENDER_TAKEN: 'Nomor ini sudah terhubung ke akun lain.',
  TEMPLATE_INVALID: 'Template belum dapat dipakai. Mohon periksa rinciannya.',

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
  TOKEN_UNSUPPORTED: 'Masuk dengan token belum tersedia. Gunakan API key dan tanda tangan.',
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
  Record<'started' | 'pending' | 'unknown' | 'success' | 'failed', string>
> = {
  started: 'Dikirim ke pemasok.',
  pending: 'Pemasok sedang memproses.',
  unknown: 'Jawaban pemasok belum pasti; statusnya terus ditanyakan.',
  success: 'Pemasok menyatakan berhasil.',
  failed: 'Pemasok menyatakan gagal.',
}

export const mutationText: Readonly<Record<MutationRow['kind'], string>> = {
  order: 'Pembelian',
  release: 'Pengembalian dana tertahan',
  refund: 'Pengembalian dana',
  deposit: 'Deposit',
  transfer: 'Transfer saldo',
}

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
  bulk: 'Daftar transaksi diterima dan sedang diproses satu per satu.',
  bulkRead: 'Kemajuan daftar transaksi Anda.',
  alive: 'Server hidup.',
  ready: 'Server siap.',
  unready: 'Server belum siap.',
} as const

/** What `/docs` says of each operation. */
export const operationText = {
  title: 'Laju: API untuk reseller',
  intro:
    'Semua jawaban memakai amplop yang sama. Setiap transaksi punya ref_id dari Anda: mengulang ' +
    'permintaan dengan ref_id yang sama tidak pernah memotong saldo dua kali. Bila jawaban tidak ' +
    'sampai atau berkode 5xx, ulangi dengan ref_id yang sama.',
  signing:
    'X-Api-Key, X-Timestamp (detik Unix), X-Signature = hex HMAC-SHA256(secret, timestamp + "." + ' +
    'METHOD + "." + path + "." + body). Boleh ditambah X-Nonce: timestamp + "." + nonce + "." + ...',
  home: 'Halaman depan',
  refusals: 'Kode penolakan',
  request: 'Permintaan',
  answer: 'Isi data',
  example: 'Contoh',
  signed: 'bertanda tangan',
  open: 'terbuka',
  field: 'Kolom',
  type: 'Jenis',
  needed: 'Wajib',
  yes: 'ya',
  no: 'tidak',
  place: 'Membuat transaksi. Dijawab setelah tersimpan permanen; biasanya berstatus PROCESSING.',
  find: 'Mencari transaksi dengan ref_id Anda.',
  read: 'Membaca transaksi beserta percobaan, linimasa, dan langkah berikutnya.',
  bulk: 'Menitipkan banyak transaksi (JSON, atau CSV dengan ref_id daftar di query).',
  bulkRead: 'Kemajuan dan hasil tiap baris.',
  balance: 'Saldo, dana tertahan, dan saldo yang bisa dipakai.',
  mutations: 'Mutasi saldo, terbaru lebih dulu, per halaman.',
  products: 'Daftar produk dengan harga untuk level Anda.',
  health: 'Apakah server hidup.',
} as const

export const digiflazzNotes = {
  testingInProduction: 'Mode testing hanya ada di server demo',
  commandUnknown: 'commands tidak dikenal',
  postpaidLater: 'Produk pascabayar belum tersedia',
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
