/** The number pages in a real browser, at a phone's and a desk's width, against a stand-in. */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import {
  type Response as Answer,
  type Browser,
  type BrowserContext,
  chromium,
  type Page,
} from 'playwright-core'
import { tooFaint, tooSmall, tooWide } from './eyes.ts'
import { NomorStandIn, no } from './nomor-stand-in.ts'

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
const skip = existsSync(executablePath) ? false : `no Chromium at ${executablePath}`
const args =
  '--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync'.split(
    ' ',
  )
const firstViewBytesMax = 150_000
const hourMs = 3_600_000

/** What nobody in a hurry understands. */
const technical = new RegExp(
  [
    'invalid|error|exception|null|undefined|NaN|token|server|timeout|request|response|failed',
    'status|http|json|API|object|session|submit|code [45]\\d\\d|[45]\\d\\d',
  ]
    .map(words => `\\b(?:${words})\\b`)
    .join('|'),
  'i',
)

const widths = { phone: { width: 390, height: 844 }, desk: { width: 1440, height: 900 } }
/** By address after `#/`: for everybody, and for whoever is signed in. */
const open = [
  ...['beranda', 'beli', 'negara/wa?nama=WhatsApp', 'operator/wa?negara=id', 'tanya', 'masuk'],
  ...['daftar', 'lupa-sandi', 'sandi-baru/x', 'verifikasi/kata', 'verifikasi/lain'],
  ...['i/AAAAAAAAAAAAAAAAAAAAAA', 'i/lain'],
]
const confirmation =
  'konfirmasi?app=wa&negara=id&nama=WhatsApp&asal=Indonesia&operator=any&harga=2800'
const inside = [
  ...['beranda', 'beli', 'saldo', 'riwayat', 'riwayat?jenis=saldo', 'riwayat?jenis=catatan'],
  ...['profil', 'lainnya', 'tanya', 'konfirmasi', 'pesanan/lain', 'bayar/lain', confirmation],
  ...['ganti-sandi', 'ganti-email'],
]

/** Writes each notification into the page, and may be allowed with a tap. */
const listening = `globalThis.Notification = class {
  static permission = 'default'
  static async requestPermission() { return (this.permission = 'granted') }
  constructor(title, { body, tag }) {
    const mark = document.createElement('i')
    mark.dataset.shown = [title, body, tag].join('|')
    document.body.append(mark)
  }
}`

type Conditions = {
  readonly still?: boolean
  readonly dark?: boolean
  readonly signedIn?: boolean
  readonly clock?: boolean
  readonly permissions?: readonly string[]
  readonly worker?: boolean
  /** What the browser itself logs of an answer that the story is about. */
  readonly allow?: RegExp
}
type Scene = {
  readonly page: Page
  readonly context: BrowserContext
  readonly stand: NomorStandIn
  readonly url: string
  readonly visit: (place: string) => Promise<unknown>
}

