import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { conditions, type Facts, look, rulesWith, type Tables } from './conditions.ts'

const calm: Facts = {
  suppliers: [],
  drifts: [],
  ownerless: 0,
  projectionAgeMs: 0,
  closing: 'ok',
  diskPercent: 40,
  tables: { waiting: [], unread: [], suspenseMinutes: null, forged: [], resting: [] },
}
const well = {
  ...{ code: 'digi', balance: 5_000_000, balanceMin: 1_000_000, lasting: 100 },
  ...{ exposure: 0, exposureMax: 1_000_000, breaker: 'closed' as const },
}
const usual = rulesWith([])

const found = (more: Partial<Facts>) =>
  look({ ...calm, ...more }, usual).findings.map(one => [one.code, one.subject, one.value])
const inTables = (more: Partial<Tables>) => found({ tables: { ...calm.tables!, ...more } })

test('conditions: a calm day: nothing is found (ALC2)', () => {
  deepEqual(found({ suppliers: [well] }), [])
})

test('conditions: each finding names what it is about and the value that was compared (ALC2)', () => {
  const cases: [Partial<Facts>, unknown][] = [
    [{ suppliers: [{ ...well, exposure: 899_999 }] }, []],
    [{ suppliers: [{ ...well, exposure: 900_000 }] }, [['SUPPLIER_EXPOSURE_FULL', 'digi', 90]]],
    [{ suppliers: [{ ...well, exposureMax: Number.POSITIVE_INFINITY, exposure: 9e12 }] }, []],
    [{ suppliers: [{ ...well, balance: 1_000_000 }] }, []],
    [{ suppliers: [{ ...well, balance: 999_999 }] }, [['SUPPLIER_BALANCE_LOW', 'digi', 999_999]]],
    [{ suppliers: [{ ...well, lasting: 60 }] }, [['SUPPLIER_BALANCE_LOW', 'digi', 5_000_000]]],
    [{ suppliers: [{ ...well, balance: null }] }, []],
    [{ suppliers: [{ ...well, breaker: 'half-open' }] }, [['SUPPLIER_BREAKER_OPEN', 'digi', 1]]],
    [{ suppliers: [{ ...well, breaker: 'ramp' }] }, []],
    [{ ownerless: 2 }, [['OWNERLESS', '', 2]]],
    [{ projectionAgeMs: 59_999 }, []],
    [{ projectionAgeMs: 60_000 }, [['PROJECTION_LAG', '', 60]]],
    [{ drifts: [{ supplier: 'digi', off: -2_500 }] }, [['FLOAT_DRIFT', 'digi', -2_500]]],
    [{ closing: 'failed' }, [['CLOSING_FAILED', '', 1]]],
    [{ diskPercent: 89 }, []],
    [{ diskPercent: 95 }, [['DISK_NEARLY_FULL', '', 95]]],
    [{ trespasses: [{ device: 'box', count: 4 }] }, []],
    [{ trespasses: [{ device: 'box', count: 5 }] }, [['BOX_TRESPASSES', 'box', 5]]],
    [{ clockBehindMs: 59_999 }, []],
    [{ clockBehindMs: 3_600_400 }, [['CLOCK_BEHIND', '', 3_600]]],
  ]
  for (const [facts, wanted] of cases) deepEqual(found(facts), wanted)
})

test('conditions: what waits in tables is found from its threshold on (ALC2)', () => {
  deepEqual(inTables({ waiting: [{ why: 'HELD', oldestMinutes: 29 }] }), [])
  deepEqual(inTables({ waiting: [{ why: 'HELD', oldestMinutes: 30 }] }), [
    ['ORDERS_WAIT', 'HELD', 30],
  ])
  deepEqual(inTables({ unread: [{ supplier: 'hsgen', replies: 20 }] }), [
    ['PARSER_INBOX_GROWS', 'hsgen', 20],
  ])
  deepEqual(inTables({ suspenseMinutes: 61 }), [['SUSPENSE_WAITS', '', 61]])
  deepEqual(inTables({ forged: [{ party: 'digi', callbacks: 19 }] }), [])
  deepEqual(inTables({ forged: [{ party: 'digi', callbacks: 20 }] }), [
    ['CALLBACKS_FORGED', 'digi', 20],
  ])
  deepEqual(inTables({ resting: [{ target: 'a.example', about: 'a.example' }] }), [
    ['WEBHOOK_RESTS', 'a.example', 1],
  ])
})

test('conditions: without tables: neither found nor over, and the disk may not say either (ALC1)', () => {
  const { findings, unknown } = look({ ...calm, tables: null, diskPercent: null }, usual)
  deepEqual(findings, [])
  deepEqual([...unknown].sort(), [
    ...['CALLBACKS_FORGED', 'DISK_NEARLY_FULL', 'ORDERS_WAIT', 'PARSER_INBOX_GROWS'],
    ...['SUSPENSE_WAITS', 'WEBHOOK_RESTS'],
  ])
})

test('conditions: an owner changes threshold and switches off: his word counts (ALC2)', () => {
  const { severity, holdS } = conditions.DISK_NEARLY_FULL
  const rule = { code: 'DISK_NEARLY_FULL', severity, holdS, active: true, threshold: 30 } as const
  equal(look(calm, rulesWith([rule])).findings.length, 1)
  equal(look(calm, rulesWith([{ ...rule, active: false }])).findings.length, 0)
})

test('conditions: a hundred at once: fifty are told, the gravest first (ALC3)', () => {
  const drifts = Array.from({ length: 100 }, (_, n) => ({ supplier: `s${n}`, off: n + 1 }))
  const values = found({ drifts }).map(one => one[2])
  deepEqual([values.length, values[0], values.at(-1)], [50, 100, 51])
})
