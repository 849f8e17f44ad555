/** The cash desk: what the bank did, deposits by hand, credit, and the books of the days. */

import { z } from 'zod/v4'
import { deskShapes } from '../money/bank.route.ts'
import { creditLimiting, creditMoving, creditPaging } from '../money/credit.route.ts'
import { closingPaging, dayShape } from '../office/closings.route.ts'
import type { Operation } from '../openapi.ts'
import { id, listOf, number, pageOf, rupiah, someId, time, trxId } from './answers.ts'

const mutation = z.object({
  id,
  account: z.string().nullable(),
  number: z.string(),
  bank_ref: z.string().nullable(),
  day: z.string().nullable(),
  direction: z.enum(['in', 'out']),
  told_amount: z.string(),
  amount: rupiah.nullable(),
  told_balance: z.string().nullable(),
  description: z.string(),
  source: z.string(),
  status: z.string(),
  reason: z.string().nullable(),
  ticket_id: z.string().nullable(),
  user_id: z.string().nullable(),
  decided_by: z.string().nullable(),
  decided_why: z.string().nullable(),
  brought_by: z.string().nullable(),
  second_by: z.string().nullable(),
  transfer_id: z.string().nullable(),
  seen_at: time,
})

const manual = z.object({
  id: trxId,
  ref: z.string(),
  user_id: z.string(),
  amount: rupiah,
  note: z.string(),
  status: z.enum(['waiting', 'approved', 'paid', 'rejected']),
  asked_by: z.string(),
  second_by: z.string().nullable(),
  transfer_id: z.string().nullable(),
  asked_at: time,
})

const account = z.object({
  code: z.string(),
  bank: z.string(),
  number: z.string(),
  holder: z.string(),
  active: z.boolean(),
})

const rules = z.object({
  ticket_min: rupiah,
  ticket_max: rupiah,
  ticket_hours: z.int(),
  cool_hours: z.int(),
  manual_max: rupiah,
  transfer_min: rupiah,
  transfer_day_max: rupiah,
})

const line = z.object({ username: z.string(), limit: rupiah, owed: rupiah })

const admin = '/api/v1/admin'
const somebody = { params: { username: 'reseller' } }

const bank: readonly Operation[] = [
  {
    at: `post ${admin}/bank-mutations/import`,
    id: 'bankImport',
    topic: 'desk',
    body: deskShapes.import,
    data: z.object({
      rows: z.int(),
      known: z.int(),
      added: z.int(),
      suspect: z.array(
        z.object({ description: z.string(), amount: z.string(), reason: z.string() }),
      ),
    }),
    refusals: ['BANK_ACCOUNT_UNKNOWN', 'STATEMENT_UNREADABLE'],
    example: {
      body: {
        account: 'bca',
        csv: 'tanggal,keterangan,jumlah,tipe\n2026-01-02,TRSF E-BANKING,500123,CR\n',
        dry_run: true,
      },
    },
  },
  {
    at: `get ${admin}/bank-mutations`,
    id: 'bankMutations',
    topic: 'desk',
    query: deskShapes.list,
    data: z.object({ rows: z.array(mutation), next: z.int().nullable() }),
    example: { query: { status: 'suspense' } },
  },
  {
    at: `post ${admin}/bank-mutations/:id/assign`,
    id: 'bankAssign',
    topic: 'desk',
    params: { id: number },
    body: deskShapes.assign,
    data: mutation,
    refusals: ['CLIENT_UNKNOWN', 'AMOUNT_INVALID', 'MUTATION_DECIDED', 'OWN_ACCOUNT'],
    example: {
      params: { id: '7' },
      body: { to: 'reseller', reason: 'bukti transfer cocok' },
    },
  },
  {
    at: `post ${admin}/bank-mutations/:id/return`,
    id: 'bankReturn',
    topic: 'desk',
    params: { id: number },
    body: deskShapes.giveBack,
    data: mutation,
    refusals: ['MUTATION_DECIDED'],
    example: { params: { id: '7' }, body: { reason: 'pengirim tidak dikenal' } },
  },
  {
    at: `post ${admin}/bank-mutations/:id/approve`,
    id: 'bankApprove',
    topic: 'desk',
    params: { id: number },
    data: mutation,
    refusals: ['SECOND_PERSON_NEEDED', 'MUTATION_DECIDED', 'OWN_ACCOUNT'],
    example: { params: { id: '7' } },
  },
  {
    at: `post ${admin}/bank-mutations/:id/reject`,
    id: 'bankReject',
    topic: 'desk',
    params: { id: number },
    data: mutation,
    refusals: ['MUTATION_DECIDED'],
    example: { params: { id: '7' } },
  },
  {
    at: `get ${admin}/bank-accounts`,
    id: 'bankAccounts',
    topic: 'desk',
    data: listOf(account),
    example: {},
  },
  {
    at: `put ${admin}/bank-accounts/:code`,
    id: 'bankAccount',
    topic: 'desk',
    body: deskShapes.account,
    refusals: ['ALREADY_EXISTS'],
    example: {
      params: { code: 'bca' },
      body: { bank: 'BCA', number: '1234567890', holder: 'PT Contoh' },
    },
  },
  {
    at: `put ${admin}/bank-feeds/moota`,
    id: 'moota',
    topic: 'desk',
    body: deskShapes.feed,
    example: { body: { poll_minutes: 10 } },
  },
]