describe('nomor', { skip }, () => {
  let browser: Browser
  before(async () => {
    browser = await chromium.launch({ executablePath, args })
  })
  after(() => browser.close())

  const heading = (page: Page, name: string | RegExp) =>
    page.getByRole('heading', { level: 1, name }).waitFor()
  const says = (page: Page, words: string | RegExp) => page.getByText(words).first().waitFor()
  const enter = async (page: Page) => {
    await page.getByLabel('Email').fill('sari@contoh.test')
    await page.getByLabel('Kata sandi').fill('rahasia-123')
    await page.getByRole('main').getByRole('button', { name: 'Masuk' }).click()
  }

  for (const [device, viewport] of Object.entries(widths)) {
    /** A fresh stand-in and a fresh page; afterwards the page may not have complained. */
    const act = async (story: (scene: Scene) => Promise<void>, how: Conditions = {}) => {
      const stand = new NomorStandIn()
      const url = await stand.listen()
      const context = await browser.newContext({
        viewport,
        colorScheme: how.dark ? 'dark' : 'light',
        reducedMotion: how.still === false ? 'no-preference' : 'reduce',
        serviceWorkers: how.worker ? 'allow' : 'block',
        permissions: [...(how.permissions ?? ['clipboard-read', 'clipboard-write'])],
      })
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('pageerror', error => complaints.push(error.message))
      page.on('console', said => {
        const told = said.type() === 'error' || said.type() === 'warning'
        const expected = /registration blocked by Playwright/.test(said.text())
        if (told && !expected && !how.allow?.test(said.text())) complaints.push(said.text())
      })
      const visit = (place: string) => page.goto(`${url}/nomor#/${place}`)
      try {
        if (how.clock) await page.clock.install()
        if (how.signedIn !== false) {
          await visit('masuk')
          await enter(page)
          await heading(page, 'Halo, Sari!')
        }
        await story({ page, context, stand, url, visit })
        deepEqual(complaints, [])
      } finally {
        await context.close()
        stand.close()
      }
    }

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

    test(`nomor: ${device}: without a line nobody has to press when it is there again (WPT1)`, () =>
      act(
        async ({ page, context, visit }) => {
          await visit('beli')
          await page.getByRole('link', { name: /Telegram/ }).waitFor()
          await visit('tanya')
          await heading(page, 'Tanya jawab')
          await context.setOffline(true)
          await visit('beli')
          await page.getByRole('button', { name: 'Coba lagi' }).waitFor()
          await context.setOffline(false)
          await page.getByRole('link', { name: /Telegram/ }).waitFor()
        },
        { allow: /ERR_INTERNET_DISCONNECTED/ },
      ))

    test(`nomor: ${device}: a page whose files did not come is tried again, and nothing before it is lost (WUD3)`, () =>
      act(
        async ({ page, context, visit }) => {
          await visit('beli')
          await page.getByLabel('Cari aplikasi').fill('tele')
          await page.getByRole('link', { name: /Telegram/ }).waitFor()
          await context.setOffline(true)
          await page.evaluate(`location.hash = '#/tanya'`)
          await heading(page, 'Belum tersambung')
          const again = page.getByRole('button', { name: 'Coba lagi' })
          await again.click()
          await page.locator('button[aria-disabled=false]', { hasText: 'Coba lagi' }).waitFor()
          await heading(page, 'Belum tersambung')
          await context.setOffline(false)
          await heading(page, 'Tanya jawab')
          await page.goBack()
          equal(await page.getByLabel('Cari aplikasi').inputValue(), 'tele')
          await page.route('**/ui/nomor/history.js', route => route.abort())
          await page.evaluate(`location.hash = '#/riwayat?jenis=saldo'`)
          await heading(page, 'Belum tersambung')
          await page.unroute('**/ui/nomor/history.js')
          await again.click()
          await heading(page, 'Riwayat')
          match(page.url(), /#\/riwayat\?jenis=saldo$/)
          await page.goBack()
          equal(await page.getByLabel('Cari aplikasi').inputValue(), 'tele')
        },
        { allow: /ERR_(?:INTERNET_DISCONNECTED|FAILED)/ },
      ))

    test(`nomor: ${device}: where the line is there and the files are not, all is loaded anew (WUD3)`, () =>
      act(
        async ({ page, visit }) => {
          await page.route('**/ui/nomor/history.js', route => route.abort())
          await visit('riwayat?jenis=saldo')
          await heading(page, 'Belum tersambung')
          const loaded = page.waitForEvent('load')
          await page.getByRole('button', { name: 'Coba lagi' }).click()
          await loaded
          await heading(page, 'Belum tersambung')
          await page.unroute('**/ui/nomor/history.js')
          await page.getByRole('button', { name: 'Coba lagi' }).click()
          await heading(page, 'Riwayat')
          match(page.url(), /#\/riwayat\?jenis=saldo$/)
        },
        { allow: /ERR_FAILED/ },
      ))

    test(`nomor: ${device}: above the pages stands that there is no line, and where the demo is played (WNQ1, WNQ2)`, () =>
      act(async ({ page, context, visit, stand }) => {
        await visit('tanya')
        await heading(page, 'Tanya jawab')
        equal(await page.getByRole('link', { name: /Pura-pura bayar/ }).count(), 0)
        stand.playUrl = 'http://127.0.0.1:1/_sandbox/main'
        await page.reload()
        const way = page.getByRole('link', { name: /Pura-pura bayar/ })
        await way.waitFor()
        equal(await way.getAttribute('href'), stand.playUrl)
        for (const flaw of [tooFaint, tooSmall, tooWide]) deepEqual(await page.evaluate(flaw), [])
        await context.setOffline(true)
        await says(page, 'Internetmu lagi putus')
        await context.setOffline(false)
        await page.getByText('Internetmu lagi putus').waitFor({ state: 'detached' })
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

    test(`nomor: ${device}: the number, the code and the link are copied, and each message is shown (WNG1, WNG2, WNG3, WNG4, WNC2, WNH1)`, () =>
      act(async ({ page, visit, stand }) => {
        const copied = () => page.evaluate('navigator.clipboard.readText()')
        const order = stand.order()
        await visit(`pesanan/${order['order_id']}`)
        await says(page, 'sekitar 14 menit lagi')
        await says(page, '+62 812-3456-7890')
        await page.getByRole('button', { name: 'Salin nomor' }).click()
        await says(page, 'Tersalin')
        equal(await copied(), '+6281234567890')
        stand.code(order, '482913')
        await says(page, 'Kodenya sudah masuk!')
        await page.getByRole('button', { name: 'Salin kode' }).click()
        equal(await copied(), '482913')
        await page.getByRole('button', { name: 'Minta kode lagi (sisa 3x)' }).click()
        await says(page, 'kode barunya lagi ditunggu')
        await page.getByRole('button', { name: 'Minta kode lagi (sisa 2x)' }).waitFor()
        await says(page, 'Kode berikutnya lagi ditunggu.')
        await says(page, 'Kode sebelumnya')
        equal(await page.locator('.taking.code').count(), 0)
        stand.code(order, '771204')
        await says(page, /Kode WhatsApp kamu: 771204/)
        await says(page, /Kode WhatsApp kamu: 482913/)
        equal(await page.locator('.taking.code output').textContent(), '771204')
        const messages = order['messages'] as Record<string, unknown>[]
        messages.push({ text: 'Telat', code: '1', late: true, received_at: order['created_at'] })
        stand.tell('order:processing', { order_id: order['order_id'] })
        await says(page, 'Ada pesan yang masuk setelah uangnya balik.')
        await says(page, 'simpan link ini ya')
        await page.locator('.copyable').getByRole('button', { name: 'Salin' }).click()
        match(String(await copied()), /\/nomor\/#\/i\/A{22}$/)
      }))

    test(`nomor: ${device}: the link stays as it was saved; another one is a choice, and says what it ends (WNH5)`, () =>
      act(async ({ page, visit, stand }) => {
        const order = stand.order()
        const shown = page.locator('.copyable output')
        const asked = () =>
          stand.asked.filter(({ method, path }) => method === 'POST' && /invoice$/.test(path))
        for (let n = 0; n < 2; n++) {
          await visit('riwayat')
          await visit(`pesanan/${order['order_id']}`)
          await says(page, 'simpan link ini ya')
          match((await shown.textContent())!, /A{22}$/)
        }
        await page.getByRole('button', { name: 'Ganti link' }).click()
        await says(page, /link yang lama nggak bisa dibuka lagi/)
        equal(asked().length, 0)
        await page.getByRole('button', { name: 'Ya, ganti sekarang' }).click()
        await says(page, 'Link-nya sudah baru. Yang lama nggak bisa dibuka lagi.')
        match((await shown.textContent())!, /B{22}$/)
        equal(asked().length, 1)
        await page.getByRole('button', { name: 'Ganti link' }).waitFor()
      }))

    test(`nomor: ${device}: another code that is refused: said, and nothing is waited for (WNH4)`, () =>
      act(
        async ({ page, visit, stand }) => {
          const order = stand.order()
          const id = order['order_id']
          const path = `/api/v1/orders/${id}/resend`
          stand.code(order, '482913')
          stand.instead.set(`POST ${path}`, () => no(422, 'RESEND_REFUSED'))
          await visit(`pesanan/${id}`)
          const sorry =
            'Kode baru belum bisa diminta sekarang. Jatah kamu tetap, coba lagi sebentar, ya.'
          const again = page.getByRole('button', { name: 'Minta kode lagi (sisa 3x)' })
          await again.click()
          await says(page, sorry)
          await again.waitFor()
          equal(await page.getByText('Kode berikutnya lagi ditunggu.').count(), 0)
          // The supplier took its time to say no.
          stand.instead.clear()
          await again.click()
          await says(page, 'Kode berikutnya lagi ditunggu.')
          Object.assign(order, { resends_left: 3, awaiting_next: false })
          stand.tell('otp:resend', { order_id: id, accepted: false, resends_left: 3 })
          await says(page, sorry)
          await page.getByText('Kode berikutnya lagi ditunggu.').waitFor({ state: 'detached' })
          equal(await page.locator('.taking.code output').textContent(), '482913')
        },
        { allow: /422/ },
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

    test(`nomor: ${device}: a button that can't says why; giving back takes two presses, and a double click is one (WNH2, WNG5, WUE2)`, () =>
      act(async ({ page, visit, stand }) => {
        const order = stand.order()
        await visit(`pesanan/${order['order_id']}`)
        const given = () => stand.asked.filter(({ path }) => path.endsWith('/cancel')).length
        await page.getByRole('button', { name: 'Batalin' }).dblclick()
        const sure = page.getByRole('button', { name: 'Yakin? Tekan sekali lagi' })
        await sure.focus()
        await page.locator('[aria-disabled=false]', { hasText: 'Yakin? Tekan' }).waitFor()
        equal(given(), 0)
        await sure.click()
        await says(page, 'Sedang dibatalkan')
        equal(given(), 1)
        Object.assign(order, { status: 'expired', why: 'TIME', expires_at: null })
        stand.tell('order:refunded', { order_id: order['order_id'] })
        await says(page, 'waktunya habis, saldo kamu aman')
        await page.getByRole('link', { name: 'Beli lagi' }).waitFor()
        await says(page, 'Nomornya tadi')
        equal(await page.getByRole('button', { name: 'Salin nomor' }).count(), 0)
        const other = stand.order()
        stand.code(other, '112233')
        await visit(`pesanan/${other['order_id']}`)
        await page.getByRole('button', { name: 'Batalin' }).waitFor()
        equal(
          await page.getByRole('button', { name: 'Batalin' }).getAttribute('aria-disabled'),
          'true',
        )
        await says(page, 'Kodenya sudah masuk, jadi nggak bisa dibatalin.')
      }))

    test(`nomor: ${device}: who waits long finds the way to a person, and the press is told (WNH3, WNF1)`, () =>
      act(
        async ({ page, visit, stand }) => {
          const order = stand.order()
          await visit(`pesanan/${order['order_id']}`)
          await says(page, 'Nunggu kode')
          equal(await page.getByRole('button', { name: 'butuh bantuan?' }).count(), 0)
          await page.clock.fastForward(200_000)
          await page.getByRole('button', { name: 'butuh bantuan?' }).click()
          const link = page.getByRole('link', { name: 'Buka obrolan bantuan' })
          equal(await link.getAttribute('href'), 'https://wa.me/6281200000000')
          deepEqual(stand.asked.at(-1), {
            ...{ method: 'POST', path: '/api/v1/help' },
            body: { where: 'order', id: order['order_id'] },
          })
        },
        { clock: true },
      ))

    test(`nomor: ${device}: an hour without a line, and then everything of it, without asking again and again (WNH1, WUC1)`, () =>
      act(
        async ({ page, context, visit, stand }) => {
          const order = stand.order({ expires_at: new Date(Date.now() + 2 * hourMs).toISOString() })
          await visit(`pesanan/${order['order_id']}`)
          await says(page, 'Nunggu kode')
          order['country_name'] = 'Filipina'
          stand.tell('order:processing', { order_id: order['order_id'] })
          await says(page, 'Filipina')
          await context.setOffline(true)
          stand.cut()
          const before = stand.asked.length
          stand.code(order, '909090')
          await page.clock.fastForward(hourMs)
          equal(stand.asked.length, before)
          equal(await page.locator('.taking.code').count(), 0)
          stand.mend()
          await context.setOffline(false)
          await page.clock.fastForward(20_000)
          await says(page, 'Kodenya sudah masuk!')
          const back = stand.said.findLast(({ type }) => type === 'auth')!
          equal(back['after'], '1')
          ok(stand.asked.slice(before).some(({ path }) => path === '/api/v1/auth/refresh'))
        },
        { clock: true, allow: /ERR_|WebSocket/ },
      ))

    test(`nomor: ${device}: permission is asked while waiting only, and there is one notification per code (WNI1, WNI2, WNI3)`, () =>
      act(async ({ page, visit, stand }) => {
        await page.addInitScript(listening)
        const shown = page.locator('i[data-shown]')
        const order = stand.order()
        await visit('beranda')
        await page.reload()
        await heading(page, 'Halo, Sari!')
        equal(await page.getByText('mau dikabarin pas otp masuk?').count(), 0)
        await visit(`pesanan/${order['order_id']}`)
        await says(page, 'mau dikabarin pas otp masuk?')
        await page.getByRole('button', { name: 'Mau' }).click()
        await says(page, 'Siap, nanti dikabarin')
        await visit('tanya')
        await heading(page, 'Tanya jawab')
        stand.code(order, '482913')
        await shown.waitFor({ state: 'attached' })
        stand.tell('order:otp_received', { order_id: order['order_id'] })
        await visit(`pesanan/${order['order_id']}`)
        await says(page, 'Kodenya sudah masuk!')
        equal(
          await shown.getAttribute('data-shown'),
          `OTP masuk|nomor +62 812-3456-7890, kode 482913|${order['order_id']}.1`,
        )
        stand.code(order, '771204')
        await shown.nth(1).waitFor({ state: 'attached' })
        const kept = String(
          await page.evaluate('JSON.stringify([{...localStorage}, {...sessionStorage}])'),
        )
        equal(/482913|771204/.test(kept), false)
      }))

    test(`nomor: ${device}: no to being told is a no for ever (WNI1)`, () =>
      act(async ({ page, visit, stand }) => {
        await page.addInitScript(listening)
        const order = stand.order()
        await page.reload()
        await visit(`pesanan/${order['order_id']}`)
        await page.getByRole('button', { name: 'Nggak usah' }).click()
        await page.reload()
        await says(page, 'Nunggu kode')
        equal(await page.getByText('mau dikabarin pas otp masuk?').count(), 0)
      }))

    test(`nomor: ${device}: the link of an order opens for who never signed in (WNG1)`, () =>
      act(
        async ({ page, visit, stand }) => {
          stand.code(stand.order(), '482913')
          await visit('i/AAAAAAAAAAAAAAAAAAAAAA')
          await heading(page, 'Nomor buat WhatsApp')
          equal(await page.locator('.taking.code output').textContent(), '482913')
          equal(await page.getByRole('button', { name: /Batalin|Minta kode/ }).count(), 0)
          await visit('i/lain')
          await says(page, 'Link ini nggak ketemu')
        },
        { signedIn: false, allow: /status of 404/ },
      ))

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

    test(`nomor: ${device}: every page is light, wide enough for a thumb, and free of words for engineers (WNB3, WNA2, WNA3)`, () =>
      act(
        async ({ page, visit, stand, context }) => {
          const order = stand.order()
          const states = ['processing', 'cancelling', 'refunded', 'expired', 'checking', 'finished']
          const orders = [order, ...states.map(status => stand.order({ status, expires_at: null }))]
          stand.code(stand.order(), '482913')
          orders.push(stand.orders[0]!)
          const paid = ['pending', 'processing', 'success', 'expired', 'cancel', 'checking']
          const payments = paid.map(status => stand.deposit({ status }))
          const places = [
            ...inside,
            ...orders.map(one => `pesanan/${one['order_id']}`),
            ...payments.map(one => `bayar/${one['deposit_id']}`),
          ]
          const look = async (place: string) => {
            await page.goto('about:blank')
            await visit(place)
            await page.getByRole('heading', { level: 1 }).waitFor()
            await page.locator('.skeleton').waitFor({ state: 'detached' })
            const text = await page.locator('body').textContent()
            equal(technical.exec(text ?? '')?.[0], undefined, `${place}: ${text}`)
            equal(technical.exec(await page.title())?.[0], undefined)
            for (const eye of [tooWide, tooSmall, tooFaint]) {
              deepEqual(await page.evaluate(eye), [], place)
            }
          }
          for (const place of places) await look(place)
          await context.clearCookies()
          await page.evaluate('localStorage.clear()')
          for (const place of open) await look(place)
          for (const path of ['services', 'countries/*', 'operators/*'])
            stand.instead.set(`GET /api/v1/${path}`, () => no(500, 'INTERNAL_ERROR'))
          for (const place of open.slice(1, 4)) await look(place)
        },
        { allow: /status of (?:404|401|422|500)/ },
      ))
  }

  test('nomor: dark: what is written can be read in the dark (WNA3)', () =>
    shortVisit({ colorScheme: 'dark' }, async ({ page, stand, url }) => {
      const order = stand.order()
      stand.code(order, '482913')
      stand.order()
      for (const place of [
        'masuk',
        'beli',
        'beranda',
        'saldo',
        'riwayat',
        `pesanan/${order['order_id']}`,
      ]) {
        await page.goto(`${url}/nomor#/${place}`)
        if (place === 'masuk') {
          await enter(page)
          await heading(page, 'Halo, Sari!')
        }
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.locator('.skeleton').waitFor({ state: 'detached' })
        deepEqual(await page.evaluate(tooFaint), [], place)
      }
    }))

  test('nomor: keys: what can be pressed is reached in the order in which it is read (WNA3)', () =>
    shortVisit({}, async ({ page, url }) => {
      await page.goto(`${url}/nomor`)
      await heading(page, 'Nomor OTP, beres sebentar')
      const reached: string[] = []
      for (let n = 0; n < 4; n++) {
        await page.keyboard.press('Tab')
        reached.push(String(await page.evaluate('document.activeElement.textContent')))
      }
      deepEqual(reached, ['Beli nomor OTP', 'Masuk', 'Daftar gratis', 'Punya pertanyaan?'])
    }))

  test('nomor: motion: drawings move, and stand still for whoever asks for it (WNA4)', async () => {
    for (const reducedMotion of ['reduce', 'no-preference'] as const) {
      await shortVisit({ reducedMotion }, async ({ page, url }) => {
        await page.goto(`${url}/nomor`)
        await page.locator('.scene').waitFor()
        const moving = await page.evaluate('document.getAnimations().length')
        equal(Number(moving) > 0, reducedMotion === 'no-preference')
      })
    }
  })

  test('nomor: ahead: the list of apps is asked for before its page is there, and once (WNU2)', () =>
    shortVisit({}, async ({ page, stand, url }) => {
      const complaints: string[] = []
      page.on('console', said => complaints.push(said.text()))
      let drawPage = () => {}
      const held = new Promise<void>(resolve => (drawPage = resolve))
      await page.route('**/ui/nomor/apps.js', async route => {
        await held
        await route.continue()
      })
      const asked = page.waitForRequest(/services\?limit=500$/)
      await page.goto(`${url}/nomor#/beli`, { waitUntil: 'commit' })
      await asked
      drawPage()
      await page.getByRole('link', { name: /Telegram/ }).waitFor()
      const lists = stand.asked.filter(({ path }) => path.startsWith('/api/v1/services'))
      equal(lists.length, 1)
      await page.goto(`${url}/nomor#/masuk`)
      await enter(page)
      await heading(page, 'Halo, Sari!')
      await page.goto('about:blank')
      await page.goto(`${url}/nomor#/beli`)
      await page.getByRole('link', { name: /Telegram/ }).waitFor()
      equal(stand.asked.filter(({ path }) => path.startsWith('/api/v1/services')).length, 2)
      deepEqual(
        complaints.filter(said => /preload/.test(said)),
        [],
      )
    }))

  test('nomor: waiting: grey lines shimmer while nothing has come, and words take turns for eyes only (WNC1)', () =>
    shortVisit({ clock: true }, async ({ page, stand, url }) => {
      await page.goto(`${url}/nomor#/masuk`)
      await enter(page)
      await heading(page, 'Halo, Sari!')
      const order = stand.order()
      stand.hold()
      await page.goto(`${url}/nomor#/pesanan/${order['order_id']}`)
      await page.locator('.skeleton').waitFor()
      stand.release()
      await says(page, 'nungguin kode dari aplikasinya…')
      equal(await page.locator('.turning').getAttribute('aria-hidden'), 'true')
      await page.clock.fastForward(4_000)
      await says(page, 'terus dipantau, santai aja…')
    }))

  test('nomor: first view: under 150 kB compressed, all from here, and nothing waits for an answer (WNA1)', () =>
    shortVisit({}, async ({ page, stand, url }) => {
      let bytes = 0
      const foreign: string[] = []
      const read: Promise<void>[] = []
      const weigh = (answer: Answer) => {
        if (!answer.url().startsWith(url)) foreign.push(answer.url())
        read.push(answer.body().then(body => void (bytes += gzipSync(body).length)))
      }
      page.on('response', weigh)
      stand.hold()
      await page.goto(`${url}/nomor`)
      await heading(page, 'Nomor OTP, beres sebentar')
      await page.getByRole('link', { name: 'Beli nomor OTP' }).waitFor()
      // What is answered from here on belongs to no first view, and may break off with the page.
      page.off('response', weigh)
      await Promise.all(read)
      deepEqual(foreign, [])
      ok(bytes > 10_000 && bytes < firstViewBytesMax, `${bytes} bytes`)
      equal(await page.locator('script:not([type=module])').count(), 0)
      stand.release()
    }))

  test('nomor: worker: the files are there without a line, and no answer is kept (WNN1, WNN2)', () =>
    shortVisit({ worker: true }, async ({ page, context, stand, url }) => {
      await page.goto(`${url}/nomor#/masuk`)
      await page.evaluate('navigator.serviceWorker.ready')
      await enter(page)
      await heading(page, 'Halo, Sari!')
      const order = stand.order()
      stand.code(order, '482913')
      await page.goto(`${url}/nomor#/pesanan/${order['order_id']}`)
      await says(page, '482913')
      await page.evaluate(`new Promise(done => {
        if (navigator.serviceWorker.controller !== null) return done()
        navigator.serviceWorker.addEventListener('controllerchange', () => done())
      })`)
      const kept = (await page.evaluate(`(async () => {
        const all = []
        for (const name of await caches.keys()) {
          const cache = await caches.open(name)
          for (const request of await cache.keys()) {
            const answer = await cache.match(request)
            const holdsCode = (await answer.text()).includes('482913')
            all.push([name, new URL(request.url).pathname, holdsCode])
          }
        }
        return all
      })()`)) as [string, string, boolean][]
      equal(new Set(kept.map(([name]) => name)).size, 1)
      match(kept[0]![0], /^nomor-[0-9a-f]{20}$/)
      ok(kept.some(([, path]) => path === '/nomor'))
      deepEqual(
        kept.filter(([, path, isCode]) => isCode || !/^\/(?:nomor\/?$|ui\/)/.test(path)),
        [],
      )
      await context.setOffline(true)
      await page.reload()
      await says(page, 'Sambungan terputus')
      await context.setOffline(false)
      await says(page, '482913')
    }))

  test('nomor: worker: a newer version takes over at the next step, not under somebody’s fingers (WNM1, WNN1)', () =>
    shortVisit({ worker: true }, async ({ page, stand, url }) => {
      await page.goto(`${url}/nomor`)
      await page.evaluate('navigator.serviceWorker.ready')
      await page.reload()
      await heading(page, 'Nomor OTP, beres sebentar')
      await page.evaluate('globalThis.isOld = true')
      stand.renew()
      const kept = await page.evaluate(`(async () => {
        const { serviceWorker } = navigator
        const kept = await serviceWorker.ready
        const found = new Promise(done => kept.addEventListener('updatefound', done))
        await kept.update()
        await found
        const { installing: newer } = kept
        await new Promise(done => {
          newer.addEventListener('statechange', () => newer.state === 'activated' && done())
        })
        return await caches.keys()
      })()`)
      deepEqual(kept, [`nomor-${'0'.repeat(20)}`])
      equal(await page.evaluate('globalThis.isOld'), true)
      const loaded = page.waitForEvent('load')
      await page.getByRole('link', { name: 'Punya pertanyaan?' }).click()
      await loaded
      await heading(page, 'Tanya jawab')
      equal(await page.evaluate('globalThis.isOld'), undefined)
    }))

  test('nomor: manifest: it can be put on the first screen of a phone (WNN1)', () =>
    shortVisit({}, async ({ page, url }) => {
      await page.goto(`${url}/nomor`)
      const href = await page.locator('link[rel=manifest]').getAttribute('href')
      const manifest = (await (await fetch(`${url}${href}`)).json()) as {
        start_url: string
        display: string
        icons: { src: string; sizes: string }[]
      }
      equal(manifest.start_url, '/nomor')
      equal(manifest.display, 'standalone')
      for (const { src } of manifest.icons) {
        const icon = await fetch(`${url}${src}`)
        equal(icon.status, 200, src)
        match(icon.headers.get('content-type')!, /^image\//)
      }
      ok(manifest.icons.some(({ sizes }) => sizes === '512x512'))
    }))

  type Short = {
    readonly colorScheme?: 'dark' | 'light'
    readonly reducedMotion?: 'reduce' | 'no-preference'
    readonly clock?: boolean
    readonly worker?: boolean
  }

  /** On a phone, with nobody signed in. */
  async function shortVisit(
    { clock = false, worker = false, ...how }: Short,
    story: (scene: Omit<Scene, 'visit'>) => Promise<void>,
  ) {
    const stand = new NomorStandIn()
    const url = await stand.listen()
    const context = await browser.newContext({
      ...{ viewport: widths.phone, reducedMotion: 'reduce', ...how },
      serviceWorkers: worker ? 'allow' : 'block',
    })
    try {
      const page = await context.newPage()
      if (clock) await page.clock.install()
      await story({ page, context, stand, url })
    } finally {
      await context.close()
      stand.close()
    }
  }
})
