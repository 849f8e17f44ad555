/**
 * What just became durable, for those who watch. An event is made from its journal line alone, so
 * one that is read again later is the same, byte for byte; its id is the line's place in the shard.
 *
 *   durable batch ──▶ watched users' lines ──▶ signal live.event
 *                 └─▶ a few, masked       ──▶ signal live.pulse (twice a second, demo only)
 *
 * LV1. A client that continues after its last id gets every later event once, in order.
 * LV2. The public pulse shows no full number and no client's reference, and nothing of the number
 *      line at all.
 * LV3. A line may be two events, and who continues between them gets the second one.
 * LV4. Who watches at the gateway of another process hears the same there; when that process is
 *      gone, or we no longer hold the journal, its watches are forgotten.
 * LV5. What the pulse calls open are orders; money, boxes and numbers under way are none.
 * LV6. Who begins to watch is told the place where that is: from there he continues, though he may
 *      be cut off before anything has happened.
 * LV7. Whoever asks what happened since takes little of the others' time, however far back he
 *      begins: lines of others stay in the database, each answer looks at so many and says where
 *      to go on, and one client's questions are answered one after the other.
 * LVA1. What is sealed in a line is opened as it is sent to its owner; events of one client keep
 *       their order, however long that takes.
 */

import type { Context, ServiceBroker, ServiceSchema } from 'moleculer'
import { merchantOwner, wallet } from '../../actors/chart.ts'
import type { OrderEvent, OrderState } from '../../actors/order/order-contract.ts'
import type { Batch } from '../../engine/host.ts'
import { shardOf } from '../../engine/ids.ts'
import { decode, type JournalRecord } from '../../engine/record.ts'
import type { DatabasePool } from '../../sql/database.ts'
import { linesOfOwners } from '../../sql/live.ts'
import type { LiveEvent } from '../contract/live.ts'
import type { Actions, Signals } from '../contract.ts'
import type { EngineRoom } from '../engine-room.ts'
import {
  balanceEvent,
  depositEvent,
  isSealed,
  numberEvent,
  type OpenMessage,
  revealed,
} from '../number/live-event.ts'
import type { StaffEvents } from '../number/staff-events.ts'
import { orderBrief } from '../order/view.ts'
import { merchantEvent } from '../soundbox/live-event.ts'

type LiveDeps = {
  readonly room: EngineRoom
  readonly pool: DatabasePool
  readonly pulse: boolean
  /** Opens messages of rented numbers; without it their texts are left out. */
  readonly openMessage?: OpenMessage
  /** What all staff hears. */
  readonly staff?: Pick<StaffEvents, 'since'>
  /** Tells the gateways of other processes. */
  readonly tellOthers?: <S extends keyof Signals>(name: S, payload: Signals[S]) => void
}

/** Somebody's events are told to him at the gateways of these processes. */
type Watch = { readonly userId: string; readonly nodes: Set<string> }

type Params<A extends keyof Actions> = Actions[A]['params']

const pulseMs = 500
const pulseOrdersMax = 12
const linesAtOnce = 2_000
/** Lines that one answer looks at. */
const lookedMax = 10_000
const beatsPerRate = 10
/** This process. */
const here = ''

const openNothing: OpenMessage = async () => null

export function liveService(deps: LiveDeps): ServiceSchema {
  const { room, pool, pulse, openMessage = openNothing, staff, tellOthers = () => {} } = deps
  const reading = new Map<string, Promise<unknown>>()
  const watched = new Map<string, Watch>()
  const telling = new InTurn(openMessage)
  const beat = new Beat()
  let timer: NodeJS.Timeout | undefined
  const unwatch = (owner: string, { nodes }: Watch, node: string) => {
    nodes.delete(node)
    if (nodes.size === 0) watched.delete(owner)
  }
  return {
    name: 'live',
    events: {
      'node.left'(ctx: Context<Signals['node.left']>) {
        for (const [owner, watch] of watched) unwatch(owner, watch, ctx.params.node)
      },
      'owner.moved'() {
        watched.clear()
      },
    },
    actions: {
      watch(ctx: Context<Params<'live.watch'>, { node?: string }>): { after: string | null } {
        const { userId, on } = ctx.params
        const node = ctx.meta.node ?? here
        for (const owner of ownersOf(userId)) {
          const watch = watched.get(owner) ?? { userId, nodes: new Set() }
          if (on) watched.set(owner, { userId, nodes: watch.nodes.add(node) })
          else unwatch(owner, watch, node)
        }
        const seq = room.engine.host.shard(shardOf(userId))?.durableSeq
        // All that this line is, be it one event or two.
        return { after: seq === undefined ? null : `${seq}.1` }
      },
      since({ params }: Context<Params<'live.since'>>) {
        const { userId } = params
        const answer = Promise.resolve(reading.get(userId)).then(() =>
          since(pool, params, openMessage),
        )
        const over = answer
          .catch(() => {})
          .then(() => {
            if (reading.get(userId) === over) reading.delete(userId)
          })
        reading.set(userId, over)
        return answer
      },
      async staffSince(ctx: Context<Params<'live.staffSince'>>) {
        const { after, limit } = ctx.params
        return { ok: (await staff?.since(after, limit)) ?? { events: [], more: false } }
      },
    },
    async started(this: { broker: ServiceBroker }) {
      const { broker } = this
      room.listeners.push(batch => {
        if (pulse) beat.add(batch)
        if (watched.size === 0) return
        for (const { outcome } of batch.piled) {
          const { record, line } = outcome
          const watch = record?.owner === undefined ? undefined : watched.get(record.owner)
          if (record === null || line === null || watch === undefined) continue
          const { userId, nodes } = watch
          for (const event of liveEventsOf(record, line.seq)) {
            telling.tell(userId, event, told => {
              if (nodes.has(here)) broker.broadcastLocal('live.event', { userId, event: told })
              if (nodes.size > (nodes.has(here) ? 1 : 0)) {
                tellOthers('live.event', { userId, event: told })
              }
            })
          }
        }
      })
      if (!pulse) return
      timer = setInterval(() => {
        const signal = beat.take(room.engine.host.livingOf('order'))
        if (signal === null) return
        broker.broadcastLocal('live.pulse', signal)
        tellOthers('live.pulse', signal)
      }, pulseMs).unref()
    },
    async stopped() {
      clearInterval(timer)
    },
  } as ServiceSchema
}

