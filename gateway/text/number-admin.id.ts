/** The number line's staff: what a success is told with. */

export const numberAdminText = {
  stats: 'Ringkasan nomor OTP.',
  transactions: 'Uang yang masuk dan keluar.',
  users: 'Daftar pengguna.',
  user: 'Data pengguna.',
  userChanged: 'Data pengguna diubah.',
  banned: 'Pengguna diblokir.',
  unbanned: 'Blokir dibuka.',
  orders: 'Daftar pesanan.',
  order: 'Data pesanan.',
  revealed: 'Isi pesan. Pembukaan ini tercatat.',
  cancelled: 'Pembatalan diminta.',
  refunded: 'Diterima. Selama waits tidak null, orang kedua harus ikut menyetujui.',
  charged: 'Dicatat sebagai terpakai.',
  refunds: 'Pengembalian yang menunggu orang kedua.',
  rejected: 'Pengembalian ditolak.',
  rules: 'Aturan harga.',
  history: 'Riwayat aturan harga.',
  preview: 'Perkiraan akibat perubahan; belum ada yang diubah.',
  changed: 'Aturan harga diubah.',
  names: 'Sebutan pemasok untuk aplikasi dan negara.',
  named: 'Sebutan diubah.',
  profit: 'Laba menurut kelompok.',
  settings: 'Pengaturan nomor OTP.',
  set: 'Pengaturan diubah.',
  reviews: 'Akun yang perlu ditinjau.',
  decided: 'Keputusan dicatat.',
  denied: 'Aplikasi yang tidak ditawarkan.',
  deny: 'Aplikasi tidak ditawarkan lagi.',
  allow: 'Aplikasi ditawarkan lagi.',
  suppliers: 'Pemasok nomor.',
  supplierChanged: 'Pemasok diubah.',
  supplierTested: 'Jawaban pemasok.',
  supplierRefreshed: 'Katalog pemasok ditanyakan lagi.',
  exported: 'Data lengkap satu pengguna. Permintaan ini tercatat.',
} as const

/** What `/docs` says of each of its doors. */
export const numberDeskOperationText = {
  numberStats: 'Hari ini dan tujuh hari terakhir: pengguna, pesanan, kode, pengembalian, laba.',
  numberProfit:
    'Laba per hari, aplikasi, negara, pemasok, atau operator, untuk admin dan keuangan.',
  numberTransactions:
    'Kode yang terjual, pengembalian setelahnya, dan deposit yang masuk, terbaru lebih dulu; tanpa ' +
    'from, seminggu terakhir.',
  numberUsers: 'Pengguna; q mencari di nama, email, telepon, dan username.',
  numberUser: 'Satu pengguna: saldo, pesanan, mutasi, dan aktivitas terbarunya.',
  numberUserChange: 'Mengubah nama atau level, berdasarkan version yang dibaca.',
  numberUserStatus: 'Mengubah status pengguna, dengan alasan.',
  numberUserBan: 'Memblokir sampai until; null berarti sampai dibuka lagi.',
  numberUserUnban: 'Membuka blokir, dengan alasan.',
  numberOrders: 'Pesanan semua pengguna, terbaru lebih dulu; number adalah akhir nomornya.',
  numberOrder: 'Satu pesanan langkah demi langkah, tanpa isi pesannya.',
  numberReveal: 'Membuka isi pesan satu pesanan, dengan alasan; tercatat di catatan audit.',
  numberUserExport:
    'Semua data satu pengguna, untuk permintaan yang sah; alasannya menyebut permintaan itu. ' +
    'Tercatat di catatan audit.',
  numberOrderCancel: 'Petugas meminta pemasok mengambil nomor kembali.',
  numberRefund:
    'Mengembalikan dana satu pesanan. Di atas batas, permintaan kedua oleh orang lain yang ' +
    'menjalankannya; waits menyebut yang ditunggu.',
  numberCharge: 'Menyatakan pesanan yang tidak jelas nasibnya sebagai terpakai.',
  numberRefunds: 'Pengembalian yang menunggu orang kedua, terlama lebih dulu.',
  numberRefundReject: 'Menolak pengembalian yang menunggu.',
  numberSuppliers: 'Pemasok nomor: katalog, saldo, tingkat berhasil, waktu sampai kode.',
  numberSupplierPut: 'Menambah atau mengubah pemasok; credentials null berarti tetap.',
  numberSupplierTest: 'Menanyakan saldo ke pemasok, tanpa membeli apa pun.',
  numberSupplierRefresh: 'Menanyakan katalog pemasok sekarang.',
  markupRules: 'Aturan harga yang berlaku, siapa yang membuatnya, dan mengapa.',
  markupHistory: 'Setiap perubahan aturan harga, terbaru lebih dulu.',
  markupPreview: 'Akibat sebuah perubahan: penawaran mana, level mana, berapa pengguna.',
  markupAdd:
    'Menambah aturan harga. Yang paling khusus menang; level 0 berlaku untuk semua, nama kosong ' +
    'berarti semua.',
  markupChange: 'Mengganti aturan harga yang sudah ada, berdasarkan version yang dibaca.',
  markupRemove: 'Mencabut aturan harga.',
  numberNames:
    'Sebutan pemasok untuk aplikasi atau negara, dan ke id mana masing-masing digabung: by staff ' +
    'berarti diputuskan petugas, known sudah dikenal, supplier apa adanya.',
  numberNameChange:
    'Menggabungkan sebutan ke id lain, atau memberi nama; id null mencabutnya. Harga dan ' +
    'penawaran tidak berubah.',
  lineSettings: 'Pengaturan nomor OTP: link bantuan, lama menunggu, lama kode tampil.',
  lineSettingsChange: 'Mengubah pengaturan, berlaku mulai pesanan berikutnya.',
  abuseReviews: 'Akun yang perlu ditinjau karena perilakunya.',
  abuseDecide: 'Keputusan atas satu tinjauan: clear, atau ban selama hours.',
  deniedServices: 'Aplikasi yang tidak ditawarkan di sini.',
  serviceDeny: 'Berhenti menawarkan aplikasi: id-nya, atau kata dalam namanya.',
  serviceAllow: 'Menawarkan aplikasi lagi.',
} as const
