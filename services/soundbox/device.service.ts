/**
 * Soundboxes, put together: who may come in (the door, for the broker), what people do with them
 * (actions), and what payments want to have said (the effect `notify`).
 *
 *   broker ──door──▶ login, presence, uplinks          people ──actions──▶ device actor
 *   payment ──notify──▶ device actor ──durable──▶ rows, post office ──▶ broker ──▶ box
 *   device actor ──prove──▶ payment
 *
 * DVI1. A secret is told once; whoever is blocked, or whose secret ended, is put out at once.
 * DVI3. A payment whose box can't take it is silent at once, and says why; a payment is told
 *       whatever became of its message, also after a crash.
 */

import type { Context, ServiceSchema } from 'moleculer'
import type { Device, DeviceCommand } from '../../actors/device/device-contract.ts'
import { type ActorId, isId, shardOf } from '../../engine/ids.ts'
import { deviceHealths, proofsOfPayments, saveHealths } from '../../sql/soundbox/device.ts'
import type { Answer } from '../contract/answer.ts'
import type { DeviceActions } from '../contract/device.ts'
import type { HealthPart } from '../contract/live.ts'
import type { EngineRoom } from '../engine-room.ts'
import { faulted } from '../faults.ts'
import { journalOf } from '../journal-follower.ts'
import { refuse } from '../refusal.ts'
import { type DeskDeps, deviceDesk } from './device-desk.ts'
import { type DeviceDoor, type DoorDeps, deviceDoor, type Link } from './device-door.ts'
import { addressed, type DeviceParts } from './device-parts.ts'
import { DeviceRows } from './device-rows.ts'
import { commandView, configView } from './device-view.ts'
import { type Card, Devices } from './devices.ts'
import { noticePerformers } from './notices.ts'
import { PostOffice } from './post-office.ts'
import { Presence } from './presence.ts'
import { Proofs } from './proofs.ts'
import { endingAt } from './secret.ts'
import { Traffic } from './traffic.ts'

type Params<A extends keyof DeviceActions> = DeviceActions[A]['params']

export type DeviceDeps = DoorDeps &
  DeskDeps & {
    readonly room: EngineRoom
    readonly isOwner: () => boolean
    readonly onError: (cause: unknown) => void
  }

export type DeviceLine = {
  readonly service: ServiceSchema
  readonly devices: Devices
  readonly door: DeviceDoor
  /** Before the broker opens. */
  readonly attach: (link: Link) => void
  /** Once the engine serves. */
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
  readonly stats: () => { readonly devices: number; readonly connected: number }
  readonly health: () => HealthPart
}

const healthMs = 5_000

