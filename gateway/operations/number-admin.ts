/** The number line's desk: figures, users, orders, prices, what is not offered, settings. */

import { z } from 'zod/v4'
import {
  allowing,
  banning,
  denying,
  exporting,
  markupChanging,
  markupPreviewing,
  markupRemoving,
  nameListing,
  naming,
  numbered,
  orderFinding,
  profitAsking,
  reasoning,
  refunding,
  reviewDeciding,
  reviewListing,
  ruleShape,
  settingChanging,
  supplierPutting,
  userChanging,
  userListing,
  userStanding,
} from '../number/admin.shapes.ts'
import { moneyFinding } from '../number/moved-money.ts'
import type { Operation } from '../openapi.ts'
import { id, listOf, number, pageOf, rupiah, someId, time, trxId } from './answers.ts'
import { inside } from './care.ts'

const topic = 'numberDesk'
const root = '/api/v1/admin'

const status = z.enum([
  ...(['processing', 'waiting', 'otp_received', 'finished'] as const),
  ...(['cancelling', 'refunded', 'expired', 'checking'] as const),
])
/** Null for whoever may not see it. */
const inner = rupiah.nullable()

const figures = z.object({
  new_users: z.int(),
  orders: z.int(),
  by_status: z.partialRecord(status, z.int()),
  codes: z.int(),
  refunds: z.int(),
  refunded: rupiah,
  deposits: z.int(),
  deposited: rupiah,
  selling: rupiah,
  base: inner,
  profit: inner,
})

const stats = z.object({
  counted_at: time,
  users: z.int(),
  open: z.int(),
  today: figures,
  week: figures,
  days: z.array(
    z.object({
      day: z.iso.date(),
      orders: z.int(),
      codes: z.int(),
      refunds: z.int(),
      selling: rupiah,
      profit: inner,
      deposited: rupiah,
    }),
  ),
})

const earned = z.object({
  key: z.string(),
  sold: z.int(),
  refunded: z.int(),
  late_costs: z.int(),
  selling: rupiah,
  base: rupiah,
  fee: rupiah,
  profit: rupiah,
})

export const moved = z.object({
  kind: z.enum(['sold', 'refunded', 'deposit']),
  direction: z.enum(['in', 'out']),
  id: trxId,
  user_id: z.string(),
  username: z.string().nullable(),
  amount: rupiah,
  with: z.string(),
  at: time,
})

const user = z.object({
  user_id: z.string(),
  username: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  is_email_verified: z.boolean(),
  phone: z.string().nullable(),
  role: z.enum(['consumer', 'reseller']),
  level: z.int(),
  status: z.enum(['active', 'suspended', 'closed']),
  version: z.int(),
  ban: z
    .object({ reason: z.string(), ends_at: time.nullable(), by: z.string(), at: time })
    .nullable(),
  created_at: time,
})

const order = z.object({
  order_id: trxId,
  user_id: z.string(),
  username: z.string().nullable(),
  ref: z.string(),
  status,
  is_open: z.boolean(),
  service: z.string(),
  service_name: z.string(),
  country: z.string(),
  country_name: z.string(),
  operator: z.string(),
  supplier: z.string(),
  number: z.string().nullable(),
  price: rupiah,
  cost: inner,
  money_effect: z.enum(['none', 'held', 'charged', 'refunded']),
  codes: z.int(),
  late: z.int(),
  resends: z.int(),
  why: z.string().nullable(),
  placed_at: time,
  updated_at: time,
})

const userFile = z.object({
  user,
  money: z.object({ balance: rupiah, held: rupiah, available: rupiah }),
  totals: z.object({ orders: z.int(), codes: z.int(), refunds: z.int(), spent: rupiah }),
  orders: z.array(order),
  mutations: z.array(
    z.object({
      id: z.string(),
      direction: z.enum(['in', 'out']),
      amount: rupiah,
      balance_before: rupiah,
      balance_after: rupiah,
      kind: z.string(),
      detail: z.string(),
      reference_id: z.string(),
      created_at: time,
    }),
  ),
  activity: z.array(
    z.object({
      id,
      user_id: z.string(),
      username: z.string(),
      what: z.string(),
      address: z.string(),
      details: inside,
      at: time,
    }),
  ),
})

