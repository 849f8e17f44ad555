/**
 * The demo's soundboxes: one at the merchant's till, one beside the printed QR; each provisioned and
 * bound once. A secret is kept as a hash, so demo.json is where it is known; one that opens nothing
 * any more is replaced.
 *
 * DVJ1. A box is made once; what an owner did with it since (blocked, unbound) stays, and so does a
 *       box that he put in its place.
 * DVJ2. demo.json names the boxes, and for each a secret that lets it in.
 */

import { existsSync, readFileSync } from 'node:fs'
import type { DemoBox } from '../../gateway/soundbox/demo-box.route.ts'
import type { Answer } from '../../services/contract/answer.ts'
import type { Call } from '../../services/contract.ts'
import type { Database } from '../../sql/database.ts'
import { readInstallation, writeInstallation } from '../../sql/installation.ts'
import { demoFile } from './demo.ts'
import { type DemoSoundbox, showInDemoFile } from './soundbox.ts'

type DemoDeviceDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly call: Call
  readonly dataDir: string
}

const by = 'demo'
const sandboxTimeoutMs = 5_000
const model = { vendor: 'Laju', name: 'Kotak suara maya', acks: 'played', adapter: 'laju' } as const

export type DemoDevice = { readonly id: string; readonly secret: string }

/** Needs the engine. The one at the till. */
export async function prepareDemoDevices(
  deps: DemoDeviceDeps,
  { terminalId, staticTerminalId }: Pick<DemoSoundbox, 'terminalId' | 'staticTerminalId'>,
): Promise<DemoDevice> {
  const atTill = await need(deps, 'device', terminalId)
  if (staticTerminalId !== terminalId) await need(deps, 'printed_device', staticTerminalId)
  return atTill
}

/** `name`: its own in demo.json. */
async function need(
  { db, call, dataDir }: DemoDeviceDeps,
  name: 'device' | 'printed_device',
  terminalId: string,
): Promise<DemoDevice> {
  const file = demoFile(dataDir)
  const show = (made: DemoDevice): DemoDevice => {
    showInDemoFile(file, () => ({ [name]: made }))
    return made
  }
  const note = `demo.${name}`
  const known = await readInstallation(db.pool, note)
  if (known === null) {
    const { device, secret } = said(await call('device.provision', { model, by }))
    const id = device.deviceId
    await writeInstallation(db.pool, { name: note, value: id })
    const bound = await call('device.bind', { deviceId: id, terminalId, swap: false, by })
    if (!('refused' in bound && bound.refused === 'TERMINAL_TAKEN')) said(bound)
    return show({ id, secret })
  }
  const kept = secretIn(file, name)
  const asked = { deviceId: known, secret: kept ?? '', address: '' }
  const login = await call('device.login', asked)
  const isWrong = 'refused' in login && login.refused === 'DEVICE_INVALID'
  if (kept !== null && !isWrong) return show({ id: known, secret: kept })
  const fresh = await call('device.rotate', { deviceId: known, graceMs: 0, by })
  return show({ id: known, secret: 'ok' in fresh ? fresh.ok.secret : (kept ?? '') })
}

/** For the page at /kotak: the box, and a customer of the sandbox's acquirer. */
export function demoBoxOf(device: DemoDevice, sandboxUrl: string | null): DemoBox {
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

function secretIn(file: string, name: string): string | null {
  if (!existsSync(file)) return null
  const shown = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { secret?: unknown }>
  const secret = shown[name]?.secret
  return typeof secret === 'string' ? secret : null
}

function said<T>(answer: Answer<T>): T {
  if ('ok' in answer) return answer.ok
  throw new Error(`the demo's box was refused: ${JSON.stringify(answer)}`)
}
