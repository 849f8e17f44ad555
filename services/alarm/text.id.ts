/** What people are told when something goes wrong: what it is, since when, what to do. Calmly. */

import { rupiah } from '../chat/template.ts'
import type { AlarmCode, Severity } from '../contract/alarm.ts'
import type { Alarm } from './life.ts'
import { clockOf, type Item } from './telling.ts'

type About = Pick<Alarm, 'subject' | 'about' | 'value' | 'threshold'>
type Sentences = { readonly what: (alarm: About) => string; readonly advice: string }

const reasons: Readonly<Record<string, string>> = {
  HELD: 'menunggu keputusan petugas',
  DISPUTE: 'pemasok berubah jawaban',
  DEADLINE: 'belum ada kepastian dari pemasok',
  DUPLICATE_SN: 'nomor seri yang pernah dipakai',
  OVERCHARGED: 'harga pemasok di atas batas',
  RECHECK_WINDOW: 'pemasok tidak bisa ditanya lagi',
}

/** Minutes as people say them. */
function lasted(minutes: number): string {
  if (minutes < 120) return `${minutes} menit`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} jam` : `${Math.floor(hours / 24)} hari`
}

const money = (amount: number): string => `${amount < 0 ? '-' : ''}Rp ${rupiah(Math.abs(amount))}`

export const sentences: Readonly<Record<AlarmCode, Sentences>> = {
  ORDERS_WAIT: {
    what: ({ subject, value }) =>
      `Ada transaksi yang menunggu keputusan petugas (${reasons[subject] ?? subject}), yang tertua sudah ${lasted(value)}.`,
    advice: 'Buka antrean perhatian, lalu putuskan satu per satu mulai dari yang tertua.',
  },
  SUPPLIER_EXPOSURE_FULL: {
    what: ({ about, value }) =>
      `Transaksi tanpa kepastian di pemasok ${about} sudah ${value}% dari batasnya.`,
    advice: 'Tanyakan status ke pemasok itu. Transaksi baru dialihkan sampai jumlahnya turun.',
  },
  SUPPLIER_BALANCE_LOW: {
    what: ({ about, value }) => `Saldo di pemasok ${about} menipis: tinggal ${money(value)}.`,
    advice: 'Isi saldo di pemasok itu. Sementara ini transaksi dialihkan sedikit demi sedikit.',
  },
  SUPPLIER_BREAKER_OPEN: {
    what: ({ about }) =>
      `Pemasok ${about} sedang bermasalah, transaksi baru tidak dikirim ke sana.`,
    advice: 'Hubungi pemasok itu. Begitu jawabannya membaik, transaksi mengalir lagi sendiri.',
  },
  OWNERLESS: {
    what: ({ value }) => `Ada ${value} transaksi yang tidak dipegang siapa pun.`,
    advice: 'Ini tidak boleh terjadi. Simpan log, lalu jalankan verify dan hubungi pengembang.',
  },
  PROJECTION_LAG: {
    what: ({ value }) => `Halaman dan laporan tertinggal ${value} detik dari transaksi.`,
    advice: 'Uang aman dan transaksi jalan terus. Periksa beban Postgres bila tidak segera pulih.',
  },
  PARSER_INBOX_GROWS: {
    what: ({ about, value }) =>
      `Ada ${value} balasan pemasok ${about} dalam satu jam ini yang belum terbaca.`,
    advice: 'Buka kotak balasan pada menu parser, lalu tambahkan aturan untuk bentuk yang baru.',
  },
  SUSPENSE_WAITS: {
    what: ({ value }) =>
      `Ada uang masuk yang belum jelas pemiliknya, sudah menunggu ${lasted(value)}.`,
    advice: 'Minta bagian keuangan mencocokkannya di daftar mutasi yang tertahan.',
  },
  FLOAT_DRIFT: {
    what: ({ about, value }) =>
      `Saldo di pemasok ${about} berbeda ${money(value)} dari pembukuan kita.`,
    advice: 'Baca perbandingannya pada menu saldo pemasok, lalu tanyakan ke pemasok itu.',
  },
  WEBHOOK_RESTS: {
    what: ({ about }) => `Webhook ke ${about} berulang kali gagal, jadi diistirahatkan dulu.`,
    advice: 'Kabari pemiliknya. Kiriman disimpan dan dicoba lagi sampai 72 jam.',
  },
  CALLBACKS_FORGED: {
    what: ({ about, value }) =>
      `Ada ${value} callback atas nama ${about} dalam sepuluh menit ini yang tanda tangannya salah.`,
    advice: 'Tidak satu pun dipercaya. Cocokkan kunci dengan pemasok, atau blokir asalnya.',
  },
  CLOSING_FAILED: {
    what: () => 'Tutup buku harian belum berhasil.',
    advice: 'Lihat alasannya di /health/deep. Dicoba lagi sendiri setiap menit.',
  },
  DATABASE_AWAY: {
    what: ({ value }) => `Basis data tidak menjawab sejak ${value} detik.`,
    advice: 'Periksa Postgres dan jaringannya. Transaksi baru ditolak sampai ia kembali.',
  },
  DISK_NEARLY_FULL: {
    what: ({ value }) => `Cakram tempat data tersimpan sudah terisi ${value}%.`,
    advice: 'Kosongkan tempat atau perbesar cakramnya sebelum penuh.',
  },
  BOX_TRESPASSES: {
    what: ({ about, value }) =>
      `Soundbox ${about} mencoba ${value} hal terlarang dalam sepuluh menit ini.`,
    advice: 'Semuanya ditolak. Ganti rahasianya, atau blokir sampai perangkatnya diperiksa.',
  },
  CLOCK_BEHIND: {
    what: ({ value }) =>
      `Jam server tertinggal ${value} detik dari transaksi terakhir yang tercatat.`,
    advice:
      'Uang aman. Samakan jam server (NTP). Sampai jamnya menyusul, tenggat dan pengecekan ulang ' +
      'berjalan lebih lambat.',
  },
}

/** What each rule is about, for who sets it. */
export const ruleText: Readonly<Record<AlarmCode, string>> = {
  ORDERS_WAIT: 'Transaksi menunggu petugas lebih lama dari sekian menit.',
  SUPPLIER_EXPOSURE_FULL: 'Transaksi tanpa kepastian di satu pemasok mendekati batasnya (persen).',
  SUPPLIER_BALANCE_LOW: 'Saldo pemasok di bawah sekian persen dari saldo minimumnya.',
  SUPPLIER_BREAKER_OPEN: 'Pemasok bermasalah dan tidak dikirimi transaksi.',
  OWNERLESS: 'Transaksi yang tidak dipegang siapa pun.',
  PROJECTION_LAG: 'Halaman dan laporan tertinggal sekian detik.',
  PARSER_INBOX_GROWS: 'Balasan yang belum terbaca dari satu pemasok dalam satu jam.',
  SUSPENSE_WAITS: 'Uang masuk tanpa pemilik menunggu lebih lama dari sekian menit.',
  FLOAT_DRIFT: 'Saldo pemasok berbeda dari pembukuan, mulai sekian rupiah.',
  WEBHOOK_RESTS: 'Webhook yang diistirahatkan karena berulang kali gagal.',
  CALLBACKS_FORGED: 'Callback bertanda tangan salah dalam sepuluh menit.',
  CLOSING_FAILED: 'Tutup buku harian gagal.',
  DATABASE_AWAY: 'Basis data tidak menjawab selama sekian detik.',
  DISK_NEARLY_FULL: 'Cakram terisi sekian persen.',
  BOX_TRESPASSES: 'Soundbox berulang kali mencoba hal terlarang dalam sepuluh menit.',
  CLOCK_BEHIND: 'Jam server tertinggal sekian detik dari transaksi terakhir.',
}

const weights: Readonly<Record<Severity, string>> = {
  critical: 'PENTING',
  warning: 'Perlu dilihat',
  info: 'Info',
}

const linesMax = 12

export const whatOf = (alarm: Pick<Alarm, 'code'> & About): string =>
  sentences[alarm.code].what(alarm)

/** One message about all of it. */
export function messageOf(items: readonly Item[], zone: string): string {
  const shown = items.slice(0, linesMax).map(item => paragraph(item, zone))
  const more = items.length - shown.length
  if (more > 0) shown.push(`Dan ${more} hal lain. Selengkapnya ada di daftar alarm.`)
  return `Laju\n\n${shown.join('\n\n')}`
}

function paragraph({ kind, alarm }: Item, zone: string): string {
  const since = `Sejak ${timeIn(zone, alarm.since)}`
  const number = `(alarm ${alarm.id})`
  if (kind === 'over') {
    const until = timeIn(zone, alarm.resolvedAt ?? alarm.since)
    return `Selesai: ${whatOf(alarm)}\n${since}, berakhir ${until}. ${number}`
  }
  const head = kind === 'again' ? 'Masih' : weights[alarm.severity]
  return `${head}: ${whatOf(alarm)}\n${since}. ${sentences[alarm.code].advice} ${number}`
}

/** Day and minute where the reader is. */
function timeIn(zone: string, at: number): string {
  const parts = clockOf(zone).formatToParts(at)
  const of = (type: string) => parts.find(part => part.type === type)!.value
  return `${of('day')}/${of('month')} ${of('hour')}.${of('minute')}`
}

export const testText = 'Laju\n\nUji kanal alarm: pesan ini sampai, jadi alarm juga akan sampai.'
