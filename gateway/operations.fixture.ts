/** For tests: a mesh that has an answer to every question that an example leads to. */

import type { AbuseReview } from '../services/contract/abuse.ts'
import type {
  AlarmChange,
  AlarmChannelView,
  AlarmRuleView,
  AlarmView,
} from '../services/contract/alarm.ts'
import type { Complaint, ComplaintFile } from '../services/contract/care.ts'
import type { CatalogueKind } from '../services/contract/catalogue.ts'
import type { ChatGatewayView } from '../services/contract/chat.ts'
import type { ManagedClient } from '../services/contract/clients.ts'
import type {
  BankMutationView,
  GatewayPayoutView,
  IntentView,
  ManualDepositView,
  TicketView,
  VerdictView,
} from '../services/contract/deposit.ts'
import type { PartnerView } from '../services/contract/identity.ts'
import type { NumberOrderRow, NumberUser } from '../services/contract/number-admin.ts'
import type { OrderView } from '../services/contract/order-view.ts'
import type { Profile } from '../services/contract/people.ts'
import type { FloatMove, FloatView } from '../services/contract/supplier.ts'
import type { DeliveryView, WebhookView } from '../services/contract/webhook.ts'
import { rowOf, rowsOfKinds } from './operations/catalogue.ts'
import {
  activationView,
  bornAt,
  digiflazzCard,
  orderView,
  type Stage,
  trxId,
  userId,
} from './scripted.ts'

type Scripts = NonNullable<Parameters<typeof Stage.open>[0]>

const order: OrderView = orderView({
  attempts: [
    {
      ...{ n: 1, supplier: 'digiflazz', sku: 'xld10', ref: 'L1', cost: 10_000 },
      ...{ outcome: 'pending', code: '03', message: null, startedAt: bornAt },
      ...{ answeredAt: bornAt, latencyMs: 1, reply: null },
    },
  ],
  timeline: [{ at: bornAt, what: 'placed' }],
  next: { what: 'supplier_is_asked', at: bornAt },
  bill: { customer: 'BUDI', periods: '202601', amount: 100_000, admin: 2_500, detail: '' },
})

const row = { id: 1, version: 1, name: 'XL' }
const nothing = { ok: null } as const

