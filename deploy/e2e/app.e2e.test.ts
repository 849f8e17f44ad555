/**
 * The reseller area against the whole program, in a real browser, at a phone's and a desk's width.
 * What the test knows of the area is what a person sees: names of fields, buttons and sentences.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import { browserOfSuite, skip } from '../../gateway/ui/chromium.fixture.ts'
import { tooFaint, tooSmall, tooWide } from '../../gateway/ui/eyes.fixture.ts'
import { Oracle, Reseller } from './reseller.ts'
import { type Engine, Stage, until } from './stage.ts'

const waitMsMax = 60_000

type Person = { readonly username: string; readonly password: string; readonly pin: string }
type Device = {
  readonly viewport: { readonly width: number; readonly height: number }
  /** Bought here and nowhere else, so that the two devices are never each other's twins. */
  readonly product: string
  readonly bill: string
}

const devices: Readonly<Record<string, Device>> = {
  phone: { viewport: { width: 390, height: 844 }, product: 'XLD10', bill: '530000000001' },
  desk: { viewport: { width: 1440, height: 900 }, product: 'XLD25', bill: '530000000002' },
}
const pages =
  'beranda beli beli?jenis=Pulsa&nomor=0878 riwayat harga mutasi deposit downline kunci webhook lainnya borongan kredit sesi'.split(
    ' ',
  )

