/** What each door of the API does, for who reads `/docs`. */

import { numberDeskOperationText } from './number-admin.id.ts'

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
  register: 'Mendaftar dengan email; jawabannya sama, entah email itu sudah punya akun atau belum.',
  verifyEmail: 'Mengonfirmasi email dengan kata dari tautan di email.',
  resendVerification: 'Meminta tautan konfirmasi lagi.',
  forgotPassword: 'Meminta tautan untuk membuat kata sandi baru.',
  resetPassword: 'Membuat kata sandi baru dengan kata dari tautan; semua sesi berakhir.',
  totpEnrol: 'Menyiapkan kode autentikator (TOTP) untuk staf.',
  totpConfirm: 'Memasang autentikator dengan satu kodenya; kode cadangan tampil sekali ini.',
  totpStanding: 'Apakah akun Anda memakai kode autentikator.',
  totpReset: 'Melepas autentikator staf yang kehilangan teleponnya.',
  userProfile: 'Profil Anda, dan apakah emailnya sudah terkonfirmasi.',
  userChange: 'Mengubah nama, telepon, atau kata sandi (dengan yang lama; semua sesi berakhir).',
  userEmail: 'Mengganti email; berlaku setelah tautan di email baru dibuka.',
  userErase: 'Menghapus data diri untuk selamanya. Buku besar tetap utuh, tanpa nama.',
  userBalance: 'Saldo Anda.',
  userTransactions: 'Mutasi saldo Anda, terbaru lebih dulu, per halaman.',
  activity: 'Apa yang dilakukan para pengguna, terbaru lebih dulu.',
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
  depositMethods: 'Cara isi saldo yang tersedia sekarang, dengan batas dan biayanya.',
  depositCreate:
    'Membuat isi saldo: yang dibayar adalah amount, yang masuk adalah received. Mengulang dengan ' +
    'ref (atau Idempotency-Key) yang sama memberi isi saldo yang sama; paling banyak tiga menunggu.',
  depositHistory: 'Isi saldo Anda, terbaru lebih dulu, per halaman.',
  depositRead:
    'Satu isi saldo, dengan deposit_id atau intent_id; paling banyak sepuluh kali semenit.',
  depositCancel: 'Membatalkan isi saldo yang belum dibayar.',
  depositInstant:
    'Mencairkan isi saldo yang masih processing dengan biaya tambahan, satu kali: quote untuk ' +
    'melihat biayanya, take untuk mencairkan.',
  intentList: 'Isi saldo semua orang, terbaru lebih dulu.',
  intentRead: 'Satu isi saldo: jejaknya, kabar dari gateway, dana tertahan, dan keputusan petugas.',
  intentCheck: 'Menanyakan keadaannya ke gateway sekarang.',
  intentSuspense: 'Dana yang datang tidak seperti yang disepakati dan menunggu keputusan.',
  intentResolve:
    'Memutuskan dana tertahan: credit ke saldo, atau return ke pembayar. Dengan n 0 dan paid: ' +
    'isi saldo ini dinyatakan sudah dibayar. Di atas batas harian perlu orang kedua.',
  intentVerdicts: 'Keputusan yang menunggu orang kedua.',
  intentApprove: 'Menyetujui keputusan orang lain.',
  intentReject: 'Menolak keputusan yang menunggu.',
  gateways: 'Penyedia pembayaran, tanpa rahasianya, dan berapa utangnya kepada kita sekarang.',
  gatewayPut: 'Menambah atau mengubah penyedia pembayaran. Rahasia yang tidak dikirim tetap.',
  gatewayPayout:
    'Mencatat bahwa penyedia mencairkan dana ke rekening kita: amount yang masuk, fee yang ' +
    'dipotongnya, day tanggalnya. Satu ref_id satu kali; amount dan fee tidak boleh melebihi utangnya.',
  gatewayPayouts: 'Pencairan dari satu penyedia, terbaru lebih dulu.',

  numberServices: 'Aplikasi yang ada nomornya; search mencari sebagian nama.',
  numberCountries: 'Negara untuk satu aplikasi, dengan harga, stok, dan tingkat berhasil.',
  numberOperators: 'Operator di satu negara untuk satu aplikasi; any selalu ada.',
  numberCreate:
    'Menyewa satu nomor. Mengulang dengan ref (atau Idempotency-Key) yang sama memberi pesanan yang ' +
    'sama; harga di atas max_price tidak dibeli.',
  numberHistory: 'Pesanan Anda, terbaru lebih dulu, per halaman.',
  numberActive: 'Pesanan yang masih menunggu.',
  numberRead: 'Satu pesanan, dengan semua pesan yang masuk.',
  numberCancel: 'Mengembalikan nomor selama belum ada kode; saldo kembali bila pemasok setuju.',
  numberResend: 'Meminta kode lagi, paling banyak tiga kali; batas waktu mulai dari awal.',
  numberLink: 'Link pesanan yang sedang berlaku, untuk dibuka tanpa masuk.',
  numberRelink: 'Membuat link pesanan yang baru; link yang lama langsung berhenti.',
  numberInvoice: 'Membuka pesanan dengan link-nya, tanpa login.',
  handlerApi:
    'Protokol handler_api.php untuk bot yang sudah ada: ganti alamat dasarnya saja. action: ' +
    'getBalance, getNumbersStatus, getPrices, getTopCountriesByService, getCountries, ' +
    'getServicesList, getOperators, getNumber, getNumberV2, setStatus, getStatus, getStatusV2, ' +
    'getFullSms, getActiveActivations. Harga dalam rupiah.',
  numberHelp: 'Mencatat bahwa bantuan dibuka, dan menyebut alamat bantuannya.',
  numberSettings: 'Nama toko, link bantuan, dan batas-batas yang berlaku.',

  ...numberDeskOperationText,

  webhooks: 'Daftar webhook Anda.',
  webhookMake: 'Mendaftarkan alamat yang ingin dipanggil. secret hanya ditampilkan sekali ini.',
  webhookChange: 'Mengubah alamat, bentuk, pilihan kejadian, atau menonaktifkan.',
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

  alarms: 'Yang sedang tidak beres, dan yang sudah selesai, terbaru lebih dulu.',
  alarm: 'Satu alarm dengan riwayatnya.',
  alarmAcknowledge: 'Mengakui alarm: tidak diulang lagi sampai selesai.',
  alarmMute: 'Mendiamkan alarm sampai suatu waktu; until null membunyikannya lagi.',
  alarmRules: 'Kapan alarm berbunyi: ambang, bobot, dan berapa lama keadaan harus bertahan.',
  alarmRule: 'Mengubah satu aturan alarm. Yang tidak disebut tetap.',
  alarmChannels: 'Siapa yang dikabari, dan lewat apa.',
  alarmChannel:
    'Membuat atau mengubah kanal: webhook (url) atau chat (gateway dan address). quiet adalah jam ' +
    'tenang menurut zone; yang critical tetap datang selama wakes. Yang tidak disebut tetap.',
  alarmTest: 'Mengirim pesan uji ke satu kanal, sekarang juga.',
  alarmHistory: 'Siapa melakukan apa pada alarm, aturan, dan kanal.',

  attention: 'Transaksi yang menunggu keputusan petugas.',
  proof: 'Semua yang diketahui tentang satu transaksi, dengan jejak yang dapat diperiksa.',
  resolve: 'Keputusan petugas atas satu transaksi.',
  hold: 'Menahan transaksi: tidak dicoba ke pemasok lain sampai dilepas.',
  release: 'Melepas transaksi yang ditahan.',
  closeRevisable: 'Menutup kegagalan yang mungkin diubah pemasok, setelah dilihat.',
  closeDuplicate: 'Menutup tanda SN ganda setelah diperiksa.',
  closeOvercharge: 'Menutup tanda harga pemasok di atas batas setelah diperiksa.',
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
  healthOfApi: 'Apakah server hidup, di bawah alamat API.',
  ready: 'Apakah server siap menerima transaksi.',
} as const
