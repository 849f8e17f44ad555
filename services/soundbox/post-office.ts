/**
 * Brings boxes what they are to say. The queue is the actor's and durable; here is only what was
 * published to whom since he connected, so nothing is lost with this process.
 *
 *   durable change of a box ─▶ desk (of a connected box) ─▶ publish ─▶ acknowledged ─▶ actor
 *                                  ▲ tick: again after a while, with the same message id
 *
 * DVP1. In order: a message leaves when all before it have left, and only so many are under way.
 * DVP2. At least once: what is not acknowledged is published again under the same id, as long as
 *       it may be spoken.
 * DVP3. What is about to be too old is not published any more: its acknowledgement would come too
 *       late, and it would be spoken and count as missed.
 * DVP4. First the summary of what was missed, then what is young enough to be spoken.
 * DVP5. Only what is durable is published, to the box that is connected, while it may speak.
 * DVP6. A command is marked as sent before it leaves, once its box hears commands: after a crash it
 *       is not carried out twice. What was marked and did not leave is tried again; of what left,
 *       only what may be repeated without harm leaves again.
 * DVP7. A configuration is pushed until the box reports its version; one that it refused, when a
 *       person says so.
 * DVP8. A box that never answers is believed when MQTT says that it has the message.
 * DVP10. At QoS 0 there is no receipt either: a box that never answers is told once, and it counts
 *       when its bytes have left. One that answers is told until it does.
 * DVP9. What a box does not hear, as it has not subscribed there, keeps nothing else from it, and
 *       leaves when it does.
 */

import { randomUUID } from 'node:crypto'
import { isOpen, speakWithinMs } from '../../actors/device/device.ts'
import type {
  CommandKind,
  Device,
  DeviceCommand,
  DeviceFacts,
  DeviceOrder,
  Notice,
  Summary,
} from '../../actors/device/device-contract.ts'
import { type ActorId, keyOf, type Millis, shardOf } from '../../engine/ids.ts'
import type { Envelope, Reply } from '../../engine/shard.ts'
import type { DeviceMessage } from '../contract/device.ts'
import { languageOf, missed } from '../speech/speech.ts'
import type { Proofs } from './proofs.ts'

export type Topic = DeviceMessage['topic']
type Payload = DeviceMessage['payload']

/** The way to a box. False: it is not connected. `tag` comes back with MQTT's own receipt. */
export type Publish = (deviceId: ActorId, topic: Topic, payload: Payload, tag?: string) => boolean

/** A connection: what the box hears on it, and the way to it. */
type Line = { readonly hears: readonly Topic[]; readonly publish: Publish }

type PostOfficeDeps = {
  readonly ask: (envelope: Envelope) => Promise<Reply>
  readonly now: () => Millis
  readonly proofs: Pick<Proofs, 'published' | 'received'>
  readonly onError: (cause: unknown) => void
}

/** Messages of one box that were published and are not acknowledged. */
export const windowMax = 4
export const resendMs = 5_000
/** A box that has it and did not yet play it is not told again so soon. */
export const resendReceivedMs = 15_000
/** So long before it is too old nothing leaves any more. */
export const speakMarginMs = 3_000
const summaryAgainMs = 30_000
const summaryAgainMaxMs = 600_000
const configAgainMs = 60_000
const commandAgainMs = 30_000
const tickMs = 250
const repeatable: ReadonlySet<CommandKind> = new Set(['volume', 'language'])

type Sent = { at: Millis; times: number; received: boolean }

type Desk = {
  readonly id: ActorId
  readonly session: string
  readonly publish: Publish
  hears: ReadonlySet<Topic>
  seq: number
  phase: Device['state']['phase']
  device: DeviceFacts | null
  readonly sent: Map<string, Sent>
  config: { version: number; at: Millis } | null
  asking: boolean
}

export class PostOffice {
  readonly #deps: PostOfficeDeps
  readonly #desks = new Map<ActorId, Desk>()
  /** Those that something is due for, now or later. */
  readonly #busy = new Set<Desk>()
  /** Commands that were marked as sent here and have not left yet. */
  readonly #marked = new Set<string>()
  #timer: NodeJS.Timeout | undefined

  constructor(deps: PostOfficeDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#timer = setInterval(() => this.tick(), tickMs)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#desks.clear()
    this.#busy.clear()
    this.#marked.clear()
  }

  /** A box listens, or to more by now. What an older connection was told counts as not told. */
  open(id: ActorId, session: string, { hears, publish }: Line): void {
    const known = this.#desks.get(id)
    if (known?.session === session) {
      known.hears = new Set(hears)
      this.#serve(known, this.#deps.now())
      return
    }
    if (known !== undefined) this.#busy.delete(known)
    const desk: Desk = {
      ...{ id, session, publish, hears: new Set(hears), seq: 0, phase: 'absent', device: null },
      ...{ sent: new Map(), config: null, asking: false },
    }
    this.#desks.set(id, desk)
    this.#busy.add(desk)
    void this.#look(desk)
  }

