/**
 * One soundbox: who may speak in its name, at which counter it stands, how it should be set, what
 * it was told to do, and which payments it has still to speak. What only the moment knows (is it
 * connected, how full is its battery, when was a message published) is not here.
 *
 *   absent ──provision──▶ active ◀──block, unblock──▶ blocked ──retire──▶ retired
 *
 *   notice:  queued ──acked──▶ proved played
 *               └──too old, or too many──▶ digest ──summarized──▶ summary ──acked──▶ gone
 *                                            └─ proved digest
 *
 * DVA1. A message is queued once, however often it comes; its id is remembered for five hundred
 *       more.
 * DVA2. Each queued message ends once: played, in a digest, or silent; the payment is told which.
 * DVA3. What is older than the age policy leaves the queue for the digest: it is never spoken.
 * DVA4. The queue is bounded. Who stands too far behind makes the oldest go to the digest.
 * DVA5. A box speaks only the payments of the merchant it is bound to; taken from its counter, or
 *       blocked, it forgets what it had to say, and each of those payments is silent.
 * DVA11. So is each of those that wait in a digest, or in one that the box has not said it has: the
 *       last two hundred of either are remembered for that.
 * DVA12. So is each of a digest for which the box's firmware has no word.
 * DVA6. A digest keeps its count and total while it is told, under an id of its own: what ages
 *       meanwhile begins a new one.
 * DVA7. Secrets come in generations. The one before ends at once, or at a time that is said; only
 *       salted hashes are kept.
 * DVA10. A secret that was given time keeps it when the next one is given time as well, so far as
 *       four; one that ends at once ends all before it.
 * DVA13. A request draws its secret once: when it comes again after another has been drawn, the
 *       secret that it drew does not come back.
 * DVA8. Configuration is versioned; what a box reports late, of an older version, changes nothing.
 * DVA9. A command ends once: done, failed, or expired when its time is over, sent or not. At most
 *       twenty wait, and the last fifty are remembered.
 */

import { accept, actor, type Decision, refuse } from '../../engine/actor.ts'
import { assert } from '../../engine/assert.ts'
import { fingerprint, type Millis } from '../../engine/ids.ts'
import type {
  AgedWhy,
  Device,
  DeviceEvent,
  DeviceFacts,
  DeviceOrder,
  DeviceState,
  Digest,
  DroppedWhy,
  Notice,
  Place,
  Told,
} from './device-contract.ts'

/** Less than the minute after which a payment calls itself silent: the box's word comes first. */
export const speakWithinMs = 55_000
export const queueMax = 200
export const openOrdersMax = 20
const ordersMax = 50
const configKeysMax = 40
const recentMax = 500
/** Secrets before the last one that still open the door. */
const earlierMax = 4
/** Secrets of requests that are remembered. */
const drawnMax = 20
/** Payments of one digest that are remembered. */
export const missedMax = 200
/** Of an id as it is remembered: 48 bits. */
const printLength = 12

type Known = Exclude<DeviceState, { phase: 'absent' }>

