/** Paying in through payment gateways: for who pays in, and for the desk. */

import { z } from 'zod/v4'
import { depositing, depositPaging, drawing, intentStatuses } from '../money/deposit.route.ts'
import { intentDeskShapes } from '../money/deposit-desk.route.ts'
import type { Operation } from '../openapi.ts'
import { id, listOf, number, pageOf, rupiah, someId, time, trxId } from './answers.ts'

const deposit = z.object({
  deposit_id: z.string(),
  intent_id: trxId,
  ref: z.string(),
  status: z.enum(intentStatuses),
  metode: z.string(),
  /** What was wished for. */
  requested: rupiah,
  /** What is to be paid, what is kept of it, what reaches the wallet. */
  amount: rupiah,
  fee: rupiah,
  received: rupiah,
  qr_string: z.string().nullable(),
  qr_image: z.string().nullable(),
  pay_url: z.string().nullable(),
  bank: z.string().nullable(),
  account_number: z.string().nullable(),
  account_holder: z.string().nullable(),
  instant: z.boolean(),
  why: z.string().nullable(),
  expires_at: time.nullable(),
  paid_at: time.nullable(),
  created_at: time,
  updated_at: time,
})

const method = z.object({
  metode: z.string(),
  name: z.string(),
  type: z.enum(['qris', 'ewallet', 'va', 'bank']),
  min: rupiah,
  max: rupiah,
  fee: rupiah.nullable(),
  fee_percent: z.number().nullable(),
})

const some = { params: { id: someId } }
const topic = 'deposits'

export const depositOperations: readonly Operation[] = [
  {
    at: 'get /api/v1/deposit/metode',
    id: 'depositMethods',
    topic,
    data: z.object({ methods: z.array(method) }),
    refusals: ['RATE_LIMITED'],
    example: {},
  },
  {
    at: 'post /api/v1/deposit/create',
    id: 'depositCreate',
    topic,
    body: depositing,
    data: deposit,
    refusals: [
      ...(['AMOUNT_INVALID', 'METHOD_UNKNOWN', 'METHOD_CLOSED', 'DEPOSIT_LIMIT'] as const),
      ...(['DUPLICATE_REF', 'GATEWAY_REFUSED', 'RATE_LIMITED'] as const),
    ],
    example: { body: { amount: 50_000, metode: 'qris_atlantic', ref: 'isi-0001' } },
  },
  {
    at: 'get /api/v1/deposit/history',
    id: 'depositHistory',
    topic,
    query: depositPaging,
    data: pageOf(deposit),
    refusals: ['RATE_LIMITED'],
    example: { query: { limit: '10' } },
  },
  {
    at: 'get /api/v1/deposit/:id',
    id: 'depositRead',
    topic,
    data: deposit,
    refusals: ['RATE_LIMITED'],
    example: some,
  },
  {
    at: 'post /api/v1/deposit/:id/cancel',
    id: 'depositCancel',
    topic,
    data: deposit,
    refusals: ['DEPOSIT_BUSY', 'DEPOSIT_FINAL', 'DEPOSIT_PAID', 'RATE_LIMITED'],
    example: some,
  },
  {
    at: 'post /api/v1/deposit/:id/instant',
    id: 'depositInstant',
    topic,
    body: drawing,
    data: z.object({ instant_fee: rupiah, received: rupiah, deposit }),
    refusals: [
      ...(['INSTANT_UNAVAILABLE', 'DEPOSIT_FINAL', 'DEPOSIT_PAID'] as const),
      ...(['GATEWAY_UNANSWERED', 'RATE_LIMITED'] as const),
    ],
    example: { ...some, body: { action: 'quote' } },
  },
]

const view = z.object({
  intent_id: trxId,
  deposit_id: z.string().nullable(),
  user_id: z.string(),
  ref: z.string(),
  status: z.enum(intentStatuses),
  method: z.string(),
  gateway: z.string(),
  wished: rupiah,
  amount: rupiah,
  fee: rupiah,
  received: rupiah,
  pay: z.record(z.string(), z.string()),
  expires_at: time.nullable(),
  paid_at: time.nullable(),
  instant: z.boolean(),
  why: z.string().nullable(),
  suspended: rupiah,
  created_at: time,
  updated_at: time,
})

const suspense = z.object({
  intent_id: trxId,
  n: z.int(),
  user_id: z.string(),
  gateway: z.string(),
  why: z.string(),
  amount: rupiah,
  via: z.string(),
  at: z.int(),
  verdict: z.string().nullable(),
  resolved_by: z.string().nullable(),
  reason: z.string().nullable(),
})

const verdict = z.object({
  id,
  intent_id: trxId,
  n: z.int(),
  user_id: z.string(),
  verdict: z.enum(['credit', 'return', 'paid']),
  amount: rupiah,
  reason: z.string(),
  status: z.enum(['waiting', 'approved', 'done', 'rejected']),
  asked_by: z.string(),
  second_by: z.string().nullable(),
  asked_at: time,
})

