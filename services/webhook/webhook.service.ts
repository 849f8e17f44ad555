/**
 * Calls to clients' own servers: the parts put together, and what clients may ask about them.
 *
 *   journal ─▶ intake ─▶ webhook_delivery ─▶ sender ─▶ egress ─▶ their server
 *                 └──── endpoints (memory) ────┘
 *
 * WHH1. A secret is told once, when it is made; afterwards nobody can read it, only replace it.
 * WHH2. A client sees and changes its own endpoints and deliveries, nobody else's.
 * WHH3. A ping is sent at once, whatever the breaker says, and is in the log like any other.
 * WHH4. A replay sends the same bytes under the same id, in the order in which they happened. What
 *       waits for its next attempt, which may be hours off, is tried at once.
 * WHH5. An address that we would not call is refused when it is given, and again at every call.
 * WHH6. A word on a complaint goes to endpoints of our own shape that want to hear it, once.
 */

import { randomBytes } from 'node:crypto'
import type { Context, ServiceSchema } from 'moleculer'
import { wallet } from '../../actors/chart.ts'
import { makeId, shardOf } from '../../engine/ids.ts'
import type { Changes } from '../../sql/changes.ts'
import type { Database } from '../../sql/database.ts'
import {
  addDeliveries,
  addEndpoint,
  changeEndpoint,
  deliveriesOf,
  type EndpointRow,
  endpointsOf,
  type LogRow,
  notePing,
  removeEndpoint,
  replayDeliveries,
  rotateSecret,
} from '../../sql/topup/webhooks.ts'
import type { Answer } from '../contract/answer.ts'
import type { DeliveryView, WebhookEvent, WebhookView } from '../contract/webhook.ts'
import type { Actions } from '../contract.ts'
import type { EngineRoom } from '../engine-room.ts'
import { freshKey } from '../fresh-key.ts'
import { journalOf } from '../journal-follower.ts'
import type { Seal } from '../seal.ts'
import { Breakers } from './breaker.ts'
import { type EgressOptions, openEgress } from './egress.ts'
import { Endpoints, secretPurpose } from './endpoints.ts'
import { Intake, patienceMs, usualEvents } from './intake.ts'
import { messageId, perTargetMax, Sender, type SenderStats } from './sender.ts'
import { letterOf, pingWords, secretPrefix, wordsOf } from './shapes.ts'

type WebhookDeps = {
  readonly room: EngineRoom
  readonly db: Pick<Database, 'pool'>
  readonly seal: Seal
  readonly changes: Pick<Changes, 'subscribe'>
  readonly egress: EgressOptions
  readonly onError: (cause: unknown) => void
  readonly dice?: () => number
  /** How long deliveries stay in the log; 30 days unless told. */
  readonly keepMs?: number
}

export type Webhooks = {
  readonly service: ServiceSchema
  /** The shards are ours again: others may have written meanwhile. */
  readonly lookAgain: () => void
  /** Endpoints, and hosts of reports, that failed again and again. */
  readonly resting: () => readonly string[]
  readonly stats: () => SenderStats & { readonly lag: number; readonly open: number }
}

const endpointsMax = 20
const formerMs = 24 * 3_600_000
const replayMax = 10_000

