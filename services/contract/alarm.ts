/** What goes wrong, told to people: alarms, the rules by which they ring, whom they are told. */

import type { Answer } from './answer.ts'
import type { Millis } from './words.ts'

/** Stable for ever. */
export type AlarmCode =
  | 'ORDERS_WAIT'
  | 'SUPPLIER_EXPOSURE_FULL'
  | 'SUPPLIER_BALANCE_LOW'
  | 'SUPPLIER_BREAKER_OPEN'
  | 'OWNERLESS'
  | 'PROJECTION_LAG'
  | 'PARSER_INBOX_GROWS'
  | 'SUSPENSE_WAITS'
  | 'FLOAT_DRIFT'
  | 'WEBHOOK_RESTS'
  | 'CALLBACKS_FORGED'
  | 'CLOSING_FAILED'
  | 'DATABASE_AWAY'
  | 'DISK_NEARLY_FULL'
  | 'BOX_TRESPASSES'
  | 'CLOCK_BEHIND'

export type Severity = 'info' | 'warning' | 'critical'

export type AlarmState = 'open' | 'acknowledged' | 'resolved'

export type AlarmView = {
  readonly id: number
  readonly code: AlarmCode
  /** What it is about; empty when it is the whole. */
  readonly subject: string
  readonly severity: Severity
  readonly state: AlarmState
  readonly value: number
  readonly threshold: number
  /** What it is, and what to do, as people are told. */
  readonly text: string
  readonly advice: string
  readonly since: Millis
  readonly resolvedAt: Millis | null
  readonly ackedBy: string | null
  readonly ackedAt: Millis | null
  readonly ackReason: string | null
  readonly mutedUntil: Millis | null
}

export type AlarmChange = {
  readonly id: number
  readonly alarmId: number | null
  readonly subject: string
  readonly what: string
  /** Empty when it happened by itself. */
  readonly by: string
  readonly reason: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly at: Millis
}

export type AlarmRuleView = {
  readonly code: AlarmCode
  readonly active: boolean
  readonly severity: Severity
  readonly threshold: number
  /** What the threshold counts. */
  readonly unit: string
  /** For how long it must be so before anybody is told. */
  readonly holdS: number
  /** Nobody changed it. */
  readonly usual: boolean
  readonly text: string
}

export type AlarmChannelView = {
  readonly name: string
  readonly kind: 'webhook' | 'chat'
  readonly url: string | null
  readonly gateway: string | null
  readonly address: string | null
  readonly minSeverity: Severity
  /** Minutes of the day in its zone. */
  readonly quiet: { readonly from: number; readonly until: number } | null
  readonly zone: string
  /** Critical alarms come in quiet hours as well. */
  readonly wakes: boolean
  readonly active: boolean
  readonly toldAt: Millis | null
  readonly createdAt: Millis
}

/** What is not named stays as it is, or as it usually is. */
export type AlarmChannelWish = {
  name: string
  kind: 'webhook' | 'chat'
  url?: string
  gateway?: string
  address?: string
  minSeverity?: Severity
  quiet?: { from: number; until: number } | null
  zone?: string
  wakes?: boolean
  active?: boolean
  /** A fresh secret for the webhook. */
  rotate?: boolean
}

export type AlarmActions = {
  /** Newest first. */
  'alarm.list': {
    params: { state?: AlarmState; code?: AlarmCode; before?: number; limit: number }
    result: Answer<{ rows: readonly AlarmView[] }>
  }
  'alarm.get': {
    params: { id: number }
    result: Answer<AlarmView & { history: readonly AlarmChange[] }>
  }
  /** Told no more until it is over. */
  'alarm.acknowledge': {
    params: { id: number; by: string; reason: string }
    result: Answer<AlarmView>
  }
  /** Not told before then; null: told again from now on. */
  'alarm.mute': {
    params: { id: number; until: Millis | null; by: string; reason: string }
    result: Answer<AlarmView>
  }
  'alarm.rules': { params: object; result: Answer<{ rows: readonly AlarmRuleView[] }> }
  'alarm.putRule': {
    params: {
      code: AlarmCode
      active?: boolean
      severity?: Severity
      threshold?: number
      holdS?: number
      by: string
      reason: string
    }
    result: Answer<AlarmRuleView>
  }
  'alarm.channels': { params: object; result: Answer<{ rows: readonly AlarmChannelView[] }> }
  'alarm.putChannel': {
    params: AlarmChannelWish & { by: string }
    /** The secret of a webhook, only when it is new. */
    result: Answer<{ channel: AlarmChannelView; secret: string | null }>
  }
  'alarm.test': {
    params: { name: string; by: string }
    result: Answer<{ state: 'sent' | 'failed' | 'waiting'; problem: string | null }>
  }
  'alarm.history': {
    params: { before?: number; limit: number }
    result: Answer<{ rows: readonly AlarmChange[] }>
  }
}
