/** The OtomaX dialects. */

/** An order's outcomes in the OtomaX dialects that have an editable text. */
export type OtomaxOutcome =
  | 'accepted'
  | 'processing'
  | 'success'
  | 'failed'
  | 'refunded'
  | 'refused'
  | 'bill'
  | 'bill_success'
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
    bill:
      'R#[refid] TrxID=[trxid] [kodeproduk].[tujuan] SUKSES. SN/Ref: [nama]/TAG:[tagihanangka]' +
      '/ADM:[adminangka]/TOTAL:[totalangka]/PERIODE:[periode]. Saldo [saldo]. @[waktu] ' +
      'Harga=[harga]',
    bill_success:
      'R#[refid] TrxID=[trxid] [kodeproduk].[tujuan] SUKSES. SN/Ref: [sn]/[nama]' +
      '/TAG:[tagihanangka]/ADM:[adminangka]/TOTAL:[totalangka]/PERIODE:[periode]. ' +
      'Saldo [saldo]. @[waktu] Harga=[harga]',
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
    bill:
      'Code=[kodeproduk] cek Tagihan SUKSES ke [tujuan] Nama=[nama]/Tagihan=[tagihanangka]' +
      '/Admin=[adminangka]/Total Tagihan=[totalangka]/JmlBulan=[jmlbulan].' +
      'Saldo=[saldoangka].Harga=[hargaangka].Clientid=[refid].',
    bill_success:
      'Code=[kodeproduk] bayar Tagihan SUKSES ke [tujuan] SN:[sn]/Tagihan=[tagihanangka]' +
      '/Admin=[adminangka]/Total Tagihan=[totalangka]/JmlBulan=[jmlbulan].' +
      'Saldo=[saldoangka].Harga=[hargaangka].Clientid=[refid].Clientidinq=[refid].',
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
  bill: 'SUKSES',
  bill_success: 'SUKSES',
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
  billFirst: 'tagihan ini belum dicek, kirim kode cek tagihannya lebih dulu',
  billChanged: 'Jumlah tagihan berubah sejak dicek, silakan cek lagi',
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
