/**
 * The merchant's pages at /toko against the whole program, in a real browser, at a phone's and a
 * desk's width, with a box that speaks and customers who pay.
 */

import { deepEqual, equal, match, notEqual } from 'node:assert/strict'
import { test } from 'node:test'
import type { Request } from 'playwright-core'
import { waitMsMax } from './counter.ts'
import { amountOf, atEachWidth } from './desk.ts'
import { until } from './stage.ts'

const pages = 'beranda transaksi qr kotak terminal pencairan toko lainnya'.split(' ')

atEachWidth('toko', 'toko', at => {
  const { device, charged } = at
  const printed = charged + 10_000

  test(`toko: ${device}: where one was going is where one comes after the door (WPC1)`, async () => {
    const { page, says, press, heading, visit, quiet, enter, looksRight } = at.desk
    await visit('pencairan')
    await page.getByLabel('Email').waitFor()
    await looksRight('masuk')
    await press('Masuk')
    await says('Isi email dan kata sandi dulu')
    quiet()
    await page.getByLabel('Email').fill(at.counter.demo.merchant.email)
    await page.getByLabel('Kata sandi').fill('bukan kata sandinya')
    await press('Masuk')
    await says('Email atau kata sandinya belum cocok')
    quiet(/status of 401/)
    await enter(at.counter.demo.merchant)
    await heading('Pencairan')
    await page.reload()
    await heading('Pencairan')
    quiet()
  })

  test(`toko: ${device}: who presses before the terminals have come waits for them (WPF3)`, async () => {
    const { page, press, visit, quiet } = at.desk
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
    const { page, main, says, press, visit, quiet, looksRight } = at.desk
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

  async function qrString(): Promise<string> {
    const id = new URL(at.desk.page.url()).hash.split('/').at(-1)
    return (await at.desk.ask(`/merchant/transactions/${id}`)).qr_string
  }

  test(`toko: ${device}: paid: the page says so by itself, and that the box said it`, async () => {
    const { page, says, quiet, looksRight } = at.desk
    await at.counter.pay({ qr_string: await qrString() })
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
    const { page, says, visit, quiet, text, ask } = at.desk
    await visit('beranda')
    await says(amountOf(charged))
    await until('the sum', waitMsMax, async () => /^Rp/.test(await text('output.big')))
    const before = await text('output.big')
    const { rows } = await ask('/merchant/terminals')
    const qr = rows.find(one => one.qr !== null)?.qr
    await at.counter.pay({ qr_string: qr, amount: printed })
    await says(amountOf(printed))
    await page.locator('.unseen', { hasText: 'baru saja masuk' }).waitFor({ state: 'attached' })
    await until('the new sum', waitMsMax, async () => (await text('output.big')) !== before)
    quiet()
  })

  test(`toko: ${device}: payments that were not heard are told, with the way there (WPE2)`, async () => {
    const { page, main, says, heading, quiet, looksRight } = at.desk
    const summary = '**/merchant/dashboard/summary'
    await page.route(summary, async route => {
      const response = await route.fetch()
      const json = (await response.json()) as { today: { rows: { silent: number }[] } }
      for (const [n, row] of json.today.rows.entries()) row.silent = n === 0 ? 2 : 0
      await route.fulfill({ response, json })
    })
    const devices = '**/merchant/devices'
    await page.route(devices, async route => {
      const response = await route.fetch()
      const json = (await response.json()) as { rows: { missed: number }[] }
      json.rows[0]!.missed = 3
      await route.fulfill({ response, json })
    })
    await page.reload()
    await says(/^3 pembayaran menunggu disebut/)
    await says(/^2 pembayaran hari ini tidak terdengar/)
    await looksRight('tidak-terdengar')
    await main().getByRole('link', { name: 'Lihat yang menunggu' }).click()
    await heading('Transaksi')
    equal(await page.getByLabel('Suara').inputValue(), 'digest')
    await page.unroute(devices)
    await page.goBack()
    await main().getByRole('link', { name: 'Lihat yang tidak terdengar' }).click()
    await heading('Transaksi')
    equal(await page.getByLabel('Suara').inputValue(), 'silent')
    await page.unroute(summary)
    quiet()
  })

  test(`toko: ${device}: found again, and back is as it was (WUD1)`, async () => {
    const { page, says, heading, visit, quiet } = at.desk
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
    const { page, says, visit, quiet, looksRight } = at.desk
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
    const { page, says, visit, quiet, enter, settled, ask, newTab } = at.desk
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
    await at.counter.pay({ qr_string: printedQr, amount: printed + 100 })
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
    await newTab()
    await visit('')
    await enter(at.counter.demo.merchant)
  })

  test(`toko: ${device}: in both lights nothing is too wide, too small or too faint`, async () => {
    await at.desk.allLookRight(pages)
  })

  test(`toko: ${device}: who may only look sees why (WPF1)`, async () => {
    const { page, says, visit, quiet } = at.desk
    await page.evaluate(asRole('laju.toko', 'viewer'))
    await page.reload()
    await visit('qr')
    await says('Akun ini hanya bisa melihat')
    await page.evaluate(asRole('laju.toko', 'owner'))
    await page.reload()
    quiet()
  })

  test(`toko: ${device}: a shop that is not approved says so, and no longer when it is (WPF1)`, async () => {
    const { says, visit, quiet, enter, looksRight, newTab } = at.desk
    const made = await at.counter.office('merchants', { name: `Kedai ${device}` })
    const shop = { merchant_id: made['merchant_id'], merchant_role: 'owner' }
    const email = `kedai-${device}@laju.test`
    const wish = { email, name: 'Ibu Wati', role: 'merchant', ...shop }
    const { password } = await at.counter.office('people', wish)
    const before = at.desk.page
    await newTab()
    await visit('qr')
    await enter({ email, password: String(password) })
    await says('Toko ini belum disetujui, jadi belum bisa menerima pembayaran.')
    await visit('beranda')
    await says('Toko ini belum disetujui, jadi belum bisa menerima pembayaran.')
    await looksRight('belum-disetujui')
    await at.counter.office(`merchants/${shop.merchant_id}/approve`, {})
    await visit('qr')
    await at.desk.page.reload()
    await says(/^Belum ada kasir yang bisa membuat QR/)
    await at.desk.page.close()
    at.desk.page = before
    quiet()
  })

  test(`toko: ${device}: a token that is refused ends the session; leaving leaves nothing (WPA1, WPC2)`, async () => {
    const { page, says, heading, visit, quiet, enter, settled, leave } = at.desk
    await visit('kotak')
    await settled()
    await page.route('**/merchant/devices', route => route.fulfill({ status: 401, json: {} }))
    await says('Sesi sudah berakhir')
    await page.unroute('**/merchant/devices')
    equal(await page.evaluate(`sessionStorage.getItem('laju.toko')`), null)
    await enter(at.counter.demo.merchant)
    await heading('Kotak suara')
    await leave()
    equal(await page.evaluate('sessionStorage.length + localStorage.length'), 0)
    await page.goBack()
    await page.getByLabel('Email').waitFor()
    quiet(/status of 401/)
  })
})

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
