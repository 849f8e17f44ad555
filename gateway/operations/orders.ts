/** Orders, one or many, and what can be ordered. */

import { z } from 'zod/v4'
import type { Operation } from '../openapi.ts'
import { bulkList, bulkPaging } from '../topup/bulk.route.ts'
import { inquiring } from '../topup/postpaid.route.ts'
import { filtering } from '../topup/products.route.ts'
import { finding, placing, reading } from '../topup/transactions.route.ts'
import { pageOf, rupiah, someId, time, trxId } from './answers.ts'

const bill = z.object({
  customer_name: z.string(),
  periods: z.array(z.string()),
  amount: rupiah,
  admin_fee: rupiah,
  detail: z.unknown(),
})

const brief = z.object({
  trx_id: trxId,
  ref_id: z.string(),
  status: z.enum(['PENDING', 'PROCESSING', 'SUCCESS', 'FAILED', 'REFUND']),
  product_code: z.string(),
  destination: z.string(),
  price: rupiah,
  sn: z.string().nullable(),
  money_effect: z.enum(['none', 'held', 'charged', 'refunded']),
  created_at: time,
  bill: bill.optional(),
})

const story = brief.extend({
  updated_at: time,
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  disputed: z.boolean(),
  attempts: z.array(
    z.object({
      n: z.int(),
      supplier: z.string(),
      outcome: z.enum(['started', 'pending', 'unknown', 'success', 'failed']),
      code: z.string().nullable(),
      message: z.string(),
      started_at: time,
      answered_at: time.nullable(),
      latency_ms: z.number().nullable(),
    }),
  ),
  timeline: z.array(z.object({ at: time, what: z.string(), note: z.string().optional() })),
  next: z.object({ what: z.string(), at: time.nullable() }).nullable(),
})

const listed = brief.omit({ money_effect: true, bill: true }).extend({
  updated_at: time,
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
})

const bulkProgress = z.object({
  bulk_id: trxId,
  ref_id: z.string(),
  total: z.int(),
  waiting: z.int(),
  placed: z.int(),
  refused: z.int(),
  success: z.int(),
  failed: z.int(),
  rows: z.array(
    z.object({
      n: z.int(),
      ref_id: z.string(),
      product_code: z.string(),
      destination: z.string(),
      result: z.enum(['placed', 'refused']).nullable(),
      error_code: z.string().nullable(),
      message: z.string().nullable(),
      trx_id: trxId.nullable(),
      status: z.string().nullable(),
      sn: z.string().nullable(),
    }),
  ),
  next_after: z.int().nullable(),
})

const inquired = z.discriminatedUnion('kind', [
  bill.extend({
    kind: z.literal('bill'),
    product_code: z.string(),
    destination: z.string(),
    total: rupiah,
    price: rupiah,
    inquiry_token: z.string(),
    expires_at: time,
  }),
  z.object({
    kind: z.literal('meter'),
    customer_name: z.string(),
    meter_number: z.string(),
    subscriber_id: z.string(),
    segment_power: z.string(),
  }),
])

const product = z.object({
  code: z.string(),
  name: z.string(),
  category: z.string(),
  brand: z.string(),
  type: z.enum(['prepaid', 'postpaid']),
  price: rupiah,
  open: z.boolean(),
  multi: z.boolean(),
  cut_off_start: z.string(),
  cut_off_end: z.string(),
  admin_fee: rupiah.optional(),
  unlimited_stock: z.boolean(),
  /** 0 when it is unlimited. */
  stock: z.int(),
})

export const orders: readonly Operation[] = [
  {
    at: 'post /api/v1/transactions',
    id: 'place',
    topic: 'orders',
    body: placing,
    data: brief.extend({ balance_remaining: rupiah }),
    refusals: [
      ...(['INSUFFICIENT_BALANCE', 'DUPLICATE_REF', 'TWIN_ORDER'] as const),
      ...(['PRODUCT_UNKNOWN', 'PRODUCT_CLOSED', 'PRODUCT_UNSUPPLIED', 'PRICE_ABOVE_MAX'] as const),
      ...(['DESTINATION_INVALID', 'PREFIX_MISMATCH', 'CONTENT_TYPE_UNSUPPORTED'] as const),
      ...(['INQUIRY_REQUIRED', 'INQUIRY_INVALID', 'INQUIRY_EXPIRED', 'INQUIRY_USED'] as const),
    ],
    example: {
      body: { ref_id: 'contoh-0001', product_code: 'XLD10', destination: '087800001230' },
    },
  },
  {
    at: 'get /api/v1/transactions',
    id: 'find',
    topic: 'orders',
    query: finding,
    data: z.union([story, pageOf(listed)]),
    refusals: ['NOT_FOUND'],
    example: { query: { ref_id: 'contoh-0001' } },
  },
  {
    at: 'get /api/v1/transactions/:trx_id',
    id: 'read',
    topic: 'orders',
    params: { trx_id: trxId },
    query: reading,
    data: story,
    example: { params: { trx_id: someId } },
  },
  {
    at: 'post /api/v1/transactions/bulk',
    id: 'bulk',
    topic: 'orders',
    body: bulkList,
    data: z.object({ bulk_id: trxId, total: z.int() }),
    refusals: ['DUPLICATE_REF', 'CONTENT_TYPE_UNSUPPORTED'],
    example: {
      body: {
        ref_id: 'daftar-0001',
        rows: [
          { ref_id: 'contoh-0002', product_code: 'XLD10', destination: '087800001230' },
          { ref_id: 'contoh-0003', product_code: 'XLD10', destination: '087800001232' },
        ],
      },
    },
  },
  {
    at: 'get /api/v1/transactions/bulk/:bulk_id',
    id: 'bulkRead',
    topic: 'orders',
    params: { bulk_id: trxId },
    query: bulkPaging,
    data: bulkProgress,
    example: { params: { bulk_id: someId } },
  },
  {
    at: 'post /api/v1/transactions/inquiry',
    id: 'inquire',
    topic: 'bills',
    body: inquiring,
    data: inquired,
    refusals: [
      ...(['INQUIRY_UNSUPPORTED', 'INQUIRY_UNANSWERED', 'BILL_UNAVAILABLE'] as const),
      ...(['PRODUCT_UNKNOWN', 'PRODUCT_CLOSED', 'PRODUCT_UNSUPPLIED'] as const),
      ...(['DESTINATION_INVALID', 'PREFIX_MISMATCH', 'AMOUNT_INVALID'] as const),
    ],
    example: { body: { product_code: 'PLN', destination: '530000000001' } },
  },
  {
    at: 'get /api/v1/products',
    id: 'products',
    topic: 'products',
    query: filtering,
    data: z.object({ version: z.string(), rows: z.array(product) }),
    example: { query: { brand: 'XL' } },
  },
]