/** To be made before the engine starts: it listens to everything that becomes durable. */
export function makeDevices(deps: DeviceDeps): DeviceLine {
  const { room, db, onError } = deps
  const { engine, now } = room
  const { pool } = db
  const devices = new Devices()
  const presence = new Presence()
  const proofs = new Proofs()
  const traffic = new Traffic()
  const office = new PostOffice({
    ...{ ask: one => engine.ask(one), now, onError },
    proofs: {
      published(message, at) {
        room.traces?.published(message.payment)
        proofs.published(message, at)
      },
      received: (message, at) => proofs.received(message, at),
    },
  })
  let link: Link | null = null
  const rows = new DeviceRows({
    ...{ pool, shards: room.shards, devices, proofs, now, isOwner: deps.isOwner, onError },
    ask: one => engine.ask(one),
    source: journalOf(room),
    onChange(id, seq, state) {
      office.know(id, seq, state)
    },
  })
  room.listeners.push(batch => rows.follower.feed(batch))
  const { notify, prove } = noticePerformers(room)
  room.performers.set('notify', notify)
  room.performers.set('prove', prove)

  /** The card after a command; it is in memory before the reply comes. */
  async function tell(id: ActorId, command: DeviceCommand): Promise<Answer<Card>> {
    if (!isId(id) || shardOf(id) >= room.shards) return refuse('NOT_FOUND')
    try {
      const reply = await engine.ask(addressed(id, command))
      if ('refused' in reply) {
        const details = reply.details as Readonly<Record<string, unknown>> | undefined
        return refuse(reply.refused as Device['refusal'], details)
      }
      const card = devices.get(id)
      return card === undefined ? refuse('NOT_FOUND') : { ok: card }
    } catch (cause) {
      return faulted(cause)
    }
  }

  const isCurrent = (): boolean => deps.isOwner() && rows.follower.isCurrent
  const putOut = (id: ActorId, why: string): void => link?.disconnect(id, why)
  const parts: DeviceParts = {
    ...{ engine, shards: room.shards, now, devices, presence, proofs, traffic, office },
    ...{ tell, isCurrent, putOut },
  }
  const { door, login, vouched, poll, uplinkByHttp } = deviceDoor(deps, parts, () => link)
  const desk = deviceDesk(deps, parts)
  const { view, shown, withCard } = desk

  // -- time ------------------------------------------------------------------------------------

  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | null = null

  function beat(): void {
    putOutExpired()
    writing ??= writeHealth()
      .catch(onError)
      .finally(() => {
        writing = null
      })
  }

  /** False: another may have written meanwhile. */
  let isOurs = true

  async function writeHealth(): Promise<void> {
    if (!deps.isOwner()) {
      isOurs = false
      return
    }
    if (!isOurs) presence.recall(await deviceHealths(pool))
    isOurs = true
    const changed = presence.drain(now())
    if (changed.length > 0) await saveHealths(pool, changed)
  }

  /** Who came in with a secret whose grace is over by now, or was blocked and did not hear it. */
  function putOutExpired(): void {
    // Cards of before may know less of a secret than the box does.
    if (!isCurrent()) return
    const at = now()
    for (const [id, { generation }] of presence.sessions()) {
      const card = devices.get(id)
      if (card === undefined) continue
      const { credential, status } = card
      if (status !== 'active') putOut(id, status)
      if (credential.generation === generation) continue
      if (endingAt(credential, at).some(one => one.generation === generation)) continue
      putOut(id, 'credential')
    }
  }

  type Ctx<A extends keyof DeviceActions> = Context<Params<A>>
  const service: ServiceSchema = {
    name: 'device',
    actions: {
      login: (ctx: Ctx<'device.login'>) => login(ctx.params),
      vouched: (ctx: Ctx<'device.vouched'>) => vouched(ctx.params),
      uplink: (ctx: Ctx<'device.uplink'>) => uplinkByHttp(ctx.params),
      provision: (ctx: Ctx<'device.provision'>) => desk.provision(ctx.params),
      rotate: (ctx: Ctx<'device.rotate'>) => desk.rotate(ctx.params),
      bind: (ctx: Ctx<'device.bind'>) => desk.bind(ctx.params),
      unbind: ({ params: { deviceId, by } }: Ctx<'device.unbind'>) =>
        shown(tell(deviceId, { type: 'unbind', by })),
      block: (ctx: Ctx<'device.block'>) => desk.block(ctx.params),
      unblock: ({ params: { deviceId, by } }: Ctx<'device.unblock'>) =>
        shown(tell(deviceId, { type: 'unblock', by })),
      retire: (ctx: Ctx<'device.retire'>) => desk.retire(ctx.params),
      list: (ctx: Ctx<'device.list'>) => desk.list(ctx.params),
      get: (ctx: Ctx<'device.get'>) => withCard(ctx.params.deviceId, view),
      notifications: (ctx: Ctx<'device.notifications'>) => desk.notifications(ctx.params),
      proofs: async ({ params: { transactionId } }: Ctx<'device.proofs'>) =>
        isId(transactionId)
          ? { ok: { rows: await proofsOfPayments(pool, [transactionId]) } }
          : refuse('NOT_FOUND'),
      command: (ctx: Ctx<'device.command'>) => desk.order(ctx.params),
      commands: (ctx: Ctx<'device.commands'>) =>
        withCard(ctx.params.deviceId, card => ({ rows: card.orders.map(commandView).reverse() })),
      configure: (ctx: Ctx<'device.configure'>) => desk.configure(ctx.params),
      config: (ctx: Ctx<'device.config'>) => withCard(ctx.params.deviceId, configView),
      pushConfig: (ctx: Ctx<'device.pushConfig'>) =>
        withCard(ctx.params.deviceId, card => ({
          pushed: office.pushConfig(card.id),
          config: configView(card),
        })),
      mqttMessages: ({ params: { deviceId, limit } }: Ctx<'device.mqttMessages'>) =>
        withCard(deviceId, () => ({ rows: traffic.of(deviceId, limit) })),
      poll: (ctx: Ctx<'device.poll'>) => poll(ctx.params),
    },
  }

  return {
    ...{ service, devices, door },
    attach(fresh) {
      link = fresh
    },
    async start() {
      await rows.follower.start()
      for (const row of await deviceHealths(pool)) presence.remember(row)
      office.start()
      timer = setInterval(beat, healthMs)
    },
    async stop() {
      clearInterval(timer)
      office.stop()
      await writing
      await writeHealth().catch(onError)
      await rows.follower.stop()
    },
    stats: () => ({ devices: devices.size, connected: presence.connected }),
    health: () => rows.follower.health(),
  }
}
