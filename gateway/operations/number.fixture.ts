/** For tests: what a mesh answers about rented numbers, for who rents and for staff. */

import type { AbuseReview } from '../../services/contract/abuse.ts'
import type { NumberOrderRow, NumberUser } from '../../services/contract/number-admin.ts'
import { activationView, bornAt, digiflazzCard, trxId, userId } from '../scripted.fixture.ts'
import type { Scripts } from './usual.fixture.ts'

const activation = activationView()

export const numbers: Scripts = {
  'number.services': () => ({
    ok: {
      services: [
        { ...{ serviceId: 'wa', name: 'WhatsApp', also: ['wa'] }, fromPrice: 3_000, stock: 7 },
      ],
      ...{ next: null, asOf: bornAt },
    },
  }),
  'number.countries': () => ({
    ok: {
      countries: [
        {
          ...{ countryId: '6', name: 'Indonesia', english: 'Indonesia', also: ['id'] },
          ...{ price: 3_000, stock: 7 },
          ...{ successRate: 87, stale: false },
        },
      ],
      asOf: bornAt,
    },
  }),
  'number.operators': () => ({
    ok: { operators: [{ operatorId: 'any', name: 'Bebas', price: 3_000, stock: null }] },
  }),
  'number.create': () => ({
    ok: { order: activation, invoice: 'contohLinkPesanan01234', balance: 7_000 },
  }),
  'number.get': () => ({ ok: activation }),
  'number.cancel': () => ({ ok: activation }),
  'number.resend': () => ({ ok: activation }),
  'number.list': () => ({ ok: { orders: [activation], next: 'abc' } }),
  'number.active': () => ({ ok: [activation] }),
  'number.invoice': () => ({ ok: activation }),
  'number.link': () => ({ ok: { invoice: 'contohLinkPesanan01234' } }),
  'number.relink': () => ({ ok: { invoice: 'contohLinkPesanan01234' } }),
  'dialect.card': ({ apiKey }) => digiflazzCard({ apiKey }),
  'help.ask': () => ({ ok: { url: 'https://wa.me/62' } }),
  'help.settings': () => ({
    ok: { name: 'Nokosku', helpUrl: 'https://wa.me/62', resendsMax: 3, waitMinutes: 15 },
  }),
}

const figures = {
  ...{ newUsers: 1, orders: 4, byStatus: { finished: 3, refunded: 1 }, codes: 3, refunds: 1 },
  ...{
    refunded: 3_000,
    deposits: 2,
    deposited: 50_000,
    selling: 9_000,
    base: 6_000,
    profit: 3_000,
  },
}

const earned = {
  ...{ key: 'whatsapp', sold: 3, refunded: 0, lateCosts: 0, selling: 9_000, base: 6_000, fee: 0 },
  profit: 3_000,
}

const buyer: NumberUser = {
  ...{ userId, username: 'budi', name: 'Budi', email: 'budi@laju.test', isEmailVerified: true },
  ...{ phone: null, role: 'consumer', level: 0, status: 'active', version: 1, createdAt: bornAt },
  ban: { reason: 'memberi kode ke orang lain', endsAt: bornAt, by: 'ani', at: bornAt },
}

const rented: NumberOrderRow = {
  ...{ orderId: trxId, userId, username: 'budi', ref: 'r-1', status: 'finished', isOpen: false },
  ...{ service: 'whatsapp', serviceName: 'WhatsApp', country: 'id', countryName: 'Indonesia' },
  ...{ operator: 'any', supplier: 'rumahotp', number: '6281200000001', price: 3_000, cost: 2_000 },
  ...{ moneyEffect: 'charged', codes: 1, late: 0, resends: 0, why: null },
  ...{ placedAt: bornAt, updatedAt: bornAt },
}

const markupRule = { kind: 'percent', rounding: 'up_100', percentBp: 2_500 } as const

const markupPlace = { level: 0, service: 'whatsapp', country: '', operator: '' }

const markupNote = { version: 1, by: 'ani', reason: 'harga baru', at: bornAt }

const lineSettings = {
  version: 1,
  settings: {
    ...{ name: 'Nokosku', helpUrl: null, waitMinutes: 15, codeShownHours: 24 },
    ...{ retentionDays: 30, refundAloneMax: 100_000 },
  },
}

const review: AbuseReview = {
  ...{ id: 1, userId, username: 'budi', why: 'CANCEL_RATIO', value: 90, threshold: 70 },
  ...{ openedAt: bornAt, bannedUntil: bornAt, verdict: null, reason: null },
  ...{ decidedBy: null, decidedAt: null },
}

const deniedService = { pattern: 'bank', reason: 'dilarang di sini', by: 'ani', at: bornAt }

const handled = {
  orderId: trxId,
  status: 'refunded',
  moneyEffect: 'refunded',
  waits: null,
} as const