async function since(
  pool: DatabasePool,
  { userId, after, limit }: Params<'live.since'>,
  open: OpenMessage,
): Promise<Actions['live.since']['result']> {
  const shard = shardOf(userId)
  const owners = ownersOf(userId)
  const events: LiveEvent[] = []
  const [, known, isSecond] = /^(\d{1,15})(\.1)?$/.exec(after) ?? []
  const last = known === undefined ? 0 : Number(known)
  let at = isSecond === undefined ? Math.max(0, last - 1) : last
  for (let budget = lookedMax; budget > 0; budget -= linesAtOnce) {
    const stretch = { shard, after: at, limit: linesAtOnce, owners }
    const { lines, looked, last: end } = await linesOfOwners(pool, stretch)
    for (const { seq, body } of lines) {
      const record = decode(body)
      const isTheirs = record.owner !== undefined && owners.includes(record.owner)
      const told = isTheirs ? liveEventsOf(record, seq) : []
      for (const event of seq === last ? told.slice(1) : told) {
        events.push(isSealed(event) ? await revealed(event, open) : event)
        if (events.length === limit) return { ok: { events, more: true, next: event.id } }
      }
    }
    at = end
    if (looked < linesAtOnce) {
      return { ok: { events, more: false, next: looked === 0 ? after : `${at}.1` } }
    }
  }
  return { ok: { events, more: true, next: `${at}.1` } }
}

/** In whose name lines about somebody are written: a client's wallet, or a merchant's books. */
const ownersOf = (id: string): readonly string[] => [wallet(id), merchantOwner(id)]

/** Each client's events one after the other, though some have to be opened first. */
class InTurn {
  readonly #open: OpenMessage
  readonly #waiting = new Map<string, Promise<void>>()

  constructor(open: OpenMessage) {
    this.#open = open
  }