describe('app', { skip }, () => {
  const browser = browserOfSuite()
  let stage: Stage
  let engine: Engine
  let reseller: Person
  let downline: Person
  const server = createServer((request, response) => {
    request.resume()
    response.end()
  })
  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    stage = new Stage()
    await stage.startSandbox()
    engine = await stage.start()
    const file = join(stage.dataDir(), 'demo.json')
    const demo = JSON.parse(readFileSync(file, 'utf8'))
    ;({ reseller, downline } = demo)
    const admin = new Reseller(engine.http, demo.admin)
    const line = `/api/v1/admin/clients/${reseller.username}/credit-limit`
    equal((await admin.send('PUT', line, '{"limit":1000000}')).status, 200)
    const given = { to: reseller.username, kind: 'given', amount: 250_000 }
    const credit = JSON.stringify({ ...given, ref_id: 'app-credit', note: 'modal awal' })
    equal((await admin.send('POST', '/api/v1/admin/credits', credit)).status, 200)
    admin.close()
  })
  after(async () => {
    server.closeAllConnections()
    server.close()
    await stage.close()
  })

  for (const [device, { viewport, product, bill }] of Object.entries(devices)) {
    describe(device, () => {
      let context: BrowserContext
      let page: Page
      const complaints: string[] = []
      before(async () => {
        context = await browser().newContext({
          viewport,
          reducedMotion: 'reduce',
          permissions: ['clipboard-read', 'clipboard-write'],
        })
        page = await context.newPage()
        page.setDefaultTimeout(waitMsMax)
        page.on('pageerror', error => complaints.push(error.message))
        page.on('console', said => {
          if (said.type() === 'error' || said.type() === 'warning') complaints.push(said.text())
        })
      })
      after(() => context.close())

      const says = (words: string | RegExp) => page.getByText(words).first().waitFor()
      const press = (name: string) => page.getByRole('main').getByRole('button', { name }).click()
      const heading = (name: string | RegExp) =>
        page.getByRole('heading', { level: 1, name }).waitFor()
      const visit = (place: string) => page.goto(`${engine.http}/app#/${place}`)
      const copied = () => page.evaluate('navigator.clipboard.readText()') as Promise<string>
      /** Nothing was complained about but what the story is about. */
      const quiet = (allowed?: RegExp) => {
        const heard = complaints.splice(0)
        deepEqual(
          heard.filter(one => allowed?.test(one) !== true),
          [],
        )
      }
      const enter = async (password: string) => {
        await page.getByLabel('Nama pengguna').fill(reseller.username)
        await page.getByLabel('Kata sandi').fill(password)
        await press('Masuk')
      }

      test(`app: ${device}: the front page leads to a door where nothing is filled in (WUA1)`, async () => {
        await page.goto(engine.http)
        await page.getByRole('link', { name: 'Area reseller' }).click()
        await page.getByLabel('Nama pengguna').waitFor()
        equal(await page.getByLabel('Nama pengguna').inputValue(), '')
        equal(await page.getByLabel('Kata sandi').inputValue(), '')
        await press('Masuk')
        await says('Isi nama pengguna dan kata sandi dulu')
        quiet()
        await enter('bukan kata sandinya')
        await says('Nama pengguna atau kata sandinya belum cocok')
        quiet(/status of 401/)
      })

      test(`app: ${device}: signed in, no token is written down, and a reload stays inside (WUA1)`, async () => {
        await enter(reseller.password)
        await heading(/^Halo/)
        await says(/^Rp\s\d/)
        const kept = await page.evaluate('JSON.stringify([{...localStorage}, {...sessionStorage}])')
        equal(/eyJ/.test(String(kept)), false)
        await page.reload()
        await heading(/^Halo/)
        quiet()
      })

      test(`app: ${device}: without a line a reload waits, and does not send anybody away (WUA2)`, async () => {
        await page.route('**/api/v1/auth/refresh', route => route.abort())
        await page.reload()
        await says('Sambungan terputus')
        await page.unroute('**/api/v1/auth/refresh')
        await press('Coba lagi')
        await heading(/^Halo/)
        quiet(/net::ERR_FAILED/)
      })

      test(`app: ${device}: a purchase: its operator is known, its price is a limit, its end comes by itself (WUC1, WUF1, WUG1)`, async () => {
        const oracle = new Oracle(stage.sandboxUrl)
        await oracle.faults({ pending: { p: 1, seconds: 5 } })
        const number = device === 'phone' ? '087811114441' : '087811114451'
        await page.getByRole('main').getByRole('link', { name: 'Pulsa' }).click()
        await page.getByLabel('Nomor HP tujuan').fill(number.replace(/(.{4})/g, '$1 '))
        await says('Terdeteksi XL')
        await page.locator(`[data-code=${product}]`).click()
        await heading('Sudah benar?')
        const sent = page.waitForRequest(one => one.url().endsWith('/transactions'))
        const price = Number(String(await page.locator('.sum dd').textContent()).replace(/\D/g, ''))
        await press('Beli sekarang')
        const body = (await sent).postDataJSON()
        equal(body.max_price, price)
        equal(body.destination, number)
        await page.locator('.banner[data-status=PROCESSING]').waitFor()
        await says('ditahan dulu')
        await page.locator('.banner[data-status=SUCCESS]').waitFor()
        await says('sudah dibayarkan')
        await oracle.faults({})
        await page.getByRole('button', { name: 'Salin' }).click()
        await page.getByRole('button', { name: 'Tersalin' }).waitFor()
        equal(await copied(), await page.locator('.copyable output').textContent())
        quiet()
      })

      test(`app: ${device}: a bill is shown with its owner before it is paid (WUF2)`, async () => {
        await visit('beli?jenis=Pascabayar')
        await page.getByRole('button', { name: 'PLN PASCABAYAR' }).click()
        await page.locator('[data-code=PLN]').click()
        await says('Isi dulu nomornya')
        await page.getByLabel('Nomor pelanggan').fill(bill)
        await page.locator('[data-code=PLN]').click()
        await says('Atas nama')
        await press('Bayar sekarang')
        await page.locator('.banner[data-status=SUCCESS]').waitFor()
        quiet()
      })

      test(`app: ${device}: no answer, a reload and a second tap are one purchase (WUB2, WUE1)`, async () => {
        const number = device === 'phone' ? '087811112221' : '087811112231'
        const bodies: { ref_id: string }[] = []
        await page.route('**/api/v1/transactions', async route => {
          bodies.push(route.request().postDataJSON())
          if (bodies.length > 1) return route.continue()
          await route.fetch()
          await route.abort()
        })
        await visit(`beli?jenis=Pulsa&nomor=${number}&produk=${product}`)
        await page.getByRole('button', { name: 'Beli sekarang' }).dblclick()
        await says('Jawabannya belum sampai')
        equal(bodies.length, 1)
        await page.reload()
        await press('Beli sekarang')
        await page.locator('.banner[data-status=SUCCESS]').waitFor()
        await page.unroute('**/api/v1/transactions')
        equal(bodies.length, 2)
        deepEqual(bodies[0], bodies[1])
        await visit('riwayat')
        await page.getByLabel('Cari nomor tujuan').fill(number)
        await page.locator(`a.row:has-text("${number}")`).waitFor()
        await page.locator('.rows li:only-child').waitFor()
        quiet(/net::ERR_FAILED/)
      })

      test(`app: ${device}: back finds the list as it was, and a heading has the focus (WUD1, WUD2)`, async () => {
        const first = page.locator('a.row').first()
        await first.click()
        await says('Perjalanan pesanan')
        equal(await page.evaluate('document.activeElement.tagName'), 'H1')
        match(await page.title(), / · Laju$/)
        await page.goBack()
        await heading('Riwayat')
        await page.waitForFunction("document.activeElement.textContent === 'Riwayat'")
        equal(await page.title(), 'Riwayat · Laju')
        match(await page.getByLabel('Cari nomor tujuan').inputValue(), /^08781111/)
        equal(await page.locator('a.row').count(), 1)
        await page.getByLabel('Status').selectOption('FAILED')
        await says('Tidak ada pesanan yang cocok')
        quiet()
      })

      test(`app: ${device}: something is wrong with an order: it is told where the order stands`, async () => {
        await page.getByLabel('Status').selectOption('SUCCESS')
        await page.locator('a.row').first().click()
        await page.getByText('Ada masalah dengan pesanan ini?').click()
        await page.getByLabel('Ceritanya').fill('Pulsanya belum masuk.')
        await press('Kirim keluhan')
        await says('Keluhannya sudah kami catat')
        quiet()
      })

      test(`app: ${device}: a request that was not let in goes out once more (WUB1)`, async () => {
        let asked = 0
        await page.route('**/api/v1/mutations*', route =>
          asked++ === 0 ? route.fulfill({ status: 401, json: {} }) : route.continue(),
        )
        await visit('mutasi')
        await says(/^Pembelian/)
        await page.unroute('**/api/v1/mutations*')
        equal(asked, 2)
        quiet(/status of 401/)
      })

      test(`app: ${device}: a ticket says what to pay to the rupiah, and copies bare digits (WUH1)`, async () => {
        await visit('deposit')
        await press('Buat tiket')
        await says('Isi dulu nominalnya')
        await page.getByLabel('Mau isi berapa?').fill('1.000.000.000.000')
        await press('Buat tiket')
        await says(/^Jumlahnya terlalu besar\. Paling banyak Rp\s999\.999\.999\.999/)
        await page.getByLabel('Mau isi berapa?').fill(device === 'phone' ? '150.000' : '160000')
        await press('Buat tiket')
        await says('Transfer tepat sebesar')
        await says(/^Waktunya sekitar/)
        await press('Salin jumlah')
        await says('Tersalin')
        const shown = String(await page.locator('output.big').textContent())
        equal(await copied(), shown.replace(/\D/g, ''))
        match(await copied(), /^1[56]0\d{3}$/)
        await press('Batalkan tiket')
        await says('Tiket ini dibatalkan')
        await says('Jumlah tiket')
        equal(await page.getByText('Transfer tepat sebesar').count(), 0)
        equal(await page.locator('.account').count(), 0)
        quiet()
      })

      test(`app: ${device}: by QRIS: its cost first, then the code, and it is seen to come (WUP1, WUQ1)`, async () => {
        await visit('deposit')
        await page.getByLabel('Mau isi berapa?').fill(device === 'phone' ? '30.000' : '40000')
        await page.getByLabel('Bayar lewat').selectOption({ label: 'QRIS kilat' })
        await says(/^Biaya Rp\s[\d.]+, masuk ke saldo Rp\s/)
        await press('Lanjut bayar')
        await says('Menunggu dibayar')
        await page.getByRole('img', { name: 'Kode QR untuk bayar' }).waitFor()
        await says(/^Waktunya sekitar/)
        deepEqual(await page.evaluate(tooWide), [])
        const id = decodeURIComponent(page.url().split('/').at(-1)!)
        const paid = await fetch(`${stage.sandboxUrl}/_sandbox/pay`, {
          ...{ method: 'POST', body: JSON.stringify({ deposit_id: id }) },
        })
        equal(paid.status, 200, await paid.text())
        await says('Saldo sudah bertambah')
        await visit('deposit')
        await page
          .getByRole('list', { name: 'Pembayaran saya' })
          .getByText('Sudah masuk')
          .first()
          .waitFor()
        quiet()
      })

      test(`app: ${device}: drawn early: what that costs is said first, and taken once (WUQ2)`, async () => {
        await visit('deposit')
        await page.getByLabel('Mau isi berapa?').fill(device === 'phone' ? '31000' : '41000')
        await page.getByLabel('Bayar lewat').selectOption({ label: 'QRIS biasa' })
        await press('Lanjut bayar')
        await says('Menunggu dibayar')
        const id = decodeURIComponent(page.url().split('/').at(-1)!)
        const paid = await fetch(`${stage.sandboxUrl}/_sandbox/pay`, {
          ...{ method: 'POST', body: JSON.stringify({ deposit_id: id, processing: true }) },
        })
        equal(paid.status, 200, await paid.text())
        await says('sedang diproses')
        await press('Cairkan sekarang')
        await says(/^Saldo bertambah Rp/)
        await page
          .getByRole('main')
          .getByRole('button', { name: /^Cairkan, biaya Rp/ })
          .click()
        await says('Saldo sudah bertambah')
        quiet()
      })

      test(`app: ${device}: money for a downline asks for the PIN, and keeps it nowhere (WUB2)`, async () => {
        await visit('downline')
        await page.locator('button.row').first().click()
        equal(await page.getByLabel('Kirim ke').inputValue(), downline.username)
        const amount = device === 'phone' ? 11_000 : 12_000
        await page.getByLabel('Jumlah').fill(String(amount))
        await press('Kirim saldo')
        await says('Isi PIN dulu')
        await page.getByLabel('PIN').fill(reseller.pin)
        await press('Kirim saldo')
        await says('sudah terkirim')
        const kept = String(await page.evaluate('JSON.stringify({...sessionStorage})'))
        equal(kept.includes(reseller.pin), false)
        quiet()
      })

      test(`app: ${device}: a new key takes the password, and is shown once (WUI1)`, async () => {
        await visit('kunci')
        await page.getByLabel('Kata sandi Anda').fill('bukan')
        await press('Ganti kunci sekarang')
        await says('Kata sandinya belum cocok')
        quiet(/status of 403/)
        await page.getByLabel('Kata sandi Anda').fill(reseller.password)
        await press('Ganti kunci sekarang')
        await says('Simpan sekarang')
        equal(await page.locator('.once output').count(), 3)
        await page.reload()
        await says('Boleh dari')
        equal(await page.locator('.once').count(), 0)
        quiet()
      })

      test(`app: ${device}: a webhook is added, tested, found in the log, and sent again`, async () => {
        await visit('webhook')
        const { port } = server.address() as AddressInfo
        await page.getByLabel('Alamat server').fill(`http://127.0.0.1:${port}/${device}`)
        await press('Tambahkan')
        await says('Simpan rahasia ini sekarang')
        const place = page.locator('.row.tall', { hasText: `/${device}` })
        await place.getByRole('button', { name: 'Tes kirim' }).click()
        await says('Tes terkirim dan dijawab')
        await page
          .locator('[data-delivery]', { hasText: 'Tes kirim' })
          .first()
          .getByText('Terkirim')
          .waitFor()
        const number = device === 'phone' ? '087811113331' : '087811113341'
        await visit(`beli?jenis=Pulsa&nomor=${number}&produk=${product}`)
        await press('Beli sekarang')
        await page.locator('.banner[data-status=SUCCESS]').waitFor()
        await visit('webhook')
        const delivery = page.locator('[data-delivery]', { hasText: 'Pesanan berhasil' }).first()
        await until('the delivery', waitMsMax, async () => {
          await press('Perbarui')
          return await delivery.getByText('Terkirim').isVisible()
        })
        const again = once(server, 'request')
        await delivery.getByRole('button', { name: 'Kirim ulang' }).click()
        await says('Dikirim ulang')
        await again
        await place.getByRole('button', { name: 'Hapus' }).click()
        await place.getByRole('button', { name: 'Yakin hapus' }).click()
        await place.waitFor({ state: 'detached' })
        quiet()
      })

      test(`app: ${device}: a webhook's shape and events are changed, and its secret twice (WUL1, WUL2)`, async () => {
        await visit('webhook')
        const { port } = server.address() as AddressInfo
        await page.getByLabel('Alamat server').fill(`http://127.0.0.1:${port}/${device}/atur`)
        await press('Tambahkan')
        await says('Simpan rahasia ini sekarang')
        const place = page.locator('.row.tall', { hasText: `/${device}/atur` })
        await place.getByRole('link', { name: 'Atur' }).click()
        const shape = page.getByLabel('Bentuk kabar')
        const secret = page.locator('.once output')
        await shape.selectOption('otomax')
        await page.getByLabel('Saldo berubah').check()
        await press('Simpan')
        await says('tidak memakai tanda tangan')
        equal(await secret.count(), 0)
        await shape.selectOption('digiflazz')
        await press('Simpan')
        await says('Simpan rahasia ini sekarang')
        const first = await secret.textContent()
        await press('Ganti rahasia')
        equal(await secret.textContent(), first)
        await press('Yakin ganti')
        await until('another secret', waitMsMax, async () => (await secret.textContent()) !== first)
        await page.reload()
        await says('Rahasia sebelumnya masih berlaku')
        equal(await secret.count(), 0)
        equal(await shape.inputValue(), 'digiflazz')
        equal(await page.getByLabel('Saldo berubah').isChecked(), true)
        equal(await page.getByLabel('Pesanan diproses').isChecked(), false)
        await visit('webhook')
        await place.getByRole('button', { name: 'Hapus' }).click()
        await place.getByRole('button', { name: 'Yakin hapus' }).click()
        await place.waitFor({ state: 'detached' })
        quiet()
      })

      test(`app: ${device}: many orders: looked through first, bought once, each row to its end (WUO1, WUO2, WUO3)`, async () => {
        const end = device === 'phone' ? 5551 : 5561
        const bodies: { ref_id: string; rows: object[] }[] = []
        await page.route('**/api/v1/transactions/bulk', async route => {
          bodies.push(route.request().postDataJSON())
          if (bodies.length > 1) return route.continue()
          await route.fetch()
          await route.abort()
        })
        await visit('borongan')
        const list = page.getByLabel('Daftar pesanan')
        await list.fill(`${product} 08781111${end}\nNGAWUR 087811112345`)
        await press('Periksa dulu')
        await says('1 baris belum benar')
        await says('Kode produknya tidak ada')
        const csv = `kode,nomor\n${product},08781111${end}\n0878222${end}0;${product}\n${product},08121111${end}`
        const file = { name: 'daftar.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) }
        await page.locator('input[type=file]').setInputFiles(file)
        await until('the file', waitMsMax, async () => (await list.inputValue()) === csv)
        await press('Periksa dulu')
        await says('Yang akan dibeli')
        equal(bodies.length, 0)
        await page.getByRole('button', { name: 'Beli 3 pesanan' }).dblclick()
        await says('Jawabannya belum sampai')
        await press('Beli 3 pesanan')
        await heading('Hasil borongan')
        await page.unroute('**/api/v1/transactions/bulk')
        equal(bodies.length, 2)
        deepEqual(bodies[0], bodies[1])
        await says('Semua baris sudah selesai')
        await page.reload()
        await says('2 berhasil · 1 ditolak')
        await says('Nomor ini bukan milik operator produk itu')
        await page.locator('a.row').first().click()
        await page.locator('.banner[data-status=SUCCESS]').waitFor()
        await visit('riwayat')
        await page.getByLabel('Cari nomor tujuan').fill(`08781111${end}`)
        await page.locator(`a.row:has-text("08781111${end}")`).waitFor()
        await page.locator('.rows li:only-child').waitFor()
        quiet(/net::ERR_FAILED/)
      })

      test(`app: ${device}: where else one is signed in is seen, and ended with two presses (WUM1, WUM2)`, async () => {
        const elsewhere = await fetch(`${engine.http}/api/v1/auth/login`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'user-agent': 'Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 Chrome/130.0.0.0',
          },
          body: JSON.stringify({ username: reseller.username, password: reseller.password }),
        })
        const { access_token } = ((await elsewhere.json()) as { data: { access_token: string } })
          .data
        const asked = async () => {
          const headers = { authorization: `Bearer ${access_token}` }
          return (await fetch(`${engine.http}/api/v1/me`, { headers })).status
        }
        equal(await asked(), 200)
        await visit('sesi')
        const own = page.locator('[data-session]', { hasText: 'Yang ini' })
        await own.getByText('Chrome di Linux').waitFor()
        equal(await own.getByRole('button').count(), 0)
        const other = page.locator('[data-session]', { hasText: 'Chrome di Android' })
        await other.getByRole('button', { name: 'Akhiri' }).click()
        equal(await asked(), 200)
        await other.getByRole('button', { name: 'Yakin akhiri' }).click()
        await other.waitFor({ state: 'detached' })
        equal(await asked(), 401)
        await own.waitFor()
        quiet()
      })

      test(`app: ${device}: a credit line says what is used, what is left and what is due`, async () => {
        await visit('beranda')
        await page.getByRole('link', { name: /^Kredit terpakai/ }).click()
        await heading('Kredit')
        await says(/^Rp\s250\.000$/)
        await says(/^Rp\s1\.000\.000$/)
        await says(/^Rp\s750\.000$/)
        quiet()
      })

      for (const colorScheme of ['light', 'dark'] as const) {
        test(`app: ${device}: ${colorScheme}: no page scrolls sideways, all is large and readable`, async () => {
          await page.emulateMedia({ colorScheme })
          for (const place of pages) {
            await visit(place)
            await page.locator('main h1:not(:empty)').waitFor()
            const loading = page.locator('.skeleton, [aria-busy]')
            await until('the page', waitMsMax, async () => (await loading.count()) === 0)
            deepEqual(await page.evaluate(tooWide), [], place)
            deepEqual(await page.evaluate(tooSmall), [], place)
            deepEqual(await page.evaluate(tooFaint), [], place)
          }
          quiet()
        })
      }

      test(`app: ${device}: who has left is asked who he is, also by "back" (WUA2)`, async () => {
        await context.clearCookies()
        await page.reload()
        await says('Sesi sudah berakhir')
        quiet(/status of 401/)
        await enter(reseller.password)
        await heading(/^Perangkat/)
        if (device === 'phone') {
          await visit('lainnya')
          await press('Keluar')
        } else await page.getByRole('navigation').getByRole('button', { name: 'Keluar' }).click()
        await heading(/^Masuk$/)
        await page.goBack()
        await heading(/^Masuk$/)
        equal(await page.locator('nav').isVisible(), false)
        quiet()
      })
    })
  }

  test('app: headers: nothing inline and nothing from elsewhere may run', async () => {
    const answer = await fetch(`${engine.http}/app`)
    const policy = answer.headers.get('content-security-policy') ?? ''
    ok(policy.includes("default-src 'none'"))
    equal(policy.includes('unsafe'), false)
  })
})
