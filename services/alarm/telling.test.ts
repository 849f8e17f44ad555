import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { codes } from './conditions.ts'
import type { Alarm } from './life.ts'
import { type Channel, due, isZone, type Notice, pauseMs } from './telling.ts'
import { messageOf } from './text.id.ts'

const alarm: Alarm = {
  ...{ id: 1, code: 'FLOAT_DRIFT', subject: 'digi', about: 'digi', value: -2_500, threshold: 1 },
  ...{ severity: 'critical', state: 'open', since: 0, goneAt: null, resolvedAt: null },
  mutedUntil: null,
}
const channel: Channel = {
  ...{ name: 'a', minSeverity: 'warning', quiet: null, zone: 'Asia/Jakarta' },
  ...{ wakes: true, active: true, toldAt: null },
}
const told = (told: number, nextAt: number): Notice => ({ alarmId: 1, told, nextAt })
/** 2026-01-02 at that hour in Jakarta. */
const at = (hour: number, minute = 0): number => Date.UTC(2026, 0, 2, hour - 7, minute)

const kinds = (
  now: number,
  alarms: readonly Alarm[],
  notices: readonly Notice[] = [],
  more: Partial<Channel> = {},
) => due({ ...channel, ...more }, { alarms, notices }, now).map(one => [one.kind, one.alarm.id])

test('telling: a message a minute, and all that is due in it (ALT1)', () => {
  const other = { ...alarm, id: 2 }
  deepEqual(kinds(90_000, [alarm, other], [], { toldAt: 30_001 }), [])
  deepEqual(kinds(90_001, [alarm, other], [], { toldAt: 30_001 }), [
    ['new', 1],
    ['new', 2],
  ])
  deepEqual(kinds(90_001, [alarm], [], { active: false }), [])
})

test('telling: again after growing pauses; not when acknowledged or muted (ALT2)', () => {
  deepEqual(
    [1, 2, 3, 4, 5, 9].map(pauseMs).map(ms => ms / 60_000),
    [15, 60, 240, 720, 1440, 1440],
  )
  deepEqual(kinds(999, [alarm], [told(1, 1_000)]), [])
  deepEqual(kinds(1_000, [alarm], [told(1, 1_000)]), [['again', 1]])
  deepEqual(kinds(1_000, [{ ...alarm, state: 'acknowledged' }], [told(1, 1_000)]), [])
  deepEqual(kinds(1_000, [{ ...alarm, mutedUntil: 1_001 }], [told(1, 1_000)]), [])
  deepEqual(kinds(1_000, [{ ...alarm, mutedUntil: 1_000 }]), [['new', 1]])
})

test('telling: the end is told to whom the begin was told, acknowledged or not (ALT3)', () => {
  const over = { ...alarm, state: 'resolved', resolvedAt: 900 } as const
  deepEqual(kinds(1_000, [over]), [])
  deepEqual(kinds(1_000, [over], [told(1, 9_999_999)]), [['over', 1]])
})

test('telling: quiet hours over midnight: only what is critical, and only who wants it (ALT4)', () => {
  const quiet = { from: 22 * 60, until: 6 * 60 }
  const warning = { ...alarm, severity: 'warning' } as const
  for (const now of [at(22), at(23, 59), at(0), at(5, 59)]) {
    deepEqual(kinds(now, [warning], [], { quiet }), [])
    deepEqual(kinds(now, [alarm], [], { quiet }), [['new', 1]])
    deepEqual(kinds(now, [alarm], [], { quiet, wakes: false }), [])
  }
  for (const now of [at(6), at(21, 59)])
    deepEqual(kinds(now, [warning], [], { quiet }), [['new', 1]])
  // The same moment is an hour later further east.
  deepEqual(kinds(at(21), [warning], [], { quiet, zone: 'Asia/Makassar' }), [])
  const noon = { from: 12 * 60, until: 13 * 60 }
  deepEqual(kinds(at(12), [warning], [], { quiet: noon }), [])
  deepEqual(kinds(at(13), [warning], [], { quiet: noon }), [['new', 1]])
  deepEqual([isZone('Asia/Jayapura'), isZone('Asia/Atlantis')], [true, false])
})

test('telling: not grave enough for a channel: neither begin nor end there (ALT5)', () => {
  const warning = { ...alarm, severity: 'warning' } as const
  deepEqual(kinds(1_000, [warning], [], { minSeverity: 'critical' }), [])
  const over = { ...warning, state: 'resolved', resolvedAt: 900 } as const
  deepEqual(kinds(1_000, [over], [], { minSeverity: 'critical' }), [])
})

test('telling: every code: one message says what, since when, what to do, and fits', () => {
  const alarms = codes.map((code, n): Alarm => ({ ...alarm, code, id: n + 1, since: at(9, 5) }))
  const items = alarms.map(one => ({ kind: 'new', alarm: one }) as const)
  for (const item of items) {
    const text = messageOf([item], 'Asia/Jakarta')
    ok(text.includes('Sejak 02/01 09.05.'), text)
    ok(text.includes(`(alarm ${item.alarm.id})`), text)
  }
  const all = messageOf([...items, ...items, ...items, ...items], 'Asia/Jakarta')
  equal(all.includes(`Dan ${codes.length * 4 - 12} hal lain.`), true)
  ok(all.length < 4_000, String(all.length))
  const over = { ...alarm, state: 'resolved', since: at(9), resolvedAt: at(10) } as const
  equal(
    messageOf([{ kind: 'over', alarm: over }], 'Asia/Jakarta'),
    'Laju\n\nSelesai: Saldo di pemasok digi berbeda -Rp 2.500 dari pembukuan kita.\n' +
      'Sejak 02/01 09.00, berakhir 02/01 10.00. (alarm 1)',
  )
})
