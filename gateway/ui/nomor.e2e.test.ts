/** What all number pages have in common: eyes, keys, light, files, and lines that break. */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Response as Answer } from 'playwright-core'
import { browserOfSuite, skip } from './chromium.fixture.ts'
import { tooFaint, tooSmall, tooWide } from './eyes.fixture.ts'
import { actAt, enter, heading, says, shortVisit, widths } from './nomor.fixture.ts'
import { no } from './nomor-stand-in.fixture.ts'

const firstViewBytesMax = 150_000

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

/** Where a look has ended in the page, its next one has its timer; the network knows it earlier. */
const countLooks = `
  const looks = (globalThis.looks = { begun: 0, ended: 0 })
  const ask = globalThis.fetch
  globalThis.fetch = (...what) => {
    const answer = ask(...what)
    if (what[0] === '/health') {
      looks.begun++
      answer.catch(() => looks.ended++)
    }
    return answer
  }
`

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

describe('nomor', { skip }, () => {
  const browser = browserOfSuite()

  for (const [device, viewport] of Object.entries(widths)) {
    const act = actAt(browser, viewport)

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

    test(`nomor: ${device}: a line that is dead though the browser has none of it: the same (WUR1, WUR3)`, () =>
      act(
        async ({ page, stand, visit }) => {
          await page.route(/\/(api|health)\b/, route => route.abort())
          await visit('beli')
          await page.getByRole('button', { name: 'Coba lagi' }).waitFor()
          equal(await page.evaluate('navigator.onLine'), true)
          await page.unroute(/\/(api|health)\b/)
          await page.getByRole('link', { name: /Telegram/ }).waitFor()

          // Whoever answers has another trouble: nobody is pestered.
          stand.instead.set('GET /api/v1/services', () => no(503, 'OVERLOADED'))
          await page.reload()
          await page.getByRole('button', { name: 'Coba lagi' }).waitFor()
          const asked = stand.asked.length
          await page.waitForTimeout(3_000)
          equal(stand.asked.length, asked)
        },
        { allow: /ERR_FAILED|503/ },
      ))

    test(`nomor: ${device}: a dead line is looked for less and less often (WUR2)`, () =>
      act(
        async ({ page, visit }) => {
          await page.addInitScript(countLooks)
          await page.route(/\/(api|health)\b/, route => route.abort())
          await visit('beli')
          await page.clock.pauseAt(Date.now() + 3_600_000)
          await page.reload()
          await page.getByRole('button', { name: 'Coba lagi' }).waitFor()
          for (const [looks, pauseMs] of [2_000, 4_000, 8_000, 16_000].entries()) {
            while (Number(await page.evaluate('looks.ended')) < looks) await page.waitForTimeout(20)
            await page.clock.runFor(pauseMs - 100)
            await page.waitForTimeout(100)
            equal(await page.evaluate('looks.begun'), looks)
            await page.clock.runFor(100)
            equal(await page.evaluate('looks.begun'), looks + 1)
          }
        },
        { allow: /ERR_FAILED/, clock: true },
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
    shortVisit(browser, { colorScheme: 'dark' }, async ({ page, stand, url }) => {
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
    shortVisit(browser, {}, async ({ page, url }) => {
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
      await shortVisit(browser, { reducedMotion }, async ({ page, url }) => {
        await page.goto(`${url}/nomor`)
        await page.locator('.scene').waitFor()
        const moving = await page.evaluate('document.getAnimations().length')
        equal(Number(moving) > 0, reducedMotion === 'no-preference')
      })
    }
  })

  test('nomor: ahead: the list of apps is asked for before its page is there, and once (WNU2)', () =>
    shortVisit(browser, {}, async ({ page, stand, url }) => {
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

  test('nomor: first view: under 150 kB compressed, all from here, and nothing waits for an answer (WNA1)', () =>
    shortVisit(browser, {}, async ({ page, stand, url }) => {
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
    shortVisit(browser, { worker: true }, async ({ page, context, stand, url }) => {
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
    shortVisit(browser, { worker: true }, async ({ page, stand, url }) => {
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
    shortVisit(browser, {}, async ({ page, url }) => {
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
})
