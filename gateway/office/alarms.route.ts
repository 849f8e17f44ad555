/**
 * Alarms over REST, for staff: what is wrong and since when, the rules, whom it is told.
 *
 * ALG1. Admin and support look, acknowledge and mute, and say why; only an admin changes rules and
 *       channels.
 * ALG2. What is done is done by the one whose key signed, whatever the body says.
 * ALG3. Bad input is told field by field before anybody is asked.
 */

import { z } from 'zod/v4'
import type {
  AlarmChange,
  AlarmChannelView,
  AlarmCode,
  AlarmRuleView,
  AlarmView,
} from '../../services/contract/alarm.ts'
import { ask } from '../ask.ts'
import type { Line } from '../lines.ts'
import { callbackShape, limitShape, readBody, readQuery, timeShape, toIso } from '../reading.ts'
import { said } from '../said.ts'
import { alarmText } from '../text/alarm.id.ts'

const readers = { roles: ['admin', 'support'] } as const
const writers = { roles: ['admin'] } as const

/** Complete by its type: a code that is missing here does not compile. */
const known: Readonly<Record<AlarmCode, true>> = {
  ORDERS_WAIT: true,
  SUPPLIER_EXPOSURE_FULL: true,
  SUPPLIER_BALANCE_LOW: true,
  SUPPLIER_BREAKER_OPEN: true,
  OWNERLESS: true,
  PROJECTION_LAG: true,
  PARSER_INBOX_GROWS: true,
  SUSPENSE_WAITS: true,
  FLOAT_DRIFT: true,
  WEBHOOK_RESTS: true,
  CALLBACKS_FORGED: true,
  CLOSING_FAILED: true,
  DATABASE_AWAY: true,
  DISK_NEARLY_FULL: true,
  BOX_TRESPASSES: true,
  CLOCK_BEHIND: true,
}
export const alarmCodes = Object.keys(known) as AlarmCode[]

export const severities = ['info', 'warning', 'critical'] as const
export const alarmStates = ['open', 'acknowledged', 'resolved'] as const

const before = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)
  .optional()

export const alarmPaging = z.object({
  state: z.enum(alarmStates).optional(),
  code: z.enum(alarmCodes).optional(),
  before,
  limit: limitShape(100, 50),
})
export const alarmHistoryPaging = z.object({ before, limit: limitShape(100, 50) })

const reason = z.string().trim().min(5).max(500)
export const acknowledging = z.object({ reason })
export const muting = z.object({ until: timeShape.nullable(), reason })

export const alarmRuling = z.object({
  active: z.boolean().optional(),
  severity: z.enum(severities).optional(),
  threshold: z.int().min(0).max(1_000_000_000_000).optional(),
  hold_s: z.int().min(0).max(86_400).optional(),
  reason,
})

/** A minute of the day: 22:30. */
const minuteShape = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/)
  .transform(text => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))

export const alarmChanneling = z.object({
  kind: z.enum(['webhook', 'chat']),
  url: callbackShape.optional(),
  gateway: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .optional(),
  address: z
    .string()
    .regex(/^[\w@+.\- ]{1,64}$/)
    .optional(),
  min_severity: z.enum(severities).optional(),
  quiet: z
    .object({ from: minuteShape, until: minuteShape })
    .refine(({ from, until }) => from !== until, { path: ['until'] })
    .nullable()
    .optional(),
  zone: z
    .string()
    .regex(/^[\w/+-]{1,64}$/)
    .optional(),
  wakes: z.boolean().optional(),
  active: z.boolean().optional(),
  rotate_secret: z.boolean().optional(),
})

const root = '/api/v1/admin/alarms'
const ruleRoot = '/api/v1/admin/alarm-rules'
const channelRoot = '/api/v1/admin/alarm-channels'
const idShape = /^[1-9]\d{0,14}$/
const nameShape = /^[\w.-]{1,64}$/

