/**
 * The box in the browser, as a whole: the page of the running program in a real Chromium, the
 * sandbox's customer who pays, and what the merchant's proof says afterwards. What the test knows
 * of the page is what a person sees and hears; of speech and tones it counts what was asked for.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import { browserOfSuite, skip } from '../../gateway/ui/chromium.fixture.ts'
import { tooFaint, tooSmall, tooWide } from '../../gateway/ui/eyes.fixture.ts'
import type { Json } from './reseller.ts'
import { type Engine, Stage, until } from './stage.ts'

const waitMsMax = 60_000
/** A payment counts as missed after 55 s, and is told as such when the box is back. */
const missedMsMax = 120_000

const devices = {
  phone: { viewport: { width: 390, height: 844 }, amount: 50_123 },
  desk: { viewport: { width: 1_440, height: 900 }, amount: 61_500 },
} as const

/** Counts what goes to the loudspeaker, and lets it go there. */
const listening = `
  globalThis.heard = { words: [], tones: 0 }
  const speak = SpeechSynthesis.prototype.speak
  SpeechSynthesis.prototype.speak = function (said) {
    heard.words.push(said.text)
    return speak.call(this, said)
  }
  const start = OscillatorNode.prototype.start
  OscillatorNode.prototype.start = function (...at) {
    heard.tones++
    return start.apply(this, at)
  }`

/** A browser with an Indonesian voice, which this one may lack: it says what it is given. */
const talking = `
  globalThis.heard = { words: [], tones: 0 }
  const voice = { lang: 'id-ID', name: 'Suara', default: true }
  globalThis.SpeechSynthesisUtterance = class { constructor(text) { this.text = text } }
  Object.defineProperty(globalThis, 'speechSynthesis', { value: {
    addEventListener() {},
    getVoices: () => [{ lang: 'en-US' }, voice],
    cancel() {},
    speak(said) {
      heard.words.push([said.text, said.lang, said.voice === voice])
      setTimeout(() => said.onstart?.(), 10)
      setTimeout(() => said.onend?.(), 60)
    },
  } })`

