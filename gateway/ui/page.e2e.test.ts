/** The page in a real browser, at a phone's and a desk's width, against a scripted gateway. */

import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { browserOfSuite, skip } from './chromium.fixture.ts'
import { tooFaint, tooSmall, tooWide } from './eyes.fixture.ts'
import { type Answer, type Asked, type Pulse, StandIn } from './stand-in.fixture.ts'

const paths = (process.env['PATH'] ?? '').split(delimiter)
const absent = ['bash', 'curl', 'openssl', 'node'].filter(
  tool => !paths.some(path => existsSync(join(path, tool))),
)
const missing = absent.length > 0 && `not on this machine: ${absent.join(', ')}`

type Order = Pulse['orders'][number]

type Conditions = {
  readonly first?: Pulse
  readonly still?: boolean
  readonly dark?: boolean
  readonly clock?: boolean
  readonly answer?: () => Promise<Answer>
  /** What the browser itself logs of an answer that the story is about. */
  readonly allow?: RegExp
}

const order = (n: number, more: Partial<Order> = {}): Order => ({
  trxId: `0190a1b2-0000-7000-8000-${String(n).padStart(12, '0')}`,
  product: 'XLD10',
  destination: '0878****1230',
  status: 'PROCESSING',
  price: 10_750,
  ms: 120,
  ...more,
})
const pulse = (orders: readonly Order[], more: Partial<Pulse> = {}): Pulse => ({
  orders,
  acceptedPerS: 1_284,
  completedPerS: 1_279.6,
  open: 37,
  ...more,
})
const accepted = (n: number, more: Record<string, unknown> = {}) => ({
  status: 200,
  body: {
    code: 200,
    data: { trx_id: order(n).trxId, status: 'PROCESSING', price: 10_750, ...more },
  },
})

const widths = { phone: { width: 390, height: 844 }, desk: { width: 1440, height: 900 } }

