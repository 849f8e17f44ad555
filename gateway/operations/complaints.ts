/** Complaints: a client about an order of his, staff about anybody's. */

import { z } from 'zod/v4'
import type { Operation } from '../openapi.ts'
import {
  adding,
  complaining,
  complaintFilter,
  complaintPaging,
  judging,
} from '../topup/complaints.route.ts'
import { id, number, someId, time, trxId } from './answers.ts'
import { inside } from './care.ts'

const row = z.object({
  complaint_id: id,
  trx_id: trxId,
  ref_id: z.string(),
  product_code: z.string(),
  destination: z.string(),
  reason: complaining.shape.reason,
  state: z.enum(['open', 'answered', 'upheld', 'rejected']),
  created_at: time,
  updated_at: time,
})

const message = z.object({
  author: z.enum(['client', 'staff']),
  kind: z.enum(['message', 'answered', 'upheld', 'rejected']),
  text: z.string(),
  at: time,
})

const own = row.extend({
  messages: z.array(message),
  status_at_opening: z.string().nullable(),
  supplier_asked: z.boolean(),
  supplier_answer: z.string().nullable(),
  order: z.object({
    status: z.string(),
    sn: z.string().nullable(),
    money_effect: z.enum(['none', 'held', 'charged', 'refunded']),
    disputed: z.boolean(),
  }),
})

const theirs = row.extend({ user_id: z.string(), username: z.string() })
const file = theirs.extend({
  messages: z.array(message.extend({ by: z.string() })),
  evidence: inside.nullable(),
  order: inside,
  checked: inside.nullable(),
})

const page = (shape: z.ZodType) =>
  z.object({ rows: z.array(shape), next_before: z.int().nullable() })

const mine = '/api/v1/complaints'
const all = '/api/v1/admin/complaints'
const one = { params: { id: number } }
const some = { params: { id: '7' } }
const words = { text: 'Mohon dicek kembali.' }

export const complaints: readonly Operation[] = [
  {
    at: `post ${mine}`,
    id: 'complain',
    topic: 'complaints',
    body: complaining,
    data: own,
    refusals: ['NOT_FOUND', 'COMPLAINT_LIMIT'],
    example: { body: { trx_id: someId, reason: 'not_received', text: 'Pulsa belum masuk.' } },
  },
  {
    at: `get ${mine}`,
    id: 'complaints',
    topic: 'complaints',
    query: complaintPaging,
    data: page(row),
    example: { query: { limit: '20' } },
  },
  {
    at: `get ${mine}/:id`,
    id: 'complaintRead',
    topic: 'complaints',
    ...one,
    data: own,
    example: some,
  },
  {
    at: `post ${mine}/:id/messages`,
    id: 'complaintSay',
    topic: 'complaints',
    ...one,
    body: adding,
    data: own,
    refusals: ['COMPLAINT_CLOSED', 'COMPLAINT_LIMIT'],
    example: { ...some, body: words },
  },
  {
    at: `get ${all}`,
    id: 'complaintsOfAll',
    topic: 'complaints',
    query: complaintFilter,
    data: page(theirs),
    example: { query: { state: 'open' } },
  },
  {
    at: `get ${all}/:id`,
    id: 'complaintFile',
    topic: 'complaints',
    ...one,
    data: file,
    example: some,
  },
  {
    at: `post ${all}/:id/answer`,
    id: 'complaintAnswer',
    topic: 'complaints',
    ...one,
    body: adding,
    data: file,
    refusals: ['COMPLAINT_CLOSED'],
    example: { ...some, body: words },
  },
  {
    at: `post ${all}/:id/decide`,
    id: 'complaintDecide',
    topic: 'complaints',
    ...one,
    body: judging,
    data: file,
    refusals: ['COMPLAINT_CLOSED', 'ORDER_FINAL', 'ORDER_BUSY', 'DISPUTE_ABSENT', 'OWN_ACCOUNT'],
    example: { ...some, body: { verdict: 'rejected', text: 'SN sudah dipakai pelanggan.' } },
  },
]
