/**
 * What Aedes may remember, and how its packets travel inside. Both are less than Aedes usually has:
 * boxes never talk to each other, what they say goes to the services, and what they are told comes
 * from there (box.ts). So nothing is stored but what a box of a persistent session subscribed to.
 *
 * BRS1. No message waits here: the queue of a box is its actor's, durable and in order. A second
 *       one would say things late and twice.
 * BRS2. A persistent session keeps its filters while its box is away, as many sessions as the limit
 *       says; the one longest away is forgotten first, and its box subscribes again.
 * BRS3. Ends of connections are worked through at once, without a moment in between in which Aedes
 *       would lose count of two that replace one at the same time.
 * BRS4. What is kept is kept for the other brokers too, where there are any: a box whose session
 *       lasts finds it at each of them. Of two that know of one, theirs counts.
 */

import { Readable } from 'node:stream'
import type { Client, Subscription } from 'aedes'

type Named = { readonly id: string }
type Numbered = { readonly messageId?: number }
/** A PUBACK; a reason is MQTT 5's. */
export type Receipt = { readonly messageId: number; readonly reasonCode?: number }

/** Where all brokers find the filters of a session. */
export type SharedSessions = {
  /** Null: there are none. Rejects when that can't be known now. */
  recall(id: string): Promise<readonly Subscription[] | null>
  /** No filters: the session is over. */
  keep(id: string, filters: readonly Subscription[]): void
}

type SessionOptions = {
  readonly max: number
  /** Refused filters are not kept. */
  readonly isAllowed: (client: Client, filter: string) => boolean
  readonly onAck: (client: Client, receipt: Receipt) => void
  readonly onKept?: SharedSessions['keep']
}

/** What Aedes calls persistence. */
export class Sessions {
  readonly #options: SessionOptions
  readonly #filters = new Map<string, Map<string, Subscription>>()
  /** Ids of QoS 2 between PUBLISH and PUBREL; Aedes bounds them per box. */
  readonly #received = new Map<string, Set<number>>()

  constructor(options: SessionOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#filters.size
  }

  async setup(): Promise<void> {}
  async destroy(): Promise<void> {}

  async addSubscriptions(client: Client, filters: readonly Subscription[]): Promise<void> {
    const kept = this.#filters.get(client.id) ?? new Map()
    this.#filters.delete(client.id)
    this.#filters.set(client.id, kept)
    for (const filter of filters) {
      if (this.#options.isAllowed(client, filter.topic)) kept.set(filter.topic, filter)
    }
    this.#tidy()
    this.#options.onKept?.(client.id, [...kept.values()])
  }

  /** As others knew it; null: they know that there is none. */
  learn(id: string, filters: readonly Subscription[] | null): void {
    this.#filters.delete(id)
    if (filters === null) return
    this.#filters.set(id, new Map(filters.map(filter => [filter.topic, filter])))
    this.#tidy()
  }

  async removeSubscriptions(client: Named, topics: readonly string[]): Promise<void> {
    const kept = this.#filters.get(client.id)
    for (const topic of topics) kept?.delete(topic)
    if (kept?.size === 0) this.#filters.delete(client.id)
    if (kept !== undefined) this.#options.onKept?.(client.id, [...kept.values()])
  }

  async subscriptionsByClient({ id }: Named): Promise<readonly Subscription[]> {
    return [...(this.#filters.get(id)?.values() ?? [])].map(filter => ({ ...filter }))
  }

  async cleanSubscriptions({ id }: Named): Promise<void> {
    this.#filters.delete(id)
  }

  async outgoingClearMessageId(client: Client, receipt: Receipt): Promise<void> {
    this.#options.onAck(client, receipt)
  }

  async incomingStorePacket({ id }: Named, { messageId }: Numbered): Promise<void> {
    const ids = this.#received.get(id) ?? new Set()
    this.#received.set(id, ids.add(messageId!))
  }

  async incomingGetPacket({ id }: Named, { messageId }: Numbered): Promise<true> {
    if (this.#received.get(id)?.has(messageId!)) return true
    throw new Error('no such packet')
  }

  async incomingDelPacket({ id }: Named, { messageId }: Numbered): Promise<void> {
    const ids = this.#received.get(id)
    if (!ids?.delete(messageId!)) throw new Error('no such packet')
    if (ids.size === 0) this.#received.delete(id)
  }

  /** Also of persistent sessions: a box that was away says again what was not finished. */
  async cleanIncoming({ id }: Named): Promise<void> {
    this.#received.delete(id)
  }

  async storeRetained(): Promise<void> {}
  async outgoingEnqueue(): Promise<void> {}
  async outgoingEnqueueCombi(): Promise<void> {}
  async outgoingUpdate(): Promise<void> {}
  async subscriptionsByTopic(): Promise<readonly never[]> {
    return none
  }
  async putWill(): Promise<void> {}
  async getWill(): Promise<undefined> {}
  async delWill(): Promise<undefined> {}
  createRetainedStreamCombi = empty
  outgoingStream = empty
  streamWill = empty

  #tidy(): void {
    if (this.#filters.size > this.#options.max) this.#forget(this.#filters.keys().next().value!)
  }

  #forget(id: string): void {
    this.#filters.delete(id)
    this.#received.delete(id)
  }
}

/** What Aedes calls its emitter: nobody listens, and every answer is given at once. */
export class Silence {
  on(_topic: string, _notify: unknown, done: () => void = noop): void {
    done()
  }

  removeListener(_topic: string, _notify: unknown, done: () => void = noop): void {
    done()
  }

  emit(_packet: unknown, done: () => void = noop): void {
    done()
  }

  close(done: () => void = noop): void {
    done()
  }
}

const none: readonly never[] = []
const noop = (): void => {}
const empty = (): Readable => Readable.from([])
