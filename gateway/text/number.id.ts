/** The number line: virtual numbers that wait for codes. To a person in a hurry, as a friend. */

import type { ActivationStatus } from '../../services/contract/number.ts'
import type { Code } from '../answer.ts'

/** What an order is doing, in one short sentence. */
export const activationText: Readonly<Record<ActivationStatus, string>> = {
  processing: 'Nomornya lagi disiapkan, sebentar ya.',
  waiting: 'Nomor siap dipakai. Kami tunggu kodenya bareng kamu.',
  otp_received: 'Kode sudah masuk.',
  finished: 'Selesai. Terima kasih ya.',
  cancelling: 'Pesanan sedang dibatalkan. Saldo kembali begitu beres.',
  refunded: 'Pesanan batal, saldo kamu sudah kembali.',
  expired: 'Waktunya habis, saldo kamu aman.',
  checking: 'Pesanan sedang kami periksa. Saldo kamu tetap aman.',
}

export const numberOkText = {
  services: 'Pilih aplikasinya.',
  countries: 'Pilih negaranya.',
  operators: 'Pilih operatornya, atau biarkan kami yang pilih.',
  history: 'Ini semua pesanan kamu.',
  nothing: 'Belum ada apa-apa, mulai aja dulu.',
  active: 'Ini pesanan yang masih berjalan.',
  resent: 'Oke, kami tunggu kode berikutnya.',
  link: 'Ini link pesanan kamu. Simpan ya, bisa dibuka tanpa masuk.',
  relinked: 'Link baru sudah jadi, yang lama tidak bisa dibuka lagi. Simpan link ini ya.',
  help: 'Kami bantu ya.',
  settings: 'Semua siap.',
} as const

/** Refusals as this line says them; whatever is missing here is said as everywhere. */
export const numberRefusalText: Readonly<Partial<Record<Code, string>>> = {
  INSUFFICIENT_BALANCE: 'Saldo kamu belum cukup. Isi dulu sebentar, ya.',
  DUPLICATE_REF: 'Pesanan dengan tanda yang sama sudah ada dan isinya beda.',
  PRICE_ABOVE_MAX: 'Harganya baru saja berubah. Cek lagi harga barunya, ya.',
  CLIENT_SUSPENDED: 'Akun kamu sedang dijeda. Hubungi kami, ya.',
  NOT_FOUND: 'Yang kamu cari tidak ada di sini.',
  ORDER_FINAL: 'Pesanan ini sudah selesai.',
  ORDER_BUSY: 'Pesanan ini masih disiapkan. Coba lagi sebentar, ya.',
  VALIDATION_FAILED: 'Ada isian yang belum pas. Cek lagi, ya.',
  RATE_LIMITED: 'Pelan-pelan ya, coba lagi sebentar lagi.',
  UNREACHABLE: 'Sambungan kami lagi tersendat. Coba lagi sebentar, ya.',
  OVERLOADED: 'Lagi ramai sekali. Coba lagi sebentar, ya.',
  JOURNAL_UNAVAILABLE: 'Sistem lagi dirapikan. Coba lagi sebentar, ya.',
  NOT_THE_OWNER: 'Akun kamu lagi kami pindahkan. Coba lagi sebentar, ya.',
  STOPPING: 'Sistem lagi dimuat ulang. Coba lagi sebentar, ya.',
  INTERNAL_ERROR: 'Ada yang tersendat di tempat kami. Coba lagi sebentar, ya.',
  TOKEN_INVALID: 'Masuk dulu, ya.',
  TOKEN_EXPIRED: 'Kamu sudah lama tidak masuk. Masuk lagi, ya.',
}
