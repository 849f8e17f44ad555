/**
 * When somebody should look: each condition as a row, with how grave it usually is, from which
 * value on it is one, and for how long it must last. Owners change these three; the rest is here.
 *
 *   facts + threshold ─▶ findings: what it is about, and the value that stands there
 *
 * ALC1. What can't be known now (the database is away) is no finding, and is not over either.
 * ALC2. A finding names the value that was compared, in the unit of its row.
 * ALC3. Of one kind so many are told one by one, the gravest first; a hundred webhooks that rest
 *       are no hundred alarms.
 */

import type { AlarmCode, Severity } from '../contract/alarm.ts'
import type { Millis, Rupiah } from '../contract/words.ts'

export type Facts = {
  readonly suppliers: readonly {
    readonly code: string
    readonly balance: Rupiah | null
    readonly balanceMin: Rupiah
    /** How much of its share it keeps while its balance runs out; 100: all. */
    readonly lasting: number
    readonly exposure: Rupiah
    readonly exposureMax: Rupiah
    readonly breaker: 'closed' | 'open' | 'half-open' | 'ramp'
  }[]
  readonly drifts: readonly { readonly supplier: string; readonly off: Rupiah }[]
  readonly ownerless: number
  readonly projectionAgeMs: Millis
  readonly closing: 'ok' | 'failed'
  /** What is used of the disk; null when it does not say. */
  readonly diskPercent: number | null
  /** What boxes tried lately that they may not. */
  readonly trespasses?: readonly { readonly device: string; readonly count: number }[]
  /** How far the machine's clock stands behind what has happened. */
  readonly clockBehindMs?: Millis
  readonly tables: Tables | null
}

export type Tables = {
  readonly waiting: readonly { readonly why: string; readonly oldestMinutes: number }[]
  readonly unread: readonly { readonly supplier: string; readonly replies: number }[]
  /** Minutes since the oldest came. */
  readonly suspenseMinutes: number | null
  readonly forged: readonly { readonly party: string; readonly callbacks: number }[]
  readonly resting: readonly { readonly target: string; readonly about: string }[]
}

export type Finding = {
  readonly code: AlarmCode
  readonly subject: string
  /** The subject in words that people know. */
  readonly about: string
  readonly value: number
}

type Condition = {
  readonly severity: Severity
  readonly threshold: number
  readonly unit: 'minutes' | 'percent' | 'rupiah' | 'seconds' | 'count'
  readonly holdS: number
  /** Null: can't be known now. */
  readonly find: (facts: Facts, threshold: number) => readonly Found[] | null
}

type Found = Omit<Finding, 'code'>

const whole = (value: number): Found => ({ subject: '', about: '', value })
const named = (subject: string, value: number): Found => ({ subject, about: subject, value })

