/**
 * The people's side: what is done with boxes at a desk, and what is shown of them.
 *
 *   wish ─▶ readable? ─▶ device actor ─▶ card ─▶ view
 *
 * DVI2. At a terminal stands one box: who is put there while another is, is refused, or takes his
 *       place when that is asked for; two at once do not slip past each other. Who can't stand
 *       there takes nobody's place.
 * DVI9. The same request again makes the same box and the same secret, never a second: who was cut
 *       off before he saw it may ask again.
 * DVI10. A box is not believed to say more than its firmware can, and a command that it has no word
 *       for has failed at once.
 */

import { randomUUID } from 'node:crypto'
import type { Device, DeviceCommand } from '../../actors/device/device-contract.ts'
import { fingerprint, type Millis } from '../../engine/ids.ts'
import type { Envelope } from '../../engine/shard.ts'
import type { Database } from '../../sql/database.ts'
import { proofsOfDevice } from '../../sql/soundbox/device.ts'
import type { Answer } from '../contract/answer.ts'
import type {
  DeviceAcks,
  DeviceActions,
  DeviceCommandKind,
  DeviceView,
  KeptSecret,
} from '../contract/device.ts'
import { faulted } from '../faults.ts'
import { refuse } from '../refusal.ts'
import type { DeviceParts } from './device-parts.ts'
import { commandView, configView, deviceView } from './device-view.ts'
import { commandArgs, configPatch, model as modelShape } from './device-words.ts'
import type { Card } from './devices.ts'
import type { Presence } from './presence.ts'
import { keptOf, newSecret, type Source, sourceOf } from './secret.ts'

type Params<A extends keyof DeviceActions> = DeviceActions[A]['params']
type Result<A extends keyof DeviceActions> = Promise<DeviceActions[A]['result']>

/** What firmware can say of a payment, and which commands it has a word for. */
export type Firmware = {
  readonly acks: DeviceAcks
  readonly knows: (kind: DeviceCommandKind) => boolean
}

export type DeskDeps = {
  readonly db: Pick<Database, 'pool'>
  /** Of which secrets are made for requests (services/seal.ts). */
  readonly keyFor: (purpose: string) => Uint8Array
  readonly terminalOf: (
    terminalId: string,
  ) =>
    | { readonly merchantId: string; readonly outletId: string; readonly active: boolean }
    | undefined
  /** By the name of its adapter; undefined: there is none of that name. */
  readonly firmwareOf: (adapter: string) => Firmware | undefined
}

const graceMsMax = 30 * 86_400_000
const commandSUsual = 600
const commandSMax = 7 * 86_400
const reasonMax = 200
/** Words about a payment, the better the later. */
const ranks: readonly DeviceAcks[] = ['none', 'received', 'played']

