/**
 * The pages of the soundbox line against the whole program, in a real browser, at a phone's and a
 * desk's width: the merchant's at /toko and the office's at /kantor, with a box that speaks and
 * customers who pay. What the test knows of a page is what a person sees.
 */

import { deepEqual, equal, match, notEqual } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { BrowserContext, Page, Request } from 'playwright-core'
import { browserOfSuite, skip } from '../../gateway/ui/chromium.fixture.ts'
import { tooFaint, tooSmall, tooWide } from '../../gateway/ui/eyes.fixture.ts'
import { type Program, Stage, until } from './stage.ts'

const waitMsMax = 60_000
/** Where pictures go, for whoever wants to look. */
const pictures = process.env['PICTURES']

type Person = { readonly email: string; readonly password: string }
type Demo = {
  readonly admin: Person
  readonly finance: Person
  readonly merchant: Person & { readonly merchant_id: string; readonly terminal_id: string }
  readonly device: { readonly id: string; readonly secret: string }
  readonly callback_secrets: { readonly qris: string }
}

type Said = { readonly qr_string: string; readonly rows: readonly { readonly qr: string | null }[] }

const sizes = {
  phone: { width: 390, height: 844 },
  desk: { width: 1440, height: 900 },
} as const
const tokoPages = 'beranda transaksi qr kotak terminal pencairan toko lainnya'.split(' ')
const kantorPages =
  'beranda transaksi merchant perangkat pencairan libur rekonsiliasi buku callback ekspor audit orang lainnya'.split(
    ' ',
  )

