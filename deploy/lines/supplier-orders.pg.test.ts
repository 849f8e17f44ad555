/**
 * Whole orders at suppliers without a reference of ours: engine, orders, flights, callbacks and the
 * sandbox's VIP Reseller and Atlantic, put together as `start.ts` does.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { ServiceBroker } from 'moleculer'
import { makeId } from '../../engine/ids.ts'
import { nodeConfig } from '../../moleculer.config.ts'
import { compile } from '../../services/catalogue/compile.ts'
import { catalogue, mappingRow, productRow } from '../../services/catalogue/rows.fixture.ts'
import type { Answer } from '../../services/contract/answer.ts'
import type { OrderView } from '../../services/contract/order-view.ts'
import type { Call } from '../../services/contract.ts'
import { ruled, until } from '../../services/engine-room.fixture.ts'
import { openEngineRoom } from '../../services/engine-room.ts'
import { freshKey } from '../../services/fresh-key.ts'
import { journalOf } from '../../services/journal-follower.ts'
import { makeSubmit, orderService } from '../../services/order/order.service.ts'
import { Projector } from '../../services/projection/projector.ts'
import { adapters } from '../../services/supplier/adapters.ts'
import { type SupplierAccess, SupplierCaller } from '../../services/supplier/caller.ts'
import { Flights, flightStore } from '../../services/supplier/flight.ts'
import { makeIsSettled } from '../../services/supplier/settled.ts'
import { walletService } from '../../services/wallet/wallet.service.ts'
import { openDatabase } from '../../sql/database.ts'
import type { SaleRow } from '../sandbox/sales.ts'
import { openSandbox } from '../sandbox/server.ts'
import { testDatabase } from '../testing/database.ts'

const shards = 2
const sandbox = (await openSandbox({ port: 0 }))!
after(() => sandbox.close())

const credentials = {
  atlantic: { apiKey: 'the-key', username: 'shop' },
  vip: { apiId: 'shop', apiKey: 'the-key' },
} as const

async function oracle(path: string, wish: object): Promise<void> {
  const url = `${sandbox.url}/_sandbox/${path}`
  equal((await fetch(url, { method: 'POST', body: JSON.stringify(wish) })).status, 200)
}
async function sales(party: string): Promise<SaleRow[]> {
  const answer = await fetch(`${sandbox.url}/_sandbox/sales?supplier=${party}`)
  return (await answer.json()) as SaleRow[]
}
const faults = (party: string, wish: object) => oracle('faults', { party, latency: 0, ...wish })

async function engineAt(t: TestContext, suppliers: readonly ('vip' | 'atlantic')[]) {
  const database = await testDatabase()
  for (const party of ['vip', 'atlantic']) {
    await oracle('reset', { party, accounts: true })
    await oracle('accounts', { party, username: 'shop', api_key: 'the-key' })
    await faults(party, {})
  }
  const access = (code: 'vip' | 'atlantic'): SupplierAccess => ({
    ...{ code, adapter: adapters.get(code)!, baseUrl: `${sandbox.url}/${code}` },
    ...{ credentials: credentials[code], timeoutMs: 30_000, maxInFlight: 8 },
    ...{ recheckAfterMs: 50, active: true, testing: true },
  })
  const known = new Map(suppliers.map(code => [code as string, access(code)]))
  const supplierOf = (code: string) => known.get(code)
  const rows = catalogue({
    products: [productRow('TSEL10', { brand: 'TELKOMSEL', multi: true })],
    suppliers: suppliers.map(code => ({ code, active: true })),
    mappings: suppliers.map((code, index) =>
      mappingRow('TSEL10', code, { sku: 'tsel10', priority: 100 + index, cost: 11_000 }),
    ),
  })
  const book = compile(rows)
  const db = await openDatabase(database.url)
  /** How far the engine's clock is ahead of ours. */
  let aheadMs = 0
  const now = (): number => Date.now() + aheadMs
  const room = await openEngineRoom({ url: database.url, shards, now, limitOf: () => 8 })
  const { engine } = room
  const projector = new Projector({ url: database.url, shards, source: journalOf(room) })
  room.listeners.push(batch => projector.feed(batch))
  const caller = new SupplierCaller({ supplierOf })
  const flights = new Flights({
    ...{ caller, supplierOf, submit: makeSubmit({ room }) },
    ...{ store: flightStore(db.pool), isSettled: makeIsSettled(room), now },
  })
  const broker = new ServiceBroker(nodeConfig({ logLevel: 'error' }))
  broker.createService(
    orderService({ room, shelf: { book: () => book }, supplierOf, caller: flights }),
  )
  broker.createService(walletService({ room, db, projector }))
  await engine.start()
  await projector.start()
  await broker.start()
  t.after(async () => {
    await broker.stop()
    await caller.close()
    await engine.stop()
    await projector.stop()
    await db.end()
    await database.drop()
  })
  const call: Call = (action, params) => broker.call(action, params) as never
  const userId = makeId(Date.now(), 1, freshKey())
  await call('wallet.deposit', { userId, amount: 1_000_000, ref: userId, note: 'tunai' })
  const viewOf = (answer: Answer<OrderView>): OrderView => {
    if ('ok' in answer) return answer.ok
    throw new Error(JSON.stringify(answer))
  }
  return {
    call,
    async place(ref: string): Promise<string> {
      const wish = { userId, level: 0, ref, product: 'TSEL10', destination: '081234567890' }
      const placed = await call('order.place', wish)
      if (!('ok' in placed)) throw new Error(JSON.stringify(placed))
      return placed.ok.order.trxId
    },
    async later(ms: number): Promise<void> {
      await oracle('clock', { party: 'vip', advance_ms: ms })
      aheadMs += ms
    },
    /** A person says that nothing was bought. */
    async giveUp(trxId: string): Promise<void> {
      const words = { verdict: 'failed', reason: 'not in their list', by: 'cici' } as const
      const answer = await ruled(call, { trxId, ...words })
      ok('ok' in answer, JSON.stringify(answer))
    },
    become: (trxId: string, isSo: (view: OrderView) => boolean) =>
      until(async () => viewOf(await call('order.get', { userId, trxId })), isSo),
  }
}