  tell(userId: string, event: LiveEvent, say: (event: LiveEvent) => void): void {
    const before = this.#waiting.get(userId)
    if (before === undefined && !isSealed(event)) {
      say(event)
      return
    }
    const mine = Promise.resolve(before)
      .then(() => (isSealed(event) ? revealed(event, this.#open) : event))
      // What can't be opened now is told without its text: it can be read from the order.
      .catch(() => revealed(event, openNothing))
      .then(say)
      .finally(() => {
        if (this.#waiting.get(userId) === mine) this.#waiting.delete(userId)
      })
    this.#waiting.set(userId, mine)
  }
}

/** What one line says to its owner. The second has an id of its own, behind the first one's. */
function liveEventsOf(record: JournalRecord, seq: number): readonly LiveEvent[] {
  const event = liveEventOf(record, seq)
  if (event === null) return []
  const isOfLine = record.kind === 'activation' || record.kind === 'deposit'
  const second = isOfLine ? balanceEvent(event, record) : null
  return second === null ? [event] : [event, second]
}

/** The event of one line, or null when it says nothing to its owner; it may hold what is sealed. */
function liveEventOf(record: JournalRecord, seq: number): LiveEvent | null {
  if (record.kind === 'activation') return numberEvent(record, seq, balanceAfter(record))
  if (record.kind === 'deposit') return depositEvent(record, seq, balanceAfter(record))
  return eventOf(record, seq)
}

/** The same for what is no rented number and no deposit at a gateway. */
export function eventOf(record: JournalRecord, seq: number): LiveEvent | null {
  if (record.kind === 'activation' || record.kind === 'deposit') return null
  if (record.kind === 'payment' || record.kind === 'settlement') return merchantEvent(record, seq)
  const balance = balanceAfter(record)
  const base = { trx_id: record.id, at: new Date(record.at).toISOString(), ...balance }
  const id = String(seq)
  if (record.kind !== 'order') {
    const amount = record.entries[0]?.[4]
    return { id, name: 'balance:updated', data: { ...base, amount } }
  }
  let name: string | null = null
  const data: Record<string, unknown> = { ...base }
  for (const event of record.events as readonly OrderEvent[]) {
    const told = tellingOf(event)
    if (told === null) continue
    name = told.name
    Object.assign(data, told.data)
  }
  return name === null ? null : { id, name, data }
}

function tellingOf(event: OrderEvent): { name: string; data: Record<string, unknown> } | null {
  switch (event.type) {
    case 'placed': {
      const { ref, product, destination, price } = event
      const data = { ref_id: ref, product_code: product, destination, price }
      return { name: 'order:created', data: { ...data, status: 'PROCESSING' } }
    }
    case 'dispatched':
      return event.n === 1 ? null : told('order:processing', 'PROCESSING', { attempt: event.n })
    case 'reported':
      return told('order:processing', 'PROCESSING', { supplier_says: event.outcome })
    case 'delivered':
      return told('order:success', 'SUCCESS', { sn: event.sn })
    case 'failed':
      return told('order:failed', 'FAILED', { failure: event.code })
    case 'parked':
      return told('order:attention', 'PROCESSING', { why: event.why })
    case 'sn_learned':
      return told('order:success', 'SUCCESS', { sn: event.sn })
    case 'resolved':
      return event.verdict === 'refund' ? told('order:refunded', 'REFUND', {}) : null
    case 'rechecked':
    case 'checked':
    case 'attempt_failed':
    case 'held':
    case 'released':
    case 'rerouted':
    case 'disputed':
    case 'sn_noted':
      return null
  }
}

const told = (name: string, status: string, data: Record<string, unknown>) => ({
  name,
  data: { status, ...data },
})

/** What is available after the last posting that touched the owner's wallet. */
function balanceAfter({ owner, entries }: JournalRecord): { balance?: number } {
  for (let leg = entries.length - 1; leg >= 0; leg--) {
    const [, , debit, credit, , debitAfter, creditAfter] = entries[leg]!
    if (debit === owner) return { balance: debitAfter[0] - debitAfter[1] }
    if (credit === owner) return { balance: creditAfter[0] - creditAfter[1] }
  }
  return {}
}

/** Counts everything, keeps a few: thousands of orders a second still make a readable page. */
class Beat {
  #orders = new Map<string, Signals['live.pulse']['orders'][number]>()
  #accepted = 0
  #completed = 0
  #wasQuiet = false
  /** Counts of the latest beats: a rate over five seconds reads calmly. */
  #past: { accepted: number; completed: number }[] = []

  add(batch: Batch): void {
    for (const { outcome } of batch.piled) {
      const { record, reply } = outcome
      if (record === null || record.kind !== 'order') continue
      if (record.born) this.#accepted++
      const state = reply.state as OrderState
      if (!('order' in state)) continue
      if (state.phase === 'delivered' || state.phase === 'failed') this.#completed++
      if (this.#orders.size >= pulseOrdersMax && !this.#orders.has(record.id)) continue
      const { trxId, product, destination, status, price, createdAt, updatedAt } = orderBrief(
        record.id,
        state,
      )
      const masked = mask(destination)
      const ms = updatedAt - createdAt
      this.#orders.set(trxId, { trxId, product, destination: masked, status, price, ms })
    }
  }

  take(open: number): Signals['live.pulse'] | null {
    this.#past.push({ accepted: this.#accepted, completed: this.#completed })
    if (this.#past.length > beatsPerRate) this.#past.shift()
    const accepted = this.#past.reduce((sum, beat) => sum + beat.accepted, 0)
    const completed = this.#past.reduce((sum, beat) => sum + beat.completed, 0)
    const quiet = accepted === 0 && completed === 0 && this.#orders.size === 0
    if (quiet && this.#wasQuiet) return null
    this.#wasQuiet = quiet
    const seconds = (beatsPerRate * pulseMs) / 1_000
    const signal = {
      orders: [...this.#orders.values()],
      acceptedPerS: Math.round((accepted / seconds) * 10) / 10,
      completedPerS: Math.round((completed / seconds) * 10) / 10,
      open,
    }
    this.#orders = new Map()
    this.#accepted = 0
    this.#completed = 0
    return signal
  }
}

/** 0878••••1230: enough to recognise one's own, too little to call. Four at least are hidden. */
export function mask(destination: string): string {
  const shown = Math.max(0, Math.min(4, Math.floor((destination.length - 4) / 2)))
  const end = destination.length - shown
  return `${destination.slice(0, shown)}${'•'.repeat(end - shown)}${destination.slice(end)}`
}
