/**
 * From journal lines to deliveries. Lines that are read back make the same rows as fresh ones.
 *
 *   journal follower ──lines──▶ concerns anybody? ──▶ pile ──▶ webhook_delivery, then position
 *
 * WHD1. A position is written after all deliveries before it: what a crash cuts off is read again,
 *       and (lane, seq) keeps a fact from being told twice.
 * WHD2. Lines of clients without endpoint, of orders without callback address, cost a look into a
 *       map and at the order's state; nothing is written for them but the position, once a second.
 * WHD4. An order's own address hears of it in the dialect that the order was placed in.
 */

import { wallet } from '../../actors/chart.ts'
import { order as orderActor } from '../../actors/order/order.ts'
import type { OrderEvent, OrderState } from '../../actors/order/order-contract.ts'
import { forget } from '../../engine/actor.ts'
import { Cell } from '../../engine/cell.ts'
import { keyOf } from '../../engine/ids.ts'
import { decode, type JournalRecord, type Line } from '../../engine/record.ts'
import type { DatabasePool } from '../../sql/database.ts'
import { type Place, positionsIn, raisePositions, type Step } from '../../sql/positions.ts'
import { addDeliveries, callbacksOf, type NewDelivery } from '../../sql/topup/webhooks.ts'
import type { WebhookEvent, WebhookShape } from '../contract/webhook.ts'
import { JournalFollower, type JournalSource, type Read } from '../journal-follower.ts'
import { eventOf } from '../live/live.service.ts'
import { orderBrief } from '../order/view.ts'
import type { Endpoint, Endpoints } from './endpoints.ts'
import { type Fact, wordsOf } from './shapes.ts'

type IntakeDeps = {
  readonly pool: DatabasePool
  readonly shards: number
  readonly endpoints: Pick<Endpoints, 'of'>
  readonly source: JournalSource
  readonly history: (shard: number, key: string) => Promise<readonly Line[]>
  /** Called when deliveries were written. */
  readonly onWritten: () => void
  readonly onError: (cause: unknown) => void
}

/** How long a delivery is tried. */
export const patienceMs = 72 * 3_600_000

/** What an order's own address, and an endpoint that did not choose, hears of. */
export const usualEvents: readonly WebhookEvent[] = [
  'order.created',
  'order.success',
  'order.failed',
  'order.refunded',
]
const usual: ReadonlySet<string> = new Set(usualEvents)

const readAtOnce = 2_000
const gathering = { beatMs: 50, gatherMs: 0, gatherMax: readAtOnce, pileMax: 20_000 }
const pace = { ...gathering, readAtOnce, positionsMs: 1_000 }

type Callback = { readonly url: string; readonly shape: WebhookShape }

export class Intake {
  readonly #deps: IntakeDeps
  readonly follower: JournalFollower
  #pile: NewDelivery[] = []

  constructor(deps: IntakeDeps) {
    this.#deps = deps
    const { shards, source, onError } = deps
    this.follower = new JournalFollower(
      { name: 'webhooks', shards, source, onError, ...pace },
      {
        positions: () => this.#findPositions(),
        take: (line, record, state) => this.#takeFresh(line, record, state),
        takeRead: (shard, read) => this.#takeRead(shard, read),
        write: steps => this.#write(steps),
        gathered: () => this.#pile.length,
      },
    )
  }