  close(id: ActorId, session: string): void {
    const desk = this.#desks.get(id)
    if (desk?.session !== session) return
    this.#desks.delete(id)
    this.#busy.delete(desk)
  }

  /** What just became durable of a box, or was read of it. */
  know(id: ActorId, seq: number, state: Device['state']): void {
    const desk = this.#desks.get(id)
    if (desk === undefined || seq < desk.seq) return
    desk.seq = seq
    desk.phase = state.phase
    desk.device = state.phase === 'absent' ? null : state.device
    this.#serve(desk, this.#deps.now())
  }

  /** The box has it and has not yet said it. */
  received(id: ActorId, messageId: string): void {
    const desk = this.#desks.get(id)
    const notice = desk?.device?.queue.find(one => one.messageId === messageId)
    if (desk === undefined || notice === undefined) return
    const sent = desk.sent.get(messageId)
    if (sent !== undefined) sent.received = true
    this.#deps.proofs.received({ ...notice, device: id }, this.#deps.now())
  }

  /** MQTT's own receipt, or where none will come, that it has left. */
  delivered(id: ActorId, tag: string, { isReceipt = true } = {}): void {
    const desk = this.#desks.get(id)
    if (isReceipt) this.received(id, tag)
    if (desk?.device?.model.acks !== 'none') return
    this.#tell(id, { type: 'acked', messageId: tag, status: 'sent' })
  }

  /** Again, although it was pushed or refused. */
  pushConfig(id: ActorId): boolean {
    const desk = this.#desks.get(id)
    if (desk?.device?.config.desired == null) return false
    desk.config = null
    return this.#publishConfig(desk, desk.device, this.#deps.now())
  }

  /** An answer to something that the box asked; not kept. */
  answer(id: ActorId, topic: Topic, payload: Payload): boolean {
    return this.#desks.get(id)?.publish(id, topic, payload) ?? false
  }

  /** Whatever became due by time alone. */
  tick(): void {
    const now = this.#deps.now()
    for (const desk of this.#busy) {
      if (desk.device === null) void this.#look(desk)
      else this.#serve(desk, now)
    }
  }

  async #look(desk: Desk): Promise<void> {
    if (desk.asking) return
    desk.asking = true
    const { id } = desk
    try {
      const reply = await this.#deps.ask({ shard: shardOf(id), key: keyOf(id), kind: 'device' })
      desk.asking = false
      if (this.#desks.get(id) !== desk || !('accepted' in reply)) return
      this.know(id, reply.seq, reply.state as Device['state'])
    } catch (cause) {
      // Asked again at the next tick.
      desk.asking = false
      this.#deps.onError(cause)
    }
  }

  // -- what is due ---------------------------------------------------------------------------

  #serve(desk: Desk, now: Millis): void {
    const { device, phase, id } = desk
    if (device === null || phase !== 'active') {
      if (phase !== 'absent') this.#busy.delete(desk)
      return
    }
    this.#forgetGone(desk, device)
    if (hasWork(device)) this.#busy.add(desk)
    else this.#busy.delete(desk)
    if (device.digest !== null && device.summary === null && desk.hears.has('summary')) {
      // What is missed is told first; its summary comes back in a moment, as a durable change.
      if (!desk.asking) this.#summarize(desk)
      return
    }
    this.#serveSummary(desk, device, now)
    this.#serveQueue(desk, device.queue, now)
    for (const order of device.orders) if (isOpen(order)) this.#serveOrder(desk, order, now)
    if (isDrifting(device)) this.#publishConfig(desk, device, now)
    if (this.#desks.get(id) !== desk) this.#busy.delete(desk)
  }

  #forgetGone({ sent }: Desk, { queue, summary, orders }: DeviceFacts): void {
    for (const id of sent.keys()) {
      const isKept =
        summary?.messageId === id ||
        queue.some(one => one.messageId === id) ||
        orders.some(one => one.id === id && isOpen(one))
      if (!isKept) sent.delete(id)
    }
    if (this.#marked.size === 0) return
    for (const one of orders) if (!isOpen(one)) this.#marked.delete(one.id)
  }