const payout = z.object({
  id,
  gateway: z.string(),
  ref: z.string(),
  amount: rupiah,
  fee: rupiah,
  day: z.string(),
  status: z.enum(['taken', 'done']),
  by: z.string(),
  noted_at: time,
  transfer_id: z.string().nullable(),
  fee_transfer_id: z.string().nullable(),
})

const base = '/api/v1/admin/deposit-intents'
const oneVerdict = { params: { id: '1' } }

export const depositDeskOperations: readonly Operation[] = [
  {
    at: `get ${base}`,
    id: 'intentList',
    topic: 'desk',
    query: intentDeskShapes.list,
    data: pageOf(deposit.extend({ user_id: z.string(), gateway: z.string(), suspended: rupiah })),
    example: { query: { limit: '10' } },
  },
  {
    at: `get ${base}/suspense`,
    id: 'intentSuspense',
    topic: 'desk',
    query: intentDeskShapes.suspense,
    data: z.object({ rows: z.array(suspense), next: z.string().nullable() }),
    example: { query: { open: 'true' } },
  },
  {
    at: `get ${base}/verdicts`,
    id: 'intentVerdicts',
    topic: 'desk',
    query: intentDeskShapes.waiting,
    data: z.object({ rows: z.array(verdict), next: id.nullable() }),
    example: {},
  },
  {
    at: `post ${base}/verdicts/:id/approve`,
    id: 'intentApprove',
    topic: 'desk',
    params: { id: number },
    data: verdict,
    refusals: ['ALREADY_DECIDED', 'SECOND_PERSON_NEEDED', 'OWN_ACCOUNT'],
    example: oneVerdict,
  },
  {
    at: `post ${base}/verdicts/:id/reject`,
    id: 'intentReject',
    topic: 'desk',
    params: { id: number },
    data: verdict,
    refusals: ['ALREADY_DECIDED'],
    example: oneVerdict,
  },
  {
    at: `get ${base}/:id`,
    id: 'intentRead',
    topic: 'desk',
    data: z.object({
      deposit: view,
      events: z.array(
        z.object({ at: z.int(), type: z.string(), data: z.record(z.string(), z.unknown()) }),
      ),
      hints: z.array(z.object({ verdict: z.string(), times: z.int(), first_at: time })),
      suspense: z.array(suspense),
      verdicts: z.array(verdict),
    }),
    example: some,
  },
  {
    at: `post ${base}/:id/check`,
    id: 'intentCheck',
    topic: 'desk',
    data: view,
    example: some,
  },
  {
    at: `post ${base}/:id/resolve`,
    id: 'intentResolve',
    topic: 'desk',
    params: { id: trxId },
    body: intentDeskShapes.resolve,
    data: verdict,
    refusals: ['SUSPENSE_ABSENT', 'DEPOSIT_PAID', 'DEPOSIT_BUSY', 'OWN_ACCOUNT', 'ALREADY_DECIDED'],
    example: { ...some, body: { n: 1, verdict: 'credit', reason: 'bukti transfer cocok' } },
  },
  {
    at: 'get /api/v1/admin/payment-gateways',
    id: 'gateways',
    topic: 'desk',
    data: listOf(
      z.object({
        ...{ code: z.string(), adapter: z.string(), base_url: z.string() },
        ...{ timeout_ms: z.int(), max_in_flight: z.int(), amount_min: rupiah, amount_max: rupiah },
        active: z.boolean(),
        /** What it owes us now; null while nobody here holds the books. */
        owed: rupiah.nullable(),
      }),
    ),
    example: {},
  },
  {
    at: 'put /api/v1/admin/payment-gateways/:code',
    id: 'gatewayPut',
    topic: 'desk',
    body: intentDeskShapes.gateway,
    data: z.null(),
    refusals: ['FIELDS_INVALID'],
    example: {
      params: { code: 'rumahotp-2' },
      body: {
        ...{ adapter: 'rumahotp', base_url: 'https://www.rumahotp.com', active: false },
        credentials: { apiKey: 'kunci-dari-rumahotp' },
      },
    },
  },
  {
    at: 'get /api/v1/admin/payment-gateways/:code/payouts',
    id: 'gatewayPayouts',
    topic: 'desk',
    query: intentDeskShapes.payouts,
    data: z.object({ rows: z.array(payout), next: id.nullable() }),
    example: { params: { code: 'atlantic' } },
  },
  {
    at: 'post /api/v1/admin/payment-gateways/:code/payouts',
    id: 'gatewayPayout',
    topic: 'desk',
    body: intentDeskShapes.payout,
    data: payout,
    refusals: [
      ...(['NOT_FOUND', 'PAYOUT_LIMIT', 'DUPLICATE_REF', 'FIELDS_INVALID'] as const),
      ...(['IDEMPOTENCY_CONFLICT', 'IDEMPOTENCY_IN_FLIGHT'] as const),
    ],
    example: {
      params: { code: 'atlantic' },
      body: { amount: 1_995_000, fee: 5_000, day: '2026-02-03', ref_id: 'WD-20260203-1' },
    },
  },
]