test('orders: VIP sold and the line was cut: found in their list, sold once (ADD2, ADG1)', async t => {
  const at = await engineAt(t, ['vip'])
  await faults('vip', { reset_after_sale: 1 })
  const trxId = await at.place('A-1')
  const view = await at.become(trxId, ({ status }) => status === 'SUCCESS')
  const [sale, ...more] = await sales('vip')
  deepEqual([view.sn, view.attempts.length, more.length], [sale!.sn, 1, 0])
})

test('orders: twins at VIP: the second goes to another supplier, each is sold once (ADG2)', async t => {
  const at = await engineAt(t, ['vip', 'atlantic'])
  await faults('vip', { pending: { p: 1, seconds: 60 } })
  const first = await at.place('A-1')
  await at.become(first, ({ attempts }) => attempts[0]?.outcome === 'pending')
  const second = await at.place('A-2')
  const view = await at.become(second, ({ status }) => status === 'SUCCESS')
  deepEqual(
    view.attempts.map(({ supplier, outcome, code }) => [supplier, outcome, code]),
    [
      ['vip', 'failed', 'lane_busy'],
      ['atlantic', 'success', null],
    ],
  )
  await at.later(61_000)
  await at.become(first, ({ status }) => status === 'SUCCESS')
  deepEqual([(await sales('vip')).length, (await sales('atlantic')).length], [1, 1])
})

test('orders: an order ended by a person: its lane is free, its list says nothing (ADG2, ADG5)', async t => {
  const at = await engineAt(t, ['vip'])
  await faults('vip', { reset: 1 })
  const first = await at.place('A-1')
  await at.become(first, ({ attempts }) => attempts[0]?.outcome === 'unknown')
  await at.giveUp(first)
  const second = await at.place('A-2')
  await at.become(second, ({ attempts }) => attempts[0]?.code === 'lane_blurred')
  deepEqual(await sales('vip'), [])
  await at.giveUp(second)
  await faults('vip', {})
  const third = await at.place('A-3')
  await at.become(third, ({ status }) => status === 'SUCCESS')
  equal((await sales('vip')).length, 1)
})
