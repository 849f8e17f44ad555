/**
 * Soundboxes, put together: who may come in (the door, for the broker), what people do with them
 * (actions), and what payments want to have said (the effect `notify`).
 *
 *   broker ──door──▶ login, presence, uplinks          people ──actions──▶ device actor
 *   payment ──notify──▶ device actor ──durable──▶ rows, post office ──▶ broker ──▶ box
 *   device actor ──prove──▶ payment
 *
 * DVI1. A secret is told once; whoever is blocked, or whose secret ended, is put out at once.
 * DVI2. At a terminal stands one box: who is put there while another is, is refused, or takes his
 *       place when that is asked for; two at once do not slip past each other. Who can't stand
 *       there takes nobody's place.
 * DVI3. A payment whose box can't take it is silent at once, and says why; a payment is told
 *       whatever became of its message, also after a crash.
 * DVI4. Nobody is told whether a box exists, whose secret he does not know.
 * DVI5. What a box says about itself is taken; what it says of others' messages changes nothing.
 * DVI6. A box makes a dynamic QR for the terminal where it stands, once per request.
 * DVI7. Who does not own the journal lets nobody in: his cards may be old.
 * DVI8. A token for all boxes opens nothing unless one is set, and never the broker's door.
 * DVI9. The same request again makes the same box and the same secret, never a second: who was cut
 *       off before he saw it may ask again.
 * DVI10. A box is not believed to say more than its firmware can, and a command that it has no word
 *       for has failed at once.
 */

import { createHash, randomUUID } from 'node:crypto'
import type { Context, ServiceSchema } from 'moleculer'
import type { Device, DeviceCommand } from '../../actors/device/device-contract.ts'
import { Fault } from '../../engine/assert.ts'
import { type ActorId, fingerprint, isId, keyOf, type Millis, shardOf } from '../../engine/ids.ts'
import type { Envelope } from '../../engine/shard.ts'
import type { Database } from '../../sql/database.ts'
import { deviceHealths, proofsOfDevice, proofsOfPayments, saveHealths } from '../../sql/device.ts'
import type { Answer, Refused } from '../contract/answer.ts'
import type {
  DeviceAcks,
  DeviceActions,
  DeviceCommandKind,
  DeviceLogin,
  DeviceMessage,
  DeviceView,
  KeptSecret,
} from '../contract/device.ts'
import type { HealthPart } from '../contract/live.ts'
import type { RefusalCode } from '../contract/words.ts'
import type { EngineRoom } from '../engine-room.ts'
import { faulted } from '../faults.ts'
import { journalOf } from '../journal-follower.ts'
import { DeviceRows } from './device-rows.ts'
import { commandView, configView, deviceView } from './device-view.ts'
import {
  ack,
  commandAck,
  commandArgs,
  configAck,
  configPatch,
  heartbeatOf,
  model as modelShape,
  qrRequest,
} from './device-words.ts'
import { type Card, Devices } from './devices.ts'
import { noticePerformers } from './notices.ts'
import { dueOf, PostOffice, type Publish, type Topic } from './post-office.ts'
import { Presence } from './presence.ts'
import { Proofs } from './proofs.ts'
import { keptOf, newSecret, opens, type Source, sourceOf } from './secret.ts'
import { Traffic } from './traffic.ts'

type Params<A extends keyof DeviceActions> = DeviceActions[A]['params']
type Result<A extends keyof DeviceActions> = Promise<DeviceActions[A]['result']>

/** What firmware can say of a payment, and which commands it has a word for. */
export type Firmware = {
  readonly acks: DeviceAcks
  readonly knows: (kind: DeviceCommandKind) => boolean
}

export type DeviceDeps = {
  readonly room: EngineRoom
  readonly db: Pick<Database, 'pool'>
  readonly isOwner: () => boolean
  /** Of which secrets are made for requests (services/seal.ts). */
  readonly keyFor: (purpose: string) => Uint8Array
  readonly terminalOf: (
    terminalId: string,
  ) =>
    | { readonly merchantId: string; readonly outletId: string; readonly active: boolean }
    | undefined
  /** What every box may come with over HTTP, from a fleet that has no secrets; null: none. */
  readonly fleetToken?: string | null
  /** By the name of its adapter; undefined: there is none of that name. */
  readonly firmwareOf: (adapter: string) => Firmware | undefined
  /** A dynamic QR for a box: what it is answered. */
  readonly makeQr: (asked: {
    readonly merchantId: string
    readonly terminalId: string
    readonly amount: number
    readonly reference: string
    readonly deviceId: string
  }) => Promise<Answer<Readonly<Record<string, unknown>>>>
  readonly onError: (cause: unknown) => void
}

