import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { momentIn } from './moment.ts'

test('moment: a day begins in Jakarta, a time says where it is (DC5)', () => {
  const cases: readonly (readonly [text: string, utc: string])[] = [
    ['2026-01-31', '2026-01-30T17:00:00Z'],
    ['2024-02-29', '2024-02-28T17:00:00Z'],
    ['2026-01-31T00:00:00+07:00', '2026-01-30T17:00:00Z'],
    ['2026-01-31T08:30:00.250Z', '2026-01-31T08:30:00.250Z'],
  ]
  for (const [text, utc] of cases) equal(momentIn(text), Date.parse(utc), text)
})

test('moment: what names no day and no zone is none (DC5)', () => {
  for (const text of ['', '1', '2026', '2026-02', '2026-02-31', '2025-02-29', '31-01-2026'].concat([
    '2026-01-31T00:00:00',
    '2026-01-31 00:00',
    '2026-01-31T25:00:00Z',
    'kemarin',
    ' 2026-01-31',
  ])) {
    equal(Number.isNaN(momentIn(text)), true, text)
  }
})
