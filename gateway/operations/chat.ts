/** Orders by chat, for staff: channels, senders, and what we say. */

import { z } from 'zod/v4'
import {
  betweenShape,
  orderShape,
  separatorsShape,
  wordsShape,
} from '../../services/wire/chat-grammar.ts'
import type { Operation } from '../openapi.ts'
import {
  backward,
  forward,
  gatewayShape,
  linkShape,
  previewing,
  worded,
} from '../topup/chat.route.ts'
import { id, listOf, number, time } from './answers.ts'

/** What is left out stays as usual. */
const grammar = z
  .strictObject({
    ...{ separators: separatorsShape, between: betweenShape },
    ...{ words: wordsShape, order: orderShape },
  })
  .partial()
  .nullable()
  .optional()

const gateway = z.object({
  name: z.string(),
  kind: z.enum(['plain', 'whatsapp', 'whatsapp_cloud', 'telegram']),
  base_url: z.string(),
  grammar,
  active: z.boolean(),
})

const sender = z.object({
  id,
  gateway: z.string(),
  address: z.string(),
  user_id: z.string(),
  name: z.string(),
  username: z.string(),
  status: z.string(),
  wrong_pins: z.int(),
  locked_until: time.nullable(),
  created_at: time,
})

const message = z.object({
  id,
  gateway: z.string(),
  address: z.string(),
  text: z.string(),
  state: z.string(),
  problem: z.string().nullable(),
  created_at: time,
})

const rendered = z.object({ text: z.string(), unknown: z.array(z.string()) })

const root = '/api/v1/admin/chat'
const one = { params: { id: number } }
const some = { params: { id: '1' } }

export const chat: readonly Operation[] = [
  {
    at: `get ${root}/gateways`,
    id: 'chatGateways',
    topic: 'chat',
    data: listOf(gateway),
    example: {},
  },
  {
    at: `put ${root}/gateways/:name`,
    id: 'chatGateway',
    topic: 'chat',
    body: gatewayShape.extend({ grammar }),
    data: gateway,
    refusals: ['GATEWAY_INVALID'],
    example: {
      params: { name: 'wa1' },
      body: { kind: 'plain', base_url: 'https://gateway.example/send' },
    },
  },
  {
    at: `get ${root}/senders`,
    id: 'chatSenders',
    topic: 'chat',
    query: forward,
    data: listOf(sender),
    example: { query: { limit: '20' } },
  },
  {
    at: `post ${root}/senders`,
    id: 'chatLink',
    topic: 'chat',
    body: linkShape,
    data: z.object({ id, gateway: z.string(), address: z.string() }),
    refusals: ['CLIENT_UNKNOWN', 'NOT_FOUND', 'GATEWAY_INVALID', 'SENDER_TAKEN'],
    example: { body: { gateway: 'wa1', address: '6281200000001', client: 'reseller' } },
  },
  { at: `del ${root}/senders/:id`, id: 'chatUnlink', topic: 'chat', ...one, example: some },
  { at: `post ${root}/senders/:id/unlock`, id: 'chatUnlock', topic: 'chat', ...one, example: some },
  ...(['inbox', 'outbox'] as const).map(
    (box): Operation => ({
      ...{ at: `get ${root}/${box}`, id: 'chatMessages', of: box, topic: 'chat', query: backward },
      ...{ data: listOf(message), example: { query: { limit: '20' } } },
    }),
  ),
  {
    at: `get ${root}/templates`,
    id: 'chatTemplates',
    topic: 'chat',
    data: listOf(z.object({ name: z.string(), text: z.string(), usual: z.string() })),
    example: {},
  },
  {
    at: `put ${root}/templates/:name`,
    id: 'chatTemplate',
    topic: 'chat',
    body: worded,
    data: rendered,
    refusals: ['TEMPLATE_INVALID'],
    example: { params: { name: 'balance' }, body: { text: null } },
  },
  {
    at: `post ${root}/preview`,
    id: 'chatPreview',
    topic: 'chat',
    body: previewing,
    data: rendered,
    refusals: ['TEMPLATE_INVALID'],
    example: { body: { text: 'Saldo Anda {saldo}.' } },
  },
]