export const device = actor<Device>({
  name: 'device',
  version: 1,
  initial: { phase: 'absent' },

  decide: {
    provision(state, { model, secret, by }) {
      if (state.phase === 'absent') return accept({ type: 'provisioned', model, secret, by })
      const isSame = state.device.credential.hash === secret.hash
      return isSame ? accept() : refuse('ALREADY_EXISTS')
    },
    rotate: (state, { secret, graceMs, isAsked, by }, { now }) =>
      unlessGone(state, ({ device: { credential } }) => {
        if (credential.hash === secret.hash) return accept()
        if (credential.drawn?.includes(secret.fingerprint)) return refuse('STALE_VERSION')
        const generation = credential.generation + 1
        const previousUntil = graceMs > 0 ? now + graceMs : null
        const isRunning = [credential.previous, ...(credential.earlier ?? [])].some(
          one => one !== undefined && one.until > now,
        )
        const keeps = previousUntil !== null && isRunning ? ({ keeps: true } as const) : {}
        const rotated = { type: 'rotated', secret: { ...secret, generation } } as const
        const drawn = isAsked ? ({ drawn: true } as const) : {}
        return accept({ ...rotated, previousUntil, ...keeps, ...drawn, by })
      }),
    bind: (state, { merchant, outlet, terminal, by }) =>
      unlessGone(state, ({ phase, device }) => {
        if (phase === 'blocked') return refuse('DEVICE_BLOCKED')
        const bound: DeviceEvent = { type: 'bound', merchant, outlet, terminal, by }
        if (isAt(device, bound)) return accept()
        return accept(...forgetting(device, 'unbound'), bound)
      }),
    unbind: (state, { by }) =>
      unlessGone(state, ({ device }) =>
        device.binding === null
          ? accept()
          : accept(...forgetting(device, 'unbound'), { type: 'unbound', by }),
      ),
    block: (state, { reason, by }) =>
      unlessGone(state, ({ phase, device }) =>
        phase === 'blocked'
          ? accept()
          : accept(...forgetting(device, 'blocked'), { type: 'blocked', reason, by }),
      ),
    unblock: (state, { by }) =>
      unlessGone(state, ({ phase }) =>
        phase === 'active' ? accept() : accept({ type: 'unblocked', by }),
      ),
    retire(state, { reason, by }) {
      if (state.phase === 'absent') return refuse('NOT_FOUND')
      if (state.phase === 'retired') return accept()
      return accept(...forgetting(state.device, 'retired'), { type: 'retired', reason, by })
    },

    queue(state, { type: _, merchant, ...notice }, { now }) {
      if (state.phase === 'absent') return refuse('NOT_FOUND')
      const { device } = state
      // A repeat is answered as the first was, whatever became of the box since.
      if (knows(device.recent, notice.messageId)) return accept()
      if (state.phase === 'blocked') return refuse('DEVICE_BLOCKED')
      if (state.phase === 'retired') return refuse('DEVICE_RETIRED')
      const { binding } = device
      if (binding === null || (merchant !== undefined && binding.merchant !== merchant)) {
        return refuse('DEVICE_UNBOUND')
      }
      const queue = inOrder(device.queue, notice)
      const over = queue.slice(0, Math.max(0, queue.length - queueMax))
      const old = queue.filter(one => !over.includes(one) && isOld(one, now))
      return accept(
        { type: 'queued', ...notice } as const,
        ...aging(over, 'full'),
        ...aging(old, 'age'),
      )
    },
    acked(state, { messageId, status }) {
      if (state.phase === 'absent') return refuse('NOT_FOUND')
      const { queue, summary, model } = state.device
      if (summary?.messageId === messageId) return accept({ type: 'summary_acked', messageId })
      const notice = queue.find(one => one.messageId === messageId)
      if (notice === undefined) return accept()
      // A box that can say that it played is not believed before it does.
      if (model.acks === 'played' && status !== 'played') return accept()
      return accept({ type: 'acked', messageId, payment: notice.payment, status })
    },
    unsaid(state, { messageId }) {
      if (state.phase === 'absent') return refuse('NOT_FOUND')
      const { summary, telling = [] } = state.device
      if (summary?.messageId !== messageId) return accept()
      const acked = { type: 'summary_acked', messageId } as const
      return accept(telling.length === 0 ? acked : { ...acked, unsaid: telling })
    },
    age: (state, _, { now }) =>
      state.phase === 'absent'
        ? refuse('NOT_FOUND')
        : accept(
            ...aging(
              state.device.queue.filter(one => isOld(one, now)),
              'age',
            ),
          ),
    summarize: (state, { messageId }) =>
      state.phase !== 'active'
        ? refuse(state.phase === 'absent' ? 'NOT_FOUND' : 'DEVICE_BLOCKED')
        : state.device.digest === null ||
            state.device.summary !== null ||
            knows(state.device.recent, messageId)
          ? accept()
          : accept({ type: 'summarized', messageId }),
    proved: state => (state.phase === 'absent' ? refuse('NOT_FOUND') : accept()),

    configure: (state, { values, version, by }) =>
      unlessGone(state, ({ device: { config } }) => {
        const { desired } = config
        if (version !== undefined && version !== (desired?.version ?? 0)) {
          return refuse('STALE_VERSION', { version: desired?.version ?? 0 })
        }
        const merged = Object.entries({ ...desired?.values, ...values })
        const next = Object.fromEntries(
          merged.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
        )
        if (Object.keys(next).length > configKeysMax) return refuse('CONFIG_LIMIT')
        if (desired !== null && areSame(desired.values, next)) return accept()
        return accept({
          type: 'configured',
          version: (desired?.version ?? 0) + 1,
          values: next,
          by,
        })
      }),
    configAcked(state, { version, status }) {
      if (state.phase === 'absent') return refuse('NOT_FOUND')
      const { desired, reported } = state.device.config
      if (version > (desired?.version ?? 0)) return refuse('STALE_VERSION')
      if (reported !== null && version < reported.version) return accept()
      if (reported?.version === version && reported.status === status) return accept()
      return accept({ type: 'config_reported', version, status })
    },

    command: (state, { type: _, ...order }) =>
      unlessGone(state, ({ phase, device: { orders } }) => {
        if (orders.some(one => one.id === order.id)) return accept()
        if (phase === 'blocked') return refuse('DEVICE_BLOCKED')
        if (orders.filter(isOpen).length >= openOrdersMax) return refuse('COMMAND_LIMIT')
        return accept({ type: 'commanded', ...order })
      }),
    commandSent: (state, { id }) =>
      state.phase === 'absent'
        ? refuse('NOT_FOUND')
        : state.device.orders.some(one => one.id === id && one.status === 'queued')
          ? accept({ type: 'command_sent', id })
          : accept(),
    commandAcked: (state, { id, status, message }) =>
      state.phase === 'absent'
        ? refuse('NOT_FOUND')
        : state.device.orders.some(one => one.id === id && isOpen(one))
          ? accept({ type: 'command_ended', id, status, message })
          : accept(),
    expire(state, _, { now }) {
      if (state.phase === 'absent') return refuse('NOT_FOUND')
      const over = state.device.orders.filter(one => isOpen(one) && one.expiresAt <= now)
      return over.length === 0
        ? accept()
        : accept({ type: 'commands_expired', ids: over.map(one => one.id) })
    },
  },

  evolve: {
    provisioned(_, { model, secret }, at) {
      const config = { desired: null, reported: null }
      const nothing = { queue: [], digest: null, summary: null, recent: '', orders: [] }
      return {
        phase: 'active',
        device: { model, credential: secret, binding: null, config, ...nothing, since: at },
      }
    },
    rotated: (state, { secret, previousUntil, keeps, drawn: isDrawn }, at) =>
      having(state, ({ credential }) => {
        assert(secret.generation === credential.generation + 1, 'DVA7: generations have no gaps')
        const { previous, earlier = [], drawn: known, ...last } = credential
        const drawn = isDrawn ? [...(known ?? []), secret.fingerprint].slice(-drawnMax) : known
        const next = { ...secret, ...(drawn === undefined ? {} : { drawn }) }
        if (previousUntil === null) return { credential: next }
        const before = keeps && previous !== undefined ? [previous, ...earlier] : []
        const running = before.filter(({ until }) => until > at).slice(0, earlierMax)
        return {
          credential: {
            ...next,
            previous: { ...last, until: previousUntil },
            ...(running.length === 0 ? {} : { earlier: running }),
          },
        }
      }),
    bound: (state, { merchant, outlet, terminal }, at) =>
      having(state, () => ({ binding: { merchant, outlet, terminal, since: at } })),
    unbound: state => having(state, () => ({ binding: null })),
    blocked: (state, { reason }) => ({ phase: 'blocked', device: known(state).device, reason }),
    unblocked: state => ({ phase: 'active', device: known(state).device }),
    retired: (state, { reason }) => ({
      phase: 'retired',
      device: { ...known(state).device, binding: null },
      reason,
    }),
    queued: (state, { type: _, ...notice }) =>
      having(state, ({ queue, recent }) => ({
        queue: inOrder(queue, notice),
        recent: remembering(recent, notice.messageId),
      })),
    acked: (state, { messageId }) =>
      having(state, ({ queue }) => ({ queue: without(queue, [messageId]) })),
    aged: (state, { notices, kept }, at) =>
      having(state, ({ queue, digest, missed = [] }) => {
        const ids = notices.map(one => one.messageId)
        const left = queue.filter(one => ids.includes(one.messageId))
        assert(left.length === ids.length, 'DVA2: what goes into a digest was queued')
        return {
          queue: without(queue, ids),
          digest: left.reduce<Digest>(
            ({ count, total, since }, { amount }) => ({
              ...{ count: count + 1, total: total + amount, since },
            }),
            digest ?? { count: 0, total: 0, since: at },
          ),
          ...(kept ? { missed: [...missed, ...notices].slice(-missedMax) } : {}),
        }
      }),
    dropped: state =>
      having(state, device => ({
        ...{ queue: [], digest: null, summary: null },
        ...(device.missed === undefined ? {} : { missed: [] }),
        ...(device.telling === undefined ? {} : { telling: [] }),
      })),
    summarized: (state, { messageId }, at) =>
      having(state, ({ digest, summary, recent, missed }) => {
        assert(digest !== null && summary === null, 'DVA6: one digest is told at a time')
        const told = { ...digest, messageId, at }
        return {
          ...{ digest: null, summary: told, recent: remembering(recent, messageId) },
          ...(missed === undefined ? {} : { missed: [], telling: missed }),
        }
      }),
    summary_acked: state =>
      having(state, ({ telling }) => ({
        summary: null,
        ...(telling === undefined ? {} : { telling: [] }),
      })),
    configured: (state, { version, values }, at) =>
      having(state, ({ config }) => ({
        config: { ...config, desired: { version, values, at } },
      })),
    config_reported: (state, { version, status }, at) =>
      having(state, ({ config }) => ({
        config: { ...config, reported: { version, status, at } },
      })),
    commanded: (state, { type: _, ...order }, at) =>
      having(state, ({ orders }) => ({
        orders: room(orders).concat({
          ...order,
          ...{ at, status: 'queued', endedAt: null, message: '' },
        }),
      })),
    command_sent: (state, { id }) => ordered(state, [id], () => ({ status: 'sent' })),
    command_ended: (state, { id, status, message }, at) =>
      ordered(state, [id], () => ({ status, message, endedAt: at })),
    commands_expired: (state, { ids }, at) =>
      ordered(state, ids, () => ({ status: 'expired', endedAt: at })),
  },

  react: {
    acked: (_, { messageId, payment, status }, at) => [
      { type: 'prove', target: 'payments', payment, messageId, outcome: 'played', at, why: status },
    ],
    aged: (_, { notices, why }, at) =>
      notices.map(one => ({
        ...{ type: 'prove', target: 'payments', ...one, outcome: 'digest', at, why },
      })),
    summary_acked: (_, { unsaid = [] }, at) =>
      unsaid.map(one => ({
        ...{ type: 'prove', target: 'payments', ...one, outcome: 'silent', at, why: 'no_word' },
      })),
    dropped: (_, { notices, missed = [], why }, at) =>
      [...notices, ...missed].map(one => ({
        ...{ type: 'prove', target: 'payments', ...one, outcome: 'silent', at, why },
      })),
  },

  // The payment knows the message: told again, it changes nothing.
  resume: { prove: 'repeat' },

  timers(state) {
    if (state.phase === 'absent') return []
    const { queue, orders } = state.device
    const [oldest] = queue
    const ends = orders.filter(isOpen).map(one => one.expiresAt)
    return [
      ...(oldest === undefined
        ? []
        : [{ at: oldest.at + speakWithinMs, command: { type: 'age' } } as const]),
      ...(ends.length === 0
        ? []
        : [{ at: Math.min(...ends), command: { type: 'expire' } } as const]),
    ]
  },

  // Nobody moves a box that has nothing to say, until a person retires it.
  lasts: true,
  rest: state =>
    state.phase === 'absent'
      ? 'final'
      : state.device.queue.length > 0 || state.device.orders.some(isOpen)
        ? 'machine'
        : state.phase === 'retired'
          ? 'final'
          : 'idle',

  check(state) {
    if (state.phase === 'absent') return
    const { queue, binding, orders, recent, missed = [] } = state.device
    // One more while it is queued: what is over goes to the digest in the same record.
    assert(queue.length <= queueMax + 1, 'DVA4: the queue is bounded')
    assert(queue.length === 0 || binding !== null, 'DVA5: who has no counter has nothing to say')
    assert(missed.length <= missedMax, 'DVA11: what is remembered of a digest is bounded')
    assert(orders.length <= ordersMax, 'DVA9: fifty commands are remembered')
    assert(recent.length <= recentMax * printLength, 'DVA1: five hundred messages are remembered')
  },
})

