/**
 * Soundboxes: what each had to say, and that each message ended once.
 *
 *   queued ─▶ acked | aged (into a digest) | dropped (with its counter)
 *
 * Z34. A message is queued once, while its box stands at a counter, and ends once: nobody
 *      acknowledges, ages or drops what is not there, and whoever leaves his counter drops all.
 * Z35. What ages is too old, or has two hundred behind it; what is told in a digest was missed.
 * Z36. A box is provisioned once, its secrets count up one by one, and a command ends once.
 */

import type { Body, Event, Line } from './chain.ts'
import type { Place, Problems } from './problems.ts'

const tooOldMs = 55_000
const queueMost = 200
const idsKept = 500

export class Device {
  phase: 'absent' | 'active' | 'blocked' | 'retired' = 'absent'
  isBound = false
  generation = 0
  missed = 0
  isTelling = false
  /** Of the digest, and of the one that is told: whose payments are remembered. */
  untold: string[] = []
  telling: string[] = []
  readonly queue = new Map<string, { readonly at: number; readonly payment: string }>()
  /** The last ones, oldest first. */
  readonly ids = new Set<string>()
  readonly commands = new Set<string>()

  get isLive(): boolean {
    if (this.phase === 'absent') return false
    return this.phase !== 'retired' || this.queue.size > 0 || this.commands.size > 0
  }
}

export function readDevice(device: Device, line: Line, body: Body, problems: Problems): void {
  const place = { shard: line.shard, seq: line.seq, actor: body.id }
  for (const event of body.e) {
    const isKnown = Object.hasOwn(readings, event.type)
    if (!isKnown) problems.add('device.event', place, `there is no ${event.type} of a box`)
    else if (device.phase === 'absent' && event.type !== 'provisioned') {
      problems.add('device.event', place, `${event.type} before it was provisioned`)
    } else readings[event.type]!(device, event, { at: body.at, place, problems })
  }
}

type About = { readonly at: number; readonly place: Place; readonly problems: Problems }
type Reading = (device: Device, event: Event, about: About) => void

const nothing: Reading = () => {}

const readings: Readonly<Record<string, Reading>> = {
  provisioned(device, { secret }, { place, problems }) {
    if (device.phase !== 'absent') problems.add('device.event', place, 'provisioned again')
    device.phase = 'active'
    device.generation = Number(secret.generation)
  },
  rotated(device, { secret }, { place, problems }) {
    if (secret.generation !== device.generation + 1) {
      const text = `secret ${secret.generation} comes after ${device.generation}`
      problems.add('device.secret', place, text)
    }
    device.generation = Number(secret.generation)
  },
  bound(device, _, about) {
    mustBeEmpty(device, 'bound elsewhere', about)
    device.isBound = true
  },
  unbound(device, _, about) {
    mustBeEmpty(device, 'unbound', about)
    device.isBound = false
  },
  blocked(device, _, about) {
    mustBeEmpty(device, 'blocked', about)
    device.phase = 'blocked'
  },
  unblocked(device) {
    device.phase = 'active'
  },
  retired(device, _, about) {
    mustBeEmpty(device, 'retired', about)
    device.phase = 'retired'
    device.isBound = false
  },
  queued(device, { messageId, at, payment }, { place, problems }) {
    if (device.phase !== 'active' || !device.isBound) {
      problems.add('device.queued', place, `${messageId} for a box that may not speak`)
    }
    if (device.ids.has(messageId)) problems.add('device.queued', place, `${messageId} again`)
    device.queue.set(messageId, { at, payment })
    device.ids.add(messageId)
    for (const id of device.ids) {
      if (device.ids.size <= idsKept) break
      device.ids.delete(id)
    }
  },
  acked(device, event, about) {
    end(device, event as never, about)
  },
  aged(device, { why, notices, kept }, about) {
    for (const one of notices) {
      const queued = device.queue.get(one.messageId)
      const isOld = queued !== undefined && queued.at + tooOldMs <= about.at
      const isFull = why === 'full' && device.queue.size > queueMost
      if (queued !== undefined && !isOld && !isFull) {
        about.problems.add('device.ended', about.place, `${one.messageId} is not too old`)
      }
      end(device, one, about)
      device.missed++
      if (kept) device.untold.push(one.messageId)
    }
  },
  dropped(device, { notices, missed = [] }, about) {
    for (const one of notices) end(device, one, about)
    for (const { messageId } of missed) {
      if (device.untold.includes(messageId) || device.telling.includes(messageId)) continue
      about.problems.add('device.digest', about.place, `${messageId} waits in no digest`)
    }
    device.missed = 0
    device.isTelling = false
    device.untold = []
    device.telling = []
    mustBeEmpty(device, 'all was dropped', about)
  },
  summarized(device, _, { place, problems }) {
    if (device.missed === 0 || device.isTelling) {
      problems.add('device.digest', place, 'a digest of nothing, or a second one')
    }
    device.missed = 0
    device.isTelling = true
    device.telling = device.untold
    device.untold = []
  },
  summary_acked(device, { unsaid = [] }, { place, problems }) {
    if (!device.isTelling) problems.add('device.digest', place, 'there is no digest to have')
    for (const { messageId } of unsaid) {
      if (device.telling.includes(messageId)) continue
      problems.add('device.digest', place, `${messageId} is in no digest that is told`)
    }
    device.isTelling = false
    device.telling = []
  },
  configured: nothing,
  config_reported: nothing,
  commanded(device, { id }) {
    device.commands.add(id)
  },
  command_sent: nothing,
  command_ended(device, { id }, about) {
    endCommand(device, id, about)
  },
  commands_expired(device, { ids }, about) {
    for (const id of ids) endCommand(device, id, about)
  },
}

function end(
  device: Device,
  { messageId, payment }: { messageId: string; payment: string },
  { place, problems }: About,
): void {
  const queued = device.queue.get(messageId)
  if (queued === undefined) problems.add('device.ended', place, `${messageId} is not in its queue`)
  else if (queued.payment !== payment) {
    problems.add('device.ended', place, `${messageId} is about ${queued.payment}, not ${payment}`)
  }
  device.queue.delete(messageId)
}

function endCommand(device: Device, id: string, { place, problems }: About): void {
  if (!device.commands.delete(id)) {
    problems.add('device.event', place, `command ${id} had ended, or was never given`)
  }
}

function mustBeEmpty({ queue }: Device, when: string, { place, problems }: About): void {
  if (queue.size === 0) return
  problems.add('device.ended', place, `${when}, and ${queue.size} messages are still queued`)
}
