/** The browser of a suite: started before its first test, closed after its last. */

import { existsSync } from 'node:fs'
import { after, before } from 'node:test'
import { type Browser, chromium } from 'playwright-core'

/** The same browser without a window to draw takes half the processor time, so it comes first. */
const usual = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']
const executablePath =
  process.env['CHROMIUM_PATH'] ?? usual.find(path => existsSync(path)) ?? usual[1]!
const args = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
]

/** For `describe`: why there is no suite on this machine. */
export const skip = existsSync(executablePath) ? false : `no Chromium at ${executablePath}`

export function browserOfSuite(): () => Browser {
  let browser: Browser | undefined
  before(async () => {
    browser = await chromium.launch({ executablePath, args })
  })
  after(() => browser?.close())
  return () => browser!
}
