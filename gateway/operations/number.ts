/** The number line: apps, countries and operators, rented numbers, invoice links, help. */

import { z } from 'zod/v4'
import {
  helping,
  operatorPicking,
  orderPaging,
  renting,
  servicePaging,
} from '../number/number.route.ts'
import type { Operation } from '../openapi.ts'
import { pageOf, rupiah, someId, time, trxId } from './answers.ts'

const status = z.enum([
  ...(['processing', 'waiting', 'otp_received', 'finished'] as const),
  ...(['cancelling', 'refunded', 'expired', 'checking'] as const),
])

const shown = z.object({
  order_id: trxId,
  status,
  service_id: z.string(),
  service_name: z.string(),
  country_id: z.string(),
  country_name: z.string(),
  operator_id: z.string(),
  number: z.string().nullable(),
  price: rupiah,
  money_effect: z.enum(['none', 'held', 'charged', 'refunded']),
  /** The newest code; null before it came, and when its time to be shown is over. */
  otp: z.string().nullable(),
  messages: z.array(
    z.object({
      text: z.string().nullable(),
      code: z.string().nullable(),
      late: z.boolean(),
      received_at: time,
    }),
  ),
  resends_left: z.int(),
  awaiting_next: z.boolean(),
  expires_at: time.nullable(),
  why: z.string().nullable(),
  created_at: time,
  updated_at: time,
})

const order = shown.extend({ ref_id: z.string() })

const invoiceUrl = z.url()
const params = { id: trxId }
const some = { params: { id: someId } }
const chosen = ['SERVICE_UNKNOWN', 'SERVICE_BLOCKED', 'COUNTRY_UNKNOWN'] as const
const anybody = ['VALIDATION_FAILED', 'RATE_LIMITED', 'UNREACHABLE'] as const
const topic = 'number'

export const numberOperations: readonly Operation[] = [
  {
    at: 'get /api/v1/services',
    id: 'numberServices',
    topic,
    query: servicePaging,
    data: z.object({
      services: z.array(
        z.object({
          service_id: z.string(),
          name: z.string(),
          also: z.array(z.string()),
          from_price: rupiah.nullable(),
          stock: z.int(),
        }),
      ),
      next: z.string().nullable(),
      /** How old it is at most; null while nothing was read yet. */
      as_of: time.nullable(),
    }),
    refusals: anybody,
    example: { query: { search: 'wa', limit: '20' } },
  },
  {
    at: 'get /api/v1/countries/:serviceId',
    id: 'numberCountries',
    topic,
    data: z.object({
      countries: z.array(
        z.object({
          country_id: z.string(),
          name: z.string(),
          also: z.array(z.string()),
          price: rupiah,
          stock: z.int(),
          success_rate: z.number().nullable(),
          stale: z.boolean(),
        }),
      ),
      as_of: time.nullable(),
    }),
    refusals: [...anybody, 'SERVICE_UNKNOWN', 'SERVICE_BLOCKED'],
    example: { params: { serviceId: 'wa' } },
  },
  {
    at: 'get /api/v1/operators/:countryCode',
    id: 'numberOperators',
    topic,
    query: operatorPicking,
    data: z.object({
      operators: z.array(
        z.object({
          operator_id: z.string(),
          name: z.string(),
          price: rupiah,
          stock: z.int().nullable(),
        }),
      ),
    }),
    refusals: [...anybody, ...chosen],
    example: { params: { countryCode: '6' }, query: { service_id: 'wa' } },
  },
  {
    at: 'post /api/v1/orders/create',
    id: 'numberCreate',
    topic,
    body: renting,
    data: order.extend({ invoice_url: invoiceUrl, balance_remaining: rupiah }),
    refusals: [
      ...(['CONTENT_TYPE_UNSUPPORTED', 'INSUFFICIENT_BALANCE', 'DUPLICATE_REF'] as const),
      ...(['OPERATOR_UNKNOWN', 'NUMBER_SOLD_OUT', 'PRICE_ABOVE_MAX'] as const),
      ...(['RENTAL_LIMIT', 'CATALOGUE_STALE'] as const),
      ...chosen,
    ],
    example: {
      body: { service_id: 'wa', country_id: '6', max_price: 5_000, ref: 'beli-0001' },
    },
  },
  {
    at: 'get /api/v1/orders/history',
    id: 'numberHistory',
    topic,
    query: orderPaging,
    data: pageOf(order),
    example: { query: { limit: '20' } },
  },
  {
    at: 'get /api/v1/orders/active',
    id: 'numberActive',
    topic,
    data: z.object({ rows: z.array(order) }),
    example: {},
  },
  { at: 'get /api/v1/orders/:id', id: 'numberRead', topic, params, data: order, example: some },
  {
    at: 'post /api/v1/orders/:id/cancel',
    id: 'numberCancel',
    topic,
    params,
    data: order,
    refusals: ['ORDER_FINAL', 'ORDER_BUSY', 'CODE_RECEIVED'],
    example: some,
  },
  {
    at: 'post /api/v1/orders/:id/resend',
    id: 'numberResend',
    topic,
    params,
    data: order,
    refusals: [
      ...(['ORDER_FINAL', 'RESEND_LIMIT', 'CODE_AWAITED'] as const),
      ...(['RESEND_UNSUPPORTED', 'RESEND_REFUSED'] as const),
    ],
    example: some,
  },
  {
    at: 'get /api/v1/orders/:id/invoice',
    id: 'numberLink',
    topic,
    params,
    data: z.object({ order_id: trxId, invoice_url: invoiceUrl }),
    example: some,
  },
  {
    at: 'post /api/v1/orders/:id/invoice',
    id: 'numberRelink',
    topic,
    params,
    data: z.object({ order_id: trxId, invoice_url: invoiceUrl }),
    example: some,
  },
  {
    at: 'get /api/v1/invoices/:word',
    id: 'numberInvoice',
    topic,
    data: shown,
    refusals: ['NOT_FOUND', 'RATE_LIMITED', 'UNREACHABLE'],
    example: { params: { word: 'contohLinkPesanan01234' } },
  },
  {
    at: 'post /api/v1/help',
    id: 'numberHelp',
    topic,
    body: helping,
    data: z.object({ url: z.string().nullable() }),
    refusals: [...anybody, 'CONTENT_TYPE_UNSUPPORTED'],
    example: { body: { where: 'order', id: someId } },
  },
  {
    at: 'get /api/v1/app-settings',
    id: 'numberSettings',
    topic,
    data: z.object({
      name: z.string(),
      help_url: z.string().nullable(),
      resends_max: z.int(),
      wait_minutes: z.int(),
      play_url: z.string().nullable(),
    }),
    refusals: anybody,
    example: {},
  },
  {
    at: 'get /stubs/handler_api.php',
    id: 'handlerApi',
    topic,
    query: z.object({ api_key: z.string(), action: z.string() }),
    told: { type: 'text/plain', shape: z.string(), example: 'ACCESS_BALANCE:989500' },
    example: { query: { api_key: 'kunci-contoh', action: 'getBalance' } },
  },
]
