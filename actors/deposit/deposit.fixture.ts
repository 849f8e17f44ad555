/** What tests of deposits are made of: a wish, what the gateway made of it, and words about it. */

import { fingerprint } from '../../engine/ids.ts'
import type { Posting } from '../../engine/ledger.ts'
import { spec } from '../../engine/spec.ts'
import { deposit } from './deposit.ts'
import type {
  DepositCommand,
  DepositEvent,
  TheirStatus,
  Theirs,
  Via,
  Wish,
} from './deposit-contract.ts'

export const id = '0199c82c-fdc0-7003-abaa-c388aa9f2683'
export const user = '0199c82c-0000-7003-8000-000000000001'
export const purse = `wallet:${user}`
export const second = 1_000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

export const given = spec(deposit, { id })

export const wish: Wish = {
  ...{ user, ref: 'd1', method: 'qris_atlantic', gateway: 'atlantic', offer: 'qris' },
  amount: 50_000,
}
export const theirs: Theirs = {
  ...{ id: 'RO1', amount: 50_000, fee: 350, received: 49_650 },
  ...{ expiresAt: 20 * minute, pay: { qr_string: '000201' } },
}
export const slots = ['1', '2', '3'].map(n => fingerprint('deposit-slot', user, n))
export const slot = slots[0]!
export const ask: DepositCommand = { type: 'ask', wish }
export const asked: DepositEvent = { type: 'asked', ...wish, slot }
export const created: DepositEvent = { type: 'created', theirs, pollAt: 5 * second }
export const polled = (n: number): DepositEvent => ({ type: 'polled', n })
export const tick: DepositCommand = { type: 'tick' }
export const cancel: DepositCommand = { type: 'cancel', by: user }

type Move = Extract<Posting, { readonly op: 'move' }>
type Told = {
  amount?: number
  fee?: number
  received?: number | null
  via?: Via
  payment?: string
  isTotal?: boolean
}
export const status = (said: TheirStatus, told: Told = {}): DepositCommand => ({
  ...{ type: 'status', theirs: said, amount: null, fee: null, received: null, via: 'poll' },
  ...told,
})
export const success = (told: Told = {}) =>
  status('success', { amount: 50_000, fee: 350, received: 49_650, ...told })
export const paid: Extract<DepositEvent, { type: 'paid' }> = {
  ...{ type: 'paid', amount: 50_000, fee: 350, received: 49_650, payment: '', via: 'poll' },
}
export const credited: Move = {
  ...{ op: 'move', name: 'paid', debit: 'gateway:atlantic', credit: purse, amount: 49_650 },
}
export const suspended = (
  why: 'AMOUNT' | 'LATE' | 'TWICE',
  amount = 49_650,
  more: { n?: number; payment?: string; via?: Via } = {},
): DepositEvent => ({ type: 'suspended', n: 1, why, amount, payment: '', via: 'poll', ...more })
export const set = (n: number, amount: number): Move => ({
  ...{ op: 'move', name: `suspense-${n}`, debit: 'gateway:atlantic' },
  ...{ credit: 'suspense', amount },
})
export const pending = [asked, created] as const
const begun: DepositEvent = { type: 'processing_begun', pollAt: minute, via: 'poll' }
export const processing = [...pending, begun] as const
export const expired: Extract<DepositEvent, { type: 'expired' }> = { type: 'expired' }
export const instant: DepositCommand = { type: 'instant', by: user, fee: 1_000, received: 48_650 }
export const drawAsked: DepositEvent = {
  type: 'draw_asked',
  by: user,
  fee: 1_000,
  received: 48_650,
}
