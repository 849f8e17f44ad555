/**
 * The boxes' side: who may come in, by the broker or over HTTP, what a box says, and what it is
 * answered.
 *
 *   name, secret ─▶ card ─▶ in      uplink ─▶ read ─▶ device actor, presence, proofs
 *
 * DVI4. Nobody is told whether a box exists, whose secret he does not know.
 * DVI5. What a box says about itself is taken; what it says of others' messages changes nothing.
 * DVI6. A box makes a dynamic QR for the terminal where it stands, once per request.
 * DVI7. Who does not own the journal lets nobody in: his cards may be old.
 * DVI11. A box that never answers, and asks over HTTP, is told once, and it counts as told.
 * DVI8. A token for all boxes opens nothing unless one is set, and never the broker's door.
 */

import { createHash, randomUUID } from 'node:crypto'
import type { Device } from '../../actors/device/device-contract.ts'
import { Fault } from '../../engine/assert.ts'
import type { ActorId, Millis } from '../../engine/ids.ts'
import type { Answer } from '../contract/answer.ts'
import type { DeviceActions, DeviceLogin, DeviceMessage } from '../contract/device.ts'
import { faulted } from '../faults.ts'
import { refuse } from '../refusal.ts'
import { addressed, type DeviceParts } from './device-parts.ts'
import { ack, commandAck, configAck, heartbeatOf, qrRequest } from './device-words.ts'
import type { Card } from './devices.ts'
import { dueOf, type Publish, type Topic } from './post-office.ts'
import { newSecret, opens } from './secret.ts'

type Params<A extends keyof DeviceActions> = DeviceActions[A]['params']
type Result<A extends keyof DeviceActions> = Promise<DeviceActions[A]['result']>

export type DoorDeps = {
  /** What every box may come with over HTTP, from a fleet that has no secrets; null: none. */
  readonly fleetToken?: string | null
  /** A dynamic QR for a box: what it is answered. */
  readonly makeQr: (asked: {
    readonly merchantId: string
    readonly terminalId: string
    readonly amount: number
    readonly reference: string
    readonly deviceId: string
  }) => Promise<Answer<Readonly<Record<string, unknown>>>>
}

/** The broker, as far as it is needed here. */
export type Link = {
  readonly publish: Publish
  readonly disconnect: (deviceId: ActorId, why: string) => void
}

type Box = { readonly deviceId: string; readonly session: string; readonly at: Millis }

/** What the broker needs of us. */
export type DeviceDoor = {
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
  delivered(receipt: Box & { readonly tag: string; readonly unanswered?: true }): void
}

type Entering = { readonly card: Card; readonly generation: number }

export function deviceDoor(deps: DoorDeps, parts: DeviceParts, linkNow: () => Link | null) {
  const { engine, now, devices, presence, proofs, traffic, office, isCurrent } = parts

  function proven(name: string, secret: string): Entering | null {
    const card = devices.named(name)
    if (card === undefined || card.status === 'retired') return null
    const generation = opens(card.credential, secret, now())
    return generation === null ? null : { card, generation }
  }

  async function login({ deviceId, secret }: Params<'device.login'>): Result<'device.login'> {
    if (!isCurrent()) return faulted(notOurs())
    const found = proven(deviceId, secret)
    return found === null ? refuse('DEVICE_INVALID') : enter(found)
  }

  const fleet = deps.fleetToken ? newSecret(0, deps.fleetToken).kept : null

  async function vouched({ deviceId, token }: Params<'device.vouched'>): Result<'device.vouched'> {
    if (!isCurrent()) return faulted(notOurs())
    const card = devices.named(deviceId)
    if (fleet === null || opens(fleet, token, now()) === null) return refuse('DEVICE_INVALID')
    if (card === undefined || card.status === 'retired') return refuse('DEVICE_INVALID')
    return enter({ card, generation: card.credential.generation })
  }

  function enter({ card, generation }: Entering): Answer<DeviceLogin> {
    if (card.status === 'blocked') return refuse('DEVICE_BLOCKED')
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
      const link = linkNow()
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
    delivered({ deviceId, tag, unanswered = false }) {
      office.delivered(deviceId, tag, { isReceipt: !unanswered })
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
        if (status === 'unsaid') {
          await engine.ask(addressed(deviceId, { type: 'unsaid', messageId }))
          return true
        }
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
        ? refuse('DEVICE_UNBOUND')
        : await deps.makeQr({
            ...{ merchantId: binding.merchant, terminalId: binding.terminal, amount },
            ...{ reference: referenceOf(deviceId, request_id), deviceId },
          })
    const words =
      'ok' in answer ? answer.ok : { error: 'refused' in answer ? answer.refused : answer.fault }
    office.answer(deviceId, topic, { request_id, ...words })
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
      const fresh = new Set<string>()
      for (const { id, status } of orders) {
        if (status !== 'queued') continue
        const sent = await engine.ask(addressed(deviceId, { type: 'commandSent', id }))
        if ('accepted' in sent && sent.changed) fresh.add(id)
      }
      const reply = await engine.ask(addressed(deviceId))
      const state = reply.state as Device['state']
      if (state.phase !== 'active') return refuse('NOT_FOUND')
      const messages: readonly DeviceMessage[] = dueOf(state.device, { now: now(), fresh })
      for (const one of state.device.queue) {
        const isTold = messages.some(({ payload }) => payload['message_id'] === one.messageId)
        if (isTold) proofs.published({ ...one, device: deviceId }, at)
      }
      if (state.device.model.acks === 'none') await countAsTold(deviceId, messages)
      return { ok: { messages } }
    } catch (cause) {
      return faulted(cause)
    }
  }

  /** Before the answer leaves: told again, it would be spoken again. */
  async function countAsTold(deviceId: ActorId, messages: readonly DeviceMessage[]): Promise<void> {
    for (const { topic, payload } of messages) {
      if (topic !== 'payment' && topic !== 'summary') continue
      const messageId = String(payload['message_id'])
      const command = { type: 'acked', messageId, status: 'sent' } as const
      await engine.ask(addressed(deviceId, command))
    }
  }

  async function uplinkByHttp(asked: Params<'device.uplink'>): Result<'device.uplink'> {
    try {
      const isRead = await uplink(asked, { at: now(), via: 'http' })
      return isRead ? { ok: null } : refuse('FIELDS_INVALID')
    } catch (cause) {
      return faulted(cause)
    }
  }

  return { door, login, vouched, poll, uplinkByHttp }
}

/** Of a box's request; gateway/soundbox/device.route.ts names it the same. */
const referenceOf = (deviceId: ActorId, requestId: string): string =>
  createHash('sha256').update(`${deviceId} ${requestId}`).digest('hex').slice(0, 32)
const notOurs = (): Fault => new Fault('journal.fenced', { untouched: true })

function idIn(payload: unknown): string | null {
  if (typeof payload !== 'object' || payload === null || !('request_id' in payload)) return null
  return typeof payload.request_id === 'string' ? payload.request_id.slice(0, 100) : null
}
