/** A client's money: what is in the wallet, how it came in, and where it went. */

import { z } from 'zod/v4'
import { ticketing, ticketPaging, transferring } from '../money/deposits.route.ts'
import { paging } from '../money/wallet.route.ts'
import type { Operation } from '../openapi.ts'
import { pageOf, rupiah, someId, time, trxId } from './answers.ts'

export const balance = z.object({
  balance: rupiah,
  held: rupiah,
  available: rupiah,
  currency: z.literal('IDR'),
})

const mutation = z.object({
  id: z.string(),
  direction: z.enum(['in', 'out']),
  amount: rupiah,
  balance_before: rupiah,
  balance_after: rupiah,
  kind: z.enum(['order', 'release', 'refund', 'deposit', 'transfer', 'commission']),
  /** What it was about: a product and its destination, an app and a country, a way of paying. */
  detail: z.string(),
  description: z.string(),
  reference_id: z.string(),
  created_at: time,
})

export const mutationPage = pageOf(mutation)

const ticket = z.object({
  id: trxId,
  amount: rupiah,
  unique_code: z.int(),
  pay_exactly: rupiah,
  status: z.enum(['open', 'paid', 'cancelled', 'expired']),
  bank: z.object({
    code: z.string(),
    name: z.string(),
    account_number: z.string(),
    account_holder: z.string(),
  }),
  created_at: time,
  expires_at: time,
})

export const wallet: readonly Operation[] = [
  {
    at: 'get /api/v1/balance',
    id: 'balance',
    topic: 'wallet',
    data: balance,
    example: {},
  },
  {
    at: 'get /api/v1/mutations',
    id: 'mutations',
    topic: 'wallet',
    query: paging,
    data: mutationPage,
    example: { query: { limit: '10' } },
  },
  {
    at: 'post /api/v1/deposits',
    id: 'ticket',
    topic: 'deposits',
    body: ticketing,
    data: ticket,
    refusals: [
      ...(['AMOUNT_INVALID', 'BANK_ACCOUNT_UNKNOWN'] as const),
      ...(['TICKET_LIMIT', 'TICKET_EXHAUSTED'] as const),
    ],
    example: { body: { amount: 500_000, account: 'bca' } },
  },
  {
    at: 'get /api/v1/deposits',
    id: 'tickets',
    topic: 'deposits',
    query: ticketPaging,
    data: pageOf(ticket),
    example: { query: { limit: '10' } },
  },
  {
    at: 'get /api/v1/deposits/:id',
    id: 'ticketRead',
    topic: 'deposits',
    params: { id: trxId },
    data: ticket,
    example: { params: { id: someId } },
  },
  {
    at: 'del /api/v1/deposits/:id',
    id: 'ticketCancel',
    topic: 'deposits',
    params: { id: trxId },
    data: ticket,
    refusals: ['TICKET_CLOSED'],
    example: { params: { id: someId } },
  },
  {
    at: 'post /api/v1/transfers',
    id: 'transfer',
    topic: 'deposits',
    body: transferring,
    data: z.object({
      transfer_id: z.string(),
      ref_id: z.string(),
      to: z.string(),
      amount: rupiah,
      available: rupiah,
    }),
    refusals: [
      ...(['PIN_WRONG', 'PIN_LOCKED', 'OUTSIDE_TREE', 'CLIENT_UNKNOWN'] as const),
      ...(['TRANSFER_LIMIT', 'AMOUNT_INVALID', 'INSUFFICIENT_BALANCE', 'DUPLICATE_REF'] as const),
    ],
    example: { body: { to: 'downline1', amount: 100_000, pin: '123456', ref_id: 'kirim-0001' } },
  },
  {
    at: 'get /api/v1/credit',
    id: 'credit',
    topic: 'credit',
    data: z.object({ username: z.string().optional(), limit: rupiah, owed: rupiah }),
    example: {},
  },
]