  #takeFresh(line: Line, record: JournalRecord, known: unknown): void {
    const endpoints = record.owner === undefined ? undefined : this.#deps.endpoints.of(record.owner)
    const state = record.kind === 'order' ? (known as OrderState) : null
    const address = state !== null && 'order' in state ? state.order.callbackUrl : undefined
    if (endpoints === undefined && address === undefined) return
    const callback = address === undefined ? null : callbackOf(address)
    this.#take(line, record, { state, endpoints, callback })
  }

  #take(
    { seq }: Line,
    record: JournalRecord,
    about: {
      state: OrderState | null
      endpoints: readonly Endpoint[] | undefined
      callback: Callback | null
    },
  ): void {
    const fact = factOf(record, seq, about.state)
    if (fact === null) return
    const { id: subject, at } = record
    const userId = fact.order?.userId ?? userOf(record)
    if (userId === null) return
    const common = { userId, seq, subject, event: fact.event, at, expiresAt: at + patienceMs }
    for (const { id, shape, events } of about.endpoints ?? []) {
      const body = events.has(fact.event) ? wordsOf(shape, fact) : null
      if (body === null) continue
      const lane = `${id}/${subject}`
      this.#pile.push({ ...common, endpointId: id, target: id, lane, url: null, shape, body })
    }
    const { callback } = about
    const body = callback !== null && usual.has(fact.event) ? wordsOf(callback.shape, fact) : null
    if (callback === null || body === null) return
    const target = new URL(callback.url).origin
    const lane = `callback/${subject}`
    this.#pile.push({ ...common, endpointId: null, target, lane, ...callback, body })
  }

  async #write(steps: readonly Step[]): Promise<undefined> {
    const pile = this.#pile
    this.#pile = []
    for (let at = 0; at < pile.length; at += readAtOnce) {
      await addDeliveries(this.#deps.pool, pile.slice(at, at + readAtOnce))
    }
    if (pile.length > 0) this.#deps.onWritten()
    await raisePositions(this.#deps.pool, 'webhook_position', steps)
  }

  async #findPositions(): Promise<readonly Place[]> {
    const places = await positionsIn(this.#deps.pool, 'webhook_position')
    this.#pile = []
    return places
  }

  /** Read lines do not bring the order's state: it is folded, for those whom somebody awaits. */
  async #takeRead(shard: number, read: readonly Read[]): Promise<void> {
    const callbacks = await this.#callbacksAmong(read.map(one => one.record))
    for (const { line, record } of read) {
      const endpoints =
        record.owner === undefined ? undefined : this.#deps.endpoints.of(record.owner)
      const callback = callbacks.get(record.id) ?? null
      const isOrder = record.kind === 'order'
      if (endpoints !== undefined || callback !== null) {
        const state = isOrder ? await this.#stateAt(shard, record.id, line.seq) : null
        this.#take(line, record, { state, endpoints, callback })
      }
    }
  }

  async #callbacksAmong(records: readonly JournalRecord[]): Promise<Map<string, Callback>> {
    const found = new Map<string, Callback>()
    const asked = new Set<string>()
    for (const record of records) {
      if (record.kind !== 'order') continue
      const address = addressIn(record.events as readonly OrderEvent[])
      const callback = address === undefined ? null : callbackOf(address)
      if (callback !== null) found.set(record.id, callback)
      else if (!record.born && !found.has(record.id)) asked.add(record.id)
    }
    if (asked.size > 0) {
      for (const { subject, url, shape } of await callbacksOf(this.#deps.pool, [...asked])) {
        found.set(subject, { url, shape })
      }
    }
    return found
  }

  async #stateAt(shard: number, id: string, seq: number): Promise<OrderState> {
    const cell = new Cell(forget(orderActor), keyOf(id))
    for (const line of await this.#deps.history(shard, keyOf(id))) {
      if (line.seq > seq) break
      const record = decode(line.body)
      if (record.kind === 'order' && record.id === id) cell.replay(record, line.seq)
    }
    return cell.state as OrderState
  }
}

function addressIn(events: readonly OrderEvent[]): string | undefined {
  for (const event of events) if (event.type === 'placed') return event.callbackUrl
  return undefined
}

/**
 * The dialect stands before the scheme; see services/wire/digiflazz.ts. Null for what is not one.
 * It is spelled anew: what a client wrote may hold characters that no table keeps.
 */
export function callbackOf(address: string): Callback | null {
  const [, dialect, url] = /^(?:(digiflazz|otomax|irs)\+)?(https?:.+)$/is.exec(address) ?? []
  if (url === undefined || !URL.canParse(url)) return null
  const shape = (dialect?.toLowerCase() ?? 'standard') as WebhookShape
  return { url: new URL(url).href, shape }
}

function factOf(record: JournalRecord, seq: number, state: OrderState | null): Fact | null {
  const told = eventOf(record, seq)
  if (told === null) return null
  const event = told.name.replace(':', '.')
  const { balance, amount, attempt, supplier_says, why } = told.data
  const order = state !== null && 'order' in state ? orderBrief(record.id, state) : null
  if (record.kind === 'order' && order === null) return null
  const more = order === null ? { trx_id: record.id, amount } : { attempt, supplier_says, why }
  const known = typeof balance === 'number' ? { balance } : {}
  return { event, at: record.at, order, more, ...known }
}

/** Whose wallet it is; null for house affairs. */
function userOf({ owner }: JournalRecord): string | null {
  if (owner === undefined) return null
  const at = owner.indexOf(':') + 1
  const userId = owner.slice(at)
  return wallet(userId) === owner ? userId : null
}
