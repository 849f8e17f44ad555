/**
 * Suppliers do not call us when a code comes: they are asked, each at the pace of its card. All
 * that a code may still come for is in memory, learned from durable lines, and after a start from
 * the table; the earliest due stands first in line.
 *
 *   durable line ─▶ watched? ─▶ line of its supplier ─▶ ask, or read in the list of open ones
 *                                       ▲                 ├─▶ new message ─▶ seal ─▶ the order
 *                                       └──── again ──────┴─▶ ended there ─▶ the order
 *
 * NVD1. What waits for a code is asked about again and again until it ends, also after a restart;
 *       what was given back as well, at a slower pace, as long as its number lives there.
 * NVD2. A message is told to its order once; its text leaves here sealed only, and its code never.
 * NVD3. No supplier is asked more than a bounded number of questions at once, and about one number
 *       one at a time. One that hangs delays nobody else's codes.
 * NVD4. Where the list of open numbers says what came, one question serves all of them; who is not
 *       in it is asked about singly.
 * NVD5. An order that could not be told (the engine is away) is told with the next question.
 * NVD6. Only who holds the shards asks.
 * NVD7. The key of an order is at hand before its first message is: many that come at once wait for
 *       nothing but their orders. What was told is not worked through again with each answer.
 * NVD8. Where the newest code only is told, and none while another one is on its way, the same code
 *       after such a pause is another message.
 * NVD9. What was given back, or can not be, is let go of when its number is dead there: after the
 *       first question past its end that was read and told, or half an hour later without one.
 */

import { hash, randomUUID } from 'node:crypto'
import type { ActivationCommand } from '../../actors/activation/activation-contract.ts'
import type { Reply } from '../../engine/shard.ts'
import type { Millis } from '../contract/words.ts'
import type { NumberAdapter } from './supplier/adapter.ts'
import type { Told, Vault } from './vault.ts'
import type { Known } from './view.ts'

type Inbox = Awaited<ReturnType<NumberAdapter['messages']>>
type Read = Extract<Inbox, { readonly kind: 'inbox' }>

type PollerDeps = {
  readonly now: () => Millis
  readonly isOwner: () => boolean
  readonly supplierOf: (code: string) => NumberAdapter | undefined
  readonly vault: Pick<Vault, 'lockOf'>
  readonly tell: (orderId: string, command: ActivationCommand) => Promise<Reply>
  readonly onError: (cause: unknown) => void
  /** Questions under way per supplier. */
  readonly inFlightMax?: number
}

type Watched = {
  readonly orderId: string
  readonly supplier: string
  readonly theirId: string
  everyMs: Millis
  dueAt: Millis
  isAsking: boolean
  isRefunded: boolean
  /** From when on nothing comes of it any more; null while its order is under way. */
  endsAt: Millis | null
  readonly prints: Set<string>
  /** Of all that was told of it, as it stood in the answer. */
  heard: string
  /** How often another code was asked for, and after which of these times none was there. */
  round: number
  emptied: number
}

type Line = {
  readonly supplier: string
  /** In the order in which they are due; the slow ones are those that were given back. */
  readonly fast: Map<string, Watched>
  readonly slow: Map<string, Watched>
  readonly byTheirId: Map<string, Watched>
  inFlight: number
  isSweeping: boolean
  sweepAt: Millis
}

const beatMs = 100
const usualInFlightMax = 32
const slowMs = 60_000
/** How long after its end we still ask about a number that nobody could give back. */
const graceMs = 30 * 60_000

export class Poller {
  readonly #deps: PollerDeps
  readonly #lines = new Map<string, Line>()
  readonly #inFlightMax: number
  readonly #salt = randomUUID()
  #timer: NodeJS.Timeout | undefined
  readonly #working = new Set<Promise<void>>()
  /** Since the start. */
  readonly counts = { asked: 0, swept: 0, messages: 0, unread: 0 }

  constructor(deps: PollerDeps) {
    this.#deps = deps
    this.#inFlightMax = deps.inFlightMax ?? usualInFlightMax
  }

  start(): void {
    this.#timer = setInterval(() => this.beat(), beatMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#working)
  }