/** It may still be carried out. */
export const isOpen = ({ status }: Pick<DeviceOrder, 'status'>): boolean =>
  status === 'queued' || status === 'sent'

type Answer = Decision<Device>

function unlessGone(
  state: DeviceState,
  decide: (state: Exclude<Known, { phase: 'retired' }>) => Answer,
): Answer {
  if (state.phase === 'absent') return refuse('NOT_FOUND')
  return state.phase === 'retired' ? refuse('DEVICE_RETIRED') : decide(state)
}

function known(state: DeviceState): Known {
  assert(state.phase !== 'absent', 'DVA2: nothing happens to a box that was never provisioned')
  return state
}

function having(
  state: DeviceState,
  change: (device: DeviceFacts) => Partial<DeviceFacts>,
): DeviceState {
  const { device } = known(state)
  return { ...known(state), device: { ...device, ...change(device) } }
}

const ordered = (
  state: DeviceState,
  ids: readonly string[],
  change: () => Partial<DeviceOrder>,
): DeviceState =>
  having(state, ({ orders }) => ({
    orders: orders.map(one => (ids.includes(one.id) ? { ...one, ...change() } : one)),
  }))

const isAt = ({ binding }: DeviceFacts, place: Place): boolean =>
  binding !== null && binding.terminal === place.terminal && binding.merchant === place.merchant

