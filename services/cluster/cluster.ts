/**
 * Several processes as one. One holds the journal and does the work; every other one takes requests
 * as well, and passes on what it is asked.
 *
 *   gateway ─▶ call ─┬─ we hold the journal ──────────────────────▶ our services
 *                    └─ another does ─▶ NATS, sealed ─▶ relay there ─▶ its services
 *
 * Nothing here is relied on for money: who may write is told by the journal's fence alone. A call
 * that is repeated is the same order, by its reference.
 *
 * CLU1. Who holds the journal says so every second, with the epoch of his lease; the highest epoch
 *       that was heard lately is believed.
 * CLU2. What surely did not leave, or was turned away there, is answered by our own services, which
 *       say that they stand by: retryable. What left and was not answered is unknown.
 * CLU3. When the holder changes, whoever waits for the former one hears that it is unknown.
 * CLU4. Cards of clients, with their secrets, and our own health are answered at home.
 * CLU5. What the holder tells watchers is heard at every gateway, or it is noticed that something
 *       was not: then they begin anew. Who holds nothing tells nothing.
 * CLU6. Without NATS the holder goes on alone; the others say that they stand by.
 * CLU7. A call is carried out within a minute of being made, or not at all.
 * CLU8. A NATS that hangs keeps nobody from leaving.
 */

import { createHmac } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type Context, Errors, ServiceBroker } from 'moleculer'
import { clusterConfig } from '../../moleculer.config.ts'
import type { HealthPart } from '../contract/live.ts'
import type { Millis } from '../contract/words.ts'
import type { Actions, Call, Signals } from '../contract.ts'
import { Packets } from '../wire/packets.ts'
import { NatsTransporter, natsOptions, SealedSerializer } from './nats.ts'
import { type Parcel, Parcels, unpack } from './parcels.ts'

/** A call of our own services; `node`: on behalf of which other process. */
type LocalCall = (
  action: keyof Actions,
  params: unknown,
  on: { readonly requestId: string | null; readonly node: string },
) => Promise<unknown>

export type ClusterOptions = {
  readonly natsUrl: string
  /** 32 bytes that all processes of the installation have in common. */
  readonly key: Uint8Array
  readonly installation: string
  readonly logLevel: string
  readonly now: () => Millis
  /** Of our ownership of the journal; null while we have none. */
  readonly epoch: () => number | null
  readonly isReady: () => boolean
  readonly call: LocalCall
  readonly signal: <S extends keyof Signals>(name: S, payload: Signals[S]) => void
}

type Holder = Announced & {
  readonly node: string
  /** By the stopwatch: it tells a silence, whatever is done to the clock. */
  readonly heardAt: number
}

/** `said`: how much it has told watchers so far. */
type Announced = { readonly epoch: number; readonly isReady: boolean; readonly said: number }

type Relayed = {
  readonly action: keyof Actions
  readonly parcel: Parcel
  readonly requestId: string | null
  readonly at: Millis
}

/** Turned away: it was certainly not carried out. */
type Reply = { readonly parcel: Parcel } | { readonly turnedAway: true }
type Said = { readonly name: keyof Signals; readonly payload: never; readonly said: number }

/** Whoever speaks another one is not understood, and not heard. */
const language = 'laju cluster 1'
const sayMs = 1_000
const believedMs = 5_000
const lateMs = 60_000
const closeMsMax = 5_000
const atHome = /^(?:identity|system)\.|^(?:session|dialect)\.card$/

export class Cluster {
  readonly stats = { relayed: 0, unanswered: 0, turnedAway: 0, served: 0 }
  readonly #options: ClusterOptions
  readonly #transporter: NatsTransporter
  readonly #node: ServiceBroker
  readonly #parcels = new Parcels()
  #holder: Holder | null = null
  #serving = 0
  #said = 0
  #closed: Promise<void> | null = null
  #ticker: NodeJS.Timeout | undefined

  /** Waits for NATS, however long it takes. */
  static async open(options: ClusterOptions): Promise<Cluster> {
    const cluster = new Cluster(options)
    await cluster.#node.start()
    cluster.#ticker = setInterval(() => cluster.#tick(), sayMs).unref()
    cluster.#tick()
    return cluster
  }

