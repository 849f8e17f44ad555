import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Agenda } from './agenda.ts'
import { PartyClock, wibDate, wibMinute } from './clock.ts'

test('agenda: many entries: done by due time, equals as they were asked for (X1)', () => {
  let now = 0
  const agenda = new Agenda(() => now)
  const done: string[] = []
  const dues = [50, 10, 30, 10, 20, 50, 0, 40, 30, 10]
  for (const [index, due] of dues.entries()) agenda.in(due, () => done.push(`${due}/${index}`))
  const wanted = dues
    .map((due, index) => ({ due, index }))
    .sort((a, b) => a.due - b.due || a.index - b.index)
    .map(({ due, index }) => `${due}/${index}`)

  now = 29
  agenda.catchUp()
  deepEqual(done, wanted.slice(0, 5))
  now = 50
  agenda.catchUp()
  deepEqual(done, wanted)
  equal(agenda.size, 0)
})

test('agenda: left alone: its own timer does what is due (X1)', async () => {
  const keepAlive = setInterval(() => {}, 1000)
  const agenda = new Agenda(() => performance.now())
  const done: number[] = []
  await new Promise<void>(resolve => {
    agenda.in(6, resolve)
    agenda.in(1, () => done.push(1))
    agenda.in(4, () => done.push(4))
  })
  clearInterval(keepAlive)
  deepEqual(done, [1, 4])
})

test('clock: moved: brings forward its own promises and nobody else’s (X2)', () => {
  const [moved, other] = [new PartyClock(), new PartyClock()]
  const done: string[] = []
  moved.agenda.in(3_600_000, () => done.push('moved'))
  other.agenda.in(3_600_000, () => done.push('other'))
  moved.advance(3_600_001)
  deepEqual(done, ['moved'])
  other.reset()
})

test('clock: Jakarta: the day begins at 17:00 UTC (X2)', () => {
  equal(wibDate(Date.parse('2026-06-30T16:59:59Z')), '2026-06-30')
  equal(wibDate(Date.parse('2026-06-30T17:00:00Z')), '2026-07-01')
  equal(wibMinute(Date.parse('2026-06-30T17:05:00Z')), 5)
})
