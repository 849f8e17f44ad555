/** For tests: what a mesh answers about orders, bills, webhooks and chat. */

import type { ChatGatewayView } from '../../services/contract/chat.ts'
import type { OrderView } from '../../services/contract/order-view.ts'
import type { DeliveryView, WebhookView } from '../../services/contract/webhook.ts'
import { bornAt, orderView, trxId, userId } from '../scripted.fixture.ts'
import { nothing, type Scripts } from './usual.fixture.ts'

export const order: OrderView = orderView({
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

const bill = {
  ...{ product: 'PLNPASCA', destination: '530000000001', customer: 'BUDI', periods: '202601' },
  ...{ amount: 100_000, admin: 2_500, detail: '', price: 101_500, token: 'a'.repeat(20) },
  expiresAt: bornAt,
}

export const orders: Scripts = {
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

const webhook: WebhookView = {
  ...{ id: trxId, url: 'https://toko.example/laju', shape: 'standard', active: true },
  ...{ events: ['order.success'], formerSecretUntil: bornAt, createdAt: bornAt },
}

const delivery: DeliveryView = {
  ...{ id: '1', webhookId: trxId, trxId, event: 'order.success', shape: 'standard' },
  ...{ url: webhook.url, status: 'delivered', attempts: 1, nextAt: null, triedAt: bornAt },
  ...{ answerStatus: 200, answer: 'ok', problem: null, ms: 7, createdAt: bornAt },
}

export const webhooks: Scripts = {
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

const gateway: ChatGatewayView = {
  name: 'wa1',
  kind: 'plain',
  baseUrl: 'https://x.example',
  active: true,
}

const rendered = { ok: { text: 'Saldo', unknown: ['x'] } } as const

export const chat: Scripts = {
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