export const conditions: Readonly<Record<AlarmCode, Condition>> = {
  ORDERS_WAIT: {
    ...{ severity: 'warning', threshold: 30, unit: 'minutes', holdS: 0 },
    find: ({ tables }, minutes) =>
      tables === null
        ? null
        : tables.waiting
            .filter(one => one.oldestMinutes >= minutes)
            .map(one => named(one.why, one.oldestMinutes)),
  },
  SUPPLIER_EXPOSURE_FULL: {
    ...{ severity: 'warning', threshold: 90, unit: 'percent', holdS: 60 },
    find: ({ suppliers }, percent) =>
      suppliers.flatMap(({ code, exposure, exposureMax }) => {
        if (!Number.isFinite(exposureMax) || exposure <= 0) return []
        const used = Math.floor((100 * exposure) / Math.max(1, exposureMax))
        return used >= percent ? [named(code, used)] : []
      }),
  },
  SUPPLIER_BALANCE_LOW: {
    ...{ severity: 'critical', threshold: 100, unit: 'percent', holdS: 60 },
    find: ({ suppliers }, percent) =>
      suppliers.flatMap(({ code, balance, balanceMin, lasting }) => {
        if (balance === null) return []
        const isLow = balance < (balanceMin * percent) / 100 || lasting < 100
        return isLow ? [named(code, balance)] : []
      }),
  },
  SUPPLIER_BREAKER_OPEN: {
    ...{ severity: 'critical', threshold: 1, unit: 'count', holdS: 60 },
    find: ({ suppliers }) =>
      suppliers.flatMap(({ code, breaker }) =>
        breaker === 'open' || breaker === 'half-open' ? [named(code, 1)] : [],
      ),
  },
  OWNERLESS: {
    ...{ severity: 'critical', threshold: 1, unit: 'count', holdS: 30 },
    find: ({ ownerless }, most) => (ownerless >= Math.max(1, most) ? [whole(ownerless)] : []),
  },
  PROJECTION_LAG: {
    ...{ severity: 'warning', threshold: 60, unit: 'seconds', holdS: 30 },
    find: ({ projectionAgeMs }, seconds) =>
      projectionAgeMs >= seconds * 1_000 && projectionAgeMs > 0
        ? [whole(Math.floor(projectionAgeMs / 1_000))]
        : [],
  },
  PARSER_INBOX_GROWS: {
    ...{ severity: 'warning', threshold: 20, unit: 'count', holdS: 0 },
    find: ({ tables }, replies) =>
      tables === null
        ? null
        : tables.unread
            .filter(one => one.replies >= replies)
            .map(one => named(one.supplier, one.replies)),
  },
  SUSPENSE_WAITS: {
    ...{ severity: 'warning', threshold: 60, unit: 'minutes', holdS: 0 },
    find({ tables }, minutes) {
      if (tables === null) return null
      const { suspenseMinutes } = tables
      return suspenseMinutes !== null && suspenseMinutes >= minutes ? [whole(suspenseMinutes)] : []
    },
  },
  FLOAT_DRIFT: {
    ...{ severity: 'critical', threshold: 1, unit: 'rupiah', holdS: 0 },
    find: ({ drifts }, rupiah) =>
      drifts
        .filter(({ off }) => Math.abs(off) >= Math.max(1, rupiah))
        .map(({ supplier, off }) => named(supplier, off)),
  },
  WEBHOOK_RESTS: {
    ...{ severity: 'warning', threshold: 1, unit: 'count', holdS: 300 },
    find: ({ tables }) =>
      tables === null
        ? null
        : tables.resting.map(({ target, about }) => ({ subject: target, about, value: 1 })),
  },
  CALLBACKS_FORGED: {
    ...{ severity: 'critical', threshold: 20, unit: 'count', holdS: 0 },
    find: ({ tables }, most) =>
      tables === null
        ? null
        : tables.forged
            .filter(one => one.callbacks >= Math.max(1, most))
            .map(one => named(one.party, one.callbacks)),
  },
  CLOSING_FAILED: {
    ...{ severity: 'critical', threshold: 1, unit: 'count', holdS: 60 },
    find: ({ closing }) => (closing === 'failed' ? [whole(1)] : []),
  },
  // Known by that the tables can't be asked: see watch.ts, which tells it without them.
  DATABASE_AWAY: {
    ...{ severity: 'critical', threshold: 20, unit: 'seconds', holdS: 0 },
    find: () => [],
  },
  DISK_NEARLY_FULL: {
    ...{ severity: 'critical', threshold: 90, unit: 'percent', holdS: 60 },
    find: ({ diskPercent }, percent) =>
      diskPercent === null ? null : diskPercent >= percent ? [whole(diskPercent)] : [],
  },
  BOX_TRESPASSES: {
    ...{ severity: 'warning', threshold: 5, unit: 'count', holdS: 0 },
    find: ({ trespasses = [] }, most) =>
      trespasses
        .filter(one => one.count >= Math.max(1, most))
        .map(one => named(one.device, one.count)),
  },
  CLOCK_BEHIND: {
    ...{ severity: 'critical', threshold: 60, unit: 'seconds', holdS: 0 },
    find: ({ clockBehindMs = 0 }, seconds) =>
      clockBehindMs > 0 && clockBehindMs >= seconds * 1_000
        ? [whole(Math.floor(clockBehindMs / 1_000))]
        : [],
  },
}

export const codes = Object.keys(conditions) as readonly AlarmCode[]

const perCodeMax = 50

export type Rule = {
  readonly code: AlarmCode
  readonly active: boolean
  readonly severity: Severity
  readonly threshold: number
  readonly holdS: number
}

export type Looked = {
  readonly findings: readonly Finding[]
  /** Codes about which nothing can be said now. */
  readonly unknown: ReadonlySet<AlarmCode>
}

export function look(facts: Facts, rules: ReadonlyMap<AlarmCode, Rule>): Looked {
  const findings: Finding[] = []
  const unknown = new Set<AlarmCode>()
  for (const code of codes) {
    const rule = rules.get(code)!
    if (!rule.active) continue
    const found = conditions[code].find(facts, rule.threshold)
    if (found === null) unknown.add(code)
    else {
      const gravest = [...found].sort((one, other) => Math.abs(other.value) - Math.abs(one.value))
      for (const one of gravest.slice(0, perCodeMax)) findings.push({ ...one, code })
    }
  }
  return { findings, unknown }
}

/** The usual ones, with what an owner changed. */
export function rulesWith(changed: readonly Rule[]): ReadonlyMap<AlarmCode, Rule> {
  const usual = codes.map((code): [AlarmCode, Rule] => {
    const { severity, threshold, holdS } = conditions[code]
    return [code, { code, active: true, severity, threshold, holdS }]
  })
  return new Map([...usual, ...changed.map((rule): [AlarmCode, Rule] => [rule.code, rule])])
}