  #summarize(desk: Desk): void {
    desk.asking = true
    const done = () => {
      desk.asking = false
    }
    this.#ask(desk.id, { type: 'summarize', messageId: randomUUID() }).then(done, cause => {
      done()
      this.#deps.onError(cause)
    })
  }

  #serveSummary(desk: Desk, device: DeviceFacts, now: Millis): void {
    const { summary } = device
    if (summary === null) return
    const sent = desk.sent.get(summary.messageId)
    const pauseMs = Math.min(summaryAgainMs * 2 ** ((sent?.times ?? 1) - 1), summaryAgainMaxMs)
    if (sent !== undefined && now - sent.at < pauseMs) return
    const message = { id: summary.messageId, ...summaryOf(summary, device) }
    this.#publish(desk, 'summary', message, now)
  }

  #serveQueue(desk: Desk, queue: readonly Notice[], now: Millis): void {
    let underWay = 0
    for (const notice of queue) {
      if (underWay === windowMax) break
      if (now > notice.at + speakWithinMs - speakMarginMs) continue
      underWay++
      const sent = desk.sent.get(notice.messageId)
      const pauseMs = sent?.received ? resendReceivedMs : resendMs
      if (sent !== undefined && now - sent.at < pauseMs) continue
      if (!this.#publish(desk, 'payment', noticeOf(notice), now)) return
      this.#deps.proofs.published({ ...notice, device: desk.id }, now)
    }
  }

  #serveOrder(desk: Desk, order: DeviceOrder, now: Millis): void {
    const { id, kind, status } = order
    if (!desk.hears.has('command')) return
    if (status === 'queued') {
      if (this.#marked.has(id)) return
      this.#marked.add(id)
      this.#ask(desk.id, { type: 'commandSent', id }).catch(cause => {
        this.#marked.delete(id)
        this.#deps.onError(cause)
      })
      return
    }
    const sent = desk.sent.get(id)
    const isDue = sent === undefined || now - sent.at >= commandAgainMs
    if (!this.#marked.has(id) && !(repeatable.has(kind) && isDue)) return
    const message = { id, payload: orderOf(order) }
    if (this.#publish(desk, 'command', message, now)) this.#marked.delete(id)
  }

  #publishConfig(desk: Desk, { config }: DeviceFacts, now: Millis): boolean {
    const { version, values } = config.desired!
    const isFresh = desk.config?.version === version && now - desk.config.at < configAgainMs
    if (isFresh) return false
    if (!desk.hears.has('config')) return false
    if (!desk.publish(desk.id, 'config', { ...values, version })) return false
    desk.config = { version, at: now }
    return true
  }

  #publish(
    desk: Desk,
    topic: Topic,
    { id, payload }: { id: string; payload: Payload },
    now: Millis,
  ): boolean {
    if (!desk.hears.has(topic) || !desk.publish(desk.id, topic, payload, id)) return false
    const sent = desk.sent.get(id)
    if (sent === undefined) desk.sent.set(id, { at: now, times: 1, received: false })
    else Object.assign(sent, { at: now, times: sent.times + 1 })
    return true
  }

  #tell(id: ActorId, command: DeviceCommand): void {
    this.#ask(id, command).catch(this.#deps.onError)
  }

  #ask(id: ActorId, command: DeviceCommand): Promise<Reply> {
    return this.#deps.ask({ shard: shardOf(id), key: keyOf(id), kind: 'device', command })
  }
}

/**
 * What a box that asks, instead of being told, is to say and do now, in its order. `fresh`: which
 * commands became sent by this very question.
 */
export function dueOf(
  device: DeviceFacts,
  { now, fresh }: { readonly now: Millis; readonly fresh: ReadonlySet<string> },
): readonly DeviceMessage[] {
  const { summary, queue, orders, config } = device
  const young = queue.filter(one => now <= one.at + speakWithinMs - speakMarginMs)
  // As on the other road: what was told before is told again only where twice is once.
  const due = orders.filter(
    ({ id, kind, status }) => status === 'sent' && (fresh.has(id) || repeatable.has(kind)),
  )
  return [
    ...(summary === null
      ? []
      : [{ topic: 'summary', payload: summaryOf(summary, device).payload } as const]),
    ...young.map(one => ({ topic: 'payment', payload: noticeOf(one).payload }) as const),
    ...due.map(one => ({ topic: 'command', payload: orderOf(one) }) as const),
    ...(isDrifting(device)
      ? [
          {
            topic: 'config',
            payload: { ...config.desired!.values, version: config.desired!.version },
          } as const,
        ]
      : []),
  ]
}

export const isDrifting = ({ config: { desired, reported } }: Pick<DeviceFacts, 'config'>) =>
  desired !== null && reported?.version !== desired.version

const hasWork = (device: DeviceFacts): boolean =>
  device.queue.length > 0 ||
  device.digest !== null ||
  device.summary !== null ||
  isDrifting(device) ||
  device.orders.some(isOpen)

const time = (ms: Millis): string => new Date(ms).toISOString()

const noticeOf = ({ messageId, payment, amount, text, lang, at }: Notice) => ({
  id: messageId,
  payload: {
    message_id: messageId,
    transaction_id: payment,
    ...{ amount, currency: 'IDR', text, lang, ts: time(at), speak: true },
    expires_at: time(at + speakWithinMs),
  },
})

/** In the language that the box is set to. */
function summaryOf(
  { messageId, count, total, since, at }: Summary,
  { config: { desired } }: Pick<DeviceFacts, 'config'>,
) {
  const { code: language } = languageOf(String(desired?.values['language'] ?? ''))
  const text = missed({ amount: total, count }, { language })
  return {
    payload: {
      message_id: messageId,
      ...{ count, total, currency: 'IDR', text, lang: language, speak: false },
      ...{ since: time(since), ts: time(at) },
    },
  }
}

const orderOf = ({ id, kind, args, expiresAt }: DeviceOrder) => ({
  ...{ command_id: id, type: kind, args, expires_at: time(expiresAt) },
})
