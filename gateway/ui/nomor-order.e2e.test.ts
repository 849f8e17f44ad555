/** The page of one rented number: codes, links, giving back, and who is told of what. */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { browserOfSuite, skip } from './chromium.fixture.ts'
import { actAt, enter, heading, says, shortVisit, widths } from './nomor.fixture.ts'
import { no } from './nomor-stand-in.fixture.ts'

const hourMs = 3_600_000

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

describe('nomor', { skip }, () => {
  const browser = browserOfSuite()

  for (const [device, viewport] of Object.entries(widths)) {
    const act = actAt(browser, viewport)

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
          const told = stand.asked.filter(({ path }) => path === '/api/v1/help').at(-1)
          const body = { where: 'order', id: order['order_id'] }
          deepEqual(told, { method: 'POST', path: '/api/v1/help', body })
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
  }

  test('nomor: waiting: grey lines shimmer while nothing has come, and words take turns for eyes only (WNC1)', () =>
    shortVisit(browser, { clock: true }, async ({ page, stand, url }) => {
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
})
