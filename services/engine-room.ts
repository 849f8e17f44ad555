/**
 * Where the real clock, journal and counterparts enter the engine. Services get the room and ask
 * its engine; nobody else holds one.
 *
 *   services ──ask, tell──▶ engine ──errands──▶ performers (by effect type)
 *                             └──durable lines──▶ listeners (whoever follows: rows, live, gauges)
 */

import { activation } from '../actors/activation/activation.ts'
import { floorOf } from '../actors/chart.ts'
import { commission } from '../actors/commission/commission.ts'
import { deposit } from '../actors/deposit/deposit.ts'
import { device } from '../actors/device/device.ts'
import { order } from '../actors/order/order.ts'
import { payment } from '../actors/payment/payment.ts'
import { settlement } from '../actors/settlement/settlement.ts'
import { receipt, transfer } from '../actors/transfer/transfer.ts'
import { forget } from '../engine/actor.ts'
import { Engine, type EngineEvent, type Performer } from '../engine/engine.ts'
import type { Batch, HostLimits } from '../engine/host.ts'
import type { Millis } from '../engine/ids.ts'
import { openJournal } from '../engine/journal-postgres.ts'
import { Pace } from '../engine/pace.ts'
import type { Traces } from './trace/traces.ts'

export const actors = [
  forget(order),
  forget(transfer),
  forget(receipt),
  forget(commission),
  forget(device),
  forget(payment),
  forget(settlement),
  forget(activation),
  forget(deposit),
]

type DurableListener = (batch: Batch) => void

export type EngineRoom = {
  readonly engine: Engine
  readonly shards: number
  /** Our own time, by which everything here is measured and booked. */
  readonly now: () => Millis
  /** What the machine's clock shows: to judge by it what others say of the time. */
  readonly machineNow: () => Millis
  /** Null: nothing is traced. */
  readonly traces: Traces | null
  /** Who carries out effects of this type. Set before the engine starts. */
  readonly performers: Map<string, Performer>
  /** Called with everything that became durable, in order. Set before the engine starts. */
  readonly listeners: DurableListener[]
}

type EngineRoomOptions = {
  readonly url: string
  readonly shards: number
  readonly now?: () => Millis
  /** Effects in flight per counterpart. */
  readonly limitOf: (target: string) => number
  /** Effects that may leave in a minute, per counterpart; null, and without it: as they come. */
  readonly rateOf?: (target: string) => number | null
  readonly limits?: HostLimits
  readonly onEvent?: (event: EngineEvent) => void
  readonly traces?: Traces | null
}

export async function openEngineRoom(options: EngineRoomOptions): Promise<EngineRoom> {
  const { url, shards, now: machineNow = Date.now, limitOf, rateOf, limits, onEvent } = options
  const { traces = null } = options
  const versions = new Map(actors.map(({ name, version }) => [name, version]))
  const journal = await openJournal({ url, shards, versions })
  const performers = new Map<string, Performer>()
  const listeners: DurableListener[] = []
  const now = (): Millis => engine.clock.now()
  const engine: Engine = new Engine({
    ...{ actors, floorOf, journal, limitOf },
    now: machineNow,
    ...(rateOf === undefined ? {} : { pace: new Pace(rateOf, now) }),
    ...(limits === undefined ? {} : { limits }),
    ...(onEvent === undefined ? {} : { onEvent }),
    perform(errand) {
      const performer = performers.get(errand.effect.type)
      if (performer === undefined) throw new Error(`nobody performs ${errand.effect.type}`)
      return traces === null ? performer(errand) : traces.perform(errand, performer)
    },
    onDurable(batch) {
      traces?.durable(batch, engine.flushes.lastMs)
      for (const listener of listeners) listener(batch)
    },
  })
  return { engine, shards, now, machineNow, traces, performers, listeners }
}
