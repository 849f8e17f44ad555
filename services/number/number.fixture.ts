/**
 * The number line on an engine, with a clock that the test sets and a seller who speaks the real
 * protocol and does as told. The catalogue is one offer; whoever guards lets everybody through.
 */

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { ServiceBroker } from 'moleculer'
import { makeId } from '../../engine/ids.ts'
import { nodeConfig } from '../../moleculer.config.ts'
import { type Database, openDatabase } from '../../sql/database.ts'
import type { Answer } from '../contract/answer.ts'
import type { Call } from '../contract.ts'
import { type EngineRoom, openEngineRoom } from '../engine-room.ts'
import { freshKey } from '../fresh-key.ts'
import { journalOf } from '../journal-follower.ts'
import { Projector } from '../projection/projector.ts'
import { makeSeal, newMasterKey, type Seal } from '../seal.ts'
import { walletService } from '../wallet/wallet.service.ts'
import type { RentalVerdict } from './abuse/guard.ts'
import { type NumberLine, numberLine } from './line.ts'
import { type NumberAdapter, offerWith } from './supplier/adapter.ts'
import { handlerApi } from './supplier/handler-api.ts'

export const shards = 4
export const seller = 'seller'
const price = 5_000
const cost = 3_500

type Sold = {
  readonly id: string
  readonly number: string
  readonly ref: string
  codes: string[]
  phase: 'open' | 'cancelled' | 'finished'
  retries: number
}

/** What the seller does with the next requests, and what it has done. */
type Seller = {
  readonly sold: Sold[]
  readonly asked: string[]
  /** Ids of those of whom no more codes are wanted, as often as it was said. */
  readonly finished: string[]
  /** How a purchase goes: `cut` sells and does not answer, `lost` does neither. */
  buying: 'ok' | 'cut' | 'lost' | 'none' | 'hold'
  cancelling: 'ok' | 'early' | 'received' | 'cut'
  /** Whether another code may be asked for, or is not answered for. */
  resending: 'ok' | 'refused' | 'cut'
  /** Lets go of purchases that are held. */
  release(): void
  send(number: string, code: string): void
  /** One that was sold, and nobody was told of. */
  stray(): Sold
  readonly url: string
}

export type Stand = {
  readonly room: EngineRoom
  readonly db: Database
  readonly broker: ServiceBroker
  readonly call: Call
  readonly clock: { ms: number }
  readonly seller: Seller
  readonly line: NumberLine
  readonly seal: Seal
  readonly errors: unknown[]
  readonly guard: {
    verdict: RentalVerdict
    readonly judged: string[]
    readonly forgotten: string[]
  }
  user(deposit?: number): Promise<string>
  order(userId: string, ref?: string, more?: object): ReturnType<typeof ordered>
  /** As a death would: nothing is said goodbye to but what a test can't leave open. */
  stop(): Promise<void>
}

export const okOf = <T>(answer: Answer<T>): T => {
  if ('ok' in answer) return answer.ok
  throw new Error(JSON.stringify(answer))
}
export const refusedOf = (answer: Answer<unknown>): string =>
  'refused' in answer ? answer.refused : JSON.stringify(answer)

type StandOptions = {
  readonly url: string
  readonly ms?: number
  readonly seal?: Seal
  readonly seller?: Seller
  readonly watchedMax?: number
  readonly buyingMs?: number
  /** Another supplier in the place of the seller's, and what is bought there. */
  readonly supplier?: {
    readonly adapter: NumberAdapter
    readonly offer: string
    readonly cost: number
  }
}

let nodes = 0

