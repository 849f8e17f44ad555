import { deepEqual, equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import { clockPart, databasePart, journalPart } from './system.service.ts'

const flushes = { count: 1, lines: 1, ms: 2, lastMs: 2 }

test('health: a journal that hangs: not ready, though the engine serves (SY1)', () => {
  const serving = { state: 'serving', flushes } as const
  equal(journalPart({ ...serving, silentMs: 1_100 }).ok, true)
  const hanging = journalPart({ ...serving, silentMs: 3_900 })
  equal(hanging.ok, false)
  match(hanging.reason ?? '', /no answer for 3 s/)
  match(journalPart({ state: 'cut', flushes, silentMs: 0 }).reason ?? '', /ends before/)
  equal(journalPart({ state: 'mending', flushes, silentMs: 0 }).reason, 'engine is mending')
})

test('health: standing by: ready where another process takes what is asked here (SY2)', () => {
  const standing = { state: 'standing_by', flushes, silentMs: 60_000 } as const
  deepEqual(
    [journalPart(standing).ok, journalPart(standing).reason],
    [false, 'engine is standing by'],
  )
  deepEqual(
    [journalPart(standing, true).ok, journalPart(standing, true).reason],
    [true, 'another process holds it, and answers'],
  )
})

test('health: a database that never answers is told of, not waited for (SY1)', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const told = databasePart({ pool: { oneFirst: () => new Promise(() => {}) } as never })
  t.mock.timers.tick(3_000)
  const part = await told
  equal(part.ok, false)
  match(part.reason ?? '', /no answer/)
})

test('health: a machine that was set back says so, and by how much (SY3)', () => {
  equal(clockPart({ behindMs: 59_000 }).ok, true)
  const late = clockPart({ behindMs: 3_600_000 })
  equal(late.ok, false)
  match(late.reason ?? '', /3600 s behind/)
})
