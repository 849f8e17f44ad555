/**
 * The services on a node as `deploy/start.ts` puts them together, with a clock that the test sets
 * and a supplier who answers as told.
 */

import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { inspect } from 'node:util'
import { type Context, ServiceBroker } from 'moleculer'
import { makeId } from '../engine/ids.ts'
import type { JournalRecord } from '../engine/record.ts'
import { nodeConfig } from '../moleculer.config.ts'
import { followChanges } from '../sql/changes.ts'
import { type Database, openDatabase } from '../sql/database.ts'
import type { CatalogueRows } from '../sql/topup/catalogue.ts'
import type { Overcharge } from '../sql/topup/sold.ts'
import { compile } from './catalogue/compile.ts'
import { catalogue, mappingRow } from './catalogue/rows.fixture.ts'
import type { Actions, Call, Signals } from './contract.ts'
import { type EngineRoom, openEngineRoom } from './engine-room.ts'
import { freshKey } from './fresh-key.ts'
import { journalOf } from './journal-follower.ts'
import { liveService } from './live/live.service.ts'
import { orderService } from './order/order.service.ts'
import { openInquired } from './postpaid/inquired.ts'
import { postpaidService } from './postpaid/postpaid.service.ts'
import { Projector } from './projection/projector.ts'
import { Follower } from './routing/follower.ts'
import { Gauges } from './routing/gauges.ts'
import { compileRouting, type RuleRow } from './routing/policy.ts'
import { rebuildGauges } from './routing/rebuild.ts'
import { Router } from './routing/router.ts'
import { StockShelf } from './routing/stock-shelf.ts'
import { makeSeal, newMasterKey } from './seal.ts'
import { SoldIntake } from './sold/intake.ts'
import { adapters } from './supplier/adapters.ts'
import { type SupplierAccess, SupplierCaller } from './supplier/caller.ts'
import { Inquirer } from './supplier/inquirer.ts'
import { walletService } from './wallet/wallet.service.ts'

export const shards = 4

type Asked = Readonly<Record<string, unknown>>
/** What the supplier's answer says differently from a success; null: no answer at all. */
export type Answerer = (asked: Asked) => object | null | Promise<object | null>

export type Scene = {
  readonly room: EngineRoom
  readonly db: Database
  readonly projector: Projector
  readonly broker: ServiceBroker
  readonly call: Call
  readonly clock: { ms: number }
  readonly shop: Shop
  readonly router: Router
  /** What the supplier was asked. */
  readonly asked: Asked[]
  readonly heard: Signals['live.event'][]
  readonly pulses: Signals['live.pulse'][]
  /** What the gateways of other processes were told. */
  readonly toldOthers: Signals['live.event'][]
  readonly sold: SoldIntake
  /** Orders that were flagged for their serial number. */
  readonly duplicates: string[]
  /** Those that cost more than their supplier was allowed. */
  readonly overcharges: Overcharge[]
  /** How often something could not be read. */
  readonly failures: { stocks: number }
  /** A client with so much money. */
  user(shard: number, deposit?: number): Promise<string>
  stop(): Promise<void>
}

/** What may change while the engine runs. */
export type Shop = { answer: Answerer; rows: CatalogueRows; suppliers: Set<string> }

export type SceneOptions = {
  readonly url: string
  readonly shop?: Partial<Shop>
  readonly ms?: number
  /** Of routing; without them suppliers are tried in the book's order, whatever they do. */
  readonly rules?: readonly RuleRow[]
  /** Effects that may leave in a minute for any supplier. */
  readonly ratePerMin?: number
  /** Stocks are counted, as the database's mappings say them. */
  readonly counts?: boolean
  /** How many deliveries may wait to be counted. */
  readonly soldPileMax?: number
}

export const pending: Answerer = () => ({ status: 'Pending', rc: '03', sn: '' })

