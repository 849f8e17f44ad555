/**
 * The number pages against the whole program, in a real browser of a phone's width: somebody who
 * never was here leaves with a code, and somebody who changes his mind gets his money back. What
 * the test knows of the pages is what a person sees.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import { browserOfSuite, skip } from '../../gateway/ui/chromium.fixture.ts'
import { type Engine, Stage, until } from './stage.ts'

const waitMsMax = 90_000
const email = 'sari@contoh.test'

describe('nomor', { skip }, () => {
  const browser = browserOfSuite()
  let stage: Stage
  let engine: Engine
  let context: BrowserContext
  let page: Page
  const complaints: string[] = []
  before(async () => {
    stage = new Stage()
    await stage.startSandbox()
    engine = await stage.start()
    await stage.sql(`update number_supplier set terms = '{"pollMs": 1000, "cancelAfterMs": 0}'`)
    await until('numbers to be had', waitMsMax, async () => {
      return (await stage.sql('SELECT 1 FROM number_offer LIMIT 1')).length > 0
    })
    context = await browser().newContext({
      viewport: { width: 390, height: 844 },
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
  after(() => stage.close())

  const says = (words: string | RegExp) => page.getByText(words).first().waitFor()
  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor()
  const press = (name: string) => page.getByRole('main').getByRole('button', { name }).click()
  const follow = (name: string | RegExp) =>
    page.getByRole('main').getByRole('link', { name }).first().click()
  const copied = () => page.evaluate('navigator.clipboard.readText()') as Promise<string>
  const sandbox = async (path: string, wish?: object) => {
    const answer = await fetch(`${stage.sandboxUrl}/_sandbox/${path}`, {
      ...(wish === undefined ? {} : { method: 'POST', body: JSON.stringify(wish) }),
      headers: { 'content-type': 'application/json' },
    })
    const told = await answer.text()
    equal(answer.status, 200, told)
    return told
  }
  const numberShown = async (): Promise<string> => {
    await says('Nunggu kode')
    await press('Salin nomor')
    await says('Tersalin')
    return await copied()
  }
  /** From the list of apps to the last look. */
  const choose = async () => {
    await heading('Buat aplikasi apa?')
    await page.getByLabel('Cari aplikasi').fill('whatsapp')
    await follow(/WhatsApp/)
    await heading(/nomor dari mana/)
    await follow(/Rp/)
    await heading('Mau operator apa?')
    await follow(/Bebas, yang mana aja/)
    await heading('Sudah pas?')
  }
  /** Nothing was complained about. */
  const quiet = () => deepEqual(complaints.splice(0), [])

  test('nomor: a newcomer: from the front page to an account, and the mail proves it (WPC3, WNK1)', async () => {
    await page.goto(engine.http)
    await page.getByRole('link', { name: 'Nomor OTP' }).click()
    await heading('Nomor OTP, beres sebentar')
    await follow('Daftar gratis')
    await page.getByLabel('Nama panggilan').fill('Sari')
    await page.getByLabel('Email').fill(email)
    await page.getByLabel('Bikin kata sandi').fill('rahasia-123')
    await press('Daftar')
    await heading('Halo, Sari!')
    await says('Belum ada apa-apa, mulai aja dulu.')
    const link = await until('the mail', waitMsMax, async () => {
      const mails = await sandbox('messages')
      return /\/nomor#\/verifikasi\/[\w-]+/.exec(mails)?.[0] ?? false
    })
    await page.goto(`${engine.http}${link}`)
    await says('Emailmu sudah terkonfirmasi')
    quiet()
  })

  test('nomor: a purchase: choose, pay in, pay, and the code comes by itself (WNE2, WNJ1, WNJ2, WNG2)', async () => {
    await page.goto(`${engine.http}/nomor#/beli`)
    await choose()
    await says(/Saldo kamu kurang/)
    await follow('Isi saldo dulu')
    await press('Rp 20.000')
    await press('lanjut bayar')
    await page.getByRole('img', { name: 'Kode QR untuk bayar' }).waitFor()
    const id = await page.locator('dd').last().textContent()
    await sandbox('pay', { deposit_id: id })
    await says('Saldo sudah masuk!')
    await follow('lanjut bayar')
    await heading('Sudah pas?')
    await says('harga sudah termasuk biaya sistem & layanan otomatis')
    await press('lanjut bayar')
    const number = await numberShown()
    match(number, /^\+\d{8,15}$/)
    await says(/Nomor ini aktif sekitar 1[45] menit lagi/)
    await sandbox('otp', { number, text: 'Kode WhatsApp kamu: 482913', code: '482913' })
    await says('Kodenya sudah masuk!')
    await press('Salin kode')
    equal(await copied(), '482913')
    quiet()
  })

  test('nomor: afterwards: it stands in the history, and its link opens for who never signed in (WNG1)', async () => {
    await page.locator('.copyable').getByRole('button', { name: 'Salin' }).click()
    const link = await copied()
    ok(link.startsWith(engine.http), link)
    const stranger = await browser().newContext({ viewport: { width: 390, height: 844 } })
    const other = await stranger.newPage()
    await other.goto(link)
    await other.getByRole('heading', { level: 1, name: /Nomor buat WhatsApp/ }).waitFor()
    equal(await other.locator('.taking.code output').textContent(), '482913')
    await stranger.close()
    await page.getByRole('navigation').getByRole('link', { name: 'Riwayat' }).click()
    await says('Kode masuk')
    await press('Isi saldo')
    await says('Saldo masuk')
    await press('Catatan saldo')
    await says(/^Isi saldo · QRIS/)
    await says('Beli nomor WhatsApp')
    quiet()
  })

  test('nomor: a change of mind: no code came, and every rupiah is back (WNH2)', async () => {
    const balance = async () => {
      await page.goto(`${engine.http}/nomor#/beranda`)
      await page.locator('.purse output', { hasText: 'Rp' }).waitFor()
      return await page.locator('.purse output').textContent()
    }
    const first = await balance()
    await follow('Beli nomor OTP')
    await choose()
    await press('lanjut bayar')
    await numberShown()
    for (const party of ['rumahotp', 'handler_api']) {
      await sandbox('clock', { party, advance_ms: 3 * 60_000 })
    }
    await press('Batalin')
    await press('Yakin? Tekan sekali lagi')
    await says(/Sedang dibatalkan|sudah dibatalkan/i)
    await page.locator('.moment', { hasText: 'saldo kamu sudah balik' }).waitFor()
    equal(await balance(), first)
    await page.goto(`${engine.http}/nomor#/riwayat?jenis=catatan`)
    await says('Uang kembali · WhatsApp')
    quiet()
  })
})