const orderFile = z.object({
  order: order.extend({
    phase: z.string(),
    their_id: z.string().nullable(),
    bought_at: time.nullable(),
    wait_ends_at: time,
    dies_at: time.nullable(),
  }),
  messages: z.array(z.object({ at: time, is_code: z.boolean(), late: z.boolean() })),
  timeline: z.array(z.object({ at: time, what: z.string(), by: z.string(), details: inside })),
  profit: z
    .array(
      z.object({
        what: z.string(),
        selling: rupiah,
        base: rupiah,
        fee: rupiah,
        profit: rupiah,
        at: time,
      }),
    )
    .nullable(),
})

const revealed = z.object({
  order_id: trxId,
  messages: z.array(
    z.object({
      at: time,
      text: z.string().nullable(),
      code: z.string().nullable(),
      late: z.boolean(),
    }),
  ),
})

const place = z.object({
  level: z.int(),
  service: z.string(),
  country: z.string(),
  operator: z.string(),
})
const note = { version: z.int(), by: z.string(), reason: z.string(), at: time }

const rules = z.object({
  version: z.int(),
  usual: ruleShape,
  rules: z.array(z.object({ ...note, place, rule: ruleShape })),
})

const preview = z.object({
  version: z.int(),
  offers: z.int(),
  looked: z.int(),
  raised: z.int(),
  lowered: z.int(),
  levels: z.array(z.int()),
  people: z.int(),
  moves: z.array(
    place.extend({
      service_name: z.string(),
      country_name: z.string(),
      cost: rupiah,
      was: rupiah,
      becomes: rupiah,
    }),
  ),
})

const settings = z.object({
  version: z.int(),
  settings: z.object({
    name: z.string(),
    help_url: z.string().nullable(),
    wait_minutes: z.int(),
    code_shown_hours: z.int(),
    retention_days: z.int(),
    refund_alone_max: rupiah,
  }),
})

const review = z.object({
  id,
  user_id: z.string(),
  username: z.string().nullable(),
  why: z.string(),
  value: z.number(),
  threshold: z.number(),
  opened_at: time,
  ban_ends_at: time.nullable(),
  verdict: z.enum(['clear', 'ban']).nullable(),
  reason: z.string().nullable(),
  decided_by: z.string().nullable(),
  decided_at: time.nullable(),
})

const denied = z.object({ pattern: z.string(), reason: z.string(), by: z.string(), at: time })

const waits = z.object({
  id,
  order_id: trxId,
  amount: rupiah,
  reason: z.string(),
  supplier: z.enum(['charged', 'returned']).nullable(),
  by: z.string(),
  by_id: z.string(),
  at: time,
})
const handled = z.object({
  order_id: trxId,
  status,
  money_effect: z.enum(['none', 'held', 'charged', 'refunded']),
  waits: waits.nullable(),
})

const terms = z.object({
  cancel_after_ms: z.int().nullable(),
  life_ms: z.int().nullable(),
  poll_ms: z.int().nullable(),
  resends: z.boolean().nullable(),
})
const suppliers = z.object({
  rows: z.array(
    z.object({
      code: z.string(),
      name: z.string(),
      kind: z.string(),
      base_url: z.string(),
      unit: z.string(),
      active: z.boolean(),
      terms,
      version: z.int(),
      changed_by: z.string(),
      reason: z.string(),
      changed_at: time,
      offers: z.int(),
      refreshed_at: time.nullable(),
      stale: z.boolean(),
      balance: rupiah.nullable(),
      problem: z.string().nullable(),
      week: z.object({
        orders: z.int(),
        codes: z.int(),
        bought: z.int(),
        errors: z.int(),
        success_rate: z.int().nullable(),
        code_p50_s: z.int().nullable(),
        code_p90_s: z.int().nullable(),
      }),
    }),
  ),
  kinds: z.array(
    z.object({
      kind: z.string(),
      credentials: z.array(z.string()),
      finds: z.enum(['active_list', 'balance']),
      terms,
    }),
  ),
})