describe('desks', { skip }, () => {
  const browser = browserOfSuite()
  let stage: Stage
  let http: string
  let demo: Demo
  before(async () => {
    stage = new Stage()
    await stage.startSandbox()
    const engine: Program = await stage.launch()
    const ready = await engine.ready()
    http = String(ready['http'])
    demo = JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'))
    const { id: device_id, secret } = demo.device
    const devices = [{ device_id, secret, habit: 'steady' }]
    await sandbox('boxes', { broker: ready['mqtt'], devices })
    if (pictures !== undefined) mkdirSync(pictures, { recursive: true })
  })
  after(() => stage.close())

  async function sandbox(path: string, wish: object): Promise<void> {
    const answer = await fetch(`${stage.sandboxUrl}/_sandbox/${path}`, {
      method: 'POST',
      body: JSON.stringify(wish),
    })
    equal(answer.status, 200, await answer.clone().text())
  }
  const pay = (wish: object) => sandbox('pay', wish)
  async function office(path: string, wish: object, bearer = ''): Promise<Record<string, unknown>> {
    const answer = await fetch(`${http}/admin/${path}`, {
      ...{ method: 'POST', body: JSON.stringify(wish) },
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    })
    equal(answer.status, 200, await answer.clone().text())
    return (await answer.json()) as Record<string, unknown>
  }

  for (const [device, viewport] of Object.entries(sizes)) {
    describe(device, () => {
      const isPhone = device === 'phone'
      let context: BrowserContext
      let page: Page
      let area = 'toko'
      const complaints: string[] = []
      before(async () => {
        context = await browser().newContext({
          ...{ viewport, reducedMotion: 'reduce', acceptDownloads: true },
          permissions: ['clipboard-read', 'clipboard-write'],
        })
        await open()
      })
      after(() => context.close())

      async function open(): Promise<void> {
        page = await context.newPage()
        page.setDefaultTimeout(waitMsMax)
        page.on('pageerror', error => complaints.push(error.message))
        page.on('console', said => {
          if (said.type() === 'error' || said.type() === 'warning') complaints.push(said.text())
        })
      }
      const main = () => page.getByRole('main')
      const says = (words: string | RegExp) => main().getByText(words).first().waitFor()
      const press = (name: string) => main().getByRole('button', { name, exact: true }).click()
      const unfold = (name: string) => main().locator('summary', { hasText: name }).first().click()
      const heading = (name: string | RegExp) =>
        page.getByRole('heading', { level: 1, name }).waitFor()
      const visit = (place: string) => page.goto(`${http}/${area}#/${place}`)
      const quiet = (allowed?: RegExp) =>
        deepEqual(
          complaints.splice(0).filter(one => allowed?.test(one) !== true),
          [],
        )
      async function enter({ email, password }: Person): Promise<void> {
        await page.getByLabel('Email').fill(email)
        await page.getByLabel('Kata sandi').fill(password)
        await press('Masuk')
        await page.locator('body.inside').waitFor()
      }
      /** Broken rules of the page as it stands, in both lights, and a picture of each. */
      async function looksRight(name: string): Promise<void> {
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
          for (const [what, rule] of Object.entries({ tooWide, tooSmall, tooFaint })) {
            deepEqual(await page.evaluate(rule), [], `${name} ${colorScheme} ${what}`)
          }
          if (pictures === undefined) continue
          const path = join(pictures, `${area}-${device}-${colorScheme}-${name}.png`)
          await page.screenshot({ path, fullPage: true })
        }
      }
      /** The page has come, and so has what it asked for. */
      const settled = () =>
        until('the page', waitMsMax, () =>
          page.evaluate(
            `document.querySelectorAll('.page > *').length > 1 && !document.querySelector('.skeleton')`,
          ),
        )
      /** A place of the menu, as it is when all is there. */
      async function goTo(place: string): Promise<void> {
        await visit(place)
        const link = page.locator(`nav a[href="#/${place}"][aria-current=page]`)
        await link.waitFor({ state: 'attached' })
        await settled()
      }
      const today = () => new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10)
      /** A file of somebody else, held against ours of today. */
      async function compare(name: string, file: string, csv: string): Promise<void> {
        await unfold(name)
        const form = page.locator('form:visible')
        await form.getByLabel('Tanggal').fill(today())
        const buffer = Buffer.from(csv)
        const [input, told] = [form.locator('input[type=file]'), { name: file, buffer }]
        await input.setInputFiles({ ...told, mimeType: 'text/csv' })
        await press(name)
      }
      const amountOf = (n: number) => `Rp\u00a0${new Intl.NumberFormat('id-ID').format(n)}`
      const amounts = isPhone ? [21_500, 31_500, 41_500] : [22_500, 32_500, 42_500]
      const [charged, printed, early] = amounts as [number, number, number]

      // -- the merchant ----------------------------------------------------------------------

      test(`toko: ${device}: where one was going is where one comes after the door (WPC1)`, async () => {
        area = 'toko'
        await visit('pencairan')
        await page.getByLabel('Email').waitFor()
        await looksRight('masuk')
        await press('Masuk')
        await says('Isi email dan kata sandi dulu')
        quiet()
        await page.getByLabel('Email').fill(demo.merchant.email)
        await page.getByLabel('Kata sandi').fill('bukan kata sandinya')
        await press('Masuk')
        await says('Email atau kata sandinya belum cocok')
        quiet(/status of 401/)
        await enter(demo.merchant)
        await heading('Pencairan')
        await page.reload()
        await heading('Pencairan')
        quiet()
      })

      test(`toko: ${device}: who presses before the terminals have come waits for them (WPF3)`, async () => {
        const slow = '**/merchant/terminals*'
        const doors: (() => void)[] = []
        await page.route(slow, async route => {
          await new Promise<void>(open => doors.push(open))
          await route.continue()
        })
        await visit('qr')
        await page.reload()
        await page.getByLabel('Jumlah', { exact: true }).fill(String(charged + 2))
        await press('Tampilkan QR')
        await until('somebody to ask', waitMsMax, async () => doors.length > 0)
        await page.getByRole('button', { name: 'Sebentar…' }).waitFor()
        equal(await page.locator('svg.qr').count(), 0)
        for (const open of doors) open()
        await page.locator('svg.qr').waitFor()
        await page.unroute(slow)
        quiet()
      })

      test(`toko: ${device}: a QR is one, however often it is asked for; it is drawn as it is (WPA2, WPA3, WPD1, WPF2)`, async () => {
        const sent: Request[] = []
        await page.route('**/merchant/transactions', async route => {
          sent.push(route.request())
          if (sent.length > 1) return route.continue()
          await route.fetch()
          await route.abort()
        })
        await visit('qr')
        await press('Tampilkan QR')
        await says('Isi dulu jumlahnya')
        await page.getByLabel('Jumlah', { exact: true }).fill(String(charged))
        await main().getByRole('button', { name: 'Tampilkan QR' }).dblclick()
        await says('Jawabannya belum sampai')
        equal(sent.length, 1)
        await page.reload()
        await page.getByLabel('Jumlah', { exact: true }).fill(String(charged + 1))
        await press('Tampilkan QR')
        await page.locator('svg.qr').waitFor()
        await visit('qr')
        await page.getByLabel('Jumlah', { exact: true }).fill(String(charged))
        await press('Tampilkan QR')
        await page.locator('svg.qr').waitFor()
        await says(amountOf(charged))
        await page.unroute('**/merchant/transactions')
        const keys = sent.map(one => one.headers()['idempotency-key'])
        match(keys[0]!, /^web-[0-9a-f]{24}$/)
        notEqual(keys[0], keys[1])
        equal(sent.length, 3)
        await looksRight('qr')
        deepEqual(await page.evaluate(drawnWrong, await qrString()), [])
        quiet(/net::ERR_FAILED/)
      })

      /** As the page itself would ask. */
      const ask = (path: string, body?: object): Promise<Said> =>
        page.evaluate(askInPage, { mark: `laju.${area}`, path, body: JSON.stringify(body) })
      async function qrString(): Promise<string> {
        const id = new URL(page.url()).hash.split('/').at(-1)
        return String((await ask(`/merchant/transactions/${id}`)).qr_string)
      }

      test(`toko: ${device}: paid: the page says so by itself, and that the box said it`, async () => {
        await pay({ qr_string: await qrString() })
        await page.locator('.banner.done', { hasText: 'Sudah dibayar' }).waitFor()
        await says(/^Sudah dibunyikan \d/)
        await looksRight('dibayar')
        await page.getByRole('link', { name: 'Lihat rinciannya' }).click()
        await says('Perjalanan transaksi')
        await says('Dibunyikan kotak')
        await looksRight('rincian')
        quiet()
      })

      test(`toko: ${device}: a payment appears by itself, and is told to ears (WPE1)`, async () => {
        await visit('beranda')
        await says(amountOf(charged))
        await until('the sum', waitMsMax, async () => /^Rp/.test(await text('output.big')))
        const before = await text('output.big')
        const { rows } = await ask('/merchant/terminals')
        const qr = rows.find(one => one.qr !== null)?.qr
        await pay({ qr_string: qr, amount: printed })
        await says(amountOf(printed))
        await page.locator('.unseen', { hasText: 'baru saja masuk' }).waitFor({ state: 'attached' })
        await until('the new sum', waitMsMax, async () => (await text('output.big')) !== before)
        quiet()
      })
      test(`toko: ${device}: payments that were not heard are told, with the way there (WPE2)`, async () => {
        const summary = '**/merchant/dashboard/summary'
        await page.route(summary, async route => {
          const response = await route.fetch()
          const json = (await response.json()) as { today: { rows: { silent: number }[] } }
          for (const [n, row] of json.today.rows.entries()) row.silent = n === 0 ? 2 : 0
          await route.fulfill({ response, json })
        })
        await page.reload()
        await says(/^2 pembayaran hari ini tidak terdengar/)
        await looksRight('tidak-terdengar')
        await main().getByRole('link', { name: 'Lihat yang tidak terdengar' }).click()
        await heading('Transaksi')
        equal(await page.getByLabel('Suara').inputValue(), 'silent')
        await page.unroute(summary)
        quiet()
      })
      const text = async (css: string) => String(await page.locator(css).first().textContent())

      test(`toko: ${device}: found again, and back is as it was (WUD1)`, async () => {
        await visit('transaksi')
        await page.getByLabel('Suara').selectOption('played')
        await page.getByLabel('Status').selectOption('paid')
        const row = page.locator('a.row', { hasText: amountOf(charged) }).first()
        await row.click()
        await says('Perjalanan transaksi')
        await page.goBack()
        await heading('Transaksi')
        equal(await page.getByLabel('Suara').inputValue(), 'played')
        await row.waitFor()
        await page.getByLabel('Status').selectOption('refunded')
        await says('Tidak ada transaksi yang cocok')
        quiet()
      })

      test(`toko: ${device}: on paper there is the sheet alone (WPG1)`, async () => {
        await visit('terminal')
        await page.locator('a.row', { hasText: 'Meja depan' }).click()
        await page.locator('.paper svg.qr').waitFor()
        await says(/^NMID: ID/)
        await looksRight('lembar')
        await page.emulateMedia({ media: 'print' })
        equal(await page.locator('.paper').isVisible(), true)
        for (const css of ['nav', 'h1', '.main', '.ways']) {
          equal(await page.locator(css).first().isVisible(), false, css)
        }
        await page.emulateMedia({ media: 'screen' })
        quiet()
      })

      test(`toko: ${device}: it asks when something happens; without that line only while it is seen, and with growing pauses while nobody answers (WPB1, WPB2, WPB3)`, async () => {
        await visit('beranda')
        await settled()
        let [asked, answered] = [0, 0]
        const isLook = (request: Request) => request.url().includes('/merchant/transactions?')
        const count = (request: Request) => void (isLook(request) && asked++)
        const answer = (request: Request) => void (isLook(request) && answered++)
        const facts: string[] = []
        page.on('websocket', line =>
          line.on('framereceived', ({ payload }) => void facts.push(String(payload))),
        )
        await page.clock.install()
        await page.reload()
        await page.locator('a.row').first().waitFor()
        await until('the line', waitMsMax, () => page.evaluate(lineIsOpen))
        page.on('request', count)
        page.on('requestfinished', answer)
        // A look waits for its answer by the real clock, and the next one begins behind it.
        let still = 0
        await until('what the opened line asked for to be over', waitMsMax, async () => {
          const before = asked
          await page.clock.runFor(2_000)
          still = asked === before && asked === answered ? still + 1 : 0
          return still === 2
        })
        asked = 0
        await page.clock.runFor(8_000)
        equal(asked, 0)
        const { rows } = await ask('/merchant/terminals')
        const printedQr = rows.find(one => one.qr !== null)?.qr
        await pay({ qr_string: printedQr, amount: printed + 100 })
        await until('the fact', waitMsMax, () => facts.some(one => one.includes('payment:paid')))
        await says(amountOf(printed + 100))
        page.off('request', count)
        page.off('requestfinished', answer)
        asked = 0
        await page.routeWebSocket(/\/ws$/, ws => void ws.close())
        await page.reload()
        await page.locator('a.row').first().waitFor()
        await page.route('**/merchant/transactions?*', route => {
          asked++
          return route.abort()
        })
        const told = () => until('a question', waitMsMax, () => asked > 0)
        await page.clock.runFor(3_500)
        await told()
        await says('Sambungan terputus')
        asked = 0
        await page.clock.runFor(5_000)
        equal(asked, 0)
        await page.clock.runFor(2_000)
        await told()
        await page.evaluate(hide(true))
        asked = 0
        await page.clock.runFor(120_000)
        equal(asked, 0)
        await page.unroute('**/merchant/transactions?*')
        await page.evaluate(hide(false))
        await says('Diperbarui sendiri')
        quiet(/net::ERR_FAILED/)
        await page.close()
        await open()
        await page.goto(`${http}/toko`)
        await enter(demo.merchant)
      })

      test(`toko: ${device}: in both lights nothing is too wide, too small or too faint`, async () => {
        for (const place of tokoPages) {
          await goTo(place)
          await looksRight(place)
        }
        quiet()
      })

      test(`toko: ${device}: who may only look sees why (WPF1)`, async () => {
        await page.evaluate(asRole('laju.toko', 'viewer'))
        await page.reload()
        await visit('qr')
        await says('Akun ini hanya bisa melihat')
        await page.evaluate(asRole('laju.toko', 'owner'))
        await page.reload()
        quiet()
      })

      test(`toko: ${device}: a shop that is not approved says so, and no longer when it is (WPF1)`, async () => {
        const bearer = String((await office('login', demo.admin))['token'])
        const made = await office('merchants', { name: `Kedai ${device}` }, bearer)
        const shop = { merchant_id: made['merchant_id'], merchant_role: 'owner' }
        const email = `kedai-${device}@laju.test`
        const wish = { email, name: 'Ibu Wati', role: 'merchant', ...shop }
        const { password } = await office('people', wish, bearer)
        const before = page
        await open()
        await visit('qr')
        await enter({ email, password: String(password) })
        await says('Toko ini belum disetujui, jadi belum bisa menerima pembayaran.')
        await visit('beranda')
        await says('Toko ini belum disetujui, jadi belum bisa menerima pembayaran.')
        await looksRight('belum-disetujui')
        await office(`merchants/${shop.merchant_id}/approve`, {}, bearer)
        await visit('qr')
        await page.reload()
        await says(/^Belum ada kasir yang bisa membuat QR/)
        await page.close()
        page = before
        quiet()
      })

      test(`toko: ${device}: a token that is refused ends the session; leaving leaves nothing (WPA1, WPC2)`, async () => {
        await visit('kotak')
        await settled()
        await page.route('**/merchant/devices', route => route.fulfill({ status: 401, json: {} }))
        await says('Sesi sudah berakhir')
        await page.unroute('**/merchant/devices')
        equal(await page.evaluate(`sessionStorage.getItem('laju.toko')`), null)
        await enter(demo.merchant)
        await heading('Kotak suara')
        if (isPhone) await visit('lainnya')
        const leave = isPhone ? main() : page.getByRole('navigation')
        await leave.getByRole('button', { name: 'Keluar' }).click()
        await page.getByLabel('Email').waitFor()
        equal(await page.evaluate('sessionStorage.length + localStorage.length'), 0)
        await page.goBack()
        await page.getByLabel('Email').waitFor()
        quiet(/status of 401/)
      })

      // -- the office ------------------------------------------------------------------------

      test(`kantor: ${device}: the day moves by itself (WPI1)`, async () => {
        area = 'kantor'
        await visit('beranda')
        await enter(demo.admin)
        await heading('Ringkasan hari ini')
        await page.locator('.number', { hasText: /\d/ }).first().waitFor()
        const { rows } = await ask('/admin/terminals')
        const qr = rows.find(one => one.qr !== null)?.qr
        await pay({ qr_string: qr, amount: early })
        await says(amountOf(early))
        quiet()
      })

      test(`kantor: ${device}: a merchant is made, judged, given an outlet, a till and a person (WPK1, WPH2, WPH3)`, async () => {
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
        await nmid.fill(`ID90000000000${isPhone ? '01' : '02'}`)
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
        await visit(`perangkat/${demo.device.id}`)
        await says('Terhubung')
        await unfold('Kirim perintah')
        await press('Kirim perintah')
        await page.locator('li', { hasText: 'Tes suara' }).getByText('Selesai').first().waitFor()
        await says(amountOf(charged))
        await looksRight('satu-perangkat')
        quiet()
      })

      test(`kantor: ${device}: a payment with its whole chain is told again, and given back in part (WPJ1)`, async () => {
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

      test(`kantor: ${device}: a batch is made, added to, taken along and paid; then it is over (WPL1)`, async () => {
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
        const [given] = await Promise.all([
          page.waitForEvent('download'),
          press('Unduh untuk bank'),
        ])
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
        await visit('ekspor')
        await unfold('Siapkan file')
        await press('Siapkan file')
        const job = page.locator('[data-export]').first()
        await job.getByText('Siap', { exact: true }).waitFor()
        const [file] = await Promise.all([
          page.waitForEvent('download'),
          job.getByRole('button', { name: 'Unduh' }).click(),
        ])
        match(readFileSync(await file.path(), 'utf8'), new RegExp(demo.merchant.merchant_id))
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
        await visit('beranda')
        await settled()
        const { rows } = await ask(`/admin/terminals?merchant_id=${demo.merchant.merchant_id}`)
        const { nmid } = rows[0] as unknown as { nmid: string }
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
        await visit('beranda')
        await settled()
        const wish = { terminal_id: demo.merchant.terminal_id, amount: early + 11 }
        const made = await ask('/admin/transactions', wish)
        const { transaction_id } = made as unknown as { transaction_id: string }
        const told = { transaction_id, reference: '', amount: early + 12 }
        await tellAsAcquirer({ ...told, event_id: `e-beside-${device}` })
        await goTo('callback')
        const form = main().locator('details.deed', { hasText: 'Bukukan tersendiri' }).first()
        await form.locator('summary').click()
        equal(await form.locator('select').count(), 0)
        await form.getByLabel('Alasan').fill('bayar lebih')
        await looksRight('tersendiri')
        const go = form.getByRole('button')
        await go.click()
        await says('Yakin? Tekan lagi')
        await go.click()
        await says('Tidak ada yang tertahan')
        await page.getByLabel('Tampilkan').selectOption('all')
        await says('Lihat transaksi yang disebut')
        await looksRight('tersendiri-dibukukan')
        const link = main().getByRole('link', { name: 'Lihat transaksi yang disebut' }).first()
        equal(await link.getAttribute('href'), `#/transaksi/${transaction_id}`)
        quiet()
      })

      test(`kantor: ${device}: money of nobody whom we know is booked at whose it is`, async () => {
        await visit('beranda')
        await settled()
        const nobody = { nmid: 'ID1999999999999', reference: `RRN-${device}-nobody` }
        await tellAsAcquirer({ ...nobody, event_id: `e-nobody-${device}`, amount: printed + 5 })
        await goTo('callback')
        const form = main().locator('details.deed', { hasText: 'Bukukan ke terminal' }).first()
        await form.locator('summary').click()
        await form.getByLabel('Milik merchant').selectOption(demo.merchant.merchant_id)
        const place = form.getByLabel('Dibayar di terminal')
        await until(
          'his terminals',
          waitMsMax,
          async () => (await place.locator('option').count()) > 1,
        )
        await place.selectOption({ index: 1 })
        await form.getByLabel('Alasan').fill('kata acquirer')
        await looksRight('tanpa-pemilik')
        const go = form.getByRole('button')
        await go.click()
        await says('Yakin? Tekan lagi')
        await go.click()
        await says('Tidak ada yang tertahan')
        quiet()
      })

      /** Signed as the acquirer does. */
      async function tellAsAcquirer(told: object): Promise<void> {
        const paid_at = new Date().toISOString()
        const body = JSON.stringify({ type: 'payment', status: 'paid', paid_at, ...told })
        const at = String(Math.floor(Date.now() / 1_000))
        const hmac = createHmac('sha256', demo.callback_secrets.qris)
        const signature = `sha256=${hmac.update(`${at}.${body}`).digest('hex')}`
        const headers = { 'x-timestamp': at, 'x-signature': signature }
        const to = `${http}/integrations/qris/callback`
        const answer = await fetch(to, { method: 'POST', body, headers })
        deepEqual(((await answer.json()) as { result: string }).result, 'parked')
      }

      async function makePayment(amount: number): Promise<void> {
        const wish = { terminal_id: demo.merchant.terminal_id, amount }
        const { qr_string } = await ask('/admin/transactions', wish)
        await pay({ qr_string, fault: 'wrong_amount' })
      }

      test(`kantor: ${device}: in both lights nothing is too wide, too small or too faint`, async () => {
        for (const place of kantorPages) {
          await goTo(place)
          await looksRight(place)
        }
        quiet()
      })

      test(`kantor: ${device}: each role sees what it may, and why not the rest; leaving ends the session (WPH1, WPC2)`, async () => {
        await page.close()
        await open()
        await page.goto(`${http}/kantor`)
        await enter(demo.finance)
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
          (await fetch(`${http}/admin/merchants`, { headers: { authorization } })).status
        equal(await asks(), 200)
        if (isPhone) await visit('lainnya')
        await (isPhone ? main() : nav).getByRole('button', { name: 'Keluar' }).click()
        await page.getByLabel('Email').waitFor()
        await until('the end of the session', waitMsMax, async () => (await asks()) === 401)
        quiet()
      })
    })
  }
})