const wallet: Scripts = {
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

const bill = {
  ...{ product: 'PLNPASCA', destination: '530000000001', customer: 'BUDI', periods: '202601' },
  ...{ amount: 100_000, admin: 2_500, detail: '', price: 101_500, token: 'a'.repeat(20) },
  expiresAt: bornAt,
}

const orders: Scripts = {
  'order.get': () => ({ ok: order }),
  'order.byRef': () => ({ ok: order }),
  'order.resolve': () => ({ ok: order }),
  'postpaid.inquire': () => ({ ok: { kind: 'bill', bill } }),
  'postpaid.meter': ({ number }) => ({
    ok: { name: 'BUDI', meterNumber: number, subscriberId: '53', segment: 'R1/900VA' },
  }),
  'catalogue.ownPrices': () => [],
  'catalogue.products': () => [
    {
      ...{ code: 'XLD10', name: 'XL 10.000', category: 'Pulsa', brand: 'XL', type: 'prepaid' },
      ...{ price: 10_500, open: true, multi: false, cutOffStart: '23:30', cutOffEnd: '00:30' },
    },
  ],
  'bulk.start': () => ({ ok: { jobId: trxId } }),
  'bulk.read': () => ({
    ok: {
      tally: {
        ...{ ref: 'A', total: 1, waiting: 0, placed: 0 },
        ...{ refused: 1, success: 0, failed: 0 },
      },
      rows: [
        {
          ...{ n: 1, ref: 'r', product: 'XLD10', destination: '1', result: 'refused' },
          ...{ code: 'TWIN_ORDER', trxId: null, status: null, sn: null },
        },
      ],
      next: 1,
    },
  }),
}

const user = { userId, username: 'toko', name: 'Toko', role: 'reseller', level: 2 } as const
const below = { userId, username: 'downline1', name: 'Kios', level: 3 }
const sid = '5b1c8a52-6f0e-4b5e-9a43-0d7c1f2e3a4b'

const profile: Profile = {
  ...{ userId, name: 'Budi', email: 'budi@contoh.id', isEmailVerified: true, nextEmail: null },
  ...{ phone: '081234567890', role: 'consumer', createdAt: bornAt },
}

const people: Scripts = {
  'session.login': () => ({
    ok: {
      ...{ accessToken: 'a.b.c', expiresAt: bornAt, refresh: 'r', refreshExpiresAt: bornAt },
      user,
    },
  }),
  'session.list': () => ({
    ok: [{ id: sid, address: '10.20.x.x', agent: 'curl', createdAt: bornAt, usedAt: bornAt }],
  }),
  'session.end': () => nothing,
  'self.profile': () => ({ ok: { ...user, memberId: 'LJ0000000001', upline: null } }),
  'self.keys': () => ({
    ok: { apiKeyHint: '…ab12', hmacKey: 'lk_1', createdAt: bornAt, allowList: ['10.0.0.1'] },
  }),
  'account.register': () => nothing,
  'account.verify': () => nothing,
  'account.resend': () => nothing,
  'account.forgot': () => nothing,
  'account.reset': () => nothing,
  'account.profile': () => ({ ok: profile }),
  'account.change': () => ({ ok: profile }),
  'account.email': () => ({ ok: profile }),
  'account.erase': () => ({ ok: { status: 'closed' } }),
  'totp.enrol': () => ({ ok: { secret: 'ABC', uri: 'otpauth://totp/Laju:budi' } }),
  'totp.confirm': () => ({ ok: { recoveryCodes: ['ABCDE-FGHJK'] } }),
  'totp.standing': () => ({ ok: { isOn: true, isNeeded: true, codesLeft: 10 } }),
  'totp.reset': () => nothing,
  'activity.list': () => ({
    ok: {
      rows: [
        {
          ...{ id: 1, userId, username: 'budi', what: 'session.opened', address: '10.20.x.x' },
          ...{ details: {}, at: bornAt },
        },
      ],
      next: 1,
    },
  }),
  'self.rotateKeys': () => ({ ok: { apiKey: 'a', hmacKey: 'lk_2', hmacSecret: 's' } }),
  'self.downlines': () => ({
    ok: { rows: [{ ...below, status: 'active', createdAt: bornAt }], next: userId },
  }),
}

const webhook: WebhookView = {
  ...{ id: trxId, url: 'https://toko.example/laju', shape: 'standard', active: true },
  ...{ events: ['order.success'], formerSecretUntil: bornAt, createdAt: bornAt },
}
const delivery: DeliveryView = {
  ...{ id: '1', webhookId: trxId, trxId, event: 'order.success', shape: 'standard' },
  ...{ url: webhook.url, status: 'delivered', attempts: 1, nextAt: null, triedAt: bornAt },
  ...{ answerStatus: 200, answer: 'ok', problem: null, ms: 7, createdAt: bornAt },
}

const webhooks: Scripts = {
  'webhook.list': () => ({ ok: [webhook] }),
  'webhook.create': () => ({ ok: { webhook, secret: 'whsec_x' } }),
  'webhook.change': () => ({ ok: webhook }),
  'webhook.rotate': () => ({ ok: { webhook, secret: 'whsec_x' } }),
  'webhook.remove': () => nothing,
  'webhook.ping': () => ({ ok: delivery }),
  'webhook.deliveries': () => ({ ok: { rows: [delivery], next: '1' } }),
  'webhook.replay': () => ({ ok: { count: 1, more: false } }),
  'live.since': () => ({
    ok: { events: [{ id: '7', name: 'order.success', data: { trx_id: trxId } }], more: false },
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

const money: Scripts = {
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

/** A row of this kind, as it is after its example was taken. */
const kept = (kind: CatalogueKind) => {
  const shape = rowOf(kind)
  const given = { valid_from: '2000-01-01T00:00:00+00:00', ...rowsOfKinds[kind] }
  return shape.parse({ ...given, version: 1, ...('id' in shape.shape ? { id: 1 } : {}) })
}

const priceChange = {
  ...{ id: 1, startsAt: bornAt, note: 'promo', state: 'applied', preview: { products: 1 } },
  changes: [{ op: 'put', rule: { scope: 'default', fixed: 100 } }],
  ...{ createdBy: 'admin', createdAt: bornAt, closedBy: 'admin', closedAt: bornAt },
}
const priceSync = {
  ...{ id: 1, supplier: 'digiflazz', askedAt: bornAt, askedBy: 'admin', outcome: 'proposed' },
  ...{ reason: 'moved', counts: { moved: 1 }, changesTotal: 1 },
  changes: [{ product: 'XLD10', before: { cost: 1 }, after: { cost: 2 } }],
  ...{ decidedBy: 'admin', decidedAt: bornAt },
}

const catalogue: Scripts = {
  'catalogueAdmin.list': ({ kind }) => ({ ok: { rows: [kept(kind)], next: 'abc' } }),
  'catalogueAdmin.get': ({ kind }) => ({ ok: kept(kind) }),
  'catalogueAdmin.create': ({ kind }) => ({ ok: kept(kind) }),
  'catalogueAdmin.change': ({ kind }) => ({ ok: kept(kind) }),
  'catalogueAdmin.remove': ({ kind }) => ({ ok: kept(kind) }),
  'catalogueAdmin.history': () => ({
    ok: {
      rows: [
        {
          ...{ id: 1, at: bornAt, who: 'admin', entity: 'brand', key: 'XL', before: null },
          after: row,
        },
      ],
      next: '1',
    },
  }),
  'catalogueAdmin.exportCsv': () => ({ ok: { text: 'code\nXLD10\n', next: 'abc' } }),
  'catalogueAdmin.importCsv': () => ({
    ok: {
      kept: false,
      counts: { created: 1, changed: 0, unchanged: 0, refused: 1 },
      lines: [{ line: 3, result: 'refused', code: 'FIELDS_INVALID', details: { field: 'cost' } }],
    },
  }),
  'catalogueAdmin.previewPrices': () => ({
    ok: {
      ...{ products: 1, levels: [1], users: 2, appearing: 0, vanishing: 0, belowCost: 1 },
      ...{ biggest: { product: 'XLD10', who: '1', from: 1, to: 2 }, belowCostCodes: ['XLD10'] },
    },
  }),
  'catalogueAdmin.schedulePrices': () => ({ ok: priceChange }),
  'catalogueAdmin.priceChanges': () => ({ ok: { rows: [priceChange], next: '1' } }),
  'catalogueAdmin.cancelPrices': () => nothing,
  'catalogueAdmin.syncPrices': () => ({ ok: priceSync }),
  'catalogueAdmin.priceSyncs': () => {
    const { changes: _, ...listed } = priceSync
    return { ok: { rows: [listed], next: '1' } }
  },
  'catalogueAdmin.priceSync': () => ({ ok: priceSync }),
  'catalogueAdmin.decideSync': () => ({ ok: { applied: 1, passedOver: 0 } }),
}

const side = { orders: 1, successBp: 9_000, margin: 500, latencyMs: 7 }
const rule = { version: 3, scope: 'brand', target: 'XL', rule: { policy: 'cheapest' } }

const routing: Scripts = {
  'routing.rules': () => ({ ok: [rule] }),
  'routing.history': () => ({
    ok: [{ ...rule, changedBy: 'admin', reason: 'murah', changedAt: bornAt }],
  }),
  'routing.suppliers': () => ({
    ok: [
      {
        ...{ supplier: 'digiflazz', breaker: 'closed', share: 100, successBp: 9_900 },
        ...{ latencyMs: 800, exposure: 0, exposureMax: null, balance: 5_000_000 },
      },
    ],
  }),
  'routing.change': () => ({ ok: { version: 4 } }),
  'routing.why': () => ({
    ok: {
      ...{ trxId, version: 3, policy: 'cheapest', plan: ['a'], recomputed: ['a'], same: true },
      candidates: [
        {
          ...{ supplier: 'a', cost: 1, successBp: 9_500, latencyMs: 5 },
          ...{ share: 100, place: 1, left: null },
        },
      ],
    },
  }),
  'routing.whatIf': () => ({
    ok: {
      ...{ orders: 1, reproduced: 1, differing: [trxId], moved: 0 },
      firsts: [{ supplier: 'a', recorded: 1, proposed: 1 }],
      ...{ recorded: side, today: side, proposed: side },
    },
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

const float: Scripts = {
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

const made = { version: 2, digest: 'd', note: '', madeBy: 'budi', madeAt: bornAt }
const finding = { rule: 'sukses', kind: 'slow', detail: '' }

const parser: Scripts = {
  'parser.inbox': () => ({
    ok: [
      {
        ...{ supplier: 'oto', channel: 'reply', sample: 'aneh', count: 2 },
        ...{ firstAt: bornAt, lastAt: bornAt, draft: { regex: 'aneh' } },
      },
    ],
  }),
  'parser.rules': () => ({
    ok: {
      ...{ active: 2, rules: [{ name: 'r' }] },
      versions: [{ ...made, supplier: 'oto', rules: 1 }],
      history: [{ version: 2, bench: 7, by: 'budi', at: bornAt }],
    },
  }),
  'parser.save': () => ({ ok: { version: 3, digest: 'd', findings: [finding] } }),
  'parser.test': () => ({
    ok: {
      findings: [finding],
      channels: [{ channel: 'reply', matches: ['r'], fields: { sn: '1' }, verdict: null }],
      draft: {},
    },
  }),
  'parser.bench': ({ supplier }) => ({
    ok: {
      ...{ id: 7, supplier, replies: 10, changed: 1, toSuccess: 1, complete: true, ms: 3 },
      changes: [{ where: 'x', channel: 'reply', reply: 'ya', before: 'unknown', after: 'success' }],
      conflicts: [finding],
    },
  }),
  'parser.activate': ({ supplier, version }) => ({ ok: { supplier, version } }),
  'parser.template': () => ({ ok: { version: 1 } }),
}

const gateway: ChatGatewayView = {
  name: 'wa1',
  kind: 'plain',
  baseUrl: 'https://x.example',
  active: true,
}
const rendered = { ok: { text: 'Saldo', unknown: ['x'] } } as const

const chat: Scripts = {
  'chat.gateways': () => ({ ok: { rows: [{ ...gateway, grammar: null }] } }),
  'chat.putGateway': () => ({ ok: gateway }),
  'chat.senders': () => ({
    ok: {
      rows: [
        {
          ...{ id: 1, gateway: 'wa1', address: '628', userId, name: 'Toko', username: 'toko' },
          ...{ status: 'active', wrongPins: 0, lockedUntil: null, createdAt: bornAt },
        },
      ],
    },
  }),
  'chat.link': ({ gateway, address }) => ({ ok: { id: 1, gateway, address } }),
  'chat.unlink': () => nothing,
  'chat.unlock': () => nothing,
  'chat.templates': () => ({ ok: { rows: [{ name: 'balance', text: 'a', usual: 'b' }] } }),
  'chat.putTemplate': () => rendered,
  'chat.preview': () => rendered,
  'chat.messages': () => ({
    ok: {
      rows: [
        {
          ...{ id: 1, gateway: 'wa1', address: '628', text: 'S', state: 'done' },
          ...{ problem: null, createdAt: bornAt },
        },
      ],
    },
  }),
}

const partner: PartnerView = {
  ...{ memberId: 'LJ0000000001', signForms: ['hex'], bills: null, templates: [] },
}

const partners: Scripts = {
  'partner.get': () => ({ ok: partner }),
  'partner.setForms': () => ({ ok: partner }),
  'partner.setBills': () => ({ ok: partner }),
  'partner.setTemplate': () => ({ ok: partner }),
}

const complaint: Complaint = {
  ...{ id: 7, trxId, userId, username: 'toko', ref: 'r', product: 'XLD10', destination: '0878' },
  ...{ reason: 'not_received', state: 'open', createdAt: bornAt, updatedAt: bornAt },
}
const file: ComplaintFile = {
  complaint,
  messages: [
    { id: 1, author: 'client', kind: 'message', by: userId, text: 'Belum masuk.', at: bornAt },
  ],
  evidence: null,
  order,
  checked: null,
}
const done = { order, held: { by: userId, reason: 'diminta', at: bornAt } }

const care: Scripts = {
  'care.queue': () => ({
    ok: {
      rows: [
        {
          ...{ trxId, userId, username: 'toko', ref: 'r', product: 'XLD10', price: 10_500 },
          ...{ destination: '0878', status: 'PROCESSING', attention: 'timeout' },
          ...{ supplier: 'digiflazz', otherTrxId: null, sn: null, createdMs: bornAt },
          ...{ overchargedBy: 'digiflazz', agreed: 10_500, charged: 10_700 },
          ...{ failedMs: bornAt, revisers: ['digiflazz'], revisableUntilMs: bornAt },
        },
      ],
      next: trxId,
    },
  }),
  'care.closeRevisable': () => ({ ok: { trxId } }),
  'care.closeDuplicate': () => ({ ok: { trxId } }),
  'care.closeOvercharge': () => ({ ok: { trxId } }),
  'care.proof': () => ({
    ok: {
      order,
      lines: [{ shard: 1, seq: 2, previous: 'ab', hash: 'cd', body: '{}' }],
      callbacks: [{ party: 'digiflazz', receivedMs: bornAt, body: '{}' }],
      ...{ digest: 'ef', madeAt: bornAt },
    },
  }),
  'care.history': () => ({
    ok: {
      trxId,
      entries: [{ seq: 2, at: bornAt, command: 'place', events: [], order, accounts: [] }],
    },
  }),
  'order.hold': () => ({ ok: done }),
  'order.release': () => ({ ok: done }),
  'order.recheck': () => ({ ok: done }),
  'order.reroute': () => ({ ok: done }),
  'complaint.open': () => ({ ok: { file, repeated: false } }),
  'complaint.list': () => ({ ok: { rows: [complaint], next: 7 } }),
  'complaint.read': () => ({ ok: file }),
  'complaint.say': () => ({ ok: file }),
  'complaint.answer': () => ({ ok: file }),
  'complaint.decide': () => ({ ok: file }),
}

const commission: Scripts = {
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

const client: ManagedClient = {
  ...{ userId, username: 'toko', name: 'Toko', level: 2, role: 'reseller', status: 'active' },
  ...{ memberId: 'LJ0000000001', upline: null, ipAllow: ['203.0.113.0/24'], ratePerMin: 60 },
  ...{ readPerMin: null, version: 2, createdAt: bornAt },
}
const limits = { ipAllow: [], ratePerMin: 60, readPerMin: null }

const clients: Scripts = {
  'clients.list': () => ({ ok: { rows: [client], next: userId } }),
  'clients.get': () => ({
    ok: {
      client,
      money: { balance: 10, held: 1, available: 9, creditLimit: 5, creditUsed: 2 },
      apiKeyHint: '…ab12',
      keys: [{ id: 'lk_1', active: true, ...limits, createdAt: bornAt }],
    },
  }),
  'clients.create': () => ({
    ok: {
      ...{ userId, username: 'lj1', memberId: 'LJ1', apiKey: 'a', hmacKey: 'lk_1' },
      ...{ hmacSecret: 's', pin: '123456', password: 'p' },
    },
  }),
  'clients.change': () => ({ ok: client }),
  'clients.status': ({ status }) => ({ ok: { ...client, status } }),
  'clients.history': () => ({
    ok: {
      rows: [
        {
          ...{ id: 4, what: 'changed', reason: '', fields: { ratePerMin: 5, ipAllow: [] } },
          ...{ by: 'bos', at: bornAt },
        },
      ],
      next: 4,
    },
  }),
  'clients.mutations': params => wallet['wallet.mutations']!({ ...params, userId }),
  'finding.orders': () => ({
    ok: {
      rows: [
        {
          ...{ trxId, userId, username: 'toko', ref: 'A-1', product: 'XLD10', price: 10_500 },
          ...{ destination: '087800000001', cost: 10_000, supplier: 'digiflazz', sn: null },
          ...{ status: 'FAILED', failure: 'SUPPLIER_FAILED', attention: null },
          ...{ createdAt: bornAt, updatedAt: bornAt },
        },
      ],
      next: trxId,
    },
  }),
  'finding.order': () => ({
    ok: {
      ...{ order, username: 'toko' },
      requests: [
        { n: 1, request: { method: 'POST', path: '/v1', headers: { 'x-key': '***' }, body: '{}' } },
      ],
    },
  }),
}

const alarm: AlarmView = {
  ...{ id: 1, code: 'FLOAT_DRIFT', subject: 'digi', severity: 'critical', state: 'open' },
  ...{ value: -2_500, threshold: 1, text: 'Saldo berbeda.', advice: 'Tanyakan.', since: bornAt },
  ...{ resolvedAt: null, ackedBy: null, ackedAt: null, ackReason: null, mutedUntil: bornAt },
}
const alarmChange: AlarmChange = {
  ...{ id: 2, alarmId: 1, subject: 'FLOAT_DRIFT', what: 'opened', by: '', reason: '' },
  ...{ fields: { value: -2_500 }, at: bornAt },
}
const alarmRule: AlarmRuleView = {
  ...{ code: 'ORDERS_WAIT', active: true, severity: 'warning', threshold: 30, unit: 'minutes' },
  ...{ holdS: 0, usual: true, text: 'Transaksi menunggu.' },
}
const alarmChannel: AlarmChannelView = {
  ...{ name: 'pemilik', kind: 'chat', url: null, gateway: 'telegram', address: '1' },
  ...{ minSeverity: 'warning', quiet: { from: 1_320, until: 360 }, zone: 'Asia/Jakarta' },
  ...{ wakes: true, active: true, toldAt: null, createdAt: bornAt },
}

const alarms: Scripts = {
  'alarm.list': () => ({ ok: { rows: [alarm] } }),
  'alarm.get': () => ({ ok: { ...alarm, history: [alarmChange] } }),
  'alarm.acknowledge': () => ({ ok: alarm }),
  'alarm.mute': () => ({ ok: alarm }),
  'alarm.rules': () => ({ ok: { rows: [alarmRule] } }),
  'alarm.putRule': () => ({ ok: alarmRule }),
  'alarm.channels': () => ({ ok: { rows: [alarmChannel] } }),
  'alarm.putChannel': () => ({ ok: { channel: alarmChannel, secret: null } }),
  'alarm.test': () => ({ ok: { state: 'waiting', problem: null } }),
  'alarm.history': () => ({ ok: { rows: [alarmChange] } }),
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

const intents: Scripts = {
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

const activation = activationView()
const numbers: Scripts = {
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

const numberDesk: Scripts = {
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

export const answers: Scripts = {
  ...numberDesk,
  ...intents,
  ...alarms,
  ...numbers,
  ...{ ...orders, ...wallet, ...webhooks, ...money, ...catalogue, ...routing, ...parser },
  ...{ ...chat, ...partners, ...care, ...commission, ...float, ...people, ...clients },
  'system.health': () => ({
    ready: true,
    parts: [{ name: 'journal', ok: true, ms: 1, reason: null }],
  }),
}