export const numberDesk: Scripts = {
  'audit.add': () => ({ ok: { id: 1 } }),
  'numberDesk.stats': () => ({
    ok: {
      ...{ countedAt: bornAt, users: 10, open: 1, today: figures, week: figures },
      days: [
        {
          ...{ day: '2026-01-02', orders: 4, codes: 3, refunds: 1, selling: 9_000 },
          ...{ profit: 3_000, deposited: 50_000 },
        },
      ],
    },
  }),
  'numberDesk.profit': () => ({ ok: { rows: [earned], total: { ...earned, key: '' } } }),
  'numberDesk.transactions': () => ({
    ok: {
      rows: [
        {
          ...{ kind: 'sold', direction: 'out', id: trxId, userId, username: 'budi' },
          ...{ amount: 3_000, with: 'rumahotp', at: bornAt },
        } as const,
      ],
      next: 'abc',
    },
  }),
  'numberDesk.users': () => ({ ok: { rows: [buyer], next: userId } }),
  'numberDesk.user': () => ({
    ok: {
      user: buyer,
      money: { balance: 10_000, held: 0, available: 10_000 },
      totals: { orders: 1, codes: 1, refunds: 0, spent: 3_000 },
      orders: [rented],
      mutations: [
        {
          ...{ id: '1.1', direction: 'out', amount: 3_000, kind: 'order', detail: '' },
          ...{ balanceBefore: 13_000, balanceAfter: 10_000, referenceId: 'r', createdAt: bornAt },
        },
      ],
      activity: [
        {
          ...{ id: 1, userId, username: 'budi', what: 'session.opened', address: '203.0.113.0' },
          ...{ details: {}, at: bornAt },
        },
      ],
    },
  }),
  'numberDesk.change': () => ({ ok: buyer }),
  'numberDesk.status': () => ({ ok: buyer }),
  'numberDesk.ban': () => ({ ok: buyer }),
  'numberDesk.unban': () => ({ ok: { ...buyer, ban: null } }),
  'numberDesk.orders': () => ({ ok: { rows: [rented], next: trxId } }),
  'numberDesk.order': () => ({
    ok: {
      order: {
        ...{ ...rented, phase: 'received', theirId: 'RO1', boughtAt: bornAt },
        ...{ waitEndsAt: bornAt, diesAt: bornAt },
      },
      messages: [{ at: bornAt, isCode: true, late: false }],
      timeline: [{ at: bornAt, what: 'order:created', by: '', details: {} }],
      profit: [{ what: 'sold', selling: 3_000, base: 2_000, fee: 0, profit: 1_000, at: bornAt }],
    },
  }),
  'numberDesk.reveal': () => ({
    ok: { messages: [{ at: bornAt, text: 'Kode Anda 123', code: '123', late: false }] },
  }),
  'numberDesk.export': () => ({
    ok: {
      ...{ user: buyer, madeAt: bornAt, capped: [], sessions: [], changes: [], activity: [] },
      ...{ orders: [rented], deposits: [], mutations: [] },
    },
  }),
  'numberHand.cancel': () => ({ ok: handled }),
  'numberHand.refund': () => ({
    ok: {
      ...handled,
      waits: {
        ...{ id: 1, orderId: trxId, amount: 3_000, reason: 'salah pilih', supplier: null },
        ...{ by: 'ani', byId: userId, at: bornAt },
      },
    },
  }),
  'numberHand.charge': () => ({ ok: handled }),
  'numberHand.refunds': () => ({ ok: { rows: [] } }),
  'numberHand.reject': ({ id }) => ({ ok: { id } }),
  'numberDesk.suppliers': () => ({
    ok: {
      suppliers: [
        {
          ...{ code: 'rumahotp', name: 'RumahOTP', kind: 'rumahotp', active: true, unit: '1' },
          ...{ baseUrl: 'https://contoh.test', version: 1, changedBy: 'ani', reason: 'awal' },
          ...{ changedAt: bornAt, offers: 10, refreshedAt: bornAt, stale: true },
          balance: 250_000,
          problem: 'belum menjawab',
          terms: { cancelAfterMs: null, lifeMs: null, pollMs: null, resends: null },
          week: {
            ...{ orders: 10, codes: 8, bought: 9, errors: 1, successRate: 89 },
            ...{ codeP50S: 21, codeP90S: 75 },
          },
        },
      ],
      kinds: [
        {
          ...{ kind: 'rumahotp', credentials: ['api_key'], finds: 'active_list' },
          terms: { cancelAfterMs: 120_000, lifeMs: 900_000, pollMs: 3_000, resends: true },
        },
      ],
    },
  }),
  'numberSupplier.put': () => ({ ok: { version: 2 } }),
  'numberSupplier.test': () => ({ ok: { balance: 1_000_000, ms: 80 } }),
  'numberSupplier.refresh': () => ({ ok: { offers: 10, refreshedAt: bornAt } }),
  'numberDesk.settings': () => ({ ok: lineSettings }),
  'numberDesk.set': () => ({ ok: lineSettings }),
  'numberNames.list': () => ({
    ok: {
      version: 1,
      rows: [
        {
          ...{ kind: 'country', word: 'usa', told: 'USA', suppliers: ['rumahotp'] },
          ...{ id: 'united-states', name: 'Amerika Serikat', by: 'known' },
          ...{ who: null, reason: null, at: null },
        },
      ],
      next: 'usa',
    },
  }),
  'numberNames.put': () => ({ ok: { version: 2 } }),
  'markup.rules': () => ({
    ok: {
      ...{ version: 1, usual: markupRule },
      rules: [{ ...markupNote, place: markupPlace, rule: markupRule }],
    },
  }),
  'markup.history': () => ({
    ok: { rows: [{ ...markupNote, place: markupPlace, rule: null }], next: 1 },
  }),
  'markup.preview': () => ({
    ok: {
      ...{ version: 1, offers: 1, looked: 5, raised: 1, lowered: 0, levels: [0], people: 10 },
      moves: [
        {
          ...{ ...markupPlace, country: 'id', operator: 'any', serviceName: 'WhatsApp' },
          ...{ countryName: 'Indonesia', cost: 2_000, was: 2_500, becomes: 2_400 },
        },
      ],
    },
  }),
  'markup.change': () => ({ ok: { version: 2 } }),
  'abuse.reviews': () => ({ ok: { rows: [review], next: 1 } }),
  'abuse.decide': ({ verdict }) => ({ ok: { ...review, verdict } }),
  'abuse.denied': () => ({ ok: { rows: [deniedService] } }),
  'abuse.deny': () => ({ ok: deniedService }),
  'abuse.allow': () => ({ ok: null }),
}
