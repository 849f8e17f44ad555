import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Inbox, type InboxLimits } from './inbox.ts'

const entry = (text: string) => ({ body: Buffer.from(text) })
const turn = () => new Promise(resolve => setImmediate(resolve))

/** A table in memory, in the place of Postgres. */
function table(limits: Partial<InboxLimits> = {}) {
  const inserts: string[][] = []
  const notes: number[][] = []
  const state = { gate: Promise.resolve(), isAway: false }
  let last = 0
  const inbox = new Inbox<{ readonly body: Buffer }, number>({
    async insert(entries) {
      const texts = entries.map(({ body }) => String(body))
      inserts.push(texts)
      await state.gate
      if (state.isAway) throw new Error('the database is away')
      if (texts.includes('bad')) throw Object.assign(new Error('no text'), { code: '22P05' })
      return entries.map(() => ++last)
    },
    async judge(judged) {
      notes.push([...judged])
      if (state.isAway) throw new Error('the database is away')
    },
    limits,
  })
  const keep = (texts: readonly string[]) => texts.map(text => inbox.keep(entry(text)))
  return { inbox, inserts, notes, state, keep }
}

test('inbox: many at once: one insert is under way, the rest share the next (INB1)', async () => {
  const { inbox, inserts, state, keep } = table({ batchMax: 3 })
  const gate = Promise.withResolvers<void>()
  state.gate = gate.promise
  const first = keep(['1'])
  await turn()
  const later = keep(['2', '3', '4', '5'])
  await turn()
  equal(inbox.depth, 4)
  gate.resolve()
  deepEqual(await Promise.all([...first, ...later]), [1, 2, 3, 4, 5])
  deepEqual(inserts, [['1'], ['2', '3', '4'], ['5']])
})

test('inbox: what became of callbacks: noted together, while an insert is under way (INB1)', async () => {
  const { inbox, notes, state, keep } = table()
  const gate = Promise.withResolvers<void>()
  state.gate = gate.promise
  const kept = keep(['1'])
  for (const judged of [7, 8]) inbox.judge(judged)
  while (notes.length === 0) await turn()
  deepEqual(notes, [[7, 8]])
  gate.resolve()
  await Promise.all(kept)
})

test('inbox: full of entries or bytes: not kept, said at once; room again behind it (INB2)', async () => {
  for (const limits of [{ entriesMax: 1 }, { bytesMax: 5 }]) {
    const { inbox, state } = table(limits)
    const gate = Promise.withResolvers<void>()
    state.gate = gate.promise
    const first = inbox.keep(entry('abc'))
    equal(await inbox.keep(entry('def')), null)
    gate.resolve()
    equal(await first, 1)
    equal(await inbox.keep(entry('def')), 2)
  }
})

test('inbox: the database is away: not kept, and the next is kept again (INB2)', async () => {
  const { inbox, state } = table()
  state.isAway = true
  equal(await inbox.keep(entry('1')), null)
  state.isAway = false
  equal(await inbox.keep(entry('2')), 1)
})

test('inbox: one that no table can hold: the others that came with it are kept (INB2)', async () => {
  const { keep } = table()
  deepEqual(await Promise.all(keep(['1', 'bad', '3'])), [1, null, 2])
})

test('inbox: a note that is lost: the next ones are written all the same (INB3)', async () => {
  const { inbox, notes, state } = table()
  state.isAway = true
  inbox.judge(1)
  await inbox.rest()
  state.isAway = false
  inbox.judge(2)
  inbox.judge(3)
  await inbox.rest()
  deepEqual(notes, [[1], [2, 3]])
})
