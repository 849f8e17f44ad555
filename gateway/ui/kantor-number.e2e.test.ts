/**
 * The office's pages about virtual numbers in a real browser, at a phone's and a desk's width,
 * against the real gateway with a scripted mesh behind it.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { Role, SessionCard } from '../../services/contract/identity.ts'
import { answers } from '../operations.fixture.ts'
import { Stage, trxId, userId } from '../scripted.fixture.ts'
import { browserOfSuite, skip } from './chromium.fixture.ts'
import { tooFaint, tooSmall, tooWide } from './eyes.fixture.ts'

const waitMsMax = 60_000
/** Where pictures go, for whoever wants to look. */
const pictures = process.env['PICTURES']

const sizes = {
  phone: { width: 390, height: 844 },
  desk: { width: 1440, height: 900 },
} as const
const lights = ['light', 'dark'] as const
const places = [
  ...['nomor', 'nomor-order', 'nomor-pengguna', 'nomor-deposit', 'nomor-harga', 'nomor-laba'],
  ...['nomor-pemasok', 'nomor-nama', 'nomor-tinjauan', 'nomor-pengaturan'],
  ...[`nomor-order/${trxId}`, `nomor-pengguna/${userId}`],
]

const sid = '5b1c8a52-6f0e-4b5e-9a43-0d7c1f2e3a4b'
const card = (role: Role): SessionCard => ({
  ...{ userId, username: 'ani@laju.test', name: 'Ani', level: 0, role, status: 'active' },
  ...{ sid, secret: 'of the session', ipAllow: [], ratePerMin: 0, merchant: null },
  email: 'ani@laju.test',
})

