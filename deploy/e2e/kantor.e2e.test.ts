/**
 * The office's pages of the soundbox line at /kantor against the whole program, in a real browser,
 * at a phone's and a desk's width: merchants, boxes, payments, and who may see what. The money's
 * pages are in `kantor-money`.
 */

import { equal, notEqual } from 'node:assert/strict'
import { before, test } from 'node:test'
import { waitMsMax } from './counter.ts'
import { amountOf, atEachWidth } from './desk.ts'
import { until } from './stage.ts'

const pages = 'beranda transaksi merchant perangkat orang lainnya'.split(' ')

atEachWidth('kantor', 'kantor', at => {
  const { device, charged } = at
  const early = charged + 20_000
  before(() => at.counter.sell(charged))

  test(`kantor: ${device}: the day moves by itself (WPI1)`, async () => {
    const { page, says, heading, visit, quiet, enter, ask } = at.desk
    await visit('beranda')
    await enter(at.counter.demo.admin)
    await heading('Ringkasan hari ini')
    await page.locator('.number', { hasText: /\d/ }).first().waitFor()
    const { rows } = await ask('/admin/terminals')
    const qr = rows.find(one => one.qr !== null)?.qr
    await at.counter.pay({ qr_string: qr, amount: early })
    await says(amountOf(early))
    quiet()
  })

  test(`kantor: ${device}: a merchant is made, judged, given an outlet, a till and a person (WPK1, WPH2, WPH3)`, async () => {
    const { page, main, says, press, unfold, heading, visit, quiet, looksRight, text } = at.desk
    const name = `Warung ${device}`
    await visit('merchant')
    await unfold('Tambah merchant')
    await page.getByLabel('Nama merchant').fill(name)
    await press('Tambah merchant')
    await heading(name)
    equal(await main().getByText('Hentikan', { exact: true }).count(), 0)
    await press('Setujui')
    await says('Aktif')
    await unfold('Tambah outlet')
    await page.getByLabel('Nama outlet').fill('Cabang Baru')
    await press('Tambah outlet')
    await says('Cabang Baru')
    await unfold('Tambah terminal di Cabang Baru')
    await page.getByLabel('Nama terminal').fill('Kasir 1')
    await press('Tambah terminal di Cabang Baru')
    await says('QR tetap')
    await unfold('Tambah orang')
    await page.getByLabel('Nama', { exact: true }).fill('Ibu Sari')
    await page.getByLabel('Email', { exact: true }).last().fill(`sari-${device}@laju.test`)
    await press('Tambah orang')
    await says('Simpan sekarang')
    equal((await text('.once output')).length > 8, true)
    await says('Ibu Sari')
    await unfold('Ubah data')
    const nmid = page.getByRole('textbox', { name: 'NMID' })
    const former = await nmid.inputValue()
    await nmid.fill('ID12')
    await press('Ubah data')
    await says('NMID ditulis ID lalu 13 angka.')
    await looksRight('satu-merchant')
    quiet(/status of 422/)
    await nmid.fill(`ID90000000000${at.desk.isPhone ? '01' : '02'}`)
    await press('Ubah data')
    await says(new RegExp(`^${former}, sampai `))
    await says('Belum ada rekening, jadi pencairannya tidak ikut di berkas bank.')
    await unfold(`Lepaskan NMID ${former}`)
    await page.getByLabel(/^Kenapa\?/).fill('salah ketik')
    await looksRight('lepas-nmid')
    await press(`Lepaskan NMID ${former}`)
    await main().getByText('NMID sebelumnya').waitFor({ state: 'detached' })
    await unfold('Hentikan')
    await page.locator('form:visible').getByLabel('Alasan').fill('diperiksa dulu')
    await press('Hentikan')
    await says('Dihentikan')
    await says('diperiksa dulu')
    await press('Aktifkan lagi')
    await says('Aktif')
    quiet()
  })

  test(`kantor: ${device}: a box is registered; its secret is shown once and taken along (WPH2)`, async () => {
    const { page, main, says, press, unfold, heading, visit, quiet } = at.desk
    await visit('perangkat')
    await unfold('Daftarkan perangkat')
    await page.getByLabel('Merek').fill('Uji')
    await page.getByLabel('Model').fill(`Kotak ${device}`)
    await press('Daftarkan perangkat')
    await says('Simpan sekarang')
    await main().getByRole('button', { name: 'Salin' }).last().click()
    await main().getByText('Tersalin').waitFor()
    const copied = await page.evaluate('navigator.clipboard.readText()')
    equal(copied, await page.locator('.once output').last().textContent())
    await page.locator('a.row', { hasText: `Kotak ${device}` }).click()
    await heading(`Uji Kotak ${device}`)
    equal(await page.locator('.once').count(), 0)
    await unfold('Ganti rahasia')
    await press('Ganti rahasia')
    equal(await page.locator('.once').count(), 0)
    await press('Yakin? Tekan lagi')
    await says('Simpan sekarang')
    notEqual(copied, await page.locator('.once output').last().textContent())
    await unfold('Ubah pengaturan')
    await page.getByLabel('Volume (0 sampai 100)').last().fill('70')
    await press('Ubah pengaturan')
    await says('Belum sama')
    quiet()
  })

  test(`kantor: ${device}: the demo's box answers a command; what it was to say is listed`, async () => {
    const { page, says, press, unfold, visit, quiet, looksRight } = at.desk
    await visit(`perangkat/${at.counter.demo.device.id}`)
    await says('Terhubung')
    await unfold('Kirim perintah')
    await press('Kirim perintah')
    await page.locator('li', { hasText: 'Tes suara' }).getByText('Selesai').first().waitFor()
    await says(amountOf(charged))
    await looksRight('satu-perangkat')
    quiet()
  })

  test(`kantor: ${device}: a payment with its whole chain is told again, and given back in part (WPJ1)`, async () => {
    const { page, says, press, unfold, visit, quiet, looksRight } = at.desk
    await visit('transaksi?suara=played')
    await page
      .locator('a.row', { hasText: amountOf(charged) })
      .first()
      .click()
    await says('Bukti suara')
    equal(await page.locator('.chain li[data-done=true]').count(), 5)
    await looksRight('satu-transaksi')
    await press('Bunyikan lagi')
    await says('Sudah dikirim lagi')
    await unfold('Kembalikan dana')
    await page.locator('form:visible').getByLabel('Jumlah').fill('1.500')
    await page.locator('form:visible').getByLabel('Alasan').fill('salah harga')
    await press('Kembalikan dana')
    await press('Yakin? Tekan lagi')
    await says('Kembali sebagian')
    quiet()
  })

  test(`kantor: ${device}: in both lights nothing is too wide, too small or too faint`, async () => {
    await at.desk.allLookRight(pages)
  })

  test(`kantor: ${device}: each role sees what it may, and why not the rest; leaving ends the session (WPH1, WPC2)`, async () => {
    const { says, heading, visit, quiet, enter, leave, newTab } = at.desk
    await at.desk.page.close()
    await newTab()
    const { page } = at.desk
    await visit('')
    await enter(at.counter.demo.finance)
    await visit('merchant')
    await says('Hanya untuk admin dan operasional')
    equal(await page.locator('summary', { hasText: 'Tambah merchant' }).count(), 0)
    await visit('orang')
    await heading('Ringkasan hari ini')
    const nav = page.getByRole('navigation')
    equal(await nav.getByRole('link', { name: 'Orang' }).count(), 0)
    const token = await page.evaluate(`JSON.parse(sessionStorage['laju.kantor']).token`)
    const authorization = `Bearer ${token}`
    const asks = async () =>
      (await fetch(`${at.counter.http}/admin/merchants`, { headers: { authorization } })).status
    equal(await asks(), 200)
    await leave()
    await until('the end of the session', waitMsMax, async () => (await asks()) === 401)
    quiet()
  })
})
