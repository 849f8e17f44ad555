/**
 * The demo's soundbox: provisioned once and bound to the merchant's till. Its secret is kept as a
 * hash, so demo.json is where it is known; one that opens nothing any more is replaced.
 *
 * DVJ1. The box is made once; what an owner did with it since (blocked, unbound) stays.
 * DVJ2. demo.json names the box and a secret that lets it in.
 */

import { existsSync, readFileSync } from 'node:fs'
import type { DemoBox } from '../gateway/demo-box.route.ts'
import type { Answer } from '../services/contract/answer.ts'
import type { Call } from '../services/contract.ts'
import type { Database } from '../sql/database.ts'
import { readInstallation, writeInstallation } from '../sql/installation.ts'
import { demoFile } from './demo.ts'
import { showInDemoFile } from './demo-soundbox.ts'

export type DemoDeviceDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly call: Call
  readonly dataDir: string
}

const by = 'demo'
const sandboxTimeoutMs = 5_000
const note = 'demo.device'
const model = { vendor: 'Laju', name: 'Kotak suara maya', acks: 'played', adapter: 'laju' } as const

/** Needs the engine. */
export async function prepareDemoDevice(
  { db, call, dataDir }: DemoDeviceDeps,
  terminalId: string,
): Promise<{ readonly id: string; readonly secret: string }> {
  const file = demoFile(dataDir)
  const known = await readInstallation(db.pool, note)
  if (known === null) {
    const { device, secret } = said(await call('device.provision', { model, by }))
    const id = device.deviceId
    await writeInstallation(db.pool, { name: note, value: id })
    said(await call('device.bind', { deviceId: id, terminalId, swap: false, by }))
    return show(file, { id, secret })
  }
  const kept = secretIn(file)
  const asked = { deviceId: known, secret: kept ?? '', address: '' }
  const login = await call('device.login', asked)
  const isWrong = 'refused' in login && login.refused === 'DEVICE_INVALID'
  if (kept !== null && !isWrong) return show(file, { id: known, secret: kept })
  const fresh = await call('device.rotate', { deviceId: known, graceMs: 0, by })
  return show(file, { id: known, secret: 'ok' in fresh ? fresh.ok.secret : (kept ?? '') })
}

/** For the page at /kotak: the box, and a customer of the sandbox's acquirer. */
export function demoBoxOf(
  device: { readonly id: string; readonly secret: string },
  sandboxUrl: string | null,
): DemoBox {
  const pay = async (qr: string): Promise<boolean> => {
    const answer = await fetch(`${sandboxUrl}/_sandbox/pay`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(sandboxTimeoutMs),
      body: JSON.stringify({ qr_string: qr }),
    })
    await answer.body?.cancel()
    return answer.ok
  }
  return { deviceId: device.id, secret: device.secret, pay: sandboxUrl === null ? null : pay }
}

function show<T extends { readonly id: string; readonly secret: string }>(
  file: string,
  device: T,
): T {
  showInDemoFile(file, () => ({ device }))
  return device
}

function secretIn(file: string): string | null {
  if (!existsSync(file)) return null
  const { device } = JSON.parse(readFileSync(file, 'utf8')) as { device?: { secret?: unknown } }
  return typeof device?.secret === 'string' ? device.secret : null
}

function said<T>(answer: Answer<T>): T {
  if ('ok' in answer) return answer.ok
  throw new Error(`the demo's box was refused: ${JSON.stringify(answer)}`)
}
