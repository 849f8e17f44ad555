/** For tests: what a mesh answers about orders that wait for a person, complaints and alarms. */

import type {
  AlarmChange,
  AlarmChannelView,
  AlarmRuleView,
  AlarmView,
} from '../../services/contract/alarm.ts'
import type { Complaint, ComplaintFile } from '../../services/contract/care.ts'
import { bornAt, trxId, userId } from '../scripted.fixture.ts'
import { order } from './topup.fixture.ts'
import type { Scripts } from './usual.fixture.ts'

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

export const care: Scripts = {
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

export const alarms: Scripts = {
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