function tokenOf({ secret }: SessionCard): string {
  const of = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const s = Math.floor(Date.now() / 1_000)
  const signed = `${of({ alg: 'HS256', typ: 'JWT' })}.${of({ sub: userId, sid, role: 'x', iat: s, exp: s + 3_600 })}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

const open = (role: Role): Promise<Stage> =>
  Stage.open({
    ...answers,
    'session.card': () => card(role),
    'session.login': () => ({
      ok: {
        ...{ accessToken: tokenOf(card(role)), expiresAt: Date.now() + 3_600_000 },
        ...{ refreshToken: 'r', refreshExpiresAt: Date.now() + 3_600_000, merchant: null },
        user: { userId, username: 'ani', name: 'Ani', role, level: 0 },
      } as never,
    }),
    'idempotency.claim': () => ({ ok: { claim: 1 } }),
    'idempotency.keep': () => ({ ok: null }),
    'idempotency.release': () => ({ ok: null }),
    'intent.payout': params =>
      params.amount + params.fee > 1_000_000
        ? { refused: 'PAYOUT_LIMIT', details: { owed: 1_000_000 }, moneyEffect: 'none' }
        : answers['intent.payout']!(params),
    'numberDesk.profit': async ({ by, ...span }) => {
      const told = await answers['numberDesk.profit']!({ by, ...span })
      if (!('ok' in told) || by !== 'day') return told
      const [row] = told.ok.rows
      const rows = Array.from({ length: 14 }, (_, n) => ({
        ...{ ...row!, key: `2026-11-${String(8 + n).padStart(2, '0')}` },
        profit: (n % 4 === 1 ? -400 : 900) * n,
      }))
      return { ok: { ...told.ok, rows } }
    },
    'numberDesk.stats': async () => {
      const told = await answers['numberDesk.stats']!({})
      if (!('ok' in told)) return told
      const [day] = told.ok.days
      const days = Array.from({ length: 7 }, (_, n) => ({
        ...{ ...day!, day: `2026-01-0${n + 1}`, orders: 4 * n, codes: 3 * n },
        profit: n === 2 ? -1_500 : 1_000 * n,
      }))
      return { ok: { ...told.ok, days } }
    },
  })

describe('office: numbers', { skip }, () => {
  const browser = browserOfSuite()
  const stages: Stage[] = []
  before(async () => {
    if (pictures !== undefined) mkdirSync(pictures, { recursive: true })
  })
  after(async () => {
    await Promise.all(stages.map(stage => stage.close()))
  })

  type Size = keyof typeof sizes
  async function enter(role: Role, device: Size): Promise<{ stage: Stage; page: Page } & Hands> {
    const stage = await open(role)
    stages.push(stage)
    const viewport = sizes[device]
    const context = await browser().newContext({ viewport, reducedMotion: 'reduce' })
    const page = await context.newPage()
    page.setDefaultTimeout(waitMsMax)
    const complaints: string[] = []
    page.on('pageerror', error => complaints.push(error.message))
    page.on('console', said => {
      if (said.type() === 'error' || said.type() === 'warning') complaints.push(said.text())
    })
    await page.goto(`${stage.url}/kantor#/nomor`)
    await page.getByLabel('Email').fill('ani@laju.test')
    await page.getByLabel('Kata sandi').fill('rahasia-sekali')
    await page.getByRole('main').getByRole('button', { name: 'Masuk', exact: true }).click()
    await page.locator('body.inside').waitFor()
    return { stage, page, ...handsOf(page, stage, complaints) }
  }

  type Hands = {
    goTo: (place: string) => Promise<void>
    says: (words: string | RegExp) => Promise<void>
    gone: (css: string) => Promise<void>
    quiet: (allowed?: RegExp) => void
  }
  function handsOf(page: Page, stage: Stage, complaints: string[]): Hands {
    const gone = async (css: string) => {
      while ((await page.locator(css).count()) > 0) {
        await page.locator(css).first().waitFor({ state: 'detached' })
      }
    }
    return {
      gone,
      async goTo(place) {
        await page.goto(`${stage.url}/kantor#/${place}`)
        await page.locator('.tabs').waitFor()
        await page.locator('.page > :nth-child(3)').waitFor({ state: 'attached' })
        await gone('.skeleton')
      },
      says: words => page.getByRole('main').getByText(words).first().waitFor(),
      quiet(allowed) {
        deepEqual(
          complaints.splice(0).filter(one => allowed?.test(one) !== true),
          [],
        )
      },
    }
  }

  for (const device of ['phone', 'desk'] as const) {
    test(`kantor: ${device}: every page of the numbers: in both lights nothing too wide, small or faint`, async () => {
      const { page, goTo, quiet } = await enter('admin', device)
      for (const place of places) {
        await goTo(place)
        for (const colorScheme of lights) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
          for (const [what, rule] of Object.entries({ tooWide, tooSmall, tooFaint })) {
            deepEqual(await page.evaluate(rule), [], `${place} ${colorScheme} ${what}`)
          }
          if (pictures === undefined) continue
          const name = place.replace(/\/.*/, '-satu')
          const path = join(pictures, `${device}-${colorScheme}-${name}.png`)
          await page.screenshot({ path, fullPage: true })
        }
      }
      quiet()
    })

    test(`kantor: ${device}: a drawing: the same numbers stand in its table, losses below the line (WKC1, WKC2)`, async () => {
      const { page, goTo, quiet } = await enter('admin', device)
      await goTo('nomor')
      const figures = page.locator('figure.chart')
      equal(await figures.count(), 2)
      equal(await figures.first().locator('tbody tr').count(), 7)
      equal(await figures.first().locator('svg[role=img] rect').count(), 14)
      match((await figures.first().locator('svg').getAttribute('aria-label')) ?? '', /4 pesanan/)
      const losses = figures.nth(1).locator('rect.loss')
      equal(await losses.count(), 1)
      const zero = Number(await figures.nth(1).locator('line.axis').getAttribute('y1'))
      equal(Number(await losses.first().getAttribute('y')), zero)
      quiet()
    })

    test(`kantor: ${device}: a message: opened for a reason, gone with the page (WPO1)`, async () => {
      const { stage, page, goTo, says, quiet } = await enter('support', device)
      await goTo(`nomor-order/${trxId}`)
      const main = page.getByRole('main')
      equal(await main.getByText('Kode Anda 123').count(), 0)
      await main.locator('summary', { hasText: 'Buka isi pesan' }).click()
      await main.getByRole('button', { name: 'Buka isi pesan' }).click()
      await says('Tulis alasannya, paling sedikit lima huruf.')
      equal(stage.askedOf('numberDesk.reveal').length, 0)
      await main.getByLabel('Alasan').first().fill('pengguna menelepon')
      await main.getByRole('button', { name: 'Buka isi pesan' }).click()
      await says(/123 · Kode Anda 123/)
      equal(stage.askedOf('numberDesk.reveal').length, 1)
      const [{ action, details }] = stage.askedOf('audit.add').slice(-1) as never as [
        { action: string; details: { body: object } },
      ]
      deepEqual([action, details.body], ['number-order.reveal', { reason: 'pengguna menelepon' }])
      await goTo('nomor-order')
      await goTo(`nomor-order/${trxId}`)
      equal(await main.getByText('Kode Anda 123').count(), 0)
      quiet()
    })

    test(`kantor: ${device}: support: sees what is sold, not what is earned; no place for prices (WPN1)`, async () => {
      const { page, goTo, says, quiet } = await enter('support', device)
      await goTo('nomor')
      await says('Penjualan hari ini')
      equal(await page.getByText('Laba hari ini').count(), 0)
      equal(await page.locator('.tabs a', { hasText: 'Laba' }).count(), 0)
      equal(await page.locator('.tabs a', { hasText: 'Harga' }).count(), 0)
      await goTo(`nomor-pengguna/${userId}`)
      await says('Hanya untuk admin.')
      quiet()
    })

    test(`kantor: ${device}: a ban is seen, and lifted where it is seen (WPP1)`, async () => {
      const { stage, page, goTo, says, gone, quiet } = await enter('admin', device)
      await goTo(`nomor-pengguna/${userId}`)
      await says(/Diblokir: memberi kode ke orang lain/)
      const main = page.getByRole('main')
      await main.locator('summary', { hasText: 'Buka blokir' }).click()
      await main.getByLabel('Alasan').first().fill('sudah dijelaskan')
      await main.getByRole('button', { name: 'Buka blokir' }).click()
      await gone('details[open]')
      const by = 'ani@laju.test'
      deepEqual(stage.askedOf('numberDesk.unban'), [{ userId, by, reason: 'sudah dijelaskan' }])
      quiet()
    })

    test(`kantor: ${device}: a price: looked at before it is saved, and again after it was changed (WPQ1)`, async () => {
      const { stage, page, goTo, says, gone, quiet } = await enter('admin', device)
      await goTo('nomor-harga')
      const main = page.getByRole('main')
      await main.locator('summary', { hasText: 'Tambah atau ubah aturan' }).click()
      const save = main.getByRole('button', { name: 'Simpan aturan' })
      const see = main.getByRole('button', { name: 'Lihat akibatnya' })
      equal(await save.isVisible(), false)
      await see.click()
      await says('Tulis persen dari 0 sampai 1000.')
      await main.getByLabel('Persen', { exact: true }).fill('12,5')
      await main.getByLabel('Aplikasi').first().fill('telegram')
      await see.click()
      await says('1 dari 5 penawaran berubah harga.')
      if (pictures !== undefined) {
        await page.screenshot({
          path: join(pictures, `${device}-harga-akibat.png`),
          fullPage: true,
        })
      }
      await main.getByLabel('Persen', { exact: true }).fill('20')
      equal(await save.isVisible(), false)
      await see.click()
      await says('1 dari 5 penawaran berubah harga.')
      await main.getByLabel('Alasan').first().fill('promo akhir tahun')
      await save.click()
      await gone('details[open]')
      const [change] = stage.askedOf('markup.change')
      deepEqual(change!.rule, { kind: 'percent', rounding: 'up_100', percentBp: 2_000 })
      deepEqual([change!.place.service, change!.expects], ['telegram', 'none'])
      equal(stage.askedOf('markup.change').length, 1)
      equal(stage.askedOf('markup.preview').length, 2)
      quiet()
    })

    test(`kantor: ${device}: steps, changed in place: read back as they were written`, async () => {
      const { stage, page, goTo, says, quiet } = await enter('admin', device)
      await goTo('nomor-harga')
      const main = page.getByRole('main')
      await main.getByRole('button', { name: 'Ubah', exact: true }).first().click()
      equal(await main.getByLabel('Persen', { exact: true }).inputValue(), '25')
      await main.getByLabel('Cara menghitung').selectOption('tiered')
      await main.getByLabel('Tingkat').fill('5000; 30')
      await main.getByRole('button', { name: 'Lihat akibatnya' }).click()
      await says('Ada baris yang belum pas')
      await main.getByLabel('Tingkat').fill('5000; 30; 0\n*; 10; 1000')
      await main.getByRole('button', { name: 'Lihat akibatnya' }).click()
      await says('1 dari 5 penawaran berubah harga.')
      const [asked] = stage.askedOf('markup.preview')
      deepEqual(asked!.rule, {
        ...{ kind: 'tiered', rounding: 'up_100' },
        steps: [
          { upTo: 5_000, percentBp: 3_000, fixed: 0 },
          { upTo: null, percentBp: 1_000, fixed: 1_000 },
        ],
      })
      ok(asked!.place.service === 'whatsapp')
      quiet()
    })

    test(`kantor: ${device}: money in suspense: decided with a reason, and only when asked twice (WPR1, WUE2)`, async () => {
      const { stage, page, goTo, says, quiet } = await enter('finance', device)
      await goTo('nomor-deposit')
      const main = page.getByRole('main')
      await main.locator('summary', { hasText: 'Putuskan' }).click()
      const decide = main.getByRole('button', { name: 'Putuskan' })
      await decide.click()
      await says('Tulis alasannya, paling sedikit lima huruf.')
      await main.getByLabel('Alasan').first().fill('bukti transfer cocok')
      await decide.focus()
      await page.keyboard.down('Enter')
      await main.locator('[aria-disabled=false]', { hasText: 'Yakin? Tekan lagi' }).waitFor()
      // Held down.
      await page.keyboard.down('Enter')
      await page.keyboard.up('Enter')
      await main.getByRole('button', { name: 'Yakin? Tekan lagi' }).waitFor()
      equal(stage.askedOf('intent.resolve').length, 0)
      await main.getByRole('button', { name: 'Yakin? Tekan lagi' }).click()
      await says('Sudah.')
      const [asked] = stage.askedOf('intent.resolve')
      deepEqual([asked!.n, asked!.verdict, asked!.by], [1, 'credit', userId])
      quiet()
    })

    test(`kantor: ${device}: a gateway pays out: what it owes, and noting it, in two presses (WPV1)`, async () => {
      const { stage, page, goTo, says, quiet } = await enter('finance', device)
      await goTo('nomor-deposit')
      const main = page.getByRole('main')
      await says(/Rp\s1\.000\.000/)
      await main.locator('summary', { hasText: 'Catat pencairan' }).click()
      const note = main.getByRole('button', { name: 'Catat pencairan' })
      await note.click()
      await main.getByLabel('Yang masuk ke rekening').fill('1.500.000')
      await main.getByLabel('Biaya pencairan').fill('5.000')
      await main.getByLabel('Nomor referensi').fill('WD-2')
      await note.click()
      equal(stage.askedOf('intent.payout').length, 0)
      await main.getByRole('button', { name: 'Yakin? Tekan lagi' }).click()
      await says(/Melebihi dana yang ada di sana\. Yang belum dicairkan: Rp\s1\.000\.000/)
      if (pictures !== undefined) {
        await page.screenshot({ path: join(pictures, `${device}-pencairan.png`), fullPage: true })
      }
      await main.getByLabel('Yang masuk ke rekening').fill('995.000')
      await note.click()
      await main.getByRole('button', { name: 'Yakin? Tekan lagi' }).click()
      await main.locator('details[open]').waitFor({ state: 'detached' })
      const [, asked] = stage.askedOf('intent.payout')
      const { day, ...rest } = asked!
      match(day, /^\d{4}-\d\d-\d\d$/)
      const sums = { amount: 995_000, fee: 5_000 }
      deepEqual(rest, { gateway: 'atlantic', ref: 'WD-2', ...sums, by: userId })
      quiet(/422/)
    })

    test(`kantor: ${device}: a supplier: changed without its credentials being seen or sent (WPS1)`, async () => {
      const { stage, page, goTo, says, gone, quiet } = await enter('admin', device)
      await goTo('nomor-pemasok')
      await says('89 dari 100 nomor')
      const main = page.getByRole('main')
      await main.getByRole('button', { name: 'Tanyakan saldo' }).click()
      await says(/Saldo Rp\s1\.000\.000, dijawab dalam 80 milidetik/)
      await main.locator('summary', { hasText: 'Ubah pemasok' }).click()
      const secret = main.getByLabel('Kredensial api_key').first()
      deepEqual([await secret.inputValue(), await secret.getAttribute('type')], ['', 'password'])
      await main.getByLabel('Dipakai').first().selectOption('false')
      await main.getByLabel('Alasan').first().fill('sedang gangguan')
      await main.getByRole('button', { name: 'Ubah pemasok' }).click()
      await gone('details[open]')
      const [put] = stage.askedOf('numberSupplier.put')
      deepEqual([put!.credentials, put!.active, put!.code], [null, false, 'rumahotp'])
      quiet()
    })

    test(`kantor: ${device}: a refund above the limit: says who must agree as well (WPO1)`, async () => {
      const { stage, page, goTo, says, quiet } = await enter('finance', device)
      stage.scripts['numberHand.refunds'] = () => ({
        ok: {
          rows: [
            {
              ...{ id: 7, orderId: trxId, amount: 250_000, reason: 'kode tidak cocok' },
              ...{ supplier: null, by: 'budi@laju.test', byId: trxId, at: 1_767_323_045_678 },
            },
          ],
        },
      })
      await goTo(`nomor-order/${trxId}`)
      await says(/budi@laju.test meminta Rp\s250\.000 dikembalikan/)
      const main = page.getByRole('main')
      await main.getByRole('button', { name: 'Setujui pengembalian' }).click()
      equal(stage.askedOf('numberHand.refund').length, 0)
      await main.getByRole('button', { name: 'Yakin? Tekan lagi' }).click()
      await says('Sudah.')
      deepEqual(stage.askedOf('numberHand.refund')[0]!.by.userId, userId)
      quiet()
    })

    test(`kantor: ${device}: a supplier's word: joined with a reason, of the version that was seen (WPX1)`, async () => {
      const { stage, page, goTo, says, gone, quiet } = await enter('admin', device)
      await goTo('nomor-nama')
      await says('Amerika Serikat (united-states)')
      const main = page.getByRole('main')
      equal(await main.locator('summary', { hasText: 'Cabut keputusan ini' }).count(), 0)
      await main.getByLabel('Sebutan untuk').selectOption('country')
      await gone('.skeleton')
      await main.locator('summary', { hasText: 'Gabungkan atau beri nama' }).click()
      await main.getByLabel('Nama di daftar').fill('Amerika')
      await main.getByLabel('Alasan').fill('lebih singkat')
      await main.getByRole('button', { name: 'Gabungkan atau beri nama' }).click()
      await gone('details[open]')
      deepEqual(stage.askedOf('numberNames.put'), [
        {
          ...{ kind: 'country', word: 'usa', id: 'united-states', name: 'Amerika', version: 1 },
          ...{ reason: 'lebih singkat', by: 'ani@laju.test' },
        },
      ])
      quiet()
    })

    test(`kantor: ${device}: settings: only what was changed is sent`, async () => {
      const { stage, page, goTo, gone, quiet } = await enter('admin', device)
      await goTo('nomor-pengaturan')
      const main = page.getByRole('main')
      await main.locator('summary', { hasText: 'Simpan pengaturan' }).click()
      await main.getByLabel('Menunggu kode (menit)').fill('12')
      await main.getByLabel('Alasan').fill('pemasok lebih cepat')
      await main.getByRole('button', { name: 'Simpan pengaturan' }).click()
      await gone('details[open]')
      const [asked] = stage.askedOf('numberDesk.set')
      deepEqual([asked!.version, asked!.settings], [1, { waitMinutes: 12 }])
      quiet()
    })
  }
})