export async function standAt(t: TestContext, options: StandOptions): Promise<Stand> {
  const { url, ms = Date.UTC(2026, 9, 14, 5), seal = makeSeal(newMasterKey()) } = options
  const { watchedMax = 1_000, supplier, buyingMs } = options
  const shop = options.seller ?? (await sellerAt(t))
  const db = await openDatabase(url)
  const clock = { ms }
  const errors: unknown[] = []
  const onError = (cause: unknown): void => void errors.push(cause)
  const room = await openEngineRoom({ url, shards, now: () => clock.ms, limitOf: () => 16 })
  const { engine } = room
  const shopConfig = { baseUrl: shop.url, credentials: { api_key: 'key' }, unit: '1' }
  const adapter = supplier?.adapter ?? handlerApi.open(shopConfig)
  const guard: Stand['guard'] = { verdict: null, judged: [], forgotten: [] }
  const line = numberLine({
    ...{ room, db, seal, onError, watchedMax },
    ...(buyingMs === undefined ? {} : { buyingMs }),
    isOwner: () => engine.state === 'serving',
    suppliers: () => [[seller, adapter]],
    supplierOf: code => (code === seller ? adapter : undefined),
    settings: () => ({ waitMinutes: 15, codeShownHours: 24, retentionDays: 30 }),
    guard: {
      judge: async ask => {
        guard.judged.push(ask.key)
        return guard.verdict
      },
      forget: async key => void guard.forgotten.push(key),
      denies: () => false,
    },
    catalogue: {
      services: () => ({ ok: { services: [], next: null, asOf: clock.ms } }),
      countries: () => ({ ok: { countries: [], asOf: clock.ms } }),
      operators: () => ({ ok: { operators: [] } }),
      idsOf: ({ serviceId, countryId }) => ({
        service: serviceId === 'wa' ? 'whatsapp' : serviceId,
        country: countryId,
      }),
      quote: ({ serviceId, countryId, operatorId, maxPrice }) => {
        if (serviceId !== 'whatsapp') return { refused: 'SERVICE_UNKNOWN' }
        if (maxPrice !== null && maxPrice < price) return { refused: 'PRICE_ABOVE_MAX' }
        const { cancelAfterMs, lifeMs, resends, pollMs } = adapter.card
        return {
          ...{ service: serviceId, serviceName: 'WhatsApp' },
          ...{ country: countryId, countryName: 'Indonesia' },
          ...{ operator: operatorId, operatorName: 'Semua operator' },
          ...{ supplier: seller, price, cost: supplier?.cost ?? cost },
          offer: supplier?.offer ?? offerWith('wa/6', ''),
          terms: { cancelAfterMs, lifeMs, resends, pollMs },
        }
      },
    },
  })
  const projector = new Projector({ url, shards, source: journalOf(room) })
  room.listeners.push(batch => projector.feed(batch))
  const broker = new ServiceBroker({ ...nodeConfig({ logLevel: 'error' }), nodeID: `n${++nodes}` })
  broker.createService(line.service)
  broker.createService(walletService({ room, db, projector }))
  await engine.start()
  await projector.start()
  await line.start()
  await broker.start()
  const call: Call = (action, params) => broker.call(action, params) as never
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      await broker.stop()
      await line.stop()
      await projector.stop()
      await engine.stop()
      await adapter.close()
      await db.end()
    })()
    return stopping
  }
  t.after(stop)
  return {
    ...{ room, db, broker, call, clock, seller: shop, line, seal, errors, guard, stop },
    async user(deposit = 20_000) {
      const userId = makeId(clock.ms, ++users % shards, freshKey())
      if (deposit > 0) {
        const ref = `opening-${userId}`
        okOf(await call('wallet.deposit', { userId, amount: deposit, ref, note: 'tunai' }))
      }
      return userId
    },
    order: (userId, ref = `r${++refs}`, more = {}) => ordered(call, userId, ref, more),
  }
}

let users = 0
let refs = 0

const ordered = (call: Call, userId: string, ref: string, more: object) =>
  call('number.create', {
    ...{ userId, level: 0, ref, serviceId: 'whatsapp', countryId: 'indonesia' },
    ...{ operatorId: 'any', maxPrice: null, address: '127.0.0.1', ...more },
  })

