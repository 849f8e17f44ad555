/** Setting up an authenticator: read only by who does. */

export const words = {
  door: 'Kode autentikator',
  doorHelp: 'Enam angka dari aplikasi autentikator, atau satu kode cadangan.',
  title: 'Pasang kode autentikator',
  why: 'Setelah ini, masuk memakai kata sandi dan enam angka dari teleponmu.',
  begin: 'Mulai',
  busy: 'Sebentar…',
  former: 'Kode autentikator yang sekarang',
  scan: 'Pindai gambar ini dengan aplikasi autentikator, lalu tulis enam angkanya.',
  picture: 'Gambar untuk aplikasi autentikator',
  secret: 'Atau ketik kunci ini di aplikasinya',
  code: 'Enam angka dari aplikasi',
  confirm: 'Pasang',
  keep: 'Simpan kode cadangan ini',
  recovery:
    'Kalau teleponmu hilang, tiap kode bisa dipakai sekali untuk masuk. Hanya tampil kali ini.',
  codes: 'Kode cadangan',
  kept: 'Sudah kusimpan, masuk',
}
