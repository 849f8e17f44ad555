/** The number pages in a real browser, at a phone's and a desk's width, against a stand-in. */

import { deepEqual } from 'node:assert/strict'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { NomorStandIn } from './nomor-stand-in.fixture.ts'

export const widths = { phone: { width: 390, height: 844 }, desk: { width: 1440, height: 900 } }

type Conditions = {
  readonly signedIn?: boolean
  readonly clock?: boolean
  /** What the browser itself logs of an answer that the story is about. */
  readonly allow?: RegExp
}
type Scene = {
  readonly page: Page
  readonly context: BrowserContext
  readonly stand: NomorStandIn
  readonly url: string
  readonly visit: (place: string) => Promise<unknown>
}

export const heading = (page: Page, name: string | RegExp) =>
  page.getByRole('heading', { level: 1, name }).waitFor()

export const says = (page: Page, words: string | RegExp) => page.getByText(words).first().waitFor()

export async function enter(page: Page): Promise<void> {
  await page.getByLabel('Email').fill('sari@contoh.test')
  await page.getByLabel('Kata sandi').fill('rahasia-123')
  await page.getByRole('main').getByRole('button', { name: 'Masuk' }).click()
}

/** A fresh stand-in and a fresh page; afterwards the page may not have complained. */
export const actAt =
  (browser: () => Browser, viewport: { readonly width: number; readonly height: number }) =>
  async (story: (scene: Scene) => Promise<void>, how: Conditions = {}): Promise<void> => {
    const stand = new NomorStandIn()
    const url = await stand.listen()
    const context = await browser().newContext({
      viewport,
      colorScheme: 'light',
      reducedMotion: 'reduce',
      serviceWorkers: 'block',
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('pageerror', error => complaints.push(error.message))
    page.on('console', said => {
      const told = said.type() === 'error' || said.type() === 'warning'
      const expected = /registration blocked by Playwright/.test(said.text())
      if (told && !expected && !how.allow?.test(said.text())) complaints.push(said.text())
    })
    const visit = (place: string) => page.goto(`${url}/nomor#/${place}`)
    try {
      if (how.clock) await page.clock.install()
      if (how.signedIn !== false) {
        await visit('masuk')
        await enter(page)
        await heading(page, 'Halo, Sari!')
      }
      await story({ page, context, stand, url, visit })
      deepEqual(complaints, [])
    } finally {
      await context.close()
      stand.close()
    }
  }

type Short = {
  readonly colorScheme?: 'dark' | 'light'
  readonly reducedMotion?: 'reduce' | 'no-preference'
  readonly clock?: boolean
  readonly worker?: boolean
}

/** On a phone, with nobody signed in. */
export async function shortVisit(
  browser: () => Browser,
  { clock = false, worker = false, ...how }: Short,
  story: (scene: Omit<Scene, 'visit'>) => Promise<void>,
): Promise<void> {
  const stand = new NomorStandIn()
  const url = await stand.listen()
  const context = await browser().newContext({
    ...{ viewport: widths.phone, reducedMotion: 'reduce', ...how },
    serviceWorkers: worker ? 'allow' : 'block',
  })
  try {
    const page = await context.newPage()
    if (clock) await page.clock.install()
    await story({ page, context, stand, url })
  } finally {
    await context.close()
    stand.close()
  }
}