export async function sceneAt(
  t: TestContext,
  { url, shop = {}, ms = Date.now(), rules, ratePerMin, counts = false, ...some }: SceneOptions,
): Promise<Scene> {
  const { soldPileMax } = some
  const rows = catalogue({
    suppliers: ['digi', 'diva'].map(code => ({ code, active: true })),
    mappings: [mappingRow('XLD10', 'digi'), mappingRow('XLD10', 'diva', { priority: 200 })],
  })
  const stand: Shop = { answer: () => ({}), rows, suppliers: new Set(['digi', 'diva']), ...shop }
  const asked: Asked[] = []
  const baseUrl = await supplierAt(t, stand, asked)
  const clock = { ms }
  const now = () => clock.ms
  const supplierOf = (code: string): SupplierAccess | undefined =>
    stand.suppliers.has(code) ? { ...usualAccess, code, baseUrl } : undefined

  const db = await openDatabase(url)
  const room = await openEngineRoom({
    url,
    shards,
    now,
    limitOf: () => 16,
    rateOf: () => ratePerMin ?? null,
  })
  const { engine } = room
  const projector = new Projector({ url, shards, source: journalOf(room) })
  room.listeners.push(batch => projector.feed(batch))
  const router = new Router(new Gauges(), compileRouting(rules ?? [], rows.products))
  const take = (record: JournalRecord, key: string, seq: number) =>
    router.gauges.feed(record, key, seq)
  const follower = new Follower({
    lines: (shard, seq, limit) => engine.lines(shard, seq, limit),
    take,
  })
  room.listeners.push(batch => {
    for (const { outcome } of batch.piled) {
      if (outcome.line !== null) follower.feed(outcome.line, outcome.record!)
    }
  })
  const duplicates: string[] = []
  const overcharges: Overcharge[] = []
  const failures = { stocks: 0 }
  const sold = new SoldIntake({
    ...{ pool: db.pool, shards, isOwner: () => engine.state === 'serving' },
    source: journalOf(room),
    onDuplicates: found => void duplicates.push(...found),
    onOvercharges: found => void overcharges.push(...found),
    ...(soldPileMax === undefined ? {} : { pileMax: soldPileMax }),
    onError: () => {},
  })
  room.listeners.push(batch => sold.follower.feed(batch))
  const changes = counts ? await followChanges(url) : null
  const stocks =
    changes === null
      ? null
      : new StockShelf({
          ...{ db, changes, follower, gauges: router.gauges, write: () => sold.follower.flush() },
          onError: () => void failures.stocks++,
        })
  const caller = new SupplierCaller({ supplierOf, now })
  const broker = new ServiceBroker({ ...nodeConfig({ logLevel: 'error' }), nodeID: `t${++nodes}` })
  const heard: Signals['live.event'][] = []
  const pulses: Signals['live.pulse'][] = []
  const toldOthers: Signals['live.event'][] = []
  broker.createService(
    orderService({
      ...{ room, shelf: { book: () => compile(stand.rows) }, supplierOf, caller },
      openInquired: token => openInquired(seal, token),
      ...(rules === undefined ? {} : { router }),
    }),
  )
  const inquirer = new Inquirer()
  broker.createService(
    postpaidService({
      ...{ db, seal, shelf: { book: () => compile(stand.rows) }, inquirer, supplierOf },
      ...{ now, machineNow: now },
      suppliers: () => [...stand.suppliers].flatMap(code => supplierOf(code) ?? []),
      ...(rules === undefined ? {} : { router }),
      call: (action, params) => broker.call(action, params) as never,
    }),
  )
  broker.createService(walletService({ room, db, projector }))
  broker.createService(
    liveService({
      ...{ room, pool: db.pool, pulse: true },
      tellOthers: (name, payload) => {
        if (name === 'live.event') toldOthers.push(payload as Signals['live.event'])
      },
    }),
  )
  broker.createService({
    name: 'listener',
    events: {
      'live.event': (ctx: Context<Signals['live.event']>) => void heard.push(ctx.params),
      'live.pulse': (ctx: Context<Signals['live.pulse']>) => void pulses.push(ctx.params),
    },
  })
  await engine.start()
  // Of a test before this one a later time may stand in the journal.
  clock.ms = room.now()
  await projector.start()
  if (rules !== undefined) {
    const { gauges } = router
    const { sleepers } = rebuildGauges({ db, host: engine.host, follower, gauges })
    gauges.stocks.isCurrent = () => follower.hasAll(engine.host.shards())
    await (stocks === null ? sleepers : stocks.start(sleepers))
  }
  await broker.start()
  const call: Call = (action, params) => broker.call(action, params) as never
  let stopping: Promise<void> | undefined
  const scene: Scene = {
    ...{ room, db, projector, broker, call, clock, shop: stand, router, asked, heard, pulses },
    ...{ toldOthers, sold, duplicates, overcharges, failures },
    async user(shard, deposit = 100_000) {
      const userId = makeId(clock.ms, shard, freshKey())
      if (deposit > 0) {
        const ref = `opening-${userId}`
        await call('wallet.deposit', { userId, amount: deposit, ref, note: 'tunai' })
      }
      return userId
    },
    stop() {
      stopping ??= (async () => {
        await broker.stop()
        await caller.close()
        await inquirer.close()
        await stocks?.stop()
        await engine.stop()
        await projector.stop()
        await follower.stop()
        await sold.stop()
        await changes?.stop()
        await db.end()
      })()
      return stopping
    },
  }
  t.after(scene.stop)
  return scene
}

let nodes = 0

const seal = makeSeal(newMasterKey())

const usualAccess = {
  adapter: adapters.get('digiflazz')!,
  credentials: { username: 'user', apiKey: 'key', webhookSecret: 'secret' },
  timeoutMs: 30_000,
  maxInFlight: 16,
  recheckAfterMs: 60_000,
  active: true,
  testing: true,
} as const

/** A Digiflazz of our own, on one address for all codes. */
async function supplierAt(t: TestContext, stand: Shop, asked: Asked[]): Promise<string> {
  const server = createServer(async (request: IncomingMessage, response) => {
    let text = ''
    for await (const part of request) text += part
    const one = JSON.parse(text) as Asked
    asked.push(one)
    const extra = await stand.answer(one)
    if (extra === null) {
      response.destroy()
      return
    }
    const { ref_id, customer_no, buyer_sku_code } = one
    const words = { status: 'Sukses', rc: '00', sn: `SN-${customer_no}`, price: 9_900 }
    const data = { ref_id, customer_no, buyer_sku_code, ...words, message: 'ok', ...extra }
    response.end(JSON.stringify({ data: { buyer_last_saldo: 500_000, ...data } }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
}

/** A person's word about an order, as soon as its supplier is not being asked. */
export const ruled = (call: Call, word: Actions['order.resolve']['params']) =>
  until(
    () => call('order.resolve', word),
    said => !('refused' in said && said.refused === 'ORDER_BUSY'),
  )

/** Less than a file of tests may take, so that the wait is named and not the file. */
const waitMsMax = 100_000

/** Asks again until it is so; given up with what was answered last. */
export async function until<T>(
  ask: () => Promise<T> | T,
  isSo: (answer: T) => boolean,
): Promise<T> {
  const since = performance.now()
  for (;;) {
    const answer = await ask()
    if (isSo(answer)) return answer
    if (performance.now() - since > waitMsMax) {
      throw new Error(`waited for nothing; last answered: ${inspect(answer, { depth: 5 })}`)
    }
    await new Promise(resolve => setTimeout(resolve, 2))
  }
}
