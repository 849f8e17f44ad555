/** What a client is told without asking, and the same facts for those who would rather ask. */

import { z } from 'zod/v4'
import type { Operation } from '../openapi.ts'
import {
  changing,
  following,
  looking,
  making,
  replaying,
  rotating,
  webhookEvents,
  webhookShape,
} from '../topup/webhooks.route.ts'
import { listOf, pageOf, someId, time, trxId } from './answers.ts'

const webhook = z.object({
  id: trxId,
  url: z.string(),
  shape: webhookShape,
  events: z.array(z.enum(webhookEvents)),
  active: z.boolean(),
  former_secret_until: time.nullable(),
  created_at: time,
})
const made = webhook.extend({ secret: z.string().nullable() })

const delivery = z.object({
  id: z.string(),
  webhook_id: z.string().nullable(),
  trx_id: z.string().nullable(),
  event: z.string(),
  shape: webhookShape,
  url: z.string().nullable(),
  status: z.enum(['waiting', 'delivered', 'given_up']),
  attempts: z.int(),
  next_at: time.nullable(),
  tried_at: time.nullable(),
  answer_status: z.int().nullable(),
  answer: z.string().nullable(),
  problem: z.string().nullable(),
  latency_ms: z.number().nullable(),
  created_at: time,
})

const event = z.object({
  id: z.string(),
  name: z.string(),
  data: z.record(z.string(), z.unknown()),
})

const root = '/api/v1/webhooks'
const one = { params: { id: trxId } }
const some = { params: { id: someId } }

export const webhooks: readonly Operation[] = [
  { at: `get ${root}`, id: 'webhooks', topic: 'webhooks', data: listOf(webhook), example: {} },
  {
    at: `post ${root}`,
    id: 'webhookMake',
    topic: 'webhooks',
    body: making,
    data: made,
    refusals: ['URL_FORBIDDEN', 'WEBHOOK_LIMIT'],
    example: {
      body: { url: 'https://toko.example/laju', events: ['order.success', 'order.failed'] },
    },
  },
  {
    at: `put ${root}/:id`,
    id: 'webhookChange',
    topic: 'webhooks',
    ...one,
    body: changing,
    data: webhook,
    refusals: ['URL_FORBIDDEN'],
    example: { ...some, body: { active: false } },
  },
  { at: `del ${root}/:id`, id: 'webhookRemove', topic: 'webhooks', ...one, example: some },
  {
    at: `post ${root}/:id/rotate`,
    id: 'webhookRotate',
    topic: 'webhooks',
    ...one,
    body: rotating,
    data: made,
    example: { ...some, body: {} },
  },
  {
    at: `post ${root}/:id/ping`,
    id: 'webhookPing',
    topic: 'webhooks',
    ...one,
    data: delivery,
    example: some,
  },
  {
    at: `get ${root}/deliveries`,
    id: 'deliveries',
    topic: 'webhooks',
    query: looking,
    data: pageOf(delivery),
    example: { query: { limit: '10' } },
  },
  {
    at: `post ${root}/replay`,
    id: 'replay',
    topic: 'webhooks',
    body: replaying,
    data: z.object({ count: z.int(), more: z.boolean() }),
    refusals: ['NOT_FOUND'],
    example: {
      body: { from: '2026-01-02T00:00:00+07:00', to: '2026-01-02T01:00:00+07:00' },
    },
  },
  {
    at: 'get /api/v1/events',
    id: 'events',
    topic: 'events',
    query: following,
    data: z.object({ events: z.array(event), next: z.string(), more: z.boolean() }),
    example: { query: { after: '0', limit: '50' } },
  },
]