const exported = z.object({
  user_id: z.string(),
  user,
  made_at: time,
  capped: z.array(z.string()),
  sessions: z.array(inside),
  changes: z.array(inside),
  activity: z.array(inside),
  orders: z.array(inside),
  deposits: z.array(inside),
  mutations: z.array(inside),
})

const params = { id: trxId }
const some = { params: { id: someId } }
const because = { reason: 'atas permintaan pengguna' }
const percent = { kind: 'percent', rounding: 'up_100', percent_bp: 2_000 }
const keyed = ['IDEMPOTENCY_CONFLICT', 'IDEMPOTENCY_IN_FLIGHT'] as const
const oneUser = { topic, params, data: user } as const

const desk: readonly Operation[] = [
  { at: `get ${root}/stats`, id: 'numberStats', topic, data: stats, example: {} },
  {
    ...{ at: `get ${root}/profit-analytics`, id: 'numberProfit', topic, query: profitAsking },
    data: z.object({ rows: z.array(earned), total: earned }),
    example: { query: { from: '2026-11-01', to: '2026-11-21', by: 'service' } },
  },
  {
    ...{ at: `get ${root}/number-transactions`, id: 'numberTransactions', topic },
    ...{ query: moneyFinding, data: pageOf(moved), refusals: ['CLIENT_UNKNOWN', 'NOT_FOUND'] },
    example: { query: { kind: 'deposit', limit: '20' } },
  },
  {
    ...{ at: `get ${root}/users`, id: 'numberUsers', topic, query: userListing },
    data: pageOf(user),
    example: { query: { q: 'budi', limit: '20' } },
  },
  {
    ...{ at: `get ${root}/users/:id`, id: 'numberUser', topic, params, data: userFile },
    refusals: ['CLIENT_UNKNOWN'],
    example: some,
  },
  {
    ...{ at: `put ${root}/users/:id`, id: 'numberUserChange', body: userChanging, ...oneUser },
    refusals: ['CLIENT_UNKNOWN', 'CLIENT_CLOSED', 'STALE_VERSION', ...keyed],
    example: { ...some, body: { version: 1, level: 2 } },
  },
  {
    ...{ at: `put ${root}/users/:id/status`, id: 'numberUserStatus', body: userStanding },
    ...oneUser,
    refusals: ['CLIENT_UNKNOWN', 'CLIENT_CLOSED', 'CLIENT_HAS_MONEY', ...keyed],
    example: { ...some, body: { status: 'suspended', ...because } },
  },
  {
    ...{ at: `post ${root}/users/:id/ban`, id: 'numberUserBan', body: banning, ...oneUser },
    refusals: ['CLIENT_UNKNOWN', 'CLIENT_CLOSED', ...keyed],
    example: { ...some, body: { ...because, until: '2030-01-01T00:00:00+07:00' } },
  },
  {
    ...{ at: `post ${root}/users/:id/unban`, id: 'numberUserUnban', body: reasoning, ...oneUser },
    refusals: ['CLIENT_UNKNOWN', 'CLIENT_CLOSED', ...keyed],
    example: { ...some, body: because },
  },
  {
    ...{ at: `get ${root}/orders`, id: 'numberOrders', topic, query: orderFinding },
    data: pageOf(order),
    refusals: ['CLIENT_UNKNOWN'],
    example: { query: { status: 'waiting', limit: '20' } },
  },
  {
    ...{ at: `get ${root}/orders/:id`, id: 'numberOrder', topic, params, data: orderFile },
    refusals: ['NOT_FOUND'],
    example: some,
  },
  {
    ...{ at: `post ${root}/orders/:id/reveal`, id: 'numberReveal', topic, params },
    ...{ body: reasoning, data: revealed, refusals: ['NOT_FOUND', ...keyed] },
    example: { ...some, body: because },
  },
  {
    ...{ at: `post ${root}/users/:id/export`, id: 'numberUserExport', topic, params },
    ...{ body: exporting, data: exported, refusals: ['CLIENT_UNKNOWN', ...keyed] },
    example: { ...some, body: { reason: 'Surat Polres 12/XI/2026, 20 November 2026' } },
  },
  {
    ...{ at: `post ${root}/orders/:id/cancel`, id: 'numberOrderCancel', topic, params },
    ...{ body: reasoning, data: handled },
    refusals: ['NOT_FOUND', 'ORDER_BUSY', 'CODE_RECEIVED', ...keyed],
    example: { ...some, body: because },
  },
  {
    ...{ at: `post ${root}/orders/:id/refund`, id: 'numberRefund', topic, params },
    ...{ body: refunding, data: handled },
    refusals: ['NOT_FOUND', 'ORDER_BUSY', 'ORDER_FINAL', 'ALREADY_DECIDED', ...keyed],
    example: { ...some, body: because },
  },
  {
    ...{ at: `post ${root}/orders/:id/charge`, id: 'numberCharge', topic, params },
    ...{ body: reasoning, data: handled },
    refusals: ['NOT_FOUND', 'ORDER_BUSY', 'ORDER_FINAL', ...keyed],
    example: { ...some, body: because },
  },
  {
    ...{ at: `get ${root}/number-refunds`, id: 'numberRefunds', topic, data: listOf(waits) },
    example: {},
  },
  {
    ...{ at: `post ${root}/number-refunds/:id/reject`, id: 'numberRefundReject', topic },
    ...{ params: { id: number }, body: reasoning, data: z.object({ id }) },
    refusals: ['NOT_FOUND', ...keyed],
    example: { params: { id: '1' }, body: because },
  },
]