  get watched(): number {
    let count = 0
    for (const { byTheirId } of this.#lines.values()) count += byTheirId.size
    return count
  }

  /** What became of an order. Runs for each of their lines. */
  heard(orderId: string, state: Known): void {
    const { number, supplier } = state.facts
    if (number === null) return
    const endsAt = endOf(state, number.diesAt)
    const everyMs = this.#paceOf(state, endsAt)
    const line = this.#lineOf(supplier)
    const known = line.byTheirId.get(number.id)
    if (everyMs === null) {
      if (known !== undefined) drop(line, known)
      return
    }
    const one = known ?? {
      ...{ orderId, supplier, theirId: number.id, everyMs, dueAt: this.#deps.now() + everyMs },
      ...{ isAsking: false, isRefunded: false, prints: new Set<string>(), heard: '' },
      ...{ round: 0, emptied: 0, endsAt: null },
    }
    if (known === undefined) void this.#deps.vault.lockOf(orderId).catch(this.#deps.onError)
    one.isRefunded = state.phase === 'refunded'
    one.endsAt = endsAt
    one.round = state.facts.resends
    for (const { print } of state.facts.messages) one.prints.add(print)
    if (known !== undefined && known.everyMs === everyMs) return
    line.byTheirId.set(one.theirId, one)
    one.everyMs = everyMs
    one.dueAt = this.#deps.now() + everyMs
    this.#stand(line, one)
  }

  /** Somebody else may have asked meanwhile. */
  forget(): void {
    this.#lines.clear()
  }

  /** Asks whatever is due and may be asked. */
  beat(): void {
    if (!this.#deps.isOwner()) return
    const now = this.#deps.now()
    for (const line of this.#lines.values()) {
      const adapter = this.#deps.supplierOf(line.supplier)
      const isSwept = adapter?.card.sweeps === true && line.fast.size > 1
      if (adapter !== undefined && isSwept) this.#sweepWhenDue(line, adapter, now)
      else if (adapter !== undefined) this.#askDue(line, line.fast, adapter, now)
      this.#askDue(line, line.slow, adapter, now)
    }
  }

  /** Null when nothing can come of it any more. */
  #paceOf(state: Known, endsAt: Millis | null): Millis | null {
    const { pollMs } = state.facts.terms
    switch (state.phase) {
      case 'buying':
        return null
      case 'waiting':
      case 'cancelling':
        return pollMs
      case 'received':
        return state.open ? pollMs : null
      case 'refunded':
      case 'parked':
        return endsAt !== null && this.#deps.now() < endsAt ? slowMs : null
    }
  }

  #lineOf(supplier: string): Line {
    const known = this.#lines.get(supplier)
    if (known !== undefined) return known
    const maps = { fast: new Map(), slow: new Map(), byTheirId: new Map() }
    const line: Line = { supplier, ...maps, inFlight: 0, isSweeping: false, sweepAt: 0 }
    this.#lines.set(supplier, line)
    return line
  }

  /** At the end of its line: all in one line have the same pace, so it stays in order. */
  #stand(line: Line, one: Watched): void {
    line.fast.delete(one.orderId)
    line.slow.delete(one.orderId)
    const queue = one.everyMs === slowMs ? line.slow : line.fast
    queue.set(one.orderId, one)
  }