const byHand: readonly Operation[] = [
  {
    at: `post ${admin}/deposits`,
    id: 'manual',
    topic: 'desk',
    body: deskShapes.manual,
    data: manual,
    refusals: ['CLIENT_UNKNOWN', 'DUPLICATE_REF', 'OWN_ACCOUNT'],
    example: {
      body: {
        to: 'reseller',
        amount: 250_000,
        ref_id: 'tunai-0001',
        note: 'setor tunai di kantor',
      },
    },
  },
  {
    at: `get ${admin}/deposits`,
    id: 'manuals',
    topic: 'desk',
    query: deskShapes.manuals,
    data: z.object({ rows: z.array(manual), next: trxId.nullable() }),
    example: { query: { status: 'waiting' } },
  },
  {
    at: `post ${admin}/deposits/:id/approve`,
    id: 'manualApprove',
    topic: 'desk',
    params: { id: trxId },
    data: manual,
    refusals: ['SECOND_PERSON_NEEDED', 'MUTATION_DECIDED', 'OWN_ACCOUNT'],
    example: { params: { id: someId } },
  },
  {
    at: `post ${admin}/deposits/:id/reject`,
    id: 'manualReject',
    topic: 'desk',
    params: { id: trxId },
    data: manual,
    refusals: ['MUTATION_DECIDED'],
    example: { params: { id: someId } },
  },
  {
    at: `put ${admin}/money-rules`,
    id: 'moneyRules',
    topic: 'desk',
    body: deskShapes.rules,
    data: rules,
    example: { body: { ticket_min: 10_000 } },
  },
  {
    at: `put ${admin}/clients/:username/transfer-limit`,
    id: 'transferLimit',
    topic: 'desk',
    body: deskShapes.limit,
    refusals: ['CLIENT_UNKNOWN'],
    example: { ...somebody, body: { day_max: 5_000_000 } },
  },
  {
    at: `post ${admin}/clients/:username/unlock-pin`,
    id: 'unlockPin',
    topic: 'desk',
    refusals: ['CLIENT_UNKNOWN'],
    example: somebody,
  },
]

const credit: readonly Operation[] = [
  {
    at: `get ${admin}/credits`,
    id: 'credits',
    topic: 'credit',
    query: creditPaging,
    data: pageOf(line),
    example: { query: { limit: '20' } },
  },
  {
    at: `post ${admin}/credits`,
    id: 'creditMove',
    topic: 'credit',
    body: creditMoving,
    data: line,
    refusals: [
      'CLIENT_UNKNOWN',
      'CREDIT_LIMIT',
      'DUPLICATE_REF',
      'INSUFFICIENT_BALANCE',
      'SECOND_PERSON_NEEDED',
      'OWN_ACCOUNT',
    ],
    example: {
      body: {
        ...{ to: 'reseller', kind: 'given', amount: 1_000_000 },
        ...{ ref_id: 'kredit-0001', note: 'tempo tujuh hari' },
      },
    },
  },
  {
    at: `put ${admin}/clients/:username/credit-limit`,
    id: 'creditLimit',
    topic: 'credit',
    body: creditLimiting,
    data: line,
    refusals: ['CLIENT_UNKNOWN'],
    example: { ...somebody, body: { limit: 5_000_000 } },
  },
]

const closings: readonly Operation[] = [
  {
    at: `get ${admin}/closings`,
    id: 'closings',
    topic: 'closings',
    query: closingPaging,
    data: listOf(z.object({ day: z.string(), hash: z.string(), sum: rupiah })),
    example: { query: { limit: '31' } },
  },
  {
    at: `get ${admin}/closings/:day`,
    id: 'closing',
    topic: 'closings',
    params: { day: z.string().regex(dayShape) },
    data: z.object({
      day: z.string(),
      statement: z.string(),
      hash: z.string(),
      signature: z.string(),
      signer: z.string(),
    }),
    example: { params: { day: '2026-01-02' } },
  },
]

export const desk: readonly Operation[] = [...bank, ...byHand, ...credit, ...closings]