/** To be made before the engine starts: it listens to everything that becomes durable. */
export function makeWebhooks(deps: WebhookDeps): Webhooks {
  const { room, db, seal, changes, onError, dice } = deps
  const { pool } = db
  const { engine, now } = room
  const isOwner = () => engine.isOwner
  const egress = openEgress(deps.egress)
  const endpoints = new Endpoints({ pool, seal, changes, onError })
  const breakers = new Breakers(perTargetMax, dice)
  const sender = new Sender({
    ...{ pool, endpoints, egress, breakers, now, isOwner, onError },
    machineNow: room.machineNow,
    traces: room.traces,
    ...(dice === undefined ? {} : { dice }),
    ...(deps.keepMs === undefined ? {} : { keepMs: deps.keepMs }),
  })
  const intake = new Intake({
    ...{ pool, endpoints, onError },
    shards: room.shards,
    source: journalOf(room),
    history: (shard, key) => engine.history(shard, key),
    onWritten: () => sender.wake(),
  })
  room.listeners.push(batch => intake.follower.feed(batch))

  async function create({
    userId,
    url,
    shape,
    events = usualEvents,
    ...given
  }: Params<'webhook.create'>): Promise<Actions['webhook.create']['result']> {
    if (!(await egress.mayCall(url))) return refused('URL_FORBIDDEN')
    const id = makeId(now(), shardOf(userId), freshKey())
    const secret = given.secret ?? newSecret()
    const sealed = seal.close(secret, secretPurpose(id))
    const fresh = { id, userId, url: new URL(url).href, shape, events, secret: sealed }
    const row = await addEndpoint(pool, fresh, endpointsMax)
    if (row === null) return refused('WEBHOOK_LIMIT')
    await endpoints.load()
    return { ok: { webhook: webhookView(row, now()), secret } }
  }

  async function change(params: Params<'webhook.change'>): Promise<Answer<WebhookView>> {
    const { url } = params
    if (url !== undefined && !(await egress.mayCall(url))) return refused('URL_FORBIDDEN')
    const spelled = url === undefined ? {} : { url: new URL(url).href }
    const row = await changeEndpoint(pool, { ...params, ...spelled })
    if (row === null) return refused('NOT_FOUND')
    await endpoints.load()
    if (row.active) {
      breakers.close(row.id)
      sender.wake()
    }
    return { ok: webhookView(row, now()) }
  }

  async function rotate({
    userId,
    id,
    ...given
  }: Params<'webhook.rotate'>): Promise<Actions['webhook.rotate']['result']> {
    const secret = given.secret ?? newSecret()
    const sealed = seal.close(secret, secretPurpose(id))
    const formerUntil = now() + formerMs
    const row = await rotateSecret(pool, { userId, id, secret: sealed, formerUntil })
    if (row === null) return refused('NOT_FOUND')
    await endpoints.load()
    return { ok: { webhook: webhookView(row, now()), secret } }
  }

  async function ping({ userId, id }: Params<'webhook.ping'>): Promise<Answer<DeliveryView>> {
    const endpoint = endpoints.get(id)
    if (endpoint === undefined || endpoint.userId !== userId) return refused('NOT_FOUND')
    const { url, shape } = endpoint
    const at = now()
    const words = pingWords(shape, { id, at })
    const keys = await endpoints.keysFor({ userId, endpointId: id, shape }, at)
    const message = { id: `${messageId(at)}_ping`, event: 'ping', shape, url, words }
    const {
      ms,
      status: answerStatus,
      answer,
      problem,
    } = await egress.send(letterOf(message, keys, at))
    const status = problem === null ? 'delivered' : 'given_up'
    if (problem === null) {
      breakers.close(id)
      sender.wake()
    }
    const told = { status, answerStatus, answer, problem, ms } as const
    const noted = await notePing(pool, {
      ...{ userId, endpointId: id, shape, at },
      ...told,
      body: words,
    })
    return {
      ok: {
        ...{
          id: String(noted),
          webhookId: id,
          trxId: null,
          event: 'ping',
          shape,
          url,
          attempts: 1,
        },
        ...{ ...told, nextAt: null, triedAt: at, createdAt: at },
      },
    }
  }

  async function deliveries({
    userId,
    cursor,
    limit,
    trxId,
  }: Params<'webhook.deliveries'>): Promise<Actions['webhook.deliveries']['result']> {
    const before = cursor === undefined ? null : Number(cursor)
    const rows = await deliveriesOf(pool, { userId, before, subject: trxId ?? null, limit })
    const next = rows.length < limit ? null : String(rows.at(-1)!.id)
    return { ok: { rows: rows.map(deliveryView), next } }
  }

  async function replay(
    params: Params<'webhook.replay'>,
  ): Promise<Actions['webhook.replay']['result']> {
    const { userId } = params
    const which = 'from' in params ? params : { id: Number(params.deliveryId) }
    const at = now()
    const expiresAt = at + patienceMs
    const asked = { userId, which, now: at, expiresAt, limit: replayMax }
    const count = await replayDeliveries(pool, asked)
    if (count === 0 && 'id' in which) return refused('NOT_FOUND')
    sender.wake()
    return { ok: { count, more: count === replayMax } }
  }

  /** Not from the journal: a lane of its own for each complaint, numbered by its messages. */
  async function complaint({ complaint, message }: Params<'webhook.complaint'>): Promise<null> {
    const { id, trxId, userId, ref, state } = complaint
    const event = message.kind === 'answered' ? 'complaint.answered' : 'complaint.decided'
    const told = { complaint_id: id, trx_id: trxId, ref_id: ref, state, message: message.text }
    const { at } = message
    const body = wordsOf('standard', { event, at, order: null, more: told })!
    const deliveries = (endpoints.of(wallet(userId)) ?? []).flatMap(one => {
      if (one.shape !== 'standard' || !one.events.has(event)) return []
      const lane = `${one.id}/complaint/${id}`
      const to = { endpointId: one.id, target: one.id, lane, url: null, shape: one.shape }
      const when = { at, expiresAt: now() + patienceMs }
      return [{ ...to, ...when, userId, seq: message.id, subject: trxId, event, body }]
    })
    if (deliveries.length > 0) await addDeliveries(pool, deliveries)
    sender.wake()
    return null
  }

  const service = {
    name: 'webhook',
    actions: {
      async list(ctx: Context<Params<'webhook.list'>>): Promise<Answer<readonly WebhookView[]>> {
        const rows = await endpointsOf(pool, ctx.params.userId)
        return { ok: rows.map(row => webhookView(row, now())) }
      },
      create: (ctx: Context<Params<'webhook.create'>>) => create(ctx.params),
      change: (ctx: Context<Params<'webhook.change'>>) => change(ctx.params),
      rotate: (ctx: Context<Params<'webhook.rotate'>>) => rotate(ctx.params),
      async remove(ctx: Context<Params<'webhook.remove'>>): Promise<Answer<null>> {
        if (!(await removeEndpoint(pool, ctx.params))) return refused('NOT_FOUND')
        await endpoints.load()
        return { ok: null }
      },
      ping: (ctx: Context<Params<'webhook.ping'>>) => ping(ctx.params),
      deliveries: (ctx: Context<Params<'webhook.deliveries'>>) => deliveries(ctx.params),
      replay: (ctx: Context<Params<'webhook.replay'>>) => replay(ctx.params),
      complaint: (ctx: Context<Params<'webhook.complaint'>>) => complaint(ctx.params),
    },
    async started() {
      await endpoints.start()
      await intake.follower.start()
      sender.start()
    },
    async stopped() {
      await intake.follower.stop()
      await sender.stop()
      endpoints.stop()
    },
  } as ServiceSchema

  return {
    service,
    lookAgain: () => intake.follower.lookAgain(),
    resting: () => breakers.resting(),
    stats: () => ({
      ...sender.stats,
      lag: intake.follower.untaken(engine.host.shards()),
      open: breakers.open(now()),
    }),
  }
}

type Params<A extends keyof Actions> = Actions[A]['params']

const refused = (code: 'NOT_FOUND' | 'URL_FORBIDDEN' | 'WEBHOOK_LIMIT') =>
  ({ refused: code, moneyEffect: 'none' }) as const

const newSecret = (): string => secretPrefix + randomBytes(32).toString('base64')

function webhookView(row: EndpointRow, now: number): WebhookView {
  const { id, url, shape, events, active, formerUntil, createdAt } = row
  const formerSecretUntil = formerUntil !== null && formerUntil > now ? formerUntil : null
  const wanted = events as readonly WebhookEvent[]
  return { id, url, shape, events: wanted, active, formerSecretUntil, createdAt }
}

function deliveryView(row: LogRow): DeliveryView {
  const { id, endpointId, subject, nextAt, ...same } = row
  return {
    ...same,
    id: String(id),
    webhookId: endpointId,
    trxId: subject,
    nextAt: row.status === 'waiting' ? nextAt : null,
  }
}
