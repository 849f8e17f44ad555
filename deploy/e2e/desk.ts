/**
 * A desk's page in a real browser, as a person has it: what it says, what can be pressed, and how it
 * looks. What a test knows of a page is what a person sees; what the page complains of, it hears.
 */

import { deepEqual } from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { browserOfSuite, skip } from '../../gateway/ui/chromium.fixture.ts'
import { tooFaint, tooSmall, tooWide } from '../../gateway/ui/eyes.fixture.ts'
import { Counter, type Person, waitMsMax } from './counter.ts'
import { Stage, until } from './stage.ts'

/** A phone's width and a desk's. */
const sizes = {
  phone: { width: 390, height: 844 },
  desk: { width: 1440, height: 900 },
} as const
type Device = keyof typeof sizes

/** Where pictures go, for whoever wants to look. */
const pictures = process.env['PICTURES']

type Said = {
  readonly qr_string: string
  readonly transaction_id: string
  readonly rows: readonly { readonly qr: string | null; readonly nmid: string }[]
}
type Area = 'toko' | 'kantor'
type Place = { readonly http: string; readonly area: Area; readonly device: Device }

/** A desk at one of the widths; `counter` and `desk` are there once a story begins. */
export type Scene = {
  readonly device: Device
  /** What a customer is asked for, another at each width; other amounts are made of it. */
  readonly charged: number
  counter: Counter
  desk: Desk
}

/** The same stories at each width, one after the other, with one shop for all of them. */
export function atEachWidth(name: string, area: Area, tell: (at: Scene) => void): void {
  describe(name, { skip }, () => {
    const browser = browserOfSuite()
    let stage: Stage
    let counter: Counter
    before(async () => {
      stage = new Stage()
      counter = await Counter.open(stage)
    })
    after(() => stage.close())

    for (const device of ['phone', 'desk'] as const) {
      describe(device, () => {
        const at = { device, charged: device === 'phone' ? 21_500 : 22_500 } as Scene
        before(async () => {
          at.counter = counter
          at.desk = await Desk.open(browser(), { http: counter.http, area, device })
        })
        after(() => at.desk.close())
        tell(at)
      })
    }
  })
}

export class Desk {
  /** The tab in front. */
  page!: Page
  readonly isPhone: boolean
  readonly #place: Place
  readonly #context: BrowserContext
  readonly #complaints: string[] = []

  private constructor(context: BrowserContext, place: Place) {
    this.#context = context
    this.#place = place
    this.isPhone = place.device === 'phone'
  }

  static async open(browser: Browser, place: Place): Promise<Desk> {
    const context = await browser.newContext({
      ...{ viewport: sizes[place.device], reducedMotion: 'reduce', acceptDownloads: true },
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    if (pictures !== undefined) mkdirSync(pictures, { recursive: true })
    const desk = new Desk(context, place)
    await desk.newTab()
    return desk
  }

  close(): Promise<void> {
    return this.#context.close()
  }

  newTab = async (): Promise<void> => {
    const page = await this.#context.newPage()
    page.setDefaultTimeout(waitMsMax)
    page.on('pageerror', error => this.#complaints.push(error.message))
    page.on('console', said => {
      if (said.type() === 'error' || said.type() === 'warning') this.#complaints.push(said.text())
    })
    this.page = page
  }

  // -- hands ---------------------------------------------------------------------------------

  visit = (place: string): Promise<unknown> =>
    this.page.goto(`${this.#place.http}/${this.#place.area}#/${place}`)

  /** A place of the menu, as it is when all is there. */
  goTo = async (place: string): Promise<void> => {
    await this.visit(place)
    const link = this.page.locator(`nav a[href="#/${place}"][aria-current=page]`)
    await link.waitFor({ state: 'attached' })
    await this.settled()
  }

  press = (name: string): Promise<void> =>
    this.main().getByRole('button', { name, exact: true }).click()

  unfold = (name: string): Promise<void> =>
    this.main().locator('summary', { hasText: name }).first().click()

  enter = async ({ email, password }: Person): Promise<void> => {
    await this.page.getByLabel('Email').fill(email)
    await this.page.getByLabel('Kata sandi').fill(password)
    await this.press('Masuk')
    await this.page.locator('body.inside').waitFor()
  }

  leave = async (): Promise<void> => {
    if (this.isPhone) await this.visit('lainnya')
    const where = this.isPhone ? this.main() : this.page.getByRole('navigation')
    await where.getByRole('button', { name: 'Keluar' }).click()
    await this.page.getByLabel('Email').waitFor()
  }

  // -- eyes ----------------------------------------------------------------------------------

  main = (): Locator => this.page.getByRole('main')

  says = (words: string | RegExp): Promise<void> => this.main().getByText(words).first().waitFor()

  heading = (name: string | RegExp): Promise<void> =>
    this.page.getByRole('heading', { level: 1, name }).waitFor()

  text = async (css: string): Promise<string> =>
    String(await this.page.locator(css).first().textContent())

  /** The page has come, and so has what it asked for. */
  settled = (): Promise<unknown> =>
    until('the page', waitMsMax, () =>
      this.page.evaluate(
        `document.querySelectorAll('.page > *').length > 1 && !document.querySelector('.skeleton')`,
      ),
    )

  /** Nothing was complained of since the last look, but for what is allowed. */
  quiet = (allowed?: RegExp): void =>
    deepEqual(
      this.#complaints.splice(0).filter(one => allowed?.test(one) !== true),
      [],
    )

  /** Broken rules of the page as it stands, in both lights, and a picture of each. */
  looksRight = async (name: string): Promise<void> => {
    const { area, device } = this.#place
    for (const colorScheme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      for (const [what, rule] of Object.entries({ tooWide, tooSmall, tooFaint })) {
        deepEqual(await this.page.evaluate(rule), [], `${name} ${colorScheme} ${what}`)
      }
      if (pictures === undefined) continue
      const path = join(pictures, `${area}-${device}-${colorScheme}-${name}.png`)
      await this.page.screenshot({ path, fullPage: true })
    }
  }

  /** Places of the menu, one after the other: none of them breaks a rule or complains. */
  allLookRight = async (places: readonly string[]): Promise<void> => {
    for (const place of places) {
      await this.goTo(place)
      await this.looksRight(place)
    }
    this.quiet()
  }

  /** As the page itself would ask. */
  ask = (path: string, body?: object): Promise<Said> =>
    this.page.evaluate(askInPage, {
      ...{ mark: `laju.${this.#place.area}`, path, body: JSON.stringify(body) },
    })
}

export const amountOf = (n: number): string => `Rp\u00a0${new Intl.NumberFormat('id-ID').format(n)}`

type Asked = { readonly mark: string; readonly path: string; readonly body: string | undefined }

/** Runs in the page, with the token of whoever is signed in there. */
const askInPage = async ({ mark, path, body }: Asked): Promise<Said> => {
  const kept = (globalThis as unknown as { sessionStorage: Record<string, string> }).sessionStorage
  const { token } = JSON.parse(kept[mark] ?? '{}')
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const wish = body === undefined ? {} : { method: 'POST', body }
  return (await (await fetch(path, { headers, ...wish })).json()) as Said
}
