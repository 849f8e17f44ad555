/**
 * The engine on its node: the journal's owner or the one who stands by, what is told of it, and the
 * tables that follow it. Nothing is hosted on it yet.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ServiceBroker } from 'moleculer'
import type { Mqtt } from '../broker/broker.ts'
import { nodeConfig } from '../moleculer.config.ts'
import type { Cluster } from '../services/cluster/cluster.ts'
import type { Call } from '../services/contract.ts'
import { type EngineRoom, openEngineRoom } from '../services/engine-room.ts'
import { journalOf } from '../services/journal-follower.ts'
import { Projector } from '../services/projection/projector.ts'
import type { OpenTraces } from '../services/trace/exporter.ts'
import type { Base } from './base.ts'
import { type Log, trouble } from './program-log.ts'
import type { Settings } from './settings.ts'

/** What opens last, and is asked for by parts that stand before it. */
export type Later = {
  /** Orders are taken. */
  isOpen: boolean
  /** Of our ownership of the journal, as it was when it began; null: it never was ours. */
  epoch: number | null
  mqtt: Mqtt | null
  cluster: Cluster | null
  /** Called whenever the journal became ours. */
  readonly recovered: (() => void)[]
}

export type EngineNode = {
  readonly broker: ServiceBroker
  readonly call: Call
  readonly room: EngineRoom
  readonly projector: Projector
  /** Null: nobody is sent any. */
  readonly traced: OpenTraces | null
  readonly later: Later
  /** Whether the journal is ours, be the database away or not. */
  readonly isOwner: () => boolean
  /** Whether it is, and the database is there. */
  readonly isServing: () => boolean
}

/** What was under way when we last ended waits until new orders can be taken. */
const inFlightBeforeOpen = 2

export async function openNode(base: Base): Promise<EngineNode> {
  const { settings, log, ending, ground, market } = base
  const { shards, logLevel } = settings
  const { directory } = market
  const traced = await tracesOf(settings, log)
  ending.add(() => traced?.close())
  const broker = new ServiceBroker(nodeConfig({ logLevel }))
  const later: Later = { isOpen: false, epoch: null, mqtt: null, cluster: null, recovered: [] }
  const limitOf = (target: string) => directory.get(target)?.maxInFlight ?? 64
  const room = await openEngineRoom({
    ...{ url: ground.url, shards },
    limitOf: target => (later.isOpen ? limitOf(target) : inFlightBeforeOpen),
    rateOf: target => directory.get(target)?.ratePerMin ?? null,
    traces: traced?.traces ?? null,
    onEvent: event => {
      log(event.type === 'recovered' ? 'info' : 'error', event.type, event)
      if (event.type === 'standing_by') market.caller.letGo()
      if (event.type === 'recovered' || event.type === 'standing_by') {
        void broker.broadcastLocal('owner.moved', {})
      }
      if (event.type !== 'recovered') return
      later.epoch = engine.host.shard(0)?.epoch ?? null
      for (const listener of later.recovered) listener()
    },
  })
  const { engine } = room
  const projector = new Projector({
    ...{ url: ground.url, shards, source: journalOf(room) },
    isOwner: () => engine.state !== 'standing_by' && engine.state !== 'cut',
    onError: trouble(log, 'projection write failed'),
  })
  room.listeners.push(batch => projector.feed(batch))
  return {
    ...{ broker, room, projector, traced, later },
    call: (action, params) => broker.call(action, params),
    isOwner: () => engine.isOwner,
    isServing: () => engine.state === 'serving',
  }
}

/** Nothing of it is read into memory when there is nobody to send to. */
async function tracesOf({ traces }: Settings, log: Log): Promise<OpenTraces | null> {
  if (traces === null) return null
  const { openTraces } = await import('../services/trace/exporter.ts')
  const text = readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')
  return openTraces({ ...traces, version: JSON.parse(text).version, log })
}