  private constructor(options: ClusterOptions) {
    this.#options = options
    const { key, installation, logLevel } = options
    const name = createHmac('sha256', key).update(`${language} ${installation}`).digest('hex')
    const packets = new Packets(key)
    this.#transporter = new NatsTransporter(natsOptions(options.natsUrl))
    this.#transporter.onDown = () => this.#forget()
    this.#node = new ServiceBroker(
      clusterConfig({
        ...{ logLevel, namespace: `laju.${name.slice(0, 16)}`, nodeId: packets.id },
        ...{ transporter: this.#transporter, serializer: new SealedSerializer(packets) },
      }),
    )
    this.#node.createService({
      name: 'cluster',
      actions: {
        call: (ctx: Context<Relayed>) => this.#serve(ctx.nodeID ?? '', ctx.params),
        piece: (ctx: Context<{ kept: string; at: number }>) =>
          this.#parcels.piece(ctx.params.kept, ctx.params.at),
      },
      events: {
        'cluster.holder': (ctx: Context<Announced>) => this.#hear(ctx.nodeID ?? '', ctx.params),
        'cluster.said': (ctx: Context<Said>) => this.#listen(ctx.nodeID ?? '', ctx.params),
        // Who has just come need not wait for the next second.
        '$node.connected': () => this.#tick(),
        '$node.disconnected': (ctx: Context<{ node: { id: string } }>) =>
          this.#left(ctx.params.node.id),
      },
    })
  }

  /** Of the process that holds the journal; null when it is nobody, or us. */
  get holder(): string | null {
    const { epoch } = this.#options
    if (this.#holder === null || !this.isUp) return null
    if (performance.now() - this.#holder.heardAt > believedMs) return null
    return this.#holder.epoch > (epoch() ?? 0) ? this.#holder.node : null
  }

  /** An order posted at this process would be taken, by another one. */
  get isServed(): boolean {
    return this.holder !== null && this.#holder!.isReady
  }

  /** Other ones. */
  get nodes(): number {
    return this.#node.registry.nodes.list({ onlyAvailable: true }).length - 1
  }

  get isUp(): boolean {
    return this.#transporter.isUp
  }

  readonly health = (): HealthPart => {
    const reason = this.isUp ? null : 'NATS does not carry'
    return { name: 'cluster', ok: this.isUp, ms: 0, reason }
  }

  /** Where the edges of this process find the services: here, or with the holder. */
  callOf(local: Call): Call {
    return async (action, params, requestId) => {
      const holder = atHome.test(action) ? null : this.holder
      if (holder === null) return await local(action, params, requestId)
      const reply = await this.#relay(holder, {
        ...{ action, parcel: this.#parcels.pack(params) },
        ...{ requestId: requestId ?? null, at: this.#options.now() },
      })
      if ('turnedAway' in reply) return await local(action, params, requestId)
      return (await unpack(reply.parcel, this.#fetch(holder))) as never
    }
  }

  /** To the gateways of all other processes. May be lost. */
  tell<S extends keyof Signals>(name: S, payload: Signals[S]): void {
    this.#said++
    if (this.isUp) void this.#node.broadcast('cluster.said', { name, payload, said: this.#said })
  }

  /** What others were promised is answered; then it leaves, and says so. */
  close(): Promise<void> {
    this.#closed ??= this.#leave()
    return this.#closed
  }

  async #leave(): Promise<void> {
    clearInterval(this.#ticker)
    const until = performance.now() + closeMsMax
    while (this.#serving > 0 && performance.now() < until) await pause(10)
    await Promise.race([this.#node.stop(), pause(closeMsMax, undefined, { ref: false })])
  }

  async #relay(holder: string, relayed: Relayed): Promise<Reply> {
    this.stats.relayed++
    try {
      const reply: Reply = await this.#node.call('cluster.call', relayed, { nodeID: holder })
      return 'turnedAway' in reply ? this.#turnedAway() : reply
    } catch (cause) {
      // Its node is not there any more: so Moleculer says before anything leaves.
      if (cause instanceof Errors.ServiceNotFoundError) return this.#turnedAway()
      this.stats.unanswered++
      throw cause
    }
  }

  #turnedAway(): Reply {
    this.stats.turnedAway++
    return { turnedAway: true }
  }

  async #serve(from: string, { action, parcel, requestId, at }: Relayed): Promise<Reply> {
    const isLate = Math.abs(this.#options.now() - at) > lateMs
    if (this.#closed !== null || isLate || this.#options.epoch() === null)
      return { turnedAway: true }
    this.#serving++
    this.stats.served++
    try {
      const params = await unpack(parcel, this.#fetch(from))
      const result = await this.#options.call(action, params, { requestId, node: from })
      return { parcel: this.#parcels.pack(result) }
    } finally {
      this.#serving--
    }
  }

  #fetch(node: string) {
    return (kept: string, at: number): Promise<Uint8Array | null> =>
      this.#node.call('cluster.piece', { kept, at }, { nodeID: node })
  }

  #tick(): void {
    const epoch = this.#options.epoch()
    if (epoch !== null && this.isUp) {
      const announced = { epoch, isReady: this.#options.isReady(), said: this.#said }
      void this.#node.broadcast('cluster.holder', announced)
    }
    if (this.#holder !== null && this.holder === null) this.#forget()
  }

  #hear(node: string, announced: Announced): void {
    const { epoch, said } = announced
    if (node === this.#node.nodeID || epoch < (this.#holder?.epoch ?? 0)) return
    if (epoch <= (this.#options.epoch() ?? 0)) return
    // Moleculer may not know it yet: it will say so again.
    if (this.#node.registry.getActionEndpointByNodeId('cluster.call', node) == null) return
    const isOther = this.#holder?.node !== node
    if (isOther) this.#forget()
    const isAnew = isOther || this.#holder?.said !== said
    this.#holder = { ...announced, node, heardAt: performance.now() }
    if (isAnew) this.#options.signal('owner.moved', {})
  }

  /** Nobody waits any longer for who may never answer. */
  #forget(): void {
    if (this.#holder !== null) {
      this.#node.transit?.removePendingRequestByNodeID(this.#holder.node)
    }
    this.#holder = null
  }

  #left(node: string): void {
    if (this.#holder?.node === node) this.#forget()
    this.#options.signal('node.left', { node })
  }

  #listen(node: string, { name, payload, said }: Said): void {
    if (node === this.#node.nodeID) return
    const isOfHolder = node === this.holder
    // Any gateway tells which nonces were used; all else is told by the holder.
    if (name === 'nonces.used' || isOfHolder) this.#options.signal(name, payload)
    if (!isOfHolder || this.#holder === null) return
    const isWhole = said === this.#holder.said + 1
    this.#holder = { ...this.#holder, said }
    if (!isWhole) this.#options.signal('owner.moved', {})
  }
}
