/**
 * A client's own webhooks over REST: where it wants to be called, what was called, and again
 * please. And the same facts for those who would rather ask: the client's events after a place.
 *
 * WHG1. A secret is in the answer to its making and in no other.
 * WHG2. Bad input is told field by field before anybody is asked; an id that cannot be one is 404.
 * WHG3. Events are read from a place on, in pages; `next` is where the following page begins, and
 *       the last event's own place when there is none.
 */

import { z } from 'zod/v4'
import type { LiveEvent } from '../../services/contract/live.ts'
import type {
  DeliveryView,
  WebhookEvent,
  WebhookShape,
  WebhookView,
} from '../../services/contract/webhook.ts'
import type { Visit } from '../answer.ts'
import { ask } from '../ask.ts'
import type { Edge } from '../edge.ts'
import {
  callbackShape,
  eventIdShape,
  limitShape,
  readBody,
  readQuery,
  timeShape,
  toIso,
  trxIdShape,
} from '../reading.ts'
import type { Router } from '../router.ts'
import { webhookOkText } from '../text/webhook.id.ts'

export const webhookEvents = [
  'order.created',
  'order.processing',
  'order.attention',
  'order.success',
  'order.failed',
  'order.refunded',
  'complaint.answered',
  'complaint.decided',
  'balance.updated',
] as const satisfies readonly WebhookEvent[]

export const webhookShape = z.enum([
  'standard',
  'digiflazz',
  'otomax',
  'irs',
  'digiflazz-seller',
] satisfies WebhookShape[])
/** Those whose calls nobody signs. */
const unsigned: ReadonlySet<WebhookShape> = new Set(['otomax', 'irs', 'digiflazz-seller'])
const eventsShape = z
  .array(z.enum(webhookEvents))
  .min(1)
  .max(webhookEvents.length)
  .transform(wanted => [...new Set(wanted)])

/** Brought along from elsewhere: one's own for Digiflazz's shape, `whsec_` and base64 for ours. */
const secretShape = z.string().regex(/^[\x21-\x7e]{8,128}$/)
const standardSecret = /^whsec_(?:[A-Za-z0-9+/]{4}){6,24}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

export const making = z
  .object({
    url: callbackShape,
    shape: webhookShape.default('standard'),
    events: eventsShape.optional(),
    secret: secretShape.optional(),
  })
  .refine(
    asked =>
      asked.shape !== 'standard' || asked.secret === undefined || standardSecret.test(asked.secret),
    { path: ['secret'] },
  )
export const changing = z.object({
  url: callbackShape.optional(),
  shape: webhookShape.optional(),
  events: eventsShape.optional(),
  active: z.boolean().optional(),
})
export const rotating = z.object({ secret: secretShape.optional() })

const deliveryId = z.string().regex(/^[1-9]\d{0,14}$/)
export const replaying = z.union([
  z.object({ delivery_id: deliveryId }),
  z
    .object({ from: timeShape, to: timeShape })
    .refine(({ from, to }) => from < to, { path: ['to'] }),
])

const limit = limitShape(100, 50)
export const looking = z.object({
  cursor: deliveryId.optional(),
  limit,
  trx_id: z.string().regex(trxIdShape).optional(),
})
export const following = z.object({
  after: eventIdShape.default('0'),
  limit,
})

const root = '/api/v1/webhooks'

