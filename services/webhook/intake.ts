/**
 * From journal lines to deliveries. Fresh lines come by hand from the engine; whoever fell behind
 * (a start, a crash, too much at once) reads the journal. Both roads write the same rows.
 *
 *   engine ──durable lines──▶ concerns anybody? ──▶ pile ──▶ webhook_delivery, then position
 *   journal ──when behind───▶
 *
 * WHD1. A position is written after all deliveries before it: what a crash cuts off is read again,
 *       and (lane, seq) keeps a fact from being told twice.
 * WHD2. Lines of clients without endpoint, of orders without callback address, cost a look into a
 *       map and at the order's state; nothing is written for them but the position, once a second.
 * WHD3. What gathers is bounded: over the bound, fresh lines are let go and read back later.
 * WHD4. An order's own address hears of it in the dialect that the order was placed in.
 */

import { wallet } from '../../actors/chart.ts'
import { order as orderActor } from '../../actors/order/order.ts'
import type { OrderEvent, OrderState } from '../../actors/order/order-contract.ts'
import { forget } from '../../engine/actor.ts'
import { Cell } from '../../engine/cell.ts'
import type { Batch } from '../../engine/host.ts'
import { keyOf } from '../../engine/ids.ts'
import { decode, type JournalRecord, type Line } from '../../engine/record.ts'
import type { DatabasePool } from '../../sql/database.ts'
import {
  addDeliveries,
  callbacksOf,
  type NewDelivery,
  savePositions,
  webhookPositions,
} from '../../sql/webhooks.ts'
import type { WebhookEvent, WebhookShape } from '../contract/webhook.ts'
import { eventOf } from '../live/live.service.ts'
import { orderBrief } from '../order/view.ts'
import type { Endpoint, Endpoints } from './endpoints.ts'
import { type Fact, wordsOf } from './shapes.ts'

export type IntakeDeps = {
  readonly pool: DatabasePool
  readonly shards: number
  readonly endpoints: Pick<Endpoints, 'of'>
  readonly lines: (shard: number, seq: number, limit: number) => Promise<readonly Line[]>
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

const beatMs = 50
const saveMs = 1_000
const pileMax = 20_000
const readAtOnce = 2_000

type Callback = { readonly url: string; readonly shape: WebhookShape }

export class Intake {
  readonly #deps: IntakeDeps
  /** Per shard: the last line taken, heard of, and known to be in the position table. */
  readonly #taken: number[]
  readonly #heard: number[]
  readonly #saved: number[]
  readonly #behind = new Set<number>()
  #pile: NewDelivery[] = []
  #savedAt = 0
  #working: Promise<void> | null = null
  #timer: NodeJS.Timeout | undefined
  /** A write failed: what was piled is gone, and positions in memory mean nothing. */
  #lost = false
  #stopped = false

  constructor(deps: IntakeDeps) {
    this.#deps = deps
    this.#taken = new Array(deps.shards).fill(0)
    this.#heard = new Array(deps.shards).fill(0)
    this.#saved = new Array(deps.shards).fill(0)
  }

  async start(): Promise<void> {
    await this.#findPositions()
    this.#timer = setInterval(() => void this.#beat(), beatMs)
  }

  /** Everything that was durable when the engine stopped is written; or read again later. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await this.#working
    if (!this.#lost) await this.#write({ positionsToo: true }).catch(this.#deps.onError)
  }

  /** Looks into the journal again: somebody else may have written there. */
  lookAgain(): void {
    for (let shard = 0; shard < this.#deps.shards; shard++) this.#behind.add(shard)
  }

  /** Lines that are durable and not yet looked at. */
  lag(durable: Iterable<{ index: number; durableSeq: number }>): number {
    let lag = 0
    for (const { index, durableSeq } of durable) {
      lag += Math.max(0, durableSeq - this.#taken[index]!)
    }
    return lag
  }

  /** True when all that was heard of is written. */
  get idle(): boolean {
    return this.#behind.size === 0 && this.#pile.length === 0 && this.#working === null
  }

  /** Everything that just became durable. Runs for each line: no closures, no promises. */
  feed(batch: Batch): void {
    const { piled } = batch
    for (let at = 0; at < piled.length; at++) {
      const { line, record, reply } = piled[at]!.outcome
      if (line === null || record === null) continue
      const { shard, seq } = line
      this.#heard[shard] = seq
      if (this.#behind.has(shard)) continue
      if (seq !== this.#taken[shard]! + 1 || this.#pile.length >= pileMax) {
        if (seq > this.#taken[shard]!) this.#behind.add(shard)
        continue
      }
      this.#taken[shard] = seq
      const endpoints =
        record.owner === undefined ? undefined : this.#deps.endpoints.of(record.owner)
      const state = record.kind === 'order' ? (reply.state as OrderState) : null
      const address = state !== null && 'order' in state ? state.order.callbackUrl : undefined
      if (endpoints === undefined && address === undefined) continue
      const callback = address === undefined ? null : callbackOf(address)
      this.#take(line, record, { state, endpoints, callback })
    }
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

  #beat(): Promise<void> {
    this.#working ??= this.#work().finally(() => {
      this.#working = null
    })
    return this.#working
  }

  async #work(): Promise<void> {
    try {
      if (this.#lost) await this.#findPositions()
      if (this.#behind.size > 0) await this.#readBehind()
      const positionsToo = performance.now() - this.#savedAt >= saveMs
      if (this.#pile.length > 0 || positionsToo) await this.#write({ positionsToo })
    } catch (cause) {
      this.#lost = true
      this.#deps.onError(cause)
    }
  }

  async #write({ positionsToo }: { positionsToo: boolean }): Promise<void> {
    const pile = this.#pile
    const reached = [...this.#taken]
    this.#pile = []
    for (let at = 0; at < pile.length; at += readAtOnce) {
      await addDeliveries(this.#deps.pool, pile.slice(at, at + readAtOnce))
    }
    if (pile.length > 0) this.#deps.onWritten()
    if (!positionsToo) return
    const moved = reached.flatMap((seq, shard) =>
      seq > this.#saved[shard]! ? [[shard, seq] as const] : [],
    )
    this.#savedAt = performance.now()
    if (moved.length === 0) return
    await savePositions(this.#deps.pool, moved)
    for (const [shard, seq] of moved) this.#saved[shard] = seq
  }

  async #findPositions(): Promise<void> {
    const rows = await webhookPositions(this.#deps.pool)
    this.#pile = []
    this.#saved.fill(0)
    for (const { shard, seq } of rows) this.#saved[shard] = seq
    for (let shard = 0; shard < this.#deps.shards; shard++) {
      this.#taken[shard] = this.#saved[shard]!
      this.#behind.add(shard)
    }
    this.#lost = false
  }

  async #readBehind(): Promise<void> {
    for (const shard of [...this.#behind]) {
      for (;;) {
        if (this.#stopped) return
        const lines = await this.#deps.lines(shard, this.#taken[shard]!, readAtOnce)
        await this.#takeRead(shard, lines)
        if (this.#pile.length > 0) await this.#write({ positionsToo: false })
        // A line that came by hand meanwhile was let go: read on until it is there.
        if (lines.length < readAtOnce && this.#taken[shard]! >= this.#heard[shard]!) break
      }
      this.#behind.delete(shard)
    }
  }

  /** Read lines do not bring the order's state: it is folded, for those whom somebody awaits. */
  async #takeRead(shard: number, lines: readonly Line[]): Promise<void> {
    const read = lines.map(line => ({ line, record: decode(line.body) }))
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
      this.#taken[shard] = line.seq
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
