/** The registry on a node, with merchants to try things on; and payments, on an engine. */

import { createHmac } from 'node:crypto'
import type { TestContext } from 'node:test'
import { ServiceBroker } from 'moleculer'
import { keyOf } from '../../engine/ids.ts'
import { nodeConfig } from '../../moleculer.config.ts'
import { type Changes, followChanges } from '../../sql/changes.ts'
import { type Database, openDatabase } from '../../sql/database.ts'
import type { Answer } from '../contract/answer.ts'
import type { MerchantView, TerminalView } from '../contract/soundbox.ts'
import type { Call } from '../contract.ts'
import { type EngineRoom, openEngineRoom } from '../engine-room.ts'
import { journalOf } from '../journal-follower.ts'
import { Projector } from '../projection/projector.ts'
import { makeSeal, newMasterKey } from '../seal.ts'
import { CallbackSecret } from './callback-secret.ts'
import { merchantService } from './merchant.service.ts'
import { type PaymentLine, paymentLine } from './payment.service.ts'
import { PaymentRows } from './payment-rows.ts'
import { Registry } from './registry.ts'
import { type SettlementLineService, settlementLine } from './settlement.service.ts'

const shards = 4
export const seal = makeSeal(newMasterKey())

type Desk = {
  readonly db: Database
  readonly changes: Changes
  readonly registry: Registry
  readonly broker: ServiceBroker
  readonly call: Call
  readonly clock: { ms: number }
}

let nodes = 0

export async function deskAt(t: TestContext, url: string): Promise<Desk> {
  const db = await openDatabase(url)
  const changes = await followChanges(db.url)
  const registry = new Registry({ db, changes, onError: () => {} })
  await registry.start()
  const clock = { ms: Date.UTC(2026, 9, 14, 5) }
  const broker = new ServiceBroker({ ...nodeConfig({ logLevel: 'error' }), nodeID: `s${++nodes}` })
  broker.createService(merchantService({ db, seal, registry, shards, now: () => clock.ms }))
  await broker.start()
  t.after(async () => {
    await broker.stop()
    await registry.stop()
    await changes.stop()
    await db.end()
  })
  const call: Call = (action, params) => broker.call(action, params) as never
  return { db, changes, registry, broker, call, clock }
}

export const okOf = <T>(answer: Answer<T>): T => {
  if ('ok' in answer) return answer.ok
  throw new Error(JSON.stringify(answer))
}

export const refusedOf = (answer: Answer<unknown>): string =>
  'refused' in answer ? answer.refused : JSON.stringify(answer)

export type Shop = {
  readonly merchant: MerchantView
  readonly printed: TerminalView
  readonly till: TerminalView
}

/** An approved merchant with one terminal of each kind. */
export async function shopAt(call: Call, name = 'Toko Maju'): Promise<Shop> {
  const by = 'the keeper'
  const { merchantId } = okOf(await call('merchant.create', { by, fields: { name } }))
  const verb = { verb: 'approve', reason: '', by, role: 'admin' } as const
  const merchant = okOf(await call('merchant.judge', { merchantId, ...verb }))
  const outlet = { merchantId, name: 'Pusat', address: '', city: '', by }
  const { outletId } = okOf(await call('merchant.addOutlet', outlet))
  const add = (kind: TerminalView['kind']) =>
    call('merchant.addTerminal', { outletId, label: `Kasir ${kind}`, kind, by })
  return { merchant, printed: okOf(await add('static')), till: okOf(await add('dynamic')) }
}

export type Till = Desk & {
  readonly room: EngineRoom
  readonly rows: PaymentRows
  readonly payments: PaymentLine
  readonly settlements: SettlementLineService
  readonly secret: CallbackSecret
  /** Boxes that speak for terminals, and what they were asked to say. */
  readonly boxes: Map<string, { readonly deviceId: string }>
  readonly asked: Record<string, unknown>[]
  readonly errors: unknown[]
  /** Of each error the request that it came of. */
  readonly blamed: (string | null)[]
  stop(): Promise<void>
}