export function webhooks(router: Router, edge: Edge): void {
  router.signed('get', root, (visit, { userId }) => {
    ask(
      edge,
      visit,
      userId,
      () => edge.call('webhook.list', { userId }),
      rows => visit.ok(webhookOkText.webhooks, JSON.stringify({ rows: rows.map(webhookText) })),
    )
  })

  router.signed('post', root, (visit, { userId }, { body }) => {
    const asked = readBody(visit, body, making)
    if (asked === undefined) return
    ask(
      edge,
      visit,
      userId,
      () => edge.call('webhook.create', { userId, ...given(asked) }),
      made => visit.ok(webhookOkText.webhookMade, secretText(made)),
    )
  })

  router.signed('put', `${root}/:id`, (visit, { userId }, { params, body }) => {
    const id = idOf(visit, params[0])
    const asked = id === null ? undefined : readBody(visit, body, changing)
    if (id === null || asked === undefined) return
    ask(
      edge,
      visit,
      userId,
      () => edge.call('webhook.change', { userId, id, ...given(asked) }),
      row => visit.ok(webhookOkText.webhookChanged, JSON.stringify(webhookText(row))),
    )
  })

  router.signed('del', `${root}/:id`, (visit, { userId }, { params }) => {
    const id = idOf(visit, params[0])
    if (id === null) return
    ask(
      edge,
      visit,
      userId,
      () => edge.call('webhook.remove', { userId, id }),
      () => visit.ok(webhookOkText.webhookRemoved, 'null'),
    )
  })

  router.signed('post', `${root}/:id/rotate`, (visit, { userId }, { params, body }) => {
    const id = idOf(visit, params[0])
    const asked = id === null ? undefined : body.length === 0 ? {} : readBody(visit, body, rotating)
    if (id === null || asked === undefined) return
    ask(
      edge,
      visit,
      userId,
      () => edge.call('webhook.rotate', { userId, id, ...given(asked) }),
      made => visit.ok(webhookOkText.webhookMade, secretText(made)),
    )
  })

  router.signed('post', `${root}/:id/ping`, (visit, { userId }, { params }) => {
    const id = idOf(visit, params[0])
    if (id === null) return
    ask(
      edge,
      visit,
      userId,
      () => edge.call('webhook.ping', { userId, id }),
      row => visit.ok(webhookOkText.webhookPing, JSON.stringify(deliveryText(row))),
    )
  })

  router.signed('get', `${root}/deliveries`, (visit, { userId }) => {
    const asked = readQuery(visit, looking)
    if (asked === undefined) return
    const { cursor, limit, trx_id: trxId } = asked
    ask(
      edge,
      visit,
      userId,
      () => edge.call('webhook.deliveries', { userId, limit, ...given({ cursor, trxId }) }),
      ({ rows, next }) =>
        visit.ok(
          webhookOkText.deliveries,
          JSON.stringify({ rows: rows.map(deliveryText), next_cursor: next }),
        ),
    )
  })

  router.signed('post', `${root}/replay`, (visit, { userId }, { body }) => {
    const asked = readBody(visit, body, replaying)
    if (asked === undefined) return
    const which = 'from' in asked ? asked : { deliveryId: asked.delivery_id }
    ask(
      edge,
      visit,
      userId,
      () => edge.call('webhook.replay', { userId, ...which }),
      ({ count, more }) => visit.ok(webhookOkText.replay, JSON.stringify({ count, more })),
    )
  })

  router.signed('get', '/api/v1/events', (visit, { userId }) => {
    const asked = readQuery(visit, following)
    if (asked === undefined) return
    const { after, limit } = asked
    ask(
      edge,
      visit,
      userId,
      () => edge.call('live.since', { userId, after, limit }),
      page => visit.ok(webhookOkText.events, eventsText(page, after)),
    )
  })
}

/** Without what was not given: the contract tells absent from undefined. */
function given<T extends object>(asked: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(asked).filter(([, value]) => value !== undefined),
  ) as never
}

function idOf(visit: Visit, id: string | undefined): string | null {
  if (id !== undefined && trxIdShape.test(id)) return id
  visit.refuse('NOT_FOUND', { moneyEffect: 'none' })
  return null
}

const webhookText = (row: WebhookView) => ({
  id: row.id,
  url: row.url,
  shape: row.shape,
  events: row.events,
  active: row.active,
  former_secret_until: timeText(row.formerSecretUntil),
  created_at: toIso(row.createdAt),
})

/** A report URL is not signed: a secret would only look as if it were. */
const secretText = ({ webhook, secret }: { webhook: WebhookView; secret: string }): string =>
  JSON.stringify({
    ...webhookText(webhook),
    secret: unsigned.has(webhook.shape) ? null : secret,
  })

const deliveryText = (row: DeliveryView) => ({
  id: row.id,
  webhook_id: row.webhookId,
  trx_id: row.trxId,
  event: row.event,
  shape: row.shape,
  url: row.url,
  status: row.status,
  attempts: row.attempts,
  next_at: timeText(row.nextAt),
  tried_at: timeText(row.triedAt),
  answer_status: row.answerStatus,
  answer: row.answer,
  problem: row.problem,
  latency_ms: row.ms,
  created_at: toIso(row.createdAt),
})

const eventsText = (
  { events, more, next }: { events: readonly LiveEvent[]; more: boolean; next?: string },
  after: string,
): string => JSON.stringify({ events, next: next ?? events.at(-1)?.id ?? after, more })

const timeText = (at: number | null): string | null => (at === null ? null : toIso(at))