describe('page', { skip }, () => {
  const browser = browserOfSuite()

  for (const [device, viewport] of Object.entries(widths)) {
    /** A fresh gateway and a fresh page; afterwards neither may have complained. */
    const visit = async (
      story: (page: Page, gateway: StandIn) => Promise<void>,
      how: Conditions = {},
    ) => {
      const gateway = new StandIn()
      const url = await gateway.listen()
      const context = await browser().newContext({
        viewport,
        colorScheme: how.dark ? 'dark' : 'light',
        reducedMotion: how.still ? 'reduce' : 'no-preference',
        permissions: ['clipboard-read', 'clipboard-write'],
      })
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('pageerror', error => complaints.push(error.message))
      page.on('console', said => {
        const told = said.type() === 'error' || said.type() === 'warning'
        if (told && !how.allow?.test(said.text())) complaints.push(said.text())
      })
      try {
        if (how.clock) await page.clock.install()
        gateway.pulse(how.first ?? pulse([]))
        if (how.answer) gateway.answers(how.answer)
        await page.goto(url)
        await page.locator('body[data-link=live]').waitFor()
        await page.locator('#go:not(:empty)').waitFor({ state: 'attached' })
        await story(page, gateway)
        deepEqual(complaints, [])
      } finally {
        await context.close()
        gateway.close()
      }
    }
    const row = (page: Page, n: number) => page.locator(`[data-trx="${order(n).trxId}"]`)
    const reads = (page: Page, css: string, words: string) =>
      page.locator(css, { hasText: words }).waitFor()

    test(`page: ${device}: orders appear, move, and an end is never taken back (U1)`, () =>
      visit(async (page, gateway) => {
        await reads(page, '#empty', 'Belum ada pesanan. Coba beli satu di bawah.')
        gateway.pulse(pulse([order(1)]))
        await row(page, 1).getByText('Diproses').waitFor()
        await reads(page, '#completed', '1.280')
        gateway.pulse(pulse([order(1, { status: 'SUCCESS', ms: 312 })]))
        await row(page, 1).getByText('Sukses').waitFor()
        await row(page, 1).getByText('0,3 detik').waitFor()
        gateway.pulse(
          pulse([
            order(1, { status: 'PROCESSING', ms: 100 }),
            order(2, { status: 'FAILED', ms: 1_200 }),
            order(3, { ms: 4_500 }),
          ]),
        )
        await row(page, 2).getByText('Gagal').waitFor()
        await row(page, 3).getByText('Menunggu').waitFor()
        equal(await row(page, 1).getAttribute('data-stage'), 'done')
        equal(await page.locator('#empty').isVisible(), false)
      }))

    test(`page: ${device}: a flood fills a short list, and a pause holds it still (U2)`, () =>
      visit(
        async (page, gateway) => {
          const max = device === 'phone' ? 6 : 8
          equal(await page.locator('#orders li').count(), max)
          await page.getByRole('button', { name: 'Jeda' }).click()
          const still = await page.locator('#orders').textContent()
          for (let n = 100; n < 300; n += 20)
            gateway.pulse(pulse(Array.from({ length: 20 }, (_, i) => order(n + i))))
          gateway.pulse(pulse([], { open: 99 }))
          await reads(page, '#open', '99')
          await page.clock.fastForward(5_000)
          equal(await page.locator('#orders').textContent(), still)
          await page.getByRole('button', { name: 'Lanjutkan' }).click()
          await page.locator('[data-trx$="0000000299"]').waitFor()
          // While one slides out below, it is still in the document.
          ok((await page.locator('#orders li').count()) <= max + 2)
        },
        {
          clock: true,
          first: pulse(
            Array.from({ length: 20 }, (_, n) => order(n, { status: 'SUCCESS', ms: 200 })),
          ),
        },
      ))

    test(`page: ${device}: a lost line is told, numbers vanish, and it mends itself (U3)`, () =>
      visit(async (page, gateway) => {
        await reads(page, '#completed', '1.280')
        deepEqual(gateway.said, ['{"type":"watch"}'])
        gateway.cut()
        await reads(page, '#link', 'Sambungan terputus, sedang disambung lagi')
        equal(await page.locator('#completed').textContent(), '–')
        gateway.mend()
        await reads(page, '#link', 'Tersambung')
        await reads(page, '#completed', '1.280')
        deepEqual(gateway.said, ['{"type":"watch"}', '{"type":"watch"}'])
      }))

    test(`page: ${device}: a line gone silent is taken for lost and replaced (U3)`, () =>
      visit(
        async (page, gateway) => {
          gateway.bar()
          await page.clock.fastForward(45_000)
          await reads(page, '#link', 'Sambungan terputus')
          gateway.mend()
          await reads(page, '#link', 'Tersambung')
        },
        { clock: true },
      ))

    test(`page: ${device}: refused for good: it says so and does not come back (U3)`, () =>
      visit(
        async (page, gateway) => {
          gateway.refuse(4403)
          await reads(page, '#link', 'Tampilan langsung hanya ada di mode demo')
          await page.clock.fastForward(60_000)
          equal(gateway.said.length, 1)
        },
        { clock: true },
      ))

    test(`page: ${device}: a purchase is told to its happy end (U4)`, () =>
      visit(async (page, gateway) => {
        gateway.answers(async () => accepted(7))
        await page.locator('#go').click()
        await reads(page, '#story', 'Rp 10.750 ditahan')
        await reads(page, '#story', 'Sedang dibeli dari pemasok')
        await row(page, 7).getByText('Anda').waitFor()
        deepEqual(
          gateway.asked.map(({ path, body }) => [path, JSON.parse(body)]),
          [['/demo/buy', { product: 'XLD10', destination: '087800001230' }]],
        )
        gateway.pulse(pulse([order(7, { status: 'SUCCESS', ms: 312 })]))
        await reads(page, '#story', 'Berhasil dalam 0,3 detik')
        await reads(page, '#story', 'Rp 10.750 sudah dibayarkan')
        await row(page, 7).getByText('Sukses').waitFor()
      }))

    test(`page: ${device}: a waiting purchase says the money is safe, and a failed one that it is back (U4)`, () =>
      visit(async (page, gateway) => {
        gateway.answers(async () => accepted(8))
        await page.locator('[data-number="087800001234"]').click()
        await page.locator('#go').click()
        await reads(page, '#story', 'Sedang dibeli dari pemasok')
        gateway.pulse(pulse([order(8, { ms: 4_000 })]))
        await reads(page, '#story', 'tetap aman ditahan')
        gateway.cut()
        await reads(page, '#story', 'Sambungan sedang terputus. Pesanan tetap diurus')
        gateway.mend()
        await reads(page, '#story', 'tetap aman ditahan')
        gateway.pulse(pulse([order(8, { status: 'FAILED', ms: 8_000 })]))
        await reads(page, '#story', 'Rp 10.750 sudah kembali utuh')
        match(gateway.asked[0]!.body, /087800001234/)
      }))

    test(`page: ${device}: an end that overtakes the answer is not missed (U4)`, () =>
      visit(async (page, gateway) => {
        gateway.answers(async () => {
          gateway.pulse(pulse([order(9, { status: 'SUCCESS', ms: 90 })]))
          return accepted(9)
        })
        await page.locator('#go').click()
        await reads(page, '#story', 'Berhasil dalam 0,09 detik')
      }))

    test(`page: ${device}: no answer is not a no, and asking again is the same purchase (U4)`, () =>
      visit(
        async (page, gateway) => {
          const keys = () => gateway.asked.map(({ headers }) => headers['idempotency-key'])
          gateway.answers(async () => ({ status: 503, body: { error_code: 'UNREACHABLE' } }))
          await page.locator('#go').click()
          await reads(page, '#story', 'mungkin sudah diterima, mungkin juga belum')
          gateway.answers(async () => accepted(10))
          await page.getByRole('button', { name: 'Coba lagi' }).click()
          await reads(page, '#story', 'Sedang dibeli dari pemasok')
          await page.getByRole('button', { name: 'Beli lagi' }).click()
          await page.getByRole('button', { name: 'Beli lagi' }).waitFor()
          equal(keys().length, 3)
          equal(keys()[0], keys()[1])
          notEqual(keys()[1], keys()[2])
        },
        { allow: /status of 503/ },
      ))

    test(`page: ${device}: a refusal speaks in the server's own words (U4)`, () =>
      visit(
        async (page, gateway) => {
          const message = 'Nomor ini baru saja dibeli. Tidak ada uang yang terpakai.'
          gateway.answers(async () => ({
            status: 409,
            body: { error_code: 'TWIN_ORDER', message },
          }))
          await page.locator('#go').click()
          await reads(page, '#story', message)
          await reads(page, '#story', 'Coba nomor uji atau produk yang lain')
          await page.locator('#destination').fill('12ab')
          await page.locator('#go').click()
          await reads(page, '#destination-help', 'Nomornya belum pas')
          equal(gateway.asked.length, 1)
        },
        { allow: /status of 409/ },
      ))

    test(`page: ${device}: production: the form goes and a sentence stays (U5)`, () =>
      visit(
        async page => {
          await page.locator('#go').click()
          await reads(page, '#coba', 'Coba beli hanya ada di mode demo.')
          equal(await page.locator('#buy').isVisible(), false)
          equal(await page.locator('#to-buy').isVisible(), false)
        },
        { allow: /status of 404/ },
      ))

    for (const dark of [false, true]) {
      const light = dark ? 'dark' : 'light'
      test(`page: ${device}: ${light}: nothing scrolls sideways, targets are large, words are readable (U7)`, () =>
        visit(
          async (page, gateway) => {
            await page.locator('#go').click()
            await reads(page, '#story', 'Menunggu kabar dari pemasok')
            for (const tab of ['#tab-digiflazz', '#tab-rest']) {
              await page.locator(tab).click()
              deepEqual(await page.evaluate(tooWide), [])
              deepEqual(await page.evaluate(tooSmall), [])
              deepEqual(await page.evaluate(tooFaint), [])
            }
            gateway.cut()
            await reads(page, '#link', 'Sambungan terputus')
            deepEqual(await page.evaluate(tooWide), [])
            deepEqual(await page.evaluate(tooFaint), [])
          },
          { dark, still: true, first: everyStage, answer: async () => accepted(3) },
        ))
    }

    test(`page: ${device}: a summary is said once in a while, not at each pulse (U8)`, () =>
      visit(
        async (page, gateway) => {
          const summary = () => page.locator('#summary').textContent()
          await reads(page, '#open', '37')
          equal(await summary(), '')
          await page.clock.fastForward(15_000)
          const said = 'Sekarang 1.280 pesanan selesai per detik, 37 sedang berjalan.'
          await reads(page, '#summary', said)
          gateway.pulse(pulse([order(1)], { open: 38 }))
          await reads(page, '#open', '38')
          await page.clock.fastForward(5_000)
          equal(await summary(), said)
          await page.clock.fastForward(10_000)
          await reads(page, '#summary', '38 sedang berjalan')
        },
        { clock: true },
      ))

    test(`page: ${device}: less motion: the list changes without moving (U8)`, () =>
      visit(
        async (page, gateway) => {
          gateway.pulse(pulse([order(20)]))
          await row(page, 20).waitFor()
          equal(await page.evaluate('document.getAnimations().length'), 0)
        },
        { still: true, first: everyStage },
      ))

    const title = 'the commands on offer are copied whole and run as they are (U6)'
    test(`page: ${device}: ${title}`, { skip: missing }, () =>
      visit(async (page, gateway) => {
        const copied = async (id: string): Promise<string> => {
          await page.locator(`[data-copy=${id}]`).click()
          await page.locator(`[data-copy=${id}]`, { hasText: 'Tersalin' }).waitFor()
          return String(await page.evaluate('navigator.clipboard.readText()'))
        }
        gateway.answers(async () => ({ status: 200, body: { ok: true } }))
        await run(await copied('code-rest'))
        await page.locator('#tab-digiflazz').click()
        await run(await copied('code-digiflazz'))
        const [rest, digiflazz] = gateway.asked
        match(String(rest?.headers['x-timestamp']), /^\d{10}$/)
        equal(rest?.headers['x-api-key'], demo.hmac_key)
        equal(rest?.headers['x-signature'], signatureOf(rest!))
        match(JSON.parse(rest!.body).ref_id, /^coba-\d+$/)
        match(JSON.parse(rest!.body).destination, /^0878\d{8}$/)
        const { username, ref_id, sign, customer_no } = JSON.parse(digiflazz!.body)
        match(customer_no, /^0878\d{8}$/)
        equal(username, demo.username)
        equal(sign, md5(username + demo.api_key + ref_id))
        equal(await copied('code-base'), `${new URL(page.url()).origin}/h2h/v1`)
      }),
    )
  }
})

