/** The browser of a suite: started before its first test, closed after its last. */

import { existsSync } from 'node:fs'
import { after, before } from 'node:test'
import { type Browser, chromium } from 'playwright-core'

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
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