const sources: readonly Operation[] = [
  {
    ...{ at: `get ${root}/number-suppliers`, id: 'numberSuppliers', topic, data: suppliers },
    example: {},
  },
  {
    ...{ at: `put ${root}/number-suppliers/:code`, id: 'numberSupplierPut', topic },
    ...{ body: supplierPutting, data: z.object({ version: z.int() }) },
    refusals: ['FIELDS_INVALID', 'ALREADY_EXISTS', 'NOT_FOUND', 'STALE_VERSION', ...keyed],
    example: {
      params: { code: 'rumahotp' },
      body: {
        ...{ name: 'RumahOTP', kind: 'rumahotp', base_url: 'https://contoh.test', unit: '1' },
        ...{ active: true, version: 1, ...because },
      },
    },
  },
  {
    ...{ at: `post ${root}/number-suppliers/:code/test`, id: 'numberSupplierTest', topic },
    data: z.object({ balance: rupiah.nullable(), ms: z.int() }),
    refusals: ['NOT_FOUND'],
    example: { params: { code: 'rumahotp' } },
  },
  {
    ...{ at: `post ${root}/number-suppliers/:code/refresh`, id: 'numberSupplierRefresh', topic },
    data: z.object({ offers: z.int(), refreshed_at: time.nullable() }),
    refusals: ['NOT_FOUND', ...keyed],
    example: { params: { code: 'rumahotp' } },
  },
]