describe('kotak', { skip }, () => {
  const browser = browserOfSuite()
  let stage: Stage
  let engine: Engine
  let demo: Json
  let token: string
  before(async () => {
    stage = new Stage()
    await stage.startSandbox()
    engine = await stage.start()
    demo = JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'))
    const { email, password } = demo.admin
    ;({ token } = await desk('POST', 'login', { email, password }))
  })
  after(() => stage.close())

  async function desk(method: string, path: string, wish?: object): Promise<Json> {
    const answer = await fetch(`${engine.http}/admin/${path}`, {
      method,
      headers: {
        ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        'idempotency-key': `kotak-${keys++}`,
      },
      ...(wish === undefined ? {} : { body: JSON.stringify(wish) }),
    })
    const said = await answer.text()
    ok(answer.ok, said)
    return JSON.parse(said)
  }
  let keys = 0

  /** The one payment of this amount, once its proof stands there. */
  const proof = (amount: number, outcome: string): Promise<Json> =>
    until(`${amount} ${outcome}`, missedMsMax, async () => {
      const { rows } = await desk('GET', 'transactions')
      const own = rows.filter((row: Json) => row.amount === amount)
      ok(own.length <= 1)
      return own[0]?.sound?.outcome === outcome && own[0]
    })
  const device = () => desk('GET', `devices/${demo.device.id}`)
  const isOnline = (wanted: boolean) =>
    until(`online: ${wanted}`, waitMsMax, async () => (await device()).health.online === wanted)

  for (const [name, { viewport, amount }] of Object.entries(devices)) {
    describe(name, () => {
      let context: BrowserContext
      let page: Page
      const complaints: string[] = []
      before(async () => {
        context = await browser().newContext({ viewport, reducedMotion: 'reduce' })
        await context.addInitScript(listening)
        page = await visitor(context, complaints)
      })
      after(() => context.close())

      const fits = async (what: string) => {
        for (const look of [tooWide, tooSmall, tooFaint]) {
          deepEqual(await page.evaluate(look), [], what)
        }
      }
      const quiet = () => deepEqual(complaints.splice(0), [])

      test(`kotak: ${name}: the front page leads here; without a press nothing sounds (VBK1, VBV1)`, async () => {
        await page.goto(engine.http)
        await page.getByRole('link', { name: 'Kotak suara' }).click()
        await page.getByText('Belum tersambung').waitFor()
        await page.getByRole('button', { name: 'Pakai kotak demo' }).waitFor()
        equal(await page.getByLabel('ID perangkat').inputValue(), '')
        equal((await heard(page)).tones, 0)
        await fits('start')
      })

      test(`kotak: ${name}: a wrong secret is told kindly, and not tried again (VBK3, VBL2)`, async () => {
        await page.getByRole('button', { name: 'Sambungkan' }).click()
        await page.getByText('Isi dulu ID perangkatnya').waitFor()
        await page.getByLabel('ID perangkat').fill(demo.device.id)
        await page.getByLabel('Rahasia perangkat').fill('bukan rahasianya')
        await page.getByRole('button', { name: 'Sambungkan' }).click()
        await page.getByText('ID atau rahasianya belum cocok').waitFor()
        await page.locator('body[data-line=refused]').waitFor()
        equal(await page.evaluate(kept), null)
        await fits('refused')
        quiet()
      })

      test(`kotak: ${name}: one press, and the demo’s box is connected (VBK2, VBK4)`, async () => {
        await page.getByRole('button', { name: 'Pakai kotak demo' }).click()
        await connected(page)
        await isOnline(true)
        await until('a heartbeat', waitMsMax, async () => {
          return (await device()).health.firmware === 'kotak-web-1'
        })
        equal(await page.evaluate('localStorage.getItem("kotak")'), null)
        await page.getByText('Suaranya belum dinyalakan').waitFor()
        await fits('connected')
        quiet()
      })

      test(`kotak: ${name}: a QR, a customer, and it is heard once: its proof is played (VBK1, VBV2)`, async () => {
        const mode = await soundOn(page)
        await page.getByLabel('Jumlah').fill(String(amount))
        await page.getByRole('button', { name: 'Buat QR' }).click()
        await page.getByRole('img', { name: /^Kode QR/ }).waitFor()
        await fits('QR')
        const before = await heard(page)
        await page.getByRole('button', { name: 'Pura-pura jadi pembeli' }).click()
        await page.locator(`li[data-status=${mode}]`).waitFor()
        await page.locator('#sentence', { hasText: /rupiah/ }).waitFor()
        await page.getByText('Lunas').waitFor()
        const { sound, status } = await proof(amount, 'played')
        equal(status, 'paid')
        equal(await page.locator('li[data-message]').getAttribute('data-message'), sound.message_id)
        const now = await heard(page)
        equal(now.tones - before.tones, 2)
        if (mode === 'played') equal(now.words.length - before.words.length, 1)
        else await page.getByText('Peramban ini belum bisa bicara').waitFor()
        await fits('paid')
        quiet()
      })

      test(`kotak: ${name}: after a reload it is connected, and says nothing again (VBX1, VBK2)`, async () => {
        await page.reload()
        await connected(page)
        await soundOn(page)
        const before = await heard(page)
        const test = await order('play_test', {})
        equal(test.status, 'done')
        equal(await page.locator('li[data-message]').count(), 1)
        equal((await heard(page)).tones - before.tones, 2)
        quiet()
      })

      test(`kotak: ${name}: settings and commands from the desk are done and told (VBX5)`, async () => {
        const volume = name === 'phone' ? 35 : 45
        await desk('PATCH', `devices/${demo.device.id}/config`, { values: { volume } })
        await page.getByText(`${volume} %`).waitFor()
        await until('no drift', waitMsMax, async () => {
          const { drift, reported } = await desk('GET', `devices/${demo.device.id}/config`)
          return drift === false && reported.version > 0
        })
        equal((await order('volume', { level: 80 })).status, 'done')
        await page.getByText('80 %').waitFor()
        const firmware = { url: 'https://laju.example/f.bin', sha256: 'a'.repeat(64) }
        const { status, message } = await order('ota', firmware)
        deepEqual([status, /peramban/.test(message)], ['failed', true])
        equal((await order('reboot', {})).status, 'done')
        await connected(page)
        await isOnline(true)
        quiet()
      })
    })
  }

  /** A command from the desk, and how it ended. */
  async function order(type: string, args: object): Promise<Json> {
    const path = `devices/${demo.device.id}/commands`
    const { command_id } = await desk('POST', path, { type, args })
    return await until(`${type} to end`, waitMsMax, async () => {
      const { rows } = await desk('GET', path)
      const one = rows.find((row: Json) => row.command_id === command_id)
      return ['done', 'failed'].includes(one.status) && one
    })
  }

  test('kotak: a second window takes over, and neither fights for it (VBL3)', async t => {
    const context = await browser().newContext()
    t.after(() => context.close())
    const first = await visitor(context)
    const second = await visitor(context)
    for (const page of [first, second]) {
      await page.goto(`${engine.http}/kotak`)
      await page.getByRole('button', { name: 'Pakai kotak demo' }).click()
      await connected(page)
    }
    await first.getByText('Kotak ini sedang dipakai').waitFor()
    const stranger = await browser().newContext()
    t.after(() => stranger.close())
    const third = await visitor(stranger)
    await third.goto(`${engine.http}/kotak`)
    await third.getByRole('button', { name: 'Pakai kotak demo' }).click()
    const gaveUp = 'body[data-line=elsewhere]'
    await Promise.race([second.locator(gaveUp).waitFor(), third.locator(gaveUp).waitFor()])
    await isOnline(true)
    await first.getByRole('button', { name: 'Pakai di sini' }).click()
    await connected(first)
  })

  test('kotak: a browser with a voice speaks Indonesian, each payment once (VBV3, VBV4)', async t => {
    const context = await browser().newContext()
    t.after(() => context.close())
    await context.addInitScript(talking)
    const page = await visitor(context)
    await page.goto(`${engine.http}/kotak`)
    await page.getByRole('button', { name: 'Nyalakan suara' }).click()
    await page.getByText('Setiap pembayaran akan diucapkan').waitFor()
    await page.getByRole('button', { name: 'Pakai kotak demo' }).click()
    await connected(page)
    await buy(page, 7_001)
    await page.locator('li[data-status=played]').waitFor()
    await proof(7_001, 'played')
    const { words } = await heard(page)
    deepEqual(words.slice(1), [['Pembayaran tujuh ribu satu rupiah diterima', 'id-ID', true]])
    await page.reload()
    await connected(page)
    await page.getByText('Sudah diucapkan').waitFor()
    deepEqual((await heard(page)).words, [])
  })

  test('kotak: without network: the lamp says so; missed payments come as a summary, unspoken (VBL1, VBX4)', async t => {
    const context = await browser().newContext()
    t.after(() => context.close())
    await context.addInitScript(listening)
    const page = await visitor(context)
    await page.goto(`${engine.http}/kotak`)
    await page.getByRole('button', { name: 'Pakai kotak demo' }).click()
    await connected(page)
    await soundOn(page)
    await page.getByLabel('Jumlah').fill('8.001')
    await page.getByRole('button', { name: 'Buat QR' }).click()
    await page.getByRole('img', { name: /^Kode QR/ }).waitFor()
    const before = await heard(page)
    await context.setOffline(true)
    await page.getByText('Tidak ada jaringan').waitFor()
    const qr_string = String((await row(8_001)).qr_string)
    const pay = { method: 'POST', body: JSON.stringify({ qr_string }) }
    equal((await fetch(`${stage.sandboxUrl}/_sandbox/pay`, pay)).status, 200)
    await proof(8_001, 'digest')
    await isOnline(false)
    equal((await device()).missed, 1)
    await context.setOffline(false)
    await connected(page)
    const summary = page.locator('li[data-kind=summary]')
    await summary.waitFor()
    match(String(await summary.textContent()), /1 pembayaran terlewat, total Rp8\.001/)
    deepEqual(await heard(page), before)
    await until('the acknowledgement', waitMsMax, async () => (await device()).missed === 0)
  })

  const row = async (amount: number): Promise<Json> =>
    (await desk('GET', 'transactions')).rows.find((one: Json) => one.amount === amount)

  async function buy(page: Page, amount: number): Promise<void> {
    await page.getByLabel('Jumlah').fill(String(amount))
    await page.getByRole('button', { name: 'Buat QR' }).click()
    await page.getByRole('button', { name: 'Pura-pura jadi pembeli' }).click()
  }
})

async function visitor(context: BrowserContext, complaints: string[] = []): Promise<Page> {
  const page = await context.newPage()
  page.setDefaultTimeout(waitMsMax)
  page.on('pageerror', error => complaints.push(error.message))
  page.on('console', said => {
    if (said.type() === 'error' || said.type() === 'warning') complaints.push(said.text())
  })
  return page
}

const connected = (page: Page) => page.locator('body[data-line=connected]').waitFor()

/** How payments are heard in this browser: said, or chimed. */
async function soundOn(page: Page): Promise<'played' | 'chimed'> {
  await page.getByRole('button', { name: 'Nyalakan suara' }).click()
  await page.locator('body:not([data-sound=off])').waitFor()
  return (await page.locator('body[data-sound=speech]').count()) === 1 ? 'played' : 'chimed'
}

type Heard = { readonly words: readonly unknown[]; readonly tones: number }
const heard = (page: Page) => page.evaluate('heard') as Promise<Heard>
const kept = `sessionStorage.getItem('kotak')`
