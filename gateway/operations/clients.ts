/** Clients, and the orders of all of them, for staff. */

import { z } from 'zod/v4'
import { paging } from '../money/wallet.route.ts'
import { moneyFinding } from '../number/moved-money.ts'
import {
  changesPaging,
  clientChanging,
  clientListing,
  clientMaking,
  statusChanging,
} from '../office/clients.route.ts'
import { searching } from '../office/finding.route.ts'
import type { Operation } from '../openapi.ts'
import { id, pageOf, rupiah, someId, time, trxId } from './answers.ts'
import { inside } from './care.ts'
import { moved } from './number-admin.ts'
import { role } from './people.ts'
import { mutationPage } from './wallet.ts'

const client = z.object({
  user_id: z.string(),
  username: z.string(),
  name: z.string(),
  level: z.int(),
  role,
  status: z.enum(['active', 'suspended', 'closed']),
  member_id: z.string().nullable(),
  upline: z.string().nullable(),
  order_rate: z.int(),
  read_rate: z.int().nullable(),
  ip_allow: z.array(z.string()),
  version: z.int(),
  created_at: time,
})

const file = client.extend({
  balance: rupiah,
  held: rupiah,
  available: rupiah,
  credit: z.object({ limit: rupiah, owed: rupiah }),
  api_key_hint: z.string().nullable(),
  keys: z.array(
    z.object({
      key: z.string(),
      active: z.boolean(),
      ip_allow: z.array(z.string()),
      order_rate: z.int(),
      read_rate: z.int().nullable(),
      created_at: time,
    }),
  ),
})

const credentials = z.object({
  user_id: z.string(),
  username: z.string(),
  member_id: z.string(),
  api_key: z.string(),
  hmac_key: z.string(),
  hmac_secret: z.string(),
  pin: z.string(),
  password: z.string(),
})

const change = z.object({
  id,
  what: z.string(),
  reason: z.string(),
  fields: inside,
  by: z.string(),
  at: time,
})

const found = z.object({
  trx_id: trxId,
  user_id: z.string(),
  username: z.string().nullable(),
  ref_id: z.string(),
  product_code: z.string(),
  destination: z.string(),
  price: rupiah,
  cost: rupiah.nullable(),
  supplier: z.string().nullable(),
  status: z.string(),
  sn: z.string().nullable(),
  failure: z.string().nullable(),
  attention: z.string().nullable(),
  created_at: time,
  updated_at: time,
})

const whole = found.omit({ cost: true, supplier: true, attention: true }).extend({
  disputed: z.boolean(),
  money_effect: z.enum(['none', 'held', 'charged', 'refunded']),
  attempts: z.array(
    z.object({
      n: z.int(),
      supplier: z.string(),
      sku: z.string(),
      ref: z.string(),
      cost: rupiah,
      outcome: z.string(),
      code: z.string().nullable(),
      message: z.string().nullable(),
      started_at: time,
      answered_at: time.nullable(),
      latency_ms: z.int().nullable(),
      request: z
        .object({
          method: z.string(),
          path: z.string(),
          headers: z.record(z.string(), z.string()),
          body: z.string().nullable(),
        })
        .nullable(),
      reply: z.string().nullable(),
    }),
  ),
  timeline: z.array(inside),
  next: z.object({ what: z.string(), at: time.nullable() }).nullable(),
})

const admin = '/api/v1/admin'
const one = `${admin}/clients/:username` as const
const somebody = { params: { username: 'reseller' } }
const topic = 'clients'

const statuses = (
  [
    ['suspend', ['OWN_ACCOUNT', 'CLIENT_CLOSED']],
    ['activate', ['CLIENT_CLOSED']],
    ['close', ['OWN_ACCOUNT', 'CLIENT_HAS_MONEY']],
  ] as const
).map(
  ([verb, refusals]): Operation => ({
    ...{ at: `post ${one}/${verb}`, id: 'clientStatus', of: verb, topic, body: statusChanging },
    ...{ data: client, refusals: ['CLIENT_UNKNOWN', ...refusals] },
    example: { ...somebody, body: { reason: 'permintaan pemilik toko' } },
  }),
)

export const clients: readonly Operation[] = [
  {
    ...{ at: `get ${admin}/clients`, id: 'clients', topic, query: clientListing },
    data: pageOf(client),
    example: { query: { q: 'toko', status: 'active' } },
  },
  {
    ...{ at: `post ${admin}/clients`, id: 'clientMake', topic, body: clientMaking },
    data: credentials,
    refusals: ['CLIENT_UNKNOWN', 'LEVEL_INVALID'],
    example: { body: { name: 'Toko Baru', level: 1, ip_allow: ['203.0.113.0/24'] } },
  },
  {
    ...{ at: `get ${one}`, id: 'client', topic, data: file, refusals: ['CLIENT_UNKNOWN'] },
    example: somebody,
  },
  {
    ...{ at: `put ${one}`, id: 'clientChange', topic, body: clientChanging, data: client },
    refusals: ['CLIENT_UNKNOWN', 'CLIENT_CLOSED', 'STALE_VERSION', 'LEVEL_INVALID'],
    example: { ...somebody, body: { version: 1, level: 2, order_rate: 120 } },
  },
  ...statuses,
  {
    ...{ at: `get ${one}/history`, id: 'clientHistory', topic, query: changesPaging },
    data: pageOf(change),
    refusals: ['CLIENT_UNKNOWN'],
    example: { ...somebody, query: { limit: '20' } },
  },
  {
    ...{ at: `get ${one}/mutations`, id: 'clientMutations', topic, query: paging },
    data: mutationPage,
    refusals: ['CLIENT_UNKNOWN'],
    example: { ...somebody, query: { limit: '20' } },
  },
  {
    ...{ at: `get ${admin}/transactions`, id: 'findOrders', topic: 'care' },
    query: searching.extend({
      /** What moved in the number line; also when nothing is searched for. */
      line: z.literal('number').optional(),
      ...moneyFinding.pick({ user_id: true, kind: true }).shape,
    }),
    data: z.union([pageOf(found), pageOf(moved)]),
    example: { query: { destination: '081234567890' } },
  },
  {
    ...{ at: `get ${admin}/transactions/:id`, id: 'findOrder', topic: 'care', data: whole },
    example: { params: { id: someId } },
  },
]
