/** Logins, and accounts as staff keeps them. */

/** What somebody does with his own login. */
export const sessionOkText = {
  loggedIn: 'Selamat datang.',
  renewed: 'Sesi diperpanjang.',
  loggedOut: 'Anda sudah keluar.',
  sessions: 'Sesi Anda yang masih terbuka.',
  sessionEnded: 'Sesi itu sudah ditutup.',
  profile: 'Akun Anda.',
  keys: 'Kunci API Anda.',
  keysRotated: 'Kunci baru siap. Simpan sekarang; kami tidak menampilkannya lagi.',
  downlines: 'Downline langsung Anda.',
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

/** Coming by oneself, and looking after one's own account. */
export const accountText = {
  registered: 'Akunmu siap dipakai. Kami juga mengirim email; buka tautannya untuk konfirmasi, ya.',
  verified: 'Emailmu sudah terkonfirmasi. Terima kasih!',
  mailed: 'Kalau email itu terdaftar, tautannya sudah kami kirim. Cek kotak masuk, ya.',
  reset: 'Kata sandimu sudah diganti. Silakan masuk lagi.',
  profile: 'Profilmu.',
  changed: 'Sudah disimpan.',
  changedPassword: 'Kata sandimu sudah diganti. Silakan masuk lagi di semua perangkat.',
  emailAsked: 'Kami kirim tautan ke email barumu. Buka tautannya supaya emailnya berlaku.',
  erased: 'Datamu sudah dihapus. Terima kasih sudah bersama kami.',
  activity: 'Catatan kegiatan, terbaru lebih dulu.',
} as const

/** The second factor of staff. */
export const totpText = {
  standing: 'Status kode autentikator.',
  enrolled: 'Pindai kodenya dengan aplikasi autentikator, lalu masukkan enam angkanya.',
  confirmed: 'Autentikator terpasang. Simpan kode cadangan ini; kami tidak menampilkannya lagi.',
  reset: 'Autentikator akun itu dilepas.',
} as const
