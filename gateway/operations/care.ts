/** Looking after orders, for staff. */

import { z } from 'zod/v4'
import { deciding, queuePaging, rerouting, touching, travelling } from '../office/care.route.ts'
import type { Operation } from '../openapi.ts'
import { rupiah, someId, time, trxId } from './answers.ts'

/** As it is inside, with all that a client does not see. */
export const inside = z.record(z.string(), z.unknown())

const waiting = z.object({
  trx_id: trxId,
  user_id: z.string(),
  username: z.string().nullable(),
  ref_id: z.string(),
  product_code: z.string(),
  destination: z.string(),
  price: rupiah,
  status: z.string(),
  attention: z.string(),
  supplier: z.string().nullable(),
  /** With DUPLICATE_SN: the order that had this serial number first. */
  other_trx_id: trxId.nullable(),
  sn: z.string().nullable(),
  /** With OVERCHARGED: who charged, the most that he was allowed, and what he took. */
  overcharged_by: z.string().nullable(),
  agreed_cost: rupiah.nullable(),
  charged_cost: rupiah.nullable(),
  /** With MAY_BE_REVISED: since when, by whom, and until when. */
  failed_at: time.nullable(),
  revisers: z.array(z.string()).nullable(),
  revisable_until: time.nullable(),
  created_at: time,
})

const proof = z.object({
  order: inside,
  lines: z.array(
    z.object({
      shard: z.int(),
      seq: z.int(),
      previous: z.string(),
      hash: z.string(),
      body: z.string(),
    }),
  ),
  callbacks: z.array(z.object({ party: z.string(), receivedMs: z.int(), body: z.string() })),
  digest: z.string(),
  madeAt: z.int(),
})

const done = z.object({
  trx_id: trxId,
  status: z.string(),
  held: z.object({ by: z.string(), reason: z.string(), at: time }).nullable(),
  attempts: z.int(),
  supplier: z.string().nullable(),
  next: z.string().nullable(),
  money_effect: z.enum(['none', 'held', 'charged', 'refunded']),
})

const entry = z.object({
  seq: z.int(),
  at: time,
  command: z.string(),
  events: z.array(inside),
  order: inside,
  accounts: z.array(inside),
})

const root = '/api/v1/admin/transactions/:id'
const some = { params: { id: someId } }
const refused = ['ORDER_FINAL', 'ORDER_BUSY'] as const

const byHand = (
  [
    ['hold', ['ORDER_FINAL']],
    ['release', ['ORDER_FINAL', 'ATTEMPT_UNKNOWN']],
    ['recheck', [...refused, 'ATTEMPT_FAILED', 'RECHECK_TOO_SOON', 'RECHECK_TOO_LATE']],
  ] as const
).map(
  ([verb, refusals]): Operation => ({
    ...{ at: `post ${root}/${verb}`, id: verb, topic: 'care', body: touching, data: done },
    ...{ refusals, example: { ...some, body: { reason: 'diminta pelanggan' } } },
  }),
)

export const care: readonly Operation[] = [
  {
    at: 'get /api/v1/admin/attention',
    id: 'attention',
    topic: 'care',
    query: queuePaging,
    data: z.object({ rows: z.array(waiting), next_after: trxId.nullable() }),
    example: { query: { limit: '20' } },
  },
  { at: `get ${root}/proof`, id: 'proof', topic: 'care', data: proof, example: some },
  {
    at: `get ${root}/history`,
    id: 'history',
    topic: 'care',
    query: travelling,
    data: z.object({ trx_id: trxId, entries: z.array(entry) }),
    example: some,
  },
  {
    at: `post ${root}/revisable/close`,
    id: 'closeRevisable',
    topic: 'care',
    body: touching,
    data: z.object({ trx_id: trxId }),
    refusals: ['NOT_FOUND'],
    example: { ...some, body: { reason: 'pelanggan sudah dikabari' } },
  },
  {
    at: `post ${root}/duplicate-sn/close`,
    id: 'closeDuplicate',
    topic: 'care',
    body: touching,
    data: z.object({ trx_id: trxId }),
    refusals: ['NOT_FOUND'],
    example: { ...some, body: { reason: 'voucher memang sama' } },
  },
  {
    at: `post ${root}/overcharge/close`,
    id: 'closeOvercharge',
    topic: 'care',
    body: touching,
    data: z.object({ trx_id: trxId }),
    refusals: ['NOT_FOUND'],
    example: { ...some, body: { reason: 'selisih sudah dikembalikan' } },
  },
  ...byHand,
  {
    at: `post ${root}/reroute`,
    id: 'reroute',
    topic: 'care',
    body: rerouting,
    data: done,
    refusals: [...refused, 'ATTEMPT_UNKNOWN', 'ATTEMPT_LIMIT', 'PRODUCT_UNSUPPLIED'],
    example: { ...some, body: { reason: 'pemasok gangguan' } },
  },
  {
    at: `post ${root}/resolve`,
    id: 'resolve',
    topic: 'care',
    body: deciding,
    data: z.object({
      trx_id: trxId,
      status: z.string(),
      sn: z.string().nullable(),
      money_effect: z.enum(['none', 'held', 'charged', 'refunded']),
      disputed: z.boolean(),
    }),
    refusals: [...refused, 'DISPUTE_ABSENT', 'OWN_ACCOUNT'],
    example: { ...some, body: { verdict: 'success', reason: 'sudah masuk', sn: '1234567890' } },
  },
]
