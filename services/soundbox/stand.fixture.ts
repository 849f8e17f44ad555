/** A shop with its tills, and what tests of its payments ask of it. */

import type { TestContext } from 'node:test'
import type { PaymentView } from '../contract/soundbox.ts'
import { okOf, type Shop, shopAt, signed, type Till, tillAt, withFees } from './soundbox.fixture.ts'

export const by = 'kasir'
export const device = '01a1fb58-c68f-7002-9302-1c7e05337000'

export type Stand = Till & Shop

export async function standOn(t: TestContext, url: string): Promise<Stand> {
  const till = await tillAt(t, { url })
  await withFees(till)
  return { ...till, ...(await shopAt(till.call)) }
}

export const make = async ({ call, till }: Stand, amount = 50_123, reference?: string) =>
  okOf(
    await call('payment.create', {
      ...{ terminalId: till.terminalId, amount, by },
      ...(reference === undefined ? {} : { reference }),
    }),
  )

export async function tell(stand: Stand, told: Readonly<Record<string, unknown>>) {
  const answer = await stand.call('payment.callback', await signed(stand, told))
  if (answer.verdict !== 'taken') throw new Error(answer.verdict)
  return answer
}

export const get = async ({ call }: Stand, { transactionId }: Pick<PaymentView, 'transactionId'>) =>
  okOf(await call('payment.get', { transactionId }))

export const balance = ({ room }: Stand, account: string): number => {
  let sum = 0
  for (const shard of room.engine.host.shards()) sum += shard.accounts.get(account)?.balance ?? 0
  return sum
}

/** Another printed QR of the same shop: its NMID alone names neither. */
export async function twoTills({ call, printed: { outletId } }: Stand) {
  const second = { outletId, label: 'Kasir dua', kind: 'static', by } as const
  return okOf(await call('merchant.addTerminal', second))
}