/** The broker, as far as it is needed here. */
type Link = {
  readonly publish: Publish
  readonly disconnect: (deviceId: ActorId, why: string) => void
}

type Box = { readonly deviceId: string; readonly session: string; readonly at: Millis }

/** What the broker needs of us. */
type DeviceDoor = {
  login(asked: {
    readonly name: string
    readonly secret: string
    readonly address: string
  }): Promise<
    | {
        readonly ok: {
          readonly deviceId: string
          readonly generation: number
          readonly adapter: string
          readonly names?: Readonly<Record<string, string>>
        }
      }
    | { readonly refused: 'credential' | 'blocked' }
  >
  connected(box: Box & { readonly generation: number }): void
  /** Again when it is to hear more, or less. */
  listening(box: Box & { readonly hears: readonly Topic[] }): void
  gone(box: Box): void
  uplink(message: Box & { readonly topic: string; readonly payload: unknown }): Promise<void> | void
  delivered(receipt: Box & { readonly tag: string }): void
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
const graceMsMax = 30 * 86_400_000
const commandSUsual = 600
const commandSMax = 7 * 86_400
const reasonMax = 200
/** Words about a payment, the better the later. */
const ranks: readonly DeviceAcks[] = ['none', 'received', 'played']

const refused = (code: RefusalCode, details?: Readonly<Record<string, unknown>>): Refused => ({
  ...{ refused: code, moneyEffect: 'none' },
  ...(details === undefined ? {} : { details }),
})

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
    if (!isId(id) || shardOf(id) >= room.shards) return refused('NOT_FOUND')
    try {
      const reply = await engine.ask(addressed(id, command))
      if ('refused' in reply) {
        const details = reply.details as Readonly<Record<string, unknown>> | undefined
        return refused(reply.refused as Device['refusal'], details)
      }
      const card = devices.get(id)
      return card === undefined ? refused('NOT_FOUND') : { ok: card }
    } catch (cause) {
      return faulted(cause)
    }
  }

  const view = (card: Card): DeviceView => deviceView(card, presence, now())

  const sourceFor = (request: string | undefined): Source | undefined =>
    request === undefined ? undefined : sourceOf(deps.keyFor('device-secret'), request)

  async function shown(told: Promise<Answer<Card>>): Promise<Answer<DeviceView>> {
    const answer = await told
    return 'ok' in answer ? { ok: view(answer.ok) } : answer
  }

  const isCurrent = (): boolean => deps.isOwner() && rows.follower.isCurrent
  const putOut = (id: ActorId, why: string): void => link?.disconnect(id, why)

  // -- who comes in --------------------------------------------------------------------------

  type Entering = { readonly card: Card; readonly generation: number }

  function proven(name: string, secret: string): Entering | null {
    const card = devices.named(name)
    if (card === undefined || card.status === 'retired') return null
    const generation = opens(card.credential, secret, now())
    return generation === null ? null : { card, generation }
  }

  async function login({ deviceId, secret }: Params<'device.login'>): Result<'device.login'> {
    if (!isCurrent()) return faulted(notOurs())
    const found = proven(deviceId, secret)
    return found === null ? refused('DEVICE_INVALID') : enter(found)
  }

  const fleet = deps.fleetToken ? newSecret(0, deps.fleetToken).kept : null

  async function vouched({ deviceId, token }: Params<'device.vouched'>): Result<'device.vouched'> {
    if (!isCurrent()) return faulted(notOurs())
    const card = devices.named(deviceId)
    if (fleet === null || opens(fleet, token, now()) === null) return refused('DEVICE_INVALID')
    if (card === undefined || card.status === 'retired') return refused('DEVICE_INVALID')
    return enter({ card, generation: card.credential.generation })
  }

  function enter({ card, generation }: Entering): Answer<DeviceLogin> {
    if (card.status === 'blocked') return refused('DEVICE_BLOCKED')
    const { binding, model } = card
    const login: DeviceLogin = {
      ...{ deviceId: card.id, generation, adapter: model.adapter, acks: model.acks },
      merchantId: binding?.merchant ?? null,
      outletId: binding?.outlet ?? null,
      terminalId: binding?.terminal ?? null,
    }
    return { ok: login }
  }

  const door: DeviceDoor = {
    async login({ name, secret }) {
      if (!isCurrent()) throw notOurs()
      const found = proven(name, secret)
      if (found === null) return { refused: 'credential' }
      const { card, generation } = found
      if (card.status === 'blocked') return { refused: 'blocked' }
      const { adapter, serial, names } = card.model
      const own = { ...names, ...(serial === undefined ? {} : { serial }) }
      return { ok: { deviceId: card.id, generation, adapter, names: own } }
    },
    connected({ deviceId, session, generation, at }) {
      presence.begin(deviceId, { session, generation }, at)
    },
    listening({ deviceId, session, hears }) {
      if (link === null || presence.of(deviceId)?.session !== session) return
      const { publish } = link
      office.open(deviceId, session, {
        hears,
        publish(id, topic, payload, tag) {
          const isSent = publish(id, topic, payload, tag)
          if (isSent) traffic.note(id, { direction: 'down', topic, payload }, now())
          return isSent
        },
      })
    },
    gone({ deviceId, session, at }) {
      office.close(deviceId, session)
      presence.end(deviceId, session, at)
    },
    // Without a promise for the many that only say that they are there.
    uplink({ deviceId, topic, payload, at }) {
      if (topic === 'heartbeat') return void beats(deviceId, payload, { at, via: 'mqtt' })
      traffic.note(deviceId, { direction: 'up', topic, payload }, at)
      if (topic === 'dynamic-qr/request') return answerQr(deviceId, payload)
      return uplink({ deviceId, topic, payload }, { at, via: 'mqtt' }).then(() => undefined)
    },
    delivered({ deviceId, tag }) {
      office.delivered(deviceId, tag)
    },
  }

  function beats(
    deviceId: string,
    payload: unknown,
    seen: { at: Millis; via: 'mqtt' | 'http' },
  ): boolean {
    const beat = heartbeatOf(payload ?? {})
    if (beat === null) return false
    presence.beat(deviceId, beat, seen)
    return true
  }

  /** False: it is not what such a message looks like. */
  async function uplink(
    { deviceId, topic, payload }: { deviceId: string; topic: string; payload: unknown },
    { at, via }: { at: Millis; via: 'mqtt' | 'http' },
  ): Promise<boolean> {
    switch (topic) {
      case 'heartbeat':
        return beats(deviceId, payload, { at, via })
      case 'ack': {
        const read = ack.safeParse(payload)
        if (!read.success) return false
        const { message_id: messageId, status } = read.data
        if (status === 'received') {
          office.received(deviceId, messageId)
          if (via === 'http') await received(deviceId, messageId)
        }
        await engine.ask(addressed(deviceId, { type: 'acked', messageId, status }))
        return true
      }
      case 'config/ack': {
        const read = configAck.safeParse(payload)
        if (!read.success) return false
        await engine.ask(addressed(deviceId, { type: 'configAcked', ...read.data }))
        return true
      }
      case 'command/ack': {
        const read = commandAck.safeParse(payload)
        if (!read.success) return false
        const { command_id: id, ...rest } = read.data
        await engine.ask(addressed(deviceId, { type: 'commandAcked', id, ...rest }))
        return true
      }
      default:
        return false
    }
  }

  /** Of a box that is not connected, the actor alone knows what its messages were about. */
  async function received(deviceId: ActorId, messageId: string): Promise<void> {
    const state = (await engine.ask(addressed(deviceId))).state as Device['state']
    const queue = state.phase === 'absent' ? [] : state.device.queue
    const notice = queue.find(one => one.messageId === messageId)
    if (notice !== undefined) proofs.received({ ...notice, device: deviceId }, now())
  }

  async function answerQr(deviceId: string, payload: unknown): Promise<void> {
    const topic = 'dynamic-qr/response'
    const asked = qrRequest.safeParse(payload)
    if (!asked.success) {
      office.answer(deviceId, topic, { request_id: idIn(payload), error: 'FIELDS_INVALID' })
      return
    }
    const { request_id, amount } = asked.data
    const binding = devices.get(deviceId)?.binding
    const answer =
      binding == null
        ? refused('DEVICE_UNBOUND')
        : await deps.makeQr({
            ...{ merchantId: binding.merchant, terminalId: binding.terminal, amount },
            ...{ reference: referenceOf(deviceId, request_id), deviceId },
          })
    const words =
      'ok' in answer ? answer.ok : { error: 'refused' in answer ? answer.refused : answer.fault }
    office.answer(deviceId, topic, { request_id, ...words })
  }

  // -- what people do with them ----------------------------------------------------------------

  async function provision(asked: Params<'device.provision'>): Result<'device.provision'> {
    const best = deps.firmwareOf(asked.model.adapter)?.acks ?? 'played'
    const model = modelShape.safeParse({ ...asked.model, acks: asked.model.acks ?? best })
    if (!model.success) return refused('FIELDS_INVALID', { fields: fieldsOf(model.error) })
    if (ranks.indexOf(model.data.acks) > ranks.indexOf(best)) {
      return refused('ACKS_UNSUPPORTED', { acks: best })
    }
    const { serial, ...rest } = model.data
    const { secret, kept } = secretFor(asked, 1, sourceFor(asked.request))
    const taken = serial === undefined ? undefined : devices.named(serial)
    if (taken !== undefined && taken.credential.hash !== kept.hash) {
      return refused('ALREADY_EXISTS', { deviceId: taken.id })
    }
    const clean = { ...withoutUndefined(rest), ...(serial === undefined ? {} : { serial }) }
    try {
      const reply = await engine.ask({
        // By its secret: asked again, it is the same box.
        ...{ shard: Number.parseInt(kept.hash.slice(0, 8), 16) % room.shards, kind: 'device' },
        key: fingerprint('device', kept.hash),
        command: { type: 'provision', model: clean as Card['model'], secret: kept, by: asked.by },
      } as Envelope)
      if ('refused' in reply) return refused(reply.refused as Device['refusal'])
      return { ok: { device: view(devices.get(reply.id)!), secret } }
    } catch (cause) {
      return faulted(cause)
    }
  }

  async function rotate(asked: Params<'device.rotate'>): Result<'device.rotate'> {
    const { deviceId, graceMs, by } = asked
    const { secret, kept } = secretFor(asked, 0, sourceFor(asked.request))
    const grace = Math.min(Math.max(0, Math.trunc(graceMs)), graceMsMax)
    const told = await tell(deviceId, { type: 'rotate', secret: kept, graceMs: grace, by })
    if (!('ok' in told)) return told
    if (grace === 0) putOut(deviceId, 'credential')
    return { ok: { device: view(told.ok), secret } }
  }

  /** One at a time at each terminal: two who bind there at once must see each other. */
  const bindings = new Map<string, Promise<unknown>>()

  function bind(asked: Params<'device.bind'>): Result<'device.bind'> {
    const { terminalId } = asked
    const done = (bindings.get(terminalId) ?? Promise.resolve()).then(() => bindNow(asked))
    const ended = done.then(
      () => {},
      () => {},
    )
    bindings.set(terminalId, ended)
    void ended.then(() => {
      if (bindings.get(terminalId) === ended) bindings.delete(terminalId)
    })
    return done
  }

  async function bindNow({
    deviceId,
    terminalId,
    swap,
    by,
  }: Params<'device.bind'>): Promise<Answer<DeviceView>> {
    const place = deps.terminalOf(terminalId)
    if (place === undefined || !place.active) return refused('REFERENCE_UNKNOWN', { terminalId })
    const { merchantId: merchant, outletId: outlet } = place
    const command: DeviceCommand = { type: 'bind', merchant, outlet, terminal: terminalId, by }
    const other = devices.at(terminalId)
    if (other === undefined || other.id === deviceId) return await shown(tell(deviceId, command))
    if (!swap) return refused('TERMINAL_TAKEN', { deviceId: other.id })
    const newcomer = devices.get(deviceId)
    if (newcomer === undefined) return refused('NOT_FOUND')
    if (newcomer.status === 'blocked') return refused('DEVICE_BLOCKED')
    if (newcomer.status === 'retired') return refused('DEVICE_RETIRED')
    const left = await tell(other.id, { type: 'unbind', by })
    if (!('ok' in left)) return left
    const come = await shown(tell(deviceId, command))
    // Blocked in between: the counter is not left without a box.
    if ('refused' in come) await tell(other.id, command)
    return come
  }

  async function block({ deviceId, reason, by }: Params<'device.block'>): Result<'device.block'> {
    const words = { reason: reason.slice(0, reasonMax), by }
    const told = await shown(tell(deviceId, { type: 'block', ...words }))
    if ('ok' in told) putOut(deviceId, 'blocked')
    return told
  }

  async function retire({
    deviceId,
    reason,
    by,
  }: Params<'device.retire'>): Result<'device.retire'> {
    const words = { reason: reason.slice(0, reasonMax), by }
    const told = await shown(tell(deviceId, { type: 'retire', ...words }))
    if ('ok' in told) putOut(deviceId, 'retired')
    return told
  }

  async function list(asked: Params<'device.list'>): Result<'device.list'> {
    const at = now()
    const found = [...devices.all()].filter(card => isAsked(card, asked, { presence, now: at }))
    found.sort((one, other) => (one.id < other.id ? 1 : -1))
    const page = found.slice(0, asked.limit).map(view)
    const next = found.length > asked.limit ? (page.at(-1)?.deviceId ?? null) : null
    return { ok: { rows: page, next } }
  }

  async function order(asked: Params<'device.command'>): Result<'device.command'> {
    const { deviceId, kind, by, commandId: id = randomUUID() } = asked
    const args = commandArgs(kind, asked.args)
    if (args === null) return refused('FIELDS_INVALID', { fields: ['args'] })
    const seconds = Math.min(Math.max(5, asked.expiresInS ?? commandSUsual), commandSMax)
    const expiresAt = now() + seconds * 1_000
    const given = await tell(deviceId, { type: 'command', id, kind, args, expiresAt, by })
    if (!('ok' in given)) return given
    const isKnown = deps.firmwareOf(given.ok.model.adapter)?.knows(kind) ?? true
    const failed = { type: 'commandAcked', id, status: 'failed', message: 'unsupported' } as const
    const told = isKnown ? given : await tell(deviceId, failed)
    if (!('ok' in told)) return told
    const made = told.ok.orders.find(one => one.id === id)
    return made === undefined ? refused('NOT_FOUND') : { ok: commandView(made) }
  }

  async function configure(asked: Params<'device.configure'>): Result<'device.configure'> {
    const { deviceId, version, by } = asked
    const values = configPatch.safeParse(asked.values)
    if (!values.success) return refused('FIELDS_INVALID', { fields: fieldsOf(values.error) })
    const told = await tell(deviceId, {
      ...{ type: 'configure', values: values.data, by },
      ...(version === undefined ? {} : { version }),
    })
    return 'ok' in told ? { ok: configView(told.ok) } : told
  }

  const withCard = async <T>(id: string, show: (card: Card) => T): Promise<Answer<T>> => {
    const card = devices.get(id)
    return card === undefined ? refused('NOT_FOUND') : { ok: show(card) }
  }

  async function notifications({
    deviceId,
    limit,
  }: Params<'device.notifications'>): Result<'device.notifications'> {
    if (devices.get(deviceId) === undefined) return refused('NOT_FOUND')
    return { ok: { rows: await proofsOfDevice(pool, { deviceId, limit }) } }
  }

  /** What was missed is told first, and a command counts as sent before it is. */
  async function poll({ deviceId }: Params<'device.poll'>): Result<'device.poll'> {
    const at = now()
    presence.beat(deviceId, {}, { at, via: 'http' })
    try {
      const { digest, summary, orders } = devices.get(deviceId) ?? { orders: [] }
      if (digest != null && summary === null) {
        await engine.ask(addressed(deviceId, { type: 'summarize', messageId: randomUUID() }))
      }
      for (const one of orders) {
        if (one.status !== 'queued') continue
        await engine.ask(addressed(deviceId, { type: 'commandSent', id: one.id }))
      }
      const reply = await engine.ask(addressed(deviceId))
      const state = reply.state as Device['state']
      if (state.phase !== 'active') return refused('NOT_FOUND')
      const messages: readonly DeviceMessage[] = dueOf(state.device, now())
      for (const one of state.device.queue) {
        const isTold = messages.some(({ payload }) => payload['message_id'] === one.messageId)
        if (isTold) proofs.published({ ...one, device: deviceId }, at)
      }
      return { ok: { messages } }
    } catch (cause) {
      return faulted(cause)
    }
  }

  async function uplinkByHttp(asked: Params<'device.uplink'>): Result<'device.uplink'> {
    try {
      const isRead = await uplink(asked, { at: now(), via: 'http' })
      return isRead ? { ok: null } : refused('FIELDS_INVALID')
    } catch (cause) {
      return faulted(cause)
    }
  }

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
      if (credential.previous?.generation === generation && credential.previous.until > at) continue
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
      provision: (ctx: Ctx<'device.provision'>) => provision(ctx.params),
      rotate: (ctx: Ctx<'device.rotate'>) => rotate(ctx.params),
      bind: (ctx: Ctx<'device.bind'>) => bind(ctx.params),
      unbind: ({ params: { deviceId, by } }: Ctx<'device.unbind'>) =>
        shown(tell(deviceId, { type: 'unbind', by })),
      block: (ctx: Ctx<'device.block'>) => block(ctx.params),
      unblock: ({ params: { deviceId, by } }: Ctx<'device.unblock'>) =>
        shown(tell(deviceId, { type: 'unblock', by })),
      retire: (ctx: Ctx<'device.retire'>) => retire(ctx.params),
      list: (ctx: Ctx<'device.list'>) => list(ctx.params),
      get: (ctx: Ctx<'device.get'>) => withCard(ctx.params.deviceId, view),
      notifications: (ctx: Ctx<'device.notifications'>) => notifications(ctx.params),
      proofs: async ({ params: { transactionId } }: Ctx<'device.proofs'>) =>
        isId(transactionId)
          ? { ok: { rows: await proofsOfPayments(pool, [transactionId]) } }
          : refused('NOT_FOUND'),
      command: (ctx: Ctx<'device.command'>) => order(ctx.params),
      commands: (ctx: Ctx<'device.commands'>) =>
        withCard(ctx.params.deviceId, card => ({ rows: card.orders.map(commandView).reverse() })),
      configure: (ctx: Ctx<'device.configure'>) => configure(ctx.params),
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

