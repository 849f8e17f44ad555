/**
 * For demonstrations and tests of strangers: a shop with everything that a payment needs, made in
 * one request through the same doors as a real one. Production has no such service.
 *
 * DKO1. The shop is complete: approved, with an outlet, a printed and a dynamic terminal, and a box
 *       at the counter whose secret is told once.
 */

import type { Context, ServiceSchema } from 'moleculer'
import type { Answer } from '../contract/answer.ts'
import type { DeskActions, Seeded } from '../contract/desk.ts'
import type { Call } from '../contract.ts'
import { sure, Told } from '../refusal.ts'

type Params<A extends keyof DeskActions> = DeskActions[A]['params']

export function seedService({ call }: { readonly call: Call }): ServiceSchema {
  async function run({ name, by }: Params<'seed.run'>): Promise<Seeded> {
    const { merchantId } = sure(await call('merchant.create', { by, fields: { name } }))
    const judged = { merchantId, verb: 'approve', reason: 'contoh', by, role: 'admin' } as const
    sure(await call('merchant.judge', judged))
    const place = { merchantId, name: 'Pusat', address: 'Jalan Contoh 1', city: 'Jakarta', by }
    const { outletId } = sure(await call('merchant.addOutlet', place))
    const add = async (label: string, kind: 'static' | 'dynamic') =>
      sure(await call('merchant.addTerminal', { outletId, label, kind, by }))
    const printed = await add('Meja depan', 'static')
    const { terminalId } = await add('Kasir', 'dynamic')
    const model = { vendor: 'Laju', name: 'Kotak contoh', acks: 'played', adapter: 'laju' } as const
    const { device, secret } = sure(await call('device.provision', { model, by }))
    const { deviceId } = device
    sure(await call('device.bind', { deviceId, terminalId, swap: false, by }))
    const { terminalId: staticTerminalId, qr } = printed
    return {
      ...{ merchantId, outletId, terminalId, staticTerminalId, staticQr: qr ?? '' },
      ...{ deviceId, secret },
    }
  }

  return {
    name: 'seed',
    actions: {
      run: ({ params }: Context<Params<'seed.run'>>): Promise<Answer<Seeded>> =>
        run(params).then(
          ok => ({ ok }),
          cause => {
            if (cause instanceof Told) return cause.answer
            throw cause
          },
        ),
    },
  } as ServiceSchema
}