test('page: size: what the first view needs is under 40 kB (U7)', () => {
  const later = new Set(['buy.js', 'guide.js', 'cards.css', 'docs.css', 'docs.js'])
  const first = readdirSync(here, { withFileTypes: true })
    .filter(one => one.isFile())
    .map(one => one.name)
    .filter(name => !/\.ts$/.test(name) && !later.has(name))
  const bytes = first.reduce((sum, name) => sum + readFileSync(new URL(name, here)).length, 0)
  ok(bytes < 40_000, `${bytes} bytes in ${first.join(', ')}`)
})

test('page: words: the page itself holds no sentence but the one for no script (U9)', () => {
  const words = readFileSync(new URL('index.html', here), 'utf8')
    .replace(/<!--.*?-->|<title>Laju<\/title>|<noscript>.*<\/noscript>|<[^>]+>/gs, ' ')
    .replace(/–/g, ' ')
  equal(words.trim(), '')
  for (const name of readdirSync(here).filter(name => /(?<!\.id)\.js$/.test(name))) {
    const code = readFileSync(new URL(name, here), 'utf8')
    equal(/\b(pesanan|belum|sudah|uang|nomor|sambungan)\b/i.test(code), false, name)
  }
})

const here = new URL('./', import.meta.url)

const everyStage = pulse([
  order(1, { status: 'SUCCESS', ms: 312 }),
  order(2, { status: 'FAILED', ms: 900 }),
  order(3, { ms: 4_000 }),
  order(4, { status: 'REFUND', ms: 61_000 }),
  order(5, { product: 'A-PRODUCT-WITH-A-LONG-CODE' }),
])

const demo = { hmac_key: 'k_demo', hmac_secret: 's3cret', username: 'demo', api_key: 'a_demo' }

/** Runs what a stranger would paste, against demo data of this test. */
async function run(command: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'laju-ui-'))
  try {
    writeFileSync(join(folder, 'demo.json'), JSON.stringify({ reseller: demo }))
    const env = { ...process.env, DATA_DIR: folder }
    const { stdout } = await promisify(execFile)('bash', ['-euc', command], { env })
    equal(stdout, '{"ok":true}')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const signatureOf = ({ path, headers, body }: Asked): string =>
  createHmac('sha256', demo.hmac_secret)
    .update(`${headers['x-timestamp']}.POST.${path}.${body}`)
    .digest('hex')

const md5 = (words: string): string => createHash('md5').update(words).digest('hex')
