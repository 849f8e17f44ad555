/** The sentences that every area of ours has. */

export const text = {
  name: 'Laju',
  menu: 'Menu',
  skip: 'Langsung ke isi',
  leave: 'Keluar',
  leaving: 'Sebentar…',
  loading: 'Sebentar ya, lagi disiapkan…',
  again: 'Coba lagi',
  more: 'Tampilkan lagi',
  copy: 'Salin',
  copied: 'Tersalin',
  today: 'Hari ini',

  trouble: {
    title: 'Belum tersambung',
    offline: 'Sambungan terputus. Periksa internetnya, lalu coba lagi.',
    busy: 'Sistemnya lagi sibuk. Coba lagi sebentar lagi, ya.',
    unsure: 'Jawabannya belum sampai. Tekan lagi saja: tetap dihitung satu kali.',
  },

  signIn: {
    title: 'Masuk',
    show: 'Lihat',
    hide: 'Tutup',
    go: 'Masuk',
    busy: 'Sebentar…',
    password: 'Kata sandi',
    ended: 'Sesi sudah berakhir. Silakan masuk lagi.',
    home: 'Halaman depan',
    equip: 'Pasang kode autentikator',
  },
}

/** "2 jam lalu": how old something is. */
export function ago(iso, now = Date.now()) {
  const minutes = Math.max(0, Math.floor((now - Date.parse(iso)) / 60_000))
  if (minutes < 1) return 'baru saja'
  if (minutes < 60) return `${minutes} menit lalu`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} jam lalu` : `${Math.floor(hours / 24)} hari lalu`
}
