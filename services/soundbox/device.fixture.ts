/**
 * Devices on an engine with a real journal, on a node, with a clock that the test sets; and in the
 * place of the broker a recorder, unless a test brings a broker.
 */

import { ok } from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { ServiceBroker } from 'moleculer'
import type { Payment } from '../../actors/payment/payment-contract.ts'
import { fingerprint, type Key, keyOf, makeId, shardOf } from '../../engine/ids.ts'
import { nodeConfig } from '../../moleculer.config.ts'
import { openDatabase } from '../../sql/database.ts'
import type { Answer } from '../contract/answer.ts'
import type { Call } from '../contract.ts'
import { openEngineRoom } from '../engine-room.ts'
import { freshKey } from '../fresh-key.ts'
import { makeSeal, newMasterKey } from '../seal.ts'
import { type DeviceLine, makeDevices } from './device.service.ts'
import type { Firmware } from './device-desk.ts'

const shards = 4
export const by = 'ops'
export const merchantId = makeId(Date.now(), 2, freshKey())
export const outletId = makeId(Date.now(), 2, freshKey())
const terminals = [1, 2].map(() => makeId(Date.now(), 2, freshKey()))
export const [t1, t2] = terminals as [string, string]
export const model = { vendor: 'Laju', name: 'V1', acks: 'played', adapter: 'laju' } as const
const seal = makeSeal(newMasterKey())
let nodes = 0

type Told = { readonly id: string; readonly topic: string; readonly payload: Words }
type Words = Readonly<Record<string, unknown>>

export type Scene = {
  readonly call: Call
  readonly line: DeviceLine
  readonly told: Told[]
  readonly out: string[]
  readonly clock: { ms: number }
  readonly asked: unknown[]
  readonly url: string
  /** Makes and pays a payment for a box; its id. */
  pay(device: string | null, n: number): Promise<string>
  payment(id: string): Promise<Payment['state']>
  listen(device: string, session?: string, generation?: number): void
  stop(): Promise<void>
}

export async function sceneAt(
  t: TestContext,
  url: string,
  ms = Date.now(),
  fleetToken: string | null = null,
): Promise<Scene> {
  const clock = { ms }
  const now = () => clock.ms
  const db = await openDatabase(url)
  const room = await openEngineRoom({ url, shards, now, limitOf: () => 64 })
  const { engine } = room
  const [told, out, asked]: [Told[], string[], unknown[]] = [[], [], []]
  const line = makeDevices({
    firmwareOf: name => firmware[name],
    ...{ room, db, fleetToken, keyFor: seal.keyFor, isOwner: () => engine.state === 'serving' },
    terminalOf: id => (terminals.includes(id) ? { merchantId, outletId, active: true } : undefined),
    async makeQr(words) {
      asked.push(words)
      return { ok: { transaction_id: 'tx', qr_string: '0002', amount: words.amount } }
    },
    onError: cause => t.diagnostic(String(cause)),
  })
  line.attach({
    publish(id, topic, payload) {
      told.push({ id, topic, payload })
      return true
    },
    disconnect: (id, why) => out.push(`${id} ${why}`),
  })
  const node = new ServiceBroker({ ...nodeConfig({ logLevel: 'error' }), nodeID: `dv${++nodes}` })
  node.createService(line.service)
  await engine.start()
  await line.start()
  await node.start()
  const keyOfRef = (ref: string): Key => fingerprint('payment', merchantId, ref)
  let stopping: Promise<void> | undefined
  const scene: Scene = {
    ...{ line, told, out, clock, asked, url },
    call: (action, params) => node.call(action, params) as never,
    async pay(device, n) {
      const reference = `r${n}`
      const facts = {
        ...{ merchant: merchantId, outlet: outletId, terminal: t1, kind: 'dynamic', qr: '' },
        ...{ amount: n * 1_000, reference, expiresAt: null, by },
      } as const
      const address = { shard: shardOf(merchantId), key: keyOfRef(reference), kind: 'payment' }
      await engine.ask({ ...address, command: { type: 'create', ...facts } as never })
      const command: Payment['command'] = {
        ...{ type: 'pay', eventId: `e${n}`, acquirerRef: '', merchant: merchantId, terminal: t1 },
        ...{ amount: n * 1_000, paidAt: clock.ms, payer: '', day: '20261014' },
        plan: { bps: 70, fixed: 0, rounding: 'half_up' },
        notice: { messageId: `m${n}`, device, text: `bayar ${n}`, lang: 'id' },
      }
      const reply = await engine.ask({ ...address, command })
      ok('accepted' in reply, JSON.stringify(reply))
      return reply.id
    },
    async payment(id) {
      const reply = await engine.ask({ shard: shardOf(id), key: keyOf(id), kind: 'payment' })
      return reply.state as Payment['state']
    },
    listen(deviceId, session = `s${deviceId}`, generation = 1) {
      const box = { deviceId, session, at: clock.ms }
      line.door.connected({ ...box, generation })
      line.door.listening({ ...box, hears: ['payment', 'summary', 'config', 'command'] })
    },
    stop() {
      stopping ??= (async () => {
        await node.stop()
        await line.stop()
        await engine.stop()
        await db.end()
      })()
      return stopping
    },
  }
  t.after(scene.stop)
  return scene
}

const firmware: Readonly<Record<string, Firmware>> = {
  laju: { acks: 'played', knows: () => true },
  quiet: { acks: 'none', knows: kind => kind === 'play_test' },
}

export const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}
export const refusedOf = (answer: Answer<unknown>): string =>
  'refused' in answer ? answer.refused : JSON.stringify(answer)

export async function boxAt({ call }: Scene, terminalId: string | null = t1) {
  const { device, secret } = okOf(await call('device.provision', { model, by }))
  const { deviceId } = device
  if (terminalId !== null) {
    okOf(await call('device.bind', { deviceId, terminalId, swap: false, by }))
  }
  return { deviceId, secret }
}
