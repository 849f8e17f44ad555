/** The office's door in a real browser: a second factor is set up, then asked for. */

import { deepEqual, ok } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { answers } from '../operations.fixture.ts'
import { Stage, userId } from '../scripted.fixture.ts'
import { browserOfSuite, skip } from './chromium.fixture.ts'
import { tooWide } from './eyes.fixture.ts'

const waitMsMax = 60_000

const sid = '5b1c8a52-6f0e-4b5e-9a43-0d7c1f2e3a4b'
const secret = 'MINU7IF2REKEGGZMIIBORBBPIM7RUWCS'
const uri = `otpauth://totp/Laju:ani%40laju.test?issuer=Laju&secret=${secret}`

function token(): string {
  const of = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const s = Math.floor(Date.now() / 1_000)
  const claims = of({ sub: userId, sid, role: 'admin', iat: s, exp: s + 3_600 })
  const signed = `${of({ alg: 'HS256', typ: 'JWT' })}.${claims}`
  return `${signed}.${createHmac('sha256', 'of the session').update(signed).digest('base64url')}`
}

describe('second factor: the office’s door', { skip }, () => {
  const browser = browserOfSuite()
  let stage: Stage
  let isSetUp = false

  before(async () => {
    stage = await Stage.open({
      ...answers,
      'audit.add': () => ({ ok: null }) as never,
      'session.card': () => ({
        ...{ userId, username: 'ani', name: 'Ani', level: 0, role: 'admin', status: 'active' },
        ...{ sid, secret: 'of the session', ipAllow: [], ratePerMin: 0, merchant: null },
        email: 'ani@laju.test',
      }),
      'totp.enrol': () => ({ ok: { secret, uri } }),
      'totp.confirm': ({ code }) => {
        if (code !== '123456') return { refused: 'SECOND_FACTOR_WRONG', moneyEffect: 'none' }
        isSetUp = true
        return { ok: { recoveryCodes: ['AAAAA-BBBBB', 'CCCCC-DDDDD'] } }
      },
      'session.login': ({ code }) => {
        if (!isSetUp) return { refused: 'SECOND_FACTOR_UNSET', moneyEffect: 'none' }
        if (code === undefined) return { refused: 'SECOND_FACTOR_REQUIRED', moneyEffect: 'none' }
        if (code !== '654321') return { refused: 'SECOND_FACTOR_WRONG', moneyEffect: 'none' }
        return {
          ok: {
            ...{ accessToken: token(), expiresAt: Date.now() + 3_600_000, refresh: 'r' },
            ...{ refreshExpiresAt: Date.now() + 3_600_000, merchant: null },
            user: { userId, username: 'ani', name: 'Ani', role: 'admin', level: 0 },
          },
        }
      },
    })
  })
  after(() => stage.close())

  test('second factor: set up at the door, kept, and asked for from then on (PEB5, PEC1)', async () => {
    const page = await browser().newPage({ viewport: { width: 390, height: 844 } })
    page.setDefaultTimeout(waitMsMax)
    await page.goto(`${stage.url}/kantor`)
    const signIn = async (code?: string) => {
      await page.fill('input[type=email]', 'ani@laju.test')
      await page.fill('input[type=password]', 'rahasia')
      if (code !== undefined) await page.fill('input[autocomplete=one-time-code]', code)
      await page.click('button[type=submit]')
    }
    await signIn()
    await page.click('button:has-text("Mulai")')
    await page.waitForSelector('svg.qr')
    await page.waitForSelector(`text=${secret}`)
    deepEqual(await page.evaluate(tooWide), [])
    await page.fill('input[autocomplete=one-time-code]', '000000')
    await page.click('button[type=submit]')
    await page.waitForSelector('text=Kode salah')
    await page.fill('input[autocomplete=one-time-code]', '123456')
    await page.click('button[type=submit]')
    await page.waitForSelector('text=AAAAA-BBBBB')
    deepEqual(await page.evaluate(tooWide), [])
    await page.click('button:has-text("Sudah kusimpan")')
    await signIn()
    await page.waitForSelector('input[autocomplete=one-time-code]:visible')
    await signIn('111111')
    await page.waitForSelector('text=Kode salah')
    await signIn('654321')
    await page.waitForURL(/beranda/)
    ok(stage.askedOf('totp.enrol').every(one => one.name === 'ani@laju.test'))
    await page.close()
  })
})
