/** A soundbox as a snapshot keeps it: its secret, its counter, what it has to say and to do. */

import { type Event, fingerprint } from './chain.ts'
import type { Kind, Loose } from './image.ts'

const speakWithinMs = 55_000
const ordersKept = 50
/** Payments of a digest, in case that nobody will tell it. */
const missedKept = 200
/** Secrets before the last one but one, as long as their time runs. */
const secretsBefore = 4
/** So many messages are known again, by so many digits each. */
const recentKept = 500
const digits = 12

export const device: Kind = {
  after(state, event, at) {
    const { type } = event
    if (type === 'provisioned') return { phase: 'active', device: provisioned(event, at) }
    const { device } = state
    if (type === 'blocked') return { phase: 'blocked', device, reason: event['reason'] }
    if (type === 'unblocked') return { phase: 'active', device }
    if (type === 'retired') {
      device.binding = null
      return { phase: 'retired', device, reason: event['reason'] }
    }
    const change = Object.hasOwn(changes, type) ? changes[type] : undefined
    if (change === undefined) throw new Error(`there is no ${type} of a box`)
    change(device, event, at)
    return state
  },

  asks(_, event, at) {
    const { type, why } = event
    const prove = ({ payment, messageId }: Loose, outcome: string, why: string) => ({
      ...{ type: 'prove', target: 'payments', payment, messageId, outcome, at, why },
    })
    if (type === 'acked') return [prove(event, 'played', event['status'])]
    if (type === 'aged') return event['notices'].map((one: Loose) => prove(one, 'digest', why))
    if (type === 'dropped') {
      const all = [...event['notices'], ...(event['missed'] ?? [])]
      return all.map((one: Loose) => prove(one, 'silent', why))
    }
    if (type === 'summary_acked') {
      return (event['unsaid'] ?? []).map((one: Loose) => prove(one, 'silent', 'no_word'))
    }
    return []
  },

  wakesAt({ phase, device }) {
    if (phase === 'absent') return null
    const ends = device.orders.filter(isOpen).map((one: Loose) => one.expiresAt)
    const [oldest] = device.queue
    if (oldest !== undefined) ends.push(oldest.at + speakWithinMs)
    return ends.length === 0 ? null : Math.min(...ends)
  },

  shown(state) {
    if (state.phase === 'absent') return state
    const prints = state.device.recent.slice(-recentKept).map(printOf)
    return { ...state, device: { ...state.device, recent: prints.join('') } }
  },
}

const printOf = (messageId: string): string => fingerprint('message', messageId).slice(-digits)

const isOpen = ({ status }: Loose): boolean => status === 'queued' || status === 'sent'

function provisioned({ model, secret }: Event, at: number): Loose {
  const nothing = { binding: null, digest: null, summary: null, queue: [], recent: [], orders: [] }
  const config = { desired: null, reported: null }
  return { model, credential: secret, config, ...nothing, since: at }
}

/** Kept by id, and twice as many as are shown before the older ones are let go. */
function remember(device: Loose, messageId: string): void {
  device.recent.push(messageId)
  if (device.recent.length > recentKept * 2) device.recent = device.recent.slice(-recentKept)
}

type Change = (device: Loose, event: Event, at: number) => void

const changes: Readonly<Record<string, Change>> = {
  rotated(device, { secret, previousUntil, keeps }, at) {
    const { previous, earlier = [], ...last } = device.credential
    device.credential = { ...secret }
    if (previousUntil === null) return
    device.credential.previous = { ...last, until: previousUntil }
    const kept = keeps && previous ? [previous, ...earlier] : []
    const running = kept.filter(({ until }: Loose) => until > at).slice(0, secretsBefore)
    if (running.length > 0) device.credential.earlier = running
  },
  bound(device, { merchant, outlet, terminal }, at) {
    device.binding = { merchant, outlet, terminal, since: at }
  },
  unbound(device) {
    device.binding = null
  },
  queued(device, { type: _, ...notice }) {
    // By the time of payment; of equals, who came first.
    const behind = device.queue.findIndex((one: Loose) => one.at > notice['at'])
    device.queue.splice(behind === -1 ? device.queue.length : behind, 0, notice)
    remember(device, notice['messageId'])
  },
  acked(device, { messageId }) {
    device.queue = device.queue.filter((one: Loose) => one.messageId !== messageId)
  },
  aged(device, { notices, kept }, at) {
    const ids = new Set(notices.map((one: Loose) => one.messageId))
    device.digest ??= { count: 0, total: 0, since: at }
    for (const one of device.queue) {
      if (!ids.has(one.messageId)) continue
      device.digest.count++
      device.digest.total += one.amount
    }
    device.queue = device.queue.filter((one: Loose) => !ids.has(one.messageId))
    if (kept) device.missed = [...(device.missed ?? []), ...notices].slice(-missedKept)
  },
  dropped(device) {
    Object.assign(device, { queue: [], digest: null, summary: null })
    if (device.missed) device.missed = []
    if (device.telling) device.telling = []
  },
  summarized(device, { messageId }, at) {
    device.summary = { ...device.digest, messageId, at }
    device.digest = null
    if (device.missed) {
      device.telling = device.missed
      device.missed = []
    }
    remember(device, messageId)
  },
  summary_acked(device) {
    device.summary = null
    if (device.telling) device.telling = []
  },
  configured(device, { version, values }, at) {
    device.config.desired = { version, values, at }
  },
  config_reported(device, { version, status }, at) {
    device.config.reported = { version, status, at }
  },
  commanded(device, { type: _, ...words }, at) {
    if (device.orders.length >= ordersKept) {
      const over = device.orders.findIndex((one: Loose) => !isOpen(one))
      device.orders.splice(over, 1)
    }
    device.orders.push({ ...words, at, status: 'queued', endedAt: null, message: '' })
  },
  command_sent(device, { id }) {
    mark(device, [id], { status: 'sent' })
  },
  command_ended(device, { id, status, message }, at) {
    mark(device, [id], { status, message, endedAt: at })
  },
  commands_expired(device, { ids }, at) {
    mark(device, ids, { status: 'expired', endedAt: at })
  },
}

function mark(device: Loose, ids: readonly string[], change: object): void {
  for (const one of device.orders) if (ids.includes(one.id)) Object.assign(one, change)
}