export function deviceDesk(deps: DeskDeps, parts: DeviceParts) {
  const { engine, shards, now, devices, presence, tell, putOut } = parts
  const { pool } = deps.db

  const view = (card: Card): DeviceView => deviceView(card, presence, now())

  const sourceFor = (request: string | undefined): Source | undefined =>
    request === undefined ? undefined : sourceOf(deps.keyFor('device-secret'), request)

  async function shown(told: Promise<Answer<Card>>): Promise<Answer<DeviceView>> {
    const answer = await told
    return 'ok' in answer ? { ok: view(answer.ok) } : answer
  }

  async function provision(asked: Params<'device.provision'>): Result<'device.provision'> {
    const best = deps.firmwareOf(asked.model.adapter)?.acks ?? 'played'
    const model = modelShape.safeParse({ ...asked.model, acks: asked.model.acks ?? best })
    if (!model.success) return refuse('FIELDS_INVALID', { fields: fieldsOf(model.error) })
    if (ranks.indexOf(model.data.acks) > ranks.indexOf(best)) {
      return refuse('ACKS_UNSUPPORTED', { acks: best })
    }
    const { serial, ...rest } = model.data
    const { secret, kept } = secretFor(asked, 1, sourceFor(asked.request))
    const taken = serial === undefined ? undefined : devices.named(serial)
    if (taken !== undefined && taken.credential.hash !== kept.hash) {
      return refuse('ALREADY_EXISTS', { deviceId: taken.id })
    }
    const clean = { ...withoutUndefined(rest), ...(serial === undefined ? {} : { serial }) }
    try {
      const reply = await engine.ask({
        // By its secret: asked again, it is the same box.
        ...{ shard: Number.parseInt(kept.hash.slice(0, 8), 16) % shards, kind: 'device' },
        key: fingerprint('device', kept.hash),
        command: { type: 'provision', model: clean as Card['model'], secret: kept, by: asked.by },
      } as Envelope)
      if ('refused' in reply) return refuse(reply.refused as Device['refusal'])
      return { ok: { device: view(devices.get(reply.id)!), secret } }
    } catch (cause) {
      return faulted(cause)
    }
  }

  async function rotate(asked: Params<'device.rotate'>): Result<'device.rotate'> {
    const { deviceId, graceMs, by } = asked
    const { secret, kept } = secretFor(asked, 0, sourceFor(asked.request))
    const grace = Math.min(Math.max(0, Math.trunc(graceMs)), graceMsMax)
    const isAsked = asked.request === undefined ? {} : ({ isAsked: true } as const)
    const wish = { type: 'rotate', secret: kept, graceMs: grace, ...isAsked, by } as const
    const told = await tell(deviceId, wish)
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
    if (place === undefined || !place.active) return refuse('REFERENCE_UNKNOWN', { terminalId })
    const { merchantId: merchant, outletId: outlet } = place
    const command: DeviceCommand = { type: 'bind', merchant, outlet, terminal: terminalId, by }
    const other = devices.at(terminalId)
    if (other === undefined || other.id === deviceId) return await shown(tell(deviceId, command))
    if (!swap) return refuse('TERMINAL_TAKEN', { deviceId: other.id })
    const newcomer = devices.get(deviceId)
    if (newcomer === undefined) return refuse('NOT_FOUND')
    if (newcomer.status === 'blocked') return refuse('DEVICE_BLOCKED')
    if (newcomer.status === 'retired') return refuse('DEVICE_RETIRED')
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
    if (args === null) return refuse('FIELDS_INVALID', { fields: ['args'] })
    const seconds = Math.min(Math.max(5, asked.expiresInS ?? commandSUsual), commandSMax)
    const expiresAt = now() + seconds * 1_000
    const given = await tell(deviceId, { type: 'command', id, kind, args, expiresAt, by })
    if (!('ok' in given)) return given
    const isKnown = deps.firmwareOf(given.ok.model.adapter)?.knows(kind) ?? true
    const failed = { type: 'commandAcked', id, status: 'failed', message: 'unsupported' } as const
    const told = isKnown ? given : await tell(deviceId, failed)
    if (!('ok' in told)) return told
    const made = told.ok.orders.find(one => one.id === id)
    return made === undefined ? refuse('NOT_FOUND') : { ok: commandView(made) }
  }

  async function configure(asked: Params<'device.configure'>): Result<'device.configure'> {
    const { deviceId, version, by } = asked
    const values = configPatch.safeParse(asked.values)
    if (!values.success) return refuse('FIELDS_INVALID', { fields: fieldsOf(values.error) })
    const told = await tell(deviceId, {
      ...{ type: 'configure', values: values.data, by },
      ...(version === undefined ? {} : { version }),
    })
    return 'ok' in told ? { ok: configView(told.ok) } : told
  }

  const withCard = async <T>(id: string, show: (card: Card) => T): Promise<Answer<T>> => {
    const card = devices.get(id)
    return card === undefined ? refuse('NOT_FOUND') : { ok: show(card) }
  }

  async function notifications({
    deviceId,
    limit,
  }: Params<'device.notifications'>): Result<'device.notifications'> {
    if (devices.get(deviceId) === undefined) return refuse('NOT_FOUND')
    return { ok: { rows: await proofsOfDevice(pool, { deviceId, limit }) } }
  }

  return {
    ...{ provision, rotate, bind, block, retire, list, order, configure, notifications },
    ...{ view, shown, withCard },
  }
}

/** Made here and told, unless only what is kept of it was given. */
const secretFor = (
  { secret, kept }: { readonly secret?: string; readonly kept?: KeptSecret },
  generation: number,
  source: Source | undefined,
) =>
  kept === undefined
    ? newSecret(generation, secret, source)
    : { secret: '', kept: keptOf(kept, generation) }
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