export const alarms: Line = (router, edge) => {
  const { signed } = router

  signed(
    'get',
    root,
    (visit, { userId }) => {
      const asked = readQuery(visit, alarmPaging)
      if (asked === undefined) return
      ask(
        edge,
        visit,
        userId,
        () => edge.call('alarm.list', said(asked)),
        ({ rows }) => visit.ok(alarmText.list, JSON.stringify({ rows: rows.map(shown) })),
      )
    },
    readers,
  )

  signed(
    'get',
    '/api/v1/admin/alarm-history',
    (visit, { userId }) => {
      const asked = readQuery(visit, alarmHistoryPaging)
      if (asked === undefined) return
      ask(
        edge,
        visit,
        userId,
        () => edge.call('alarm.history', said(asked)),
        ({ rows }) => visit.ok(alarmText.history, JSON.stringify({ rows: rows.map(changeShown) })),
      )
    },
    readers,
  )

  signed(
    'get',
    `${root}/:id`,
    (visit, { userId }, { params: [id = ''] }) => {
      if (!idShape.test(id)) return visit.refuse('NOT_FOUND', { moneyEffect: 'none' })
      ask(
        edge,
        visit,
        userId,
        () => edge.call('alarm.get', { id: Number(id) }),
        ({ history, ...alarm }) =>
          visit.ok(
            alarmText.read,
            JSON.stringify({ ...shown(alarm), history: history.map(changeShown) }),
          ),
      )
    },
    readers,
  )

  signed(
    'post',
    `${root}/:id/acknowledge`,
    (visit, { userId, username: by }, { params: [id = ''], body }) => {
      if (!idShape.test(id)) return visit.refuse('NOT_FOUND', { moneyEffect: 'none' })
      const asked = readBody(visit, body, acknowledging)
      if (asked === undefined) return
      ask(
        edge,
        visit,
        userId,
        () => edge.call('alarm.acknowledge', { ...asked, id: Number(id), by }),
        alarm => visit.ok(alarmText.acknowledged, JSON.stringify(shown(alarm))),
      )
    },
    readers,
  )

  signed(
    'post',
    `${root}/:id/mute`,
    (visit, { userId, username: by }, { params: [id = ''], body }) => {
      if (!idShape.test(id)) return visit.refuse('NOT_FOUND', { moneyEffect: 'none' })
      const asked = readBody(visit, body, muting)
      if (asked === undefined) return
      const text = asked.until === null ? alarmText.unmuted : alarmText.muted
      ask(
        edge,
        visit,
        userId,
        () => edge.call('alarm.mute', { ...asked, id: Number(id), by }),
        alarm => visit.ok(text, JSON.stringify(shown(alarm))),
      )
    },
    readers,
  )

  signed(
    'get',
    ruleRoot,
    (visit, { userId }) =>
      ask(
        edge,
        visit,
        userId,
        () => edge.call('alarm.rules', {}),
        ({ rows }) => visit.ok(alarmText.rules, JSON.stringify({ rows: rows.map(ruleShown) })),
      ),
    readers,
  )

  signed(
    'put',
    `${ruleRoot}/:code`,
    (visit, { userId, username: by }, { params: [typed = ''], body }) => {
      const code = alarmCodes.find(one => one === typed)
      if (code === undefined) return visit.refuse('NOT_FOUND', { moneyEffect: 'none' })
      const asked = readBody(visit, body, alarmRuling)
      if (asked === undefined) return
      const { hold_s: holdS, ...wish } = asked
      ask(
        edge,
        visit,
        userId,
        () => edge.call('alarm.putRule', { ...said({ ...wish, holdS }), code, by }),
        rule => visit.ok(alarmText.ruleChanged, JSON.stringify(ruleShown(rule))),
      )
    },
    writers,
  )

  signed(
    'get',
    channelRoot,
    (visit, { userId }) =>
      ask(
        edge,
        visit,
        userId,
        () => edge.call('alarm.channels', {}),
        ({ rows }) =>
          visit.ok(alarmText.channels, JSON.stringify({ rows: rows.map(channelShown) })),
      ),
    readers,
  )

  signed(
    'put',
    `${channelRoot}/:name`,
    (visit, { userId, username: by }, { params: [name = ''], body }) => {
      if (!nameShape.test(name)) return visit.refuse('NOT_FOUND', { moneyEffect: 'none' })
      const asked = readBody(visit, body, alarmChanneling)
      if (asked === undefined) return
      const { min_severity: minSeverity, rotate_secret: rotate, ...wish } = asked
      ask(
        edge,
        visit,
        userId,
        () =>
          edge.call('alarm.putChannel', { ...said({ ...wish, minSeverity, rotate }), name, by }),
        ({ channel, secret }) =>
          visit.ok(
            secret === null ? alarmText.channelChanged : alarmText.channelMade,
            JSON.stringify({ ...channelShown(channel), secret }),
          ),
      )
    },
    writers,
  )

  signed(
    'post',
    `${channelRoot}/:name/test`,
    (visit, { userId, username: by }, { params: [name = ''] }) => {
      if (!nameShape.test(name)) return visit.refuse('NOT_FOUND', { moneyEffect: 'none' })
      ask(
        edge,
        visit,
        userId,
        () => edge.call('alarm.test', { name, by }),
        told => visit.ok(alarmText.tested[told.state], JSON.stringify(told)),
      )
    },
    writers,
  )
}

const timeText = (at: number | null): string | null => (at === null ? null : toIso(at))

const shown = (alarm: AlarmView) => ({
  id: String(alarm.id),
  code: alarm.code,
  subject: alarm.subject,
  severity: alarm.severity,
  state: alarm.state,
  value: alarm.value,
  threshold: alarm.threshold,
  message: alarm.text,
  advice: alarm.advice,
  since: toIso(alarm.since),
  resolved_at: timeText(alarm.resolvedAt),
  acknowledged_by: alarm.ackedBy,
  acknowledged_at: timeText(alarm.ackedAt),
  acknowledged_why: alarm.ackReason,
  muted_until: timeText(alarm.mutedUntil),
})

const changeShown = ({ id, alarmId, at, ...same }: AlarmChange) => ({
  ...{ id: String(id), alarm_id: alarmId === null ? null : String(alarmId) },
  ...same,
  at: toIso(at),
})

const ruleShown = ({ holdS, text, ...same }: AlarmRuleView) => ({
  ...same,
  ...{ hold_s: holdS, about: text },
})

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

const channelShown = (channel: AlarmChannelView) => ({
  name: channel.name,
  kind: channel.kind,
  url: channel.url,
  gateway: channel.gateway,
  address: channel.address,
  min_severity: channel.minSeverity,
  quiet:
    channel.quiet === null
      ? null
      : { from: clock(channel.quiet.from), until: clock(channel.quiet.until) },
  zone: channel.zone,
  wakes: channel.wakes,
  active: channel.active,
  told_at: timeText(channel.toldAt),
  created_at: toIso(channel.createdAt),
})
