/** Who comes to the number pages and goes: registering, devices, passwords, e-mails, tokens. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { browserOfSuite, skip } from './chromium.fixture.ts'
import { actAt, heading, says, widths } from './nomor.fixture.ts'
import { no } from './nomor-stand-in.fixture.ts'

describe('nomor', { skip }, () => {
  const browser = browserOfSuite()

  for (const [device, viewport] of Object.entries(widths)) {
    const act = actAt(browser, viewport)

    test(`nomor: ${device}: registering says at the field what is missing, and ends inside (WNK1)`, () =>
      act(
        async ({ page, visit, stand }) => {
          await visit('daftar')
          const press = () => page.getByRole('main').getByRole('button', { name: 'Daftar' }).click()
          await press()
          await says(page, 'Isi nama panggilanmu, ya.')
          await page.getByLabel('Nama panggilan').fill('Sari')
          await page.getByLabel('Email').fill('sari')
          await press()
          await says(page, 'Emailnya belum pas')
          await page.getByLabel('Email').fill('Sari@Contoh.test')
          await page.getByLabel('Bikin kata sandi').fill('rahasia')
          await press()
          await says(page, 'Tambah lagi, paling sedikit 8')
          equal(stand.asked.filter(({ method }) => method === 'POST').length, 0)
          await page.getByLabel('Bikin kata sandi').fill('rahasia-123')
          await press()
          await heading(page, 'Halo, Sari!')
          const told = stand.asked.find(({ path }) => path.endsWith('register'))!.body
          deepEqual(told, { name: 'Sari', email: 'sari@contoh.test', password: 'rahasia-123' })
        },
        { signedIn: false },
      ))

    test(`nomor: ${device}: other devices are ended from here, this one is left by leaving (WNL1)`, () =>
      act(async ({ page, visit, stand }) => {
        await visit('profil')
        await says(page, 'Perangkat ini')
        const ended = page.waitForResponse(/sessions\/s2$/)
        await page.getByRole('button', { name: 'Keluarin' }).click()
        await ended
        await page.getByRole('main').getByRole('button', { name: 'Keluar', exact: true }).click()
        await heading(page, 'Nomor OTP, beres sebentar')
        ok(stand.asked.some(({ method, path }) => method === 'DELETE' && path.endsWith('/s2')))
        equal(await page.evaluate('localStorage.getItem("laju.signed-in")'), null)
      }))

    test(`nomor: ${device}: notes of money say what it was: put in, bought, come back (WNT1)`, () =>
      act(async ({ page, visit }) => {
        await visit('riwayat?jenis=catatan')
        await says(page, 'Isi saldo · QRIS biasa')
        await says(page, 'Beli nomor WhatsApp Indonesia')
        await says(page, 'Uang kembali · WhatsApp Indonesia')
      }))

    test(`nomor: ${device}: a new password needs the old one, keeps one in here, and says who is out (WNR1)`, () =>
      act(
        async ({ page, visit, stand }) => {
          await visit('profil')
          await page.getByRole('link', { name: 'Ganti kata sandi' }).click()
          const old = page.getByLabel('Kata sandi sekarang')
          const next = page.getByLabel('Kata sandi baru')
          const press = () => page.getByRole('button', { name: 'Simpan' }).click()
          await says(page, 'perangkat lain otomatis keluar')
          await press()
          await says(page, 'Isi kata sandimu yang sekarang dulu, ya.')
          await old.fill('salah-salah')
          await next.fill('pendek')
          await press()
          await says(page, 'Tambah lagi, paling sedikit 8')
          await next.fill('rahasia-456')
          await press()
          await says(page, 'Kata sandinya belum cocok')
          equal(await old.getAttribute('aria-invalid'), 'true')
          await old.fill('rahasia-456')
          await press()
          await says(page, 'masih sama dengan yang lama')
          await old.fill('rahasia-123')
          await press()
          await says(page, 'Perangkat lain sudah keluar. Di sini kamu tetap masuk.')
          equal(stand.password, 'rahasia-456')
          const entered = stand.asked.findLast(({ path }) => path.endsWith('auth/login'))!
          deepEqual(entered.body, { email: 'sari@contoh.test', password: 'rahasia-456' })
          await page.getByRole('link', { name: 'Balik ke profil' }).click()
          await heading(page, 'Profil')
          await visit('ganti-sandi')
          stand.instead.set('POST /api/v1/auth/login', () => no(429, 'RATE_LIMITED'))
          await old.fill('rahasia-456')
          await next.fill('rahasia-789')
          await press()
          await says(page, 'Masuk lagi pakai yang baru, ya.')
          await heading(page, 'Masuk')
        },
        { allow: /status of (?:403|429)/ },
      ))

    test(`nomor: ${device}: whether the password is new shows by going in, where no answer came (WNR2)`, () =>
      act(
        async ({ page, visit, stand }) => {
          let asked = 0
          stand.instead.set('PUT /api/v1/user/profile', () => {
            asked++
            return no(503, 'UNREACHABLE')
          })
          await visit('ganti-sandi')
          await page.getByLabel('Kata sandi sekarang').fill('rahasia-123')
          await page.getByLabel('Kata sandi baru').fill('rahasia-456')
          await page.getByRole('button', { name: 'Simpan' }).click()
          await says(page, 'Jawabannya belum sampai')
          stand.password = 'rahasia-456'
          await page.getByRole('button', { name: 'Simpan' }).click()
          await says(page, 'Kata sandinya sudah diganti.')
          equal(asked, 1)
        },
        { allow: /status of (?:401|503)/ },
      ))

    test(`nomor: ${device}: another e-mail is waited for, and the one before holds until then (WNS1)`, () =>
      act(
        async ({ page, visit, stand }) => {
          await visit('profil')
          await page.getByRole('link', { name: 'Ganti email' }).click()
          const press = () => page.getByRole('button', { name: 'Kirim link konfirmasi' }).click()
          const wanted = page.getByLabel('Email baru')
          const secret = page.getByLabel('Kata sandi')
          await wanted.fill('Sari@Contoh.test')
          await press()
          await says(page, 'Itu email kamu yang sekarang')
          await wanted.fill('ada@contoh.test')
          await secret.fill('salah-salah')
          await press()
          await says(page, 'Kata sandinya belum cocok')
          await secret.fill('rahasia-123')
          await press()
          await says(page, 'Email itu nggak bisa dipakai')
          await wanted.fill('Baru@contoh.test')
          await press()
          await says(page, 'Kami kirim link ke baru@contoh.test')
          await says(page, 'Sampai link-nya dibuka, kamu masuk pakai sari@contoh.test.')
          equal(stand.nextEmail, 'baru@contoh.test')
          await page.getByRole('link', { name: 'Balik ke profil' }).click()
          await says(page, 'Lagi nunggu baru@contoh.test dikonfirmasi')
        },
        { allow: /status of (?:403|409)/ },
      ))

    test(`nomor: ${device}: a used token is renewed once, and a clear no ends it (WNB1)`, () =>
      act(
        async ({ page, visit, stand }) => {
          let noes = 0
          stand.instead.set('GET /api/v1/user/profile', () => {
            stand.instead.delete('GET /api/v1/user/profile')
            noes++
            return no(401, 'TOKEN_EXPIRED')
          })
          await visit('profil')
          await says(page, 'sari@contoh.test')
          equal(noes, 1)
          stand.instead.set('POST /api/v1/auth/refresh', () => no(401, 'SESSION_ENDED'))
          stand.instead.set('GET /api/v1/balance', () => no(401, 'TOKEN_EXPIRED'))
          await visit('beranda')
          await says(page, 'Kamu sudah keluar. Masuk lagi, ya.')
        },
        { allow: /status of 401/ },
      ))
  }
})
