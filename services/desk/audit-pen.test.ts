import { deepEqual, equal, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import type { NewAudit } from '../../sql/audit.ts'
import { AuditPen } from './audit-pen.ts'

const about = (subject: string): NewAudit => ({
  ...{ actor: null, actorName: 'ani', role: 'admin', action: 'a.b', subject, outcome: 'done' },
  ...{ details: {}, address: '10.0.x.x', requestId: 'r' },
})

/** A table that is written when the test says so. */
function table() {
  const writes: string[][] = []
  const waiting: (() => void)[] = []
  let last = 0
  const pen = new AuditPen(async entries => {
    const subjects = entries.map(({ subject }) => subject)
    writes.push(subjects)
    await new Promise<void>(go => waiting.push(go))
    if (subjects.includes('bad')) {
      throw new Error('refused', { cause: Object.assign(new Error('no text'), { code: '22P05' }) })
    }
    if (subjects.includes('away')) throw new Error('the table is away')
    return entries.map(() => ++last)
  })
  return { pen, writes, go: () => waiting.shift()?.() }
}

/** Lets everything run that does not wait for the table. */
const settled = () => new Promise(resolve => setImmediate(resolve))

test('audit pen: rows that come while a write is under way: go together in the next, numbered in their order (BNC1)', async () => {
  const { pen, writes, go } = table()
  const first = pen.write(about('1'))
  await settled()
  const others = ['2', '3', '4'].map(one => pen.write(about(one)))
  await settled()
  deepEqual(writes, [['1']])
  go()
  equal(await first, 1)
  await settled()
  deepEqual(writes, [['1'], ['2', '3', '4']])
  go()
  deepEqual(await Promise.all(others), [2, 3, 4])
})

test('audit pen: a row that can not be written: only its own writer hears of it (BNC2)', async () => {
  const { pen, writes, go } = table()
  const all = ['1', 'bad', '3'].map(one => pen.write(about(one)))
  const bad = rejects(all[1]!, /refused/)
  for (let n = 0; n < 4; n++) {
    await settled()
    go()
  }
  deepEqual([await all[0], await all[2]], [1, 2])
  await bad
  deepEqual(writes, [['1', 'bad', '3'], ['1'], ['bad'], ['3']])
})

test('audit pen: the table is away: all who went together are told, and none is written twice (BNC2)', async () => {
  const { pen, writes, go } = table()
  const told = ['1', 'away'].map(one => rejects(pen.write(about(one)), /away/))
  await settled()
  go()
  await Promise.all(told)
  deepEqual(writes, [['1', 'away']])
})

test('audit pen: too many at once: refused, and those before it are written (BNC3)', async () => {
  const { pen, go } = table()
  const taken = Array.from({ length: 10_000 }, (_, n) => pen.write(about(String(n))))
  await rejects(pen.write(about('one more')), /no more are taken/)
  for (let n = 0; n < 50; n++) {
    await settled()
    go()
  }
  equal((await Promise.all(taken)).length, 10_000)
})
