/** For tests: what a mesh answers about wallets, paying in, credit, commission and floats. */

import type {
  BankMutationView,
  GatewayPayoutView,
  IntentView,
  ManualDepositView,
  TicketView,
  VerdictView,
} from '../../services/contract/deposit.ts'
import type { FloatMove, FloatView } from '../../services/contract/supplier.ts'
import { bornAt, trxId, userId } from '../scripted.fixture.ts'
import { nothing, type Scripts } from './usual.fixture.ts'

export const wallet: Scripts = {
  'wallet.balance': () => ({ ok: { balance: 1_000_000, held: 10_500, available: 989_500 } }),
  'wallet.mutations': () => ({
    ok: {
      rows: [
        {
          ...{ id: '1.1', direction: 'out', amount: 10_500, kind: 'order', detail: '' },
          ...{ balanceBefore: 20_000, balanceAfter: 9_500, referenceId: 'r', createdAt: bornAt },
        },
      ],
      next: 'abc',
    },
  }),
}

const ticket: TicketView = {
  ...{ id: trxId, base: 500_000, code: 123, amount: 500_123, status: 'open' },
  ...{ bank: { code: 'BCA-1', name: 'BCA', number: '123', holder: 'PT Contoh' } },
  ...{ createdAt: bornAt, expiresAt: bornAt },
}

const mutation: BankMutationView = {
  ...{ id: 7, account: 'BCA-1', number: '123', bankRef: null, day: '2026-01-02' },
  ...{ direction: 'in', toldAmount: '500123', amount: 500_123, toldBalance: null },
  ...{ description: 'TRSF', source: 'csv', status: 'suspense', reason: 'no_ticket' },
  ...{ ticketId: null, userId: null, decidedBy: null, decidedWhy: null, transferId: null },
  ...{ broughtBy: null, secondBy: null },
  seenAt: bornAt,
}

const manual: ManualDepositView = {
  ...{ id: trxId, ref: 'tunai-0001', userId, amount: 250_000, note: 'setor', status: 'waiting' },
  ...{ askedBy: userId, secondBy: null, transferId: null, askedAt: bornAt },
}

const line = { userId, username: 'reseller', limit: 5_000_000, used: 1_000_000 }

export const money: Scripts = {
  'deposit.ticket': () => ({ ok: ticket }),
  'deposit.tickets': () => ({ ok: { rows: [ticket], next: null } }),
  'deposit.get': () => ({ ok: ticket }),
  'deposit.cancel': () => ({ ok: ticket }),
  'deposit.import': () => ({
    ok: {
      ...{ rows: 2, known: 1, added: 1 },
      suspect: [{ description: 'TRSF', amount: '1.5', reason: 'odd_amount' }],
    },
  }),
  'deposit.mutations': () => ({ ok: { rows: [mutation], next: 7 } }),
  'deposit.assign': () => ({ ok: mutation }),
  'deposit.return': () => ({ ok: mutation }),
  'deposit.judgeMutation': () => ({ ok: mutation }),
  'deposit.manual': () => ({ ok: manual }),
  'deposit.judge': () => ({ ok: manual }),
  'deposit.manuals': () => ({ ok: { rows: [manual], next: null } }),
  'deposit.accounts': () => ({
    ok: {
      rows: [{ code: 'BCA-1', bank: 'BCA', number: '123', holder: 'PT Contoh', active: true }],
    },
  }),
  'deposit.putAccount': () => nothing,
  'deposit.putFeed': () => nothing,
  'deposit.rules': () => ({
    ok: {
      ...{ ticketMin: 10_000, ticketMax: 50_000_000, ticketHours: 24, coolHours: 24 },
      ...{ manualMax: 1_000_000, transferMin: 1_000, transferDayMax: 5_000_000 },
    },
  }),
  'transfer.send': ({ to, amount }) => ({
    ok: { transferId: trxId, to, amount, available: 3 },
  }),
  'transfer.limit': () => nothing,
  'transfer.unlock': () => nothing,
  'credit.list': () => ({ ok: { rows: [line], next: null } }),
  'credit.move': () => ({ ok: line }),
  'credit.limit': () => ({ ok: line }),
  'closing.list': () => ({ ok: { rows: [{ day: '2026-01-02', hash: 'ab', sum: 0 }] } }),
  'closing.get': ({ day }) => ({
    ok: { day, statement: '{}', hash: 'ab', signature: 'cd', signer: 'ef' },
  }),
}

const stand: FloatView = {
  ...{ supplier: 'digiflazz', status: 'drifts', books: 5_000_000, out: 10_000 },
  reported: {
    ...{ balance: 4_999_500, toldAt: bornAt, trxId },
    ...{ lower: 4_990_000, upper: 5_000_000, off: -500 },
  },
  drift: { off: -500, sinceAt: bornAt, firstTrxId: trxId, reports: 3 },
  agreed: { toldAt: bornAt, trxId: null },
  suspects: [{ trxId, toldAt: bornAt, cost: 10_000, step: 10_500 }],
  tellsBefore: false,
}