/** Everything that the box still had to say, and what was said of it, is let go. */
function forgetting(
  { queue, digest, summary, missed = [], telling = [] }: DeviceFacts,
  why: DroppedWhy,
): readonly DeviceEvent[] {
  if (queue.length === 0 && digest === null && summary === null) return []
  const untold = [...telling, ...missed]
  const dropped = { type: 'dropped', why, notices: queue.map(toldOf) } as const
  return [untold.length === 0 ? dropped : { ...dropped, missed: untold }]
}

const aging = (notices: readonly Notice[], why: AgedWhy): readonly DeviceEvent[] =>
  notices.length === 0 ? [] : [{ type: 'aged', why, notices: notices.map(toldOf), kept: true }]

const toldOf = ({ messageId, payment }: Notice): Told => ({ messageId, payment })

const isOld = ({ at }: Notice, now: Millis): boolean => at + speakWithinMs <= now

/** By the time of payment; whoever came first among equals is spoken first. */
function inOrder(queue: readonly Notice[], notice: Notice): readonly Notice[] {
  const after = queue.findIndex(one => one.at > notice.at)
  return after === -1
    ? queue.concat(notice)
    : [...queue.slice(0, after), notice, ...queue.slice(after)]
}

const without = (queue: readonly Notice[], ids: readonly string[]): readonly Notice[] =>
  queue.filter(one => !ids.includes(one.messageId))

/** Room for one more: of those that have ended, the oldest is forgotten. */
function room(orders: readonly DeviceOrder[]): readonly DeviceOrder[] {
  if (orders.length < ordersMax) return orders
  const at = orders.findIndex(one => !isOpen(one))
  return orders.filter((_, index) => index !== at)
}

const printOf = (messageId: string): string => fingerprint('message', messageId).slice(-printLength)

function knows(recent: string, messageId: string): boolean {
  const print = printOf(messageId)
  for (let at = recent.indexOf(print); at !== -1; at = recent.indexOf(print, at + 1)) {
    if (at % printLength === 0) return true
  }
  return false
}

const remembering = (recent: string, messageId: string): string =>
  recent.slice(recent.length < recentMax * printLength ? 0 : printLength) + printOf(messageId)

function areSame(one: object, other: object): boolean {
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every(name => (one as Record<string, unknown>)[name] === other[name as never])
  )
}