/** Sells over a socket, in the words of the protocol. */
export async function sellerAt(t: TestContext): Promise<Seller> {
  const sold: Sold[] = []
  const asked: string[] = []
  const finished: string[] = []
  let held: (() => void)[] = []
  const state = {
    buying: 'ok' as Seller['buying'],
    cancelling: 'ok' as Seller['cancelling'],
    resending: 'ok' as Seller['resending'],
  }
  const byId = (id: string | null) => sold.find(one => one.id === id)

  function sell(ref: string): Sold {
    const id = String(700_000 + sold.length)
    const number = `62812${String(1_000_000 + sold.length)}`
    const one: Sold = { id, number, ref, codes: [], phase: 'open', retries: 0 }
    sold.push(one)
    return one
  }

  const bought = ({ id, number }: Sold): string =>
    JSON.stringify({
      ...{ activationId: id, phoneNumber: number, activationCost: cost, currency: 643 },
      ...{ countryCode: '6', canGetAnotherSms: '1', activationOperator: 'any' },
    })

  function statusOf(one: Sold | undefined): string {
    if (one === undefined) return 'NO_ACTIVATION'
    if (one.phase === 'cancelled') return 'STATUS_CANCEL'
    const code = one.codes.at(-1)
    if (code === undefined) return 'STATUS_WAIT_CODE'
    return one.retries >= one.codes.length ? `STATUS_WAIT_RETRY:${code}` : `STATUS_OK:${code}`
  }

  function change(one: Sold | undefined, status: string): string | null {
    if (one === undefined) return 'NO_ACTIVATION'
    if (status === '3') {
      if (state.resending === 'refused') return 'BAD_STATUS'
      one.retries++
      return state.resending === 'cut' ? null : 'ACCESS_RETRY_GET'
    }
    if (status === '6') {
      finished.push(one.id)
      one.phase = 'finished'
      return 'ACCESS_ACTIVATION'
    }
    if (status !== '8') return 'BAD_STATUS'
    if (state.cancelling === 'early') return 'EARLY_CANCEL_DENIED'
    if (state.cancelling === 'received' || one.codes.length > 0) return 'BAD_STATUS'
    one.phase = 'cancelled'
    return state.cancelling === 'cut' ? null : 'ACCESS_CANCEL'
  }

  const listed = (): string =>
    JSON.stringify({
      status: 'success',
      activeActivations: sold
        .filter(({ phase }) => phase === 'open')
        .map(one => ({
          ...{ activationId: one.id, serviceCode: 'wa', countryCode: '6' },
          ...{ phoneNumber: one.number, activationCost: cost, activationStatus: '4' },
          ...{ smsCode: one.codes, smsText: one.codes.length > 0 ? textOf(one.codes.at(-1)!) : '' },
        })),
    })

  const server = createServer(async (request, response) => {
    const query = new URL(request.url ?? '/', 'http://seller').searchParams
    const action = query.get('action') ?? ''
    asked.push(action)
    const say = (text: string | null): void => {
      if (text === null) response.destroy()
      else response.end(text)
    }
    switch (action) {
      case 'getNumberV2': {
        if (state.buying === 'hold') await new Promise<void>(resolve => held.push(resolve))
        if (state.buying === 'none') return say('NO_NUMBERS')
        if (state.buying === 'lost') return say(null)
        const one = sell(query.get('orderId') ?? '')
        return say(state.buying === 'cut' ? null : bought(one))
      }
      case 'getStatus':
        return say(statusOf(byId(query.get('id'))))
      case 'setStatus':
        return say(change(byId(query.get('id')), query.get('status') ?? ''))
      case 'getActiveActivations':
        return say(listed())
      default:
        return say('BAD_ACTION')
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    ...{ sold, asked, finished, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    get buying() {
      return state.buying
    },
    set buying(how) {
      state.buying = how
    },
    get cancelling() {
      return state.cancelling
    },
    set cancelling(how) {
      state.cancelling = how
    },
    get resending() {
      return state.resending
    },
    set resending(how) {
      state.resending = how
    },
    stray: () => sell('stray'),
    release() {
      for (const go of held) go()
      held = []
    },
    send(number, code) {
      sold.find(one => one.number === number)!.codes.push(code)
    },
  }
}

/** How the newest message reads. */
export const textOf = (code: string): string => `Kode kamu ${code}. Jangan berikan ke siapa pun.`
