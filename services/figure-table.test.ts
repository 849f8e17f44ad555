import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FigureTable } from './figure-table.ts'

test('figure table: ids come, change and leave: each finds its own numbers (FGT1)', () => {
  const id = fc.nat(40).map(n => `id-${n}`)
  const step = fc.tuple(fc.constantFrom('enter', 'leave'), id, fc.double({ noNaN: true }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), steps => {
      const table = new FigureTable(2)
      const known = new Map<string, number>()
      for (const [what, who, figure] of steps) {
        if (what === 'leave') {
          table.leave(who)
          known.delete(who)
        } else {
          const row = table.enter(who)
          table.numbers[row] = figure
          table.numbers[row + 1] = -figure
          known.set(who, figure)
        }
        equal(table.size, known.size)
      }
      const found = [...table].map(([who, row]) => [
        who,
        table.numbers[row],
        table.numbers[row + 1],
      ])
      const due = [...known].map(([who, figure]) => [who, figure, -figure])
      deepEqual(found.sort(), due.sort())
    }),
  )
})

test('figure table: many come and go: as large as the most at once, then small again (FGT2)', () => {
  const table = new FigureTable(3)
  const small = table.numbers.length
  for (let round = 0; round < 20; round++) {
    for (let n = 0; n < 1_000; n++) table.enter(`${round}-${n}`)
    for (let n = 0; n < 999; n++) table.leave(`${round}-${n}`)
  }
  equal(table.size, 20)
  equal(table.numbers.length, 4 * small)
  for (let round = 0; round < 20; round++) table.leave(`${round}-999`)
  equal(table.numbers.length, small)
  for (let n = 0; n < 1_000; n++) table.enter(`again-${n}`)
  table.clear()
  deepEqual([table.size, table.numbers.length, table.row('again-1')], [0, small, undefined])
})
