/**
 * What the API offers, operation by operation: the shapes that its routes read with, the shape of
 * what they answer, and an example that works in a fresh demo. `/docs` and the OpenAPI document are
 * made of this.
 *
 * GQ1. Every example is answered as its row says.
 * GQ2. Every path of the core API has its row.
 */

import { z } from 'zod/v4'
import type { Code } from './answer.ts'
import { bulkList, bulkPaging } from './bulk.route.ts'
import type { Operation } from './openapi.ts'
import { filtering } from './products.route.ts'
import { trxIdShape } from './reading.ts'
import { byRef, placing, reading } from './transactions.route.ts'
import { paging } from './wallet.route.ts'

/** What anybody who signs may hear. */
const proof: readonly Code[] = [
  ...(['SIGNATURE_INVALID', 'TIMESTAMP_SKEWED', 'NONCE_REUSED', 'KEY_UNKNOWN'] as const),
  ...(['FORBIDDEN', 'CLIENT_SUSPENDED', 'RATE_LIMITED', 'OVERLOADED', 'UNREACHABLE'] as const),
]

const time = z.iso.datetime()
const trxId = z.string().regex(trxIdShape)
const rupiah = z.int()

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

export const operations: readonly Operation[] = [
  {
    id: 'place',
    method: 'post',
    path: '/api/v1/transactions',
    tag: 'transaksi',
    access: 'signed',
    body: placing,
    data: brief.extend({ balance_remaining: rupiah }),
    refusals: [
      ...(['VALIDATION_FAILED', 'INSUFFICIENT_BALANCE', 'DUPLICATE_REF', 'TWIN_ORDER'] as const),
      ...(['PRODUCT_UNKNOWN', 'PRODUCT_CLOSED', 'PRODUCT_UNSUPPLIED', 'PRICE_ABOVE_MAX'] as const),
      ...(['DESTINATION_INVALID', 'PREFIX_MISMATCH', 'CONTENT_TYPE_UNSUPPORTED'] as const),
      ...(['BODY_TOO_LARGE', 'JOURNAL_UNAVAILABLE', 'NOT_THE_OWNER', 'STOPPING'] as const),
      ...proof,
    ],
    example: {
      body: { ref_id: 'contoh-0001', product_code: 'XLD10', destination: '087800001230' },
    },
  },
  {
    id: 'find',
    method: 'get',
    path: '/api/v1/transactions',
    tag: 'transaksi',
    access: 'signed',
    query: byRef,
    data: story,
    refusals: ['VALIDATION_FAILED', 'NOT_FOUND', ...proof],
    example: { query: { ref_id: 'contoh-0001' } },
  },
  {
    id: 'read',
    method: 'get',
    path: '/api/v1/transactions/{trx_id}',
    tag: 'transaksi',
    access: 'signed',
    params: z.object({ trx_id: trxId }),
    query: reading,
    data: story,
    refusals: ['VALIDATION_FAILED', 'NOT_FOUND', ...proof],
    example: { params: { trx_id: '01a1fbc7-a623-7005-b022-7b93f9ec13eb' } },
  },
  {
    id: 'bulk',
    method: 'post',
    path: '/api/v1/transactions/bulk',
    tag: 'transaksi',
    access: 'signed',
    body: bulkList,
    data: z.object({ bulk_id: trxId, total: z.int() }),
    refusals: [
      ...(['VALIDATION_FAILED', 'DUPLICATE_REF', 'CONTENT_TYPE_UNSUPPORTED'] as const),
      ...(['BODY_TOO_LARGE'] as const),
      ...proof,
    ],
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
    id: 'bulkRead',
    method: 'get',
    path: '/api/v1/transactions/bulk/{bulk_id}',
    tag: 'transaksi',
    access: 'signed',
    params: z.object({ bulk_id: trxId }),
    query: bulkPaging,
    data: z.object({
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
    }),
    refusals: ['VALIDATION_FAILED', 'NOT_FOUND', ...proof],
    example: { params: { bulk_id: '01a1fbc7-a623-7005-b022-7b93f9ec13eb' } },
  },
  {
    id: 'balance',
    method: 'get',
    path: '/api/v1/balance',
    tag: 'saldo',
    access: 'signed',
    data: z.object({
      balance: rupiah,
      held: rupiah,
      available: rupiah,
      currency: z.literal('IDR'),
    }),
    refusals: proof,
    example: {},
  },
  {
    id: 'mutations',
    method: 'get',
    path: '/api/v1/mutations',
    tag: 'saldo',
    access: 'signed',
    query: paging,
    data: z.object({
      rows: z.array(
        z.object({
          id: z.string(),
          direction: z.enum(['in', 'out']),
          amount: rupiah,
          balance_before: rupiah,
          balance_after: rupiah,
          description: z.string(),
          reference_id: z.string(),
          created_at: time,
        }),
      ),
      next_cursor: z.string().nullable(),
    }),
    refusals: ['VALIDATION_FAILED', ...proof],
    example: { query: { limit: '10' } },
  },
  {
    id: 'products',
    method: 'get',
    path: '/api/v1/products',
    tag: 'produk',
    access: 'signed',
    query: filtering,
    data: z.object({
      version: z.string(),
      rows: z.array(
        z.object({
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
        }),
      ),
    }),
    refusals: ['VALIDATION_FAILED', ...proof],
    example: { query: { brand: 'XL' } },
  },
]
