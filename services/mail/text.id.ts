/** What our mails say. A link stands alone on its line, so that every mail program finds it. */

export type MailKind =
  /** A newcomer's e-mail is to be proven. */
  | 'welcome'
  /** Somebody registered with an e-mail that has an account. */
  | 'known'
  | 'verify'
  | 'reset'
  | 'newEmail'
  /** To the e-mail that is about to be left. */
  | 'emailMoves'

type Text = { readonly subject: string; readonly text: string }

const letter = (...parts: readonly string[]): string =>
  `${['Halo,', ...parts, 'Salam hangat,\nTim Nokosku'].join('\n\n')}\n`

const ignore = 'Kalau bukan kamu yang meminta, abaikan saja email ini. Akunmu tetap aman.'

export const mailText: Readonly<Record<MailKind, (link: string) => Text>> = {
  welcome: link => ({
    subject: 'Selamat datang! Konfirmasi emailmu, ya',
    text: letter(
      'Akunmu sudah jadi dan bisa langsung dipakai.',
      'Konfirmasi email ini supaya kata sandimu bisa dipulihkan kalau lupa:',
      link,
      'Tautan ini berlaku tiga hari dan hanya sekali pakai.',
      ignore,
    ),
  }),
  known: link => ({
    subject: 'Emailmu sudah punya akun',
    text: letter(
      'Baru saja ada yang mendaftar dengan email ini, padahal email ini sudah punya akun.',
      'Kalau itu kamu, langsung masuk saja. Lupa kata sandi? Minta yang baru di sini:',
      link,
      ignore,
    ),
  }),
  verify: link => ({
    subject: 'Konfirmasi emailmu',
    text: letter(
      'Buka tautan ini untuk mengonfirmasi emailmu:',
      link,
      'Tautan ini berlaku tiga hari dan hanya sekali pakai. Setelah itu kata sandi bisa ' +
        'dipulihkan lewat email ini.',
      ignore,
    ),
  }),
  reset: link => ({
    subject: 'Buat kata sandi baru',
    text: letter(
      'Buka tautan ini untuk membuat kata sandi baru:',
      link,
      'Tautan ini berlaku satu jam dan hanya sekali pakai. Jangan berikan kepada siapa pun.',
      ignore,
    ),
  }),
  newEmail: link => ({
    subject: 'Konfirmasi email barumu',
    text: letter(
      'Buka tautan ini supaya email ini dipakai untuk akunmu:',
      link,
      'Tautan ini berlaku tiga hari dan hanya sekali pakai.',
      ignore,
    ),
  }),
  emailMoves: () => ({
    subject: 'Email akunmu akan diganti',
    text: letter(
      'Ada permintaan mengganti email akunmu ke alamat lain.',
      'Kalau bukan kamu, segera ganti kata sandimu dan hubungi kami.',
    ),
  }),
}