const move: FloatMove = {
  ...{ id: trxId, ref: 'isi-0001', supplier: 'digiflazz', raises: true, against: 'cash' },
  ...{ amount: 50_000_000, note: 'transfer', status: 'waiting', askedBy: userId },
  ...{ secondBy: null, transferId: null, askedAt: bornAt },
}

export const float: Scripts = {
  'float.list': () => ({ ok: { rows: [stand] } }),
  'float.read': () => ({ ok: stand }),
  'float.steps': () => ({
    ok: {
      rows: [
        {
          ...{ id: 1, toldAt: bornAt, balance: 1, books: 1, lower: 1, upper: 1, off: 0 },
          ...{ trxId: null, drift: false },
        },
      ],
      next: 1,
    },
  }),
  'float.moves': () => ({ ok: { rows: [move], next: trxId } }),
  'float.topUp': () => ({ ok: move }),
  'float.adjust': () => ({ ok: move }),
  'float.judge': () => ({ ok: move }),
  'float.rules': () => ({ ok: stand }),
}

export const commission: Scripts = {
  'commission.list': () => ({
    ok: {
      rows: [
        {
          ...{ id: '1', orderId: trxId, level: 1, buyer: 'toko', product: 'XLD10', amount: 50 },
          ...{ state: 'paid', kept: 0, owed: 0, createdAt: bornAt },
        },
      ],
      ...{ next: '1', debt: 0 },
    },
  }),
  'commission.preview': () => ({
    ok: {
      ...{ price: 10_500, cost: 10_000, margin: 500, ruleId: 1, total: 50 },
      shares: [{ level: 1, username: 'upline', amount: 50 }],
    },
  }),
  'commission.upline': ({ username, upline }) => ({ ok: { username, upline } }),
}

const paidIn: IntentView = {
  ...{ intentId: trxId, depositId: 'DEP00000001', userId, ref: 'isi-0001', status: 'pending' },
  ...{ method: 'qris_atlantic', gateway: 'atlantic', wished: 50_000, amount: 50_000, fee: 450 },
  ...{ received: 49_550, pay: { qr_string: '000201' }, expiresAt: bornAt, paidAt: null },
  ...{ instant: false, why: null, suspended: 0, createdAt: bornAt, updatedAt: bornAt },
}

const inSuspense = {
  ...{ intentId: trxId, n: 1, userId, gateway: 'atlantic', why: 'LATE', amount: 49_550 },
  ...{ via: 'webhook', at: bornAt, verdict: null, resolvedBy: null, reason: null },
} as const

const decided: VerdictView = {
  ...{ id: 1, intentId: trxId, n: 1, userId, verdict: 'credit', amount: 49_550 },
  ...{ reason: 'bukti transfer cocok', status: 'done', askedBy: userId, secondBy: null },
  askedAt: bornAt,
}

const paidOut: GatewayPayoutView = {
  ...{ id: 1, gateway: 'atlantic', ref: 'WD-1', amount: 995_000, fee: 5_000, day: '2026-02-03' },
  ...{ status: 'done', by: userId, notedAt: bornAt, transferId: trxId, feeTransferId: trxId },
}

export const intents: Scripts = {
  'intent.methods': () => ({
    ok: {
      methods: [
        {
          ...{ method: 'qris_atlantic', name: 'QRIS', kind: 'qris', min: 1_000, max: 10_000_000 },
          ...{ fee: 200, feeBps: 50 },
        },
      ],
    },
  }),
  'intent.create': () => ({ ok: paidIn }),
  'intent.get': () => ({ ok: paidIn }),
  'intent.cancel': () => ({ ok: { ...paidIn, status: 'cancel', pay: {} } }),
  'intent.instant': () => ({ ok: { fee: 500, received: 49_050, deposit: paidIn } }),
  'intent.list': () => ({ ok: { rows: [paidIn], next: trxId } }),
  'intent.all': () => ({ ok: { rows: [paidIn], next: trxId } }),
  'intent.suspense': () => ({ ok: { rows: [inSuspense], next: null } }),
  'intent.waiting': () => ({ ok: { rows: [decided], next: null } }),
  'intent.judge': () => ({ ok: decided }),
  'intent.resolve': () => ({ ok: decided }),
  'intent.check': () => ({ ok: paidIn }),
  'intent.trail': () => ({
    ok: {
      ...{ deposit: paidIn, suspense: [inSuspense], verdicts: [decided] },
      events: [{ at: bornAt, type: 'asked', data: { method: 'qris_atlantic' } }],
      hints: [{ verdict: 'success: now paid', times: 1, firstAt: bornAt }],
    },
  }),
  'intent.gateways': () => ({
    ok: {
      rows: [
        {
          ...{ code: 'atlantic', adapter: 'atlantic', baseUrl: 'https://atlantich2h.com' },
          ...{ timeoutMs: 20_000, maxInFlight: 16, amountMin: 10_000, amountMax: 10_000_000 },
          ...{ active: true, owed: 1_000_000 },
        },
      ],
    },
  }),
  'intent.putGateway': () => nothing,
  'intent.payout': () => ({ ok: paidOut }),
  'intent.payouts': () => ({ ok: { rows: [paidOut], next: null } }),
}