/** Of a box's request; gateway/soundbox-device.route.ts names it the same. */
const referenceOf = (deviceId: ActorId, requestId: string): string =>
  createHash('sha256').update(`${deviceId} ${requestId}`).digest('hex').slice(0, 32)

/** Made here and told, unless only what is kept of it was given. */
const secretFor = (
  { secret, kept }: { readonly secret?: string; readonly kept?: KeptSecret },
  generation: number,
  source: Source | undefined,
) =>
  kept === undefined
    ? newSecret(generation, secret, source)
    : { secret: '', kept: keptOf(kept, generation) }

const notOurs = (): Fault => new Fault('journal.fenced', { untouched: true })

const addressed = (id: ActorId, command?: DeviceCommand): Envelope => ({
  ...{ shard: shardOf(id), key: keyOf(id), kind: 'device' },
  ...(command === undefined ? {} : { command }),
})

function isAsked(
  card: Card,
  asked: Params<'device.list'>,
  { presence, now }: { presence: Presence; now: Millis },
): boolean {
  const { merchantId, terminalId, status, online, drift, q, cursor } = asked
  const { id, binding, model } = card
  if (cursor !== undefined && id >= cursor) return false
  if (merchantId !== undefined && binding?.merchant !== merchantId) return false
  if (terminalId !== undefined && binding?.terminal !== terminalId) return false
  if (status !== undefined && card.status !== status) return false
  if (online !== undefined && presence.isOnline(id, now) !== online) return false
  if (drift !== undefined && configView(card).drift !== drift) return false
  if (q === undefined) return true
  const words = [id, model.serial ?? '', model.vendor, model.name].join(' ').toLowerCase()
  return words.includes(q.toLowerCase())
}

const fieldsOf = (error: { issues: readonly { path: readonly PropertyKey[] }[] }) => [
  ...new Set(error.issues.map(({ path }) => path.map(String).join('.') || 'body')),
]

const withoutUndefined = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined))

function idIn(payload: unknown): string | null {
  if (typeof payload !== 'object' || payload === null || !('request_id' in payload)) return null
  return typeof payload.request_id === 'string' ? payload.request_id.slice(0, 100) : null
}
