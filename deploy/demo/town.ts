/**
 * The demo, put together: what stands in it before the doors open, and what the sandbox is told
 * once they are.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { Call } from '../../services/contract.ts'
import type { Seal } from '../../services/seal.ts'
import type { CallbackSecret } from '../../services/soundbox/callback-secret.ts'
import type { Database } from '../../sql/database.ts'
import { prepareDemoBank, registerBankAtSandbox } from './bank.ts'
import { prepareDemoChat, registerChatAtSandbox } from './chat.ts'
import { type Demo, fundDemo, registerAtSandbox } from './demo.ts'
import { type DemoDevice, prepareDemoDevices } from './device.ts'
import { booksOf, openFloats } from './floats.ts'
import { prepareDemoGateways, registerGatewaysAtSandbox } from './gateways.ts'
import { prepareDemoNumber, registerNumbersAtSandbox } from './number.ts'
import { prepareDemoPeople } from './people.ts'
import { prepareDemoSoundbox, registerAcquirerAtSandbox } from './soundbox.ts'

type TownDeps = {
  readonly db: Database
  readonly seal: Seal
  readonly call: Call
  readonly callbackSecret: CallbackSecret
  readonly dataDir: string
  readonly shards: number
  readonly now: () => number
}

type Addresses = {
  readonly sandboxUrl: string
  /** Where the sandbox can call us back. */
  readonly publicUrl: string
  /** Asks the payment gateways what they offer. */
  readonly refreshGateways: () => Promise<unknown>
}

/** A gateway that is slow to say what it offers does not keep the ready line. */
const menusWaitMs = 1_000

/** Money, suppliers of numbers, a shop and its boxes, people. Needs services and engine. */
export async function furnishDemo(
  demo: Demo,
  deps: TownDeps & { readonly sandboxUrl: string | null },
): Promise<DemoDevice> {
  const { db, seal, call, callbackSecret, dataDir, shards, now, sandboxUrl } = deps
  await fundDemo(demo, {
    db,
    deposit: (userId, amount, ref) =>
      call('wallet.deposit', { userId, amount, ref, note: 'Saldo awal' }),
  })
  await openFloats(demo, { db, call })
  if (sandboxUrl !== null) await prepareDemoNumber({ call, seal, sandboxUrl })
  const shop = await prepareDemoSoundbox({ db, seal, call, callbackSecret, dataDir, now })
  const device = await prepareDemoDevices({ db, call, dataDir }, shop)
  const desk = { db, seal, shards, dataDir, now }
  await prepareDemoPeople(desk, { staff: demo.staff, merchantId: shop.merchantId })
  return device
}

/**
 * Who lives in the sandbox is made known here. Returned is what makes us known there: to be called
 * once the doors are open, and whenever somebody else may have done so.
 */
export async function joinSandbox(
  demo: Demo,
  deps: TownDeps & Addresses,
): Promise<{ register(): Promise<void> }> {
  const { db, seal, call, callbackSecret, dataDir, sandboxUrl, publicUrl, refreshGateways } = deps
  const where = { sandboxUrl, publicUrl }
  const bank = await prepareDemoBank({ db, seal, sandboxUrl })
  await prepareDemoGateways({ db, seal, sandboxUrl })
  const chat = await prepareDemoChat({ db, seal, sandboxUrl, dataDir }, demo.client.userId)
  return {
    async register() {
      const balanceOf = async (code: string) => Math.max(0, (await booksOf(code, call)) ?? 0)
      await registerAtSandbox(demo, { ...where, balanceOf })
      if (bank !== null) await registerBankAtSandbox(bank, where)
      await registerGatewaysAtSandbox(seal, where)
      await Promise.race([refreshGateways(), pause(menusWaitMs, undefined, { ref: false })])
      await registerChatAtSandbox(chat, where)
      const [secret] = await callbackSecret.good()
      await registerAcquirerAtSandbox({ secret: secret! }, { ...where, seal })
      await registerNumbersAtSandbox({ seal, sandboxUrl })
    },
  }
}
