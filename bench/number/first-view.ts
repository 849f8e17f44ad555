/**
 * How soon a stranger can press the first button of `/nomor`, in Chromium made as slow as a cheap
 * phone on a bad line; beside it, how soon the same browser has a page with nothing in it.
 *
 *   asked for ─▶ the button is there ─▶ the last long task is over ─▶ interactive
 *
 * BQE1. Every round begins with an empty browser: nothing is known of a visit before.
 * BQE2. Where there is no Chromium nothing is told, and nothing is wrong.
 * BQE3. The browser leaves nothing behind, not even the files of its processes that were ended in
 *       the middle of their work: it has a temporary folder of its own.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Browser, chromium } from 'playwright-core'
import type { Measured } from '../beside.ts'
import { say } from '../turns.ts'

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
const viewport = { width: 390, height: 844 }
const slowdown = 4
const line = { latency: 150, bytesPerSecond: 1_600_000 / 8 }
const waitMsMax = 60_000
/** After the button, for long tasks that still come. */
const quietMs = 1_000

/** What the page notes of itself, before anything of ours runs. */
const watch = `
  window.seen = { at: 0, busyUntil: 0 }
  new PerformanceObserver(list => {
    for (const { startTime, duration } of list.getEntries()) {
      seen.busyUntil = Math.max(seen.busyUntil, startTime + duration)
    }
  }).observe({ type: 'longtask', buffered: true })
  const look = () => {
    if (seen.at === 0 && document.querySelector('main .huge')) seen.at = performance.now()
    else requestAnimationFrame(look)
  }
  look()
`

export async function firstView(http: string, rounds: number): Promise<readonly Measured[]> {
  if (!existsSync(executablePath)) {
    say(`no Chromium at ${executablePath}: the first view is not measured`)
    return []
  }
  const folder = await mkdtemp(join(tmpdir(), 'laju-browser-'))
  try {
    const browser = await chromium.launch({
      ...{ executablePath, args, env: { ...process.env, TMPDIR: folder } },
    })
    try {
      return await compared(browser, http, rounds)
    } finally {
      await browser.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function compared(browser: Browser, http: string, rounds: number): Promise<Measured[]> {
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const [bare, page] = [await visit(browser, `${http}/health`), await see(browser, http)]
    say(`first view ${round}: ${Math.round(page)} ms, nothing at all ${Math.round(bare)} ms`)
    // The first warms up the browser.
    if (round === 0) continue
    theirs.push(bare)
    ours.push(page)
  }
  const profile = `CPU ${slowdown} times slower, ${line.latency} ms, 1.6 Mbit/s`
  return [
    {
      ...{ figure: `first view until interactive, ${profile}`, unit: 'ms', most: 1_500, ours },
      ...{ baseline: theirs, baselineIs: 'a page with nothing in it, loaded' },
    },
  ]
}

async function slowPage(browser: Browser) {
  const context = await browser.newContext({ viewport, isMobile: true, hasTouch: true })
  const page = await context.newPage()
  page.setDefaultTimeout(waitMsMax)
  const devtools = await context.newCDPSession(page)
  await devtools.send('Network.enable')
  await devtools.send('Network.emulateNetworkConditions', {
    ...{ offline: false, latency: line.latency },
    ...{ downloadThroughput: line.bytesPerSecond, uploadThroughput: line.bytesPerSecond / 2 },
  })
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
  return { context, page }
}

async function visit(browser: Browser, url: string): Promise<number> {
  const { context, page } = await slowPage(browser)
  await page.goto(url)
  const ms = await page.evaluate<number>(
    `performance.getEntriesByType('navigation')[0].loadEventStart`,
  )
  await context.close()
  return ms
}

async function see(browser: Browser, http: string): Promise<number> {
  const { context, page } = await slowPage(browser)
  await page.addInitScript(watch)
  await page.goto(`${http}/nomor`)
  await page.locator('main .huge').first().waitFor()
  await pause(quietMs)
  const seen = await page.evaluate<{ at: number; busyUntil: number }>('window.seen')
  await context.close()
  return Math.max(seen.at, seen.busyUntil)
}