const prices: readonly Operation[] = [
  { at: `get ${root}/markup`, id: 'markupRules', topic, data: rules, example: {} },
  {
    ...{ at: `get ${root}/markup/history`, id: 'markupHistory', topic, query: numbered },
    data: pageOf(z.object({ ...note, place, rule: ruleShape.nullable() })),
    example: { query: { limit: '20' } },
  },
  {
    ...{ at: `post ${root}/markup/preview`, id: 'markupPreview', topic },
    ...{ body: markupPreviewing, data: preview, refusals: ['RULES_INVALID'] },
    example: { body: { service: 'whatsapp', rule: percent } },
  },
  {
    ...{ at: `post ${root}/markup`, id: 'markupAdd', topic, body: markupChanging },
    data: z.object({ version: z.int() }),
    refusals: ['RULES_INVALID', 'STALE_VERSION', 'ALREADY_EXISTS', ...keyed],
    example: { body: { service: 'whatsapp', version: 0, rule: percent, ...because } },
  },
  {
    ...{ at: `put ${root}/markup`, id: 'markupChange', topic, body: markupChanging },
    data: z.object({ version: z.int() }),
    refusals: ['RULES_INVALID', 'STALE_VERSION', 'NOT_FOUND', ...keyed],
    example: { body: { service: 'whatsapp', version: 1, rule: percent, ...because } },
  },
  {
    ...{ at: `del ${root}/markup`, id: 'markupRemove', topic, body: markupRemoving },
    data: z.object({ version: z.int() }),
    refusals: ['STALE_VERSION', 'NOT_FOUND', ...keyed],
    example: { body: { service: 'whatsapp', version: 1, ...because } },
  },
]

const nameRow = z.object({
  kind: z.enum(['service', 'country']),
  word: z.string(),
  /** By which name a supplier told it. */
  told: z.string(),
  suppliers: z.array(z.string()),
  id: z.string(),
  name: z.string(),
  by: z.enum(['staff', 'known', 'supplier']),
  who: z.string().nullable(),
  reason: z.string().nullable(),
  at: time.nullable(),
})

const called: readonly Operation[] = [
  {
    ...{ at: `get ${root}/number-names`, id: 'numberNames', topic, query: nameListing },
    data: pageOf(nameRow).extend({ version: z.int() }),
    example: { query: { kind: 'country', search: 'usa' } },
  },
  {
    ...{ at: `put ${root}/number-names`, id: 'numberNameChange', topic, body: naming },
    data: z.object({ version: z.int() }),
    refusals: ['RULES_INVALID', 'STALE_VERSION', 'NOT_FOUND', ...keyed],
    example: {
      body: { kind: 'country', word: 'usa', id: 'united-states', version: 0, ...because },
    },
  },
]

const house: readonly Operation[] = [
  { at: `get ${root}/number-settings`, id: 'lineSettings', topic, data: settings, example: {} },
  {
    ...{ at: `put ${root}/number-settings`, id: 'lineSettingsChange', topic },
    ...{ body: settingChanging, data: settings, refusals: ['STALE_VERSION', ...keyed] },
    example: { body: { version: 0, wait_minutes: 15, ...because } },
  },
  {
    ...{ at: `get ${root}/abuse`, id: 'abuseReviews', topic, query: reviewListing },
    data: pageOf(review),
    example: { query: { open: 'true' } },
  },
  {
    ...{ at: `post ${root}/abuse/:id/decide`, id: 'abuseDecide', topic, params: { id: number } },
    ...{ body: reviewDeciding, data: review },
    refusals: ['NOT_FOUND', 'ALREADY_DECIDED', ...keyed],
    example: { params: { id: '1' }, body: { verdict: 'clear', ...because } },
  },
  {
    ...{ at: `get ${root}/denied-services`, id: 'deniedServices', topic, data: listOf(denied) },
    example: {},
  },
  {
    ...{ at: `post ${root}/denied-services`, id: 'serviceDeny', topic, body: denying },
    ...{ data: denied, refusals: ['ALREADY_EXISTS', ...keyed] },
    example: { body: { pattern: 'judi', ...because } },
  },
  {
    ...{ at: `del ${root}/denied-services`, id: 'serviceAllow', topic, body: allowing },
    ...{ data: z.object({ pattern: z.string() }), refusals: ['NOT_FOUND', ...keyed] },
    example: { body: { pattern: 'judi' } },
  },
]

export const numberDesk: readonly Operation[] = [
  ...desk,
  ...prices,
  ...called,
  ...sources,
  ...house,
]
