/** What goes wrong, for staff: alarms, their rules, whom they are told. */

import { z } from 'zod/v4'
import {
  acknowledging,
  alarmChanneling,
  alarmCodes,
  alarmHistoryPaging,
  alarmPaging,
  alarmRuling,
  alarmStates,
  muting,
  severities,
} from '../office/alarms.route.ts'
import type { Operation } from '../openapi.ts'
import { listOf, number, time } from './answers.ts'

const alarm = z.object({
  id: number,
  code: z.enum(alarmCodes),
  subject: z.string(),
  severity: z.enum(severities),
  state: z.enum(alarmStates),
  value: z.int(),
  threshold: z.int(),
  message: z.string(),
  advice: z.string(),
  since: time,
  resolved_at: time.nullable(),
  acknowledged_by: z.string().nullable(),
  acknowledged_at: time.nullable(),
  acknowledged_why: z.string().nullable(),
  muted_until: time.nullable(),
})

const change = z.object({
  id: number,
  alarm_id: number.nullable(),
  subject: z.string(),
  what: z.string(),
  by: z.string(),
  reason: z.string(),
  fields: z.record(z.string(), z.unknown()),
  at: time,
})

const rule = z.object({
  code: z.enum(alarmCodes),
  active: z.boolean(),
  severity: z.enum(severities),
  threshold: z.int(),
  unit: z.string(),
  hold_s: z.int(),
  usual: z.boolean(),
  about: z.string(),
})

const channel = z.object({
  name: z.string(),
  kind: z.enum(['webhook', 'chat']),
  url: z.string().nullable(),
  gateway: z.string().nullable(),
  address: z.string().nullable(),
  min_severity: z.enum(severities),
  quiet: z.object({ from: z.string(), until: z.string() }).nullable(),
  zone: z.string(),
  wakes: z.boolean(),
  active: z.boolean(),
  told_at: time.nullable(),
  created_at: time,
})

const root = '/api/v1/admin/alarms'
const ruleRoot = '/api/v1/admin/alarm-rules'
const channelRoot = '/api/v1/admin/alarm-channels'
const topic = 'alarms'
const one = { params: { id: number } }
const some = { params: { id: '1' } }
const named = { params: { name: z.string().regex(/^[\w.-]{1,64}$/) } }
const reason = 'sudah ditanyakan ke pemasok'

export const alarms: readonly Operation[] = [
  {
    ...{ at: `get ${root}`, id: 'alarms', topic, query: alarmPaging, data: listOf(alarm) },
    example: { query: { state: 'open' } },
  },
  {
    ...{ at: `get ${root}/:id`, id: 'alarm', topic, ...one },
    ...{ data: alarm.extend({ history: z.array(change) }), example: some },
  },
  {
    ...{ at: `post ${root}/:id/acknowledge`, id: 'alarmAcknowledge', topic, ...one },
    ...{ body: acknowledging, data: alarm, refusals: ['ALREADY_DECIDED'] },
    example: { ...some, body: { reason } },
  },
  {
    ...{ at: `post ${root}/:id/mute`, id: 'alarmMute', topic, ...one },
    ...{ body: muting, data: alarm, refusals: ['ALREADY_DECIDED'] },
    example: { ...some, body: { until: '2026-01-02T06:00:00+07:00', reason } },
  },
  { at: `get ${ruleRoot}`, id: 'alarmRules', topic, data: listOf(rule), example: {} },
  {
    ...{ at: `put ${ruleRoot}/:code`, id: 'alarmRule', topic, body: alarmRuling, data: rule },
    params: { code: z.enum(alarmCodes) },
    example: { params: { code: 'ORDERS_WAIT' }, body: { threshold: 15, reason: 'toko kecil' } },
  },
  { at: `get ${channelRoot}`, id: 'alarmChannels', topic, data: listOf(channel), example: {} },
  {
    ...{ at: `put ${channelRoot}/:name`, id: 'alarmChannel', topic, ...named },
    ...{ body: alarmChanneling, data: channel.extend({ secret: z.string().nullable() }) },
    refusals: ['FIELDS_INVALID', 'URL_FORBIDDEN', 'GATEWAY_INVALID', 'WEBHOOK_LIMIT'],
    example: {
      params: { name: 'pemilik' },
      body: {
        ...{ kind: 'chat', gateway: 'telegram', address: '123456789', min_severity: 'warning' },
        quiet: { from: '22:00', until: '06:00' },
      },
    },
  },
  {
    ...{ at: `post ${channelRoot}/:name/test`, id: 'alarmTest', topic, ...named },
    data: z.object({
      state: z.enum(['sent', 'failed', 'waiting']),
      problem: z.string().nullable(),
    }),
    example: { params: { name: 'pemilik' } },
  },
  {
    ...{ at: 'get /api/v1/admin/alarm-history', id: 'alarmHistory', topic },
    ...{ query: alarmHistoryPaging, data: listOf(change), example: { query: { limit: '20' } } },
  },
]
