/**
 * Digiflazz' response codes. "Created" codes leave a row at Digiflazz, so a status check makes
 * sense and a webhook may follow; they are answered with HTTP 200. The others are answered with
 * HTTP 400 and the same envelope, as public wrappers read them (`error.response.data.data.rc`).
 *
 * X12. Every documented code has its status, its message and its HTTP status.
 */

type Wire = 'Sukses' | 'Pending' | 'Gagal'
type Code = { readonly message: string; readonly status: Wire; readonly created: boolean }

const failed = (message: string): Code => ({ message, status: 'Gagal', created: true })
const refused = (message: string): Code => ({ message, status: 'Gagal', created: false })

export const codes: Readonly<Record<string, Code>> = {
  '00': { message: 'Transaksi Sukses', status: 'Sukses', created: true },
  '01': failed('Timeout'),
  '02': failed('Transaksi Gagal'),
  '03': { message: 'Transaksi Pending', status: 'Pending', created: true },
  '40': refused('Payload Error'),
  '41': refused('Signature tidak valid'),
  '42': refused('Gagal memproses API Buyer'),
  '43': refused('SKU tidak di temukan atau Non-Aktif'),
  '44': refused('Saldo tidak cukup'),
  '45': refused('IP Anda tidak kami kenali'),
  '47': refused('Transaksi sudah terjadi di buyer lain'),
  '49': refused('Ref ID tidak unik'),
  '50': failed('Transaksi Tidak Ditemukan'),
  '51': failed('Nomor Tujuan Diblokir'),
  '52': failed('Prefix Tidak Sesuai Dengan Operator'),
  '53': failed('Produk Seller Sedang Tidak Tersedia'),
  '54': failed('Nomor Tujuan Salah'),
  '55': failed('Produk Sedang Gangguan'),
  '56': refused('Limit saldo seller'),
  '57': failed('Jumlah Digit Kurang Atau Lebih'),
  '58': failed('Sedang Cut Off'),
  '59': failed('Tujuan di Luar Wilayah/Cluster'),
  '60': failed('Tagihan belum tersedia'),
  '61': refused('Belum pernah melakukan deposit'),
  '62': refused('Seller sedang mengalami gangguan'),
  '63': refused('Tidak support transaksi multi'),
  '64': refused('Tarik tiket gagal'),
  '65': refused('Limit transaksi multi'),
  '66': refused('Cut Off (Perbaikan Sistem Seller)'),
  '67': refused('Seller belum ter-verifikasi'),
  '68': refused('Stok habis'),
  '69': refused('Harga seller lebih besar dari ketentuan harga Buyer'),
  '70': failed('Timeout Dari Biller'),
  '71': failed('Produk Sedang Tidak Stabil'),
  '72': failed('Lakukan Unreg Paket Dahulu'),
  '73': failed('Kwh Melebihi Batas'),
  '74': failed('Transaksi Refund'),
  '80': refused('Akun Anda telah diblokir oleh Seller'),
  '81': refused('Seller ini telah diblokir oleh Anda'),
  '82': refused('Akun Anda belum ter-verifikasi'),
  '83': refused('Limitasi pengecekan pricelist, silahkan coba beberapa saat lagi'),
  '84': failed('Nominal tidak valid'),
  '85': failed('Limitasi transaksi, silahkan coba 1 menit lagi'),
  '86': failed('Limitasi pengecekan nomor PLN'),
  '87': refused('Transaksi e-money wajib kelipatan Rp 1.000'),
  '88': refused('Akun tidak dapat melakukan aksi ini'),
  '99': { message: 'DF Router Issue', status: 'Pending', created: true },
}

export function codeOf(rc: string): Code {
  return codes[rc] ?? failed('Transaksi Gagal')
}

export function httpStatusOf(rc: string): number {
  return codeOf(rc).created ? 200 : 400
}
