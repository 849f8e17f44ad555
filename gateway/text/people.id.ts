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