type Asked = { readonly mark: string; readonly path: string; readonly body: string | undefined }

/** Runs in the page, with the token of whoever is signed in there. */
const askInPage = async ({ mark, path, body }: Asked): Promise<Said> => {
  const kept = (globalThis as unknown as { sessionStorage: Record<string, string> }).sessionStorage
  const { token } = JSON.parse(kept[mark] ?? '{}')
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const wish = body === undefined ? {} : { method: 'POST', body }
  return (await (await fetch(path, { headers, ...wish })).json()) as Said
}

/** Runs in the page: what differs between the drawing and what the code says, module by module. */
const drawnWrong = async (content: string): Promise<string[]> => {
  type Code = {
    addData(text: string): void
    make(): void
    getModuleCount(): number
    isDark(y: number, x: number): boolean
  }
  const path = '/ui/lib/qrcode.mjs'
  const { default: qrcode } = (await import(path)) as {
    default: (version: number, level: string) => Code
  }
  const code = qrcode(0, 'M')
  code.addData(content)
  code.make()
  const scope = globalThis as unknown as {
    document: { querySelector(css: string): { getAttribute(name: string): string } }
  }
  const drawn = scope.document.querySelector('svg.qr path').getAttribute('d')
  const dark = new Set<string>()
  for (const [, x, y, width] of drawn.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    for (let n = 0; n < Number(width); n++) dark.add(`${Number(x) + n - 4} ${Number(y) - 4}`)
  }
  const wrong: string[] = []
  const size = code.getModuleCount()
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (code.isDark(y, x) !== dark.has(`${x} ${y}`)) wrong.push(`${x} ${y}`)
    }
  }
  return wrong
}

const lineIsOpen = `import('/ui/toko/desk.js').then(desk => desk.live.isOpen())`

/** As when another tab is in front. */
const hide = (hidden: boolean): string =>
  `Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
   document.dispatchEvent(new Event('visibilitychange'))`

/** The page believes it is somebody else; the server does not. */
const asRole = (mark: string, role: string): string =>
  `(() => {
    const kept = JSON.parse(sessionStorage.getItem('${mark}'))
    kept.user.role = '${role}'
    sessionStorage.setItem('${mark}', JSON.stringify(kept))
  })()`
