import { deepEqual, equal, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { type AnyActor, type AnyEvent, forget } from './actor.ts'
import { Cell } from './cell.ts'
import { idNo, jar, keyNo } from './jar.fixture.ts'
import type { Entry } from './ledger.ts'
import { effectId, type JournalRecord } from './record.ts'

const id = idNo(1)
const definition = forget(jar)
const record = (events: readonly object[], more: Partial<JournalRecord> = {}): JournalRecord => ({
  kind: 'jar',
  version: 1,
  id,
  born: false,
  at: 10,
  command: 'it',
  events: events as readonly AnyEvent[],
  entries: [],
  claims: [],
  releases: [],
  ...more,
})
const held: Entry = ['hold', 'coins', 'wallet:ani', 'sales', 5, [9, 5, 0], [0, 0, 5]]
const filled = record([{ type: 'filled', coins: 5, word: '', until: 900 }], { entries: [held] })
const fresh = (actor: AnyActor = definition) => new Cell(actor, keyNo(1))

test('cell: fold: live and on replay the same state comes out of the same record (C1)', () => {
  const live = fresh()
  live.fold(filled, 1)
  const replayed = fresh()
  replayed.replay(filled, 1)
  deepEqual(replayed.state, live.state)
  deepEqual(replayed.owed, live.owed)
})

test('cell: fold: records come in the order of the journal, and only its own (C1)', () => {
  const cell = fresh()
  cell.fold(filled, 2)
  throws(() => cell.fold(record([]), 2), /C1/)
  throws(() => cell.fold(record([]), 1), /C1/)
  throws(() => cell.fold(record([], { id: idNo(2) }), 3), /C1/)
  throws(() => cell.fold(record([{ type: 'stolen' }]), 3), /C1/)
})

test('cell: fold: what an actor checks is checked after every event (C1)', () => {
  const strict = {
    ...definition,
    check: (state: { phase: string }) => {
      if (state.phase === 'filled') throw new Error('too full')
    },
  }
  throws(() => fresh(strict).fold(filled, 1), /too full/)
})

test('cell: effects: owed until a record names them as its cause (C2)', () => {
  const cell = fresh()
  const shine = effectId(id, 1, 0)
  deepEqual(cell.fold(filled, 1), cell.owed)
  equal(cell.owes(shine), true)
  cell.fold(record([], { cause: effectId(id, 1, 1) }), 2)
  equal(cell.owes(shine), true)
  cell.fold(record([], { cause: shine }), 3)
  equal(cell.owes(shine), false)
})

test('cell: effects: each has a name of its own, also two of one record (C2)', () => {
  const cell = fresh()
  const event = filled.events[0]!
  cell.fold(record([event, event]), 7)
  deepEqual(
    cell.owed.map(owed => owed.id),
    [effectId(id, 7, 0), effectId(id, 7, 1)],
  )
  cell.fold(record([event], { cause: effectId(id, 7, 0) }), 8)
  deepEqual(
    cell.owed.map(owed => owed.id),
    [effectId(id, 7, 1), effectId(id, 8, 0)],
  )
})

test('cell: snapshot: with the records after it, it is all records from zero (C3)', () => {
  const whole = fresh()
  whole.replay(filled, 1)
  const image = JSON.parse(JSON.stringify(whole.image()))
  const restored = Cell.from(definition, image)
  const voided: Entry = ['void', 'coins', 'wallet:ani', 'sales', 5, [9, 0, 0], [0, 0, 0]]
  for (const cell of [whole, restored]) {
    cell.replay(record([{ type: 'spilt' }], { entries: [voided], owner: 'wallet:ani' }), 2)
  }
  deepEqual(restored.image(), whole.image())
  equal(whole.holds.length, 0)
})

test('cell: snapshot: taken once, it does not change with the cell any more (C3)', () => {
  const cell = fresh()
  cell.replay(filled, 1)
  const image = cell.image()
  const before = JSON.stringify(image)
  cell.holds.pop()
  cell.fold(record([{ type: 'spilt' }]), 2)
  equal(JSON.stringify(image), before)
})

test('cell: deadline: the earliest of its timers and of what it holds (C3)', () => {
  const cell = fresh()
  equal(cell.wakeAt(), Number.POSITIVE_INFINITY)
  cell.replay(filled, 1)
  equal(cell.wakeAt(), 900)
  const early: Entry = ['hold', 'x', 'wallet:ani', 'sales', 1, [9, 6, 0], [0, 0, 6], 300]
  cell.replay(record([], { entries: [early] }), 2)
  equal(cell.wakeAt(), 300)
  const late: Entry = ['hold', 'y', 'wallet:ani', 'sales', 1, [9, 7, 0], [0, 0, 7], 600]
  cell.replay(record([], { entries: [late] }), 3)
  equal(cell.wakeAt(), 300)
})
