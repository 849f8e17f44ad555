/** A number is bought and money paid in, on the number pages: from a first look to the purchase. */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { browserOfSuite, skip } from './chromium.fixture.ts'
import { actAt, enter, heading, says, widths } from './nomor.fixture.ts'
import { no } from './nomor-stand-in.fixture.ts'

describe('nomor', { skip }, () => {
  const browser = browserOfSuite()

  for (const [device, viewport] of Object.entries(widths)) {
    const act = actAt(browser, viewport)

    test(`nomor: ${device}: whoever comes sees one big button, and prices before any login (WPC3)`, () =>
      act(
        async ({ page, visit, stand }) => {
          await visit('')
          await heading(page, 'Nomor OTP, beres sebentar')
          await page.getByRole('link', { name: 'Beli nomor OTP' }).click()
          await page.getByRole('link', { name: /WhatsApp/ }).click()
          await page.getByRole('link', { name: /Indonesia/ }).click()
          await page.getByRole('link', { name: /Bebas, yang mana aja/ }).click()
          await says(page, 'Pilihanmu tetap disimpan')
          await enter(page)
          await heading(page, 'Sudah pas?')
          await page.getByRole('button', { name: 'lanjut bayar' }).click()
          await heading(page, 'Nomor buat WhatsApp')
          const bought = stand.asked.find(({ path }) => path === '/api/v1/orders/create')!
          deepEqual(
            { ...bought.body, ref: null },
            { service_id: 'wa', country_id: 'id', operator_id: 'any', max_price: 2_800, ref: null },
          )
        },
        { signedIn: false },
      ))

    test(`nomor: ${device}: what one types narrows at once, and the way back is as it was left (WND1, WUD1)`, () =>
      act(async ({ page, visit, stand }) => {
        await visit('beli')
        await page.getByRole('link', { name: /Telegram/ }).waitFor()
        const before = stand.asked.length
        await page.getByLabel('Cari aplikasi').fill('wha')
        await page.getByRole('link', { name: /Telegram/ }).waitFor({ state: 'detached' })
        await page.getByRole('link', { name: /WhatsApp/ }).click()
        // By a name under which it is not shown.
        await page.getByLabel('Cari negara').fill('usa')
        await page.getByRole('link', { name: /Filipina/ }).waitFor({ state: 'detached' })
        await page.getByRole('link', { name: /Amerika Serikat/ }).waitFor()
        await page.getByLabel('Cari negara').fill('')
        await page.getByRole('link', { name: /Filipina/ }).click()
        await heading(page, 'Mau operator apa?')
        await page.goBack()
        await heading(page, 'WhatsApp: nomor dari mana?')
        await page.goBack()
        equal(await page.getByLabel('Cari aplikasi').inputValue(), 'wha')
        equal(stand.asked.slice(before).filter(({ path }) => /services/.test(path)).length, 0)
        await page.getByLabel('Cari aplikasi').fill('tidak ada yang begini')
        await says(page, 'Belum ketemu yang namanya')
        await page.reload()
        equal(await page.getByLabel('Cari aplikasi').inputValue(), 'tidak ada yang begini')
      }))

    test(`nomor: ${device}: the price is asked again, and nothing is bought above what was seen (WNE1)`, () =>
      act(
        async ({ page, visit, stand }) => {
          await visit(
            'konfirmasi?app=wa&negara=id&nama=WhatsApp&asal=Indonesia&operator=any&harga=2000',
          )
          await says(page, 'Harganya baru saja berubah')
          await says(page, /2\.800/)
          await says(page, 'harga sudah termasuk biaya sistem & layanan otomatis')
          stand.instead.set('POST /api/v1/orders/create', () => no(422, 'PRICE_ABOVE_MAX'))
          await page.getByRole('button', { name: 'lanjut bayar' }).click()
          await says(page, 'Cek dulu harga barunya')
          await page.getByRole('button', { name: 'butuh bantuan?' }).click()
          await page.getByRole('link', { name: 'Buka obrolan bantuan' }).waitFor()
        },
        { allow: /status of 422/ },
      ))

    test(`nomor: ${device}: too little money leads to paying in, and back to the purchase (WNE2, WNJ1, WNJ2)`, () =>
      act(async ({ page, visit, stand }) => {
        stand.balance = 1_000
        await visit(
          'konfirmasi?app=wa&negara=id&nama=WhatsApp&asal=Indonesia&operator=any&harga=2800',
        )
        await says(page, /Saldo kamu kurang Rp\s1\.800/)
        await page.getByRole('link', { name: 'Isi saldo dulu' }).click()
        equal(await page.getByLabel('Mau isi berapa?').inputValue(), '5.000')
        await page.getByLabel('Mau isi berapa?').fill('1000')
        await page.getByRole('button', { name: 'lanjut bayar' }).click()
        await says(page, /Paling sedikit Rp\s2\.000/)
        await page.getByRole('button', { name: /20\.000/ }).click()
        await page.getByRole('button', { name: 'lanjut bayar' }).click()
        await page.getByRole('img', { name: 'Kode QR untuk bayar' }).waitFor()
        const before = stand.asked.length
        stand.deposits[0]!['status'] = 'success'
        stand.balance = 21_000
        stand.tell('deposit:paid', { intent_id: 'x' })
        await says(page, 'Saldo sudah masuk!')
        ok(stand.asked.length - before < 6)
        await page.getByRole('link', { name: 'lanjut bayar' }).click()
        await heading(page, 'Sudah pas?')
        await says(page, 'Sisa saldo nanti')
      }))

    test(`nomor: ${device}: what is paid in suffices, costs included, and what they are is said (WNO1, WNO2)`, () =>
      act(async ({ page, visit }) => {
        await visit('saldo?kurang=19700')
        await says(page, /^Masuk ke saldo Rp\s24\.425$/)
        equal(await page.getByLabel('Mau isi berapa?').inputValue(), '25.000')
        await says(page, /^biaya Rp\s575$/)
        await page.getByText('QRIS lainnya 1').click()
        await page.getByText('Masuk ke saldo').waitFor({ state: 'detached' })
        await says(page, 'biayanya kelihatan sebelum bayar')
        await page.getByText('QRIS biasa').click()
        await says(page, /^Masuk ke saldo Rp\s24\.625$/)
        await page.getByLabel('Mau isi berapa?').fill('')
        await says(page, /^biaya Rp\s200 \+ 0,7%$/)
      }))

    test(`nomor: ${device}: an amount is changed where the caret is; too much is said to be too much`, () =>
      act(async ({ page, visit }) => {
        await visit('saldo')
        const amount = page.getByLabel('Mau isi berapa?')
        await amount.pressSequentially('1500000')
        for (let n = 0; n < 6; n++) await amount.press('ArrowLeft')
        await amount.press('Backspace')
        await amount.pressSequentially('2')
        equal(await amount.inputValue(), '1.200.000')
        await amount.press('Backspace')
        await amount.press('Backspace')
        await amount.pressSequentially('34')
        equal(await amount.inputValue(), '3.400.000')
        await amount.fill('9999999999999')
        await page.getByRole('button', { name: 'lanjut bayar' }).click()
        await says(page, /^Paling banyak Rp/)
      }))

    test(`nomor: ${device}: ways of paying stand by cost, say how they differ, and the best is marked (WNO3)`, () =>
      act(async ({ page, visit, stand }) => {
        await visit('saldo')
        const amount = page.getByLabel('Mau isi berapa?')
        const names = page.locator('.ways-in > div b')
        const taken = page.locator('.way-in', { has: page.locator(':checked') })
        const marked = page.locator('.way-in', { hasText: 'Disarankan' }).locator('b')
        await names.first().waitFor()
        const stands = async () => [await names.allTextContents(), await marked.allTextContents()]
        await amount.fill('100000')
        deepEqual(await stands(), [
          ['QRIS biasa', 'QRIS kilat', 'QRIS lainnya 1', 'QRIS lainnya 2'],
          ['QRIS kilat'],
        ])
        match(String(await taken.textContent()), /QRIS kilat.*Rp\s1\.700.*langsung masuk/)
        match(String(await taken.textContent()), /dari Rp\s10\.000 sampai Rp\s5\.000\.000/)
        await amount.fill('5000')
        deepEqual(await stands(), [
          ['QRIS lainnya 2', 'QRIS lainnya 1', 'QRIS biasa', 'QRIS kilat'],
          ['QRIS lainnya 2'],
        ])
        await says(page, /^biaya Rp\s100$/)
        await page.getByText('QRIS lainnya 1').click()
        await amount.fill('100000')
        match(String(await taken.textContent()), /QRIS lainnya 1/)
        await page.getByRole('button', { name: 'lanjut bayar' }).click()
        await page.getByRole('img', { name: 'Kode QR untuk bayar' }).waitFor()
        equal(stand.deposits[0]!['metode'], 'qris_rumahotp_v1')
        const said = String(await page.locator('main').textContent())
        equal(/atlantic|rumahotp/i.exec(said)?.[0], undefined)
      }))

    test(`nomor: ${device}: a second tap is the same purchase while nobody answered (WNB2)`, () =>
      act(
        async ({ page, visit, stand }) => {
          const refs: unknown[] = []
          stand.instead.set('POST /api/v1/orders/create', ({ ref }) => {
            refs.push(ref)
            return no(503, 'UNREACHABLE')
          })
          await visit(
            'konfirmasi?app=wa&negara=id&nama=WhatsApp&asal=Indonesia&operator=any&harga=2800',
          )
          await page.getByRole('button', { name: 'lanjut bayar' }).click()
          await says(page, 'Tekan lagi aja, tetap dihitung sekali')
          await page.reload()
          stand.instead.clear()
          await page.getByRole('button', { name: 'lanjut bayar' }).click()
          await heading(page, 'Nomor buat WhatsApp')
          const bought = stand.asked.filter(({ path }) => path === '/api/v1/orders/create')
          deepEqual([...new Set(bought.map(({ body }) => body['ref']))], [refs[0]])
        },
        { allow: /status of 503/ },
      ))

    test(`nomor: ${device}: another sum was paid: the QR goes, and it is being looked at (WNJ1)`, () =>
      act(async ({ page, visit, stand }) => {
        const deposit = stand.deposit()
        await visit(`bayar/${deposit['deposit_id']}`)
        const code = page.getByRole('img', { name: 'Kode QR untuk bayar' })
        await code.waitFor()
        deposit['status'] = 'checking'
        stand.tell('deposit:checking', { intent_id: deposit['intent_id'], status: 'checking' })
        await code.waitFor({ state: 'detached' })
      }))
  }
})
