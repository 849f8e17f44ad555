/**
 * The pages of the soundbox line's money at /kantor against the whole program, in a real browser, at
 * a phone's and a desk's width: settlement, reconciliation, books, files, and callbacks that wait
 * for a person.
 */

import { deepEqual, equal, match } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { before, test } from 'node:test'
import type { Locator } from 'playwright-core'
import { waitMsMax } from './counter.ts'
import { atEachWidth } from './desk.ts'
import { until } from './stage.ts'

const pages = 'pencairan libur rekonsiliasi buku callback ekspor audit'.split(' ')

atEachWidth('kantor-money', 'kantor', at => {
  const { device, charged } = at
  const printed = charged + 10_000
  const early = charged + 20_000
  before(async () => {
    await at.counter.sell(charged)
    await at.desk.visit('beranda')
    await at.desk.enter(at.counter.demo.admin)
  })

  const today = () => new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10)
  /** A file of somebody else, held against ours of today. */
  async function compare(name: string, file: string, csv: string): Promise<void> {
    const { page, press, unfold } = at.desk
    await unfold(name)
    const form = page.locator('form:visible')
    await form.getByLabel('Tanggal').fill(today())
    const buffer = Buffer.from(csv)
    const [input, told] = [form.locator('input[type=file]'), { name: file, buffer }]
    await input.setInputFiles({ ...told, mimeType: 'text/csv' })
    await press(name)
  }

  /** Signed as the acquirer does. */
  async function tellAsAcquirer(told: object): Promise<void> {
    const paid_at = new Date().toISOString()
    const body = JSON.stringify({ type: 'payment', status: 'paid', paid_at, ...told })
    const seconds = String(Math.floor(Date.now() / 1_000))
    const hmac = createHmac('sha256', at.counter.demo.callback_secrets.qris)
    const signature = `sha256=${hmac.update(`${seconds}.${body}`).digest('hex')}`
    const headers = { 'x-timestamp': seconds, 'x-signature': signature }
    const to = `${at.counter.http}/integrations/qris/callback`
    const answer = await fetch(to, { method: 'POST', body, headers })
    deepEqual(((await answer.json()) as { result: string }).result, 'parked')
  }

  /** Sure of it; it was the last that waited. */
  async function book(form: Locator): Promise<void> {
    const go = form.getByRole('button')
    await go.click()
    await at.desk.says('Yakin? Tekan lagi')
    await go.click()
    await at.desk.says('Tidak ada yang tertahan')
  }

  async function makePayment(amount: number): Promise<void> {
    const wish = { terminal_id: at.counter.demo.merchant.terminal_id, amount }
    const { qr_string } = await at.counter.office('transactions', wish)
    await at.counter.pay({ qr_string, fault: 'wrong_amount' })
  }

  test(`kantor: ${device}: a batch is made, added to, taken along and paid; then it is over (WPL1)`, async () => {
    const { page, main, says, press, unfold, visit, quiet, looksRight } = at.desk
    await visit('pencairan')
    await unfold('Buat pencairan')
    await page.getByLabel('Merchant', { exact: true }).first().selectOption('Toko Sinar Laju')
    await page.getByLabel('Juga yang belum jatuh tempo').check()
    await press('Buat pencairan')
    await says('Menunggu ditransfer')
    await unfold('Tambah penyesuaian')
    const form = page.locator('details[open] form')
    await form.getByLabel('Jumlah').fill('1.000')
    await form.getByLabel('Alasan').fill('bonus promo')
    await press('Tambah penyesuaian')
    await press('Yakin? Tekan lagi')
    await says('bonus promo')
    const [file] = await Promise.all([page.waitForEvent('download'), press('Unduh CSV')])
    match(readFileSync(await file.path(), 'utf8'), /\d/)
    await says('Belum ada di berkas bank.')
    const [given] = await Promise.all([page.waitForEvent('download'), press('Unduh untuk bank')])
    const amount = /,(\d+),IDR,/.exec(readFileSync(await given.path(), 'utf8'))![1]!
    await says(/^diambil .* oleh .*@/)
    await says('Sudah ada di berkas bank. Batalkan kalau berkasnya sudah ditarik.')
    await says('Belum ada yang menyebutnya')
    await looksRight('satu-pencairan')
    await unfold('Tandai sudah ditransfer')
    await page.getByLabel('Nomor transfer bank (boleh kosong)').fill(`TRF-${device}`)
    await press('Tandai sudah ditransfer')
    await press('Yakin? Tekan lagi')
    await says('Sudah ditransfer')
    await says('Pencairan ini sudah selesai')

    const batch = page.url()
    await visit('rekonsiliasi')
    await page.reload()
    const held = page.getByRole('list', { name: 'Pencairan satu per satu' }).locator('a.row')
    await held.first().getByText('Belum ada mutasi').waitFor()
    const csv = `date,description,reference,debit,credit\n${today()},TRSF,TRF-${device},${amount},0\n`
    await compare('Bandingkan mutasi bank', `mutasi-${device}.csv`, csv)
    await says(/^1 baris, /)
    await held.first().getByText('Cocok', { exact: true }).waitFor()
    await held.first().getByText(`mutasi-${device}.csv`).waitFor()
    await looksRight('pencairan-dibandingkan')
    await held.first().click()
    equal(page.url(), batch)
    await says(new RegExp(`^mutasi-${device}.csv, `))
    await visit('pencairan')
    await main().locator('a.row').first().getByText('di berkas bank').waitFor()
    await looksRight('daftar-pencairan')
    quiet()
  })

  test(`kantor: ${device}: a bank's holiday is set and taken back; the books say what was booked`, async () => {
    const { page, main, says, press, unfold, visit, quiet } = at.desk
    const day = `${new Date().getFullYear() + 1}-03-10`
    await visit('libur')
    await unfold('Tambah hari libur')
    await page.getByLabel('Tanggal').fill(day)
    await page.getByLabel('Nama hari libur').fill(`Libur ${device}`)
    await press('Tambah hari libur')
    const one = page.locator(`[data-holiday="${day}"]`)
    await one.getByText(`Libur ${device}`).waitFor()
    await one.getByRole('button', { name: 'Hapus' }).click()
    await one.getByRole('button', { name: 'Yakin? Tekan lagi' }).click()
    await one.waitFor({ state: 'detached' })
    await visit('buku')
    await says('Acquirer → Saldo merchant')
    await main().locator('a.row', { hasText: 'Ditransfer' }).first().click()
    await says('Pencairan ini sudah selesai')
    quiet()
  })

  test(`kantor: ${device}: the acquirer's report is compared; a difference has an age and gets an owner`, async () => {
    const { page, says, visit, quiet, looksRight } = at.desk
    await visit('rekonsiliasi')
    const csv = `reference,type,amount\nTIDAK-ADA-${device},payment,9000\n`
    await compare('Bandingkan laporan acquirer', 'laporan.csv', csv)
    await says(/^1 baris, 0 cocok/)
    const one = page.locator('[data-break]', { hasText: `TIDAK-ADA-${device}` })
    await one.getByText('hari ini').waitFor()
    await one.getByRole('button', { name: 'Saya urus' }).click()
    await one.getByText(/^Diurus/).waitFor()
    await looksRight('rekonsiliasi')
    await one.locator('summary', { hasText: 'Selesaikan' }).click()
    await one.getByLabel('Catatan').fill('salah ketik di laporan')
    await one.getByRole('button', { name: 'Selesaikan' }).click()
    await one.waitFor({ state: 'detached' })
    quiet()
  })

  test(`kantor: ${device}: a file is made behind the answer and taken along; the audit's chain holds`, async () => {
    const { page, main, says, press, unfold, visit, quiet } = at.desk
    await visit('ekspor')
    await unfold('Siapkan file')
    await press('Siapkan file')
    const job = page.locator('[data-export]').first()
    await job.getByText('Siap', { exact: true }).waitFor()
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      job.getByRole('button', { name: 'Unduh' }).click(),
    ])
    match(readFileSync(await file.path(), 'utf8'), new RegExp(at.counter.demo.merchant.merchant_id))
    await visit('audit')
    await main().locator('a.row[href^="#/pencairan/"]').first().waitFor()
    await page.getByLabel('Kegiatan').selectOption('export.')
    await says('File disiapkan')
    equal(await page.getByText('export.create').count(), 0)
    await press('Periksa rantainya')
    await says('rantainya utuh')
    quiet()
  })

  test(`kantor: ${device}: a callback of another amount waits for a person, who decides`, async () => {
    const { page, says, visit, quiet, looksRight, settled } = at.desk
    await visit('beranda')
    await makePayment(early + 7)
    await visit('callback')
    const parked = page.locator('[data-callback]', { hasText: 'Tertahan' }).first()
    await until('the parked callback', waitMsMax, async () => {
      await page.reload()
      await settled()
      return await parked.isVisible()
    })
    await looksRight('tertahan')
    await parked.locator('summary', { hasText: 'Putuskan' }).click()
    await parked.getByLabel('Keputusan').selectOption('dismiss')
    await parked.getByLabel('Catatan').fill('sudah diperiksa')
    await parked.getByRole('button', { name: 'Putuskan' }).click()
    await says('Tidak ada yang tertahan')
    quiet()
  })

  test(`kantor: ${device}: money that names no terminal is booked where a person says`, async () => {
    const { page, main, says, visit, quiet, looksRight, settled, goTo, ask } = at.desk
    await visit('beranda')
    await settled()
    const { rows } = await ask(
      `/admin/terminals?merchant_id=${at.counter.demo.merchant.merchant_id}`,
    )
    const { nmid } = rows[0]!
    const unknown = { nmid, terminal_id: 'EDC-77', amount: printed + 3 }
    await tellAsAcquirer({ ...unknown, event_id: `e-${device}`, reference: `RRN-${device}` })
    await goTo('callback')
    const form = main().locator('details.deed', { hasText: 'Bukukan ke terminal' }).first()
    await form.locator('summary').click()
    await looksRight('bukukan')
    const go = form.getByRole('button')
    await go.click()
    await says('Isi dulu, ya.')
    await form.getByLabel('Dibayar di terminal').selectOption({ index: 1 })
    await form.getByLabel('Alasan').fill('kata kasir')
    await go.click()
    await says('Yakin? Tekan lagi')
    await looksRight('bukukan-yakin')
    await go.click()
    await says('Tidak ada yang tertahan')
    await page.getByLabel('Tampilkan').selectOption('all')
    await says(/^Dibukukan ke terminal/)
    await looksRight('dibukukan')
    quiet()
  })

  test(`kantor: ${device}: another sum is booked beside the payment that it names`, async () => {
    const { page, main, says, visit, quiet, looksRight, settled, goTo, ask } = at.desk
    await visit('beranda')
    await settled()
    const wish = { terminal_id: at.counter.demo.merchant.terminal_id, amount: early + 11 }
    const { transaction_id } = await ask('/admin/transactions', wish)
    const told = { transaction_id, reference: '', amount: early + 12 }
    await tellAsAcquirer({ ...told, event_id: `e-beside-${device}` })
    await goTo('callback')
    const form = main().locator('details.deed', { hasText: 'Bukukan tersendiri' }).first()
    await form.locator('summary').click()
    equal(await form.locator('select').count(), 0)
    await form.getByLabel('Alasan').fill('bayar lebih')
    await looksRight('tersendiri')
    await book(form)
    await page.getByLabel('Tampilkan').selectOption('all')
    await says('Lihat transaksi yang disebut')
    await looksRight('tersendiri-dibukukan')
    const link = main().getByRole('link', { name: 'Lihat transaksi yang disebut' }).first()
    equal(await link.getAttribute('href'), `#/transaksi/${transaction_id}`)
    quiet()
  })

  test(`kantor: ${device}: money of nobody whom we know is booked at whose it is`, async () => {
    const { main, visit, quiet, looksRight, settled, goTo } = at.desk
    await visit('beranda')
    await settled()
    const nobody = { nmid: 'ID1999999999999', reference: `RRN-${device}-nobody` }
    await tellAsAcquirer({ ...nobody, event_id: `e-nobody-${device}`, amount: printed + 5 })
    await goTo('callback')
    const form = main().locator('details.deed', { hasText: 'Bukukan ke terminal' }).first()
    await form.locator('summary').click()
    await form.getByLabel('Milik merchant').selectOption(at.counter.demo.merchant.merchant_id)
    const place = form.getByLabel('Dibayar di terminal')
    await until('his terminals', waitMsMax, async () => (await place.locator('option').count()) > 1)
    await place.selectOption({ index: 1 })
    await form.getByLabel('Alasan').fill('kata acquirer')
    await looksRight('tanpa-pemilik')
    await book(form)
    quiet()
  })

  test(`kantor: ${device}: of the money's pages nothing is too wide, too small or too faint`, async () => {
    await at.desk.allLookRight(pages)
  })
})