/** Registry, engine and payments, put together as in deploy/lines/soundbox.ts; boxes are a map. */
export async function tillAt(
  t: TestContext,
  { url, ms = Date.UTC(2026, 9, 14, 5) }: { url: string; ms?: number },
): Promise<Till> {
  const db = await openDatabase(url)
  const changes = await followChanges(db.url)
  const errors: unknown[] = []
  const blamed: (string | null)[] = []
  const onError = (cause: unknown, requestId: string | null = null) => {
    errors.push(cause)
    blamed.push(requestId)
  }
  const registry = new Registry({ db, changes, onError })
  await registry.start()
  const clock = { ms }
  const now = () => clock.ms
  const room = await openEngineRoom({ url: db.url, shards, now, limitOf: () => 16 })
  const { engine } = room
  const isOwner = () => engine.state === 'serving'
  const rows = new PaymentRows({
    ...{ pool: db.pool, shards, isOwner, onError, source: journalOf(room) },
  })
  room.listeners.push(batch => rows.follower.feed(batch))
  const projector = new Projector({ url: db.url, shards, source: journalOf(room) })
  room.listeners.push(batch => projector.feed(batch))
  const secret = new CallbackSecret({ db, seal, now })
  const boxes = new Map<string, { readonly deviceId: string }>()
  const asked: Record<string, unknown>[] = []
  room.performers.set('notify', async ({ id, effect, from, shard }) => {
    const { messageId } = effect as unknown as { messageId: string }
    asked.push({ ...effect })
    const command = { type: 'noticed', messageId, why: null }
    return { shard, key: keyOf(from), kind: 'payment', command, cause: id }
  })
  const payments = paymentLine({
    ...{ room, db, registry, rows: rows.follower, secret, isOwner, onError },
    boxAt: terminalId => boxes.get(terminalId) ?? null,
  })
  const broker = new ServiceBroker({ ...nodeConfig({ logLevel: 'error' }), nodeID: `s${++nodes}` })
  broker.createService(merchantService({ db, seal, registry, shards, now }))
  broker.createService(payments.service)
  const settlements = settlementLine({ room, db, registry, rows: rows.follower, isOwner, onError })
  broker.createService(settlements.service)
  await engine.start()
  await projector.start()
  void rows.follower.start()
  payments.start()
  await broker.start()
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= (async () => {
      await broker.stop()
      await payments.stop()
      await rows.follower.stop()
      await registry.stop()
      await engine.stop()
      await projector.stop()
      await changes.stop()
      await db.end()
    })()
    return stopping
  }
  t.after(stop)
  const call: Call = (action, params) => broker.call(action, params) as never
  const parts = { db, changes, registry, broker, call, clock, room, rows, payments, secret }
  return { ...parts, settlements, boxes, asked, errors, blamed, stop }
}

/** A house fee of 0.7 %, as of the beginning of time. */
export async function withFees({ call }: Pick<Desk, 'call'>, bps = 70): Promise<void> {
  const plan = { bps, fixed: 0, rounding: 'half_up' }
  okOf(await call('merchant.addFee', { merchantId: null, effectiveFrom: 0, plan, by: 'test' }))
}

type Signed = {
  readonly raw: string
  readonly timestamp: string
  readonly signature: string
}

let events = 0

/** What an acquirer sends, signed. */
export async function signed(
  { secret, clock }: Pick<Till, 'secret' | 'clock'>,
  told: Readonly<Record<string, unknown>>,
  { shiftS = 0, forged = false } = {},
): Promise<Signed> {
  const [key] = await secret.good()
  const timestamp = String(Math.floor(clock.ms / 1_000) + shiftS)
  const paid_at = new Date(clock.ms).toISOString()
  const usual = { event_id: `ev-${++events}`, type: 'payment', status: 'paid', paid_at }
  const body = Buffer.from(JSON.stringify({ ...usual, ...told }))
  const by = createHmac('sha256', forged ? 'another' : key!)
  const signature = `sha256=${by.update(`${timestamp}.`).update(body).digest('hex')}`
  return { raw: body.toString('base64'), timestamp, signature }
}
