/** The reference page in a real browser, at a phone's and a desk's width. */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { Stage } from '../scripted.fixture.ts'
import { browserOfSuite, skip } from './chromium.fixture.ts'

const widths = { phone: { width: 390, height: 844 }, desk: { width: 1440, height: 900 } }

describe('docs', { skip }, () => {
  const browser = browserOfSuite()
  let stage: Stage
  before(async () => {
    stage = await Stage.open()
  })
  after(() => stage.close())

  for (const [device, viewport] of Object.entries(widths)) {
    const visit = async (place: string, story: (page: Page) => Promise<void>) => {
      const permissions = ['clipboard-read', 'clipboard-write']
      const context = await browser().newContext({ viewport, permissions })
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('pageerror', error => complaints.push(error.message))
      page.on('console', said => {
        if (said.type() === 'error' || said.type() === 'warning') complaints.push(said.text())
      })
      try {
        await page.goto(`${stage.url}/docs${place}`)
        await page.locator('#search').waitFor()
        await story(page)
        const wide = await page.evaluate('document.documentElement.scrollWidth')
        ok(Number(wide) <= viewport.width, `${wide} wide`)
        deepEqual(complaints, [])
      } finally {
        await context.close()
      }
    }
    const shown = (page: Page) => page.locator('.op:visible')

    test(`docs: ${device}: a search shows what has all its words, and no other (OAG1)`, () =>
      visit('', async page => {
        const all = await shown(page).count()
        ok(all > 100)
        await page.fill('#search', 'unlock-pin')
        equal(await shown(page).count(), 1)
        await page.locator('.op[open] pre', { hasText: 'unlock-pin' }).waitFor()
        await page.fill('#search', 'zzzz')
        await page.locator('#nothing').waitFor()
        await page.locator('#search').press('Escape')
        equal(await shown(page).count(), all)
      }))

    test(`docs: ${device}: a chapter’s name finds all that is in it (OAG1)`, () =>
      visit('', async page => {
        await page.fill('#search', 'penjual digiflazz')
        equal(await shown(page).count(), 1)
      }))

    test(`docs: ${device}: an address opens its operation, and its example is copied (OAG2)`, () =>
      visit('#place', async page => {
        const fold = page.locator('#place[open]')
        await fold.waitFor()
        await fold.locator('button').click()
        await fold.getByText('Tersalin').waitFor()
        const text = String(await page.evaluate('navigator.clipboard.readText()'))
        match(text, /^laju POST '\/api\/v1\/transactions' '\{\n/)
      }))

    test(`docs: ${device}: the list of contents leads to its chapter (OAG1)`, () =>
      visit('', async page => {
        if (device === 'phone') await page.locator('#contents > summary').click()
        await page.locator('nav a[href="#webhooks"]').click()
        await page.waitForURL(/#webhooks$/)
        await page.locator('#webhooks h2').waitFor()
        equal(await page.locator('nav').isVisible(), device === 'desk')
      }))
  }
})
