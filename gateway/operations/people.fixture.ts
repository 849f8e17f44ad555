/** For tests: what a mesh answers about logins, accounts, partners and clients. */

import type { ManagedClient } from '../../services/contract/clients.ts'
import type { PartnerView } from '../../services/contract/identity.ts'
import type { Profile } from '../../services/contract/people.ts'
import { bornAt, trxId, userId } from '../scripted.fixture.ts'
import { wallet } from './money.fixture.ts'
import { order } from './topup.fixture.ts'
import { nothing, type Scripts } from './usual.fixture.ts'

const user = { userId, username: 'toko', name: 'Toko', role: 'reseller', level: 2 } as const

const below = { userId, username: 'downline1', name: 'Kios', level: 3 }

const sid = '5b1c8a52-6f0e-4b5e-9a43-0d7c1f2e3a4b'

const profile: Profile = {
  ...{ userId, name: 'Budi', email: 'budi@contoh.id', isEmailVerified: true, nextEmail: null },
  ...{ phone: '081234567890', role: 'consumer', createdAt: bornAt },
}

export const people: Scripts = {
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

const partner: PartnerView = {
  ...{ memberId: 'LJ0000000001', signForms: ['hex'], bills: null, templates: [] },
}

export const partners: Scripts = {
  'partner.get': () => ({ ok: partner }),
  'partner.setForms': () => ({ ok: partner }),
  'partner.setBills': () => ({ ok: partner }),
  'partner.setTemplate': () => ({ ok: partner }),
}

const client: ManagedClient = {
  ...{ userId, username: 'toko', name: 'Toko', level: 2, role: 'reseller', status: 'active' },
  ...{ memberId: 'LJ0000000001', upline: null, ipAllow: ['203.0.113.0/24'], ratePerMin: 60 },
  ...{ readPerMin: null, version: 2, createdAt: bornAt },
}

const limits = { ipAllow: [], ratePerMin: 60, readPerMin: null }

export const clients: Scripts = {
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