  /** Without an adapter nobody can be asked, and what is over is let go of all the same. */
  #askDue(
    line: Line,
    queue: Map<string, Watched>,
    adapter: NumberAdapter | undefined,
    now: Millis,
  ): void {
    for (const one of queue.values()) {
      if (one.dueAt > now || line.inFlight >= this.#inFlightMax) return
      if (one.endsAt !== null && now >= one.endsAt + graceMs) {
        drop(line, one)
        continue
      }
      one.dueAt = now + one.everyMs
      this.#stand(line, one)
      if (adapter !== undefined && !one.isAsking) this.#ask(line, one, adapter)
    }
  }

  #ask(line: Line, one: Watched, adapter: NumberAdapter): void {
    one.isAsking = true
    line.inFlight++
    this.counts.asked++
    const askedAt = this.#deps.now()
    this.#work(
      adapter
        .messages(one.theirId)
        .then(async inbox => {
          await this.#read(one, inbox)
          const isOver = one.endsAt !== null && askedAt >= one.endsAt
          if (isOver && inbox.kind === 'inbox') drop(line, one)
        })
        .finally(() => {
          one.isAsking = false
          line.inFlight--
        }),
    )
  }

  #sweepWhenDue(line: Line, adapter: NumberAdapter, now: Millis): void {
    if (line.isSweeping || line.sweepAt > now) return
    line.isSweeping = true
    line.sweepAt = now + adapter.card.pollMs
    this.counts.swept++
    this.#work(
      this.#sweep(line, adapter).finally(() => {
        line.isSweeping = false
      }),
    )
  }

  async #sweep(line: Line, adapter: NumberAdapter): Promise<void> {
    const asked = [...line.fast.values()]
    const open = await adapter.active()
    const inboxes = new Map(open?.map(({ id, inbox }) => [id, inbox]) ?? [])
    const found: Promise<void>[] = []
    for (const one of asked) {
      const inbox = inboxes.get(one.theirId)
      if (one.isAsking) continue
      if (inbox === undefined) {
        // Ended there, or left out of their list: it is asked about like any other.
        one.dueAt = 0
        continue
      }
      one.dueAt = this.#deps.now() + one.everyMs
      // Of thousands in a list a few have news, and those should not stand behind the others.
      if (this.#isNews(one, inbox)) found.push(this.#readSwept(one, inbox))
    }
    await Promise.all(found)
    const missing = new Map(asked.filter(({ dueAt }) => dueAt === 0).map(one => [one.orderId, one]))
    for (const id of missing.keys()) if (!line.fast.has(id)) missing.delete(id)
    this.#askDue(line, missing, adapter, this.#deps.now())
  }

  #isNews(one: Watched, { messages, ended }: Read): boolean {
    if (ended !== null) return true
    return messages.length > 0 && this.#hashOf(messages) !== one.heard
  }

  /** Salted and hashed: a code is kept in memory as little as elsewhere. */
  #hashOf(messages: Read['messages']): string {
    return hash('sha256', this.#salt + JSON.stringify(messages), 'base64')
  }

  async #readSwept(one: Watched, inbox: Read): Promise<void> {
    one.isAsking = true
    try {
      await this.#read(one, inbox)
    } finally {
      one.isAsking = false
    }
  }

  async #read(one: Watched, inbox: Inbox): Promise<void> {
    if (inbox.kind === 'unknown') {
      this.counts.unread++
      return
    }
    const { messages, ended } = inbox
    if (messages.length > 0) await this.#tellMessages(one, inbox)
    else if (this.#deps.supplierOf(one.supplier)?.card.tellsNewest) {
      one.emptied = one.round
      one.heard = ''
    }
    if (ended === null || one.isRefunded) return
    await this.#deps.tell(one.orderId, { type: 'ended_there', how: ended })
  }

  async #tellMessages(one: Watched, { messages, ended }: Read): Promise<void> {
    const heard = this.#hashOf(messages)
    if (heard === one.heard) return
    const lock = await this.#deps.vault.lockOf(one.orderId)
    const times = new Map<string, number>()
    for (const told of messages) {
      const like = likenessOf(told)
      const nth = times.get(like) ?? 0
      times.set(like, nth + 1)
      // Of rounds since which no pause was seen it is the same message.
      const isNew = one.round > 0 && one.emptied === one.round
      const from = isNew ? one.round : 0
      const rounds = Array.from({ length: one.round - from + 1 }, (_, n) => from + n)
      const prints = rounds.map(round => lock.print(told, nth + round))
      const print = prints[0]!
      if (prints.some(known => one.prints.has(known))) continue
      const charged = one.isRefunded && ended !== 'cancelled' ? { charged: true } : null
      const code = told.code !== null
      const sms = { type: 'sms', sealed: lock.seal(told), print, code, ...charged } as const
      await this.#deps.tell(one.orderId, sms)
      one.prints.add(print)
      this.counts.messages++
    }
    one.heard = heard
  }

  #work(work: Promise<void>): void {
    const watched = work.catch(this.#deps.onError).finally(() => this.#working.delete(watched))
    this.#working.add(watched)
  }
}

/** Null while its order is under way: that has clocks of its own. */
function endOf({ phase }: Known, diesAt: Millis): Millis | null {
  if (phase === 'refunded') return diesAt
  return phase === 'parked' ? diesAt + graceMs : null
}

/** What a print is made of. */
const likenessOf = ({ text, code }: Told): string =>
  code === null ? `text ${text}` : `code ${code}`

function drop(line: Line, one: Watched): void {
  line.fast.delete(one.orderId)
  line.slow.delete(one.orderId)
  line.byTheirId.delete(one.theirId)
}
